"""The window around the fit: layout, keys, palette, copying, dropping, messages, theme."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from emdesk.app.state import AppState, Page, Phase, ResultsTab
from emdesk.gui.actions import DEEDS
from emdesk.gui.panels.desk import plan_for
from emdesk.gui.panels.palette import Palette, ranked
from emdesk.gui.theme import Mode, theme
from emdesk.gui.widgets import MessageDialog
from tests.gui.conftest import MakeDriver
from tests.gui.driver import Driver


def page(driver: Driver) -> Page:
    return driver.state.page


def test_the_window_begins_with_the_start_page_and_no_docks(driver: Driver) -> None:
    assert page(driver) is Page.START
    assert driver.window.start_page.isVisible()
    assert not driver.window.data_dock.isVisible()
    assert not driver.window.bar.isVisible()


def test_a_sample_opens_with_its_model_and_watch_pace(driver: Driver) -> None:
    card = next(c for c in driver.window.start_page.cards if c.sample.id == "faithful")
    driver.click(card)
    driver.wait(lambda: page(driver) is Page.DESK)
    driver.settle()
    assert driver.columns() == ("eruptions", "waiting")
    assert driver.state.watch_pace
    assert driver.window.desk.timeline.pace.isChecked()


def test_a_small_window_has_a_rail_and_tabs_instead_of_docks_and_cards(
    make_driver: MakeDriver, geyser: Path
) -> None:
    driver = make_driver(width=1024, height=700)
    driver.import_file(geyser)
    assert driver.window.width() == 1024
    assert driver.window.rail.isVisible()
    assert not driver.window.data_dock.isVisible()
    side = driver.window.desk.side
    assert driver.window.desk.convergence.isVisible()
    assert not driver.window.desk.law.isVisible()
    strip = side.strips[0]
    driver.click(strip, strip.tabRect(1).center())
    assert driver.window.desk.law.isVisible()
    driver.click(driver.window.rail.data)
    driver.wait(driver.window.data_panel.isVisible)
    driver.tick("wait")
    assert driver.columns() == ("length",)
    driver.click(driver.window.rail.data)
    assert not driver.window.overlay.isVisible()


def test_a_window_that_grows_gets_its_docks_back(make_driver: MakeDriver, geyser: Path) -> None:
    driver = make_driver(width=1024, height=700)
    driver.import_file(geyser)
    driver.click(driver.window.rail.data)
    driver.window.resize(1400, 900)
    driver.wait(driver.window.data_dock.isVisible)
    assert not driver.window.rail.isVisible()
    assert driver.window.data_panel.isVisible()
    assert driver.window.desk.law.isVisible() and driver.window.desk.convergence.isVisible()


@pytest.mark.parametrize(
    ("size", "compact"), [((1024, 700), True), ((960, 540), True), ((1280, 800), False)]
)
def test_the_plan_follows_the_size_of_the_window(size: tuple[int, int], compact: bool) -> None:
    assert plan_for(*size).compact is compact


def test_docks_are_toggled_by_keys_and_reset(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.keys("Ctrl+B")
    assert not driver.window.data_dock.isVisible()
    driver.keys("Ctrl+J")
    assert driver.window.desk.results.is_folded
    driver.window.actions_table["reset_layout"].trigger()
    assert driver.window.data_dock.isVisible()
    assert not driver.window.desk.results.is_folded


def test_the_palette_finds_commands_settings_and_columns(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    entries = driver.window.palette_entries()
    assert ranked(entries, "cov")[0].label == "Covariance"
    assert ranked(entries, "site")[0].label == "site"
    driver.keys("Ctrl+K")
    driver.wait(lambda: driver.window.findChild(Palette) is not None)
    palette = driver.window.findChild(Palette)
    assert palette is not None
    QTest.keyClicks(palette.box, "full table")
    QTest.keyClick(palette.box, Qt.Key.Key_Return)
    assert driver.state.is_table_open
    driver.wait(driver.window.desk.table.isVisible)
    assert driver.window.desk.table.table.table.rowCount() == 120


def test_every_deed_is_done_by_someone_and_has_words(driver: Driver) -> None:
    for deed in DEEDS:
        action = driver.window.actions_table[deed.id]
        assert action.text()
        assert action.receivers("2triggered(bool)") >= 1, deed.id


def test_no_key_belongs_to_two_deeds() -> None:
    keys = [key for deed in DEEDS for key in deed.keys]
    assert len(keys) == len(set(keys))


def test_what_is_possible_follows_from_the_state_alone(driver: Driver, geyser: Path) -> None:
    def possible() -> set[str]:
        return {d.id for d in DEEDS if driver.window.actions_table[d.id].isEnabled()}

    assert "run" not in possible() and "open" in possible()
    driver.import_file(geyser)
    assert {"run", "step", "save"} <= possible()
    assert "export" not in possible()
    driver.run()
    assert {"export", "first", "back"} <= possible()
    assert "stop" not in possible()


def test_the_parameter_table_is_copied_for_a_spreadsheet(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.run()
    driver.click(driver.window.desk.results.copy_button)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[1] == "Weight"
    result = driver.state.result
    assert result is not None
    weights = [float(line.split("\t")[1]) for line in lines[1:]]
    assert np.isclose(sum(weights), 1, rtol=1e-12)


def test_plots_are_saved_as_png_and_svg_and_copied(
    driver: Driver, geyser: Path, tmp_path: Path
) -> None:
    driver.import_file(geyser)
    driver.run()
    for card in (
        driver.window.desk.picture,
        driver.window.desk.law,
        driver.window.desk.convergence,
    ):
        for ending in ("png", "svg"):
            path = tmp_path / f"plot.{ending}"
            card.save_plot(path)
            assert path.stat().st_size > 1000
    driver.focus_panels()
    driver.keys("Ctrl+Shift+C")
    assert QGuiApplication.clipboard().mimeData().hasImage()


def test_a_plot_that_cannot_be_saved_is_a_message(
    driver: Driver, geyser: Path, tmp_path: Path
) -> None:
    driver.import_file(geyser)
    before = len(driver.state.messages)
    driver.window.desk.picture.save_plot(tmp_path / "nowhere" / "plot.png")
    assert len(driver.state.messages) == before + 1
    driver.window.store.do(_to_messages)
    assert driver.window.desk.results.messages.rows[-1].isVisible()
    assert driver.state.unread == 0


def _to_messages(state: AppState) -> AppState:
    from emdesk.app.commands import show_tab

    return show_tab(state, ResultsTab.MESSAGES)


def test_a_dropped_file_says_what_it_will_do_and_is_opened(driver: Driver, geyser: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(geyser))])
    copy, left, none = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter = QDragEnterEvent(QPoint(300, 300), copy, mime, left, none)
    QApplication.sendEvent(driver.window, enter)
    assert enter.isAccepted()
    sheet = driver.window.drop_sheet
    assert sheet.isVisible() and sheet.title == "Drop to open geyser.csv"
    drop = QDropEvent(QPointF(300, 300), copy, mime, left, none, QEvent.Type.Drop)
    QApplication.sendEvent(driver.window, drop)
    assert not sheet.isVisible()
    driver.click(driver.import_dialog().import_button)
    driver.wait(lambda: page(driver) is Page.DESK)


def test_a_file_of_another_kind_is_one_clear_sentence(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"PK\x03\x04 not a text file")
    driver.window.files.open(path)
    driver.wait(lambda: driver.window.findChild(MessageDialog) is not None)
    dialog = driver.window.findChild(MessageDialog)
    assert dialog is not None
    driver.click(dialog.buttons[-1])
    assert page(driver) is Page.START


def test_rows_are_selected_in_the_table_and_ringed_in_the_picture(
    driver: Driver, geyser: Path
) -> None:
    driver.import_file(geyser)
    driver.run()
    results = driver.window.desk.results
    driver.click(results.tabs, results.tabs.tabRect(1).center())
    table = results.rows.table
    driver.wait(lambda: table.table.rowCount() == 120)
    rect = table.visualRect(table.table.index(2, 1))
    driver.click(table.viewport(), rect.center())
    assert list(driver.state.selected_rows) == [2]
    assert driver.window.desk.picture.picture_view.look.selected.tolist() == [2]
    driver.focus_panels()
    driver.keys("Escape")
    assert not driver.state.selected_rows


def test_a_group_is_brought_out_by_its_legend_and_by_its_number(
    driver: Driver, geyser: Path
) -> None:
    driver.import_file(geyser)
    driver.set("components", "2")
    driver.run()
    driver.wait(lambda: len(driver.window.desk.picture.legend.buttons) == 2)
    driver.click(driver.window.desk.picture.legend.buttons[1])
    assert driver.window.desk.picture.picture_view.look.emphasis == 1
    driver.focus_panels()
    driver.keys("1")
    assert driver.state.chosen_group == 0


def test_the_theme_changes_in_place_during_a_run(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.set("tolerance", "0")
    driver.window.actions_table["watch_pace"].trigger()
    driver.press_run()
    driver.wait_iteration(1)
    driver.window.actions_table["dark_theme"].trigger()
    assert theme().mode is Mode.DARK
    driver.wait_iteration(3)
    assert driver.state.phase is Phase.RUNNING
    driver.window.actions_table["light_theme"].trigger()


def test_f6_walks_through_the_regions_in_reading_order(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    seen = []
    regions = (
        driver.window.bar,
        driver.window.data_panel,
        driver.window.desk.picture,
        driver.window.desk.side,
        driver.window.desk.timeline,
        driver.window.desk.results,
        driver.window.model_panel,
    )
    driver.keys("F6")
    for _ in regions:
        focused = driver.window.focusWidget()
        assert focused is not None
        seen.append(next(r for r in regions if r.isAncestorOf(focused)))
        driver.keys("F6")
    start = regions.index(seen[0])
    assert seen == [*regions[start:], *regions[:start]]


def test_every_button_of_the_desk_has_an_accessible_name(driver: Driver, geyser: Path) -> None:
    from PySide6.QtWidgets import QAbstractButton

    driver.import_file(geyser)
    driver.run()
    nameless = [
        button
        for button in driver.window.findChildren(QAbstractButton)
        if button.isVisible() and not (button.accessibleName() or button.text())
    ]
    assert not [b for b in nameless if type(b).__module__.startswith("emdesk")]


def test_space_presses_the_button_that_is_focused_and_replays_elsewhere(
    driver: Driver, geyser: Path
) -> None:
    driver.import_file(geyser)
    driver.run()
    pace = driver.window.desk.timeline.pace
    pace.setFocus(Qt.FocusReason.TabFocusReason)
    driver.keys("Space")
    assert driver.state.watch_pace and not driver.state.is_playing
    driver.focus_panels()
    driver.keys("Space")
    assert driver.state.is_playing


def test_the_same_items_are_drawn_again_frame_after_frame(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.set("tolerance", "0")
    driver.set("max_iterations", "200")
    driver.set("starts", "1")
    driver.press_run()
    driver.wait_iteration(5)
    before = set(driver.window.desk.picture.picture_view.main.addedItems)
    driver.wait_phase(Phase.DONE)
    driver.settle()
    after = set(driver.window.desk.picture.picture_view.main.addedItems)
    assert before <= after
