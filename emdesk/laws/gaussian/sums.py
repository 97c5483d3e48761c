"""The two matrix products of the Gaussian law: log densities and sufficient statistics of a block of rows.

With the features T = (1, x, second moments) of shape (D, m), the log density of all groups is one product
Theta T and the statistics are another, R T'. For a component much narrower than the data the expanded square
loses digits (its relative error is 2e-12 at 1 % of the scale), so such components are whitened by their
Cholesky factor and their sums are taken next to their own mean. Rows with missing cells go pattern by pattern through
the regression of the missing cells on the observed ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.model.elliptical_sums import Block, Moments, Unknown, block_of, references
from emdesk.model.law import Workspace
from emdesk.model.numerics.covariance import Second
from emdesk.model.numerics.patterns import Regressions
from emdesk.model.numerics.products import weighted_sums
from emdesk.model.numerics.whitening import Whitening, whitening

F64 = NDArray[np.float64]
LOG_2_PI = float(np.log(2 * np.pi))
NARROW = 400.0
"""Components whose precision has a larger norm than this (narrower than 5 % of the data) are whitened."""


class Sums(Moments):
    """Moments in which every row counts with its responsibility."""

    @property
    def counts(self) -> F64:
        """(K,) the effective rows."""
        return self.mass


@dataclass(frozen=True, eq=False)
class Gapped:
    """Features of a block in which cells are missing: T of its complete rows, and the block with the patterns of the
    others."""

    t: F64
    block: Block


Features = F64 | Gapped


@dataclass(frozen=True, eq=False)
class Kernel:
    """What the blocks of a sweep share: Theta (K, D), and for narrow or flat components their means, the references of
    their sums, whitening factors and constants; `offsets` (K,), the logarithms of the scales (d,) and the regressions
    are for rows with gaps."""

    theta: F64
    means: F64
    references: F64
    narrow: NDArray[np.intp]
    whitening: Whitening
    constant: F64
    second: Second
    offsets: F64
    log_scales: F64
    regressions: Regressions


def kernel(
    means: F64,
    covariances: F64,
    offsets: F64,
    log_scales: F64,
    second: Second,
    widest: float = 1.0,
) -> Kernel:
    """The kernel of means (K, d) and covariances (K, d, d); `log_scales` (d,) are the logarithms of the scales, and
    `widest` is the largest variance of a column."""
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
        references(means, covariances),
        np.flatnonzero((norms * widest > NARROW) | found.is_flat),
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
    block = block_of(rows, has_gaps)
    t = _moments(block.values, second, work)
    return t if block.complete is None else Gapped(t, block)


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
    if not isinstance(features, Gapped):
        _log_density(features, shared, out, work)
        return
    block = features.block
    part = work.array("gaussian.complete", len(out), block.values.shape[1])
    _log_density(features.t, shared, part, work)
    out[:, block.complete] = part
    for pattern in block.patterns:
        found = shared.regressions.of(pattern)
        o = pattern.observed
        constant = shared.offsets - found.whitening.log_root - shared.log_scales[o].sum()
        constant -= 0.5 * len(o) * LOG_2_PI
        out[:, pattern.chosen] = constant[:, None] - 0.5 * shared.regressions.distances(pattern)


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
    unknown: Unknown,
    work: Workspace,
) -> Sums:
    """The statistics of a block from responsibilities (K, m). Without a kernel, a partition, missing cells are taken
    as drawn from the data."""
    if not isinstance(features, Gapped):
        return _sums(features, responsibilities, shared, second, work)
    block = features.block
    made = _sums(features.t, block.of_complete(responsibilities), shared, second, work)
    own = unknown.regressions(len(responsibilities)) if shared is None else shared.regressions
    for pattern in block.patterns:
        members = responsibilities[:, pattern.chosen]
        made.add_pattern(own, pattern, members, members, second)
    return made


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
        centred = _centred(t, shared.references[k], work)
        weighted = np.multiply(
            centred, responsibilities[k], out=work.array("gaussian.white", d, t.shape[1])
        )
        made.reference[k] = shared.references[k]
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
