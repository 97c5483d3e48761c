"""The shapes of a beta law: its share of the log density, and their maximum likelihood estimates.

Written about a middle r, with a mean m = a / (a + b) of the law: the sums that the formulas take are differences of
large numbers where the law is narrow, and the logarithms of x / r and (1 - x) / (1 - r) are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.model.numerics.gamma_shapes import gap_at, log_height, log_shortfalls

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
NEAR = 0.5
MOST_STEPS, MOST_HALVINGS = 100, 40
SETTLED = 1e-12
ROUNDING = 1e-12
EPS = float(np.finfo(float).eps)
LEAST_GAP = 1e-50
FAR_BEYOND = 100.0
LEAST = 1e-30
"""Smaller shapes mean nothing, and their squares are soon 0 to a computer."""
KEPT = 0.1
"""A step leaves at least this share of a shape."""


@dataclass(frozen=True, eq=False)
class UnitSums:
    """Of values between 0 and 1, as arrays of one shape: a middle r and `rest` = 1 - r, the averages of log(x / r) and
    log((1 - x) / (1 - r)). Both averages are below zero if the middle is the mean."""

    middle: F64
    rest: F64
    low: F64
    high: F64

    @property
    def gap(self) -> F64:
        """What a law at the middle loses for each unit of a + b: about the variance over 2 r (1 - r)."""
        return np.asarray(np.maximum(-(self.middle * self.low + self.rest * self.high), LEAST_GAP))

    def at(self, where: Mask, other: UnitSums) -> UnitSums:
        """These, with the other ones in some places."""
        return UnitSums(
            np.where(where, other.middle, self.middle),
            np.where(where, other.rest, self.rest),
            np.where(where, other.low, self.low),
            np.where(where, other.high, self.high),
        )


@dataclass(frozen=True, eq=False)
class Ties:
    """What is not free: where a or b stay as they are, and where their sum does."""

    alpha: Mask
    beta: Mask
    total: Mask


def log_quotients(values: F64, middle: F64 | float, off: F64) -> F64:
    """log(x / r) with all digits also where x - r, `off`, is small."""
    share = off / middle
    is_near = np.abs(share) < NEAR
    return np.asarray(
        np.where(is_near, np.log1p(np.where(is_near, share, 0.0)), np.log(values / middle))
    )


def log_unit_height(alphas: F64, betas: F64) -> F64:
    """-log B(a, b) - a log m - b log(1 - m): the log density of x = m less -log x - log(1 - x)."""
    return log_height(alphas) + log_height(betas) - log_height(alphas + betas)


def moved_to_mean(sums: UnitSums, off: F64) -> UnitSums:
    """The sums about the mean, from averages `low` of log(x / r) - e / r and `high` of log((1 - x) / (1 - r)) +
    e / (1 - r) about a middle r, with e = x - r and its average `off`."""
    # a mean that is nearer to an end than the digits of r tell is that near at most
    off = np.clip(off, (EPS - 1) * sums.middle, (1 - EPS) * sums.rest)
    up, down = off / sums.middle, -off / sums.rest
    return UnitSums(
        sums.middle + off,
        sums.rest - off,
        sums.low - log_shortfalls(up, np.log1p(up)),
        sums.high - log_shortfalls(down, np.log1p(down)),
    )


def moved_to(sums: UnitSums, middle: F64, rest: F64, known: F64) -> tuple[F64, UnitSums]:
    """How far the middles of sums about means are from another one, and the sums about that: averages of log(x / r) -
    e / r and log((1 - x) / (1 - r)) + e / (1 - r). The inverse of `moved_to_mean`; `known` is how far, or NaN."""
    off = np.where(middle < rest, sums.middle - middle, rest - sums.rest)
    off = np.where(np.isnan(known), off, known)
    up, down = off / middle, -off / rest
    low = sums.low + log_shortfalls(up, log_quotients(sums.middle, middle, off))
    high = sums.high + log_shortfalls(down, log_quotients(sums.rest, rest, -off))
    ones = np.ones_like(off)
    return off, UnitSums(middle * ones, rest * ones, low, high)


def shapes_near(sums: UnitSums) -> tuple[F64, F64]:
    """Shapes about as narrow as the sums: the best ones where the law is narrow."""
    size = 0.5 / sums.gap
    return sums.middle * size, sums.rest * size


def shapes_of(sums: UnitSums, most: F64, alphas: F64, betas: F64, ties: Ties) -> tuple[F64, F64]:
    """The shapes (a, b) that maximise the likelihood of the sums with a + b at most `most`; tied ones stay as they are
    in `alphas` and `betas`.

    The log-likelihood is concave in (a, b): Newton's method in these, with the determinant of the information
    multiplied out so that nothing cancels where the law is narrow. Where a shape is held the bound is not asked for.
    """
    first, second = shapes_near(sums)
    # a shape that is free goes with the one that is held
    first = np.where(ties.beta, betas * sums.middle / sums.rest, first)
    second = np.where(ties.alpha, alphas * sums.rest / sums.middle, second)
    a = np.where(ties.alpha, alphas, np.maximum(first, LEAST))
    b = np.where(ties.beta, betas, np.maximum(second, LEAST))
    a, b = _climbed(sums, a, b, ties, most)
    too_narrow = (a + b > most) & ~(ties.alpha | ties.beta)
    if too_narrow.any():
        shrunk = np.where(too_narrow, most / (a + b), 1.0)
        along = Ties(ties.alpha, ties.beta, too_narrow)
        a, b = np.maximum(a * shrunk, LEAST), np.maximum(b * shrunk, LEAST)
        a, b = _climbed(sums, a, b, along, most)
    return a, b


def _climbed(sums: UnitSums, a: F64, b: F64, ties: Ties, most: F64) -> tuple[F64, F64]:
    fit = fit_of(sums, a, b)
    for _ in range(MOST_STEPS):
        first, second = _step(sums, a, b, ties)
        longest = np.maximum(np.maximum(-first / a, -second / b), 1 - KEPT)
        # what is far beyond the bound is put on it later, and has no maximum perhaps
        share = np.where(a + b > FAR_BEYOND * most, 0.0, (1 - KEPT) / longest)
        first, second = share * first, share * second
        for _ in range(MOST_HALVINGS):
            reached = fit_of(sums, a + first, b + second)
            fell = ~(reached >= fit - ROUNDING * np.maximum(1.0, np.abs(fit)))
            if not fell.any():
                break
            first, second = np.where(fell, 0.5 * first, first), np.where(fell, 0.5 * second, second)
        a, b, fit = np.maximum(a + first, LEAST), np.maximum(b + second, LEAST), reached
        if np.all((np.abs(first) <= SETTLED * a) & (np.abs(second) <= SETTLED * b)):
            break
    return a, b


def _moved(sums: UnitSums, a: F64, b: F64) -> tuple[F64, F64]:
    """The averages of log(x / m) and log((1 - x) / (1 - m)) about the mean m of the shapes."""
    size = a + b
    off = (a * sums.rest - b * sums.middle) / size
    low = log_quotients(a / size, sums.middle, off)
    high = log_quotients(b / size, sums.rest, -off)
    return sums.low - low, sums.high - high


def fit_of(sums: UnitSums, a: F64, b: F64) -> F64:
    """The log-likelihood of one row, but for what the shapes do not change."""
    low, high = _moved(sums, a, b)
    return np.asarray(log_unit_height(a, b) + a * low + b * high)


def fit_about(sums: UnitSums, a: F64, b: F64, off: F64) -> F64:
    """The same where the middle is known to be `off` from the mean of the shapes: what is linear in that cancels."""
    up, down = off * (a + b) / a, -off * (a + b) / b
    bent = a * log_shortfalls(up, np.log1p(np.maximum(up, EPS - 1)))
    bent += b * log_shortfalls(down, np.log1p(np.maximum(down, EPS - 1)))
    return np.asarray(log_unit_height(a, b) + a * sums.low + b * sums.high + bent)


def _over(slope: F64, information: F64) -> F64:
    """The quotient; no step where the digits of the information, a difference, are lost."""
    return np.asarray(slope / np.where(information > 0, information, np.inf))


def _step(sums: UnitSums, a: F64, b: F64, ties: Ties) -> tuple[F64, F64]:
    """Newton's step in both shapes, or in what the ties leave free."""
    n = a + b
    low, high = _moved(sums, a, b)
    (gap_a, bend_a), (gap_b, bend_b), (gap_n, bend_n) = (gap_at(1 / v) for v in (a, b, n))
    slope_a, slope_b = gap_a - gap_n + low, gap_b - gap_n + high
    # trigamma(v) = (1 + bend / v) / v
    tri_a, tri_b, tri_n = ((1 + c / v) / v for c, v in ((bend_a, a), (bend_b, b), (bend_n, n)))
    both = (bend_a + bend_b - bend_n) / n + bend_a / a * bend_b / b
    both -= bend_n / n * (b * bend_a / a + a * bend_b / b) / n
    both /= a * b
    alone_a, alone_b = tri_a - tri_n, tri_b - tri_n
    first = _over(alone_b * slope_a + tri_n * slope_b, both)
    second = _over(alone_a * slope_b + tri_n * slope_a, both)
    first = np.where(ties.beta, _over(slope_a, alone_a), first)
    second = np.where(ties.alpha, _over(slope_b, alone_b), second)
    along = (slope_a - slope_b) / (tri_a + tri_b)
    first = np.where(ties.total, along, first)
    second = np.where(ties.total, -along, second)
    return np.where(ties.alpha, 0.0, first), np.where(ties.beta, 0.0, second)
