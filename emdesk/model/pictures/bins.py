"""The histogram of rows that are intervals: bins of any width, and what can be said of overlapping intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.model.marks import Bars
from emdesk.texts import say, say_count

F64 = NDArray[np.float64]
MOST_EDGES = 400
"""More different ends than this are drawn as a histogram of equal bins."""
BINS_BY_ROWS, MOST_BINS = 3.0, 60
"""So many equal bins times the cube root of the rows, as for a histogram of values; never more than the most."""
OPEN_WIDTHS = 2.0
"""How wide an open interval is drawn, in widths of a usual one."""
SAME = 1e-6


@dataclass(frozen=True, eq=False)
class Binned:
    """The bars of a histogram, the width (in the units of the column) that their heights are the rows of, what stands
    beside the axis, and what is to be known of the drawing."""

    bars: Bars
    width: float
    caption: str
    told: str


def binned(lower: F64, upper: F64, weights: F64 | None, least: float = -np.inf) -> Binned:
    """Bars for intervals and exact values (n,), each row spread evenly over its interval; no value is below `least`."""
    rows = np.ones(len(lower)) if weights is None else weights
    lower = np.maximum(lower, least)
    closed = np.isfinite(lower) & np.isfinite(upper)
    is_open = ~closed
    wide = np.unique(np.stack([lower, upper])[:, closed & (upper > lower)], axis=1)
    widths = wide[1] - wide[0]
    ends = np.concatenate([lower[np.isfinite(lower)], upper[np.isfinite(upper)]])
    span = float(ends.max() - ends.min())
    usual = float(np.median(widths)) if widths.size else (span / 20 or 1.0)
    drawn = OPEN_WIDTHS * usual
    low = np.where(np.isfinite(lower), lower, upper - drawn)
    high = np.where(np.isfinite(upper), upper, lower + drawn)
    edges = np.unique(np.concatenate([low, high]))
    has_exact = bool(np.any(lower == upper))
    if has_exact or len(edges) > MOST_EDGES or _overlap(low, high):
        bins = int(np.clip(np.ceil(BINS_BY_ROWS * rows.sum() ** (1 / 3)), 10, MOST_BINS))
        usual = max((edges[-1] - edges[0]) / bins, np.finfo(float).tiny)
        edges = np.linspace(edges[0], edges[-1], bins + 1)
    heights = _spread(edges, low, high, rows) / np.diff(edges) * usual
    is_even = bool(np.all(np.abs(np.diff(edges) - usual) <= SAME * usual))
    count = int(np.unique(np.stack([low, high])[:, is_open], axis=1).shape[1])
    caption = (
        say("picture.rows_per_bin")
        if is_even
        else say("picture.rows_per_width", width=f"{usual:g}")
    )
    return Binned(
        Bars(edges, heights),
        usual,
        caption,
        say_count("picture.open_bins", count, width=f"{drawn:g}") if count else "",
    )


def _overlap(low: F64, high: F64) -> bool:
    """Whether some interval begins inside another."""
    pairs = np.unique(np.stack([low, high]), axis=1)
    return bool(np.any(pairs[0, 1:] < pairs[1, :-1]))


def _spread(edges: F64, low: F64, high: F64, rows: F64) -> F64:
    """(b,) the rows in each bin, those of an interval by the share of it that lies there."""
    is_wide = high > low
    made, _ = np.histogram(low[~is_wide], edges, weights=rows[~is_wide])
    low, high, rows = low[is_wide], high[is_wide], rows[is_wide]
    # the rows below an edge rise evenly along each interval: two sorted running sums say how many there are
    rate = rows / (high - low)

    def passed(ends: F64) -> F64:
        order = np.argsort(ends)
        places = np.searchsorted(ends[order], edges, side="right")
        sums = np.concatenate([[0.0], np.cumsum(rate[order])])[places]
        moments = np.concatenate([[0.0], np.cumsum((rate * ends)[order])])[places]
        return np.asarray(edges * sums - moments)

    return np.asarray(made + np.maximum(np.diff(passed(low) - passed(high)), 0.0))


def bin_edges(values: F64, weights: F64 | None, bins: int | None, discrete: bool) -> F64:
    """Edges of a histogram: `bins` of equal width, or by the rule of Freedman and Diaconis (1981) between 5 and 100.

    Counts get bins around whole numbers.
    """
    low, high = float(values.min()), float(values.max())
    if discrete:
        wanted = bins or 60
        width = max(1, int(np.ceil((high - low + 1) / wanted)))
        return np.arange(low - 0.5, high + width + 0.5, width)
    if high <= low:
        margin = max(abs(low), 1.0) * 0.05
        return np.linspace(low - margin, high + margin, (bins or 5) + 1)
    if bins is None:
        upper, lower = np.percentile(values, [75, 25])
        size = len(values) if weights is None else max(float(weights.sum()), 2.0)
        width = 2 * (upper - lower) / size ** (1 / 3)
        bins = int(np.clip(np.ceil((high - low) / width) if width > 0 else 30, 5, 100))
    return np.linspace(low, high, bins + 1)
