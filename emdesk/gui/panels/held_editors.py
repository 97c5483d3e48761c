"""The fixed values of the model, each with its number, and what is tied, each with a way to let go of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.holding import Place, label_of, place_words, shape_of
from emdesk.app.model_spec import ModelSpec
from emdesk.app.state import AppState
from emdesk.app.tying import place_words as tie_words
from emdesk.app.tying import tie_label
from emdesk.gui.editors import mark_wrong
from emdesk.gui.store import Store
from emdesk.gui.widgets import ElidedText, IconButton, IconLabel, Section, Text
from emdesk.model.family import Family
from emdesk.model.held import HeldValue
from emdesk.model.tied import Tie
from emdesk.texts import say, say_count
from emdesk.texts.numbers import MINUS

VALUE_WIDTH = 78
DIGITS = 5


class ValueField(QLineEdit):
    """A number typed with either decimal mark; `valueTyped` tells it when the field is left or Return is pressed."""

    valueTyped = Signal(float)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = math.nan
        self.setAccessibleName(name)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(VALUE_WIDTH)
        self.textEdited.connect(lambda _text: mark_wrong(self, not math.isfinite(self._typed())))
        self.editingFinished.connect(self._tell)

    def show_value(self, value: float) -> None:
        """Show a number as far as there is room; the tooltip has all its digits."""
        self._value = value
        mark_wrong(self, False)
        self.setText(f"{value:.{DIGITS}g}".replace("-", MINUS))
        self.setToolTip(repr(value))
        self.setCursorPosition(0)

    def _typed(self) -> float:
        plain = self.text().strip().replace(MINUS, "-").replace(",", ".")
        for space in ("\u202f", "\u00a0", " "):
            plain = plain.replace(space, "")
        try:
            return float(plain)
        except ValueError:
            return math.nan

    def _tell(self) -> None:
        if not self.isModified():
            return
        value = self._typed()
        if not math.isfinite(value):
            self.show_value(self._value)
        elif value != self._value:
            self._value = value
            self.valueTyped.emit(value)


class HeldLine(QWidget):
    """One number that is held, or one matrix."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ElidedText(label, "secondary", self)
        self.name.set_full(label)
        self.value = ValueField(label, self)
        self.whole = Text(say("held.whole"), "small", self)
        self.remove = IconButton("x", say("held.release_one", name=label), self)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 2, 0, 2)
        line.setSpacing(6)
        line.addWidget(IconLabel("push-pin", "text2", 14, self))
        line.addWidget(self.name, 1)
        line.addWidget(self.whole)
        line.addWidget(self.value)
        line.addWidget(self.remove)

    def show_value(self, value: float | None) -> None:
        """Show a number to be changed, or that a whole matrix is held (None)."""
        self.value.setVisible(value is not None)
        self.whole.setVisible(value is None)
        if value is not None:
            self.value.show_value(value)


class TieLine(QWidget):
    """A parameter that is equal in some components."""

    def __init__(self, label: str, groups: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ElidedText(label, "secondary", self)
        self.name.set_full(label)
        self.groups = Text(groups, "small", self)
        self.remove = IconButton("x", say("tied.release_one", name=label), self)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 2, 0, 2)
        line.setSpacing(6)
        line.addWidget(IconLabel("link-simple", "text2", 14, self))
        line.addWidget(self.name, 1)
        line.addWidget(self.groups)
        line.addWidget(self.remove)


class HeldEditors(Section):
    """A section of the form, closed at first, with one line for each number that is held, and each that is tied."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(say("held.section"), parent, foldable=True)
        self._store = store
        self._shown: tuple[tuple[str, Place], ...] = ()
        self.lines: list[HeldLine] = []
        self._shown_ties: tuple[tuple[Tie, str, str], ...] = ()
        self.tie_lines: list[TieLine] = []
        self._hint = Text(say("held.how"), "hint", self, wrap=True)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self.body.addLayout(self._rows)
        self._tie_rows = QVBoxLayout()
        self._tie_rows.setSpacing(0)
        self.body.addLayout(self._tie_rows)
        self.body.addWidget(self._hint)

    def render_held(self, state: AppState) -> None:
        """Show what the form holds and ties."""
        spec = state.spec
        if spec is None or self.header is None:
            return
        family = spec.family_in(state.catalogue)
        self.setVisible(bool(family.holdable or family.tieable))
        self.header.set_summary(_summary(len(spec.held), len(spec.ties)))
        self._render_ties(state, spec, family)
        entries: dict[tuple[str, Place], tuple[str, HeldValue, bool]] = {}
        for one in spec.held:
            is_single = not shape_of(spec, family, one.name).is_matrix
            key = (one.name, one.place if is_single else one.place[:1])
            place = place_words(spec, family, one)
            words = place if is_single else str(one.place[0] + 1)
            label = say("held.line", label=label_of(family, one.name), place=words)
            entries.setdefault(key, (label, one, is_single))
        if tuple(entries) != self._shown or [t for t, _, _ in entries.values()] != self._labels():
            self._make_lines(entries)
        for line, (_, one, is_single) in zip(self.lines, entries.values(), strict=True):
            line.show_value(one.value if is_single else None)
        self._hint.setVisible(not spec.holding)

    def _render_ties(self, state: AppState, spec: ModelSpec, family: Family) -> None:
        wanted = tuple(
            (
                tie,
                tie_label(spec, family, tie, state.dataset),
                tie_words(spec, family, tie)[0] or say("tied.all"),
            )
            for tie in spec.ties
        )
        if wanted == self._shown_ties:
            return
        self._shown_ties = wanted
        _let_go(self._tie_rows, self.tie_lines)
        self.tie_lines = [TieLine(label, groups, self) for _, label, groups in wanted]
        for (tie, _, _), line in zip(wanted, self.tie_lines, strict=True):
            line.remove.clicked.connect(partial(self._untie, tie))
            self._tie_rows.addWidget(line)

    def _labels(self) -> list[str]:
        return [line.value.accessibleName() for line in self.lines]

    def _make_lines(self, entries: dict[tuple[str, Place], tuple[str, HeldValue, bool]]) -> None:
        _let_go(self._rows, self.lines)
        self.lines = []
        self._shown = tuple(entries)
        for (name, _), (label, one, _) in entries.items():
            line = HeldLine(label, self)
            line.value.valueTyped.connect(partial(self._change, name, one.place))
            line.remove.clicked.connect(partial(self._release, name, one.place))
            self._rows.addWidget(line)
            self.lines.append(line)

    def _change(self, name: str, place: Place, value: float) -> None:
        self._store.do(commands.hold_value, name, place, value)

    def _release(self, name: str, place: Place, _checked: bool = False) -> None:
        self._store.do(commands.release_value, name, place)

    def _untie(self, tie: Tie, _checked: bool = False) -> None:
        self._store.do(commands.untie, tie)


def _let_go(rows: QVBoxLayout, lines: Sequence[QWidget]) -> None:
    for line in lines:
        rows.removeWidget(line)
        line.hide()
        line.deleteLater()


def _summary(held: int, tied: int) -> str:
    """How many numbers are held and parameters tied."""
    counts = [say_count("held.count", held)] if held else []
    counts += [say_count("tied.count", tied)] if tied else []
    if len(counts) == 2:
        return say("tied.and", held=counts[0], tied=counts[1])
    return counts[0] if counts else say("form.more_none")
