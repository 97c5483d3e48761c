"""The distinct optima that the starts of a search ended at, and how far they can be trusted.

Two starts ended at the same optimum if their objectives differ by no more than a stated amount and, after the groups
of one are matched to those of the other, no parameter differs by more than a stated amount in its own scale. Starts
that ended in a degenerate group are kept apart: they are listed last and are never the best.

The chance that one more start ends at an optimum not seen yet is the share of the starts whose optimum was found once
(Good 1953, Biometrika 40, 237-264, eq. 9). Groups are matched by the assignment of least total squared distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.attempts import Attempt
from emdesk.em.stopping import Stop
from emdesk.model.family import Family
from emdesk.model.params import Domain, Parameter, walk

F64 = NDArray[np.float64]

SAME_OBJECTIVE = 0.02
SAME_PARAMETER = 0.1
TOLERANCE_SHARE = 40.0
"""The stop rule lets a start end ten tolerances below its limit; two such starts may be further apart than one."""
SAME_START = 1e-9
_TINY = 1e-300
_ENDED = frozenset({Stop.CONVERGED, Stop.LIMIT, Stop.COLLAPSED, Stop.FELL})


@dataclass(frozen=True, eq=False)
class Optimum:
    """One place where starts ended; the numbers are those of the highest of them, `starts[0]`.

    `smallest_group` is in effective rows, None where groups have none. `reason` is the fixed word of what is wrong
    with it and `sentence` says it; both are empty for a sound one. `converged` counts the starts that met their stop
    rule, `distinct_starts` those that did not begin at the same place as another.
    """

    starts: tuple[int, ...]
    objective: float
    log_likelihood: float
    iterations: int
    free_parameters: int
    smallest_group: float | None
    converged: int
    distinct_starts: int
    reason: str = ""
    sentence: str = ""

    @property
    def count(self) -> int:
        """How many starts ended here."""
        return len(self.starts)

    @property
    def is_sound(self) -> bool:
        return not self.reason

    @property
    def is_replicated(self) -> bool:
        """Whether two starts that began at different places ended here."""
        return self.distinct_starts > 1


@dataclass(frozen=True, eq=False)
class Optima:
    """All distinct optima: the sound ones by falling objective, then those set aside.

    `starts` is how many were begun and `ended` how many of them were run until they stopped by themselves; the others
    were given up after their short run, were beaten, or were stopped by hand.
    """

    found: tuple[Optimum, ...]
    starts: int
    ended: int
    same_objective: float
    same_parameter: float

    @property
    def best(self) -> Optimum | None:
        """The highest sound one."""
        return self.found[0] if self.found and self.found[0].is_sound else None

    @cached_property
    def sound(self) -> tuple[Optimum, ...]:
        return tuple(o for o in self.found if o.is_sound)

    @cached_property
    def set_aside(self) -> tuple[Optimum, ...]:
        return tuple(o for o in self.found if not o.is_sound)

    @property
    def is_replicated(self) -> bool:
        """Whether the best was reached from different starts."""
        return self.best is not None and self.best.is_replicated

    @property
    def found_once(self) -> int:
        """How many sound optima one start alone ended at."""
        return sum(o.count == 1 for o in self.sound)

    @property
    def unseen_chance(self) -> float | None:
        """Good and Turing's estimate of the chance of a new optimum; None from fewer than two starts."""
        return self.found_once / self.ended if self.ended > 1 else None

    @property
    def last_improvement(self) -> int | None:
        """The number of the start (from 0) that was the last to bring a better one."""
        return min(self.best.starts) if self.best is not None else None

    @property
    def rivals(self) -> tuple[Optimum, ...]:
        """Other sound optima as high as the best: the data do not decide between their parameters."""
        if self.best is None:
            return ()
        lowest = self.best.objective - self.same_objective
        return tuple(o for o in self.sound[1:] if o.objective >= lowest)

    @cached_property
    def _places(self) -> dict[int, int]:
        return {start: place for place, o in enumerate(self.found) for start in o.starts}

    def place_of(self, start: int) -> int | None:
        """The position in `found` of the optimum that a start ended at; None if it did not end."""
        return self._places.get(start)


def distinct_optima(
    attempts: Sequence[Attempt], family: Family, data: Any, tolerance: float = 0.0
) -> Optima:
    """Gather the attempts of a search by the optimum that they ended at; `tolerance` is that of the stop rule."""
    ended = [a for a in attempts if a.stop in _ENDED and len(a.trace)]
    highest = max((abs(a.trace.objectives[-1]) for a in ended if a.is_sound), default=0.0)
    within = max(SAME_OBJECTIVE, TOLERANCE_SHARE * tolerance * max(1.0, highest))
    sound = _gathered([a for a in ended if a.is_sound], family.group_axis, within)
    spurious = [a for a in ended if not a.is_sound and a.stop not in (Stop.COLLAPSED, Stop.FELL)]
    aside = _gathered(spurious, family.group_axis, within)
    aside += _by_reason([a for a in ended if a.stop in (Stop.COLLAPSED, Stop.FELL)])
    aside.sort(key=lambda members: -_height(members[0]))
    found = tuple(_optimum(members, family, data) for members in (*sound, *aside))
    return Optima(found, len(attempts), len(ended), within, SAME_PARAMETER)


def reason_of(attempt: Attempt) -> str:
    """The fixed word of what is wrong with an attempt; empty for a sound one."""
    if attempt.weaknesses:
        return attempt.weaknesses[0].reason
    return attempt.stop.value if attempt.stop in (Stop.COLLAPSED, Stop.FELL) else ""


def matched_order(first: Any, second: Any, axis: str) -> NDArray[np.intp]:
    """The order of the groups of `second` in which they are most like those of `first`."""
    return _order(_Place(first, axis).groups, _Place(second, axis).groups)


