"""Negative binomial law: counts whose variance is above their mean, columns independent given the group.

When to use it
    Counts of events that come in clusters or whose rate differs from row to row within a group: parasites in an
    animal, claims of a driver, reads of a gene. The variance of a group is its mean plus its dispersion times the
    squared mean; a dispersion of nearly 0 is a Poisson law, so a group that needs no more becomes one.

When not
    Counts out of a known number of trials (binomial), and counts that vary less than Poisson counts do. With several
    groups in one column, means and dispersions compete: the same counts may be two Poisson groups or one negative
    binomial group, which the criteria decide better than the eye.

The M-step is exact: the best mean of a group is its weighted mean at any dispersion, and its best dispersion is the
one root of an equation, which is solved on the weighted histogram of the distinct counts. The reciprocal of the
dispersion is called the size, or theta, elsewhere.

Sources
    Law and its likelihood: Anscombe (1950), Biometrika 37, 358-382; Lawless (1987), Canad. J. Statist. 15, 209-225.
    The dispersion: Fisher (1941), Ann. Eugenics 11, 182-187; Levin and Reeds (1977), Ann. Statist. 5, 79-87.
    Digits of the density: Loader (2000), Fast and accurate computation of binomial probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.negative_binomial.dispersion import best_dispersions, score_of
from emdesk.model.dataset import Kind
from emdesk.model.law import Ascent, Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.counts import first_unfit_count, log_negative_binomial
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
LEAST_MEAN = 1e-12
"""Means are not below this: a group of zeros has the density it should, and a count above 0 is not impossible in it
but very nearly so."""
LEAST_DISPERSION, MOST_DISPERSION = 1e-10, 1e12
"""The least is a share of 1 / mean of the column, where a variance is above its mean by so small a part that no sum
shows it."""

TEXTS = {
    "negative-binomial.not_counts": (
        "column {name} holds {value} in row {row}, and counts are whole, not negative and below 9e15"
    ),
    "negative-binomial.choose": "Leave this column out, or choose another law",
    "negative-binomial.mean": "the mean of component {component} is {value}; means are positive",
    "negative-binomial.dispersion_is": (
        "the dispersion of component {component} is {value}; dispersions are positive"
    ),
    "negative-binomial.dispersion": "Dispersion",
}
declare(TEXTS)


@dataclass(frozen=True)
class NegativeBinomialSettings:
    """The negative binomial law has no settings."""


@dataclass(frozen=True, eq=False)
class NegativeBinomialParams:
    """Means m and dispersions a; the variance is m + a m^2."""

    means: Annotated[F64, Axes("component", "column", label="Mean"), Domain.POSITIVE]
    dispersions: Annotated[F64, Axes("component", "column", label="Dispersion"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class NegativeBinomialConstants:
    """The distinct counts, the means (d,) of the columns, and the least dispersions that follow from them."""

    values: DistinctValues
    means: F64
    least_dispersions: F64


@dataclass(frozen=True, eq=False)
class NegativeBinomialKernel:
    """Log densities of the distinct counts, (K, V) for each column, and the params that gave them."""

    tables: tuple[F64, ...]
    params: NegativeBinomialParams

    def beyond(self, counts: F64, column: int) -> F64:
        """Log densities (K, V) of counts that are not in the tables."""
        return log_densities(self.params, counts, column)


class NegativeBinomial:
    """Independent negative binomial counts."""

    id: ClassVar[str] = "negative-binomial"
    label: ClassVar[str] = "Negative binomial"
    Settings: ClassVar[type] = NegativeBinomialSettings
    Params: ClassVar[type] = NegativeBinomialParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL, Kind.TIME}),
        whole=True,
        nonnegative=True,
    )

    def ascent(self, settings: NegativeBinomialSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: NegativeBinomialSettings) -> Invariance:
        return Invariance()

    def constants(
        self,
        columns: F64,
        weights: F64 | None,
        names: tuple[str, ...],
        settings: NegativeBinomialSettings,
        row_numbers: NDArray[np.intp],
    ) -> NegativeBinomialConstants:
        for name, values in zip(names, columns, strict=True):
            unfit = first_unfit_count(values)
            if unfit is not None:
                value, row = f"{values[unfit]:g}", int(row_numbers[unfit]) + 1
                raise DataProblem(
                    say("negative-binomial.not_counts", name=name, value=value, row=row),
                    columns=(name,),
                    remedy=say("negative-binomial.choose"),
                )
        means = np.average(columns, axis=1, weights=weights)
        size = np.maximum(means, 1.0)
        return NegativeBinomialConstants(distinct_values(columns), means, LEAST_DISPERSION / size)

    def encode(self, columns: F64, constants: NegativeBinomialConstants) -> F64:
        return constants.values.encode(columns)

    def coordinates(self, encoded: F64, constants: NegativeBinomialConstants) -> F64:
        # the square root draws long tails in, so that a start is not a search for the largest counts
        return np.sqrt(constants.values.decode(encoded))

    def feature_rows(self, constants: NegativeBinomialConstants) -> int:
        return 2 * len(constants.means)

    def features(
        self, encoded: F64, constants: NegativeBinomialConstants, work: Workspace
    ) -> Codes:
        return codes_of(encoded, work)

    def kernel(
        self, params: NegativeBinomialParams, offsets: F64, constants: NegativeBinomialConstants
    ) -> NegativeBinomialKernel:
        tables = [
            log_densities(params, constants.values.of(j), j) for j in range(len(constants.means))
        ]
        tables[0] = tables[0] + offsets[:, None]
        return NegativeBinomialKernel(tuple(tables), params)

    def log_peak(
        self, params: NegativeBinomialParams, constants: NegativeBinomialConstants
    ) -> F64 | None:
        return np.zeros(len(params.means))

    def log_density(
        self, features: Codes, kernel: NegativeBinomialKernel, out: F64, work: Workspace
    ) -> None:
        look_up(features, kernel.tables, kernel.beyond, out, work)

    def statistics(
        self,
        features: Codes,
        responsibilities: F64,
        kernel: NegativeBinomialKernel | None,
        constants: NegativeBinomialConstants,
        work: Workspace,
    ) -> Tallies:
        return constants.values.tally(features, responsibilities)

    def start(
        self, statistics: Tallies, constants: NegativeBinomialConstants
    ) -> NegativeBinomialParams:
        # half a row of the whole sample keeps every mean away from zero; one dispersion for all groups
        values, rows = constants.values, statistics.counts[:, None]
        totals = values.per_column(statistics.cells * values.values)
        means = np.maximum((totals + 0.5 * constants.means) / (rows + 0.5), LEAST_MEAN)
        apart = values.values - means[:, values.column_of_value]
        spread = values.per_column(statistics.cells * apart**2).sum(axis=0)
        excess = (spread - totals.sum(axis=0)) / (rows * means**2).sum(axis=0)
        dispersions = np.clip(excess, constants.least_dispersions, 1.0)
        return NegativeBinomialParams(means, np.tile(dispersions, (len(means), 1)))

    def maximise(
        self,
        statistics: Tallies,
        params: NegativeBinomialParams | None,
        constants: NegativeBinomialConstants,
    ) -> NegativeBinomialParams:
        rows = statistics.counts
        empty = rows <= 0
        safe = np.where(empty, 1.0, rows)[:, None]
        values, cells = constants.values, statistics.cells
        means = values.per_column(cells * values.values) / safe
        apart = values.values - means[:, values.column_of_value]
        spread = values.per_column(cells * apart**2) / safe
        means = np.maximum(means, LEAST_MEAN)
        least = constants.least_dispersions
        guess = (spread - means) / means**2
        if params is not None:
            guess = np.where(guess > 0, np.maximum(params.dispersions, least), 0.0)
        dispersions = np.broadcast_to(least, means.shape).copy()
        # a group whose variance is not above its mean is a Poisson group, and there is nothing to seek
        if np.any(guess >= least):
            score = score_of(rows, cells, means, values)
            dispersions = best_dispersions(score, guess, least, MOST_DISPERSION)
        if empty.any():
            means[empty] = constants.means if params is None else params.means[empty]
            dispersions[empty] = least if params is None else params.dispersions[empty]
        return NegativeBinomialParams(np.maximum(means, LEAST_MEAN), dispersions)

    def log_prior(
        self, params: NegativeBinomialParams, constants: NegativeBinomialConstants
    ) -> float:
        return 0.0

    def free_parameters(
        self, params: NegativeBinomialParams, constants: NegativeBinomialConstants
    ) -> int:
        return int(params.means.size + params.dispersions.size)

    def in_units(
        self, params: NegativeBinomialParams, constants: NegativeBinomialConstants
    ) -> NegativeBinomialParams:
        return params

    def from_units(
        self, params: NegativeBinomialParams, constants: NegativeBinomialConstants
    ) -> NegativeBinomialParams:
        said = (
            ("negative-binomial.mean", params.means),
            ("negative-binomial.dispersion_is", params.dispersions),
        )
        for key, array in said:
            for k, row in enumerate(array):
                if not (np.isfinite(row).all() and (row > 0).all()):
                    shown = ", ".join(f"{value:g}" for value in row)
                    raise SettingProblem(say(key, component=k + 1, value=shown), setting="start")
        inside = np.clip(params.dispersions, constants.least_dispersions, MOST_DISPERSION)
        return NegativeBinomialParams(params.means, inside)

    def weaknesses(
        self, params: NegativeBinomialParams, constants: NegativeBinomialConstants
    ) -> tuple[Weakness, ...]:
        return ()

    def least_distinct_rows(self, constants: NegativeBinomialConstants) -> int:
        return 1

    def means_at(
        self, means: F64, spread: NegativeBinomialParams, constants: NegativeBinomialConstants
    ) -> NegativeBinomialParams:
        return NegativeBinomialParams(
            np.maximum(means, LEAST_MEAN),
            np.tile(spread.dispersions[:1], (len(means), 1)),
        )

    def quantities(
        self, params: NegativeBinomialParams, names: tuple[str, ...]
    ) -> tuple[Quantity, ...]:
        axes = ("component", "column")
        dispersion = say("negative-binomial.dispersion")
        deviations = np.sqrt(_variances(params))
        return (
            Quantity("means", say("quantity.mean"), axes, params.means, True),
            Quantity("sd", say("quantity.sd"), axes, deviations, True),
            Quantity("dispersions", dispersion, axes, params.dispersions),
        )

    def moments(self, params: NegativeBinomialParams) -> tuple[F64, F64]:
        return params.means, _variances(params)[:, :, None] * np.eye(params.means.shape[1])

    def is_elliptical(self) -> bool:
        return False

    def is_discrete(self) -> bool:
        return True

    def log_marginal(
        self, params: NegativeBinomialParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        # only single columns have a closed form: one entry of 1 in each direction, nothing taken off
        chosen = np.argmax(directions, axis=1)
        if np.any(directions != np.eye(directions.shape[1])[chosen]) or np.any(centre != 0):
            return None
        logs = np.zeros((len(params.means), points.shape[1]))
        for column, row in zip(chosen.tolist(), np.rint(points), strict=True):
            counts, places = np.unique(row, return_inverse=True)
            table = np.full((len(logs), len(counts)), -np.inf)
            table[:, counts >= 0] = log_densities(params, counts[counts >= 0], column)
            logs += table[:, places]
        return logs

    def simulate(
        self, params: NegativeBinomialParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        # Poisson counts whose rates are gamma distributed, also where the dispersion is nearly 0
        means, dispersions = params.means[groups].T, params.dispersions[groups].T
        return rng.poisson(rng.gamma(1 / dispersions, means * dispersions)).astype(np.float64)


def log_densities(params: NegativeBinomialParams, counts: F64, column: int) -> F64:
    """(K, V) of counts (V,) in one column."""
    means, dispersions = params.means[:, column, None], params.dispersions[:, column, None]
    return log_negative_binomial(counts, means, dispersions)


def _variances(params: NegativeBinomialParams) -> F64:
    return np.asarray(params.means + params.dispersions * params.means**2)
