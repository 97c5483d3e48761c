"""Moments of the Weibull law: values of log G(1 + t) at t = 1 / shape and 2 / shape. Where t is small they and their
difference are series in t (Abramowitz and Stegun 1964, 6.1.33)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
EULER = float(np.euler_gamma)
SERIES_BELOW = 0.02
ORDERS = range(12, 1, -1)


def log_mean(shapes: F64) -> F64:
    """The logarithm of the mean of x / scale."""
    from scipy.special import gammaln, zeta

    t = 1 / shapes
    near = np.minimum(t, SERIES_BELOW)
    series = np.zeros_like(near)
    for k in ORDERS:
        series = (series * near) + (-1) ** k * zeta(k) / k
    return np.where(t < SERIES_BELOW, near * (near * series - EULER), gammaln(1 + t))


def log_excess(shapes: F64) -> F64:
    """The logarithm of the mean of x squared over the squared mean: next to the squared relative deviation where that
    is small."""
    from scipy.special import gammaln, zeta

    t = 1 / shapes
    near = np.minimum(t, SERIES_BELOW)
    series = np.zeros_like(near)
    for k in ORDERS:
        series = (series * near) + (-1) ** k * zeta(k) * (2.0**k - 2) / k
    return np.where(t < SERIES_BELOW, near**2 * series, gammaln(1 + 2 * t) - 2 * gammaln(1 + t))
