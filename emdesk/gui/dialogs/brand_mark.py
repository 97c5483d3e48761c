"""EMDesk's own mark as a widget."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from emdesk.gui.icons import pixmap
from emdesk.gui.svg import MARK_NAME
from emdesk.texts import say

SIDE = 32


class BrandMark(QWidget):
    """Two crossing ellipses, one violet, sharp at every scale and in both themes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(SIDE, SIDE)
        self.setAccessibleName(say("start_page.name"))

    def paintEvent(self, event: QPaintEvent) -> None:
        image = pixmap(MARK_NAME, "text", SIDE, self.devicePixelRatioF())
        QPainter(self).drawPixmap(0, 0, image)
