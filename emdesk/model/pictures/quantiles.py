"""How well each group's law fits its rows along one column: QQ plot, probability plot, hanging rootogram.

Rows count by their posterior probabilities. The rootogram of counts hangs the square roots of the
observed counts from those of the expected ones, so that a law that fits leaves bars that end at zero (Tukey
1977, Exploratory Data Analysis, chapter 17).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from emdesk.model.joint import Joint
from emdesk.model.law import Law
from emdesk.model.marks import ALL_GROUPS, NO_GROUP, Curve, Mark, Picture, Points, View
from emdesk.model.numerics.quantiles import distribution, plotting_positions
from emdesk.model.pictures.axes import Axis
from emdesk.model.pictures.groups import Groups, padded
from emdesk.texts import say

F64 = NDArray[np.float64]
QUANTILES, PROBABILITIES = "quantiles", "probabilities"
"""What `View.shows` may ask for."""
SHOWN = 0.05
"""Rows with at least this probability of a group are drawn in its colour; all count."""
MOST_POINTS = 1_000
LEAST_ROWS = 5.0
MOST_BARS = 400
SAMPLE = 20_000


def judged(groups: Groups, view: View) -> Picture:
    """The picture that `view.shows` asks for, of the column that `view.x` names."""
    axis = groups.projections.axis(view.x, 0)
    if groups.params is None or groups.memberships is None:
        return _nothing(axis, say("picture.judged_after_run"))
    law = _law_of(groups.law, axis)
    if law.needs.text:
        return _nothing(axis, say("picture.no_quantiles", law=law.label))
    rows = groups.sample(SAMPLE)
    values = groups.projections.along(axis, rows)
    there = np.isfinite(values)
    rows, values = rows[there], values[there]
    found = groups.memberships(rows)
    members = found.probabilities[: found.groups]
    if groups.weights is not None:
        members = members * groups.weights[rows]
    if law.is_discrete():
        return _rootogram(groups, axis, values, members)
    return _plot(groups, axis, view.shows, rows, values, members)


def _nothing(axis: Axis, hint: str) -> Picture:
    return Picture(title=say("picture.judged"), subtitle=axis.label, marks=(), hint=hint)


def _law_of(law: Law, axis: Axis) -> Law:
    """The law of the column of an axis."""
    if not isinstance(law, Joint) or axis.column is None:
        return law
    column = axis.column
    return next(p.law for p in law.parts if p.places.start <= column < p.places.stop)


def _log_density(groups: Groups, axis: Axis, group: int) -> Callable[[F64], F64]:
    """The log density of one group along an axis, NaN where it has no closed form."""

    def at(values: F64) -> F64:
        logs = groups.law.log_marginal(
            groups.params, axis.direction[None], axis.centre, np.atleast_2d(values)
        )
        return np.full(len(values), np.nan) if logs is None else logs[group]

    return at


def _plot(
    groups: Groups, axis: Axis, shows: str, rows: NDArray[np.intp], values: F64, members: F64
) -> Picture:
    """Observed against fitted quantiles, or probabilities, of every group with enough rows."""
    parts: list[tuple[int, F64, F64, NDArray[np.intp]]] = []
    for group, own in enumerate(members):
        if own.sum() < LEAST_ROWS:
            continue
        law = distribution(_log_density(groups, axis, group), values, own)
        if law is None:
            continue
        order, positions = plotting_positions(values, own)
        chosen = _spread(np.flatnonzero(own[order] >= SHOWN * own.max()))
        order, positions = order[chosen], positions[chosen]
        observed = values[order]
        if shows == QUANTILES:
            parts.append((group, law.quantile(positions), observed, rows[order]))
        else:
            parts.append((group, law.chance(observed), positions, rows[order]))
    if not parts:
        return _nothing(axis, say("picture.no_quantiles_here"))
    x, y = (np.concatenate([part[i] for part in parts]) for i in (1, 2))
    labels = np.concatenate([np.full(len(part[1]), part[0]) for part in parts])
    numbers = groups.row_numbers[np.concatenate([part[3] for part in parts])]
    points = Points(x, y, labels, numbers, groups=groups.count)
    is_chance = shows != QUANTILES
    extent = (-0.03, 1.03, -0.03, 1.03) if is_chance else _square(x, y)
    ends = np.array([0.0, 1.0]) if is_chance else np.array(extent[:2])
    marks: tuple[Mark, ...] = (Curve(ends, ends, NO_GROUP), points)
    name = "probability_plot" if is_chance else "qq_plot"
    return Picture(
        title=say(f"picture.{name}"),
        subtitle=axis.label,
        marks=marks,
        x_label=say("picture.fitted_chance") if is_chance else _of(axis, "picture.fitted_quantile"),
        y_label=say("picture.observed_chance") if is_chance else axis.caption,
        x_options=groups.projections.options(),
        groups=groups.names,
        description=say(f"spoken.{name}", x=axis.label, groups=len(parts)),
        extent=extent,
    )


def _of(axis: Axis, key: str) -> str:
    return say(key, name=axis.caption)


def _spread(places: NDArray[np.intp]) -> NDArray[np.intp]:
    """At most MOST_POINTS of the places: both ends whole, where laws differ most, and an even share between."""
    if len(places) <= MOST_POINTS:
        return places
    tail = MOST_POINTS // 10
    middle = np.linspace(tail, len(places) - tail - 1, MOST_POINTS - 2 * tail).astype(np.intp)
    ends = np.r_[0:tail, len(places) - tail : len(places)]
    return np.asarray(places[np.unique(np.concatenate([ends, middle]))])


def _square(x: F64, y: F64) -> tuple[float, float, float, float]:
    """The same range on both axes: that of the observed values, so that a heavy tail does not push them together."""
    low, high, _, _ = padded(y, y)
    wide = np.clip(x, low - 0.5 * (high - low), high + 0.5 * (high - low))
    low, high = min(low, float(wide.min())), max(high, float(wide.max()))
    return low, high, low, high


def _rootogram(groups: Groups, axis: Axis, values: F64, members: F64) -> Picture:
    """Roots of the expected counts of every group, side by side at each whole number, with the observed ones hung from
    them."""
    low, high = int(values.min()), int(values.max())
    if high - low >= MOST_BARS:
        high = low + MOST_BARS - 1
    places = np.arange(low, high + 1, dtype=np.float64)
    marks: list[Mark] = []
    count = len(members)
    for group, own in enumerate(members):
        observed = np.bincount((values - low).astype(np.intp), weights=own, minlength=len(places))[
            : len(places)
        ]
        logs = _log_density(groups, axis, group)(places)
        top = np.sqrt(own.sum() * np.exp(logs))
        at = places + (group - 0.5 * (count - 1)) * 0.7 / count
        bars = np.stack([top, top - np.sqrt(observed), np.full(len(top), np.nan)], axis=1).ravel()
        marks.append(Curve(np.repeat(at, 3), bars, group, groups.names[group]))
        marks.append(Curve(at, top, NO_GROUP))
    marks.append(Curve(np.array([low - 0.7, high + 0.7]), np.zeros(2), ALL_GROUPS))
    return Picture(
        title=say("picture.rootogram"),
        subtitle=axis.label,
        marks=tuple(marks),
        x_label=axis.caption,
        y_label=say("picture.root_of_rows"),
        x_options=groups.projections.options(),
        groups=groups.names,
        description=say("spoken.rootogram", x=axis.label, groups=count),
    )
