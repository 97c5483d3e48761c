"""Geometric law: how many failures come before the first success, columns independent given the group.

When to use it
    Waiting in whole steps when each step ends the wait with the same probability: attempts before a success, days
    before a failure, lengths of spells. Its probabilities fall from 0 on by the same factor, and its variance is the
    mean times the mean plus 1.

When not
    Counts that rise before they fall (Poisson, negative binomial), and waits whose chance of ending changes with
    time. Counts that include the success begin at 1: subtract 1 from the column first.

The M-step is a formula: the probability is 1 / (1 + mean). A prior of some rows, spread like all rows of the column,
keeps the probability of a small group away from 1; it is a beta distribution, and its logarithm is part of the
objective.

Sources
    Law and maximum likelihood: Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, section 5.2 and 5.9.
    Beta prior as rows: Gelman et al. (2013), Bayesian Data Analysis, section 2.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.dataset import Kind
from emdesk.model.fields import Field
from emdesk.model.law import Ascent, Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.counts import first_unfit_count
from emdesk.model.numerics.products import weighted_sums
from emdesk.model.params import Axes, Domain
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
LEAST_MEAN = 1e-12
"""Means are not below this: a group of zeros has the density it should, and a count above 0 is not impossible in it
but very nearly so."""

TEXTS = {
    "geometric.not_counts": (
        "column {name} holds {value} in row {row}, and counts are whole, not negative and below 9e15"
    ),
    "geometric.choose": "Leave this column out, or choose another law",
    "geometric.probability_is": (
        "the probability of component {component} is {value}; it lies between 0 and 1"
    ),
    "geometric.probability": "Probability",
}
declare(TEXTS)


@dataclass(frozen=True)
class GeometricSettings:
    """Settings of the geometric law."""

    prior: Annotated[
        float,
        Field(
            "Prior rows",
            "Adds so many rows, spread like all rows of the column, to every component. 0: maximum likelihood.",
            low=0,
            high=1e6,
            section="Prior",
            more=True,
        ),
    ] = 0.0


@dataclass(frozen=True, eq=False)
class GeometricParams:
    """Probabilities that a step ends the wait."""

    probabilities: Annotated[F64, Axes("component", "column", label="Probability"), Domain.UNIT]


@dataclass(frozen=True, eq=False)
class GeometricConstants:
    """The means (d,) of the columns, and the rows of the prior."""

    means: F64
    prior: float


@dataclass(frozen=True, eq=False)
class GeometricSums:
    """Effective rows (K,) and sums of counts (K, d)."""

    counts: F64
    totals: F64

    def __add__(self, other: Self) -> GeometricSums:
        return GeometricSums(self.counts + other.counts, self.totals + other.totals)

    def scaled(self, factor: float) -> GeometricSums:
        """Both sums times a factor."""
        return GeometricSums(factor * self.counts, factor * self.totals)


class Geometric:
    """Independent geometric counts from 0."""

    id: ClassVar[str] = "geometric"
    label: ClassVar[str] = "Geometric"
    Settings: ClassVar[type] = GeometricSettings
    Params: ClassVar[type] = GeometricParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL, Kind.TIME}),
        whole=True,
        nonnegative=True,
    )

    def ascent(self, settings: GeometricSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: GeometricSettings) -> Invariance:
        return Invariance()

    def constants(
        self,
        columns: F64,
        weights: F64 | None,
        names: tuple[str, ...],
        settings: GeometricSettings,
        row_numbers: NDArray[np.intp],
    ) -> GeometricConstants:
        for name, values in zip(names, columns, strict=True):
            unfit = first_unfit_count(values)
            if unfit is not None:
                value, row = f"{values[unfit]:g}", int(row_numbers[unfit]) + 1
                raise DataProblem(
                    say("geometric.not_counts", name=name, value=value, row=row),
                    columns=(name,),
                    remedy=say("geometric.choose"),
                )
        means = np.average(columns, axis=1, weights=weights)
        return GeometricConstants(means, settings.prior)

    def encode(self, columns: F64, constants: GeometricConstants) -> F64:
        return np.concatenate([np.ones((1, columns.shape[1])), columns])

    def coordinates(self, encoded: F64, constants: GeometricConstants) -> F64:
        # the logarithm makes the spread of a geometric count nearly the same at every mean
        return np.log1p(encoded[1:])

    def feature_rows(self, constants: GeometricConstants) -> int:
        return len(constants.means) + 1

    def features(self, encoded: F64, constants: GeometricConstants, work: Workspace) -> F64:
        return encoded

    def kernel(self, params: GeometricParams, offsets: F64, constants: GeometricConstants) -> F64:
        # all terms but the offset are negative, so the sum loses no digits
        constant = offsets + np.log(params.probabilities).sum(axis=1)
        return np.concatenate([constant[:, None], np.log1p(-params.probabilities)], axis=1)

    def log_peak(self, params: GeometricParams, constants: GeometricConstants) -> F64 | None:
        return np.asarray(np.log(params.probabilities).sum(axis=1))

    def log_density(self, features: F64, kernel: F64, out: F64, work: Workspace) -> None:
        np.matmul(kernel, features, out=out)

    def statistics(
        self,
        features: F64,
        responsibilities: F64,
        kernel: F64 | None,
        constants: GeometricConstants,
        work: Workspace,
    ) -> GeometricSums:
        total = weighted_sums(responsibilities, features)
        return GeometricSums(total[:, 0].copy(), total[:, 1:].copy())

    def start(self, statistics: GeometricSums, constants: GeometricConstants) -> GeometricParams:
        # half a row of the whole sample keeps every mean away from zero
        means = (statistics.totals + 0.5 * constants.means) / (statistics.counts + 0.5)[:, None]
        return _of_means(means)

    def maximise(
        self,
        statistics: GeometricSums,
        params: GeometricParams | None,
        constants: GeometricConstants,
    ) -> GeometricParams:
        rows = statistics.counts + constants.prior
        empty = rows <= 0
        totals = statistics.totals + constants.prior * constants.means
        made = _of_means(totals / np.where(empty, 1.0, rows)[:, None])
        if empty.any():
            kept = _of_means(constants.means[None]) if params is None else params
            made.probabilities[empty] = np.broadcast_to(kept.probabilities, totals.shape)[empty]
        return made

    def log_prior(self, params: GeometricParams, constants: GeometricConstants) -> float:
        if constants.prior == 0:
            return 0.0
        p = params.probabilities
        return float(constants.prior * (np.log(p) + constants.means * np.log1p(-p)).sum())

    def free_parameters(self, params: GeometricParams, constants: GeometricConstants) -> int:
        return int(params.probabilities.size)

    def in_units(self, params: GeometricParams, constants: GeometricConstants) -> GeometricParams:
        return params

    def from_units(self, params: GeometricParams, constants: GeometricConstants) -> GeometricParams:
        for k, row in enumerate(params.probabilities):
            if not ((row > 0) & (row < 1)).all():
                shown = ", ".join(f"{value:g}" for value in row)
                raise SettingProblem(
                    say("geometric.probability_is", component=k + 1, value=shown), setting="start"
                )
        return params

    def weaknesses(
        self, params: GeometricParams, constants: GeometricConstants
    ) -> tuple[Weakness, ...]:
        return ()

    def least_distinct_rows(self, constants: GeometricConstants) -> int:
        return 1

    def means_at(
        self, means: F64, spread: GeometricParams, constants: GeometricConstants
    ) -> GeometricParams:
        return _of_means(means)

    def quantities(self, params: GeometricParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        axes = ("component", "column")
        probabilities = say("geometric.probability")
        return (
            Quantity("probabilities", probabilities, axes, params.probabilities),
            Quantity("means", say("quantity.mean"), axes, _means(params), True),
        )

    def moments(self, params: GeometricParams) -> tuple[F64, F64]:
        means = _means(params)
        variances = means / params.probabilities
        return means, variances[:, :, None] * np.eye(means.shape[1])

    def is_elliptical(self) -> bool:
        return False

    def is_discrete(self) -> bool:
        return True

    def log_marginal(
        self, params: GeometricParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        # only single columns have a closed form: one entry of 1 in each direction, nothing taken off
        chosen = np.argmax(directions, axis=1)
        if np.any(directions != np.eye(directions.shape[1])[chosen]) or np.any(centre != 0):
            return None
        p = params.probabilities[:, chosen]
        counts = np.rint(points)
        logs = np.log(p).sum(axis=1)[:, None] + np.log1p(-p) @ counts
        return np.asarray(np.where(counts.min(axis=0) < 0, -np.inf, logs))

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
