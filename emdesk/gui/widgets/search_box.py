"""The look of a search field: a quiet track with a magnifying glass and its shortcut."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from emdesk.gui.icons import paint_icon
from emdesk.gui.theme import font, theme
from emdesk.gui.tokens import TYPE


class SearchBox(QLineEdit):
    """A line edit; `shortcut` is written at its right end while it is empty."""

    def __init__(self, placeholder: str, shortcut: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shortcut = shortcut
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setTextMargins(20, 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        tokens = theme().tokens
        painter = QPainter(self)
        box = QRectF(9, (self.height() - 14) / 2, 14, 14)
        paint_icon(painter, "magnifying-glass", tokens.text2, box)
        if self._shortcut and not self.text():
            painter.setFont(font(TYPE.axis, 600))
            painter.setPen(tokens.text2)
            area = self.rect().adjusted(0, 0, -9, 0)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(area, right, self._shortcut)
