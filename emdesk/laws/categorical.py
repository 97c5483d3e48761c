"""Categorical law: each group has its own probability of every category, columns independent given the group.

When to use it
    Answers out of several, diagnoses, alleles, words: columns of text or of numbers that only name something. A mixture
    of this law is latent class analysis. A table of patterns with how often each was seen is fitted as it stands, with
    the frequencies as weights.

When not
    Categories in an order that the groups shift along (ordinal), numbers that were measured (gaussian). Columns that go
    together within a class, such as two questions worded alike, break the independence and are answered by extra
    classes that mean nothing.

The order of the categories and the numbers that stand for them change nothing. A missing cell is left out. A class may
have a category with probability 0: that is the edge of the domain, not a collapse, and EMDesk keeps the probability at
1e-10 there, which changes no digit that is shown. Few columns carry few classes: with more free parameters than
patterns, and sometimes before, the classes are no longer determined by the data; the table fit and the rank test of the
standard errors say so.

Prior rows are a Dirichlet prior: to every component they add so many rows with the categories of the whole column, and
its logarithm is part of the objective. One row shared by K components, 1/K each, is what Galindo Garre and Vermunt
found to be enough against probabilities of 0 and 1.

Few rows do not carry every probability of every class. The setting dispersion ties them: each class has one likeliest
category in a column, and the others share what is left, the dispersion, evenly. It is one number (E), or each class
(Ek), each column (Ej) or each of both (Ekj) has its own; Ekjh leaves all probabilities free. These are the models
Binary_pk_E, _Ek, _Ej, _Ekj and _Ekjh of Rmixmod, with p for pk where weights are equal. As there, a likeliest category
does not count as a free parameter; here it stays the likeliest one also where columns of unlike numbers of categories
share a dispersion, which is then at most 1 - 1 / (the fewest categories).

Sources
    Goodman (1974), Biometrika 61, 215-231; McCutcheon (1987), Latent Class Analysis; Linzer and Lewis (2011), J. Stat.
    Software 42(10), section 2.
    Dispersions: Celeux and Govaert (1991), J. Classif. 8, 157-176; Lebret et al. (2015), J. Stat. Software 67(6).
    Prior as rows: Galindo Garre and Vermunt (2006), Behaviormetrika 33, 43-59.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.model.category_law import (
    CategoryConstants,
    CategoryLaw,
    category_constants,
    check_values,
)
from emdesk.model.dispersion import DISPERSION, FREE, STRUCTURES, Dispersion, refuse_held
from emdesk.model.fields import Field
from emdesk.model.law import Ascent
from emdesk.model.numerics.categories import CategoryTallies
from emdesk.model.numerics.shares import best_shares, free_shares, unfit_held
from emdesk.model.numerics.tied_shares import TiedShares, tied_shares
from emdesk.model.params import Axes, Domain
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
MARGIN = 1e-10
"""Probabilities that are estimated stay this far from 0, so that a class can take a category up again."""
START_SHARE = 0.2
"""Starts are cautious: so much of every probability is that of the whole column."""

TEXTS = {
    "categorical.sum": (
        "the probabilities of {column} in component {component} are {values}; they lie between 0 and 1 and add to 1"
    ),
    "categorical.held": (
        "the probabilities held for {column} in component {component} are {values}; they leave nothing for the others"
    ),
    "categorical.hold_less": "Hold probabilities between 0 and 1 that add to less than 1, or to 1 if all are held",
    "categorical.tie": (
        "probabilities are held as well as tied, or some of one component are tied to others than the rest of it"
    ),
    "categorical.tie_instead": "Tie those of a column in the same components, and hold none",
    "categorical.no_category": "{column} has no category number {number} that could be held",
}
declare(TEXTS)


@dataclass(frozen=True)
class CategoricalSettings:
    """Settings of the categorical law."""

    dispersion: Annotated[str, DISPERSION] = FREE
    prior: Annotated[
        float,
        Field(
            "Prior rows",
            "Adds so many rows, with the categories of the whole column, to every component, which keeps probabilities "
            "away from 0 and 1. 0: maximum likelihood. One row over the number of components is a mild choice.",
            low=0,
            high=1e6,
            section="Prior",
            more=True,
        ),
    ] = 0.0


@dataclass(frozen=True, eq=False)
class CategoricalParams:
    """Probabilities of the categories, 0 where a column has fewer than the others, and the values of the categories,
    the last one repeated there."""

    probabilities: Annotated[
        F64, Axes("component", "column", "category", label="Probability"), Domain.SIMPLEX
    ]
    values: Annotated[F64, Axes("column", "category", label="Value"), Domain.REAL]


@dataclass(frozen=True, eq=False)
class CategoricalConstants(CategoryConstants):
    """Also how probabilities are tied, None where they are free; which of them (K, d, C) do not move, and where they
    stand: those held, and 0 for what no row has; one group stands for all where nothing is held; and which of them
    are equal in several groups."""

    fixed: Mask
    fixed_at: F64
    dispersion: Dispersion | None
    tied: TiedShares | None
    groups: int

    def pooled(self, cells: F64) -> F64:
        """Cells (K, d, C) in the proportions of the best probabilities under the ties; all rows taken as one have
        none."""
        return cells if self.tied is None or len(cells) != self.groups else self.tied.pooled(cells)


class Categorical(CategoryLaw):
    """Independent categories."""

    id: ClassVar[str] = "categorical"
    label: ClassVar[str] = "Categorical"
    Settings: ClassVar[type] = CategoricalSettings
    Params: ClassVar[type] = CategoricalParams
    holdable: ClassVar[tuple[str, ...]] = ("probabilities",)
    tieable: ClassVar[tuple[str, ...]] = ("probabilities",)

    def ascent(self, settings: CategoricalSettings) -> Ascent:
        return Ascent.EXACT

    def constants(self, rows: Rows, settings: CategoricalSettings) -> CategoricalConstants:
        rows.held.refuse_others(self.holdable)
        structure = STRUCTURES.get(settings.dispersion)
        refuse_held(rows.held, structure, FREE)
        base = category_constants(rows, settings.prior)
        fixed = ~base.possible[None]
        at = np.zeros(fixed.shape)
        held = rows.held.of("probabilities", (rows.groups, *base.shares.shape))
        if held is not None:
            _check_held(*held, base)
            fixed, at = fixed | held[0], np.where(held[0], held[1], 0.0)
        return CategoricalConstants(
            **vars(base),
            fixed=fixed,
            fixed_at=at,
            dispersion=structure,
            tied=_tied(rows, base),
            groups=rows.groups,
        )

    def probabilities(self, params: CategoricalParams) -> F64:
        return params.probabilities

    def start(
        self, statistics: CategoryTallies, constants: CategoricalConstants
    ) -> CategoricalParams:
        shares = constants.shares
        rows = statistics.cells.sum(axis=2, keepdims=True) + 1
        found = (statistics.cells + shares) / rows
        return _made(START_SHARE * shares + (1 - START_SHARE) * found, constants)

    def maximise(
        self,
        statistics: CategoryTallies,
        params: CategoricalParams | None,
        constants: CategoricalConstants,
    ) -> CategoricalParams:
        cells = statistics.cells + constants.prior * constants.shares
        if constants.dispersion is not None:
            known = constants.shares[None] if params is None else params.probabilities
            return _gathered(
                cells, np.broadcast_to(known, cells.shape), constants.dispersion, constants
            )
        empty = cells.sum(axis=2) <= 0
        if empty.any():
            before = np.broadcast_to(constants.shares, cells.shape)
            cells[empty] = (before if params is None else params.probabilities)[empty]
        return _made(cells, constants)

    def free_parameters(self, params: CategoricalParams, constants: CategoricalConstants) -> int:
        shape = params.probabilities.shape
        if constants.dispersion is not None:
            return constants.dispersion.free_parameters(shape[0], constants.possible)
        fixed = np.broadcast_to(constants.fixed[: shape[0]], shape)
        tied = constants.tied if shape[0] == constants.groups else None
        return free_shares(fixed) - (0 if tied is None else tied.fewer(fixed))

    def retract(
        self, params: CategoricalParams, constants: CategoricalConstants
    ) -> CategoricalParams:
        return _made(params.probabilities, constants)

    def from_units(
        self, params: CategoricalParams, constants: CategoricalConstants
    ) -> CategoricalParams:
        check_values(params.values, constants)
        chances = params.probabilities
        totals = chances.sum(axis=2)
        unfit = (np.abs(totals - 1) > 1e-6) | (chances < 0).any(axis=2) | np.isnan(totals)
        for k, j in np.argwhere(unfit):
            raise SettingProblem(
                _told("categorical.sum", k, j, chances[k, j], constants), setting="start"
            )
        off = np.abs(totals - 1) > 1e-12
        scale = np.where(off, totals, 1.0)
        made = CategoricalParams(chances / scale[:, :, None], constants.categories.values)
        is_free = constants.dispersion is None and constants.tied is None
        return made if is_free else self.retract(made, constants)

    def means_at(
        self, means: F64, spread: CategoricalParams, constants: CategoricalConstants
    ) -> CategoricalParams:
        """Half of every probability is that of the whole column, half is in the category next to the given mean."""
        groups = len(means)
        away = np.abs(constants.categories.values - means[:, :, None])
        away[:, ~constants.possible] = np.inf
        nearest = away.argmin(axis=2)
        chances = np.broadcast_to(0.5 * constants.shares, (groups, *constants.shares.shape)).copy()
        np.put_along_axis(
            chances,
            nearest[:, :, None],
            0.5 + np.take_along_axis(chances, nearest[:, :, None], axis=2),
            axis=2,
        )
        return _made(chances, constants)


def _made(cells: F64, constants: CategoricalConstants) -> CategoricalParams:
    """Probabilities in the proportions of `cells` (K, d, C), or next to them where they are tied."""
    if constants.dispersion is not None:
        return _gathered(cells, cells, constants.dispersion, constants)
    groups, cells = len(cells), constants.pooled(cells)
    chances = best_shares(cells, constants.fixed[:groups], constants.fixed_at[:groups], MARGIN)
    return CategoricalParams(chances, constants.categories.values)


def _tied(rows: Rows, base: CategoryConstants) -> TiedShares | None:
    """Which probabilities are equal in several groups; a SettingProblem for what has no closed form."""
    classes = rows.held.tied("probabilities", (rows.groups, *base.shares.shape))
    if classes is None:
        return None
    made = tied_shares(classes)
    if made is None or rows.held.of("probabilities", classes.shape) is not None:
        raise SettingProblem(
            say("categorical.tie"), setting="tied", remedy=say("categorical.tie_instead")
        )
    return made


def _gathered(
    cells: F64, near: F64, structure: Dispersion, constants: CategoricalConstants
) -> CategoricalParams:
    chances = structure.best(cells, near, constants.possible, MARGIN)
    return CategoricalParams(chances, constants.categories.values)


def _check_held(mask: Mask, values: F64, constants: CategoryConstants) -> None:
    """A SettingProblem where held probabilities leave nothing for the others, or hold what is no category."""
    for _, j, c in np.argwhere(mask & ~constants.possible):
        if c >= constants.categories.sizes[j]:
            column = constants.names[j]
            raise SettingProblem(
                say("categorical.no_category", column=column, number=c + 1), setting="held"
            )
    wrong = unfit_held(mask, values, constants.possible)
    for k, j in np.argwhere(wrong):
        raise SettingProblem(
            _told("categorical.held", k, j, values[k, j][mask[k, j]], constants),
            setting="held",
            remedy=say("categorical.hold_less"),
        )


def _told(key: str, k: int, j: int, values: F64, constants: CategoryConstants) -> str:
    shown = ", ".join(f"{value:g}" for value in values)
    return say(key, component=k + 1, column=constants.names[j], values=shown)


LAW = Categorical()
