"""The model dock: family, law, the form of settings, where to start, and what the model costs."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.catalogue import Catalogue
from emdesk.app.model_spec import JOINT, ModelSpec, start_choices
from emdesk.app.shown import Outline
from emdesk.app.state import AppState
from emdesk.em.fit_settings import FitSettings
from emdesk.gui.editors import FIELD_WIDTH
from emdesk.gui.forms import SettingsForm
from emdesk.gui.panels.held_editors import HeldEditors
from emdesk.gui.panels.laws_editor import LawsEditor
from emdesk.gui.panels.start_editors import StartEditors
from emdesk.gui.store import Store
from emdesk.gui.widgets import ComboBox, Hairline, ScrollColumn, Section, Text
from emdesk.model.fields import fields_of
from emdesk.model.truncated_counts import can_be_truncated
from emdesk.texts import say, say_count, translated
from emdesk.texts.numbers import short, whole

FEW_ROWS_A_PARAMETER = 5
CHOICE_LABEL = 60
"""The two choices that come first have short labels and long words to choose from."""


class _Choice(QWidget):
    """A label and a list, as a row of the form."""

    def __init__(self, label: str, parent: QWidget) -> None:
        super().__init__(parent)
        text = Text(label, "secondary", self)
        text.setMinimumWidth(CHOICE_LABEL)
        self.box = ComboBox(label, self)
        self.box.setMinimumWidth(FIELD_WIDTH)
        text.setBuddy(self.box)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 3, 0, 3)
        line.setSpacing(4)
        line.addWidget(text)
        line.addWidget(self.box, 1)

    def show_items(self, items: tuple[tuple[str, str], ...], chosen: str) -> None:
        """Show (id, label) items with one chosen, without telling."""
        if [self.box.itemData(i) for i in range(self.box.count())] != [i for i, _ in items]:
            self.box.clear()
            for key, label in items:
                self.box.addItem(label, key)
        self.box.setCurrentIndex(self.box.findData(chosen))


class Footer(QWidget):
    """What the model costs: its parameters and the rows they come from; what waits for the next run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = Text("", "small", self, wrap=True)
        self._waiting = Text("", "small", self, wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 0, 14, 10)
        layout.setSpacing(2)
        layout.addWidget(Hairline(self))
        layout.addSpacing(8)
        layout.addWidget(self._count)
        layout.addWidget(self._waiting)

    @property
    def text(self) -> str:
        return self._count.text()

    @property
    def role(self) -> str:
        """How the count is written: `warning` where there are few rows for each parameter."""
        return str(self._count.property("role"))

    def render_state(self, state: AppState) -> None:
        """Count parameters and rows; amber when there are few rows for each parameter."""
        outline, problem = state.outline, state.setup_problem
        text, role = "", "small"
        if problem is not None:
            text, role = problem.what[:1].upper() + problem.what[1:], "problem"
        elif outline is not None and outline.free_parameters is not None:
            text = _cost(outline, state.spec is not None and state.spec.has_ends)
            fewest = min(outline.group_rows, default=outline.size)
            if fewest < FEW_ROWS_A_PARAMETER * outline.free_parameters:
                role = "warning"
        elif outline is not None:
            text = say_count("model.rows", outline.rows_used)
        self._count.set_role(role)
        self._count.setText(text)
        is_each = problem is None and outline is not None and bool(outline.group_rows)
        self._count.setToolTip(say("groups.each_is") if is_each else "")
        self._waiting.setText(say("model.changes_wait") if state.waits_for_next_run else "")
        self._waiting.setVisible(state.waits_for_next_run)


def _cost(outline: Outline, is_binned: bool) -> str:
    """How many parameters, from how many rows, bins, and units that these stand for; or in each group."""
    if outline.group_rows:
        groups, least = whole(len(outline.group_rows)), whole(min(outline.group_rows))
        return say_count(
            "model.parameters_each", outline.free_parameters or 0, groups=groups, least=least
        )
    if outline.size == outline.rows_used:
        key = "model.parameters_of_intervals" if is_binned else "model.parameters_from"
    else:
        key = "model.parameters_of_bins" if is_binned else "model.parameters_from_counted"
    size = whole(int(outline.size)) if outline.size.is_integer() else short(outline.size)
    rows = whole(outline.rows_used)
    return say_count(key, outline.free_parameters or 0, rows=rows, size=size)


