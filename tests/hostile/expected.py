"""How the fit of each hostile data set is expected to end under every law, and why, as it was written down before the
first run.

A row of `EXPECTED` is laws, end, reason. Where the likelihood has a finite maximum the right answer is expected. A group
of rows that are equal, or lie in a plane where the law has a full matrix, has no finite maximum.
"""

from __future__ import annotations

from tests.hostile.ends import RIGHT, End, refused, right_or, weak

ELLIPSES = "gaussian student-t skew-normal"
RATIOS = "log-normal gamma weibull inverse-gaussian"
SHARES = "beta"
CIRCLE = "von-mises"
TIMES = "exponential"
COUNTS = "poisson negative-binomial geometric zero-inflated-poisson binomial"
TOTALS = "multinomial"
ANSWERS = "bernoulli"
CATEGORIES = "categorical ordinal"
LINES = "gaussian-regression"
CURVES = "poisson-regression binomial-regression"

NARROWING = f"{ELLIPSES} {RATIOS} {SHARES} {CIRCLE}"
"""The density has no bound: a group of equal rows collapses."""
BOUNDED = f"{TIMES} {COUNTS} {TOTALS} {ANSWERS} {CATEGORIES}"
"""The likelihood has a finite maximum whatever the rows are."""
WHOLE = f"{COUNTS} {TOTALS}"
REGRESSIONS = f"{LINES} {CURVES}"
ALL = f"{NARROWING} {BOUNDED} {REGRESSIONS}"

