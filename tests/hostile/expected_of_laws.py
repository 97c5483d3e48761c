"""How the fit of each hostile data set is expected to end under every law with its default settings, and why.

A row of `EXPECTED` is laws, end, reason: written from what is known of the law, not from what came out. Where the
likelihood has a finite maximum that numbers can hold, the right answer is expected. A group of rows that are equal, or
lie in a plane where the law has a full matrix, has no finite maximum.
"""

from __future__ import annotations

from tests.hostile.ends import RIGHT, refused, right_or, weak
from tests.hostile.expected_of_everyday import EVERYDAY
from tests.hostile.expected_of_scales import SCALES
from tests.hostile.sorts_of_laws import (
    ALL,
    ANSWERS,
    BOUNDED,
    CATEGORIES,
    CIRCLE,
    COUNTS,
    CURVES,
    ELLIPSES,
    LINES,
    NARROWING,
    OTHERS,
    RATIOS,
    REGRESSIONS,
    SHARES,
    SKEWED,
    TIMES,
    TOTALS,
    WHOLE,
    Row,
)

EVERY_ROW_AGAIN = "every group of equal rows collapses"
EXPECTED: dict[str, tuple[Row, ...]] = (
    SCALES
    | EVERYDAY
    | {
        "plain": (
            (SKEWED, right_or("edge"), "two groups ten SDs apart"),
            (OTHERS, RIGHT, "two groups ten SDs apart"),
        ),
        "plane": (
            (SKEWED, right_or("edge"), "columns are independent in a group"),
            (ELLIPSES, weak("floor"), "a full matrix in a plane is singular"),
            (f"{RATIOS} {SHARES} {CIRCLE} {BOUNDED}", RIGHT, "columns are independent in a group"),
            (LINES, refused("a"), "the response is a difference of its predictors"),
            (
                CURVES,
                right_or("separated", "few-rows"),
                "rounding is all that is left of the response",
            ),
        ),
        "duplicated_column": (
            (SKEWED, right_or("edge"), "columns are independent in a group"),
            (ELLIPSES, weak("floor"), "a full matrix of two equal columns is singular"),
            (f"{RATIOS} {SHARES} {CIRCLE} {BOUNDED}", RIGHT, "columns are independent in a group"),
            (REGRESSIONS, refused("c"), "a predictor twice has no coefficient of its own"),
        ),
        "constant_column": (
            (SKEWED, refused("c"), "a constant column has no density"),
            (NARROWING, refused("c"), "a constant column has no density"),
            (BOUNDED, RIGHT, "a constant is a mean, a rate or a category"),
            (REGRESSIONS, refused("c"), "a constant predictor is the intercept again"),
        ),
        "last_bits": (
            (f"{RATIOS} {SHARES}", refused("c"), "a mean has no more digits than that"),
            (CIRCLE, right_or("floor"), "directions that are equal but for rounding"),
            (SKEWED, right_or("edge"), "the differences between doubles are exact"),
            (f"{ELLIPSES} {BOUNDED} {REGRESSIONS}", RIGHT, "differences of doubles are exact"),
        ),
        "all_rows_equal": (
            (SKEWED, refused("a"), "constant columns have no density"),
            (NARROWING, refused("a"), "constant columns have no density"),
            (BOUNDED, RIGHT, "one point mass"),
            (REGRESSIONS, refused(), "constant predictors, and for a line a constant response"),
        ),
        "two_distinct_rows": (
            (SKEWED, weak("floor", "few-rows"), "every group of equal rows collapses"),
            (NARROWING, weak("floor", "few-rows"), EVERY_ROW_AGAIN),
            (BOUNDED, RIGHT, "a group for each row"),
            (REGRESSIONS, refused("c"), "on two points predictors are multiples of each other"),
        ),
        "three_distinct_rows": (
            (SKEWED, weak("floor", "few-rows", "edge"), "every group of equal rows collapses"),
            (NARROWING, weak("floor", "few-rows"), EVERY_ROW_AGAIN),
            (BOUNDED, RIGHT, "two groups share out three points"),
            (LINES, refused("a"), "three points lie on a plane"),
            (CURVES, right_or("separated", "few-rows"), "as many points as coefficients"),
        ),
        "fewer_rows_than_columns": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "each column by itself has four rows"),
            (ELLIPSES, weak("floor", "few-rows"), "four rows lie in a plane of six columns"),
            (f"{RATIOS} {SHARES} {CIRCLE} {BOUNDED}", RIGHT, "each column by itself has four rows"),
            (REGRESSIONS, refused(), "fewer rows than coefficients"),
        ),
        "two_groups_in_fewer_rows_than_columns": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "three rows a group"),
            (ELLIPSES, weak("floor", "few-rows"), "rows of a group lie in a plane"),
            (f"{RATIOS} {SHARES} {CIRCLE}", right_or("floor", "few-rows"), "three rows a group"),
            (BOUNDED, RIGHT, "columns are independent in a group"),
            (REGRESSIONS, refused(), "fewer rows than coefficients"),
        ),
        "nearly_as_many_groups_as_rows": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "a group on one row"),
            (ELLIPSES, weak("floor", "few-rows"), "a full matrix needs four rows"),
            (f"{RATIOS} {SHARES} {CIRCLE}", right_or("floor", "few-rows"), "a group on one row"),
            (BOUNDED, right_or("empty"), "finite; some groups are not needed"),
            (LINES, right_or("floor", "few-rows"), "a plane through three rows leaves nothing"),
            (CURVES, right_or("few-rows", "separated"), "a curve through three rows"),
        ),
        "as_many_groups_as_rows": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "a group on one row"),
            (ELLIPSES, weak("floor", "few-rows"), "a full matrix needs four rows"),
            (f"{RATIOS} {SHARES} {CIRCLE}", right_or("floor", "few-rows"), "a group on one row"),
            (BOUNDED, right_or("empty"), "finite; some groups are not needed"),
            (LINES, right_or("floor", "few-rows"), "a plane through three rows leaves nothing"),
            (CURVES, right_or("few-rows", "separated"), "a curve through three rows"),
        ),
        "more_groups_than_rows": ((ALL, refused(), "fewer rows than groups"),),
        "one_row": (
            (SKEWED, refused("a"), "one row has no spread"),
            (NARROWING, refused("a"), "one row has no spread"),
            (BOUNDED, RIGHT, "one point mass"),
            (REGRESSIONS, refused(), "fewer rows than coefficients"),
        ),
        "two_rows": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "each column by itself has two rows"),
            (ELLIPSES, weak("floor", "few-rows"), "two rows lie on a line"),
            (f"{RATIOS} {SHARES} {CIRCLE} {BOUNDED}", RIGHT, "each column by itself has two rows"),
            (REGRESSIONS, refused(), "fewer rows than coefficients"),
        ),
        "far_point": (
            (
                SKEWED,
                right_or("edge", "floor", "few-rows"),
                "a group for the far row alone collapses",
            ),
            (NARROWING, right_or("floor", "few-rows"), "a group for the far row alone collapses"),
            (BOUNDED, RIGHT, "the far row is a group or in one"),
            (LINES, right_or("floor", "few-rows"), "a plane for the far row and two others"),
            (CURVES, right_or("few-rows", "separated"), "a curve for the far row alone"),
        ),
        "very_far_point": (
            (
                SKEWED,
                right_or("edge", "floor", "few-rows"),
                "the others are beyond the floor: 1e-8 of all",
            ),
            (ELLIPSES, weak("floor", "few-rows"), "a group for the far row alone collapses"),
            (f"{RATIOS} {SHARES} {CIRCLE}", right_or("floor", "few-rows"), "the far row alone"),
            (BOUNDED, RIGHT, "the far row is a group or in one"),
            (LINES, right_or("floor", "few-rows"), "a plane for the far row and two others"),
            (CURVES, right_or("few-rows", "separated"), "a curve for the far row alone"),
        ),
        "one_group_and_a_very_far_point": (
            (SKEWED, right_or("edge"), "one group, with one tail"),
            (ELLIPSES, RIGHT, "one group has one maximum"),
            (f"{RATIOS} {SHARES} {CIRCLE} {BOUNDED}", RIGHT, "one group has one maximum"),
            (REGRESSIONS, RIGHT, "one group has one maximum"),
        ),
        "whole_numbers": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "a group on one heap collapses"),
            (NARROWING, right_or("floor", "few-rows"), "a group on one heap collapses"),
            (BOUNDED, RIGHT, "finite"),
            (LINES, right_or("floor", "few-rows"), "rows of one whole number lie on a plane"),
            (CURVES, right_or("separated"), "counts as before"),
        ),
        "heap": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "a group on the heap collapses"),
            (NARROWING, right_or("floor", "few-rows"), "a group on the heap collapses"),
            (BOUNDED, RIGHT, "finite"),
            (LINES, right_or("floor", "few-rows"), "a plane through the heap"),
            (CURVES, right_or("separated", "few-rows"), "a curve through the heap"),
        ),
        "repeated_rows": (
            (SKEWED, right_or("edge"), "the same maximum, ten times as high"),
            (OTHERS, RIGHT, "the same maximum, ten times as high"),
        ),
        "missing_cells": (
            (SKEWED, right_or("edge"), "cells are left out, or their rows"),
            (OTHERS, RIGHT, "cells are left out, or their rows"),
        ),
        "one_observed_cell": (
            (SKEWED, refused("c"), "one cell has no spread"),
            (NARROWING, refused("c"), "one cell has no spread"),
            (f"{TIMES} {COUNTS} {ANSWERS} {CATEGORIES}", RIGHT, "one cell has a mean"),
            (f"{TOTALS} {REGRESSIONS}", refused(), "one complete row for two groups"),
        ),
        "empty_column": ((ALL, refused(), "nothing is known of the column"),),
        "no_complete_row": (
            (SKEWED, right_or("edge"), "cells are left out"),
            (f"{NARROWING} {TIMES} {COUNTS} {ANSWERS} {CATEGORIES}", RIGHT, "cells are left out"),
            (f"{TOTALS} {REGRESSIONS}", refused(), "no row can be used"),
        ),
        "columns_that_never_meet": (
            (SKEWED, right_or("edge"), "cells are left out"),
            (f"{NARROWING} {TIMES} {COUNTS} {ANSWERS} {CATEGORIES}", RIGHT, "cells are left out"),
            (f"{TOTALS} {REGRESSIONS}", refused(), "no row can be used"),
        ),
        "weights_of_1e_minus_9": ((ALL, refused("weight"), "less than one row in all"),),
        "weights_of_1e9": (
            (SKEWED, right_or("edge"), "the same maximum"),
            (OTHERS, RIGHT, "the same maximum"),
        ),
        "weights_far_apart": (
            (SKEWED, right_or("edge"), "the maximum of every second row"),
            (OTHERS, RIGHT, "the maximum of every second row"),
        ),
        "weight_on_one_row": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "all but one point"),
            (NARROWING, right_or("floor", "few-rows"), "all but one point"),
            (BOUNDED, RIGHT, "finite"),
            (LINES, right_or("floor", "few-rows"), "all but one point"),
            (CURVES, right_or("separated", "few-rows"), "all but one point"),
        ),
        "three_rows_with_a_weight": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "a group on one row"),
            (ELLIPSES, weak("floor", "few-rows"), "three rows lie in a plane"),
            (f"{RATIOS} {SHARES} {CIRCLE}", right_or("floor", "few-rows"), "a group on one row"),
            (BOUNDED, RIGHT, "finite"),
            (LINES, refused("a"), "three rows lie on a plane"),
            (CURVES, right_or("few-rows", "separated"), "as many rows as coefficients"),
        ),
        "one_cloud": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "a second group may collapse"),
            (NARROWING, right_or("floor", "few-rows"), "a second group may collapse"),
            (BOUNDED, RIGHT, "finite"),
            (LINES, right_or("floor", "few-rows"), "a plane through four rows"),
            (CURVES, right_or("separated", "few-rows"), "a curve through a few rows"),
        ),
        "words": (
            (SKEWED, refused("a"), "no numbers"),
            (f"{NARROWING} {TIMES} {WHOLE} {ANSWERS} {REGRESSIONS}", refused("a"), "no numbers"),
            (CATEGORIES, RIGHT, "words are categories"),
        ),
        "all_cells_different": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "a second group may collapse"),
            (NARROWING, right_or("floor", "few-rows"), "a second group may collapse"),
            (f"{TIMES} {WHOLE}", RIGHT, "finite"),
            (ANSWERS, refused("a"), "not 0 and 1"),
            (CATEGORIES, RIGHT, "finite: every row is a category"),
            (LINES, right_or("floor", "few-rows"), "a plane through four rows"),
            (CURVES, right_or("separated", "few-rows"), "a curve through a few rows"),
        ),
        "more_values_than_categories": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "a second group may collapse"),
            (NARROWING, right_or("floor", "few-rows"), "a second group may collapse"),
            (f"{TIMES} {WHOLE}", RIGHT, "finite"),
            (ANSWERS, refused("a"), "not 0 and 1"),
            (CATEGORIES, refused("a"), "more than 500 categories"),
            (LINES, right_or("floor", "few-rows"), "a plane through four rows"),
            (CURVES, right_or("separated", "few-rows"), "a curve through a few rows"),
        ),
        "infinite_cell": ((ALL, refused("b"), "infinite is no number"),),
        "negative_cell": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "a number like others"),
            (f"{ELLIPSES} {CIRCLE} {LINES}", right_or("floor", "few-rows"), "a number like others"),
            (f"{RATIOS} {TIMES} {SHARES} {WHOLE} {ANSWERS} {CURVES}", refused("a"), "below 0"),
            (CATEGORIES, RIGHT, "one more category"),
        ),
        "zero_cell": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "a number like others"),
            (f"{ELLIPSES} {CIRCLE} {LINES}", right_or("floor", "few-rows"), "a number like others"),
            (f"{RATIOS} {SHARES}", refused("a"), "no logarithm"),
            (f"{TIMES} {WHOLE} {ANSWERS} {CATEGORIES} {CURVES}", RIGHT, "0 is in the domain"),
        ),
        "broken_count": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "a number like others"),
            (f"{ELLIPSES} {RATIOS} {TIMES} {CIRCLE}", right_or("floor", "few-rows"), "like others"),
            (f"{SHARES} {WHOLE} {ANSWERS} {CURVES}", refused("a"), "not in the domain"),
            (CATEGORIES, RIGHT, "one more category"),
            (LINES, right_or("floor", "few-rows"), "a number like others"),
        ),
        "told_apart_by_a_predictor": (
            (SKEWED, right_or("edge", "floor", "few-rows"), "one group has one maximum"),
            (f"{NARROWING} {BOUNDED} {LINES}", RIGHT, "one group has one maximum"),
            (CURVES, weak("separated"), "where the predictor is -1 every count is 0"),
        ),
        "worlds_apart": (
            (SKEWED, weak("floor"), "each group is beyond the floor: 1e-8 of all"),
            (ELLIPSES, weak("floor"), "each group is beyond the floor: 1e-8 of all"),
            (RATIOS, RIGHT, "in logarithms both are wide enough"),
            (SHARES, right_or("floor"), "one next to 0, one in the middle"),
            (CIRCLE, RIGHT, "a circle has no far away"),
            (TIMES, RIGHT, "a mean of rows that are not 0 is above 0"),
            (f"{WHOLE} {ANSWERS} {CATEGORIES}", RIGHT, "counts of ten and of billions"),
            (LINES, weak("floor"), "each line is beyond the floor: 1e-8 of one line for all"),
            (CURVES, RIGHT, "counts of ten and of billions"),
        ),
        "narrow_group": (
            (SKEWED, right_or("edge"), "a hundredth is far above the floor"),
            (f"{NARROWING} {LINES}", RIGHT, "a hundredth is far above the floor"),
            (f"{BOUNDED} {CURVES}", RIGHT, "finite"),
        ),
        "needle": (
            (SKEWED, weak("floor", "edge"), "beyond the floor: 1e-8 of all"),
            (f"{NARROWING} {LINES}", weak("floor"), "beyond the floor: 1e-8 of all"),
            (f"{BOUNDED} {CURVES}", RIGHT, "finite"),
        ),
        "powers_of_ten": (
            (
                SKEWED,
                right_or("edge", "floor", "few-rows"),
                "all rows but the largest are nearly 0",
            ),
            (ELLIPSES, weak("floor", "few-rows"), "all rows but the largest are nearly 0"),
            (RATIOS, right_or("floor", "few-rows"), "evenly spread logarithms"),
            (f"{SHARES} {CIRCLE}", right_or("floor", "few-rows"), "most rows are next to 0"),
            (TIMES, RIGHT, "a mean of rows that are not 0 is above 0"),
            (WHOLE, RIGHT, "powers of two: finite"),
            (ANSWERS, refused("a"), "not 0 and 1"),
            (CATEGORIES, RIGHT, "every row is a category"),
            (LINES, right_or("floor", "few-rows"), "all rows but the largest are nearly 0"),
            (CURVES, right_or("separated", "few-rows"), "all rows but the largest are nearly 0"),
        ),
    }
)
"""The end of each data set under every law, by the name of the data set."""
