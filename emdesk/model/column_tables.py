"""Columnwise laws of few distinct values: one log density for each value of a column, which the rows look up.

The sums for the M-step are weighted histograms over the distinct values, so that a sweep costs the same whatever the
density is. A missing cell is one value more, whose log density is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.columnwise import ColumnConstants, ColumnwiseLaw
from emdesk.model.law import Workspace
from emdesk.model.numerics.tallies import Codes, DistinctValues, Tallies, codes_of, look_up
from emdesk.model.rows import Rows

F64 = NDArray[np.float64]
P = TypeVar("P")
C = TypeVar("C", bound="TableConstants")


@dataclass(frozen=True, eq=False)
class TableConstants(ColumnConstants):
    """What every law with tables knows: the distinct values of the columns."""

    values: DistinctValues


@dataclass(frozen=True, eq=False)
class TableKernel(Generic[P]):
    """Log densities of the distinct values, (K, V + 1) for each column with that of a missing cell at the end; the
    offsets (K,), which are in the first table; and the params."""

    tables: tuple[F64, ...]
    offsets: F64
    params: P


class TablesLaw(ColumnwiseLaw[P, C]):
    """A base for columnwise laws whose log densities are looked up; params in a fit are those in units."""

    def encode(self, rows: Rows, constants: C) -> F64:
        return constants.values.encode(rows.columns)

    def columns_of(self, encoded: F64, constants: C) -> F64:
        return constants.values.decode(encoded)

    def feature_rows(self, constants: C) -> int:
        return 2 * constants.d

    def features(self, encoded: F64, constants: C, work: Workspace) -> Codes:
        return codes_of(encoded, work)

    def kernel(self, params: P, offsets: F64, constants: C) -> TableKernel[P]:
        values, tables = constants.values, []
        for j in range(values.columns):
            table = np.zeros((len(offsets), len(values.of(j)) + 1))
            table[:, :-1] = self.log_densities(params, values.of(j), j)
            tables.append(table)
        tables[0] += offsets[:, None]
        return TableKernel(tuple(tables), offsets, params)

    def log_density(
        self, features: Codes, kernel: TableKernel[P], out: F64, work: Workspace
    ) -> None:
        def beyond(cells: F64, column: int) -> F64:
            logs = np.full((len(kernel.offsets), len(cells)), -np.inf)
            taken = self.fits(cells)
            logs[:, taken] = self.log_densities(kernel.params, cells[taken], column)
            return logs + kernel.offsets[:, None] if column == 0 else logs

        look_up(features, kernel.tables, beyond, out, work)

    def statistics(
        self,
        features: Codes,
        responsibilities: F64,
        kernel: TableKernel[P] | None,
        constants: C,
        work: Workspace,
    ) -> Tallies:
        return constants.values.tally(features, responsibilities)

    def expected(self, statistics: Tallies, params: P, constants: C) -> F64 | None:
        values, made = constants.values, np.zeros(len(statistics.counts))
        for j in range(values.columns):
            cells = statistics.cells[:, values.edges[j] : values.edges[j + 1]]
            logs = self.log_densities(params, values.of(j), j)
            made += (cells * np.where(cells > 0, logs, 0.0)).sum(axis=1)
        return made

    def seen(self, statistics: Tallies, constants: C) -> F64:
        """(K, d) the effective rows whose cell is observed."""
        if constants.has_gaps:
            return constants.values.per_column(statistics.cells)
        return np.repeat(statistics.counts[:, None], constants.d, axis=1)

    def averages(self, statistics: Tallies, of_values: F64, constants: C) -> F64:
        """(K, d) the averages over the observed cells of a function of the distinct values, given for each (D,) or for
        each in each group (K, D); 0 where there are none."""
        rows = self.seen(statistics, constants)
        sums = constants.values.per_column(statistics.cells * of_values)
        return np.asarray(sums / np.where(rows > 0, rows, 1.0))
