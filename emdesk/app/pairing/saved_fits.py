"""The kept fits in a project file, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.pairing.kept import KeptFit
from emdesk.app.saved_result import result_document, result_from
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
) -> tuple[KeptFit, ...]:
    """The fits of a document. Raises an EMDeskError, and what a damaged document raises by itself."""
    return tuple(
        KeptFit(
            int(entry["number"]),
            str(entry["name"]),
            result_from(entry["result"], arrays, dataset, catalogue, f"kept_{entry['number']}_"),
        )
        for entry in document
    )
