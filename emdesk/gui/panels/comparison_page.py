"""Known labels against the groups of the fit: a table of counts, how far they agree, and the error of giving labels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from emdesk.app.agreement import Agreement
from emdesk.app.discriminant import Discriminant
from emdesk.app.known_wording import agreement_line, discriminant_lines
from emdesk.app.state import AppState
from emdesk.gui.widgets import DataTable, TableColumn, Text
from emdesk.texts import say
from emdesk.texts.numbers import fixed, whole

F64 = NDArray[np.float64]


class ComparisonPage(QWidget):
    """One row a label, one column a component; rows that fell to another component are tinted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = DataTable(say("tab.comparison"), self, sortable=False, fixed_first=True)
        self.sentence = Text("", "note", self, wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(9, 2, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.sentence, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.table, 1)

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        if old.shown is new.shown and old.judged is new.judged and old.result is new.result:
            return
        found = new.shown.agreement if new.shown is not None else None
        errors = new.judged[1] if new.judged is not None and new.judged[0] == new.run else None
        self.table.setVisible(found is not None or errors is not None)
        if found is not None:
            told = [agreement_line(found)]
            told += discriminant_lines(errors) if errors is not None else ()
            self.table.set_table(agreement_columns(found), len(found.labels))
        elif errors is not None:
            told = list(discriminant_lines(errors))
            self.table.set_table(error_columns(errors), len(errors.labels))
        else:
            told = [say("known.judging" if new.judges else "known.later")]
        self.sentence.setText(" ".join(told))


def agreement_columns(found: Agreement) -> list[TableColumn]:
    """The label, its rows in each component, and the component that is taken for it."""

    def group_of(row: int) -> str:
        place = found.matched[row]
        return say("table.missing") if place < 0 else found.groups[place]

    def mark_of(row: int) -> int | None:
        return found.matched[row] if found.matched[row] >= 0 else None

    last = TableColumn(
        say("known.taken"),
        group_of,
        numeric=False,
        group=mark_of,
        tooltip=say("known.taken_is"),
    )
    own = {(i, k) for i, k in enumerate(found.matched)}
    return [*_counts(found.column, found.labels, found.groups, found.confusion, own), last]


def error_columns(errors: Discriminant) -> list[TableColumn]:
    """The label, and the labels that its rows were given."""
    given = [say("known.given", label=label) for label in errors.labels]
    own = {(i, i) for i in range(len(errors.labels))}
    return _counts(say("known.label"), errors.labels, given, errors.confusion, own)


def _counts(
    title: str,
    labels: Sequence[str],
    heads: Sequence[str],
    counts: F64,
    own: set[tuple[int, int]],
) -> list[TableColumn]:
    decimals = 0 if np.all(counts == np.rint(counts)) else 1

    def missed(column: int, row: int) -> str:
        return "warn" if (row, column) not in own and counts[row, column] > 0 else ""

    columns = [TableColumn(title, lambda row: labels[row], numeric=False, weight=500)]
    for place, head in enumerate(heads):
        columns.append(
            TableColumn(
                head,
                partial(_count, counts, place),
                text=whole if decimals == 0 else lambda value: fixed(value, decimals),
                tint=partial(missed, place),
            )
        )
    return columns


def _count(counts: F64, column: int, row: int) -> float:
    return float(counts[row, column])
