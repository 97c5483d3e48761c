"""The data dock: the file, its columns, the summary of one of them, and the data doctor."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.doctor import Act, Finding, columns_with_density, examine, keeps_gaps, rows_behind
from emdesk.app.parts import offered_roles
from emdesk.app.state import AppState
from emdesk.gui.panels.column_row import ColumnRow
from emdesk.gui.store import Store
from emdesk.gui.widgets import (
    ElidedText,
    HistogramThumb,
    IconLabel,
    LinkLabel,
    ScrollColumn,
    Section,
    SummaryGrid,
    Text,
)
from emdesk.model.dataset import Kind
from emdesk.model.needs import Role
from emdesk.texts import say, say_count
from emdesk.texts.numbers import whole

MOST_ROWS_AT_ONCE = 300
"""Files with more columns than this list the first ones; all of them are in the full table."""


class _Histogram(HistogramThumb):
    """The larger histogram of the chosen column, as wide as the dock."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(72)


class _Note(QWidget):
    """One finding of the doctor with its act."""

    def __init__(self, finding: Finding, parent: QWidget) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 4)
        layout.setSpacing(8)
        picture = "warning" if finding.weight == "warn" else "info"
        mark = IconLabel(picture, finding.weight, 15, self)
        layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        self.link = LinkLabel(finding.act_label, self)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Text(finding.text, "note", self, wrap=True))
        words.addWidget(self.link, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(words, 1)


class DataPanel(QWidget):
    """What the file holds and which of it is used."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(say("dock.data"))
        self._store = store
        self._rows: dict[str, ColumnRow] = {}
        self._notes: list[_Note] = []
        self._findings: tuple[Finding, ...] = ()
        body = QWidget(self)
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(14, 4, 14, 12)
        self._layout.setSpacing(4)
        self._file = ElidedText("", "strong", body)
        self._counts = Text("", "small", body, wrap=True)
        self._layout.addWidget(self._file)
        self._layout.addWidget(self._counts)
        self._columns = Section(say("data.columns_used"), body, hairline=False)
        self._layout.addWidget(self._columns)
        self._summary = self._make_summary(body)
        self._layout.addSpacing(6)
        self._layout.addWidget(self._summary)
        self._doctor = Section(say("data.doctor"), body)
        self._layout.addSpacing(8)
        self._layout.addWidget(self._doctor)
        self._layout.addStretch(1)
        scroll = ScrollColumn(body, self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        store.changed.connect(self.render_state)

    def _make_summary(self, body: QWidget) -> Section:
        section = Section("", body)
        self._summary_name = ElidedText("", "section", body)
        self._summary_kind = Text("", "small", body)
        self._histogram = _Histogram(body)
        self._grid = SummaryGrid(2, body, gap=6)
        head = QHBoxLayout()
        head.setContentsMargins(0, 8, 0, 6)
        head.addWidget(self._summary_name, 1)
        head.addWidget(self._summary_kind)
        section.body.addLayout(head)
        section.body.addWidget(self._histogram)
        section.body.addSpacing(8)
        section.body.addWidget(self._grid)
        return section

    def row(self, name: str) -> ColumnRow:
        """The row of a column."""
        return self._rows[name]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The doctor's notes that are shown."""
        return self._findings

    def note_link(self, index: int) -> LinkLabel:
        """The act of one of the doctor's notes."""
        return self._notes[index].link

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        same = (
            old.setup is new.setup
            and old.summaries is new.summaries
            and old.selected_column == new.selected_column
        )
        if same or new.dataset is None or new.spec is None:
            return
        if old.dataset is None or old.dataset.names != new.dataset.names or not self._rows:
            self._make_rows(new)
        self._render_head(new)
        self._render_rows(new)
        self._render_summary(new)
        self._render_doctor(new)

    def _make_rows(self, state: AppState) -> None:
        for row in self._rows.values():
            self._columns.body.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = {}
        assert state.dataset is not None
        for column in state.dataset.columns[:MOST_ROWS_AT_ONCE]:
            row = ColumnRow(column, self)
            row.ticked.connect(self._tick)
            row.clicked.connect(self._select)
            row.kindChosen.connect(self._set_kind)
            row.roleChosen.connect(self._set_role)
            row.startRequested.connect(self._start_from)
            self._columns.body.addWidget(row)
            self._rows[column.name] = row

    def _render_head(self, state: AppState) -> None:
        dataset, spec = state.dataset, state.spec
        assert dataset is not None and spec is not None
        path = state.setup.path
        self._file.set_full(path.name if path is not None else dataset.name)
        if path is not None:
            self._file.setToolTip(str(path))
        missing = sum(s.missing for s in state.summaries.values())
        parts = (
            say_count("data.rows", dataset.rows),
            say_count("data.columns", len(dataset.columns)),
            say("data.missing", count=whole(missing)) if missing else say("data.none_missing"),
        )
        self._counts.setText(" · ".join(parts))
        self._columns.aside.setText(
            say("data.used_of", used=len(spec.columns), all=whole(len(dataset.columns)))
        )

    def _render_rows(self, state: AppState) -> None:
        dataset, spec = state.dataset, state.spec
        assert dataset is not None and spec is not None
        role_of = {n: role for role, names in spec.roles.items() for n in names}
        family = spec.family_in(state.catalogue)
        roles, takes_text = offered_roles(family), family.takes_law
        for name, row in self._rows.items():
            row.render_row(
                dataset.column(name),
                name in spec.columns,
                role_of.get(name),
                roles,
                name == state.selected_column,
                state.summaries.get(name),
                takes_text,
            )

    def _render_summary(self, state: AppState) -> None:
        name = state.selected_column
        summary = state.summaries.get(name) if name is not None else None
        self._summary.setVisible(summary is not None)
        if summary is None or name is None or state.dataset is None:
            return
        self._summary_name.set_full(name)
        self._summary_kind.setText(say(f"kind.{state.dataset.column(name).kind.value}"))
        self._histogram.set_counts(summary.bins, name)
        entries = summary.entries()
        self._grid.set_values([*entries[::2], *entries[1::2]])

    def _render_doctor(self, state: AppState) -> None:
        assert state.dataset is not None and state.spec is not None
        law = state.spec.family_in(state.catalogue).law
        smooth = columns_with_density(state.spec, state.catalogue)
        keeps = keeps_gaps(state.spec, law)
        found = examine(state.dataset, state.spec, state.summaries, smooth, keeps)
        self._doctor.setVisible(bool(found))
        if found == self._findings:
            return
        self._findings = found
        for note in self._notes:
            self._doctor.body.removeWidget(note)
            note.hide()
            note.deleteLater()
        self._notes = []
        self._doctor.aside.setText(say_count("data.notes", len(found)))
        for finding in found:
            note = _Note(finding, self)
            note.link.clicked.connect(lambda _checked=False, f=finding: self._act_on(f))
            self._doctor.body.addWidget(note)
            self._notes.append(note)

    # ------------------------------------------------------------ wishes

    def _tick(self, name: str, used: bool) -> None:
        self._store.do(commands.tick_column, name, used)

    def _select(self, name: str) -> None:
        self._store.do(commands.select_column, name)

    def _set_kind(self, name: str, kind: Kind) -> None:
        self._store.do(commands.set_kind, name, kind)

    def _set_role(self, name: str, role: Role | None) -> None:
        self._store.do(commands.set_role, name, role)

    def _start_from(self, name: str) -> None:
        self._store.do(commands.start_from_labels, name)

    def _act_on(self, finding: Finding) -> None:
        state = self._store.state
        if finding.act is Act.LEAVE_OUT:
            self._store.do(commands.tick_column, finding.column, False)
        elif state.dataset is not None and finding.column in state.summaries:
            rows = rows_behind(state.dataset, state.summaries[finding.column])
            self._store.do(commands.select_rows, rows)
            self._store.do(commands.open_table, True)
