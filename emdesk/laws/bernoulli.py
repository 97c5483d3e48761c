"""Bernoulli law: yes or no in every column, written 1 and 0, columns independent given the group.

When to use it
    Items that are passed or failed, symptoms that are there or not, answers yes or no. A mixture of this law is
    latent class analysis of binary items: each class has its own probability of a 1 in every column.

When not
    Items with more than two answers (categorical). Items that go together within a class, such as two questions
    worded alike, break the independence and are answered by extra classes that mean nothing.

A class may have a probability of 0 or 1, and the likelihood is then still finite: EMDesk keeps such probabilities
1e-10 away from the end, which changes no digit that is shown. A prior of some rows, spread like all rows of the column,
keeps them further away; it is a beta distribution, and its logarithm is part of the objective.

The setting dispersion ties probabilities: each class has a likelier answer in every column, and the chance of the other
one, the dispersion, is the same for all (E), for all columns of a class (Ek) or for all classes in a column (Ej). Ekj
leaves every probability free. These are the models Binary_pk_E and so on of Rmixmod; the likelier answers do not count
as free parameters. Few items carry few
classes: with as many free parameters as patterns of answers the classes are no longer determined by the data.

Sources
    Goodman (1974), Biometrika 61, 215-231; McCutcheon (1987), Latent Class Analysis; Everitt and Hand (1981), Finite
    Mixture Distributions, section 4.2.
    Dispersions: Celeux and Govaert (1991), J. Classif. 8, 157-176; Lebret et al. (2015), J. Stat. Software 67(6).
    Prior as rows: Galindo Garre and Vermunt (2006), Behaviormetrika 33, 43-59.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.column_terms import TermsLaw, TermSums
from emdesk.model.columnwise import (
    COMPONENT_COLUMN,
    PRIOR_ROWS,
    ColumnConstants,
    HeldCells,
    Mask,
    observed_averages,
)
from emdesk.model.dataset import Kind
from emdesk.model.dispersion import (
    DISPERSION_OF_TWO,
    FREE_OF_TWO,
    STRUCTURES,
    Dispersion,
    refuse_held,
)
from emdesk.model.law import Ascent, Quantity
from emdesk.model.needs import Needs
from emdesk.model.params import Axes, Domain
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
MARGIN = 1e-10
"""Probabilities stay this far from 0 and 1: an answer that a class never gave is not impossible but very nearly so."""
START_SHARE = 0.2
"""Starts are cautious: so much of every probability is that of the whole column."""

TEXTS = {
    "bernoulli.not_binary": "column {name} holds {value} in row {row}, and this law takes 0 and 1",
    "bernoulli.choose": "Write the column as 0 and 1, leave it out, or choose another law",
    "bernoulli.probability": "Probability of 1",
}
declare(TEXTS)


@dataclass(frozen=True)
class BernoulliSettings:
    """Settings of the Bernoulli law."""

    dispersion: Annotated[str, DISPERSION_OF_TWO] = FREE_OF_TWO
    prior: Annotated[float, PRIOR_ROWS] = 0.0


@dataclass(frozen=True, eq=False)
class BernoulliParams:
    """Probabilities of a 1."""

    probabilities: Annotated[F64, Axes("component", "column", label="Probability"), Domain.UNIT]


@dataclass(frozen=True, eq=False)
class BernoulliConstants(ColumnConstants):
    """The shares (d,) of ones in the columns, the rows of the prior, and how probabilities are tied, None where they
    are free."""

    shares: F64
    prior: float
    dispersion: Dispersion | None


class Bernoulli(TermsLaw[BernoulliParams, BernoulliConstants]):
    """Independent answers of 0 or 1; the term of an answer is itself."""

    id: ClassVar[str] = "bernoulli"
    label: ClassVar[str] = "Bernoulli"
    Settings: ClassVar[type] = BernoulliSettings
    Params: ClassVar[type] = BernoulliParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL}), whole=True, nonnegative=True
    )
    holdable: ClassVar[tuple[str, ...]] = ("probabilities",)
    refusal: ClassVar[tuple[str, str]] = ("bernoulli.not_binary", "bernoulli.choose")

    def ascent(self, settings: BernoulliSettings) -> Ascent:
        return Ascent.EXACT

    def is_discrete(self) -> bool:
        return True

    def fits(self, cells: F64) -> Mask:
        return np.asarray((cells == 0) | (cells == 1))

    def first_look(self, rows: Rows, settings: BernoulliSettings) -> BernoulliConstants:
        word = settings.dispersion
        structure = None if word == FREE_OF_TWO else STRUCTURES[word]
        shares = observed_averages(rows.columns, rows.weights)
        return BernoulliConstants(shares, settings.prior, structure)

    def terms(self, columns: F64, constants: BernoulliConstants) -> tuple[F64, F64]:
        return columns[None], np.zeros_like(columns)

    def coefficients(
        self, params: BernoulliParams, constants: BernoulliConstants
    ) -> tuple[F64, F64]:
        logs, others = np.log(params.probabilities), np.log1p(-params.probabilities)
        return others, (logs - others)[None]

    def cells(self, terms: F64, constants: BernoulliConstants) -> F64:
        return np.asarray(terms[0])

    def log_peak(self, params: BernoulliParams, constants: BernoulliConstants) -> F64 | None:
        if constants.has_gaps:  # the probability of fewer answers has another bound
            return None
        likelier = np.maximum(params.probabilities, 1 - params.probabilities)
        return np.asarray(np.log(likelier).sum(axis=1))

    def start(self, statistics: TermSums, constants: BernoulliConstants) -> BernoulliParams:
        found = (statistics.terms[0] + constants.shares) / (statistics.seen + 1)
        mixed = START_SHARE * constants.shares + (1 - START_SHARE) * found
        return self.retract(BernoulliParams(mixed), constants)

    def free_maximum(
        self, statistics: TermSums, params: BernoulliParams | None, constants: BernoulliConstants
    ) -> BernoulliParams:
        rows = statistics.seen + constants.prior
        ones = statistics.terms[0] + constants.prior * constants.shares
        kept = constants.shares if params is None else params.probabilities
        if constants.dispersion is not None:
            return _gathered(
                ones, rows - ones, np.broadcast_to(kept, ones.shape), constants.dispersion
            )
        found = np.where(rows > 0, ones / np.where(rows > 0, rows, 1.0), kept)
        return self.retract(BernoulliParams(found), constants)

    def log_prior(self, params: BernoulliParams, constants: BernoulliConstants) -> float:
        """A beta density of each probability, whose mode is the share of ones in the column."""
        if constants.prior == 0:
            return 0.0
        from scipy.special import betaln

        p, ones = params.probabilities, constants.prior * constants.shares
        zeros = constants.prior - ones
        height = betaln(1 + ones, 1 + zeros)
        return float((ones * np.log(p) + zeros * np.log1p(-p) - height).sum())

    def free_parameters(self, params: BernoulliParams, constants: BernoulliConstants) -> int:
        if constants.dispersion is None:
            return super().free_parameters(params, constants)
        groups, columns = params.probabilities.shape
        return constants.dispersion.free_parameters(groups, np.ones((columns, 2), dtype=np.bool_))

    def inside(self, params: BernoulliParams, constants: BernoulliConstants) -> BernoulliParams:
        if constants.dispersion is not None:
            p = params.probabilities
            return _gathered(p, 1 - p, p, constants.dispersion)
        return BernoulliParams(np.clip(params.probabilities, MARGIN, 1 - MARGIN))

    def held_cells(self, rows: Rows, constants: BernoulliConstants) -> HeldCells:
        # a probability that is held at 0 or 1 stands next to it, as those that are estimated do
        refuse_held(rows.held, constants.dispersion, FREE_OF_TWO)
        held = super().held_cells(rows, constants)
        values = {name: np.clip(v, MARGIN, 1 - MARGIN) for name, v in held.values.items()}
        return HeldCells(held.masks, values)

    def means_at(
        self, means: F64, spread: BernoulliParams, constants: BernoulliConstants
    ) -> BernoulliParams:
        return self.inside(BernoulliParams(means), constants)

    def quantities(self, params: BernoulliParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        label = say("bernoulli.probability")
        return (Quantity("probabilities", label, COMPONENT_COLUMN, params.probabilities),)

    def means_and_variances(self, params: BernoulliParams) -> tuple[F64, F64]:
        p = params.probabilities
        return p, p * (1 - p)

    def log_densities(self, params: BernoulliParams, cells: F64, column: int) -> F64:
        p = params.probabilities[:, column, None]
        return np.where(cells > 0, np.log(p), np.log1p(-p))

    def simulate(
        self, params: BernoulliParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        chances = params.probabilities[groups].T
        return (rng.random(chances.shape) < chances).astype(np.float64)


def _gathered(ones: F64, zeros: F64, near: F64, structure: Dispersion) -> BernoulliParams:
    """The best probabilities for effective rows (K, d) with each answer."""
    possible = np.ones((ones.shape[1], 2), dtype=np.bool_)
    cells, known = np.stack([zeros, ones], axis=2), np.stack([1 - near, near], axis=2)
    return BernoulliParams(structure.best(cells, known, possible, MARGIN)[:, :, 1])


LAW = Bernoulli()
