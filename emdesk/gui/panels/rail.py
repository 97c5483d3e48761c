"""On small windows: a rail of icons in the place of the data dock, and the sheet that slides over the desk."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QMainWindow, QSizePolicy, QToolBar, QVBoxLayout, QWidget

from emdesk.gui.actions import Actions
from emdesk.gui.widgets import DockTitle, IconButton
from emdesk.texts import say

WIDTH = 44
SHEET_WIDTH = 250


class Rail(QToolBar):
    """Data and the full table, one icon each."""

    dataRequested = Signal()

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(say("dock.rail"), parent)
        self.setObjectName("rail")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        inside = QWidget(self)
        inside.setFixedWidth(WIDTH)
        inside.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(inside)
        column.setContentsMargins(6, 8, 6, 8)
        column.setSpacing(6)
        self.data = IconButton("database", say("dock.data"), inside, size=32)
        self.data.clicked.connect(lambda _checked=False: self.dataRequested.emit())
        self.table = IconButton(
            "table",
            actions["show_table"].text(),
            inside,
            size=32,
            clicked=actions["show_table"].trigger,
        )
        for button in (self.data, self.table):
            column.addWidget(button)
        column.addStretch(1)
        self.addWidget(inside)
        self.hide()


class Overlay(QFrame):
    """Holds a dock's panel over the desk while it is wanted."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self.setObjectName("overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._window = window
        self.panel: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 1, 0)
        self._layout.setSpacing(0)
        self._head = DockTitle(say("dock.data"), self)
        self._head.menu_button.hide()
        self._layout.addWidget(self._head)
        self.hide()

    def set_panel(self, panel: QWidget | None) -> None:
        """Show this panel over the desk; None puts the sheet away and gives the panel back."""
        if self.panel is not None:
            self._layout.removeWidget(self.panel)
            self.panel.setParent(None)
        self.panel = panel
        if panel is not None:
            self._layout.addWidget(panel, 1)
            panel.show()
        self.setVisible(panel is not None)
        self.place()
        self.raise_()

    def place(self) -> None:
        """Stand beside the rail, as high as the desk."""
        desk = self._window.centralWidget()
        if desk is not None and self.panel is not None:
            corner = desk.mapTo(self._window, desk.rect().topLeft())
            self.setGeometry(corner.x(), corner.y(), SHEET_WIDTH, desk.height())
