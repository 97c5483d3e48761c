"""The columns of the tables under the pictures: which fits better, how the groups moved, and the fits to
choose from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from emdesk.app.pairing.fits import ComparedFit
from emdesk.app.pairing.moved import MovedColumn, MovedTable
from emdesk.app.pairing.pair import Pair
from emdesk.em.selection import Criteria, Entropies, criteria
from emdesk.gui.panels.parameters_table import SOFT_HYPHEN, shortened
from emdesk.gui.widgets import TableColumn
from emdesk.texts import say
from emdesk.texts.numbers import criterion, fixed, whole

Line = tuple[str, str, float, float, Callable[[float], str]]
SHOWN = ("bic", "aic", "icl")


def better_lines(pair: Pair) -> list[Line]:
    """Name, definition, the value of A and that of B, and how it is written."""
    first, second = (side.fit.result for side in pair.sides)
    lines: list[Line] = [
        (
            say("pair.log_likelihood"),
            say("criteria.log_likelihood_is"),
            first.log_likelihood,
            second.log_likelihood,
            criterion,
        ),
        (
            say("criteria.free"),
            say("criteria.free_is"),
            float(first.free_parameters),
            float(second.free_parameters),
            whole,
        ),
    ]
    for name in SHOWN:
        values = [float(getattr(side.criteria, name)) for side in pair.sides]
        if all(map(math.isfinite, values)):
            title, told = say(f"criteria.{name}"), say(f"criteria.{name}_is")
            lines.append((title, told, values[0], values[1], criterion))
    found = [side.agreement for side in pair.sides]
    if found[0] is not None and found[1] is not None:
        lines.append(
            (
                say("pair.rand", name=pair.known),
                say("pair.rand_is"),
                found[0].adjusted_rand,
                found[1].adjusted_rand,
                lambda value: fixed(value, 3),
            )
        )
    return lines


def better_columns(lines: Sequence[Line]) -> list[TableColumn]:
    """Name, A, B, and the signed difference B - A."""

    def difference(row: int) -> float:
        return lines[row][3] - lines[row][2]

    def text_of(row: int, value: float) -> str:
        return lines[row][4](value)

    def shown(place: int) -> Callable[[int], str]:
        return lambda row: text_of(row, float(lines[row][place]))  # type: ignore[arg-type]

    def gap(row: int) -> str:
        words = text_of(row, difference(row))
        return f"+{words}" if difference(row) > 0 else words

    return [
        TableColumn("", lambda row: lines[row][0], numeric=False, hint=lambda row: lines[row][1]),
        TableColumn(say("pair.first"), shown(2), hint=lambda row: repr(lines[row][2])),
        TableColumn(say("pair.second"), shown(3), hint=lambda row: repr(lines[row][3])),
        TableColumn(say("pair.difference"), gap, hint=lambda row: repr(difference(row))),
    ]


def moved_columns(table: MovedTable, names: tuple[tuple[str, ...], ...]) -> list[TableColumn]:
    """The group, A or B, and every parameter; bold where it moved, grey where it is the same."""
    rows = table.rows

    def begins(row: int) -> bool:
        return row == 0 or rows[row].side == 0 or rows[row - 1].slot != rows[row].slot

    def name(row: int) -> str:
        return names[rows[row].side][rows[row].group] if begins(row) else ""

    def mark(row: int) -> int | None:
        return rows[row].slot if begins(row) else None

    def side(row: int) -> str:
        return say("pair.second" if rows[row].side else "pair.first")

    columns = [
        TableColumn("", name, numeric=False, group=mark, width=64),
        TableColumn("", side, numeric=False, tint=lambda row: "text2", width=34),
    ]
    return [*columns, *(_moved_column(column) for column in table.columns)]


def _moved_column(column: MovedColumn) -> TableColumn:
    label = column.label.replace(SOFT_HYPHEN, "" if column.name else "-\n")
    title = f"{label}\n{shortened(column.name)}" if column.name else label
    words = f"{column.label} {column.name}".replace(SOFT_HYPHEN, "").strip()
    return TableColumn(
        title,
        partial(_value, column),
        text=lambda value: fixed(value, column.decimals),
        tooltip=f"{words}\n{say('pair.moved_rule_is')}",
        tint=lambda row: "text3" if column.same[row] else "",
        strong=lambda row: bool(column.moved[row]),
    )


def _value(column: MovedColumn, row: int) -> float | None:
    value = float(column.values[row])
    return None if math.isnan(value) else value


def fit_columns(fits: Sequence[ComparedFit], pictured: tuple[str, str]) -> list[TableColumn]:
    """One row a fit, with A or B where it is pictured."""
    found: list[Criteria] = [
        criteria(
            fit.result.log_likelihood, fit.result.free_parameters, fit.result.data.size, Entropies()
        )
        for fit in fits
    ]

    def shown_as(row: int) -> str:
        if fits[row].key not in pictured:
            return ""
        return say("pair.second" if fits[row].key == pictured[1] else "pair.first")

    def used(row: int) -> int:
        return int(np.sum(fits[row].result.data.used))

    def numbers(name: str) -> TableColumn:
        return TableColumn(
            say(f"criteria.{name}"),
            lambda row: float(getattr(found[row], name)),
            text=criterion,
            tooltip=say(f"criteria.{name}_is"),
            sort_keys=lambda: np.array([getattr(one, name) for one in found]),
        )

    return [
        TableColumn(say("pair.pictured"), shown_as, numeric=False, weight=600, tint=_accent),
        TableColumn(
            say("pair.fit"),
            lambda row: fits[row].name,
            numeric=False,
            weight=500,
            tooltip=say("pair.fit_is"),
            editable=True,
        ),
        TableColumn(say("pair.model"), lambda row: fits[row].model, numeric=False),
        TableColumn(
            say("pair.log_likelihood"),
            lambda row: fits[row].result.log_likelihood,
            text=criterion,
            sort_keys=lambda: np.array([fit.result.log_likelihood for fit in fits]),
        ),
        TableColumn(say("criteria.free"), lambda row: fits[row].result.free_parameters, text=whole),
        numbers("bic"),
        numbers("aic"),
        TableColumn(say("pair.rows_used"), used, text=whole),
    ]


def _accent(_row: int) -> str:
    return "accent"
