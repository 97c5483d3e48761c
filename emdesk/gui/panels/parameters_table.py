"""The parameter table in the analyst's units, and the criteria beside it. Both are made from declared axes alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from emdesk.app.state import AppState, Shown
from emdesk.gui.widgets import DataTable, LinkLabel, SummaryGrid, TableColumn, Text
from emdesk.model.law import Quantity
from emdesk.texts import say, translated
from emdesk.texts.numbers import criterion, decimals_for, fixed, whole

F64 = NDArray[np.float64]
MOST_COLUMNS = 120
LONGEST_NAME = 18
SOFT_HYPHEN = "\u00ad"
COMPACT_CRITERIA = 4


class ParametersPage(QWidget):
    """One row a group, one column a number; the matrices of a group are one click away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = DataTable(say("tab.parameters"), self, sortable=False, fixed_first=True)
        self.grid = SummaryGrid(1, self)
        self.grid.setMinimumWidth(184)
        self._note = Text("", "hint", self, wrap=True)
        self._matrices = LinkLabel(say("parameters.matrices"), self)
        self._matrices.clicked.connect(self._turn)
        self._hint = Text(say("parameters.later"), "hint", self)
        self._shows_matrices = False
        self._compact = False
        self._state: AppState | None = None
        side = QVBoxLayout()
        side.setSpacing(6)
        side.addWidget(self.grid)
        side.addWidget(self._note)
        side.addWidget(self._matrices)
        side.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(9, 0, 0, 0)
        layout.setSpacing(14)
        layout.addWidget(self._hint, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.table, 1)
        layout.addLayout(side)
        self._side_parts = (self.grid, self._note)
        self._show_fit(False)

    def set_compact(self, compact: bool) -> None:
        """Fewer criteria and no soft counts on small windows."""
        if compact != self._compact:
            self._compact = compact
            if self._state is not None:
                self.render_shown(self._state)

    def render_shown(self, state: AppState) -> None:
        """Show the quantities and criteria of the iteration that is looked at."""
        self._state = state
        shown = state.shown
        if shown is None or shown.iteration is None:
            self._show_fit(False)
            return
        self._show_fit(True)
        spreads = {n: s.spread for n, s in state.summaries.items()}
        quantities = shown.quantities
        if self._compact:
            quantities = tuple(q for q in quantities if q.name != "rows")
        squares = [q for q in quantities if _is_matrix(q) and q.values.shape[-1] > 2]
        self._matrices.setVisible(bool(squares))
        if self._shows_matrices and squares:
            group = state.chosen_group or 0
            self._matrices.setText(say("parameters.back"))
            self.table.set_table(*matrix_columns(squares[0], shown, group))
        else:
            self._matrices.setText(say("parameters.matrices"))
            self.table.set_table(*parameter_columns(quantities, shown, spreads))
        self._show_criteria(shown)

    def _show_fit(self, there: bool) -> None:
        self._hint.setVisible(not there)
        self.table.setVisible(there)
        for part in self._side_parts:
            part.setVisible(there)
        if not there:
            self._matrices.hide()

    def _show_criteria(self, shown: Shown) -> None:
        entries = criteria_entries(shown)
        kept = entries[:COMPACT_CRITERIA] if self._compact else entries
        self._note.setText(lower_is_better(shown))
        self.grid.set_values([(n, v) for n, v, _ in kept], [tip for _, _, tip in kept])

    def _turn(self) -> None:
        self._shows_matrices = not self._shows_matrices
        if self._state is not None:
            self.render_shown(self._state)


def criteria_entries(shown: Shown) -> list[tuple[str, str, str]]:
    """Name, value and definition of what is said of the whole fit; what is not computed is left out."""
    entries = []
    if shown.objective != shown.log_likelihood:
        entries.append((say("criteria.objective"), shown.objective, say("criteria.objective_is")))
    entries.append(
        (say("criteria.log_likelihood"), shown.log_likelihood, say("criteria.log_likelihood_is"))
    )
    found = shown.criteria
    if found is not None:
        for name, value in (("bic", found.bic), ("aic", found.aic), ("icl", found.icl)):
            entries.append((say(f"criteria.{name}"), value, say(f"criteria.{name}_is")))
    lines = [(n, criterion(v), f"{v!r}\n{tip}") for n, v, tip in entries if np.isfinite(v)]
    if shown.free_parameters is not None:
        text = whole(shown.free_parameters)
        lines.append((say("criteria.free"), text, say("criteria.free_is")))
    if found is not None and np.isfinite(found.entropy):
        tip = say("criteria.entropy_is")
        lines.append((say("criteria.entropy"), criterion(found.entropy), tip))
    for quantity in shown.quantities:
        if not quantity.axes:
            value = float(quantity.values)
            lines.append((translated(quantity.label), criterion(value), repr(value)))
    return lines


