"""Two to five choices side by side, one of them chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

_STEPS: dict[int, int] = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}


class Segment(QPushButton):
    """One choice of a segmented control."""

    def __init__(self, label: str, parent: QWidget) -> None:
        super().__init__(label, parent)
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setAccessibleName(label)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _STEPS:
            event.ignore()  # the control moves; a button would only look for a neighbour to focus
        else:
            super().keyPressEvent(event)


class SegmentedControl(QFrame):
    """Choices in one track; arrow keys move in it, `chosen` carries what was picked by hand."""

    chosen = Signal(str)

    def __init__(
        self, choices: Sequence[tuple[str, str]], name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._values = [value for value, _ in choices]
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        for index, (_, label) in enumerate(choices):
            segment = Segment(label, self)
            self._group.addButton(segment, index)
            layout.addWidget(segment, 1)
        self._group.idClicked.connect(self._pick)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_value(self._values[0])

    @property
    def value(self) -> str:
        """The chosen value, empty where none is."""
        place = self._group.checkedId()
        return self._values[place] if place >= 0 else ""

    def set_value(self, value: str) -> None:
        """Choose without telling; a value that is not offered leaves none chosen."""
        self._group.setExclusive(False)
        for place, own in enumerate(self._values):
            self._group.button(place).setChecked(own == value)
        self._group.setExclusive(True)
        self._rove()

    def segment(self, value: str) -> Segment:
        """The button of a value."""
        button = self._group.button(self._values.index(value))
        assert isinstance(button, Segment)
        return button

    @property
    def room_needed(self) -> int:
        """The width at which every word can be read: all segments are as wide as the longest."""
        segments = self._group.buttons()
        return len(segments) * max(segment.sizeHint().width() for segment in segments) + 2

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = _STEPS.get(event.key())
        if move is None:
            super().keyPressEvent(event)
            return
        index = (self._group.checkedId() + move) % len(self._values)
        self._group.button(index).setChecked(True)
        self._group.button(index).setFocus(Qt.FocusReason.TabFocusReason)
        self._pick(index)

    def _pick(self, index: int) -> None:
        self._rove()
        self.chosen.emit(self._values[index])

    def _rove(self) -> None:
        # Tab reaches the chosen segment only, as with radio buttons
        reached = max(0, self._group.checkedId())
        for place in range(len(self._values)):
            policy = Qt.FocusPolicy.TabFocus if place == reached else Qt.FocusPolicy.NoFocus
            self._group.button(place).setFocusPolicy(policy)
