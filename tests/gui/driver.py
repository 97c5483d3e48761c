"""Drives the real window like a person: by mouse and keys on widgets that can be seen.

Every verb waits until the window answers; none sleeps.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QWidget
from pytestqt.qtbot import QtBot

from emdesk.app.state import AppState, Phase
from emdesk.gui.dialogs.export_dialog import ExportDialog
from emdesk.gui.dialogs.import_dialog import ImportDialog
from emdesk.gui.main_window import MainWindow
from emdesk.gui.widgets import RunState, SegmentedControl

PATIENCE_MS = 15_000
LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


class Driver:
    """Readable verbs over one window."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window = window
        self.qtbot = qtbot

    @property
    def state(self) -> AppState:
        return self.window.store.state

    def columns(self) -> tuple[str, ...]:
        """The columns that the form uses."""
        return self.state.spec.columns if self.state.spec is not None else ()

    def word(self) -> RunState:
        """What the run button says."""
        return self.window.bar.run_button.state

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let the window work until this holds."""
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def settle(self) -> None:
        """Wait until everything asked for is on the screen."""
        self.wait(lambda: self.window.background.is_idle and self.window.shows.is_idle)
        QApplication.processEvents()

    # ------------------------------------------------------------ mouse and keys

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Click on a widget that can be seen and is enabled."""
        self.wait(lambda: widget.isVisible() and widget.isEnabled())
        QTest.mouseClick(widget, LEFT, NO_KEYS, at or widget.rect().center())

    def keys(self, text: str) -> None:
        """Press a shortcut, such as `Ctrl+Return`, in the window."""
        from PySide6.QtGui import QKeySequence

        if not self.window.isActiveWindow():  # no window manager gives it back after a dialog
            self.window.activateWindow()
            self.wait(self.window.isActiveWindow)
        combination = cast(Any, QKeySequence(text))[0]
        target = self.window.focusWidget() or self.window
        QTest.keyClick(target, combination.key(), combination.keyboardModifiers())

    def focus_panels(self) -> None:
        """Put the focus where the keys of the panels work."""
        self.window.desk.picture.plot.setFocus(Qt.FocusReason.MouseFocusReason)

    def choose_in_menu(self, menu: QMenu, label: str) -> None:
        """Choose an entry of a menu by its words."""
        act = next(a for a in menu.actions() if a.text() == label)
        menu.popup(self.window.mapToGlobal(QPoint(60, 60)))
        self.wait(menu.isVisible)
        QTest.mouseClick(menu, LEFT, NO_KEYS, menu.actionGeometry(act).center())
        self.wait(lambda: not menu.isVisible())

    # ------------------------------------------------------------ files

    def open(self, path: Path) -> ImportDialog:
        """Open a file as if it was dropped on the window; returns the import dialog once it has read it."""
        self.window.files.open(path)
        return self.import_dialog()

    def import_dialog(self) -> ImportDialog:
        """The import dialog that is open, once it has read its file."""
        self.wait(lambda: isinstance(self.window.files.dialog, ImportDialog))
        dialog = self.window.files.dialog
        assert isinstance(dialog, ImportDialog)
        self.wait(lambda: dialog.reading is not None)
        return dialog

    def import_file(self, path: Path) -> None:
        """Open a file and import it as it was guessed."""
        dialog = self.open(path)
        self.click(dialog.import_button)
        self.wait(lambda: self.state.setup.path == path.absolute())
        self.settle()

    def export_to(self, folder: Path) -> None:
        """Export the result into a folder through the dialog."""
        self.click(self.window.desk.results.export_button)
        self.wait(lambda: isinstance(self.window.files.dialog, ExportDialog))
        dialog = self.window.files.dialog
        assert isinstance(dialog, ExportDialog)
        dialog.folder_field.setFocus(Qt.FocusReason.TabFocusReason)
        dialog.folder_field.selectAll()
        QTest.keyClicks(dialog.folder_field, str(folder))
        self.click(dialog.export_button)
        self.wait(lambda: self.window.files.dialog is None)

    # ------------------------------------------------------------ model

    def tick(self, column: str) -> None:
        """Click the tick of a column."""
        self.click(self.window.data_panel.row(column).tick)

    def choose_family(self, label: str) -> None:
        self._choose_item(self.window.model_panel.family_choice, label)

    def choose_law(self, label: str) -> None:
        self._choose_item(self.window.model_panel.law_choice, label)

    def _choose_item(self, box: QComboBox, label: str) -> None:
        box.setFocus(Qt.FocusReason.TabFocusReason)
        wanted = box.findText(label)
        assert wanted >= 0, f"{label} is not in the list"
        while box.currentIndex() != wanted:
            key = Qt.Key.Key_Down if box.currentIndex() < wanted else Qt.Key.Key_Up
            QTest.keyClick(box, key)
        self.settle()

    def set(self, name: str, value: str) -> None:
        """Type or choose the value of a setting in the form."""
        editor: Any = self.window.model_panel.form.row(name).editor
        self.wait(editor.isVisible)
        if isinstance(editor, QComboBox):
            self._choose_item(editor, value)
        elif isinstance(editor, SegmentedControl):
            self.click(editor.segment(value))
        else:
            editor.setFocus(Qt.FocusReason.TabFocusReason)
            editor.selectAll()
            QTest.keyClicks(editor, value)
            QTest.keyClick(editor, Qt.Key.Key_Return)
        QApplication.processEvents()

    # ------------------------------------------------------------ run

    def press_run(self) -> None:
        """Click Run, Pause, Continue or Run again, whichever it is."""
        self.click(self.window.bar.run_button)

    def press_run_until(self, condition: Callable[[], bool]) -> None:
        """Click the run button until it is heard: for 400 ms after a click another one is not an act."""

        def heard() -> bool:
            if not condition():
                self.press_run()
            return condition()

        self.wait(heard)

    def run(self) -> None:
        """Run to the end and wait for the pictures."""
        before = self.state.run
        self.press_run_until(lambda: self.state.run > before)
        self.wait_phase(Phase.DONE)
        self.settle()

    def wait_phase(self, *phases: Phase) -> None:
        self.wait(lambda: self.state.phase in phases)

    def wait_iteration(self, least: int) -> None:
        """Wait until the run has come this far."""
        self.wait(lambda: self.state.live is not None and self.state.live.iteration >= least)

    def button(self, name: Literal["open", "save", "undo", "redo", "step", "stop"]) -> QWidget:
        return self.window.bar.buttons[name]
