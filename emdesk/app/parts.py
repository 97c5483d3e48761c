"""The rows of each group as data of their own: one part for every value of the column with the role group."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emdesk.app.model_spec import ModelSpec
from emdesk.errors import DataProblem
from emdesk.model.dataset import Column, Dataset
from emdesk.model.family import Family
from emdesk.model.labels import labels_of
from emdesk.model.needs import Role
from emdesk.texts import say

Rows = NDArray[np.intp]
MOST_GROUPS = 1000
GROUPS_JSON, GROUPS_CSV = "groups.json", "groups.csv"
GROUP_PARAMETERS_CSV, GROUP_LABELS_CSV = "group_parameters.csv", "group_labels.csv"
"""The files of an export that are about all groups; the folders of the groups stand beside them."""
_UNSAFE = re.compile(r"[^\w.,+ -]+")


@dataclass(frozen=True, eq=False)
class PartRows(Dataset):
    """The rows in which a column of a larger dataset has one value."""

    column_of_group: str = ""
    value_of_group: str = ""


@dataclass(frozen=True, eq=False)
class Part:
    """The rows (m,) of the file `whole` in which `column` has one value; `folder` is what its export is called."""

    value: str
    rows: Rows
    folder: str
    column: str
    whole: Dataset

    @cached_property
    def dataset(self) -> PartRows:
        """The rows as data of their own, made when they are first asked for."""
        return PartRows(
            tuple(_taken(column, self.rows) for column in self.whole.columns),
            say("groups.part", name=self.whole.name, column=self.column, value=self.value),
            self.whole.source,
            self.column,
            self.value,
        )

    @property
    def words(self) -> str:
        """Which group it is, such as species = Adelie."""
        return say("groups.one", column=self.column, value=self.value)


def _taken(column: Column, rows: Rows) -> Column:
    as_read = {}
    for row, text in column.as_read.items():
        place = int(np.searchsorted(rows, row))
        if place < len(rows) and rows[place] == row:
            as_read[place] = text
    return replace(column, values=column.values[rows], as_read=as_read)


def offered_roles(family: Family) -> tuple[Role, ...]:
    """The roles that a column can be given: those of the family, and group, which every model takes."""
    return (*family.roles, *(() if Role.GROUP in family.roles else (Role.GROUP,)))


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


def group_values(dataset: Dataset, column: str) -> tuple[str, ...]:
    """The groups in their order; a DataProblem where there is none, or where there are too many to fit each."""
    _, values = labels_of(dataset.column(column))
    if not values:
        raise DataProblem(say("groups.none", name=column), columns=(column,), where=dataset.name)
    if len(values) > MOST_GROUPS:
        raise DataProblem(
            say("groups.too_many", name=column, count=len(values), most=MOST_GROUPS),
            columns=(column,),
            where=dataset.name,
            remedy=say("groups.fewer"),
        )
    return values


def parts_of(dataset: Dataset, column: str) -> tuple[Part, ...]:
    """The rows of each value of a column, in the order of the values; rows without one are in no part."""
    values = group_values(dataset, column)
    codes, _ = labels_of(dataset.column(column))
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(len(values) + 1))
    folders = _folders(values)
    return tuple(
        Part(value, order[ends[code] : ends[code + 1]], folders[code], column, dataset)
        for code, value in enumerate(values)
    )


def part_of(dataset: Dataset, column: str, value: str) -> Part:
    """The rows of one value of a column. Raises DataProblem where there is none."""
    for part in parts_of(dataset, column):
        if part.value == value:
            return part
    raise DataProblem(
        say("groups.gone", column=column, value=value), columns=(column,), where=dataset.name
    )


def _folders(values: Sequence[str]) -> list[str]:
    """A name for each value that every file system takes; equal ones are numbered."""
    made: list[str] = []
    taken = {GROUPS_JSON, GROUPS_CSV, GROUP_PARAMETERS_CSV, GROUP_LABELS_CSV}
    for value in values:
        plain = _UNSAFE.sub("_", value).strip(" .")[:80] or "_"
        name, number = plain, 2
        while name.lower() in taken:
            name, number = f"{plain}_{number}", number + 1
        made.append(name)
        taken.add(name.lower())
    return made
