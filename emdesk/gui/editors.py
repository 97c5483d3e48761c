"""One editor for each type of setting; each shows a value, and tells what was entered by hand.

A number is told as the text that was typed: the form judges it, and what is half typed stays.
"""

from __future__ import annotations

import math
from collections.abc import Collection

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from emdesk.errors import SettingProblem
from emdesk.gui.icons import covariance_glyph, has_covariance_glyph
from emdesk.gui.widgets.combo_box import ComboBox
from emdesk.gui.widgets.segmented import SegmentedControl
from emdesk.gui.widgets.text import restyle
from emdesk.model.fields import BoundField, Value
from emdesk.texts import say, translated
from emdesk.texts.numbers import MINUS, whole

FIELD_WIDTH = 122
MOST_LETTERS = 18
"""Segments have one width, so that of the longest; words that do not fit side by side stand in a list."""


def mark_wrong(editor: QWidget, wrong: bool) -> None:
    """Give an editor the red outline of a value that does not work, or take it away."""
    if bool(editor.property("wrong")) != wrong:
        editor.setProperty("wrong", wrong)
        restyle(editor)


def number_text(bound: BoundField, value: Value) -> str:
    """A number as the form shows it: 1 000, 0.05, 1e−8."""
    if bound.type is int:
        return whole(float(value))
    number = float(value)
    if number and not 1e-4 <= abs(number) < 1e6:
        mantissa, exponent = f"{number:.15e}".split("e")
        digits = f"{float(mantissa):.15g}"
        return f"{digits}e{int(exponent)}".replace("-", MINUS)
    return f"{number:.15g}".replace("-", MINUS)


def value_text(bound: BoundField, value: Value) -> str:
    """Any value as the form names it."""
    if bound.type is bool:
        return say("form.on" if value else "form.off")
    if bound.type is str:
        choice = bound.choice(str(value))
        return translated(choice.label) if choice else str(value)
    return number_text(bound, value)


class NumberEditor(QAbstractSpinBox):
    """A whole or real number; arrow keys step, by factors of ten where it is logarithmic."""

    entered = Signal(object)

    def __init__(self, bound: BoundField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bound = bound
        if bound.type is not int:
            self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(bound.label)
        self.lineEdit().textEdited.connect(self.entered.emit)
        self.editingFinished.connect(self._tidy)

    def show_value(self, value: Value) -> None:
        if self._meant() != value:
            self.lineEdit().setText(number_text(self._bound, value))

    def stepBy(self, steps: int) -> None:
        value = self._meant()
        if value is None:
            return
        stepped = self._stepped(value, steps)
        if stepped != value:
            text = number_text(self._bound, stepped)
            self.lineEdit().setText(text)
            self.selectAll()
            self.entered.emit(text)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        value = self._meant()
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if value is None:
            return flags
        low, high = self._bound.field.low, self._bound.field.high
        if high is None or value < high:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if low is None or value > low:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        return QValidator.State.Acceptable, text, position  # the form judges, in a sentence

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # a wheel meant for the dock must not change the model

    def sizeHint(self) -> QSize:
        return QSize(FIELD_WIDTH, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(FIELD_WIDTH - 32, super().minimumSizeHint().height())

    def _meant(self) -> float | int | None:
        try:
            value = self._bound.parse(self.lineEdit().text())
        except SettingProblem:
            return None
        return None if isinstance(value, str) else value

    def _stepped(self, value: float, steps: int) -> float | int:
        field = self._bound.field
        if self._bound.type is int:
            stepped: float = round(value) + steps
        elif field.logarithmic and value > 0:
            stepped = 10.0 ** (math.log10(value) + steps)
            stepped = float(f"{stepped:.6g}")
        else:
            size = 10.0 ** math.floor(math.log10(abs(value))) / 10 if value else 0.01
            stepped = float(f"{value + steps * size:.12g}")
        low = -math.inf if field.low is None else field.low
        high = math.inf if field.high is None else field.high
        stepped = min(high, max(low, stepped))
        return round(stepped) if self._bound.type is int else stepped

    def _tidy(self) -> None:
        value = self._meant()
        if value is not None:
            self.lineEdit().setText(number_text(self._bound, value))


class SwitchEditor(QCheckBox):
    """Yes or no."""

    entered = Signal(object)

    def __init__(self, bound: BoundField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(bound.label)
        self.clicked.connect(self.entered.emit)

    def show_value(self, value: Value) -> None:
        self.setChecked(bool(value))


class SegmentsEditor(SegmentedControl):
    """Two or three choices side by side."""

    entered = Signal(object)

    def __init__(self, bound: BoundField, parent: QWidget | None = None) -> None:
        choices = [(c.value, translated(c.label)) for c in bound.field.choices]
        super().__init__(choices, bound.label, parent)
        for choice in bound.field.choices:
            self.segment(choice.value).setToolTip(translated(choice.help))
        self.chosen.connect(self.entered.emit)

    def show_value(self, value: Value) -> None:
        if value != self.value:
            self.set_value(str(value))


class ListEditor(ComboBox):
    """More choices, in a list; covariance structures with their glyph."""

    entered = Signal(object)

    def __init__(self, bound: BoundField, parent: QWidget | None = None) -> None:
        super().__init__(bound.label, parent)
        self.setIconSize(QSize(30, 15))
        self._choices = bound.field.choices
        self.offer([choice.value for choice in self._choices])
        self.activated.connect(self._tell)

    def offer(self, values: Collection[str]) -> None:
        """List only these choices, in the order of the declaration."""
        offered = [choice for choice in self._choices if choice.value in values]
        if [self.itemData(place) for place in range(self.count())] == [c.value for c in offered]:
            return
        shown = self.currentData()
        self.clear()
        for choice in offered:
            if has_covariance_glyph(choice.value):
                self.addItem(covariance_glyph(choice.value), translated(choice.label), choice.value)
            else:
                self.addItem(translated(choice.label), choice.value)
            if choice.help:
                tip = Qt.ItemDataRole.ToolTipRole
                self.setItemData(self.count() - 1, translated(choice.help), tip)
        self.setCurrentIndex(self.findData(shown))

    def show_value(self, value: Value) -> None:
        self.setCurrentIndex(self.findData(value))

    def sizeHint(self) -> QSize:
        return QSize(FIELD_WIDTH, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(FIELD_WIDTH - 32, super().minimumSizeHint().height())

    def _tell(self, index: int) -> None:
        self.entered.emit(self.itemData(index))


class TextEditor(QLineEdit):
    """A free text."""

    entered = Signal(object)

    def __init__(self, bound: BoundField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(bound.label)
        self.setMinimumWidth(FIELD_WIDTH - 32)
        self.textEdited.connect(self.entered.emit)

    def show_value(self, value: Value) -> None:
        if self.text() != value:
            self.setText(str(value))


AnyEditor = NumberEditor | SwitchEditor | SegmentsEditor | ListEditor | TextEditor


def editor_for(bound: BoundField, parent: QWidget | None = None) -> AnyEditor:
    """The editor that fits the type and the choices of a setting."""
    if bound.field.choices:
        words = [translated(choice.label) for choice in bound.field.choices]
        fit = len(words) <= 3 and len(words) * max(map(len, words)) <= MOST_LETTERS
        return SegmentsEditor(bound, parent) if fit else ListEditor(bound, parent)
    if bound.type is bool:
        return SwitchEditor(bound, parent)
    if bound.type is str:
        return TextEditor(bound, parent)
    return NumberEditor(bound, parent)
