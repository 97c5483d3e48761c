"""One line that states a verdict: icon, sentence, and the tint of its role."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from emdesk.gui.widgets.icon_label import IconLabel
from emdesk.gui.widgets.text import ElidedText


class Verdict(Enum):
    """What can be said of a fit: icon and role."""

    RISING = ("trend-up", "accent")
    CONVERGED = ("check-circle-fill", "ok")
    LIMIT_REACHED = ("warning-fill", "warn")
    STOPPED = ("stop-fill", "warn")
    COLLAPSED = ("warning-circle-fill", "bad")
    FELL = ("trend-down", "bad")
    NOTE = ("info", "info")
    WARNING = ("warning", "warn")


class VerdictLine(QWidget):
    """Icon and sentence; it takes no height while it has nothing to say."""

    def __init__(self, parent: QWidget | None = None, *, wrap: bool = False) -> None:
        super().__init__(parent)
        self._wraps = wrap
        self._icon = IconLabel("info", "info", 15, self)
        self._text = ElidedText("", "verdict", self, mode=Qt.TextElideMode.ElideRight)
        self._text.setWordWrap(wrap)
        self._text.setSizePolicy(
            QSizePolicy.Policy.Expanding if wrap else QSizePolicy.Policy.Ignored,
            QSizePolicy.Policy.Preferred,
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(7)
        layout.addWidget(self._icon)
        layout.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._text.full

    def set_verdict(self, verdict: Verdict, text: str, *, whole: bool = False) -> None:
        """Show a sentence, on as many lines as it needs if the `whole` of it matters; an empty one hides the line."""
        icon_name, role = verdict.value
        self._text.setWordWrap(self._wraps or whole)
        self._icon.set_icon(icon_name, role)
        self._text.set_full(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
