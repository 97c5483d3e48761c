"""The command palette: everything that can be done, every setting and column, found by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from emdesk.gui.icons import icon
from emdesk.gui.widgets import SearchBox
from emdesk.texts import say

MOST_SHOWN = 12
WIDTH = 470


@dataclass(frozen=True)
class Entry:
    """One thing that can be found: its words, where it belongs, its key, and what it does."""

    label: str
    place: str
    act: Callable[[], object]
    icon: str = ""
    key: str = ""


def ranked(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """The entries with every typed word: first where the label begins with it, then where a word does."""
    words = typed.lower().split()
    found: list[tuple[int, int, Entry]] = []
    for order, entry in enumerate(entries):
        label, whole = entry.label.lower(), f"{entry.label} {entry.place}".lower()
        if not all(word in whole for word in words):
            continue
        rank = 2
        if words and label.startswith(words[0]):
            rank = 0
        elif words and any(part.startswith(words[0]) for part in label.split()):
            rank = 1
        found.append((rank, order, entry))
    return [entry for _, _, entry in sorted(found, key=lambda item: item[:2])]


class Palette(QDialog):
    """A search box over a list; Return does the chosen entry, Escape puts the palette away."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(say("palette.name"))
        self._entries = list(entries)
        self._found: list[Entry] = []
        self.box = SearchBox(say("palette.prompt"), "", self)
        self.list = QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(say("palette.name"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.box)
        layout.addWidget(self.list)
        self.box.textChanged.connect(self._search)
        self.box.installEventFilter(self)
        self.list.itemClicked.connect(lambda _item: self._do())
        self.setFixedWidth(WIDTH)
        self._search("")
        at = parent.mapToGlobal(parent.rect().center())
        self.move(at.x() - WIDTH // 2, parent.mapToGlobal(parent.rect().topLeft()).y() + 60)
        self.box.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def found(self) -> tuple[Entry, ...]:
        """What is listed now."""
        return tuple(self._found)

    def _search(self, typed: str) -> None:
        self._found = ranked(self._entries, typed)[:MOST_SHOWN]
        self.list.clear()
        for entry in self._found:
            tail = f"   {entry.key}" if entry.key else ""
            item = QListWidgetItem(f"{entry.label}   {entry.place}{tail}")
            if entry.icon:
                item.setIcon(icon(entry.icon))
            self.list.addItem(item)
        if self._found:
            self.list.setCurrentRow(0)
        row = self.list.sizeHintForRow(0) if self._found else 30
        self.list.setFixedHeight(max(1, len(self._found)) * max(row, 30) + 8)
        self.adjustSize()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
            if step is not None and self._found:
                self.list.setCurrentRow((self.list.currentRow() + step) % len(self._found))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._do()
                return True
        return False

    def _do(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._found):
            act = self._found[row].act
            self.close()
            act()
