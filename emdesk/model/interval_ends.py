"""Rows that say where a value lies without saying the value: intervals, histogram bins, censored values.

A row has a lower and an upper end; equal ends are an exact value, and an empty cell is an open end. Where only one end
has a column, the rows are the bins of a histogram, and the other end is that of the neighbouring bin: the bin with the
next smaller upper end, or with the next larger lower end; the outermost bin is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem, UsageProblem
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.needs import Role, Roles
from emdesk.texts import say

F64 = NDArray[np.float64]
EDGES = (Role.LOWER, Role.UPPER)


@dataclass(frozen=True)
class Window:
    """The values that could be seen at all: rows below or above were never recorded."""

    below: float = -np.inf
    above: float = np.inf

    def __bool__(self) -> bool:
        return bool(self.below > -np.inf or self.above < np.inf)


def window_of(settings: object) -> Window:
    """The window that a family's settings `truncated_below` and `truncated_above` describe; empty texts are none."""

    def number(name: str, otherwise: float) -> float:
        text = str(getattr(settings, name, "")).strip()
        return float(text) if text else otherwise

    return Window(number("truncated_below", -np.inf), number("truncated_above", np.inf))


def measured_column(roles: Roles) -> tuple[str, ...]:
    """The column that stands for the measurement where columns give ends: that of the lower ends, or the only one."""
    return (roles.get(Role.LOWER) or roles.get(Role.UPPER, ()))[:1]


@dataclass(frozen=True, eq=False)
class Ends:
    """Lower and upper ends (n,) of the rows of a file, NaN where a row says nothing, and a value (n,) inside each."""

    lower: F64
    upper: F64
    middles: F64


def read_ends(
    dataset: Dataset,
    columns: tuple[str, ...],
    roles: Mapping[Role, tuple[str, ...]],
    window: Window,
    is_positive: bool,
) -> Ends:
    """The ends of every row, inside the window; a Problem names what does not fit and the row of the file."""
    if window.below >= window.above:
        raise SettingProblem(
            say("interval.empty_window", below=f"{window.below:g}", above=f"{window.above:g}"),
            setting="truncated_above",
            remedy=say("interval.mend_window"),
        )
    given = {role: dataset.column(names[0]) for role in EDGES if (names := roles.get(role, ()))}
    if given:
        lower, upper = _given_ends(given)
        _refuse_crossed(lower, upper, given, dataset)
    else:
        lower = upper = dataset.column(columns[0]).values
    is_exact = lower == upper
    lower, upper = np.maximum(lower, window.below), np.minimum(upper, window.above)
    outside = np.flatnonzero((lower > upper) | ((lower == upper) & ~is_exact))
    if outside.size:
        raise DataProblem(
            say("interval.outside_window", row=int(outside[0]) + 1),
            columns=columns,
            where=dataset.name,
            remedy=say("interval.mend_outside"),
        )
    least = 0.0 if is_positive else -np.inf
    says_nothing = (lower <= max(least, window.below)) & (upper >= window.above) & ~is_exact
    lower, upper = (np.where(says_nothing, np.nan, each) for each in (lower, upper))
    return Ends(lower, upper, middles(lower, upper, is_positive))


def _given_ends(given: Mapping[Role, Column]) -> tuple[F64, F64]:
    if len(given) == 2:
        lower, upper = given[Role.LOWER].values, given[Role.UPPER].values
        return np.where(np.isnan(lower), -np.inf, lower), np.where(np.isnan(upper), np.inf, upper)
    if Role.UPPER in given:
        upper = given[Role.UPPER].values
        upper = np.where(np.isnan(upper), np.inf, upper)
        edges = np.concatenate([[-np.inf], np.unique(upper)])
        return edges[np.searchsorted(edges, upper) - 1], upper
    lower = given[Role.LOWER].values
    lower = np.where(np.isnan(lower), -np.inf, lower)
    edges = np.concatenate([np.unique(lower), [np.inf]])
    return lower, edges[np.searchsorted(edges, lower) + 1]


