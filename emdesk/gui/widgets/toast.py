"""A short word at the foot of the window about something done."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from emdesk.gui.widgets.text import Text

SHOWN_MS = 4000


class Toast(QFrame):
    """Shown for four seconds at the foot of its parent; it never takes the focus or a click."""

    def __init__(self, parent: QWidget, foot: int = 42) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._over = parent
        self._foot = foot
        self._text = Text("", "small", self)
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 7, 14, 7)
        layout.addWidget(self._text)
        parent.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """The last word shown."""
        return self._text.text()

    def show_text(self, text: str) -> None:
        """Show a word for four seconds; a new one replaces the old."""
        self._text.setText(text)
        self._place()
        self.show()
        self.raise_()
        self._timer.start()
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        self.adjustSize()
        left = (self._over.width() - self.width()) // 2
        self.move(left, self._over.height() - self.height() - self._foot)
