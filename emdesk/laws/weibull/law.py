"""Weibull law: each group has its own shape and scale in every column, columns independent given the group.

When to use it
    Lifetimes, strengths of materials, wind speeds: positive columns whose rate of failure falls (shape below 1), stays
    (1, the exponential law) or rises (above 1) with time. Early failures and wear-out are two groups.

When not
    Columns with zeros or negative values. Lifetimes of parts that still live: their rows are not complete.

The scale is the value that 63 % of a group stay below. A group of equal values has no largest likelihood: its shape
goes to infinity, which EMDesk reports as a collapse.

A prior of the shapes prevents the collapse: a gamma distribution whose mode is the shape of the whole column (by the
variance of its logarithms), and which says as much of a shape as so many rows. Its logarithm, relative to its largest
value, is part of the objective. No prior of the scales is needed.

The shape has no formula: each iteration takes one Newton step for it, with the scale that belongs to the new shape or
that is held, and a step that falls is halved.

Sources
    Density, likelihood equations and moments: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate
    Distributions 1, chapter 21. Newton's step inside EM: Lange (1995), J. R. Statist. Soc. B 57, 425-437.
    Gamma prior of a shape: Ibrahim, Chen and Sinha (2001), Bayesian Survival Analysis, section 2.2. The shape of a
    column by its logarithms: Menon (1963), Technometrics 5, 175-182.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.weibull.moments import log_excess, log_mean
from emdesk.laws.weibull.settings import LogWeibullParams, WeibullParams, WeibullSettings
from emdesk.laws.weibull.sums import FARTHEST, Kernel, LogRows, WeibullSums, sums_of
from emdesk.model.column_terms import masked
from emdesk.model.columnwise import (
    COMPONENT_COLUMN,
    ColumnConstants,
    ColumnwiseLaw,
    observed_averages,
)
from emdesk.model.law import Ascent, Quantity, Workspace
from emdesk.model.positive import (
    bounded_product,
    grown,
    log_ratios,
    refuse_constant,
    refuse_narrow,
    refuse_values,
)
from emdesk.model.positive_law import (
    PositiveColumns,
    Spreads,
    average,
    common,
    for_each_group,
    kept_where,
)
from emdesk.model.rows import Rows
from emdesk.model.scaling import scaling_of
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
EULER = float(np.euler_gamma)
UNIT_SHAPE = float(np.pi / np.sqrt(6))
"""The standard deviation of the logarithm under shape 1."""
START_FLOOR = 1e-6
LONGEST_PLACE = 100.0
"""A start gives every row a shape times log(x / scale) within about twice this."""
LONGEST = 3.0
"""The shape changes by no more than this factor in one step."""
TEXTS = {
    "weibull.weak": "component {group} has reached the largest shape: rows of some column are all but equal",
}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class WeibullConstants(ColumnConstants):
    """Values (d,) that logarithms are taken about, which are the units inside a fit, mean and standard deviation (d,)
    of these logarithms and the largest of them (d,), the floor, and the rows of the prior."""

    centres: F64
    log_means: F64
    deviations: F64
    reach: F64
    floor: float
    prior: float

    @property
    def most(self) -> F64:
        """(d,) the largest shapes."""
        return np.asarray(UNIT_SHAPE / (np.sqrt(self.floor) * self.deviations))

    @property
    def shapes(self) -> F64:
        """(d,) the shapes of the columns as one group."""
        return np.asarray(UNIT_SHAPE / self.deviations)

    @property
    def weight(self) -> float:
        """The information of the prior about the logarithm of a shape: that of so many rows."""
        return UNIT_SHAPE**2 * self.prior

    def params(self, shapes: F64, logs: F64) -> LogWeibullParams:
        """The params of a fit with these shapes and logarithms of scales (K, d)."""
        return LogWeibullParams(shapes, logs / self.deviations, Spreads(self.deviations))


class Weibull(PositiveColumns, ColumnwiseLaw[Any, WeibullConstants]):
    """Independent Weibull columns."""

    id: ClassVar[str] = "weibull"
    label: ClassVar[str] = "Weibull"
    Settings: ClassVar[type] = WeibullSettings
    Params: ClassVar[type] = WeibullParams
    holdable: ClassVar[tuple[str, ...]] = ("shapes", "scales")
    weak_template: ClassVar[str] = TEXTS["weibull.weak"]
    in_column_units: ClassVar[frozenset[str]] = frozenset({"scales"})

    def ascent(self, settings: WeibullSettings) -> Ascent:
        return Ascent.STEP

    def first_look(self, rows: Rows, settings: WeibullSettings) -> WeibullConstants:
        centres = np.exp(observed_averages(np.log(rows.columns), rows.weights))
        logs = log_ratios(rows.columns, centres)
        scaling = scaling_of(logs, rows.weights, by_column=True)
        refuse_constant(scaling.deviations, rows.names)
        refuse_narrow(scaling.deviations, rows.names)
        reach = np.nanmax(np.abs(logs), axis=1)
        return WeibullConstants(
            centres, scaling.centres, scaling.deviations, reach, settings.floor, settings.prior
        )

    def encode(self, rows: Rows, constants: WeibullConstants) -> F64:
        """Logarithms, minus their sum in units, and marks of what is observed where cells are missing."""
        columns, missing = rows.columns, rows.missing
        taken = self.fits(columns)
        logs = log_ratios(np.where(taken, columns, constants.centres[:, None]), constants.centres)
        base = np.where(taken, -np.log(np.where(taken, columns, 1.0)), -np.inf)
        base = np.where(missing, 0.0, base).sum(axis=0)
        parts = [logs, base[None]]
        if constants.has_gaps or missing.any():
            parts.append((~missing).astype(np.float64))
        return np.concatenate(parts)

    def columns_of(self, encoded: F64, constants: WeibullConstants) -> F64:
        rows = self.features(encoded, constants, Workspace())
        return masked(grown(constants.centres, rows.logs.T).T, rows.marks)

    def coordinates(self, encoded: F64, constants: WeibullConstants) -> F64:
        rows = self.features(encoded, constants, Workspace())
        return masked(rows.logs / constants.deviations[:, None], rows.marks)

    def feature_rows(self, constants: WeibullConstants) -> int:
        # logarithms, and v and exp(v) for two or three groups
        return 7 * constants.d

    def features(self, encoded: F64, constants: WeibullConstants, work: Workspace) -> LogRows:
        d = constants.d
        return LogRows(encoded[:d], encoded[d], encoded[d + 1 :] if len(encoded) > d + 1 else None)

    def kernel(self, params: LogWeibullParams, offsets: F64, constants: WeibullConstants) -> Kernel:
        return Kernel(params, offsets)

    def log_peak(self, params: LogWeibullParams, constants: WeibullConstants) -> F64 | None:
        if constants.has_gaps or np.any(params.shapes < 1):
            return None  # without bound near zero; the density of fewer columns has another bound
        share = 1 - 1 / params.shapes
        places = np.where(share > 0, np.log(np.where(share > 0, share, 1.0)), 0.0)
        logs = np.log(params.shapes) - params.logs - np.log(constants.centres)
        return np.asarray((logs + share * (places - 1)).sum(axis=1))

    def log_density(self, features: LogRows, kernel: Kernel, out: F64, work: Workspace) -> None:
        places, powers = features.look(kernel, work)
        np.sum(places, axis=0, out=out)
        for of_column in powers:
            out -= of_column
        out += features.base
        log_shapes = np.log(kernel.params.shapes)
        if features.marks is None:
            out += (kernel.offsets + log_shapes.sum(axis=1))[:, None]
        else:
            out += kernel.offsets[:, None]
            out += log_shapes @ features.marks

    def statistics(
        self,
        features: LogRows,
        responsibilities: F64,
        kernel: Kernel | None,
        constants: WeibullConstants,
        work: Workspace,
    ) -> WeibullSums:
        return sums_of(features, responsibilities, kernel, work)

    def start(self, statistics: WeibullSums, constants: WeibullConstants) -> LogWeibullParams:
        means, variances = statistics.of_logs()
        least = max(START_FLOOR, constants.floor) * constants.deviations**2
        # no row so far out that its density is no number, however little it weighs
        reach = (UNIT_SHAPE * constants.reach / LONGEST_PLACE) ** 2
        pooled = np.maximum.reduce([common(statistics.seen, variances), least, reach])
        (shared,) = for_each_group([pooled], len(means))
        return self._from_logs(means, shared, constants)

    def _from_logs(
        self, means: F64, variances: F64, constants: WeibullConstants
    ) -> LogWeibullParams:
        shapes = constants.held.put("shapes", UNIT_SHAPE / np.sqrt(variances))
        return constants.held.onto(constants.params(shapes, means + EULER / shapes))

    def _from_partition(
        self, statistics: WeibullSums, constants: WeibullConstants
    ) -> LogWeibullParams:
        """By the moments of the logarithms, with the rows of the prior; a component without rows has those of all."""
        means, variances = statistics.of_logs()
        rows, spread = statistics.seen, constants.deviations**2
        variances = np.maximum(
            average(variances, rows, spread, constants.prior), constants.floor * spread
        )
        variances = np.where(rows > 0, variances, spread)
        means = np.where(rows > 0, means, constants.log_means)
        return self._from_logs(means, variances, constants)

    def free_maximum(
        self, statistics: WeibullSums, params: LogWeibullParams | None, constants: WeibullConstants
    ) -> LogWeibullParams:
        at = statistics.at
        if params is None or at is None:
            return self._from_partition(statistics, constants)
        held, weight, empty = constants.held, constants.weight, statistics.seen <= 0
        log_power, mean, spread = statistics.log_mean_power()
        rows = np.where(empty, 1.0, statistics.seen)
        _, first, second = statistics.powers
        # at the factor f of the shape the slope is close to 1 / f + pull - bend (f - 1): one positive root; the
        # scale goes with the shape, or is held and the powers count by themselves
        scale_is_held = held.of("scales", mean)
        pull = statistics.logs / rows - np.where(scale_is_held, first / rows, mean)
        bend = np.where(scale_is_held, np.maximum(second / rows, np.finfo(float).eps), spread)
        # a gamma prior of the shape has two of these terms
        share = rows / (rows + weight)
        bend = share * bend
        middle = share * pull - (1 - share) * at.shapes / constants.shapes + bend
        factor = 2 / (np.sqrt(middle**2 + 4 * bend) - middle)
        factor = np.minimum(np.clip(factor, 1 / LONGEST, LONGEST), constants.most / at.shapes)
        factor = np.where(held.of("shapes", mean), 1.0, factor)
        # the logarithm of the mean power at the new shape, from its first two cumulants
        step = factor - 1
        shapes = factor * at.shapes
        logs = at.logs + (log_power + step * (mean + 0.5 * step * spread)) / shapes
        return held.onto(kept_where(empty, constants.params(shapes, logs), params))

    def expected(
        self, statistics: WeibullSums, params: LogWeibullParams, constants: WeibullConstants
    ) -> F64 | None:
        """To second order about the params of the sums; a partition has none."""
        if statistics.at is None:
            return None
        return np.asarray(statistics.log_likelihood(params).sum(axis=1))

    def log_prior(self, params: LogWeibullParams, constants: WeibullConstants) -> float:
        """Gamma densities of the shapes, relative to that of the shape of the whole column, which is the mode."""
        if constants.prior == 0:
            return 0.0
        shares = params.shapes / constants.shapes
        return float(constants.weight * (np.log(shares) - (shares - 1)).sum())

    def in_units(self, params: LogWeibullParams, constants: WeibullConstants) -> WeibullParams:
        return WeibullParams(params.shapes, grown(constants.centres, params.logs))

    def standardised(self, params: WeibullParams, constants: WeibullConstants) -> LogWeibullParams:
        logs = log_ratios(params.scales.T, constants.centres).T
        return constants.params(params.shapes, logs)

    def inside(self, params: LogWeibullParams, constants: WeibullConstants) -> LogWeibullParams:
        return replace(params, shapes=np.minimum(params.shapes, constants.most))

    def reaches(self, params: LogWeibullParams, constants: WeibullConstants) -> F64:
        return np.asarray(params.shapes / constants.most)

    def means_at(
        self, means: F64, spread: LogWeibullParams, constants: WeibullConstants
    ) -> LogWeibullParams:
        refuse_values(say("quantity.mean"), means)
        (shapes,) = for_each_group([spread.shapes[0]], len(means))
        shapes = constants.held.put("shapes", shapes)
        logs = log_ratios(means.T, constants.centres).T
        return constants.params(shapes, logs - log_mean(shapes))

    def quantities(self, params: WeibullParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        means, _ = self.means_and_variances(params)
        shown = Quantity("means", say("quantity.mean"), COMPONENT_COLUMN, means, True)
        return (shown, *super().quantities(params, names))

    def means_and_variances(self, params: WeibullParams) -> tuple[F64, F64]:
        # beyond the range of a double a moment stands at its edge
        first = np.minimum(log_mean(params.shapes), FARTHEST)
        excess = np.minimum(log_excess(params.shapes), FARTHEST)
        means = bounded_product(np.exp(first), params.scales)
        return means, bounded_product(np.expm1(excess), means, means)

    def log_densities(self, params: WeibullParams, cells: F64, column: int) -> F64:
        shapes, scales = params.shapes[:, column, None], params.scales[:, column]
        ratios = np.concatenate([log_ratios(cells[None], scale[None]) for scale in scales])
        places = np.minimum(shapes * ratios, FARTHEST)
        return np.asarray(np.log(shapes) - np.log(cells) + places - np.exp(places))

    def simulate(
        self, params: WeibullParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        powers = rng.standard_exponential((params.shapes.shape[1], len(groups)))
        drawn = params.scales[groups].T * powers ** (1 / params.shapes[groups].T)
        return np.asarray(np.maximum(drawn, np.finfo(float).tiny))  # 0 has no density
