"""The fits of all groups in a project file, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.group_fits import GroupFit, GroupFits
from emdesk.app.parts import Part, parts_of
from emdesk.app.saved_model import spec_document, spec_from
from emdesk.app.saved_result import result_document, result_from
from emdesk.app.saved_version import other_version
from emdesk.errors import EMDeskError, OtherVersion
from emdesk.model.dataset import Dataset
from emdesk.texts import say


def groups_document(groups: GroupFits, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """The groups as plain names and numbers, the arrays of their fits among `arrays`."""
    return {
        "column": groups.column,
        "model": spec_document(groups.spec),
        "chosen": groups.chosen,
        "fits": [
            _fit_document(place, fit, arrays)
            for place, fit in enumerate(groups.fits)
            if fit is not None
        ],
    }


def _fit_document(place: int, fit: GroupFit, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {"group": fit.part.value}
    if fit.result is not None:
        made["result"] = result_document(fit.result, arrays, _prefix(place))
    if fit.problem is not None:
        problem = fit.problem
        made["problem"] = {"what": problem.what, "where": problem.where, "remedy": problem.remedy}
    return made


def _prefix(place: int) -> str:
    return f"group_{place}_"


def groups_from(
    document: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    dataset: Dataset,
    catalogue: Catalogue,
) -> GroupFits:
    """The groups of a document; run 0 is that of no window. Raises an EMDeskError, and what a damaged document raises
    by itself."""
    parts = parts_of(dataset, document["column"])
    saved = {entry["group"]: entry for entry in document["fits"]}
    fits = tuple(
        _fit(part, saved[part.value], arrays, catalogue, _prefix(place))
        if part.value in saved
        else None
        for place, part in enumerate(parts)
    )
    spec = spec_from(document["model"], catalogue)
    chosen = document["chosen"]
    return GroupFits(0, document["column"], dataset, spec, parts, fits, chosen)


def _fit(
    part: Part,
    entry: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    catalogue: Catalogue,
    prefix: str,
) -> GroupFit:
    saved, problem = entry.get("result"), entry.get("problem")
    if saved is not None:
        try:
            return GroupFit(part, result_from(saved, arrays, part.dataset, catalogue, prefix))
        except OtherVersion:
            return GroupFit(
                part, None, other_version(say("project.fit_of_group", group=part.words))
            )
    if problem is None:
        return GroupFit(part, None)
    told = EMDeskError(problem["what"], where=problem["where"], remedy=problem["remedy"])
    return GroupFit(part, None, told)
