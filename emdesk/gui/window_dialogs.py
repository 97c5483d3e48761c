"""The dialogs of a window that belong to no file and no fit: help, about, what could not be done, what broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDialog

from emdesk.errors import EMDeskError
from emdesk.gui.crash import crash_report
from emdesk.gui.widgets import CrashDialog, MessageDialog
from emdesk.texts import say

if TYPE_CHECKING:
    from emdesk.gui.dialogs.help_window import HelpWindow
    from emdesk.gui.main_window import MainWindow


class WindowDialogs(QObject):
    """Opens them over a window. Of the help there is one, which stays open; of crashes one is told at a time."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._help: HelpWindow | None = None

    def open_help(self) -> None:
        """The help window, at the page of what is focused in the form, else at the first steps."""
        from emdesk.gui.dialogs.help_pages import FIRST_STEPS
        from emdesk.gui.dialogs.help_window import HelpWindow

        window = self._window
        page = window.model_panel.help_page(window.focusWidget())
        if self._help is None:
            self._help = HelpWindow(window.store.state.catalogue, window)
        self._help.show_page(page or FIRST_STEPS)
        self._help.show()
        self._help.raise_()
        self._help.activateWindow()

    def show_about(self) -> None:
        """Version and licences."""
        from emdesk.gui.dialogs.about_dialog import AboutDialog

        _open(AboutDialog(self._window))

    @Slot(object, str)
    def show_problem(self, problem: EMDeskError, title: str) -> None:
        """Say what could not be done: where, what, what to do."""
        _open(MessageDialog.about(problem, title, parent=self._window))

    @Slot(str)
    def show_crash(self, report: str) -> None:
        """Something nobody expected: say what is safe, offer the report, and go on."""
        window = self._window
        if any(dialog.isVisible() for dialog in window.findChildren(CrashDialog)):
            return  # one report is enough: the same picture may break at every frame
        told = crash_report(window.store.state, report)
        dialog = CrashDialog(say("crash.summary"), told, window)
        dialog.closeRequested.connect(window.close)
        _open(dialog)

    def close(self) -> None:
        """Put the help away with the window."""
        if self._help is not None:
            self._help.close()


def _open(dialog: QDialog) -> None:
    """Show a dialog that is forgotten when it closes."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
