"""The row of noise below the components in the table of parameters: its share, its rows, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from emdesk.gui.panels.pins import Spot
from emdesk.gui.widgets import TableColumn
from emdesk.model.law import Quantity
from emdesk.model.marks import NO_GROUP
from emdesk.texts import say
from emdesk.texts.numbers import criterion

F64 = NDArray[np.float64]
T = TypeVar("T")
IN_COLUMN = {"shares": "noise", "rows": "noise_rows"}
"""The quantities of the components whose column holds one of noise."""
LOG_VOLUME = "noise_log_volume"
IN_ROW = frozenset((*IN_COLUMN.values(), LOG_VOLUME))
"""What the row says, so that nothing of it stands beside the table."""


def with_noise(
    columns: Sequence[TableColumn],
    rows: int,
    quantities: Sequence[Quantity],
    errors: Mapping[str, F64],
) -> tuple[list[TableColumn], int]:
    """Columns of so many components, with a row more where there is noise; the count of rows."""
    values = {q.name: float(q.values) for q in quantities if q.name in IN_ROW}
    if not values or not columns:
        return list(columns), rows
    head, *others = columns
    return [
        _head(head, rows, values),
        *(_longer(c, rows, values, errors) for c in others),
    ], rows + 1


def _head(column: TableColumn, rows: int, values: Mapping[str, float]) -> TableColumn:
    told = [say("group.noise_is")]
    if LOG_VOLUME in values:
        volume, density = (criterion(sign * values[LOG_VOLUME]) for sign in (1, -1))
        told.append(say("group.noise_box", volume=volume, density=density))
    return replace(
        column,
        cell=_guarded(column.cell, rows, say("group.noise")),
        group=_guarded(column.group or (lambda _row: None), rows, NO_GROUP),
        hint=_guarded(column.hint or (lambda _row: ""), rows, "\n".join(told)),
        width=max(column.width, 76),
    )


def _longer(
    column: TableColumn, rows: int, values: Mapping[str, float], errors: Mapping[str, F64]
) -> TableColumn:
    name = IN_COLUMN.get(column.key.name, "") if isinstance(column.key, Spot) else ""
    aside, text = "", column.text
    if name in errors and column.aside is not None and text is not None:
        aside = say("uncertainty.plus_minus", error=text(float(errors[name])))
    return replace(
        column,
        cell=_guarded(column.cell, rows, values.get(name, "")),
        text=None if text is None else lambda value: "" if value == "" else text(value),
        aside=_guarded(column.aside, rows, aside) if column.aside else None,
        hint=_guarded(column.hint, rows, "") if column.hint else None,
        mark=_guarded(column.mark, rows, "") if column.mark else None,
    )


def _guarded(of_row: Callable[[int], T], rows: int, behind: T) -> Callable[[int], T]:
    """The same for the components, and what stands in the row behind them."""
    return lambda row: of_row(row) if row < rows else behind
