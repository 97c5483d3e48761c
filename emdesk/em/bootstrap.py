"""Standard errors by the bootstrap: the fit is repeated on data drawn again, and the estimates are compared.

Rows are drawn with replacement from the file (nonparametric) or from the fitted model (parametric). Every refit begins
at the estimate and is numbered like it by the best assignment of its groups, so that groups that change places do not
count as spread (McLachlan and Peel 2000, Finite Mixture Models, section 2.16; Efron and Tibshirani 1993, An
Introduction to the Bootstrap, chapters 6 and 13). Intervals are percentiles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emdesk.em.attempts import Outcome
from emdesk.em.bootstrap_test import Fitted, simulated
from emdesk.em.control import RunControl
from emdesk.em.fit_settings import FitSettings
from emdesk.em.optima import matched_order
from emdesk.em.reduce import Sweeper
from emdesk.em.restarts import Search
from emdesk.em.uncertainty import LEVEL, Uncertainty
from emdesk.errors import FitFailure, NothingSound, Problem, UsageProblem
from emdesk.model.dataset import Dataset
from emdesk.model.family import ByParams, Cut
from emdesk.model.needs import Role
from emdesk.model.params import arrays, permuted
from emdesk.texts import say

F64 = NDArray[np.float64]
Tell = Callable[[float], None]

REPLICATES = 200
LEAST_REPLICATES = 2
_STREAM = 7919
"""Keeps the numbers of the bootstrap apart from those of the starts."""


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """What is drawn and refitted: a sound fit of the dataset, with the settings of its start and stop."""

    dataset: Dataset
    model: Fitted
    settings: FitSettings
    is_parametric: bool = False

    def check(self) -> None:
        """A UsageProblem where the rows cannot be drawn in this way."""
        if self.is_parametric and Role.LABEL in self.model.request.roles:
            raise UsageProblem(say("bootstrap.known_labels"), remedy=say("bootstrap.draw_rows"))
        if not self.is_parametric and self.model.family.cut is not Cut.ROWS:
            raise UsageProblem(
                say("bootstrap.rows_hang_together"), remedy=say("bootstrap.draw_from_model")
            )

    def drawn(self, rng: np.random.Generator) -> Dataset:
        """One dataset drawn again."""
        if self.is_parametric:
            return simulated(self.dataset, self.model, rng)
        rows = self.model.data.row_numbers
        weighing = self.model.request.roles.get(Role.WEIGHT, ())
        if not weighing:
            return _rows_of(self.dataset, rng.choice(rows, size=len(rows)))
        chosen = _rows_of(self.dataset, rows)
        weights = chosen.column(weighing[0]).values
        counts = rng.multinomial(round(float(weights.sum())), weights / weights.sum())
        columns = tuple(
            replace(c, values=counts.astype(np.float64)) if c.name == weighing[0] else c
            for c in chosen.columns
        )
        return replace(chosen, columns=columns)

    def refit(self, number: int, sweeper: Sweeper, control: RunControl) -> Estimate | None:
        """Parameters and quantities of replicate `number`, groups numbered as in the estimate; None if it failed."""
        keys = (self.settings.seed, _STREAM, number)
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(keys)))
        family, request = self.model.family, self.model.request
        start = ByParams(dict(arrays(family.in_units(self.model.data, self.model.params))))
        settings = replace(self.settings, start="result", starts=1)
        try:
            data = family.prepare(self.drawn(rng), request)
            outcome = _end_of(Search(family, data, [start], settings, control, sweeper))
        except (Problem, FitFailure):
            return None  # rows that the model does not take, such as a column that became constant
        control.checkpoint()
        if not outcome.is_sound:
            return None
        best = outcome.best
        params = best.trace.params_at(best.kept, family, data, sweeper)
        if family.order(data, params) is not None:
            order = matched_order(self.model.params, params, family.group_axis)
            params = permuted(params, family.group_axis, order)
        quantities = {q.name: np.asarray(q.values) for q in family.quantities(data, params)}
        return Estimate(arrays(family.in_units(data, params)), quantities)


@dataclass(frozen=True, eq=False)
class Estimate:
    """The parameters of one refit in the analyst's units, and what the parameter table shows of them."""

    params: dict[str, F64]
    quantities: dict[str, F64]


def _end_of(search: Search) -> Outcome:
    walk = search.run()
    while True:
        try:
            next(walk)
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome


def bootstrap(
    plan: Bootstrap,
    sweeper: Sweeper,
    replicates: int = REPLICATES,
    control: RunControl | None = None,
    tell: Tell | None = None,
) -> Uncertainty:
    """Standard errors and percentile intervals from `replicates` refits; those that failed are counted.

    Raises Cancelled, a UsageProblem, and NothingSound where fewer than two refits are sound.
    """
    plan.check()
    control = control or RunControl()
    made = []
    for number in range(replicates):
        control.checkpoint()
        one = plan.refit(number, sweeper, control)
        if one is not None:
            made.append(one)
        if tell is not None:
            tell((number + 1) / replicates)
    if len(made) < LEAST_REPLICATES:
        raise NothingSound(
            say("bootstrap.none_sound", count=replicates), remedy=say("bootstrap.fewer_groups")
        )
    stacks = _stacked([one.params for one in made])
    shown = _stacked([one.quantities for one in made])
    free = plan.model.family.free_parameters(plan.model.data, plan.model.params)
    tails = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    return Uncertainty(
        method="parametric" if plan.is_parametric else "bootstrap",
        standard_errors={name: s.std(axis=0, ddof=1) for name, s in stacks.items()},
        intervals={
            name: np.moveaxis(np.quantile(s, tails, axis=0), 0, -1) for name, s in stacks.items()
        },
        quantities={name: s.std(axis=0, ddof=1) for name, s in shown.items()},
        free=free,
        rank=free,
        replicates=len(made),
        failures=replicates - len(made),
    )


def _stacked(parts: list[dict[str, F64]]) -> dict[str, F64]:
    return {name: np.stack([part[name] for part in parts]) for name in parts[0]}


def _rows_of(dataset: Dataset, rows: NDArray[np.intp]) -> Dataset:
    columns = tuple(replace(c, values=c.values[rows], as_read={}) for c in dataset.columns)
    return replace(dataset, columns=columns)
