"""The kept fits in a project file, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.pairing.kept import KeptFit
from emdesk.app.saved_result import result_document, result_from
from emdesk.errors import OtherVersion
from emdesk.model.dataset import Dataset


def kept_document(kept: Sequence[KeptFit], arrays: dict[str, NDArray[Any]]) -> list[dict[str, Any]]:
    """The fits as plain names and numbers, their arrays among `arrays`."""
    return [
        {
            "number": one.number,
            "name": one.name,
            "result": result_document(one.result, arrays, f"kept_{one.number}_"),
        }
        for one in kept
    ]


def kept_from(
    document: Sequence[Mapping[str, Any]],
    arrays: Mapping[str, NDArray[Any]],
    dataset: Dataset,
    catalogue: Catalogue,
) -> tuple[tuple[KeptFit, ...], tuple[str, ...]]:
    """The fits of a document, and the names of those that another version made. Raises an EMDeskError, and what a
    damaged document raises by itself."""
    found, aside = [], []
    for entry in document:
        number, name = int(entry["number"]), str(entry["name"])
        try:
            result = result_from(entry["result"], arrays, dataset, catalogue, f"kept_{number}_")
        except OtherVersion:
            aside.append(name)
        else:
            found.append(KeptFit(number, name, result))
    return tuple(found), tuple(aside)
