"""The dispersion that maximises a negative binomial likelihood of weighted counts.

At any dispersion the best mean is the weighted mean m, so one equation in the dispersion a is left: with h_v the
weight of the count v and N their sum,

    sum_v h_v sum_{j < v} j / (1 + a j)  =  N (a m - log(1 + a m)) / a^2.

It has one root where the variance is above the mean and none elsewhere; there the likelihood rises towards a = 0,
the Poisson law. About a mean m that is held, while the weighted mean lies c above it, the right side is greater by
N c m / (1 + a m).

Sources
    The equation: Fisher (1941), Ann. Eugenics 11, 182-187; the single root: Levin and Reeds (1977), Ann. Statist. 5,
    79-87. Sums beyond small counts by Euler and Maclaurin: Abramowitz and Stegun (1964), 23.1.30.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.model.numerics.counts import excess
from emdesk.model.numerics.tallies import DistinctValues

F64 = NDArray[np.float64]
SUMMED = 128
"""Sums over smaller whole numbers are made term by term."""
MOST_STEPS = 200
SETTLED, ROUNDING = 1e-9, 1e-15
"""Steps in log dispersion below SETTLED, and below the ROUNDING of the two sides, which counts where dispersion times
mean is small, end the search; they are quadratic, so the last one leaves nothing."""


@dataclass(frozen=True, eq=False)
class Score:
    """The equation for K groups and d columns: `rows`, `means` and how far the weighted means lie above these, (K, d)
    each, `above` (K, d, J) the weight of the counts above j = 0, 1, ..., and the distinct counts beyond that with their
    weights, columns and first places of columns."""

    rows: F64
    means: F64
    off: F64
    above: F64
    large: F64
    weights: F64
    columns: NDArray[np.intp]
    firsts: NDArray[np.intp]

    def at(self, dispersions: F64) -> tuple[F64, F64]:
        """Left side less right side at dispersions (K, d), and its derivative, up to a positive factor.

        Where a m is above 1 both sides are first taken off N m / a, which is nearly all of either.
        """
        small = np.arange(self.above.shape[2], dtype=np.float64)
        scaled = dispersions * self.means
        far = scaled > 1
        terms = 1 / (1 + dispersions[:, :, None] * small)
        terms *= np.where(far[:, :, None], 1.0, small)
        sums = np.einsum("kdj,kdj->kd", self.above, terms)
        squares = np.einsum("kdj,kdj->kd", self.above, terms * terms)
        if self.large.size:
            ends = _integrals(self.large, dispersions[:, self.columns], far[:, self.columns])
            starts = _integrals(np.full(1, float(SUMMED)), dispersions, far)
            which = self.columns[self.firsts]
            for made, part, base in zip((sums, squares), ends, starts, strict=True):
                part -= base[:, self.columns]
                part *= self.weights
                made[:, which] += np.add.reduceat(part, self.firsts, axis=1)
        rows = self.rows
        value, change = excess(np.minimum(scaled, 1.0))
        mass, share = rows * self.means**2, 1 / (1 + scaled)
        pull = rows * self.off * share
        near_value = sums - mass * value - pull * self.means
        near_slope = -squares - mass * self.means * change + pull * share * self.means**2
        log = rows * np.log1p(scaled) / dispersions
        turn = rows * self.means * share - 2 * log + 2 * sums - squares
        turn -= pull * share * (1 + 2 * scaled)
        return (
            np.where(far, log - sums + pull, near_value),
            np.where(far, turn / dispersions, near_slope),
        )


def score_of(rows: F64, cells: F64, means: F64, values: DistinctValues, off: F64) -> Score:
    """The equation for effective rows (K, d), cells (K, D), means (K, d), and how far the weighted means lie above
    these."""
    widest = int(min(values.values.max(), SUMMED))
    above = np.zeros((len(cells), values.columns, widest))
    for j in range(values.columns):
        a, b = int(values.edges[j]), int(values.edges[j + 1])
        # the distinct values after the first places[i] of them lie above i
        places = np.searchsorted(values.values[a:b], np.arange(widest), side="right")
        tails = np.cumsum(cells[:, a:b][:, ::-1], axis=1)[:, ::-1]
        padded = np.concatenate([tails, np.zeros((len(cells), 1))], axis=1)
        above[:, j] = padded[:, places]
    large = np.flatnonzero(values.values > SUMMED)
    columns = values.column_of_value[large]
    _, firsts = np.unique(columns, return_index=True)
    return Score(rows, means, off, above, values.values[large], cells[:, large], columns, firsts)


def _integrals(x: F64, dispersions: F64, far: NDArray[np.bool_]) -> tuple[F64, F64]:
    """Antiderivatives at x whose differences are the sums over whole numbers j of j / (1 + a j), where far of
    1 / (1 + a j), and to leading order those of the squares."""
    scaled = dispersions * x
    shrunk = 1 / (1 + scaled)
    share, squared = x * shrunk, shrunk * shrunk
    value, slope = excess(np.where(far, 0.0, scaled))
    fourth = (dispersions * squared) ** 2
    ends = squared / 12 - fourth / 120 + fourth * dispersions**2 * squared / 252
    made = np.where(
        far,
        np.log1p(scaled) / dispersions - 0.5 * shrunk - dispersions * ends,
        x * x * value - 0.5 * share + ends,
    )
    squares = np.where(
        far,
        -shrunk / dispersions - 0.5 * squared,
        -x * x * x * slope - 0.5 * share * share,
    )
    return made, squares


def best_dispersions(score: Score, start: F64, least: F64, most: float) -> F64:
    """The maxima (K, d) between `least` (d,) and `most`, sought from `start` (K, d); a start below `least` says that
    the variance is not above the mean, and is answered by `least`.

    Newton steps, in the dispersion below the root and in its logarithm above it, kept inside a bracket that shrinks.
    """
    low = np.broadcast_to(np.log(least), start.shape).copy()
    high = np.full(start.shape, float(np.log(most)))
    is_open = start >= least
    here = np.log(np.clip(start, least, most))
    for _ in range(MOST_STEPS):
        if not is_open.any():
            break
        dispersions = np.exp(here)
        value, slope = score.at(dispersions)
        low = np.where(value > 0, here, low)
        high = np.where(value > 0, high, here)
        moved = _step(here, dispersions, value, slope)
        is_inside = np.isfinite(moved) & (moved >= low) & (moved <= high) & (moved != here)
        moved = np.where(is_inside, moved, 0.5 * (low + high))
        moved = np.where(is_open & (value != 0), moved, here)
        is_open &= np.abs(moved - here) > SETTLED + ROUNDING / (dispersions * score.means)
        here = moved
    return np.clip(np.exp(here), least, most)


def _step(here: F64, dispersions: F64, value: F64, slope: F64) -> F64:
    """Where Newton steps lead in log dispersion."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        plain = here + np.log1p(np.maximum(-value / (slope * dispersions), 0.0))
        scaled = dispersions * value
        curved = scaled + dispersions**2 * slope
        logarithmic = np.where(curved < 0, here - scaled / curved, np.nan)
    return np.asarray(np.where(value > 0, plain, logarithmic))
