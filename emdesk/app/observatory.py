"""What the Starts view draws: a curve for every start, and what each is called, from a run or its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from emdesk.app.restart_verdict import verdict_of
from emdesk.app.session import FitResult
from emdesk.app.shown import Live
from emdesk.em.attempts import Attempt
from emdesk.em.stopping import Stop
from emdesk.texts import say

F64 = NDArray[np.float64]
MOST_DRAWN = 200
"""More curves than these are thinned, the lowest first."""


class Fate(StrEnum):
    """What became of a start."""

    BEST = "best"
    SOUND = "sound"
    GIVEN_UP = "given-up"
    ASIDE = "aside"
    RUNNING = "running"


@dataclass(frozen=True, eq=False)
class StartCurve:
    """The objectives (t,) of one start, numbered from 0; -1 where the number is not known (a run under way)."""

    start: int
    objectives: F64
    fate: Fate
    method: str = ""
    verdict: str = ""

    @property
    def end(self) -> float:
        return float(self.objectives[-1])


def curves_of(result: FitResult) -> tuple[StartCurve, ...]:
    """The curves of all starts, the best drawn last; asks for the optima, which may take a while the first time."""
    optima = result.optima()
    made = []
    for attempt in result.outcome.attempts:
        place = optima.place_of(attempt.index)
        fate = _fate(attempt, place, is_best=place == 0 and optima.best is not None)
        if place is not None:
            verdict = verdict_of(optima, optima.found[place])
        else:
            verdict = say(f"starts.plot.{'given_up' if attempt.stop is None else 'not_ended'}")
        objectives = np.array(attempt.trace.objectives)
        made.append(StartCurve(attempt.index, objectives, fate, attempt.method, verdict))
    order = (Fate.GIVEN_UP, Fate.SOUND, Fate.ASIDE, Fate.BEST)
    return tuple(sorted(made, key=lambda curve: order.index(curve.fate)))


def _fate(attempt: Attempt, place: int | None, is_best: bool) -> Fate:
    if not attempt.is_sound:
        return Fate.ASIDE
    if place is None:
        return Fate.SOUND if attempt.stop is Stop.STOPPED else Fate.GIVEN_UP
    return Fate.BEST if is_best else Fate.SOUND


def live_curves(live: Live) -> tuple[StartCurve, ...]:
    """The starts of a run under way, the present one last."""
    others = [
        StartCurve(-1, objectives, Fate.SOUND if sound else Fate.ASIDE)
        for objectives, sound in live.others
        if len(objectives)
    ]
    return (*others, StartCurve(live.attempt, live.objectives, Fate.RUNNING))


def thinned_curves(curves: Sequence[StartCurve], most: int = MOST_DRAWN) -> tuple[StartCurve, ...]:
    """At most so many curves in the same order: the highest sound ones first, then those set aside."""
    if len(curves) <= most:
        return tuple(curves)
    ranked = sorted(
        curves,
        key=lambda c: (
            c.fate not in (Fate.BEST, Fate.RUNNING),
            c.fate is not Fate.SOUND,
            -c.end,
        ),
    )
    kept = {id(curve) for curve in ranked[:most]}
    return tuple(curve for curve in curves if id(curve) in kept)


def ends(curves: Sequence[StartCurve]) -> dict[Fate, F64]:
    """(m,) the last objectives of the starts by what became of them; given up ones ended nowhere."""
    return {
        fate: np.array([c.end for c in curves if c.fate is fate])
        for fate in (Fate.SOUND, Fate.BEST, Fate.ASIDE)
    }


def window_of(curves: Sequence[StartCurve]) -> tuple[float, float, float]:
    """What is worth seeing: the last iteration, the lowest and the highest objective. Sound starts decide; one very
    long run does not make the others narrow, and steep beginnings do not make the ends flat."""
    sound = [c for c in curves if c.fate is not Fate.ASIDE] or list(curves)
    if not sound:
        return 1.0, -1.0, 1.0
    ended = [c for c in sound if c.fate is not Fate.GIVEN_UP] or sound
    lengths = np.array([len(c.objectives) - 1 for c in ended], dtype=np.float64)
    right = min(lengths.max(), max(2.5 * np.median(lengths), 1.25 * np.quantile(lengths, 0.9)))
    finals = np.array([c.end for c in ended])
    values = np.concatenate([c.objectives[:: max(1, len(c.objectives) // 50)] for c in sound])
    values = values[np.isfinite(values)]
    high = float(finals.max())
    low = float(finals.min())
    if len(values):
        rise = float(np.quantile(values, 0.2))
        # the rise may take as much room again as the ends, and most of it where the ends are one
        spread = high - low
        low = min(low, max(rise, low - spread)) if spread > 1e-6 * max(1.0, abs(high)) else rise
    low = min(low, high - 1e-6 * max(1.0, abs(high)))
    return max(1.0, float(right)), low, high
