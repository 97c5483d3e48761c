"""Icons in the colours of the theme: Phosphor line icons, covariance glyphs, group marks.

An icon asks the theme for its colour when it is painted, so a change of theme needs no renewal.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QIcon,
    QIconEngine,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPolygonF,
    QTransform,
)
from PySide6.QtSvg import QSvgRenderer

from emdesk.gui.svg import svg_path, svg_source
from emdesk.gui.theme import group_colour, group_outline, group_symbol, theme
from emdesk.gui.tokens import Tokens
from emdesk.resources import resource

# centre x, half-length, half-width, angle of each ellipse of a glyph, in a box of 24 x 12
_GLYPHS: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "EII": ((4.5, 3, 3, 0), (12, 3, 3, 0), (19.5, 3, 3, 0)),
    "VII": ((3.5, 2, 2, 0), (10, 3.2, 3.2, 0), (18.5, 4.4, 4.4, 0)),
    "EEI": ((4.5, 3.6, 2, 0), (12.2, 3.6, 2, 0), (19.9, 3.6, 2, 0)),
    "VVI": ((4, 3.5, 1.8, 0), (11, 2, 4.6, 0), (18.5, 4.6, 3.2, 0)),
    "EEE": ((4.6, 4.4, 2.1, -32), (12, 4.4, 2.1, -32), (19.4, 4.4, 2.1, -32)),
    "VEI": ((3.6, 2.4, 1.4, 0), (10.4, 3.4, 2, 0), (18.6, 4.6, 2.7, 0)),
    "EVI": ((4.2, 3.9, 1.7, 0), (11.5, 1.8, 3.7, 0), (18.6, 2.9, 2.3, 0)),
    "VEE": ((3.4, 2.6, 1.3, -32), (10.2, 3.6, 1.8, -32), (18.4, 4.8, 2.4, -32)),
    "EVE": ((4.2, 4.4, 1.6, -32), (12, 2.7, 2.6, -32), (19.4, 3.6, 2, -32)),
    "VVE": ((3.6, 3.2, 1.2, -32), (10.6, 3.2, 2.8, -32), (18.4, 5, 2, -32)),
    "EEV": ((4.6, 4.2, 2, -40), (12, 4.2, 2, 20), (19.4, 4.2, 2, -10)),
    "VEV": ((3.4, 2.8, 1.4, -40), (10.4, 3.6, 1.8, 25), (18.4, 4.8, 2.4, -15)),
    "EVV": ((4.2, 4.2, 1.6, -40), (12, 2.8, 2.4, 25), (19.2, 3.6, 1.9, -15)),
    "VVV": ((4, 3.8, 2, -40), (11.6, 4.6, 1.8, 25), (19.6, 3.6, 2.8, -20)),
    "FA": ((4, 4.2, 0.9, -40), (11.6, 4.8, 0.8, 25), (19.6, 3.8, 1.1, -20)),
}


@lru_cache(maxsize=1024)
def _rendered(name: str, colour: str, side: int) -> QPixmap:
    image = QPixmap(side, side)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer = QSvgRenderer(QByteArray(svg_source(name, colour)))
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    return image


def paint_icon(painter: QPainter, name: str, colour: str, rect: QRectF) -> None:
    """Paint an icon into a square; sharp at the device pixel ratio of the painter."""
    device = painter.device()
    ratio = device.devicePixelRatioF() if device is not None else 1.0
    side = min(rect.width(), rect.height())
    image = _rendered(name, colour, max(1, round(side * ratio)))
    image.setDevicePixelRatio(ratio)
    corner = rect.center() - QPointF(side / 2, side / 2)
    painter.drawPixmap(QPointF(round(corner.x()), round(corner.y())), image)


def pixmap(name: str, role: str = "text2", size: int = 16, ratio: float = 1.0) -> QPixmap:
    """An icon as a picture in today's colours, for places that cannot ask again."""
    image = QPixmap(_rendered(name, theme().tokens.colour(role), round(size * ratio)))
    image.setDevicePixelRatio(ratio)
    return image


