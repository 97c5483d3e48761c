"""The plane of one plot: what the mouse does in it."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainterPath, QPolygonF
from PySide6.QtWidgets import QGraphicsPathItem

from emdesk.gui.plots import ink
from emdesk.gui.theme import Tokens

# pyqtgraph drops mouse moves that follow each other quickly, and with them the end of a fast drag.
pg.setConfigOption("mouseRateLimit", 0)

F64 = NDArray[np.float64]
IN_FRONT = 1000.0


class Tool(StrEnum):
    """What dragging with the left button does."""

    HAND = "hand"
    LASSO = "lasso"
    RECTANGLE = "rectangle"


class PlotPlane(pg.ViewBox):
    """A ViewBox that never chooses its own range and can draw a lasso."""

    movedByHand = Signal()
    outlined = Signal(object)
    homeAsked = Signal()
    clickedAt = Signal(object, object)

    def __init__(self, *, pans_up: bool = True) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.disableAutoRange()
        self.setMouseEnabled(x=True, y=pans_up)
        self.tool = Tool.HAND
        self._trail: list[tuple[float, float]] = []
        self._outline = QGraphicsPathItem()
        self._outline.setZValue(IN_FRONT)
        self._outline.hide()
        self.addItem(self._outline, ignoreBounds=True)

    def restyle(self, tokens: Tokens, ratio: float) -> None:
        """The lasso in the accent, in place."""
        self._outline.setPen(ink.pen(tokens.accent, 1.5 * ratio, 1.0, Qt.PenStyle.DashLine))
        self._outline.setBrush(ink.brush(tokens.accent, 0.10))

    def wheelEvent(self, ev: object, axis: int | None = None) -> None:
        """Zoom about the pointer."""
        super().wheelEvent(ev, axis)
        self.movedByHand.emit()

    def mouseDragEvent(self, ev: object, axis: int | None = None) -> None:
        """Pan, or draw an outline; Shift and drag is a rectangle with any tool."""
        left = ev.button() == Qt.MouseButton.LeftButton  # type: ignore[attr-defined]
        shifted = bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)  # type: ignore[attr-defined]
        tool = Tool.RECTANGLE if shifted and self.tool is Tool.HAND else self.tool
        if not left or tool is Tool.HAND:
            super().mouseDragEvent(ev, axis)
            self.movedByHand.emit()
            return
        ev.accept()  # type: ignore[attr-defined]
        self._draw_outline(ev, tool)

    def mouseClickEvent(self, ev: object) -> None:
        """One click says where; two show everything."""
        if ev.button() != Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            return
        ev.accept()  # type: ignore[attr-defined]
        if ev.double():  # type: ignore[attr-defined]
            self.homeAsked.emit()
        else:
            self.clickedAt.emit(ev.scenePos(), ev.modifiers())  # type: ignore[attr-defined]

    def _draw_outline(self, ev: object, tool: Tool) -> None:
        here = self.mapToView(ev.pos())  # type: ignore[attr-defined]
        if ev.isStart():  # type: ignore[attr-defined]
            start = self.mapToView(ev.buttonDownPos())  # type: ignore[attr-defined]
            self._trail = [(start.x(), start.y())]
        if tool is Tool.LASSO:
            self._trail.append((here.x(), here.y()))
        else:
            x, y = self._trail[0]
            self._trail = [(x, y), (here.x(), y), (here.x(), here.y()), (x, here.y())]
        path = QPainterPath()
        path.addPolygon(QPolygonF([pg.QtCore.QPointF(x, y) for x, y in self._trail]))
        path.closeSubpath()
        self._outline.setPath(path)
        self._outline.show()
        if ev.isFinish():  # type: ignore[attr-defined]
            self._outline.hide()
            if len(self._trail) > 2:
                self.outlined.emit(np.asarray(self._trail, dtype=np.float64))
