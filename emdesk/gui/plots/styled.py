"""A widget drawn in the present theme, or in a fixed look for an export."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QWidget

from emdesk.gui.plots import ink
from emdesk.gui.plots.ringed import RingedWidget
from emdesk.gui.theme import Tokens, theme

EXPORT_TEXT_PX = 15  # 11 pt at 96 dots per inch


class StyledWidget(RingedWidget):
    """Colours, text size and pen widths; each is the screen's unless it was fixed."""

    def __init__(
        self,
        parent: QWidget | None,
        *,
        tokens: Tokens | None,
        text_px: int | None,
        ratio: float | None,
    ) -> None:
        super().__init__(parent)
        self._fixed_tokens = tokens
        self._fixed_ratio = ratio
        self._text_px = text_px

    @property
    def tokens(self) -> Tokens:
        """The colours this widget is drawn with."""
        return self._fixed_tokens or theme().tokens

    @property
    def text_px(self) -> int | None:
        """The one text size of an export; None on the screen."""
        return self._text_px

    @property
    def ratio(self) -> float:
        """Device pixels of one pixel: Qt counts the width of pens that ignore the zoom in those."""
        return self._fixed_ratio or self.devicePixelRatioF()

    def pen(
        self,
        name: str,
        width: float = 1.0,
        opacity: float = 1.0,
        style: Qt.PenStyle = Qt.PenStyle.SolidLine,
    ) -> QPen:
        """A shared pen, `width` pixels wide at any zoom."""
        return ink.pen(name, width * self.ratio, opacity, style)

    def sizeHint(self) -> QSize:
        """A small card."""
        return QSize(320, 220)

    def minimumSizeHint(self) -> QSize:
        """Below this nothing can be read."""
        return QSize(120, 80)
