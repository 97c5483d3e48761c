"""Labels the rows of another file with the fit on the desk: which file, which folder, and what was written."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from emdesk.app import commands
from emdesk.app.prediction import (
    Prediction,
    export_prediction,
    predict,
    prediction_files,
    result_model,
)
from emdesk.app.state import Message, Weight
from emdesk.errors import EMDeskError
from emdesk.gui.background import Background
from emdesk.gui.store import Store
from emdesk.gui.widgets import QuestionDialog
from emdesk.io.readers import FORMATS
from emdesk.io.reading import Reading
from emdesk.texts import say, say_count

Done = tuple[Prediction, tuple[Path, ...]]


class Predictions(QObject):
    """Owns the dialogs around a prediction. `done` says what was written, `problem` what could not be done."""

    done = Signal(str)
    problem = Signal(object, str)

    def __init__(self, store: Store, background: Background, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._background, self._window = store, background, window
        self.dialog: QWidget | None = None

    def choose(self) -> None:
        """Ask which file, and show how it would be read."""
        endings = " ".join(f"*{ending}" for ending in sorted(FORMATS))
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            say("predict.choose_file"),
            str(QSettings().value("folder", str(Path.home()))),
            f"{say('files.tables', endings=endings)};;{say('files.all')} (*)",
        )
        if chosen:
            self.preview(Path(chosen))

    def preview(self, path: Path) -> None:
        """Show how a file would be read; when it is imported, ask for the folder."""
        from emdesk.gui.dialogs.import_dialog import ImportDialog

        dialog = ImportDialog(path, parent=self._window)
        dialog.imported.connect(partial(self._ask_folder, path))
        dialog.finished.connect(partial(self._closed, dialog))
        self.dialog = dialog
        dialog.open()

    def _closed(self, dialog: QWidget, _result: int = 0) -> None:
        if self.dialog is dialog:
            self.dialog = None
        dialog.deleteLater()

    def _ask_folder(self, path: Path, reading: Reading) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self._window, say("predict.choose_folder"), str(path.parent)
        )
        if chosen:
            self.write(reading, Path(chosen))

    def write(self, reading: Reading, folder: Path) -> None:
        """Label the rows and write the files; files that are there already are replaced only when that is wanted."""
        result = self._store.state.result
        if result is None:
            return
        there = [n for n in prediction_files(result.family) if (folder / n).exists()]
        if not there:
            self._write(reading, folder)
            return
        told = say("predict.replace_which", names=", ".join(there), folder=folder.name)
        acts = [say("unsaved.cancel"), say("predict.act_replace")]
        dialog = QuestionDialog(say("predict.replace"), told, acts, self._window)
        dialog.chosen.connect(lambda place: self._write(reading, folder) if place == 1 else None)
        dialog.finished.connect(partial(self._closed, dialog))
        self.dialog = dialog
        dialog.open()

    def _write(self, reading: Reading, folder: Path) -> None:
        state = self._store.state
        if state.result is None:
            return
        model, book = result_model(state.result), state.catalogue
        refused = reading.refused_count
        notes = (say("files.refused", count=refused),) if refused else ()

        def job() -> Done:
            made = predict(model, reading.dataset, book)
            return made, export_prediction(made, folder, notes)

        self._background.ask("predict", job, self._tell, self._tell_problem)

    def _tell_problem(self, problem: EMDeskError) -> None:
        self.problem.emit(problem, say("predict.problem"))

    def _tell(self, done: Done) -> None:
        made, paths = done
        rows = say_count("data.rows", int(made.used.sum()))
        text = say("predict.done", rows=rows, names=", ".join(path.name for path in paths))
        clock = time.strftime("%H:%M")
        message = Message(str(paths[0].parent), text, weight=Weight.OK, clock=clock)
        self._store.do(commands.add_message, message)
        self.done.emit(text)
