"""What is done with the fit on the desk: its components merged, data drawn from it."""

from __future__ import annotations

import time
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from emdesk.app import commands
from emdesk.app.merging import merging
from emdesk.app.simulation import simulate_result
from emdesk.em.merging import MergeStep, Merging
from emdesk.errors import EMDeskError
from emdesk.gui.background import Background
from emdesk.gui.dialogs.merge_dialog import MergeDialog
from emdesk.gui.dialogs.simulate_dialog import SimulateDialog
from emdesk.gui.store import Store
from emdesk.gui.unsaved_work import Leaving, UnsavedWork
from emdesk.model.dataset import Dataset
from emdesk.model.needs import Role
from emdesk.texts import say, say_count


class AfterFit(QObject):
    """Owns the dialogs. `done` says what was made, `problem` what could not be done."""

    done = Signal(str)
    problem = Signal(object, str)

    def __init__(
        self, store: Store, background: Background, unsaved: UnsavedWork, window: QWidget
    ) -> None:
        super().__init__(window)
        self._store, self._background, self._unsaved = store, background, unsaved
        self._window = window
        self.dialog: QWidget | None = None

    def merge(self) -> None:
        """Find how the components merge, and show it."""
        result = self._store.state.result
        if result is None:
            return
        run = self._store.state.run
        self._background.ask(
            "merge", partial(merging, result), partial(self._show_merging, run), self._tell_problem
        )

    def _show_merging(self, run: int, found: Merging) -> None:
        state = self._store.state
        if state.run != run or state.result is None:
            return
        merged = state.result.merged
        dialog = MergeDialog(
            found,
            state.result.group_names,
            None if merged is None else merged.clusters,
            self._window,
        )
        dialog.chosen.connect(self._colour)
        self._open(dialog)

    def _colour(self, step: MergeStep | None) -> None:
        self._store.do(commands.merge_components, step)
        if step is not None:
            self.done.emit(say("merging.coloured", clusters=step.clusters))

    def simulate(self) -> None:
        """Ask how many rows to draw."""
        result = self._store.state.result
        if result is None:
            return
        dialog = SimulateDialog(int(result.data.used.sum()), self._window)
        dialog.wanted.connect(self._make)
        self._open(dialog)

    def _make(self, rows: int, seed: int) -> None:
        self._unsaved.before(Leaving.REPLACE, partial(self._draw, rows, seed))

    def _draw(self, rows: int, seed: int) -> None:
        result = self._store.state.result
        if result is not None:
            job = partial(simulate_result, result, rows, seed)
            self._background.ask("open", job, self._put, self._tell_problem)

    def _put(self, dataset: Dataset) -> None:
        clock = time.strftime("%H:%M")
        self._store.do(commands.open_dataset, dataset, None, (), None, clock=clock)
        self._store.do(commands.set_role, dataset.names[-1], Role.TRUTH)
        self.done.emit(say_count("simulate.done", dataset.rows, names=", ".join(dataset.names)))

    def _open(self, dialog: MergeDialog | SimulateDialog) -> None:
        dialog.finished.connect(partial(self._closed, dialog))
        self.dialog = dialog
        dialog.open()

    def _closed(self, dialog: QWidget, _result: int = 0) -> None:
        if self.dialog is dialog:
            self.dialog = None
        dialog.deleteLater()

    def _tell_problem(self, problem: EMDeskError) -> None:
        self.problem.emit(problem, say("after_fit.problem"))
