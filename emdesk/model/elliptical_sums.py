"""First and second moments of elliptical groups, and what rows with missing cells add to them.

Moments are sums about a reference: zero where a group is as wide as the data, else a short number next to its mean, so
that a narrow or flat group keeps its digits and the sums of the same rows stay the same to the last of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from emdesk.model.law import Workspace
from emdesk.model.numerics.covariance import Second
from emdesk.model.numerics.covariance.structure import diagonals
from emdesk.model.numerics.patterns import Pattern, Regressions, patterns_of

F64 = NDArray[np.float64]
SMALL = 4
"""Inner products beat a matrix product in up to this many columns (measured with OpenBLAS)."""
CHOOSY = 8
"""From so many columns on it is worth the while to leave out rows that weigh next to nothing (measured)."""
NOTHING = 1e-20
"""A row with less than this share of the largest weight changes no digit of a sum."""
REFERENCE_BITS = 10
"""A reference is a multiple of the standard deviation's power of two over two to this."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums of weights (K,), and of weights times first (K, d) and packed second moments (K, q) about `reference`
    (K, d)."""

    mass: F64
    first: F64
    second: F64
    reference: F64

    def __add__(self, other: Self) -> Self:
        return replace(
            self,
            mass=self.mass + other.mass,
            first=self.first + other.first,
            second=self.second + other.second,
        )

    def scaled(self, factor: float) -> Self:
        """All sums times a factor."""
        return replace(
            self,
            mass=factor * self.mass,
            first=factor * self.first,
            second=factor * self.second,
        )

    def means(self, otherwise: F64 | None) -> F64:
        """(K, d) means; a group without rows keeps `otherwise`, or gets its reference."""
        empty = self.mass <= 0
        means = self.reference + self.first / np.where(empty, 1.0, self.mass)[:, None]
        if otherwise is not None and empty.any():
            means[empty] = otherwise[empty]
        return np.asarray(means)

    def scatter(self, second: Second) -> F64:
        """The sums of products about the means: (K, 1), (K, d) or (K, d, d) as the structure needs them."""
        shift = self.first / np.sqrt(np.where(self.mass > 0, self.mass, 1.0))[:, None]
        if second is Second.SPHERE:
            return np.asarray(np.maximum(self.second - (shift**2).sum(axis=1, keepdims=True), 0.0))
        if second is Second.DIAGONAL:
            return np.asarray(np.maximum(self.second - shift**2, 0.0))
        return np.asarray(self._full() - shift[:, :, None] * shift[:, None, :])

    def _full(self) -> F64:
        groups, d = self.first.shape
        full = np.empty((groups, d, d))
        rows, columns = np.triu_indices(d)
        full[:, rows, columns] = self.second
        full[:, columns, rows] = self.second
        return full

    def about(self, means: F64, second: Second) -> F64:
        """The sums of products about any means (K, d), shaped as the `scatter`."""
        away = self.means(means) - means
        squares = np.sqrt(self.mass)[:, None] * away
        return np.asarray(self.scatter(second) + outer(squares, second))

    def add_pattern(
        self,
        regressions: Regressions,
        pattern: Pattern,
        weights: F64,
        members: F64,
        second: Second,
    ) -> None:
        """Add in place the expected sums of rows with missing cells, with weights (K, m); `members` (K, m) are what
        the covariance of the missing cells is counted with."""
        mass = weights.sum(axis=1)
        counts = mass if members is weights else members.sum(axis=1)
        first, products = regressions.sums(pattern, weights, counts)
        shift = regressions.means - self.reference
        cross = first[:, :, None] * shift[:, None, :]
        products = products + cross + np.swapaxes(cross, 1, 2)
        products += mass[:, None, None] * shift[:, :, None] * shift[:, None, :]
        self.mass[:] += mass
        self.first[:] += first + mass[:, None] * shift
        if second is Second.FULL:
            rows, columns = np.triu_indices(products.shape[1])
            self.second[:] += products[:, rows, columns]
        else:
            self.second[:] += second.of(products)


def moments_about(
    reference: F64, values: F64, weights: F64, second: Second, work: Workspace
) -> tuple[F64, F64]:
    """The sums of weights (m,) times rows (d, m) about a reference (d,), and times their packed second moments."""
    if len(values) >= CHOOSY:
        counting = np.flatnonzero(weights > NOTHING * weights.max(initial=0.0))
        if 2 * len(counting) < len(weights):
            values, weights = values[:, counting], weights[counting]
    shape = values.shape
    centred = np.subtract(values, reference[:, None], out=work.array("moments.centred", *shape))
    weighted = np.multiply(centred, weights, out=work.array("moments.weighted", *shape))
    return weighted.sum(axis=1), _products(weighted, centred, second)


def _products(weighted: F64, centred: F64, second: Second) -> F64:
    d = len(centred)
    if second is Second.SPHERE:
        return np.asarray(np.vecdot(weighted, centred).sum())
    if second is Second.DIAGONAL:
        return np.asarray(np.vecdot(weighted, centred))
    rows, columns = np.triu_indices(d)
    if d > SMALL:
        return np.asarray((weighted @ centred.T)[rows, columns])
    return np.array([weighted[i] @ centred[j] for i, j in zip(rows, columns, strict=True)])


@dataclass(frozen=True, eq=False)
class Block:
    """The standardised rows (d, m) of a block that are complete, their places, None where all of them are, and the
    patterns of the others."""

    values: F64
    complete: NDArray[np.intp] | None = None
    patterns: tuple[Pattern, ...] = ()

    def of_complete(self, members: F64) -> F64:
        """What (K, m) is about all rows, of the complete ones."""
        return members if self.complete is None else members[:, self.complete]


def block_of(encoded: F64, has_gaps: bool) -> Block:
    """Standardised rows (d, m), those with missing cells by patterns."""
    if not has_gaps or not np.isnan(encoded).any():
        return Block(encoded)
    gapped = tuple(p for p in patterns_of(encoded) if p.missing.size)
    whole = np.flatnonzero(~np.isnan(encoded).any(axis=0))
    return Block(np.ascontiguousarray(encoded[:, whole]), whole, gapped)


@dataclass(frozen=True, eq=False)
class Unknown:
    """Means and variances (d,) of the data, which missing cells are taken as drawn from where nothing else is known."""

    means: F64
    variances: F64

    def regressions(self, groups: int) -> Regressions:
        """Those of groups that are all the same."""
        means = np.repeat(self.means[None], groups, axis=0)
        return Regressions(means, diagonals(np.repeat(self.variances[None], groups, axis=0)))


def references(means: F64, covariances: F64) -> F64:
    """(K, d) short numbers next to the means of covariances (K, d, d)."""
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    step = np.exp2(np.floor(0.5 * np.log2(variances)) - REFERENCE_BITS)
    return np.asarray(np.rint(means / step) * step)


def outer(vectors: F64, second: Second) -> F64:
    """What a structure keeps of the products of vectors (K, d) with themselves: (K, d, d), (K, d) or (K, 1)."""
    if second is Second.FULL:
        return np.asarray(vectors[:, :, None] * vectors[:, None, :])
    squares = vectors**2
    return squares if second is Second.DIAGONAL else np.asarray(squares.sum(axis=1, keepdims=True))


def log_roots_and_traces(covariances: F64, scatter: F64, second: Second) -> tuple[F64, F64]:
    """(K,) half the log determinants of covariances (K, d, d), and the traces of their inverses times the scatter as
    the structure keeps it."""
    factors = np.linalg.cholesky(covariances)
    log_roots = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
    if second is Second.FULL:
        half = np.linalg.solve(factors, scatter)
        whole = np.linalg.solve(factors, np.swapaxes(half, 1, 2))
        return log_roots, np.trace(whole, axis1=1, axis2=2)
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    if second is Second.SPHERE:
        variances = variances[:, :1]
    return log_roots, np.asarray((scatter / variances).sum(axis=1))
