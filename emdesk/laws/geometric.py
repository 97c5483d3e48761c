"""Geometric law: how many failures come before the first success, columns independent given the group.

When to use it
    Waiting in whole steps when each step ends the wait with the same probability: attempts before a success, days
    before a failure, lengths of spells. Its probabilities fall from 0 on by the same factor, and its variance is the
    mean times the mean plus 1.

When not
    Counts that rise before they fall (Poisson, negative binomial), and waits whose chance of ending changes with
    time. Counts that include the success begin at 1: subtract 1 from the column first. Where waits of 0 were not
    recorded they are truncated: set "truncated below" to 1 instead.

The M-step is a formula: the probability is 1 / (1 + mean). A prior of some rows, spread like all rows of the column,
keeps the probability of a small group away from 1; it is a beta distribution, and its logarithm is part of the
objective.

Sources
    Law and maximum likelihood: Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, section 5.2 and 5.9.
    Beta prior as rows: Gelman et al. (2013), Bayesian Data Analysis, section 2.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.column_terms import TermsLaw, TermSums
from emdesk.model.columnwise import (
    COMPONENT_COLUMN,
    ColumnConstants,
    Mask,
    observed_averages,
)
from emdesk.model.count_law import CountLaw, CountSettings
from emdesk.model.law import Quantity
from emdesk.model.params import Axes, Domain, Parameter
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
LEAST_MEAN = 1e-12
"""Means are not below this: a group of zeros has the density it should, and a count above 0 is not impossible in it
but very nearly so."""
TEXTS = {"geometric.probability": "Probability"}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class GeometricParams:
    """Probabilities that a step ends the wait."""

    probabilities: Annotated[F64, Axes("component", "column", label="Probability"), Domain.UNIT]


@dataclass(frozen=True, eq=False)
class GeometricConstants(ColumnConstants):
    """The means (d,) of the columns, and the rows of the prior."""

    means: F64
    prior: float


class Geometric(CountLaw, TermsLaw[GeometricParams, GeometricConstants]):
    """Independent geometric counts from 0; the term of a count is itself."""

    id: ClassVar[str] = "geometric"
    label: ClassVar[str] = "Geometric"
    Params: ClassVar[type] = GeometricParams
    holdable: ClassVar[tuple[str, ...]] = ("probabilities",)

    def first_look(self, rows: Rows, settings: CountSettings) -> GeometricConstants:
        return GeometricConstants(observed_averages(rows.columns, rows.weights), settings.prior)

    def terms(self, columns: F64, constants: GeometricConstants) -> tuple[F64, F64]:
        return columns[None], np.zeros_like(columns)

    def coefficients(
        self, params: GeometricParams, constants: GeometricConstants
    ) -> tuple[F64, F64]:
        # all terms but the offset are negative, so the sum loses no digits
        return np.log(params.probabilities), np.log1p(-params.probabilities)[None]

    def cells(self, terms: F64, constants: GeometricConstants) -> F64:
        return np.asarray(terms[0])

    def places(self, columns: F64, constants: GeometricConstants) -> F64:
        # the logarithm makes the spread of a geometric count nearly the same at every mean
        return np.log1p(columns)

    def log_peak(self, params: GeometricParams, constants: GeometricConstants) -> F64 | None:
        if constants.has_gaps:  # the density of fewer columns has another bound
            return None
        return np.asarray(np.log(params.probabilities).sum(axis=1))

    def start(self, statistics: TermSums, constants: GeometricConstants) -> GeometricParams:
        # half a row of the whole sample keeps every mean away from zero
        means = (statistics.terms[0] + 0.5 * constants.means) / (statistics.seen + 0.5)
        return constants.held.onto(_of_means(means))

    def free_maximum(
        self, statistics: TermSums, params: GeometricParams | None, constants: GeometricConstants
    ) -> GeometricParams:
        rows = statistics.seen + constants.prior
        totals = statistics.terms[0] + constants.prior * constants.means
        made = _of_means(totals / np.where(rows > 0, rows, 1.0)).probabilities
        kept = _of_means(constants.means) if params is None else params
        made = np.where(rows > 0, made, kept.probabilities)
        return constants.held.onto(GeometricParams(made))

    def log_prior(self, params: GeometricParams, constants: GeometricConstants) -> float:
        """A beta density of each probability, whose mode is that of the column."""
        if constants.prior == 0:
            return 0.0
        from scipy.special import betaln

        p, rows = params.probabilities, constants.prior
        counts = rows * constants.means
        height = betaln(1 + rows, 1 + counts)
        return float((rows * np.log(p) + counts * np.log1p(-p) - height).sum())

    def allows(self, parameter: Parameter, values: F64) -> Mask:
        return np.asarray((values > 0) & (values < 1))

    def means_at(
        self, means: F64, spread: GeometricParams, constants: GeometricConstants
    ) -> GeometricParams:
        return _of_means(means)

    def quantities(self, params: GeometricParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        label = say("geometric.probability")
        return (
            Quantity("probabilities", label, COMPONENT_COLUMN, params.probabilities),
            Quantity("means", say("quantity.mean"), COMPONENT_COLUMN, _means(params), True),
        )

    def means_and_variances(self, params: GeometricParams) -> tuple[F64, F64]:
        means = _means(params)
        return means, means / params.probabilities

    def log_densities(self, params: GeometricParams, cells: F64, column: int) -> F64:
        p = params.probabilities[:, column, None]
        return np.asarray(np.log(p) + cells * np.log1p(-p))

    def simulate(
        self, params: GeometricParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        # counts below an exponential variable in steps of 1, which no mean is too large for
        rates = -np.log1p(-params.probabilities[groups].T)
        return np.floor(rng.standard_exponential(rates.shape) / rates)


def _of_means(means: F64) -> GeometricParams:
    return GeometricParams(1 / (1 + np.maximum(means, LEAST_MEAN)))


def _means(params: GeometricParams) -> F64:
    return np.asarray((1 - params.probabilities) / params.probabilities)


LAW = Geometric()
