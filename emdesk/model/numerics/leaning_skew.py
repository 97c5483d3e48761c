"""One Newton step for a skew-normal law that leans clearly, in location, logarithm of the scale, and slant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.model.numerics.skew import SkewAverages

F64 = NDArray[np.float64]
LONGEST = (0.3, 0.3, 0.3)
"""No step moves a location by more scales, the logarithm of a scale by more, or a slant by more of itself."""
LEAST_BEND = 1e-6
STEEP = 20.0
"""Beyond this slant, on the way to half of a normal law, a step is taken where the likelihood bends upwards too."""
LEAST_REACH = 0.05
"""Nearer to the largest slant than this share of a step no step is taken towards it."""


def curvatures(z: F64, first: F64, slants: F64) -> F64:
    """(3, ...) the second derivative k of log Phi at slant times z, z k and z^2 k; `first` as of `hidden_moments`."""
    k = -(first - slants * z) * first
    return np.stack([k, z * k, z * z * k])


def newton_step(
    averages: SkewAverages, bends: F64, slants: F64, most: float
) -> tuple[tuple[F64, F64, F64], NDArray[np.bool_]]:
    """Locations, scales and slants after one step, relative to a law of location 0 and scale 1, and where it goes
    uphill; a step ends at the largest slant, `most`. `bends` (3, ...) are averages of `curvatures` (derivatives:
    Azzalini 1985, section 4)."""
    a, (k, zk, zzk) = averages, bends
    spread = np.hypot(1, slants)
    h = spread * a.t - slants * a.x
    zh = spread * a.xt - slants * a.xx
    slope = np.stack([a.x - slants * h, a.xx - 1 - slants * zh, zh], axis=-1)
    two = [
        [1 - slants**2 * k, 2 * a.x - slants**2 * zk - slants * h, h + slants * zk],
        [None, 2 * a.xx - slants * zh - slants**2 * zzk, zh + slants * zzk],
        [None, None, -zzk],
    ]
    size = np.stack([np.ones_like(slants), np.ones_like(slants), np.abs(slants)], axis=-1)
    bend = np.empty((*slants.shape, 3, 3))
    for i in range(3):
        for j in range(3):
            bend[..., i, j] = two[min(i, j)][max(i, j)]
    # the slant in units of itself
    bend = bend * size[..., :, None] * size[..., None, :]
    values, vectors = np.linalg.eigh(bend)
    # along a direction in which the likelihood bends upwards the step goes with the slope
    is_steep = np.abs(slants) > STEEP
    most_bend = np.abs(values).max(axis=-1, keepdims=True)
    turned = np.maximum(np.abs(values), LEAST_BEND * most_bend)
    values = np.where(is_steep[..., None], turned, values)
    is_uphill = np.asarray(is_steep | (values[..., 0] > LEAST_BEND * values[..., 2]))
    along = np.einsum("...ji,...j->...i", vectors, slope * size) / np.where(
        is_uphill[..., None], values, 1.0
    )
    step = np.einsum("...ij,...j->...i", vectors, along)
    # shortened as a whole, so that it stays uphill
    step = step / np.maximum(1.0, np.max(np.abs(step) / LONGEST, axis=-1))[..., None]
    reach = (most - np.sign(step[..., 2]) * slants) / np.maximum(
        np.abs(step[..., 2]) * size[..., 2], 1e-300
    )
    is_uphill &= reach > LEAST_REACH
    step = step * np.clip(reach, 0.0, 1.0)[..., None]
    made = step[..., 0], np.exp(step[..., 1]), slants + step[..., 2] * size[..., 2]
    return made, is_uphill
