"""Immutable columns with a missing mask, as a reader made them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.texts import say

F64 = NDArray[np.float64]


class Kind(StrEnum):
    """The level of measurement of a column."""

    CONTINUOUS = "continuous"
    COUNT = "count"
    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    TIME = "time"


NUMERIC_KINDS = frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.TIME})


@dataclass(frozen=True, eq=False)
class Column:
    """One column.

    `values` is float64 (n,) with NaN where missing for continuous, count, time and numeric ordinal
    columns; for text columns it holds the code of the category, an index into `categories`, NaN where
    missing. `categories` is empty exactly when the column is numeric.
    `as_read` keeps the text of the cells that could not be read as values (row -> text) and `missing_word` the
    word that stood for a missing cell, so that an export gives back what was read. `unit` is the unit of its
    values where it is known.
    """

    name: str
    kind: Kind
    values: F64
    categories: tuple[str, ...] = ()
    missing_word: str = ""
    as_read: dict[int, str] = field(default_factory=dict)
    unit: str = ""

    def __post_init__(self) -> None:
        self.values.flags.writeable = False

    @property
    def is_numeric(self) -> bool:
        return not self.categories

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """(n,) True where the cell is missing."""
        return np.isnan(self.values)

    @cached_property
    def missing_count(self) -> int:
        return int(self.missing.sum())

    @cached_property
    def distinct(self) -> int:
        """How many different values there are, missing ones aside."""
        return int(np.unique(self.values[~self.missing]).size)

    @cached_property
    def is_whole(self) -> bool:
        """Whether every value is a whole number (text columns never are)."""
        seen = self.values[~self.missing]
        return self.is_numeric and bool(np.all(np.isfinite(seen)) and np.all(seen == np.rint(seen)))

    def text(self, row: int) -> str:
        """The cell as it is written to an export: the shortest text that reads back the same."""
        if row in self.as_read:
            return self.as_read[row]
        value = self.values[row]
        if np.isnan(value):
            return self.missing_word
        if self.categories:
            return self.categories[int(value)]
        if self.is_whole and abs(value) < 2**53:
            return str(int(value))
        return repr(float(value)).removesuffix(".0")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Columns of equal length, in the order of the file. `name` is shown, `source` says where it is from."""

    columns: tuple[Column, ...]
    name: str = ""
    source: str = ""

    @property
    def rows(self) -> int:
        return len(self.columns[0].values) if self.columns else 0

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def has(self, name: str) -> bool:
        return name in self.names

    def column(self, name: str) -> Column:
        """The column called `name`; a DataProblem that lists the names there are, if there is none."""
        try:
            return self.columns[self.names.index(name)]
        except ValueError:
            raise DataProblem(
                say("data.no_such_column", name=name),
                columns=(name,),
                where=self.name,
                remedy=say("data.columns_there_are", names=", ".join(self.names)),
            ) from None

    def numeric_names(self) -> tuple[str, ...]:
        """The columns a numeric law can use, in file order."""
        return tuple(c.name for c in self.columns if c.is_numeric)

    def complete(self, names: Iterable[str]) -> NDArray[np.bool_]:
        """(n,) True where none of the named columns is missing."""
        mask = np.ones(self.rows, dtype=bool)
        for name in names:
            mask &= ~self.column(name).missing
        return mask

    def with_kind(self, name: str, kind: Kind) -> Dataset:
        """The same data with one column's kind changed."""
        changed = tuple(replace(c, kind=kind) if c.name == name else c for c in self.columns)
        return replace(self, columns=changed)


def from_arrays(
    name: str, arrays: Sequence[tuple[str, F64]], kind: Kind = Kind.CONTINUOUS
) -> Dataset:
    """A dataset of numeric columns made in memory (simulation, tests)."""
    columns = tuple(Column(n, kind, np.array(v, dtype=np.float64)) for n, v in arrays)
    return Dataset(columns, name)
