"""The pictures of the samples' fits, made once on a thread of their own and kept."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject, QThread, Signal, Slot

from emdesk.app.catalogue import Catalogue
from emdesk.app.samples import Sample, sample_picture
from emdesk.em.control import RunControl
from emdesk.errors import Cancelled, EMDeskError
from emdesk.model.marks import Picture

WIDTH, HEIGHT = 220, 240

_made: dict[str, Picture] = {}


class _Painter(QObject):
    """Fits one sample after the other; lives on the thread."""

    made = Signal(str, object)
    finished = Signal()

    def __init__(self, wanted: Sequence[Sample], catalogue: Catalogue) -> None:
        super().__init__()
        self._wanted = tuple(wanted)
        self._catalogue = catalogue
        self.control = RunControl()

    @Slot()
    def run(self) -> None:
        for sample in self._wanted:
            try:
                picture = sample_picture(sample, self._catalogue, WIDTH, HEIGHT, self.control)
            except Cancelled:
                break
            except EMDeskError:
                continue  # the card stays without a picture; opening the sample says what is wrong
            self.made.emit(sample.id, picture)
        self.finished.emit()


class SamplePictures(QObject):
    """Makes the pictures of samples; `ready` carries the id of a sample and its picture."""

    ready = Signal(str, object)

    def __init__(self, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._thread: QThread | None = None
        self._painter: _Painter | None = None
        self._rest: tuple[Sample, ...] = ()
        application = QCoreApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self.stop)

    def want(self, samples: Sequence[Sample]) -> None:
        """Ask for pictures: those made earlier come at once, the others as they are fitted."""
        for sample in samples:
            if sample.id in _made:
                self.ready.emit(sample.id, _made[sample.id])
        self._rest = tuple(sample for sample in samples if sample.id not in _made)
        if self._rest and self._thread is None:
            self._start()

    def cancel(self) -> None:
        """Make no more pictures; does not wait for the thread."""
        self._rest = ()
        if self._painter is not None:
            self._painter.control.stop()

    @Slot()
    def stop(self) -> None:
        """End the thread and wait for it, a few hundredths of a second."""
        self.cancel()
        self._end()

    def _start(self) -> None:
        self._thread = QThread(self)
        self._painter = _Painter(self._rest, self._catalogue)
        self._painter.moveToThread(self._thread)
        self._thread.started.connect(self._painter.run)
        self._painter.made.connect(self._keep)
        self._painter.finished.connect(self._finish)
        self._thread.start(QThread.Priority.LowPriority)

    @Slot()
    def _finish(self) -> None:
        was_cancelled = self._painter is not None and self._painter.control.is_stopped
        self._end()
        rest = tuple(sample for sample in self._rest if sample.id not in _made)
        if was_cancelled and rest:  # wanted again while the thread came to its end
            self._start()

    def _end(self) -> None:
        if self._thread is not None:
            self._thread.quit()
            self._thread.wait()
            self._thread.deleteLater()
            self._thread = None
            self._painter = None

    @Slot(str, object)
    def _keep(self, name: str, picture: Picture) -> None:
        _made[name] = picture
        self.ready.emit(name, picture)
