"""Pins and links in the table of parameters: what the form holds at values or keeps equal, and the acts for both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QMenu

from emdesk.app.holding import Place, is_held
from emdesk.app.model_spec import ModelSpec
from emdesk.app.state import AppState
from emdesk.app.tying import tie_of
from emdesk.gui.panels.tie_menu import tie_menu
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
    """Marks held and tied numbers of a table, and tells wishes from its menu and from the key P: `holdRequested` and
    `releaseRequested` carry a parameter and a place, `tieRequested` also the groups in which it is to be equal."""

    holdRequested = Signal(str, tuple)
    releaseRequested = Signal(str, tuple)
    tieRequested = Signal(str, tuple, tuple)

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
        """The column with a pin in each cell that the form holds, and a link in each that it ties to others."""
        spec = None if self._state is None else self._state.spec
        if spec is None or not isinstance(column.key, Spot):
            return column
        spot = column.key
        bound = spec.holding.names
        if not any(name.rpartition(".")[2] in _holders(spot.name) for name in bound):
            return column

        def mark(row: int) -> str:
            place = spot.at(row)
            if is_held(spec, spot.name, place):
                return "push-pin-fill"
            return "" if tie_of(spec, spot.name, place) is None else "link-simple"

        def hint(row: int) -> str:
            own = column.hint(row) if column.hint else ""
            return "\n".join(filter(None, (own, self._told(spec, spot.name, spot.at(row)))))

        return replace(column, mark=mark, hint=hint)

    def _told(self, spec: ModelSpec, name: str, place: Place) -> str:
        """What a mark means."""
        if is_held(spec, name, place):
            return say("held.pinned")
        tie = tie_of(spec, name, place)
        if tie is None:
            return ""
        groups = ", ".join(str(k + 1) for k in tie.groups)
        return say("tied.linked", groups=groups) if groups else say("tied.linked_all")

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
        """Hold or release, and what the number can be equal to, above the acts of every table."""
        number = self._number(row, column)
        first, added = menu.actions()[0], False
        spot = self._spot(row, column)
        if spot is not None:
            act = QAction(say("held.release" if self._is_held(*spot) else "held.hold"), menu)
            act.setShortcut(PIN_KEY)
            act.triggered.connect(lambda _checked=False: self._turn(*spot))
            menu.insertAction(first, act)
            added = True
        if number is not None and self._state is not None:
            wish = partial(self.tieRequested.emit, *number)
            ties = tie_menu(menu, self._state, *number, wish)
            if ties is not None:
                menu.insertMenu(first, ties)
                added = True
        if added:
            menu.insertSeparator(first)

    def _number(self, row: int, column: int) -> tuple[str, Place] | None:
        """The name and place of the number in a cell, if there is one."""
        key = self._table.table.columns[column].key
        return (key.name, key.at(row)) if isinstance(key, Spot) else None

    def _spot(self, row: int, column: int) -> tuple[str, Place] | None:
        """The number in a cell, if the model can hold it."""
        spec = None if self._state is None else self._state.spec
        number = self._number(row, column)
        if self._state is None or spec is None or number is None:
            return None
        name = number[0]
        holdable = spec.family_in(self._state.catalogue).holdable
        stem = name.removesuffix("correlations")
        is_in_matrix = stem != name and f"{stem}covariances" in holdable
        return number if name in holdable or is_in_matrix else None

    def _is_held(self, name: str, place: Place) -> bool:
        spec = None if self._state is None else self._state.spec
        return spec is not None and is_held(spec, name, place)

    def _turn(self, name: str, place: Place) -> None:
        wish = self.releaseRequested if self._is_held(name, place) else self.holdRequested
        wish.emit(name, place)


def _holders(name: str) -> tuple[str, str]:
    """The parameters by which a quantity can be held or tied."""
    plain = name.rpartition(".")[2]
    return plain, "covariances" if plain in ("sds", "correlations") else plain
