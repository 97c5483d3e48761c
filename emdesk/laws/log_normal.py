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

A prior that is worth some rows, spread like all rows of the column, prevents the collapse: it is a normal-inverse-gamma
distribution of mean and variance of the logarithms, and its logarithm, relative to its largest value, is part of the
objective.

Sources
    Density, moments and maximum likelihood: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate
    Distributions 1, chapter 14. Mixtures: Titterington, Smith and Makov (1985), section 4.3.
    Conjugate prior: Gelman et al. (2013), Bayesian Data Analysis, section 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.column_terms import TermsLaw, TermSums, masked
from emdesk.model.columnwise import (
    COMPONENT_COLUMN,
    PRIOR_ROWS,
    ColumnConstants,
    Mask,
    observed_averages,
)
from emdesk.model.law import Quantity
from emdesk.model.params import Axes, Domain
from emdesk.model.positive import log_ratios, refuse_constant, refuse_narrow, refuse_values
from emdesk.model.positive_law import (
    PositiveColumns,
    average,
    common,
    floor_of,
    for_each_group,
    kept_where,
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
        floor_of(
            "Variance floor",
            "The least variance of the logarithms in any column, as a share of the data's.",
        ),
    ] = 1e-8
    prior: Annotated[float, PRIOR_ROWS] = 0.0


@dataclass(frozen=True, eq=False)
class LogNormalParams:
    """Means and standard deviations of the logarithms."""

    log_means: Annotated[F64, Axes("component", "column", label="Log mean"), Domain.REAL]
    log_sds: Annotated[F64, Axes("component", "column", label="Log SD"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class LogNormalConstants(ColumnConstants):
    """Values (d,) that logarithms are taken about, the scaling of these logarithms, the least variance, and the
    rows of the prior."""

    centres: F64
    scaling: Scaling
    floor: float
    prior: float

    @property
    def log_centres(self) -> F64:
        """(d,) the logarithms that are 0 in a fit."""
        return np.asarray(np.log(self.centres) + self.scaling.centres)


class LogNormal(PositiveColumns, TermsLaw[LogNormalParams, LogNormalConstants]):
    """Independent log-normal columns; the terms of a cell are its standardised logarithm and the square of that, for a
    group apart about its own mean."""

    id: ClassVar[str] = "log-normal"
    label: ClassVar[str] = "Log-normal"
    Settings: ClassVar[type] = LogNormalSettings
    Params: ClassVar[type] = LogNormalParams
    holdable: ClassVar[tuple[str, ...]] = ("log_means", "log_sds")
    narrowing: ClassVar[tuple[str, ...]] = ("log_sds",)
    weak_template: ClassVar[str] = TEXTS["log-normal.weak"]
    kept: ClassVar[int] = 2
    summed: ClassVar[int] = 2

    def first_look(self, rows: Rows, settings: LogNormalSettings) -> LogNormalConstants:
        centres = np.exp(observed_averages(np.log(rows.columns), rows.weights))
        scaling = scaling_of(log_ratios(rows.columns, centres), rows.weights, by_column=True)
        refuse_constant(scaling.deviations, rows.names)
        refuse_narrow(scaling.deviations, rows.names)
        return LogNormalConstants(centres, scaling, settings.floor, settings.prior)

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
        means, variances = _of_logs(statistics)
        least = max(START_FLOOR, constants.floor)
        pooled = np.sqrt(np.maximum(common(statistics.seen, variances), least))
        (shared,) = for_each_group([pooled], len(means))
        return constants.held.onto(LogNormalParams(means, shared))

    def free_maximum(
        self, statistics: TermSums, params: LogNormalParams | None, constants: LogNormalConstants
    ) -> LogNormalParams:
        rows, prior, nothing = statistics.seen, constants.prior, np.zeros(constants.d)
        own, spread = _of_logs(statistics)
        means = constants.held.put("log_means", average(own, rows, nothing, prior))
        # the logarithms of a column have mean 0 and variance 1
        variances = average(spread + (own - means) ** 2, rows, 1 + means**2, prior)
        sds = np.sqrt(np.maximum(variances, constants.floor))
        if params is None:
            params = LogNormalParams(np.zeros_like(means), np.ones_like(means))
        # a component without rows keeps its place, or has that of the data
        made = kept_where(rows + prior <= 0, LogNormalParams(means, sds), params)
        return constants.held.onto(made)

    def expected(
        self, statistics: TermSums, params: LogNormalParams, constants: LogNormalConstants
    ) -> F64:
        own, spread = _of_logs(statistics)
        squares = spread + (own - params.log_means) ** 2
        each = -np.log(params.log_sds) - 0.5 * squares / params.log_sds**2
        return np.asarray((statistics.seen * each).sum(axis=1))

    def log_prior(self, params: LogNormalParams, constants: LogNormalConstants) -> float:
        """Relative to the law of the whole column, which is the mode."""
        if constants.prior == 0:
            return 0.0
        squares = (1 + params.log_means**2) / params.log_sds**2
        return float(constants.prior * (0.5 - np.log(params.log_sds) - 0.5 * squares).sum())

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

    def reaches(self, params: LogNormalParams, constants: LogNormalConstants) -> F64:
        return np.asarray(constants.floor / params.log_sds**2)

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


def _of_logs(sums: TermSums) -> tuple[F64, F64]:
    """(K, d) means and variances of the logarithms of groups; 0 without rows."""
    off, second = sums.averages
    return sums.reference + off, second - off**2


LAW = LogNormal()