# ---------------------------------------------------------------- gathering


def _height(attempt: Attempt) -> float:
    """Where the attempt ended: for a collapsed one how far it climbed, not the iteration that is kept."""
    return attempt.trace.objectives[-1]


def _gathered(attempts: list[Attempt], axis: str, within: float) -> list[list[Attempt]]:
    """Attempts by optimum, the highest first. Going down, only optima within reach of the objective are compared, so
    that ten thousand starts cost little more than their sorting."""
    optima: list[list[Attempt]] = []
    near: list[tuple[float, _Place, list[Attempt]]] = []
    for attempt in sorted(attempts, key=_height, reverse=True):
        height = _height(attempt)
        near = [entry for entry in near if entry[0] - height <= within]
        place = _Place(attempt.trace.last_params, axis)
        home = next((members for _, other, members in near if other.is_same(place)), None)
        if home is None:
            home = []
            optima.append(home)
            near.append((height, place, home))
        home.append(attempt)
    return optima


def _by_reason(attempts: list[Attempt]) -> list[list[Attempt]]:
    """Broken-off attempts ended nowhere in particular: they are gathered by what broke them off."""
    gathered: dict[str, list[Attempt]] = {}
    for attempt in sorted(attempts, key=_height, reverse=True):
        gathered.setdefault(reason_of(attempt), []).append(attempt)
    return list(gathered.values())


def _optimum(members: list[Attempt], family: Family, data: Any) -> Optimum:
    top = members[0]
    params = top.trace.last_params
    rows = next((q.values for q in family.quantities(data, params) if q.name == "rows"), None)
    sentence = top.weaknesses[0].sentence if top.weaknesses else top.detail
    return Optimum(
        starts=tuple(a.index for a in members),
        objective=top.trace.objectives[-1],
        log_likelihood=top.trace.log_likelihoods[-1],
        iterations=top.trace.last,
        free_parameters=family.free_parameters(data, params),
        smallest_group=None if rows is None else float(np.min(rows)),
        converged=sum(a.stop is Stop.CONVERGED for a in members),
        distinct_starts=_distinct([a.trace.objectives[0] for a in members]),
        reason=reason_of(top),
        sentence="" if top.is_sound else sentence,
    )


def _distinct(values: list[float]) -> int:
    """How many different numbers there are, to rounding."""
    ordered = np.sort(values)
    scale = np.maximum(1.0, np.abs(ordered[1:]))
    return 1 + int(np.sum(np.diff(ordered) > SAME_START * scale))


# ---------------------------------------------------------------- matching


class _Place:
    """Params as coordinates in which a difference of 1 is large: `groups` (K, p) of one group each, `pairs` (K, K, q)
    of two groups (transitions), `shared` (r,) of none."""

    def __init__(self, params: Any, axis: str) -> None:
        alone: list[F64] = []
        pairs: list[F64] = []
        shared: list[F64] = []
        for parameter, value in walk(params):
            places = [i for i, name in enumerate(parameter.axes.names) if name == axis]
            scaled = _scaled(parameter, value, is_square=len(places) > 1)
            if len(places) == 1:
                moved = np.moveaxis(scaled, places[0], 0)
                alone.append(moved.reshape(len(moved), -1))
            elif len(places) == 2:
                moved = np.moveaxis(scaled, places, (0, 1))
                pairs.append(moved.reshape(*moved.shape[:2], -1))
            else:
                shared.append(scaled.ravel())
        self.groups = np.concatenate(alone, axis=1) if alone else np.empty((0, 0))
        self._pairs = np.concatenate(pairs, axis=2) if pairs else None
        self._shared = np.concatenate(shared) if shared else np.empty(0)

    def is_same(self, other: _Place) -> bool:
        """Whether no coordinate differs by more than SAME_PARAMETER once the groups are matched."""
        if not _is_close(self._shared, other._shared):
            return False
        order = _order(self.groups, other.groups)
        if not _is_close(self.groups, other.groups[order]):
            return False
        if self._pairs is None or other._pairs is None:
            return True
        return _is_close(self._pairs, other._pairs[np.ix_(order, order)])


def _scaled(parameter: Parameter, value: F64, *, is_square: bool) -> F64:
    """A parameter in its own scale: logarithms of positive ones, of covariances the logarithms of the standard
    deviations and the correlations; standardised values and probabilities as they are."""
    if parameter.domain is Domain.POSITIVE:
        return np.asarray(np.log(np.maximum(value, _TINY)))
    if parameter.domain is not Domain.SPD or is_square:
        return value
    spread = np.sqrt(np.maximum(np.diagonal(value, axis1=-2, axis2=-1), _TINY))
    scaled = value / (spread[..., :, None] * spread[..., None, :])
    rows = np.arange(value.shape[-1])
    scaled[..., rows, rows] = np.log(spread)
    return np.asarray(scaled)


def _is_close(first: F64, second: F64) -> bool:
    return bool(np.all(np.abs(first - second) <= SAME_PARAMETER))


def _order(first: F64, second: F64) -> NDArray[np.intp]:
    """The order of the rows of `second` (K, p) with the least total squared distance to those of `first`."""
    gaps = np.stack([np.sum((second - row) ** 2, axis=1) for row in first]) if len(first) else first
    if not len(first):
        return np.empty(0, dtype=np.intp)
    nearest = np.argmin(gaps, axis=1)
    if len(np.unique(nearest)) == len(nearest):
        return np.asarray(nearest, dtype=np.intp)  # each its own nearest: no assignment is cheaper
    from scipy.optimize import linear_sum_assignment

    return np.asarray(linear_sum_assignment(np.nan_to_num(gaps, nan=1e300))[1], dtype=np.intp)
