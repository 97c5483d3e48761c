"""The groups in a card's header: shape and number; a click brings one out."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from emdesk.app import commands
from emdesk.app.state import AppState
from emdesk.gui.icons import group_icon
from emdesk.gui.store import Store
from emdesk.gui.widgets import Text
from emdesk.texts import say

MOST_SHOWN = 8


class Legend(QWidget):
    """One small button a group, never over the data."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._names: tuple[str, ...] = ()
        self._buttons: list[QToolButton] = []
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._more = Text("", "small", self)

    @property
    def buttons(self) -> tuple[QToolButton, ...]:
        return tuple(self._buttons)

    def render_legend(self, state: AppState) -> None:
        """Show the groups of the picture."""
        names = state.shown.picture.groups if state.shown is not None else ()
        if names != self._names:
            self._names = names
            self._remake(names)
        for index, button in enumerate(self._buttons):
            button.setChecked(index == state.chosen_group)

    def _remake(self, names: tuple[str, ...]) -> None:
        for button in self._buttons:
            self._layout.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        self._layout.removeWidget(self._more)
        for index, name in enumerate(names[:MOST_SHOWN]):
            button = QToolButton(self)
            button.setIcon(group_icon(index))
            button.setIconSize(QSize(12, 12))
            button.setText(name)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(say("group.name", number=name))
            button.clicked.connect(
                lambda _checked=False, i=index: self._store.do(commands.choose_group, i)
            )
            self._layout.addWidget(button)
            self._buttons.append(button)
        self._layout.addWidget(self._more)
        rest = len(names) - MOST_SHOWN
        self._more.setText(say("panel.more_groups", count=rest) if rest > 0 else "")
        self._more.setVisible(rest > 0)
