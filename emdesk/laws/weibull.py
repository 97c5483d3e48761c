"""Weibull law: each group has its own shape and scale in every column, columns independent given the group.

When to use it
    Lifetimes, strengths of materials, wind speeds: positive columns whose rate of failure falls (shape below 1), stays
    (1, the exponential law) or rises (above 1) with time. Early failures and wear-out are two groups.

When not
    Columns with zeros or negative values. Lifetimes of parts that still live: their rows are not complete.

The scale is the value that 63 % of a group stay below. A group of equal values has no largest likelihood: its shape
goes to infinity, which EMDesk reports as a collapse.

The shape has no formula: each iteration takes one Newton step for it, with the scale that belongs to the new shape, and
a step that falls is halved.

Sources
    Density, likelihood equations and moments: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate
    Distributions 1, chapter 21. Newton's step inside EM: Lange (1995), J. R. Statist. Soc. B 57, 425-437.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.model.dataset import Kind
from emdesk.model.fields import Field
from emdesk.model.law import Ascent, Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.params import Axes, Domain
from emdesk.model.positive import (
    chosen_columns,
    diagonal,
    log_ratios,
    refuse_cells,
    refuse_constant,
    refuse_values,
)
from emdesk.model.scaling import scaling_of
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
EULER = float(np.euler_gamma)
UNIT_SHAPE = float(np.pi / np.sqrt(6))
"""The standard deviation of the logarithm under shape 1."""
START_FLOOR = 1e-6
FARTHEST = 300.0
"""exp of it is still a number whose square is one; a density there is zero in every other respect."""
LONGEST = 3.0
"""The shape changes by no more than this factor in one step."""
TEXTS = {
    "weibull.weak": "component {group} has reached the largest shape: rows of some column are all but equal",
    "weibull.shapes": "shapes",
    "weibull.scales": "scales",
    "weibull.means": "means",
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
class WeibullConstants:
    """Values (d,) that logarithms are taken about, which are the units inside a fit, the standard deviations (d,) of
    the logarithms, and the floor."""

    centres: F64
    deviations: F64
    floor: float

    @property
    def most(self) -> F64:
        """(d,) the largest shapes."""
        return np.asarray(UNIT_SHAPE / (np.sqrt(self.floor) * self.deviations))


@dataclass(frozen=True, eq=False)
class WeibullSums:
    """Effective rows (K,); with v = shape log(x / scale) at the params `shapes` and `scales` (K, d), sums (K, d) of v,
    and `powers` (3, K, d) of exp(v), exp(v) v and exp(v) v squared. From a partition v is log x, and instead of the
    powers there are `squares`, sums of v squared."""

    counts: F64
    logs: F64
    squares: F64
    powers: F64
    shapes: F64
    scales: F64

    def __add__(self, other: Self) -> WeibullSums:
        return replace(
            self,
            counts=self.counts + other.counts,
            logs=self.logs + other.logs,
            squares=self.squares + other.squares,
            powers=self.powers + other.powers,
        )

    def scaled(self, factor: float) -> WeibullSums:
        """All sums times a factor."""
        return replace(
            self,
            counts=factor * self.counts,
            logs=factor * self.logs,
            squares=factor * self.squares,
            powers=factor * self.powers,
        )


@dataclass(frozen=True, eq=False)
class Kernel:
    """Shapes and logarithms of scales (K, d), and the constants (K,) of the log densities."""

    shapes: F64
    scales: F64
    log_scales: F64
    constant: F64


@dataclass(eq=False)
class Rows:
    """The logarithms (d, m) of a block and minus their sum in units (m,), and what a kernel has seen in them: for each
    column v and exp(v), (d, K, m)."""

    logs: F64
    base: F64
    seen: tuple[Kernel, F64, F64] | None = None


class Weibull:
    """Independent Weibull columns."""

    id: ClassVar[str] = "weibull"
    label: ClassVar[str] = "Weibull"
    Settings: ClassVar[type] = WeibullSettings
    Params: ClassVar[type] = WeibullParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.TIME}), nonnegative=True
    )

    def ascent(self, settings: WeibullSettings) -> Ascent:
        return Ascent.STEP

    def invariance(self, settings: WeibullSettings) -> Invariance:
        return Invariance(scale_all=True, scale_each=True)

    def constants(
        self,
        columns: F64,
        weights: F64 | None,
        names: tuple[str, ...],
        settings: WeibullSettings,
        row_numbers: NDArray[np.intp],
    ) -> WeibullConstants:
        refuse_cells(columns, names, row_numbers)
        centres = np.exp(np.average(np.log(columns), axis=1, weights=weights))
        deviations = scaling_of(log_ratios(columns, centres), weights, by_column=True).deviations
        refuse_constant(deviations, names)
        return WeibullConstants(centres, deviations, settings.floor)

    def encode(self, columns: F64, constants: WeibullConstants) -> F64:
        logs = log_ratios(columns, constants.centres)
        outside = ~np.isfinite(logs)
        with np.errstate(divide="ignore", invalid="ignore"):
            base = -np.where(outside, np.inf, np.log(columns)).sum(axis=0)
        return np.concatenate([np.where(outside, 0.0, logs), base[None]])

    def coordinates(self, encoded: F64, constants: WeibullConstants) -> F64:
        return np.asarray(encoded[:-1] / constants.deviations[:, None])

    def feature_rows(self, constants: WeibullConstants) -> int:
        # logarithms, and v and exp(v) for two or three groups
        return 7 * len(constants.centres)

    def features(self, encoded: F64, constants: WeibullConstants, work: Workspace) -> Rows:
        return Rows(encoded[:-1], encoded[-1])

    def kernel(self, params: WeibullParams, offsets: F64, constants: WeibullConstants) -> Kernel:
        constant = offsets + np.log(params.shapes).sum(axis=1)
        return Kernel(params.shapes, params.scales, np.log(params.scales), constant)

    def log_peak(self, params: WeibullParams, constants: WeibullConstants) -> F64 | None:
        if np.any(params.shapes < 1):
            return None  # without bound near zero
        share = 1 - 1 / params.shapes
        places = np.where(share > 0, np.log(np.where(share > 0, share, 1.0)), 0.0)
        logs = np.log(params.shapes) - np.log(params.scales * constants.centres)
        return np.asarray((logs + share * (places - 1)).sum(axis=1))

    def log_density(self, features: Rows, kernel: Kernel, out: F64, work: Workspace) -> None:
        places, powers = self._look(features, kernel, work)
        np.sum(places, axis=0, out=out)
        for of_column in powers:
            out -= of_column
        out += features.base
        out += kernel.constant[:, None]

    def _look(self, features: Rows, kernel: Kernel, work: Workspace) -> tuple[F64, F64]:
        """v and exp(v), (d, K, m) each."""
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
        features.seen = kernel, places, powers
        return places, powers

    def statistics(
        self,
        features: Rows,
        responsibilities: F64,
        kernel: Kernel | None,
        constants: WeibullConstants,
        work: Workspace,
    ) -> WeibullSums:
        counts = responsibilities.sum(axis=1)
        groups, d = len(counts), len(features.logs)
        if kernel is None:
            weighted = responsibilities[:, None] * features.logs
            ones = np.ones((groups, d))
            squares = np.vecdot(weighted, features.logs)
            return WeibullSums(
                counts, weighted.sum(axis=2), squares, np.zeros((3, groups, d)), ones, ones
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
        return WeibullSums(counts, logs, np.zeros_like(logs), made, kernel.shapes, kernel.scales)

    def start(self, statistics: WeibullSums, constants: WeibullConstants) -> WeibullParams:
        means, variances = self._of_logs(statistics)
        shares = statistics.counts / statistics.counts.sum()
        least = max(START_FLOOR, constants.floor) * constants.deviations**2
        common = np.maximum(shares @ variances, least)
        return self._from_logs(means, np.repeat(common[None], len(shares), axis=0))

    def _of_logs(self, statistics: WeibullSums) -> tuple[F64, F64]:
        """Means and variances (K, d) of the logarithms of a partition; a group without rows has mean 0."""
        counts = np.where(statistics.counts > 0, statistics.counts, 1.0)[:, None]
        means = statistics.logs / counts
        return means, np.maximum(statistics.squares / counts - means**2, 0.0)

    def _from_logs(self, means: F64, variances: F64) -> WeibullParams:
        shapes = UNIT_SHAPE / np.sqrt(variances)
        return WeibullParams(shapes, np.exp(means + EULER / shapes))

    def maximise(
        self, statistics: WeibullSums, params: WeibullParams | None, constants: WeibullConstants
    ) -> WeibullParams:
        empty = statistics.counts <= 0
        if params is None:
            means, variances = self._of_logs(statistics)
            least = constants.floor * constants.deviations**2
            variances[empty] = constants.deviations**2
            return self._from_logs(means, np.maximum(variances, least))
        counts = np.where(empty, 1.0, statistics.counts)[:, None]
        total, first, second = statistics.powers + empty[:, None]
        mean = first / total
        spread = np.maximum(second / total - mean**2, np.finfo(float).eps)
        # at the factor f of the shape the slope is close to 1 / f + pull - spread (f - 1): one positive root
        pull = statistics.logs / counts - mean
        middle = pull + spread
        factor = 2 / (np.sqrt(middle**2 + 4 * spread) - middle)
        most = constants.most / statistics.shapes
        factor = np.minimum(np.clip(factor, 1 / LONGEST, LONGEST), most)
        # the logarithm of the mean power at the new shape, from its first two cumulants
        step = factor - 1
        log_mean = np.log(total / counts) + step * (mean + 0.5 * step * spread)
        shapes = factor * statistics.shapes
        scales = statistics.scales * np.exp(log_mean / shapes)
        shapes[empty], scales[empty] = params.shapes[empty], params.scales[empty]
        return WeibullParams(shapes, scales)

    def log_prior(self, params: WeibullParams, constants: WeibullConstants) -> float:
        return 0.0

    def free_parameters(self, params: WeibullParams, constants: WeibullConstants) -> int:
        return int(params.shapes.size + params.scales.size)

    def in_units(self, params: WeibullParams, constants: WeibullConstants) -> WeibullParams:
        return replace(params, scales=params.scales * constants.centres)

    def from_units(self, params: WeibullParams, constants: WeibullConstants) -> WeibullParams:
        refuse_values(say("weibull.shapes"), params.shapes)
        refuse_values(say("weibull.scales"), params.scales)
        shapes = np.minimum(params.shapes, constants.most)
        return WeibullParams(shapes, params.scales / constants.centres)

    def weaknesses(
        self, params: WeibullParams, constants: WeibullConstants
    ) -> tuple[Weakness, ...]:
        touching = (params.shapes >= constants.most * (1 - 1e-6)).any(axis=1)
        return tuple(
            Weakness(int(k), "floor", TEXTS["weibull.weak"]) for k in np.flatnonzero(touching)
        )

    def least_distinct_rows(self, constants: WeibullConstants) -> int:
        return 2

    def means_at(
        self, means: F64, spread: WeibullParams, constants: WeibullConstants
    ) -> WeibullParams:
        refuse_values(say("weibull.means"), means)
        shapes = np.repeat(spread.shapes[:1], len(means), axis=0)
        scales = means / constants.centres / np.exp(_log_moment(shapes, 1))
        return WeibullParams(shapes, scales)

    def quantities(self, params: WeibullParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        axes = ("component", "column")
        means, _ = self.moments(params)
        return (
            Quantity("means", say("quantity.mean"), axes, means, True),
            Quantity("shapes", say("quantity.shape"), axes, params.shapes),
            Quantity("scales", say("quantity.scale"), axes, params.scales, True),
        )

    def moments(self, params: WeibullParams) -> tuple[F64, F64]:
        # beyond the range of a double a moment stands at its edge
        first = np.minimum(_log_moment(params.shapes, 1), FARTHEST)
        second = np.minimum(_log_moment(params.shapes, 2), FARTHEST)
        relative = np.maximum(np.exp(second) - np.exp(2 * np.minimum(first, second)), 0.0)
        return params.scales * np.exp(first), diagonal(params.scales**2 * relative)

    def is_elliptical(self) -> bool:
        return False

    def is_discrete(self) -> bool:
        return False

    def log_marginal(
        self, params: WeibullParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        chosen = chosen_columns(directions, centre)
        if chosen is None:
            return None
        inside = (points > 0).all(axis=0)
        values = np.where(inside, points, 1.0)
        shapes, scales = params.shapes[:, chosen, None], params.scales[:, chosen]
        ratios = np.stack([log_ratios(values, s) for s in scales])
        places = np.minimum(shapes * ratios, FARTHEST)
        each = np.log(shapes) - np.log(values) + places - np.exp(places)
        return np.asarray(np.where(inside, each.sum(axis=1), -np.inf))

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
