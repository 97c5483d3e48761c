"""A form made from declared settings: one row a field, in sections, judged while typing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from emdesk.errors import SettingProblem
from emdesk.gui.editors import FIELD_WIDTH, ListEditor, editor_for, mark_wrong, value_text
from emdesk.gui.theme import theme
from emdesk.gui.tokens import SPACE
from emdesk.gui.widgets.icon_label import IconLabel
from emdesk.gui.widgets.section import Section
from emdesk.gui.widgets.segmented import SegmentedControl
from emdesk.gui.widgets.text import Text
from emdesk.gui.widgets.tooltip import tooltip_text
from emdesk.model.fields import BoundField, Value, fields_of
from emdesk.texts import say, say_count, translated

LABEL_WIDTH = 96


class DefaultDot(QToolButton):
    """The violet dot of a value that differs from its default; it opens the row's menu."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(14, 18)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().tokens.accent)
        painter.drawEllipse(QRectF(4, 6, 6, 6))


class RowLabel(Text):
    """A label on one line where there is room, on two where there is not."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, "secondary", parent, wrap=True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        width = self.fontMetrics().horizontalAdvance(self.text()) + 2
        return QSize(width, super().sizeHint().height())


class FieldRow(QWidget):
    """Label, dot, editor, and below them the hint or the sentence about a wrong value."""

    entered = Signal(str, object)
    backRequested = Signal(str)

    def __init__(self, bound: BoundField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bound = bound
        self.label = RowLabel(bound.label, self)
        self.dot = DefaultDot(self)
        self.editor = editor_for(bound, self)
        self._hint = Text("", "hint", self, wrap=True)
        self._problem_icon = IconLabel("warning-circle-fill", "bad", 14, self)
        self._problem = Text("", "problem", self, wrap=True)
        self.label.setBuddy(self.editor)
        self._unit = Text(translated(bound.field.unit), "hint", self)
        self._unit.setVisible(bool(bound.field.unit))
        self._lay_out()
        self._teach()
        self.editor.entered.connect(self._tell)
        self.dot.clicked.connect(self._open_menu)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        theme().changed.connect(self._teach)
        self.show_state(bound.default, "")

    def show_state(self, value: Value, problem: str, *, keep_text: bool = False) -> None:
        """Show a value; with `keep_text` what is typed stays. A problem replaces the hint."""
        if not keep_text:
            self.editor.show_value(value)
        differs = value != self.bound.default
        default = value_text(self.bound, self.bound.default)
        self.dot.setVisible(differs)
        self.dot.setAccessibleName(say("form.differs", label=self.bound.label, default=default))
        self.dot.setToolTip(self.dot.accessibleName())
        # two or three choices stand side by side and explain themselves; a list shows one word of many
        is_list = len(self.bound.field.choices) > 3
        choice = self.bound.choice(str(value)) if is_list else None
        hint = translated(choice.help) if choice is not None else ""
        self._write(self._hint, "" if problem else hint)
        self._write(self._problem, problem)
        self._problem_icon.setVisible(bool(problem))
        self.editor.setAccessibleDescription(problem or self.bound.help)
        mark_wrong(self.editor, bool(problem))

    @property
    def problem(self) -> str:
        """The sentence under the field, if any."""
        return self._problem.text()

    @property
    def hint(self) -> str:
        """The hint under the field, if any."""
        return self._hint.text()

    def menu(self) -> QMenu:
        """The row's menu, made anew; it deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        default = value_text(self.bound, self.bound.default)
        back = menu.addAction(say("form.back_to", default=default))
        back.setEnabled(not self.dot.isHidden() or bool(self.problem))
        back.triggered.connect(lambda _checked=False: self.backRequested.emit(self.bound.name))
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stack_if_needed()

    def _stack_if_needed(self) -> None:
        # a word that does not fit, in the label or in a segment beside it, puts the label above: large text, long words
        metrics = self.label.fontMetrics()
        longest = max(metrics.horizontalAdvance(word) for word in self.bound.label.split() or [""])
        beside = max(LABEL_WIDTH, self.width() * 3 // 7)
        down = QBoxLayout.Direction.TopToBottom
        segments = self.editor.room_needed if isinstance(self.editor, SegmentedControl) else 0
        fits = longest + self.dot.width() + 4 <= beside and segments <= self.width() - beside
        direction = QBoxLayout.Direction.LeftToRight if fits else down
        if self._line.direction() != direction:
            self._line.setDirection(direction)
            self._line.setSpacing(0 if fits else SPACE.tight)

    def _lay_out(self) -> None:
        line = self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        line.setSpacing(0)
        names = QWidget(self)
        names.setMinimumWidth(LABEL_WIDTH)
        beside = QHBoxLayout(names)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(2)
        beside.addWidget(self.label)
        beside.addWidget(self.dot)
        beside.addStretch(1)
        line.addWidget(names, 3)
        field = QWidget(self)
        field.setMinimumWidth(FIELD_WIDTH)
        inside = QHBoxLayout(field)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(6)
        inside.addWidget(self.editor, 1)
        inside.addWidget(self._unit)
        line.addWidget(field, 4)
        below = QHBoxLayout()
        below.setSpacing(6)
        below.addWidget(self._problem_icon, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self._problem, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 3, 0, 3)
        layout.setSpacing(4)
        layout.addLayout(line)
        layout.addWidget(self._hint)
        layout.addLayout(below)

    @staticmethod
    def _write(label: Text, text: str) -> None:
        if label.text() != text:
            label.setText(text)
        label.setVisible(bool(text))

    def _teach(self) -> None:
        tip = tooltip_text(self.bound.label, self.bound.help)
        self.label.setToolTip(tip)
        self.editor.setToolTip(tip)

    def _tell(self, entered: object) -> None:
        self.entered.emit(self.bound.name, entered)

    def _open_menu(self, place: QPoint | bool = False) -> None:
        at = place if isinstance(place, QPoint) else self.dot.geometry().bottomLeft()
        self.menu().popup(self.mapToGlobal(at))


class SettingsForm(QWidget):
    """Rows for every declared setting; it keeps nothing but the text that is being typed.

    `valueChanged(name, value)` carries a checked value entered by hand; `problemsChanged` tells
    that `problems` is another. `render_values` shows values without taking focus or cursor.
    """

    valueChanged = Signal(str, object)
    problemsChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, FieldRow] = {}
        self._sections: list[tuple[Section, list[str]]] = []
        self._more: Section | None = None
        self._declared: tuple[object, ...] = ()
        self._values: dict[str, Value] = {}
        self._typed: dict[str, str] = {}  # sentences about texts that mean no value
        self._outer: dict[str, str] = {}  # sentences about values that others found
        self._told: dict[str, str] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACE.small)

    @property
    def problems(self) -> dict[str, str]:
        """One sentence for each field with a value that does not work, by name."""
        shown = {name: row for name, row in self._rows.items() if not row.isHidden()}
        return {name: row.problem for name, row in shown.items() if row.problem}

    def row(self, name: str) -> FieldRow:
        """The row of a setting."""
        return self._rows[name]

    def names(self) -> tuple[str, ...]:
        """The settings in the order of the form."""
        return tuple(self._rows)

    def set_fields(self, settings: Sequence[type], only: Sequence[str] = ()) -> None:
        """Make the rows of these settings classes; the same ones again change nothing. `only` names the settings to
        show, all of them open and in this order."""
        if tuple(settings) == self._declared:
            return
        fields = [bound for one in settings for bound in fields_of(one)]
        self._make(tuple(settings), fields, only)

    def set_bound_fields(self, fields: Sequence[BoundField]) -> None:
        """Make the rows of these fields; the same ones by name and section again change nothing."""
        declared = tuple((bound.name, bound.field.section) for bound in fields)
        if declared != self._declared:
            self._make(declared, fields)

    def _make(
        self,
        declared: tuple[object, ...],
        fields: Sequence[BoundField],
        only: Sequence[str] = (),
    ) -> None:
        self._declared = declared
        self._clear()
        if only:
            by_name = {bound.name: bound for bound in fields}
            self._add_section(Section("", self, hairline=False), [by_name[n] for n in only])
            return
        for title in dict.fromkeys(b.field.section for b in fields if not b.field.more):
            rows = [b for b in fields if b.field.section == title and not b.field.more]
            self._add_section(Section(translated(title), self), rows)
        closed = [b for b in fields if b.field.more]
        if closed:
            self._more = Section(self._more_title(closed), self, foldable=True)
            self._add_section(self._more, closed)

    def offer(self, name: str, values: Collection[str]) -> None:
        """Offer only these choices of a setting that is chosen from a list."""
        editor = self._rows[name].editor
        if isinstance(editor, ListEditor):
            editor.offer(values)

    def render_values(
        self,
        values: Mapping[str, Any],
        facts: Mapping[str, Any],
        problems: Mapping[str, str] | None = None,
    ) -> None:
        """Show these values; `facts` of the model (how many `columns`, ...) decide with them what applies, `problems`
        are sentences about them that were found elsewhere."""
        every = {**values, **facts}
        self._outer = dict(problems or {})
        for name, row in self._rows.items():
            value = values.get(name, row.bound.default)
            applies = row.bound.field.applies
            row.setVisible(applies is None or applies(every))
            if row.isHidden() or self._values.get(name, value) != value:
                self._typed.pop(name, None)
            typed = self._typed.get(name, "")
            row.show_state(value, typed or self._outer.get(name, ""), keep_text=bool(typed))
            self._values[name] = value
        for section, names in self._sections:
            section.setVisible(any(not self._rows[name].isHidden() for name in names))
        self._name_more()
        self._summarise()
        self._tell_problems()

    def _add_section(self, section: Section, fields: Sequence[BoundField]) -> None:
        for bound in fields:
            row = FieldRow(bound, section)
            row.entered.connect(self._enter)
            row.backRequested.connect(self._go_back)
            section.body.addWidget(row)
            self._rows[bound.name] = row
        self._sections.append((section, [bound.name for bound in fields]))
        self._layout.addWidget(section)

    def _clear(self) -> None:
        for section, _ in self._sections:
            self._layout.removeWidget(section)
            section.hide()
            section.deleteLater()
        self._rows, self._sections, self._more = {}, [], None
        self._values, self._typed, self._outer = {}, {}, {}

    def _enter(self, name: str, entered: object) -> None:
        row = self._rows[name]
        value = self._values.get(name, row.bound.default)
        try:
            checked = (
                row.bound.parse(entered) if isinstance(entered, str) else row.bound.check(entered)
            )
        except SettingProblem as problem:
            self._typed[name] = problem.sentence
            row.show_state(value, problem.sentence, keep_text=True)
            self._tell_problems()
            return
        self._typed.pop(name, None)
        row.show_state(checked, self._outer.get(name, "") if checked == value else "")
        self._values[name] = checked
        self._summarise()
        self._tell_problems()
        if checked != value:
            self.valueChanged.emit(name, checked)

    def _go_back(self, name: str) -> None:
        row = self._rows[name]
        self._typed.pop(name, None)
        row.editor.show_value(row.bound.default)
        self._enter(name, row.bound.default)

    def _tell_problems(self) -> None:
        problems = self.problems
        if problems != self._told:
            self._told = problems
            self.problemsChanged.emit()

    @staticmethod
    def _more_title(fields: Sequence[BoundField]) -> str:
        first, *rest = dict.fromkeys(translated(bound.field.section) for bound in fields)
        return ", ".join([first, *(title[:1].lower() + title[1:] for title in rest)])

    def _name_more(self) -> None:
        """The heading of the closed section is what it has for this model."""
        if self._more is None or self._more.header is None:
            return
        rows = [self._rows[name] for name in self._sections[-1][1]]
        offered = [row.bound for row in rows if not row.isHidden()]
        if offered:
            self._more.header.set_title(self._more_title(offered))

    def _summarise(self) -> None:
        if self._more is None or self._more.header is None:
            return
        names = self._sections[-1][1]
        rows = [self._rows[name] for name in names]
        changed = sum(not row.dot.isHidden() for row in rows)
        summary = say_count("form.more_changed", changed) if changed else say("form.more_none")
        self._more.header.set_summary(summary)
