"""Hostile data sets whose numbers are: huge, tiny, far from 0, missing, outside the domain, or oddly weighted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.hostile.forms import ROWS, Form, Taken, groups_of, harmless, shown
from tests.hostile.tables import Table, hostile, plain_table, plus, times, with_cell


@hostile
def scale_of_1e_minus_312(taken: Taken) -> Table:
    """Every cell is times 1e-312: so small that numbers have lost digits."""
    return times(taken, 1e-312)


@hostile
def scale_of_1e_minus_300(taken: Taken) -> Table:
    """Every cell is times 1e-300: its square is 0 to a computer."""
    return times(taken, 1e-300)


@hostile
def scale_of_1e_minus_150(taken: Taken) -> Table:
    """Every cell is times 1e-150."""
    return times(taken, 1e-150)


@hostile
def scale_of_1e9(taken: Taken) -> Table:
    """Every cell is times 1e9: counts of billions."""
    return times(taken, 1e9)


@hostile
def scale_of_1e16(taken: Taken) -> Table:
    """Every cell is times 1e16: counts whose last digit is lost."""
    return times(taken, 1e16)


@hostile
def scale_of_1e150(taken: Taken) -> Table:
    """Every cell is times 1e150."""
    return times(taken, 1e150)


@hostile
def scale_of_1e300(taken: Taken) -> Table:
    """Every cell is times 1e300: its square is infinite to a computer."""
    return times(taken, 1e300)


@hostile
def next_to_the_largest_number(taken: Taken) -> Table:
    """Differences of cells are infinite to a computer."""
    plain = plain_table(taken)
    top = np.abs(plain.columns).max(axis=1, keepdims=True)
    return replace(plain, columns=plain.columns / top * 1.7e308)


@hostile
def unequal_scales(taken: Taken) -> Table:
    """The second column is times 1e120, the third times 1e-120."""
    plain = plain_table(taken)
    return replace(plain, columns=plain.columns * np.array([[1.0], [1e120], [1e-120]]))


@hostile
def offset_of_1e12(taken: Taken) -> Table:
    """1e12 is added to every cell, which leaves four digits after the point."""
    return plus(taken, 1e12)


@hostile
def offset_of_1e12_and_a_small_spread(taken: Taken) -> Table:
    """Cells are divided by a thousand, and 1e12 is added: some eight different values in an SD are left."""
    return plus(taken, 1e12, 1e-3)


@hostile
def offset_of_1e15(taken: Taken) -> Table:
    """1e15 is added to every cell, which leaves steps of an eighth."""
    return plus(taken, 1e15)


@hostile
def missing_cells(taken: Taken) -> Table:
    """A quarter of the cells is missing."""
    made = plain_table(taken).columns
    made[np.random.default_rng(6).random(made.shape) < 0.25] = np.nan
    return Table(made)


@hostile
def one_observed_cell(taken: Taken) -> Table:
    """The last column has one cell, the others are missing."""
    made = plain_table(taken).columns
    made[2, 1:] = np.nan
    return Table(made)


@hostile
def empty_column(taken: Taken) -> Table:
    """Every cell of the last column is missing."""
    made = plain_table(taken).columns
    made[2] = np.nan
    return Table(made)


@hostile
def no_complete_row(taken: Taken) -> Table:
    """Each row misses one of its cells."""
    made = plain_table(taken).columns
    rows = np.arange(ROWS)
    made[rows % 3, rows] = np.nan
    return Table(made)


@hostile
def columns_that_never_meet(taken: Taken) -> Table:
    """The first column and the last are never observed in the same row."""
    made = plain_table(taken).columns
    made[0, ::2] = np.nan
    made[2, 1::2] = np.nan
    return Table(made)


@hostile
def weights_of_1e_minus_9(taken: Taken) -> Table:
    """Every row counts a billionth."""
    return replace(plain_table(taken), weights=np.full(ROWS, 1e-9))


@hostile
def weights_of_1e9(taken: Taken) -> Table:
    """Every row counts a billion times."""
    return replace(plain_table(taken), weights=np.full(ROWS, 1e9))


@hostile
def weights_far_apart(taken: Taken) -> Table:
    """Every second row counts 1e9 times, the others 1e-9 times."""
    return replace(plain_table(taken), weights=np.where(np.arange(ROWS) % 2 == 0, 1e9, 1e-9))


@hostile
def weight_on_one_row(taken: Taken) -> Table:
    """One row counts a billion times, the others once."""
    return replace(
        plain_table(taken), weights=np.where(np.arange(ROWS) == 3, 1e9, 1.0), groups=None
    )


@hostile
def three_rows_with_a_weight(taken: Taken) -> Table:
    """All rows but three have the weight 0."""
    weights = np.zeros(ROWS)
    weights[[2, 11, 30]] = 1.0
    return replace(plain_table(taken), weights=weights, groups=None)


@hostile
def words(taken: Taken) -> Table:
    """Every column is text."""
    made = harmless(Taken(Form.CATEGORY))
    return Table(shown(Taken(Form.CATEGORY), made) - 1.0, words=True)


@hostile
def infinite_cell(taken: Taken) -> Table:
    """One cell is infinite."""
    return with_cell(plain_table(taken), 1, 6, np.inf)


@hostile
def negative_cell(taken: Taken) -> Table:
    """One cell of the first column is -1."""
    return replace(with_cell(plain_table(taken), 0, 6, -1.0), groups=None)


@hostile
def zero_cell(taken: Taken) -> Table:
    """One cell of the first column is 0."""
    return replace(with_cell(plain_table(taken), 0, 6, 0.0), groups=None)


@hostile
def broken_count(taken: Taken) -> Table:
    """One cell of the first column is 2.5."""
    return replace(with_cell(plain_table(taken), 0, 6, 2.5), groups=None)


@hostile
def worlds_apart(taken: Taken) -> Table:
    """The groups are 1e8 SDs apart, or a factor of 1e200, or counts of ten and of billions."""
    made, second = harmless(taken), groups_of() == 1
    if taken.form is Form.REAL:
        made[0, second] += 1e8
        return Table(shown(taken, made))
    if taken.form is Form.POSITIVE:
        return Table(np.exp(made + np.where(second, 230.0, -230.0)))
    columns = shown(taken, made)
    if taken.form is Form.UNIT:
        low = np.where(second, 1.0, 1e-200)
        columns = columns * low
    if taken.form is Form.COUNT:
        columns[0, second] = np.rint(columns[0, second] * 1e9)
    return Table(columns)


@hostile
def powers_of_ten(taken: Taken) -> Table:
    """Cells are powers of ten from 1e-140 to 1e140, or as many as the form of the law holds."""
    powers = np.linspace(-140, 140, ROWS)
    rng = np.random.default_rng(5)
    made = np.stack([10.0 ** rng.permutation(powers) for _ in range(3)])
    if taken.form in (Form.UNIT, Form.ANGLE):
        made = made / made.max() * 0.9
    if taken.form in (Form.COUNT, Form.BINARY, Form.CATEGORY):
        counts = np.stack([2.0 ** rng.permutation(ROWS) for _ in range(3)])
        made = np.concatenate([counts[:1], made[1:]]) if taken.explains else counts
    return Table(made)
