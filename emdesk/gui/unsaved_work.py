"""Asks before work on the desk is lost: once, in a dialog whose buttons name the acts."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from emdesk.app.state import AppState
from emdesk.gui.store import Store
from emdesk.gui.widgets import QuestionDialog
from emdesk.texts import say


class Leaving(StrEnum):
    """Why the work would be lost; it names the act in the dialog."""

    CLOSE = "close"
    REPLACE = "replace"


class UnsavedWork(QObject):
    """Lets an act that would lose work go on once the person has saved it or gives it up.

    `saveRequested` and `stopRequested` are wishes for the files and the run. With `asks` False nothing is asked:
    a program that drives the window answers for itself.
    """

    saveRequested = Signal()
    stopRequested = Signal()

    def __init__(self, store: Store, window: QWidget) -> None:
        super().__init__(window)
        self.asks = True
        self.dialog: QuestionDialog | None = None
        self._store = store
        self._window = window
        self._why = Leaving.CLOSE
        self._act: Callable[[], object] | None = None
        self._waits_for_run = False
        store.changed.connect(self._follow)

    @property
    def would_ask(self) -> bool:
        """Whether there is something to lose and someone to ask."""
        return self.asks and self._store.state.has_unsaved_work

    def before(self, why: Leaving, act: Callable[[], object]) -> None:
        """Do `act` now, or after the person has chosen; of two questions the first one stands."""
        if not self.would_ask:
            act()
        elif self.dialog is not None:
            self.dialog.raise_()
        else:
            self._why, self._act = why, act
            self._ask()

    def _ask(self) -> None:
        state = self._store.state
        key = "run" if state.is_busy else "result" if state.saved is None else "changes"
        save = "unsaved.save_as" if state.saved is None else "unsaved.save"
        acts = [say("unsaved.cancel"), say(f"unsaved.{self._why.value}"), say(save)]
        title = say("unsaved.title", name=state.title)
        self.dialog = QuestionDialog(title, say(f"unsaved.{key}"), acts, self._window)
        self.dialog.chosen.connect(self._choose)
        self.dialog.finished.connect(self._closed)
        self.dialog.open()

    @Slot(int)
    def _choose(self, place: int) -> None:
        act, self._act = self._act, None
        if place == 1 and act is not None:
            act()
        elif place == 2:
            self._act = act
            if self._store.state.is_busy:
                self._waits_for_run = True
                self.stopRequested.emit()
            else:
                self.saveRequested.emit()

    @Slot()
    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        """The run that was to be saved has ended: now there is a result to write."""
        if self._waits_for_run and not new.is_busy:
            self._waits_for_run = False
            self.saveRequested.emit()

    @Slot()
    def saved(self) -> None:
        """The work was written: go on, unless it has changed meanwhile, which is asked again."""
        act, self._act = self._act, None
        if act is not None:
            self.before(self._why, act)

    @Slot()
    def give_up(self) -> None:
        """The work was not written: nothing is closed or replaced."""
        self._act = None