def _refuse_crossed(lower: F64, upper: F64, given: Mapping[Role, Column], dataset: Dataset) -> None:
    unfit = np.flatnonzero((lower > upper) | (lower == np.inf) | (upper == -np.inf))
    if unfit.size:
        row = int(unfit[0])
        raise DataProblem(
            say("interval.crossed", row=row + 1, lower=f"{lower[row]:g}", upper=f"{upper[row]:g}"),
            columns=tuple(column.name for column in given.values()),
            where=dataset.name,
            remedy=say("interval.mend_crossed"),
        )


def middles(lower: F64, upper: F64, is_positive: bool) -> F64:
    """(n,) a value inside each interval, for starts and scales: the middle, and in an open one as far from its end as
    the middle of the usual closed one; NaN where there is no interval."""
    closed = np.isfinite(lower) & np.isfinite(upper)
    low = np.maximum(lower, 0.0) if is_positive else lower
    wide = np.unique(np.stack([low, upper])[:, closed & (upper > low)], axis=1)
    half = float(np.median(0.5 * (wide[1] - wide[0]))) if wide.size else 0.0
    with np.errstate(invalid="ignore"):
        middle = low + 0.5 * (upper - low)
    open_above = np.where(low > 0, low + half, half or 1.0) if is_positive else low + half
    middle = np.where(np.isposinf(upper), open_above, middle)
    middle = np.where(np.isneginf(low), upper - half, middle)
    is_exact = lower == upper
    # where values are positive none is possible below 0: the law says so of the upper end
    is_below = (upper <= 0) if is_positive else np.zeros(len(lower), dtype=np.bool_)
    return np.where(is_exact | is_below, upper, middle)


def with_both_ends(
    dataset: Dataset, name: str, roles: Roles, ends: Ends
) -> tuple[Dataset, tuple[str, ...], Roles]:
    """The dataset with a column for each end of its rows, the column that then stands for the measurement, and the
    roles; an open end is an empty cell."""
    added: dict[Role, Column] = {}
    taken = set(dataset.names)
    for role, values in zip(EDGES, (ends.lower, ends.upper), strict=True):
        called = f"{name}.{role.value}"
        while called in taken:
            called += "_"
        taken.add(called)
        values = np.where(np.isfinite(values), values, np.nan)
        added[role] = Column(called, Kind.CONTINUOUS, values)
    kept = {r: n for r, n in roles.items() if r not in EDGES}
    own = {role: (column.name,) for role, column in added.items()}
    made = replace(dataset, columns=(*dataset.columns, *added.values()))
    return made, measured_column(own), {**kept, **own}


def with_middles(dataset: Dataset, name: str, ends: Ends) -> Dataset:
    """The dataset in which the modelled column has a value inside the interval of each row."""

    def changed(column: Column) -> Column:
        if column.name != name:
            return column
        return replace(column, values=ends.middles.copy(), kind=Kind.CONTINUOUS, as_read={})

    return replace(dataset, columns=tuple(map(changed, dataset.columns)))


def ends_among(values: F64, lower: F64, upper: F64) -> tuple[F64, F64]:
    """The ends (m,) that values (m,) have among intervals (n,): those of the one they lie in, or the value itself. A
    UsageProblem where intervals overlap, so that it is not known which one a value would have."""
    is_exact = lower == upper
    spans = np.unique(np.stack([lower, upper])[:, ~is_exact], axis=1)
    exact = lower[is_exact]
    place = np.searchsorted(spans[0], exact, side="left") - 1
    hides = spans[1][place] > exact if spans.size else np.zeros(0, dtype=np.bool_)
    if np.any(spans[0, 1:] < spans[1, :-1]) or np.any(hides & (place >= 0)):
        raise UsageProblem(say("interval.overlap"), remedy=say("interval.draw_rows"))
    if not spans.size:
        return values, values
    place = np.searchsorted(spans[0], values, side="right") - 1
    is_in = (place >= 0) & (values <= spans[1][place])
    return np.where(is_in, spans[0][place], values), np.where(is_in, spans[1][place], values)
