"""One Newton step for a skew-normal law that leans clearly, in location, logarithm of the scale, and slant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.model.numerics.skew import SkewAverages

F64 = NDArray[np.float64]
LONGEST = (0.3, 0.3, 0.3)
"""No step moves a location by more scales, the logarithm of a scale by more, or a slant by more of itself."""
LEAST_BEND = 1e-6


def curvatures(z: F64, first: F64, slants: F64) -> F64:
    """(3, ...) the second derivative k of log Phi at slant times z, z k and z^2 k; `first` as of `hidden_moments`."""
    k = -(first - slants * z) * first
    return np.stack([k, z * k, z * z * k])


def newton_step(
    averages: SkewAverages, bends: F64, slants: F64
) -> tuple[tuple[F64, F64, F64], NDArray[np.bool_]]:
    """Locations, scales and slants after one step, relative to a law of location 0 and scale 1, and where it goes
    uphill; `bends` (3, ...) are averages of `curvatures` (derivatives: Azzalini 1985, section 4)."""
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
    is_uphill = np.asarray(values[..., 0] > LEAST_BEND * values[..., 2])
    along = np.einsum("...ji,...j->...i", vectors, slope * size) / np.where(
        is_uphill[..., None], values, 1.0
    )
    step = np.einsum("...ij,...j->...i", vectors, along)
    # shortened as a whole, so that it stays uphill
    step = step / np.maximum(1.0, np.max(np.abs(step) / LONGEST, axis=-1))[..., None]
    made = step[..., 0], np.exp(step[..., 1]), slants + step[..., 2] * size[..., 2]
    return made, is_uphill
