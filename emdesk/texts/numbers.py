"""Numbers as the window shows them: true minus, narrow spaces between thousands, stable decimals.

Exports and copied tables never come through here: they keep all 17 digits and the ASCII minus.
"""

from __future__ import annotations

import math

MINUS = "\u2212"
NARROW_SPACE = "\u202f"
MISSING = "\u2013"


def _grouped(digits: str) -> str:
    head, dot, tail = digits.partition(".")
    sign = MINUS if head.startswith("-") else ""
    head = head.removeprefix("-")
    if len(head) > 3:
        first = len(head) % 3 or 3
        groups = [head[:first]] + [head[i : i + 3] for i in range(first, len(head), 3)]
        head = NARROW_SPACE.join(groups)
    return sign + head + dot + tail


def whole(value: float) -> str:
    """A count: 12 345."""
    return _grouped(f"{value:.0f}")


def fixed(value: float, decimals: int) -> str:
    """A number with a fixed count of decimals; huge and tiny ones fall back to `short`."""
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return ("" if value > 0 else MINUS) + "\u221e"
    if abs(value) >= 1e9 or decimals > 9:
        return short(value)
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return _grouped(text)


def criterion(value: float) -> str:
    """A log-likelihood or criterion: two decimals, a small one as 6e\u22128."""
    return short(value) if 0 < abs(value) < 0.005 else fixed(value, 2)


def short(value: float) -> str:
    """One significant digit or so: 6e\u22128, 0.16, 37."""
    if not math.isfinite(value):
        return fixed(value, 0)
    if value == 0:
        return "0"
    size = abs(value)
    if 0.005 <= size < 1e6:
        decimals = 0 if size >= 100 else 2 if size < 1 else 1 if size < 10 else 0
        return fixed(value, decimals)
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}".replace("-", MINUS)


def probability(value: float) -> str:
    """Three decimals, `<0.001` below."""
    if math.isnan(value):
        return MISSING
    return "<0.001" if 0 < value < 0.0005 else fixed(value, 3)


def duration(seconds: float) -> str:
    """0.02 s, 0.6 s, 42 s, 4 min 10 s."""
    if seconds < 0.095:
        return f"{seconds:.2f} s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s"


def decimals_for(spread: float) -> int:
    """Decimals that show a thousandth of a column's standard deviation, at most 9."""
    if not math.isfinite(spread) or spread <= 0:
        return 3
    return max(0, min(9, 3 - math.floor(math.log10(spread))))
