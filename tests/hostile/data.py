"""Hostile data sets: each is a function of what a law takes, with a sentence that says what is hostile.

The columns are called a, b, c and so on; for a law that explains one column by others, a is explained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tests.hostile.forms import NAMES, ROWS, Form, Taken, groups_of, harmless, shown

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns (d, n), with row weights (n,) where there are some; `words` says that every cell is a text. `components`
    is how many groups are sought. `groups` (n,) are the groups of the rows where they are plain to see."""

    columns: F64
    components: int = 2
    weights: F64 | None = None
    words: bool = False
    groups: NDArray[np.intp] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return NAMES[: len(self.columns)]


Maker = Callable[[Taken], Table]
HOSTILE: dict[str, Maker] = {}


def hostile(maker: Maker) -> Maker:
    """Put a data set into the battery, under the name of its function."""
    HOSTILE[maker.__name__] = maker
    return maker


def _plain(taken: Taken) -> Table:
    is_plain = taken.form not in (Form.BINARY, Form.CATEGORY)
    return Table(shown(taken, harmless(taken)), groups=groups_of() if is_plain else None)


def _times(taken: Taken, factor: float) -> Table:
    plain = _plain(taken)
    return replace(plain, columns=plain.columns * factor)


def _plus(taken: Taken, offset: float, factor: float = 1.0) -> Table:
    plain = _plain(taken)
    return replace(plain, columns=plain.columns * factor + offset)


def _with_cell(table: Table, column: int, row: int, value: float) -> Table:
    columns = table.columns.copy()
    columns[column, row] = value
    return replace(table, columns=columns)


@hostile
def plain(taken: Taken) -> Table:
    """Nothing is hostile: two groups far apart."""
    return _plain(taken)


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
def scale_of_1e_minus_312(taken: Taken) -> Table:
    """Every cell is times 1e-312: so small that numbers have lost digits."""
    return _times(taken, 1e-312)


@hostile
def scale_of_1e_minus_300(taken: Taken) -> Table:
    """Every cell is times 1e-300: its square is 0 to a computer."""
    return _times(taken, 1e-300)


@hostile
def scale_of_1e_minus_150(taken: Taken) -> Table:
    """Every cell is times 1e-150."""
    return _times(taken, 1e-150)


@hostile
def scale_of_1e9(taken: Taken) -> Table:
    """Every cell is times 1e9: counts of billions."""
    return _times(taken, 1e9)


@hostile
def scale_of_1e16(taken: Taken) -> Table:
    """Every cell is times 1e16: counts whose last digit is lost."""
    return _times(taken, 1e16)


@hostile
def scale_of_1e150(taken: Taken) -> Table:
    """Every cell is times 1e150."""
    return _times(taken, 1e150)


@hostile
def scale_of_1e300(taken: Taken) -> Table:
    """Every cell is times 1e300: its square is infinite to a computer."""
    return _times(taken, 1e300)


@hostile
def next_to_the_largest_number(taken: Taken) -> Table:
    """Differences of cells are infinite to a computer."""
    plain = _plain(taken)
    top = np.abs(plain.columns).max(axis=1, keepdims=True)
    return replace(plain, columns=plain.columns / top * 1.7e308)


@hostile
def unequal_scales(taken: Taken) -> Table:
    """The second column is times 1e120, the third times 1e-120."""
    plain = _plain(taken)
    return replace(plain, columns=plain.columns * np.array([[1.0], [1e120], [1e-120]]))


@hostile
def offset_of_1e12(taken: Taken) -> Table:
    """1e12 is added to every cell, which leaves four digits after the point."""
    return _plus(taken, 1e12)


@hostile
def offset_of_1e12_and_a_small_spread(taken: Taken) -> Table:
    """Cells are divided by a thousand, and 1e12 is added: some eight different values in an SD are left."""
    return _plus(taken, 1e12, 1e-3)


@hostile
def offset_of_1e15(taken: Taken) -> Table:
    """1e15 is added to every cell, which leaves steps of an eighth."""
    return _plus(taken, 1e15)


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
    plain = _plain(taken)
    groups = None if plain.groups is None else np.repeat(plain.groups, 10)
    return replace(plain, columns=np.repeat(plain.columns, 10, axis=1), groups=groups)


