"""Many starts, short runs first, the best sound one kept (Biernacki, Celeux and Govaert 2003,
Comput. Statist. Data Anal. 41, 561-575)."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from emdesk.em.control import RunControl
from emdesk.em.engine import Iteration, iterate
from emdesk.em.fit_settings import RANDOM_METHODS, FitSettings
from emdesk.em.reduce import Sweeper
from emdesk.em.stopping import Stop, StopRule, outlook, stop_sentence
from emdesk.em.trace import BUDGET, Trace
from emdesk.errors import Cancelled, ObjectiveFell
from emdesk.model.family import ByMethod, Family, Start
from emdesk.model.law import Weakness
from emdesk.texts import say, say_count

SHORT_RUN_GAIN = 0.01
SHORT_RUN_ITERATIONS = 50
PATIENCE, PATIENCE_SHARE = 100, 3
"""A start below a finished sound one may take this many iterations, or so many times that one's,
before it is given up."""


@dataclass(eq=False)
class Attempt:
    """One start and what became of it. `kept` is the iteration that stands for it: the last sound one."""

    index: int
    method: str
    trace: Trace
    stop: Stop | None = None
    kept: int = -1
    weaknesses: tuple[Weakness, ...] = ()
    detail: str = ""
    _run: Iterator[Iteration] | None = field(default=None, repr=False)
    _weak_since: int | None = None

    @property
    def is_sound(self) -> bool:
        return not self.weaknesses and self.stop not in (Stop.COLLAPSED, Stop.FELL)

    @property
    def objective(self) -> float:
        """The objective of the iteration that stands for it."""
        return self.trace.objectives[self.kept]

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


def starts_of(settings: FitSettings, methods: Sequence[str]) -> list[ByMethod]:
    """The starts that the settings ask for; `mixed` takes the methods of the family in turn, and a method without
    chance in it is one start."""
    if settings.start == "mixed":
        chosen = tuple(m for m in methods if m in RANDOM_METHODS) or methods[:1]
    else:
        chosen = (settings.start if settings.start in methods else methods[0],)
    count = settings.starts if chosen[0] in RANDOM_METHODS else 1
    return [ByMethod(chosen[i % len(chosen)], i) for i in range(count)]


def random_numbers(seed: int, start: int) -> np.random.Generator:
    """The numbers of one start: the same whatever the other starts do."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, start))))


