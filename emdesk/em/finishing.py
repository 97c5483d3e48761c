"""EM finished by Newton or quasi-Newton: the last part of a slow way in a few long steps.

EM ends where its map leaves the parameters as they are, x = M(x). Both solve that equation in the unconstrained vector
of the parameters, x + (I - J)^-1 (M(x) - x) with J the derivative of M. Near the end M(x) - x is the gradient of the
objective in the metric of the complete data, so that this is Newton's step on the objective; and because M keeps
what the settings tie together, so does the step. Newton takes J from differences, one sweep for each parameter;
quasi-Newton builds (I - J)^-1 up from the steps it takes.

Sources
    Meilijson (1989), J. R. Statist. Soc. B 51, 127-138 (Newton with the score that EM gives).
    Jamshidian and Jennrich (1997), J. R. Statist. Soc. B 59, 569-587, algorithm QN1 (Broyden's update).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.acceleration import bounded, importance, land
from emdesk.em.engine import EmMap, Point
from emdesk.model.params import from_vector, largest_change, to_vector

F64 = NDArray[np.float64]

MOST_NEWTON_STEPS, MOST_QUASI_NEWTON_STEPS = 20, 200
_HALVINGS = 6
_DIFFERENCE = 1e-5
_AT_REST = 1e-7
"""One more EM step that moves no parameter by more than this, in its own scale, is none."""
_FAR_ENOUGH = 1e-11
_EDGE = 1e-3
_EM_STEPS = 5
_NO_GAIN, _MOST_WITHOUT_GAIN = 1e-14, 3


@dataclass(frozen=True, eq=False)
class Finish:
    """Where the finish led, and the largest move, in the scale of each parameter, that one more EM step would make."""

    point: Point
    move: float

    @property
    def is_at_rest(self) -> bool:
        return self.move < _AT_REST


def finish(em: EmMap, start: Any, method: str) -> Finish:
    """From the params where EM ended to where its map leaves them as they are; the objective never falls.

    `method` is newton or quasi-newton. Every point that is kept is an EM step away from a longer one.
    """
    here = em.at(start)
    image = em.after(here)
    solver = _Newton(em) if method == "newton" else _Broyden()
    without_gain = 0
    for _ in range(MOST_NEWTON_STEPS if method == "newton" else MOST_QUASI_NEWTON_STEPS):
        if largest_change(here.params, image) <= _FAR_ENOUGH or without_gain == _MOST_WITHOUT_GAIN:
            break
        try:
            x, mapped = to_vector(here.params), to_vector(image)
        except np.linalg.LinAlgError:
            break
        step = solver.step(here.params, x, mapped - x)
        there = None if step is None else _climbing(em, here, image, x, bounded(step))
        if there is None:
            if not solver.begin_again():
                break
            continue
        least = _NO_GAIN * max(1.0, abs(here.objective))
        without_gain = without_gain + 1 if there.objective - here.objective <= least else 0
        here, image = there, em.after(there)
    return Finish(here, largest_change(here.params, image))


def _climbing(em: EmMap, here: Point, image: Any, x: F64, step: F64) -> Point | None:
    """An EM step after a part of the step, the whole or halves of it, whichever first is not lower than `here`."""
    for halving in range(_HALVINGS):
        landed = land(em, x + step * 0.5**halving, here.params, image)
        if landed is not None and landed.end.objective >= here.objective:
            return landed.end
    return None


class _Newton:
    """(I - J)^-1 residual with J by differences."""

    def __init__(self, em: EmMap) -> None:
        self._em = em
        self._plain = 0

    def step(self, params: Any, x: F64, residual: F64) -> F64 | None:
        """The step from `params`; None where the EM map has no derivative. It does not go along what the data do not
        tell apart, and what is all but at the edge of its domain takes EM's own step."""
        if self._plain > 0:
            self._plain -= 1
            return residual
        moving = np.flatnonzero((residual != 0.0) & (importance(params, len(x)) > _EDGE))
        derivative = np.zeros((len(moving), len(moving)))
        image = x + residual
        for column, i in enumerate(moving):
            moved = x.copy()
            moved[i] += _DIFFERENCE
            try:
                with np.errstate(all="ignore"):
                    nearby = self._em.after(self._em.at(from_vector(moved, params)))
                derivative[:, column] = (to_vector(nearby) - image)[moving] / _DIFFERENCE
            except (ArithmeticError, ValueError):
                return None
        if not np.all(np.isfinite(derivative)):
            return None
        step = residual.copy()
        matrix = np.eye(len(moving)) - derivative
        step[moving] = np.linalg.lstsq(matrix, residual[moving], rcond=1e-9)[0]
        return step

    def begin_again(self) -> bool:
        """Where a step led nowhere, as near a saddle, some EM steps are taken; False if these led nowhere too."""
        was_plain = self._plain > 0
        self._plain = _EM_STEPS
        return not was_plain


class _Broyden:
    """The inverse of I - J, built up from what steps did to the residual; it begins as the identity, an EM step."""

    def __init__(self) -> None:
        self._inverse: F64 | None = None
        self._before: tuple[F64, F64] | None = None
        self._learnt = False

    def step(self, params: Any, x: F64, residual: F64) -> F64:
        """The next step, after learning from the last one."""
        inverse = np.eye(len(x)) if self._inverse is None else self._inverse
        if self._before is not None:
            moved, change = x - self._before[0], self._before[1] - residual
            expected = inverse @ change
            size = float(moved @ expected)
            if math.isfinite(size) and abs(size) > 1e-12 * float(moved @ moved):
                inverse = inverse + np.outer(moved - expected, moved @ inverse) / size
                self._learnt = True
        self._inverse, self._before = inverse, (x, residual)
        return np.asarray(inverse @ residual)

    def begin_again(self) -> bool:
        """Forget what was learnt, where a step led nowhere; False where nothing was."""
        had_learnt = self._learnt
        self._inverse, self._before, self._learnt = None, None, False
        return had_learnt
