"""Squared distances, log densities and sufficient statistics of the t law for a block of rows.

Every component works with rows taken from its own mean, whitened by its own factor: neither a component far narrower
than the data nor a long flat one loses digits. What the log density finds out about a row is kept for the
sums: 1 / (1 + w D), with the squared distance D and the tail weight w, is all that the hidden scale of a row
depends on (Peel and McLachlan 2000, Statist. Comput. 10, 339-348, equation 21).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.student_t.tails import TailSums, log_constant
from emdesk.model.law import Workspace
from emdesk.model.numerics.covariance import Second

F64 = NDArray[np.float64]
PLAIN_LOG_BELOW = 1e3
"""Above these degrees of freedom the digits of w D that 1 + w D has lost matter, and are given back."""
SMALL = 4
"""Inner products beat a matrix product in up to this many columns (measured with OpenBLAS)."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Counts (K,), sums of the pulls u (K,), and of u times first (K, d) and packed second moments (K, q) about
    `reference` (K, d); `tails` None where the degrees of freedom are given."""

    counts: F64
    pulls: F64
    first: F64
    second: F64
    reference: F64
    tails: TailSums | None

    def __add__(self, other: Self) -> Sums:
        both = self.tails is not None and other.tails is not None
        return Sums(
            self.counts + other.counts,
            self.pulls + other.pulls,
            self.first + other.first,
            self.second + other.second,
            self.reference,
            self.tails + other.tails if both else None,  # type: ignore[operator]
        )

    def scaled(self, factor: float) -> Sums:
        """All sums times a factor."""
        return Sums(
            factor * self.counts,
            factor * self.pulls,
            factor * self.first,
            factor * self.second,
            self.reference,
            None if self.tails is None else self.tails.scaled(factor),
        )

    def means(self, otherwise: F64 | None) -> F64:
        """(K, d) means; a component without rows keeps `otherwise`, or gets its reference."""
        empty = self.pulls <= 0
        means = self.reference + self.first / np.where(empty, 1.0, self.pulls)[:, None]
        if otherwise is not None and empty.any():
            means[empty] = otherwise[empty]
        return np.asarray(means)

    def scatter(self, second: Second) -> F64:
        """The sums of u times products about the means: (K, 1), (K, d) or (K, d, d) as the structure needs them."""
        d = self.first.shape[1]
        shift = self.first / np.sqrt(np.where(self.pulls > 0, self.pulls, 1.0))[:, None]
        if second is Second.SPHERE:
            return np.asarray(np.maximum(self.second - (shift**2).sum(axis=1, keepdims=True), 0.0))
        if second is Second.DIAGONAL:
            return np.asarray(np.maximum(self.second - shift**2, 0.0))
        full = np.empty((len(self.counts), d, d))
        rows, columns = np.triu_indices(d)
        full[:, rows, columns] = self.second
        full[:, columns, rows] = self.second
        return np.asarray(full - shift[:, :, None] * shift[:, None, :])


@dataclass(frozen=True, eq=False)
class Kernel:
    """What the blocks of a sweep share: means (K, d), whitening factors (K, d, d), or (K, d) where they are diagonal,
    constants (K,) with the offsets, degrees of freedom (K,), and whether these are estimated."""

    means: F64
    whitening: F64
    constant: F64
    degrees: F64
    has_free_tails: bool

    @property
    def half_powers(self) -> F64:
        """(K, 1) half of degrees + d."""
        return np.asarray(0.5 * (self.degrees + self.means.shape[1])[:, None])


@dataclass(eq=False)
class Rows:
    """The standardised rows (d, m) of a block, and what a kernel has found out about them: `logs` log(1 + w D),
    `shares` 1 / (1 + w D) and `squares` D, each (K, m)."""

    values: F64
    seen_by: Kernel | None = None
    logs: F64 | None = None
    shares: F64 | None = None
    squares: F64 | None = None


def kernel(
    means: F64,
    scales: F64,
    degrees: F64,
    offsets: F64,
    log_volume: float,
    second: Second,
    has_free_tails: bool,
) -> Kernel:
    """The kernel of means (K, d), scale matrices (K, d, d) and degrees of freedom (K,)."""
    factors = np.linalg.cholesky(scales)
    roots = np.diagonal(factors, axis1=1, axis2=2)
    whitening = np.linalg.inv(factors) if second is Second.FULL else 1 / roots
    constant = offsets + log_constant(degrees, means.shape[1]) - np.log(roots).sum(axis=1)
    return Kernel(means, whitening, constant - log_volume, degrees, has_free_tails)


def log_density(rows: Rows, shared: Kernel, out: F64, work: Workspace) -> None:
    """Write the log densities plus offsets (K, m) into out."""
    look(rows, shared, work)
    assert rows.logs is not None
    np.multiply(rows.logs, -shared.half_powers, out=out)
    out += shared.constant[:, None]


def look(rows: Rows, shared: Kernel, work: Workspace) -> None:
    """Find out the squared distances of the rows and what follows from them."""
    groups, m = len(shared.means), rows.values.shape[1]
    squares = work.array("t.squares", groups, m)
    for k in range(groups):
        centred = _centred(rows.values, shared.means[k], work)
        factor = shared.whitening[k]
        if factor.ndim == 1:
            white = np.multiply(centred, factor[:, None], out=centred)
        elif len(factor) == 1:
            white = np.multiply(centred, factor, out=centred)
        else:
            white = np.matmul(factor, centred, out=work.array("t.white", *centred.shape))
        np.einsum("ij,ij->j", white, white, out=squares[k])
    logs = np.divide(squares, shared.degrees[:, None], out=work.array("t.logs", groups, m))
    shares = np.add(logs, 1.0, out=work.array("t.shares", groups, m))
    if shared.degrees.max() > PLAIN_LOG_BELOW:
        # log(1 + x) as log s + (x - (s - 1)) / s, with s the rounded sum: quicker than log1p and as exact
        lost = np.subtract(shares, 1.0, out=work.array("t.ratios", groups, m))
        np.subtract(logs, lost, out=lost)
        np.log(shares, out=logs)
        np.divide(1.0, shares, out=shares)
        lost *= shares
        logs += lost
    else:
        np.log(shares, out=logs)
        np.divide(1.0, shares, out=shares)
    rows.seen_by, rows.logs, rows.shares, rows.squares = shared, logs, shares, squares


def sums(
    rows: Rows, responsibilities: F64, shared: Kernel | None, second: Second, work: Workspace
) -> Sums:
    """The statistics of a block from responsibilities (K, m)."""
    d, m = rows.values.shape
    groups = len(responsibilities)
    counts = responsibilities.sum(axis=1)
    pulls, tails = responsibilities, None
    reference = np.zeros((groups, d))
    if shared is not None:
        if rows.seen_by is not shared:
            look(rows, shared, work)
        reference = shared.means
        if shared.has_free_tails:
            tails = _tails(rows, responsibilities, work)
        assert rows.shares is not None
        pulls = np.multiply(responsibilities, rows.shares, out=work.array("t.pulls", groups, m))
        pulls *= 1 + d / shared.degrees[:, None]
    made = Sums(
        counts,
        pulls.sum(axis=1),
        np.empty((groups, d)),
        np.empty((groups, second.count(d))),
        reference,
        tails,
    )
    for k in range(groups):
        centred = _centred(rows.values, reference[k], work)
        weighted = np.multiply(centred, pulls[k], out=work.array("t.white", d, m))
        np.sum(weighted, axis=1, out=made.first[k])
        made.second[k] = _products(weighted, centred, second)
    return made


def _tails(rows: Rows, responsibilities: F64, work: Workspace) -> TailSums:
    assert rows.logs is not None and rows.shares is not None and rows.squares is not None
    ratios = np.multiply(rows.squares, rows.shares, out=work.array("t.ratios", *rows.squares.shape))
    weighted = np.multiply(ratios, responsibilities, out=work.array("t.pulls", *rows.squares.shape))
    return TailSums(
        np.vecdot(responsibilities, rows.logs), weighted.sum(axis=1), np.vecdot(weighted, ratios)
    )


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


def _centred(values: F64, mean: F64, work: Workspace) -> F64:
    out = work.array("t.centred", *values.shape)
    return np.subtract(values, mean[:, None], out=out)
