"""How far the grid is: a bar and words."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from emdesk.app.comparison.exploration import Exploration
from emdesk.app.phase import Phase
from emdesk.gui.theme import theme
from emdesk.gui.widgets import Text
from emdesk.texts import say
from emdesk.texts.numbers import duration, whole


class _Bar(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.share = 0.0
        self.setFixedSize(QSize(110, 6))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme().tokens
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, share in ((tokens.sunken, 1.0), (tokens.accent, self.share)):
            painter.setBrush(QColor(colour))
            if share > 0:
                painter.drawRoundedRect(QRectF(0, 0, share * self.width(), self.height()), 3, 3)


class GridProgress(QWidget):
    """`108 of 126 fits, about 6 s left`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = _Bar(self)
        self._words = Text("", "small", self)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self._bar)
        line.addWidget(self._words)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The words shown."""
        return self._words.text()

    def render_exploration(self, exploration: Exploration) -> None:
        """Follow the grid; nothing is said once it is done."""
        made = exploration.comparison
        total = len(made.grid.places) if made is not None else 0
        done = len(made.cells) if made is not None else 0
        self._bar.share = done / total if total else 0.0
        self._bar.setVisible(exploration.is_busy)
        self._bar.update()
        self._words.setText(_words(exploration, done, total))
        self.setAccessibleName(self._words.text())


def _words(exploration: Exploration, done: int, total: int) -> str:
    if exploration.phase is Phase.DONE and done < total:
        return say("explorer.progress.stopped", done=whole(done), total=whole(total))
    if not exploration.is_busy:
        return ""
    if not total:
        return say("explorer.progress.preparing")
    if exploration.phase is Phase.PAUSED:
        return say("explorer.progress.paused", done=whole(done), total=whole(total))
    if exploration.is_filled:
        return say("explorer.progress.nested")
    left = exploration.seconds_left
    if not math.isfinite(left):
        return say("explorer.progress", done=whole(done), total=whole(total))
    return say("explorer.progress.left", done=whole(done), total=whole(total), left=duration(left))
