"""Log-normal law: in each group the logarithm of every column is normal, columns independent given the group.

When to use it
    Positive columns that are skewed to the right and vary by factors rather than by amounts: incomes, concentrations,
    durations, sizes of particles.

When not
    Columns with zeros or negative values, and columns whose spread does not grow with their level (a Gaussian law).
    Columns that go together within a group: take logarithms of them and use a Gaussian law with full matrices.

The log density is in the units of the columns, so that log-likelihoods can be compared with other laws. The median of
a group is exp(mean of the logarithms); its mean is larger. A group of equal values collapses as it does under a
Gaussian law.

Sources
    Density, moments and maximum likelihood: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate
    Distributions 1, chapter 14. Mixtures: Titterington, Smith and Makov (1985), section 4.3.
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
from emdesk.model.numerics.products import weighted_sums
from emdesk.model.params import Axes, Domain
from emdesk.model.positive import (
    chosen_columns,
    diagonal,
    log_ratios,
    refuse_cells,
    refuse_constant,
    refuse_values,
)
from emdesk.model.scaling import Scaling, scaling_of
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
LOG_2_PI = float(np.log(2 * np.pi))
NARROW = 0.05
"""Below this share of the column's spread a square that is multiplied out loses digits."""
START_FLOOR = 1e-6
LARGEST_EXPONENT = 300.0
TEXTS = {
    "log-normal.weak": (
        "component {group} has shrunk to the variance floor in some column: its rows are all but equal"
    ),
    "log-normal.log_sds": "standard deviations of logarithms",
    "log-normal.means": "means",
    "log-normal.log_sd": "Log SD",
}
declare(TEXTS)


@dataclass(frozen=True)
class LogNormalSettings:
    """Settings of the log-normal law."""

    floor: Annotated[
        float,
        Field(
            "Variance floor",
            "The least variance of the logarithms in any column, as a share of the data's. A component "
            "that touches it has collapsed.",
            low=1e-12,
            high=0.1,
            section="Floor",
            more=True,
            logarithmic=True,
        ),
    ] = 1e-8


