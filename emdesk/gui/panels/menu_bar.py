"""The row of menus with the name of what is open in the middle and the way to the palette at the right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenuBar, QPushButton, QSizePolicy, QWidget

from emdesk.gui.icons import icon
from emdesk.gui.widgets import ElidedText
from emdesk.texts import say

HEIGHT = 30


class SearchButton(QPushButton):
    """Looks like a search field; opens the command palette."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(say("palette.button"), parent)
        self.setIcon(icon("magnifying-glass"))
        self.setIconSize(QSize(14, 14))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(say("palette.name"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


class MenuBar(QMenuBar):
    """Menus at the left, the title centred, the search button at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setNativeMenuBar(False)
        self.setFixedHeight(HEIGHT)
        self._title = ElidedText("", "strong", self)
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.search = SearchButton(self)

    def set_title(self, title: str) -> None:
        """The name of what is open."""
        self._title.set_full(title)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        menus = self.actions()
        used = self.actionGeometry(menus[-1]).right() + 12 if menus else 0
        width = min(self.search.sizeHint().width(), max(0, self.width() - used - 24))
        self.search.setGeometry(self.width() - width - 12, 3, width, HEIGHT - 6)
        middle, room = self.width() // 2, self.width() - used - width - 36
        wide = min(max(0, room), self._title.sizeHint().width() + 8)
        left = min(max(used, middle - wide // 2), self.search.x() - 12 - wide)
        self._title.setGeometry(left, 0, wide, HEIGHT)
