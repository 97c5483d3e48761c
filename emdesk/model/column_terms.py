"""Columnwise laws whose log density is linear in a few functions of a cell, the terms: one matrix product a sweep.

For group k and column j the log density of a cell x is c_kj + sum over i of s_ikj t_i(x) + b(x). The rows are kept as
1, the terms of all columns and the sum of b; rows with missing cells also as marks of what is observed, so that a
missing cell takes its share of c, of the terms and of b with it. The sums for the M-step are another product with the
same rows.

Where the product would lose digits (a group far narrower than the data) a pair of group and column is taken by itself.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.columnwise import ColumnConstants, ColumnwiseLaw, Mask
from emdesk.model.law import Workspace
from emdesk.model.numerics.products import weighted_sums
from emdesk.model.rows import Rows

F64 = NDArray[np.float64]
P = TypeVar("P")
C = TypeVar("C", bound=ColumnConstants)


@dataclass(frozen=True, eq=False)
class TermSums:
    """Effective rows (K,), those whose cell is observed (K, d), and sums of the terms (q, K, d) over them.

    `reference` (K, d) is what a law takes its terms about, where it does so group by group.
    """

    counts: F64
    seen: F64
    terms: F64
    reference: F64

    def __add__(self, other: Self) -> TermSums:
        return TermSums(
            self.counts + other.counts,
            self.seen + other.seen,
            self.terms + other.terms,
            self.reference,
        )

    def scaled(self, factor: float) -> TermSums:
        """All sums times a factor."""
        return TermSums(
            factor * self.counts, factor * self.seen, factor * self.terms, self.reference
        )

    @property
    def empty(self) -> Mask:
        """(K, d) where a group has no observed cell of a column."""
        return np.asarray(self.seen <= 0)

    @property
    def averages(self) -> F64:
        """(q, K, d) the terms over their observed cells, 0 where there are none."""
        return np.asarray(self.terms / np.where(self.seen > 0, self.seen, 1.0))


@dataclass(frozen=True, eq=False)
class TermKernel(Generic[P]):
    """Coefficients of complete rows (K, 1 + p d + 1) and of rows with marks (K, 1 + d + p d + 1), the params, and the
    pairs of group and column that are taken by themselves."""

    complete: F64
    marked: F64
    params: P
    apart: tuple[tuple[int, int], ...]

    @property
    def columns(self) -> int:
        return int(self.marked.shape[1] - self.complete.shape[1])

    @property
    def kept(self) -> int:
        return int(self.complete.shape[1] - 2) // self.columns


class TermsLaw(ColumnwiseLaw[P, C]):
    """A base for columnwise laws with terms; `summed` of its `kept` terms enter the M-step, the first ones."""

    kept: ClassVar[int] = 1
    summed: ClassVar[int] = 1

    @abstractmethod
    def terms(self, columns: F64, constants: C) -> tuple[F64, F64]:
        """The terms (p, d, n) of cells (d, n) that the law takes, and b (d, n)."""

    @abstractmethod
    def coefficients(self, params: P, constants: C) -> tuple[F64, F64]:
        """c (K, d) and the coefficients (p, K, d) of the terms; 0 for the terms of pairs that are `apart`."""

    @abstractmethod
    def cells(self, terms: F64, constants: C) -> F64:
        """(d, m) the cells in the analyst's units from their terms (p, d, m)."""

    def kept_terms(self, constants: C) -> int:
        """How many terms are kept of these data."""
        return self.kept

    def apart(self, params: P, constants: C) -> Mask | None:
        """(K, d) which pairs of group and column are taken by themselves."""
        return None

    def own_log_density(self, terms: F64, params: P, k: int, j: int) -> F64:
        """(m,) what the terms (p, m) of column j add to the log density in group k, if that pair is apart."""
        return np.zeros(terms.shape[1])

    def own_terms(self, terms: F64, params: P, k: int, j: int) -> tuple[float, F64] | None:
        """The reference of a pair that is apart, and its terms (q, m) about it; None if they are those of all."""
        return None

    def encode(self, rows: Rows, constants: C) -> F64:
        columns = rows.columns
        missing = np.isnan(columns)
        taken = self.fits(columns) & ~missing
        has_marks = constants.has_gaps or bool(missing.any())
        terms, base = self.terms(np.where(taken, columns, constants.examples[:, None]), constants)
        if not taken.all():
            # a cell that the law does not take is impossible in every group, a missing one says nothing
            base = np.where(missing, 0.0, np.where(taken, base, -np.inf))
            terms = np.where(missing, 0.0, terms)
        parts = [np.ones((1, columns.shape[1])), *terms, base.sum(axis=0)[None]]
        if has_marks:
            parts.insert(1, (~missing).astype(np.float64))
        return np.concatenate(parts)

    @staticmethod
    def parted(encoded: F64, kept: int, d: int) -> tuple[F64 | None, F64]:
        """The marks (d, m), None if all is observed, and the terms (p, d, m) of encoded rows."""
        terms = encoded[-1 - kept * d : -1].reshape(kept, d, -1)
        return (encoded[1 : 1 + d] if len(encoded) > kept * d + 2 else None), terms

    def columns_of(self, encoded: F64, constants: C) -> F64:
        marks, terms = self.parted(encoded, self.kept_terms(constants), constants.d)
        return masked(self.cells(terms, constants), marks)

    def feature_rows(self, constants: C) -> int:
        return (self.kept_terms(constants) + constants.has_gaps) * constants.d + 2

    def features(self, encoded: F64, constants: C, work: Workspace) -> F64:
        return encoded

    def kernel(self, params: P, offsets: F64, constants: C) -> TermKernel[P]:
        constant, slopes = self.coefficients(params, constants)
        groups = len(constant)
        ones = np.ones((groups, 1))
        each = np.concatenate([*slopes, ones], axis=1)
        apart = self.apart(params, constants)
        pairs = () if apart is None else tuple((int(k), int(j)) for k, j in np.argwhere(apart))
        return TermKernel(
            np.concatenate([(offsets + constant.sum(axis=1))[:, None], each], axis=1),
            np.concatenate([offsets[:, None], constant, each], axis=1),
            params,
            pairs,
        )

    def log_density(self, features: F64, kernel: TermKernel[P], out: F64, work: Workspace) -> None:
        is_complete = len(features) == kernel.complete.shape[1]
        np.matmul(kernel.complete if is_complete else kernel.marked, features, out=out)
        if kernel.apart:
            marks, terms = self.parted(features, kernel.kept, kernel.columns)
            for k, j in kernel.apart:
                there = observed(marks, j)
                out[k, there] += self.own_log_density(terms[:, j, there], kernel.params, k, j)

    def expected(self, statistics: TermSums, params: P, constants: C) -> F64 | None:
        if self.apart(params, constants) is not None:
            return None  # terms about a reference: a law that has such knows what it makes of them
        constant, slopes = self.coefficients(params, constants)
        of_terms = (slopes[: self.summed] * statistics.terms).sum(axis=0)
        return np.asarray((statistics.seen * constant + of_terms).sum(axis=1))

    def statistics(
        self,
        features: F64,
        responsibilities: F64,
        kernel: TermKernel[P] | None,
        constants: C,
        work: Workspace,
    ) -> TermSums:
        d, groups = constants.d, len(responsibilities)
        marks, terms = self.parted(features, self.kept_terms(constants), d)
        first = 1 if marks is None else 1 + d
        total = weighted_sums(responsibilities, features[: first + self.summed * d])
        counts = total[:, 0].copy()
        seen = np.repeat(counts[:, None], d, axis=1) if marks is None else total[:, 1:first].copy()
        sums = total[:, first:].reshape(groups, self.summed, d).transpose(1, 0, 2).copy()
        reference = np.zeros((groups, d))
        if kernel is not None:
            for k, j in kernel.apart:
                there = observed(marks, j)
                own = self.own_terms(terms[:, j, there], kernel.params, k, j)
                if own is not None:
                    reference[k, j] = own[0]
                    sums[:, k, j] = own[1] @ responsibilities[k, there]
        return TermSums(counts, seen, sums, reference)


def observed(marks: F64 | None, column: int) -> slice | NDArray[np.intp]:
    """The rows whose cell in the column is observed."""
    return slice(None) if marks is None else np.flatnonzero(marks[column])


def masked(cells: F64, marks: F64 | None) -> F64:
    """Cells (d, m) with NaN where the marks say that they are missing."""
    return cells if marks is None else np.where(marks > 0, cells, np.nan)
