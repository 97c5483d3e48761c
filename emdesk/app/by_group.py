"""The same model fitted to each group of rows alone: one fit for every value of a column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from emdesk.app.exporting import export
from emdesk.app.model_spec import ModelSpec
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult
from emdesk.errors import DataProblem, Problem
from emdesk.io.safe_write import write_safely
from emdesk.io.writers.json_object import plain_json, write_json
from emdesk.model.dataset import Dataset
from emdesk.model.labels import labels_of
from emdesk.model.needs import Role
from emdesk.texts import say

GROUPS_JSON = "groups.json"
MOST_GROUPS = 1000
_UNSAFE = re.compile(r"[^\w.,+ -]+")


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of one group as data of their own; `folder` is what its export is called."""

    value: str
    dataset: Dataset
    folder: str


@dataclass(frozen=True, eq=False)
class GroupFit:
    """What became of one group: its fit, or the problem why there is none."""

    part: Part
    result: FitResult | None
    problem: Problem | None = None

    @property
    def is_sound(self) -> bool:
        return self.result is not None and self.result.is_sound


def group_column(spec: ModelSpec) -> str | None:
    """The column with the role group, None without one."""
    names = spec.roles.get(Role.GROUP, ())
    return names[0] if names else None


def without_group(spec: ModelSpec) -> ModelSpec:
    """The model of a single group."""
    roles: dict[Role, tuple[str, ...]] = {
        role: names for role, names in spec.roles.items() if role != Role.GROUP
    }
    return replace(spec, roles=roles)


def parts_of(dataset: Dataset, column: str) -> tuple[Part, ...]:
    """The rows of each value of a column, in the order of the values; rows without one are in no part."""
    codes, values = labels_of(dataset.column(column))
    if not values:
        raise DataProblem(say("groups.none", name=column), columns=(column,), where=dataset.name)
    if len(values) > MOST_GROUPS:
        raise DataProblem(
            say("groups.too_many", name=column, count=len(values), most=MOST_GROUPS),
            columns=(column,),
            where=dataset.name,
            remedy=say("groups.fewer"),
        )
    folders = _folders(values)
    made = []
    for code, value in enumerate(values):
        rows = np.flatnonzero(codes == code)
        columns = tuple(
            replace(
                c,
                values=c.values[rows],
                as_read={i: c.as_read[r] for i, r in enumerate(rows.tolist()) if r in c.as_read},
            )
            for c in dataset.columns
        )
        name = say("groups.part", name=dataset.name, column=column, value=value)
        made.append(Part(value, replace(dataset, columns=columns, name=name), folders[code]))
    return tuple(made)


def _folders(values: Sequence[str]) -> list[str]:
    """A name for each value that every file system takes; equal ones are numbered."""
    made: list[str] = []
    for value in values:
        plain = _UNSAFE.sub("_", value).strip(" .")[:80] or "_"
        name, number = plain, 2
        while name.lower() in {other.lower() for other in made}:
            name, number = f"{plain}_{number}", number + 1
        made.append(name)
    return made


def by_group_object(
    column: str, dataset: Dataset, fits: Sequence[GroupFit], notes: Sequence[str] = ()
) -> dict[str, Any]:
    """All fits by the value of their group, and the sums over the fits; a group without a fit has its problem."""
    groups = {fit.part.value: _one_object(fit, notes) for fit in fits}
    found = [made for fit, made in zip(fits, groups.values(), strict=True) if fit.result]
    made = {
        "group": column,
        "rows": dataset.rows,
        "rows_without_group": int(dataset.column(column).missing.sum()),
        "groups": groups,
        "log_likelihood": _sum(found, "log_likelihood"),
        "free_parameters": _sum(found, "free_parameters"),
        "aic": _sum(found, "aic"),
        "bic": _sum(found, "bic"),
        "sound": all(fit.is_sound for fit in fits),
    }
    plain: dict[str, Any] = plain_json(made)
    return plain


def _one_object(fit: GroupFit, notes: Sequence[str]) -> dict[str, Any]:
    if fit.result is None:
        assert fit.problem is not None
        return {"rows": fit.part.dataset.rows, "problem": fit.problem.sentence}
    return result_object(fit.result, notes)


def _sum(found: Sequence[Mapping[str, Any]], name: str) -> float | None:
    return sum(made[name] for made in found) if found else None


def export_by_group(
    folder: Path, made: Mapping[str, Any], fits: Sequence[GroupFit], draws: int = 0
) -> tuple[Path, ...]:
    """`groups.json` and a folder for each group with the files of its fit; returns the paths. Raises FileProblem."""
    paths: list[Path] = []
    for fit in fits:
        if fit.result is not None:
            paths += export(fit.result, folder / fit.part.folder, draws=draws)
    target = folder / GROUPS_JSON
    folder.mkdir(parents=True, exist_ok=True)
    write_safely(target, partial(write_json, value=made))
    return (*paths, target)
