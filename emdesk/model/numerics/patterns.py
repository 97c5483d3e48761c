"""Rows with missing cells under elliptical laws: one regression on the observed columns for each pattern of cells.

Given its group, the missing part of a row has the conditional mean mu_m + B (x_o - mu_o) with
B = S_mo S_oo^-1, and the conditional covariance S_mm - B S_om; both go into the expected sums, not the means alone
(Dempster, Laird and Rubin 1977, section 4.1.3; Ghahramani and Jordan 1994, NIPS 6, 120-127).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emdesk.model.numerics.whitening import Whitening, whitening

F64 = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Pattern:
    """Rows `chosen` (m,) of a block whose `observed` columns (o,) are there and `missing` ones (q,) are not; `values`
    (o, m) are their observed cells."""

    key: bytes
    observed: Indices
    missing: Indices
    chosen: Indices
    values: F64


def patterns_of(rows: F64) -> list[Pattern]:
    """The patterns of rows (d, m) with NaN where a cell is missing, the complete rows first."""
    gaps = np.isnan(rows)
    packed = np.packbits(gaps, axis=0)
    keys, inverse = np.unique(packed.T, axis=0, return_inverse=True)
    order = np.argsort(inverse.ravel(), kind="stable")
    edges = np.searchsorted(inverse.ravel()[order], np.arange(len(keys) + 1))
    made = []
    for i, key in enumerate(keys):
        chosen = order[edges[i] : edges[i + 1]]
        gap = gaps[:, chosen[0]]
        observed = np.flatnonzero(~gap)
        values = rows[observed][:, chosen]
        made.append(Pattern(key.tobytes(), observed, np.flatnonzero(gap), chosen, values))
    return made


@dataclass(frozen=True, eq=False)
class Regression:
    """What a pattern needs of means and covariances: the `whitening` of the observed columns; `slopes` (K, q, o) and
    `residual` (K, q, q) of the missing columns on the observed ones."""

    whitening: Whitening
    slopes: F64
    residual: F64

    def complete(self, pattern: Pattern, d: int) -> F64:
        """(K, d, o) what turns centred observed cells into centred rows."""
        made = np.zeros((len(self.slopes), d, len(pattern.observed)))
        made[:, pattern.observed, np.arange(len(pattern.observed))] = 1.0
        made[:, pattern.missing] = self.slopes
        return made


def regression(pattern: Pattern, covariances: F64) -> Regression:
    """The regression of a pattern under covariances (K, d, d)."""
    o, q = pattern.observed, pattern.missing
    made = whitening(covariances[:, o[:, None], o])
    # slopes = (W S_om)' W; the residual is S_mm - (W S_om)'(W S_om)
    half = made.white @ covariances[:, o[:, None], q]
    slopes = np.swapaxes(half, 1, 2) @ made.white
    residual = covariances[:, q[:, None], q] - np.swapaxes(half, 1, 2) @ half
    return Regression(made, slopes, residual)


@dataclass(frozen=True, eq=False)
class Regressions:
    """The regressions of params, each made when it is first asked for.

    Two threads may make the same one at once: both make the same bits, and one is kept.
    """

    means: F64
    covariances: F64
    _made: dict[bytes, Regression] = field(default_factory=dict)

    def of(self, pattern: Pattern) -> Regression:
        """The regression of a pattern."""
        found = self._made.get(pattern.key)
        if found is None:
            found = self._made[pattern.key] = regression(pattern, self.covariances)
        return found

    def centred(self, pattern: Pattern) -> Iterator[tuple[int, F64]]:
        """For each group its number and the observed cells less its means (o, m)."""
        for k, mean in enumerate(self.means):
            yield k, pattern.values - mean[pattern.observed][:, None]

    def distances(self, pattern: Pattern) -> F64:
        """(K, m) squared Mahalanobis distances of the observed cells."""
        found, o = self.of(pattern), pattern.observed
        made = np.empty((len(self.means), len(pattern.chosen)))
        for k, mean in enumerate(self.means):
            white = found.whitening.of(k, pattern.values, mean[o])
            np.einsum("ij,ij->j", white, white, out=made[k])
        return made

    def sums(self, pattern: Pattern, weights: F64, counts: F64) -> tuple[F64, F64]:
        """Expected first (K, d) and second (K, d, d) moments about the means, of rows with `weights` (K, m);
        `counts` (K,) are what the residual covariance is counted with."""
        found = self.of(pattern)
        groups, d = self.means.shape
        first, second = np.empty((groups, d)), np.empty((groups, d, d))
        full = found.complete(pattern, d)
        q = pattern.missing
        for k, centred in self.centred(pattern):
            weighted = centred * weights[k]
            first[k] = full[k] @ weighted.sum(axis=1)
            second[k] = full[k] @ (weighted @ centred.T) @ full[k].T
            second[k][q[:, None], q] += counts[k] * found.residual[k]
        return first, second

    def filled(
        self,
        pattern: Pattern,
        responsibilities: F64,
        residual_scale: F64 | None,
        rng: np.random.Generator | None,
        chosen: Indices | None,
    ) -> tuple[F64, F64]:
        """Values and standard deviations (q, m) of the missing cells: the mixture of the conditional means and
        variances by `responsibilities` (K, m); with `rng` a draw from the group `chosen` (m,) of each row.

        `residual_scale` (K, m) multiplies the residual covariance row by row (Student t), None: one.
        """
        found = self.of(pattern)
        groups, m = responsibilities.shape
        q = len(pattern.missing)
        means, variances = np.empty((groups, q, m)), np.empty((groups, q, m))
        scale = np.ones((groups, m)) if residual_scale is None else residual_scale
        for k, centred in self.centred(pattern):
            means[k] = self.means[k][pattern.missing][:, None] + found.slopes[k] @ centred
            variances[k] = np.diagonal(found.residual[k])[:, None] * scale[k]
        centre = np.einsum("kqm,km->qm", means, responsibilities)
        spread = np.sqrt(
            np.einsum("kqm,km->qm", variances + (means - centre) ** 2, responsibilities)
        )
        if rng is None or chosen is None:
            return centre, spread
        return self._drawn(found, means, scale, rng, chosen), spread

    @staticmethod
    def _drawn(
        found: Regression, means: F64, scale: F64, rng: np.random.Generator, chosen: Indices
    ) -> F64:
        made = np.empty(means.shape[1:])
        for k in range(len(means)):
            mine = np.flatnonzero(chosen == k)
            values, vectors = np.linalg.eigh(found.residual[k])
            root = vectors * np.sqrt(np.maximum(values, 0.0))
            noise = root @ rng.standard_normal((len(values), len(mine)))
            made[:, mine] = means[k][:, mine] + noise * np.sqrt(scale[k, mine])
        return made
