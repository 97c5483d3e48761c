"""The title bar of a dock: its name, its acts, its menu."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from emdesk.gui.widgets.buttons import IconButton
from emdesk.gui.widgets.text import Text
from emdesk.texts import say


class DockTitle(QWidget):
    """Give it to `QDockWidget.setTitleBarWidget`; dragging it moves the dock."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = Text(title, "dock", self)
        self.slot = QHBoxLayout()
        self.slot.setSpacing(8)
        self.menu = QMenu(self)
        self.menu_button = IconButton("dots-three", say("dock.menu", title=title), self)
        self.menu_button.setMenu(self.menu)
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 9, 10, 5)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addStretch(1)
        layout.addLayout(self.slot)
        layout.addWidget(self.menu_button)

    def add_button(self, button: QWidget) -> None:
        """One more act, left of the menu."""
        self.slot.addWidget(button)
