"""The table: lazily computed, copied at full precision, sorted, edited."""

from __future__ import annotations

import time
from functools import partial

import numpy as np
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from emdesk.gui.widgets import DataTable, TableColumn
from emdesk.texts.numbers import fixed

VALUES = np.array([0.1 + 0.2, -1.5, np.nan, 3.0])


def _columns() -> list[TableColumn]:
    return [
        TableColumn("", lambda r: r + 1, str, numeric=False, group=lambda r: r),
        TableColumn(
            "Mean\nwaiting",
            lambda r: float(VALUES[r]),
            lambda x: fixed(x, 2),
            sort_keys=lambda: VALUES,
        ),
        TableColumn("Name", lambda r: ["a", "=1+1", "x\ty", "ü"][r], numeric=False),
    ]


def _table(qtbot: QtBot) -> DataTable:
    table = DataTable("Parameters")
    qtbot.addWidget(table)
    table.set_table(_columns(), 4)
    table.resize(300, 200)
    table.show()
    return table


def test_numbers_are_shown_rounded_and_copied_in_full(qtbot: QtBot) -> None:
    table = _table(qtbot)
    assert table.table.index(0, 1).data() == "0.30"
    assert table.table.index(1, 1).data() == "−1.50"
    assert table.copy() == 4
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0] == "\tMean waiting\tName"
    assert lines[1] == "1\t0.30000000000000004\ta"
    assert lines[2].startswith("2\t-1.5\t")


def test_missing_numbers_are_a_dash_on_screen_and_nothing_in_a_copy(qtbot: QtBot) -> None:
    table = _table(qtbot)
    assert table.table.index(2, 1).data() == "–"
    table.copy()
    assert QApplication.clipboard().text().splitlines()[3].split("\t")[1] == ""


def test_copied_text_cannot_run_as_a_formula_or_break_the_columns(qtbot: QtBot) -> None:
    table = _table(qtbot)
    table.copy()
    lines = QApplication.clipboard().text().splitlines()
    assert lines[2].split("\t")[2] == "'=1+1"
    assert lines[3].split("\t")[2] == "x y"
    assert "<td>&#x27;=1+1</td>" in QApplication.clipboard().mimeData().html()


def test_ctrl_c_copies_the_selected_rows_with_their_titles(qtbot: QtBot) -> None:
    table = _table(qtbot)
    table.selectRow(1)
    with qtbot.waitSignal(table.copied) as copied:
        QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert copied.args == [1]
    assert len(QApplication.clipboard().text().splitlines()) == 2


def test_clicking_a_head_sorts_and_the_selection_stays_with_its_row(qtbot: QtBot) -> None:
    table = _table(qtbot)
    table.selectRow(0)
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert [table.table.source_row(p) for p in range(4)][-1] == 1
    assert table.chosen_rows() == [0]
    table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    assert [table.table.source_row(p) for p in range(4)] == [0, 1, 2, 3]


def test_a_column_without_keys_is_not_sorted(qtbot: QtBot) -> None:
    table = _table(qtbot)
    table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    assert [table.table.source_row(p) for p in range(4)] == [0, 1, 2, 3]


def test_a_column_grows_with_its_numbers_unless_its_width_was_set_by_hand(qtbot: QtBot) -> None:
    table = DataTable("Parameters")
    qtbot.addWidget(table)
    numbers = {"by_itself": 0.5, "by_hand": 0.5}

    def value_of(name: str, _row: int) -> float:
        return numbers[name]

    def show() -> None:
        columns = [TableColumn(name, partial(value_of, name), str) for name in numbers]
        table.set_table(columns, 1)

    show()
    table.setColumnWidth(1, 50)
    before = table.columnWidth(0)
    numbers.update(by_itself=-1234567.123456, by_hand=-1234567.123456)
    show()
    assert table.columnWidth(0) > before and table.columnWidth(1) == 50


def test_new_numbers_under_the_same_titles_keep_selection_and_widths(qtbot: QtBot) -> None:
    table = _table(qtbot)
    table.selectRow(2)
    table.setColumnWidth(1, 200)
    table.set_table(_columns(), 4)
    assert table.chosen_rows() == [2]
    assert table.columnWidth(1) == 200


def test_choosing_rows_from_the_program_tells_nobody(qtbot: QtBot) -> None:
    table = _table(qtbot)
    with qtbot.assertNotEmitted(table.rowsChosen):
        table.choose_rows([3])
    assert table.chosen_rows() == [3]
    with qtbot.waitSignal(table.rowsChosen) as told:
        select = QItemSelectionModel.SelectionFlag
        index = table.table.index(0, 0)
        table.selectionModel().select(index, select.ClearAndSelect | select.Rows)
    assert told.args == [[0]]


def test_new_numbers_are_sorted_again_and_the_selection_keeps_its_row(qtbot: QtBot) -> None:
    table = DataTable("Rows")
    qtbot.addWidget(table)
    values = np.array([1.0, 2.0, 3.0])

    def columns(numbers: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[TableColumn]:
        return [TableColumn("x", lambda r: float(numbers[r]), sort_keys=lambda: numbers)]

    table.set_table(columns(values), 3)
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    table.choose_rows([0])
    table.set_table(columns(-values), 3)
    assert [table.table.source_row(p) for p in range(3)] == [2, 1, 0]
    assert table.chosen_rows() == [0]


def test_many_rows_are_chosen_at_once(qtbot: QtBot) -> None:
    table = DataTable("Rows")
    qtbot.addWidget(table)
    table.set_table([TableColumn("x", float)], 500_000)
    start = time.perf_counter()
    table.choose_rows([*range(100, 200_000), 300_000])
    assert time.perf_counter() - start < 2
    assert len(table.chosen_rows()) == 199_901


def test_a_name_is_edited_in_place(qtbot: QtBot) -> None:
    table = DataTable("Runs")
    qtbot.addWidget(table)
    column = TableColumn("Name", lambda r: "run", numeric=False, editable=True)
    table.set_table([column], 1)
    heard: list[tuple[int, int, str]] = []
    table.on_edit(lambda row, place, text: heard.append((row, place, text)))
    table.table.setData(table.table.index(0, 0), "best")
    assert heard == [(0, 0, "best")]


def test_a_million_rows_are_shown_and_sorted_without_waiting(qtbot: QtBot) -> None:
    values = np.random.default_rng(0).normal(size=1_000_000)
    computed: list[int] = []

    def cell(row: int) -> float:
        computed.append(row)
        return float(values[row])

    table = DataTable("Rows")
    qtbot.addWidget(table)
    table.resize(400, 300)
    start = time.perf_counter()
    table.set_table([TableColumn("x", cell, sort_keys=lambda: values)], len(values))
    table.show()
    table.grab()
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    table.grab()
    assert time.perf_counter() - start < 3
    assert len(set(computed)) < 200
    assert table.table.value(0, 0) == values.min()


def test_the_first_column_stays_while_the_rest_is_scrolled(qtbot: QtBot) -> None:
    table = DataTable("Parameters", sortable=False, fixed_first=True)
    qtbot.addWidget(table)
    columns = [TableColumn(f"column {j}", float) for j in range(12)]
    table.set_table(columns, 3)
    table.resize(300, 160)
    table.show()
    fixed_column = table._fixed
    assert fixed_column is not None and fixed_column.isHidden()
    table.horizontalScrollBar().setValue(200)
    assert fixed_column.isVisibleTo(table)
    assert fixed_column.width() == table.columnWidth(0)
    assert fixed_column.columnAt(5) == 0
