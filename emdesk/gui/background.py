"""A thread for everything that grows with the rows and is not a fit: pictures, summaries, counts, opening a file."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from emdesk.errors import EMDeskError
from emdesk.gui.fit_worker import Bench

Then = Callable[[Any], object]


class Background(QObject):
    """Ask for a job; `then` gets its answer in the window's thread. Of each kind only the newest waiting one is done.

    `crashed` carries the report of a job that ended in something nobody expected.
    """

    crashed = Signal(str)
    settled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked = 0
        self._then: dict[int, tuple[Then, Then]] = {}
        self._bench = Bench()
        self._thread = QThread(self)
        self._thread.setObjectName("emdesk-background")
        self._bench.moveToThread(self._thread)
        queued = Qt.ConnectionType.QueuedConnection
        self._bench.answered.connect(self._take, queued)
        self._bench.crashed.connect(self._take_crash, queued)
        self._thread.start()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being worked on and nothing waits."""
        return not self._then

    def ask(
        self,
        kind: Hashable,
        job: Callable[[], Any],
        then: Then,
        otherwise: Callable[[EMDeskError], object],
    ) -> None:
        """Do `job` in the other thread; `otherwise` gets the expected problem it raised."""
        self._asked += 1
        self._then[self._asked] = (then, otherwise)
        replaced = self._bench.put(kind, self._asked, job)
        if replaced is not None:
            self._then.pop(replaced, None)

    def close(self) -> None:
        """Forget what waits, hear no more, wait for the thread."""
        self._then.clear()
        self._bench.close()
        self._thread.quit()
        self._thread.wait()

    @Slot(int, object)
    def _take(self, number: int, answer: object) -> None:
        found = self._then.pop(number, None)
        if found is not None:
            then, otherwise = found
            if isinstance(answer, EMDeskError):
                otherwise(answer)
            elif answer is not None:
                then(answer)
        if not self._then:
            self.settled.emit()

    @Slot(int, str)
    def _take_crash(self, number: int, report: str) -> None:
        self._then.pop(number, None)
        self.crashed.emit(report)
        if not self._then:
            self.settled.emit()
