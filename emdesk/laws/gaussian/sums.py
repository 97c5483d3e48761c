"""The two matrix products of the Gaussian law: log densities and sufficient statistics of a block of rows.

With the features T = (1, x, second moments) of shape (D, m), the log density of all groups is one product
Theta T and the statistics are another, R T'. For a component much narrower than the data the expanded square
loses digits (its relative error is 2e-12 at 1 % of the scale), so such components are whitened by their
Cholesky factor and their sums are taken next to their own mean. Where there are many columns the second moments of a
row are more numbers than its whitened values in all components: T is then (1, x), one product whitens it for all
components, and the sums are those of `products`. Rows with missing cells go pattern by pattern through the regression
of the missing cells on the observed ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from emdesk.model.elliptical_sums import (
    Block,
    Moments,
    Unknown,
    block_of,
    moments_about,
    references,
)
from emdesk.model.law import Workspace
from emdesk.model.numerics.covariance import Second
from emdesk.model.numerics.patterns import Regressions
from emdesk.model.numerics.products import weighted_sums
from emdesk.model.numerics.whitening import Whitening, whitening

F64 = NDArray[np.float64]
LOG_2_PI = float(np.log(2 * np.pi))
NARROW = 400.0
"""Components whose precision has a larger norm than this (narrower than 5 % of the data) are whitened."""
MANY = 16
"""From so many columns on full matrices need no second moments of the rows (measured for 3 to 20 components)."""
CUTS = 3
"""A whitening factor is lower triangular: cut into so many parts, one third of its product is not made."""


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
    """What the blocks of a sweep share: Theta (K, D), or where there are many columns the parts (K r, 1 + b) of what
    whitens (1, x) for all components; for narrow or flat components their means, the references of
    their sums, whitening factors and constants; `offsets` (K,), the logarithms of the scales (d,) and the regressions
    are for rows with gaps."""

    theta: F64
    stacks: tuple[F64, ...]
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
    is_many = has_many(d, second)
    norms = np.sqrt((precision**2).sum(axis=(1, 2)))
    return Kernel(
        np.empty((0, 0)) if is_many else _theta(means, precision, constant, second),
        _stacks(found.white, means) if is_many else (),
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


def has_many(d: int, second: Second) -> bool:
    """Whether full matrices in d columns are served without second moments of the rows."""
    return second is Second.FULL and d >= MANY


def _theta(means: F64, precision: F64, constant: F64, second: Second) -> F64:
    linear = np.einsum("kij,kj->ki", precision, means)
    level = constant - 0.5 * np.einsum("ki,ki->k", linear, means)
    return np.concatenate([level[:, None], linear, _second_coefficients(precision, second)], axis=1)


def _stacks(white: F64, means: F64) -> tuple[F64, ...]:
    """Rows a to b of W (x - mean) for all components, from (1, x) as far as column b."""
    groups, d = means.shape
    whole = np.concatenate([-(white @ means[:, :, None]), white], axis=2)
    edges = [round(d * i / CUTS) for i in range(CUTS + 1)]
    return tuple(
        np.ascontiguousarray(whole[:, a:b, : 1 + b]).reshape(groups * (b - a), 1 + b)
        for a, b in pairwise(edges)
    )


def _second_coefficients(precision: F64, second: Second) -> F64:
    if second is Second.SPHERE:
        return -0.5 * precision[:, :1, 0]
    if second is Second.DIAGONAL:
        return -0.5 * np.diagonal(precision, axis1=1, axis2=2)
    rows, columns = np.triu_indices(precision.shape[1])
    return -np.where(rows == columns, 0.5, 1.0) * precision[:, rows, columns]


def feature_rows(d: int, second: Second) -> int:
    """D, how many numbers there are in T."""
    return 1 + d + (0 if has_many(d, second) else second.count(d))


def features(rows: F64, second: Second, work: Workspace, has_gaps: bool) -> Features:
    """T (D, m) of standardised rows (d, m): one, the values, unless there are many columns the second moments; of rows
    with gaps by patterns."""
    block = block_of(rows, has_gaps)
    t = _moments(block.values, second, work)
    return t if block.complete is None else Gapped(t, block)


def _moments(rows: F64, second: Second, work: Workspace) -> F64:
    d, m = rows.shape
    out = work.array("gaussian.features", feature_rows(d, second), m)
    out[0] = 1.0
    values = out[1 : 1 + d]
    values[:] = rows
    if has_many(d, second):
        return out
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
    if shared.stacks:
        _whitened_log_density(t, shared, out, work)
    else:
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


def _whitened_log_density(t: F64, shared: Kernel, out: F64, work: Workspace) -> None:
    groups, m = out.shape
    part = work.array("gaussian.part", groups, m)
    for i, stack in enumerate(shared.stacks):
        white = work.array("gaussian.stack", len(stack), m)
        np.matmul(stack, t[: stack.shape[1]], out=white)
        np.multiply(white, white, out=white)
        np.sum(white.reshape(groups, -1, m), axis=1, out=part if i else out)
        if i:
            out += part
    out *= -0.5
    out += shared.constant[:, None]


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
    d = len(unknown.means)
    if not isinstance(features, Gapped):
        return _sums(features, responsibilities, shared, second, d, work)
    block = features.block
    made = _sums(features.t, block.of_complete(responsibilities), shared, second, d, work)
    own = unknown.regressions(len(responsibilities)) if shared is None else shared.regressions
    for pattern in block.patterns:
        members = responsibilities[:, pattern.chosen]
        made.add_pattern(own, pattern, members, members, second)
    return made


def _sums(
    t: F64, responsibilities: F64, shared: Kernel | None, second: Second, d: int, work: Workspace
) -> Sums:
    groups, is_many = len(responsibilities), has_many(d, second)
    total = weighted_sums(responsibilities, t[:1] if is_many else t)
    made = Sums(
        total[:, 0].copy(),
        np.empty((groups, d)) if is_many else total[:, 1 : 1 + d].copy(),
        np.empty((groups, second.count(d))) if is_many else total[:, 1 + d :].copy(),
        np.zeros((groups, d)),
    )
    taken: Sequence[int] = range(groups) if is_many else ()
    if shared is not None and shared.narrow.size:
        made.reference[shared.narrow] = shared.references[shared.narrow]
        taken = taken or shared.narrow.tolist()
    for k in taken:
        made.first[k], made.second[k] = moments_about(
            made.reference[k], t[1 : 1 + d], responsibilities[k], second, work
        )
    return made


def _centred(t: F64, mean: F64, work: Workspace) -> F64:
    d = len(mean)
    out = work.array("gaussian.centred", d, t.shape[1])
    np.subtract(t[1 : 1 + d], mean[:, None], out=out)
    return out
