"""When a fit ends and why: the stop rule, Aitken's estimate of the limit, and the words for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from emdesk.em.fit_settings import FitSettings
from emdesk.model.params import largest_change
from emdesk.texts import say
from emdesk.texts.numbers import short, whole

ROUNDING = 1e-10
"""Changes below ROUNDING * max(1, |objective|) are rounding, not a fall."""
_NOISE = 1e-14


class Stop(StrEnum):
    """Why a fit ended: a fixed word each, which scripts may test."""

    CONVERGED = "converged"
    LIMIT = "limit"
    STOPPED = "stopped"
    COLLAPSED = "collapsed"
    FELL = "fell"


@dataclass(frozen=True)
class Outlook:
    """Aitken's view ahead: the estimated limit, what remains to it, and the iterations until `within` of it."""

    limit: float
    remaining: float
    rate: float

    def iterations_until(self, within: float) -> float:
        """How many more iterations until the remaining gain is below `within`."""
        if self.remaining <= within:
            return 0.0
        if not 0 < self.rate < 1 or within <= 0:
            return math.inf
        return math.ceil(math.log(within / self.remaining) / math.log(self.rate))


def outlook(objectives: Sequence[float]) -> Outlook | None:
    """Aitken's estimate from the last three objectives (Boehning et al. 1994, Ann. Inst. Stat. Math. 46, 373-388).

    The rate c is the ratio of the last two gains and the remaining gain is gain * c / (1 - c). None with fewer than
    three values; an infinite remainder while gains still grow.
    """
    if len(objectives) < 3:
        return None
    first, middle, last = objectives[-3], objectives[-2], objectives[-1]
    gain, before = last - middle, middle - first
    noise = _NOISE * max(1.0, abs(last))
    if abs(gain) <= noise:
        return Outlook(last, 0.0, 0.0)
    rate = gain / before if before > 0 else math.inf
    if gain < 0 or not 0 <= rate < 1:
        return Outlook(math.inf, math.inf, rate)
    remaining = gain * rate / (1 - rate)
    return Outlook(last + remaining, remaining, rate)


@dataclass(frozen=True)
class Foresight:
    """What an iteration of an accelerated run knows: the gain of its last EM step alone, and the ratio of the gains of
    successive EM steps (the square of the fraction of missing information) along the way it leapt, None where no
    leap was measured.

    Aitken's estimate supposes that the same map is taken again and again, so it is void for the objectives themselves.
    """

    own_gain: float
    rate: float | None

    @property
    def remaining(self) -> float:
        """What EM alone would still gain from here on, infinite where that is not known."""
        if self.rate is None or not self.rate < 1:
            return math.inf
        return abs(self.own_gain) * self.rate / (1 - self.rate)


@dataclass(frozen=True)
class StopRule:
    """The rule of the settings; `verdict` is asked after every iteration."""

    rule: str
    tolerance: float
    max_iterations: int

    @classmethod
    def of(cls, settings: FitSettings) -> StopRule:
        return cls(settings.stop_rule, settings.tolerance, settings.max_iterations)

    def verdict(
        self,
        objectives: Sequence[float],
        before: object,
        now: object,
        foresight: Foresight | None = None,
    ) -> Stop | None:
        """Why to stop after the last of `objectives`, the params before and now; None to go on."""
        done = len(objectives) - 1
        if self.tolerance > 0 and done >= 1 and self._settled(objectives, before, now, foresight):
            return Stop.CONVERGED
        return Stop.LIMIT if done >= self.max_iterations else None

    def _settled(
        self,
        objectives: Sequence[float],
        before: object,
        now: object,
        foresight: Foresight | None,
    ) -> bool:
        gain = objectives[-1] - objectives[-2]
        if self.rule == "parameters":
            return largest_change(before, now) < self.tolerance
        own_gain = gain if foresight is None else foresight.own_gain
        largest = max(abs(gain), abs(own_gain))
        if self.rule == "absolute":
            return largest < self.tolerance
        size = max(1.0, abs(objectives[-1]))
        if largest <= _NOISE * size:
            return True
        if largest >= self.tolerance * size:
            return False
        if foresight is not None:
            return foresight.remaining < self.tolerance * size
        ahead = outlook(objectives)
        return ahead is not None and ahead.remaining < 10 * self.tolerance * size


def stop_sentence(
    stop: Stop,
    iterations: int,
    objectives: Sequence[float],
    detail: str = "",
) -> str:
    """The sentence for a stop: number, definition and doubt. `detail` is a finished one, which says more."""
    if detail:
        return detail
    ahead = outlook(objectives)
    if stop is Stop.CONVERGED:
        if ahead is None or not math.isfinite(ahead.remaining):
            return say("stop.converged", iterations=whole(iterations))
        if ahead.remaining <= _NOISE * max(1.0, abs(objectives[-1])):
            return say("stop.converged_rounding", iterations=whole(iterations))
        return say(
            "stop.converged_within", iterations=whole(iterations), remaining=short(ahead.remaining)
        )
    if stop is Stop.LIMIT:
        if ahead is None or not math.isfinite(ahead.remaining):
            return say("stop.limit", iterations=whole(iterations))
        return say(
            "stop.limit_about", iterations=whole(iterations), remaining=short(ahead.remaining)
        )
    if stop is Stop.STOPPED:
        return say("stop.stopped", iterations=whole(iterations))
    return say(f"stop.{stop.value}", iterations=whole(iterations))


def accelerated_sentence(
    stop: Stop, iterations: int, objective: float, foresight: Foresight
) -> str:
    """The sentence for the end of an accelerated run, which claims what was measured and no limit ahead."""
    if stop is not Stop.CONVERGED:
        return say(f"stop.{stop.value}", iterations=whole(iterations))
    if abs(foresight.own_gain) <= _NOISE * max(1.0, abs(objective)):
        return say("stop.converged_leaping_rounding", iterations=whole(iterations))
    return say(
        "stop.converged_leaping", iterations=whole(iterations), gain=short(foresight.own_gain)
    )


def finished_sentence(
    before: str, iterations: int, method: str, move: float, is_at_rest: bool
) -> str:
    """The sentence after a finish by `method`; `before` is the one of EM itself."""
    if is_at_rest:
        return say("stop.finished", iterations=whole(iterations), method=method, move=short(move))
    return say("stop.not_at_rest", sentence=before, method=method, move=short(move))
