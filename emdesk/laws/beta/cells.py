"""Cells between 0 and 1 and their distances from means, with all digits near both ends and near the means."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from emdesk.model.numerics.beta_shapes import log_quotients
from emdesk.model.numerics.gamma_shapes import log_shortfalls

F64 = NDArray[np.float64]


def from_ends(ends: F64) -> tuple[F64, F64]:
    """x and 1 - x of signed distances: x itself, or x - 1 where x is nearer to 1."""
    is_low = ends > 0
    return np.where(is_low, ends, 1 + ends), np.where(is_low, 1 - ends, -ends)


def away(values: F64, rests: F64, middle: F64 | float, rest: F64 | float) -> F64:
    """x - c with the digits of x or 1 - x, whichever has more, where c is nearer to that end."""
    is_low = (middle < rest) | (values < 0.5)
    return np.asarray(np.where(is_low, values - middle, rest - rests))


def away_from_mean(values: F64, rests: F64, alpha: float, beta: float) -> F64:
    """x - m of the mean of a law, a quotient whose last digits many standard deviations of a narrow law would lose."""
    a, b = Fraction(alpha), Fraction(beta)
    middle, rest = alpha / (alpha + beta), beta / (alpha + beta)
    low, high = float(a / (a + b) - Fraction(middle)), float(b / (a + b) - Fraction(rest))
    is_low = (middle < rest) | (values < 0.5)
    return np.asarray(np.where(is_low, (values - middle) - low, (rest - rests) + high))


def about(
    values: F64, rests: F64, middle: F64 | float, rest: F64 | float, off: F64 | None = None
) -> tuple[F64, F64, F64]:
    """e = x - c, log(x / c) - e / c and log((1 - x) / (1 - c)) + e / (1 - c); `off` is e, where it is known."""
    if off is None:
        off = away(values, rests, middle, rest)
    low = log_shortfalls(off / middle, log_quotients(values, middle, off))
    high = log_shortfalls(-off / rest, log_quotients(rests, rest, -off))
    return off, low, high
