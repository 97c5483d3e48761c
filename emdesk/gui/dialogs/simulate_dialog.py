"""How many rows are drawn from the fit on the desk, and from which seed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from emdesk.app.simulation import MOST_ROWS
from emdesk.gui.editors import NumberEditor
from emdesk.gui.theme import theme
from emdesk.gui.widgets import Button, Text
from emdesk.model.fields import BoundField, Field
from emdesk.texts import say

WIDTH = 440
MOST_SEED = 2**31 - 1


class SimulateDialog(QDialog):
    """Two numbers; `wanted` carries rows and seed."""

    wanted = Signal(int, int)

    def __init__(self, rows: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(say("simulate.dialog"))
        self.setModal(True)
        self.setFixedWidth(theme().px(WIDTH))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 18)
        layout.setSpacing(10)
        layout.addWidget(Text(say("simulate.dialog"), "dialog", self))
        layout.addWidget(Text(say("simulate.says"), "body", self, wrap=True))
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        self.rows = self._field(grid, 0, "simulate.rows_label", rows, 1, MOST_ROWS)
        self.seed = self._field(grid, 1, "simulate.seed_label", 0, 0, MOST_SEED)
        layout.addLayout(grid)
        self._hint = Text("", "hint", self, wrap=True)
        layout.addWidget(self._hint)
        layout.addLayout(self._foot())
        for _, editor in (self.rows, self.seed):
            editor.entered.connect(lambda _text: self._judge())

    def _field(
        self, grid: QGridLayout, row: int, key: str, value: int, low: int, high: int
    ) -> tuple[BoundField, NumberEditor]:
        bound = BoundField(key, int, value, Field(say(key), "", low=low, high=high))
        editor = NumberEditor(bound, self)
        editor.show_value(value)
        grid.addWidget(Text(say(key), "secondary", self), row, 0)
        grid.addWidget(editor, row, 1)
        return bound, editor

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        cancel = Button(say("unsaved.cancel"), "outline", "", self)
        cancel.clicked.connect(lambda _checked=False: self.reject())
        self.simulate_button = Button(say("simulate.act"), "primary", "", self)
        self.simulate_button.setDefault(True)
        self.simulate_button.clicked.connect(lambda _checked=False: self._end())
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.simulate_button)
        return foot

    def _numbers(self) -> tuple[int, int]:
        """Rows and seed; a SettingProblem for what is no such number."""
        rows, seed = (
            bound.parse(editor.lineEdit().text()) for bound, editor in (self.rows, self.seed)
        )
        return int(rows), int(seed)

    def _judge(self) -> None:
        from emdesk.errors import SettingProblem

        try:
            self._numbers()
            told = ""
        except SettingProblem as problem:
            told = problem.sentence
        self._hint.setText(told)
        self.simulate_button.setEnabled(not told)

    def _end(self) -> None:
        rows, seed = self._numbers()
        self.accept()
        self.wanted.emit(rows, seed)
