"""Work that was not saved is not lost without a question."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from emdesk.app.state import Phase
from emdesk.gui.dialogs.import_dialog import ImportDialog
from emdesk.gui.widgets import QuestionDialog
from tests.gui.conftest import MakeDriver
from tests.gui.driver import Driver

CANCEL, WITHOUT, SAVE = range(3)


@pytest.fixture
def asking(make_driver: MakeDriver) -> Driver:
    return make_driver(asks=True)


def fitted(driver: Driver, path: Path) -> Driver:
    driver.import_file(path)
    driver.set("starts", "1")
    driver.run()
    return driver


def question(driver: Driver) -> QuestionDialog:
    driver.wait(lambda: driver.window.unsaved.dialog is not None)
    dialog = driver.window.unsaved.dialog
    assert dialog is not None
    return dialog


def test_data_that_were_only_opened_are_closed_without_a_question(
    asking: Driver, geyser: Path
) -> None:
    asking.import_file(geyser)
    asking.keys("Ctrl+Q")
    asking.wait(lambda: not asking.window.isVisible())
    assert asking.window.unsaved.dialog is None


def test_closing_an_unsaved_fit_asks_and_can_be_given_up(asking: Driver, geyser: Path) -> None:
    fitted(asking, geyser)
    asking.keys("Ctrl+Q")
    dialog = question(asking)
    assert [b.text() for b in dialog.buttons] == ["Cancel", "Close without saving", "Save…"]
    asking.window.close()
    assert question(asking) is dialog  # asked once
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    asking.wait(lambda: asking.window.unsaved.dialog is None)
    assert asking.window.isVisible() and asking.state.result is not None


def test_close_without_saving_closes(asking: Driver, geyser: Path) -> None:
    fitted(asking, geyser)
    asking.window.close()
    asking.click(question(asking).buttons[WITHOUT])
    asking.wait(lambda: not asking.window.isVisible())
    assert asking.window.fits.threads == 0


def test_save_writes_the_project_and_then_closes(
    asking: Driver, geyser: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted(asking, geyser)
    path = tmp_path / "study.emdesk"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    asking.window.close()
    asking.click(question(asking).buttons[SAVE])
    asking.wait(lambda: not asking.window.isVisible())
    assert path.stat().st_size > 0


def test_saving_that_is_given_up_leaves_the_window_open(
    asking: Driver, geyser: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted(asking, geyser)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    asking.window.close()
    asking.click(question(asking).buttons[SAVE])
    asking.wait(lambda: asking.window.unsaved.dialog is None)
    assert asking.window.isVisible() and not asking.state.is_saved


def test_saving_during_a_run_stops_it_and_keeps_its_last_iteration(
    asking: Driver, geyser: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "study.emdesk"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    asking.import_file(geyser)
    asking.set("starts", "1")
    asking.set("tolerance", "0")
    asking.window.actions_table["watch_pace"].trigger()
    asking.press_run()
    asking.wait_iteration(2)
    asking.window.close()
    asking.click(question(asking).buttons[SAVE])
    asking.wait(lambda: not asking.window.isVisible())
    assert asking.state.is_saved and asking.state.result is not None


def test_another_file_waits_for_the_answer(asking: Driver, geyser: Path, large: Path) -> None:
    fitted(asking, geyser)
    asking.window.files.open(large)
    dialog = question(asking)
    assert dialog.buttons[WITHOUT].text() == "Open without saving"
    asking.click(dialog.buttons[CANCEL])
    asking.wait(lambda: asking.window.unsaved.dialog is None)
    assert asking.window.files.dialog is None
    asking.window.files.open(large)
    asking.click(question(asking).buttons[WITHOUT])
    asking.wait(lambda: isinstance(asking.window.files.dialog, ImportDialog))


def test_a_sample_waits_for_the_answer_and_changes_of_a_saved_project_are_asked_for(
    asking: Driver, geyser: Path, tmp_path: Path
) -> None:
    fitted(asking, geyser)
    asking.window.files.save_to(tmp_path / "study.emdesk")
    asking.wait(lambda: asking.state.is_saved)
    asking.set("components", "4")
    asking.window.files.open_sample("iris")
    dialog = question(asking)
    assert dialog.buttons[SAVE].text() == "Save"
    asking.click(dialog.buttons[SAVE])
    asking.wait(lambda: "Species" in (asking.state.dataset.names if asking.state.dataset else ()))
    assert asking.state.phase is Phase.IDLE
