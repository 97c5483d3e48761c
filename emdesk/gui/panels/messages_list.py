"""What happened: time, where, what, what to do, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from emdesk.app.state import Message, Weight
from emdesk.gui.widgets import IconLabel, Text
from emdesk.texts import say

ICONS = {
    Weight.INFO: "info",
    Weight.WARN: "warning-fill",
    Weight.BAD: "warning-octagon-fill",
    Weight.OK: "check-circle-fill",
}
MOST_SHOWN = 100


class MessageRow(QWidget):
    """One message."""

    def __init__(self, message: Message, parent: QWidget) -> None:
        super().__init__(parent)
        self.message = message
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 3, 10, 3)
        layout.setSpacing(8)
        mark = IconLabel(ICONS[message.weight], message.weight.value, 15, self)
        layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        what = message.what[:1].upper() + message.what[1:]
        head = say("messages.head", where=message.where, what=what) if message.where else what
        words.addWidget(Text(head, "body", self, wrap=True))
        if message.remedy:
            words.addWidget(Text(message.remedy, "small", self, wrap=True))
        layout.addLayout(words, 1)
        layout.addWidget(Text(message.clock, "axis", self), 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(f"{head} {message.remedy}".strip())


class MessagesList(QScrollArea):
    """The messages, the newest at the top."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(say("tab.messages"))
        body = self._body = QWidget(self)
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._none = Text(say("messages.none"), "hint", body)
        self._none.setContentsMargins(10, 6, 10, 6)
        self._layout.addWidget(self._none)
        self._layout.addStretch(1)
        self.setWidget(body)
        self._shown: tuple[Message, ...] = ()
        self._rows: list[MessageRow] = []

    @property
    def rows(self) -> tuple[MessageRow, ...]:
        return tuple(self._rows)

    def show_messages(self, messages: Sequence[Message]) -> None:
        """Show these; only what is new is made."""
        messages = tuple(messages)
        if messages[: len(self._shown)] != self._shown:
            self._clear()
        for message in messages[len(self._shown) :]:
            row = MessageRow(message, self._body)
            self._rows.append(row)
            self._layout.insertWidget(0, row)
        self._shown = messages
        while len(self._rows) > MOST_SHOWN:
            self._drop(self._rows.pop(0))
        self._none.setVisible(not messages)

    def copy(self) -> int:
        """Put all messages on the clipboard as lines; returns their count."""
        lines = [f"{m.clock}\t{m.where}\t{m.what}\t{m.remedy}" for m in self._shown]
        QGuiApplication.clipboard().setText("\n".join(lines) + "\n")
        return len(lines)

    def _clear(self) -> None:
        for row in self._rows:
            self._drop(row)
        self._rows, self._shown = [], ()

    def _drop(self, row: MessageRow) -> None:
        self._layout.removeWidget(row)
        row.hide()
        row.deleteLater()
