"""What a sweep of the skew-normal law keeps and sums."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.skew_normal.settings import SkewNormalParams
from emdesk.model.law import Workspace
from emdesk.model.numerics.centred_skew import centred_scores
from emdesk.model.numerics.leaning_skew import curvatures
from emdesk.model.numerics.skew import SkewAverages, hidden_moments

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SkewSums:
    """Effective rows (K,), and those whose cell is observed (K, d). With z the cell in units of `scales` about
    `locations` (K, d), and t its hidden part: `moments` (5, K, d) are sums of z, z^2, t, t^2 and z t, and `scores`
    (7, K, d) those of `centred_scores` and of `curvatures`. From a partition z is the standardised cell, and the third
    moment that of z^3.
    """

    counts: F64
    seen: F64
    moments: F64
    scores: F64
    locations: F64
    scales: F64

    def __add__(self, other: Self) -> SkewSums:
        return replace(
            self,
            counts=self.counts + other.counts,
            seen=self.seen + other.seen,
            moments=self.moments + other.moments,
            scores=self.scores + other.scores,
        )

    def scaled(self, factor: float) -> SkewSums:
        """All sums times a factor."""
        return replace(
            self,
            counts=factor * self.counts,
            seen=factor * self.seen,
            moments=factor * self.moments,
            scores=factor * self.scores,
        )

    @property
    def empty(self) -> NDArray[np.bool_]:
        """(K, d) where a group has no observed cell of a column."""
        return np.asarray(self.seen <= 0)

    @property
    def averages(self) -> SkewAverages:
        """Over the observed cells; of a group without any those of a standard normal cell."""
        rows = np.where(self.seen > 0, self.seen, 1.0)
        none = (0.0, 1.0, 1.0, 2.0, 0.0)
        made = (
            np.where(self.seen > 0, m / rows, n) for m, n in zip(self.moments, none, strict=True)
        )
        return SkewAverages(*made)

    @property
    def average_scores(self) -> F64:
        """(7, K, d) over the observed cells."""
        return np.asarray(self.scores / np.where(self.seen > 0, self.seen, 1.0))


@dataclass(frozen=True, eq=False)
class Kernel:
    """The params, the offsets (K,), and the logarithms (K, d) of what stands before phi and Phi in the density."""

    params: SkewNormalParams
    offsets: F64
    heights: F64


@dataclass(eq=False)
class SkewRows:
    """Standardised cells (d, m) of a block, 0 where missing, and marks (d, m) of what is observed, None if all is; and
    what a kernel has seen in them: z, t and t^2, (d, K, m) each."""

    cells: F64
    marks: F64 | None = None
    seen: tuple[Kernel, F64, F64, F64] | None = None

    def look(self, kernel: Kernel, out: F64, work: Workspace) -> None:
        """Write the log densities and offsets (K, m) of standardised cells into out, and keep what the sums need."""
        params = kernel.params
        (d, m), groups = self.cells.shape, len(out)
        kept = [
            work.array(f"skew-normal.{name}", d * groups, m).reshape(d, groups, m)
            for name in ("z", "t", "tt")
        ]
        shares = 1 / np.hypot(1, params.slants)
        out[:] = kernel.offsets[:, None]
        for j, cells in enumerate(self.cells):
            z = (cells - params.locations[:, j, None]) / params.scales[:, j, None]
            logs, first, second = hidden_moments(params.slants[:, j, None] * z)
            logs += kernel.heights[:, j, None] - 0.5 * z**2
            out += logs if self.marks is None else logs * self.marks[j]
            share = shares[:, j, None]
            kept[0][j], kept[1][j], kept[2][j] = z, share * first, share**2 * second
        self.seen = kernel, kept[0], kept[1], kept[2]

    def sums(self, members: F64, kernel: Kernel | None, work: Workspace) -> SkewSums:
        """The sums with memberships (K, m), row weights in."""
        (d, m), groups = self.cells.shape, len(members)
        counts = members.sum(axis=1)
        made, scores = np.empty((5, groups, d)), np.zeros((7, groups, d))
        seen = np.empty((groups, d))
        if kernel is not None and (self.seen is None or self.seen[0] is not kernel):
            self.look(kernel, work.array("skew-normal.logs", groups, m), work)
        for j, cells in enumerate(self.cells):
            weighted = members if self.marks is None else members * self.marks[j]
            seen[:, j] = counts if self.marks is None else weighted.sum(axis=1)
            if kernel is None:
                powers = np.stack([cells, cells**2, cells**3])
                made[:3, :, j] = powers @ weighted.T
                made[3:, :, j] = 0.0
                continue
            assert self.seen is not None, "looked at above"
            z, t, tt = (part[j] for part in self.seen[1:])
            for place, part in enumerate((z, z * z, t, tt, z * t)):
                made[place, :, j] = np.vecdot(weighted, part)
            slants = kernel.params.slants[:, j, None]
            each = centred_scores(z, t * np.hypot(1, slants), slants)
            scores[:4, :, j] = np.vecdot(weighted, each)
            each = curvatures(z, t * np.hypot(1, slants), slants)
            scores[4:, :, j] = np.vecdot(weighted, each)
        if kernel is None:
            places = np.zeros((groups, d)), np.ones((groups, d))
        else:
            places = kernel.params.locations, kernel.params.scales
        return SkewSums(counts, seen, made, scores, *places)
