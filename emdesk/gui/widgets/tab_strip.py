"""Tabs with the current one underlined, and a badge where something is unread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QTabBar, QWidget

from emdesk.gui.theme import theme
from emdesk.gui.widgets.text import Badge, restyle


class TabStrip(QTabBar):
    """Tabs of a card; with `views` the larger tabs of the toolbar."""

    def __init__(
        self, labels: Sequence[str], parent: QWidget | None = None, *, views: bool = False
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "view" if views else "card")
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._badges: dict[int, Badge] = {}
        restyle(self)
        for label in labels:
            index = self.addTab(label)
            self.setAccessibleTabName(index, label)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme().tokens.accent), 2))
            ring = QRectF(self.tabRect(self.currentIndex())).adjusted(1, 5, -1, -5)
            painter.drawRoundedRect(ring, 4, 4)

    def set_badge(self, index: int, count: int, role: str = "info") -> None:
        """Show a count beside a tab, or nothing at 0."""
        badge, side = self._badges.get(index), QTabBar.ButtonPosition.RightSide
        if count and badge is None:
            badge = self._badges[index] = Badge(count, role, self)
            self.setTabButton(index, side, badge)
        elif count == 0 and badge is not None:
            # the tab keeps the room of a hidden badge, so it has to be taken out
            self.setTabButton(index, side, None)
            self._badges.pop(index).deleteLater()
        elif badge is not None:
            badge.set_count(count, role)
        name = f"{self.tabText(index)} {count}" if count else self.tabText(index)
        self.setAccessibleTabName(index, name)
