"""Bootstrap likelihood ratio test of a smaller model against a larger one (McLachlan 1987, Appl. Statist. 36, 318-324).

The ratio 2 (log L of the larger - log L of the smaller) has no chi-squared law where the models differ by a component.
Its law is drawn instead: data are simulated from the smaller fit and both models are fitted to them, from starts of
their own. Drawing stops as soon as it is settled on which side of the level the p-value of all draws would be
(the exceedances stop it as in Besag and Clifford 1991, Biometrika 78, 301-304).
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.attempts import Attempt, Outcome
from emdesk.em.control import RunControl
from emdesk.em.fit_settings import FitSettings
from emdesk.em.reduce import Sweeper
from emdesk.em.restarts import Search, starts_of
from emdesk.em.splitting import Solution, group_count, starts_from
from emdesk.errors import Problem
from emdesk.model.dataset import Column, Dataset
from emdesk.model.family import ByParams, Cut, Family, Request, Start
from emdesk.model.interval_ends import EDGES
from emdesk.model.needs import Role
from emdesk.model.params import arrays

F64 = NDArray[np.float64]
LEVEL = 0.05
LOOSEST, RUN_TO_THE_END = 1e-6, 3
"""A drawn ratio is compared with one number: its fits stop at this relative gain, this many starts run to it, and they
are accelerated."""
MOST_SIMULATED = 2_000_000
"""Frequencies that add to more are kept as they are, one simulated row for each."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """One of the two models: what was asked for, and the sound fit of the data to it (params are internal)."""

    family: Family
    request: Request
    data: Any
    params: Any
    log_likelihood: float


@dataclass(frozen=True)
class BootstrapTest:
    """The ratio, how many ratios were drawn of the `planned` ones, how many of them reached it, and the p-value.

    `failed` draws had no sound fit of one of the models and do not count. `is_settled_early` where not all were drawn.
    """

    ratio: float
    drawn: int
    exceeding: int
    planned: int
    failed: int = 0
    level: float = LEVEL

    @property
    def p_value(self) -> float:
        """(1 + exceeding) / (1 + drawn) after all draws; exceeding / drawn where the exceedances stopped them."""
        if not self.drawn:
            return math.nan
        if self.is_settled_early and self.exceeding >= self.needed:
            return self.exceeding / self.drawn
        return (1 + self.exceeding) / (1 + self.drawn)

    @property
    def needed(self) -> int:
        """So many exceedances put the p-value of all planned draws above the level."""
        return math.floor(self.level * (self.planned + 1))

    @property
    def is_settled_early(self) -> bool:
        return self.drawn < self.planned

    @property
    def is_settled(self) -> bool:
        """Whether the side of the level is known: by enough exceedances, or by too few draws left for them."""
        left = self.planned - self.drawn
        return self.exceeding >= self.needed or self.exceeding + left < self.needed

    @property
    def prefers_larger(self) -> bool:
        """Whether the smaller model is refused at the level."""
        return self.p_value <= self.level


@dataclass(frozen=True)
class Draws:
    """How many ratios are drawn at most, from which seed, and the level whose side is to be settled."""

    count: int = 99
    seed: int = 0
    level: float = LEVEL


def bootstrap_test(
    dataset: Dataset,
    smaller: Fitted,
    larger: Fitted,
    settings: FitSettings,
    draws: Draws,
    control: RunControl,
    sweeper: Sweeper,
) -> Generator[BootstrapTest, None, BootstrapTest]:
    """Yield the test after every draw, and return the last; raises Cancelled when it is stopped."""
    ratio = 2 * (larger.log_likelihood - smaller.log_likelihood)
    quick = replace(
        settings,
        tolerance=max(settings.tolerance, LOOSEST),
        finish=min(settings.finish, RUN_TO_THE_END),
        accelerate="squarem" if settings.accelerate == "none" else settings.accelerate,
    )
    test = BootstrapTest(ratio, 0, 0, draws.count, level=draws.level)
    attempts = 0
    while not test.is_settled and attempts < 2 * draws.count:
        rng = np.random.default_rng((draws.seed, attempts))
        attempts += 1
        drawn = _ratio_of(
            simulated(dataset, smaller, rng), smaller, larger, quick, control, sweeper
        )
        if math.isnan(drawn):
            test = replace(test, failed=test.failed + 1)
        else:
            exceeds = drawn >= ratio
            test = replace(test, drawn=test.drawn + 1, exceeding=test.exceeding + exceeds)
        yield test
    return test


def _ratio_of(
    dataset: Dataset,
    smaller: Fitted,
    larger: Fitted,
    settings: FitSettings,
    control: RunControl,
    sweeper: Sweeper,
) -> float:
    """The ratio of simulated data; NaN where a model has no sound fit of them. The smaller model starts also from what
    the data were drawn from, the larger one also from the solution of the smaller."""
    truth = ByParams(dict(arrays(smaller.family.in_units(smaller.data, smaller.params))))
    try:
        data, low = _search(dataset, smaller, settings, control, sweeper, (truth,))
        if not low.is_sound:
            return math.nan
        params = low.trace.params_at(low.kept, smaller.family, data, sweeper, control)
        solution = Solution(smaller.family, dataset, data, params)
        groups = group_count(larger.params, larger.family.group_axis)
        more = starts_from(solution, groups, settings.seed, sweeper, control) if groups else ()
        _, high = _search(dataset, larger, settings, control, sweeper, more)
    except Problem:
        return math.nan  # simulated rows that the model does not take, such as a constant column
    if not high.is_sound:
        return math.nan
    heights = [a.trace.log_likelihoods[a.kept] for a in (low, high)]
    return max(0.0, 2 * (heights[1] - heights[0]))


def _search(
    dataset: Dataset,
    model: Fitted,
    settings: FitSettings,
    control: RunControl,
    sweeper: Sweeper,
    more: Sequence[Start],
) -> tuple[Any, Attempt]:
    """The prepared data and the best start of a model on simulated rows."""
    data = model.family.prepare(dataset, model.request)
    starts = [*more, *starts_of(settings, model.family.start_methods())]
    walk = Search(model.family, data, starts, settings, control, sweeper).run()
    while True:
        try:
            next(walk)
        except StopIteration as end:
            outcome: Outcome = end.value
            control.checkpoint()
            return data, outcome.best


def simulated(dataset: Dataset, model: Fitted, rng: np.random.Generator) -> Dataset:
    """Rows from a fitted model in the shape of the data: as many rows, the same weights, roles and missing cells.

    Frequencies are drawn unit by unit, each in the place of its row, and equal ones are counted again.
    """
    order = np.argsort(model.data.row_numbers)
    numbers = model.data.row_numbers[order]
    frequencies = _frequencies(dataset, model, numbers)
    if frequencies is not None:
        units = np.repeat(order, frequencies)
        drawn = model.family.drawn(model.data, model.params, units, rng)
        if drawn is not None:
            return _counted(
                _in_shape(drawn[0], dataset, model, np.repeat(numbers, frequencies)), model
            )
    made = model.family.simulate(model.data, model.params, rng)
    return made if made.rows != len(numbers) else _in_shape(made, dataset, model, numbers)


def _in_shape(
    drawn: Dataset, dataset: Dataset, model: Fitted, numbers: NDArray[np.intp]
) -> Dataset:
    """Simulated rows with the missing cells of the rows of the data that they stand for, and their roles."""
    ends = [name for role in EDGES for name in model.request.roles.get(role, ())]
    columns = [
        column if column.name in ends else _with_gaps(column, dataset, numbers)
        for column in drawn.columns
    ]
    named = {column.name for column in columns}
    roles = [name for names in model.request.roles.values() for name in names]
    for name in dict.fromkeys(roles):
        if name not in named:
            column = dataset.column(name)
            columns.append(replace(column, values=column.values[numbers], as_read={}))
    return replace(drawn, columns=tuple(columns))


def _with_gaps(column: Column, dataset: Dataset, numbers: NDArray[np.intp]) -> Column:
    """A simulated column with its cells missing where they are in the data."""
    if not dataset.has(column.name):
        return column
    missing = dataset.column(column.name).missing[numbers]
    if not missing.any():
        return column
    return replace(column, values=np.where(missing, np.nan, column.values))


def _frequencies(
    dataset: Dataset, model: Fitted, numbers: NDArray[np.intp]
) -> NDArray[np.intp] | None:
    """How many units each row stands for; None where every row is one, or the weights are no frequencies."""
    names = model.request.roles.get(Role.WEIGHT, ())
    if not names or model.family.cut is not Cut.ROWS:
        return None
    weights = dataset.column(names[0]).values[numbers]
    is_whole = np.all(weights == np.rint(weights)) and 0 < weights.sum() <= MOST_SIMULATED
    return weights.astype(np.intp) if is_whole else None


def _counted(units: Dataset, model: Fitted) -> Dataset:
    """Rows that stand for one unit each, equal ones as one row with its frequency."""
    weight = model.request.roles[Role.WEIGHT][0]
    others = [column for column in units.columns if column.name != weight]
    values = np.stack([column.values for column in others], axis=1)
    # a missing cell is equal to a missing cell
    cells = np.where(np.isnan(values), np.inf, values)
    _, firsts, counts = np.unique(cells, axis=0, return_index=True, return_counts=True)
    columns = [replace(column, values=column.values[firsts], as_read={}) for column in others]
    frequency = replace(units.column(weight), values=counts.astype(np.float64), as_read={})
    return replace(units, columns=(*columns, frequency))