@hostile
def missing_cells(taken: Taken) -> Table:
    """A quarter of the cells is missing."""
    made = _plain(taken).columns
    made[np.random.default_rng(6).random(made.shape) < 0.25] = np.nan
    return Table(made)


@hostile
def one_observed_cell(taken: Taken) -> Table:
    """The last column has one cell, the others are missing."""
    made = _plain(taken).columns
    made[2, 1:] = np.nan
    return Table(made)


@hostile
def empty_column(taken: Taken) -> Table:
    """Every cell of the last column is missing."""
    made = _plain(taken).columns
    made[2] = np.nan
    return Table(made)


@hostile
def no_complete_row(taken: Taken) -> Table:
    """Each row misses one of its cells."""
    made = _plain(taken).columns
    rows = np.arange(ROWS)
    made[rows % 3, rows] = np.nan
    return Table(made)


@hostile
def columns_that_never_meet(taken: Taken) -> Table:
    """The first column and the last are never observed in the same row."""
    made = _plain(taken).columns
    made[0, ::2] = np.nan
    made[2, 1::2] = np.nan
    return Table(made)


@hostile
def weights_of_1e_minus_9(taken: Taken) -> Table:
    """Every row counts a billionth."""
    return replace(_plain(taken), weights=np.full(ROWS, 1e-9))


@hostile
def weights_of_1e9(taken: Taken) -> Table:
    """Every row counts a billion times."""
    return replace(_plain(taken), weights=np.full(ROWS, 1e9))


@hostile
def weights_far_apart(taken: Taken) -> Table:
    """Every second row counts 1e9 times, the others 1e-9 times."""
    return replace(_plain(taken), weights=np.where(np.arange(ROWS) % 2 == 0, 1e9, 1e-9))


@hostile
def weight_on_one_row(taken: Taken) -> Table:
    """One row counts a billion times, the others once."""
    return replace(_plain(taken), weights=np.where(np.arange(ROWS) == 3, 1e9, 1.0), groups=None)


@hostile
def three_rows_with_a_weight(taken: Taken) -> Table:
    """All rows but three have the weight 0."""
    weights = np.zeros(ROWS)
    weights[[2, 11, 30]] = 1.0
    return replace(_plain(taken), weights=weights, groups=None)


@hostile
def one_cloud(taken: Taken) -> Table:
    """There is one group, and two are sought."""
    return Table(shown(taken, np.random.default_rng(8).standard_normal((3, ROWS))))


@hostile
def words(taken: Taken) -> Table:
    """Every column is text."""
    made = harmless(Taken(Form.CATEGORY))
    return Table(shown(Taken(Form.CATEGORY), made) - 1.0, words=True)


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
def infinite_cell(taken: Taken) -> Table:
    """One cell is infinite."""
    return _with_cell(_plain(taken), 1, 6, np.inf)


@hostile
def negative_cell(taken: Taken) -> Table:
    """One cell of the first column is -1."""
    return replace(_with_cell(_plain(taken), 0, 6, -1.0), groups=None)


@hostile
def zero_cell(taken: Taken) -> Table:
    """One cell of the first column is 0."""
    return replace(_with_cell(_plain(taken), 0, 6, 0.0), groups=None)


@hostile
def broken_count(taken: Taken) -> Table:
    """One cell of the first column is 2.5."""
    return replace(_with_cell(_plain(taken), 0, 6, 2.5), groups=None)


@hostile
def told_apart_by_a_predictor(taken: Taken) -> Table:
    """The first column is low, and 0 if it is a count, exactly where the second is -1, which is 1 elsewhere."""
    made = harmless(taken)
    sides = 2.0 * groups_of() - 1.0
    made[0] = np.where(sides > 0, 1.0 + 0.3 * np.random.default_rng(3).standard_normal(ROWS), -9.0)
    made[1] = sides
    return Table(shown(taken, made), components=1)


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
