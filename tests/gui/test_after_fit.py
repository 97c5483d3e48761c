"""After a fit, by hand: noise, QQ plots, merged components, names, simulated data."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from emdesk.app import commands
from emdesk.app.state import ResultsTab
from emdesk.gui.dialogs.merge_dialog import MergeDialog
from emdesk.gui.dialogs.simulate_dialog import SimulateDialog
from emdesk.model.marks import NO_GROUP, Points
from emdesk.model.needs import Role
from emdesk.model.pictures.quantiles import QUANTILES
from tests.gui.driver import Driver

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def fitted(driver: Driver, geyser: Path) -> Driver:
    """The desk after a fit of both columns."""
    driver.import_file(geyser)
    driver.run()
    return driver


def test_noise_has_its_own_mark_in_legend_picture_and_rows(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.set("noise", "uniform")
    driver.run()
    legend = driver.window.desk.picture.legend
    assert [button.text() for button in legend.buttons][-1] == "Noise"
    shown = driver.state.shown
    assert shown is not None and shown.picture.has_noise
    points = next(m for m in shown.picture.marks if isinstance(m, Points))
    assert points.groups == 2 and int(points.group.min()) >= NO_GROUP
    table = driver.window.desk.results.parameters.table.table
    cells = {c.title: c.shown(c.cell(2)) for c in table.columns}
    assert table.columns[0].cell(2) == "Noise" and table.columns[0].group is not None
    assert table.columns[0].group(2) == NO_GROUP and table.columns[0].hint is not None
    assert "density" in table.columns[0].hint(2)
    assert cells["Weight"] == "" and 0 <= float(cells["Share"]) < 1 and float(cells["Rows"]) >= 0
    driver.window.store.do(commands.show_tab, ResultsTab.ROWS)
    driver.settle()
    heads = [c.title for c in driver.window.desk.results.rows.table.table.columns]
    assert "P(Noise)" in heads


def test_the_law_card_shows_a_qq_plot_of_a_chosen_column(fitted: Driver) -> None:
    card = fitted.window.desk.law
    fitted.choose_in_menu(card.shows, "QQ plot")
    fitted.settle()
    fitted.wait(lambda: card.heading == "QQ plot")
    assert fitted.state.law_view.shows == QUANTILES
    fitted.choose_in_menu(card.columns, "wait")
    fitted.settle()
    fitted.wait(lambda: card.picture_view.picture.subtitle == "wait")
    fitted.choose_in_menu(card.shows, "Fitted law")
    fitted.settle()
    fitted.wait(lambda: card.heading == "Fitted density")


def test_components_are_coloured_by_the_clusters_they_are_merged_into(
    driver: Driver, geyser: Path
) -> None:
    driver.import_file(geyser)
    driver.set("components", "4")
    driver.run()
    driver.window.actions_table["merge"].trigger()
    driver.wait(lambda: isinstance(driver.window.after_fit.dialog, MergeDialog))
    dialog = driver.window.after_fit.dialog
    assert isinstance(dialog, MergeDialog)
    dialog.table.choose_rows([2])
    dialog.table.rowsChosen.emit([2])
    driver.click(dialog.colour_button)
    driver.settle()
    result, shown = driver.state.result, driver.state.shown
    assert result is not None and result.merged is not None and result.merged.clusters == 2
    assert shown is not None and set(shown.slots) == {0, 1}
    assert driver.window.desk.picture.picture_view.look.slots == shown.slots
    driver.window.store.do(commands.merge_components, None)
    driver.settle()
    assert driver.state.shown is not None and driver.state.shown.slots == ()


def test_a_double_click_in_the_legend_renames_a_component(fitted: Driver) -> None:
    legend = fitted.window.desk.picture.legend
    QTest.mouseDClick(legend.buttons[1], LEFT)
    field = legend.field
    assert field is not None and field.text() == "2"
    QTest.keyClicks(field, "short waits")
    QTest.keyClick(field, Qt.Key.Key_Return)
    fitted.settle()
    assert fitted.state.shown is not None
    assert fitted.state.shown.picture.groups == ("1", "short waits")
    fitted.wait(lambda: legend.buttons[1].toolTip() == "short waits")
    fitted.run()
    assert "short waits" in fitted.state.shown.picture.groups


def test_escape_leaves_the_name(fitted: Driver) -> None:
    legend = fitted.window.desk.picture.legend
    legend.buttons[0].setFocus()
    QTest.keyClick(legend.buttons[0], Qt.Key.Key_F2)
    field = legend.field
    assert field is not None
    QTest.keyClicks(field, "never")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert not field.isVisible()
    assert fitted.state.result is not None and fitted.state.result.names == ()


def test_simulated_data_are_opened_with_their_component_as_truth(fitted: Driver) -> None:
    fitted.window.actions_table["simulate"].trigger()
    dialog = fitted.window.after_fit.dialog
    assert isinstance(dialog, SimulateDialog)
    _, rows = dialog.rows
    rows.lineEdit().selectAll()
    QTest.keyClicks(rows, "no")
    assert not dialog.simulate_button.isEnabled()
    rows.lineEdit().selectAll()
    QTest.keyClicks(rows, "75")
    fitted.click(dialog.simulate_button)
    fitted.wait(lambda: fitted.state.dataset is not None and fitted.state.dataset.rows == 75)
    fitted.settle()
    spec = fitted.state.spec
    assert spec is not None and spec.columns == ("length", "wait")
    assert spec.roles == {Role.TRUTH: ("component",)}
