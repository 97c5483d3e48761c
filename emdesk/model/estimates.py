"""What a fit says of cells that are missing in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Estimates:
    """The missing cells of one column in the rows used: `rows` (m,) of the file, rising from 0, `values` (m,) and their
    standard deviations `spread` (m,) in the analyst's units."""

    rows: Rows
    values: F64
    spread: F64

    def at(self, row: int) -> tuple[float, float] | None:
        """Value and spread in a row of the file, None where the cell was not estimated."""
        place = int(np.searchsorted(self.rows, row))
        if place == len(self.rows) or self.rows[place] != row:
            return None
        return float(self.values[place]), float(self.spread[place])


Completed = Mapping[str, Estimates]
"""Estimates by column; columns without gaps are not there."""
