"""The rows that a law is given: modelled columns with their missing cells, and what the law asked for besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emdesk.model.held import NOTHING_HELD, Held
from emdesk.model.needs import Role

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Modelled `columns` (d, n) in the analyst's units, NaN where a cell is missing, with their `names`.

    `weights` (n,) are the row weights, or None if every row counts once; `row_numbers` (n,) the rows of the file,
    counted from 0. `categories` holds for each column the names of its categories if it is text (its values are the
    codes), else (). `roles` are the columns (q, n) that were given to the roles that the law asks for, and
    `role_names` and `role_categories` their names and categories. `held` are the parameters that stay as they are,
    `groups` is how many groups there are.
    """

    columns: F64
    names: tuple[str, ...]
    row_numbers: NDArray[np.intp]
    weights: F64 | None = None
    categories: tuple[tuple[str, ...], ...] = ()
    roles: Mapping[Role, F64] = field(default_factory=dict)
    role_names: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    role_categories: Mapping[Role, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    held: Held = NOTHING_HELD
    groups: int = 1

    @property
    def missing(self) -> NDArray[np.bool_]:
        """(d, n) True where a cell is missing."""
        return np.isnan(self.columns)

    def categories_of(self, column: int) -> tuple[str, ...]:
        """The names of the categories of a text column, () for numbers."""
        return self.categories[column] if self.categories else ()


def plain_rows(
    columns: F64,
    names: tuple[str, ...] | None = None,
    weights: F64 | None = None,
    row_numbers: NDArray[np.intp] | None = None,
) -> Rows:
    """Rows of numeric columns (d, n) alone."""
    d, n = columns.shape
    named = tuple(f"x{j + 1}" for j in range(d)) if names is None else names
    numbers = np.arange(n) if row_numbers is None else row_numbers
    return Rows(columns, named, numbers, weights)
