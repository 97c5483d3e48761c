"""The skew-normal law: moments of its hidden half-normal part, and the maximum of its expected log-likelihood.

A skew-normal x is location + scale (delta |u| + sqrt(1 - delta^2) v) with u, v standard normal and delta = slant over
sqrt(1 + slant^2). With t = |u| hidden, x given t is a normal regression on t: w x = nu + slant t + v with a precision
root w. In (w, nu, slant) the expected log-likelihood is concave (the model of Lin, Lee and Yen 2007, Statistica Sinica
17, 909-927, in other parameters).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
HALF_MEAN = float(np.sqrt(2 / np.pi))
FAR = 6.0
FRACTION_TERMS = 20
MOST_STEPS = 30
SETTLED = 1e-13


def hidden_moments(t: F64) -> tuple[F64, F64, F64]:
    """log Phi(t), and mean and mean square of a normal variable with mean t and variance 1, given that it is positive.

    Far below zero both are small differences of large numbers; there the continued fraction of Mills' ratio takes their
    place (Abramowitz and Stegun 1964, 26.2.14).
    """
    from scipy.special import erfcx

    half = np.abs(t) * np.sqrt(0.5)
    scaled = erfcx(half)
    small = np.exp(-(half**2))
    tail = 0.5 * scaled * small
    is_low = t < 0
    logs = np.where(is_low, np.log(0.5 * scaled) - half**2, np.log1p(-tail))
    ratio = np.where(is_low, HALF_MEAN / scaled, 0.5 * HALF_MEAN * small / (1 - tail))
    first = t + ratio
    second = 1 + t * first
    far = t < -FAR
    if far.any():
        u = -t[far]
        # from where the fraction has nearly settled
        inner = 0.5 * (u + np.sqrt(u**2 + 4 * FRACTION_TERMS))
        for n in range(FRACTION_TERMS, 2, -1):
            inner = u + n / inner
        # 1 / (u + c), and 1 - u / (u + c) = c / (u + c), with c = 2 / (u + 3 / (u + ...))
        first[far] = 1 / (u + 2 / inner)
        second[far] = 2 / inner * first[far]
    return logs, first, second


@dataclass(frozen=True, eq=False)
class SkewAverages:
    """Averages of x, x^2, t, t^2 and x t of one shape, with t the hidden part."""

    x: F64
    xx: F64
    t: F64
    tt: F64
    xt: F64


@dataclass(frozen=True, eq=False)
class SkewTies:
    """Which locations, scales and slants stay as they are, and at what; the least scales and the largest slant."""

    locations: tuple[Mask, F64]
    scales: tuple[Mask, F64]
    slants: tuple[Mask, F64]
    least: F64
    most: float


def skew_maximum(averages: SkewAverages, ties: SkewTies, slants: F64) -> tuple[F64, F64, F64]:
    """Locations, scales and slants at which the expected log-likelihood is largest; with a scale that is given at least
    not lower than at `slants`, those before.

    Where scale and slant are free the hidden part has a scale of its own for a moment, which speeds EM up at no cost
    (Liu, Rubin and Wu 1998, Biometrika 85, 755-770).
    """
    a, (is_placed, place) = averages, ties.locations
    # about the location that is given, or about the means
    tiny = np.finfo(float).tiny
    xx = np.where(is_placed, a.xx - 2 * place * a.x + place**2, a.xx - a.x**2)
    tt = np.where(is_placed, a.tt, a.tt - a.t**2)
    xt = np.where(is_placed, a.xt - place * a.t, a.xt - a.x * a.t)
    xx, tt = np.maximum(xx, tiny), np.maximum(tt, tiny)
    w = 1 / np.sqrt(np.maximum(xx - xt**2 / tt, tiny))
    eta = w * xt / tt
    tilt = eta * np.sqrt(a.tt)
    widened = (
        ~(ties.slants[0] | ties.scales[0])
        & (np.abs(tilt) <= ties.most)
        & (np.sqrt(1 + tilt**2) >= w * ties.least)
    )
    bound_w, bound_eta = _bounded(xx, tt, xt, w, eta, ties, slants)
    w, eta = np.where(widened, w, bound_w), np.where(widened, eta, bound_eta)
    locations = np.where(is_placed, place, a.x - eta * a.t / w)
    made = np.where(widened, tilt, eta)
    return locations, np.sqrt(1 + made**2) / w, made


def _bounded(
    xx: F64, tt: F64, xt: F64, w: F64, eta: F64, ties: SkewTies, slants: F64
) -> tuple[F64, F64]:
    """Precision roots and slants from the free ones, where scale or slant are given or at their bounds."""
    is_tilted = ties.slants[0] | (np.abs(eta) > ties.most)
    given = np.where(ties.slants[0], ties.slants[1], np.clip(eta, -ties.most, ties.most))
    # w^2 xx - w slant xt - 1 = 0
    up = given * xt
    root = np.sqrt(up**2 + 4 * xx)
    quadratic = np.where(up > 0, (up + root) / (2 * xx), 2 / (root + np.abs(up)))
    w, eta = np.where(is_tilted, quadratic, w), np.where(is_tilted, given, eta)
    is_scaled = ties.scales[0] | (np.sqrt(1 + eta**2) < w * ties.least)
    if not is_scaled.any():
        return w, eta
    scales = np.where(ties.scales[0], ties.scales[1], ties.least)
    start = np.where(ties.scales[0], slants, eta)
    fitted = _slants_at(xx / scales**2, tt, xt / scales, start, ties.most)
    eta = np.where(is_scaled & ~ties.slants[0], fitted, eta)
    return np.where(is_scaled, np.sqrt(1 + eta**2) / scales, w), eta


def _slants_at(xx: F64, tt: F64, xt: F64, slants: F64, most: float) -> F64:
    """The slants for scales of 1, from those given: Newton's method in arsinh(slant), downhill in minus the expected
    log-likelihood."""

    def loss(theta: F64) -> F64:
        double = 0.25 * ((xx + tt) * np.cosh(2 * theta) - 2 * xt * np.sinh(2 * theta))
        return np.asarray(double - np.log(np.cosh(theta)))

    edge = np.arcsinh(most)
    theta = np.clip(np.arcsinh(slants), -edge, edge)
    before = loss(theta)
    for _ in range(MOST_STEPS):
        slope = 0.5 * (xx + tt) * np.sinh(2 * theta) - xt * np.cosh(2 * theta) - np.tanh(theta)
        bend = (xx + tt) * np.cosh(2 * theta) - 2 * xt * np.sinh(2 * theta)
        bend = np.maximum(bend - np.cosh(theta) ** -2, 0.1)
        step = np.clip(theta - slope / bend, -edge, edge) - theta
        for _ in range(MOST_STEPS):
            after = loss(theta + step)
            rose = after > before
            if not rose.any():
                break
            step = np.where(rose, 0.5 * step, step)
        step = np.where(after > before, 0.0, step)
        theta = theta + step
        before = np.minimum(before, after)
        if np.all(np.abs(step) <= SETTLED * np.maximum(1.0, np.abs(theta))):
            break
    return np.asarray(np.sinh(theta))