class ModelPanel(QWidget):
    """The form; it is never locked, also not during a run."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(say("dock.model"))
        self._store = store
        self._is_rendering = False
        self._types: tuple[object, ...] = ()
        body = QWidget(self)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(14, 2, 14, 8)
        layout.setSpacing(4)
        self._family = _Choice(say("model.family"), body)
        self._law = _Choice(say("model.law"), body)
        self.laws = LawsEditor(store, body)
        self.form = SettingsForm(body)
        self.start = StartEditors(store, body)
        self.held = HeldEditors(store, body)
        self.footer = Footer(self)
        layout.addWidget(self._family)
        layout.addWidget(self._law)
        layout.addWidget(self.laws)
        layout.addSpacing(6)
        layout.addWidget(self.form)
        layout.addWidget(self.start)
        layout.addWidget(self.held)
        layout.addStretch(1)
        scroll = ScrollColumn(body, self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        outer.addWidget(self.footer)
        self._body_layout = layout
        self._family.box.activated.connect(self._choose_family)
        self._law.box.activated.connect(self._choose_law)
        self.form.valueChanged.connect(self._change)
        self.form.problemsChanged.connect(self._tell_problems)
        store.changed.connect(self.render_state)

    @property
    def family_choice(self) -> QComboBox:
        return self._family.box

    @property
    def law_choice(self) -> QComboBox:
        return self._law.box

    def help_page(self, focused: QWidget | None) -> str:
        """The help page about what is focused here: the law, the family or the settings of a fit; empty elsewhere."""
        spec = self._store.state.spec
        if spec is None or focused is None or not self.isAncestorOf(focused):
            return ""
        if self._law.isAncestorOf(focused):
            return f"law-{spec.law}"
        rows = (n for n in self.form.names() if self.form.row(n).isAncestorOf(focused))
        name = next(rows, "")
        in_law = spec.law_settings is not None and any(
            bound.name == name for bound in fields_of(type(spec.law_settings))
        )
        if in_law:
            return f"law-{spec.law}"
        in_fit = any(bound.name == name for bound in fields_of(FitSettings))
        return "fit" if in_fit or self.start.isAncestorOf(focused) else f"family-{spec.family}"

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        if new.spec is None:
            return
        if old.setup is not new.setup:
            self._is_rendering = True
            try:
                self._render_form(new)
            finally:
                self._is_rendering = False
            self._tell_problems()
        if (
            old.setup is not new.setup
            or old.summaries is not new.summaries
            or old.result is not new.result
            or old.clicked_means is not new.clicked_means
        ):
            self.start.render_start(new)
        self.footer.render_state(new)

    def _render_form(self, state: AppState) -> None:
        spec, book = state.spec, state.catalogue
        assert spec is not None
        self._family.show_items(
            tuple((f.id, translated(f.label)) for f in book.families), spec.family
        )
        family = spec.family_in(book)
        takes_law = family.takes_law
        self._law.setVisible(takes_law)
        if takes_law:
            laws = tuple((law.id, translated(law.label)) for law in book.laws)
            self._law.show_items((*laws, (JOINT, say("law.joint"))), spec.law or "")
        self.laws.render_laws(state)
        self._place_start(spec, book)
        self.form.offer("start", start_choices(family))
        law = family.law
        facts = {
            "columns": len(spec.columns),
            "is_smooth": law is None or not law.is_discrete(),
            "can_be_truncated": law is not None and can_be_truncated(law),
        }
        self.form.render_values(spec.values(), facts)
        self.held.render_held(state)

    def _place_start(self, spec: ModelSpec, book: Catalogue) -> None:
        """The editors of the start stand under its method, inside the section that the form makes."""
        types: tuple[object, ...] = (*(type(part) for part in spec.parts), *_laws_of(spec))
        if types == self._types:
            return
        self._types = types
        self.start.setParent(self)
        if spec.laws:
            own = fields_of(type(spec.settings)), fields_of(type(spec.fit))
            laws = (part.titled(translated(book.law(part.law).label)) for part in spec.laws)
            self.form.set_bound_fields([f for group in (own[0], *laws, own[1]) for f in group])
        else:
            self.form.set_fields([type(part) for part in spec.parts])
        if "start" in self.form.names():
            row: QWidget | None = self.form.row("start")
            while row is not None and not isinstance(row, Section):
                row = row.parentWidget()
            if row is not None:
                body = row.body
                body.insertWidget(body.indexOf(self.form.row("start")) + 1, self.start)
                return
        self._body_layout.insertWidget(self._body_layout.indexOf(self.held), self.start)

    # ------------------------------------------------------------ wishes

    def _choose_family(self, index: int) -> None:
        self._store.do(commands.set_family, self._family.box.itemData(index))

    def _choose_law(self, index: int) -> None:
        self._store.do(commands.set_law, self._law.box.itemData(index))

    def _change(self, name: str, value: object) -> None:
        self._store.do(commands.set_setting, name, value)

    def _tell_problems(self) -> None:
        problems = self.form.problems
        if not self._is_rendering and tuple(problems.items()) != self._store.state.form_problems:
            self._store.do(commands.form_problems, problems)


def _laws_of(spec: ModelSpec) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((part.law, part.columns) for part in spec.laws)
