"""Whether EM has come to rest at a maximum or only at a saddle, which a small push shows.

EM started on a symmetry of the likelihood stays on it and stops where the gradient vanishes (Wu 1983, Ann. Statist. 11,
95-103, theorem 4; Murray 1977, J. R. Statist. Soc. B 39, 27-28). The params are pushed a little off in every direction:
from near a maximum EM comes back, from near a saddle it climbs away.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from emdesk.em.engine import EmMap, Point
from emdesk.errors import ObjectiveFell
from emdesk.model.params import from_vector, to_vector, walk

PUSH, WIDE_PUSH = 0.02, 0.3
"""The size of the push in each free direction, relative to what is larger than one: small, so that it stays in the
basin of a maximum; wide where two groups are the same, which may leave each other only by the fourth power of it."""
SAME = 1e-3
BACK = 0.05
"""What share of the push may be left where EM has come back."""
LEAST_STEPS, MOST_STEPS, FARTHEST = 30, 200, 1000
STEP_SHARE = 0.25
"""At most this share of the sweeps that the fit took, between the bounds above; to the farthest while EM moves away."""
MARGIN = 1e-4


def climbs_away(em: EmMap, params: Any, objective: float, sweeps: float) -> Point | None:
    """A point above the objective of `params` that EM reaches from a small push off them, or None if it comes back.

    `sweeps` is what the fit has taken. What only carries on a slow climb does not count: the point lies higher by
    MARGIN, relative to an objective above one.
    """
    before = to_vector(params)
    noise = np.random.default_rng(0).standard_normal(before.size)
    try:
        size = WIDE_PUSH if has_twins(params, em.family.group_axis) else PUSH
        pushed = from_vector(before + size * noise * np.maximum(1.0, np.abs(before)), params)
        here = em.at(em.family.retract(em.data, pushed))
        away = last = _distance(before, here)
        enough = int(np.clip(STEP_SHARE * sweeps, LEAST_STEPS, MOST_STEPS))
        for step in range(FARTHEST):
            here = em.climb(here, step).point
            if here.objective > objective + MARGIN * max(1.0, abs(objective)):
                return None if em.weaknesses(here.params) else here
            distance, before_last = _distance(before, here), last
            last = distance
            if distance < BACK * away or (step >= enough and distance <= before_last):
                return None
    except (ObjectiveFell, np.linalg.LinAlgError, FloatingPointError):
        return None
    return None


def has_twins(params: Any, axis: str) -> bool:
    """Whether two groups have the same law."""
    rows = [
        value.reshape(len(value), -1)
        for parameter, value in walk(params)
        if parameter.axes.names[:1] == (axis,) and value.ndim > 1
    ]
    if not rows:
        return False
    groups = np.concatenate(rows, axis=1)
    pairs = np.abs(groups[:, None] - groups[None]).max(axis=2)
    return bool(np.any(pairs[np.triu_indices(len(groups), 1)] < SAME))


def _distance(before: Any, here: Point) -> float:
    return float(np.abs(to_vector(here.params) - before).max())
