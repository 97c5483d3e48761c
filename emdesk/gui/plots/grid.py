"""Hairlines behind the data at the positions that carry a number."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from emdesk.gui.plots import ink
from emdesk.gui.plots.axis import NumberAxis
from emdesk.gui.theme import Tokens

BEHIND = -1000.0


class Grid(pg.GraphicsObject):
    """Grid lines of one plot; the line through zero is a little stronger."""

    def __init__(self, across: NumberAxis, up: NumberAxis, tokens: Tokens) -> None:
        super().__init__()
        self._across = across
        self._up = up
        self._tokens = tokens
        self._ratio = 1.0
        self.lines_shown = True
        self.setZValue(BEHIND)

    def restyle(self, tokens: Tokens, ratio: float) -> None:
        """Other colours and device pixels, in place."""
        self._tokens = tokens
        self._ratio = ratio
        self.update()

    def boundingRect(self) -> QRectF:
        """All that is visible."""
        return QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:
        """The visible part moved: the lines belong to it."""
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def positions(self) -> tuple[list[float], list[float]]:
        """Where lines stand: values of x, values of y."""
        rect = self.viewRect()
        view = self.getViewBox()
        x, _ = self._across.ticks(rect.left(), rect.right(), view.width())
        y, _ = self._up.ticks(rect.top(), rect.bottom(), view.height())
        return x.tolist(), y.tolist()

    def paint(
        self, p: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Lines without antialiasing, so that they stay hairlines."""
        if not self.lines_shown:
            return
        rect = self.viewRect()
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        ordinary = ink.pen(self._tokens.grid, self._ratio)
        zero = ink.pen(self._tokens.border, self._ratio)
        xs, ys = self.positions()
        for x in xs:
            p.setPen(zero if x == 0 and not self._across.whole else ordinary)
            p.drawLine(QLineF(x, rect.top(), x, rect.bottom()))
        for y in ys:
            p.setPen(zero if y == 0 else ordinary)
            p.drawLine(QLineF(rect.left(), y, rect.right(), y))
