"""A widget that shows a ring while it has the focus of someone who came by keyboard."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from emdesk.gui.theme import RADIUS, theme

RING = 2.0
_COMING_BACK = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


class RingedWidget(QWidget):
    """Focus by keyboard, and `paint_ring` for the end of a paintEvent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._by_keyboard = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paint_ring(self, painter: QPainter, around: QRectF) -> None:
        """The ring just inside a rectangle, if it is to be shown."""
        if not (self._by_keyboard and self.hasFocus()):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme().tokens.accent), RING))
        inner = around.adjusted(RING / 2, RING / 2, -RING / 2, -RING / 2)
        painter.drawRoundedRect(inner, RADIUS.inner, RADIUS.inner)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """A ring for those who came by keyboard."""
        if event.reason() not in _COMING_BACK:
            self._by_keyboard = event.reason() is not Qt.FocusReason.MouseFocusReason
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No ring."""
        self.update()
        super().focusOutEvent(event)
