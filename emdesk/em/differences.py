"""Central differences of a height about zero, along axes on which it falls alike.

Steps are measured in how far the height falls. Formula of the mixed differences: Abramowitz and Stegun (1964), 25.3.27.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Height = Callable[[F64], float]
Tell = Callable[[float], None]

STEP = 0.1
"""Steps of the derivatives, in standard errors; the second size is twice that."""
MOST_STEP = 1.0
"""No step moves a free coordinate (a logarithm, a log ratio, a standardised mean) by more."""
FIRST_STEP = 0.01
NOISE = 1e-14
LEAST_SHARE = 1e-3
"""The first round tells curvatures apart down to this share of the largest."""
_TRIES = 8
_STRAIGHT = 0.05


class Counted:
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


def steps_to_fall(height: Height, middle: float, size: int) -> F64:
    """(p,) the step along every coordinate at which the height falls by that of two STEPs, at most MOST_STEP."""
    wanted = (2 * STEP) ** 2
    noise = 1e3 * NOISE * max(1.0, abs(middle))
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


def second_differences(height: Height, middle: float, axes: F64, step: float) -> tuple[F64, F64]:
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


def level_axes(rough: F64, steps: F64) -> tuple[F64, float]:
    """Directions (p, p) along each of which one unit is about a standard error, and the largest curvature of `rough`,
    which counts in `steps` (p,)."""
    values, vectors = np.linalg.eigh(rough)
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    taken = np.maximum(np.abs(values), LEAST_SHARE * largest)
    axes = steps[:, None] * vectors / np.sqrt(taken)
    reach = 2 * STEP * np.abs(axes).max(axis=0)
    return axes / np.maximum(1.0, reach / MOST_STEP), largest


def straight_axes(height: Height, middle: float, axes: F64) -> F64:
    """The axes, shortened where the height does not fall like a parabola over two steps: along a curved ridge a
    step of a standard error leads off it."""
    made = axes.copy()
    least = 1e4 * NOISE * max(1.0, abs(middle))
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
