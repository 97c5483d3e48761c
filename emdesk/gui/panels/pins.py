"""Pins in the table of parameters: what the form holds, and the acts that hold a number or let go of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QMenu

from emdesk.app.holding import Place, is_held
from emdesk.app.state import AppState
from emdesk.gui.widgets import DataTable, TableColumn
from emdesk.texts import say

PIN_KEY = Qt.Key.Key_P


@dataclass(frozen=True)
class Spot:
    """Which numbers stand in a column of the table: a quantity and the place behind the group."""

    name: str
    rest: tuple[int, ...] = ()

    def at(self, row: int) -> Place:
        """The place of the number in a row."""
        return (row, *self.rest)


class Pins(QObject):
    """Marks held numbers of a table, and tells wishes from its menu and from the key P: `holdRequested` and
    `releaseRequested` carry a parameter and a place."""

    holdRequested = Signal(str, tuple)
    releaseRequested = Signal(str, tuple)

    def __init__(self, table: DataTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self._state: AppState | None = None
        table.menuOpening.connect(self._fill_menu)
        table.installEventFilter(self)

    def follow(self, state: AppState) -> None:
        """Know what the form holds."""
        self._state = state

    def pinned(self, column: TableColumn) -> TableColumn:
        """The column with a pin in each cell that the form holds."""
        spec = None if self._state is None else self._state.spec
        if spec is None or not spec.held or not isinstance(column.key, Spot):
            return column
        spot = column.key
        if not any(one.name.rpartition(".")[2] in _tied(spot.name) for one in spec.held):
            return column

        def pin(row: int) -> str:
            return "push-pin-fill" if is_held(spec, spot.name, spot.at(row)) else ""

        def hint(row: int) -> str:
            own = column.hint(row) if column.hint else ""
            return "\n".join(filter(None, (own, say("held.pinned") if pin(row) else "")))

        return replace(column, mark=pin, hint=hint)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.key() != PIN_KEY or event.modifiers():
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # the key must not reach past the focused table
            return True
        index = self._table.currentIndex()
        if event.type() == QEvent.Type.KeyPress and index.isValid():
            spot = self._spot(self._table.table.source_row(index.row()), index.column())
            if spot is not None:
                self._turn(*spot)
            return True
        return False

    def _fill_menu(self, menu: QMenu, row: int, column: int) -> None:
        """Hold or release, above the acts of every table."""
        spot = self._spot(row, column)
        if spot is None:
            return
        act = QAction(say("held.release" if self._is_held(*spot) else "held.hold"), menu)
        act.setShortcut(PIN_KEY)
        act.triggered.connect(lambda _checked=False: self._turn(*spot))
        first = menu.actions()[0]
        menu.insertAction(first, act)
        menu.insertSeparator(first)

    def _spot(self, row: int, column: int) -> tuple[str, Place] | None:
        """The number in a cell, if the model can hold it."""
        spec = None if self._state is None else self._state.spec
        key = self._table.table.columns[column].key
        if self._state is None or spec is None or not isinstance(key, Spot):
            return None
        holdable = spec.family_in(self._state.catalogue).holdable
        stem = key.name.removesuffix("correlations")
        is_in_matrix = stem != key.name and f"{stem}covariances" in holdable
        return (key.name, key.at(row)) if key.name in holdable or is_in_matrix else None

    def _is_held(self, name: str, place: Place) -> bool:
        spec = None if self._state is None else self._state.spec
        return spec is not None and is_held(spec, name, place)

    def _turn(self, name: str, place: Place) -> None:
        wish = self.releaseRequested if self._is_held(name, place) else self.holdRequested
        wish.emit(name, place)


def _tied(name: str) -> tuple[str, str]:
    """The parameters by which a quantity can be held."""
    plain = name.rpartition(".")[2]
    return plain, "covariances" if plain in ("sds", "correlations") else plain
