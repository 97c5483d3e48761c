"""The two matrix products of the Gaussian law: log densities and sufficient statistics of a block of rows.

With the features T = (1, x, second moments) of shape (D, m), the log density of all groups is one product
Theta T and the statistics are another, R T'. For a component much narrower than the data the expanded square
loses digits (its relative error is 2e-12 at 1 % of the scale), so such components are whitened by their
Cholesky factor and their sums are taken about their own mean. Rows with missing cells go pattern by pattern through
the regression of the missing cells on the observed ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from emdesk.model.law import Workspace
from emdesk.model.numerics.covariance import Second
from emdesk.model.numerics.covariance.structure import diagonals
from emdesk.model.numerics.patterns import Pattern, Regressions, patterns_of
from emdesk.model.numerics.products import weighted_sums
from emdesk.model.numerics.whitening import Whitening, whitening

F64 = NDArray[np.float64]
LOG_2_PI = float(np.log(2 * np.pi))
NARROW = 400.0
"""Components whose precision has a larger norm than this (narrower than 5 % of the scale) are whitened."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Counts (K,), first (K, d) and packed second moments (K, q) about `reference` (K, d)."""

    counts: F64
    first: F64
    second: F64
    reference: F64

    def __add__(self, other: Self) -> Sums:
        return Sums(
            self.counts + other.counts,
            self.first + other.first,
            self.second + other.second,
            self.reference,
        )

    def scaled(self, factor: float) -> Sums:
        """All sums times a factor."""
        return Sums(factor * self.counts, factor * self.first, factor * self.second, self.reference)

    def means(self, otherwise: F64 | None) -> F64:
        """(K, d) means; a component without rows keeps `otherwise`, or gets its reference."""
        empty = self.counts <= 0
        safe = np.where(empty, 1.0, self.counts)
        means = self.reference + self.first / safe[:, None]
        if otherwise is not None and empty.any():
            means[empty] = otherwise[empty]
        return np.asarray(means)

    def scatter(self, second: Second) -> F64:
        """The sums of products about the means: (K, 1), (K, d) or (K, d, d) as the structure needs them."""
        d = self.first.shape[1]
        safe = np.where(self.counts > 0, self.counts, 1.0)
        shift = self.first / np.sqrt(safe)[:, None]
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
class Gapped:
    """Features of a block in which cells are missing: T of its complete rows, at the places `complete`, and the
    patterns of the others."""

    t: F64
    complete: NDArray[np.intp]
    patterns: tuple[Pattern, ...]


Features = F64 | Gapped


@dataclass(frozen=True, eq=False)
class Kernel:
    """What the blocks of a sweep share: Theta (K, D), and for narrow or flat components their means, whitening factors
    and constants; `offsets` (K,), the logarithms of the scales (d,) and the regressions are for rows with gaps."""

    theta: F64
    means: F64
    narrow: NDArray[np.intp]
    whitening: Whitening
    constant: F64
    second: Second
    offsets: F64
    log_scales: F64
    regressions: Regressions


def kernel(means: F64, covariances: F64, offsets: F64, log_scales: F64, second: Second) -> Kernel:
    """The kernel of means (K, d) and covariances (K, d, d); `log_scales` (d,) are the logarithms of the scales."""
    d = means.shape[1]
    found = whitening(covariances)
    precision = np.swapaxes(found.white, 1, 2) @ found.white
    constant = offsets - found.log_root - 0.5 * d * LOG_2_PI - log_scales.sum()
    linear = np.einsum("kij,kj->ki", precision, means)
    theta = np.concatenate(
        [
            (constant - 0.5 * np.einsum("ki,ki->k", linear, means))[:, None],
            linear,
            _second_coefficients(precision, second),
        ],
        axis=1,
    )
    norms = np.sqrt((precision**2).sum(axis=(1, 2)))
    return Kernel(
        theta,
        means,
        np.flatnonzero((norms > NARROW) | found.is_flat),
        found,
        constant,
        second,
        offsets,
        log_scales,
        Regressions(means, covariances),
    )


def _second_coefficients(precision: F64, second: Second) -> F64:
    if second is Second.SPHERE:
        return -0.5 * precision[:, :1, 0]
    if second is Second.DIAGONAL:
        return -0.5 * np.diagonal(precision, axis1=1, axis2=2)
    rows, columns = np.triu_indices(precision.shape[1])
    return -np.where(rows == columns, 0.5, 1.0) * precision[:, rows, columns]


def features(rows: F64, second: Second, work: Workspace, has_gaps: bool) -> Features:
    """T (D, m) of standardised rows (d, m): one, the values, the second moments; of rows with gaps by patterns."""
    if not has_gaps or not np.isnan(rows).any():
        return _moments(rows, second, work)
    whole, *others = _complete_first(patterns_of(rows))
    return Gapped(_moments(whole.values, second, work), whole.chosen, tuple(others))


def _complete_first(patterns: list[Pattern]) -> list[Pattern]:
    """The patterns with that of complete rows in front, also where no row is complete."""
    if not patterns[0].missing.size:
        return patterns
    first = patterns[0]
    d = len(first.observed) + len(first.missing)
    nobody = np.zeros(0, dtype=np.intp)
    return [Pattern(b"", np.arange(d), nobody, nobody, np.empty((d, 0))), *patterns]


