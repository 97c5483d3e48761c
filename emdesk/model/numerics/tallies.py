"""Rows of counts kept as places in their column's list of distinct values.

A law for counts has one log density for each distinct value: it is worked out once a sweep in a table, and the rows
only look it up. In the same way the sums for its M-step are weighted histograms over the distinct values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from emdesk.model.law import Workspace
from emdesk.model.numerics.counts import LARGEST, are_counts

F64 = NDArray[np.float64]
Codes = NDArray[np.intp]
NO_COUNT = 2 * LARGEST


@dataclass(frozen=True, eq=False)
class Tallies:
    """Effective rows (K,) and how many of them hold each distinct value, (K, D), column after column."""

    counts: F64
    cells: F64

    def __add__(self, other: Self) -> Tallies:
        return Tallies(self.counts + other.counts, self.cells + other.cells)

    def scaled(self, factor: float) -> Tallies:
        """Both times a factor."""
        return Tallies(factor * self.counts, factor * self.cells)


@dataclass(frozen=True, eq=False)
class DistinctValues:
    """The distinct values of each column, rising, one after the other in `values` (D,); `edges` (d + 1,) part them."""

    values: F64
    edges: NDArray[np.intp]

    @property
    def columns(self) -> int:
        return len(self.edges) - 1

    def of(self, column: int) -> F64:
        """The distinct values of one column."""
        return self.values[self.edges[column] : self.edges[column + 1]]

    @cached_property
    def column_of_value(self) -> NDArray[np.intp]:
        """(D,) the column of each value."""
        return np.repeat(np.arange(self.columns), np.diff(self.edges))

    def encode(self, columns: F64) -> F64:
        """(d, n) the place of every cell among its column's distinct values, for a missing one the place behind them;
        a cell that is none of them is kept as minus its value less 1, and one that is no count as minus NO_COUNT less
        1."""
        made = np.empty_like(columns)
        for j, cells in enumerate(columns):
            values = self.of(j)
            places = np.minimum(np.searchsorted(values, cells), len(values) - 1)
            other = -1.0 - np.where(are_counts(cells), cells, NO_COUNT)
            made[j] = np.where(values[places] == cells, places, other)
            made[j, np.isnan(cells)] = len(values)
        return made

    def decode(self, encoded: F64) -> F64:
        """(d, m) the cells of encoded rows, NaN where missing."""
        lists = [np.append(self.of(j), np.nan) for j in range(self.columns)]
        return np.stack(
            [
                np.where(codes < 0, -1.0 - codes, values[np.maximum(codes, 0).astype(np.intp)])
                for values, codes in zip(lists, encoded, strict=True)
            ]
        )

    def per_column(self, cells: F64) -> F64:
        """(K, d) the sums of (K, D) over the values of each column."""
        return np.asarray(np.add.reduceat(cells, self.edges[:-1], axis=1))

    def shares(self, columns: F64, weights: F64 | None) -> F64:
        """(D,) the share of each distinct value among the observed cells (d, n) of its column, by row weights (n,)."""
        codes = self.encode(columns).astype(np.intp)
        members = np.ones(columns.shape[1]) if weights is None else weights
        cells = self.tally(codes, members[None]).cells
        return np.asarray((cells / self.per_column(cells)[:, self.column_of_value])[0])

    def tally(self, codes: Codes, members: F64) -> Tallies:
        """The weighted histograms of rows (d, m) for members (K, m)."""
        cells = np.empty((len(members), len(self.values)))
        for j, places in enumerate(codes):
            a, b = int(self.edges[j]), int(self.edges[j + 1])
            for k, weights in enumerate(members):
                cells[k, a:b] = np.bincount(places, weights, b - a)[: b - a]
        return Tallies(members.sum(axis=1), cells)


def distinct_values(columns: F64) -> DistinctValues:
    """The distinct values of columns (d, n), missing cells (NaN) left out."""
    lists = [np.unique(cells[~np.isnan(cells)]) for cells in columns]
    sizes = [len(values) for values in lists]
    return DistinctValues(np.concatenate(lists), np.concatenate([[0], np.cumsum(sizes)]))


def codes_of(encoded: F64, work: Workspace) -> Codes:
    """Encoded rows (d, m) as whole numbers, in a buffer of `work`."""
    codes = work.array("tallies.codes", *encoded.shape).view(np.int64)
    np.copyto(codes, encoded, casting="unsafe")
    return codes


Table = Callable[[F64, int], F64]
"""Log densities (K, V) of values (V,) in one column."""


def look_up(codes: Codes, tables: Sequence[F64], beyond: Table, out: F64, work: Workspace) -> None:
    """Write the sum over columns of `tables[j][:, codes[j]]` into out (K, m); `beyond` is asked for cells that are
    not among the distinct values."""
    for j, places in enumerate(codes):
        found = out if j == 0 else work.array("tallies.found", *out.shape)
        np.take(tables[j], places, axis=1, out=found, mode="clip")
        if places.min() < 0:
            new = places < 0
            found[:, new] = beyond(-1.0 - places[new], j)
        if j:
            out += found
