"""Exponential law: each group has its own mean in every column, columns independent given the group.

When to use it
    Times between events that come at random at a steady rate, and other positive columns whose values near zero are
    the most frequent: a sum of exponentials is the law of a rate that differs between groups.

When not
    Columns whose smallest values are rare: a gamma or Weibull law has a shape for that. Columns with values below zero.

A group that rests on zeros only has no largest likelihood: its mean goes to zero, which EMDesk reports as a collapse; a
group of other rows has a mean of its own however small it is. A prior of some rows, spread like all rows of the column,
prevents the collapse; it is a gamma distribution of the rate (one over the mean), and its logarithm is part of the
objective.

Sources
    Density and maximum likelihood: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1,
    chapter 19. Mixtures: Titterington, Smith and Makov (1985), section 4.3; Jewell (1982), Ann. Statist. 10, 479-484.
    Gamma prior as rows: Gelman et al. (2013), Bayesian Data Analysis, section 2.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.model.column_terms import TermsLaw, TermSums
from emdesk.model.columnwise import PRIOR_ROWS, ColumnConstants, Mask, observed_averages
from emdesk.model.params import Axes, Domain
from emdesk.model.positive import bounded_product
from emdesk.model.positive_law import TINY, PositiveColumns, floor_of
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
TEXTS = {
    "exponential.weak": (
        "component {group} has shrunk to the least mean in some column: its rows are 0 there"
    ),
    "exponential.all_zero": "every used row of {name} is 0, so it has no mean time",
    "exponential.leave_out": "Leave this column out",
}
declare(TEXTS)


@dataclass(frozen=True)
class ExponentialSettings:
    """Settings of the exponential law."""

    floor: Annotated[
        float,
        floor_of(
            "Least mean",
            "The least mean of a component in any column, as a share of the least value above 0.",
        ),
    ] = 1e-8
    prior: Annotated[float, PRIOR_ROWS] = 0.0


@dataclass(frozen=True, eq=False)
class ExponentialParams:
    """Means of the columns."""

    means: Annotated[F64, Axes("component", "column", label="Mean"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class ExponentialConstants(ColumnConstants):
    """The means (d,) of the columns, which are the units inside a fit, the least means (d,) in these units, and the
    rows of the prior."""

    scales: F64
    floor: F64
    prior: float


class Exponential(PositiveColumns, TermsLaw[ExponentialParams, ExponentialConstants]):
    """Independent exponential columns; the term of a cell is itself in units of the column's mean."""

    id: ClassVar[str] = "exponential"
    label: ClassVar[str] = "Exponential"
    Settings: ClassVar[type] = ExponentialSettings
    Params: ClassVar[type] = ExponentialParams
    holdable: ClassVar[tuple[str, ...]] = ("means",)
    narrowing: ClassVar[tuple[str, ...]] = ("means",)
    refusal: ClassVar[tuple[str, str]] = ("data.below_zero", "data.other_law")
    weak_template: ClassVar[str] = TEXTS["exponential.weak"]
    in_column_units: ClassVar[frozenset[str]] = frozenset({"means"})

    def fits(self, cells: F64) -> Mask:
        return np.asarray((cells >= 0) & (cells < np.inf))

    def first_look(self, rows: Rows, settings: ExponentialSettings) -> ExponentialConstants:
        largest = np.nanmax(rows.columns, axis=1)
        for name, value in zip(rows.names, largest, strict=True):
            if value == 0:
                raise DataProblem(
                    say("exponential.all_zero", name=name),
                    columns=(name,),
                    remedy=say("exponential.leave_out"),
                )
        scales = largest * observed_averages(rows.columns / largest[:, None], rows.weights)
        # below every mean of rows that are not 0, however far they are from the others
        above = np.where(rows.columns > 0, rows.columns, np.inf)
        floor = np.maximum(settings.floor * (above.min(axis=1) / scales), TINY)
        return ExponentialConstants(scales, floor, settings.prior)

    def terms(self, columns: F64, constants: ExponentialConstants) -> tuple[F64, F64]:
        # the density of the unit of measurement is what remains of the constant
        base = np.broadcast_to(-np.log(constants.scales)[:, None], columns.shape)
        return (columns / constants.scales[:, None])[None], base

    def coefficients(
        self, params: ExponentialParams, constants: ExponentialConstants
    ) -> tuple[F64, F64]:
        return -np.log(params.means), (-1 / params.means)[None]

    def cells(self, terms: F64, constants: ExponentialConstants) -> F64:
        return np.asarray(terms[0] * constants.scales[:, None])

    def places(self, columns: F64, constants: ExponentialConstants) -> F64:
        # the cube root of an exponential value is nearly normal (Wilson and Hilferty 1931)
        return np.cbrt(columns / constants.scales[:, None])

    def log_peak(self, params: ExponentialParams, constants: ExponentialConstants) -> F64 | None:
        if constants.has_gaps:  # the density of fewer columns has another bound
            return None
        return np.asarray(-np.log(params.means).sum(axis=1) - np.log(constants.scales).sum())

    def start(self, statistics: TermSums, constants: ExponentialConstants) -> ExponentialParams:
        # half a row of the whole sample keeps every mean away from zero
        means = (statistics.terms[0] + 0.5) / (statistics.seen + 0.5)
        return self.retract(ExponentialParams(means), constants)

    def free_maximum(
        self,
        statistics: TermSums,
        params: ExponentialParams | None,
        constants: ExponentialConstants,
    ) -> ExponentialParams:
        # the mean of a column is 1 in these units, and so is that of a row of the prior
        rows = statistics.seen + constants.prior
        kept = 1.0 if params is None else params.means
        totals = statistics.terms[0] + constants.prior
        means = np.where(rows > 0, totals / np.where(rows > 0, rows, 1.0), kept)
        return self.retract(ExponentialParams(means), constants)

    def log_prior(self, params: ExponentialParams, constants: ExponentialConstants) -> float:
        """A gamma density of each rate (1 / mean), whose mode is that of the column."""
        if constants.prior == 0:
            return 0.0
        from scipy.special import gammaln

        rows, rates = constants.prior, 1 / params.means
        height = (1 + rows) * np.log(rows) - gammaln(1 + rows) + np.log(constants.scales)
        return float((height + rows * np.log(rates) - rows * rates).sum())

    def in_units(
        self, params: ExponentialParams, constants: ExponentialConstants
    ) -> ExponentialParams:
        return ExponentialParams(params.means * constants.scales)

    def standardised(
        self, params: ExponentialParams, constants: ExponentialConstants
    ) -> ExponentialParams:
        return ExponentialParams(params.means / constants.scales)

    def inside(
        self, params: ExponentialParams, constants: ExponentialConstants
    ) -> ExponentialParams:
        return ExponentialParams(np.maximum(params.means, constants.floor))

    def reaches(self, params: ExponentialParams, constants: ExponentialConstants) -> F64:
        return np.asarray(constants.floor / params.means)

    def least_distinct_rows(self, constants: ExponentialConstants) -> int:
        return 1  # only rows at 0 narrow a group without end

    def means_at(
        self, means: F64, spread: ExponentialParams, constants: ExponentialConstants
    ) -> ExponentialParams:
        return self.from_units(ExponentialParams(means), constants)

    def means_and_variances(self, params: ExponentialParams) -> tuple[F64, F64]:
        return params.means, bounded_product(params.means, params.means)

    def log_densities(self, params: ExponentialParams, cells: F64, column: int) -> F64:
        means = params.means[:, column, None]
        return np.asarray(-cells / means - np.log(means))

    def simulate(
        self, params: ExponentialParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        return rng.exponential(params.means[groups].T)


LAW = Exponential()
