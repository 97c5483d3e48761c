"""EM as a generator: every iteration it yields is consistent in itself.

A generator is the pause point, the step button, the source of progress and the subject of the tests.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.stopping import ROUNDING
from emdesk.errors import ObjectiveFell
from emdesk.model.family import Family
from emdesk.model.law import Ascent
from emdesk.model.params import between
from emdesk.texts import say

MOST_HALVINGS = 30


@dataclass(frozen=True, eq=False)
class Iteration:
    """Params and the objective *of those params*. `evaluations` counts the sweeps over the data so far."""

    index: int
    params: Any
    log_likelihood: float
    objective: float
    evaluations: float
    halvings: int
    seconds: float


def iterate(
    family: Family, data: Any, start: Any, control: RunControl, sweeper: Sweeper, first: int = 0
) -> Iterator[Iteration]:
    """Yield the start as iteration `first`, then one iteration after each M-step, until nobody asks for more.

    Dempster, Laird and Rubin (1977), J. R. Statist. Soc. B 39, 1-38. An M-step that promises to maximise and lowers
    the objective beyond rounding raises ObjectiveFell; one that promises a step uphill is halved until it climbs.
    """
    blocks = family.blocks(data)
    schedule = family.schedule(data)
    promise = family.ascent(data)
    started = time.perf_counter()
    evaluations = 0.0
    params, previous, last = start, None, None
    index = first
    while True:
        halvings = 0
        while True:
            statistics = sweeper.sweep(family, data, params, blocks, control)
            evaluations += 1
            objective = statistics.fit + family.log_prior(data, params)
            fell = last is not None and objective < last - ROUNDING * max(1.0, abs(last))
            if not fell or promise is Ascent.NONE:
                break
            if promise is Ascent.EXACT or halvings == MOST_HALVINGS:
                raise ObjectiveFell(say("fit.fell", iteration=index, before=last, after=objective))
            params = between(previous, params, 0.5)
            halvings += 1
        yield Iteration(
            index,
            params,
            statistics.log_likelihood,
            objective,
            evaluations,
            halvings,
            time.perf_counter() - started,
        )
        previous, last = params, objective
        if len(schedule) == 1:
            params = family.maximise(data, statistics, params)
        else:
            for subset in schedule:
                chosen = [blocks[i] for i in subset]
                part = sweeper.sweep(family, data, params, chosen, control)
                evaluations += len(chosen) / len(blocks)
                params = family.maximise(data, part, params)
        index += 1
