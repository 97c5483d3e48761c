"""The views of the project as tabs in the bar; in little room as one button with a menu."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from emdesk.app.state import AppState
from emdesk.gui.actions import Actions
from emdesk.gui.panels.views import VIEWS, view_spec
from emdesk.gui.store import Store
from emdesk.gui.theme import theme
from emdesk.gui.widgets import TabStrip
from emdesk.texts import say


class _Rule(QWidget):
    """The upright hairline between the acts on the project and its views."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(25, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.width() // 2, 0, 1, self.height(), theme().tokens.border)


class ViewTabs(QWidget):
    """Shows which view is looked at, and leads to the others by their actions."""

    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._actions = store, actions
        self._is_folded = False
        self.strip = TabStrip([say(f"action.{v.deed}") for v in VIEWS], self, views=True)
        self.strip.setAccessibleName(say("bar.views"))
        self.button = QToolButton(self)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        menu = QMenu(self.button)
        for place, spec in enumerate(VIEWS):
            action = actions[spec.deed]
            menu.addAction(action)
            action.changed.connect(self._follow_actions)
            self.strip.setTabToolTip(place, f"{action.text()}  {actions.shortcut_text(spec.deed)}")
        self.button.setMenu(menu)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(_Rule(self))
        line.addWidget(self.strip)
        line.addWidget(self.button)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.strip.currentChanged.connect(self._choose)
        store.changed.connect(self._follow)
        self._render(store.state)
        self.set_folded(False)

    def set_folded(self, folded: bool) -> None:
        """One button with a menu, or all tabs."""
        self._is_folded = folded
        self.strip.setVisible(not folded)
        self.button.setVisible(folded)

    @property
    def is_folded(self) -> bool:
        """Whether the views are a menu."""
        return self._is_folded

    def _choose(self, place: int) -> None:
        self._actions[VIEWS[place].deed].trigger()

    def _follow(self, old: AppState, new: AppState) -> None:
        if old.view_name != new.view_name:
            self._render(new)
        if old.result is not new.result or old.phase is not new.phase:
            self._count(new)

    def _render(self, state: AppState) -> None:
        place = VIEWS.index(view_spec(state.view_name))
        if place != self.strip.currentIndex():
            blocked = self.strip.blockSignals(True)  # it follows the state, it does not ask for it
            self.strip.setCurrentIndex(place)
            self.strip.blockSignals(blocked)
        name = say(f"action.{VIEWS[place].deed}")
        if name != self.button.text():
            self.button.setText(name)
            self.button.setAccessibleName(say("bar.view", name=name))

    def _count(self, state: AppState) -> None:
        for place, spec in enumerate(VIEWS):
            if spec.badge is not None:
                self.strip.set_badge(place, spec.badge(state), "warn")

    def _follow_actions(self) -> None:
        for place, spec in enumerate(VIEWS):
            enabled = self._actions[spec.deed].isEnabled()
            if self.strip.isTabEnabled(place) != enabled:
                self.strip.setTabEnabled(place, enabled)
