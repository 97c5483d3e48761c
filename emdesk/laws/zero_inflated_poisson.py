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
then gives the extra ones; where that would be negative the Poisson law is the maximum.

Sources
    Lambert (1992), Technometrics 34, 1-14; Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, sections
    4.10 and 8.2. The rate from positive counts: David and Johnson (1952), Biometrics 8, 275-285.
    Digits of the density: Loader (2000), Fast and accurate computation of binomial probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.dataset import Kind
from emdesk.model.law import Ascent, Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.counts import first_unfit_count, log_poisson
from emdesk.model.numerics.tallies import (
    Codes,
    DistinctValues,
    Tallies,
    codes_of,
    distinct_values,
    look_up,
)
from emdesk.model.params import Axes, Domain
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
LEAST_RATE = 1e-12
MOST_EXTRA = 1 - 1e-10
"""A group of zeros has a density of 1 at 0, and a count above 0 is not impossible in it but very nearly so."""
START_EXTRA = 0.02, 0.9
"""Starts give every component the same share of extra zeros, between these."""
MOST_STEPS = 60

TEXTS = {
    "zero-inflated-poisson.not_counts": (
        "column {name} holds {value} in row {row}, and counts are whole, not negative and below 9e15"
    ),
    "zero-inflated-poisson.choose": "Leave this column out, or choose another law",
    "zero-inflated-poisson.rate": (
        "the rate of component {component} is {value}; rates are positive"
    ),
    "zero-inflated-poisson.extra_is": (
        "the share of extra zeros of component {component} is {value}; it is at least 0 and below 1"
    ),
    "zero-inflated-poisson.extra": "Extra zeros",
}
declare(TEXTS)


@dataclass(frozen=True)
class ZeroInflatedPoissonSettings:
    """The zero-inflated Poisson law has no settings."""


@dataclass(frozen=True, eq=False)
class ZeroInflatedPoissonParams:
    """Rates of the rows that count, and the shares of the rows that are always 0."""

    rates: Annotated[F64, Axes("component", "column", label="Rate"), Domain.POSITIVE]
    extra_zeros: Annotated[F64, Axes("component", "column", label="Extra zeros"), Domain.UNIT]


@dataclass(frozen=True, eq=False)
class ZeroInflatedPoissonConstants:
    """The distinct counts, the means (d,) of the columns, and the law fitted to all rows as one group (1, d)."""

    values: DistinctValues
    means: F64
    together: ZeroInflatedPoissonParams


@dataclass(frozen=True, eq=False)
class ZeroInflatedPoissonKernel:
    """Log densities of the distinct counts, (K, V) for each column, and the params that gave them."""

    tables: tuple[F64, ...]
    params: ZeroInflatedPoissonParams

    def beyond(self, counts: F64, column: int) -> F64:
        """Log densities (K, V) of counts that are not in the tables."""
        return log_densities(self.params, counts, column)


