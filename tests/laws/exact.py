"""Log densities with 50 digits, of doubles taken as they are."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.law import Law, Workspace
from emdesk.model.params import arrays
from emdesk.model.rows import plain_rows

F64 = NDArray[np.float64]
DIGITS = 60
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")
BERNOULLI = [
    Fraction(*pair)
    for pair in [
        (1, 6),
        (-1, 30),
        (1, 42),
        (-1, 30),
        (5, 66),
        (-691, 2730),
        (7, 6),
        (-3617, 510),
        (43867, 798),
        (-174611, 330),
        (854513, 138),
        (-236364091, 2730),
    ]
]


@lru_cache(maxsize=1000)
def log_gamma(x: Decimal) -> Decimal:
    """Stirling's series at an argument of 200 or more, with the recursion down to x."""
    down = Decimal(0)
    while x < 200:
        down += x.ln()
        x += 1
    total = (x - Decimal("0.5")) * x.ln() - x + (2 * PI).ln() / 2
    for n, number in enumerate(BERNOULLI, 1):
        share = Decimal(number.numerator) / Decimal(number.denominator)
        total += share / (2 * n * (2 * n - 1) * x ** (2 * n - 1))
    return total - down


def log_normal(x: Decimal, log_mean: Decimal, log_sd: Decimal) -> Decimal:
    z = (x.ln() - log_mean) / log_sd
    return -z * z / 2 - log_sd.ln() - (2 * PI).ln() / 2 - x.ln()


def gamma(x: Decimal, shape: Decimal, scale: Decimal) -> Decimal:
    return (shape - 1) * x.ln() - x / scale - shape * scale.ln() - log_gamma(shape)


def beta(x: Decimal, alpha: Decimal, beta: Decimal) -> Decimal:
    height = log_gamma(alpha + beta) - log_gamma(alpha) - log_gamma(beta)
    return height + (alpha - 1) * x.ln() + (beta - 1) * (1 - x).ln()


@lru_cache(maxsize=1000)
def log_bessel(k: Decimal) -> Decimal:
    """log I0(k) by its series, and by that of Hankel where k is large."""
    is_large = k > 200
    total, term, n = Decimal(1), Decimal(1), 0
    while term > total * Decimal(10) ** -DIGITS:
        n += 1
        term *= (2 * n - 1) ** 2 / (8 * k * n) if is_large else (k / 2 / n) ** 2
        total += term
    return total.ln() + (k - (2 * PI * k).ln() / 2 if is_large else 0)


def cosine(x: Decimal) -> Decimal:
    """The series of the cosine."""
    term = total = Decimal(1)
    n = 0
    while abs(term) > Decimal(10) ** -DIGITS:
        n += 2
        term *= -x * x / (n * (n - 1))
        total += term
    return total


def von_mises(x: Decimal, mean: Decimal, concentration: Decimal, period: Decimal) -> Decimal:
    turns = (x - mean) / period
    angle = 2 * PI * (turns - turns.to_integral_value())
    height = concentration * cosine(angle)
    return height - period.ln() - log_bessel(concentration)


def log_normal_below(x: Decimal) -> Decimal:
    """log Phi(x): the series of its difference to 1/2, or Mills' continued fraction far below zero."""
    if x > -12:
        term, total, n = x, x, 0
        while abs(term) > Decimal(10) ** (-2 * DIGITS):
            n += 1
            term *= x * x / (2 * n + 1)
            total += term
        return (Decimal("0.5") + total * (-x * x / 2).exp() / (2 * PI).sqrt()).ln()
    u = inner = -x
    for n in range(400, 0, -1):
        inner = u + n / inner
    return -x * x / 2 - (2 * PI).ln() / 2 - inner.ln()


def skew_normal(x: Decimal, location: Decimal, scale: Decimal, slant: Decimal) -> Decimal:
    z = (x - location) / scale
    with localcontext() as context:
        context.prec = 2 * DIGITS
        below = log_normal_below(slant * z)
    return below + Decimal(2).ln() - z * z / 2 - scale.ln() - (2 * PI).ln() / 2


def inverse_gaussian(x: Decimal, mean: Decimal, shape: Decimal) -> Decimal:
    away = shape * (x - mean) ** 2 / (mean * mean * x)
    return (shape.ln() - (2 * PI).ln() - 3 * x.ln() - away) / 2


def weibull(x: Decimal, shape: Decimal, scale: Decimal) -> Decimal:
    place = shape * (x / scale).ln()
    return shape.ln() - x.ln() + place - place.exp()


def exponential(x: Decimal, mean: Decimal) -> Decimal:
    return -mean.ln() - x / mean


def student_t(squared_distance: Decimal, log_root: Decimal, degrees: Decimal, d: int) -> Decimal:
    """Of the squared distance, and the logarithm of the root of the determinant of the scale matrix."""
    half = (degrees + d) / 2
    height = log_gamma(half) - log_gamma(degrees / 2) - d * (degrees * PI).ln() / 2
    return height - log_root - half * (1 + squared_distance / degrees).ln()


def with_digits(formula: Callable[..., Decimal], *values: Any) -> Decimal:
    """The formula of doubles taken as they are."""
    with localcontext() as context:
        context.prec = DIGITS
        return formula(*(Decimal(float(v)) if isinstance(v, float) else v for v in values))


def worst(found: F64, expected: list[Decimal]) -> float:
    """The largest error relative to max(1, |log f|)."""
    with localcontext() as context:
        context.prec = DIGITS
        pairs = zip(found, expected, strict=True)
        return max(float(abs(Decimal(float(a)) - b) / max(Decimal(1), abs(b))) for a, b in pairs)


def of_law(law: Law, params: Any, data: F64, rows: F64, **settings: Any) -> tuple[F64, Any]:
    """Log densities (K, m) of rows under params in units, through the law's own machinery with the constants of the
    data; and the params as the law shows them again."""
    names = tuple("abcdef"[: len(data)])
    constants = law.constants(plain_rows(data, names), law.Settings(**settings))
    inner = law.from_units(params, constants)
    groups = len(next(iter(arrays(inner).values())))
    out, work = np.empty((groups, rows.shape[1])), Workspace()
    features = law.features(law.encode(plain_rows(rows), constants), constants, work)
    law.log_density(features, law.kernel(inner, np.zeros(groups), constants), out, work)
    return out, law.in_units(inner, constants)
