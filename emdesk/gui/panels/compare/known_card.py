"""The groups of A or B against a column of known labels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.agreement import Agreement
from emdesk.app.pairing.pair import Pair
from emdesk.gui.panels.compare.fit_card import LETTERS
from emdesk.gui.store import Store
from emdesk.gui.widgets import Card, DataTable, SegmentedControl, TableColumn, Text
from emdesk.texts import say
from emdesk.texts.numbers import fixed, whole

NARROW, FEW_LETTERS, MANY = 32, 2, 100


class KnownCard(Card):
    """A table of labels and groups, a column to choose in the menu, and A or B."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(say("pair.against_none"), parent=parent)
        self._store = store
        self._pair: Pair | None = None
        self._columns: tuple[str, ...] = ()
        self._known = ""
        self.side = SegmentedControl(
            [(str(place), say(letter)) for place, letter in enumerate(LETTERS)],
            say("pair.pictured"),
            self,
        )
        self.side.set_value("1")
        self.side.chosen.connect(lambda _side: self._show())
        self.slot.addWidget(self.side)
        self.table = DataTable(say("pair.against_none"), self, sortable=False)
        self.sentence = Text("", "small", self, wrap=True)
        self._hint = Text(say("pair.no_known"), "hint", self, wrap=True)
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.table, 1)
        column.addWidget(self.sentence)
        both = QWidget(self)
        self._stack = QStackedLayout(both)
        self._stack.addWidget(self._hint)
        self._stack.addWidget(body)
        self.set_body(both)

    def offer(self, columns: Sequence[str], known: str) -> None:
        """The columns that may hold labels, and the one that is taken."""
        if (tuple(columns), known) == (self._columns, self._known):
            return
        self._columns, self._known = tuple(columns), known
        self.menu.clear()
        for name in self._columns:
            act = self.menu.addAction(name)
            act.setCheckable(True)
            act.setChecked(name == known)
            act.triggered.connect(partial(self._take, name))

    def _take(self, name: str, _checked: bool = False) -> None:
        self._store.do(commands.compare_with_column, name)

    def render_pair(self, pair: Pair) -> None:
        """Show the agreement of one of the two."""
        self._pair = pair
        self._show()

    def _show(self) -> None:
        if self._pair is None:
            return
        place = int(self.side.value)
        own = self._pair.sides[place]
        found = own.agreement
        self.side.setVisible(found is not None)
        self._stack.setCurrentIndex(0 if found is None else 1)
        if found is None:
            self.set_title(say("pair.against_none"))
            return
        self.set_title(say("pair.against", side=say(LETTERS[place]), name=found.column))
        slots = self._pair.matching.slots[place]
        self.table.set_table(known_columns_of(found, slots, own.groups), len(found.labels))
        total = float(found.confusion.sum())
        told = {"agreeing": _count(found.accuracy * total), "rows": _count(total)}
        self.sentence.setText(say("pair.agree", **told))


def known_columns_of(
    found: Agreement, slots: tuple[int, ...], groups: tuple[str, ...]
) -> list[TableColumn]:
    """The label, then its rows in each group in the order of the colours, a dot where there are none."""
    order = [int(k) for k in np.argsort(slots)]
    order += range(len(slots), len(found.groups))
    columns = [TableColumn(found.column, lambda row: found.labels[row], numeric=False)]
    for group in order:
        columns.append(
            TableColumn(
                groups[group] if group < len(groups) else found.groups[group],
                partial(_rows, found, group),
                text=lambda value: _count(value) if value else "·",
                width=_width(groups, group, found),
                tint=partial(_tint, found, group),
            )
        )
    return columns


def _width(groups: tuple[str, ...], group: int, found: Agreement) -> int:
    """Numbers of few digits under the number of a group stand close together."""
    name = groups[group] if group < len(groups) else found.groups[group]
    is_small = len(name) <= FEW_LETTERS and found.confusion.max(initial=0.0) < MANY
    return NARROW if is_small else 0


def _rows(found: Agreement, group: int, row: int) -> float:
    return float(found.confusion[row, group])


def _tint(found: Agreement, group: int, row: int) -> str:
    missed = found.confusion[row, group] > 0 and found.matched[row] != group
    return "warn" if missed else ""


def _count(value: float) -> str:
    return (
        whole(round(value))
        if abs(value - round(value)) < 1e-9 * max(1.0, abs(value))
        else fixed(value, 1)
    )
