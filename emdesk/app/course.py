"""How the fit went, or goes: objectives, gains, the limit ahead, and the verdict in one line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emdesk.app.feed import MOST_OTHERS
from emdesk.app.session import FitResult
from emdesk.app.state import AppState
from emdesk.em.stopping import Outlook, Stop, outlook
from emdesk.texts import say
from emdesk.texts.numbers import short, whole

F64 = NDArray[np.float64]


class Standing(StrEnum):
    """What can be said of a fit in a word."""

    NOTHING = "nothing"
    RISING = "rising"
    CONVERGED = "converged"
    LIMIT_REACHED = "limit"
    STOPPED = "stopped"
    COLLAPSED = "collapsed"
    FELL = "fell"


@dataclass(frozen=True, eq=False)
class Course:
    """Objectives and gains (t,) of the start that is shown; `gains[0]` is not a number."""

    objectives: F64
    gains: F64
    ahead: Outlook | None
    is_final: bool
    others: tuple[tuple[F64, bool], ...] = ()

    @property
    def limit(self) -> float | None:
        """The objective that is aimed at, where Aitken's estimate has one."""
        if self.ahead is None or not math.isfinite(self.ahead.limit):
            return None
        return self.ahead.limit


def course_of(state: AppState) -> Course | None:
    """The course of what the state shows; None before the first iteration."""
    others: tuple[tuple[F64, bool], ...] = ()
    # Aitken's estimate supposes that every iteration is one EM step
    if state.result is not None and not state.is_busy:
        objectives, others = _of_outcome(state.result)
        is_plain = state.result.trace.is_plain and not state.result.keeps_best
    elif state.live is not None:
        objectives, others = state.live.objectives, state.live.others
        spec = state.ran.spec if state.ran is not None else None
        is_plain = spec is None or (spec.fit.accelerate == "none" and not _draws(state))
    else:
        return None
    ahead = outlook(objectives[-3:].tolist()) if is_plain else None
    gains = np.empty_like(objectives)
    gains[:1] = np.nan
    np.subtract(objectives[1:], objectives[:-1], out=gains[1:])
    return Course(objectives, gains, ahead, not state.is_busy, others)


@lru_cache(maxsize=2)
def _of_outcome(result: FitResult) -> tuple[F64, tuple[tuple[F64, bool], ...]]:
    """The objectives of the best start, and those of the others with whether each is sound."""
    others = [a for a in result.outcome.attempts if a is not result.best][:MOST_OTHERS]
    return np.array(result.trace.objectives), tuple(
        (np.array(a.trace.objectives), a.is_sound) for a in others
    )


def verdict(state: AppState, course: Course | None) -> tuple[Standing, str]:
    """The standing and its sentence, with number, definition and doubt."""
    if course is None:
        return Standing.NOTHING, ""
    if state.result is not None and not state.is_busy:
        return _of_result(state), state.result.stop_sentence
    if state.live is not None and state.live.is_short_run:
        return Standing.RISING, say(
            "verdict.short_run",
            start=whole(state.live.attempt + 1),
            starts=whole(state.live.attempts),
        )
    if _draws(state):
        return Standing.RISING, say("verdict.no_promise")
    ahead = course.ahead
    if ahead is None or not math.isfinite(ahead.remaining):
        return Standing.RISING, say("verdict.rising")
    tolerance = state.ran.spec.fit.tolerance if state.ran and state.ran.spec else 0.0
    size = max(1.0, abs(float(course.objectives[-1])))
    left = ahead.iterations_until(10 * tolerance * size)
    if not math.isfinite(left) or left < 1:
        return Standing.RISING, say("verdict.about", remaining=short(ahead.remaining))
    return Standing.RISING, say(
        "verdict.about_iterations", remaining=short(ahead.remaining), iterations=whole(left)
    )


def _of_result(state: AppState) -> Standing:
    result = state.result
    assert result is not None
    if not result.is_sound:
        return Standing.FELL if result.stop is Stop.FELL else Standing.COLLAPSED
    if result.is_kept_by_hand or result.is_start_by_hand or result.stop is Stop.STOPPED:
        return Standing.STOPPED
    if result.keeps_best:  # neither a limit that was missed nor a rest that can be sure
        return Standing.STOPPED
    return Standing.LIMIT_REACHED if result.stop is Stop.LIMIT else Standing.CONVERGED


def _draws(state: AppState) -> bool:
    """Whether the run draws the groups of rows, so that its iterations promise nothing."""
    spec = state.ran.spec if state.ran is not None else None
    return spec is not None and spec.values().get("assignment") == "stochastic"
