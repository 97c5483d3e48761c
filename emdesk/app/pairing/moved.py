"""The parameters of two fits in pairs: each group of A above the group of B that is taken for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.app.pairing.matching import Matching
from emdesk.app.session import FitResult
from emdesk.model.law import Quantity
from emdesk.texts import translated
from emdesk.texts.numbers import decimals_for

F64 = NDArray[np.float64]
OF_A_SPREAD, OF_A_SHARE, OF_A_NUMBER = 0.1, 0.05, 0.1
"""What counts as moved: so many deviations of a column, so much of a share, or that part of another number."""
LEFT_OUT = frozenset({"rows"})
MOST_COLUMNS = 60


@dataclass(frozen=True)
class MovedRow:
    """One line of the table: a group of A (`side` 0) or of B, and the place of its pair among the colours."""

    side: int
    group: int
    slot: int


@dataclass(frozen=True, eq=False)
class MovedColumn:
    """One parameter: `values` (rows,) with NaN where a fit has none, `moved` (rows,) at B where it changed by more than
    `step`, `same` (rows,) at B where it is the same number as shown."""

    label: str
    name: str
    values: F64
    moved: NDArray[np.bool_]
    same: NDArray[np.bool_]
    decimals: int
    step: float


@dataclass(frozen=True, eq=False)
class MovedTable:
    """Rows in pairs and columns of parameters."""

    rows: tuple[MovedRow, ...]
    columns: tuple[MovedColumn, ...]


def moved_table(first: FitResult, second: FitResult, matched: Matching) -> MovedTable:
    """The parameters of both fits that belong to groups, by name and column."""
    rows = tuple(_rows(matched))
    tables = [dict(_columns(result)) for result in (first, second)]
    order = list(dict.fromkeys((*tables[0], *tables[1])))[:MOST_COLUMNS]
    made = [_moved(key, tables[0].get(key), tables[1].get(key), rows, first) for key in order]
    return MovedTable(rows, tuple(made))


def _rows(matched: Matching) -> Iterator[MovedRow]:
    """The groups of A in the order of their colours, each with its pair; then the new groups of B."""
    own, others = matched.slots
    for group in np.argsort(own):
        yield MovedRow(0, int(group), own[group])
        if int(group) in matched.partner:
            yield MovedRow(1, matched.partner.index(int(group)), own[group])
    for group, partner in enumerate(matched.partner):
        if partner < 0:
            yield MovedRow(1, group, others[group])


Key = tuple[str, str]


def _columns(result: FitResult) -> Iterator[tuple[Key, tuple[Quantity, F64]]]:
    """Every number a group has, by the name of its quantity and its column: (K,) values each."""
    for quantity in result.family.quantities(result.data, result.params):
        if not quantity.axes or quantity.axes[0] != result.family.group_axis:
            continue
        if quantity.name in LEFT_OUT or len(quantity.axes) > 2:
            continue
        if len(quantity.axes) == 1:
            yield (quantity.name, ""), (quantity, quantity.values)
            continue
        names = quantity.columns or tuple(result.data.columns)
        if len(names) != quantity.values.shape[1]:
            names = tuple(str(i + 1) for i in range(quantity.values.shape[1]))
        for place, name in enumerate(names):
            yield (quantity.name, name), (quantity, quantity.values[:, place])


def _moved(
    key: Key,
    one: tuple[Quantity, F64] | None,
    two: tuple[Quantity, F64] | None,
    rows: tuple[MovedRow, ...],
    result: FitResult,
) -> MovedColumn:
    given = one or two
    assert given is not None
    quantity = given[0]
    values = np.full(len(rows), np.nan)
    for place, row in enumerate(rows):
        side = two if row.side else one
        if side is not None and row.group < len(side[1]):
            values[place] = side[1][row.group]
    step, decimals = _step(quantity, key[1], values, result)
    moved, same = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    for place, row in enumerate(rows):
        paired = place > 0 and row.side == 1 and rows[place - 1].side == 0
        if paired and rows[place - 1].slot == row.slot:
            gap = abs(values[place] - values[place - 1])
            moved[place] = gap > step
            same[place] = round(values[place - 1], decimals) == round(values[place], decimals)
    label = translated(quantity.label)
    return MovedColumn(label, key[1], values, moved, same, decimals, step)


def _step(quantity: Quantity, column: str, values: F64, result: FitResult) -> tuple[float, int]:
    """From which difference on a number has moved, and the decimals it is shown with: those that show a hundredth of
    the spread, so that a difference that matters stands out."""
    finite = values[np.isfinite(values)]
    most = float(np.abs(finite).max()) if finite.size else 0.0
    if quantity.spread_of_column and result.dataset.has(column):
        there = result.dataset.column(column)
        spread = float(np.std(there.values[~there.missing])) if not there.missing.all() else 0.0
        return OF_A_SPREAD * spread, max(0, decimals_for(spread) - 1)
    if most <= 1.0:
        return OF_A_SHARE, 3
    return OF_A_NUMBER * most, max(0, decimals_for(most / 3) - 1)
