"""Hostile data sets in which the rows lie in an unlucky way: repeated, in a plane, far apart, or too few."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.hostile.forms import ROWS, Form, Taken, groups_of, harmless, shown
from tests.hostile.tables import Table, hostile, plain_table


@hostile
def plain(taken: Taken) -> Table:
    """Nothing is hostile: two groups far apart."""
    return plain_table(taken)


@hostile
def plane(taken: Taken) -> Table:
    """The last column is the sum of the two before it, before it is written in the form of the law."""
    made = harmless(taken)
    made[2] = made[0] + made[1]
    return Table(shown(taken, made))


@hostile
def duplicated_column(taken: Taken) -> Table:
    """The last column is the one before it again."""
    made = harmless(taken)
    made[2] = made[1]
    return Table(shown(taken, made))


@hostile
def constant_column(taken: Taken) -> Table:
    """The last column is the same in every row."""
    made = harmless(taken)
    made[2] = 0.5
    return Table(shown(taken, made))


@hostile
def last_bits(taken: Taken) -> Table:
    """The last column differs from row to row in its last bits only."""
    made = harmless(taken)
    steps = np.rint(8 * made[2])
    made[2] = 0.5
    columns = shown(taken, made)
    if taken.explains or taken.form not in (Form.COUNT, Form.BINARY, Form.CATEGORY):
        columns[2] += steps * np.spacing(columns[2])
    return Table(columns)


@hostile
def all_rows_equal(taken: Taken) -> Table:
    """Every row is the same."""
    return Table(shown(taken, np.full((3, ROWS), 0.5)))


@hostile
def two_distinct_rows(taken: Taken) -> Table:
    """Two rows, twenty times each."""
    sides = 4.0 * groups_of() - 2.0
    return Table(shown(taken, np.stack([sides, sides, -sides])))


@hostile
def three_distinct_rows(taken: Taken) -> Table:
    """Three rows, eight times each."""
    three = np.array([[-1.5, 0.2, 1.6], [0.3, -1.7, 1.2], [1.4, 1.1, -1.3]])
    return Table(shown(taken, np.repeat(three, 8, axis=1)))


@hostile
def fewer_rows_than_columns(taken: Taken) -> Table:
    """Four rows in six columns, and one group."""
    return Table(shown(taken, harmless(taken, rows=4, columns=6)), components=1)


@hostile
def two_groups_in_fewer_rows_than_columns(taken: Taken) -> Table:
    """Six rows in eight columns, and two groups."""
    return Table(shown(taken, harmless(taken, rows=6, columns=8)))


@hostile
def nearly_as_many_groups_as_rows(taken: Taken) -> Table:
    """Nine groups are sought in ten rows."""
    return Table(shown(taken, harmless(taken, rows=10)), components=9)


@hostile
def as_many_groups_as_rows(taken: Taken) -> Table:
    """Eight groups are sought in eight rows."""
    return Table(shown(taken, harmless(taken, rows=8)), components=8)


@hostile
def more_groups_than_rows(taken: Taken) -> Table:
    """Five groups are sought in three rows."""
    return Table(shown(taken, harmless(taken, rows=3)), components=5)


@hostile
def one_row(taken: Taken) -> Table:
    """There is one row."""
    return Table(shown(taken, harmless(taken, rows=1)), components=1)


@hostile
def two_rows(taken: Taken) -> Table:
    """There are two rows, and one group."""
    return Table(shown(taken, harmless(taken, rows=2)), components=1)


def _far(taken: Taken, distance: float) -> Table:
    made = harmless(taken)
    made[:, 7] = distance if taken.form is Form.REAL else 12.0
    return Table(shown(taken, made))


@hostile
def far_point(taken: Taken) -> Table:
    """One row lies a hundred SDs away; where logarithms matter, twenty-five."""
    return _far(taken, 100.0)


@hostile
def very_far_point(taken: Taken) -> Table:
    """One row lies a million SDs away; where logarithms matter, twenty-five."""
    return _far(taken, 1e6)


@hostile
def one_group_and_a_very_far_point(taken: Taken) -> Table:
    """One group is sought, and one row lies a million SDs away from the others."""
    return replace(_far(taken, 1e6), components=1)


@hostile
def whole_numbers(taken: Taken) -> Table:
    """Cells are rounded so far that many are the same."""
    columns = shown(taken, harmless(taken))
    if taken.form is Form.POSITIVE:
        columns = np.rint(10 * columns)
    elif taken.form is Form.UNIT:
        columns = np.clip(np.rint(10 * columns) / 10, 0.1, 0.9)
    elif taken.form is Form.ANGLE:
        columns = np.rint(4 * columns) / 4
    else:
        columns = np.rint(columns)
    return Table(columns)


@hostile
def heap(taken: Taken) -> Table:
    """Six rows of ten are the same, the others spread around them."""
    made = np.random.default_rng(4).standard_normal((3, ROWS))
    made[:, : 6 * ROWS // 10] = 0.1
    return Table(shown(taken, made))


@hostile
def repeated_rows(taken: Taken) -> Table:
    """Every row stands ten times in the file."""
    plain = plain_table(taken)
    groups = None if plain.groups is None else np.repeat(plain.groups, 10)
    return replace(plain, columns=np.repeat(plain.columns, 10, axis=1), groups=groups)


@hostile
def one_cloud(taken: Taken) -> Table:
    """There is one group, and two are sought."""
    return Table(shown(taken, np.random.default_rng(8).standard_normal((3, ROWS))))


@hostile
def all_cells_different(taken: Taken) -> Table:
    """Columns number the rows, each in an order of its own."""
    rng = np.random.default_rng(9)
    made = np.stack([rng.permutation(ROWS) + 1.0 for _ in range(3)])
    if taken.form is Form.UNIT:
        made /= ROWS + 1.0
    if taken.form is Form.ANGLE:
        made *= 2 * np.pi / (ROWS + 1)
    return Table(made)


@hostile
def more_values_than_categories(taken: Taken) -> Table:
    """600 rows, and each cell of a column is another one."""
    rng = np.random.default_rng(9)
    made = np.stack([rng.permutation(600) + 1.0 for _ in range(3)])
    if taken.form is Form.UNIT:
        made /= 601.0
    if taken.form is Form.ANGLE:
        made *= 2 * np.pi / 601
    return Table(made)


@hostile
def told_apart_by_a_predictor(taken: Taken) -> Table:
    """The first column is low, and 0 if it is a count, exactly where the second is -1, which is 1 elsewhere."""
    made = harmless(taken)
    sides = 2.0 * groups_of() - 1.0
    made[0] = np.where(sides > 0, 1.0 + 0.3 * np.random.default_rng(3).standard_normal(ROWS), -9.0)
    made[1] = sides
    return Table(shown(taken, made), components=1)


def _narrowed(taken: Taken, width: float) -> Table:
    made, second = harmless(taken), groups_of() == 1
    if taken.explains:
        made[0, second] = 2.0 + 0.5 * made[1, second] + width * (made[0, second] % 1)
    else:
        middle = made[:, second].mean(axis=1, keepdims=True)
        made[:, second] = middle + width * (made[:, second] - middle)
    return Table(shown(taken, made))


@hostile
def narrow_group(taken: Taken) -> Table:
    """One group is a hundred times narrower than the other."""
    return _narrowed(taken, 1e-2)


@hostile
def needle(taken: Taken) -> Table:
    """One group is ten million times narrower than the other."""
    return _narrowed(taken, 1e-7)
