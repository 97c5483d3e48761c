"""Densities of counts without cancellation, and the check that a column holds counts.

A count density is a difference of large terms: at counts of millions a sum of log-gammas has lost five digits. Loader
writes it as deviances, which are all of one sign, and small corrections to Stirling's formula.

Source: Loader (2000), Fast and accurate computation of binomial probabilities, sections 2 to 4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
LOG_2_PI = float(np.log(2 * np.pi))
LARGEST = 2.0**53
"""Whole numbers beyond this are no longer held exactly."""
STIRLING_FROM = 16.0
STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)
SERIES_BELOW = 0.1
DEVIANCE = tuple((-1.0) ** n / (n * (n - 1)) for n in range(2, 18))
EXCESS = tuple((-1.0) ** n / (n + 2) for n in range(17))
EXCESS_SLOPE = tuple(n * c for n, c in enumerate(EXCESS))[1:]


def are_counts(values: F64) -> NDArray[np.bool_]:
    """Which values are counts that a computer holds exactly."""
    return np.asarray((values >= 0) & (values <= LARGEST) & (values == np.rint(values)))


def stirling_error(z: F64) -> F64:
    """log Gamma(z + 1) less Stirling's formula (z + 1/2) log z - z + log(2 pi) / 2, for z > 0."""
    from scipy.special import gammaln

    small = z < STIRLING_FROM
    inverse = 1.0 / np.where(small, STIRLING_FROM, z)
    made = inverse * _horner(inverse * inverse, STIRLING)
    if small.any():
        s = z[small]
        made[small] = gammaln(s + 1) - (s + 0.5) * np.log(s) + s - 0.5 * LOG_2_PI
    return np.asarray(made)


def deviance(u: F64) -> F64:
    """(1 + u) log(1 + u) - u for u >= -1, with all digits near 0."""
    near = np.abs(u) < SERIES_BELOW
    inside = np.where(near, 0.0, np.maximum(u, -1.0))
    grown = 1.0 + inside
    made = grown * np.log1p(np.where(grown > 0, inside, 0.0)) - inside
    if near.any():
        s = u[near]
        made[near] = s * s * _horner(s, DEVIANCE)
    return np.asarray(made)


def excess(y: F64) -> tuple[F64, F64]:
    """(y - log(1 + y)) / y^2 for y >= 0, which is 1/2 at 0, and its derivative."""
    near = y < SERIES_BELOW
    away = np.where(near, 1.0, y)
    value = (away - np.log1p(away)) / away**2
    slope = (1 / (1 + away) - 2 * value) / away
    if near.any():
        s = y[near]
        value[near] = _horner(s, EXCESS)
        slope[near] = _horner(s, EXCESS_SLOPE)
    return value, slope


def log_poisson(counts: F64, rates: F64) -> F64:
    """Log probability of whole counts at positive rates, of arrays of shapes that fit together."""
    x = np.maximum(counts, 1.0)
    logs = -stirling_error(x) - 0.5 * (LOG_2_PI + np.log(x))
    # the deviance of x from the rate; 1 + u is written x / rate, which keeps its digits where it is small
    shown = logs - rates * deviance((x - rates) / rates)
    return np.asarray(np.where(counts > 0, shown, -rates))


def log_negative_binomial(counts: F64, means: F64, dispersions: F64) -> F64:
    """Log probability of whole counts with these means and variances mean + dispersion mean^2.

    Loader's form of the binomial with size 1 / dispersion, written in the dispersion so that it goes over into the
    Poisson law where that is nearly 0.
    """
    x = np.maximum(counts, 1.0)
    size = 1.0 / dispersions
    spread, grown = 1.0 + dispersions * means, 1.0 + dispersions * x
    away = (x - means) / grown
    logs = stirling_error(size + x) - stirling_error(size) - stirling_error(x)
    logs -= grown / spread * size * deviance(-dispersions * away)
    logs -= grown / spread * means * deviance(away / means)
    logs -= 0.5 * (LOG_2_PI + np.log(x) + np.log1p(dispersions * x))
    return np.asarray(np.where(counts > 0, logs, -np.log1p(dispersions * means) / dispersions))


def log_binomial(successes: F64, trials: F64, probabilities: F64) -> F64:
    """Log probability of whole successes, no more than the whole trials, of arrays of shapes that fit together."""
    x, rest = successes, trials - successes
    inside = (x > 0) & (rest > 0)
    a, b, n = (np.where(inside, counts, 1.0) for counts in (x, rest, trials))
    logs = stirling_error(n) - stirling_error(a) - stirling_error(b)
    logs += 0.5 * (np.log(n) - np.log(a) - np.log(b) - LOG_2_PI)
    expected = np.maximum(trials * probabilities, 1e-300)
    others = np.maximum(trials * (1 - probabilities), 1e-300)
    away = x - trials * probabilities
    distance = expected * deviance(away / expected) + others * deviance(-away / others)
    return np.asarray(np.where(inside, logs, 0.0) - distance)


def _horner(x: F64, coefficients: tuple[float, ...]) -> F64:
    made = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        made *= x
        made += c
    return made
