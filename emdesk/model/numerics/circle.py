"""Directions on a circle: angles, turns, and averages of unit vectors (Mardia and Jupp 2000, Directional Statistics,
section 2.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
TURN = float(2 * np.pi)
BEYOND = 1e-3
"""Means may stand so far beyond the half turn, so that rounding does not send one round and round."""


def radians(values: F64, centre: F64, period: F64 | float) -> F64:
    """The angles from a centre to values, both in units of which a period is one turn, from -pi to pi."""
    away = values - centre
    away = away - period * np.rint(away / period)
    return np.asarray(away * (TURN / period))


def in_turn(values: F64, first: F64, period: F64) -> F64:
    """The same directions in the turn that begins at `first`."""
    return np.asarray(first + np.remainder(values - first, period))


def versine(angles: F64) -> F64:
    """1 - cos t, with all digits also where it is small."""
    return np.asarray(2 * np.sin(0.5 * angles) ** 2)


def length_gap_of(short: F64, sine: F64) -> F64:
    """One minus the length of the average of unit vectors, from averages of 1 - cos t and sin t."""
    lengths = np.hypot(1 - short, sine)
    return np.asarray(np.maximum((2 * short - short**2 - sine**2) / (1 + lengths), 0.0))


def next_to(before: F64, angles: F64) -> F64:
    """The same directions as the nearest numbers to those before, as long as these stay next to the half turns."""
    away = angles - before
    near = before + (away - TURN * np.rint(away / TURN))
    is_beyond = np.abs(near) > 0.5 * TURN + BEYOND
    return np.asarray(np.where(is_beyond, near - TURN * np.rint(near / TURN), near))
