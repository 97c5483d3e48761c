"""A plot as a file or on the clipboard: always light on white, 11 pt text."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QEvent,
    QIODevice,
    QMimeData,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QImageWriter,
    QPainter,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication

from emdesk.gui.plots.canvas import FOCUS_ROOM, PlotCanvas
from emdesk.gui.plots.styled import EXPORT_TEXT_PX
from emdesk.gui.theme import LIGHT, TYPE, font
from emdesk.io.safe_write import write_safely

MARGIN = 8.0
SVG_TYPE = "image/svg+xml"


class Plot(Protocol):
    """What can be exported: a canvas that makes a light twin of itself."""

    def twin(self, ratio: float = 1.0) -> PlotCanvas:
        """The same content and view, in the light theme with export text."""


def save_png(plot: Plot, path: Path, *, scale: float = 2.0, caption: str = "") -> None:
    """Write the plot as PNG, `scale` pixels for one on the screen; a FileProblem says why not."""
    content = png_bytes(plot, scale=scale, caption=caption)
    write_safely(path, partial(_put, content))


def save_svg(plot: Plot, path: Path, *, caption: str = "") -> None:
    """Write the plot as SVG with real text and outlines; a FileProblem says why not."""
    content = svg_bytes(plot, caption=caption)
    write_safely(path, partial(_put, content))


def copy(plot: Plot, *, scale: float = 2.0, caption: str = "") -> None:
    """Put the plot on the clipboard as an image and as SVG; the receiving program chooses."""
    mime = QMimeData()
    mime.setImageData(_image(plot, scale, caption))
    mime.setData(SVG_TYPE, QByteArray(svg_bytes(plot, caption=caption)))
    QGuiApplication.clipboard().setMimeData(mime)


def png_bytes(plot: Plot, *, scale: float = 2.0, caption: str = "") -> bytes:
    """The plot as PNG."""
    image = _image(plot, scale, caption)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    return bytes(buffer.data().data())


def svg_bytes(plot: Plot, *, caption: str = "") -> bytes:
    """The plot as SVG."""
    figure = _Figure(plot, caption)
    content = figure.svg()
    figure.close()
    return content


def _image(plot: Plot, scale: float, caption: str) -> QImage:
    figure = _Figure(plot, caption, scale)
    image = figure.image(scale)
    figure.close()
    return image


class _Figure:
    """The twin, laid out away from the screen, and the caption below it."""

    def __init__(self, plot: Plot, caption: str, ratio: float = 1.0) -> None:
        self._twin = plot.twin(ratio)
        self._caption = caption
        self._twin.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self._twin.show()
        self._twin.graphics.ci.layout.activate()
        # the widths of the axes depend on the layout and the layout on them
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        self._twin.graphics.scene().prepareForPaint()
        inner = self._twin.size()
        self._width = inner.width() - 2 * FOCUS_ROOM
        self._plot_height = inner.height() - 2 * FOCUS_ROOM
        self._height = self._plot_height + self._caption_height()

    def close(self) -> None:
        """The twin is needed no more."""
        self._twin.close()
        self._twin.deleteLater()

    def image(self, scale: float) -> QImage:
        """The figure as pixels."""
        size = QSize(round(self._width * scale), round(self._height * scale))
        image = QImage(size, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        image.fill(QColor(LIGHT.surface))
        painter = QPainter(image)
        self._paint(painter)
        painter.end()
        # only now: recorded text (the axes) would be scaled to the resolution
        image.setDotsPerMeterX(round(96 * scale / 0.0254))
        image.setDotsPerMeterY(round(96 * scale / 0.0254))
        return image

    def svg(self) -> bytes:
        """The figure as a drawing. SVG 1.1, because the Tiny profile knows no clipping."""
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
        generator.setOutputDevice(buffer)
        generator.setResolution(96)
        generator.setSize(QSize(math.ceil(self._width), math.ceil(self._height)))
        generator.setViewBox(QRectF(0, 0, self._width, self._height))
        generator.setTitle(self._twin.accessibleName())
        generator.setDescription(self._twin.accessibleDescription())
        painter = QPainter(generator)
        self._paint(painter)
        painter.end()
        buffer.close()
        return bytes(content.data())

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        area = QRectF(0, 0, self._width, self._plot_height)
        self._twin.graphics.scene().render(painter, area, self._twin.graphics.viewRect())
        if self._caption:
            painter.setFont(_caption_font())
            painter.setPen(QColor(LIGHT.text))
            painter.drawText(self._caption_rect(), Qt.TextFlag.TextWordWrap, self._caption)

    def _caption_height(self) -> float:
        if not self._caption:
            return 0.0
        room = QRectF(0, 0, self._width - 2 * MARGIN, 1e6)
        metrics = QFontMetricsF(_caption_font())
        needed = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, self._caption)
        return float(math.ceil(needed.height() + 2 * MARGIN))

    def _caption_rect(self) -> QRectF:
        top = self._plot_height + MARGIN
        return QRectF(MARGIN, top, self._width - 2 * MARGIN, self._height - top)


def _caption_font() -> QFont:
    made = font(TYPE.body)
    made.setPixelSize(EXPORT_TEXT_PX)
    return made


def _put(content: bytes, stream: BinaryIO) -> None:
    stream.write(content)
