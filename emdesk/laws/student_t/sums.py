"""Squared distances, log densities and sufficient statistics of the t law for a block of rows.

Every component works with rows taken from its own mean, whitened by its own factor: neither a component far narrower
than the data nor a long flat one loses digits. What the log density finds out about a row is kept for the
sums: 1 / (1 + w D), with the squared distance D and the tail weight w, is all that the hidden scale of a row
depends on (Peel and McLachlan 2000, Statist. Comput. 10, 339-348, equation 21).

Rows with missing cells go pattern by pattern: the observed columns of a t law are a t law with the same degrees of
freedom, so D is theirs and so is the number of columns; given the hidden scale, the missing cells follow the observed
ones by the regression of a normal law (Liu and Rubin 1995, Statistica Sinica 5, 19-39, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.student_t.tails import TailSums, log_constant
from emdesk.model.elliptical_sums import Block, Moments, Unknown, moments_about, references
from emdesk.model.law import Workspace
from emdesk.model.numerics.covariance import Second
from emdesk.model.numerics.patterns import Regressions
from emdesk.model.numerics.whitening import Whitening, whitening

F64 = NDArray[np.float64]
PLAIN_LOG_BELOW = 1e3
"""Above these degrees of freedom the digits of w D that 1 + w D has lost matter, and are given back."""


@dataclass(frozen=True, eq=False)
class Sums(Moments):
    """Counts (K,), and the moments of the rows weighted by their pulls u: `mass` are the sums of these. `degrees` (K,)
    are the degrees of freedom that the pulls come from, None for a partition, in which they are 1; `tails`, parted by
    how many columns the rows have, () where the degrees of freedom are given."""

    counts: F64
    degrees: F64 | None
    tails: tuple[TailSums, ...]

    def __add__(self, other: Self) -> Self:
        return replace(
            super().__add__(other),
            counts=self.counts + other.counts,
            tails=tuple(a + b for a, b in zip(self.tails, other.tails, strict=True)),
        )

    def scaled(self, factor: float) -> Self:
        """All sums times a factor."""
        return replace(
            super().scaled(factor),
            counts=factor * self.counts,
            tails=tuple(part.scaled(factor) for part in self.tails),
        )


@dataclass(frozen=True, eq=False)
class Kernel:
    """What the blocks of a sweep share: means (K, d), the references of the sums, the whitening of the scale
    matrices, or (K, d) where they are diagonal, constants (K,) with the offsets, degrees of freedom (K,), and whether
    these are estimated; and for rows with gaps the offsets (K,), the logarithms of the scales (d,) and the
    regressions."""

    means: F64
    references: F64
    whitening: Whitening | F64
    constant: F64
    degrees: F64
    has_free_tails: bool
    offsets: F64
    log_scales: F64
    regressions: Regressions


@dataclass(frozen=True, eq=False)
class Look:
    """What is known of some rows: `logs` log(1 + w D), `shares` 1 / (1 + w D) and `squares` D, each (K, m)."""

    logs: F64
    shares: F64
    squares: F64


@dataclass(eq=False)
class Rows:
    """The rows of a block, and what a kernel has found out about them: the complete ones first, then by pattern."""

    block: Block
    seen_by: Kernel | None = None
    looks: tuple[Look, ...] = ()


def kernel(
    means: F64,
    scales: F64,
    degrees: F64,
    offsets: F64,
    log_scales: F64,
    second: Second,
    has_free_tails: bool,
) -> Kernel:
    """The kernel of means (K, d), scale matrices (K, d, d) and degrees of freedom (K,); `log_scales` (d,) are the
    logarithms of the units of the rows."""
    made: Whitening | F64
    if second is Second.FULL:
        made = whitening(scales)
        log_root = made.log_root
    else:
        roots = np.sqrt(np.diagonal(scales, axis1=1, axis2=2))
        made, log_root = 1 / roots, np.log(roots).sum(axis=1)
    constant = offsets + log_constant(degrees, means.shape[1]) - log_root - log_scales.sum()
    return Kernel(
        means,
        references(means, scales),
        made,
        constant,
        degrees,
        has_free_tails,
        offsets,
        log_scales,
        Regressions(means, scales),
    )


def log_density(rows: Rows, shared: Kernel, out: F64, work: Workspace) -> None:
    """Write the log densities plus offsets (K, m) into out."""
    look(rows, shared, work)
    block, degrees = rows.block, shared.degrees
    d = len(block.values)
    if block.complete is None:
        np.multiply(rows.looks[0].logs, -_half_powers(degrees, d), out=out)
        out += shared.constant[:, None]
        return
    whole = shared.constant[:, None] - _half_powers(degrees, d) * rows.looks[0].logs
    out[:, block.complete] = whole
    for pattern, seen in zip(block.patterns, rows.looks[1:], strict=True):
        o = pattern.observed
        constant = shared.offsets + log_constant(degrees, len(o))
        constant = constant - shared.regressions.of(pattern).whitening.log_root
        constant -= shared.log_scales[o].sum()
        out[:, pattern.chosen] = constant[:, None] - _half_powers(degrees, len(o)) * seen.logs


def _half_powers(degrees: F64, columns: int) -> F64:
    """(K, 1) half of degrees + columns."""
    return np.asarray(0.5 * (degrees + columns)[:, None])


def look(rows: Rows, shared: Kernel, work: Workspace) -> None:
    """Find out the squared distances of the rows and what follows from them."""
    values = rows.block.values
    squares = work.array("t.squares", len(shared.means), values.shape[1])
    for k in range(len(squares)):
        white = _whitened(values, shared, k, work)
        np.einsum("ij,ij->j", white, white, out=squares[k])
    found = [_looked(squares, shared.degrees, work, "t")]
    for i, pattern in enumerate(rows.block.patterns):
        distances = shared.regressions.distances(pattern)
        found.append(_looked(distances, shared.degrees, work, f"t.{i}"))
    rows.seen_by, rows.looks = shared, tuple(found)


def _whitened(values: F64, shared: Kernel, k: int, work: Workspace) -> F64:
    made = shared.whitening
    if isinstance(made, Whitening):
        if made.is_flat[k]:
            return made.of(k, values, shared.means[k])
        centred = _centred(values, shared.means[k], work)
        if len(centred) == 1:
            return np.asarray(np.multiply(centred, made.white[k], out=centred))
        return np.asarray(
            np.matmul(made.white[k], centred, out=work.array("t.white", *centred.shape))
        )
    centred = _centred(values, shared.means[k], work)
    return np.asarray(np.multiply(centred, made[k][:, None], out=centred))


def _looked(squares: F64, degrees: F64, work: Workspace, name: str) -> Look:
    shape = squares.shape
    logs = np.divide(squares, degrees[:, None], out=work.array(f"{name}.logs", *shape))
    shares = np.add(logs, 1.0, out=work.array(f"{name}.shares", *shape))
    if degrees.max() > PLAIN_LOG_BELOW:
        # log(1 + x) as log s + (x - (s - 1)) / s, with s the rounded sum: quicker than log1p and as exact
        lost = np.subtract(shares, 1.0, out=work.array("t.ratios", *shape))
        np.subtract(logs, lost, out=lost)
        np.log(shares, out=logs)
        np.divide(1.0, shares, out=shares)
        lost *= shares
        logs += lost
    else:
        np.log(shares, out=logs)
        np.divide(1.0, shares, out=shares)
    return Look(logs, shares, squares)


def sums(
    rows: Rows,
    responsibilities: F64,
    shared: Kernel | None,
    second: Second,
    unknown: Unknown,
    has_gaps: bool,
    work: Workspace,
) -> Sums:
    """The statistics of a block from responsibilities (K, m). Without a kernel, a partition, missing cells are taken
    as drawn from the data."""
    block, groups, d = rows.block, len(responsibilities), len(rows.block.values)
    if shared is not None and rows.seen_by is not shared:
        look(rows, shared, work)
    tails = _tails(rows, responsibilities, shared, has_gaps, work)
    whole = block.of_complete(responsibilities)
    pulls = whole if shared is None else _pulls(rows.looks[0], whole, shared, d, work)
    own = unknown.regressions(groups) if shared is None else shared.regressions
    made = Sums(
        pulls.sum(axis=1),
        np.empty((groups, d)),
        np.empty((groups, second.count(d))),
        own.means if shared is None else shared.references,
        responsibilities.sum(axis=1),
        None if shared is None else shared.degrees,
        tails,
    )
    for k in range(groups):
        made.first[k], made.second[k] = moments_about(
            made.reference[k], block.values, pulls[k], second, work
        )
    for i, pattern in enumerate(block.patterns):
        members = responsibilities[:, pattern.chosen]
        pulls = members
        if shared is not None:
            pulls = _pulls(rows.looks[1 + i], members, shared, len(pattern.observed), work)
        made.add_pattern(own, pattern, pulls, members, second)
    return made


def _pulls(seen: Look, members: F64, shared: Kernel, columns: int, work: Workspace) -> F64:
    """(K, m) responsibilities times u = (degrees + columns) / (degrees + D)."""
    pulls = np.multiply(members, seen.shares, out=work.array("t.pulls", *members.shape))
    pulls *= 1 + columns / shared.degrees[:, None]
    return pulls


def _tails(
    rows: Rows, responsibilities: F64, shared: Kernel | None, has_gaps: bool, work: Workspace
) -> tuple[TailSums, ...]:
    if shared is None or not shared.has_free_tails:
        return ()
    block = rows.block
    d, groups = len(block.values), len(responsibilities)
    of_complete = _tail(rows.looks[0], block.of_complete(responsibilities), d, work)
    if not has_gaps:
        return (of_complete,)
    made = [TailSums(o, *np.zeros((4, groups))) for o in range(1, d)] + [of_complete]
    for pattern, seen in zip(block.patterns, rows.looks[1:], strict=True):
        o = len(pattern.observed)
        made[o - 1] += _tail(seen, responsibilities[:, pattern.chosen], o, work)
    return tuple(made)


def _tail(seen: Look, members: F64, columns: int, work: Workspace) -> TailSums:
    ratios = np.multiply(seen.squares, seen.shares, out=work.array("t.ratios", *seen.squares.shape))
    weighted = np.multiply(ratios, members, out=work.array("t.pulls", *seen.squares.shape))
    return TailSums(
        columns,
        members.sum(axis=1),
        np.vecdot(members, seen.logs),
        weighted.sum(axis=1),
        np.vecdot(weighted, ratios),
    )


def _centred(values: F64, mean: F64, work: Workspace) -> F64:
    out = work.array("t.centred", *values.shape)
    return np.subtract(values, mean[:, None], out=out)


def pulls_at(squares: F64, degrees: F64, columns: int) -> F64:
    """(K, m) u = (degrees + columns) / (degrees + D) of rows at squared distances D (K, m)."""
    weight = 1 / degrees[:, None]
    return np.asarray((1 + columns * weight) / (1 + weight * squares))


def tail_at(squares: F64, degrees: F64, members: F64, columns: int, work: Workspace) -> TailSums:
    """What complete rows at squared distances (K, m) say of the degrees of freedom."""
    return _tail(_looked(squares, degrees, work, "t"), members, columns, work)


def sums_of(
    moments: Moments, counts: F64, degrees: F64 | None, tails: tuple[TailSums, ...]
) -> Sums:
    """The statistics of given moments."""
    parts = (moments.mass, moments.first, moments.second, moments.reference)
    return Sums(*parts, counts, degrees, tails)
