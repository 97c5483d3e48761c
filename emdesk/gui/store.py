"""The one place where the state of the window changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from PySide6.QtCore import QObject, Signal

from emdesk.app.catalogue import Catalogue
from emdesk.app.state import AppState

P = ParamSpec("P")


class Store(QObject):
    """Holds the state. `changed(old, new)` follows every command that changed something, in order."""

    changed = Signal(object, object)

    def __init__(self, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = AppState(catalogue)
        self._waiting: list[tuple[AppState, AppState]] = []
        self._is_telling = False

    @property
    def state(self) -> AppState:
        return self._state

    def do(
        self,
        command: Callable[Concatenate[AppState, P], AppState],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Apply a command. A change asked for while panels are drawing is told after they have drawn."""
        before = self._state
        after = command(before, *args, **kwargs)
        if after is before:
            return
        self._state = after
        self._waiting.append((before, after))
        if self._is_telling:
            return
        self._is_telling = True
        try:
            while self._waiting:
                self.changed.emit(*self._waiting.pop(0))
        finally:
            self._is_telling = False
            self._waiting.clear()
