"""Centring and scaling of columns, safe at any offset and any power of ten."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
CENTRE_BITS = 12
"""A short centre is a multiple of the standard deviation's power of two over two to this."""
MOST_SHORT = 2.0**52
MOST_POWER = 1023.0
LARGE, SHRUNK = 2.0**960, 2.0**-64
"""Sums of values beyond the first would be infinite: they are taken of values times the second, which is exact."""


@dataclass(frozen=True, eq=False)
class Scaling:
    """Columns are (x - centre) / scale inside a fit. `deviations` are the standard deviations of the columns in the
    analyst's units; `scales` equal them, or are all their common root mean square.

    Exact ones are the powers of two next to that, and the centres are short numbers, so that going to standardised
    units and back changes no digit of a covariance and hardly one of a difference. `ratios` (d,) are then what the
    scales should have been in units of what they are; `means` (d,) are those of the data, standardised."""

    centres: F64
    scales: F64
    deviations: F64
    ratios: F64
    means: F64

    @property
    def log_volume(self) -> float:
        """What the log-likelihood of a row loses by the scaling: the sum of log scales."""
        return float(np.log(self.scales).sum())

    def standardised(self, columns: F64) -> F64:
        """(d, n) standardised columns, contiguous."""
        made = columns - self.centres[:, None]
        made /= self.scales[:, None]
        return np.ascontiguousarray(made)

    def raw(self, rows: F64) -> F64:
        """The inverse of `standardised`."""
        return np.asarray(rows * self.scales[:, None] + self.centres[:, None])


def scaling_of(columns: F64, weights: F64 | None, by_column: bool, exact: bool = False) -> Scaling:
    """The scaling of columns (d, n) with row weights (n,): one scale a column, or one for all of them.

    The mean is taken of differences to one row and the variance of values divided by the largest deviation,
    so that neither an offset of 1e12 nor a scale of 1e150 costs digits or overflows. Missing cells (NaN) are left out.
    """
    if np.isnan(columns).any():
        centres, deviations = _of_observed(columns, weights)
    else:
        centres, deviations = _centres_and_deviations(columns, weights)
    if by_column:
        scales = np.where(deviations > 0, deviations, 1.0)
    else:
        top = float(deviations.max()) or 1.0
        common = top * np.sqrt(np.mean((deviations / top) ** 2))
        scales = np.full(len(columns), common if common > 0 else 1.0)
    if not exact:
        d = len(columns)
        return Scaling(centres, scales, deviations, np.ones(d), np.zeros(d))
    powers = np.exp2(np.minimum(np.rint(np.log2(scales)), MOST_POWER))
    short = np.exp2(np.rint(np.log2(np.where(deviations > 0, deviations, powers))) - CENTRE_BITS)
    with np.errstate(over="ignore"):  # an infinite bound is one
        can_be_short = np.abs(centres) < MOST_SHORT * short
    means, centres = centres, np.where(can_be_short, np.rint(centres / short) * short, centres)
    # zero is the shortest centre, and near enough where it lies among the data
    centres = np.where(np.abs(centres) < deviations, 0.0, centres)
    return Scaling(centres, powers, deviations, scales / powers, (means - centres) / powers)


def _of_observed(columns: F64, weights: F64 | None) -> tuple[F64, F64]:
    made = []
    for cells in columns:
        there = ~np.isnan(cells)
        chosen = None if weights is None else weights[there]
        made.append(_centres_and_deviations(cells[None, there], chosen))
    return np.concatenate([c for c, _ in made]), np.concatenate([s for _, s in made])


def _centres_and_deviations(columns: F64, weights: F64 | None) -> tuple[F64, F64]:
    if np.abs(columns).max() > LARGE:
        centres, deviations = _centres_and_deviations(columns * SHRUNK, weights)
        return centres / SHRUNK, deviations / SHRUNK
    # numpy's mean of a constant column can differ from it in the last bit; the difference to a row cannot
    first = columns[:, :1]
    shifted = columns - first
    centres = first[:, 0] + np.average(shifted, axis=1, weights=weights)
    np.subtract(columns, centres[:, None], out=shifted)
    largest = np.abs(shifted).max(axis=1)
    varies = columns.max(axis=1) > columns.min(axis=1)
    safe = np.where(largest > 0, largest, 1.0)
    shifted /= safe[:, None]
    deviations = safe * np.sqrt(np.average(shifted**2, axis=1, weights=weights))
    return centres, np.where(varies, deviations, 0.0)
