"""Poisson law: each group has its own rate of counts in every column, columns independent given the group.

When to use it
    Counts of events: deaths a day, earthquakes a year, defects a piece.

When not
    Counts whose variance within a group is far from their mean (a negative binomial law fits those), and counts out
    of a known number of trials (binomial).

The log density keeps its constant, -log x!, so that log-likelihoods can be compared with other laws for counts. A prior
of some rows, spread like all rows of the column, keeps the rate of a small group away from 0; it is a gamma
distribution, and its logarithm is part of the objective. Counts that are never 0 because such rows were not recorded
are truncated: with the setting "truncated below" at 1 the rates are those of all rows, seen or not.

Sources
    Hasselblad (1969), J. Amer. Statist. Assoc. 64, 1459-1471; Titterington, Smith and Makov (1985), section 4.3.
    Gamma prior as rows: Gelman et al. (2013), Bayesian Data Analysis, section 2.6.
    Digits of the density: Loader (2000), Fast and accurate computation of binomial probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.column_terms import TermsLaw, TermSums
from emdesk.model.columnwise import ColumnConstants, Mask, observed_averages
from emdesk.model.count_law import CountLaw, CountSettings
from emdesk.model.numerics.counts import LOG_2_PI, deviance, log_poisson, stirling_error
from emdesk.model.params import Axes, Domain
from emdesk.model.rows import Rows

F64 = NDArray[np.float64]
LEAST_RATE = 1e-12
"""Rates are clamped at this share of the column's mean: a group of zeros has the density it should, and a count
above zero is not impossible but very nearly so."""
LARGE = 300.0
"""Above this rate the density multiplied out loses digits."""


@dataclass(frozen=True, eq=False)
class PoissonParams:
    """Rates of the counts."""

    rates: Annotated[F64, Axes("component", "column", label="Rate"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class PoissonConstants(ColumnConstants):
    """The means (d,) of the columns, the least rates that follow from them, whether there are large counts, and the
    rows of the prior."""

    means: F64
    least: F64
    has_large: bool
    prior: float


class Poisson(CountLaw, TermsLaw[PoissonParams, PoissonConstants]):
    """Independent Poisson counts; the term of a count x is x, and where there are large ones also x - x log x."""

    id: ClassVar[str] = "poisson"
    label: ClassVar[str] = "Poisson"
    Params: ClassVar[type] = PoissonParams
    holdable: ClassVar[tuple[str, ...]] = ("rates",)
    in_column_units: ClassVar[frozenset[str]] = frozenset({"rates"})
    kept: ClassVar[int] = 2

    def first_look(self, rows: Rows, settings: CountSettings) -> PoissonConstants:
        means = observed_averages(rows.columns, rows.weights)
        has_large = bool(np.nanmax(rows.columns) > LARGE)
        least = LEAST_RATE * np.maximum(means, 1.0)
        return PoissonConstants(means, least, has_large, settings.prior)

    def kept_terms(self, constants: PoissonConstants) -> int:
        return 2 if constants.has_large else 1

    def terms(self, columns: F64, constants: PoissonConstants) -> tuple[F64, F64]:
        x = np.maximum(columns, 1.0)
        logs = np.log(x)
        base = np.where(columns > 0, -stirling_error(x) - 0.5 * (LOG_2_PI + logs), 0.0)
        if constants.has_large:
            return np.stack([columns, columns - columns * logs]), base
        return columns[None], base + (columns - columns * logs)

    def coefficients(self, params: PoissonParams, constants: PoissonConstants) -> tuple[F64, F64]:
        slopes = np.log(params.rates)[None]
        if not constants.has_large:
            return -params.rates, slopes
        is_small = params.rates <= LARGE
        slopes = np.concatenate([slopes, np.ones_like(slopes)])
        return np.where(is_small, -params.rates, 0.0), np.where(is_small, slopes, 0.0)

    def cells(self, terms: F64, constants: PoissonConstants) -> F64:
        return np.asarray(terms[0])

    def apart(self, params: PoissonParams, constants: PoissonConstants) -> Mask | None:
        return np.asarray(params.rates > LARGE) if constants.has_large else None

    def own_log_density(self, terms: F64, params: PoissonParams, k: int, j: int) -> F64:
        rate = params.rates[k, j]
        return np.asarray(-rate * deviance((terms[0] - rate) / rate))

    def start(self, statistics: TermSums, constants: PoissonConstants) -> PoissonParams:
        # half a row of the whole sample keeps every rate away from zero
        rates = (statistics.terms[0] + 0.5 * constants.means) / (statistics.seen + 0.5)
        return self.retract(PoissonParams(rates), constants)

    def free_maximum(
        self, statistics: TermSums, params: PoissonParams | None, constants: PoissonConstants
    ) -> PoissonParams:
        rows = statistics.seen + constants.prior
        totals = statistics.terms[0] + constants.prior * constants.means
        kept = constants.means if params is None else params.rates
        rates = np.where(rows > 0, totals / np.where(rows > 0, rows, 1.0), kept)
        return self.retract(PoissonParams(rates), constants)

    def inside(self, params: PoissonParams, constants: PoissonConstants) -> PoissonParams:
        return PoissonParams(np.maximum(params.rates, constants.least))

    def log_prior(self, params: PoissonParams, constants: PoissonConstants) -> float:
        """A gamma density of each rate, whose mode is the mean of the column."""
        if constants.prior == 0:
            return 0.0
        from scipy.special import gammaln

        counts, expected = constants.prior * constants.means, constants.prior * params.rates
        is_large = counts > LARGE
        plain = np.where(is_large, 0.0, counts)
        small = plain * np.log(expected) - expected - gammaln(1 + plain)
        # the difference of the terms keeps its digits as the probability of so many counts
        large = log_poisson(np.where(is_large, counts, 1.0), expected)
        return float((np.log(constants.prior) + np.where(is_large, large, small)).sum())

    def means_at(
        self, means: F64, spread: PoissonParams, constants: PoissonConstants
    ) -> PoissonParams:
        return self.inside(PoissonParams(means), constants)

    def means_and_variances(self, params: PoissonParams) -> tuple[F64, F64]:
        return params.rates, params.rates

    def log_densities(self, params: PoissonParams, cells: F64, column: int) -> F64:
        return log_poisson(cells, params.rates[:, column, None])

    def simulate(
        self, params: PoissonParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        return rng.poisson(params.rates[groups].T).astype(np.float64)


LAW = Poisson()
