"""The parameter table in the analyst's units, and the criteria beside it. Both are made from declared axes alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from emdesk.app.holding import place_behind
from emdesk.app.shown import Shown
from emdesk.app.state import AppState
from emdesk.app.trust import method_sentence
from emdesk.gui.actions import Actions
from emdesk.gui.panels.all_criteria import all_criteria
from emdesk.gui.panels.noise_row import IN_ROW, with_noise
from emdesk.gui.panels.pins import Pins, Spot
from emdesk.gui.widgets import (
    DataTable,
    ElidedText,
    LinkLabel,
    SummaryGrid,
    TableColumn,
    Text,
)
from emdesk.model.law import Quantity
from emdesk.texts import say, translated
from emdesk.texts.numbers import criterion, decimals_for, fixed, whole

F64 = NDArray[np.float64]
MOST_COLUMNS = 120
LONGEST_NAME = 18
SOFT_HYPHEN = "\u00ad"
COMPACT_CRITERIA = 4
MOST_NAME_WIDTH = 200


class ParametersPage(QWidget):
    """One row a group, one column a number, which `pins` can hold; the matrices of a group are one click away."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.table = DataTable(say("tab.parameters"), self, sortable=False, fixed_first=True)
        self.pins = Pins(self.table, self)
        self.grid = SummaryGrid(1, self)
        self.grid.setMinimumWidth(184)
        self._note = Text("", "hint", self, wrap=True)
        self._matrices = LinkLabel(say("parameters.matrices"), self)
        self._matrices.clicked.connect(self._turn)
        self.criteria_link = LinkLabel(say("criteria.all"), self)
        self.criteria_link.clicked.connect(self._turn_criteria)
        self._hint = Text(say("parameters.later"), "hint", self)
        self.head = QWidget(self)
        """What stands beside the tabs: the link that finds standard errors, then where they come from."""
        self.errors = LinkLabel(say("parameters.errors"), self.head)
        self.errors.clicked.connect(lambda _checked=False: self._press_errors())
        self._errors_note = ElidedText("", "hint", self.head)
        # as wide as its words where there is room; it must not make the window wider
        self._errors_note.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        head = QHBoxLayout(self.head)
        head.setContentsMargins(0, 0, 8, 0)
        head.addWidget(self._errors_note)
        head.addWidget(self.errors)
        self._shows_matrices = False
        self._shows_criteria = False
        self._compact = False
        self._state: AppState | None = None
        side = QVBoxLayout()
        side.setSpacing(6)
        side.addWidget(self.grid)
        side.addWidget(self._note)
        links = QHBoxLayout()
        links.setSpacing(12)
        links.addWidget(self.criteria_link)
        links.addWidget(self._matrices)
        links.addStretch(1)
        side.addLayout(links)
        side.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(9, 0, 0, 0)
        layout.setSpacing(14)
        layout.addWidget(self._hint, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.table, 1)
        layout.addLayout(side)
        self._side_parts = (self.grid, self._note, self.criteria_link)
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
        self.pins.follow(state)
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
        word = say("parameters.back" if self._shows_criteria else "criteria.all")
        self.criteria_link.setText(word)
        self.criteria_link.setAccessibleName(word)
        if self._shows_criteria:
            self._matrices.hide()
            self.table.set_table(*all_criteria(shown))
        elif self._shows_matrices and squares:
            group = state.chosen_group or 0
            self._matrices.setText(say("parameters.back"))
            self.table.set_table(*matrix_columns(squares[0], shown, group))
        else:
            self._matrices.setText(say("parameters.matrices"))
            errors = errors_shown(state)
            columns, rows = parameter_columns(quantities, shown, spreads, errors)
            pinned = [self.pins.pinned(c) for c in columns]
            self.table.set_table(*with_noise(pinned, rows, quantities, errors))
        self._show_criteria(shown)
        self._show_errors(state)

    def _show_fit(self, there: bool) -> None:
        self._hint.setVisible(not there)
        self.table.setVisible(there)
        for part in self._side_parts:
            part.setVisible(there)
        if not there:
            for extra in (self._matrices, self.errors, self._errors_note):
                extra.hide()

    def _show_errors(self, state: AppState) -> None:
        """The link that finds standard errors, or stops that; then where they come from."""
        found = state.result.uncertainty if state.result is not None else None
        told = method_sentence(found) if found is not None and errors_shown(state) else ""
        self._errors_note.set_full(told)
        self._errors_note.setVisible(bool(told))
        self.errors.setVisible(state.can_measure and found is None)
        word = say("parameters.errors")
        if state.measuring is not None:
            word = say("parameters.errors_stop", percent=whole(100 * state.measuring))
        self.errors.set_label(word)

    def _press_errors(self) -> None:
        busy = self._state is not None and self._state.measuring is not None
        self._actions["stop_measuring" if busy else "standard_errors"].trigger()

    def _show_criteria(self, shown: Shown) -> None:
        entries = criteria_entries(shown)
        kept = entries[:COMPACT_CRITERIA] if self._compact else entries
        self._note.setText(lower_is_better(shown))
        self.grid.set_values([(n, v) for n, v, _ in kept], [tip for _, _, tip in kept])

    def _turn_criteria(self) -> None:
        self._shows_criteria = not self._shows_criteria
        if self._state is not None:
            self.render_shown(self._state)

    def _turn(self) -> None:
        self._shows_matrices = not self._shows_matrices
        if self._state is not None:
            self.render_shown(self._state)


