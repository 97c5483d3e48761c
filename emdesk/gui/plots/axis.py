"""An axis of numbers and a name: no frame, no ticks; the grid is the canvas's."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from emdesk.gui.plots.ticks import (
    MOST_NUMBERS,
    decade_texts,
    decade_values,
    tick_texts,
    tick_values,
)
from emdesk.gui.theme import TYPE, Tokens, font

F64 = NDArray[np.float64]

GAP = 6.0
NAME_GAP = 5.0
BETWEEN = 16.0
NAMES_APART = 8.0
LONGEST_NAME = 16
"""Names at places keep so many characters, about."""


class NumberAxis(pg.AxisItem):
    """`whole` labels only whole values, `decades` writes exponents as powers of ten."""

    def __init__(self, side: str, *, whole: bool = False, decades: bool = False) -> None:
        self.name_text = ""
        self.whole = whole
        self.decades = decades
        self.grouped = True
        self.numbers_shown = True
        self.places: tuple[tuple[float, str], ...] = ()
        self._number_font = QFont()
        self._name_font = QFont()
        self._number_colour = QColor()
        super().__init__(side, showValues=True)
        self.setStyle(tickLength=0, hideOverlappingLabels=False, autoExpandTextSpace=False)
        self.setGrid(False)
        self.enableAutoSIPrefix(False)
        self.showLabel(False)

    def restyle(self, tokens: Tokens, text_px: int | None) -> None:
        """Fonts and colours in place; `text_px` is one size for everything, None the screen's."""
        self._number_font = font(TYPE.axis)
        self._name_font = font(TYPE.small)
        if text_px is not None:
            self._number_font.setPixelSize(text_px)
            self._name_font.setPixelSize(text_px)
        self._number_colour = QColor(tokens.text2)
        self.setTickFont(self._number_font)
        self._redraw()

    def set_name(self, name: str) -> None:
        """The quantity and its unit, beside the numbers."""
        if name != self.name_text:
            self.name_text = name
            self._redraw()

    def set_places(self, places: tuple[tuple[float, str], ...]) -> None:
        """Names at some places instead of numbers; () goes back to numbers."""
        if places != self.places:
            self.places = places
            self._redraw()

    @property
    def is_upright(self) -> bool:
        """Whether the numbers stand above each other."""
        return bool(self.orientation in ("left", "right"))

    def ticks(self, low: float, high: float, length: float) -> tuple[F64, float]:
        """The labelled positions for a range drawn over `length` pixels, and their distance."""
        metrics = QFontMetricsF(self._number_font)
        if self.places:
            return self._named_values(low, high, length, metrics)
        if self.is_upright:
            return self._round_values(low, high, max(2, int(length / (1.9 * metrics.height()))))
        values, step = self._round_values(low, high, int(length / (4 * metrics.averageCharWidth())))
        while len(values) > 1:
            widest = max(metrics.horizontalAdvance(text) for text in self.texts(values, step))
            if len(values) * (widest + BETWEEN) <= length + BETWEEN:
                break
            values, step = self._round_values(low, high, len(values) - 1)
        return values, step

    def _named_values(
        self, low: float, high: float, length: float, metrics: QFontMetricsF
    ) -> tuple[F64, float]:
        """The named places that are visible, without those whose name would touch the one before in the same line."""
        scale = length / max(high - low, 1e-300)
        kept: list[float] = []
        free: dict[int, float] = {}
        for place, name in self.places:
            half = 0.5 * (metrics.height() if self.is_upright else _widest(name, metrics))
            at, line = (place - low) * scale, name.count("\n")
            if low <= place <= high and at - half >= free.get(line, -math.inf):
                kept.append(place)
                free[line] = at + half + (0.0 if self.is_upright else NAMES_APART)
        return np.array(kept), 1.0

    def _round_values(self, low: float, high: float, room: int) -> tuple[F64, float]:
        most = min(MOST_NUMBERS, max(1, room))
        if self.decades:
            return decade_values(low, high, most)
        return tick_values(low, high, most, whole=self.whole)

    def texts(self, values: F64, step: float) -> list[str]:
        """How the labelled positions are written."""
        if self.places:
            names = dict(self.places)
            return [names.get(float(value), "") for value in values]
        if self.decades:
            return decade_texts(values)
        return tick_texts(values, step, grouped=self.grouped)

    def needed(self, low: float, high: float, length: float) -> float:
        """Pixels this axis needs across: the widest number and the name."""
        metrics = QFontMetricsF(self._number_font)
        across = 0.0
        if self.numbers_shown:
            if self.is_upright:
                texts = self.texts(*self.ticks(low, high, length))
                across = max((metrics.horizontalAdvance(t) for t in texts), default=0.0)
                across = min(across, LONGEST_NAME * metrics.averageCharWidth())
            else:
                lines = max((name.count("\n") + 1 for _, name in self.places), default=1)
                across = lines * metrics.height()
            across += GAP
        if self.name_text:
            across += QFontMetricsF(self._name_font).height() + NAME_GAP
        return float(math.ceil(across) + 2)

    def tickValues(
        self, minVal: float, maxVal: float, size: float
    ) -> list[tuple[float, list[float]]]:
        """One level of numbers: the labelled ones."""
        values, step = self.ticks(minVal, maxVal, size)
        return [(step, values.tolist())]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Numbers as the whole program writes them."""
        return self.texts(np.asarray(values, dtype=np.float64), spacing)

    def drawPicture(
        self,
        p: QPainter,
        axisSpec: object,
        tickSpecs: object,
        textSpecs: Sequence[tuple[object, ...]],
    ) -> None:
        """Numbers and name only."""
        p.setRenderHint(QPainter.RenderHint.TextAntialiasing, True)
        p.setPen(self._number_colour)
        if self.numbers_shown:
            self._draw_numbers(p, textSpecs)
        if self.name_text:
            self._draw_name(p)

    def _draw_numbers(self, p: QPainter, textSpecs: Sequence[tuple[object, ...]]) -> None:
        p.setFont(self._number_font)
        metrics = QFontMetricsF(self._number_font)
        size = self.size()
        for rect, _flags, text in textSpecs:
            assert isinstance(rect, QRectF) and isinstance(text, str)
            if self.places and not self.is_upright:
                self._draw_lines(p, rect, text, metrics)
                continue
            if self.places:
                text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, size.width() - GAP)
            advance = metrics.horizontalAdvance(text)
            middle = rect.center()
            if self.is_upright:
                baseline = middle.y() + (metrics.ascent() - metrics.descent()) / 2
                p.drawText(QPointF(size.width() - GAP - advance, baseline), text)
            else:
                p.drawText(QPointF(middle.x() - advance / 2, GAP - 2 + metrics.ascent()), text)

    def _draw_lines(self, p: QPainter, rect: QRectF, text: str, metrics: QFontMetricsF) -> None:
        """A name in its line, centred; a long one loses its middle."""
        for number, line in enumerate(text.split("\n")):
            shown = _shortened(line, metrics)
            left = rect.center().x() - metrics.horizontalAdvance(shown) / 2
            p.drawText(QPointF(left, GAP - 2 + metrics.ascent() + number * metrics.height()), shown)

    def _draw_name(self, p: QPainter) -> None:
        p.setFont(self._name_font)
        metrics = QFontMetricsF(self._name_font)
        size = self.size()
        length = size.height() if self.is_upright else size.width()
        text = metrics.elidedText(self.name_text, Qt.TextElideMode.ElideMiddle, length)
        advance = metrics.horizontalAdvance(text)
        if self.is_upright:
            p.save()
            p.translate(metrics.ascent(), (size.height() + advance) / 2)
            p.rotate(-90)
            p.drawText(QPointF(0, 0), text)
            p.restore()
        else:
            below = size.height() - metrics.descent() - 1
            p.drawText(QPointF((size.width() - advance) / 2, below), text)

    def _redraw(self) -> None:
        self.picture = None
        self.update()


def _shortened(name: str, metrics: QFontMetricsF) -> str:
    most = LONGEST_NAME * metrics.averageCharWidth()
    return metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, most)


def _widest(name: str, metrics: QFontMetricsF) -> float:
    return max(metrics.horizontalAdvance(_shortened(line, metrics)) for line in name.split("\n"))
