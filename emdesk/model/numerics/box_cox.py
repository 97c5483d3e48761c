"""Powers of values as Box and Cox take them, with the derivatives by the power and the way back.

A value y about a pivot g is kept as its sign s and l = log|y / g|. The transformed value is v = (s exp(p l) - 1) / p,
log y / g for p = 0 (Box and Cox 1964, J. R. Statist. Soc. B 26, 211-252), with the sign in front for values below zero
(Lo, Brinkman and Gottardo 2008, Cytometry A 73, 321-332, section 2): for p > 0 every real number has one value and
every value one number.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.model.positive import grown

F64 = NDArray[np.float64]
SERIES_BELOW = 1.0
TERMS = 20
"""So many terms of a series of exp leave less than a rounding where the argument is no larger than that."""


def powered(logs: F64, signs: F64 | None, power: float) -> F64:
    """v (d, m) of logarithms and signs (d, m); None for values above zero only."""
    if power == 0:
        return logs
    if signs is None:
        return np.asarray(np.expm1(power * logs) / power)
    below = -(np.exp(power * logs) + 1) / power
    return np.asarray(np.where(signs > 0, np.expm1(power * logs) / power, below))


def powered_slopes(logs: F64, signs: F64 | None, power: float) -> tuple[F64, F64]:
    """First and second derivative (d, m) of v by the power."""
    by_one, by_two = _integrals(power * logs)
    slope, bend = logs**2 * by_one, logs**3 * by_two
    if signs is None or np.all(signs > 0):
        return slope, bend
    grown_by = np.exp(power * logs)
    below = (grown_by + 1) / power**2 - logs * grown_by / power
    below_bend = (2 * logs * grown_by - 2 * (grown_by + 1) / power) / power**2
    below_bend -= logs**2 * grown_by / power
    return np.where(signs > 0, slope, below), np.where(signs > 0, bend, below_bend)


def _integrals(x: F64) -> tuple[F64, F64]:
    """The integrals from 0 to 1 of t exp(x t) and of its product with t."""
    near = np.clip(x, -SERIES_BELOW, SERIES_BELOW)
    term, one, two = np.ones_like(near), np.zeros_like(near), np.zeros_like(near)
    for n in range(TERMS):
        one += term / (n + 2)
        two += term / (n + 3)
        term = term * near / (n + 1)
    far = np.abs(x) > SERIES_BELOW
    if far.any():
        away = x[far]
        high = np.exp(away)
        first = (high - np.expm1(away) / away) / away
        one[far] = first
        two[far] = (high - 2 * first) / away
    return one, two


def logs_and_signs(powered_values: F64, power: F64 | float) -> tuple[F64, F64]:
    """Logarithms and signs (K, d) of the values whose v (K, d) is given, for powers (K, 1) of zero or more."""
    stretched = power * powered_values
    is_log = np.broadcast_to(power == 0, stretched.shape)
    safe = np.where(is_log, 1.0, power)
    with np.errstate(divide="ignore"):
        above = np.log1p(np.maximum(stretched, -1.0)) / safe
        below = np.log(np.maximum(-1 - stretched, 0.0)) / safe
    is_above = is_log | (stretched >= -1)
    logs = np.where(is_log, powered_values, np.where(is_above, above, below))
    return logs, np.where(is_above, 1.0, -1.0)


def values_of(powered_values: F64, power: F64 | float, pivots: F64) -> F64:
    """The values (K, d) whose v (K, d) is given, for powers (K, 1) of zero or more and pivots (d,)."""
    logs, signs = logs_and_signs(powered_values, power)
    return np.asarray(signs * grown(pivots, logs))