def errors_shown(state: AppState) -> Mapping[str, F64]:
    """The standard errors by quantity, where the iteration that is looked at is the one they are of."""
    result, shown = state.result, state.shown
    if result is None or shown is None or result.uncertainty is None or state.is_busy:
        return {}
    is_of_it = (shown.run, shown.attempt, shown.iteration) == (
        state.run,
        result.best.index,
        result.chosen,
    )
    return result.uncertainty.quantities if is_of_it else {}


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
    for quantity in shown.quantities:
        if not quantity.axes and quantity.name not in IN_ROW:
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
    quantities: Sequence[Quantity],
    shown: Shown,
    spreads: dict[str, float],
    errors: Mapping[str, F64] | None = None,
) -> tuple[list[TableColumn], int]:
    """The columns of all quantities that run along the first one's first axis, each number with its standard error
    where there is one, and the count of rows."""
    tables = [q for q in quantities if q.axes]
    if not tables:
        return [], 0
    axis = tables[0].axes[0]
    rows = tables[0].values.shape[0]
    is_group = axis == shown.family.group_axis
    columns = [_head_column(shown, is_group)]
    for quantity in tables:
        if quantity.axes[0] == axis and quantity.values.shape[0] == rows:
            own = None if errors is None else errors.get(quantity.name)
            columns += _columns_of(quantity, shown, spreads, own)
    return columns[:MOST_COLUMNS], rows


def _head_column(shown: Shown, is_group: bool) -> TableColumn:
    names = shown.picture.groups or shown.law.groups

    def name(row: int) -> str:
        return names[row] if is_group and row < len(names) else str(row + 1)

    slots = shown.slots

    def slot(row: int) -> int:
        return slots[row] if row < len(slots) else row

    mark: Callable[[int], int | None] | None = slot if is_group else None
    longest = max((len(given) for given in names if not given.isdigit()), default=0)
    width = min(MOST_NAME_WIDTH, 40 + 8 * longest) if longest else 56
    return TableColumn("", name, numeric=False, width=width, group=mark)


def _columns_of(
    quantity: Quantity, shown: Shown, spreads: dict[str, float], errors: F64 | None
) -> list[TableColumn]:
    label, values = translated(quantity.label), quantity.values
    if len(quantity.axes) == 1:
        made = _column(label, values, decimals_of(quantity, None, spreads), errors=errors)
        return [replace(made, key=Spot(quantity.name))]
    if len(quantity.axes) == 2:
        names = quantity.columns or axis_names(quantity.axes[1], values.shape[1], shown)
        made_of = [
            _column(
                f"{label}\n{shortened(name)}",
                values[:, i],
                decimals_of(quantity, name, spreads),
                f"{label} {name}",
                None if errors is None else errors[:, i],
            )
            for i, name in enumerate(names)
        ]
        return [
            replace(c, key=Spot(quantity.name, place_behind(quantity, i)))
            for i, c in enumerate(made_of)
        ]
    if _is_matrix(quantity) and values.shape[-1] == 2:
        own = None if errors is None else errors[:, 0, 1]
        return [
            replace(_column(label, values[:, 0, 1], 3, errors=own), key=Spot(quantity.name, (0, 1)))
        ]
    return []


def shortened(name: str) -> str:
    """A name that fits over a column of numbers: long ones keep both their ends."""
    return name if len(name) <= LONGEST_NAME else f"{name[:8]}…{name[-7:]}"


def _column(
    title: str, values: F64, decimals: int, tooltip: str = "", errors: F64 | None = None
) -> TableColumn:
    """A column of numbers, with standard errors if there are any; a head of one line may break at a soft hyphen, since
    most have two lines."""
    head = title.replace(SOFT_HYPHEN, "" if "\n" in title else "-\n")
    return TableColumn(
        head,
        partial(_value_at, values),
        text=lambda value: fixed(value, decimals),
        tooltip=tooltip or title.replace("\n", " ").replace(SOFT_HYPHEN, ""),
        aside=None if errors is None else partial(_error_at, errors, decimals),
        hint=None if errors is None else partial(_hint_at, values, errors),
    )


def _error_at(errors: F64, decimals: int, row: int) -> str:
    return say("uncertainty.plus_minus", error=fixed(float(errors[row]), decimals))


def _hint_at(values: F64, errors: F64, row: int) -> str:
    return say("uncertainty.tip", value=repr(float(values[row])), error=repr(float(errors[row])))


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