Row = tuple[str, End, str]
EVERY_ROW_AGAIN = "every group of equal rows collapses"
EXPECTED: dict[str, tuple[Row, ...]] = {
    "plain": ((ALL, RIGHT, "two groups ten SDs apart"),),
    "plane": (
        (ELLIPSES, weak("floor"), "a full matrix in a plane is singular"),
        (f"{RATIOS} {SHARES} {CIRCLE} {BOUNDED}", RIGHT, "columns are independent in a group"),
        (LINES, refused("a"), "the response is a difference of its predictors"),
        (CURVES, right_or("separated"), "rounding is all that is left of the response"),
    ),
    "duplicated_column": (
        (ELLIPSES, weak("floor"), "a full matrix of two equal columns is singular"),
        (f"{RATIOS} {SHARES} {CIRCLE} {BOUNDED}", RIGHT, "columns are independent in a group"),
        (REGRESSIONS, refused("c"), "a predictor twice has no coefficient of its own"),
    ),
    "constant_column": (
        (NARROWING, refused("c"), "a constant column has no density"),
        (BOUNDED, RIGHT, "a constant is a mean, a rate or a category"),
        (REGRESSIONS, refused("c"), "a constant predictor is the intercept again"),
    ),
    "last_bits": ((ALL, RIGHT, "the differences between doubles are exact"),),
    "all_rows_equal": (
        (NARROWING, refused("a"), "constant columns have no density"),
        (BOUNDED, RIGHT, "one point mass"),
        (REGRESSIONS, refused(), "constant predictors, and for a line a constant response"),
    ),
    "two_distinct_rows": (
        (NARROWING, weak("floor", "few-rows"), EVERY_ROW_AGAIN),
        (BOUNDED, RIGHT, "a group for each row"),
        (REGRESSIONS, refused("c"), "on two points predictors are multiples of each other"),
    ),
    "three_distinct_rows": (
        (NARROWING, weak("floor", "few-rows"), EVERY_ROW_AGAIN),
        (BOUNDED, RIGHT, "two groups share out three points"),
        (LINES, refused("a"), "three points lie on a plane"),
        (CURVES, right_or("separated", "few-rows"), "as many points as coefficients"),
    ),
    "fewer_rows_than_columns": (
        (ELLIPSES, weak("floor", "few-rows"), "four rows lie in a plane of six columns"),
        (f"{RATIOS} {SHARES} {CIRCLE} {BOUNDED}", RIGHT, "each column by itself has four rows"),
        (REGRESSIONS, refused(), "fewer rows than coefficients"),
    ),
    "two_groups_in_fewer_rows_than_columns": (
        (ELLIPSES, weak("floor", "few-rows"), "rows of a group lie in a plane"),
        (f"{RATIOS} {SHARES} {CIRCLE}", right_or("floor", "few-rows"), "three rows a group"),
        (BOUNDED, RIGHT, "columns are independent in a group"),
        (REGRESSIONS, refused(), "fewer rows than coefficients"),
    ),
    "nearly_as_many_groups_as_rows": (
        (ELLIPSES, weak("floor", "few-rows"), "a full matrix needs four rows"),
        (f"{RATIOS} {SHARES} {CIRCLE}", right_or("floor", "few-rows"), "a group on one row"),
        (BOUNDED, right_or("empty"), "finite; some groups are not needed"),
        (LINES, right_or("floor", "few-rows"), "a plane through three rows leaves nothing"),
        (CURVES, right_or("few-rows", "separated"), "a curve through three rows"),
    ),
    "as_many_groups_as_rows": (
        (ELLIPSES, weak("floor", "few-rows"), "a full matrix needs four rows"),
        (f"{RATIOS} {SHARES} {CIRCLE}", right_or("floor", "few-rows"), "a group on one row"),
        (BOUNDED, right_or("empty"), "finite; some groups are not needed"),
        (LINES, right_or("floor", "few-rows"), "a plane through three rows leaves nothing"),
        (CURVES, right_or("few-rows", "separated"), "a curve through three rows"),
    ),
    "more_groups_than_rows": ((ALL, refused(), "fewer rows than groups"),),
    "one_row": (
        (NARROWING, refused("a"), "one row has no spread"),
        (BOUNDED, RIGHT, "one point mass"),
        (REGRESSIONS, refused(), "fewer rows than coefficients"),
    ),
    "two_rows": (
        (ELLIPSES, weak("floor", "few-rows"), "two rows lie on a line"),
        (f"{RATIOS} {SHARES} {CIRCLE} {BOUNDED}", RIGHT, "each column by itself has two rows"),
        (REGRESSIONS, refused(), "fewer rows than coefficients"),
    ),
    "far_point": (
        (NARROWING, right_or("floor", "few-rows"), "a group for the far row alone collapses"),
        (BOUNDED, RIGHT, "the far row is a group or in one"),
        (LINES, right_or("floor", "few-rows"), "a plane for the far row and two others"),
        (CURVES, right_or("few-rows", "separated"), "a curve for the far row alone"),
    ),
    "very_far_point": (
        (ELLIPSES, weak("floor", "few-rows"), "the others are beyond the floor: 1e-8 of all"),
        (f"{RATIOS} {SHARES} {CIRCLE}", right_or("floor", "few-rows"), "the far row alone"),
        (BOUNDED, RIGHT, "the far row is a group or in one"),
        (LINES, right_or("floor", "few-rows"), "a plane for the far row and two others"),
        (CURVES, right_or("few-rows", "separated"), "a curve for the far row alone"),
    ),
    "one_group_and_a_very_far_point": (
        (ELLIPSES, weak("floor"), "the others are beyond the floor: 1e-8 of all"),
        (f"{RATIOS} {SHARES} {CIRCLE} {BOUNDED}", RIGHT, "one group has one maximum"),
        (REGRESSIONS, RIGHT, "one group has one maximum"),
    ),
    "scale_of_1e_minus_312": (
        (ELLIPSES, refused("a"), "the square is 0"),
        (f"{RATIOS} {TIMES} {SHARES}", RIGHT, "closed under scale, and eleven digits are left"),
        (CIRCLE, weak("floor"), "angles whose square is 0 are all but equal"),
        (WHOLE, refused("a"), "no counts"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, RIGHT, "other numbers for the same categories"),
        (LINES, refused("a"), "the square is 0"),
        (CURVES, refused("a"), "no counts"),
    ),
    "scale_of_1e_minus_300": (
        (ELLIPSES, refused("a"), "the square is 0"),
        (f"{RATIOS} {TIMES} {SHARES}", RIGHT, "closed under scale, or next to 0"),
        (CIRCLE, weak("floor"), "angles whose square is 0 are all but equal"),
        (WHOLE, refused("a"), "no counts"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, RIGHT, "other numbers for the same categories"),
        (LINES, refused("a"), "the square is 0"),
        (CURVES, refused("a"), "no counts"),
    ),
    "scale_of_1e_minus_150": (
        (f"{ELLIPSES} {RATIOS} {TIMES} {LINES}", RIGHT, "closed under scale"),
        (SHARES, RIGHT, "next to 0"),
        (CIRCLE, weak("floor"), "one less a cosine is 0"),
        (WHOLE, refused("a"), "no counts"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, RIGHT, "other numbers for the same categories"),
        (CURVES, refused("a"), "no counts"),
    ),
    "scale_of_1e9": (
        (f"{ELLIPSES} {RATIOS} {TIMES} {LINES}", RIGHT, "closed under scale"),
        (f"{SHARES} {CIRCLE}", refused("a"), "above 1, or many turns"),
        (f"{WHOLE} {CURVES}", RIGHT, "counts of billions are counts"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, RIGHT, "other numbers for the same categories"),
    ),
    "scale_of_1e16": (
        (f"{ELLIPSES} {RATIOS} {TIMES} {LINES}", RIGHT, "closed under scale"),
        (f"{SHARES} {CIRCLE}", refused("a"), "above 1, or many turns"),
        (f"{WHOLE} {CURVES}", refused("a"), "counts that a double does not hold"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, RIGHT, "other numbers for the same categories"),
    ),
    "scale_of_1e150": (
        (f"{ELLIPSES} {RATIOS} {TIMES} {LINES}", RIGHT, "closed under scale"),
        (f"{SHARES} {CIRCLE}", refused("a"), "above 1, or many turns"),
        (f"{WHOLE} {CURVES}", refused("a"), "counts that a double does not hold"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, RIGHT, "other numbers for the same categories"),
    ),
    "scale_of_1e300": (
        (ELLIPSES, refused("a"), "the square is infinite"),
        (f"{RATIOS} {TIMES}", RIGHT, "closed under scale"),
        (f"{SHARES} {CIRCLE}", refused("a"), "above 1, or many turns"),
        (f"{WHOLE} {CURVES}", refused("a"), "counts that a double does not hold"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, RIGHT, "other numbers for the same categories"),
        (LINES, refused("a"), "the square is infinite"),
    ),
    "next_to_the_largest_number": (
        (ELLIPSES, refused("a"), "differences are infinite"),
        (f"{RATIOS} {TIMES}", RIGHT, "closed under scale"),
        (f"{SHARES} {CIRCLE}", refused("a"), "above 1, or many turns"),
        (f"{WHOLE} {CURVES}", refused("a"), "counts that a double does not hold"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, RIGHT, "other numbers for the same categories"),
        (LINES, refused(), "differences are infinite"),
    ),
    "unequal_scales": (
        (f"{ELLIPSES} {RATIOS} {TIMES}", RIGHT, "closed under a scale for each column"),
        (f"{SHARES} {CIRCLE} {WHOLE} {ANSWERS}", refused("b"), "the second column is too large"),
        (CATEGORIES, RIGHT, "other numbers for the same categories"),
        (REGRESSIONS, RIGHT, "coefficients take the scale of a predictor"),
    ),
    "offset_of_1e12": (
        (f"{ELLIPSES} {LINES}", RIGHT, "closed under shifts"),
        (f"{RATIOS} {TIMES}", RIGHT, "narrow, and relative spreads have their digits"),
        (SHARES, refused("a"), "above 1"),
        (CIRCLE, RIGHT, "turns that are over do not count"),
        (f"{WHOLE} {CURVES}", RIGHT, "counts with all digits"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, RIGHT, "other numbers for the same categories"),
    ),
    "offset_of_1e12_and_a_small_spread": (
        (f"{ELLIPSES} {LINES}", RIGHT, "closed under shifts and scales"),
        (f"{RATIOS} {TIMES}", RIGHT, "narrow, and relative spreads have their digits"),
        (SHARES, refused("a"), "above 1"),
        (CIRCLE, RIGHT, "turns that are over do not count"),
        (f"{WHOLE} {CURVES}", refused("a"), "no counts"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, RIGHT, "other numbers for the same categories"),
    ),
    "offset_of_1e15": (
        (f"{ELLIPSES} {LINES}", RIGHT, "closed under shifts; steps are an eighth"),
        (f"{RATIOS} {TIMES}", RIGHT, "narrow, and relative spreads have their digits"),
        (SHARES, refused("a"), "above 1"),
        (CIRCLE, RIGHT, "turns that are over do not count"),
        (f"{WHOLE} {CURVES}", RIGHT, "counts with all digits"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, RIGHT, "other numbers for the same categories"),
    ),
    "whole_numbers": (
        (NARROWING, right_or("floor", "few-rows"), "a group on one heap collapses"),
        (BOUNDED, RIGHT, "finite"),
        (LINES, right_or("floor", "few-rows"), "rows of one whole number lie on a plane"),
        (CURVES, right_or("separated"), "counts as before"),
    ),
    "heap": (
        (NARROWING, right_or("floor", "few-rows"), "a group on the heap collapses"),
        (BOUNDED, RIGHT, "finite"),
        (LINES, right_or("floor", "few-rows"), "a plane through the heap"),
        (CURVES, right_or("separated", "few-rows"), "a curve through the heap"),
    ),
    "repeated_rows": ((ALL, RIGHT, "the same maximum, ten times as high"),),
    "missing_cells": ((ALL, RIGHT, "cells are left out, or their rows"),),
    "one_observed_cell": (
        (NARROWING, refused("c"), "one cell has no spread"),
        (f"{TIMES} {COUNTS} {ANSWERS} {CATEGORIES}", RIGHT, "one cell has a mean"),
        (f"{TOTALS} {REGRESSIONS}", refused(), "one complete row for two groups"),
    ),
    "empty_column": ((ALL, refused(), "nothing is known of the column"),),
    "no_complete_row": (
        (f"{NARROWING} {TIMES} {COUNTS} {ANSWERS} {CATEGORIES}", RIGHT, "cells are left out"),
        (f"{TOTALS} {REGRESSIONS}", refused(), "no row can be used"),
    ),
    "columns_that_never_meet": (
        (f"{NARROWING} {TIMES} {COUNTS} {ANSWERS} {CATEGORIES}", RIGHT, "cells are left out"),
        (f"{TOTALS} {REGRESSIONS}", refused(), "no row can be used"),
    ),
    "weights_of_1e_minus_9": ((ALL, RIGHT, "the same maximum"),),
    "weights_of_1e9": ((ALL, RIGHT, "the same maximum"),),
    "weights_far_apart": ((ALL, RIGHT, "the maximum of every second row"),),
    "weight_on_one_row": (
        (NARROWING, right_or("floor", "few-rows"), "all but one point"),
        (BOUNDED, RIGHT, "finite"),
        (LINES, right_or("floor", "few-rows"), "all but one point"),
        (CURVES, right_or("separated", "few-rows"), "all but one point"),
    ),
    "three_rows_with_a_weight": (
        (ELLIPSES, weak("floor", "few-rows"), "three rows lie in a plane"),
        (f"{RATIOS} {SHARES} {CIRCLE}", right_or("floor", "few-rows"), "a group on one row"),
        (BOUNDED, RIGHT, "finite"),
        (LINES, refused("a"), "three rows lie on a plane"),
        (CURVES, right_or("few-rows", "separated"), "as many rows as coefficients"),
    ),
    "one_cloud": (
        (NARROWING, right_or("floor", "few-rows"), "a second group may collapse"),
        (BOUNDED, RIGHT, "finite"),
        (LINES, right_or("floor", "few-rows"), "a plane through four rows"),
        (CURVES, right_or("separated", "few-rows"), "a curve through a few rows"),
    ),
    "words": (
        (f"{NARROWING} {TIMES} {WHOLE} {ANSWERS} {REGRESSIONS}", refused("a"), "no numbers"),
        (CATEGORIES, RIGHT, "words are categories"),
    ),
    "all_cells_different": (
        (NARROWING, right_or("floor", "few-rows"), "a second group may collapse"),
        (f"{TIMES} {WHOLE}", RIGHT, "finite"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, RIGHT, "finite: every row is a category"),
        (LINES, right_or("floor", "few-rows"), "a plane through four rows"),
        (CURVES, right_or("separated", "few-rows"), "a curve through a few rows"),
    ),
    "more_values_than_categories": (
        (NARROWING, right_or("floor", "few-rows"), "a second group may collapse"),
        (f"{TIMES} {WHOLE}", RIGHT, "finite"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, refused("a"), "more than 500 categories"),
        (LINES, right_or("floor", "few-rows"), "a plane through four rows"),
        (CURVES, right_or("separated", "few-rows"), "a curve through a few rows"),
    ),
    "infinite_cell": ((ALL, refused("b"), "infinite is no number"),),
    "negative_cell": (
        (f"{ELLIPSES} {CIRCLE} {LINES}", right_or("floor", "few-rows"), "a number like others"),
        (f"{RATIOS} {TIMES} {SHARES} {WHOLE} {ANSWERS} {CURVES}", refused("a"), "below 0"),
        (CATEGORIES, RIGHT, "one more category"),
    ),
    "zero_cell": (
        (f"{ELLIPSES} {CIRCLE} {LINES}", right_or("floor", "few-rows"), "a number like others"),
        (f"{RATIOS} {SHARES}", refused("a"), "no logarithm"),
        (f"{TIMES} {WHOLE} {ANSWERS} {CATEGORIES} {CURVES}", RIGHT, "0 is in the domain"),
    ),
    "broken_count": (
        (f"{ELLIPSES} {RATIOS} {TIMES} {CIRCLE}", right_or("floor", "few-rows"), "like others"),
        (f"{SHARES} {WHOLE} {ANSWERS} {CURVES}", refused("a"), "not in the domain"),
        (CATEGORIES, RIGHT, "one more category"),
        (LINES, right_or("floor", "few-rows"), "a number like others"),
    ),
    "told_apart_by_a_predictor": (
        (f"{NARROWING} {BOUNDED} {LINES}", RIGHT, "one group has one maximum"),
        (CURVES, weak("separated"), "where the predictor is -1 every count is 0"),
    ),
    "worlds_apart": (
        (ELLIPSES, weak("floor"), "each group is beyond the floor: 1e-8 of all"),
        (RATIOS, RIGHT, "in logarithms both are wide enough"),
        (SHARES, right_or("floor"), "one next to 0, one in the middle"),
        (CIRCLE, RIGHT, "a circle has no far away"),
        (TIMES, weak("floor"), "the least mean is 1e-8 of the column's"),
        (f"{WHOLE} {ANSWERS} {CATEGORIES}", RIGHT, "counts of ten and of billions"),
        (LINES, weak("floor"), "each line is beyond the floor: 1e-8 of one line for all"),
        (CURVES, RIGHT, "counts of ten and of billions"),
    ),
    "narrow_group": (
        (f"{NARROWING} {LINES}", RIGHT, "a hundredth is far above the floor"),
        (f"{BOUNDED} {CURVES}", RIGHT, "finite"),
    ),
    "needle": (
        (f"{NARROWING} {LINES}", weak("floor"), "beyond the floor: 1e-8 of all"),
        (f"{BOUNDED} {CURVES}", RIGHT, "finite"),
    ),
    "powers_of_ten": (
        (ELLIPSES, weak("floor", "few-rows"), "all rows but the largest are nearly 0"),
        (RATIOS, right_or("floor", "few-rows"), "evenly spread logarithms"),
        (f"{SHARES} {CIRCLE}", right_or("floor", "few-rows"), "most rows are next to 0"),
        (TIMES, weak("floor"), "the least mean is 1e-8 of the column's"),
        (WHOLE, RIGHT, "powers of two: finite"),
        (ANSWERS, refused("a"), "not 0 and 1"),
        (CATEGORIES, RIGHT, "every row is a category"),
        (LINES, right_or("floor", "few-rows"), "all rows but the largest are nearly 0"),
        (CURVES, right_or("separated", "few-rows"), "all rows but the largest are nearly 0"),
    ),
}
"""The end of each data set under every law, by the name of the data set."""


def expected_end(data_set: str, law: str) -> End:
    """What was written for a data set and a law; a KeyError where nothing was."""
    for laws, end, _ in EXPECTED[data_set]:
        if law in laws.split():
            return end
    raise KeyError((data_set, law))
