"""The counts that a window hides, for laws of counts whose variance is mean + dispersion mean^2: Poisson (0), geometric
(1) and negative binomial ones.

Sums over whole numbers are cut off where no digit is left; those of the geometric law have closed forms (Johnson, Kemp
and Kotz 2005, Univariate Discrete Distributions, sections 4.10, 5.2 and 5.11).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.model.interval_ends import Window
from emdesk.model.interval_shapes import MOST_ODDS, Outside
from emdesk.model.numerics.counts import log_negative_binomial, log_poisson

F64 = NDArray[np.float64]
Ints = NDArray[np.intp]
DEVIATIONS, FEW = 40.0, 100
"""A sum goes so many deviations, and so many counts more, from where its terms are largest."""
MOST_LISTED, MOST_SUMMED = 1_000, 100_000
"""Up to so many hidden counts of a geometric law are taken one by one; a sum of more terms is an incomplete beta
function."""


@dataclass(frozen=True, eq=False)
class CountShapes:
    """The means and dispersions (K,) of the groups, which say all of their shapes; `is_geometric` where these are 1."""

    means: F64
    dispersions: F64
    is_geometric: bool = False

    def log_probabilities(self, counts: F64, k: int) -> F64:
        """(N,) of counts (N,) in one group."""
        mean, dispersion = float(self.means[k]), float(self.dispersions[k])
        if self.is_geometric:
            return np.asarray(counts * -np.log1p(1 / mean) - np.log1p(mean))
        means = np.full(len(counts), mean)
        if dispersion == 0:
            return log_poisson(counts, means)
        return log_negative_binomial(counts, means, np.full(len(counts), dispersion))

    def span(self, low: float, high: float, k: int) -> F64:
        """The counts from low to high that have a share in their sum: those about the mean, or next to the nearer
        end."""
        mean = float(self.means[k])
        grown = float(self.dispersions[k]) * mean
        top = min(max(low, mean), high)
        reach = DEVIATIONS * np.sqrt(max(mean, top) * (1 + grown)) + FEW
        if grown > 0:  # a tail that falls by a factor
            reach += DEVIATIONS / np.log1p(1 / grown)
        first, last = max(low, np.floor(top - reach)), min(high, np.ceil(top + reach))
        return np.arange(first, min(last, first + 10 * MOST_SUMMED) + 1 if grown > 0 else last + 1)

    def log_from(self, low: float, k: int) -> float:
        """The log probability of counts from low on."""
        from scipy.special import betainc

        counts = self.span(low, np.inf, k)
        mean, dispersion = float(self.means[k]), float(self.dispersions[k])
        if len(counts) <= MOST_SUMMED or dispersion == 0:
            return _log_sum(self.log_probabilities(counts, k))
        grown = dispersion * mean
        return float(np.log(betainc(low, 1 / dispersion, grown / (1 + grown))))


@dataclass(frozen=True, eq=False)
class _Hidden:
    """The log probability of the window in one group, and the counts that it hides with their log probabilities."""

    log_inside: float
    counts: F64
    logs: F64


def hidden_counts(shapes: CountShapes, window: Window) -> Outside:
    """The probability of a window in each group, and the counts that it hides for one row in it."""
    low, high = ends_of(window)
    of_group = _of_geometric if shapes.is_geometric else _of_sums
    found = [of_group(shapes, k, low, high) for k in range(len(shapes.means))]
    log_inside = np.array([one.log_inside for one in found])
    odds = [np.exp(np.minimum(one.logs - one.log_inside, MOST_ODDS)) for one in found]
    return Outside(
        np.exp(log_inside),
        log_inside,
        np.concatenate([np.full(len(one.counts), k, dtype=np.intp) for k, one in enumerate(found)]),
        np.concatenate([one.counts for one in found]),
        np.concatenate(odds),
    )


def ends_of(window: Window) -> tuple[float, float]:
    """The least and the largest count in a window."""
    return max(0.0, float(np.ceil(window.below))), float(np.floor(window.above))


def _of_sums(shapes: CountShapes, k: int, low: float, high: float) -> _Hidden:
    pieces = [(0.0, low - 1), (high + 1, np.inf)]
    spans = [shapes.span(a, b, k) for a, b in pieces if a <= b and np.isfinite(a)]
    counts = np.concatenate([np.empty(0), *spans])
    logs = shapes.log_probabilities(counts, k)
    outside = float(np.exp(logs).sum())
    if np.isinf(high) and outside <= 0.5:
        log_inside = float(np.log1p(-outside))
    elif np.isinf(high):
        log_inside = shapes.log_from(low, k)
    else:
        log_inside = _log_sum(shapes.log_probabilities(shapes.span(low, high, k), k))
    return _Hidden(log_inside, counts, logs)


def _of_geometric(shapes: CountShapes, k: int, low: float, high: float) -> _Hidden:
    """Counts enter the sums of this law by their total alone, so that two next to their mean stand for all of them."""
    mean = float(shapes.means[k])
    fall = float(np.log1p(1 / mean))  # of the log probability from one count to the next
    log_inside = -low * fall
    if np.isfinite(high):
        log_inside += float(np.log(-np.expm1(-(high - low + 1) * fall)))
    counts, logs = [np.empty(0)], [np.empty(0)]
    if 0 < low <= MOST_LISTED:
        counts.append(np.arange(low))
        logs.append(shapes.log_probabilities(counts[-1], k))
    elif low > 0:
        middle = mean - low / np.expm1(min(low * fall, MOST_ODDS))
        pair = _beside(min(max(middle, 0.0), low - 1), float(np.log(-np.expm1(-low * fall))))
        counts.append(pair[0])
        logs.append(pair[1])
    if np.isfinite(high):
        pair = _beside(high + 1 + mean, -(high + 1) * fall)
        counts.append(pair[0])
        logs.append(pair[1])
    return _Hidden(log_inside, np.concatenate(counts), np.concatenate(logs))


def _beside(mean: float, log_mass: float) -> tuple[F64, F64]:
    """The whole numbers on both sides of a mean, and the logs of their parts of a mass that has that mean."""
    below = float(np.floor(mean))
    share = mean - below
    if share == 0:
        return np.array([below]), np.array([log_mass])
    return np.array([below, below + 1]), log_mass + np.log([1 - share, share])


def _log_sum(logs: F64) -> float:
    top = logs.max()
    return float(top + np.log(np.exp(logs - top).sum()))
