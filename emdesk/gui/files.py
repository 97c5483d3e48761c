"""Opening, pasting and exporting: the dialogs around files, and what becomes of their answers."""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from emdesk.app import commands
from emdesk.app.export_plan import plan_of_groups, plan_of_result
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.recent import RecentFiles
from emdesk.app.samples import Sample, sample, sample_dataset, sample_spec
from emdesk.app.state import Message, Saved, Weight
from emdesk.errors import EMDeskError
from emdesk.gui.background import Background
from emdesk.gui.store import Store
from emdesk.gui.unsaved_work import Leaving, UnsavedWork
from emdesk.io.readers import FORMATS, can_read
from emdesk.io.reading import Reading
from emdesk.model.dataset import Dataset
from emdesk.texts import say

PROJECT = ".emdesk"


class Files(QObject):
    """Owns the file dialogs of a window. `opened` follows a file that was put on the desk, `saved` a project that was
    written, `saveGivenUp` one for which no file was chosen. What is opened waits for `unsaved`."""

    opened = Signal()
    saved = Signal(str)
    saveGivenUp = Signal()
    problem = Signal(object, str)

    def __init__(
        self,
        store: Store,
        background: Background,
        recent: RecentFiles,
        unsaved: UnsavedWork,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._store = store
        self._background = background
        self._recent = recent
        self._unsaved = unsaved
        self._window = window
        self.dialog: QDialog | None = None

    @property
    def recent(self) -> RecentFiles:
        return self._recent

    def choose(self) -> None:
        """Ask which file, and show how it would be read."""
        folder = str(QSettings().value("folder", str(Path.home())))
        endings = " ".join(f"*{ending}" for ending in (*sorted(FORMATS), PROJECT))
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            say("files.choose"),
            folder,
            f"{say('files.tables', endings=endings)};;{say('files.all')} (*)",
        )
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Show how a file would be read; it is put on the desk when the person imports it."""
        if path.suffix.lower() == PROJECT:
            self._unsaved.before(Leaving.REPLACE, partial(self.open_project, path))
            return
        if path.is_file() and not can_read(path):
            try:
                from emdesk.io.readers import read

                read(path)
            except EMDeskError as problem:
                self.problem.emit(problem, say("files.not_opened"))
            return
        self._unsaved.before(Leaving.REPLACE, partial(self._preview, path))

    def _preview(self, path: Path) -> None:
        from emdesk.gui.dialogs.import_dialog import ImportDialog

        dialog = ImportDialog(path, parent=self._window)
        dialog.imported.connect(partial(self._take, path.absolute()))
        self._show(dialog)

    def open_project(self, path: Path) -> None:
        """Put a project on the desk."""
        book = self._store.state.catalogue
        self._background.ask(
            "open",
            partial(open_project, path, book),
            partial(self._take_project, path.absolute()),
            lambda problem: self.problem.emit(problem, say("files.not_opened")),
        )

    def _take_project(self, path: Path, project: Project) -> None:
        self._store.do(commands.opened_project, project, path, time.strftime("%H:%M"))
        self._recent.add(path, self._model_words())
        self.opened.emit()

    def save(self) -> None:
        """Write what is on the desk into its project file; the first time it is asked where."""
        saved = self._store.state.saved
        if saved is None:
            self.save_as()
        else:
            self.save_to(saved.path)

    def save_as(self) -> None:
        """Ask for a project file and write it."""
        name = str(self._folder() / f"{self._store.state.title}{PROJECT}")
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, say("files.save_as"), name, say("files.projects", ending=f"*{PROJECT}")
        )
        if chosen:
            path = Path(chosen)
            self.save_to(path if path.suffix == PROJECT else path.with_name(path.name + PROJECT))
        else:
            self.saveGivenUp.emit()

    def save_to(self, path: Path) -> None:
        """Write the project in the other thread."""
        state = self._store.state
        setup, result, saved = state.setup, state.result, state.saved
        groups = None if state.is_busy else state.group_fits
        if setup.dataset is None or setup.spec is None or state.is_busy or groups is not None:
            result = None
        if setup.dataset is None or setup.spec is None:
            return
        reading = saved.reading if saved is not None else {}
        other = saved.other if saved is not None else {}
        grid, kept = state.own_grid, state.kept
        explored = state.exploration if grid is not None else None
        project = Project(setup.dataset, setup.spec, result, reading, other, explored, kept, groups)
        clock = time.strftime("%H:%M")
        done = Saved(
            path.absolute(), clock, setup, state.result, reading, other, groups, grid, kept
        )

        def write() -> Saved:
            save_project(path, project)
            return done

        self._background.ask(
            "save",
            write,
            self._tell_saved,
            self._tell_not_saved,
        )

    def _tell_not_saved(self, problem: EMDeskError) -> None:
        self.saveGivenUp.emit()
        self.problem.emit(problem, say("files.not_saved"))

    def _tell_saved(self, saved: Saved) -> None:
        self._store.do(commands.saved_project, saved)
        self._recent.add(saved.path, self._model_words())
        self.saved.emit(say("files.saved", name=saved.path.name))

    def paste(self) -> None:
        """Read the table on the clipboard like a file."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            self._store.do(
                commands.add_message, Message(say("files.clipboard"), say("files.nothing_to_paste"))
            )
            self.problem.emit(
                EMDeskError(say("files.nothing_to_paste"), remedy=say("files.copy_first")),
                say("files.clipboard"),
            )
            return
        self._unsaved.before(Leaving.REPLACE, partial(self._preview_pasted, text))

    def _preview_pasted(self, text: str) -> None:
        from emdesk.gui.dialogs.import_dialog import ImportDialog

        folder = Path(tempfile.mkdtemp(prefix="emdesk-"))
        path = folder / "pasted.txt"
        path.write_text(text, "utf-8")
        dialog = ImportDialog(path, parent=self._window, name=say("files.pasted"))
        dialog.imported.connect(partial(self._take, None))
        dialog.finished.connect(partial(self._forget_pasted, path))
        self._show(dialog)

    def _forget_pasted(self, path: Path, _result: int = 0) -> None:
        path.unlink(missing_ok=True)
        path.parent.rmdir()

    def _show(self, dialog: QDialog) -> None:
        self.dialog = dialog
        dialog.finished.connect(partial(self._closed, dialog))
        dialog.open()

    def _closed(self, dialog: QDialog, _result: int = 0) -> None:
        if self.dialog is dialog:
            self.dialog = None
        dialog.deleteLater()

    def _take(self, path: Path | None, reading: Reading) -> None:
        notes = list(reading.notes)
        if reading.refused_count:
            notes.append(say("files.refused", count=reading.refused_count))
        clock = time.strftime("%H:%M")
        self._store.do(commands.open_dataset, reading.dataset, path, tuple(notes), clock=clock)
        if path is not None:
            QSettings().setValue("folder", str(path.parent))
            self._recent.add(path, self._model_words())
        self.opened.emit()

    def _model_words(self) -> str:
        spec, book = self._store.state.spec, self._store.state.catalogue
        if spec is None:
            return ""
        family = spec.family_in(book)
        law = family.law.label if family.law is not None else ""
        return f"{law} {family.label}".strip().capitalize()

    def open_sample(self, name: str) -> None:
        """Put a bundled sample on the desk, its model set up; large ones are made in another thread."""
        try:
            chosen = sample(name)
        except EMDeskError as problem:
            self.problem.emit(problem, say("files.not_opened"))
            return
        self._unsaved.before(Leaving.REPLACE, partial(self._make_sample, chosen))

    def _make_sample(self, chosen: Sample) -> None:
        self._background.ask(
            "open",
            partial(sample_dataset, chosen),
            partial(self._take_sample, chosen),
            lambda problem: self.problem.emit(problem, say("files.not_opened")),
        )

    def _take_sample(self, chosen: Sample, dataset: Dataset) -> None:
        spec = sample_spec(chosen, self._store.state.catalogue)
        small = chosen.simulation is None
        self._store.do(commands.open_dataset, dataset, None, (), spec, small)
        self.opened.emit()

    def export(self) -> None:
        """Write the result: choose a folder, see what is written, say where it went."""
        from emdesk.gui.dialogs.export_dialog import ExportDialog

        groups, result = self._store.state.group_fits, self._store.state.result
        if groups is not None:
            plan = plan_of_groups(groups)
        elif result is not None:
            plan = plan_of_result(result)
        else:
            return
        folder = Path(str(QSettings().value("export_folder", str(self._folder()))))
        dialog = ExportDialog(plan, folder, self._window)
        dialog.exported.connect(self._tell_exported)
        self._show(dialog)

    def _folder(self) -> Path:
        path = self._store.state.setup.path
        return path.parent if path is not None else Path.home()

    def _tell_exported(self, paths: object) -> None:
        assert isinstance(paths, tuple)
        folder = paths[-1].parent  # those of groups stand in folders of their own before it
        QSettings().setValue("export_folder", str(folder))
        names = ", ".join(dict.fromkeys(path.relative_to(folder).parts[0] for path in paths))
        text = say("files.exported", names=names)
        clock = time.strftime("%H:%M")
        self._store.do(
            commands.add_message, Message(str(folder), text, weight=Weight.OK, clock=clock)
        )
