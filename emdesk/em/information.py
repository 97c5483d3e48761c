"""The observed information: how sharply the objective falls about an estimate, in every free direction.

The objective is looked at along the free directions of the model, which are as many as its free parameters: ties such
as equal covariances and shares that add to one are kept. Its second derivatives are central differences with steps
measured in standard errors, of two sizes, extrapolated to step zero (Richardson). They are taken in two rounds: the
first finds directions of about equal curvature, the second differentiates along those, so that a direction that the
data hardly tell about keeps as many digits as the others. Any family can be asked, whatever its laws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.family import Family
from emdesk.model.params import Domain, Parameter, from_vector, to_vector, walk

F64 = NDArray[np.float64]
Height = Callable[[F64], float]
Tell = Callable[[float], None]

STEP = 0.1
"""Steps of the derivatives, in standard errors; the second size is twice that."""
MOST_STEP = 1.0
"""No step moves a free coordinate (a logarithm, a log ratio, a standardised mean) by more."""
FIRST_STEP = 0.01
_TRIES = 8
_STRAIGHT = 0.05
LEAST_SHARE = 1e-3
"""The first round tells curvatures apart down to this share of the largest."""
NULL_SHARE = 1e-5
"""A direction with less than this share of the largest curvature is one the data say nothing about."""
SADDLE_SHARE = 1e-3
"""The objective must rise in some direction with at least this share of the largest curvature to be at a saddle."""
MOST_ERROR = 25.0
"""A standard error of a free coordinate (a logarithm, a log ratio, a standardised mean) beyond this is none."""
DOUBT = 0.1
"""A curvature below this share of how much it changes with the step is not told from zero."""
_NOISE = 1e-14
EDGE = 1e-8
"""A share closer to 0 or 1 than this is at the edge of its domain; laws may keep theirs a little inside."""
_TANGENT_STEP = 1e-4
_MOVES = 0.5
"""Singular values of the derivative of a projection are 0, or 1 and above."""


class Chart:
    """The params near a point in as many coordinates as there are free parameters; the point itself is zero."""

    def __init__(self, family: Family, data: Any, params: Any) -> None:
        self._family, self._data, self._like = family, data, params
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
        return self._family.retract(self._data, from_vector(vector, self._like))

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
        inside = _inside(self._like, self.at_edge)
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

    About 3 p^2 values of `height` are asked for p coordinates. Formula of the mixed differences: Abramowitz and
    Stegun (1964), 25.3.27; extrapolation: Richardson (1911).
    """
    count = _Counted(height, 3 * size**2 + 12 * size, tell)
    middle = count(np.zeros(size))
    steps = _steps(count, middle, size)
    rough = _second_differences(count, middle, np.diag(steps), 1.0)[1]
    axes, largest = _level_axes(rough, steps)
    axes = _straight_axes(count, middle, axes)
    fine_gradient, fine = _second_differences(count, middle, axes, STEP)
    coarse_gradient, coarse = _second_differences(count, middle, axes, 2 * STEP)
    curvature = (4 * fine - coarse) / 3
    gradient = (4 * fine_gradient - coarse_gradient) / 3
    values, vectors = np.linalg.eigh(curvature)
    lengths = ((axes @ vectors / steps[:, None]) ** 2).sum(axis=0)
    doubt = DOUBT * np.abs(np.einsum("ij,ik,kj->j", vectors, coarse - fine, vectors))
    rounding = 8 * _NOISE * max(1.0, abs(middle)) / STEP**2
    # a step off a curved ridge looks like a small rise: only a clear one makes a saddle
    least = np.where(values < 0, SADDLE_SHARE, NULL_SHARE) * largest * lengths
    reach = np.abs(axes @ vectors).max(axis=0) / np.sqrt(np.maximum(np.abs(values), 1e-300))
    is_told = (np.abs(values) > np.maximum(least, doubt + rounding)) & (reach < MOST_ERROR)
    return Information(
        middle,
        gradient,
        curvature,
        axes,
        vectors[:, is_told],
        values[is_told],
        vectors[:, ~is_told],
    )


