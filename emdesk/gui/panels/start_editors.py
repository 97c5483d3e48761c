"""Where a run begins, when the start method asks for more than a number: a column, means, or an earlier result."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.state import AppState
from emdesk.gui.store import Store
from emdesk.gui.widgets import DataTable, LinkLabel, TableColumn, Text
from emdesk.texts import say
from emdesk.texts.numbers import short

MOST_LABELS = 200


class MeansTable(DataTable):
    """A row of means for each group, typed like in a spreadsheet."""

    meansTyped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(say("start.means_table"), parent, sortable=False, compact=True)
        self._means: list[list[float]] = []
        self.on_edit(self._edit)

    def show_means(self, names: Sequence[str], means: Sequence[Sequence[float]]) -> None:
        """Show these means (groups, columns)."""
        self._means = [list(row) for row in means]
        columns = [
            TableColumn("", lambda r: str(r + 1), numeric=False, width=34, group=lambda r: r)
        ]
        for place, name in enumerate(names):
            columns.append(TableColumn(name, partial(self._mean, place), text=short, editable=True))
        self.set_table(columns, len(self._means))
        shown = min(6, len(self._means))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + 24 * shown + 6)

    def _mean(self, column: int, row: int) -> float:
        return self._means[row][column]

    def _edit(self, row: int, column: int, text: str) -> None:
        plain = text.strip().replace("\u2212", "-").replace(",", ".")
        for space in ("\u202f", "\u00a0", " "):
            plain = plain.replace(space, "")
        try:
            value = float(plain)
        except ValueError:
            return
        if np.isfinite(value):
            self._means[row][column - 1] = value
            self.meansTyped.emit(tuple(tuple(r) for r in self._means))


class StartEditors(QWidget):
    """Shown below the form's start section while the start method needs one of them."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._labels = QComboBox(self)
        self._labels.setAccessibleName(say("start.column"))
        self._labels.activated.connect(self._choose_label)
        self._label_line = QWidget(self)
        line = QHBoxLayout(self._label_line)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(Text(say("start.column"), "secondary", self), 1)
        line.addWidget(self._labels, 2)
        self.means = MeansTable(self)
        self.means.meansTyped.connect(self._type_means)
        self._hint = Text("", "hint", self, wrap=True)
        self._take = LinkLabel(say("start.take_result"), self)
        self._take.clicked.connect(self._take_result)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(4)
        for part in (self._label_line, self.means, self._hint, self._take):
            layout.addWidget(part)

    @property
    def label_choice(self) -> QComboBox:
        """The list of columns that can hold the groups to begin with."""
        return self._labels

    def render_start(self, state: AppState) -> None:
        """Show what the start method of the form needs."""
        spec, dataset = state.spec, state.dataset
        how = spec.fit.start if spec is not None else ""
        self.setVisible(how in ("labels", "means", "result"))
        if spec is None or dataset is None:
            return
        self._label_line.setVisible(how == "labels")
        self.means.setVisible(how == "means")
        self._take.setVisible(how == "result" and state.result is not None)
        if how == "labels":
            names = [
                c.name
                for c in dataset.columns
                if c.name not in spec.columns and (c.categories or _is_short(state, c.name))
            ]
            items = [say("start.choose_column"), *names]
            if [self._labels.itemText(i) for i in range(self._labels.count())] != items:
                self._labels.clear()
                self._labels.addItems(items)
            self._labels.setCurrentText(spec.start_labels or items[0])
        if how == "means":
            self.means.show_means(spec.columns, self._means_of(state))
        self._hint.setText(self._hint_text(state, how))
        self._hint.setVisible(bool(self._hint.text()))

    def _hint_text(self, state: AppState, how: str) -> str:
        if how == "means":
            return say("start.click_means")
        if how == "result" and state.spec is not None:
            return say("start.has_result" if state.spec.start_params else "start.needs_result")
        return ""

    def _means_of(self, state: AppState) -> tuple[tuple[float, ...], ...]:
        """The typed means, filled up or cut to the count of groups; new ones stand at the data's means."""
        spec, count = state.spec, commands.groups_of(state.spec) if state.spec else 0
        assert spec is not None
        rows = list(spec.start_means or state.clicked_means)[:count]
        rows = [row for row in rows if len(row) == len(spec.columns)]
        middle = tuple(
            state.summaries[n].mean if n in state.summaries else 0.0 for n in spec.columns
        )
        return tuple(rows + [middle] * (count - len(rows)))

    def _choose_label(self, index: int) -> None:
        if index > 0:
            self._store.do(commands.start_from_labels, self._labels.itemText(index))

    def _type_means(self, means: tuple[tuple[float, ...], ...]) -> None:
        self._store.do(commands.start_from_means, means)

    def _take_result(self) -> None:
        self._store.do(commands.start_from_result)


def _is_short(state: AppState, name: str) -> bool:
    summary = state.summaries.get(name)
    return summary is not None and summary.distinct <= MOST_LABELS
