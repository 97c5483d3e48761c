"""Bernoulli law: yes or no in every column, written 1 and 0, columns independent given the group.

When to use it
    Items that are passed or failed, symptoms that are there or not, answers yes or no. A mixture of this law is
    latent class analysis of binary items: each class has its own probability of a 1 in every column.

When not
    Items with more than two answers (categorical). Items that go together within a class, such as two questions
    worded alike, break the independence and are answered by extra classes that mean nothing.

A class may have a probability of 0 or 1, and the likelihood is then still finite: EMDesk keeps such probabilities
1e-10 away from the end, which changes no digit that is shown. A prior of some rows, spread like all rows of the column,
keeps them further away; it is a beta distribution, and its logarithm is part of the objective. Few items carry few
classes: with as many free parameters as patterns of answers the classes are no longer determined by the data.

Sources
    Goodman (1974), Biometrika 61, 215-231; McCutcheon (1987), Latent Class Analysis; Everitt and Hand (1981), Finite
    Mixture Distributions, section 4.2.
    Prior as rows: Galindo Garre and Vermunt (2006), Behaviormetrika 33, 43-59.
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
from emdesk.model.numerics.products import weighted_sums
from emdesk.model.params import Axes, Domain
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
MARGIN = 1e-10
"""Probabilities stay this far from 0 and 1: an answer that a class never gave is not impossible but very nearly so."""
START_SHARE = 0.2
"""Starts are cautious: so much of every probability is that of the whole column."""

TEXTS = {
    "bernoulli.not_binary": "column {name} holds {value} in row {row}, and this law takes 0 and 1",
    "bernoulli.choose": "Write the column as 0 and 1, leave it out, or choose another law",
    "bernoulli.probability_is": (
        "the probability of component {component} is {value}; it lies between 0 and 1"
    ),
    "bernoulli.probability": "Probability of 1",
}
declare(TEXTS)


@dataclass(frozen=True)
class BernoulliSettings:
    """Settings of the Bernoulli law."""

    prior: Annotated[
        float,
        Field(
            "Prior rows",
            "Adds so many rows, spread like all rows of the column, to every component, which keeps "
            "probabilities away from 0 and 1. 0: maximum likelihood.",
            low=0,
            high=1e6,
            section="Prior",
            more=True,
        ),
    ] = 0.0


@dataclass(frozen=True, eq=False)
class BernoulliParams:
    """Probabilities of a 1."""

    probabilities: Annotated[F64, Axes("component", "column", label="Probability"), Domain.UNIT]


@dataclass(frozen=True, eq=False)
class BernoulliConstants:
    """The shares (d,) of ones in the columns, and the rows of the prior."""

    shares: F64
    prior: float


@dataclass(frozen=True, eq=False)
class BernoulliSums:
    """Effective rows (K,) and ones (K, d)."""

    counts: F64
    ones: F64

    def __add__(self, other: Self) -> BernoulliSums:
        return BernoulliSums(self.counts + other.counts, self.ones + other.ones)

    def scaled(self, factor: float) -> BernoulliSums:
        """Both sums times a factor."""
        return BernoulliSums(factor * self.counts, factor * self.ones)


class Bernoulli:
    """Independent answers of 0 or 1."""

    id: ClassVar[str] = "bernoulli"
    label: ClassVar[str] = "Bernoulli"
    Settings: ClassVar[type] = BernoulliSettings
    Params: ClassVar[type] = BernoulliParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL}), whole=True, nonnegative=True
    )

    def ascent(self, settings: BernoulliSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: BernoulliSettings) -> Invariance:
        return Invariance()

    def constants(
        self,
        columns: F64,
        weights: F64 | None,
        names: tuple[str, ...],
        settings: BernoulliSettings,
        row_numbers: NDArray[np.intp],
    ) -> BernoulliConstants:
        for name, values in zip(names, columns, strict=True):
            unfit = np.flatnonzero(~_is_binary(values))
            if unfit.size:
                value, row = f"{values[unfit[0]]:g}", int(row_numbers[unfit[0]]) + 1
                raise DataProblem(
                    say("bernoulli.not_binary", name=name, value=value, row=row),
                    columns=(name,),
                    remedy=say("bernoulli.choose"),
                )
        return BernoulliConstants(np.average(columns, axis=1, weights=weights), settings.prior)

    def encode(self, columns: F64, constants: BernoulliConstants) -> F64:
        rows = [np.ones((1, columns.shape[1])), columns]
        strange = np.logical_not(_is_binary(columns).all(axis=0))
        # rows with other values than 0 and 1 are marked by one row more, which rows of a fit never need
        return np.concatenate([*rows, strange[None].astype(np.float64)] if strange.any() else rows)

    def coordinates(self, encoded: F64, constants: BernoulliConstants) -> F64:
        return encoded[1 : len(constants.shares) + 1]

    def feature_rows(self, constants: BernoulliConstants) -> int:
        return len(constants.shares) + 1

    def features(self, encoded: F64, constants: BernoulliConstants, work: Workspace) -> F64:
        return encoded

    def kernel(self, params: BernoulliParams, offsets: F64, constants: BernoulliConstants) -> F64:
        logs, others = np.log(params.probabilities), np.log1p(-params.probabilities)
        constant = offsets + others.sum(axis=1)
        return np.concatenate([constant[:, None], logs - others], axis=1)

    def log_peak(self, params: BernoulliParams, constants: BernoulliConstants) -> F64 | None:
        likelier = np.maximum(params.probabilities, 1 - params.probabilities)
        return np.asarray(np.log(likelier).sum(axis=1))

    def log_density(self, features: F64, kernel: F64, out: F64, work: Workspace) -> None:
        np.matmul(kernel, features[: kernel.shape[1]], out=out)
        if len(features) > kernel.shape[1]:
            out[:, features[-1] > 0] = -np.inf

    def statistics(
        self,
        features: F64,
        responsibilities: F64,
        kernel: F64 | None,
        constants: BernoulliConstants,
        work: Workspace,
    ) -> BernoulliSums:
        total = weighted_sums(responsibilities, features[: len(constants.shares) + 1])
        return BernoulliSums(total[:, 0].copy(), total[:, 1:].copy())

    def start(self, statistics: BernoulliSums, constants: BernoulliConstants) -> BernoulliParams:
        found = (statistics.ones + constants.shares) / (statistics.counts + 1)[:, None]
        return _inside(START_SHARE * constants.shares + (1 - START_SHARE) * found)

    def maximise(
        self,
        statistics: BernoulliSums,
        params: BernoulliParams | None,
        constants: BernoulliConstants,
    ) -> BernoulliParams:
        rows = statistics.counts + constants.prior
        empty = rows <= 0
        ones = statistics.ones + constants.prior * constants.shares
        found = ones / np.where(empty, 1.0, rows)[:, None]
        if empty.any():
            found[empty] = constants.shares if params is None else params.probabilities[empty]
        return _inside(found)

    def log_prior(self, params: BernoulliParams, constants: BernoulliConstants) -> float:
        if constants.prior == 0:
            return 0.0
        p, share = params.probabilities, constants.shares
        return float(constants.prior * (share * np.log(p) + (1 - share) * np.log1p(-p)).sum())

    def free_parameters(self, params: BernoulliParams, constants: BernoulliConstants) -> int:
        return int(params.probabilities.size)

    def in_units(self, params: BernoulliParams, constants: BernoulliConstants) -> BernoulliParams:
        return params

    def from_units(self, params: BernoulliParams, constants: BernoulliConstants) -> BernoulliParams:
        for k, row in enumerate(params.probabilities):
            if not ((row >= 0) & (row <= 1)).all():
                shown = ", ".join(f"{value:g}" for value in row)
                raise SettingProblem(
                    say("bernoulli.probability_is", component=k + 1, value=shown), setting="start"
                )
        return _inside(params.probabilities)

    def weaknesses(
        self, params: BernoulliParams, constants: BernoulliConstants
    ) -> tuple[Weakness, ...]:
        return ()

    def least_distinct_rows(self, constants: BernoulliConstants) -> int:
        return 1

    def means_at(
        self, means: F64, spread: BernoulliParams, constants: BernoulliConstants
    ) -> BernoulliParams:
        return _inside(means)

    def quantities(self, params: BernoulliParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        axes = ("component", "column")
        label = say("bernoulli.probability")
        return (Quantity("probabilities", label, axes, params.probabilities),)

    def moments(self, params: BernoulliParams) -> tuple[F64, F64]:
        p = params.probabilities
        return p, (p * (1 - p))[:, :, None] * np.eye(p.shape[1])

    def is_elliptical(self) -> bool:
        return False

    def is_discrete(self) -> bool:
        return True

    def log_marginal(
        self, params: BernoulliParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        # only single columns have a closed form: one entry of 1 in each direction, nothing taken off
        chosen = np.argmax(directions, axis=1)
        if np.any(directions != np.eye(directions.shape[1])[chosen]) or np.any(centre != 0):
            return None
        p = params.probabilities[:, chosen]
        answers = np.rint(points)
        logs = np.log(p) @ answers + np.log1p(-p) @ (1 - answers)
        return np.asarray(np.where(_is_binary(answers).all(axis=0), logs, -np.inf))

    def simulate(
        self, params: BernoulliParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        chances = params.probabilities[groups].T
        return (rng.random(chances.shape) < chances).astype(np.float64)


def _is_binary(values: F64) -> NDArray[np.bool_]:
    return np.asarray((values == 0) | (values == 1))


def _inside(probabilities: F64) -> BernoulliParams:
    return BernoulliParams(np.clip(probabilities, MARGIN, 1 - MARGIN))


LAW = Bernoulli()
