"""Many starts, short runs first, the best sound one kept (Biernacki, Celeux and Govaert 2003,
Comput. Statist. Data Anal. 41, 561-575)."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np

from emdesk.em.acceleration import scheme_of
from emdesk.em.attempts import Attempt, Outcome, Progress, best_of, collapse_sentence
from emdesk.em.control import RunControl
from emdesk.em.engine import EmMap, Iteration, iterate
from emdesk.em.finishing import Finish, finish
from emdesk.em.fit_settings import RANDOM_METHODS, FitSettings
from emdesk.em.reduce import Sweeper
from emdesk.em.saddle import climbs_away, has_twins
from emdesk.em.stopping import (
    Stop,
    StopRule,
    accelerated_sentence,
    finished_sentence,
    outlook,
    stop_sentence,
)
from emdesk.em.trace import BUDGET, Trace
from emdesk.errors import Cancelled, ObjectiveFell
from emdesk.model.family import ByMethod, Family, Start
from emdesk.model.law import Ascent, Weakness
from emdesk.texts import declare, say
from emdesk.texts.numbers import criterion, whole

SHORT_RUN_GAIN = 0.01
SHORT_RUN_ITERATIONS = 50
PATIENCE, PATIENCE_SHARE = 100, 3
"""A start below a finished sound one may take this many iterations, or so many times that one's,
before it is given up."""
MOST_SADDLES, LEVEL = 3, 1e-7
STANDING = 20
QUICK = 40
PUSHED = "pushed"
"""The method of a start that goes on from a push off a saddle."""
TEXTS = {"search.saddle": "it came to rest on a saddle, from which a small push climbs"}
declare(TEXTS)


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
        self._pushing = 0.0
        # where steps promise nothing, the best iteration stands for a start (with ordered subsets, the last)
        promises = family.ascent(data) is not Ascent.NONE
        self._keeps_best = not promises and len(family.schedule(data)) == 1

    def run(self) -> Generator[Progress, None, Outcome]:
        """Yield every iteration of every start; return the outcome. Cancelled only if there is no iteration yet."""
        begun = time.perf_counter()
        try:
            yield from self._short_runs()
            yield from self._long_runs()
            yield from self._leave_saddles()
            yield from self._finish()
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
        best = best_of(reached)
        if best.stop is None:
            best.stop = Stop.STOPPED
        for attempt in reached:
            if attempt is not best:
                attempt.trace.drop_all_but_ends()
        self._number_groups(best)
        evaluations = self._pushing + sum(a.trace.evaluations[-1] for a in reached)
        return Outcome(tuple(reached), best, time.perf_counter() - begun, evaluations)

    def _short_runs(self) -> Generator[Progress, None, None]:
        several = len(self.starts) > 1
        for index, start in enumerate(self.starts):
            self.control.checkpoint()
            rng = random_numbers(self.settings.seed, index)
            params = self.family.start(self.data, start, rng)
            method = start.method if isinstance(start, ByMethod) else type(start).__name__
            attempt = self._attempt(method, params)
            if several:
                yield from self._advance(attempt, is_short_run=True)

    def _attempt(self, method: str, params: Any) -> Attempt:
        """One more start, at these params."""
        index = len(self.attempts)
        seeds = (self.settings.seed, index)
        trace = Trace(BUDGET // len(self.starts), self.settings.accelerate, seeds)
        attempt = Attempt(index, method, trace)
        attempt._run = iterate(
            self.family,
            self.data,
            params,
            self.control,
            self.sweeper,
            scheme=scheme_of(self.settings.accelerate),
            seeds=seeds,
        )
        self.attempts.append(attempt)
        return attempt

    def _leave_saddles(self) -> Generator[Progress, None, None]:
        """Push the best start a little off where it came to rest. If that climbs away, a start by a method goes on from
        there as one more start; one that was given stays, and says so."""
        for _ in range(MOST_SADDLES):
            best = best_of([a for a in self.attempts if len(a.trace)])
            em = EmMap(self.family, self.data, self.control, self.sweeper)
            if not best.is_sound or best.stop is not Stop.CONVERGED or not em.is_certain_to_climb:
                return
            if best.trace.evaluations[-1] > QUICK and not has_twins(
                best.trace.last_params, self.family.group_axis
            ):
                return  # a symmetry that EM cannot leave brings it to rest at once
            sweeps = sum(a.trace.evaluations[-1] for a in self.attempts if len(a.trace))
            found = climbs_away(em, best.trace.last_params, best.objective, sweeps)
            self._pushing += em.evaluations
            if found is None:
                return
            start = self.starts[best.index]
            goes_on = isinstance(start, ByMethod)
            for attempt in self.attempts:
                if attempt is best or _is_level(attempt, best):
                    _say_saddle(attempt, found.objective, goes_on)
            if not goes_on:
                return
            self.starts.append(start)
            yield from self._advance(self._attempt(PUSHED, found.params), is_short_run=False)

    def _long_runs(self) -> Generator[Progress, None, None]:
        waiting = sorted(self.attempts, key=_standing, reverse=True)
        for finished, attempt in enumerate(waiting):
            is_enough = finished >= self.settings.finish and any(
                a.is_sound and a.stop is not None for a in self.attempts
            )
            if attempt.stop is None and is_enough:
                continue  # given up; those whose short run was long enough are judged like the others
            if attempt.stop is None:
                yield from self._advance(attempt, is_short_run=False)
            if attempt.is_sound:
                stands = attempt.trace.params_if_kept(attempt.kept)
                thin = self.family.thin_groups(self.data, stands or attempt.trace.last_params)
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
        attempt.stop, attempt.detail = Stop.COLLAPSED, collapse_sentence(attempt)

    def _is_beaten(self, attempt: Attempt) -> bool:
        """Whether a long run is given up: it has had several times the iterations of a sound start that stands higher,
        and its own estimated limit stays below that one. Where every start is to be run to its end, none is."""
        if self.settings.finish >= len(self.starts):
            return False
        done = [a for a in self.attempts if a is not attempt and a.stop is not None and a.is_sound]
        if not done:
            return False
        leader = max(done, key=lambda a: a.objective)
        if len(attempt.trace) <= max(PATIENCE, PATIENCE_SHARE * len(leader.trace)):
            return False
        if attempt._foresight is not None:
            return attempt.objective + attempt._foresight.remaining < leader.objective
        ahead = outlook(attempt.trace.objectives)
        return ahead is not None and ahead.limit < leader.objective

    def _judge(self, attempt: Attempt, iteration: Iteration, before: object) -> None:
        """Decide whether this iteration is sound and whether the attempt stops with it."""
        weak = self.family.weaknesses(self.data, iteration.params)
        if not weak:
            attempt._weak_since = None
            if not self._keeps_best or iteration.objective >= attempt.objective:
                attempt.kept = iteration.index
        elif attempt._weak_since is None:
            attempt._weak_since = iteration.index
            if attempt.kept < 0:
                attempt.kept = iteration.index
        attempt._foresight = iteration.foresight
        verdict = self.rule.verdict(
            attempt.trace.objectives, before, iteration.params, iteration.foresight
        )
        if verdict is Stop.CONVERGED and self._keeps_best and not _stands(attempt.trace.objectives):
            verdict = None  # a small step of a walk by chance is no rest
        is_lost = weak and (verdict is not None or attempt._weak_since != iteration.index)
        if is_lost and self._keeps_best and 0 < attempt.kept != attempt._weak_since:
            # a walk by chance may lose a group at any time: its best iteration before that stands
            attempt.stop = Stop.LIMIT
            lost = weak[0].sentence
            attempt.detail = say("stop.lost", iteration=attempt._weak_since, what=lost)
        elif is_lost:
            attempt.weaknesses = weak
            attempt.stop = Stop.COLLAPSED
            attempt.detail = collapse_sentence(attempt)
        else:
            attempt.stop = verdict
            if verdict is not None and iteration.index > 0:
                attempt.detail = self._end_sentence(attempt, verdict)
        attempt.trace.pin(max(attempt.kept, 0))

    def _end_sentence(self, attempt: Attempt, stop: Stop) -> str:
        """What an accelerated run says at its end; empty for plain EM, whose sentence follows from its objectives."""
        if self.settings.accelerate == "none":
            return ""
        trace = attempt.trace
        if attempt._foresight is None:
            plain = stop_sentence(stop, trace.last, trace.objectives)
            return say("stop.plain_alone", sentence=plain)
        return accelerated_sentence(stop, trace.last, trace.objectives[-1], attempt._foresight)

    def _finish(self) -> Generator[Progress, None, None]:
        """Take the best start, where EM came to its end, on to rest by Newton or quasi-Newton: one last iteration."""
        method = self.settings.finish_with
        best = best_of([a for a in self.attempts if len(a.trace)])
        if method == "none" or not best.is_sound or best.stop not in (Stop.CONVERGED, Stop.LIMIT):
            return
        em = EmMap(self.family, self.data, self.control, self.sweeper)
        if not em.is_certain_to_climb:
            best.detail = say("stop.plain_alone", sentence=best.sentence)
            return
        begun = time.perf_counter()
        found = finish(em, best.trace.last_params, method)
        if self.family.weaknesses(self.data, found.point.params):
            best.trace.evaluations[-1] += em.evaluations
            best.detail = say(
                "stop.finish_weak", sentence=best.sentence, method=say(f"finish.{method}")
            )
            return
        yield self._take_finish(best, found, em.evaluations, time.perf_counter() - begun)

    def _take_finish(
        self, best: Attempt, found: Finish, evaluations: float, seconds: float
    ) -> Progress:
        trace, point = best.trace, found.point
        last = Iteration(
            trace.last + 1,
            point.params,
            point.log_likelihood,
            point.objective,
            trace.evaluations[-1] + evaluations,
            0,
            trace.seconds[-1] + seconds,
        )
        before = best.sentence
        trace.finish_with(last)
        best.kept = last.index
        if found.is_at_rest:
            best.stop = Stop.CONVERGED
        method = say(f"finish.{self.settings.finish_with}")
        best.detail = finished_sentence(before, trace.last, method, found.move, found.is_at_rest)
        return Progress(best, last, is_short_run=False)

    def _number_groups(self, best: Attempt) -> None:
        """Number by falling weight, but keep the order of given labels, means or params."""
        if not isinstance(self.starts[best.index], ByMethod):
            return
        params = best.trace.params_at(best.kept, self.family, self.data, self.sweeper)
        order = self.family.order(self.data, params)
        if order is not None:
            best.renumber(self.family.group_axis, order)


def _stands(objectives: Sequence[float]) -> bool:
    """Whether the last iterations are all the same."""
    last = objectives[-STANDING:]
    return len(last) == STANDING and max(last) - min(last) <= 1e-10 * max(1.0, abs(last[-1]))


def _is_level(attempt: Attempt, best: Attempt) -> bool:
    """Whether another start came to rest at the same height."""
    if attempt.stop is not Stop.CONVERGED or not attempt.is_sound:
        return False
    size = max(1.0, abs(best.objective))
    return abs(attempt.objective - best.objective) <= LEVEL * size


def _say_saddle(attempt: Attempt, above: float, goes_on: bool) -> None:
    attempt.climbs_to = above
    rest, objective = whole(attempt.trace.last), criterion(above)
    attempt.detail = say("stop.saddle", iterations=rest, objective=objective)
    if goes_on:
        attempt.weaknesses = (Weakness(0, "saddle", TEXTS["search.saddle"]),)


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