class ZeroInflatedPoisson:
    """Independent zero-inflated Poisson counts."""

    id: ClassVar[str] = "zero-inflated-poisson"
    label: ClassVar[str] = "Zero-inflated Poisson"
    Settings: ClassVar[type] = ZeroInflatedPoissonSettings
    Params: ClassVar[type] = ZeroInflatedPoissonParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL, Kind.TIME}),
        whole=True,
        nonnegative=True,
    )

    def ascent(self, settings: ZeroInflatedPoissonSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: ZeroInflatedPoissonSettings) -> Invariance:
        return Invariance()

    def constants(
        self,
        columns: F64,
        weights: F64 | None,
        names: tuple[str, ...],
        settings: ZeroInflatedPoissonSettings,
        row_numbers: NDArray[np.intp],
    ) -> ZeroInflatedPoissonConstants:
        for name, values in zip(names, columns, strict=True):
            unfit = first_unfit_count(values)
            if unfit is not None:
                value, row = f"{values[unfit]:g}", int(row_numbers[unfit]) + 1
                raise DataProblem(
                    say("zero-inflated-poisson.not_counts", name=name, value=value, row=row),
                    columns=(name,),
                    remedy=say("zero-inflated-poisson.choose"),
                )
        means = np.average(columns, axis=1, weights=weights)
        positive = np.average(columns > 0, axis=1, weights=weights)
        together = _maximum(means[None], positive[None], np.full((1, len(means)), LEAST_RATE))
        return ZeroInflatedPoissonConstants(distinct_values(columns), means, together)

    def encode(self, columns: F64, constants: ZeroInflatedPoissonConstants) -> F64:
        return constants.values.encode(columns)

    def coordinates(self, encoded: F64, constants: ZeroInflatedPoissonConstants) -> F64:
        # the square root makes the spread of a count nearly the same at every rate
        return np.sqrt(constants.values.decode(encoded))

    def feature_rows(self, constants: ZeroInflatedPoissonConstants) -> int:
        return 2 * len(constants.means)

    def features(
        self, encoded: F64, constants: ZeroInflatedPoissonConstants, work: Workspace
    ) -> Codes:
        return codes_of(encoded, work)

    def kernel(
        self,
        params: ZeroInflatedPoissonParams,
        offsets: F64,
        constants: ZeroInflatedPoissonConstants,
    ) -> ZeroInflatedPoissonKernel:
        tables = [
            log_densities(params, constants.values.of(j), j) for j in range(len(constants.means))
        ]
        tables[0] = tables[0] + offsets[:, None]
        return ZeroInflatedPoissonKernel(tuple(tables), params)

    def log_peak(
        self, params: ZeroInflatedPoissonParams, constants: ZeroInflatedPoissonConstants
    ) -> F64 | None:
        return np.zeros(len(params.rates))

    def log_density(
        self, features: Codes, kernel: ZeroInflatedPoissonKernel, out: F64, work: Workspace
    ) -> None:
        look_up(features, kernel.tables, kernel.beyond, out, work)

    def statistics(
        self,
        features: Codes,
        responsibilities: F64,
        kernel: ZeroInflatedPoissonKernel | None,
        constants: ZeroInflatedPoissonConstants,
        work: Workspace,
    ) -> Tallies:
        return constants.values.tally(features, responsibilities)

    def start(
        self, statistics: Tallies, constants: ZeroInflatedPoissonConstants
    ) -> ZeroInflatedPoissonParams:
        # the rates of the positive counts of each group, with half a row of the whole sample, and the same extra
        # zeros for all: a component that begins without any never claims a zero far below its rate
        rows, means, positive = _shares(statistics, constants)
        rows = rows[:, None]
        together = constants.together
        overall = (1 - together.extra_zeros) * -np.expm1(-together.rates)
        rates = _maximum(
            (rows * means + 0.5 * constants.means) / (rows + 0.5),
            (rows * positive + 0.5 * overall) / (rows + 0.5),
            np.broadcast_to(together.rates, means.shape),
        ).rates
        extra = np.clip(together.extra_zeros, *START_EXTRA)
        return ZeroInflatedPoissonParams(rates, np.tile(extra, (len(rates), 1)))

    def maximise(
        self,
        statistics: Tallies,
        params: ZeroInflatedPoissonParams | None,
        constants: ZeroInflatedPoissonConstants,
    ) -> ZeroInflatedPoissonParams:
        rows, means, positive = _shares(statistics, constants)
        before = constants.together if params is None else params
        made = _maximum(means, positive, np.broadcast_to(before.rates, means.shape))
        empty = rows <= 0
        if empty.any():
            made.rates[empty] = np.broadcast_to(before.rates, means.shape)[empty]
            made.extra_zeros[empty] = np.broadcast_to(before.extra_zeros, means.shape)[empty]
        return made

    def log_prior(
        self, params: ZeroInflatedPoissonParams, constants: ZeroInflatedPoissonConstants
    ) -> float:
        return 0.0

    def free_parameters(
        self, params: ZeroInflatedPoissonParams, constants: ZeroInflatedPoissonConstants
    ) -> int:
        return int(params.rates.size + params.extra_zeros.size)

    def in_units(
        self, params: ZeroInflatedPoissonParams, constants: ZeroInflatedPoissonConstants
    ) -> ZeroInflatedPoissonParams:
        return params

    def from_units(
        self, params: ZeroInflatedPoissonParams, constants: ZeroInflatedPoissonConstants
    ) -> ZeroInflatedPoissonParams:
        fitting = (np.isfinite(params.rates) & (params.rates > 0)).all(axis=1)
        inside = ((params.extra_zeros >= 0) & (params.extra_zeros < 1)).all(axis=1)
        said = (
            ("zero-inflated-poisson.rate", params.rates, fitting),
            ("zero-inflated-poisson.extra_is", params.extra_zeros, inside),
        )
        for key, array, is_right in said:
            for k in np.flatnonzero(~is_right)[:1].tolist():
                shown = ", ".join(f"{value:g}" for value in array[k])
                raise SettingProblem(say(key, component=k + 1, value=shown), setting="start")
        return ZeroInflatedPoissonParams(params.rates, np.minimum(params.extra_zeros, MOST_EXTRA))

    def weaknesses(
        self, params: ZeroInflatedPoissonParams, constants: ZeroInflatedPoissonConstants
    ) -> tuple[Weakness, ...]:
        return ()

    def least_distinct_rows(self, constants: ZeroInflatedPoissonConstants) -> int:
        return 1

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
        axes = ("component", "column")
        extra = say("zero-inflated-poisson.extra")
        means = (1 - params.extra_zeros) * params.rates
        return (
            Quantity("rates", say("quantity.rate"), axes, params.rates, True),
            Quantity("extra_zeros", extra, axes, params.extra_zeros),
            Quantity("means", say("quantity.mean"), axes, means, True),
        )

    def moments(self, params: ZeroInflatedPoissonParams) -> tuple[F64, F64]:
        means = (1 - params.extra_zeros) * params.rates
        variances = means * (1 + params.extra_zeros * params.rates)
        return means, variances[:, :, None] * np.eye(means.shape[1])

    def is_elliptical(self) -> bool:
        return False

    def is_discrete(self) -> bool:
        return True

    def log_marginal(
        self, params: ZeroInflatedPoissonParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        # only single columns have a closed form: one entry of 1 in each direction, nothing taken off
        chosen = np.argmax(directions, axis=1)
        if np.any(directions != np.eye(directions.shape[1])[chosen]) or np.any(centre != 0):
            return None
        logs = np.zeros((len(params.rates), points.shape[1]))
        for column, row in zip(chosen.tolist(), np.rint(points), strict=True):
            counts, places = np.unique(row, return_inverse=True)
            table = np.full((len(logs), len(counts)), -np.inf)
            table[:, counts >= 0] = log_densities(params, counts[counts >= 0], column)
            logs += table[:, places]
        return logs

    def simulate(
        self, params: ZeroInflatedPoissonParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        extra = params.extra_zeros[groups].T
        drawn = rng.poisson(params.rates[groups].T).astype(np.float64)
        return np.where(rng.random(drawn.shape) < extra, 0.0, drawn)


def log_densities(params: ZeroInflatedPoissonParams, counts: F64, column: int) -> F64:
    """(K, V) of counts (V,) in one column."""
    rates, extra = params.rates[:, column, None], params.extra_zeros[:, column, None]
    with np.errstate(divide="ignore"):
        zero = np.logaddexp(np.log(extra), np.log1p(-extra) - rates)
    return np.where(counts > 0, np.log1p(-extra) + log_poisson(counts, rates), zero)


def _shares(statistics: Tallies, constants: ZeroInflatedPoissonConstants) -> tuple[F64, F64, F64]:
    """Effective rows (K,), and the means and shares of positive counts (K, d) among them."""
    rows, values = statistics.counts, constants.values
    safe = np.where(rows > 0, rows, 1.0)[:, None]
    means = values.per_column(statistics.cells * values.values) / safe
    positive = values.per_column(statistics.cells * (values.values > 0)) / safe
    return rows, means, np.minimum(positive, 1.0)


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
