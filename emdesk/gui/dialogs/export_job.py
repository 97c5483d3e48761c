"""Writing the files of a result off the GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QThread, Signal, Slot

from emdesk.app.export_plan import ExportPlan
from emdesk.errors import Cancelled


class _Exporter(QObject):
    """Writes; lives on the thread."""

    progressed = Signal(float)
    finished = Signal(object)
    broke = Signal(object)

    def __init__(self, plan: ExportPlan, folder: Path) -> None:
        super().__init__()
        self._plan = plan
        self._folder = folder
        self.is_cancelled = False

    @Slot()
    def run(self) -> None:
        try:
            paths = self._plan.write(self._folder, self.progressed.emit, lambda: self.is_cancelled)
        except Cancelled as stopped:
            if stopped.kept:  # something was written, which is said
                self.broke.emit(stopped)
            else:
                self.finished.emit(())
        except Exception as problem:  # shown, or raised again, on the GUI thread
            self.broke.emit(problem)
        else:
            self.finished.emit(paths)


class ExportJob(QObject):
    """One export: `progressed` from 0 to 1, then `finished` with the paths (none: stopped with nothing written) or
    `broke`."""

    progressed = Signal(float)
    finished = Signal(object)
    broke = Signal(object)

    def __init__(self, plan: ExportPlan, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = QThread(self)
        self._exporter = _Exporter(plan, folder)
        self._exporter.moveToThread(self._thread)
        self._thread.started.connect(self._exporter.run)
        self._exporter.progressed.connect(self.progressed)
        self._exporter.finished.connect(self._finish)
        self._exporter.broke.connect(self._break)
        application = QCoreApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self.stop)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def cancel(self) -> None:
        """Ask to stop; `finished` follows with no paths, or `broke` says what was written."""
        self._exporter.is_cancelled = True

    @Slot()
    def stop(self) -> None:
        """Stop and wait for the thread."""
        self.cancel()
        self._thread.quit()
        self._thread.wait()

    @Slot(object)
    def _finish(self, paths: object) -> None:
        self.stop()
        self.finished.emit(paths)

    @Slot(object)
    def _break(self, problem: object) -> None:
        self.stop()
        self.broke.emit(problem)
