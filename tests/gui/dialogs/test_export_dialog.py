"""The export dialog: what is written, what is replaced, what is told when it cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from emdesk.app import export_plan
from emdesk.app.catalogue import catalogue
from emdesk.app.export_plan import plan_of_result
from emdesk.app.samples import sample, sample_dataset, sample_spec
from emdesk.app.session import FitResult, fit
from emdesk.errors import Cancelled, FileProblem
from emdesk.gui.dialogs.export_dialog import ExportDialog
from emdesk.gui.widgets.message_dialog import MessageDialog

LEFT = Qt.MouseButton.LeftButton
NAMES = {"parameters.json", "parameters.csv", "labels.csv", "trace.csv", "starts.csv", "audit.csv"}
Ask = Callable[[], bool]


@pytest.fixture(scope="module")
def result() -> FitResult:
    chosen = sample("faithful")
    return fit(sample_dataset(chosen), sample_spec(chosen, catalogue()), catalogue())


def shown(qtbot: QtBot, result: FitResult, folder: Path) -> ExportDialog:
    dialog = ExportDialog(plan_of_result(result), folder)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def problem_of(qtbot: QtBot, dialog: ExportDialog) -> MessageDialog:
    """The dialog that says what went wrong, once it is there."""
    qtbot.waitUntil(lambda: dialog.findChild(MessageDialog) is not None)
    told = dialog.findChild(MessageDialog)
    assert told is not None
    return told


def test_the_files_are_written_into_the_folder(
    qtbot: QtBot, result: FitResult, tmp_path: Path
) -> None:
    dialog = shown(qtbot, result, tmp_path / "results")
    assert dialog.export_button.text() == f"Export {len(NAMES)} files"
    with qtbot.waitSignal(dialog.exported) as told:
        QTest.mouseClick(dialog.export_button, LEFT)
    assert {path.name for path in told.args[0]} == NAMES
    assert {path.name for path in (tmp_path / "results").iterdir()} == NAMES
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_the_dialog_says_which_iteration_is_exported(
    qtbot: QtBot, result: FitResult, tmp_path: Path
) -> None:
    natural = shown(qtbot, result, tmp_path)
    assert "where the fit converged" in natural.subject.full
    natural.reject()
    dialog = shown(qtbot, result.keep(3), tmp_path)
    assert dialog.subject.full == "Old Faithful: iteration 3, kept by hand"
    with qtbot.waitSignal(dialog.exported):
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    made = json.loads((tmp_path / "parameters.json").read_text("utf-8"))
    assert made["iterations"] == 3 or made.get("iteration") == 3


def test_files_that_are_there_are_named_before_they_are_replaced(
    qtbot: QtBot, result: FitResult, tmp_path: Path
) -> None:
    (tmp_path / "labels.csv").write_text("old")
    dialog = shown(qtbot, result, tmp_path)
    assert dialog.replaced == ("labels.csv",)
    assert dialog.export_button.text() == "Export and replace 1 file"
    dialog.folder_field.setText(str(tmp_path / "new"))
    assert dialog.export_button.text() == f"Export {len(NAMES)} files"
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert (tmp_path / "labels.csv").read_text() == "old"


def test_a_folder_is_chosen(
    qtbot: QtBot, result: FitResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "other"))
    dialog = shown(qtbot, result, tmp_path)
    QTest.mouseClick(dialog.choose_button, LEFT)
    assert dialog.folder == tmp_path / "other"
    dialog.reject()


def test_without_a_folder_nothing_can_be_exported(
    qtbot: QtBot, result: FitResult, tmp_path: Path
) -> None:
    dialog = shown(qtbot, result, tmp_path)
    dialog.folder_field.clear()
    assert not dialog.export_button.isEnabled()
    dialog.reject()


def test_a_folder_that_cannot_be_written_is_told_and_tried_again(
    qtbot: QtBot, result: FitResult, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    dialog = shown(qtbot, result, tmp_path / "file" / "results")
    QTest.mouseClick(dialog.export_button, LEFT)
    told = problem_of(qtbot, dialog)
    assert [button.text() for button in told.buttons] == ["Choose another folder", "Try again"]
    (tmp_path / "file").unlink()
    with qtbot.waitSignal(dialog.exported):
        QTest.mouseClick(told.buttons[1], LEFT)
    assert {path.name for path in (tmp_path / "file" / "results").iterdir()} == NAMES


def test_another_folder_is_chosen_after_a_problem(
    qtbot: QtBot, result: FitResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> tuple[Path, ...]:
        raise FileProblem("the disk is full", where="labels.csv")

    monkeypatch.setattr(export_plan, "export", refuse)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "other"))
    dialog = shown(qtbot, result, tmp_path)
    QTest.mouseClick(dialog.export_button, LEFT)
    QTest.mouseClick(problem_of(qtbot, dialog).buttons[0], LEFT)
    assert dialog.folder == tmp_path / "other"
    assert dialog.export_button.isEnabled()
    dialog.reject()


def test_an_export_is_stopped_with_nothing_written(
    qtbot: QtBot, result: FitResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait_for_stop(_result: object, _folder: Path, progress: Any, cancelled: Ask) -> None:
        progress(0.25)
        while not cancelled():
            pass
        raise Cancelled("stopped")

    monkeypatch.setattr(export_plan, "export", wait_for_stop)
    dialog = shown(qtbot, result, tmp_path)
    QTest.mouseClick(dialog.export_button, LEFT)
    qtbot.waitUntil(lambda: dialog.progress.value() == 25)
    assert not dialog.export_button.isEnabled()
    with qtbot.assertNotEmitted(dialog.exported):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: not dialog.isVisible())
    assert not any(tmp_path.iterdir())


def test_an_export_that_is_stopped_half_way_says_what_was_written(
    qtbot: QtBot, result: FitResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait_for_stop(_result: object, _folder: Path, progress: Any, cancelled: Ask) -> None:
        progress(0.25)
        while not cancelled():
            pass
        raise Cancelled("stopped", kept="the folder of east is whole")

    monkeypatch.setattr(export_plan, "export", wait_for_stop)
    dialog = shown(qtbot, result, tmp_path)
    QTest.mouseClick(dialog.export_button, LEFT)
    qtbot.waitUntil(lambda: dialog.progress.value() == 25)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    told = problem_of(qtbot, dialog)
    assert "the folder of east is whole" in told.accessibleDescription()
    assert dialog.isVisible() and dialog.export_button.isEnabled()
    told.reject()
    dialog.reject()