class _Counted:
    """The height, -inf where there is none, that tells how much of the work is done."""

    def __init__(self, height: Height, expected: int, tell: Tell | None) -> None:
        self._height, self._expected, self._tell, self._done = height, expected, tell, 0

    def __call__(self, z: F64) -> float:
        self._done += 1
        if self._tell is not None:
            self._tell(min(1.0, self._done / self._expected))
        try:
            with np.errstate(all="ignore"):
                value = self._height(z)
        except (ArithmeticError, np.linalg.LinAlgError):
            return -np.inf
        return value if np.isfinite(value) else -np.inf


def _steps(height: Height, middle: float, size: int) -> F64:
    """(p,) the step along every coordinate at which the height falls by that of two STEPs, at most MOST_STEP."""
    wanted = (2 * STEP) ** 2
    noise = 1e3 * _NOISE * max(1.0, abs(middle))
    steps = np.full(size, FIRST_STEP)
    for j in range(size):
        for _ in range(_TRIES):
            move = np.zeros(size)
            move[j] = steps[j]
            fall = 2 * middle - height(move) - height(-move)
            if not np.isfinite(fall):
                steps[j] /= 10
                continue
            if wanted / 4 < abs(fall) < 4 * wanted or (
                steps[j] == MOST_STEP and abs(fall) < wanted
            ):
                break
            factor = np.sqrt(wanted / abs(fall)) if abs(fall) > noise else 100.0
            steps[j] = min(MOST_STEP, steps[j] * min(max(factor, 1e-3), 100.0))
    return steps


def _second_differences(height: Height, middle: float, axes: F64, step: float) -> tuple[F64, F64]:
    """Gradient (p,) and minus the second derivatives (p, p) along the columns of `axes`."""
    size = axes.shape[1]
    ahead, behind = np.empty(size), np.empty(size)
    for j in range(size):
        ahead[j], behind[j] = height(step * axes[:, j]), height(-step * axes[:, j])
    made = np.diag(2 * middle - ahead - behind)
    for i in range(size):
        for j in range(i + 1, size):
            both = step * (axes[:, i] + axes[:, j])
            pair = height(both) + height(-both) + 2 * middle
            made[i, j] = made[j, i] = (ahead[i] + behind[i] + ahead[j] + behind[j] - pair) / 2
    made[~np.isfinite(made)] = 0.0
    slope = np.where(np.isfinite(ahead - behind), ahead - behind, 0.0)
    return slope / (2 * step), made / step**2


def _level_axes(rough: F64, steps: F64) -> tuple[F64, float]:
    """Directions (p, p) along each of which one unit is about a standard error, and the largest curvature of `rough`,
    which counts in `steps` (p,)."""
    values, vectors = np.linalg.eigh(rough)
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    taken = np.maximum(np.abs(values), LEAST_SHARE * largest)
    axes = steps[:, None] * vectors / np.sqrt(taken)
    reach = 2 * STEP * np.abs(axes).max(axis=0)
    return axes / np.maximum(1.0, reach / MOST_STEP), largest


def _straight_axes(height: Height, middle: float, axes: F64) -> F64:
    """The axes, shortened where the height does not fall like a parabola over two steps: along a curved ridge a
    step of a standard error leads off it."""
    made = axes.copy()
    least = 1e4 * _NOISE * max(1.0, abs(middle))
    for j in range(axes.shape[1]):
        for _ in range(_TRIES):
            near, far = (
                2 * middle - height(h * made[:, j]) - height(-h * made[:, j])
                for h in (STEP, 2 * STEP)
            )
            if abs(far - 4 * near) <= _STRAIGHT * abs(far) or abs(far) < least:
                break
            made[:, j] /= 2
    return made
