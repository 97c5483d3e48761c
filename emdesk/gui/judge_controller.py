"""Asks for the errors of discriminant analysis in another thread, when they are looked at: a fit for each fold."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from emdesk.app import commands
from emdesk.app.discriminant import Discriminant, discriminant
from emdesk.app.state import AppState, ResultsTab
from emdesk.em.control import RunControl
from emdesk.errors import EMDeskError
from emdesk.gui.background import Background
from emdesk.gui.fit_controller import message_of
from emdesk.gui.store import Store
from emdesk.texts import say


class JudgeController(QObject):
    """Keeps the errors in step with the result. `crashed` carries a report."""

    crashed = Signal(str)

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._background: Background | None = None
        self._asked_for: object = None
        self._control = RunControl()
        store.changed.connect(self._follow)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being worked on."""
        return self._background is None or self._background.is_idle

    def close(self) -> None:
        """Break off what is under way and wait for the thread."""
        self._store.changed.disconnect(self._follow)
        self._control.stop()
        if self._background is not None:
            self._background.close()

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        result = new.result
        if result is not self._asked_for and self._asked_for is not None:
            self._control.stop()
            self._asked_for = None
        if result is None or self._asked_for is result or new.tab is not ResultsTab.COMPARISON:
            return
        if not new.judges:
            return
        self._asked_for = result
        self._control = RunControl()
        if self._background is None:
            self._background = Background(self)
            self._background.crashed.connect(self.crashed)
        self._background.ask(
            "judge",
            partial(
                discriminant,
                result.spec,
                result.dataset,
                result.family,
                result.data,
                result.params,
                self._control,
            ),
            partial(self._take, new.run),
            self._refuse,
        )

    def _take(self, run: int, found: Discriminant) -> None:
        self._store.do(commands.judged, run, found)

    def _refuse(self, problem: EMDeskError) -> None:
        if self._asked_for is not None:
            self._store.do(commands.add_message, message_of(problem, say("tab.comparison")))
