"""The symbol of a group as a small picture, for legends and tables."""

from __future__ import annotations

from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtCore import Qt as _Qt
from PySide6.QtGui import QPainter, QPainterPath, QPixmap, QTransform

from emdesk.gui.plots import ink
from emdesk.gui.theme import Tokens, group_colour, group_outline, group_symbol


def symbol_path(slot: int, centre: QPointF, size: float) -> QPainterPath:
    """The outline of a slot's shape, `size` pixels wide, about a centre."""
    unit: QPainterPath = Symbols[group_symbol(slot)]
    turn = QTransform()
    turn.translate(centre.x(), centre.y())
    turn.scale(size, size)
    return turn.map(unit)


def paint_symbol(painter: QPainter, rect: QRectF, slot: int, tokens: Tokens) -> None:
    """Paint a slot's symbol in the middle of a rectangle."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = group_outline(slot, tokens)
    painter.setPen(ink.pen(outline, 1.0) if outline else ink.NO_PEN)
    painter.setBrush(ink.brush(group_colour(slot, tokens)))
    size = 0.72 * min(rect.width(), rect.height())
    painter.drawPath(symbol_path(slot, rect.center(), size))
    painter.restore()


def symbol_pixmap(slot: int, tokens: Tokens, size: int = 14, ratio: float = 1.0) -> QPixmap:
    """A slot's symbol on nothing, `size` pixels wide at a device pixel ratio."""
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(_Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_symbol(painter, QRectF(0, 0, size, size), slot, tokens)
    painter.end()
    return pixmap
