"""Newton's method uphill for a function of a few numbers whose values alone are known.

Derivatives are central differences over steps that follow the curvature, so that a step is about the same share of the
function's own width in every coordinate (Dennis and Schnabel 1996, Numerical Methods for Unconstrained Optimization and
Nonlinear Equations, sections 5.4 and 5.6); a step that does not climb is halved (section 6.3).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
SHARE = 1e-4
"""The step of a difference, as a share of the width of the function for one row."""
LEAST_STEP, MOST_STEP = 1e-8, 1e-3
LONGEST = 2.0
"""A coordinate moves no farther in one step."""
FLAT = 1e-10
"""A direction with less than this share of the largest curvature does not count as one."""
ENOUGH = 1e-8
"""After a step of Newton's that gained this share of the height the next one gains its square, which is lost in
rounding."""
PASSES, HALVINGS = 40, 30


def climbed(height: Callable[[F64], float], start: F64, meet: Mask, rows: float) -> F64:
    """The point (p,) of a maximum near `start`, never lower than it.

    `height` is a sum over so many `rows`, minus infinity or NaN where it is not defined; `meet` (p, p) says which
    coordinates have a second derivative in common.
    """
    here, top = start, height(start)
    if not np.isfinite(top):
        return start
    steps = np.full(len(start), SHARE)
    for _ in range(PASSES):
        slope, bend = _derivatives(height, here, top, meet, steps)
        if not (np.isfinite(slope).all() and np.isfinite(bend).all()):
            return here
        widths = np.sqrt(max(rows, 1.0) / np.maximum(-np.diagonal(bend), np.finfo(float).tiny))
        steps = np.clip(SHARE * widths, LEAST_STEP, MOST_STEP)
        away = _uphill(slope, bend)
        there, found = _halved(height, here, away, top)
        gained = found - top
        here, top = there, found
        if gained <= ENOUGH * max(1.0, abs(top)):
            return here
    return here


def _derivatives(
    height: Callable[[F64], float], here: F64, top: float, meet: Mask, steps: F64
) -> tuple[F64, F64]:
    size = len(here)
    bend = np.zeros((size, size))
    moves = np.diag(steps)
    ahead = np.array([height(here + move) for move in moves])
    behind = np.array([height(here - move) for move in moves])
    slope = (ahead - behind) / (2 * steps)
    bend[np.diag_indices(size)] = (ahead - 2 * top + behind) / steps**2
    for i in range(size):
        for j in range(i):
            if meet[i, j]:
                both = height(here + moves[i] + moves[j]) + height(here - moves[i] - moves[j])
                own = ahead[i] + behind[i] + ahead[j] + behind[j]
                bend[i, j] = bend[j, i] = (both - own + 2 * top) / (2 * steps[i] * steps[j])
    return slope, bend


def _uphill(slope: F64, bend: F64) -> F64:
    """Newton's step, or one of the same length scale uphill where the function is not concave."""
    values, vectors = np.linalg.eigh(bend)
    sizes = np.abs(values)
    told = sizes > FLAT * float(sizes.max(initial=0.0))
    along = (vectors.T @ slope)[told] / sizes[told]
    made = vectors[:, told] @ along
    longest = float(np.abs(made).max(initial=0.0))
    return np.asarray(made * min(1.0, LONGEST / longest) if longest > 0 else made)


def _halved(height: Callable[[F64], float], here: F64, away: F64, top: float) -> tuple[F64, float]:
    """The first point on the way that is higher, or where the way begins."""
    share = 1.0
    for _ in range(HALVINGS):
        found = height(here + share * away)
        if found > top:
            return here + share * away, found
        share /= 2
    return here, top
