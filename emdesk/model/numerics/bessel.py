"""The concentration of a von Mises law and the length of its mean direction, A(k) = I1(k) / I0(k).

For a large concentration both Bessel functions have the expansion of Hankel (Abramowitz and Stegun 1964, 9.7.1), whose
difference keeps the digits of 1 - A; for a small one their quotient is taken (Mardia and Jupp 2000, Directional
Statistics, section 3.5.4 and appendix 1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
LARGE = 60.0
EXPANSION_TERMS = 14
MOST_STEPS = 40
SETTLED = 1e-13
LEAST, MOST = 1e-8, 1e306
"""Concentrations that are told from 0 and from infinity."""


def _coefficients(order: int) -> list[float]:
    """Of 1, 1 / k, 1 / k^2, ... in the expansion of I_order(k) exp(-k) sqrt(2 pi k)."""
    made = [1.0]
    for n in range(1, EXPANSION_TERMS):
        made.append(-made[-1] * (4 * order**2 - (2 * n - 1) ** 2) / (8 * n))
    return made


BOTTOM = np.array(_coefficients(0))
TOP = BOTTOM - np.array(_coefficients(1))


def log_bessel(concentrations: F64) -> F64:
    """log I0(k) - k, at any size of k."""
    from scipy.special import i0e

    return np.asarray(np.log(i0e(concentrations)))


def length_gap(concentrations: F64) -> F64:
    """1 - A(k) with all digits, also where it is small: about 1 / (2 k)."""
    from scipy.special import i0e, i1e

    w = 1 / np.maximum(concentrations, LARGE)
    near = np.minimum(concentrations, LARGE)
    bottom = i0e(near)
    close = (bottom - i1e(near)) / bottom
    far = np.polynomial.polynomial.polyval(w, TOP) / np.polynomial.polynomial.polyval(w, BOTTOM)
    return np.asarray(np.where(concentrations > LARGE, far, close))


def concentration_of(gaps: F64) -> F64:
    """The concentration k whose 1 - A(k) is the given gap: Newton's method in log k from the approximation of Banerjee,
    Dhillon, Ghosh and Sra (2005), J. Mach. Learn. Res. 6, 1345-1382, section 4. A gap of 1 or more has the least
    concentration, one of 0 the largest."""
    inner = np.clip(gaps, 0.5 / MOST, 1 - 0.5 * LEAST)
    lengths = 1 - inner
    k = lengths * (1 + inner * (1 + lengths)) / (inner * (1 + lengths))
    for _ in range(MOST_STEPS):
        found = length_gap(k)
        slope = _log_slope(k, found)
        step = (found - inner) / slope
        k = k * np.exp(np.clip(step, -2.0, 2.0))
        if np.all(np.abs(step) <= SETTLED):
            break
    return np.asarray(np.clip(k, LEAST, MOST))


def _log_slope(k: F64, gap: F64) -> F64:
    """Minus the derivative of 1 - A(k) by log k: k (1 - A^2) - A, of which little is left where k is large."""
    w = 1 / np.maximum(k, LARGE)
    far = w * (0.5 + w * (0.25 + w * (0.375 + 0.78125 * w)))
    return np.asarray(np.where(k > LARGE, far, k * gap * (2 - gap) - (1 - gap)))
