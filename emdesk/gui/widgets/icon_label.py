"""An icon that stands in a layout like a word."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from emdesk.gui.icons import paint_covariance, paint_group, paint_icon
from emdesk.gui.theme import theme


class IconLabel(QWidget):
    """A bundled icon in the colour of a role, following the theme."""

    def __init__(
        self, icon_name: str, role: str = "text2", size: int = 16, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._role = role
        self.setFixedSize(size, size)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def icon_name(self) -> str:
        """Which icon is shown."""
        return self._icon_name

    def set_icon(self, icon_name: str, role: str | None = None) -> None:
        """Another icon or colour."""
        self._icon_name = icon_name
        self._role = role or self._role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = theme().tokens.colour(self._role)
        paint_icon(QPainter(self), self._icon_name, colour, QRectF(self.rect()))


class GroupMark(QWidget):
    """Colour and shape of one group."""

    def __init__(self, index: int, size: int = 12, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index = index
        self.setFixedSize(size, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_group(QPainter(self), QRectF(self.rect()), self._index, theme().tokens)


class CovarianceMark(QWidget):
    """The small ellipses of a covariance structure."""

    def __init__(self, structure: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._structure = structure
        self.setFixedSize(QSize(28, 14))

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = theme().tokens.text2
        paint_covariance(QPainter(self), self._structure, colour, QRectF(self.rect()))
