"""What a panel shows before it has anything: what will be here and the one thing to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from emdesk.gui.widgets.buttons import Button
from emdesk.gui.widgets.icon_label import IconLabel
from emdesk.gui.widgets.text import Text


class EmptyState(QWidget):
    """A 28 px icon, a title, a sentence of two lines and one button."""

    acted = Signal()

    def __init__(
        self,
        icon_name: str,
        title: str,
        text: str,
        button: str = "",
        button_icon: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = IconLabel(icon_name, "control", 28, self)
        self._title = Text(title, "message", self)
        self._text = Text(text, "small", self, wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setMaximumWidth(340)
        self.button = Button(button, "outline", button_icon, self)
        self.button.clicked.connect(lambda _checked=False: self.acted.emit())
        self.button.setVisible(bool(button))
        layout = QVBoxLayout(self)
        layout.setSpacing(6)
        layout.addStretch(1)
        for part, gap in ((self._icon, 4), (self._title, 0), (self._text, 6), (self.button, 0)):
            line = QHBoxLayout()
            line.addStretch(1)
            line.addWidget(part, 100 if part is self._text else 0)
            line.addStretch(1)
            layout.addLayout(line)
            layout.addSpacing(gap)
        layout.addStretch(1)

    def set_text(self, title: str, text: str, button: str = "") -> None:
        """Other words."""
        self._title.setText(title)
        self._text.setText(text)
        self.button.setText(button)
        self.button.setVisible(bool(button))
