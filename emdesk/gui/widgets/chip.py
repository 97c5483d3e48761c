"""Tinted chips and the pill that says what the run is doing."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFontMetrics,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from emdesk.gui.icons import paint_icon
from emdesk.gui.theme import font, theme
from emdesk.gui.tokens import TYPE
from emdesk.gui.widgets.text import ElidedText, Text
from emdesk.texts import say

ANNOUNCE_EVERY_MS = 5000
_TINTS = {"accent": "soft", "plain": "sunken"}
_INKS = {"plain": "text2"}


class Chip(QWidget):
    """A word on a tint: ok, warn, bad, info, accent or plain, with an icon if wanted."""

    def __init__(
        self,
        text: str = "",
        role: str = "plain",
        icon_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = text
        self._role = role
        self._icon_name = icon_name
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    @property
    def text(self) -> str:
        """The word."""
        return self._text

    @property
    def role(self) -> str:
        """Which tint it wears."""
        return self._role

    def set_chip(self, text: str, role: str, icon_name: str = "") -> None:
        """Another word, tint and icon."""
        if (text, role, icon_name) == (self._text, self._role, self._icon_name):
            return
        self._text, self._role, self._icon_name = text, role, icon_name
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetrics(font(TYPE.small, 600)).horizontalAdvance(self._text)
        return QSize(width + 16 + (19 if self._icon_name else 0), theme().px(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        ink = tokens.colour(_INKS.get(self._role, self._role))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.colour(_TINTS.get(self._role, f"{self._role}_tint")))
        painter.drawRoundedRect(self.rect(), 4, 4)
        left = 8.0
        if self._icon_name:
            box = QRectF(left, (self.height() - 13) / 2, 13, 13)
            paint_icon(painter, self._icon_name, ink, box)
            left += 19
        painter.setFont(font(TYPE.small, 600))
        painter.setPen(ink)
        area = QRectF(left, 0, self.width() - left, self.height())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self._text)


class _Dot(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.role = "text3"
        self.setFixedSize(8, 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().tokens.colour(self.role))
        painter.drawEllipse(self.rect())


class StatePill(QWidget):
    """What the run is doing, and the only place where live numbers are repeated.

    A screen reader hears each change of state at once, and the numbers at most every five seconds.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dot = _Dot(self)
        self._word = Text("", "strong", self)
        self._numbers = ElidedText("", "small", self)
        # as wide as its text where there is room, and shorter before anything else in the bar is
        self._numbers.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._since_announced = QElapsedTimer()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in (self._dot, self._word, self._numbers):
            layout.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    @property
    def word(self) -> str:
        """The state in a word."""
        return self._word.text()

    @property
    def numbers(self) -> str:
        """The live numbers beside it."""
        return self._numbers.full

    def set_state(self, role: str, word: str, numbers: str = "") -> None:
        """Show a state: the role colours the dot (accent running, ok, warn, bad, text3 idle)."""
        turned = word != self._word.text()
        if self._dot.role != role:
            self._dot.role = role
            self._dot.update()
        if turned:
            self._word.setText(word)
        if numbers != self._numbers.full:
            self._numbers.set_full(numbers)
        spoken = say("pill.announced", word=word, numbers=numbers) if numbers else word
        self.setAccessibleName(spoken)
        silent = not self._since_announced.isValid()
        if turned or silent or self._since_announced.elapsed() > ANNOUNCE_EVERY_MS:
            self._since_announced.start()
            if QAccessible.isActive():
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken))
