"""The rows with their group, certainty and probabilities, and the full table of the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.shown import Shown
from emdesk.app.state import AppState
from emdesk.gui.store import Store
from emdesk.gui.widgets import Card, DataTable, IconButton, TableColumn, Text
from emdesk.model.dataset import Column, Dataset
from emdesk.model.estimates import Completed, Estimates
from emdesk.model.family import RowOutput
from emdesk.model.marks import NO_GROUP
from emdesk.texts import say, say_count
from emdesk.texts.numbers import decimals_for, fixed, probability, whole

Rows = NDArray[np.intp]
UNDECIDED = 0.6
MOST_FILE_COLUMNS = 60
MOST_DECIMALS = 6
ROWS_JUDGED = 500
ESTIMATED_ICON = "calculator"
NOTHING: Completed = {}


def own_decimals(column: Column) -> int:
    """The decimals that the values themselves have, judged by the first ones; 6 at most."""
    seen = column.values[:ROWS_JUDGED]
    seen = seen[np.isfinite(seen)]
    for decimals in range(MOST_DECIMALS):
        if np.allclose(seen, np.round(seen, decimals), rtol=1e-12, atol=1e-12):
            return decimals
    return MOST_DECIMALS


def file_column(
    column: Column, row_of: Callable[[int], int], estimates: Estimates | None = None
) -> TableColumn:
    """A column of the file as a table column; `row_of` gives the row of the file. Cells that were estimated stand in
    slanted letters beside a mark, and their tooltip says how sure they are."""
    if column.categories:
        made = TableColumn(
            column.name,
            lambda r: column.text(row_of(r)),
            numeric=False,
            tooltip=column.name,
        )
        return made if estimates is None else _with_words(made, column, row_of, estimates)
    decimals = own_decimals(column)
    made = TableColumn(
        column.name,
        lambda r: float(column.values[row_of(r)]),
        text=lambda value: fixed(value, decimals),
        tooltip=column.name,
    )
    return made if estimates is None else _with_estimates(made, column, row_of, estimates)


def _with_words(
    made: TableColumn, column: Column, row_of: Callable[[int], int], estimates: Estimates
) -> TableColumn:
    """A column of text with its likeliest words in the cells that were missing."""

    def found(row: int) -> tuple[float, float] | None:
        return estimates.at(row_of(row))

    def cell(row: int) -> str:
        own = found(row)
        return column.text(row_of(row)) if own is None else column.categories[round(own[0])]

    def hint(row: int) -> str:
        own = found(row)
        if own is None:
            return ""
        return say("rows.word_is", word=cell(row), doubt=fixed(100 * own[1], 0))

    return replace(
        made,
        cell=cell,
        mark=lambda row: "" if found(row) is None else ESTIMATED_ICON,
        italic=lambda row: found(row) is not None,
        hint=hint,
    )


def _with_estimates(
    made: TableColumn, column: Column, row_of: Callable[[int], int], estimates: Estimates
) -> TableColumn:
    decimals = min(MOST_DECIMALS, decimals_for(float(np.nanstd(column.values))))

    def found(row: int) -> tuple[float, float] | None:
        return estimates.at(row_of(row))

    def cell(row: int) -> float:
        own = found(row)
        return float(column.values[row_of(row)]) if own is None else own[0]

    def hint(row: int) -> str:
        own = found(row)
        if own is None:
            return ""
        value, spread = (fixed(number, decimals) for number in own)
        return say("rows.estimated_is", value=value, spread=spread)

    return replace(
        made,
        cell=cell,
        mark=lambda row: "" if found(row) is None else ESTIMATED_ICON,
        italic=lambda row: found(row) is not None,
        hint=hint,
    )


def estimated_column(cells: Completed, row_of: Callable[[int], int]) -> TableColumn:
    """Which columns were estimated in a row, so that a copy of the table says so too."""

    def names(row: int) -> str:
        return ", ".join(name for name, one in cells.items() if one.at(row_of(row)) is not None)

    return TableColumn(
        say("rows.estimated"), names, numeric=False, tooltip=say("rows.estimated_names")
    )


class RowsPage(QWidget):
    """Every used row; with a tick only those that no group has for sure."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._listed: Rows = np.empty(0, dtype=np.intp)
        self.table = DataTable(say("tab.rows"), self, compact=True)
        self.table.rowsChosen.connect(self._select)
        self.undecided = QCheckBox(say("rows.undecided"), self)
        self.undecided.clicked.connect(lambda on: store.do(commands.show_undecided, on))
        self._count = Text("", "small", self)
        self._hint = Text(say("rows.later"), "hint", self)
        head = QHBoxLayout()
        head.addWidget(self.undecided)
        head.addStretch(1)
        head.addWidget(self._count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(9, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._hint, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.table, 1)
        self._show_rows(None)

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        if old.shown is new.shown and old.undecided_only == new.undecided_only:
            return
        shown = new.shown
        if shown is None or shown.rows is None or shown.file_rows is None or new.ran is None:
            if shown is None or shown.iteration is None:
                self._show_rows(None)
            return
        dataset = new.ran.dataset
        assert dataset is not None
        self.undecided.setChecked(new.undecided_only)
        listed = np.arange(len(shown.file_rows))
        if new.undecided_only:
            listed = np.flatnonzero(shown.rows.probabilities.max(axis=0) < UNDECIDED)
        self._listed = shown.file_rows[listed]
        self.table.set_table(row_columns(shown, shown.rows, listed, dataset), len(listed))
        key = "rows.undecided_count" if new.undecided_only else "rows.count"
        self._count.setText(say_count(key, len(listed)))
        self._show_rows(shown)

    def _show_rows(self, shown: Shown | None) -> None:
        self.table.setVisible(shown is not None)
        self.undecided.setEnabled(shown is not None)
        self._count.setVisible(shown is not None)
        self._hint.setVisible(shown is None)

    def _select(self, rows: list[int]) -> None:
        chosen = tuple(int(self._listed[r]) for r in rows if r < len(self._listed))
        self._store.do(commands.select_rows, chosen)


def row_columns(
    shown: Shown, output: RowOutput, listed: Rows, dataset: Dataset
) -> list[TableColumn]:
    """Row number, group, certainty, probabilities, and the columns of the file."""
    file_rows, names = shown.file_rows, shown.picture.groups
    assert file_rows is not None
    if output.has_noise:
        names = (*names, say("group.noise"))

    def row_of(row: int) -> int:
        return int(file_rows[listed[row]])

    number = TableColumn(
        say("rows.row"), lambda r: row_of(r) + 1, text=whole, sort_keys=lambda: file_rows[listed]
    )
    return [
        number,
        _group_column(output, listed, names, shown.slots),
        _certainty_column(output, listed),
        *(_chance_column(output, listed, names, k) for k in range(len(output.probabilities))),
        *(
            file_column(column, row_of, shown.cells.get(column.name))
            for column in dataset.columns[:MOST_FILE_COLUMNS]
        ),
        *([estimated_column(shown.cells, row_of)] if shown.cells else []),
    ]


def _group_column(
    output: RowOutput, listed: Rows, names: tuple[str, ...], slots: tuple[int, ...]
) -> TableColumn:
    def group_of(row: int) -> int:
        return int(output.label[listed[row]])

    def mark_of(row: int) -> int:
        group = group_of(row)
        if group == output.groups:
            return NO_GROUP
        return slots[group] if group < len(slots) else group

    return TableColumn(
        say("rows.group"),
        lambda row: _name_of(group_of(row), names),
        numeric=False,
        group=mark_of,
        sort_keys=lambda: output.label[listed],
    )


def _certainty_column(output: RowOutput, listed: Rows) -> TableColumn:
    def top(row: int) -> float:
        return float(output.probabilities[:, listed[row]].max())

    return TableColumn(
        say("rows.certainty"),
        top,
        text=probability,
        fraction=top,
        tooltip=say("rows.certainty_is"),
        width=130,
        sort_keys=lambda: output.probabilities.max(axis=0)[listed],
    )


def _chance_column(output: RowOutput, listed: Rows, names: tuple[str, ...], k: int) -> TableColumn:
    return TableColumn(
        say("rows.probability", group=_name_of(k, names)),
        partial(_chance, output, listed, k),
        text=probability,
        sort_keys=partial(_chances, output, listed, k),
    )


def _name_of(group: int, names: tuple[str, ...]) -> str:
    return names[group] if group < len(names) else str(group + 1)


def _chance(output: RowOutput, listed: Rows, k: int, row: int) -> float:
    return float(output.probabilities[k, listed[row]])


def _chances(output: RowOutput, listed: Rows, k: int) -> NDArray[np.float64]:
    return np.asarray(output.probabilities[k, listed])


class TableCard(Card):
    """The whole file as a table."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(say("panel.table"), parent=parent)
        self._store = store
        self.table = DataTable(say("panel.table"), self, compact=True, fixed_first=True)
        self.table.rowsChosen.connect(
            lambda rows: store.do(commands.select_rows, tuple(int(r) for r in rows))
        )
        close = IconButton("x", say("panel.close_table"), self)
        close.clicked.connect(lambda _checked=False: store.do(commands.open_table, False))
        self.slot.addWidget(close)
        self.set_body(self.table)
        self._filled: tuple[Dataset, Completed] | None = None
        store.changed.connect(self.render_state)
        self.hide()

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        is_open = new.is_table_open and new.dataset is not None
        if is_open and new.dataset is not None:
            cells = _cells_of(new)
            if self._filled is None or any(
                a is not b for a, b in zip(self._filled, (new.dataset, cells), strict=True)
            ):
                self._fill(new.dataset, cells)
            others = self.table.chosen_rows() != list(new.selected_rows)
            if others and (old.selected_rows is not new.selected_rows or not old.is_table_open):
                self.table.choose_rows(new.selected_rows)
        self.setVisible(is_open)

    def _fill(self, dataset: Dataset, cells: Completed) -> None:
        self._filled = dataset, cells
        columns = [TableColumn(say("rows.row"), lambda r: r + 1, text=whole)]
        for column in dataset.columns:
            columns.append(file_column(column, lambda r: r, cells.get(column.name)))
        if cells:
            columns.append(estimated_column(cells, lambda r: r))
        self.table.set_table(columns, dataset.rows)
        self.set_title(say("panel.table"), say_count("data.rows", dataset.rows))


def _cells_of(state: AppState) -> Completed:
    """The estimates of what is shown, if they are of the data on the desk."""
    is_of_them = state.ran is not None and state.ran.dataset is state.dataset
    return state.shown.cells if state.shown is not None and is_of_them else NOTHING
