"""The small histogram beside a column's name."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from emdesk.gui.theme import theme
from emdesk.texts import say


class HistogramThumb(QWidget):
    """Bars of counts, 64 x 22; half as wide where a name beside it needs the room."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: NDArray[np.float64] = np.zeros(0)
        self._name = name
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def set_counts(self, counts: ArrayLike, name: str | None = None) -> None:
        """Show these counts, one a bin; what is not finite counts as none."""
        self._counts = np.nan_to_num(np.asarray(counts, dtype=np.float64), posinf=0, neginf=0)
        self._name = self._name if name is None else name
        self.setAccessibleName(say("histogram.name", name=self._name, bins=len(self._counts)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(64, 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(32, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_histogram(painter, QRectF(self.rect()), self._counts, theme().tokens.hist)


def paint_histogram(
    painter: QPainter, area: QRectF, counts: NDArray[np.float64], colour: str
) -> None:
    """Bars with a 1 px gap standing on the lower edge; a bin with any row is at least 1 px high."""
    most = float(counts.max()) if counts.size else 0.0
    if most <= 0:
        return
    edges = np.round(np.linspace(area.left(), area.right(), counts.size + 1))
    gap = 1.0 if area.width() / counts.size >= 3 else 0.0
    ink = QColor(colour)
    for index, count in enumerate(counts):
        if count > 0:
            height = max(1.0, round(count / most * area.height()))
            width = max(1.0, edges[index + 1] - edges[index] - gap)
            painter.fillRect(QRectF(edges[index], area.bottom() - height, width, height), ink)
