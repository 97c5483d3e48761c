"""The M-step of the joint skew-normal law, its starts, and what keeps groups inside their bounds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.skew_normal.joint_sums import STEEP_BESIDE_GAPS, JointSkewSums
from emdesk.laws.skew_normal.settings import JointSkewNormalParams
from emdesk.model.elliptical import START_FLOOR
from emdesk.model.elliptical_sums import Unknown
from emdesk.model.numerics.joint_skew import (
    Bounds,
    Group,
    clamped,
    em_step,
    from_moments,
    from_parts,
    leaning,
    newton_step,
)
from emdesk.model.scaling import Scaling

F64 = NDArray[np.float64]
CAUTIOUS, MOST_HIDDEN = 0.05, 0.93
"""The largest share of the variance along the shift that the hidden part has in a start, whose groups are next to
normal until the memberships have settled, and in a partition that is taken as it is: that of a skewness of 0.9.
Normal groups are at a saddle, near which a fit would rest."""


@dataclass(frozen=True, eq=False)
class JointSkewNormalConstants:
    """The scaling of the columns, their names, whether cells are missing, the least eigenvalue of a rest, and the
    largest steepness."""

    scaling: Scaling
    names: tuple[str, ...]
    has_gaps: bool
    floor: float
    most_slant: float

    @property
    def d(self) -> int:
        """How many columns there are."""
        return len(self.names)

    @cached_property
    def bounds(self) -> Bounds:
        """What no group goes beyond."""
        ratios = self.scaling.ratios
        return Bounds(ratios[:, None] * ratios[None, :], self.floor, self.most_slant)

    @property
    def unknown(self) -> Unknown:
        """What is known of a missing cell before there are params."""
        return Unknown(self.scaling.means, self.scaling.variances)


def cautious(
    statistics: JointSkewSums, constants: JointSkewNormalConstants
) -> JointSkewNormalParams:
    """The params of a start: one scale for all groups, and next to no slant."""
    means, covariances, thirds = _moments_of(statistics)
    rows = statistics.counts[:, None, None]
    total = max(float(statistics.counts.sum()), float(np.finfo(float).tiny))
    metric = constants.bounds.metric
    floor = max(START_FLOOR, constants.floor)
    common = clamped((rows * covariances).sum(axis=0) / total / metric, floor) * metric
    shared = np.repeat(common[None], len(means), axis=0)
    return _from_moments(means, shared, thirds, CAUTIOUS, constants)


def of_partition(
    statistics: JointSkewSums, constants: JointSkewNormalConstants
) -> JointSkewNormalParams:
    """The params with the moments of a partition."""
    means, covariances, thirds = _moments_of(statistics)
    raised = np.stack([constants.bounds.raised(one) for one in covariances])
    # rows in a flat lean to no side
    is_flat = np.array([bool((a != b).any()) for a, b in zip(raised, covariances, strict=True)])
    thirds = np.where(is_flat[:, None], 0.0, thirds)
    return _from_moments(means, raised, thirds, MOST_HIDDEN, constants)


def stepped(
    statistics: JointSkewSums, params: JointSkewNormalParams, constants: JointSkewNormalConstants
) -> JointSkewNormalParams:
    """The params after one M-step; a group without rows keeps its own."""
    lean = leaning(params.scales, params.slants)
    locations, scales, slants = (
        part.copy() for part in (params.locations, params.scales, params.slants)
    )
    for k in np.flatnonzero(statistics.counts > 0):
        rows = statistics.counts[k]
        group = Group(
            params.scales[k],
            lean.pulls[k],
            float(lean.steepness[k]),
            statistics.first[k] / rows,
            statistics.second[k] / rows,
            statistics.slopes[k] / rows,
            statistics.bends[k] / rows,
        )
        moved, scales[k], slants[k] = _step(group, constants)
        locations[k] += moved
    return JointSkewNormalParams(locations, scales, slants)


def inside(
    params: JointSkewNormalParams, constants: JointSkewNormalConstants
) -> JointSkewNormalParams:
    """The nearest params that are not beyond a bound."""
    bounds = constants.bounds
    lean = leaning(params.scales, params.slants)
    over = np.maximum(lean.steepness / bounds.most, 1.0)
    scales, slants = params.scales, params.slants / over[:, None]
    lean = leaning(scales, slants)
    low = np.array([bounds.least_share(rest) < 1 for rest in lean.rests])
    if low.any():
        raised = np.stack([bounds.raised(rest) for rest in lean.rests[low]])
        scales, slants = scales.copy(), slants.copy()
        scales[low], slants[low] = from_parts(lean.shifts[low], raised)
    return JointSkewNormalParams(params.locations, scales, slants)


def _from_moments(
    means: F64, covariances: F64, thirds: F64, most: float, constants: JointSkewNormalConstants
) -> JointSkewNormalParams:
    parts = [
        from_moments(mean, covariance, third, most)
        for mean, covariance, third in zip(means, covariances, thirds, strict=True)
    ]
    locations, shifts, rests = (np.stack(part) for part in zip(*parts, strict=True))
    return inside(JointSkewNormalParams(locations, *from_parts(shifts, rests)), constants)


def _moments_of(statistics: JointSkewSums) -> tuple[F64, F64, F64]:
    """Means (K, d), covariances (K, d, d) and third moments about the means (K, d) of a partition."""
    rows = np.where(statistics.counts > 0, statistics.counts, 1.0)
    means = statistics.first[:, :-1] / rows[:, None]
    second = statistics.second[:, :-1, :-1] / rows[:, None, None]
    covariances = second - means[:, :, None] * means[:, None, :]
    squares = np.diagonal(second, axis1=1, axis2=2)
    thirds = statistics.second[:, :-1, -1] / rows[:, None] - 3 * means * squares + 2 * means**3
    return means, covariances, thirds


def _step(group: Group, constants: JointSkewNormalConstants) -> tuple[F64, F64, F64]:
    """How far the location moves (d,), scale matrix (d, d) and slant (d,) after Newton's step where there is one inside
    the bounds, else after one of EM."""
    bounds = constants.bounds
    # beside missing cells the bends of a steep group can be too low
    is_rough = constants.has_gaps and group.steepness >= STEEP_BESIDE_GAPS
    longer = newton_step(group, bounds, 0.5 if is_rough else 1.0)
    if longer is not None:
        moved, scale, pull = longer
        slant = pull * np.sqrt(np.diagonal(scale))
        if bounds.least_share(leaning(scale[None], slant[None]).rests[0]) > 1:
            return moved, scale, slant
    at_edge = group.is_at_edge(bounds.most)
    moved, shift, rest = em_step(group.first, group.second, bounds, at_edge)
    scales, slants = from_parts(shift[None], rest[None])
    return moved, scales[0], slants[0]
