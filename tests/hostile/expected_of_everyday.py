"""How fits of hostile data as they come from everyday files are expected to end under every law."""

from __future__ import annotations

from tests.hostile.ends import RIGHT, refused, right_or, weak
from tests.hostile.expected_of_scales import SCALES
from tests.hostile.sorts_of_laws import (
    BOUNDED,
    CIRCLE,
    CURVES,
    ELLIPSES,
    LINES,
    NARROWING,
    OTHERS,
    RATIOS,
    REGRESSIONS,
    SHARES,
    SKEWED,
    Row,
)

COLLAPSING = ("floor", "few-rows")


def few_rows(reason: str, but: str = "") -> tuple[Row, ...]:
    """The ends where a group may take a few rows for itself, for that reason, under all laws but one."""
    narrowing = " ".join(law for law in NARROWING.split() if law != but)
    return (
        (SKEWED, right_or("edge", *COLLAPSING), reason),
        (narrowing, right_or(*COLLAPSING), reason),
        (BOUNDED, RIGHT, "finite"),
        (LINES, right_or(*COLLAPSING), reason),
        (CURVES, right_or("separated", "few-rows"), reason),
    )


def always_right(reason: str) -> tuple[Row, ...]:
    """The right answer under every law, for that reason."""
    return (SKEWED, right_or("edge"), reason), (OTHERS, RIGHT, reason)


EVERYDAY: dict[str, tuple[Row, ...]] = {
    "code_for_a_missing_value": (
        *few_rows("a group for three equal cells collapses", but=CIRCLE),
        (CIRCLE, refused("c"), "9999 is many turns"),
    ),
    "a_far_cell_in_each_column": always_right("one group has one maximum"),
    "slip_of_the_unit": always_right("one group has one maximum"),
    "two_rows_far_from_the_others": few_rows("a group of two rows collapses"),
    "years": always_right("two groups, farther from 0"),
    "offset_of_1e9_and_missing_cells": always_right("digits are enough; cells are left out"),
    "nearly_the_same_column_twice": always_right("a millionth of the variance is above the floor"),
    "mirrored_column": (
        (SKEWED, right_or("edge"), "columns are independent in a group"),
        (ELLIPSES, weak("floor"), "a full matrix of two such columns is singular"),
        (f"{RATIOS} {SHARES} {CIRCLE} {BOUNDED}", RIGHT, "columns are independent in a group"),
        (REGRESSIONS, refused("c"), "a predictor twice has no coefficient of its own"),
    ),
    "half_of_the_cells_missing": always_right("one group has one maximum"),
    "half_of_the_rows_without_weight": always_right("the maximum of every second row"),
    "eight_columns": (
        (SKEWED, right_or("edge"), "twenty rows are enough for eight columns"),
        (f"{NARROWING} {BOUNDED} {LINES}", RIGHT, "twenty rows are enough for eight columns"),
        (CURVES, right_or("separated"), "eight coefficients from twenty counts"),
    ),
    "scale_of_1e_minus_100": SCALES["scale_of_1e_minus_150"],
    "scale_of_1e100": SCALES["scale_of_1e150"],
    "zeros_with_a_sign": always_right("minus zero is zero"),
    "one_group_inside_the_other": few_rows("a group of a few rows next to each other"),
}
"""The end of each of these data sets under every law, by the name of the data set."""
