"""Pens, brushes and colours, made once and shared: making them for each frame makes plots slow."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

U8 = NDArray[np.uint8]


def colour(name: str, opacity: float = 1.0) -> QColor:
    """A colour with an opacity in 0..1."""
    made = QColor(name)
    made.setAlphaF(opacity)
    return made


@lru_cache(maxsize=2048)
def pen(
    name: str,
    width: float = 1.0,
    opacity: float = 1.0,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> QPen:
    """A pen whose width is in pixels at any zoom. Shared: never change it."""
    made = QPen(colour(name, opacity), width, style)
    made.setCosmetic(True)
    made.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if style is Qt.PenStyle.SolidLine:
        made.setCapStyle(Qt.PenCapStyle.RoundCap)
    return made


@lru_cache(maxsize=2048)
def brush(name: str, opacity: float = 1.0) -> QBrush:
    """A fill. Shared: never change it."""
    return QBrush(colour(name, opacity))


NO_PEN = QPen(Qt.PenStyle.NoPen)
NO_BRUSH = QBrush(Qt.BrushStyle.NoBrush)


def mix(front: str, back: str, share: float) -> str:
    """The opaque colour of `front` at opacity `share` over `back`, as `#rrggbb`."""
    upper, lower = QColor(front), QColor(back)
    return QColor.fromRgbF(
        share * upper.redF() + (1 - share) * lower.redF(),
        share * upper.greenF() + (1 - share) * lower.greenF(),
        share * upper.blueF() + (1 - share) * lower.blueF(),
    ).name()


def rgb(name: str) -> tuple[int, int, int]:
    """Red, green, blue in 0..255."""
    made = QColor(name)
    return made.red(), made.green(), made.blue()
