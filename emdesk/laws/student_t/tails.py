"""The degrees of freedom of a multivariate t: the constant of its density, and one Newton step towards their maximum.

Everything is written in the tail weight w = 1 / degrees of freedom, in which the log density is smooth down to w = 0,
the normal law. Differences of gamma functions, which lose their digits when the degrees are many, are products and a
series there instead (Abramowitz and Stegun 1964, 6.1.47). The step climbs the likelihood itself, without the hidden
scales of the rows, as in the ECME algorithm of Liu and Rubin (1995), Statistica Sinica 5, 19-39: near the normal law
the likelihood with the hidden scales is so flat that EM would stand still.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
LEAST_DEGREES, MOST_DEGREES = 0.2, 1e5
"""Estimates stay between these: the upper one is the normal law as far as data can tell."""
SERIES_ABOVE = 20.0
LONGEST_FALL, LONGEST_RISE = 0.1, 4.0
"""The tail weight changes by no more than these factors in one step."""


@dataclass(frozen=True, eq=False)
class TailSums:
    """Effective rows that have cells in so many columns, and sums over them, (K,) each, of log(1 + w D), D / (1 + w D)
    and its square; D are squared distances."""

    columns: int
    counts: F64
    logs: F64
    ratios: F64
    squares: F64

    def __add__(self, other: Self) -> TailSums:
        return TailSums(
            self.columns,
            self.counts + other.counts,
            self.logs + other.logs,
            self.ratios + other.ratios,
            self.squares + other.squares,
        )

    def scaled(self, factor: float) -> TailSums:
        """All sums times a factor."""
        return TailSums(
            self.columns,
            factor * self.counts,
            factor * self.logs,
            factor * self.ratios,
            factor * self.squares,
        )


def log_constant(degrees: F64, d: int) -> F64:
    """(K,) the log density of t with the unit matrix at its centre, in d dimensions."""
    weight = 1 / degrees
    total = -0.5 * d * np.log(2 * np.pi) + np.log1p(np.outer(weight, _steps(d))).sum(axis=1)
    return np.asarray(total + _half_step(weight)[0] if d % 2 else total)


@dataclass(frozen=True)
class TailBelief:
    """A gamma prior of the degrees of freedom, with its shape and rate."""

    shape: float
    rate: float

    def log_density(self, degrees: F64) -> F64:
        """(K,) the log density of the degrees of freedom."""
        from scipy.special import gammaln

        constant = self.shape * np.log(self.rate) - gammaln(self.shape)
        return np.asarray(constant + (self.shape - 1) * np.log(degrees) - self.rate * degrees)

    def derivatives(self, weight: F64) -> tuple[F64, F64]:
        """First and second derivative (K,) of the log density by the tail weight."""
        more, rate = self.shape - 1, self.rate
        return rate / weight**2 - more / weight, more / weight**2 - 2 * rate / weight**3


def improved(
    degrees: F64, tails: Sequence[TailSums], is_common: bool, belief: TailBelief | None = None
) -> F64:
    """(K,) degrees after one step uphill from the sums of the rows at `degrees`, parted by how many columns they have;
    groups without rows keep theirs where nothing is believed of them."""
    weight = 1 / degrees
    slope, bend = _of_all(weight, tails)
    if is_common:
        slope, bend = np.full_like(weight, np.sum(slope)), np.full_like(weight, np.sum(bend))
    if belief is not None:
        of_belief = belief.derivatives(weight)
        slope, bend = slope + of_belief[0], bend + of_belief[1]
    safe = np.where(bend < 0, bend, -1.0)
    by_newton = weight - slope / safe
    by_factor = np.where(slope > 0, LONGEST_RISE, LONGEST_FALL) * weight
    wanted = np.where(bend < 0, by_newton, by_factor)
    wanted = np.clip(wanted, LONGEST_FALL * weight, LONGEST_RISE * weight)
    wanted = np.where(slope == 0, weight, wanted)
    return np.asarray(np.clip(1 / wanted, LEAST_DEGREES, MOST_DEGREES))


def climb(degrees: F64, others: F64, tails: Sequence[TailSums]) -> F64:
    """(K,) how much higher the summed log density is at other degrees of freedom, to second order in the tail weight
    about those of the sums."""
    weight = 1 / degrees
    slope, bend = _of_all(weight, tails)
    step = 1 / others - weight
    return np.asarray(slope * step + 0.5 * bend * step**2)


def _of_all(weight: F64, tails: Sequence[TailSums]) -> tuple[F64, F64]:
    """First and second derivative (K,) of the summed log density of all rows by the tail weight."""
    parts = [_derivatives(weight, part) for part in tails]
    zero = np.zeros_like(weight)
    return sum((p[0] for p in parts), zero), sum((p[1] for p in parts), zero)


def _derivatives(weight: F64, sums: TailSums) -> tuple[F64, F64]:
    """First and second derivative (K,) of the summed log density by the tail weight."""
    d, counts = sums.columns, sums.counts
    steps = _steps(d)
    shares = steps / (1 + np.outer(weight, steps))
    first, second = shares.sum(axis=1), -(shares**2).sum(axis=1)
    if d % 2:
        _, more, bend = _half_step(weight)
        first, second = first + more, second + bend
    half = 0.5 / weight + 0.5 * d
    slope = counts * first + sums.logs / (2 * weight**2) - half * sums.ratios
    bend = counts * second - sums.logs / weight**3 + sums.ratios / weight**2 + half * sums.squares
    return slope, bend


def _steps(d: int) -> F64:
    """The factors 1 + w s between the gamma functions of degrees / 2 and (degrees + d) / 2, without the half step."""
    return np.arange(d % 2, d, 2, dtype=np.float64)


def _half_step(weight: F64) -> tuple[F64, F64, F64]:
    """log G(a + 1/2) - log G(a) - log(a) / 2 at a = 1 / (2 w), and its two derivatives by w, (K,) each."""
    from scipy.special import digamma, gammaln, polygamma

    a = 0.5 / weight
    w = np.minimum(weight, 0.5 / SERIES_ABOVE)
    value = w * (-1 / 4 + w**2 * (1 / 24 + w**2 * (-1 / 20 + w**2 * 17 / 112)))
    first = -1 / 4 + w**2 * (1 / 8 + w**2 * (-1 / 4 + w**2 * 17 / 16))
    second = w * (1 / 4 + w**2 * (-1 + w**2 * 51 / 8))
    near = a < SERIES_ABOVE
    if near.any():
        b = a[near]
        slope = digamma(b + 0.5) - digamma(b) - 0.5 / b
        bend = polygamma(1, b + 0.5) - polygamma(1, b) + 0.5 / b**2
        value[near] = gammaln(b + 0.5) - gammaln(b) - 0.5 * np.log(b)
        first[near] = -2 * b**2 * slope
        second[near] = 4 * b**4 * bend + 8 * b**3 * slope
    return value, first, second
