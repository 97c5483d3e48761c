"""The shape of a gamma law: its share of the log density, and its maximum likelihood estimate.

Both are differences of large numbers where the shape is large; there Stirling's series takes their place
(Abramowitz and Stegun 1964, 6.1.40 and 6.3.18).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
SERIES_ABOVE = 20.0
SERIES_BELOW, SERIES_TERMS = 0.01, 9
MOST_STEPS = 12
SETTLED = 1e-15
LEAST_SHAPE = 1e-100
MOST_LOG = 600.0
"""exp of it is still a number whose square is one."""


def log_shortfalls(off: F64, logs: F64) -> F64:
    """log(1 + e) - e of e = `off`, exact also for e near zero; `logs` are log(1 + e)."""
    small = np.clip(off, -SERIES_BELOW, SERIES_BELOW)
    series = np.zeros_like(small)
    for n in range(SERIES_TERMS, 1, -1):
        series = series * small + (1.0 if n % 2 else -1.0) / n
    return np.asarray(np.where(np.abs(off) < SERIES_BELOW, series * small**2, logs - off))


def log_height(shapes: F64) -> F64:
    """a log a - a - log G(a): the log density of x / mean = 1 in units of the mean."""
    from scipy.special import gammaln

    w = 1 / np.maximum(shapes, SERIES_ABOVE)
    series = 1 / 12 + w**2 * (-1 / 360 + w**2 * (1 / 1260 + w**2 * (-1 / 1680 + w**2 / 1188)))
    far = 0.5 * np.log(shapes / (2 * np.pi)) - w * series
    near = np.minimum(shapes, SERIES_ABOVE)
    close = near * np.log(near) - near - gammaln(near)
    return np.asarray(np.where(shapes > SERIES_ABOVE, far, close))


def shapes_of(gaps: F64) -> F64:
    """The shapes whose log a - digamma(a) equals the gaps, log of the mean minus mean of the logs, all above zero.

    Newton's method in 1 / a, in which the equation is nearly a line; the start is that of Minka (2002).
    """
    w = 12 * gaps / (3 - gaps + np.sqrt((gaps - 3) ** 2 + 24 * gaps))
    for _ in range(MOST_STEPS):
        value, slope = gap_at(w)
        step = (gaps - value) / slope
        # the equation bends upwards, so that a step can only be too long downwards: stay above zero
        w = np.maximum(w + step, 0.1 * w)
        if np.all(np.abs(step) <= SETTLED * w):
            break
    return np.asarray(1 / w)


def shapes_at(log_means: F64) -> F64:
    """The shapes whose digamma is the mean of log(x / scale), where the scale is known: Newton's method from Minka's
    (2003, Estimating a Dirichlet distribution, appendix C) start, which lies below the root."""
    from scipy.special import digamma, polygamma

    near = np.minimum(log_means, MOST_LOG)
    low = near < -2.22
    shapes = np.where(low, -1 / (np.minimum(near, -1.0) - digamma(1.0)), np.exp(near) + 0.5)
    for _ in range(MOST_STEPS):
        step = (near - digamma(shapes)) / polygamma(1, shapes)
        shapes = np.maximum(shapes + step, 0.1 * shapes)
        if np.all(np.abs(step) <= SETTLED * shapes):
            break
    return np.asarray(shapes)


def gap_at(w: F64) -> tuple[F64, F64]:
    """log a - digamma(a) at a = 1 / w, and its derivative by w."""
    from scipy.special import digamma, polygamma

    v = np.minimum(w, 1 / SERIES_ABOVE)
    s = v**2
    far = v / 2 + s * (1 / 12 + s * (-1 / 120 + s * (1 / 252 + s * (-1 / 240 + s / 132))))
    bend = 1 / 2 + v * (1 / 6 + s * (-1 / 30 + s * (1 / 42 + s * (-1 / 30 + s * 5 / 66))))
    a = 1 / np.maximum(w, 1 / SERIES_ABOVE)
    near = np.log(a) - digamma(a)
    # next to 0 the product has its limit 1, and its factors are no numbers
    kept = np.maximum(a, LEAST_SHAPE)
    slope = kept**2 * polygamma(1, kept) - a
    is_far = w < 1 / SERIES_ABOVE
    return np.where(is_far, far, near), np.where(is_far, bend, slope)
