"""What the components of a law look like along their course in one column: densities, peaks, what a window hides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.interval_ends import Window
from emdesk.model.law import Law
from emdesk.model.numerics.interval_nodes import Course, IntervalNodes, interval_nodes, peaks
from emdesk.model.params import Parameter, rebuild

F64 = NDArray[np.float64]
Ints = NDArray[np.intp]
MOST_AT_ONCE = 5_000
"""So many densities are computed for all groups at once, where each is wanted for one; more go group by group."""
LEAST_WIDTH, MOST_WIDTH = 1e-150, 1e150
MOST_ODDS = 600.0
ALONG, NOWHERE = np.ones((1, 1)), np.zeros(1)


@dataclass(frozen=True, eq=False)
class Shape:
    """What is known of the components before any interval is looked at: their params in units, courses and peaks."""

    law: Law
    params: Any
    course: Course
    tops: F64

    def log_densities(self, groups: Ints, values: F64) -> F64:
        """(N,) log densities of values (N,), each in its own group."""
        return log_densities(self.law, self.params, groups, values)

    def nodes(self, groups: Ints, lower: F64, upper: F64) -> IntervalNodes:
        """Probabilities and nodes of intervals (M,) under groups (M,)."""
        return interval_nodes(self.log_densities, self.course, self.tops, groups, lower, upper)


@dataclass(frozen=True, eq=False)
class Outside:
    """The probability of the window, its log, (K,), and the nodes of the rows outside for one row inside."""

    inside: F64
    log_inside: F64
    groups: Ints
    values: F64
    rows: F64


def shape_of(law: Law, params: Any, is_positive: bool) -> Shape:
    """The courses and peaks of components with params in units."""
    means, covariances = law.moments(params)
    widths = np.clip(np.sqrt(covariances[:, 0, 0]), LEAST_WIDTH, MOST_WIDTH)
    course = Course(means[:, 0], widths, is_positive)

    def densities(groups: Ints, values: F64) -> F64:
        return log_densities(law, params, groups, values)

    return Shape(law, params, course, peaks(densities, course))


def outside_of(shape: Shape, window: Window) -> Outside:
    """The rows that a window hides for each one in it."""
    least = 0.0 if shape.course.is_positive else -np.inf
    count = len(shape.tops)
    every = np.arange(count)
    pieces = [(max(window.below, least), window.above), (least, window.below)]
    wanted = [(a, b) for a, b in (*pieces, (window.above, np.inf)) if b > a]
    groups = np.tile(every, len(wanted))
    lower, upper = (np.repeat([pair[i] for pair in wanted], count) for i in (0, 1))
    found = shape.nodes(groups, lower, upper)
    masses = found.log_masses.reshape(len(wanted), count)
    # in logarithms: a window far from a group has next to no probability
    odds = np.exp(np.minimum(masses - masses[0], MOST_ODDS)).ravel()
    is_out = found.owners >= count
    owners = found.owners[is_out]
    return Outside(
        np.exp(masses[0]),
        masses[0],
        groups[owners],
        found.values[is_out],
        found.shares[is_out] * odds[owners],
    )


def log_densities(law: Law, params: Any, groups: Ints, values: F64) -> F64:
    """(N,) the log density of each value in its own group; a law knows those of all groups at one value."""
    count = int(groups.max(initial=0)) + 1
    if len(values) * count <= MOST_AT_ONCE:
        logs = law.log_marginal(params, ALONG, NOWHERE, values[None])
        assert logs is not None, "one column always has a closed form"
        return np.asarray(logs[groups, np.arange(len(values))])
    made = np.empty(len(values))
    for k in range(count):
        mine = np.flatnonzero(groups == k)
        logs = law.log_marginal(_only(params, k), ALONG, NOWHERE, values[None, mine])
        assert logs is not None, "one column always has a closed form"
        made[mine] = logs[0]
    return made


def _only(params: Any, group: int) -> Any:
    """The params of one group."""

    def cut(parameter: Parameter, value: F64) -> F64:
        names = parameter.axes.names
        return value[group : group + 1] if names and names[0] == "component" else value

    return rebuild(params, cut)