class Search:
    """The search over starts. Walk `run()`; the attempts can be looked at meanwhile."""

    def __init__(
        self,
        family: Family,
        data: Any,
        starts: Sequence[Start],
        settings: FitSettings,
        control: RunControl,
        sweeper: Sweeper,
    ) -> None:
        self.family, self.data, self.settings = family, data, settings
        self.control, self.sweeper = control, sweeper
        self.rule = StopRule.of(settings)
        self.starts = list(starts)
        self.attempts: list[Attempt] = []

    def run(self) -> Generator[Progress, None, Outcome]:
        """Yield every iteration of every start; return the outcome. Cancelled only if there is no iteration yet."""
        begun = time.perf_counter()
        try:
            yield from self._short_runs()
            yield from self._long_runs()
        except Cancelled:
            for attempt in self.attempts:
                if attempt.stop is None:
                    attempt.stop = Stop.STOPPED
        finally:
            for attempt in self.attempts:
                attempt._run = None
        reached = [a for a in self.attempts if len(a.trace)]
        if not reached:
            raise Cancelled(say("fit.nothing_yet"))
        best = self._best(reached)
        for attempt in reached:
            if attempt is not best:
                attempt.trace.drop_all_but_ends()
        self._number_groups(best)
        evaluations = sum(a.trace.evaluations[-1] for a in reached)
        return Outcome(tuple(reached), best, time.perf_counter() - begun, evaluations)

    def _short_runs(self) -> Generator[Progress, None, None]:
        several = len(self.starts) > 1
        for index, start in enumerate(self.starts):
            self.control.checkpoint()
            rng = random_numbers(self.settings.seed, index)
            params = self.family.start(self.data, start, rng)
            method = start.method if isinstance(start, ByMethod) else type(start).__name__
            attempt = Attempt(index, method, Trace(BUDGET // len(self.starts)))
            attempt._run = iterate(self.family, self.data, params, self.control, self.sweeper)
            self.attempts.append(attempt)
            if several:
                yield from self._advance(attempt, is_short_run=True)

    def _long_runs(self) -> Generator[Progress, None, None]:
        waiting = sorted(self.attempts, key=_standing, reverse=True)
        for finished, attempt in enumerate(waiting):
            if finished >= self.settings.finish and any(
                a.is_sound and a.stop is not None for a in self.attempts
            ):
                break
            if attempt.stop is None:
                yield from self._advance(attempt, is_short_run=False)
            if attempt.is_sound:
                thin = self.family.thin_groups(self.data, attempt.trace.last_params)
                if thin:
                    attempt.weaknesses = thin

    def _advance(self, attempt: Attempt, is_short_run: bool) -> Generator[Progress, None, None]:
        """Run one attempt on until its stop, or until its short run has done its work."""
        run, trace = attempt._run, attempt.trace
        assert run is not None
        while attempt.stop is None:
            before = trace.last_params if len(trace) else None
            try:
                iteration = next(run)
            except ObjectiveFell as fall:
                self._end_fallen(attempt, fall)
                return
            trace.record(iteration)
            self._judge(attempt, iteration, before)
            yield Progress(attempt, iteration, is_short_run)
            self.control.iteration_done(is_paced=not is_short_run)
            if is_short_run and _short_run_is_over(trace.objectives):
                return
            if not is_short_run and self._is_beaten(attempt):
                return

    def _end_fallen(self, attempt: Attempt, fall: ObjectiveFell) -> None:
        """A fall while a floor is active is the rounding of a singular matrix: a collapse, not a broken promise."""
        if attempt._weak_since is None:
            attempt.stop, attempt.detail = Stop.FELL, fall.what
            return
        attempt.weaknesses = self.family.weaknesses(self.data, attempt.trace.last_params)
        attempt.stop, attempt.detail = Stop.COLLAPSED, _collapse_sentence(attempt)

    def _is_beaten(self, attempt: Attempt) -> bool:
        """Whether a long run is given up: it has had several times the iterations of a sound start that stands higher,
        and its own estimated limit stays below that one."""
        done = [a for a in self.attempts if a is not attempt and a.stop is not None and a.is_sound]
        if not done:
            return False
        leader = max(done, key=lambda a: a.objective)
        if len(attempt.trace) <= max(PATIENCE, PATIENCE_SHARE * len(leader.trace)):
            return False
        ahead = outlook(attempt.trace.objectives)
        return ahead is not None and ahead.limit < leader.objective

    def _judge(self, attempt: Attempt, iteration: Iteration, before: object) -> None:
        """Decide whether this iteration is sound and whether the attempt stops with it."""
        weak = self.family.weaknesses(self.data, iteration.params)
        if not weak:
            attempt._weak_since = None
            attempt.kept = iteration.index
        elif attempt._weak_since is None:
            attempt._weak_since = iteration.index
            if attempt.kept < 0:
                attempt.kept = iteration.index
        verdict = self.rule.verdict(attempt.trace.objectives, before, iteration.params)
        if weak and (verdict is not None or attempt._weak_since != iteration.index):
            attempt.weaknesses = weak
            attempt.stop = Stop.COLLAPSED
            attempt.detail = _collapse_sentence(attempt)
        else:
            attempt.stop = verdict
        attempt.trace.pin(max(attempt.kept, 0))

    def _best(self, reached: list[Attempt]) -> Attempt:
        sound = [a for a in reached if a.is_sound]
        ended = [a for a in sound if a.stop not in (None, Stop.STOPPED)]
        pool = ended or sound or reached
        best = max(pool, key=lambda a: a.objective)
        if best.stop is None:
            best.stop = Stop.STOPPED
        return best

    def _number_groups(self, best: Attempt) -> None:
        """Number by falling weight, but keep the order of given labels, means or params."""
        if not isinstance(self.starts[best.index], ByMethod):
            return
        params = best.trace.params_at(best.kept, self.family, self.data, self.sweeper)
        order = self.family.order(self.data, params)
        if order is not None and np.any(order != np.arange(len(order))):
            best.trace.permute(self.family.group_axis, order)
            ranks = np.argsort(order)
            renamed = (replace(w, group=int(ranks[w.group])) for w in best.weaknesses)
            best.weaknesses = tuple(sorted(renamed, key=lambda w: w.group))
            if best.stop is Stop.COLLAPSED:
                best.detail = _collapse_sentence(best)


def _collapse_sentence(attempt: Attempt) -> str:
    what = attempt.weaknesses[0].sentence
    return say("stop.collapsed", iteration=attempt._weak_since, what=what)


def _standing(attempt: Attempt) -> tuple[bool, float]:
    if not len(attempt.trace):
        return True, -np.inf
    return attempt.is_sound, attempt.trace.objectives[-1]


def _short_run_is_over(objectives: Sequence[float]) -> bool:
    if len(objectives) > SHORT_RUN_ITERATIONS:
        return True
    if len(objectives) < 3:
        return False
    climbed = objectives[-1] - objectives[0]
    return objectives[-1] - objectives[-2] <= SHORT_RUN_GAIN * climbed


def set_aside_sentence(outcome: Outcome) -> str:
    """`4 starts set aside: a component collapsed`, or nothing."""
    count = len(outcome.set_aside)
    return say_count("fit.set_aside", count) if count else ""
