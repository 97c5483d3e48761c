"""The loadings and uniquenesses of factor-analytic groups, as an export tells them beside the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from emdesk.model.law import Quantity

LOADINGS, UNIQUENESSES = "loadings", "uniquenesses"


def factors_object(quantities: Sequence[Quantity]) -> dict[str, dict[str, Any]]:
    """Of quantities that a table shows, by name as a parameter would have it: the `values`, loadings (groups, columns,
    factors) and uniquenesses (groups, columns), with their `axes`, and their `columns` if these are not all. Empty
    where there are no factors."""
    made: dict[str, dict[str, Any]] = {}
    for quantity in quantities:
        part, dot, plain = quantity.name.rpartition(".")
        if plain != UNIQUENESSES:
            continue
        first = f"{part}{dot}{LOADINGS}_"
        each = [q.values for q in quantities if q.name.startswith(first)]
        axes, columns = list(quantity.axes), list(quantity.columns)
        made[f"{part}{dot}{LOADINGS}"] = {
            "values": np.stack(each, axis=-1),
            "axes": [*axes, "factor"],
            "columns": columns,
        }
        made[quantity.name] = {"values": quantity.values, "axes": axes, "columns": columns}
    return made


def with_factors(made: Mapping[str, Any]) -> Mapping[str, Any]:
    """A result object in which loadings and uniquenesses stand among the parameters."""
    factors: Mapping[str, Mapping[str, Any]] = made.get("factors", {})
    if not factors:
        return made
    belongs = {name: one["columns"] for name, one in factors.items() if one["columns"]}
    return {
        **made,
        "params": {**made["params"], **{name: one["values"] for name, one in factors.items()}},
        "axes": {**made["axes"], **{name: one["axes"] for name, one in factors.items()}},
        "columns_of": {**made.get("columns_of", {}), **belongs},
    }
