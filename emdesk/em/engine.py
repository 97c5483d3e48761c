"""EM as a generator: every iteration it yields is consistent in itself.

A generator is the pause point, the step button, the source of progress and the subject of the tests.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.stopping import ROUNDING, Foresight
from emdesk.errors import ObjectiveFell
from emdesk.model.family import Block, Draw, Family
from emdesk.model.law import Ascent, Weakness
from emdesk.model.params import between
from emdesk.texts import say

MOST_HALVINGS = 30


@dataclass(frozen=True, eq=False)
class Iteration:
    """Params and the objective *of those params*. `evaluations` counts the sweeps over the data so far; `foresight`
    is there for iterations of an accelerated run, to which Aitken's estimate does not apply."""

    index: int
    params: Any
    log_likelihood: float
    objective: float
    evaluations: float
    halvings: int
    seconds: float
    foresight: Foresight | None = None


@dataclass(frozen=True, eq=False)
class Point:
    """Params and what one sweep over the data says of them."""

    params: Any
    statistics: Any
    log_likelihood: float
    objective: float


@dataclass(frozen=True, eq=False)
class Step:
    """Where one iteration leads."""

    point: Point
    halvings: int = 0
    foresight: Foresight | None = None


class EmMap:
    """The EM map of one model over its data: `at` is the E-step, `after` the M-step. Every sweep is counted.

    `iteration` is the one whose params are swept; with `seeds`, of the fit and of its start, an E-step may draw.
    """

    def __init__(
        self,
        family: Family,
        data: Any,
        control: RunControl,
        sweeper: Sweeper,
        seeds: tuple[int, int] | None = None,
    ) -> None:
        self.family, self.data = family, data
        self.evaluations = 0.0
        self.iteration = 0
        self._control, self._sweeper = control, sweeper
        self._seeds = seeds
        self._blocks = family.blocks(data)
        self._schedule = family.schedule(data)
        self.promise = family.ascent(data)

    @property
    def is_certain_to_climb(self) -> bool:
        """Whether each step promises to climb and sees all rows, so that a longer one can be held against it."""
        return self.promise is not Ascent.NONE and len(self._schedule) == 1

    def weaknesses(self, params: Any) -> tuple[Weakness, ...]:
        """The groups that touch a floor."""
        return self.family.weaknesses(self.data, params)

    def at(self, params: Any) -> Point:
        """One sweep over all rows."""
        statistics = self._sweep(params, self._blocks)
        objective = statistics.fit + self.family.log_prior(self.data, params)
        return Point(params, statistics, statistics.log_likelihood, objective)

    def after(self, here: Point) -> Any:
        """The params that the M-step makes of a point; with ordered subsets one M-step after each of them."""
        if len(self._schedule) == 1:
            return self.family.maximise(self.data, here.statistics, here.params)
        params = here.params
        for subset in self._schedule:
            part = self._sweep(params, [self._blocks[i] for i in subset])
            params = self.family.maximise(self.data, part, params)
        return params

    def climb(self, here: Point, index: int, after: Any = None) -> Step:
        """The plain iteration from `here` to number `index`; `after` are the params of its M-step where they are known.

        An M-step that promises to maximise and lowers the objective beyond rounding raises ObjectiveFell; one that
        promises a step uphill is halved until it climbs.
        """
        params = self.after(here) if after is None else after
        lowest = here.objective - ROUNDING * max(1.0, abs(here.objective))
        halvings = 0
        while True:
            there = self.at(params)
            if self.promise is Ascent.NONE or not there.objective < lowest:
                return Step(there, halvings)
            if self.promise is Ascent.EXACT or halvings == MOST_HALVINGS:
                before, fallen = here.objective, there.objective
                raise ObjectiveFell(say("fit.fell", iteration=index, before=before, after=fallen))
            half = between(here.params, params, 0.5)
            params = self.family.retract(self.data, half)
            halvings += 1

    def _sweep(self, params: Any, blocks: Sequence[Block]) -> Any:
        draw = None if self._seeds is None else Draw(*self._seeds, self.iteration)
        statistics = self._sweeper.sweep(
            self.family, self.data, params, blocks, self._control, draw
        )
        self.evaluations += len(blocks) / len(self._blocks)
        return statistics


class Scheme(Protocol):
    """How an iteration is made of the EM map. What a scheme remembers, it forgets at every multiple of `period`, so
    that a run can be taken up again there from the params alone, to the same bits."""

    @property
    def period(self) -> int: ...
    def step(self, em: EmMap, here: Point, index: int) -> Step:
        """From `here` to iteration `index`; its objective is never lower than that of `here`, beyond rounding."""


class Plain:
    """EM as it is."""

    period = 1

    def step(self, em: EmMap, here: Point, index: int) -> Step:
        """One EM step."""
        return em.climb(here, index)


def iterate(
    family: Family,
    data: Any,
    start: Any,
    control: RunControl,
    sweeper: Sweeper,
    first: int = 0,
    scheme: Scheme | None = None,
    seeds: tuple[int, int] | None = None,
) -> Iterator[Iteration]:
    """Yield the start as iteration `first`, then one iteration after the other, until nobody asks for more.

    Dempster, Laird and Rubin (1977), J. R. Statist. Soc. B 39, 1-38. A scheme accelerates where each step is certain
    to climb; elsewhere, as without one, EM is taken as it is. Raises ObjectiveFell, see `EmMap.climb`.
    """
    em = EmMap(family, data, control, sweeper, seeds)
    em.iteration = first
    chosen = scheme if scheme is not None and em.is_certain_to_climb else Plain()
    started = time.perf_counter()
    step = Step(em.at(start))
    index = first
    while True:
        here = step.point
        yield Iteration(
            index,
            here.params,
            here.log_likelihood,
            here.objective,
            em.evaluations,
            step.halvings,
            time.perf_counter() - started,
            step.foresight,
        )
        index += 1
        em.iteration = index
        step = chosen.step(em, here, index)
