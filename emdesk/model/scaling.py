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
FAR_SHARE, FAR_RATIO = 0.05, 10.0
"""Up to this share of a column's rows, or one of them, is far if the others are narrower than the whole column by more
than the ratio."""
LEAST_BULK = 2.0**-40
"""Rows that are narrower still, as a share of the column's standard deviation, are a heap with rounding."""


@dataclass(frozen=True, eq=False)
class Scaling:
    """Columns are (x - centre) / scale inside a fit. `deviations` are the standard deviations of the columns in the
    analyst's units; `scales` equal them, or are all their common root mean square.

    Exact ones are the powers of two next to the `spreads`, which can be such that a few far rows do not widen them,
    and the centres are short numbers amid the other rows, so that going to standardised units and back changes no
    digit of a covariance and hardly one of a difference. `ratios` (d,) are then what the scales should have been in
    units of what they are; `means` (d,) are those of the data, standardised."""

    centres: F64
    scales: F64
    deviations: F64
    spreads: F64
    ratios: F64
    means: F64

    @property
    def log_volume(self) -> float:
        """What the log-likelihood of a row loses by the scaling: the sum of log scales."""
        return float(np.log(self.scales).sum())

    @property
    def variances(self) -> F64:
        """(d,) of the standardised columns."""
        return np.asarray((self.deviations / self.scales) ** 2)

    def standardised(self, columns: F64) -> F64:
        """(d, n) standardised columns, contiguous."""
        made = columns - self.centres[:, None]
        made /= self.scales[:, None]
        return np.ascontiguousarray(made)

    def raw(self, rows: F64) -> F64:
        """The inverse of `standardised`."""
        return np.asarray(rows * self.scales[:, None] + self.centres[:, None])


def scaling_of(
    columns: F64,
    weights: F64 | None,
    by_column: bool,
    exact: bool = False,
    of_bulk: bool = False,
) -> Scaling:
    """The scaling of columns (d, n) with row weights (n,): one scale a column, or one for all of them. An exact one
    can be that `of_bulk`, the rows without a few far ones.

    The mean is taken of differences to one row and the variance of values divided by the largest deviation,
    so that neither an offset of 1e12 nor a scale of 1e150 costs digits or overflows. Missing cells (NaN) are left out.
    """
    if np.isnan(columns).any():
        means, deviations = _of_observed(columns, weights)
    else:
        means, deviations = _centres_and_deviations(columns, weights)
    if not exact:
        d = len(columns)
        scales = _scales(deviations, by_column)
        return Scaling(means, scales, deviations, deviations, np.ones(d), np.zeros(d))
    middles, spreads = means, deviations
    if of_bulk:
        middles, spreads = _of_bulk(columns, weights, means, deviations)
    scales = _scales(spreads, by_column)
    powers = np.exp2(np.minimum(np.rint(np.log2(scales)), MOST_POWER))
    # beside a far row the others have no digits to spare for a ratio
    has_far = spreads < deviations
    scales = np.where(has_far if by_column else has_far.any(), powers, scales)
    centres = _short(middles, spreads, powers)
    return Scaling(
        centres, powers, deviations, spreads, scales / powers, (means - centres) / powers
    )


def _scales(spreads: F64, by_column: bool) -> F64:
    if by_column:
        return np.where(spreads > 0, spreads, 1.0)
    top = float(spreads.max()) or 1.0
    common = top * np.sqrt(np.mean((spreads / top) ** 2))
    return np.full(len(spreads), common if common > 0 else 1.0)


def _short(middles: F64, spreads: F64, powers: F64) -> F64:
    """(d,) short numbers next to the middles."""
    short = np.exp2(np.rint(np.log2(np.where(spreads > 0, spreads, powers))) - CENTRE_BITS)
    with np.errstate(over="ignore"):  # an infinite bound is one
        can_be_short = np.abs(middles) < MOST_SHORT * short
    centres = np.where(can_be_short, np.rint(middles / short) * short, middles)
    # zero is the shortest centre, and near enough where it lies among the data
    return np.where(np.abs(centres) < spreads, 0.0, centres)


def _of_bulk(columns: F64, weights: F64 | None, means: F64, deviations: F64) -> tuple[F64, F64]:
    """Middles and spreads (d,) of columns (d, n) that a few far rows do not move: the means and deviations, but where
    the rows without the farthest are more than ten times narrower theirs, and ten times their deviation."""
    middles, spreads = means.copy(), deviations.copy()
    for j, cells in enumerate(columns):
        there = ~np.isnan(cells)
        if weights is not None:
            there &= weights > 0
        seen = cells if there.all() else cells[there]
        share = max(FAR_SHARE, 1 / max(len(seen), 1))
        with np.errstate(over="ignore"):
            farthest = np.abs(seen - means[j]).max(initial=0.0)
        # rows that are nearer cannot make up a variance so much larger than that of the others
        if not farthest * np.sqrt(share) > 0.9 * deviations[j] or deviations[j] > LARGE:
            continue
        used = None if weights is None else weights[there]
        distances = np.abs(seen - _quantile(seen, used, 0.5))
        near = distances <= _quantile(distances, used, 1 - share)
        middle, deviation = _centres_and_deviations(
            seen[None, near], None if used is None else used[near]
        )
        spread = FAR_RATIO * deviation[0]
        if LEAST_BULK * deviations[j] < spread < deviations[j]:
            middles[j], spreads[j] = middle[0], spread
    return middles, spreads


def _quantile(values: F64, weights: F64 | None, share: float) -> float:
    """The value that `share` of the rows (m,), counted with their weights, do not exceed."""
    last = 1e-9  # of a row, which is rounding
    if weights is None:
        place = int(np.ceil(share * len(values) - last)) - 1
        return float(np.partition(values, place)[place])
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    place = int(np.searchsorted(reached, share * reached[-1] * (1 - last)))
    return float(values[order[place]])


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
