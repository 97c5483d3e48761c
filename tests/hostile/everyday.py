"""Hostile data sets as they come from everyday files: codes for missing values, slips of the unit, tiny groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.hostile.forms import ROWS, Form, Taken, groups_of, harmless, shown
from tests.hostile.tables import Table, hostile, plain_table, plus, times

CODES = {Form.UNIT: 0.9999, Form.BINARY: 1.0, Form.CATEGORY: 9.0}
SHIFTED = Form.REAL, Form.POSITIVE, Form.COUNT


@hostile
def code_for_a_missing_value(taken: Taken) -> Table:
    """Three cells of the last column hold 9999, or what the form of the law takes in its place."""
    made = plain_table(taken).columns
    made[2, [4, 17, 31]] = CODES.get(taken.form, 9999.0) if not taken.explains else 9999.0
    return Table(made)


@hostile
def a_far_cell_in_each_column(taken: Taken) -> Table:
    """One group is sought, and each column has one cell ten thousand SDs away, or as far as the form allows."""
    made = harmless(taken)
    far = 1e4 if taken.form is Form.REAL else 6.0
    made[np.arange(3), [5, 19, 33]] = far
    return Table(shown(taken, made), components=1)


@hostile
def slip_of_the_unit(taken: Taken) -> Table:
    """Every fifth cell of the second column is a thousand times too large, and one group is sought."""
    made = plain_table(taken).columns
    if taken.explains or taken.form in SHIFTED:
        made[1, ::5] *= 1000.0
    return Table(made, components=1)


@hostile
def two_rows_far_from_the_others(taken: Taken) -> Table:
    """A second group has two rows."""
    made = harmless(taken)
    made[:, groups_of() == 1] = made[:, groups_of() == 0] + 0.01
    made[:, [7, 8]] += np.array([[9.0], [-9.0], [9.0]])
    return Table(shown(taken, made))


@hostile
def years(taken: Taken) -> Table:
    """2000 is added to every cell where the law takes such numbers."""
    return plus(taken, 2000.0) if taken.form in SHIFTED else plain_table(taken)


@hostile
def offset_of_1e9_and_missing_cells(taken: Taken) -> Table:
    """1e9 is added to every cell where the law takes such numbers, and a fifth of the cells is missing."""
    made = plus(taken, 1e9) if taken.form in SHIFTED else plain_table(taken)
    gaps = np.random.default_rng(16).random(made.columns.shape) < 0.2
    return Table(np.where(gaps, np.nan, made.columns))


@hostile
def nearly_the_same_column_twice(taken: Taken) -> Table:
    """The last column is the one before it, but for a thousandth of its spread."""
    made = harmless(taken)
    made[2] = made[1] + 2e-3 * np.random.default_rng(12).standard_normal(ROWS)
    return Table(shown(taken, made))


@hostile
def mirrored_column(taken: Taken) -> Table:
    """The last column is the one before it with the other sign, before it is written in the form of the law."""
    made = harmless(taken)
    made[2] = -made[1]
    return Table(shown(taken, made))


@hostile
def half_of_the_cells_missing(taken: Taken) -> Table:
    """Half of the cells are missing, and one group is sought."""
    made = plain_table(taken).columns
    made[np.random.default_rng(14).random(made.shape) < 0.5] = np.nan
    return Table(made, components=1)


@hostile
def half_of_the_rows_without_weight(taken: Taken) -> Table:
    """Every second row has the weight 0."""
    weights = (np.arange(ROWS) % 2).astype(np.float64)
    return replace(plain_table(taken), weights=weights)


@hostile
def eight_columns(taken: Taken) -> Table:
    """A group of twenty rows in eight columns."""
    return Table(shown(taken, harmless(taken, columns=8)))


@hostile
def scale_of_1e_minus_100(taken: Taken) -> Table:
    """Every cell is times 1e-100."""
    return times(taken, 1e-100)


@hostile
def scale_of_1e100(taken: Taken) -> Table:
    """Every cell is times 1e100."""
    return times(taken, 1e100)


@hostile
def zeros_with_a_sign(taken: Taken) -> Table:
    """Zeros are written as minus zero."""
    made = plain_table(taken)
    return replace(made, columns=np.where(made.columns == 0, -0.0, made.columns))


@hostile
def one_group_inside_the_other(taken: Taken) -> Table:
    """Both groups have the same middle, and one is thirty times wider."""
    noise = np.random.default_rng(15).standard_normal((3, ROWS))
    made = noise * np.where(groups_of() == 1, 1.5, 0.05)
    return Table(shown(taken, made))
