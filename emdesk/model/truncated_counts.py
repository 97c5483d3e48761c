"""Poisson counts whose rows outside a window were never recorded: those above 0 for zero-truncated counts.

The probability of the window and the counts that it hides are sums over whole numbers, cut off where no digit is left.
Everything else is as for values on the line: densities given the window, and a group with n rows inside adds the rows
that are expected outside (Dempster, Laird and Rubin 1977, section 4.2; Johnson, Kemp and Kotz 2005, Univariate Discrete
Distributions, section 4.10).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from emdesk.model.interval_ends import Window
from emdesk.model.interval_shapes import MOST_ODDS, Outside
from emdesk.model.intervals import DRAWS, Intervals, takes_intervals
from emdesk.model.law import Law
from emdesk.model.needs import Role
from emdesk.model.numerics.counts import log_poisson

F64 = NDArray[np.float64]
Ints = NDArray[np.intp]
COUNTS = frozenset({"poisson"})
"""The laws of counts, by id, that can be given a window."""
DEVIATIONS, FEW = 40.0, 100
"""A sum goes so many deviations, and so many counts more, from where its terms are largest."""


def takes_window(law: Law) -> bool:
    """Whether a law is one of counts that can be given a window."""
    return law.id in COUNTS


def in_window(law: Law, window: Window) -> Law:
    """The law of counts in a window."""
    return cast(Law, TruncatedCounts(law, window))


def can_be_truncated(law: Law) -> bool:
    """Whether a law of any values can be given a window outside which no rows were recorded."""
    return takes_intervals(law) or takes_window(law)


@dataclass(frozen=True, eq=False)
class Rates:
    """The rates (K,) of the groups, which say all of their shapes."""

    values: F64


class TruncatedCounts(Intervals):
    """A law of counts in one column, given a window."""

    roles: ClassVar[tuple[Role, ...]] = ()

    def is_discrete(self) -> bool:
        return True

    def _shape(self, shown: Any) -> Any:
        return Rates(shown.rates[:, 0])

    def _outside(self, shape: Any) -> Outside | None:
        return hidden_counts(shape.values, self.window)

    def simulate(self, params: Any, groups: Ints, rng: np.random.Generator) -> F64:
        """Counts in the window."""
        drawn: F64 = self.law.simulate(params, groups, rng)
        for _ in range(DRAWS):
            missed = np.flatnonzero((drawn[0] < self.window.below) | (drawn[0] > self.window.above))
            if not missed.size:
                return drawn
            drawn[:, missed] = self.law.simulate(params, groups[missed], rng)
        # a group that has next to nothing in the window
        for k in np.unique(groups[missed]):
            mine = missed[groups[missed] == k]
            rate = float(params.rates[k, 0])
            counts = _span(*_ends(self.window), rate)
            logs = _logs(counts, rate)
            shares = np.exp(logs - logs.max())
            drawn[0, mine] = rng.choice(counts, size=len(mine), p=shares / shares.sum())
        return drawn


def hidden_counts(rates: F64, window: Window) -> Outside:
    """The probability of a window under each rate (K,), and the counts that it hides for one row in it."""
    low, high = _ends(window)
    log_inside = np.empty(len(rates))
    groups: list[Ints] = []
    values: list[F64] = []
    rows: list[F64] = []
    for k, rate in enumerate(rates.tolist()):
        pieces = [(0.0, low - 1), (high + 1, np.inf)]
        spans = [_span(a, b, rate) for a, b in pieces if a <= b and np.isfinite(a)]
        hidden = np.concatenate([np.empty(0), *spans])
        logs = _logs(hidden, rate)
        log_inside[k] = _log_sum(_logs(_span(low, high, rate), rate))
        if np.isinf(high) and low <= rate:
            log_inside[k] = np.log1p(-np.exp(logs).sum())
        groups.append(np.full(len(hidden), k, dtype=np.intp))
        values.append(hidden)
        rows.append(np.exp(np.minimum(logs - log_inside[k], MOST_ODDS)))
    return Outside(
        np.exp(log_inside),
        log_inside,
        np.concatenate(groups),
        np.concatenate(values),
        np.concatenate(rows),
    )


def _ends(window: Window) -> tuple[float, float]:
    """The least and the largest count in a window."""
    return max(0.0, float(np.ceil(window.below))), float(np.floor(window.above))


def _span(low: float, high: float, rate: float) -> F64:
    """The counts from low to high that have a share in their sum: those about the rate, or next to the nearer end."""
    top = min(max(low, rate), high)
    reach = DEVIATIONS * np.sqrt(max(rate, top)) + FEW
    first, last = max(low, np.floor(top - reach)), min(high, np.ceil(top + reach))
    return np.arange(first, last + 1)


def _logs(counts: F64, rate: float) -> F64:
    return log_poisson(counts, np.full(len(counts), rate))


def _log_sum(logs: F64) -> float:
    top = logs.max()
    return float(top + np.log(np.exp(logs - top).sum()))
