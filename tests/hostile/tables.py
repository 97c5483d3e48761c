"""A hostile table, the list of all of them, and what most are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tests.hostile.forms import NAMES, Form, Taken, groups_of, harmless, shown

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns (d, n), with row weights (n,) where there are some; `words` says that every cell is a text. `components`
    is how many groups are sought. `groups` (n,) are the groups of the rows where they are plain to see."""

    columns: F64
    components: int = 2
    weights: F64 | None = None
    words: bool = False
    groups: NDArray[np.intp] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return NAMES[: len(self.columns)]


Maker = Callable[[Taken], Table]
HOSTILE: dict[str, Maker] = {}


def hostile(maker: Maker) -> Maker:
    """Put a data set into the battery, under the name of its function."""
    HOSTILE[maker.__name__] = maker
    return maker


def plain_table(taken: Taken) -> Table:
    is_plain = taken.form not in (Form.BINARY, Form.CATEGORY)
    return Table(shown(taken, harmless(taken)), groups=groups_of() if is_plain else None)


def times(taken: Taken, factor: float) -> Table:
    plain = plain_table(taken)
    return replace(plain, columns=plain.columns * factor)


def plus(taken: Taken, offset: float, factor: float = 1.0) -> Table:
    plain = plain_table(taken)
    return replace(plain, columns=plain.columns * factor + offset)


def with_cell(table: Table, column: int, row: int, value: float) -> Table:
    columns = table.columns.copy()
    columns[column, row] = value
    return replace(table, columns=columns)
