"""Buttons: primary, outlined and quiet ones, icon buttons, and the one run button."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton, QWidget

from emdesk.gui.icons import icon
from emdesk.gui.theme import font, theme
from emdesk.gui.tokens import TYPE
from emdesk.gui.widgets.text import restyle
from emdesk.texts import say

DOUBLE_CLICK_GUARD_MS = 400


class Button(QPushButton):
    """A button; `kind` is primary (one on a screen), outline or quiet."""

    def __init__(
        self,
        text: str,
        kind: str = "outline",
        icon_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._icon_name = icon_name
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        self.setIconSize(QSize(16, 16))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_kind(kind)

    def set_kind(self, kind: str) -> None:
        """Primary, outline or quiet."""
        self.setProperty("kind", kind)
        if self._icon_name:
            self.setIcon(icon(self._icon_name, "on_accent" if kind == "primary" else "text2"))
        restyle(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self.property("kind") == "primary":
            # violet on violet cannot be seen: the ring of a filled button lies inside it
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme().tokens.on_accent), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), 4, 4)

    def set_icon_name(self, icon_name: str) -> None:
        """Another icon, in the colour of the kind."""
        self._icon_name = icon_name
        self.set_kind(self.property("kind"))


class IconButton(QToolButton):
    """An icon in a target of 26 to 32 px; its name is its tooltip and its accessible name."""

    def __init__(
        self,
        icon_name: str,
        name: str,
        parent: QWidget | None = None,
        *,
        size: int = 26,
        role: str = "text2",
        clicked: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(parent)
        self._role = role
        side = 18 if size >= 32 else 16
        self.setIconSize(QSize(side, side))
        self.setFixedSize(size, size)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoRaise(True)
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.set_icon_name(icon_name)
        if clicked is not None:
            self.clicked.connect(lambda _checked=False: clicked())

    def set_icon_name(self, icon_name: str, role: str | None = None) -> None:
        """Show another icon."""
        self._role = role or self._role
        self.setIcon(icon(icon_name, self._role, self.iconSize().width()))


class RunState(StrEnum):
    """The four words of the run button."""

    RUN = "run"
    PAUSE = "pause"
    CONTINUE = "continue"
    AGAIN = "again"


_RUN_ICONS = {
    RunState.RUN: "play-fill",
    RunState.PAUSE: "pause-fill",
    RunState.CONTINUE: "play-fill",
    RunState.AGAIN: "play-fill",
}


class RunButton(Button):
    """Run, Pause, Continue, Run again: one button whose width never changes.

    `actRequested` carries the state it was in when it was pressed. A second click within 400 ms is
    not an act, so a double click never starts and pauses at once.
    """

    actRequested = Signal(RunState)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "primary", "play-fill", parent)
        self._state = RunState.RUN
        self._since_act = QElapsedTimer()
        self.clicked.connect(self._request)
        theme().changed.connect(self._keep_width)
        self._keep_width()
        self.set_state(RunState.RUN)

    @property
    def state(self) -> RunState:
        """Which of the four words it shows."""
        return self._state

    def set_state(self, state: RunState) -> None:
        """Show another word; the width stays."""
        self._state = RunState(state)
        word = say(f"run.{self._state}")
        self.setText(word)
        self.setAccessibleName(word)
        self.set_icon_name(_RUN_ICONS[self._state])

    @Slot()
    def _keep_width(self) -> None:
        metrics = QFontMetrics(font(TYPE.body, 600))
        longest = max(metrics.horizontalAdvance(say(f"run.{state}")) for state in RunState)
        self.setFixedWidth(max(118, longest + 16 + 4 + 2 * 13))

    @Slot()
    def _request(self) -> None:
        if self._since_act.isValid() and self._since_act.elapsed() < DOUBLE_CLICK_GUARD_MS:
            return
        self._since_act.start()
        self.actRequested.emit(self._state)
