"""Zero-inflated Poisson law: Poisson counts among rows of which a share is always 0, columns independent given the
group.

When to use it
    Counts with more zeros than a Poisson law of their mean has, because some rows cannot count at all: visits of
    people who never go, defects on a machine that is mostly in order, catches where no fish live.

When not
    Counts that are spread out everywhere and not only at 0 (negative binomial), and counts with fewer zeros than a
    Poisson law has: the share of extra zeros is then 0. Several components of this law in one column may share out the
    zeros in more than one way; a component of the Poisson law with a rate near 0 says the same more plainly.

The M-step is exact: the positive counts alone give the rate, whose truncated mean they have, and the share of zeros
then gives the extra ones; where that would be negative the Poisson law is the maximum. With a prior, or with held
shares of extra zeros, EM over which zeros are extra takes the place of these formulas. The prior is worth some rows
like those of the column: a beta distribution of the extra zeros and a gamma distribution of the rate.

Sources
    Lambert (1992), Technometrics 34, 1-14; Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, sections
    4.10 and 8.2. The rate from positive counts: David and Johnson (1952), Biometrics 8, 275-285.
    Priors as rows: Gelman et al. (2013), Bayesian Data Analysis, sections 2.4 and 2.6.
    Digits of the density: Loader (2000), Fast and accurate computation of binomial probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.column_tables import TableConstants, TablesLaw
from emdesk.model.columnwise import COMPONENT_COLUMN, Mask, observed_averages
from emdesk.model.count_law import CountLaw, CountSettings
from emdesk.model.law import Quantity
from emdesk.model.numerics.counts import log_poisson
from emdesk.model.numerics.tallies import Tallies, distinct_values
from emdesk.model.params import Axes, Domain, Parameter
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
LEAST_RATE = 1e-12
MOST_EXTRA = 1 - 1e-10
"""A group of zeros has a density of 1 at 0, and a count above 0 is not impossible in it but very nearly so."""
START_EXTRA = 0.02, 0.9
"""Starts give every component the same share of extra zeros, between these."""
MOST_STEPS = 60
SETTLED = 1e-14

TEXTS = {"zero-inflated-poisson.extra": "Extra zeros"}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class ZeroInflatedPoissonParams:
    """Rates of the rows that count, and the shares of the rows that are always 0."""

    rates: Annotated[F64, Axes("component", "column", label="Rate"), Domain.POSITIVE]
    extra_zeros: Annotated[F64, Axes("component", "column", label="Extra zeros"), Domain.UNIT]


@dataclass(frozen=True, eq=False)
class ZeroInflatedPoissonConstants(TableConstants):
    """The means (d,) of the columns, the law fitted to all rows as one group (1, d), and the rows of the prior."""

    means: F64
    together: ZeroInflatedPoissonParams
    prior: float


class ZeroInflatedPoisson(
    CountLaw, TablesLaw[ZeroInflatedPoissonParams, ZeroInflatedPoissonConstants]
):
    """Independent zero-inflated Poisson counts."""

    id: ClassVar[str] = "zero-inflated-poisson"
    label: ClassVar[str] = "Zero-inflated Poisson"
    Params: ClassVar[type] = ZeroInflatedPoissonParams
    holdable: ClassVar[tuple[str, ...]] = ("rates", "extra_zeros")

    def first_look(self, rows: Rows, settings: CountSettings) -> ZeroInflatedPoissonConstants:
        columns, weights = rows.columns, rows.weights
        means = observed_averages(columns, weights)
        is_positive = np.where(rows.missing, np.nan, columns > 0)
        positive = observed_averages(is_positive, weights)
        together = _maximum(means[None], positive[None], np.full((1, len(means)), LEAST_RATE))
        return ZeroInflatedPoissonConstants(
            distinct_values(columns), means, together, settings.prior
        )

    def _shares(
        self, statistics: Tallies, constants: ZeroInflatedPoissonConstants
    ) -> tuple[F64, F64, F64]:
        """Effective rows, and the means and shares of positive counts among them, (K, d) each."""
        values = constants.values.values
        positive = self.averages(statistics, (values > 0).astype(np.float64), constants)
        return (
            self.seen(statistics, constants),
            self.averages(statistics, values, constants),
            np.minimum(positive, 1.0),
        )

    def start(
        self, statistics: Tallies, constants: ZeroInflatedPoissonConstants
    ) -> ZeroInflatedPoissonParams:
        # the rates of the positive counts of each group, with half a row of the whole sample, and the same extra
        # zeros for all: a component that begins without any never claims a zero far below its rate
        rows, means, positive = self._shares(statistics, constants)
        together = constants.together
        overall = (1 - together.extra_zeros) * -np.expm1(-together.rates)
        rates = _maximum(
            (rows * means + 0.5 * constants.means) / (rows + 0.5),
            (rows * positive + 0.5 * overall) / (rows + 0.5),
            np.broadcast_to(together.rates, means.shape),
        ).rates
        extra = np.clip(together.extra_zeros, *START_EXTRA)
        made = ZeroInflatedPoissonParams(rates, np.tile(extra, (len(rates), 1)))
        return constants.held.onto(made)

    def free_maximum(
        self,
        statistics: Tallies,
        params: ZeroInflatedPoissonParams | None,
        constants: ZeroInflatedPoissonConstants,
    ) -> ZeroInflatedPoissonParams:
        rows, means, positive = self._shares(statistics, constants)
        known = constants.together if params is None else params
        before = ZeroInflatedPoissonParams(
            np.broadcast_to(known.rates, means.shape),
            np.broadcast_to(known.extra_zeros, means.shape),
        )
        made = _maximum(means, positive, before.rates)
        held, prior = constants.held, constants.prior
        rates, extra = made.rates, made.extra_zeros
        if held.count:
            fixed = held.of("rates", rates)
            rates = held.put("rates", rates)
            extra = np.where(fixed, _extra_zeros(positive, rates), extra)
        climbs = (prior > 0) | held.of("extra_zeros", extra)
        if climbs.any():
            climbed = self._climbed(rows, means, positive, before, constants)
            rates = np.where(climbs, climbed.rates, rates)
            extra = np.where(climbs, climbed.extra_zeros, extra)
        is_kept = (rows <= 0) & (prior == 0)
        rates = np.where(is_kept, before.rates, rates)
        extra = np.where(is_kept, before.extra_zeros, extra)
        return held.onto(ZeroInflatedPoissonParams(rates, extra))

    def _climbed(
        self,
        rows: F64,
        means: F64,
        positive: F64,
        before: ZeroInflatedPoissonParams,
        constants: ZeroInflatedPoissonConstants,
    ) -> ZeroInflatedPoissonParams:
        """Uphill from `before` by EM over which zeros are extra: with the prior, the held cells in their places."""
        here = constants.held.onto(before)
        prior, together = constants.prior, constants.together
        of_prior = prior * (1 - together.extra_zeros)
        mass = np.where(rows + prior > 0, rows + prior, 1.0)
        for _ in range(MOST_STEPS):
            counting = (1 - here.extra_zeros) * np.exp(-here.rates)
            zeros = here.extra_zeros + counting
            share = (1 - positive) * here.extra_zeros / np.where(zeros > 0, zeros, 1.0)
            extra = np.minimum((rows * share + prior * together.extra_zeros) / mass, MOST_EXTRA)
            others = rows * (1 - share) + of_prior
            rates = (rows * means + of_prior * together.rates) / np.where(others > 0, others, 1.0)
            made = ZeroInflatedPoissonParams(np.maximum(rates, LEAST_RATE), extra)
            before, here = here, constants.held.onto(made)
            moved = np.abs(here.rates - before.rates) <= SETTLED * here.rates
            if np.all(moved & (np.abs(here.extra_zeros - before.extra_zeros) <= SETTLED)):
                break
        return here

    def log_prior(
        self, params: ZeroInflatedPoissonParams, constants: ZeroInflatedPoissonConstants
    ) -> float:
        """A beta density of each share of extra zeros and a gamma density of each rate, with modes at those of all rows
        taken as one group."""
        if constants.prior == 0:
            return 0.0
        from scipy.special import betaln, gammaln, xlog1py, xlogy

        rows, together, p = constants.prior, constants.together, params.extra_zeros
        zeros, others = rows * together.extra_zeros, rows * (1 - together.extra_zeros)
        counts = others * together.rates
        beta = xlogy(zeros, p) + xlog1py(others, -p) - betaln(1 + zeros, 1 + others)
        height = (1 + counts) * np.log(others) - gammaln(1 + counts)
        gamma = height + counts * np.log(params.rates) - others * params.rates
        return float((beta + gamma).sum())

    def allows(self, parameter: Parameter, values: F64) -> Mask:
        allowed = super().allows(parameter, values)
        return allowed & (values < 1) if parameter.domain is Domain.UNIT else allowed

    def inside(
        self, params: ZeroInflatedPoissonParams, constants: ZeroInflatedPoissonConstants
    ) -> ZeroInflatedPoissonParams:
        return ZeroInflatedPoissonParams(params.rates, np.minimum(params.extra_zeros, MOST_EXTRA))

    def means_at(
        self,
        means: F64,
        spread: ZeroInflatedPoissonParams,
        constants: ZeroInflatedPoissonConstants,
    ) -> ZeroInflatedPoissonParams:
        extra = np.tile(np.minimum(spread.extra_zeros[:1], START_EXTRA[1]), (len(means), 1))
        return ZeroInflatedPoissonParams(np.maximum(means / (1 - extra), LEAST_RATE), extra)

    def quantities(
        self, params: ZeroInflatedPoissonParams, names: tuple[str, ...]
    ) -> tuple[Quantity, ...]:
        extra = say("zero-inflated-poisson.extra")
        means = (1 - params.extra_zeros) * params.rates
        return (
            Quantity("rates", say("quantity.rate"), COMPONENT_COLUMN, params.rates, True),
            Quantity("extra_zeros", extra, COMPONENT_COLUMN, params.extra_zeros),
            Quantity("means", say("quantity.mean"), COMPONENT_COLUMN, means, True),
        )

    def means_and_variances(self, params: ZeroInflatedPoissonParams) -> tuple[F64, F64]:
        means = (1 - params.extra_zeros) * params.rates
        return means, means * (1 + params.extra_zeros * params.rates)

    def log_densities(self, params: ZeroInflatedPoissonParams, cells: F64, column: int) -> F64:
        rates, extra = params.rates[:, column, None], params.extra_zeros[:, column, None]
        with np.errstate(divide="ignore"):
            zero = np.logaddexp(np.log(extra), np.log1p(-extra) - rates)
        return np.where(cells > 0, np.log1p(-extra) + log_poisson(cells, rates), zero)

    def simulate(
        self, params: ZeroInflatedPoissonParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        extra = params.extra_zeros[groups].T
        drawn = rng.poisson(params.rates[groups].T).astype(np.float64)
        return np.where(rng.random(drawn.shape) < extra, 0.0, drawn)


def _maximum(means: F64, positive: F64, before: F64) -> ZeroInflatedPoissonParams:
    """The maximum for means and shares of positive counts (K, d); `before` are rates for groups of zeros only."""
    is_zero = positive <= 0
    share = np.where(is_zero, 1.0, positive)
    rates = _truncated_rates(np.maximum(means / share, 1.0))
    with np.errstate(divide="ignore"):
        extra = 1 - share / -np.expm1(-rates)
    is_plain = ~(extra > 0)
    rates = np.where(is_zero, before, np.where(is_plain, means, rates))
    extra = np.where(is_zero, MOST_EXTRA, np.where(is_plain, 0.0, extra))
    return ZeroInflatedPoissonParams(np.maximum(rates, LEAST_RATE), np.minimum(extra, MOST_EXTRA))


def _extra_zeros(positive: F64, rates: F64) -> F64:
    """The best shares of extra zeros for shares of positive counts at given rates, (K, d) each."""
    return np.asarray(np.clip(1 - positive / -np.expm1(-rates), 0.0, MOST_EXTRA))


def _truncated_rates(means: F64) -> F64:
    """The rates of Poisson counts whose mean above 0 is `means`, at least 1: r / (1 - exp(-r)) = mean.

    The left side is convex and rises by 1/2 to 1, so Newton steps from above come down to the root.
    """
    rates = means.copy()
    for _ in range(MOST_STEPS):
        with np.errstate(divide="ignore", invalid="ignore"):
            chance = -np.expm1(-rates)
            value = np.where(rates > 0, rates / chance, 1.0)
            slope = np.where(rates > 0, (1 - value * (1 - chance)) / chance, 0.5)
        step = (value - means) / np.clip(slope, 0.5, 1.0)
        rates = np.maximum(rates - step, 0.0)
        if np.all(np.abs(step) <= 1e-15 * means):
            break
    return rates


LAW = ZeroInflatedPoisson()
