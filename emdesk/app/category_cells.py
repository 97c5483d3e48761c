"""What stands in a long table for the places along a category axis: the words or the numbers of the categories."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from emdesk.model.category_names import category_name
from emdesk.model.numerics.categories import sizes_of

CATEGORY_AXIS = "category"
_COLUMN_AXIS = "column"
CategoryAt = Callable[[tuple[int, ...]], str | None]


def category_cells(made: Mapping[str, Any], name: str) -> CategoryAt | None:
    """For a parameter of a result object with a category axis: the category at a place, None where its column has no
    such category. None for other parameters."""
    axes: list[str] = made["axes"][name]
    part, _, _ = name.rpartition(".")
    nested = made["params"].get(f"{part}.values" if part else "values")
    if nested is None or not {CATEGORY_AXIS, _COLUMN_AXIS} <= set(axes):
        return None
    values = np.array(nested, dtype=np.float64)
    sizes = sizes_of(values)
    columns = made.get("columns_of", {}).get(name, made["columns"])
    words = made.get("categories", {})
    column_at, category_at = axes.index(_COLUMN_AXIS), axes.index(CATEGORY_AXIS)

    def at(index: tuple[int, ...]) -> str | None:
        j, c = index[column_at], index[category_at]
        if c >= sizes[j]:
            return None
        return category_name(float(values[j, c]), words.get(columns[j], ()))

    return at
