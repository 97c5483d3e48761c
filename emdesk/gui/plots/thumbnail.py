"""A picture of a fit in the size of a stamp, for cards: no axes, only what one recognises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap, QPolygonF

from emdesk.gui.plots import ink
from emdesk.gui.plots.extents import home_extent
from emdesk.gui.plots.renderers.curve import stepped
from emdesk.gui.plots.renderers.series import runs
from emdesk.gui.plots.renderers.stage import Look
from emdesk.gui.plots.shading import U8, ramp_table, shade_counts, shade_values
from emdesk.gui.theme import Tokens, density_ramp, diverging_ramp
from emdesk.model.marks import (
    ALL_GROUPS,
    NO_GROUP,
    Bands,
    Bars,
    Curve,
    Ellipse,
    Heatmap,
    Picture,
    Points,
    Raster,
)

F64 = NDArray[np.float64]

DOT = 4.0
MOST_DOTS = 600
MARGIN_SHARE = 0.09


def thumbnail(picture: Picture, size: QSize, tokens: Tokens, ratio: float = 1.0) -> QPixmap:
    """The picture on nothing, `size` pixels at a device pixel ratio."""
    pixmap = QPixmap(round(size.width() * ratio), round(size.height() * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_thumbnail(painter, QRectF(0, 0, size.width(), size.height()), picture, tokens)
    painter.end()
    return pixmap


def paint_thumbnail(painter: QPainter, rect: QRectF, picture: Picture, tokens: Tokens) -> None:
    """Paint the picture into a rectangle, from back to front."""
    margin = MARGIN_SHARE * min(rect.width(), rect.height())
    frame = _Frame(rect.adjusted(margin, margin, -margin, -margin), home_extent(picture))
    look = Look(tokens=tokens, ratio=painter.device().devicePixelRatio())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(rect)
    parts = any(isinstance(mark, Curve) and mark.group >= 0 for mark in picture.marks)
    for kind, paint in _PAINTERS.items():
        for mark in picture.marks:
            total_of_parts = parts and isinstance(mark, Curve) and mark.group == ALL_GROUPS
            if type(mark) is kind and not total_of_parts:
                paint(painter, frame, mark, look)
    painter.restore()


class _Frame:
    """From the analyst's units to the pixels of the thumbnail."""

    def __init__(self, rect: QRectF, extent: tuple[float, float, float, float]) -> None:
        self.rect = rect
        self._extent = extent

    def places(self, x: F64, y: F64) -> tuple[F64, F64]:
        """Pixels of points."""
        x0, x1, y0, y1 = self._extent
        across = self.rect.left() + (x - x0) / (x1 - x0) * self.rect.width()
        up = self.rect.bottom() - (y - y0) / (y1 - y0) * self.rect.height()
        return across, up

    def line(self, x: F64, y: F64) -> list[QPolygonF]:
        """Polylines in pixels, broken where values are missing."""
        across, up = self.places(x, y)
        known = np.isfinite(across) & np.isfinite(up)
        breaks = np.flatnonzero(np.diff(known.astype(np.intp))) + 1
        pieces = np.split(np.arange(len(x)), breaks)
        return [
            QPolygonF([QPointF(across[i], up[i]) for i in piece])
            for piece in pieces
            if len(piece) > 1 and known[piece[0]]
        ]

    def area(self, x0: float, x1: float, y0: float, y1: float) -> QRectF:
        """A rectangle in pixels."""
        across, up = self.places(np.array([x0, x1]), np.array([y0, y1]))
        return QRectF(QPointF(across[0], up[1]), QPointF(across[1], up[0])).normalized()


def _paint_points(painter: QPainter, frame: _Frame, mark: Points, look: Look) -> None:
    if mark.small:
        return
    every = max(1, len(mark.x) // MOST_DOTS)
    x, y = frame.places(mark.x[::every], mark.y[::every])
    painter.setPen(ink.NO_PEN)
    for px, py, group in zip(x.tolist(), y.tolist(), mark.group[::every].tolist(), strict=True):
        opacity = 0.65 if group >= 0 else 0.4
        painter.setBrush(ink.brush(look.colour(group), opacity))
        painter.drawEllipse(QPointF(px, py), DOT / 2, DOT / 2)


def _paint_ellipse(painter: QPainter, frame: _Frame, mark: Ellipse, look: Look) -> None:
    if mark.level < 0.9:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(look.pen(look.colour(mark.group), 1.6))
    for line in frame.line(mark.outline[0], mark.outline[1]):
        painter.drawPolygon(line)


def _paint_bars(painter: QPainter, frame: _Frame, mark: Bars, look: Look) -> None:
    fill = ink.colour(look.tokens.hist, 0.6)
    for left, right, height in zip(
        mark.edges[:-1].tolist(), mark.edges[1:].tolist(), mark.heights.tolist(), strict=True
    ):
        painter.fillRect(frame.area(left, right, 0.0, height).adjusted(0.5, 0, -0.5, 0), fill)


def _paint_curve(painter: QPainter, frame: _Frame, mark: Curve, look: Look) -> None:
    x, y = stepped(mark.x, mark.y) if mark.steps else (mark.x, mark.y)
    background = mark.group == NO_GROUP
    name = look.tokens.hist if background else look.colour(mark.group)
    painter.setPen(look.pen(name, 1.0 if background else 1.6))
    for line in frame.line(x, y):
        painter.drawPolyline(line)


def _paint_bands(painter: QPainter, frame: _Frame, mark: Bands, look: Look) -> None:
    for start, end, group in runs(mark.edges, mark.group):
        area = frame.area(start, end, 0.0, 1.0)
        area.setTop(frame.rect.top())
        area.setBottom(frame.rect.bottom())
        painter.fillRect(area, ink.colour(look.colour(group), 0.11))


def _paint_heatmap(painter: QPainter, frame: _Frame, mark: Heatmap, look: Look) -> None:
    tokens = look.tokens
    stops = diverging_ramp(tokens) if mark.signed else density_ramp(tokens)
    table = ramp_table([ink.rgb(stop) for stop in stops])
    _draw_image(painter, frame, shade_values(mark.values, table, signed=mark.signed), mark.extent)


def _paint_raster(painter: QPainter, frame: _Frame, mark: Raster, look: Look) -> None:
    colours = [ink.rgb(look.colour(group)) for group in range(len(mark.counts))]
    _draw_image(painter, frame, shade_counts(mark.counts, colours), mark.extent)


def _draw_image(painter: QPainter, frame: _Frame, pixels: U8, extent: Sequence[float]) -> None:
    upright = np.ascontiguousarray(pixels[::-1])
    height, width, _ = upright.shape
    image = QImage(upright.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(frame.area(extent[0], extent[1], extent[2], extent[3]), image)


_PAINTERS: Mapping[type, Callable[[QPainter, _Frame, Any, Look], None]] = {
    Bands: _paint_bands,
    Heatmap: _paint_heatmap,
    Raster: _paint_raster,
    Bars: _paint_bars,
    Curve: _paint_curve,
    Points: _paint_points,
    Ellipse: _paint_ellipse,
}
