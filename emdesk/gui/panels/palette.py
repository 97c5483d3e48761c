"""The command palette: everything that can be done, every setting and column, found by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from emdesk.gui.icons import paint_icon
from emdesk.gui.theme import TYPE, font, theme
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


class _Line(QStyledItemDelegate):
    """Icon and label, the place in a quieter colour, the key at the right end."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(0, theme().px(36))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        entry: Entry = index.data(Qt.ItemDataRole.UserRole)
        tokens, area = theme().tokens, QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.soft))
            painter.drawRoundedRect(area, 6, 6)
        if entry.icon:
            box = QRectF(area.left() + 12, area.center().y() - 8, 16, 16)
            paint_icon(painter, entry.icon, tokens.text2, box)
        middle = Qt.AlignmentFlag.AlignVCenter
        rest = area.adjusted(40, 0, -12, 0)
        painter.setFont(font(TYPE.body, 500))
        painter.setPen(QColor(tokens.text))
        painter.drawText(rest, middle, entry.label)
        used = painter.fontMetrics().horizontalAdvance(entry.label) + 10
        painter.setFont(font(TYPE.small))
        painter.setPen(QColor(tokens.text2))
        painter.drawText(rest.adjusted(used, 0, 0, 0), middle, entry.place)
        painter.drawText(rest, middle | Qt.AlignmentFlag.AlignRight, entry.key)
        painter.restore()


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
        self.list.setItemDelegate(_Line(self.list))
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
            item = QListWidgetItem(entry.label)
            item.setData(Qt.ItemDataRole.UserRole, entry)
            self.list.addItem(item)
        if self._found:
            self.list.setCurrentRow(0)
        self.list.setFixedHeight(max(1, len(self._found)) * theme().px(36) + 4)
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
