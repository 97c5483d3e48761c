"""How far the powers of groups move in one M-step, and the sums that a law makes of its columns at other powers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.elliptical import EllipticalConstants
from emdesk.model.power_columns import PowerColumns
from emdesk.model.power_settings import EACH
from emdesk.model.power_sums import Sums

F64 = NDArray[np.float64]
NEAR = 4e-3
"""The step of the derivatives, over the longest logarithm: the moments are polynomials whose digits are good."""
LONGEST = 0.3
"""The longest step of a power."""
UNTOLD = 0.05
"""What two derivatives do not tell of where a group lies after a step is no more than this share of its width."""
HALVINGS = 20
STRAIGHT = 1e-6
"""Where no logarithm about the pivot is longer, a power bends the columns by less than their digits tell."""


def own_sums(law: Any, statistics: Sums, steps: F64 | None, constants: EllipticalConstants) -> Any:
    """The sums of a law of its columns at powers that are (K,) more than those of the statistics."""
    moments = statistics.moved(steps, constants.structure.second)
    return law.sums_of(moments, statistics.counts, statistics.own, statistics.tails)


def best_steps(
    law: Any, statistics: Sums, own: Any, constants: EllipticalConstants, columns: PowerColumns
) -> F64:
    """(K,) what to add to the powers of the statistics, given the law's own params there: a Newton step of what the
    best centres and matrices reach, halved until it climbs."""

    groups = len(statistics.counts)
    nothing = np.zeros(groups)
    if columns.reach < STRAIGHT:
        return nothing

    def profile(steps: F64, at: Any = None) -> float:
        sums = own_sums(law, statistics, steps, constants)
        best = law.maximise(sums, own, constants) if at is None else at
        found = law.expected(sums, best, constants) + steps * statistics.logs
        return float(found.sum() + law.log_prior(best, constants))

    still = law.maximise(own_sums(law, statistics, None, constants), own, constants)
    here = profile(nothing, still)
    near = NEAR / max(columns.reach, 1.0)
    longest = _longest(statistics, law.matrices_of(still), columns.reach)
    if columns.tying == EACH:
        along, bounds = np.eye(groups), longest
    else:
        along, bounds = np.ones((1, groups)), np.full(1, longest.min())
    steps = nothing.copy()
    for direction, bound in zip(along, bounds.tolist(), strict=True):
        slope, bend = _derivatives(profile, direction, here, near)
        wanted = -slope / bend if bend < 0 else np.sign(slope) * bound
        steps += np.clip(wanted, -bound, bound) * direction
    steps = columns.allowed(statistics.powers + steps) - statistics.powers
    for _ in range(HALVINGS):
        if profile(steps) >= here:
            return steps
        steps = 0.5 * steps
    return nothing


def _longest(statistics: Sums, matrices: F64, reach: float) -> F64:
    """(K,) the longest steps of groups with such matrices (K, d, d). The third derivative of a row by the power is no
    more than the second times the longest logarithm."""
    d = matrices.shape[1]
    mass = np.where(statistics.mass > 0, statistics.mass, 1.0)[:, None]
    means = statistics.first[:, 2 * d :] / mass
    about = np.diagonal(statistics.second, axis1=1, axis2=2)[:, 2 * d :] / mass
    at = statistics.reference[:, 2 * d :]
    second = np.sqrt(np.maximum(about + 2 * means * at + at**2, 0.0)).max(axis=1)
    widths = np.sqrt(np.linalg.eigvalsh(matrices)[:, 0].clip(min=np.finfo(float).tiny))
    untold = np.maximum(second * reach, np.finfo(float).tiny) / 6
    return np.asarray(np.minimum(LONGEST, np.cbrt(UNTOLD * widths / untold)))


def _derivatives(
    profile: Callable[[F64], float], along: F64, here: float, near: float
) -> tuple[float, float]:
    """The first two derivatives at 0 in a direction (K,), from differences of two sizes."""
    ahead, behind = (profile(side * near * along) for side in (1, -1))
    far_ahead, far_behind = (profile(2 * side * near * along) for side in (1, -1))
    slope = (8 * (ahead - behind) - (far_ahead - far_behind)) / (12 * near)
    bend = 16 * (ahead + behind) - (far_ahead + far_behind) - 30 * here
    return slope, bend / (12 * near**2)