def lower_is_better(shown: Shown) -> str:
    """Which way the criteria that are shown go."""
    found = shown.criteria
    if found is None:
        return ""
    there = (("bic", found.bic), ("aic", found.aic), ("icl", found.icl))
    names = [say(f"criteria.{name}") for name, value in there if np.isfinite(value)]
    if len(names) < 2:
        return ""
    joined = say("criteria.and", first=", ".join(names[:-1]), last=names[-1])
    return say("criteria.lower", names=joined)


def _is_matrix(quantity: Quantity) -> bool:
    return len(quantity.axes) == 3 and quantity.axes[1] == quantity.axes[2]


def parameter_columns(
    quantities: Sequence[Quantity], shown: Shown, spreads: dict[str, float]
) -> tuple[list[TableColumn], int]:
    """The columns of all quantities that run along the first one's first axis, and the count of rows."""
    tables = [q for q in quantities if q.axes]
    if not tables:
        return [], 0
    axis = tables[0].axes[0]
    rows = tables[0].values.shape[0]
    is_group = axis == shown.family.group_axis
    columns = [_head_column(shown, is_group)]
    for quantity in tables:
        if quantity.axes[0] == axis and quantity.values.shape[0] == rows:
            columns += _columns_of(quantity, shown, spreads)
    return columns[:MOST_COLUMNS], rows


def _head_column(shown: Shown, is_group: bool) -> TableColumn:
    names = shown.picture.groups or shown.law.groups

    def name(row: int) -> str:
        return names[row] if is_group and row < len(names) else str(row + 1)

    mark: Callable[[int], int | None] | None = (lambda r: r) if is_group else None
    return TableColumn("", name, numeric=False, width=56, group=mark)


def _columns_of(quantity: Quantity, shown: Shown, spreads: dict[str, float]) -> list[TableColumn]:
    label, values = translated(quantity.label), quantity.values
    if len(quantity.axes) == 1:
        return [_column(label, values, decimals_of(quantity, None, spreads))]
    if len(quantity.axes) == 2:
        names = axis_names(quantity.axes[1], values.shape[1], shown)
        return [
            _column(
                f"{label}\n{shortened(name)}",
                values[:, i],
                decimals_of(quantity, name, spreads),
                f"{label} {name}",
            )
            for i, name in enumerate(names)
        ]
    if _is_matrix(quantity) and values.shape[-1] == 2:
        return [_column(label, values[:, 0, 1], 3)]
    return []


def shortened(name: str) -> str:
    """A name that fits over a column of numbers: long ones keep both their ends."""
    return name if len(name) <= LONGEST_NAME else f"{name[:8]}…{name[-7:]}"


def _column(title: str, values: F64, decimals: int, tooltip: str = "") -> TableColumn:
    """A column of numbers; a head of one line may break at a soft hyphen, since most have two lines."""
    head = title.replace(SOFT_HYPHEN, "" if "\n" in title else "-\n")
    return TableColumn(
        head,
        partial(_value_at, values),
        text=lambda value: fixed(value, decimals),
        tooltip=tooltip or title.replace("\n", " ").replace(SOFT_HYPHEN, ""),
    )


def _value_at(values: F64, row: int) -> float:
    return float(values[row])


def decimals_of(quantity: Quantity, column: str | None, spreads: dict[str, float]) -> int:
    """Decimals that show a thousandth of a column's spread; weights 4, soft counts 1, other shares 3."""
    if quantity.spread_of_column and column in spreads:
        return decimals_for(spreads[column])
    finite = quantity.values[np.isfinite(quantity.values)]
    most = float(np.abs(finite).max()) if finite.size else 0.0
    if most <= 1.0:
        return 4 if len(quantity.axes) == 1 else 3
    return 1 if len(quantity.axes) == 1 else decimals_for(most / 3)


def axis_names(axis: str, size: int, shown: Shown) -> tuple[str, ...]:
    """What stands over the columns that run along an axis."""
    if axis == "column" and size == len(shown.columns):
        return shown.columns
    if axis == shown.family.group_axis and size == len(shown.picture.groups):
        return shown.picture.groups
    return tuple(str(i + 1) for i in range(size))


def matrix_columns(quantity: Quantity, shown: Shown, group: int) -> tuple[list[TableColumn], int]:
    """One group's matrix as a table with names at both sides."""
    matrix = quantity.values[min(group, len(quantity.values) - 1)]
    names = axis_names(quantity.axes[2], matrix.shape[1], shown)
    title = f"{translated(quantity.label)}\n{say('group.name', number=group + 1)}"
    columns = [TableColumn(title, lambda r: names[r], numeric=False)]
    columns += [_column(name, matrix[:, i], 3) for i, name in enumerate(names)]
    return columns, len(names)
