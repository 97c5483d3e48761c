"""What was found out about a fit since it ended, in a project file: standard errors, the bootstrap of its table, merged
components.

All of it belongs to one iteration of one start; a fit of which another is kept has none, and then none is saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.session import FitResult
from emdesk.app.table_fit import table_of
from emdesk.em.merging import MergeStep
from emdesk.em.table_fit import BootstrapP
from emdesk.em.uncertainty import Uncertainty

Arrays = Mapping[str, NDArray[Any]]
BY_NAME = ("standard_errors", "intervals", "quantities")


def trust_document(
    result: FitResult, arrays: dict[str, NDArray[Any]], prefix: str
) -> dict[str, Any]:
    """What there is, by fixed names; numbers that need not be finite are put among `arrays`."""
    made: dict[str, Any] = {}
    if result.uncertainty is not None:
        made["uncertainty"] = _uncertainty_document(result.uncertainty, arrays, prefix)
    if result.table is not None and result.table.bootstrap is not None:
        made["table_bootstrap"] = vars(result.table.bootstrap)
    if result.merged is not None:
        step = result.merged
        made["merged"] = {
            "clusters": step.clusters,
            "entropy": step.entropy,
            "groups": [list(own) for own in step.groups],
            "merged": None if step.merged is None else list(step.merged),
        }
    return made


def with_trust(
    result: FitResult, document: Mapping[str, Any], arrays: Arrays, prefix: str
) -> FitResult:
    """The fit with what the document says was found out about it."""
    if (saved := document.get("uncertainty")) is not None:
        result = replace(result, uncertainty=_uncertainty(saved, arrays, prefix))
    if (shares := document.get("table_bootstrap")) is not None:
        table = table_of(result)
        if table is not None:
            result = replace(result, table=replace(table, bootstrap=BootstrapP(**shares)))
    if (step := document.get("merged")) is not None:
        pair = step["merged"]
        result = replace(
            result,
            merged=MergeStep(
                step["clusters"],
                step["entropy"],
                tuple(tuple(own) for own in step["groups"]),
                None if pair is None else (pair[0], pair[1]),
            ),
        )
    return result


def _uncertainty_document(
    found: Uncertainty, arrays: dict[str, NDArray[Any]], prefix: str
) -> dict[str, Any]:
    """Every field that is a word, a count or a list; what holds other numbers goes among the arrays."""
    made: dict[str, Any] = {}
    for name, value in vars(found).items():
        if isinstance(value, Mapping):
            for entry, numbers in value.items():
                arrays[f"{prefix}{name}_{entry}"] = np.asarray(numbers, dtype=np.float64)
        elif isinstance(value, float):
            arrays[f"{prefix}uncertainty_{name}"] = np.array(value)
        else:
            made[name] = list(value) if isinstance(value, tuple) else value
    return made


def _uncertainty(document: Mapping[str, Any], arrays: Arrays, prefix: str) -> Uncertainty:
    def under(first: str) -> dict[str, NDArray[Any]]:
        return {n.removeprefix(first): v for n, v in arrays.items() if n.startswith(first)}

    values: dict[str, Any] = {key: under(f"{prefix}{key}_") for key in BY_NAME}
    values |= {name: float(v) for name, v in under(f"{prefix}uncertainty_").items()}
    for name, value in document.items():
        values[name] = tuple(value) if isinstance(value, list) else value
    known = {one.name for one in fields(Uncertainty)}
    return Uncertainty(**{name: value for name, value in values.items() if name in known})
