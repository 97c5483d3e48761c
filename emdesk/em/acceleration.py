"""EM made faster by extrapolation: SQUAREM and damped Anderson acceleration (DAAREM).

Both look at how far EM steps shrink and leap towards where they lead, in the unconstrained vector of the parameters.
A leap is followed by an EM step, which brings it back to what the settings tie together (a covariance structure,
floors, held values), and counts only if the objective there is not lower; else the plain EM step is taken. So every
iteration climbs, and the end is an end of EM.

Sources
    Varadhan and Roland (2008), Scand. J. Statist. 35, 335-353: SQUAREM, its third steplength S3.
    Henderson and Varadhan (2019), J. Comput. Graph. Statist. 28, 834-846: DAAREM (damping, restarts, monotonicity).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.engine import EmMap, Plain, Point, Scheme, Step
from emdesk.em.stopping import Foresight
from emdesk.errors import FitFailure
from emdesk.model.params import Domain, Parameter, from_vector, rebuild, to_vector, walk

F64 = NDArray[np.float64]

WARM_UP = 3
"""So many iterations are plain: EM moves far in its first steps, and they decide whose hill it climbs."""
LONGEST_LEAP = 3.0
"""No coordinate (logarithms, logits, standardised values) leaps further than this: a share that shrinks to 0 has its
logarithm run to minus infinity at a steady pace, and a leap would get there at once."""
_RECOVERIES = 2
_TELLING = 4
"""A leap from fewer points than this says nothing of what is left."""


def scheme_of(accelerate: str) -> Scheme:
    """A scheme by the value of the setting, with nothing remembered."""
    if accelerate == "squarem":
        return Squarem()
    return Anderson() if accelerate == "anderson" else Plain()


class Squarem:
    """SQUAREM: two EM steps r and r + v apart say where EM leads; leap to x + 2 a r + a^2 v with a = |r| / |v|, take an
    EM step there. Three sweeps, nothing remembered. A leap that lands low may recover by two more EM steps."""

    period = 1

    def step(self, em: EmMap, here: Point, index: int) -> Step:
        """One leap from `here`, or two EM steps where it does not pay."""
        first = em.climb(here, index)
        if index <= WARM_UP:
            own_gain = first.point.objective - here.objective
            return replace(first, foresight=Foresight(own_gain, None))
        second = em.after(first.point)
        leap = _squared_leap(here.params, first.point.params, second)
        if leap is not None and leap.reach > 1:
            landed = land(em, leap.target, first.point.params, second)
            for _ in range(_RECOVERIES):
                if landed is None or landed.end.objective >= first.point.objective:
                    break
                landed = landed.one_more(em)
            if landed is not None and landed.end.objective >= first.point.objective:
                return Step(landed.end, first.halvings, leap.foresight(landed.own_gain))
        plain = em.climb(first.point, index, second)
        own_gain = plain.point.objective - first.point.objective
        foresight = Foresight(own_gain, None) if leap is None else leap.foresight(own_gain)
        return Step(plain.point, first.halvings + plain.halvings, foresight)


@dataclass
class Anderson:
    """DAAREM: of the last points x and their EM images, the combination whose EM step would be the shortest is where
    the leap goes; damping keeps it short at first and after a leap that fails, and then plain steps are taken, twice as
    many after each failure in a row. Two sweeps where a leap is good, one where none is tried.

    The memory begins anew every `period` iterations. The damping follows the number of the iteration, so that it
    needs no memory beyond that: the published scheme counts the leaps that were good.
    """

    period: int = 16
    order: int = 5
    damping: float = 1.2
    half_damped: int = 10
    _points: list[F64] = field(default_factory=list)
    _images: list[F64] = field(default_factory=list)
    _trust: int = 0
    _failures: int = 0
    _wait: int = 0
    _reach: float = 1.0

    def step(self, em: EmMap, here: Point, index: int) -> Step:
        """One leap from `here`, or one EM step where memory is short, a leap is not due, or it does not pay."""
        if (index - 1) % self.period == 0:
            self._forget(index - 1)
        after = em.after(here)
        leap = self._leap(here.params, after) if self._remember(here.params, after) else None
        if leap is None or index <= WARM_UP or self._wait > 0:
            self._wait = max(0, self._wait - 1)
            plain = em.climb(here, index, after)
            return replace(plain, foresight=Foresight(plain.point.objective - here.objective, None))
        landed = land(em, leap.target, here.params, after, lowest=here.objective)
        if landed is not None and landed.end.objective >= here.objective:
            self._remember(landed.begin.params, landed.end.params)
            self._trust += 1
            self._failures = 0
            return Step(landed.end, 0, leap.foresight(landed.own_gain))
        self._points, self._images = self._points[-1:], self._images[-1:]
        self._trust -= self.order
        self._failures += 1
        self._wait = 2**self._failures - 1
        plain = em.climb(here, index, after)
        return replace(plain, foresight=leap.foresight(plain.point.objective - here.objective))

    def _forget(self, index: int) -> None:
        self._points, self._images = [], []
        self._trust, self._failures, self._wait, self._reach = index, 0, 0, 1.0

    def _remember(self, params: Any, image: Any) -> bool:
        """Keep a point and its EM image; whether there are enough of them to leap."""
        try:
            point, mapped = to_vector(params), to_vector(image)
        except np.linalg.LinAlgError:
            self._points, self._images = [], []
            return False
        most = min(self.order, len(point)) + 1
        self._points = [*self._points, point][-most:]
        self._images = [*self._images, mapped][-most:]
        return len(self._points) > 1

    def _leap(self, params: Any, after: Any) -> Leap | None:
        """The damped least-squares combination (Henderson and Varadhan 2019, section 3)."""
        points, images = np.array(self._points), np.array(self._images)
        weights = importance(params, points.shape[1])
        residuals = weights * (images - points)
        latest = residuals[-1]
        length = float(np.linalg.norm(latest))
        changes = np.diff(residuals, axis=0).T
        if not length > 0 or not np.all(np.isfinite(changes)):
            return None
        left, sizes, right = np.linalg.svd(changes, full_matrices=False)
        wanted = sizes > 1e-8 * sizes[0]
        if not wanted.any():
            return None
        left, sizes, right = left[:, wanted], sizes[wanted], right[wanted]
        along = left.T @ latest
        share = 1 / (1 + self.damping ** min(self.half_damped - self._trust, 500))
        ridge = _ridge(sizes, along, share)
        mix = right.T @ (sizes * along / (sizes**2 + ridge))
        target = images[-1] - bounded(np.diff(images, axis=0).T @ mix)
        reach = float(np.linalg.norm(weights * (target - points[-1]))) / length
        if len(points) < _TELLING:
            return Leap(target, math.inf)
        # what is left is judged by the longest leap since memory began: short ones follow when most of the way is done
        self._reach = max(self._reach, reach)
        return Leap(target, self._reach)


def _ridge(sizes: F64, along: F64, share: float) -> float:
    """The ridge at which the squared length of the least-squares coefficients falls to `share` of its full value."""
    full = float(np.sum((along / sizes) ** 2))
    low, high = 1e-16 * float(sizes[-1]) ** 2, 1e16 * float(sizes[0]) ** 2
    for _ in range(60):
        middle = math.sqrt(low * high)
        if float(np.sum((sizes * along / (sizes**2 + middle)) ** 2)) > share * full:
            low = middle
        else:
            high = middle
    return low


@dataclass(frozen=True, eq=False)
class Leap:
    """Where to leap, in the unconstrained vector, and its `reach`: how many times longer than one EM step the way to
    the end is, infinite where that is not known."""

    target: F64
    reach: float

    def foresight(self, own_gain: float) -> Foresight:
        """Steps that shrink by l add up to 1 / (1 - l) times the first, so that the reach tells l, and gains shrink by
        its square."""
        return Foresight(own_gain, (1 - 1 / max(self.reach, 1.0)) ** 2)


def _squared_leap(start: Any, first: Any, second: Any) -> Leap | None:
    """The S3 leap of SQUAREM from three points of EM; None where no parameter moves or none can be told apart."""
    try:
        x, y, z = (to_vector(params) for params in (start, first, second))
    except np.linalg.LinAlgError:
        return None
    step, bend = y - x, (z - y) - (y - x)
    weights = importance(start, len(x))
    length, bending = (float(np.linalg.norm(weights * v)) for v in (step, bend))
    if not length > 0 or not math.isfinite(bending) or bending <= 1e-12 * length:
        return None
    reach = length / bending
    return Leap(z + bounded(x + 2 * reach * step + reach**2 * bend - z), reach)


def bounded(leap: F64) -> F64:
    """The leap with each coordinate cut to LONGEST_LEAP."""
    return np.clip(leap, -LONGEST_LEAP, LONGEST_LEAP)


@dataclass(frozen=True, eq=False)
class Landing:
    """A leap that has landed: the last EM step after it, from `begin` to `end`."""

    begin: Point
    end: Point

    @property
    def own_gain(self) -> float:
        return self.end.objective - self.begin.objective

    def one_more(self, em: EmMap) -> Landing | None:
        """The EM step after this one; None where it cannot be taken."""
        return _safely(lambda: Landing(self.end, em.at(em.after(self.end))))


def land(
    em: EmMap, target: F64, before: Any, after: Any, lowest: float = -math.inf
) -> Landing | None:
    """Sweep where a leap leads and take an EM step there. None where that is no place for the model, is lower than
    `lowest` before the EM step, or ends in a degenerate group: EM alone may come there, but no leap."""

    def attempt() -> Landing | None:
        begin = em.at(_unmoved_stay(from_vector(target, after), before, after))
        if not (math.isfinite(begin.objective) and begin.objective >= lowest):
            return None
        end = em.at(em.after(begin))
        is_sound = math.isfinite(end.objective) and not em.weaknesses(end.params)
        return Landing(begin, end) if is_sound else None

    return _safely(attempt) if np.all(np.isfinite(target)) else None


def _safely(attempt: Any) -> Landing | None:
    """What is tried may lie where a law has no density or a matrix is singular: then it is not taken."""
    try:
        with np.errstate(all="ignore"):
            landed: Landing | None = attempt()
    except (ArithmeticError, ValueError, FitFailure):
        return None
    return landed


def _unmoved_stay(made: Any, before: Any, after: Any) -> Any:
    """`made` with every number that EM leaves as it is (held values, equal weights, impossible categories) as it was,
    to the last bit."""
    pairs = iter(zip(walk(before), walk(after), strict=True))

    def keep(parameter: Parameter, value: F64) -> F64:
        (_, old), (_, new) = next(pairs)
        same = old == new
        if parameter.domain is Domain.SIMPLEX:
            same = same.all(axis=-1, keepdims=True) | (same & (new == 0))
        elif parameter.domain is Domain.SPD:
            same = same.all(axis=(-2, -1), keepdims=True)
        return np.where(same, new, value)

    return rebuild(made, keep)


def importance(params: Any, size: int) -> F64:
    """How much each coordinate counts when steps are measured: logarithms of shares and logits by the square root of
    what they tell (their Fisher information), so that a share on its way to 0 does not outweigh all others."""
    pieces = []
    for parameter, value in walk(params):
        if parameter.domain is Domain.SIMPLEX:
            pieces.append(np.sqrt(value).ravel())
        elif parameter.domain is Domain.UNIT:
            pieces.append(np.sqrt(value * (1 - value)).ravel())
        elif parameter.domain is Domain.SPD:
            side = value.shape[-1]
            pieces.append(np.ones(value.size // side**2 * (side * (side + 1) // 2)))
        else:
            pieces.append(np.ones(value.size))
    weights = np.concatenate(pieces)
    return weights if len(weights) == size else np.ones(size)
