"""Ordinal law: ordered categories that the groups shift along, columns independent given the group.

When to use it
    Answers from "never" to "always", grades, stages: columns whose categories have an order, and groups that differ by
    how far up they stand. Each column has one profile of its own, and each group one slope a column that tilts it.

When not
    Categories without an order, or groups that like both ends and not the middle (categorical): no slope says that.

The chance of category c of a column in group k is in proportion to exp(a_c + b_k s_c): the intercepts a are shared by
the groups, s are the scores of the categories. So the odds of a category against the one below it are exp(b_k) times
as high as in a group with slope 0, if their scores are one apart (adjacent-category logits). Slopes add to 0 over the
groups and the first intercept is 0. A column of C categories has C - 1 + K - 1 free parameters instead of the
K (C - 1) of the categorical law, and with two categories, or one group, the two laws are the same.

A slope is kept where the odds over the whole range of scores change by no more than a factor exp(40): a group that has
only the lowest category would take it to infinity, and no digit that is shown changes beyond. Prior rows add so many
rows, with the categories of the whole column, to every component.

Sources
    Agresti (2002), Categorical Data Analysis, section 7.4 (adjacent categories), 13.2 (latent classes).
    Vermunt and Magidson (2005), Technical Guide for Latent GOLD 4.0, section 2.3 (ordinal indicators).
    Newton's method: Agresti (2002), section 4.6; the log-likelihood is concave in intercepts and slopes.
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
from emdesk.model.dataset import Kind
from emdesk.model.fields import Choice, Field
from emdesk.model.law import Ascent, Quantity
from emdesk.model.needs import Needs
from emdesk.model.numerics.categories import CategoryTallies
from emdesk.model.numerics.tilts import Tilts, best_tilts
from emdesk.model.params import Axes, Domain
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
START_SHARE = 0.2
"""Starts are cautious: so much of every share is that of the whole column."""

TEXTS = {
    "ordinal.numbers": "the {name} of the start hold {value}, and they are finite numbers",
    "ordinal.slope": "Slope",
}
declare(TEXTS)


@dataclass(frozen=True)
class OrdinalSettings:
    """Settings of the ordinal law."""

    scores: Annotated[
        str,
        Field(
            "Scores",
            "How far apart the categories of a column stand.",
            choices=(
                Choice("ranks", "One apart", "First, second, third: every step is as long."),
                Choice("values", "As their numbers", "The numbers in the data are the scores."),
            ),
        ),
    ] = "ranks"
    prior: Annotated[
        float,
        Field(
            "Prior rows",
            "Adds so many rows, with the categories of the whole column, to every component, which keeps slopes from "
            "running away. 0: maximum likelihood.",
            low=0,
            high=1e6,
            section="Prior",
            more=True,
        ),
    ] = 0.0


@dataclass(frozen=True, eq=False)
class OrdinalParams:
    """The values and the scores of the categories, their intercepts, and the slopes of the groups along the scores;
    where a column has fewer categories than the others its last value is repeated."""

    values: Annotated[F64, Axes("column", "category", label="Value"), Domain.REAL]
    scores: Annotated[F64, Axes("column", "category", label="Score"), Domain.REAL]
    intercepts: Annotated[F64, Axes("column", "category", label="Intercept"), Domain.REAL]
    slopes: Annotated[F64, Axes("component", "column", label="Slope"), Domain.REAL]


@dataclass(frozen=True, eq=False)
class OrdinalConstants(CategoryConstants):
    """Also the scores (d, C) of the categories."""

    scores: F64


class Ordinal(CategoryLaw):
    """Independent ordered categories."""

    id: ClassVar[str] = "ordinal"
    label: ClassVar[str] = "Ordinal"
    Settings: ClassVar[type] = OrdinalSettings
    Params: ClassVar[type] = OrdinalParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.ORDINAL, Kind.COUNT}),
        text=True,
        most_values=CategoryLaw.needs.most_values,
    )

    def ascent(self, settings: OrdinalSettings) -> Ascent:
        return Ascent.EXACT

    def constants(self, rows: Rows, settings: OrdinalSettings) -> OrdinalConstants:
        base = category_constants(rows, settings.prior)
        categories = base.categories
        ranks = np.minimum(
            np.arange(float(categories.real.shape[1])), categories.sizes[:, None] - 1
        )
        scores = ranks if settings.scores == "ranks" else categories.values
        return OrdinalConstants(**vars(base), scores=scores)

    def probabilities(self, params: OrdinalParams) -> F64:
        return _tilts(params).probabilities

    def start(self, statistics: CategoryTallies, constants: OrdinalConstants) -> OrdinalParams:
        shares = constants.shares
        rows = statistics.cells.sum(axis=2, keepdims=True) + 1
        found = START_SHARE * shares + (1 - START_SHARE) * (statistics.cells + shares) / rows
        return _best(found * statistics.counts[:, None, None], None, constants)

    def maximise(
        self,
        statistics: CategoryTallies,
        params: OrdinalParams | None,
        constants: OrdinalConstants,
    ) -> OrdinalParams:
        cells = statistics.cells + constants.prior * constants.shares
        return _best(cells, params, constants)

    def free_parameters(self, params: OrdinalParams, constants: OrdinalConstants) -> int:
        sizes = constants.possible.sum(axis=1)
        return int((sizes - 1).sum() + (len(params.slopes) - 1) * (sizes > 1).sum())

    def retract(self, params: OrdinalParams, constants: OrdinalConstants) -> OrdinalParams:
        made = _within(_tilts(params), constants)
        return _params(made, constants)

    def from_units(self, params: OrdinalParams, constants: OrdinalConstants) -> OrdinalParams:
        check_values(params.values, constants)
        for name, given in (("intercepts", params.intercepts), ("slopes", params.slopes)):
            unfit = given[~np.isfinite(given)]
            if unfit.size:
                raise SettingProblem(
                    say("ordinal.numbers", name=name, value=f"{unfit[0]:g}"), setting="start"
                )
        return self.retract(params, constants)

    def means_at(
        self, means: F64, spread: OrdinalParams, constants: OrdinalConstants
    ) -> OrdinalParams:
        """Slopes that put the mean of each column about where it is wanted: its distance over the variance."""
        centre, covariances = self.moments(spread)
        variances = np.maximum(np.diagonal(covariances, axis1=1, axis2=2)[0], 1e-6)
        tilts = _tilts(spread)
        slopes = (means - centre[0]) / variances
        moved = Tilts(tilts.intercepts, slopes, tilts.scores, tilts.real)
        return self.retract(_params(moved, constants), constants)

    def other_quantities(self, params: OrdinalParams) -> tuple[Quantity, ...]:
        label = say("ordinal.slope")
        return (Quantity("slopes", label, ("component", "column"), params.slopes),)


def _tilts(params: OrdinalParams) -> Tilts:
    first = np.ones((len(params.values), 1), dtype=bool)
    rising = np.diff(params.values, axis=1) > 0
    return Tilts(
        params.intercepts, params.slopes, params.scores, np.concatenate([first, rising], axis=1)
    )


def _best(cells: F64, params: OrdinalParams | None, constants: OrdinalConstants) -> OrdinalParams:
    groups = len(cells)
    if params is None:
        level = np.where(constants.possible, np.log(np.maximum(constants.shares, 1e-300)), 0.0)
        slopes = np.zeros((groups, len(level)))
        start = Tilts(level, slopes, constants.scores, constants.categories.real)
    else:
        start = _tilts(params)
    return _params(best_tilts(cells, _within(start, constants)), constants)


def _within(tilts: Tilts, constants: OrdinalConstants) -> Tilts:
    made = Tilts(tilts.intercepts, tilts.slopes, constants.scores, constants.categories.real)
    return made.normalised(constants.possible)


def _params(tilts: Tilts, constants: OrdinalConstants) -> OrdinalParams:
    return OrdinalParams(
        constants.categories.values, constants.scores, tilts.intercepts, tilts.slopes
    )


LAW = Ordinal()
