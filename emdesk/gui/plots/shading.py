"""From counts and values to the pixels that show them; numpy only, so it may run on any thread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]
RGB = tuple[int, int, int]

FAINTEST = 0.16
STRONGEST = 0.92


def shade_counts(counts: NDArray[np.floating], colours: Sequence[RGB]) -> U8:
    """(h, w, 4) RGBA of row counts (groups, h, w): colours mixed by count, opacity the log count.

    Full strength begins at the 99.5 % quantile, so one often repeated row does not bleach the rest.
    """
    groups, height, width = counts.shape
    flat = counts.reshape(groups, -1)
    total = flat.sum(axis=0)
    inked = np.flatnonzero(total > 0)
    image = np.zeros((height * width, 4), dtype=np.uint8)
    if not len(inked):
        return image.reshape(height, width, 4)
    seen = total[inked]
    palette = np.asarray(colours, dtype=np.float64)[:groups]
    mixed = (palette.T @ flat[:, inked]) / seen
    top = max(float(np.quantile(seen, 0.995)), 1.0)
    strength = np.minimum(np.log1p(seen) / np.log1p(top), 1.0)
    image[inked, :3] = np.rint(mixed.T).astype(np.uint8)
    image[inked, 3] = np.rint(255 * (FAINTEST + (STRONGEST - FAINTEST) * strength)).astype(np.uint8)
    return image.reshape(height, width, 4)


def ramp_table(stops: Sequence[RGB], size: int = 256) -> U8:
    """(size, 4) opaque colours between evenly spaced stops."""
    table = np.full((size, 4), 255, dtype=np.uint8)
    at = np.linspace(0, len(stops) - 1, size)
    for channel in range(3):
        column = [stop[channel] for stop in stops]
        table[:, channel] = np.rint(np.interp(at, range(len(stops)), column)).astype(np.uint8)
    return table


def shade_values(values: F64, table: U8, *, signed: bool = False) -> U8:
    """(h, w, 4) RGBA of values (h, w): square-root scale from 0, or symmetric about 0 when signed.

    Missing values are transparent.
    """
    known = np.isfinite(values)
    shares = np.zeros(values.shape)
    if known.any():
        if signed:
            top = float(np.max(np.abs(values[known])))
            shares[known] = 0.5 + (0.5 * values[known] / top if top > 0 else 0)
        else:
            top = float(values[known].max())
            if top > 0:
                shares[known] = np.sqrt(np.clip(values[known], 0, None) / top)
    image = np.asarray(table[np.rint(shares * (len(table) - 1)).astype(np.intp)])
    image[~known] = 0
    return image
