"""Pictures of rows in groups over a law: the scatter, the fitted density of two axes, and one column alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.family import RowOutput
from emdesk.model.law import Law
from emdesk.model.marks import (
    ALL_GROUPS,
    NO_GROUP,
    Bars,
    Centre,
    Contours,
    Curve,
    Ellipse,
    Heatmap,
    Mark,
    Picture,
    Points,
    Raster,
    Rug,
    View,
)
from emdesk.model.pictures.axes import Axis, Projections
from emdesk.model.pictures.bins import Binned, bin_edges
from emdesk.model.power_law import Powered
from emdesk.texts import say, say_count
from emdesk.texts.numbers import whole

F64 = NDArray[np.float64]
MASSES = (0.25, 0.5, 0.75, 0.95)
LIVE_SAMPLE = 100_000
DENSITY_POINTS = 1_000
OUTLINE = np.linspace(0, 2 * np.pi, 97)


@dataclass(frozen=True, eq=False)
class Groups:
    """What a picture needs to know: the axes, the rows, and (after a start) weights, law params in units, and a way
    to get the posterior probabilities of some rows."""

    projections: Projections
    rows: int
    row_numbers: NDArray[np.intp]
    weights: F64 | None
    law: Law
    shares: F64 | None = None
    params: Any = None
    memberships: Callable[[NDArray[np.intp]], RowOutput] | None = None
    given_names: tuple[str, ...] = ()
    noise: float | None = None
    """The share of the rows that is noise times its density along one column, None without noise."""

    @property
    def count(self) -> int:
        return 0 if self.shares is None else len(self.shares)

    @property
    def names(self) -> tuple[str, ...]:
        numbers = tuple(str(k + 1) for k in range(self.count))
        return self.given_names if numbers and self.given_names else numbers

    def sample(self, most: int) -> NDArray[np.intp]:
        """At most `most` rows, evenly spread through the file, the same ones every time."""
        if self.rows <= most:
            return np.arange(self.rows)
        return np.unique(np.linspace(0, self.rows - 1, most).astype(np.intp))


def scatter(groups: Groups, view: View) -> Picture:
    """Rows on two axes in the colours of their groups, with the level lines and centres of the groups."""
    x_axis = groups.projections.axis(view.x, 0)
    y_axis = groups.projections.axis(view.y, 1)
    options = groups.projections.options()
    drawn, subtitle = rows_on(groups, view, x_axis, y_axis)
    marks: list[Mark] = [drawn]
    marks += _level_lines(groups, x_axis, y_axis, view.levels)
    return Picture(
        title=say("picture.by", y=y_axis.label, x=x_axis.label),
        subtitle=subtitle,
        marks=tuple(marks),
        x_label=x_axis.caption,
        y_label=y_axis.caption,
        x_options=options,
        y_options=options,
        groups=groups.names,
        description=_spoken(groups, x_axis, y_axis, marks[0]),
        has_noise=groups.noise is not None,
    )


def rows_on(groups: Groups, view: View, x_axis: Axis, y_axis: Axis) -> tuple[Mark, str]:
    """The rows on two axes, one by one or as ink, and what is to be said of them."""
    told = _left_out(groups, (x_axis, y_axis))
    if groups.rows <= view.raster_above:
        return _points(groups, x_axis, y_axis, np.arange(groups.rows), small=False), told
    if not groups.count:  # the legend takes its place as soon as there are groups
        told = told or say_count("picture.rows_as_density", groups.rows)
    return _raster(groups, view, x_axis, y_axis), told


def _points(
    groups: Groups, x_axis: Axis, y_axis: Axis, chosen: NDArray[np.intp], small: bool
) -> Points:
    chosen, x, y = _seen(groups, x_axis, y_axis, chosen)
    numbers = groups.row_numbers[chosen]
    if groups.memberships is None or small:
        return Points(x, y, np.full(len(chosen), NO_GROUP), numbers, small=small)
    output = groups.memberships(chosen)
    top = output.probabilities.max(axis=0)
    labels = np.where(output.label == output.groups, NO_GROUP, output.label)
    return Points(x, y, labels, numbers, top, groups.count)


def _seen(
    groups: Groups, x_axis: Axis, y_axis: Axis, chosen: NDArray[np.intp]
) -> tuple[NDArray[np.intp], F64, F64]:
    """Those of the chosen rows that have a place on both axes, and their places: a row with a missing cell has none."""
    x = groups.projections.along(x_axis, chosen)
    y = groups.projections.along(y_axis, chosen)
    there = np.isfinite(x) & np.isfinite(y)
    return (chosen, x, y) if there.all() else (chosen[there], x[there], y[there])


def _left_out(groups: Groups, axes: tuple[Axis, ...]) -> str:
    """How many rows have no place on these axes, for want of a cell; empty where all have one."""
    gaps = {axis.label: np.isnan(groups.projections.along(axis)) for axis in axes}
    names = [label for label, missing in gaps.items() if missing.any()]
    if not names:
        return ""
    count = int(np.logical_or.reduce(list(gaps.values())).sum())
    return say_count("picture.rows_without", count, names=say("picture.or").join(names))


def _raster(groups: Groups, view: View, x_axis: Axis, y_axis: Axis) -> Raster:
    chosen = groups.sample(LIVE_SAMPLE if view.live else groups.rows)
    sampled = len(chosen)
    chosen, x, y = _seen(groups, x_axis, y_axis, chosen)
    extent = view.extent or padded(x, y)
    width, height = (int(np.clip(size, 16, 1024)) for size in (view.width, view.height))
    x0, x1, y0, y1 = extent
    column = ((x - x0) * (width / (x1 - x0))).astype(np.intp)
    row = ((y - y0) * (height / (y1 - y0))).astype(np.intp)
    inside = (x >= x0) & (x < x1) & (y >= y0) & (y < y1)
    cells = width * height
    flat = (row * width + column)[inside]
    layers = max(1, groups.count + (groups.noise is not None and groups.count > 0))
    if groups.memberships is not None:
        labels = np.concatenate(
            [
                groups.memberships(part).label
                for part in np.array_split(chosen, 1 + len(chosen) // 65_536)
            ]
        )
        flat = flat + cells * labels[inside]
    counts = np.bincount(flat, minlength=cells * layers).astype(np.float64)
    if sampled < groups.rows:
        counts *= groups.rows / sampled
    made = counts.reshape(layers, height, width)
    return Raster(
        made,
        extent,
        groups.rows,
        is_grouped=groups.memberships is not None,
        has_noise=groups.noise is not None and groups.count > 0,
    )


def padded(x: F64, y: F64, share: float = 0.05) -> tuple[float, float, float, float]:
    """The range of the values with a margin; a single value gets one of its own size."""

    def one(values: F64) -> tuple[float, float]:
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        margin = share * (high - low) or max(abs(low), 1.0) * share
        return low - margin, high + margin

    return (*one(x), *one(y))


def _level_lines(
    groups: Groups, x_axis: Axis, y_axis: Axis, levels: tuple[float, ...]
) -> list[Mark]:
    if groups.params is None:
        return []
    means, covariances = groups.law.moments(groups.params)
    directions = np.stack([x_axis.direction, y_axis.direction])
    centre = np.stack([x_axis.centre, y_axis.centre])
    circle = np.stack([np.cos(OUTLINE), np.sin(OUTLINE)])
    marks: list[Mark] = []
    for k, (mean, covariance) in enumerate(zip(means, covariances, strict=True)):
        at = np.array([d @ (mean - c) for d, c in zip(directions, centre, strict=True)])
        if groups.law.is_elliptical():
            values, vectors = np.linalg.eigh(directions @ covariance @ directions.T)
            shape = vectors * np.sqrt(np.maximum(values, 0.0))
            for level in levels:
                marks.append(Ellipse(k, level, at[:, None] + _radius(level) * shape @ circle))
        elif isinstance(groups.law, Powered):
            for level in levels:
                around = _radius(level) * circle
                line = groups.law.level_line(groups.params, k, directions, centre, around)
                marks += [] if line is None else [Ellipse(k, level, line)]
        marks.append(Centre(k, float(at[0]), float(at[1])))
    return marks


def _radius(level: float) -> float:
    """The chi-square quantile with two degrees of freedom is -2 log(1 - p)."""
    return float(np.sqrt(-2 * np.log1p(-level)))


def _spoken(groups: Groups, x_axis: Axis, y_axis: Axis, drawn: Mark) -> str:
    if groups.params is None:
        return say("spoken.rows", y=y_axis.label, x=x_axis.label, rows=whole(groups.rows))
    undecided = 0
    if isinstance(drawn, Points) and drawn.top_probability is not None:
        undecided = int((drawn.top_probability < 0.6).sum())
    return say(
        "spoken.scatter",
        y=y_axis.label,
        x=x_axis.label,
        rows=whole(groups.rows),
        groups=groups.count,
        undecided=whole(undecided),
    )


def density(groups: Groups, view: View) -> Picture:
    """The fitted density of two axes over the rows, with lines around 25, 50, 75 and 95 % of the mass."""
    x_axis = groups.projections.axis(view.x, 0)
    y_axis = groups.projections.axis(view.y, 1)
    chosen = groups.sample(DENSITY_POINTS)
    points = _points(groups, x_axis, y_axis, chosen, small=True)
    marks: list[Mark] = [points]
    hint = ""
    if groups.params is not None:
        extent = view.extent or padded(points.x, points.y, 0.12)
        surface = _surface(groups, x_axis, y_axis, extent, 64 if view.live else 128)
        if surface is None:
            hint = say("picture.no_density_here")
        else:
            levels = _mass_levels(surface)
            marks = [Heatmap(surface, extent), Contours(surface, extent, levels, MASSES), points]
    return Picture(
        title=say("picture.fitted_density"),
        subtitle=say("picture.by", y=y_axis.label, x=x_axis.label),
        marks=tuple(marks),
        x_label=x_axis.caption,
        y_label=y_axis.caption,
        description=say("spoken.density", y=y_axis.label, x=x_axis.label),
        hint=hint,
    )


def _surface(
    groups: Groups,
    x_axis: Axis,
    y_axis: Axis,
    extent: tuple[float, float, float, float],
    size: int,
) -> F64 | None:
    x0, x1, y0, y1 = extent
    x = x0 + (np.arange(size) + 0.5) * (x1 - x0) / size
    y = y0 + (np.arange(size) + 0.5) * (y1 - y0) / size
    grid = np.stack([np.tile(x, size), np.repeat(y, size)])
    directions = np.stack([x_axis.direction, y_axis.direction])
    if np.allclose(directions[0], directions[1]):
        return None
    # both axes share a centre: columns have none, principal components the column means
    if np.any(x_axis.centre != y_axis.centre):
        centre = np.zeros(len(x_axis.direction))
        grid = grid + np.array(
            [[x_axis.direction @ x_axis.centre], [y_axis.direction @ y_axis.centre]]
        )
    else:
        centre = x_axis.centre
    logs = groups.law.log_marginal(groups.params, directions, centre, grid)
    if logs is None or groups.shares is None:
        return None
    return np.asarray((groups.shares @ np.exp(logs)).reshape(size, size))


def _mass_levels(surface: F64) -> tuple[float, ...]:
    ranked = np.sort(surface, axis=None)[::-1]
    mass = np.cumsum(ranked)
    wanted = np.array(MASSES) * mass[-1]
    return tuple(float(ranked[min(i, ranked.size - 1)]) for i in np.searchsorted(mass, wanted))


def histogram(groups: Groups, view: View, given: Binned | None = None) -> Picture:
    """One column: its histogram in rows a bin, the curve of each group and their total; `given` are the bars of rows
    that are intervals."""
    axis = groups.projections.axis("", 0)
    values = groups.projections.along(axis)
    marks: list[Mark] = []
    if given is not None:
        edges, width = given.bars.edges, given.width
        marks.append(given.bars)
    else:
        edges = bin_edges(values, groups.weights, view.bins, groups.law.is_discrete())
        width = float(edges[1] - edges[0])
        heights, _ = np.histogram(values, edges, weights=groups.weights)
        marks.append(Bars(edges, heights.astype(np.float64)))
    if given is None and groups.rows < 1000:
        marks.append(Rug(values))
    if groups.params is not None and groups.shares is not None:
        total = float(groups.rows if groups.weights is None else groups.weights.sum())
        x, shown = _curves(groups, edges)
        scale = total * width
        steps = groups.law.is_discrete()
        for k, y in enumerate(shown):
            marks.append(Curve(x, scale * y, k, groups.names[k], steps))
        if groups.noise is not None:
            level = np.full(len(x), scale * groups.noise)
            marks.append(Curve(x, level, NO_GROUP, say("group.noise"), steps))
        sum_of_all = shown.sum(axis=0) + (groups.noise or 0.0)
        marks.append(Curve(x, scale * sum_of_all, ALL_GROUPS, say("picture.total"), steps))
    return Picture(
        title=axis.label,
        subtitle=(given.told if given is not None else "") or say("picture.histogram"),
        marks=tuple(marks),
        x_label=axis.caption,
        y_label=say("picture.rows_per_bin") if given is None else given.caption,
        groups=groups.names,
        description=say(
            "spoken.histogram", x=axis.label, rows=whole(groups.rows), groups=groups.count
        ),
        has_noise=groups.noise is not None,
    )


def posterior_curves(groups: Groups, view: View, given: Binned | None = None) -> Picture:
    """One column: the posterior probability of each group along it."""
    axis = groups.projections.axis("", 0)
    marks: tuple[Mark, ...] = ()
    hint = say("picture.after_run")
    if groups.params is not None:
        values = groups.projections.along(axis)
        edges = bin_edges(values, groups.weights, view.bins, groups.law.is_discrete())
        x, shown = _curves(groups, edges if given is None else given.bars.edges)
        total = np.maximum(shown.sum(axis=0) + (groups.noise or 0.0), 1e-300)
        marks = tuple(
            Curve(x, y, k, groups.names[k], groups.law.is_discrete())
            for k, y in enumerate(shown / total)
        )
        if groups.noise is not None:
            marks += (Curve(x, groups.noise / total, NO_GROUP, say("group.noise")),)
        hint = ""
    return Picture(
        title=say("picture.membership"),
        subtitle=say("picture.membership_of", x=axis.label),
        marks=marks,
        x_label=axis.caption,
        y_label=say("picture.probability"),
        description=say("spoken.membership", x=axis.label),
        hint=hint,
    )


def _curves(groups: Groups, edges: F64) -> tuple[F64, F64]:
    """Points along the column and share times density of each group there (K, m)."""
    assert groups.shares is not None
    if groups.law.is_discrete():
        x = np.arange(np.ceil(edges[0]), np.floor(edges[-1]) + 1)
    else:
        margin = 0.05 * (edges[-1] - edges[0])
        x = np.linspace(edges[0] - margin, edges[-1] + margin, 401)
        means, covariances = groups.law.moments(groups.params)
        near = means[:, 0, None] + np.sqrt(covariances[:, 0, 0])[:, None] * np.linspace(-3, 3, 25)
        inside = near[(near > x[0]) & (near < x[-1])]
        x = np.unique(np.concatenate([x, inside]))
    logs = groups.law.log_marginal(groups.params, np.ones((1, 1)), np.zeros(1), x[None])
    assert logs is not None, "one column always has a closed form"
    return x, np.asarray(groups.shares[:, None] * np.exp(logs))
