"""Pictures of a response given predictors: rows with a fitted line for each group, and what the lines leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emdesk.model.marks import (
    ALL_GROUPS,
    AxisOption,
    Curve,
    Mark,
    Picture,
    Place,
    Points,
    Raster,
    View,
)
from emdesk.model.pictures.axes import Projections
from emdesk.model.pictures.groups import Groups, rows_on
from emdesk.texts import say
from emdesk.texts.numbers import whole

F64 = NDArray[np.float64]
Codes = NDArray[np.intp]
ALONG = 121
MEMBERS_AT_ONCE = 65_536
NEAR, MOST_NEAR = 0.04, 2_000
"""How far nearby is, as a share of the range, and how many rows are looked at."""


@dataclass(frozen=True, eq=False)
class Regression:
    """What is drawn: the responses (n,) with their name, the predictors (c, n) with names and the words of those of
    text, and, once there are params, `expected` of predictors (c, m), (K, m), and `fitted` of the rows: means and
    standard deviations (K, n)."""

    response: str
    responses: F64
    names: tuple[str, ...]
    predictors: F64
    categories: tuple[tuple[str, ...], ...]
    expected: Callable[[F64], F64] | None = None
    fitted: Callable[[], tuple[F64, F64]] | None = None
    units: tuple[str, ...] = ()


def regression_picture(groups: Groups, shown: Regression, view: View) -> Picture:
    """The rows and their lines along one predictor; or the residuals against what is fitted."""
    if view.place is Place.PICTURE:
        return lines(groups, shown, view)
    return residuals(groups, shown, view)


def lines(groups: Groups, shown: Regression, view: View) -> Picture:
    """Response by one predictor, the rows in the colours of their groups; the line of a group is drawn with the other
    predictors as they are nearby."""
    names = (shown.response, *shown.names)
    columns = np.concatenate([shown.responses[None], shown.predictors])
    projections = Projections(names, lambda i: columns[i], groups.weights, shown.units)
    known = {f"column:{name}" for name in shown.names}
    x_axis = projections.axis(view.x if view.x in known else "", 1)
    y_axis = projections.axis("", 0)
    drawn, subtitle = rows_on(replace(groups, projections=projections), view, x_axis, y_axis)
    assert x_axis.column is not None
    chosen = x_axis.column - 1
    marks: list[Mark] = [drawn, *_curves(groups, shown, chosen)]
    if len(shown.names) > 1 and shown.expected is not None:
        subtitle = subtitle or say("picture.others_average")
    several = len(shown.names) > 1
    options = tuple(AxisOption(f"column:{n}", n) for n in shown.names) if several else ()
    words = shown.categories[chosen]
    return Picture(
        title=say("picture.by", y=y_axis.label, x=x_axis.label),
        subtitle=subtitle,
        marks=tuple(marks),
        x_label=x_axis.caption,
        y_label=y_axis.caption,
        x_options=options,
        y_options=(AxisOption(y_axis.key, y_axis.label),) if several else (),
        groups=groups.names,
        description=say(
            "spoken.regression",
            y=y_axis.label,
            x=x_axis.label,
            rows=whole(groups.rows),
            groups=groups.count,
        ),
        x_names=tuple((float(i), word) for i, word in enumerate(words)),
    )


def _curves(groups: Groups, shown: Regression, chosen: int) -> list[Mark]:
    if shown.expected is None:
        return []
    values = shown.predictors[chosen]
    low, high = float(values.min()), float(values.max())
    if shown.categories[chosen]:
        along = np.arange(low, high + 1)
        along = along if len(along) > 1 else low + np.array([-0.25, 0.25])
    else:
        along = np.linspace(low, high if high > low else low + 1.0, ALONG)
    at = _beside(shown, groups.weights, chosen, along)
    at[chosen] = np.rint(along) if shown.categories[chosen] else along
    heights = shown.expected(at)
    return [Curve(along, y, k, groups.names[k]) for k, y in enumerate(heights)]


def _beside(shown: Regression, weights: F64 | None, chosen: int, along: F64) -> F64:
    """(c, m) all predictors along one of them: what they are on average nearby, by local lines, so that the curve of a
    polynomial bends with it; of text the most frequent word."""
    n = shown.predictors.shape[1]
    taken = np.unique(np.linspace(0, n - 1, min(n, MOST_NEAR)).astype(np.intp))
    others = shown.predictors[:, taken]
    mass = np.ones(len(taken)) if weights is None else weights[taken]
    width = NEAR * float(np.ptp(along))
    if shown.categories[chosen]:
        width = 100 * width  # words have no order: the average of all rows
    distance = (others[chosen] - along[:, None]) / max(width, np.finfo(float).tiny)
    near = mass * np.exp(-0.5 * distance**2) + 1e-12 * mass
    near /= near.sum(axis=1, keepdims=True)
    centre = (near * distance).sum(axis=1, keepdims=True)
    away = near * (distance - centre)
    tilt = (away * distance).sum(axis=1)
    made = np.empty((len(others), len(along)))
    for j, values in enumerate(others):
        if shown.categories[j]:
            made[j] = np.argmax(np.bincount(values.astype(np.intp), mass))
            continue
        middle = float(values.mean())  # differences keep their digits
        slope = away @ (values - middle) / np.where(tilt > 1e-9, tilt, np.inf)
        made[j] = middle + near @ (values - middle) - slope * centre[:, 0]
    return made


def residuals(groups: Groups, shown: Regression, view: View) -> Picture:
    """What the line of each row's likeliest group leaves of its response, in standard deviations, against the line."""
    title, subtitle = say("picture.residuals"), say("picture.residuals_of", y=shown.response)
    x_label = say("picture.fitted", y=shown.response)
    if shown.fitted is None or groups.memberships is None:
        return Picture(
            title=title,
            subtitle=subtitle,
            marks=(),
            description=say("spoken.residuals", y=shown.response),
            hint=say("picture.residuals_after_run"),
        )
    means, deviations = shown.fitted()
    likeliest = _likeliest(groups)
    is_noise = likeliest >= len(means)  # noise has no line
    own, every = np.where(is_noise, 0, likeliest), np.arange(groups.rows)
    fitted, deviation = means[own, every], deviations[own, every]
    left = (shown.responses - fitted) / np.maximum(deviation, np.finfo(float).tiny)
    left = np.where(is_noise | np.isnan(left), np.nan, np.clip(left, -1e6, 1e6))
    pair = np.stack([fitted, left])
    projections = Projections((x_label, say("picture.residual")), lambda i: pair[i], groups.weights)
    x_axis, y_axis = projections.axis("", 0), projections.axis("", 1)
    drawn, _ = rows_on(replace(groups, projections=projections), view, x_axis, y_axis)
    ends = _ends(drawn)
    zero = Curve(ends, np.zeros(2), ALL_GROUPS, say("picture.no_residual"))
    return Picture(
        title=title,
        subtitle=subtitle,
        marks=(drawn, zero),
        x_label=x_axis.caption,
        y_label=y_axis.caption,
        groups=groups.names,
        description=say("spoken.residuals", y=shown.response),
    )


def _likeliest(groups: Groups) -> Codes:
    """(n,) the likeliest group of every row."""
    assert groups.memberships is not None
    parts = [
        groups.memberships(np.arange(first, min(first + MEMBERS_AT_ONCE, groups.rows))).label
        for first in range(0, groups.rows, MEMBERS_AT_ONCE)
    ]
    return np.concatenate(parts)


def _ends(drawn: Mark) -> F64:
    """(2,) from where to where rows are drawn."""
    if isinstance(drawn, Raster):
        return np.array(drawn.extent[:2])
    assert isinstance(drawn, Points)
    if not len(drawn.x):
        return np.array([0.0, 1.0])
    low, high = float(drawn.x.min()), float(drawn.x.max())
    return np.array([low, high if high > low else low + 1.0])
