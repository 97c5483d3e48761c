"""One cell of the grid: criterion, agreement of the starts, badge, frame."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from emdesk.app.comparison.cells import Badge, Cell
from emdesk.app.comparison.exploration import MANY_COLLAPSED
from emdesk.gui.theme import TYPE, Tokens, font
from emdesk.texts import say
from emdesk.texts.numbers import fixed

STRONGEST = {False: "#A9B9D8", True: "#3E6890"}
"""The end of the ramp by theme: dark enough to see, light enough for the text on it."""
ROUND = 4.0
BAR_FROM_HEIGHT, BAR_ROOM = 40, 12
NARROW = 52


def looks_closer(cell: Cell) -> bool:
    """Whether a cell carries the mark: several starts collapsed, or its fit is not the maximum it ought to be."""
    doubtful = {Badge.BELOW, Badge.LIMIT}.intersection(cell.badges)
    return cell.is_sound and (cell.agreement.collapsed >= MANY_COLLAPSED or bool(doubtful))


def shade(strength: float, tokens: Tokens) -> QColor:
    """The colour of a cell: 0 is the surface, 1 the best."""
    low, high = QColor(tokens.surface), QColor(STRONGEST[tokens.dark])
    return QColor(
        round(low.red() + strength * (high.red() - low.red())),
        round(low.green() + strength * (high.green() - low.green())),
        round(low.blue() + strength * (high.blue() - low.blue())),
    )


class CellPainter:
    """Paints cells with the colours and fonts of the theme."""

    def __init__(self, painter: QPainter, tokens: Tokens) -> None:
        self._painter, self._tokens = painter, tokens

    def done(self, box: QRectF, cell: Cell, value: float, strength: float, is_best: bool) -> None:
        """A sound cell with its value, or the word that there is none."""
        painter, tokens = self._painter, self._tokens
        painter.setPen(QPen(QColor(tokens.border), 1))
        painter.setBrush(shade(strength, tokens) if cell.is_sound else QColor(tokens.surface))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), ROUND, ROUND)
        has_bar = box.height() >= BAR_FROM_HEIGHT and cell.is_sound
        text = box.adjusted(0, 0, 0, -BAR_ROOM) if has_bar else box
        if math.isnan(value):
            self._write(text, say("explorer.none"), tokens.text3)
        else:
            decimals = 1 if box.width() >= NARROW else 0
            self._write(text, fixed(value, decimals), tokens.text, 600 if is_best else 400)
        if has_bar:
            self._bar(box, cell)
        if looks_closer(cell):
            self._mark(box)

    def waiting(self, box: QRectF, is_hovered: bool) -> None:
        """A cell that is still to be fitted."""
        pen = QPen(QColor(self._tokens.control if is_hovered else self._tokens.border), 1)
        pen.setStyle(Qt.PenStyle.DashLine)
        self._painter.setPen(pen)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), ROUND, ROUND)

    def running(self, box: QRectF) -> None:
        """A ring: this one is being fitted."""
        painter, tokens = self._painter, self._tokens
        side = min(18.0, box.height() - 8)
        middle = box.center()
        ring = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.border), 2.5))
        painter.drawEllipse(ring)
        painter.setPen(QPen(QColor(tokens.accent), 2.5))
        painter.drawArc(ring, 90 * 16, -200 * 16)

    def frame(self, box: QRectF, colour: str, width: float) -> None:
        """A frame around a cell, just inside it."""
        half = width / 2
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QPen(QColor(colour), width))
        self._painter.drawRoundedRect(box.adjusted(half, half, -half, -half), ROUND, ROUND)

    def pin(self, box: QRectF) -> None:
        """The dot of a cell that is marked for the Compare view."""
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(self._tokens.accent))
        self._painter.drawEllipse(QPointF(box.left() + 8, box.top() + 8), 3, 3)

    def text(self, box: QRectF, words: str, colour: str, weight: int, flags: int) -> None:
        """Words in a rectangle, elided where they do not fit."""
        made = font(TYPE.small, weight)
        self._painter.setFont(made)
        self._painter.setPen(QColor(colour))
        metrics = self._painter.fontMetrics()
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(box.width()))
        self._painter.drawText(box, flags, shown)

    def _write(self, box: QRectF, words: str, colour: str, weight: int = 400) -> None:
        self.text(box, words, colour, weight, int(Qt.AlignmentFlag.AlignCenter))

    def _bar(self, box: QRectF, cell: Cell) -> None:
        """The share of the finished starts that agree on the best."""
        finished = max(1, cell.agreement.finished)
        wide = min(30.0, box.width() - 12)
        below = box.center().y() - BAR_ROOM / 2 + 15
        track = QRectF(box.center().x() - wide / 2, below, wide, 3)
        self._painter.setPen(Qt.PenStyle.NoPen)
        track_colour = QColor(self._tokens.text2)
        track_colour.setAlphaF(0.22)
        self._painter.setBrush(track_colour)
        self._painter.drawRoundedRect(track, 1.5, 1.5)
        self._painter.setBrush(QColor(self._tokens.text2))
        share = min(1.0, cell.agreement.agreeing / finished)
        self._painter.drawRoundedRect(
            QRectF(track.left(), track.top(), max(3.0, share * wide), 3), 1.5, 1.5
        )

    def _mark(self, box: QRectF) -> None:
        draw_mark(self._painter, QPointF(box.right() - 8, box.top() + 8), self._tokens)


def draw_mark(painter: QPainter, middle: QPointF, tokens: Tokens) -> None:
    """The triangle that says: look closer."""
    x, y = middle.x(), middle.y()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.warn))
    painter.drawPolygon(
        QPolygonF([QPointF(x, y - 3), QPointF(x + 3.5, y + 3), QPointF(x - 3.5, y + 3)])
    )
