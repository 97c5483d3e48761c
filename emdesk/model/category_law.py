"""What laws of categories share: reading columns of categories, looking log densities up, and what follows from the
probability of every category alone.

A law says `probabilities(params)` (K, d, C) and its M-step; its params have `values` (d, C), the numbers that stand in
the data for the categories (the codes of the words of a text column), so that params can be read without their data.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.category_names import cell_name
from emdesk.model.dataset import Kind
from emdesk.model.law import Invariance, Quantity, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.categories import (
    NO_LOG,
    Categories,
    CategoryTallies,
    Codes,
    categories_of,
    codes_of,
    look_up,
    sizes_of,
)
from emdesk.model.plain_law import PlainLaw, drawn_groups
from emdesk.model.rows import Rows
from emdesk.texts import say

F64 = NDArray[np.float64]
MOST_CATEGORIES = 500
"""A column with more distinct values holds measurements, not categories."""
FARTHEST = 1e150
"""Numbers that stand for categories may lie farther apart; a variance of them is not that of a measurement."""
UNASKED = 20
"""Columns of numbers with more distinct values are not taken for categories unasked."""


@dataclass(frozen=True, eq=False)
class CategoryConstants:
    """The categories, their shares (d, C) in all rows, the rows of the prior, and whether cells are missing."""

    categories: Categories
    shares: F64
    prior: float
    names: tuple[str, ...]
    has_gaps: bool

    @property
    def possible(self) -> NDArray[np.bool_]:
        """(d, C) True for the categories that some row has."""
        return self.shares > 0


def category_constants(rows: Rows, prior: float) -> CategoryConstants:
    """The constants of columns of categories; a DataProblem names a column that holds none, or too many."""
    weights = np.ones(rows.columns.shape[1]) if rows.weights is None else rows.weights
    lists = []
    for j, (name, cells) in enumerate(zip(rows.names, rows.columns, strict=True)):
        used = cells[(weights > 0) & ~np.isnan(cells)]
        words = rows.categories_of(j)
        values = np.arange(float(len(words))) if words else np.unique(used)
        if not len(values):
            raise DataProblem(
                say("data.no_cells", name=name),
                columns=(name,),
                remedy=say("data.leave_empty_out"),
            )
        if len(values) > MOST_CATEGORIES:
            raise DataProblem(
                say("categories.too_many", name=name, count=len(values), most=MOST_CATEGORIES),
                columns=(name,),
                remedy=say("data.other_law"),
            )
        lists.append(values)
    categories = categories_of(lists)
    places = categories.places(rows.columns)
    counts = np.zeros(categories.values.shape)
    for j, size in enumerate(categories.sizes):
        inside = (places[j] >= 0) & (places[j] < size)
        counts[j] = np.bincount(places[j, inside], weights[inside], categories.values.shape[1])
    totals = np.maximum(counts.sum(axis=1, keepdims=True), NO_LOG)
    return CategoryConstants(
        categories, counts / totals, prior, rows.names, bool(rows.missing.any())
    )


def log_of(probabilities: F64) -> F64:
    """Logarithms that are numbers for 0 too."""
    return np.asarray(np.log(np.maximum(probabilities, NO_LOG)))


class CategoryLaw(PlainLaw):
    """A base for laws of categories, columns independent given the group."""

    leaves_cells_out: ClassVar[bool] = True
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.NOMINAL, Kind.ORDINAL, Kind.COUNT}), text=True, most_values=UNASKED
    )

    def invariance(self, settings: Any) -> Invariance:
        """Other numbers for the same categories change nothing."""
        return Invariance(shift=True)

    @abstractmethod
    def probabilities(self, params: Any) -> F64:
        """(K, d, C) of every category, 0 where a column has fewer."""

    def encode(self, rows: Rows, constants: CategoryConstants) -> F64:
        return constants.categories.encode(rows.columns)

    def coordinates(self, encoded: F64, constants: CategoryConstants) -> F64:
        return constants.categories.indicators(encoded)

    def feature_rows(self, constants: CategoryConstants) -> int:
        return 2 * len(constants.categories.packs)

    def features(self, encoded: F64, constants: CategoryConstants, work: Workspace) -> Codes:
        return codes_of(encoded, work)

    def kernel(self, params: Any, offsets: F64, constants: CategoryConstants) -> list[F64]:
        return constants.categories.tables(log_of(self.probabilities(params)), offsets)

    def log_peak(self, params: Any, constants: CategoryConstants) -> F64 | None:
        chances = self.probabilities(params)
        if constants.has_gaps:  # a missing cell has log density 0
            return np.zeros(len(chances))
        return np.asarray(log_of(chances.max(axis=2)).sum(axis=1))

    def log_density(self, features: Codes, kernel: list[F64], out: F64, work: Workspace) -> None:
        look_up(features, kernel, out, work)

    def statistics(
        self,
        features: Codes,
        responsibilities: F64,
        kernel: Any | None,
        constants: CategoryConstants,
        work: Workspace,
    ) -> CategoryTallies:
        return constants.categories.tally(features, responsibilities)

    def expected(
        self, statistics: CategoryTallies, params: Any, constants: CategoryConstants
    ) -> F64:
        cells = statistics.cells
        logs = np.where(cells > 0, log_of(self.probabilities(params)), 0.0)
        return np.asarray((cells * logs).sum(axis=(1, 2)))

    def complete(
        self,
        encoded: F64,
        responsibilities: F64,
        params: Any,
        constants: CategoryConstants,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64]:
        """A missing cell is its likeliest category, since categories have no mean; its spread is the chance that it is
        another one."""
        cells = constants.categories.cells(encoded)
        missing = np.isnan(cells)
        chances = np.einsum("kdc,km->dcm", self.probabilities(params), responsibilities)
        best = chances.argmax(axis=1)
        values = np.take_along_axis(params.values, best, axis=1)
        if rng is not None:
            values = self.simulate(params, drawn_groups(responsibilities, rng), rng)
        doubt = np.maximum(0.0, 1.0 - chances.max(axis=1))
        return np.where(missing, values, cells), np.where(missing, doubt, 0.0)

    def moments(self, params: Any) -> tuple[F64, F64]:
        chances = self.probabilities(params)
        means = (chances * params.values).sum(axis=2)
        with np.errstate(over="ignore"):
            away = np.clip(params.values - means[:, :, None], -FARTHEST, FARTHEST)
        squares = (chances * away**2).sum(axis=2)
        return means, squares[:, :, None] * np.eye(squares.shape[1])

    def is_discrete(self) -> bool:
        return True

    def log_marginal(self, params: Any, directions: F64, centre: F64, points: F64) -> F64 | None:
        # only single columns have a closed form: one entry of 1 in each direction, nothing taken off
        chosen = np.argmax(directions, axis=1)
        if np.any(directions != np.eye(directions.shape[1])[chosen]) or np.any(centre != 0):
            return None
        categories = Categories(params.values, sizes_of(params.values))
        logs = log_of(self.probabilities(params))
        total = np.zeros((len(logs), points.shape[1]))
        for j, cells in zip(chosen, points, strict=True):
            known = categories.values[j, : categories.sizes[j]]
            found = np.minimum(np.searchsorted(known, cells), len(known) - 1)
            total += np.where(known[found] == cells, logs[:, j, found], -np.inf)
        return total

    def simulate(self, params: Any, groups: NDArray[np.intp], rng: np.random.Generator) -> F64:
        steps = np.cumsum(self.probabilities(params), axis=2)
        made = np.empty((steps.shape[1], len(groups)))
        for j in range(len(made)):
            mine = steps[groups, j]
            chances = rng.random(len(groups)) * mine[:, -1]
            places = (mine <= chances[:, None]).sum(axis=1)
            made[j] = params.values[j, np.minimum(places, steps.shape[2] - 1)]
        return made

    def quantities(self, params: Any, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        sizes, chances = sizes_of(params.values), self.probabilities(params)
        columns = [(j, c) for j, size in enumerate(sizes) for c in range(size)]
        cells = tuple((names[j], float(params.values[j, c])) for j, c in columns)
        values = np.stack([chances[:, j, c] for j, c in columns], axis=1)
        label = say("quantity.probability")
        return (
            Quantity(
                "probabilities",
                label,
                ("component", "cell"),
                values,
                columns=tuple(cell_name(*cell) for cell in cells),
                cells=cells,
            ),
            *self.other_quantities(params),
        )

    def other_quantities(self, params: Any) -> tuple[Quantity, ...]:
        """What the table shows beside the probabilities."""
        return ()

    def log_prior(self, params: Any, constants: CategoryConstants) -> float:
        """The log density of Dirichlet distributions, each of their parameters one more than the rows it is worth."""
        if constants.prior == 0:
            return 0.0
        from scipy.special import gammaln

        rows = constants.prior * constants.shares
        sizes = constants.possible.sum(axis=1)
        constant = gammaln(constants.prior + sizes).sum() - gammaln(1 + rows).sum()
        chances = self.probabilities(params)
        return float(len(chances) * constant + (rows * log_of(chances)).sum())


def check_values(values: F64, constants: CategoryConstants) -> None:
    """A SettingProblem if params are of other categories than the data."""
    own = constants.categories
    for j, name in enumerate(constants.names):
        if not np.array_equal(values[j], own.values[j]):
            raise SettingProblem(
                say(
                    "categories.other",
                    name=name,
                    given=", ".join(f"{v:g}" for v in np.unique(values[j])),
                    found=", ".join(f"{v:g}" for v in own.values[j, : own.sizes[j]]),
                ),
                setting="start",
            )
