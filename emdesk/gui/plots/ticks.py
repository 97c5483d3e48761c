"""Where the numbers of an axis stand and how they are written; numpy only."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from emdesk.texts.numbers import MINUS, NARROW_SPACE, fixed

F64 = NDArray[np.float64]

MOST_NUMBERS = 7
_SUPERSCRIPTS = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)


def tick_values(
    low: float, high: float, most: int = MOST_NUMBERS, *, whole: bool = False
) -> tuple[F64, float]:
    """Round values inside [low, high], at most `most`, and their distance: 1, 2 or 5 times 10^k.

    `whole` allows only whole distances, for iterations and counts.
    """
    span = high - low
    if not (math.isfinite(span) and span > 0 and math.isfinite(low)):
        return np.empty(0), 1.0
    most = max(1, min(MOST_NUMBERS, most))
    power = math.floor(math.log10(span / most)) if span / most > 1e-300 else -300
    for step in (m * 10.0**p for p in (power, power + 1, power + 2) for m in (1, 2, 5)):
        if whole and step < 1:
            continue
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return np.arange(first, last + 1, dtype=np.float64) * step, step
    return np.empty(0), 1.0


def tick_texts(values: F64, step: float, *, grouped: bool = True) -> list[str]:
    """Equal decimals, true minus, narrow spaces between thousands if `grouped`."""
    if not len(values):
        return []
    largest = float(np.max(np.abs(values)))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if largest < 1e9 and decimals <= 6:
        texts = [fixed(float(v) + 0.0, decimals) for v in values]
        return texts if grouped else [text.replace(NARROW_SPACE, "") for text in texts]
    exponent = math.floor(math.log10(largest))
    mantissa_decimals = max(0, exponent - math.floor(math.log10(step) + 1e-9))
    return [_scientific(float(v), exponent, mantissa_decimals) for v in values]


def _scientific(value: float, exponent: int, decimals: int) -> str:
    if value == 0:
        return "0"
    text = f"{value / 10.0**exponent:.{decimals}f}"
    return f"{text}e{exponent}".replace("-", MINUS)


def decade_values(low: float, high: float, most: int = MOST_NUMBERS) -> tuple[F64, float]:
    """Whole powers of ten inside [10^low, 10^high], given and returned as exponents."""
    most = max(2, min(MOST_NUMBERS, most))
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return np.empty(0), 1.0
    for step in (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 200, 400):
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first + 1 <= most:
            return np.arange(first, last + 1, dtype=np.float64) * step, float(step)
    return np.empty(0), 1.0


def decade_texts(exponents: F64) -> list[str]:
    """10\u207b\u2074 for -4; 1 and 10 in full."""
    plain = {0: "1", 1: "10"}
    return [
        plain.get(round(float(e)), "10" + str(round(float(e))).translate(_SUPERSCRIPTS))
        for e in exponents
    ]
