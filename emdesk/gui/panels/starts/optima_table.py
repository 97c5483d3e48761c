"""The table of distinct optima: how high, how often, how sound."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from emdesk.app.restart_verdict import verdict_of
from emdesk.app.session import FitResult
from emdesk.em.optima import Optima, Optimum
from emdesk.gui.widgets import Card, DataTable, IconButton, TableColumn, Text
from emdesk.texts import say, say_count
from emdesk.texts.numbers import criterion, fixed, whole

OBJECTIVE_DECIMALS = 3
LEAST_VERDICT = 160
CELL_ROOM = 20


class OptimaTable(Card):
    """One row an optimum; `startRequested` names the highest start of the one to open."""

    startRequested = Signal(int)
    copied = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(say("starts.table"), parent=parent)
        self.table = DataTable(say("starts.table"), self)
        self.table.horizontalHeader().setStretchLastSection(True)
        copy = IconButton("copy", say("action.copy_table"), self)
        copy.clicked.connect(lambda _checked=False: self.table.copy())
        self.slot.addWidget(copy)
        self.table.copied.connect(self.copied)
        self.table.clicked.connect(self._click)
        self.table.rowActivated.connect(self._ask_for)
        body = QWidget(self)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 2, 0, 0)
        self._later = Text(say("starts.table.later"), "hint", body)
        layout.addWidget(self._later)
        layout.addWidget(self.table, 1)
        layout.addStretch()
        self.set_body(body)
        self._found: tuple[Optimum, ...] = ()

    def render_result(self, result: FitResult | None) -> None:
        """Show the optima of a result; the one that is open on the desk is selected."""
        self._later.setVisible(result is None)
        self.table.setVisible(result is not None)
        if result is None:
            self._found = ()
            self.set_title(say("starts.table"))
            return
        optima = result.optima()
        self._found = optima.found
        self.table.set_table(optima_columns(optima, result), len(optima.found))
        self._fit_columns()
        place = optima.place_of(result.best.index)
        self.table.choose_rows([] if place is None else [place])
        hint = say("starts.table.hint") if optima.found else ""
        self.set_title(say("starts.table"), hint)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In little room the columns that follow from others are left out, so that the verdict can be read."""
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        columns, table = self.table.table.columns, self.table
        if not columns:
            return
        *others, verdict = range(len(columns))
        for place in others:
            table.setColumnHidden(place, False)
        spared = {say("starts.column.from_best"), say("starts.column.bic")}
        words = (str(table.table.value(row, verdict)) for row in range(len(self._found)))
        metrics = table.fontMetrics()
        needed = max(map(metrics.horizontalAdvance, words), default=0) + CELL_ROOM
        is_tight = sum(map(table.columnWidth, others)) + needed > table.viewport().width()
        for place in others:
            table.setColumnHidden(place, is_tight and columns[place].title in spared)
        room = table.viewport().width() - sum(map(table.columnWidth, others))
        table.setColumnWidth(verdict, max(LEAST_VERDICT, room))

    def _click(self, index: QModelIndex) -> None:
        self._ask_for(self.table.table.source_row(index.row()))

    def _ask_for(self, row: int) -> None:
        if 0 <= row < len(self._found):
            self.startRequested.emit(self._found[row].starts[0])


def optima_columns(optima: Optima, result: FitResult) -> list[TableColumn]:
    """The columns of these optima, computed cell by cell."""
    found = optima.found
    has_prior = any(o.objective != o.log_likelihood for o in found)
    most = max((o.count for o in found), default=1)
    size = result.data.size

    def bic(optimum: Optimum) -> float:
        if not optimum.is_sound:
            return math.nan
        return -2 * optimum.log_likelihood + optimum.free_parameters * math.log(size)

    def from_best(optimum: Optimum) -> float:
        if optima.best is None or optimum is optima.best or not optimum.is_sound:
            return math.nan
        return optimum.objective - optima.best.objective

    def column(
        key: str,
        value: Callable[[Optimum], float],
        text: Callable[[float], str],
        bar: Callable[[int], float] | None = None,
    ) -> TableColumn:
        tip = f"starts.column.{key}_is"
        tips = {"from_best", "iterations", "smallest"}
        return TableColumn(
            say(f"starts.column.{key}"),
            lambda row: value(found[row]),
            text,
            tooltip=say(tip) if key in tips else "",
            fraction=bar,
            tint=_tint(found),
            sort_keys=lambda: np.array([value(o) for o in found]),
        )

    columns = [
        TableColumn(
            "",
            lambda row: str(row + 1) if found[row].is_sound else say("starts.aside_mark"),
            tint=_tint(found),
            width=44,
        ),
        column(
            "objective" if has_prior else "log_likelihood",
            lambda o: o.objective,
            lambda v: fixed(v, OBJECTIVE_DECIMALS),
        ),
        column("from_best", from_best, criterion),
        column("bic", bic, lambda v: fixed(v, 1)),
        column("count", lambda o: float(o.count), whole, lambda row: found[row].count / most),
        column("iterations", lambda o: float(o.iterations), whole),
    ]
    if any(o.smallest_group is not None for o in found):
        smallest = column("smallest", lambda o: _number(o.smallest_group), lambda v: fixed(v, 1))
        columns.append(smallest)
    verdict = TableColumn(
        say("starts.column.verdict"),
        lambda row: verdict_of(optima, found[row]),
        numeric=False,
        tint=_tint(found),
        hint=lambda row: _starts_of(found[row]),
    )
    return [*columns, verdict]


def _tint(found: Sequence[Optimum]) -> Callable[[int], str]:
    return lambda row: "" if found[row].is_sound else "bad"


def _number(value: float | None) -> float:
    return math.nan if value is None else value


MOST_NAMED = 12


def _starts_of(optimum: Optimum) -> str:
    """The verdict's sentence and the numbers of the starts that ended here."""
    numbers = ", ".join(whole(start + 1) for start in optimum.starts[:MOST_NAMED])
    more = optimum.count - MOST_NAMED
    rest = say_count("starts.more_starts", more) if more > 0 else ""
    told = say_count("starts.starts_of", optimum.count, numbers=f"{numbers}{rest}")
    return f"{optimum.sentence}\n{told}" if optimum.sentence else told
