"""Negative binomial law: counts whose variance is above their mean, columns independent given the group.

When to use it
    Counts of events that come in clusters or whose rate differs from row to row within a group: parasites in an
    animal, claims of a driver, reads of a gene. The variance of a group is its mean plus its dispersion times the
    squared mean; a dispersion of nearly 0 is a Poisson law, so a group that needs no more becomes one.

When not
    Counts out of a known number of trials (binomial), and counts that vary less than Poisson counts do. With several
    groups in one column, means and dispersions compete: the same counts may be two Poisson groups or one negative
    binomial group, which the criteria decide better than the eye.

Counts that are never 0 because such rows were not recorded are truncated: with the setting "truncated below" at 1 the
means and dispersions are those of all rows, seen or not.

The M-step is exact: the best mean of a group is its weighted mean at any dispersion, and its best dispersion, also
about a mean that is held, is the root of an equation, which is solved on the weighted histogram of the distinct
counts. The reciprocal of the dispersion is called the size, or theta, elsewhere.

Prior rows are a power prior: so many rows, with the counts of the whole column in their proportions, are added to every
component, and their log probability is part of the objective. They draw mean and dispersion together to those of the
column taken as one group, and keep a small component from being all zeros or all one count.

Sources
    Law and its likelihood: Anscombe (1950), Biometrika 37, 358-382; Lawless (1987), Canad. J. Statist. 15, 209-225.
    Prior as rows: Ibrahim and Chen (2000), Statist. Sci. 15, 46-60, with the column itself as the earlier data.
    The dispersion: Fisher (1941), Ann. Eugenics 11, 182-187; Levin and Reeds (1977), Ann. Statist. 5, 79-87.
    Digits of the density: Loader (2000), Fast and accurate computation of binomial probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.negative_binomial.dispersion import best_dispersions, score_of
from emdesk.model.column_tables import TableConstants, TablesLaw
from emdesk.model.columnwise import COMPONENT_COLUMN, observed_averages
from emdesk.model.count_law import CountLaw, CountSettings
from emdesk.model.law import Quantity
from emdesk.model.numerics.counts import log_negative_binomial
from emdesk.model.numerics.tallies import Tallies, distinct_values
from emdesk.model.params import Axes, Domain
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
LEAST_MEAN = 1e-12
"""Means are not below this: a group of zeros has the density it should, and a count above 0 is not impossible in it
but very nearly so."""
LEAST_DISPERSION, MOST_DISPERSION = 1e-10, 1e12
"""The least is a share of 1 / mean of the column, where a variance is above its mean by so small a part that no sum
shows it."""

TEXTS = {"negative-binomial.dispersion": "Dispersion"}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class NegativeBinomialParams:
    """Means m and dispersions a; the variance is m + a m^2."""

    means: Annotated[F64, Axes("component", "column", label="Mean"), Domain.POSITIVE]
    dispersions: Annotated[F64, Axes("component", "column", label="Dispersion"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class NegativeBinomialConstants(TableConstants):
    """The means (d,) of the columns, the least dispersions that follow from them, and the rows of the prior with how
    many of them hold each distinct value (D,)."""

    means: F64
    least_dispersions: F64
    prior: float
    prior_cells: F64


class NegativeBinomial(CountLaw, TablesLaw[NegativeBinomialParams, NegativeBinomialConstants]):
    """Independent negative binomial counts."""

    id: ClassVar[str] = "negative-binomial"
    label: ClassVar[str] = "Negative binomial"
    Params: ClassVar[type] = NegativeBinomialParams
    holdable: ClassVar[tuple[str, ...]] = ("means", "dispersions")

    def first_look(self, rows: Rows, settings: CountSettings) -> NegativeBinomialConstants:
        means = observed_averages(rows.columns, rows.weights)
        least = LEAST_DISPERSION / np.maximum(means, 1.0)
        values = distinct_values(rows.columns)
        cells = settings.prior * values.shares(rows.columns, rows.weights)
        return NegativeBinomialConstants(values, means, least, settings.prior, cells)

    def start(
        self, statistics: Tallies, constants: NegativeBinomialConstants
    ) -> NegativeBinomialParams:
        # half a row of the whole sample keeps every mean away from zero; one dispersion for all groups
        values, rows = constants.values, self.seen(statistics, constants)
        totals = values.per_column(statistics.cells * values.values)
        means = np.maximum((totals + 0.5 * constants.means) / (rows + 0.5), LEAST_MEAN)
        means = constants.held.put("means", means)
        apart = values.values - means[:, values.column_of_value]
        spread = values.per_column(statistics.cells * apart**2).sum(axis=0)
        excess = (spread - totals.sum(axis=0)) / (rows * means**2).sum(axis=0)
        dispersions = np.clip(excess, constants.least_dispersions, 1.0)
        made = NegativeBinomialParams(means, np.tile(dispersions, (len(means), 1)))
        return constants.held.onto(made)

    def free_maximum(
        self,
        statistics: Tallies,
        params: NegativeBinomialParams | None,
        constants: NegativeBinomialConstants,
    ) -> NegativeBinomialParams:
        values, held, least = constants.values, constants.held, constants.least_dispersions
        statistics = Tallies(
            statistics.counts + constants.prior, statistics.cells + constants.prior_cells
        )
        rows = self.seen(statistics, constants)
        averages = self.averages(statistics, values.values, constants)
        means = held.put("means", np.maximum(averages, LEAST_MEAN))
        apart = values.values - means[:, values.column_of_value]
        spread = self.averages(statistics, apart**2, constants)
        guess = (spread - averages) / means**2
        if params is not None:
            guess = np.where(guess > 0, np.maximum(params.dispersions, least), 0.0)
        dispersions = np.broadcast_to(least, means.shape).copy()
        # a group whose variance is not above its mean is a Poisson group, and there is nothing to seek
        if np.any(guess >= least):
            off = np.where(held.of("means", means), averages - means, 0.0)
            score = score_of(rows, statistics.cells, means, values, off)
            dispersions = best_dispersions(score, guess, least, MOST_DISPERSION)
        empty = rows <= 0
        if empty.any():
            before = NegativeBinomialParams(constants.means, least) if params is None else params
            means = np.where(empty, np.maximum(before.means, LEAST_MEAN), means)
            dispersions = np.where(empty, before.dispersions, dispersions)
        return held.onto(NegativeBinomialParams(means, dispersions))

    def log_prior(
        self, params: NegativeBinomialParams, constants: NegativeBinomialConstants
    ) -> float:
        """The log probability of the prior's rows in every group."""
        if constants.prior == 0:
            return 0.0
        values = constants.values
        logs = [self.log_densities(params, values.of(j), j) for j in range(values.columns)]
        return float((np.concatenate(logs, axis=1) @ constants.prior_cells).sum())

    def inside(
        self, params: NegativeBinomialParams, constants: NegativeBinomialConstants
    ) -> NegativeBinomialParams:
        dispersions = np.clip(params.dispersions, constants.least_dispersions, MOST_DISPERSION)
        return NegativeBinomialParams(params.means, dispersions)

    def means_at(
        self, means: F64, spread: NegativeBinomialParams, constants: NegativeBinomialConstants
    ) -> NegativeBinomialParams:
        dispersions = np.tile(spread.dispersions[:1], (len(means), 1))
        return NegativeBinomialParams(np.maximum(means, LEAST_MEAN), dispersions)

    def quantities(
        self, params: NegativeBinomialParams, names: tuple[str, ...]
    ) -> tuple[Quantity, ...]:
        dispersion = say("negative-binomial.dispersion")
        means, variances = self.means_and_variances(params)
        return (
            Quantity("means", say("quantity.mean"), COMPONENT_COLUMN, means, True),
            Quantity("sd", say("quantity.sd"), COMPONENT_COLUMN, np.sqrt(variances), True),
            Quantity("dispersions", dispersion, COMPONENT_COLUMN, params.dispersions),
        )

    def means_and_variances(self, params: NegativeBinomialParams) -> tuple[F64, F64]:
        return params.means, params.means + params.dispersions * params.means**2

    def log_densities(self, params: NegativeBinomialParams, cells: F64, column: int) -> F64:
        means, dispersions = params.means[:, column, None], params.dispersions[:, column, None]
        return log_negative_binomial(cells, means, dispersions)

    def simulate(
        self, params: NegativeBinomialParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        # Poisson counts whose rates are gamma distributed, also where the dispersion is nearly 0
        means, dispersions = params.means[groups].T, params.dispersions[groups].T
        return rng.poisson(rng.gamma(1 / dispersions, means * dispersions)).astype(np.float64)
