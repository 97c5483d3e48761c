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
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.column_terms import TermsLaw, TermSums, masked
from emdesk.model.columnwise import COMPONENT_COLUMN, ColumnConstants, Mask, observed_averages
from emdesk.model.dataset import Kind
from emdesk.model.fields import Field
from emdesk.model.law import Ascent, Invariance, Quantity
from emdesk.model.needs import Needs
from emdesk.model.params import Axes, Domain
from emdesk.model.positive import (
    are_positive,
    log_ratios,
    refuse_constant,
    refuse_narrow,
    refuse_values,
)
from emdesk.model.rows import Rows
from emdesk.model.scaling import Scaling, scaling_of
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
LOG_2_PI = float(np.log(2 * np.pi))
NARROW = 0.05
"""Below this share of the column's spread a square that is multiplied out loses digits."""
START_FLOOR = 1e-6
LEAST_EXPONENT, LARGEST_EXPONENT = -745.0, 709.0
"""exp of these is the last number above 0 and the last one that is finite."""
TEXTS = {
    "log-normal.weak": (
        "component {group} has shrunk to the variance floor in some column: its rows are all but equal"
    ),
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
class LogNormalConstants(ColumnConstants):
    """Values (d,) that logarithms are taken about, the scaling of these logarithms, and the least variance."""

    centres: F64
    scaling: Scaling
    floor: float

    @property
    def log_centres(self) -> F64:
        """(d,) the logarithms that are 0 in a fit."""
        return np.asarray(np.log(self.centres) + self.scaling.centres)


class LogNormal(TermsLaw[LogNormalParams, LogNormalConstants]):
    """Independent log-normal columns; the terms of a cell are its standardised logarithm and the square of that, for a
    group apart about its own mean."""

    id: ClassVar[str] = "log-normal"
    label: ClassVar[str] = "Log-normal"
    Settings: ClassVar[type] = LogNormalSettings
    Params: ClassVar[type] = LogNormalParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.TIME}), nonnegative=True
    )
    holdable: ClassVar[tuple[str, ...]] = ("log_means", "log_sds")
    weak_template: ClassVar[str] = TEXTS["log-normal.weak"]
    kept: ClassVar[int] = 2
    summed: ClassVar[int] = 2

    def ascent(self, settings: LogNormalSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: LogNormalSettings) -> Invariance:
        return Invariance(scale_all=True, scale_each=True)

    def fits(self, cells: F64) -> Mask:
        return are_positive(cells)

    def first_look(self, rows: Rows, settings: LogNormalSettings) -> LogNormalConstants:
        centres = np.exp(observed_averages(np.log(rows.columns), rows.weights))
        scaling = scaling_of(log_ratios(rows.columns, centres), rows.weights, by_column=True)
        refuse_constant(scaling.deviations, rows.names)
        refuse_narrow(scaling.deviations, rows.names)
        return LogNormalConstants(centres, scaling, settings.floor)

    def terms(self, columns: F64, constants: LogNormalConstants) -> tuple[F64, F64]:
        logs = constants.scaling.standardised(log_ratios(columns, constants.centres))
        base = -np.log(columns) - np.log(constants.scaling.scales)[:, None]
        return np.stack([logs, logs**2]), base

    def cells(self, terms: F64, constants: LogNormalConstants) -> F64:
        scales = constants.scaling.scales[:, None]
        return np.asarray(np.exp(terms[0] * scales + constants.log_centres[:, None]))

    def coordinates(self, encoded: F64, constants: LogNormalConstants) -> F64:
        marks, (logs, _) = self.parted(encoded, self.kept, constants.d)
        return masked(logs, marks)

    def coefficients(
        self, params: LogNormalParams, constants: LogNormalConstants
    ) -> tuple[F64, F64]:
        means, sds = params.log_means, params.log_sds
        precision = np.where(sds >= NARROW, 1.0, 0.0) / sds**2
        constant = -np.log(sds) - 0.5 * LOG_2_PI - 0.5 * precision * means**2
        return constant, np.stack([precision * means, -0.5 * precision])

    def apart(self, params: LogNormalParams, constants: LogNormalConstants) -> Mask:
        return np.asarray(params.log_sds < NARROW)

    def own_log_density(self, terms: F64, params: LogNormalParams, k: int, j: int) -> F64:
        return np.asarray(-0.5 * ((terms[0] - params.log_means[k, j]) / params.log_sds[k, j]) ** 2)

    def own_terms(self, terms: F64, params: LogNormalParams, k: int, j: int) -> tuple[float, F64]:
        centred = terms[0] - params.log_means[k, j]
        return float(params.log_means[k, j]), np.stack([centred, centred**2])

    def log_peak(self, params: LogNormalParams, constants: LogNormalConstants) -> F64 | None:
        if constants.has_gaps:  # the density of fewer columns has another bound
            return None
        # the mode lies one variance below the mean of the logarithms
        shown = self.in_units(params, constants)
        at_mode = 0.5 * shown.log_sds**2 - shown.log_means - np.log(shown.log_sds)
        return np.asarray((at_mode - 0.5 * LOG_2_PI).sum(axis=1))

    def start(self, statistics: TermSums, constants: LogNormalConstants) -> LogNormalParams:
        made = self.maximise(statistics, None, constants)
        rows = statistics.seen
        total = np.maximum(rows.sum(axis=0), np.finfo(float).tiny)
        variances = (rows * made.log_sds**2).sum(axis=0) / total
        common = np.sqrt(np.maximum(variances, max(START_FLOOR, constants.floor)))
        shared = np.repeat(common[None], len(rows), axis=0)
        return constants.held.onto(replace(made, log_sds=shared))

    def maximise(
        self, statistics: TermSums, params: LogNormalParams | None, constants: LogNormalConstants
    ) -> LogNormalParams:
        off, second = statistics.averages
        best = statistics.reference + off
        means = constants.held.put("log_means", best)
        variances = second - off**2 + (best - means) ** 2
        sds = np.sqrt(np.maximum(variances, constants.floor))
        empty = statistics.empty
        if empty.any():
            # a component without rows keeps its place, or has that of the data
            means = np.where(empty, 0.0 if params is None else params.log_means, means)
            sds = np.where(empty, 1.0 if params is None else params.log_sds, sds)
        return constants.held.onto(LogNormalParams(means, sds))

    def in_units(self, params: LogNormalParams, constants: LogNormalConstants) -> LogNormalParams:
        scales = constants.scaling.scales
        return LogNormalParams(
            params.log_means * scales + constants.log_centres, params.log_sds * scales
        )

    def standardised(
        self, params: LogNormalParams, constants: LogNormalConstants
    ) -> LogNormalParams:
        scales = constants.scaling.scales
        means = (params.log_means - constants.log_centres) / scales
        return LogNormalParams(means, params.log_sds / scales)

    def inside(self, params: LogNormalParams, constants: LogNormalConstants) -> LogNormalParams:
        return replace(params, log_sds=np.maximum(params.log_sds, np.sqrt(constants.floor)))

    def touching(self, params: LogNormalParams, constants: LogNormalConstants) -> Mask:
        held = constants.held.of("log_sds", params.log_sds)
        return np.asarray((params.log_sds**2 <= constants.floor * (1 + 1e-6)) & ~held)

    def least_distinct_rows(self, constants: LogNormalConstants) -> int:
        return 2

    def means_at(
        self, means: F64, spread: LogNormalParams, constants: LogNormalConstants
    ) -> LogNormalParams:
        refuse_values(say("quantity.mean"), means)
        sds = constants.held.put("log_sds", np.repeat(spread.log_sds[:1], len(means), axis=0))
        shown = LogNormalParams(means, sds * constants.scaling.scales)
        log_means = np.log(means) - 0.5 * shown.log_sds**2
        return self.standardised(replace(shown, log_means=log_means), constants)

    def quantities(self, params: LogNormalParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        means, _ = self.means_and_variances(params)
        medians = np.exp(np.clip(params.log_means, LEAST_EXPONENT, LARGEST_EXPONENT))
        return (
            Quantity("medians", say("quantity.median"), COMPONENT_COLUMN, medians, True),
            Quantity("means", say("quantity.mean"), COMPONENT_COLUMN, means, True),
            Quantity("log_sds", say("log-normal.log_sd"), COMPONENT_COLUMN, params.log_sds),
        )

    def means_and_variances(self, params: LogNormalParams) -> tuple[F64, F64]:
        squares = params.log_sds**2
        logs = params.log_means + 0.5 * squares
        # beyond the range of a double a moment stands at its edge
        means = np.exp(np.minimum(logs, LARGEST_EXPONENT))
        logs_of_variance = 2 * logs + squares + np.log(-np.expm1(-squares))
        return means, np.exp(np.minimum(logs_of_variance, LARGEST_EXPONENT))

    def log_densities(self, params: LogNormalParams, cells: F64, column: int) -> F64:
        logs = log_ratios(cells[None], np.ones(1))
        means, sds = params.log_means[:, column, None], params.log_sds[:, column, None]
        each = -0.5 * ((logs - means) / sds) ** 2 - np.log(sds) - 0.5 * LOG_2_PI - logs
        return np.asarray(each)

    def simulate(
        self, params: LogNormalParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        noise = rng.standard_normal((params.log_means.shape[1], len(groups)))
        return np.exp(params.log_means[groups].T + params.log_sds[groups].T * noise)


LAW = LogNormal()
