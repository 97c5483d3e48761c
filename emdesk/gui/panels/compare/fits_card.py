"""The table of all fits that can be compared, where there are more than two."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

from emdesk.app import commands
from emdesk.app.pairing.fits import DESK_KEY, ComparedFit
from emdesk.gui.panels.compare.fit_card import LETTERS
from emdesk.gui.panels.compare.tables import fit_columns
from emdesk.gui.store import Store
from emdesk.gui.theme import theme
from emdesk.gui.widgets import Card, DataTable, Text
from emdesk.texts import say

MOST_ROWS, ROOM = 6, 52
_SIDES = {Qt.Key.Key_A: 0, Qt.Key.Key_B: 1}


class FitsCard(Card):
    """`fitChosen` carries the side, 0 for A and 1 for B, and the key of the fit to picture there."""

    fitChosen = Signal(int, str)

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(say("pair.fits"), parent=parent)
        self._store = store
        self._fits: tuple[ComparedFit, ...] = ()
        self.table = DataTable(say("pair.fits"), self, compact=True)
        self.table.rowActivated.connect(lambda row: self._choose(1, row))
        self.table.menuOpening.connect(self._fill_menu)
        self.table.on_edit(self._rename)
        self.table.installEventFilter(self)
        self.slot.addWidget(Text(say("pair.fits_hint"), "hint", self))
        self.set_body(self.table)

    def render_fits(self, fits: Sequence[ComparedFit], pictured: tuple[str, str]) -> None:
        """List these fits, with A and B where they are pictured."""
        self._fits = tuple(fits)
        self.table.set_table(fit_columns(self._fits, pictured), len(self._fits))
        rows = min(MOST_ROWS, len(self._fits)) * self.table.verticalHeader().defaultSectionSize()
        self.setFixedHeight(theme().px(ROOM) + rows + self.table.horizontalHeader().height())

    def _choose(self, side: int, row: int) -> None:
        self.fitChosen.emit(side, self._fits[row].key)

    def _fill_menu(self, menu: QMenu, row: int, _column: int) -> None:
        fit = self._fits[row]
        menu.addSeparator()
        for side, letter in enumerate(LETTERS):
            act = menu.addAction(say("pair.show_as", side=say(letter)))
            act.triggered.connect(partial(self._take, side, row))
        if fit.key != DESK_KEY:
            menu.addSeparator()
            drop = menu.addAction(say("pair.drop"))
            drop.triggered.connect(partial(self._drop, fit.key))

    def _take(self, side: int, row: int, _checked: bool = False) -> None:
        self._choose(side, row)

    def _rename(self, row: int, _column: int, name: str) -> None:
        self._store.do(commands.rename_fit, self._fits[row].key, name)

    def _drop(self, key: str, _checked: bool = False) -> None:
        self._store.do(commands.drop_fit, key)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A and B picture the row that is chosen, Delete takes it out."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            rows, key = self.table.chosen_rows(), Qt.Key(event.key())
            if rows and key in _SIDES and not event.modifiers():
                self._choose(_SIDES[key], rows[0])
                return True
            if rows and key is Qt.Key.Key_Delete:
                self._drop(self._fits[rows[0]].key)
                return True
        return super().eventFilter(watched, event)
