"""How far two partitions of the same rows agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def adjusted_rand(table: F64) -> float:
    """The adjusted Rand index of two partitions from the counts (L, K) of their crossing: 1 for the same partition, 0
    on average for two by chance (Hubert and Arabie 1985, J. Classif. 2, 193-218, equation 5)."""
    both = _pairs(table)
    across, down = _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    every = _pairs(np.asarray(table.sum()))
    expected = across * down / every if every else 0.0
    most = (across + down) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def _pairs(counts: F64) -> float:
    return float((counts * (counts - 1.0) / 2).sum())
