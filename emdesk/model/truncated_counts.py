"""Counts whose rows outside a window were never recorded: those above 0 for zero-truncated counts.

Everything is as for values on the line: densities given the window, and a group with n rows inside adds the rows that
are expected outside (Dempster, Laird and Rubin 1977, section 4.2). `hidden_counts` says which counts these are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.model.hidden_counts import CountShapes, ends_of, hidden_counts
from emdesk.model.interval_ends import Window
from emdesk.model.interval_shapes import Outside
from emdesk.model.intervals import DRAWS, IntervalConstants, Intervals, takes_intervals
from emdesk.model.law import Law
from emdesk.model.needs import Role
from emdesk.model.rows import Rows
from emdesk.texts import say

F64 = NDArray[np.float64]
Ints = NDArray[np.intp]
MOST_HIDDEN = 10_000
"""So many counts below a window are looked up in tables."""


def _of_rates(params: Any) -> CountShapes:
    rates = params.rates[:, 0]
    return CountShapes(rates, np.zeros_like(rates))


def _of_probabilities(params: Any) -> CountShapes:
    chances = params.probabilities[:, 0]
    return CountShapes((1 - chances) / chances, np.ones_like(chances), is_geometric=True)


def _of_means(params: Any) -> CountShapes:
    return CountShapes(params.means[:, 0], params.dispersions[:, 0])


SHAPES: Mapping[str, Callable[[Any], CountShapes]] = {
    "poisson": _of_rates,
    "geometric": _of_probabilities,
    "negative-binomial": _of_means,
}
"""The laws of counts, by id, that can be given a window, and the shapes of their params in units."""
BY_TABLES = frozenset({"negative-binomial"})
"""Those whose sums are counts of distinct values: a table holds what a window hides below, but no endless tail."""


def takes_window(law: Law) -> bool:
    """Whether a law is one of counts that can be given a window."""
    return law.id in SHAPES


def in_window(law: Law, window: Window) -> Law:
    """The law of counts in a window."""
    return cast(Law, TruncatedCounts(law, window))


def can_be_truncated(law: Law) -> bool:
    """Whether a law of any values can be given a window outside which no rows were recorded."""
    return takes_intervals(law) or takes_window(law)


class TruncatedCounts(Intervals):
    """A law of counts in one column, given a window."""

    roles: ClassVar[tuple[Role, ...]] = ()

    def is_discrete(self) -> bool:
        return True

    def constants(self, rows: Rows, settings: Any) -> IntervalConstants:
        if self.law.id not in BY_TABLES:
            return super().constants(rows, settings)
        self._refuse_wide()
        hidden = np.arange(ends_of(self.window)[0])
        weights = np.ones(rows.columns.shape[1]) if rows.weights is None else rows.weights
        longer = replace(
            rows,
            columns=np.concatenate([rows.columns, hidden[None]], axis=1),
            weights=np.concatenate([weights, np.zeros(len(hidden))]),
            row_numbers=np.concatenate([rows.row_numbers, np.full(len(hidden), -1)]),
            roles={},
        )
        return super().constants(longer, settings)

    def _refuse_wide(self) -> None:
        """A SettingProblem where a window hides more counts than a table holds."""
        low, high = ends_of(self.window)
        if np.isfinite(high):
            raise SettingProblem(
                say("interval.no_upper_window", law=self.label),
                setting="truncated_above",
                remedy=say("interval.other_count_law"),
            )
        if low > MOST_HIDDEN:
            raise SettingProblem(
                say("interval.window_too_high", low=f"{low:g}", most=f"{MOST_HIDDEN:g}"),
                setting="truncated_below",
                remedy=say("interval.other_count_law"),
            )

    def _shape(self, shown: Any) -> Any:
        return SHAPES[self.law.id](shown)

    def _outside(self, shape: Any) -> Outside | None:
        return hidden_counts(shape, self.window)

    def simulate(self, params: Any, groups: Ints, rng: np.random.Generator) -> F64:
        """Counts in the window."""
        drawn: F64 = self.law.simulate(params, groups, rng)
        for _ in range(DRAWS):
            missed = np.flatnonzero((drawn[0] < self.window.below) | (drawn[0] > self.window.above))
            if not missed.size:
                return drawn
            drawn[:, missed] = self.law.simulate(params, groups[missed], rng)
        # a group that has next to nothing in the window
        shapes = self._shape(params)
        for k in np.unique(groups[missed]):
            mine = missed[groups[missed] == k]
            counts = shapes.span(*ends_of(self.window), k)
            logs = shapes.log_probabilities(counts, k)
            shares = np.exp(logs - logs.max())
            drawn[0, mine] = rng.choice(counts, size=len(mine), p=shares / shares.sum())
        return drawn
