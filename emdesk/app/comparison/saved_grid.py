"""The grid of models in a project file, with every fit in it, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.comparison.cells import COMPARED_BY, Agreement, Cell
from emdesk.app.comparison.exploration import Exploration
from emdesk.app.comparison.outcome import Comparison
from emdesk.app.comparison.places import GridSpec, Place
from emdesk.app.phase import Phase
from emdesk.app.saved_model import spec_document, spec_from
from emdesk.app.saved_result import result_document, result_from
from emdesk.em.cross_validation import CrossValidation
from emdesk.em.selection import Criteria
from emdesk.em.stopping import Stop
from emdesk.errors import OtherVersion
from emdesk.io.writers.json_object import plain_json
from emdesk.model.dataset import Dataset

Arrays = dict[str, NDArray[Any]]


def grid_document(shown: Exploration, arrays: Arrays) -> dict[str, Any] | None:
    """What is done of a grid as plain names and numbers, its arrays among `arrays`; None where nothing is."""
    made, base = shown.comparison, shown.base
    if made is None or base is None:
        return None
    grid = made.grid
    return {
        "low": shown.low,
        "high": shown.high,
        "wanted": shown.varied,
        "criterion": shown.criterion,
        "larger_is_better": shown.larger_is_better,
        "chosen": _place_document(shown.chosen),
        "marked": [_place_document(place) for place in shown.marked],
        "model": spec_document(base),
        "grid_model": spec_document(grid.base),
        "counts": list(grid.counts),
        "varied": grid.varied,
        "variants": list(grid.variants),
        "labels": list(grid.labels),
        "seconds": made.seconds,
        "cells": [
            _cell_document(cell, f"cell_{number}", arrays)
            for number, cell in enumerate(made.cells.values())
        ],
    }


def grid_from(
    document: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    dataset: Dataset,
    catalogue: Catalogue,
) -> tuple[Exploration, int]:
    """The grid of a document, and how many of its fits another version made, whose places are empty; what was under way
    when it was saved is stopped. Raises an EMDeskError, and what a damaged document raises by itself."""
    grid = GridSpec(
        spec_from(document["grid_model"], catalogue),
        tuple(int(count) for count in document["counts"]),
        document["varied"],
        tuple(document["variants"]),
        tuple(document["labels"]),
    )
    cells = {}
    for number, entry in enumerate(document["cells"]):
        with suppress(OtherVersion):
            cell = _cell(entry, f"cell_{number}", arrays, dataset, catalogue)
            cells[cell.place] = cell
    made = Comparison(grid, cells, float(document["seconds"]))
    criterion, chosen = document["criterion"], _place(document["chosen"])
    marked = [_place(entry) for entry in document["marked"]]
    explored = Exploration(
        low=int(document["low"]),
        high=int(document["high"]),
        varied=document["wanted"],
        criterion=criterion if criterion in COMPARED_BY else COMPARED_BY[0],
        larger_is_better=bool(document["larger_is_better"]),
        phase=Phase.DONE,
        dataset=dataset,
        base=spec_from(document["model"], catalogue),
        comparison=made,
        is_filled=len(cells) == len(grid.places),
        chosen=chosen if chosen in cells else None,
        marked=tuple(place for place in marked if place is not None and place in cells),
    )
    return explored, len(document["cells"]) - len(cells)


def _place_document(place: Place | None) -> list[Any] | None:
    return None if place is None else [place.components, place.variant]


def _place(entry: Any) -> Place | None:
    return None if entry is None else Place(int(entry[0]), str(entry[1]))


def _cell_document(cell: Cell, name: str, arrays: Arrays) -> dict[str, Any]:
    own: Arrays = {}
    result = cell.result
    saved = None if result is None else result_document(result, own)
    made: dict[str, Any] = {
        "place": _place_document(cell.place),
        "model": spec_document(cell.spec),
        "made": plain_json(cell.made),
        "criteria": None if cell.criteria is None else _numbers(asdict(cell.criteria)),
        "agreement": asdict(cell.agreement),
        "is_sound": cell.is_sound,
        "stop": None if cell.stop is None else cell.stop.value,
        "objective": _number(cell.objective),
        "log_likelihood": _number(cell.log_likelihood),
        "free_parameters": cell.free_parameters,
        "refusal": cell.refusal,
        "stop_sentence": cell.stop_sentence,
        "is_below": cell.is_below,
        "started_from": _place_document(cell.started_from),
        "result": saved,
    }
    found = cell.cross_validation
    made["cross_validation"] = None if found is None else _numbers(asdict(found))
    if saved is not None:
        made["arrays"], arrays[name] = packed(own)
    return made


def _cell(
    entry: Mapping[str, Any],
    name: str,
    arrays: Mapping[str, NDArray[Any]],
    dataset: Dataset,
    catalogue: Catalogue,
) -> Cell:
    place = _place(entry["place"])
    assert place is not None
    saved = entry["result"]
    result = None
    if saved is not None:
        result = result_from(saved, unpacked(entry["arrays"], arrays[name]), dataset, catalogue)
    found = entry["cross_validation"]
    return Cell(
        place=place,
        spec=spec_from(entry["model"], catalogue),
        result=result,
        made=dict(entry["made"]),
        criteria=None if entry["criteria"] is None else Criteria(**_with_nan(entry["criteria"])),
        agreement=Agreement(**entry["agreement"]),
        is_sound=bool(entry["is_sound"]),
        stop=None if entry["stop"] is None else Stop(entry["stop"]),
        objective=_or_nan(entry["objective"]),
        log_likelihood=_or_nan(entry["log_likelihood"]),
        free_parameters=entry["free_parameters"],
        refusal=entry["refusal"],
        stop_sentence=entry["stop_sentence"],
        is_below=bool(entry["is_below"]),
        started_from=_place(entry["started_from"]),
        cross_validation=None if found is None else CrossValidation(**_with_nan(found)),
    )


def _number(value: float) -> float | None:
    """JSON has no NaN."""
    return value if math.isfinite(value) else None


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _number(v) if isinstance(v, float) else v for k, v in values.items()}


def _with_nan(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: math.nan if v is None else v for k, v in values.items()}


def packed(arrays: Mapping[str, NDArray[Any]]) -> tuple[list[list[Any]], NDArray[np.float64]]:
    """Many small arrays as one, and what is where: a file with thousands of arrays would be slow to open. Whole numbers
    below 2^53 and truth values keep their exact value as floats."""
    index = [[name, list(value.shape), value.dtype.str] for name, value in arrays.items()]
    parts = [np.asarray(value, dtype=np.float64).ravel() for value in arrays.values()]
    return index, np.concatenate(parts) if parts else np.empty(0)


def unpacked(index: list[list[Any]], together: NDArray[Any]) -> Arrays:
    """The arrays that were packed."""
    found: Arrays = {}
    begin = 0
    for name, shape, dtype in index:
        size = math.prod(shape)
        if begin + size > len(together):
            raise ValueError(name)
        found[name] = together[begin : begin + size].reshape(shape).astype(np.dtype(dtype))
        begin += size
    return found
