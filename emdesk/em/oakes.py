"""The observed information by Oakes' formula, from the expected complete-data log-likelihood Q of EM.

With t the estimate, Q(t' | t) known from the sums of one sweep at t as a function of t', the observed information is
minus the sum of two derivatives at t' = t: the second one of Q by t', which is that of the complete data, and the mixed
one by t' and t, which is minus what is missing (Oakes 1999, J. R. Statist. Soc. B 61, 479-482). The first
needs no rows; the second needs sums at four points along each of p directions, 4 p sweeps in all. The objective of
those sweeps is known too, and Q that does not fit it is not used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.control import RunControl
from emdesk.em.differences import (
    MOST_STEP,
    STEP,
    Counted,
    Height,
    Tell,
    level_axes,
    second_differences,
    steps_to_fall,
    straight_axes,
)
from emdesk.em.information import (
    Chart,
    Curvature,
    Information,
    extrapolated,
    judged,
    rounding_of,
)

F64 = NDArray[np.float64]

FINEST, COARSEST = 0.01, 0.05
ROUNDING = 5e-8
"""Steps, in standard errors of the complete data, are as small as leaves rounding of Q below this."""
AGREEMENT = 1e-3
"""Slopes and bends of the objective itself may differ from those by Oakes' formula by so much, where the information in
the complete data is 1."""
_TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Model:
    """A model near an estimate, which is at zero in the coordinates of `chart`; `sums` makes those of a sweep."""

    chart: Chart
    sums: Callable[[Any], Any]
    control: RunControl

    def objective(self, sums: Any, params: Any) -> float:
        """What params reach, from the sums of their own sweep."""
        return float(sums.fit + self.chart.family.log_prior(self.chart.data, params))

    def height(self, z: F64) -> float:
        """What the params at coordinates z (p,) reach; a sweep."""
        params = self.chart.at(z)
        return self.objective(self.sums(params), params)

    def expected(self, sums: Any, params: Any) -> float | None:
        """Q of any params and their log prior, from the sums of a sweep; None where these do not determine it."""
        self.control.checkpoint()
        family, data = self.chart.family, self.chart.data
        made = family.expected(data, sums, params)
        return None if made is None else made + family.log_prior(data, params)


@dataclass(frozen=True, eq=False)
class Oakes:
    """The information, and the largest fraction of what is missing in any direction that the data tell about: the rate
    at which EM comes to rest; NaN at a saddle."""

    observed: Information
    missing: float


def oakes(model: Model, here: Any, tell: Tell | None = None) -> Oakes | None:
    """The information at zero, `here` being the sums there; None where there is no Q, or numbers fail it, or it does
    not fit the objective. `tell` hears the share that is done. Raises Cancelled."""
    if model.expected(here, model.chart.params) is None:
        return None
    try:
        with np.errstate(all="ignore"):
            return _oakes(model, here, tell)
    except (ArithmeticError, np.linalg.LinAlgError):
        return None


def _oakes(model: Model, here: Any, tell: Tell | None) -> Oakes | None:
    complete = _complete(model, here)
    found = _sweeps(model, complete, tell)
    middle = model.objective(here, model.chart.params)
    information = complete.curvature.matrix - found.mixed.matrix
    change = complete.curvature.change - found.mixed.change
    rounding = 8 * rounding_of(max(abs(middle), abs(complete.height)), complete.sizes[0])
    slopes, bends = found.direct(middle)
    allowed = AGREEMENT * np.maximum(1.0, np.abs(np.diag(information))) + rounding
    agrees = np.abs(slopes - complete.gradient) <= allowed
    agrees &= np.abs(bends - np.diag(information)) <= allowed
    if not (agrees.all() and np.isfinite(information).all()):
        return None
    turned = np.linalg.inv(complete.axes)
    steps, axes, largest = _levelled(turned.T @ information @ turned)
    turn = turned @ axes
    observed = judged(
        middle,
        turn.T @ complete.gradient,
        Curvature(turn.T @ information @ turn, turn.T @ change @ turn, rounding * turn.T @ turn),
        axes,
        steps,
        largest,
    )
    missing = _missing(complete.curvature.matrix, information, turn @ observed.untold)
    return Oakes(observed, missing if observed.is_maximum else float("nan"))


@dataclass(frozen=True, eq=False)
class _Complete:
    """Q of the sums at zero: its height there, and along the columns of `axes` its gradient and curvature; `sizes` are
    the two steps of all differences."""

    height: float
    sizes: tuple[float, float]
    axes: F64
    gradient: F64
    curvature: Curvature


def _complete(model: Model, here: Any) -> _Complete:
    """The complete-data information, along axes in which it is about 1."""
    size = model.chart.size

    def height(z: F64) -> float:
        return _known(model.expected(here, model.chart.at(z)))

    count: Height = Counted(height, 1, None)
    middle = count(np.zeros(size))
    steps = steps_to_fall(count, middle, size)
    rough = second_differences(count, middle, np.diag(steps), 1.0)[1]
    axes = straight_axes(count, middle, level_axes(rough, steps)[0])
    step = float(np.clip(np.sqrt(rounding_of(middle, 1.0) / ROUNDING), FINEST, COARSEST))
    sizes = step, 2 * step
    (fine_slope, fine), (coarse_slope, coarse) = (
        second_differences(count, middle, axes, step) for step in sizes
    )
    curvature = Curvature(extrapolated(fine, coarse), coarse - fine, 0.0)
    return _Complete(middle, sizes, axes, extrapolated(fine_slope, coarse_slope), curvature)


@dataclass(frozen=True, eq=False)
class _Sweeps:
    """The mixed derivatives, symmetric, and the objective (p, 2, 2) ahead and behind along every axis, by step."""

    mixed: Curvature
    objectives: F64
    sizes: tuple[float, float]

    def direct(self, middle: float) -> tuple[F64, F64]:
        """Slopes (p,) of the objective itself, and how much it bends down (p,)."""
        slopes, bends = [], []
        for i, step in enumerate(self.sizes):
            ahead, behind = self.objectives[:, i, 0], self.objectives[:, i, 1]
            slopes.append((ahead - behind) / (2 * step))
            bends.append((2 * middle - ahead - behind) / step**2)
        return extrapolated(*slopes), extrapolated(*bends)


def _sweeps(model: Model, complete: _Complete, tell: Tell | None) -> _Sweeps:
    size, sizes = model.chart.size, complete.sizes
    moved = [
        [[model.chart.at(sign * step * axis) for sign in (1, -1)] for step in sizes]
        for axis in complete.axes.T
    ]
    slopes, objectives = np.zeros((2, 2, size, size)), np.empty((size, 2, 2))
    for j, i, side in np.ndindex(size, 2, 2):
        params = moved[j][i][side]
        sums = model.sums(params)
        objectives[j, i, side] = model.objective(sums, params)
        # the other half of the matrix is the same
        for k, along in enumerate(moved[: j + 1]):
            ahead, behind = (_known(model.expected(sums, other)) for other in along[i])
            slopes[i, side, j, k] = (ahead - behind) / (2 * sizes[i])
        if tell is not None:
            tell((4 * j + 2 * i + side + 1) / (4 * size))
    fine, coarse = (
        _both_halves(slopes[i, 0] - slopes[i, 1]) / (2 * step) for i, step in enumerate(sizes)
    )
    return _Sweeps(Curvature(extrapolated(fine, coarse), coarse - fine, 0.0), objectives, sizes)


def _known(expected: float | None) -> float:
    assert expected is not None, "there is one of the estimate"
    return expected


def _both_halves(lower: F64) -> F64:
    return np.asarray(lower + np.tril(lower, -1).T)


def _levelled(information: F64) -> tuple[F64, F64, float]:
    """Steps (p,) along the coordinates at which the objective falls by that of two STEPs, and with these the axes along
    which the information is about 1, and the largest curvature."""
    curvatures = np.maximum(np.abs(np.diag(information)), _TINY)
    steps = np.minimum(MOST_STEP, 2 * STEP / np.sqrt(curvatures))
    return steps, *level_axes(steps[:, None] * information * steps, steps)


def _missing(complete: F64, observed: F64, untold: F64) -> float:
    """One less the smallest share of the complete information that is observed, in directions that are as good as
    independent, were the data complete, of those (p, r) which the data tell nothing about."""
    values, vectors = np.linalg.eigh(complete)
    if not len(values) or values[0] <= 0:
        return float("nan")
    root = vectors * np.sqrt(values)
    inverse = vectors / np.sqrt(values)
    q, _ = np.linalg.qr(np.concatenate([root.T @ untold, np.eye(len(values))], axis=1))
    others = q[:, untold.shape[1] :]
    if not others.shape[1]:
        return float("nan")
    shares = np.linalg.eigvalsh(others.T @ inverse.T @ observed @ inverse @ others)
    return float(1 - shares[0])
