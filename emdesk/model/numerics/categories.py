"""Columns of categories kept as places in a few tables.

The categories of several columns together are one place in a table: seven columns of yes, no or missing have 2187 of
them. A law then works out one log density for every place once a sweep and the rows only look it up; the sums for its
M-step are weighted histograms over the places, taken apart by column afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from emdesk.model.law import Workspace

F64 = NDArray[np.float64]
Codes = NDArray[np.intp]
MOST_PLACES = 4096
"""Tables of this size stay in the cache of one processor core for a few groups."""
NO_LOG = 1e-300
"""Logarithms are taken of no less: a category that a group never has is impossible, but its logarithm is a number."""


@dataclass(frozen=True, eq=False)
class CategoryTallies:
    """Effective rows (K,) and how many of them have each category, (K, d, C)."""

    counts: F64
    cells: F64

    def __add__(self, other: Self) -> CategoryTallies:
        return CategoryTallies(self.counts + other.counts, self.cells + other.cells)

    def scaled(self, factor: float) -> CategoryTallies:
        """Both times a factor."""
        return CategoryTallies(factor * self.counts, factor * self.cells)


@dataclass(frozen=True, eq=False)
class Categories:
    """The values (d, C) of the categories of each column, rising; where a column has fewer than C its last value is
    repeated. `sizes` (d,) are how many it has.

    A cell that is missing has the place after the last category; a row with any other cell is marked by a row more in
    what `encode` makes, which rows of a fit never need.
    """

    values: F64
    sizes: Codes

    @cached_property
    def real(self) -> NDArray[np.bool_]:
        """(d, C) True where there is a category, False where its row is only filled up."""
        return np.asarray(np.arange(self.values.shape[1]) < self.sizes[:, None])

    @cached_property
    def packs(self) -> tuple[slice, ...]:
        """Neighbouring columns that share a table."""
        made, first, places = [], 0, 1
        for j, size in enumerate(self.sizes):
            if j > first and places * (size + 1) > MOST_PLACES:
                made.append(slice(first, j))
                first, places = j, 1
            places *= int(size) + 1
        return (*made, slice(first, len(self.sizes)))

    def shape_of(self, pack: slice) -> tuple[int, ...]:
        """Categories and one place for a missing cell, of each column of a pack."""
        return tuple(int(size) + 1 for size in self.sizes[pack])

    def places(self, columns: F64) -> Codes:
        """(d, n) the place of every cell among its column's categories, `sizes` where it is missing, -1 where it is
        none of them."""
        made = np.empty(columns.shape, dtype=np.intp)
        for j, cells in enumerate(columns):
            known = self.values[j, : self.sizes[j]]
            found = np.minimum(np.searchsorted(known, cells), self.sizes[j] - 1)
            made[j] = np.where(known[found] == cells, found, -1)
            made[j, np.isnan(cells)] = self.sizes[j]
        return made

    def encode(self, columns: F64) -> F64:
        """(packs, n) places in the tables, and a row of marks where some cell is no category."""
        places = self.places(columns)
        strange = (places < 0).any(axis=0)
        inside = np.where(places < 0, 0, places)
        rows = [
            np.ravel_multi_index(tuple(inside[pack]), self.shape_of(pack)).astype(np.float64)
            for pack in self.packs
        ]
        if strange.any():
            rows.append(strange.astype(np.float64))
        return np.stack(rows)

    def decode(self, encoded: F64) -> Codes:
        """(d, m) the place of every cell among its column's categories, `sizes` where it is missing."""
        parts = [
            np.stack(np.unravel_index(codes.astype(np.intp), self.shape_of(pack)))
            for codes, pack in zip(encoded, self.packs, strict=False)
        ]
        return np.concatenate(parts)

    def cells(self, encoded: F64) -> F64:
        """(d, m) the values of encoded rows, NaN where missing."""
        places = self.decode(encoded)
        inside = np.minimum(places, self.sizes[:, None] - 1)
        found = np.take_along_axis(self.values, inside, axis=1)
        return np.where(places < self.sizes[:, None], found, np.nan)

    def indicators(self, encoded: F64) -> F64:
        """(D, m) one coordinate for each category, two categories at distance 1; NaN where the cell is missing."""
        places = self.decode(encoded)
        made = []
        for j, size in enumerate(self.sizes):
            is_here = (places[j] == np.arange(size)[:, None]).astype(np.float64)
            is_here[:, places[j] == size] = np.nan
            made.append(is_here / np.sqrt(2))
        return np.concatenate(made)

    def tables(self, logs: F64, offsets: F64) -> list[F64]:
        """The log densities (K, V) of every place of every pack, from those of the categories (K, d, C)."""
        made = []
        for number, pack in enumerate(self.packs):
            table = offsets[:, None] if number == 0 else np.zeros((len(logs), 1))
            for j in range(pack.start, pack.stop):
                size = self.sizes[j]
                column = np.append(logs[:, j, :size], np.zeros((len(logs), 1)), axis=1)
                table = (table[:, :, None] + column[:, None, :]).reshape(len(logs), -1)
            made.append(np.ascontiguousarray(table))
        return made

    def tally(self, codes: Codes, members: F64) -> CategoryTallies:
        """How many rows of members (K, m) have each category; missing cells count nowhere."""
        groups = len(members)
        cells = np.zeros((groups, *self.values.shape))
        for places, pack in zip(codes, self.packs, strict=False):
            shape = self.shape_of(pack)
            length = int(np.prod(shape))
            found = np.stack([np.bincount(places, m, length) for m in members])
            table = found.reshape(groups, *shape)
            axes = tuple(range(1, len(shape) + 1))
            for axis, j in zip(axes, range(pack.start, pack.stop), strict=True):
                others = tuple(a for a in axes if a != axis)
                cells[:, j, : self.sizes[j]] = table.sum(axis=others)[:, :-1]
        return CategoryTallies(members.sum(axis=1), cells)


def codes_of(encoded: F64, work: Workspace) -> Codes:
    """Encoded rows as whole numbers, in a buffer of `work`."""
    codes = work.array("categories.codes", *encoded.shape).view(np.int64)
    np.copyto(codes, encoded, casting="unsafe")
    return codes


def look_up(codes: Codes, tables: Sequence[F64], out: F64, work: Workspace) -> None:
    """Write the sum of the tables at the places of encoded rows into out (K, m)."""
    for number, table in enumerate(tables):
        found = out if number == 0 else work.array("categories.found", *out.shape)
        for k, logs in enumerate(table):
            np.take(logs, codes[number], out=found[k], mode="clip")
        if number:
            out += found
    if len(codes) > len(tables):
        out[:, codes[-1] > 0] = -np.inf


def categories_of(lists: Sequence[F64]) -> Categories:
    """Categories from the rising values of each column."""
    sizes = np.array([len(values) for values in lists], dtype=np.intp)
    most = int(sizes.max())
    values = np.stack([np.append(v, np.full(most - len(v), v[-1])) for v in lists])
    return Categories(values, sizes)


def sizes_of(values: F64) -> Codes:
    """(d,) how many categories there are in `values` (d, C) whose last one may be repeated."""
    return np.asarray(1 + (np.diff(values, axis=1) > 0).sum(axis=1), dtype=np.intp)
