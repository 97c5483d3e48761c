"""Which row is under the pointer, which rows are inside an outline; numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Rows = NDArray[np.intp]

REACH_PX = 9.0


class RowPicker:
    """Rows at places in the analyst's units."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """No rows."""
        self.set_rows(np.empty(0), np.empty(0), np.empty(0, dtype=np.intp))

    def set_rows(self, x: F64, y: F64, rows: Rows) -> None:
        """The places and the row numbers (n,)."""
        self._x, self._y, self._rows = x, y, rows

    def nearest(self, x: float, y: float, x_px: float, y_px: float) -> int:
        """The row within reach of a place, with so many pixels for a unit; -1 for none."""
        if not len(self._rows):
            return -1
        far = ((self._x - x) * x_px) ** 2 + ((self._y - y) * y_px) ** 2
        far[np.isnan(far)] = np.inf
        index = int(np.argmin(far))
        return int(self._rows[index]) if far[index] <= REACH_PX**2 else -1

    def place(self, row: int) -> tuple[float, float]:
        """Where a row is."""
        index = int(np.flatnonzero(self._rows == row)[0])
        return float(self._x[index]), float(self._y[index])

    def inside(self, outline: F64) -> Rows:
        """The rows inside a closed outline (m, 2)."""
        return self._rows[inside(outline, self._x, self._y)]


def inside(outline: F64, x: F64, y: F64) -> NDArray[np.bool_]:
    """(n,) whether each point lies inside the closed outline (m, 2).

    Even-odd rule along a ray to the right (Shimrat 1962).
    """
    low, high = outline.min(axis=0), outline.max(axis=0)
    within: NDArray[np.bool_] = (x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1])
    at = np.flatnonzero(within)
    px, py = x[at], y[at]
    odd = np.zeros(len(at), dtype=bool)
    for (ax, ay), (bx, by) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if ay == by:
            continue
        spans = (py < ay) != (py < by)
        odd ^= spans & (px < ax + (py - ay) * (bx - ax) / (by - ay))
    within[at] = odd
    return within