def _moments(rows: F64, second: Second, work: Workspace) -> F64:
    d, m = rows.shape
    out = work.array("gaussian.features", 1 + d + second.count(d), m)
    out[0] = 1.0
    values = out[1 : 1 + d]
    values[:] = rows
    if second is Second.DIAGONAL or d == 1:
        np.multiply(values, values, out=out[1 + d :])
    elif second is Second.SPHERE:
        squares = np.multiply(values, values, out=work.array("gaussian.squares", d, m))
        np.sum(squares, axis=0, out=out[1 + d])
    else:
        position = 1 + d
        for i in range(d):
            np.multiply(values[i], values[i:], out=out[position : position + d - i])
            position += d - i
    return out


def log_density(features: Features, shared: Kernel, out: F64, work: Workspace) -> None:
    """Write the log densities plus offsets (K, m) into out."""
    if isinstance(features, Gapped):
        part = work.array("gaussian.complete", len(out), len(features.complete))
        _log_density(features.t, shared, part, work)
        out[:, features.complete] = part
        for pattern in features.patterns:
            found = shared.regressions.of(pattern)
            o = pattern.observed
            constant = shared.offsets - found.whitening.log_root - shared.log_scales[o].sum()
            constant -= 0.5 * len(o) * LOG_2_PI
            out[:, pattern.chosen] = constant[:, None] - 0.5 * shared.regressions.distances(pattern)
        return
    _log_density(features, shared, out, work)


def _log_density(t: F64, shared: Kernel, out: F64, work: Workspace) -> None:
    np.matmul(shared.theta, t, out=out)
    if not shared.narrow.size:
        return
    d = shared.means.shape[1]
    for k in shared.narrow:
        if shared.whitening.is_flat[k]:
            white = shared.whitening.of(k, t[1 : 1 + d], shared.means[k])
        else:
            centred = _centred(t, shared.means[k], work)
            white = work.array("gaussian.white", d, t.shape[1])
            np.matmul(shared.whitening.white[k], centred, out=white)
        np.einsum("ij,ij->j", white, white, out=out[k])
        out[k] *= -0.5
        out[k] += shared.constant[k]


def sums(
    features: Features,
    responsibilities: F64,
    shared: Kernel | None,
    second: Second,
    unknown: tuple[F64, F64],
    work: Workspace,
) -> Sums:
    """The statistics of a block from responsibilities (K, m). Without a kernel, a partition, missing cells are taken
    as drawn from the `unknown` means and variances (d,) of the data."""
    if not isinstance(features, Gapped):
        return _sums(features, responsibilities, shared, second, work)
    made = _sums(features.t, responsibilities[:, features.complete], shared, second, work)
    if shared is not None:
        regressions = shared.regressions
    else:
        groups = len(responsibilities)
        means, variances = (np.repeat(u[None], groups, axis=0) for u in unknown)
        regressions = Regressions(means, diagonals(variances))
    for pattern in features.patterns:
        members = responsibilities[:, pattern.chosen]
        counts = members.sum(axis=1)
        first, products = regressions.sums(pattern, members, counts)
        _add(made, counts, first, products, regressions.means, second)
    return made


def _add(made: Sums, counts: F64, first: F64, products: F64, means: F64, second: Second) -> None:
    """Add moments about the means, first (K, d) and second (K, d, d), to sums about their references."""
    shift = means - made.reference
    cross = first[:, :, None] * shift[:, None, :]
    products = products + cross + np.swapaxes(cross, 1, 2)
    products += counts[:, None, None] * shift[:, :, None] * shift[:, None, :]
    made.counts[:] += counts
    made.first[:] += first + counts[:, None] * shift
    if second is Second.FULL:
        rows, columns = np.triu_indices(means.shape[1])
        made.second[:] += products[:, rows, columns]
    else:
        made.second[:] += second.of(products)


def _sums(
    t: F64, responsibilities: F64, shared: Kernel | None, second: Second, work: Workspace
) -> Sums:
    d = _columns(t.shape[0], second)
    total = weighted_sums(responsibilities, t)
    made = Sums(
        total[:, 0].copy(),
        total[:, 1 : 1 + d].copy(),
        total[:, 1 + d :].copy(),
        np.zeros((len(total), d)),
    )
    if shared is None or not shared.narrow.size:
        return made
    for k in shared.narrow:
        centred = _centred(t, shared.means[k], work)
        weighted = np.multiply(
            centred, responsibilities[k], out=work.array("gaussian.white", d, t.shape[1])
        )
        made.reference[k] = shared.means[k]
        made.first[k] = weighted.sum(axis=1)
        if second is Second.FULL:
            made.second[k] = (weighted @ centred.T)[np.triu_indices(d)]
        else:
            squares = np.einsum("ij,ij->i", weighted, centred)
            made.second[k] = squares.sum() if second is Second.SPHERE else squares
    return made


def _columns(feature_rows: int, second: Second) -> int:
    if second is Second.SPHERE:
        return feature_rows - 2
    if second is Second.DIAGONAL:
        return (feature_rows - 1) // 2
    return round((math.sqrt(8 * feature_rows + 1) - 3) / 2)


def _centred(t: F64, mean: F64, work: Workspace) -> F64:
    d = len(mean)
    out = work.array("gaussian.centred", d, t.shape[1])
    np.subtract(t[1 : 1 + d], mean[:, None], out=out)
    return out
