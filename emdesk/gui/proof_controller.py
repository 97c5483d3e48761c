"""Owns the thread that refits published results, and opens one of them on the desk."""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from emdesk.app import commands
from emdesk.app.catalogue import Catalogue
from emdesk.app.model_spec import ModelSpec
from emdesk.app.proofs.entries import Entry, entries, proof_dataset, proof_spec
from emdesk.app.proofs.running import Proved, prove
from emdesk.em.control import RunControl
from emdesk.errors import Cancelled
from emdesk.gui.background import Background
from emdesk.gui.store import Store
from emdesk.gui.unsaved_work import Leaving, UnsavedWork
from emdesk.gui.walks import Walks
from emdesk.model.dataset import Dataset
from emdesk.texts import say


class ProofWorker(QObject):
    """Tries results in its thread: `proved(number, Proved)` for each, `crashed(number, report)` if it breaks, and
    `ended(number)`."""

    proved = Signal(int, object)
    ended = Signal(int)
    crashed = Signal(int, str)

    def __init__(
        self,
        number: int,
        chosen: Sequence[Entry],
        catalogue: Catalogue,
        folder: Path | None,
    ) -> None:
        super().__init__()
        self._number, self._chosen, self._catalogue = number, chosen, catalogue
        self.control, self._folder = RunControl(), folder

    @Slot()
    def walk(self) -> None:
        """All of them; it is left early only through the control."""
        try:
            for made in prove(self._chosen, self._catalogue, self.control, self._folder):
                self.proved.emit(self._number, made)
        except Cancelled:
            pass
        except Exception:
            self.crashed.emit(self._number, traceback.format_exc())
        self.ended.emit(self._number)


class ProofController(QObject):
    """Run, stop and open published results. `crashed` carries a report, `problem` what could not be opened."""

    crashed = Signal(str)
    problem = Signal(object, str)

    def __init__(
        self, store: Store, background: Background, unsaved: UnsavedWork, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._store, self._background, self._unsaved = store, background, unsaved
        self._number = 0
        self._walks = Walks("proof", self)
        self._current: ProofWorker | None = None

    def start(self) -> None:
        """Try all results, one after the other; a run under way is left."""
        self._leave()
        state = self._store.state
        self._number += 1
        worker = ProofWorker(self._number, entries(), state.catalogue, state.proofs.folder)
        queued = Qt.ConnectionType.QueuedConnection
        worker.proved.connect(self._take, queued)
        worker.ended.connect(self._end, queued)
        worker.crashed.connect(self._crash, queued)
        self._current = worker
        self._store.do(commands.proof_started, tuple(entry.id for entry in entries()))
        self._walks.begin(self._number, worker)

    def stop(self) -> None:
        """End the run; what was tried stays."""
        if self._current is not None:
            self._current.control.stop()

    def close(self) -> None:
        """Stop, hear no more, wait for the thread."""
        self._leave()

    def choose_folder(self) -> None:
        """Ask for the folder with data that are not bundled."""
        known = str(QSettings().value("proof_folder", str(Path.home())))
        parent = self.parent()
        assert isinstance(parent, QWidget)
        chosen = QFileDialog.getExistingDirectory(parent, say("proof.choose_folder"), known)
        if chosen:
            QSettings().setValue("proof_folder", chosen)
            self._store.do(commands.set_proof_folder, Path(chosen))

    def open(self, name: str) -> None:
        """Put the data and the model of a result on the desk."""
        entry = next((e for e in entries() if e.id == name), None)
        if entry is not None:
            self._unsaved.before(Leaving.REPLACE, partial(self._make, entry))

    def _make(self, entry: Entry) -> None:
        state = self._store.state
        book, folder = state.catalogue, state.proofs.folder

        def job() -> tuple[Dataset, ModelSpec]:
            return proof_dataset(entry, folder), proof_spec(entry, book)

        self._background.ask(
            "open",
            job,
            self._put,
            lambda problem: self.problem.emit(problem, say("proof.not_opened", id=entry.id)),
        )

    def _put(self, made: tuple[Dataset, ModelSpec]) -> None:
        dataset, spec = made
        clock = time.strftime("%H:%M")
        self._store.do(commands.open_dataset, dataset, None, (), spec, clock=clock)

    @Slot(int, object)
    def _take(self, number: int, made: object) -> None:
        if self._current is not None and number == self._number:
            assert isinstance(made, Proved)
            self._store.do(commands.proof_made, made)

    @Slot(int)
    def _end(self, number: int) -> None:
        if self._current is not None and number == self._number:
            self._leave()

    @Slot(int, str)
    def _crash(self, number: int, report: str) -> None:
        self.crashed.emit(report)

    def _leave(self) -> None:
        if self._current is not None:
            self._current = None
            self._walks.close()
            self._store.do(commands.proof_ended)
