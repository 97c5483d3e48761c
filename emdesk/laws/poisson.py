"""Poisson law: each group has its own rate of counts in every column, columns independent given the group.

When to use it
    Counts of events: deaths a day, earthquakes a year, defects a piece.

When not
    Counts whose variance within a group is far from their mean (a negative binomial law fits those), and counts out
    of a known number of trials (binomial).

The log density keeps its constant, -log x!, so that log-likelihoods can be compared with other laws for counts.

Sources
    Hasselblad (1969), J. Amer. Statist. Assoc. 64, 1459-1471; Titterington, Smith and Makov (1985), section 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.dataset import Kind
from emdesk.model.law import Ascent, Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.products import weighted_sums
from emdesk.model.params import Axes, Domain
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
LEAST_RATE = 1e-12
"""Rates are clamped at this share of the column's mean: a group of zeros has the density it should, and a count
above zero is not impossible but very nearly so."""

TEXTS = {
    "poisson.not_counts": "column {name} holds {value} in row {row}, and counts are whole and not negative",
    "poisson.choose": "Leave this column out, or choose another law",
    "poisson.rate": "the rate of component {component} is {value}; rates are positive",
}
declare(TEXTS)


@dataclass(frozen=True)
class PoissonSettings:
    """The Poisson law has no settings."""


@dataclass(frozen=True, eq=False)
class PoissonParams:
    """Rates of the counts."""

    rates: Annotated[F64, Axes("component", "column", label="Rate"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class PoissonConstants:
    """The means (d,) of the columns and the least rates that follow from them."""

    means: F64
    least: F64


@dataclass(frozen=True, eq=False)
class PoissonSums:
    """Effective rows (K,) and sums of counts (K, d)."""

    counts: F64
    totals: F64

    def __add__(self, other: Self) -> PoissonSums:
        return PoissonSums(self.counts + other.counts, self.totals + other.totals)

    def scaled(self, factor: float) -> PoissonSums:
        """Both sums times a factor."""
        return PoissonSums(factor * self.counts, factor * self.totals)


class Poisson:
    """Independent Poisson counts."""

    id: ClassVar[str] = "poisson"
    label: ClassVar[str] = "Poisson"
    Settings: ClassVar[type] = PoissonSettings
    Params: ClassVar[type] = PoissonParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL, Kind.TIME}),
        whole=True,
        nonnegative=True,
    )

    def ascent(self, settings: PoissonSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: PoissonSettings) -> Invariance:
        return Invariance()

    def constants(
        self,
        columns: F64,
        weights: F64 | None,
        names: tuple[str, ...],
        settings: PoissonSettings,
        row_numbers: NDArray[np.intp],
    ) -> PoissonConstants:
        for name, values in zip(names, columns, strict=True):
            unfit = np.flatnonzero((values < 0) | (values != np.rint(values)))
            if unfit.size:
                value, row = f"{values[unfit[0]]:g}", int(row_numbers[unfit[0]]) + 1
                raise DataProblem(
                    say("poisson.not_counts", name=name, value=value, row=row),
                    columns=(name,),
                    remedy=say("poisson.choose"),
                )
        means = np.average(columns, axis=1, weights=weights)
        return PoissonConstants(means, LEAST_RATE * np.maximum(means, 1.0))

    def encode(self, columns: F64, constants: PoissonConstants) -> F64:
        from scipy.special import gammaln

        log_factorials = gammaln(columns + 1).sum(axis=0)
        return np.concatenate([np.ones((1, columns.shape[1])), columns, -log_factorials[None]])

    def coordinates(self, encoded: F64, constants: PoissonConstants) -> F64:
        # the square root makes the spread of a count nearly the same at every rate
        return np.sqrt(encoded[1:-1])

    def feature_rows(self, constants: PoissonConstants) -> int:
        return len(constants.means) + 2

    def features(self, encoded: F64, constants: PoissonConstants, work: Workspace) -> F64:
        return encoded

    def kernel(self, params: PoissonParams, offsets: F64, constants: PoissonConstants) -> F64:
        constant = offsets - params.rates.sum(axis=1)
        base = np.ones((len(params.rates), 1))
        return np.concatenate([constant[:, None], np.log(params.rates), base], axis=1)

    def log_peak(self, params: PoissonParams, constants: PoissonConstants) -> F64 | None:
        return np.zeros(len(params.rates))

    def log_density(self, features: F64, kernel: F64, out: F64, work: Workspace) -> None:
        np.matmul(kernel, features, out=out)

    def statistics(
        self,
        features: F64,
        responsibilities: F64,
        kernel: F64 | None,
        constants: PoissonConstants,
        work: Workspace,
    ) -> PoissonSums:
        total = weighted_sums(responsibilities, features[:-1])
        return PoissonSums(total[:, 0].copy(), total[:, 1:].copy())

    def start(self, statistics: PoissonSums, constants: PoissonConstants) -> PoissonParams:
        # half a row of the whole sample keeps every rate away from zero
        rates = (statistics.totals + 0.5 * constants.means) / (statistics.counts + 0.5)[:, None]
        return PoissonParams(np.maximum(rates, constants.least))

    def maximise(
        self,
        statistics: PoissonSums,
        params: PoissonParams | None,
        constants: PoissonConstants,
    ) -> PoissonParams:
        empty = statistics.counts <= 0
        safe = np.where(empty, 1.0, statistics.counts)
        rates = np.maximum(statistics.totals / safe[:, None], constants.least)
        if empty.any():
            rates[empty] = constants.means if params is None else params.rates[empty]
        return PoissonParams(np.maximum(rates, constants.least))

    def log_prior(self, params: PoissonParams, constants: PoissonConstants) -> float:
        return 0.0

    def free_parameters(self, params: PoissonParams, constants: PoissonConstants) -> int:
        return int(params.rates.size)

    def in_units(self, params: PoissonParams, constants: PoissonConstants) -> PoissonParams:
        return params

    def from_units(self, params: PoissonParams, constants: PoissonConstants) -> PoissonParams:
        for k, rates in enumerate(params.rates):
            if not (np.isfinite(rates).all() and (rates > 0).all()):
                shown = ", ".join(f"{rate:g}" for rate in rates)
                raise SettingProblem(
                    say("poisson.rate", component=k + 1, value=shown), setting="start"
                )
        return params

    def weaknesses(
        self, params: PoissonParams, constants: PoissonConstants
    ) -> tuple[Weakness, ...]:
        return ()

    def least_distinct_rows(self, constants: PoissonConstants) -> int:
        return 1

    def means_at(
        self, means: F64, spread: PoissonParams, constants: PoissonConstants
    ) -> PoissonParams:
        return PoissonParams(np.maximum(means, constants.least))

    def quantities(self, params: PoissonParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        axes = ("component", "column")
        return (Quantity("rates", say("quantity.rate"), axes, params.rates, True),)

    def moments(self, params: PoissonParams) -> tuple[F64, F64]:
        return params.rates, params.rates[:, :, None] * np.eye(params.rates.shape[1])

    def is_elliptical(self) -> bool:
        return False

    def is_discrete(self) -> bool:
        return True

    def log_marginal(
        self, params: PoissonParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        from scipy.special import gammaln

        # only single columns have a closed form: one entry of 1 in each direction, nothing taken off
        chosen = np.argmax(directions, axis=1)
        if np.any(directions != np.eye(directions.shape[1])[chosen]) or np.any(centre != 0):
            return None
        rates = params.rates[:, chosen]
        counts = np.rint(points)
        logs = np.log(rates) @ counts - rates.sum(axis=1)[:, None]
        return np.asarray(
            np.where(counts.min(axis=0) < 0, -np.inf, logs - gammaln(counts + 1).sum(axis=0))
        )

    def simulate(
        self, params: PoissonParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        return rng.poisson(params.rates[groups].T).astype(np.float64)


LAW = Poisson()
