"""Missing cells, fixed values and known labels as a person meets them in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from emdesk.app import commands
from emdesk.app.state import ResultsTab
from emdesk.gui.widgets import DataTable
from emdesk.gui.widgets.table_model import ITALIC, MARK
from emdesk.model.needs import Role
from emdesk.model.tied import Tie
from tests.gui.driver import Driver


@pytest.fixture
def fitted(driver: Driver, geyser: Path) -> Driver:
    """A window with a fit of the two columns of the geyser, of which two waits are missing."""
    driver.import_file(geyser)
    driver.run()
    return driver


def show_tab(driver: Driver, tab: ResultsTab) -> None:
    driver.window.store.do(commands.show_tab, tab)
    driver.wait(lambda: driver.window.judge.is_idle)
    driver.settle()


def column_of(table: DataTable, title: str) -> int:
    return [c.title.replace("\n", " ") for c in table.table.columns].index(title)


def menu_at(driver: Driver, table: DataTable, row: int, column: int) -> QMenu:
    """The menu of a cell, opened by the right button."""
    index = table.table.index(row, column)
    table.scrollTo(index)
    place = table.visualRect(index).center()
    table.customContextMenuRequested.emit(place)
    menus = [m for m in table.findChildren(QMenu) if m.isVisible()]
    assert len(menus) == 1
    return menus[0]


def ties_of(driver: Driver) -> tuple[Tie, ...]:
    """What the form ties."""
    assert driver.state.spec is not None
    return driver.state.spec.ties


def ties_in(menu: QMenu) -> dict[str, QAction]:
    """What the number of a cell can be equal to, in the menu of the cell."""
    (ties,) = [inner for inner in menu.findChildren(QMenu) if inner.title() == "Same value as"]
    return {act.text(): act for act in ties.actions() if act.text()}


def choose_tie(driver: Driver, table: DataTable, cell: QModelIndex, text: str) -> None:
    """Choose in that menu."""
    menu = menu_at(driver, table, cell.row(), cell.column())
    ties_in(menu)[text].trigger()
    menu.close()
    driver.settle()


# ------------------------------------------------------------------ missing cells


def test_rows_with_a_missing_cell_are_fitted_and_the_doctor_says_so(fitted: Driver) -> None:
    assert fitted.state.shown is not None and fitted.state.shown.rows_used == 120
    texts = [finding.text for finding in fitted.window.data_panel.findings]
    assert (
        "2 rows have no wait. Their other cells count, and the missing ones are estimated." in texts
    )
    fitted.window.store.do(commands.set_setting, "missing", "drop")
    fitted.settle()
    texts = [finding.text for finding in fitted.window.data_panel.findings]
    assert any("set aside" in text for text in texts)


def test_the_picture_says_how_many_rows_it_cannot_draw(fitted: Driver) -> None:
    shown = fitted.state.shown
    assert shown is not None and shown.picture.subtitle == "2 rows have no wait"


def test_estimated_cells_are_marked_in_the_rows_and_in_the_full_table(fitted: Driver) -> None:
    show_tab(fitted, ResultsTab.ROWS)
    fitted.window.store.do(commands.open_table, True)
    fitted.settle()
    for table in (fitted.window.desk.results.rows.table, fitted.window.desk.table.table):
        column = column_of(table, "wait")
        missing, there = table.table.index(5, column), table.table.index(6, column)
        assert missing.data(MARK) == "calculator" and missing.data(ITALIC) is True
        assert missing.data() != "–" and not there.data(MARK) and there.data(ITALIC) is False
        told = missing.data(Qt.ItemDataRole.ToolTipRole)
        assert told.startswith("Estimated ") and " ± " in told
        assert missing.siblingAtColumn(column_of(table, "Estimated")).data() == "wait"


def test_a_copy_says_which_cells_were_estimated(fitted: Driver) -> None:
    show_tab(fitted, ResultsTab.ROWS)
    fitted.window.desk.results.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[-1] == "Estimated"
    assert lines[6].split("\t")[-1] == "wait" and lines[7].split("\t")[-1] == ""
    assert float(lines[6].split("\t")[-3]) > 40


# ------------------------------------------------------------------ fixed values


def test_a_number_is_held_from_the_menu_of_its_cell(fitted: Driver) -> None:
    table, held = fitted.window.desk.results.parameters.table, fitted.window.model_panel.held
    assert held.header is not None and held.header.summary == "none"
    cell = table.table.index(0, column_of(table, "Mean wait"))
    value = float(table.table.value(0, cell.column()))  # type: ignore[arg-type]
    menu = menu_at(fitted, table, cell.row(), cell.column())
    fitted.choose_in_menu(menu, "Hold this value")
    spec = fitted.state.spec
    assert spec is not None
    assert [(v.name, v.place, v.value) for v in spec.held] == [("means", (0, 1), value)]
    assert held.header.summary == "1 held"
    assert cell.data(MARK) == "push-pin-fill"
    assert fitted.state.is_stale
    menu = menu_at(fitted, table, cell.row(), cell.column())
    fitted.choose_in_menu(menu, "Release this value")
    assert fitted.state.spec is not None and not fitted.state.spec.held
    fitted.settle()


def test_a_key_pins_the_number_under_the_cursor(fitted: Driver) -> None:
    table = fitted.window.desk.results.parameters.table
    table.setFocus(Qt.FocusReason.OtherFocusReason)
    table.setCurrentIndex(table.table.index(1, column_of(table, "Weight")))
    QTest.keyClick(table, Qt.Key.Key_P)
    assert fitted.state.spec is not None
    assert [(v.name, v.place) for v in fitted.state.spec.held] == [("weights", (1,))]
    QTest.keyClick(table, Qt.Key.Key_P)
    assert not fitted.state.spec.held
    fitted.settle()


def test_held_values_are_changed_and_released_in_the_form(fitted: Driver) -> None:
    panel = fitted.window.model_panel
    fitted.window.store.do(commands.hold_value, "means", (0, 1), 80.25)
    fitted.window.store.do(commands.hold_value, "weights", (1,), 0.3)
    panel.held.set_open(True)
    fitted.settle()
    first, second = panel.held.lines
    assert (first.name.text(), second.name.text()) == ("Mean 1, wait", "Weight 2")
    assert first.value.text() == "80.25"
    first.value.setFocus(Qt.FocusReason.TabFocusReason)
    first.value.selectAll()
    QTest.keyClicks(first.value, "79,5")
    QTest.keyClick(first.value, Qt.Key.Key_Return)
    spec = fitted.state.spec
    assert spec is not None and spec.held[0].value == 79.5
    fitted.run()
    result = fitted.state.result
    assert result is not None
    assert result.family.in_units(result.data, result.params).law.means[0, 1] == pytest.approx(79.5)
    second.remove.click()
    assert [v.name for v in fitted.state.spec.held] == ["means"] if fitted.state.spec else False
    fitted.settle()


def test_what_cannot_be_held_is_told_in_messages(fitted: Driver) -> None:
    fitted.window.store.do(commands.set_setting, "covariance", "EEE")
    fitted.run()
    before = len(fitted.state.messages)
    table = fitted.window.desk.results.parameters.table
    table.setCurrentIndex(table.table.index(0, column_of(table, "SD wait")))
    QTest.keyClick(table, Qt.Key.Key_P)
    assert len(fitted.state.messages) == before + 1
    assert fitted.state.messages[-1].where == "Fixed and tied values"
    fitted.settle()


def test_a_number_is_made_equal_in_all_components_from_the_menu_of_its_cell(
    fitted: Driver,
) -> None:
    table, held = fitted.window.desk.results.parameters.table, fitted.window.model_panel.held
    cell = table.table.index(0, column_of(table, "Mean wait"))
    below = table.table.index(1, cell.column())
    choose_tie(fitted, table, cell, "In all components")
    assert ties_of(fitted) == (Tie("means", (), (1,)),)
    assert cell.data(MARK) == below.data(MARK) == "link-simple"
    assert cell.data(Qt.ItemDataRole.ToolTipRole).endswith(
        "Equal in all components in the next run"
    )
    assert held.header is not None and held.header.summary == "1 tied"
    fitted.run()
    result = fitted.state.result
    assert result is not None
    means = result.family.in_units(result.data, result.params).law.means
    assert means[0, 1] == means[1, 1] and means[0, 0] != means[1, 0]
    choose_tie(fitted, table, below, "In all components")
    assert not ties_of(fitted)
    fitted.window.store.do(commands.undo)
    assert ties_of(fitted)
    fitted.settle()


def test_ties_of_some_components_are_ticked_in_the_menu_and_let_go_in_the_form(
    fitted: Driver,
) -> None:
    fitted.window.store.do(commands.set_setting, "components", "3")
    fitted.run()
    table, panel = fitted.window.desk.results.parameters.table, fitted.window.model_panel
    cell = table.table.index(0, column_of(table, "Mean wait"))
    choose_tie(fitted, table, cell, "Component 3")
    assert ties_of(fitted) == (Tie("means", (0, 2), (1,)),)
    assert table.table.index(1, cell.column()).data(MARK) != "link-simple"
    menu = menu_at(fitted, table, cell.row(), cell.column())
    ticked = {text: act.isChecked() for text, act in ties_in(menu).items()}
    menu.close()
    assert ticked == {"In all components": False, "Component 2": False, "Component 3": True}
    panel.held.set_open(True)
    fitted.settle()
    (line,) = panel.held.tie_lines
    assert (line.name.text(), line.groups.text()) == ("Mean wait", "1 = 3")
    line.remove.click()
    assert not ties_of(fitted)
    fitted.settle()


# ------------------------------------------------------------------ known labels


def test_a_truth_column_opens_a_comparison(fitted: Driver) -> None:
    tabs = fitted.window.desk.results
    assert ResultsTab.COMPARISON not in tabs.shown_tabs
    fitted.window.store.do(commands.set_role, "site", Role.TRUTH)
    fitted.run()
    assert ResultsTab.COMPARISON in tabs.shown_tabs
    show_tab(fitted, ResultsTab.COMPARISON)
    page = tabs.comparison
    assert "100.0 % agree; adjusted Rand index 1.0000" in page.sentence.text()
    table = page.table.table
    assert [table.index(r, 0).data() for r in range(2)] == ["south", "north"]
    assert [table.index(1, c).data() for c in (1, 2)] == ["80", "0"]


def test_known_labels_name_the_components_and_are_judged(fitted: Driver) -> None:
    fitted.window.store.do(commands.set_role, "site", Role.LABEL)
    fitted.run()
    shown = fitted.state.shown
    assert shown is not None and shown.picture.groups == ("south", "north")
    parameters = fitted.window.desk.results.parameters.table
    assert [parameters.table.index(r, 0).data() for r in range(2)] == ["south", "north"]
    show_tab(fitted, ResultsTab.COMPARISON)
    fitted.wait(lambda: fitted.state.judged is not None)
    words = fitted.window.desk.results.comparison.sentence.text()
    assert words.startswith("All labels are known: discriminant analysis. Error 0.0 %")


def test_a_right_click_beside_the_cells_opens_the_menu_of_every_table(fitted: Driver) -> None:
    table = fitted.window.desk.results.parameters.table
    table.customContextMenuRequested.emit(QPoint(5, table.viewport().height() - 3))
    menu = next(m for m in table.findChildren(QMenu) if m.isVisible())
    assert len([a for a in menu.actions() if a.text()]) == 1
    menu.close()
