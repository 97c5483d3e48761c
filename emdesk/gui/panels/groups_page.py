"""The fits of all groups in a table, a row each; a click puts a group on the desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.group_fits import GroupFit, GroupFits
from emdesk.app.group_table import AllParameters, GroupRow, all_parameters, group_row, together
from emdesk.app.parts import Part
from emdesk.app.shown import Shown
from emdesk.app.state import AppState, ResultsTab
from emdesk.gui.actions import Actions
from emdesk.gui.panels.parameters_table import parameter_columns
from emdesk.gui.store import Store
from emdesk.gui.widgets import DataTable, LinkLabel, SegmentedControl, TableColumn, Text
from emdesk.texts import say
from emdesk.texts.numbers import criterion, whole

FITS, PARAMETERS = "fits", "parameters"
VALUE_WIDTH, END_WIDTH = 120, 420
NUMBER_WIDTHS = {
    "rows": 82,
    "log_likelihood": 106,
    "free": 94,
    "bic": 94,
    "components": 100,
    "iterations": 86,
}
"""Fixed, since the numbers come one after the other while the groups are fitted."""

MARKS = {"bad": "warning-octagon-fill", "warn": "warning-fill"}
"""What stands before a group that has no sound or no converged fit; how it ended says more."""


class GroupsPage(QWidget):
    """One row a group with how well it fits, or one row a component of each group with its parameters."""

    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._actions = store, actions
        self._shows = FITS
        self._rows: tuple[int, ...] = ()
        self._in_sight: int | None = None
        self._known: dict[int, tuple[Part, GroupFit | None, GroupRow]] = {}
        self.table = DataTable(say("tab.groups"), self, fixed_first=True)
        self.table.rowsChosen.connect(self._choose)
        choices = [(FITS, say("groups.fits")), (PARAMETERS, say("groups.parameters"))]
        self.turn = SegmentedControl(choices, say("groups.view"), self)
        self.turn.chosen.connect(self._turn)
        self.turn.set_value(FITS)
        self.sentence = Text("", "note", self, wrap=True)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.turn)
        head.addWidget(self.sentence, 1)
        self.errors = LinkLabel(say("groups.errors"), self)
        self.errors.clicked.connect(lambda _checked=False: self._press_errors())
        head.addWidget(self.errors)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(9, 2, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        same = (
            old.fits_by_group is new.fits_by_group
            and old.result is new.result
            and (old.shown is new.shown or self._shows == FITS)
            and old.phase is new.phase
            and old.tab is new.tab
        )
        if new.tab is ResultsTab.GROUPS:
            self._show_errors(new)
        if not same and new.tab is ResultsTab.GROUPS and new.group_fits is not None:
            self._render(new, new.group_fits)

    def _render(self, state: AppState, groups: GroupFits) -> None:
        rows = [self._row(groups, place) for place in range(len(groups.parts))]
        self.sentence.setText(together(groups, rows))
        if self._shows == PARAMETERS:
            found = all_parameters(groups)
            self._rows = tuple(int(place) for place in found.places)
            self.table.set_table(_parameter_columns(state, groups, found), len(self._rows))
        else:
            self._rows = tuple(range(len(rows)))
            self.table.set_table(_fit_columns(groups, rows), len(rows))
        self._show_chosen(groups.place)

    def _show_errors(self, state: AppState) -> None:
        """The link that finds the standard errors of every group, or stops that."""
        share = state.measuring
        self.errors.setVisible(state.can_measure_groups or share is not None)
        word = say("groups.errors")
        if share is not None:
            word = say("parameters.errors_stop", percent=whole(100 * share))
        self.errors.set_label(word)

    def _press_errors(self) -> None:
        is_busy = self._store.state.measuring is not None
        if not is_busy:  # they stand beside the parameters
            self.turn.set_value(PARAMETERS)
            self._turn(PARAMETERS)
        self._actions["stop_measuring" if is_busy else "group_errors"].trigger()

    def _row(self, groups: GroupFits, place: int) -> GroupRow:
        """What is said of a group, made once for each fit: there may be many groups."""
        part, fit = groups.parts[place], groups.fits[place]
        known = self._known.get(place)
        if known is not None and known[0] is part and known[1] is fit:
            return known[2]
        made = group_row(groups, place)
        self._known[place] = (part, fit, made)
        return made

    def _show_chosen(self, place: int | None) -> None:
        """Bring the group on the desk in sight when it becomes another one."""
        if place != self._in_sight and place in self._rows:
            self._in_sight = place
            (position,) = self.table.table.positions_of([self._rows.index(place)])
            self.table.scrollTo(self.table.table.index(int(position), 0))

    def _turn(self, shows: str) -> None:
        self._shows, self._in_sight = shows, None
        state = self._store.state
        if state.group_fits is not None:
            self._render(state, state.group_fits)

    def _choose(self, rows: list[int]) -> None:
        """One row puts its group on the desk; several are for copying."""
        if len(rows) == 1 and rows[0] < len(self._rows):
            self._store.do(commands.show_group_fit, self._rows[rows[0]])


def _fit_columns(groups: GroupFits, rows: list[GroupRow]) -> list[TableColumn]:
    def column(
        name: str, field: str, text: Callable[[Any], str] | None = None, **more: Any
    ) -> TableColumn:
        shape = {"width": NUMBER_WIDTHS.get(name, 0), **more}
        return TableColumn(
            say(f"groups.head.{name}"), partial(_field, rows, field), text=text, **shape
        )

    return [
        TableColumn(
            groups.column,
            partial(_field, rows, "value"),
            numeric=False,
            width=VALUE_WIDTH,
            strong=lambda row: row == groups.place,
            mark=lambda row: MARKS.get(rows[row].weight, ""),
            hint=partial(_field, rows, "end"),
        ),
        column("rows", "rows", whole, tooltip=say("groups.head.rows_is")),
        column(
            "log_likelihood",
            "log_likelihood",
            criterion,
            tooltip=say("groups.head.log_likelihood_is"),
        ),
        column("free", "free_parameters", whole),
        column("bic", "bic", criterion, tooltip=say("groups.head.bic_is")),
        column("components", "components", whole),
        column("iterations", "iterations", whole),
        column(
            "end",
            "end",
            numeric=False,
            width=END_WIDTH,
            tint=partial(_field, rows, "weight"),
            hint=partial(_field, rows, "end"),
        ),
    ]


def _field(rows: list[GroupRow], name: str, row: int) -> Any:
    return getattr(rows[row], name)


def _parameter_columns(
    state: AppState, groups: GroupFits, found: AllParameters
) -> list[TableColumn]:
    """The group, the component under its name and colour, and its parameters."""

    def value(row: int) -> str:
        return groups.parts[int(found.places[row])].value

    def is_strong(row: int) -> bool:
        return int(found.places[row]) == groups.place

    first = TableColumn(groups.column, value, numeric=False, width=VALUE_WIDTH, strong=is_strong)
    shown = state.shown
    if shown is None or not found.quantities:
        return [first]
    spreads = {name: summary.spread for name, summary in state.summaries.items()}
    columns, _ = parameter_columns(found.quantities, shown, spreads, found.errors)
    told = [_without_unknown_errors(c, groups, found) for c in columns[1:]]
    return [first, _component_column(shown, groups, found), *told]


def _without_unknown_errors(
    column: TableColumn, groups: GroupFits, found: AllParameters
) -> TableColumn:
    """The column with standard errors beside the numbers of those groups alone that have some."""
    aside, hint = column.aside, column.hint
    if aside is None or hint is None:
        return column

    def has_errors(row: int) -> bool:
        fit = groups.fits[int(found.places[row])]
        return fit is not None and fit.result is not None and fit.result.uncertainty is not None

    return replace(
        column,
        aside=lambda row: aside(row) if has_errors(row) else "",
        hint=lambda row: hint(row) if has_errors(row) else "",
    )


def _component_column(shown: Shown, groups: GroupFits, found: AllParameters) -> TableColumn:
    def result_of(row: int) -> Any:
        fit = groups.fits[int(found.places[row])]
        return None if fit is None else fit.result

    def name(row: int) -> str:
        component, result = int(found.components[row]), result_of(row)
        names = result.group_names if result is not None else ()
        return names[component] if component < len(names) else str(component + 1)

    def slot(row: int) -> int:
        component, result = int(found.components[row]), result_of(row)
        slots = result.colour_slots if result is not None else ()
        return int(slots[component]) if component < len(slots) else component

    return TableColumn(say("groups.head.component"), name, numeric=False, group=slot)