class _ThemedEngine(QIconEngine):
    """Paints one picture in the colour that its role has at that moment."""

    def __init__(self, name: str, role: str, size: QSize) -> None:
        super().__init__()
        self._name = name
        self._role = role
        self._size = size

    def _colour(self, mode: QIcon.Mode) -> str:
        tokens = theme().tokens
        return tokens.colour("hist" if mode is QIcon.Mode.Disabled else self._role)

    def _draw(self, painter: QPainter, rect: QRectF, mode: QIcon.Mode) -> None:
        paint_icon(painter, self._name, self._colour(mode), rect)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        self._draw(painter, QRectF(rect), mode)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        image = QPixmap(size * scale)
        image.setDevicePixelRatio(scale)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw(painter, QRectF(QPoint(0, 0), size), mode)
        painter.end()
        return image

    def actualSize(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QSize:
        return self._size.scaled(size, Qt.AspectRatioMode.KeepAspectRatio)

    def availableSizes(
        self, mode: QIcon.Mode = QIcon.Mode.Normal, state: QIcon.State = QIcon.State.Off
    ) -> list[QSize]:
        return [self._size]

    def isNull(self) -> bool:
        return False

    def clone(self) -> QIconEngine:
        return type(self)(self._name, self._role, self._size)


class _GlyphEngine(_ThemedEngine):
    def _draw(self, painter: QPainter, rect: QRectF, mode: QIcon.Mode) -> None:
        paint_covariance(painter, self._name, self._colour(mode), rect)


class _GroupEngine(_ThemedEngine):
    def _draw(self, painter: QPainter, rect: QRectF, mode: QIcon.Mode) -> None:
        paint_group(painter, rect, int(self._name), theme().tokens)


def icon(name: str, role: str = "text2", size: int = 16) -> QIcon:
    """A Phosphor icon (`folder-open`, `play-fill`) in the colour of a token role."""
    svg_path(name)  # a name that is not bundled is told here, not while painting
    return QIcon(_ThemedEngine(name, role, QSize(size, size)))


def covariance_glyph(structure: str, role: str = "text2") -> QIcon:
    """Small ellipses that show what a covariance structure (EII ... VVV) lets differ; 24 x 12."""
    return QIcon(_GlyphEngine(structure, role, QSize(24, 12)))


def has_covariance_glyph(structure: str) -> bool:
    """Whether there is a glyph for this value."""
    return structure in _GLYPHS


def group_icon(index: int, size: int = 12) -> QIcon:
    """Colour and shape of the group in slot `index`."""
    return QIcon(_GroupEngine(str(index), "text", QSize(size, size)))


def window_icon() -> QIcon:
    """The mark of EMDesk in every size that a window system asks for."""
    made = QIcon()
    for path in sorted(resource("icons").glob("emdesk-*.png")):
        made.addFile(str(path))
    return made


def paint_covariance(painter: QPainter, structure: str, colour: str, rect: QRectF) -> None:
    """Draw the ellipses of a covariance structure into a box of ratio 2 : 1."""
    scale = min(rect.width() / 24, rect.height() / 12)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center())
    painter.scale(scale, scale)
    painter.setPen(QPen(QColor(colour), 1.1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for x, half_length, half_width, angle in _GLYPHS[structure]:
        painter.save()
        painter.translate(x - 12, 0)
        painter.rotate(angle)
        painter.drawEllipse(QPointF(0, 0), half_length, half_width)
        painter.restore()
    painter.restore()


def group_path(symbol: str) -> QPainterPath:
    """The outline of a group's shape, centred in a box of side 1; y points down."""
    path = QPainterPath()
    corners: dict[str, tuple[int, float, float]] = {  # corners, radius, angle of the first
        "t1": (3, 0.56, -90),
        "t": (3, 0.56, 90),
        "d": (4, 0.56, -90),
        "p": (5, 0.52, -90),
        "h": (6, 0.52, -90),
    }
    if symbol == "o":
        path.addEllipse(QPointF(0, 0), 0.46, 0.46)
    elif symbol == "s":
        path.addRect(QRectF(-0.42, -0.42, 0.84, 0.84))
    else:
        points = _star() if symbol == "star" else _regular(*corners[symbol])
        if symbol in ("t", "t1"):  # a triangle's box is not centred on its centroid
            points = points.translated(0, 0.12 if symbol == "t1" else -0.12)
        if symbol == "d":
            points = QTransform.fromScale(0.78, 1.0).map(points)
        path.addPolygon(points)
        path.closeSubpath()
    return path


def _regular(count: int, radius: float, first: float) -> QPolygonF:
    turn = QTransform().rotate(360 / count)
    point = QTransform().rotate(first).map(QPointF(radius, 0))
    points = [point]
    for _ in range(count - 1):
        point = turn.map(point)
        points.append(point)
    return QPolygonF(points)


def _star() -> QPolygonF:
    outer, inner = _regular(5, 0.56, -90), _regular(5, 0.23, -54)
    return QPolygonF([p for pair in zip(outer.toList(), inner.toList(), strict=True) for p in pair])


def _paint_cross(painter: QPainter, centre: QPointF, arm: float, tokens: Tokens) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(tokens.control), 1.4))
    painter.translate(centre)
    painter.drawLine(QPointF(-arm, -arm), QPointF(arm, arm))
    painter.drawLine(QPointF(-arm, arm), QPointF(arm, -arm))
    painter.restore()


def paint_group(painter: QPainter, rect: QRectF, index: int, tokens: Tokens) -> None:
    """Draw colour and shape of the group in slot `index` into a square; a grey cross for none of them."""
    side = min(rect.width(), rect.height())
    if index < 0:
        _paint_cross(painter, rect.center(), 0.35 * side, tokens)
        return
    outline = group_outline(index, tokens)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center())
    painter.setBrush(QColor(group_colour(index, tokens)))
    painter.setPen(QPen(QColor(outline), 1) if outline else QPen(Qt.PenStyle.NoPen))
    scale = side - 1 if outline else side
    painter.drawPath(QTransform.fromScale(scale, scale).map(group_path(group_symbol(index))))
    painter.restore()
