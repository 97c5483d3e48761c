"""What a sweep of the joint skew-normal law keeps and sums."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.skew_normal.settings import JointSkewNormalParams
from emdesk.model.elliptical_sums import Block, Unknown
from emdesk.model.numerics.joint_skew import Leaning, leaning
from emdesk.model.numerics.patterns import Pattern, Regressions
from emdesk.model.numerics.skew import hidden_moments
from emdesk.model.numerics.whitening import Whitening, whitening

F64 = NDArray[np.float64]
LOG_2, LOG_2_PI = float(np.log(2)), float(np.log(2 * np.pi))
OF_COMPLETED, STEEP_BESIDE_GAPS = 0.3, 10.0
"""The share of the completed rows in the bends of rows with missing cells, for groups that are less steep than this."""


@dataclass(frozen=True, eq=False)
class JointSkewSums:
    """Effective rows (K,); with x a row less the location (K, d) of its group in `locations` and t its hidden part,
    `first` (K, d + 1) sums of x and t, and `second` (K, d + 1, d + 1) of their products; `slopes` (K, d + 1) of first
    derivatives of log Phi times 1 and x, `bends` (K, d + 1, d + 1) of second derivatives times their products, where
    cells are missing about what these are. From a partition t is the square of each standardised cell, and only its
    products with the same cell are there.
    """

    counts: F64
    first: F64
    second: F64
    slopes: F64
    bends: F64
    locations: F64

    def __add__(self, other: Self) -> JointSkewSums:
        return replace(
            self,
            counts=self.counts + other.counts,
            first=self.first + other.first,
            second=self.second + other.second,
            slopes=self.slopes + other.slopes,
            bends=self.bends + other.bends,
        )

    def scaled(self, factor: float) -> JointSkewSums:
        """All sums times a factor."""
        return replace(
            self,
            counts=factor * self.counts,
            first=factor * self.first,
            second=factor * self.second,
            slopes=factor * self.slopes,
            bends=factor * self.bends,
        )


@dataclass(frozen=True, eq=False)
class JointKernel:
    """What all blocks share: the params and what follows from them, what the log density begins with (K,), and the
    regressions of missing cells on the others given the hidden part, and of the rows for their distances."""

    params: JointSkewNormalParams
    leaning: Leaning
    whitening: Whitening
    constants: F64
    offsets: F64
    log_scales: F64
    noise: Regressions
    marginal: Regressions

    @property
    def spreads(self) -> F64:
        """(K,) the standard deviation of the hidden part of a row before it is cut at zero."""
        return np.asarray(1 / np.hypot(1, self.leaning.steepness))

    def leaning_of(self, pattern: Pattern) -> tuple[F64, F64]:
        """The pulls (K, o) of the observed columns of a pattern, and the spreads (K,) of the hidden part."""
        white = self.marginal.of(pattern).whitening.white
        shifts = (white @ self.leaning.shifts[:, pattern.observed, None])[:, :, 0]
        spreads = np.sqrt(np.maximum(1 - (shifts**2).sum(axis=1), np.finfo(float).tiny))
        pulls = (np.swapaxes(white, 1, 2) @ shifts[:, :, None])[:, :, 0]
        return pulls / spreads[:, None], spreads


def kernel(params: JointSkewNormalParams, offsets: F64, log_scales: F64) -> JointKernel:
    """The kernel; `log_scales` (d,) are the logarithms of the units of the rows."""
    lean, made = leaning(params.scales, params.slants), whitening(params.scales)
    heights = LOG_2 - 0.5 * len(log_scales) * LOG_2_PI - log_scales.sum()
    return JointKernel(
        params,
        lean,
        made,
        offsets + heights - made.log_root,
        offsets,
        log_scales,
        Regressions(params.locations, lean.rests),
        Regressions(params.locations, params.scales),
    )


@dataclass(eq=False)
class JointSkewRows:
    """The rows of a block, and what a kernel has found out about them: mean and mean square of the hidden part in units
    of its spread, (K, m) each, of the complete rows and then by pattern."""

    block: Block
    seen_by: JointKernel | None = None
    hidden: tuple[tuple[F64, F64], ...] = ()

    def look(self, shared: JointKernel, out: F64) -> None:
        """Write the log densities and offsets (K, m) into out, and keep what the sums need."""
        block, params = self.block, shared.params
        logs = np.empty((len(out), block.values.shape[1]))
        tilts = np.empty_like(logs)
        for k, location in enumerate(params.locations):
            white = shared.whitening.of(k, block.values, location)
            logs[k] = shared.constants[k] - 0.5 * np.einsum("ij,ij->j", white, white)
            tilts[k] = shared.leaning.pulls[k] @ (block.values - location[:, None])
        found = [_hidden(tilts, logs)]
        if block.complete is None:
            out[:] = logs
        else:
            out[:, block.complete] = logs
        for pattern in block.patterns:
            o = pattern.observed
            heights = LOG_2 - 0.5 * len(o) * LOG_2_PI - shared.log_scales[o].sum()
            heights = shared.offsets + heights - shared.marginal.of(pattern).whitening.log_root
            logs = heights[:, None] - 0.5 * shared.marginal.distances(pattern)
            found.append(_hidden(_tilts(shared, pattern), logs))
            out[:, pattern.chosen] = logs
        self.seen_by, self.hidden = shared, tuple(found)

    def sums(self, members: F64, shared: JointKernel | None, unknown: Unknown) -> JointSkewSums:
        """The sums with memberships (K, m), row weights in. Without a kernel, a partition, missing cells are taken as
        drawn from the data."""
        groups, d = len(members), len(self.block.values)
        if shared is None:
            return self._of_partition(members, unknown)
        if self.seen_by is not shared:
            self.look(shared, np.empty(members.shape))
        first, second = np.zeros((groups, d + 1)), np.zeros((groups, d + 1, d + 1))
        slopes, bends = np.zeros_like(first), np.zeros_like(second)
        weights = self.block.of_complete(members)
        means, squares = self.hidden[0]
        both = np.empty((d + 2, weights.shape[1]))
        both[0] = 1.0
        for k, location in enumerate(shared.params.locations):
            np.subtract(self.block.values, location[:, None], out=both[1:-1])
            both[-1] = shared.spreads[k] * means[k]
            first[k], second[k] = _products(both[1:], weights[k])
            second[k, -1, -1] = shared.spreads[k] ** 2 * (weights[k] @ squares[k])
            ratios = _ratios(shared.leaning.pulls[k] @ both[1:-1], means[k])
            slopes[k] = both[:-1] @ (ratios * weights[k])
            bends[k] = -(both[:-1] * (ratios * means[k] * weights[k])) @ both[:-1].T
        for pattern, found in zip(self.block.patterns, self.hidden[1:], strict=True):
            more = _pattern_sums(shared, pattern, members[:, pattern.chosen], *found)
            first, second = first + more[0], second + more[1]
            slopes, bends = slopes + more[2], bends + more[3]
        counts = members.sum(axis=1)
        return JointSkewSums(counts, first, second, slopes, bends, shared.params.locations)

    def _of_partition(self, members: F64, unknown: Unknown) -> JointSkewSums:
        groups, d = len(members), len(self.block.values)
        first, second = np.zeros((groups, d + 1)), np.zeros((groups, d + 1, d + 1))
        pieces = [(self.block.values, self.block.of_complete(members), np.zeros(0, dtype=np.intp))]
        for pattern in self.block.patterns:
            values = np.repeat(unknown.means[:, None], len(pattern.chosen), axis=1)
            values[pattern.observed] = pattern.values
            pieces.append((values, members[:, pattern.chosen], pattern.missing))
        for values, weights, missing in pieces:
            for k, own in enumerate(weights):
                more = _products(values, own)
                first[k, :-1] += more[0]
                second[k, :-1, :-1] += more[1]
                thirds = (values**3) @ own
                total, added = own.sum(), unknown.variances[missing]
                second[k, missing, missing] += total * added
                thirds[missing] += 3 * total * unknown.means[missing] * added
                second[k, :-1, -1] += thirds
        none = np.zeros_like(first), np.zeros_like(second), np.zeros((groups, d))
        return JointSkewSums(members.sum(axis=1), first, second, *none)


def _hidden(tilts: F64, logs: F64) -> tuple[F64, F64]:
    """Mean and mean square of the hidden part, with log Phi added to the logs."""
    of_side, means, squares = hidden_moments(tilts)
    logs += of_side
    return means, squares


def _ratios(tilts: F64, means: F64) -> F64:
    """phi / Phi at the tilts (m,), where `means` (m,) are those of the hidden part."""
    from scipy.special import ndtr

    above = np.exp(-0.5 * tilts**2) / (np.sqrt(2 * np.pi) * ndtr(np.maximum(tilts, 0.0)))
    return np.where(tilts > 0, above, means - tilts)


def _tilts(shared: JointKernel, pattern: Pattern) -> F64:
    pulls, _ = shared.leaning_of(pattern)
    made = np.empty((len(pulls), len(pattern.chosen)))
    for k, centred in shared.marginal.centred(pattern):
        made[k] = pulls[k] @ centred
    return made


def _products(rows: F64, weights: F64) -> tuple[F64, F64]:
    weighted = rows * weights
    return weighted.sum(axis=1), weighted @ rows.T


def _pattern_sums(
    shared: JointKernel, pattern: Pattern, members: F64, means: F64, squares: F64
) -> tuple[F64, F64, F64, F64]:
    """The expected sums of rows with missing cells: given the hidden part these are regressed on the others. The bends
    lie between those of the observed cells, as if their argument of Phi were linear in the pull, which can be too low
    for a step to end, and those of the completed rows, under which a steep group creeps."""
    groups, d = shared.params.locations.shape
    first, second = np.empty((groups, d + 1)), np.empty((groups, d + 1, d + 1))
    slopes, bends = np.empty_like(first), np.empty_like(second)
    o, q = pattern.observed, pattern.missing
    seen_pulls, spreads = shared.leaning_of(pattern)
    noise, lean = shared.noise.of(pattern), shared.leaning
    for k, centred in shared.noise.centred(pattern):
        both = np.concatenate([centred, spreads[k] * means[k][None]])
        of_both, products = _products(both, members[k])
        products[-1, -1] = spreads[k] ** 2 * (members[k] @ squares[k])
        whole = np.zeros((d + 1, len(o) + 1))
        whole[o, np.arange(len(o))] = 1.0
        whole[q, :-1] = noise.slopes[k]
        whole[q, -1] = lean.shifts[k, q] - noise.slopes[k] @ lean.shifts[k, o]
        whole[-1, -1] = 1.0
        first[k], second[k] = whole @ of_both, whole @ products @ whole.T
        second[k][q[:, None], q] += members[k].sum() * noise.residual[k]
        # phi / Phi is the mean of the hidden part in units of its spread less the argument of Phi
        known = np.concatenate([first[k][None, :-1], second[k][:-1, :-1]])
        of_hidden = np.concatenate([first[k][-1:], second[k][:-1, -1]])
        slopes[k] = of_hidden / shared.spreads[k] - known @ lean.pulls[k]
        tilts = seen_pulls[k] @ centred
        falls = _ratios(tilts, means[k]) * means[k] * members[k]
        completed = np.concatenate([np.ones((1, len(falls))), whole[:-1] @ both])
        seen = _leverages(shared, pattern, k, centred, tilts)
        share = OF_COMPLETED if lean.steepness[k] < STEEP_BESIDE_GAPS else 0.0
        bends[k] = -share * ((completed * falls) @ completed.T)
        bends[k] -= (1 - share) * ((seen * falls) @ seen.T)
    return first, second, slopes, bends


def _leverages(shared: JointKernel, pattern: Pattern, k: int, centred: F64, tilts: F64) -> F64:
    """(d + 1, m) how the argument of Phi, `tilts` (m,), changes with the location along the pull, and with the pull: it
    is the pull times the completed row, over the root of one and the variance of the pull times what was missing."""
    found, q = shared.marginal.of(pattern), pattern.missing
    d, pull = len(shared.log_scales), shared.leaning.pulls[k]
    spread = found.residual[k] @ pull[q]
    square = 1 + float(pull[q] @ spread)
    made = np.empty((d + 1, len(tilts)))
    made[0] = 1.0
    made[1 + pattern.observed] = centred
    made[1 + q] = found.slopes[k] @ centred
    made /= np.sqrt(square)
    made[1 + q] -= np.outer(spread, tilts) / square
    return made
