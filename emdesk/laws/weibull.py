"""Weibull law: each group has its own shape and scale in every column, columns independent given the group.

When to use it
    Lifetimes, strengths of materials, wind speeds: positive columns whose rate of failure falls (shape below 1), stays
    (1, the exponential law) or rises (above 1) with time. Early failures and wear-out are two groups.

When not
    Columns with zeros or negative values. Lifetimes of parts that still live: their rows are not complete.

The scale is the value that 63 % of a group stay below. A group of equal values has no largest likelihood: its shape
goes to infinity, which EMDesk reports as a collapse.

The shape has no formula: each iteration takes one Newton step for it, with the scale that belongs to the new shape or
that is held, and a step that falls is halved.

Sources
    Density, likelihood equations and moments: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate
    Distributions 1, chapter 21. Newton's step inside EM: Lange (1995), J. R. Statist. Soc. B 57, 425-437.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.model.column_terms import masked
from emdesk.model.columnwise import ColumnConstants, ColumnwiseLaw, Mask, observed_averages
from emdesk.model.dataset import Kind
from emdesk.model.fields import Field
from emdesk.model.law import Ascent, Invariance, Quantity, Workspace
from emdesk.model.needs import Needs
from emdesk.model.params import Axes, Domain
from emdesk.model.positive import (
    are_positive,
    bounded_product,
    log_ratios,
    refuse_constant,
    refuse_narrow,
    refuse_values,
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
FARTHEST = 300.0
"""exp of it is still a number whose square is one; a density there is zero in every other respect."""
LONGEST = 3.0
"""The shape changes by no more than this factor in one step."""
TEXTS = {
    "weibull.weak": "component {group} has reached the largest shape: rows of some column are all but equal",
}
declare(TEXTS)


@dataclass(frozen=True)
class WeibullSettings:
    """Settings of the Weibull law."""

    floor: Annotated[
        float,
        Field(
            "Spread floor",
            "The least variance of the logarithms of a component in any column, as a share of the data's. A "
            "component that touches it has collapsed.",
            low=1e-12,
            high=0.1,
            section="Floor",
            more=True,
            logarithmic=True,
        ),
    ] = 1e-8


@dataclass(frozen=True, eq=False)
class WeibullParams:
    """Shapes and scales."""

    shapes: Annotated[F64, Axes("component", "column", label="Shape"), Domain.POSITIVE]
    scales: Annotated[F64, Axes("component", "column", label="Scale"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class WeibullConstants(ColumnConstants):
    """Values (d,) that logarithms are taken about, which are the units inside a fit, the standard deviations (d,) of
    the logarithms and the largest of them (d,), and the floor."""

    centres: F64
    deviations: F64
    reach: F64
    floor: float

    @property
    def most(self) -> F64:
        """(d,) the largest shapes."""
        return np.asarray(UNIT_SHAPE / (np.sqrt(self.floor) * self.deviations))


@dataclass(frozen=True, eq=False)
class WeibullSums:
    """Effective rows (K,), and (K, d) those whose cell is observed; with v = shape log(x / scale) at the params
    `shapes` and `scales` (K, d), sums (K, d) of v, and `powers` (3, K, d) of exp(v), exp(v) v and exp(v) v squared.
    From a partition v is log x, and instead of the powers there are `squares`, sums of v squared."""

    counts: F64
    seen: F64
    logs: F64
    squares: F64
    powers: F64
    shapes: F64
    scales: F64

    def __add__(self, other: Self) -> WeibullSums:
        return replace(
            self,
            counts=self.counts + other.counts,
            seen=self.seen + other.seen,
            logs=self.logs + other.logs,
            squares=self.squares + other.squares,
            powers=self.powers + other.powers,
        )

    def scaled(self, factor: float) -> WeibullSums:
        """All sums times a factor."""
        return replace(
            self,
            counts=factor * self.counts,
            seen=factor * self.seen,
            logs=factor * self.logs,
            squares=factor * self.squares,
            powers=factor * self.powers,
        )


@dataclass(frozen=True, eq=False)
class Kernel:
    """Shapes and logarithms of scales (K, d), and the offsets (K,)."""

    shapes: F64
    scales: F64
    log_scales: F64
    offsets: F64


@dataclass(eq=False)
class LogRows:
    """The logarithms (d, m) of a block, minus their sum in units (m,), and marks (d, m) of what is observed, None if
    all is; and what a kernel has seen in them: for each column v and exp(v), (d, K, m)."""

    logs: F64
    base: F64
    marks: F64 | None = None
    seen: tuple[Kernel, F64, F64] | None = None


class Weibull(ColumnwiseLaw[WeibullParams, WeibullConstants]):
    """Independent Weibull columns."""

    id: ClassVar[str] = "weibull"
    label: ClassVar[str] = "Weibull"
    Settings: ClassVar[type] = WeibullSettings
    Params: ClassVar[type] = WeibullParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.TIME}), nonnegative=True
    )
    holdable: ClassVar[tuple[str, ...]] = ("shapes", "scales")
    weak_template: ClassVar[str] = TEXTS["weibull.weak"]
    in_column_units: ClassVar[frozenset[str]] = frozenset({"scales"})

    def ascent(self, settings: WeibullSettings) -> Ascent:
        return Ascent.STEP

    def invariance(self, settings: WeibullSettings) -> Invariance:
        return Invariance(scale_all=True, scale_each=True)

    def fits(self, cells: F64) -> Mask:
        return are_positive(cells)

    def first_look(self, rows: Rows, settings: WeibullSettings) -> WeibullConstants:
        centres = np.exp(observed_averages(np.log(rows.columns), rows.weights))
        logs = log_ratios(rows.columns, centres)
        deviations = scaling_of(logs, rows.weights, by_column=True).deviations
        refuse_constant(deviations, rows.names)
        refuse_narrow(deviations, rows.names)
        reach = np.nanmax(np.abs(logs), axis=1)
        return WeibullConstants(centres, deviations, reach, settings.floor)

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
        return masked(np.exp(rows.logs + np.log(constants.centres)[:, None]), rows.marks)

    def coordinates(self, encoded: F64, constants: WeibullConstants) -> F64:
        rows = self.features(encoded, constants, Workspace())
        return masked(rows.logs / constants.deviations[:, None], rows.marks)

    def feature_rows(self, constants: WeibullConstants) -> int:
        # logarithms, and v and exp(v) for two or three groups
        return 7 * constants.d

    def features(self, encoded: F64, constants: WeibullConstants, work: Workspace) -> LogRows:
        d = constants.d
        return LogRows(encoded[:d], encoded[d], encoded[d + 1 :] if len(encoded) > d + 1 else None)

    def kernel(self, params: WeibullParams, offsets: F64, constants: WeibullConstants) -> Kernel:
        return Kernel(params.shapes, params.scales, np.log(params.scales), offsets)

    def log_peak(self, params: WeibullParams, constants: WeibullConstants) -> F64 | None:
        if constants.has_gaps or np.any(params.shapes < 1):
            return None  # without bound near zero; the density of fewer columns has another bound
        share = 1 - 1 / params.shapes
        places = np.where(share > 0, np.log(np.where(share > 0, share, 1.0)), 0.0)
        logs = np.log(params.shapes) - np.log(params.scales * constants.centres)
        return np.asarray((logs + share * (places - 1)).sum(axis=1))

    def log_density(self, features: LogRows, kernel: Kernel, out: F64, work: Workspace) -> None:
        places, powers = self._look(features, kernel, work)
        np.sum(places, axis=0, out=out)
        for of_column in powers:
            out -= of_column
        out += features.base
        log_shapes = np.log(kernel.shapes)
        if features.marks is None:
            out += (kernel.offsets + log_shapes.sum(axis=1))[:, None]
        else:
            out += kernel.offsets[:, None]
            out += log_shapes @ features.marks

    def _look(self, features: LogRows, kernel: Kernel, work: Workspace) -> tuple[F64, F64]:
        """v and exp(v), (d, K, m) each, 0 where a cell is missing."""
        if features.seen is not None and features.seen[0] is kernel:
            return features.seen[1:]
        d, m = features.logs.shape
        groups = len(kernel.shapes)
        places = work.array("weibull.places", d * groups, m).reshape(d, groups, m)
        powers = work.array("weibull.powers", d * groups, m).reshape(d, groups, m)
        np.subtract(features.logs[:, None], kernel.log_scales.T[:, :, None], out=places)
        places *= kernel.shapes.T[:, :, None]
        np.minimum(places, FARTHEST, out=places)
        np.exp(places, out=powers)
        if features.marks is not None:
            places *= features.marks[:, None]
            powers *= features.marks[:, None]
        features.seen = kernel, places, powers
        return places, powers

    def statistics(
        self,
        features: LogRows,
        responsibilities: F64,
        kernel: Kernel | None,
        constants: WeibullConstants,
        work: Workspace,
    ) -> WeibullSums:
        counts = responsibilities.sum(axis=1)
        groups, d = len(counts), len(features.logs)
        marks = features.marks
        seen = (
            np.repeat(counts[:, None], d, axis=1) if marks is None else responsibilities @ marks.T
        )
        if kernel is None:
            # the logarithm of a missing cell is kept as 0
            weighted = responsibilities[:, None] * features.logs
            ones = np.ones((groups, d))
            squares = np.vecdot(weighted, features.logs)
            return WeibullSums(
                counts, seen, weighted.sum(axis=2), squares, np.zeros((3, groups, d)), ones, ones
            )
        places, powers = self._look(features, kernel, work)
        made = np.empty((3, groups, d))
        logs = np.empty((groups, d))
        buffer = work.array("weibull.weighted", *responsibilities.shape)
        for j in range(d):
            logs[:, j] = np.vecdot(responsibilities, places[j])
            made[0, :, j] = np.vecdot(responsibilities, powers[j])
            np.multiply(powers[j], places[j], out=buffer)
            made[1, :, j] = np.vecdot(responsibilities, buffer)
            buffer *= places[j]
            made[2, :, j] = np.vecdot(responsibilities, buffer)
        return WeibullSums(
            counts, seen, logs, np.zeros_like(logs), made, kernel.shapes, kernel.scales
        )

    def start(self, statistics: WeibullSums, constants: WeibullConstants) -> WeibullParams:
        means, variances = self._of_logs(statistics)
        rows = statistics.seen
        common = (rows * variances).sum(axis=0) / np.maximum(rows.sum(axis=0), np.finfo(float).tiny)
        least = max(START_FLOOR, constants.floor) * constants.deviations**2
        # no row so far out that its density is no number, however little it weighs
        common = np.maximum.reduce(
            [common, least, (UNIT_SHAPE * constants.reach / LONGEST_PLACE) ** 2]
        )
        return self._from_logs(means, np.repeat(common[None], len(rows), axis=0), constants)

    def _of_logs(self, statistics: WeibullSums) -> tuple[F64, F64]:
        """Means and variances (K, d) of the logarithms of a partition; a group without rows has mean 0."""
        rows = np.where(statistics.seen > 0, statistics.seen, 1.0)
        means = statistics.logs / rows
        return means, np.maximum(statistics.squares / rows - means**2, 0.0)

    def _from_logs(self, means: F64, variances: F64, constants: WeibullConstants) -> WeibullParams:
        shapes = constants.held.put("shapes", UNIT_SHAPE / np.sqrt(variances))
        return constants.held.onto(WeibullParams(shapes, np.exp(means + EULER / shapes)))

    def maximise(
        self, statistics: WeibullSums, params: WeibullParams | None, constants: WeibullConstants
    ) -> WeibullParams:
        held, empty = constants.held, statistics.seen <= 0
        if params is None:
            means, variances = self._of_logs(statistics)
            spread = constants.deviations**2
            variances = np.where(empty, spread, np.maximum(variances, constants.floor * spread))
            return self._from_logs(means, variances, constants)
        rows = np.where(empty, 1.0, statistics.seen)
        total, first, second = statistics.powers + empty
        mean = first / total
        spread = np.maximum(second / total - mean**2, np.finfo(float).eps)
        # at the factor f of the shape the slope is close to 1 / f + pull - spread (f - 1): one positive root; the scale
        # goes with the shape, or is held and the powers count by themselves
        scale_is_held = held.of("scales", mean)
        pull = statistics.logs / rows - np.where(scale_is_held, first / rows, mean)
        bend = np.where(scale_is_held, np.maximum(second / rows, np.finfo(float).eps), spread)
        middle = pull + bend
        factor = 2 / (np.sqrt(middle**2 + 4 * bend) - middle)
        most = constants.most / statistics.shapes
        factor = np.minimum(np.clip(factor, 1 / LONGEST, LONGEST), most)
        factor = np.where(held.of("shapes", mean), 1.0, factor)
        # the logarithm of the mean power at the new shape, from its first two cumulants
        step = factor - 1
        log_mean = np.log(total / rows) + step * (mean + 0.5 * step * spread)
        shapes = factor * statistics.shapes
        scales = statistics.scales * np.exp(log_mean / shapes)
        shapes = np.where(empty, params.shapes, shapes)
        scales = np.where(empty, params.scales, scales)
        return held.onto(WeibullParams(shapes, scales))

    def in_units(self, params: WeibullParams, constants: WeibullConstants) -> WeibullParams:
        return replace(params, scales=params.scales * constants.centres)

    def standardised(self, params: WeibullParams, constants: WeibullConstants) -> WeibullParams:
        return replace(params, scales=params.scales / constants.centres)

    def inside(self, params: WeibullParams, constants: WeibullConstants) -> WeibullParams:
        return replace(params, shapes=np.minimum(params.shapes, constants.most))

    def touching(self, params: WeibullParams, constants: WeibullConstants) -> Mask:
        held = constants.held.of("shapes", params.shapes)
        return np.asarray((params.shapes >= constants.most * (1 - 1e-6)) & ~held)

    def least_distinct_rows(self, constants: WeibullConstants) -> int:
        return 2

    def means_at(
        self, means: F64, spread: WeibullParams, constants: WeibullConstants
    ) -> WeibullParams:
        refuse_values(say("quantity.mean"), means)
        shapes = constants.held.put("shapes", np.repeat(spread.shapes[:1], len(means), axis=0))
        scales = means / constants.centres / np.exp(_log_moment(shapes, 1))
        return WeibullParams(shapes, scales)

    def quantities(self, params: WeibullParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        means, _ = self.means_and_variances(params)
        shown = Quantity("means", say("quantity.mean"), ("component", "column"), means, True)
        return (shown, *super().quantities(params, names))

    def means_and_variances(self, params: WeibullParams) -> tuple[F64, F64]:
        # beyond the range of a double a moment stands at its edge
        first = np.minimum(_log_moment(params.shapes, 1), FARTHEST)
        second = np.minimum(_log_moment(params.shapes, 2), FARTHEST)
        relative = np.maximum(np.exp(second) - np.exp(2 * np.minimum(first, second)), 0.0)
        means = bounded_product(np.exp(first), params.scales)
        return means, bounded_product(relative, params.scales, params.scales)

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


def _log_moment(shapes: F64, order: int) -> F64:
    """The logarithm of the mean of (x / scale) to a power."""
    from scipy.special import gammaln

    return np.asarray(gammaln(1 + order / shapes))


LAW = Weibull()
