"""The observed information: how sharply the objective falls about an estimate, in every free direction.

The objective is looked at along the free directions of the model, which are as many as its free parameters: ties such
as equal covariances and shares that add to one are kept. Its second derivatives are central differences with steps
measured in standard errors, of two sizes, extrapolated to step zero (Richardson). They are taken in two rounds: the
first finds directions of about equal curvature, the second differentiates along those, so that a direction that the
data hardly tell about keeps as many digits as the others. Any family can be asked, whatever its laws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.differences import (
    NOISE,
    STEP,
    Counted,
    Height,
    Tell,
    level_axes,
    second_differences,
    steps_to_fall,
    straight_axes,
)
from emdesk.model.family import Family
from emdesk.model.params import Domain, Parameter, from_vector, to_vector, walk

F64 = NDArray[np.float64]

NULL_SHARE = 1e-5
"""A direction with less than this share of the largest curvature is one the data say nothing about."""
SADDLE_SHARE = 1e-3
"""The objective must rise in some direction with at least this share of the largest curvature to be at a saddle."""
MOST_ERROR = 25.0
"""A standard error of a free coordinate (a logarithm, a log ratio, a standardised mean) beyond this is none."""
DOUBT = 0.1
"""A curvature below this share of how much it changes with the step is not told from zero."""
EDGE = 1e-8
"""A share closer to 0 or 1 than this is at the edge of its domain; laws may keep theirs a little inside."""
_TANGENT_STEP = 1e-4
_MOVES = 0.5
"""Singular values of the derivative of a projection are 0, or 1 and above."""


class Chart:
    """The params near a point in as many coordinates as there are free parameters; the point itself is zero."""

    def __init__(self, family: Family, data: Any, params: Any) -> None:
        self.family, self.data, self.params = family, data, params
        self.origin = to_vector(params)
        """(N,) the unconstrained vector of the point."""
        self.at_edge = at_edge(params)
        """(N,) the coordinates of shares that are 0 or 1, which have nowhere to go; the others move without them."""
        self.basis = self._tangent()
        """(N, p) orthonormal directions along which the model can move."""

    @property
    def size(self) -> int:
        """p, the number of free directions."""
        return int(self.basis.shape[1])

    def at(self, z: F64) -> Any:
        """The params at coordinates z (p,)."""
        return self._allowed(self.origin + self.basis @ z)

    def _allowed(self, vector: F64) -> Any:
        return self.family.retract(self.data, from_vector(vector, self.params))

    def _tangent(self) -> F64:
        """The range of the derivative of the projection onto the model."""
        count = len(self.origin)
        derivative = np.empty((count, count))
        for j in range(count):
            ahead, behind = self.origin.copy(), self.origin.copy()
            ahead[j] += _TANGENT_STEP
            behind[j] -= _TANGENT_STEP
            moved = to_vector(self._allowed(ahead)) - to_vector(self._allowed(behind))
            derivative[:, j] = moved / (2 * _TANGENT_STEP)
        inside = _inside(self.params, self.at_edge)
        left, sizes, _ = np.linalg.svd(inside @ derivative @ inside)
        return np.ascontiguousarray(left[:, sizes > _MOVES])


def at_edge(params: Any) -> NDArray[np.bool_]:
    """(N,) True for the coordinates of the unconstrained vector that belong to a share at the edge of its domain."""
    parts = []
    for parameter, value in walk(params):
        if parameter.domain is Domain.SIMPLEX:
            parts.append((value < EDGE).ravel())
        elif parameter.domain is Domain.UNIT:
            parts.append(((value < EDGE) | (1 - value < EDGE)).ravel())
        else:
            parts.append(np.zeros(_coordinates(parameter, value), dtype=bool))
    return np.concatenate(parts)


def _coordinates(parameter: Parameter, value: F64) -> int:
    """How many coordinates of the unconstrained vector a parameter has."""
    if parameter.domain is not Domain.SPD:
        return int(value.size)
    size = int(value.shape[-1])
    matrices = int(value.size) // size**2
    return matrices * (size * (size + 1) // 2)


def _inside(params: Any, edge: NDArray[np.bool_]) -> F64:
    """(N, N) the projection onto moves of what is not at an edge; of shares that add to one, onto moves that keep the
    sum of their logarithms."""
    made = np.diag((~edge).astype(np.float64))
    place = 0
    for parameter, value in walk(params):
        if parameter.domain is not Domain.SIMPLEX:
            place += _coordinates(parameter, value)
            continue
        width = value.shape[-1]
        for first in range(place, place + value.size, width):
            free = np.flatnonzero(~edge[first : first + width]) + first
            made[np.ix_(free, free)] -= 1 / max(1, len(free))
        place += value.size
    return made


@dataclass(frozen=True, eq=False)
class Information:
    """The objective near an estimate: height + gradient'u - u' curvature u / 2 in coordinates u, with z = axes u.

    `curvature` (p, p) is near the identity where the data tell; `gradient` is (p,), `axes` (p, p). `told` (p, q) are
    the directions in u that the data tell about and `precisions` (q,) their curvatures, `untold` (p, p - q) the others.
    """

    height: float
    gradient: F64
    curvature: F64
    axes: F64
    told: F64
    precisions: F64
    untold: F64

    @property
    def is_maximum(self) -> bool:
        """Whether the objective falls in every direction that the data tell about."""
        return bool(np.all(self.precisions > 0))

    @property
    def covariance(self) -> F64:
        """(p, p) the inverse of the curvature over the directions that the data tell about, in u."""
        return np.asarray((self.told / self.precisions) @ self.told.T)

    @property
    def below_maximum(self) -> float:
        """How far the maximum of the fitted parabola lies above the estimate; infinite at a saddle."""
        if not self.is_maximum:
            return float("inf")
        along = self.told.T @ self.gradient
        return float(0.5 * (along**2 / self.precisions).sum())


def information(height: Height, size: int, tell: Tell | None = None) -> Information:
    """The information of `height` about zero in `size` coordinates; `tell` hears the share that is done.

    About 3 p^2 values of `height` are asked for p coordinates. Extrapolation to step zero: Richardson (1911).
    """
    count = Counted(height, 3 * size**2 + 12 * size, tell)
    middle = count(np.zeros(size))
    steps = steps_to_fall(count, middle, size)
    rough = second_differences(count, middle, np.diag(steps), 1.0)[1]
    axes, largest = level_axes(rough, steps)
    axes = straight_axes(count, middle, axes)
    fine_gradient, fine = second_differences(count, middle, axes, STEP)
    coarse_gradient, coarse = second_differences(count, middle, axes, 2 * STEP)
    return judged(
        middle,
        extrapolated(fine_gradient, coarse_gradient),
        Curvature(extrapolated(fine, coarse), coarse - fine, 8 * rounding_of(middle)),
        axes,
        steps,
        largest,
    )


@dataclass(frozen=True, eq=False)
class Curvature:
    """Minus second derivatives (p, p), how much they change with the step, and what rounding may add to them, of all
    directions or a matrix (p, p) whose quadratic form says it of each."""

    matrix: F64
    change: F64
    rounding: float | F64


def extrapolated(fine: F64, coarse: F64) -> F64:
    """The limit of differences whose error falls with the square of the step, from one size and twice that."""
    return np.asarray((4 * fine - coarse) / 3)


def rounding_of(height: float, step: float = STEP) -> float:
    """What rounding of the height may add to a second difference with a step."""
    return NOISE * max(1.0, abs(height)) / step**2


def judged(
    height: float, gradient: F64, found: Curvature, axes: F64, steps: F64, largest: float
) -> Information:
    """Which directions the data tell about: `largest` is the largest curvature where coordinates count in `steps`."""
    values, vectors = np.linalg.eigh(found.matrix)
    lengths = ((axes @ vectors / steps[:, None]) ** 2).sum(axis=0)
    doubt = DOUBT * np.abs(_along(found.change, vectors))
    rounding = found.rounding
    if not isinstance(rounding, float):
        rounding = _along(rounding, vectors)
    # a step off a curved ridge looks like a small rise: only a clear one makes a saddle
    least = np.where(values < 0, SADDLE_SHARE, NULL_SHARE) * largest * lengths
    reach = np.abs(axes @ vectors).max(axis=0) / np.sqrt(np.maximum(np.abs(values), 1e-300))
    is_told = (np.abs(values) > np.maximum(least, doubt + rounding)) & (reach < MOST_ERROR)
    return Information(
        height,
        gradient,
        found.matrix,
        axes,
        vectors[:, is_told],
        values[is_told],
        vectors[:, ~is_told],
    )


def _along(matrix: F64, vectors: F64) -> F64:
    """The quadratic form of a matrix along each column of `vectors`."""
    return np.asarray(np.einsum("ij,ik,kj->j", vectors, matrix, vectors))
