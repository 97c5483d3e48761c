"""A law of one column whose values are known to lie in intervals: histogram counts, censored and truncated values.

A row with ends a < b adds the log of the probability that its group gives to the values from a to b, a row with equal
ends its log density. The E-step takes the sums of the law over the conditional distribution in each interval, by the
nodes of `numerics.interval_nodes`, and the law makes its own M-step from them (Dempster, Laird and Rubin 1977, J. R.
Statist. Soc. B 39, 1-38, sections 4.2 and 4.3; McLachlan and Jones 1988, Biometrics 44, 571-578).

Where rows outside a window were never recorded, densities and probabilities are those given the window, group by group,
and a group with n rows inside it adds n (1 - P) / P expected rows outside, P being its probability of the window. The
weights of a mixture are then the shares among the rows inside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.model.dataset import Dataset
from emdesk.model.interval_ends import (
    EDGES,
    Ends,
    Window,
    ends_among,
    measured_column,
    read_ends,
)
from emdesk.model.interval_rows import IntervalKernel, Seen, distinct_intervals, nodes_of
from emdesk.model.interval_shapes import Outside, Shape, outside_of, shape_of
from emdesk.model.law import Ascent, Invariance, Law, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs, Role, Roles
from emdesk.model.plain_law import PlainLaw
from emdesk.model.power_law import Powered
from emdesk.model.rows import Rows, plain_rows
from emdesk.texts import say

F64 = NDArray[np.float64]
Ints = NDArray[np.intp]
ON_THE_LINE = frozenset({"gaussian", "student-t", "skew-normal"})
ABOVE_ZERO = frozenset({"exponential", "gamma", "inverse-gaussian", "log-normal", "weibull"})
"""The laws, by id, whose densities have one peak along the course that is right for them."""
NODES_AT_ONCE = 65_536
MOST_SHARED, NUMBERS_OF_AN_INTERVAL = 2_000, 400
"""With more different intervals than this blocks are small: each keeps about so many numbers for every group."""
DRAWS = 200


def takes_intervals(law: Law) -> bool:
    """Whether a law can have its column in intervals."""
    if isinstance(law, Powered):
        return False
    return law.id in ON_THE_LINE or law.id in ABOVE_ZERO


@dataclass(frozen=True, eq=False)
class IntervalConstants:
    """The constants of the law itself, the name of its column, and whether most intervals are different ones, so that
    each needs nodes of its own."""

    own: Any
    name: str
    is_varied: bool


@dataclass(frozen=True, eq=False)
class IntervalSums:
    """The effective rows (K,) that were seen, and the sums of the law over these and those outside the window."""

    counts: F64
    own: Any

    def __add__(self, other: Self) -> IntervalSums:
        return IntervalSums(self.counts + other.counts, self.own + other.own)

    def scaled(self, factor: float) -> IntervalSums:
        """All sums times a factor."""
        return IntervalSums(factor * self.counts, self.own.scaled(factor))


class Intervals(PlainLaw):
    """A law over one column whose rows have ends, in a window."""

    roles: ClassVar[tuple[Role, ...]] = EDGES

    def __init__(self, law: Law, window: Window | None = None) -> None:
        self.law = law
        self.window = window or Window()
        self.id = law.id
        self.label = law.label
        self.Settings = law.Settings
        self.Params = law.Params
        self.needs: Needs = replace(law.needs, most=1)
        self._holdable, self._tieable = law.holdable, law.tieable
        self.is_positive = law.id in ABOVE_ZERO

    @property
    def holdable(self) -> tuple[str, ...]:  # type: ignore[override]
        return self._holdable

    @property
    def tieable(self) -> tuple[str, ...]:  # type: ignore[override]
        return self._tieable

    def read(self, dataset: Dataset, columns: tuple[str, ...], roles: Roles) -> Ends:
        """The ends of every row of a file; a Problem names what does not fit."""
        given = measured_column(roles)
        if len(columns) != 1 or (given and given != columns):
            raise DataProblem(
                say("interval.one_column", count=len(columns)),
                columns=columns,
                where=dataset.name,
                remedy=say("interval.choose_one"),
            )
        return read_ends(dataset, columns, roles, self.window, self.is_positive)

    def ascent(self, settings: Any) -> Ascent:
        return self.law.ascent(settings)

    def invariance(self, settings: Any) -> Invariance:
        return Invariance()

    def constants(self, rows: Rows, settings: Any) -> IntervalConstants:
        lower, upper = (rows.roles.get(role, rows.columns)[0] for role in EDGES)
        is_wide = lower < upper
        distinct, _ = distinct_intervals(lower[is_wide], upper[is_wide])
        own = self.law.constants(_plain(rows), settings)
        return IntervalConstants(own, rows.names[0], len(distinct) > MOST_SHARED)

    def encode(self, rows: Rows, constants: IntervalConstants) -> F64:
        """The law's own rows for a value inside each interval, then the ends."""
        own = self.law.encode(_plain(rows), constants.own)
        lower, upper = (rows.roles.get(role, rows.columns) for role in EDGES)
        return np.concatenate([own, lower, upper])

    def ends(self, encoded: F64) -> tuple[F64, F64]:
        """Lower and upper ends (m,) of encoded rows."""
        return encoded[-2], encoded[-1]

    def coordinates(self, encoded: F64, constants: IntervalConstants) -> F64:
        return self.law.coordinates(encoded[:-2], constants.own)

    def feature_rows(self, constants: IntervalConstants) -> int:
        own = self.law.feature_rows(constants.own) + 2
        return own + NUMBERS_OF_AN_INTERVAL if constants.is_varied else own

    def features(self, encoded: F64, constants: IntervalConstants, work: Workspace) -> Seen:
        lower, upper = self.ends(encoded)
        own, is_exact = encoded[:-2], lower == upper
        exact, spread = np.flatnonzero(is_exact), np.flatnonzero(~is_exact)
        distinct, which = distinct_intervals(lower[spread], upper[spread])
        chosen = own if not spread.size else np.ascontiguousarray(own[:, exact])
        points = self.law.features(chosen, constants.own, work.of(0)) if exact.size else None
        return Seen(own, points, exact, spread, which, distinct.real, distinct.imag)

    def kernel(self, params: Any, offsets: F64, constants: IntervalConstants) -> IntervalKernel:
        shape = self._shape(self.law.in_units(params, constants.own))
        outside = self._outside(shape)
        inside = offsets if outside is None else offsets - outside.log_inside
        own = self.law.kernel(params, inside, constants.own)
        return IntervalKernel(own, inside, shape, outside)

    def _shape(self, shown: Any) -> Shape:
        return shape_of(self.law, shown, self.is_positive)

    def _outside(self, shape: Shape) -> Outside | None:
        return outside_of(shape, self.window) if self.window else None

    def log_peak(self, params: Any, constants: IntervalConstants) -> F64 | None:
        return None

    def log_density(
        self, features: Seen, kernel: IntervalKernel, out: F64, work: Workspace
    ) -> None:
        if not features.spread.size:
            self.law.log_density(features.points, kernel.own, out, work.of(0))
            return
        if features.exact.size:
            part = np.empty((len(out), len(features.exact)))
            self.law.log_density(features.points, kernel.own, part, work.of(0))
            out[:, features.exact] = part
        masses = nodes_of(features, kernel).log_masses.reshape(len(out), -1)
        out[:, features.spread] = (masses + kernel.offsets[:, None])[:, features.which]

    def statistics(
        self,
        features: Seen,
        responsibilities: F64,
        kernel: IntervalKernel | None,
        constants: IntervalConstants,
        work: Workspace,
    ) -> IntervalSums:
        counts = responsibilities.sum(axis=1)
        if kernel is None:
            own = self.law.features(features.encoded, constants.own, work.of(1))
            made = self.law.statistics(own, responsibilities, None, constants.own, work.of(1))
            return IntervalSums(counts, made)
        sums: list[Any] = []
        if features.exact.size:
            members = np.ascontiguousarray(responsibilities[:, features.exact])
            sums.append(
                self.law.statistics(features.points, members, kernel.own, constants.own, work.of(0))
            )
        if features.spread.size:
            nodes, size = nodes_of(features, kernel), len(features.lower)
            rows = np.concatenate(
                [
                    np.bincount(features.which, own[features.spread], size)
                    for own in responsibilities
                ]
            )
            sums += self._of_nodes(
                nodes.owners // size, nodes.values, rows[nodes.owners] * nodes.shares,
                kernel, constants, work,
            )  # fmt: skip
        if kernel.outside is not None:
            hidden = kernel.outside
            rows = counts[hidden.groups] * hidden.rows
            sums += self._of_nodes(hidden.groups, hidden.values, rows, kernel, constants, work)
        total = sums[0]
        for more in sums[1:]:
            total = total + more
        return IntervalSums(counts, total)

    def _of_nodes(
        self,
        groups: Ints,
        values: F64,
        rows: F64,
        kernel: IntervalKernel,
        constants: IntervalConstants,
        work: Workspace,
    ) -> list[Any]:
        """The law's sums of values (N,), each in one group and worth so many rows."""
        made = []
        for first in range(0, len(values), NODES_AT_ONCE):
            part = slice(first, first + NODES_AT_ONCE)
            cells = plain_rows(values[None, part], (constants.name,))
            members = np.zeros((len(kernel.offsets), cells.columns.shape[1]))
            members[groups[part], np.arange(members.shape[1])] = rows[part]
            encoded = self.law.encode(cells, constants.own)
            own = self.law.features(encoded, constants.own, work.of(1))
            made.append(self.law.statistics(own, members, kernel.own, constants.own, work.of(1)))
        return made

    def start(self, statistics: IntervalSums, constants: IntervalConstants) -> Any:
        return self.law.start(statistics.own, constants.own)

    def maximise(
        self, statistics: IntervalSums, params: Any | None, constants: IntervalConstants
    ) -> Any:
        return self.law.maximise(statistics.own, params, constants.own)

    def expected(
        self, statistics: IntervalSums, params: Any, constants: IntervalConstants
    ) -> F64 | None:
        return self.law.expected(statistics.own, params, constants.own)

    def log_prior(self, params: Any, constants: IntervalConstants) -> float:
        return self.law.log_prior(params, constants.own)

    def free_parameters(self, params: Any, constants: IntervalConstants) -> int:
        return self.law.free_parameters(params, constants.own)

    def in_units(self, params: Any, constants: IntervalConstants) -> Any:
        return self.law.in_units(params, constants.own)

    def from_units(self, params: Any, constants: IntervalConstants) -> Any:
        return self.law.from_units(params, constants.own)

    def weaknesses(self, params: Any, constants: IntervalConstants) -> tuple[Weakness, ...]:
        return self.law.weaknesses(params, constants.own)

    def least_distinct_rows(self, constants: IntervalConstants) -> int:
        return self.law.least_distinct_rows(constants.own)

    def retract(self, params: Any, constants: IntervalConstants) -> Any:
        return self.law.retract(params, constants.own)

    def complete(
        self,
        encoded: F64,
        responsibilities: F64,
        params: Any,
        constants: IntervalConstants,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64]:
        return self.law.complete(encoded[:-2], responsibilities, params, constants.own, rng)

    def means_at(self, means: F64, spread: Any, constants: IntervalConstants) -> Any:
        return self.law.means_at(means, spread, constants.own)

    def quantities(self, params: Any, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        own = self.law.quantities(params, names)
        outside = self._outside(self._shape(params))
        if outside is None:
            return own
        inside = Quantity("inside", say("quantity.inside"), ("component",), outside.inside)
        return (*own, inside)

    def moments(self, params: Any) -> tuple[F64, F64]:
        return self.law.moments(params)

    def is_elliptical(self) -> bool:
        return self.law.is_elliptical()

    def log_marginal(self, params: Any, directions: F64, centre: F64, points: F64) -> F64 | None:
        """Given the window; outside it there is nothing."""
        logs = self.law.log_marginal(params, directions, centre, points)
        outside = self._outside(self._shape(params))
        if logs is None or outside is None:
            return logs
        values = points[0] / directions[0, 0] + centre[0]
        is_in = (values >= self.window.below) & (values <= self.window.above)
        return np.where(is_in, logs - outside.log_inside[:, None], -np.inf)

    def simulate(self, params: Any, groups: Ints, rng: np.random.Generator) -> F64:
        """Exact values in the window."""
        drawn: F64 = self.law.simulate(params, groups, rng)
        for _ in range(DRAWS):
            missed = np.flatnonzero((drawn[0] < self.window.below) | (drawn[0] > self.window.above))
            if not missed.size:
                return drawn
            drawn[:, missed] = self.law.simulate(params, groups[missed], rng)
        # a group that has next to nothing in the window: from its nodes there
        shape = self._shape(params)
        for k in np.unique(groups[missed]):
            ends = (np.array([self.window.below]), np.array([self.window.above]))
            nodes = shape.nodes(np.array([k]), *ends)
            mine = missed[groups[missed] == k]
            drawn[0, mine] = rng.choice(nodes.values, size=len(mine), p=nodes.shares)
        return drawn

    def ends_of(self, values: F64, encoded: F64) -> tuple[F64, F64]:
        """The ends (m,) that values (m,) have among encoded rows: those of the interval they lie in, or the value
        itself; a UsageProblem where intervals overlap, so that it is not known which one a value would have."""
        return ends_among(values, *self.ends(encoded))


def in_intervals(law: Law, window: Window) -> Law:
    """The law over rows with ends, in a window."""
    return cast(Law, Intervals(law, window))


def intervals_of(law: Any) -> Intervals | None:
    """The law as one whose rows have ends, None if its rows are values."""
    return law if isinstance(law, Intervals) else None


def _plain(rows: Rows) -> Rows:
    """The rows as the law itself takes them, without roles."""
    return replace(rows, roles={}, role_names={}, role_categories={})
