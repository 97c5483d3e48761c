"""Starts and what became of them: one attempt each, the best of several, and how a whole search ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from emdesk.em.engine import Iteration
from emdesk.em.stopping import Foresight, Stop, stop_sentence
from emdesk.em.trace import Trace
from emdesk.model.law import Weakness
from emdesk.texts import say, say_count


@dataclass(eq=False)
class Attempt:
    """One start and what became of it. `kept` is the iteration that stands for it: the last sound one. `climbs_to` is
    there where it came to rest on a saddle: an objective that EM reaches from a small push."""

    index: int
    method: str
    trace: Trace
    stop: Stop | None = None
    kept: int = -1
    weaknesses: tuple[Weakness, ...] = ()
    detail: str = ""
    climbs_to: float | None = None
    _run: Iterator[Iteration] | None = field(default=None, repr=False)
    _weak_since: int | None = None
    _foresight: Foresight | None = None

    @property
    def is_sound(self) -> bool:
        return not self.weaknesses and self.stop not in (Stop.COLLAPSED, Stop.FELL)

    @property
    def objective(self) -> float:
        """The objective of the iteration that stands for it."""
        return self.trace.objectives[self.kept]

    def renumber(self, axis: str, order: NDArray[np.intp]) -> None:
        """Put the groups into another order, in every iteration and in what is said of them."""
        if np.array_equal(order, np.arange(len(order))):
            return
        self.trace.permute(axis, order)
        ranks = np.argsort(order)
        renamed = (replace(w, group=int(ranks[w.group])) for w in self.weaknesses)
        self.weaknesses = tuple(sorted(renamed, key=lambda w: w.group))
        if self.stop is Stop.COLLAPSED:
            self.detail = collapse_sentence(self)

    @property
    def sentence(self) -> str:
        stop = self.stop or Stop.STOPPED
        return stop_sentence(stop, self.trace.last, self.trace.objectives, self.detail)


@dataclass(frozen=True, eq=False)
class Progress:
    """What a search yields: which start has just done which iteration."""

    attempt: Attempt
    iteration: Iteration
    is_short_run: bool


@dataclass(frozen=True, eq=False)
class Outcome:
    """How a search ended: all attempts, the best, and the work that was done."""

    attempts: tuple[Attempt, ...]
    best: Attempt
    seconds: float
    evaluations: float

    @property
    def is_sound(self) -> bool:
        return self.best.is_sound

    @property
    def set_aside(self) -> tuple[Attempt, ...]:
        """The starts that ended in a degenerate component."""
        return tuple(a for a in self.attempts if not a.is_sound)


def best_of(attempts: Sequence[Attempt]) -> Attempt:
    """The highest sound one that ended by itself; where there is none, the highest sound one, or the highest."""
    sound = [a for a in attempts if a.is_sound]
    ended = [a for a in sound if a.stop not in (None, Stop.STOPPED)]
    return max(ended or sound or attempts, key=lambda a: a.objective)


def collapse_sentence(attempt: Attempt) -> str:
    what = attempt.weaknesses[0].sentence
    return say("stop.collapsed", iteration=attempt._weak_since, what=what)


def set_aside_sentence(outcome: Outcome) -> str:
    """`4 starts set aside: a component collapsed`, or nothing."""
    count = sum(a.climbs_to is None for a in outcome.set_aside)
    return say_count("fit.set_aside", count) if count else ""
