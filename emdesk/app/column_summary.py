"""What the data dock says of one column: its histogram and its statistics."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.model.dataset import Column
from emdesk.texts import say
from emdesk.texts.numbers import fixed, whole

F64 = NDArray[np.float64]
THUMB_BINS = 16
BINS = 24
MOST_CATEGORIES = 12


@dataclass(frozen=True, eq=False)
class ColumnSummary:
    """Numbers about one column. `commonest` is the value that most rows share; `most_common` says it and how many."""

    name: str
    thumb: F64
    bins: F64
    missing: int
    distinct: int
    rows: int
    is_numeric: bool
    mean: float = float("nan")
    spread: float = float("nan")
    minimum: float = float("nan")
    maximum: float = float("nan")
    median: float = float("nan")
    quartile_range: float = float("nan")
    commonest: float = float("nan")
    most_common: tuple[str, int] = ("", 0)

    def entries(self) -> tuple[tuple[str, str], ...]:
        """Name and value, in reading order, of a grid of two columns."""
        counts = (
            (say("summary.distinct"), whole(self.distinct)),
            (say("summary.missing"), whole(self.missing)),
        )
        if not self.is_numeric:
            word, count = self.most_common
            return (*counts, (say("summary.commonest"), word), (say("summary.rows"), whole(count)))
        places = min(
            _decimals(self.spread), _decimals(max(abs(self.maximum), abs(self.minimum))) + 3
        )
        read = max(0, places - 1)
        return (
            (say("summary.mean"), fixed(self.mean, places)),
            (say("summary.minimum"), fixed(self.minimum, read)),
            (say("summary.sd"), fixed(self.spread, places)),
            (say("summary.median"), fixed(self.median, read)),
            (say("summary.distinct"), whole(self.distinct)),
            (say("summary.maximum"), fixed(self.maximum, read)),
            (say("summary.missing"), whole(self.missing)),
            (say("summary.iqr"), fixed(self.quartile_range, read)),
        )


def _decimals(spread: float) -> int:
    """Decimals that show about a thousandth of the spread, in the narrow space of the dock."""
    if not math.isfinite(spread) or spread <= 0:
        return 3
    return max(0, min(9, 3 - round(math.log10(spread))))


def summarise(column: Column) -> ColumnSummary:
    """The summary of a column; a pass over its rows and one sort."""
    seen = column.values[~column.missing]
    values, counts = np.unique(seen, return_counts=True)
    common, commonest = ("", 0), float("nan")
    if values.size:
        at = int(counts.argmax())
        commonest = float(values[at])
        common = (_worded(column, commonest), int(counts[at]))
    if column.categories or not values.size:
        tops = np.sort(counts)[::-1][:MOST_CATEGORIES].astype(np.float64)
        return ColumnSummary(
            column.name,
            tops,
            tops,
            column.missing_count,
            len(values),
            len(column.values),
            column.is_numeric,
            commonest=commonest,
            most_common=common,
        )
    low, q1, middle, q3, high = _quantiles(values, counts)
    return ColumnSummary(
        name=column.name,
        thumb=_bins(seen, low, high, THUMB_BINS),
        bins=_bins(seen, low, high, BINS),
        missing=column.missing_count,
        distinct=len(values),
        rows=len(column.values),
        is_numeric=True,
        mean=float(seen.mean()),
        spread=float(seen.std(ddof=1)) if seen.size > 1 else 0.0,
        minimum=low,
        maximum=high,
        median=middle,
        quartile_range=q3 - q1,
        commonest=commonest,
        most_common=common,
    )


def _quantiles(values: F64, counts: NDArray[np.intp]) -> tuple[float, float, float, float, float]:
    """Minimum, quartiles (linear between rows, as R's type 7) and maximum from sorted distinct values."""
    ends = np.cumsum(counts)
    total = int(ends[-1])

    def at(position: float) -> float:
        below = int(position)
        left = values[np.searchsorted(ends, below, side="right")]
        right = values[np.searchsorted(ends, min(below + 1, total - 1), side="right")]
        return float(left + (position - below) * (right - left))

    quarter = (total - 1) / 4
    return (float(values[0]), at(quarter), at(2 * quarter), at(3 * quarter), float(values[-1]))


def _bins(seen: F64, low: float, high: float, count: int) -> F64:
    if high <= low:
        return np.array([float(seen.size)])
    index = ((seen - low) * (count / (high - low))).astype(np.intp)
    np.minimum(index, count - 1, out=index)
    return np.bincount(index, minlength=count).astype(np.float64)


def _worded(column: Column, value: float) -> str:
    if column.categories:
        return column.categories[int(value)]
    return whole(value) if value == round(value) and abs(value) < 1e15 else f"{value:g}"
