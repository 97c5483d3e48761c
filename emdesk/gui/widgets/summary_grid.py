"""Names and values in one or more pairs of columns."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from emdesk.gui.widgets.text import Text


class SummaryGrid(QWidget):
    """Rows of a name and a value; values stand at the right and stay in place as they change."""

    def __init__(self, pairs: int = 1, parent: QWidget | None = None, *, gap: int = 20) -> None:
        super().__init__(parent)
        self._pairs = pairs
        self._names: list[Text] = []
        self._values: list[Text] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(3)
        for pair in range(pairs):
            self._grid.setColumnStretch(3 * pair, 1)
            if pair + 1 < pairs:
                self._grid.setColumnMinimumWidth(3 * pair + 2, gap)

    def set_values(self, values: Sequence[tuple[str, str]], tooltips: Sequence[str] = ()) -> None:
        """Show these names and values, filling one pair of columns after the other."""
        while len(self._names) < len(values):
            self._add_cell()
        height = -(-len(values) // self._pairs) or 1
        for index, (name, value) in enumerate(zip(self._names, self._values, strict=True)):
            used = index < len(values)
            name.setVisible(used)
            value.setVisible(used)
            if not used:
                continue
            row, pair = index % height, index // height
            self._grid.addWidget(name, row, 3 * pair)
            self._grid.addWidget(value, row, 3 * pair + 1)
            self._write(name, values[index][0])
            self._write(value, values[index][1])
            value.setToolTip(tooltips[index] if index < len(tooltips) else "")
            value.setAccessibleName(f"{values[index][0]} {values[index][1]}")

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