@dataclass(frozen=True, eq=False)
class LogNormalParams:
    """Means and standard deviations of the logarithms."""

    log_means: Annotated[F64, Axes("component", "column", label="Log mean"), Domain.REAL]
    log_sds: Annotated[F64, Axes("component", "column", label="Log SD"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class LogNormalConstants:
    """Values (d,) that logarithms are taken about, the scaling of these logarithms, and the least variance."""

    centres: F64
    scaling: Scaling
    floor: float


@dataclass(frozen=True, eq=False)
class LogNormalSums:
    """Effective rows (K,), and sums (K, d) of standardised logarithms and their squares about `reference` (K, d)."""

    counts: F64
    first: F64
    second: F64
    reference: F64

    def __add__(self, other: Self) -> LogNormalSums:
        return LogNormalSums(
            self.counts + other.counts,
            self.first + other.first,
            self.second + other.second,
            self.reference,
        )

    def scaled(self, factor: float) -> LogNormalSums:
        """All sums times a factor."""
        return LogNormalSums(
            factor * self.counts, factor * self.first, factor * self.second, self.reference
        )


@dataclass(frozen=True, eq=False)
class Kernel:
    """Coefficients (K, 2 d + 2) of the features, and the pairs of group and column that are taken by themselves."""

    theta: F64
    means: F64
    sds: F64
    narrow: tuple[tuple[int, int], ...]


class LogNormal:
    """Independent log-normal columns."""

    id: ClassVar[str] = "log-normal"
    label: ClassVar[str] = "Log-normal"
    Settings: ClassVar[type] = LogNormalSettings
    Params: ClassVar[type] = LogNormalParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.TIME}), nonnegative=True
    )

    def ascent(self, settings: LogNormalSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: LogNormalSettings) -> Invariance:
        return Invariance(scale_all=True, scale_each=True)

    def constants(
        self,
        columns: F64,
        weights: F64 | None,
        names: tuple[str, ...],
        settings: LogNormalSettings,
        row_numbers: NDArray[np.intp],
    ) -> LogNormalConstants:
        refuse_cells(columns, names, row_numbers)
        centres = np.exp(np.average(np.log(columns), axis=1, weights=weights))
        scaling = scaling_of(log_ratios(columns, centres), weights, by_column=True)
        refuse_constant(scaling.deviations, names)
        return LogNormalConstants(centres, scaling, settings.floor)

    def encode(self, columns: F64, constants: LogNormalConstants) -> F64:
        logs = log_ratios(columns, constants.centres)
        outside = ~np.isfinite(logs)
        with np.errstate(divide="ignore", invalid="ignore"):
            base = -np.where(outside, np.inf, np.log(columns)).sum(axis=0)
        rows = constants.scaling.standardised(np.where(outside, 0.0, logs))
        return np.concatenate([rows, base[None] - constants.scaling.log_volume])

    def coordinates(self, encoded: F64, constants: LogNormalConstants) -> F64:
        return encoded[:-1]

    def feature_rows(self, constants: LogNormalConstants) -> int:
        return 2 * len(constants.centres) + 2

    def features(self, encoded: F64, constants: LogNormalConstants, work: Workspace) -> F64:
        d = len(constants.centres)
        out = work.array("log-normal.features", 2 * d + 2, encoded.shape[1])
        out[0] = 1.0
        out[1 : 1 + d] = encoded[:-1]
        np.multiply(encoded[:-1], encoded[:-1], out=out[1 + d : -1])
        out[-1] = encoded[-1]
        return out

    def kernel(
        self, params: LogNormalParams, offsets: F64, constants: LogNormalConstants
    ) -> Kernel:
        means, sds = params.log_means, params.log_sds
        groups, d = means.shape
        is_wide = sds >= NARROW
        precision = is_wide / sds**2
        constant = offsets - np.log(sds).sum(axis=1) - 0.5 * d * LOG_2_PI
        constant = constant - 0.5 * (precision * means**2).sum(axis=1)
        theta = np.concatenate(
            [constant[:, None], precision * means, -0.5 * precision, np.ones((groups, 1))], axis=1
        )
        return Kernel(theta, means, sds, tuple((int(k), int(j)) for k, j in np.argwhere(~is_wide)))

    def log_peak(self, params: LogNormalParams, constants: LogNormalConstants) -> F64 | None:
        # the mode lies one variance below the mean of the logarithms
        shown = self.in_units(params, constants)
        at_mode = 0.5 * shown.log_sds**2 - shown.log_means - np.log(shown.log_sds)
        return np.asarray((at_mode - 0.5 * LOG_2_PI).sum(axis=1))

    def log_density(self, features: F64, kernel: Kernel, out: F64, work: Workspace) -> None:
        np.matmul(kernel.theta, features, out=out)
        for k, j in kernel.narrow:
            centred = self._centred(features, kernel, k, j, work)
            centred /= kernel.sds[k, j]
            centred *= centred
            centred *= 0.5
            out[k] -= centred

    def _centred(self, features: F64, kernel: Kernel, k: int, j: int, work: Workspace) -> F64:
        out = work.array("log-normal.centred", 1, features.shape[1])[0]
        np.subtract(features[1 + j], kernel.means[k, j], out=out)
        return np.asarray(out)

    def statistics(
        self,
        features: F64,
        responsibilities: F64,
        kernel: Kernel | None,
        constants: LogNormalConstants,
        work: Workspace,
    ) -> LogNormalSums:
        d = len(constants.centres)
        total = weighted_sums(responsibilities, features[:-1])
        first, second = total[:, 1 : 1 + d].copy(), total[:, 1 + d :].copy()
        reference = np.zeros_like(first)
        if kernel is not None:
            for k, j in kernel.narrow:
                centred = self._centred(features, kernel, k, j, work)
                weighted = centred * responsibilities[k]
                reference[k, j] = kernel.means[k, j]
                first[k, j], second[k, j] = weighted.sum(), weighted @ centred
        return LogNormalSums(total[:, 0].copy(), first, second, reference)

    def start(self, statistics: LogNormalSums, constants: LogNormalConstants) -> LogNormalParams:
        made = self.maximise(statistics, None, constants)
        shares = statistics.counts / statistics.counts.sum()
        common = np.sqrt(np.maximum(shares @ made.log_sds**2, max(START_FLOOR, constants.floor)))
        return replace(made, log_sds=np.repeat(common[None], len(shares), axis=0))

    def maximise(
        self,
        statistics: LogNormalSums,
        params: LogNormalParams | None,
        constants: LogNormalConstants,
    ) -> LogNormalParams:
        empty = statistics.counts <= 0
        counts = np.where(empty, 1.0, statistics.counts)[:, None]
        off = statistics.first / counts
        means = statistics.reference + off
        sds = np.sqrt(np.maximum(statistics.second / counts - off**2, constants.floor))
        if empty.any():
            # a component without rows keeps its place, or has that of the data
            means[empty] = 0.0 if params is None else params.log_means[empty]
            sds[empty] = 1.0 if params is None else params.log_sds[empty]
        return LogNormalParams(means, sds)

    def log_prior(self, params: LogNormalParams, constants: LogNormalConstants) -> float:
        return 0.0

    def free_parameters(self, params: LogNormalParams, constants: LogNormalConstants) -> int:
        return int(params.log_means.size + params.log_sds.size)

    def in_units(self, params: LogNormalParams, constants: LogNormalConstants) -> LogNormalParams:
        scaling = constants.scaling
        centres = np.log(constants.centres) + scaling.centres
        return LogNormalParams(
            params.log_means * scaling.scales + centres, params.log_sds * scaling.scales
        )

    def from_units(self, params: LogNormalParams, constants: LogNormalConstants) -> LogNormalParams:
        refuse_values(say("log-normal.log_sds"), params.log_sds)
        scaling = constants.scaling
        centres = np.log(constants.centres) + scaling.centres
        sds = np.maximum(params.log_sds / scaling.scales, np.sqrt(constants.floor))
        return LogNormalParams((params.log_means - centres) / scaling.scales, sds)

    def weaknesses(
        self, params: LogNormalParams, constants: LogNormalConstants
    ) -> tuple[Weakness, ...]:
        touching = (params.log_sds**2 <= constants.floor * (1 + 1e-6)).any(axis=1)
        return tuple(
            Weakness(int(k), "floor", TEXTS["log-normal.weak"]) for k in np.flatnonzero(touching)
        )

    def least_distinct_rows(self, constants: LogNormalConstants) -> int:
        return 2

    def means_at(
        self, means: F64, spread: LogNormalParams, constants: LogNormalConstants
    ) -> LogNormalParams:
        refuse_values(say("log-normal.means"), means)
        sds = np.repeat(spread.log_sds[:1], len(means), axis=0)
        shown = LogNormalParams(means, sds * constants.scaling.scales)
        log_means = np.log(means) - 0.5 * shown.log_sds**2
        return self.from_units(replace(shown, log_means=log_means), constants)

    def quantities(self, params: LogNormalParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        axes = ("component", "column")
        means, _ = self.moments(params)
        medians = np.exp(np.clip(params.log_means, -LARGEST_EXPONENT, LARGEST_EXPONENT))
        return (
            Quantity("medians", say("quantity.median"), axes, medians, True),
            Quantity("means", say("quantity.mean"), axes, means, True),
            Quantity("log_sds", say("log-normal.log_sd"), axes, params.log_sds),
        )

    def moments(self, params: LogNormalParams) -> tuple[F64, F64]:
        squares = params.log_sds**2
        logs = params.log_means + 0.5 * squares
        # beyond the range of a double a moment stands at its edge
        means = np.exp(np.minimum(logs, LARGEST_EXPONENT))
        logs_of_variance = 2 * logs + squares + np.log(-np.expm1(-squares))
        return means, diagonal(np.exp(np.minimum(logs_of_variance, LARGEST_EXPONENT)))

    def is_elliptical(self) -> bool:
        return False

    def is_discrete(self) -> bool:
        return False

    def log_marginal(
        self, params: LogNormalParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        chosen = chosen_columns(directions, centre)
        if chosen is None:
            return None
        logs = log_ratios(points, np.ones(len(points)))
        inside = np.isfinite(logs).all(axis=0)
        logs = np.where(inside, logs, 0.0)
        means, sds = params.log_means[:, chosen, None], params.log_sds[:, chosen, None]
        each = -0.5 * ((logs - means) / sds) ** 2 - np.log(sds) - 0.5 * LOG_2_PI - logs
        return np.asarray(np.where(inside, each.sum(axis=1), -np.inf))

    def simulate(
        self, params: LogNormalParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        noise = rng.standard_normal((params.log_means.shape[1], len(groups)))
        return np.exp(params.log_means[groups].T + params.log_sds[groups].T * noise)


LAW = LogNormal()
