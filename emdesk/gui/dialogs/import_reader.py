"""Reading a file off the GUI thread: the newest wish wins, an older one is broken off."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QThread, Signal, Slot

from emdesk.errors import Cancelled
from emdesk.io.child import WORTH_A_CHILD, read_in_child
from emdesk.io.dialect import Dialect, ImportOptions
from emdesk.io.readers import read
from emdesk.io.readers.preview import preview
from emdesk.io.readers.sniffing import sniff

HEAD_LINES = 1000


class _Reader(QObject):
    """Reads; lives on the thread."""

    headRead = Signal(int, object, object)
    progressed = Signal(int, float)
    finished = Signal(int, object)
    broke = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        self.wanted = 0

    @Slot(int, object, object)
    def read(self, ticket: int, path: Path, options: ImportOptions) -> None:
        def cancelled() -> bool:
            return self.wanted != ticket

        def progressed(share: float) -> None:
            self.progressed.emit(ticket, share)

        if cancelled():
            return
        try:
            dialect = sniff(path, options)
            self.headRead.emit(ticket, dialect, preview(path, dialect, HEAD_LINES))
            if path.stat().st_size > WORTH_A_CHILD:
                reading = read_in_child(path, options, cancelled, progressed)
            else:
                reading = read(path, options, progressed, cancelled)
            for column in reading.dataset.columns:
                _ = column.missing_count  # counted here once, not on the GUI thread
            self.finished.emit(ticket, reading)
        except Cancelled:
            return
        except Exception as problem:  # shown, or raised again, on the GUI thread
            self.broke.emit(ticket, problem)


class ImportReader(QObject):
    """Ask for a file to be read; answers of broken-off wishes never arrive.

    `headRead` brings the dialect and the preview, `progressed` a share from 0 to 1, `finished` the
    Reading, `broke` the exception that ended it.
    """

    headRead = Signal(object, object)
    progressed = Signal(float)
    finished = Signal(object)
    broke = Signal(object)
    _asked = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = QThread(self)
        self._reader = _Reader()
        self._reader.moveToThread(self._thread)
        self._asked.connect(self._reader.read)
        self._reader.headRead.connect(self._relay_head)
        self._reader.progressed.connect(self._relay_progress)
        self._reader.finished.connect(self._relay_finished)
        self._reader.broke.connect(self._relay_broken)
        application = QCoreApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self.stop)
        self._thread.start()

    def ask(self, path: Path, options: ImportOptions) -> None:
        """Read the file this way; whatever was being read is broken off."""
        self.cancel()
        self._asked.emit(self._reader.wanted, path, options)

    def cancel(self) -> None:
        """Break off what is being read."""
        self._reader.wanted += 1

    @Slot()
    def stop(self) -> None:
        """Break off and end the thread."""
        self.cancel()
        self._thread.quit()
        self._thread.wait()

    @Slot(int, object, object)
    def _relay_head(self, ticket: int, dialect: Dialect, head: object) -> None:
        if ticket == self._reader.wanted:
            self.headRead.emit(dialect, head)

    @Slot(int, float)
    def _relay_progress(self, ticket: int, share: float) -> None:
        if ticket == self._reader.wanted:
            self.progressed.emit(share)

    @Slot(int, object)
    def _relay_finished(self, ticket: int, reading: object) -> None:
        if ticket == self._reader.wanted:
            self.finished.emit(reading)

    @Slot(int, object)
    def _relay_broken(self, ticket: int, problem: object) -> None:
        if ticket == self._reader.wanted:
            self.broke.emit(problem)
