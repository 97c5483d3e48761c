"""Shares that add to one, some of which may be fixed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]


def best_shares(cells: F64, fixed: Mask, at: F64, margin: float) -> F64:
    """The shares (..., C) that maximise sum cells log p: the fixed ones where they stand, the others no less than
    `margin` and together what is left. `fixed` and `at` broadcast to the shape of `cells`; without any weight in the
    free cells they share evenly."""
    left = 1.0 - at.sum(axis=-1, keepdims=True)
    free = np.where(fixed, 0.0, cells)
    total = free.sum(axis=-1, keepdims=True)
    even = (~fixed) / np.maximum(1, (~fixed).sum(axis=-1, keepdims=True))
    made = left * np.where(total > 0, free / np.where(total > 0, total, 1.0), even)
    low = ~fixed & (made < margin)
    if low.any():
        taken = margin * low.sum(axis=-1, keepdims=True)
        others = np.where(low, 0.0, made)
        room = np.maximum(others.sum(axis=-1, keepdims=True), margin)
        made = np.where(low, margin, others * (left - taken) / room)
    return np.where(fixed, at, made)


def free_shares(fixed: Mask) -> int:
    """How many shares are free, where each last axis adds to one."""
    return int(np.maximum(0, (~fixed).sum(axis=-1) - 1).sum())


def unfit_held(mask: Mask, values: F64, possible: Mask) -> Mask:
    """(...,) where held shares are below 0, add to more than 1, or leave nothing for the others."""
    totals = np.where(mask, values, 0.0).sum(axis=-1)
    all_held = (mask | ~possible).all(axis=-1)
    fits = np.where(all_held, np.abs(totals - 1) <= 1e-9, totals < 1)
    return np.asarray(mask.any(axis=-1) & (~fits | ((values < 0) & mask).any(axis=-1)))
