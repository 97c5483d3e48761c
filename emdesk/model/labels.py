"""Columns whose values are the names of groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.model.dataset import Column

Codes = NDArray[np.intp]


def labels_of(column: Column) -> tuple[Codes, tuple[str, ...]]:
    """(n,) the number of each row's label among the labels that occur, -1 where there is none; and their names."""
    there = ~column.missing
    seen = np.unique(column.values[there])
    codes = np.full(len(column.values), -1, dtype=np.intp)
    codes[there] = np.searchsorted(seen, column.values[there])
    return codes, tuple(_name(column, float(value)) for value in seen)


def _name(column: Column, value: float) -> str:
    if column.categories:
        return column.categories[int(value)]
    return repr(value).removesuffix(".0")
