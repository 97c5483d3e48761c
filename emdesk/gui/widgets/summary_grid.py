"""Names and values in one or more pairs of columns."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLayout, QWidget

from emdesk.gui.widgets.text import Text

SPACING = 8


class SummaryGrid(QWidget):
    """Rows of a name and a value; values stand at the right and stay in place as they change.

    Where the pairs of columns would not fit side by side they stand one below the other.
    """

    def __init__(self, pairs: int = 1, parent: QWidget | None = None, *, gap: int = 20) -> None:
        super().__init__(parent)
        self._most_pairs = pairs
        self._gap = gap
        self._used = 0
        self._arrangement: tuple[int, int, int] | None = None
        self._names: list[Text] = []
        self._values: list[Text] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(3)
        self._grid.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)

    def set_values(self, values: Sequence[tuple[str, str]], tooltips: Sequence[str] = ()) -> None:
        """Show these names and values, filling one pair of columns after the other."""
        while len(self._names) < len(values):
            self._add_cell()
        self._used = len(values)
        for index, (name, value) in enumerate(zip(self._names, self._values, strict=True)):
            used = index < len(values)
            name.setVisible(used)
            value.setVisible(used)
            if not used:
                continue
            self._write(name, values[index][0])
            self._write(value, values[index][1])
            value.setToolTip(tooltips[index] if index < len(tooltips) else "")
            value.setAccessibleName(f"{values[index][0]} {values[index][1]}")
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._grid.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _slack(self) -> int:
        """The room that would be left between the pairs of columns side by side."""
        height = -(-self._used // self._most_pairs) or 1
        wide = (self._most_pairs - 1) * 2 * SPACING
        for first in range(0, self._used, height):
            part = range(first, min(first + height, self._used))
            wide += max(self._names[i].sizeHint().width() for i in part) + SPACING
            wide += max(self._values[i].sizeHint().width() for i in part)
        return (self.width() - wide) // max(1, self._most_pairs - 1)

    def _arrange(self) -> None:
        slack = self._slack()
        pairs = self._most_pairs if slack >= 0 else 1
        arrangement = (pairs, min(self._gap, max(slack, 0)), self._used)
        if arrangement == self._arrangement:
            return
        self._arrangement = arrangement
        height = -(-self._used // pairs) or 1
        for index in range(self._used):
            row, pair = index % height, index // height
            self._grid.addWidget(self._names[index], row, 3 * pair)
            self._grid.addWidget(self._values[index], row, 3 * pair + 1)
        for pair in range(self._most_pairs):
            self._grid.setColumnStretch(3 * pair, 1 if pair < pairs else 0)
            gap = arrangement[1] if pair + 1 < pairs else 0
            self._grid.setColumnMinimumWidth(3 * pair + 2, gap)
        self.updateGeometry()

    def value(self, name: str) -> str:
        """The value beside a name."""
        index = next(i for i, label in enumerate(self._names) if label.text() == name)
        return self._values[index].text()

    def _add_cell(self) -> None:
        self._names.append(Text("", "small", self))
        value = Text("", "number", self)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._values.append(value)

    @staticmethod
    def _write(label: Text, text: str) -> None:
        if label.text() != text:
            label.setText(text)
