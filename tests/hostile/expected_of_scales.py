"""How fits of data of extreme scales and offsets are expected to end under every law with its default settings."""

from __future__ import annotations

from tests.hostile.ends import RIGHT, refused, right_or, weak
from tests.hostile.sorts_of_laws import (
    ANSWERS,
    CATEGORIES,
    CIRCLE,
    CURVES,
    ELLIPSES,
    LINES,
    RATIOS,
    REGRESSIONS,
    SHARES,
    SKEWED,
    TIMES,
    WHOLE,
    Row,
)

CLOSED_SKEWED: Row = (SKEWED, right_or("edge"), "closed under scale")
CLOSED: Row = (f"{ELLIPSES} {RATIOS} {TIMES} {LINES}", RIGHT, "closed under scale")
NEXT_TO_ZERO: Row = (SHARES, refused("a"), "so near 0 that one of the shapes has no digits")
EQUAL_ANGLES: Row = (CIRCLE, weak("floor"), "angles whose square is 0 are all but equal")
TOO_LARGE: Row = (f"{SHARES} {CIRCLE}", refused("a"), "above 1, or many turns")
TOO_LARGE_COUNTS: Row = (f"{WHOLE} {CURVES}", refused("a"), "counts that a double does not hold")
NO_COUNTS: Row = (WHOLE, refused("a"), "no counts")
NO_COUNTS_ON_A_CURVE: Row = (CURVES, refused("a"), "no counts")
NAMES_ONLY: tuple[Row, ...] = (
    (ANSWERS, refused("a"), "not 0 and 1"),
    (CATEGORIES, RIGHT, "other numbers for the same categories"),
)

SCALES: dict[str, tuple[Row, ...]] = {
    "scale_of_1e_minus_312": (
        (SKEWED, right_or("edge"), "closed under scale, and eleven digits are left"),
        (ELLIPSES, refused("a"), "the square is 0"),
        (f"{RATIOS} {TIMES}", RIGHT, "closed under scale, and eleven digits are left"),
        NEXT_TO_ZERO,
        EQUAL_ANGLES,
        NO_COUNTS,
        *NAMES_ONLY,
        (LINES, refused("a"), "the square is 0"),
        NO_COUNTS_ON_A_CURVE,
    ),
    "scale_of_1e_minus_300": (
        CLOSED_SKEWED,
        (ELLIPSES, refused("a"), "the square is 0"),
        (f"{RATIOS} {TIMES}", RIGHT, "closed under scale"),
        NEXT_TO_ZERO,
        EQUAL_ANGLES,
        NO_COUNTS,
        *NAMES_ONLY,
        (LINES, refused("a"), "the square is 0"),
        NO_COUNTS_ON_A_CURVE,
    ),
    "scale_of_1e_minus_150": (
        CLOSED_SKEWED,
        CLOSED,
        NEXT_TO_ZERO,
        (CIRCLE, RIGHT, "the square of an angle is a number yet"),
        NO_COUNTS,
        *NAMES_ONLY,
        NO_COUNTS_ON_A_CURVE,
    ),
    "scale_of_1e9": (
        CLOSED_SKEWED,
        CLOSED,
        TOO_LARGE,
        (f"{WHOLE} {CURVES}", RIGHT, "counts of billions are counts"),
        *NAMES_ONLY,
    ),
    "scale_of_1e16": (
        CLOSED_SKEWED,
        CLOSED,
        TOO_LARGE,
        TOO_LARGE_COUNTS,
        *NAMES_ONLY,
    ),
    "scale_of_1e150": (
        CLOSED_SKEWED,
        CLOSED,
        TOO_LARGE,
        TOO_LARGE_COUNTS,
        *NAMES_ONLY,
    ),
    "scale_of_1e300": (
        CLOSED_SKEWED,
        (ELLIPSES, refused("a"), "the square is infinite"),
        (f"log-normal gamma weibull {TIMES}", RIGHT, "closed under scale"),
        ("inverse-gaussian", refused("a"), "shapes are beyond the largest number"),
        TOO_LARGE,
        TOO_LARGE_COUNTS,
        *NAMES_ONLY,
        (LINES, refused("a"), "the square is infinite"),
    ),
    "next_to_the_largest_number": (
        (SKEWED, refused("a"), "differences are infinite"),
        (ELLIPSES, refused("a"), "differences are infinite"),
        (f"log-normal gamma weibull {TIMES}", RIGHT, "closed under scale"),
        ("inverse-gaussian", refused("a"), "shapes are beyond the largest number"),
        TOO_LARGE,
        TOO_LARGE_COUNTS,
        *NAMES_ONLY,
        (LINES, refused(), "differences are infinite"),
    ),
    "unequal_scales": (
        (SKEWED, right_or("edge"), "closed under a scale for each column"),
        (f"{ELLIPSES} {RATIOS} {TIMES}", RIGHT, "closed under a scale for each column"),
        (f"{SHARES} {CIRCLE} {WHOLE} {ANSWERS}", refused("b"), "the second column is too large"),
        (CATEGORIES, RIGHT, "other numbers for the same categories"),
        (REGRESSIONS, RIGHT, "coefficients take the scale of a predictor"),
    ),
    "offset_of_1e12": (
        (SKEWED, right_or("edge"), "closed under shifts"),
        (f"{ELLIPSES} {LINES}", RIGHT, "closed under shifts"),
        (RATIOS, RIGHT, "a mean has two or three digits of the spread, and a fit all"),
        (TIMES, RIGHT, "one mean is as good as another"),
        (SHARES, refused("a"), "above 1"),
        (CIRCLE, RIGHT, "turns that are over do not count"),
        (f"{WHOLE} {CURVES}", RIGHT, "counts with all digits"),
        *NAMES_ONLY,
    ),
    "offset_of_1e12_and_a_small_spread": (
        (SKEWED, right_or("edge"), "closed under shifts and scales"),
        (f"{ELLIPSES} {LINES}", RIGHT, "closed under shifts and scales"),
        (RATIOS, refused("a"), "a mean has less than two digits of the spread"),
        (TIMES, RIGHT, "one mean is as good as another"),
        (SHARES, refused("a"), "above 1"),
        (CIRCLE, RIGHT, "turns that are over do not count"),
        (f"{WHOLE} {CURVES}", refused("a"), "no counts"),
        *NAMES_ONLY,
    ),
    "offset_of_1e15": (
        (SKEWED, right_or("edge"), "closed under shifts; steps are an eighth"),
        (f"{ELLIPSES} {LINES}", RIGHT, "closed under shifts; steps are an eighth"),
        (RATIOS, refused("a"), "a mean has less than two digits of the spread"),
        (TIMES, RIGHT, "one mean is as good as another"),
        (SHARES, refused("a"), "above 1"),
        (CIRCLE, RIGHT, "turns that are over do not count"),
        (f"{WHOLE} {CURVES}", RIGHT, "counts with all digits"),
        *NAMES_ONLY,
    ),
}
"""The end of each data set under every law, by the name of the data set."""
