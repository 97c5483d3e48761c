"""The cells of a file that could not be read, by column, and what shall become of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from emdesk.gui.widgets.icon_label import IconLabel
from emdesk.gui.widgets.text import ElidedText, LinkLabel, Text
from emdesk.io.dialect import AS_MISSING, AS_TEXT
from emdesk.io.reading import Refused
from emdesk.texts import say, say_count
from emdesk.texts.numbers import whole

SHOWN_AT_FIRST = 6
SHOWN_AT_MOST = 100


class RefusedColumn(QWidget):
    """One column's unreadable cells: line and text of each, and what shall become of them."""

    cellChosen = Signal(int, str)
    choiceMade = Signal(str, str)

    def __init__(self, name: str, cells: Sequence[Refused], choice: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = name
        self._cells = tuple(cells)
        self.links: list[LinkLabel] = []
        self._grid = QGridLayout()
        self._grid.setContentsMargins(21, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._more = LinkLabel("", self)
        self._more.clicked.connect(self._show_more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(self._title())
        layout.addLayout(self._grid)
        layout.addWidget(self._more)
        layout.addSpacing(4)
        self.as_missing = QRadioButton(say("import.as_missing"), self)
        self.as_text = QRadioButton(say("import.as_text", name=name), self)
        both = QButtonGroup(self)
        for value, button in ((AS_MISSING, self.as_missing), (AS_TEXT, self.as_text)):
            both.addButton(button)
            button.setChecked(value == choice)
            button.clicked.connect(
                lambda _checked=False, value=value: self.choiceMade.emit(self._name, value)
            )
            layout.addWidget(button)
        self._list_up_to(SHOWN_AT_FIRST)

    def _title(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(7)
        mark = IconLabel("warning-fill", "warn", 14, self)
        line.addWidget(mark, 0, Qt.AlignmentFlag.AlignVCenter)
        words = say_count("import.refused_in", len(self._cells), name=self._name)
        title = ElidedText(words, "strong", self)
        line.addWidget(title, 1)
        return line

    def _list_up_to(self, count: int) -> None:
        for place in range(len(self.links), min(count, len(self._cells))):
            cell = self._cells[place]
            link = LinkLabel(say("import.line", line=whole(cell.line)), self)
            text = ElidedText(say("import.quoted", text=cell.text), "small", self)
            link.setToolTip(cell.reason)
            link.setAccessibleDescription(f"{text.full} {cell.reason}")
            link.clicked.connect(
                lambda _checked=False, line=cell.line: self.cellChosen.emit(line, self._name)
            )
            self._grid.addWidget(link, place, 0)
            self._grid.addWidget(text, place, 1)
            self.links.append(link)
        left = len(self._cells) - len(self.links)
        self._more.setVisible(left > 0)
        self._more.setText(say("import.show_more", count=whole(left)))
        self._more.setEnabled(len(self.links) < SHOWN_AT_MOST)

    def _show_more(self) -> None:
        self._list_up_to(SHOWN_AT_MOST)


class RefusedList(QWidget):
    """Every column with unreadable cells.

    A column that the person keeps as text has none any more; it stays listed with the cells it had,
    so that the choice can be taken back.
    """

    cellChosen = Signal(int, str)
    choiceMade = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Text(say("import.refused"), "section", self)
        self._unlisted = Text("", "hint", self, wrap=True)
        self._known: dict[str, tuple[Refused, ...]] = {}
        self._shown: tuple[object, ...] = ()
        self.columns: list[RefusedColumn] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._title)
        self._layout.addWidget(self._unlisted)
        self.hide()

    def show_refused(
        self, refused: Sequence[Refused], count: int, choices: Mapping[str, str]
    ) -> None:
        """Show the cells listed of `count` unreadable ones, and the choices made by column name."""
        by_column: dict[str, tuple[Refused, ...]] = {}
        for cell in refused:
            by_column[cell.column] = (*by_column.get(cell.column, ()), cell)
        for name, cells in self._known.items():
            if choices.get(name) == AS_TEXT:
                by_column.setdefault(name, cells)
        self._known = by_column
        made = {name: choices.get(name, AS_MISSING) for name in by_column}
        shown = (by_column, made, count)
        if shown != self._shown:
            self._shown = shown
            self._rebuild(made)
        unlisted = count - len(refused)
        self._unlisted.setText(say_count("import.unlisted", unlisted))
        self._unlisted.setVisible(unlisted > 0)
        self.setVisible(bool(by_column))

    def _rebuild(self, made: Mapping[str, str]) -> None:
        for column in self.columns:
            column.setParent(None)
            column.deleteLater()
        self.columns = []
        for place, (name, cells) in enumerate(self._known.items()):
            column = RefusedColumn(name, cells, made[name], self)
            column.cellChosen.connect(self.cellChosen)
            column.choiceMade.connect(self.choiceMade)
            self._layout.insertWidget(1 + place, column)
            self.columns.append(column)
