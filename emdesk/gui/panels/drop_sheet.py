"""The sheet that covers the window while a file is over it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from emdesk.gui.files import PROJECT
from emdesk.gui.theme import TYPE, font, theme
from emdesk.io.readers import FORMATS, can_read
from emdesk.texts import say


def dragged_file(event: QDropEvent) -> Path | None:
    """The one file that is over the window; None for several, or for anything else."""
    urls = [url for url in event.mimeData().urls() if url.isLocalFile()]
    return Path(urls[0].toLocalFile()) if len(urls) == 1 else None


def can_open(path: Path) -> bool:
    """Whether a dropped file is of a kind that can be read."""
    return can_read(path) or path.suffix.lower() == PROJECT


class DropSheet(QWidget):
    """Says before the drop what it will do. It takes no events itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._window = parent
        self._title = ""
        self._text = ""
        self.hide()

    @property
    def title(self) -> str:
        return self._title

    def show_for(self, path: Path) -> None:
        """Cover the window and say what dropping this file does."""
        known = can_open(path)
        self._title = say("drop.open" if known else "drop.unknown", name=path.name)
        kinds = ", ".join(sorted(FORMATS))
        self._text = say("drop.replaces") if known else say("drop.kinds", kinds=kinds)
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(tokens.soft)
        ground.setAlphaF(0.94)
        painter.fillRect(self.rect(), ground)
        painter.setPen(QPen(QColor(tokens.accent), 2, Qt.PenStyle.DashLine))
        area = QRectF(self.rect()).adjusted(10, 10, -10, -10)
        painter.drawRoundedRect(area, 8, 8)
        painter.setPen(QColor(tokens.text))
        painter.setFont(font(TYPE.dialog, 600))
        middle = Qt.AlignmentFlag.AlignHCenter
        upper = QRectF(area.left(), area.center().y() - 40, area.width(), 36)
        painter.drawText(upper, middle | Qt.AlignmentFlag.AlignBottom, self._title)
        painter.setFont(font(TYPE.body))
        painter.setPen(QColor(tokens.text2))
        lower = QRectF(area.left(), area.center().y() + 4, area.width(), 30)
        painter.drawText(lower, middle | Qt.AlignmentFlag.AlignTop, self._text)
