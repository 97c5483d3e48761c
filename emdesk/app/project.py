"""A project: the data, how they were read, the model and its result, as one file and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.comparison.exploration import Exploration
from emdesk.app.comparison.saved_grid import grid_document, grid_from
from emdesk.app.group_fits import GroupFits
from emdesk.app.model_spec import ModelSpec
from emdesk.app.pairing.kept import KeptFit
from emdesk.app.pairing.saved_fits import kept_document, kept_from
from emdesk.app.saved_groups import groups_document, groups_from
from emdesk.app.saved_model import spec_document, spec_from
from emdesk.app.saved_result import result_document, result_from
from emdesk.app.saved_version import other_version
from emdesk.app.session import FitResult
from emdesk.errors import EMDeskError, FileProblem, OtherVersion
from emdesk.io.project_file import ProjectFile, read_project, write_project
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.texts import say, say_count

KNOWN = frozenset({"format", "dataset", "reading", "model", "result", "grid", "kept", "groups"})
"""The keys of a project document that this version knows."""


@dataclass(frozen=True, eq=False)
class Project:
    """What a project file holds. `groups` are the fits by group, in the place of `result`. `reading` is how the data
    were read, `other` the keys this version does not know; `exploration` is the grid of models, `kept` are the fits
    that were kept to be compared. `set_aside` says in sentences which fits another version made."""

    dataset: Dataset
    spec: ModelSpec
    result: FitResult | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)
    other: Mapping[str, Any] = field(default_factory=dict)
    exploration: Exploration | None = None
    kept: tuple[KeptFit, ...] = ()
    groups: GroupFits | None = None
    set_aside: tuple[str, ...] = ()


def save_project(path: Path | str, project: Project) -> None:
    """Write the project safely."""
    arrays: dict[str, NDArray[Any]] = {}
    document: dict[str, Any] = {
        **project.other,
        "dataset": _dataset_document(project.dataset, arrays),
        "reading": dict(project.reading),
        "model": spec_document(project.spec),
        "result": None if project.result is None else result_document(project.result, arrays),
    }
    if project.exploration is not None:
        document["grid"] = grid_document(project.exploration, arrays)
    if project.groups is not None:
        document["groups"] = groups_document(project.groups, arrays)
    document["kept"] = kept_document(project.kept, arrays)
    write_project(path, ProjectFile(document, arrays))


def open_project(path: Path | str, catalogue: Catalogue) -> Project:
    """Read a project; a FileProblem says what cannot be read."""
    file = read_project(path)
    document = file.document
    try:
        return _project(document, file.arrays, catalogue)
    except EMDeskError as problem:
        raise FileProblem(problem.what, where=str(path), remedy=problem.remedy) from None
    except (KeyError, TypeError, ValueError, IndexError):
        raise FileProblem(
            say("project.damaged"), where=str(path), remedy=say("project.try_copy")
        ) from None


def _project(
    document: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], catalogue: Catalogue
) -> Project:
    dataset = _dataset(document["dataset"], arrays)
    aside: list[OtherVersion] = []
    result = explored = groups = None
    if (saved := document.get("result")) is not None:
        try:
            result = result_from(saved, arrays, dataset, catalogue)
        except OtherVersion as problem:
            aside.append(problem)
    if (grid := document.get("grid")) is not None:
        explored, gone = grid_from(grid, arrays, dataset, catalogue)
        if gone:
            aside.append(other_version(say_count("project.fits_of_grid", gone)))
    if (by_group := document.get("groups")) is not None:
        groups = groups_from(by_group, arrays, dataset, catalogue)
        aside += [g.problem for g in groups.done if isinstance(g.problem, OtherVersion)]
    kept, of_others = kept_from(document.get("kept") or (), arrays, dataset, catalogue)
    aside += [other_version(say("project.kept_fit", name=name)) for name in of_others]
    return Project(
        dataset,
        spec_from(document["model"], catalogue),
        result,
        document.get("reading") or {},
        {key: value for key, value in document.items() if key not in KNOWN},
        explored,
        kept,
        groups,
        tuple(problem.sentence for problem in aside),
    )


def _dataset_document(dataset: Dataset, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    columns = []
    for position, column in enumerate(dataset.columns):
        arrays[f"column_{position}"] = column.values
        columns.append(
            {
                "name": column.name,
                "kind": column.kind.value,
                "categories": list(column.categories),
                "missing_word": column.missing_word,
                "unit": column.unit,
                "as_read": {str(row): text for row, text in column.as_read.items()},
            }
        )
    return {"name": dataset.name, "source": dataset.source, "columns": columns}


def _dataset(document: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Dataset:
    columns = tuple(
        Column(
            entry["name"],
            Kind(entry["kind"]),
            np.array(arrays[f"column_{position}"], dtype=np.float64),
            tuple(entry["categories"]),
            entry["missing_word"],
            {int(row): text for row, text in entry["as_read"].items()},
            entry.get("unit", ""),
        )
        for position, entry in enumerate(document["columns"])
    )
    return Dataset(columns, document["name"], document["source"])
