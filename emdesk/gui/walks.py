"""The threads of a controller: one for each walk of a worker, forgotten when it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, cast

from PySide6.QtCore import QObject, Qt, QThread, Slot

from emdesk.em.control import RunControl


class Walker(Protocol):
    """A worker: all that it does in its thread, and when it ends, is `walk`; only its `control` makes it end early."""

    @property
    def control(self) -> RunControl: ...

    def walk(self) -> None: ...


@dataclass(eq=False)
class _Walk:
    number: int
    worker: Walker
    thread: QThread


class Walks(QObject):
    """Begins walks and waits for their ends; `name` is that of the threads, for those who look for what still runs."""

    def __init__(self, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self._name = name
        self._walks: list[_Walk] = []

    def __len__(self) -> int:
        """How many threads have not ended yet."""
        return len(self._walks)

    def begin(self, number: int, worker: Walker) -> None:
        """Let a worker, whose signals are connected, walk in a thread of its own."""
        thread = QThread(self)
        thread.setObjectName(f"emdesk-{self._name}-{number}")
        cast(QObject, worker).moveToThread(thread)
        thread.started.connect(worker.walk)
        thread.finished.connect(self._forget_ended, Qt.ConnectionType.QueuedConnection)
        self._walks.append(_Walk(number, worker, thread))
        thread.start()

    def end(self, number: int) -> None:
        """A walk told its end: its thread may end too."""
        for walk in self._walks:
            if walk.number == number:
                walk.thread.quit()

    def close(self) -> None:
        """Stop every walk and wait for the threads: cancel, quit, wait."""
        for walk in self._walks:
            walk.worker.control.stop()
            walk.thread.quit()
        for walk in self._walks:
            walk.thread.wait()
            walk.thread.deleteLater()
        self._walks.clear()

    @Slot()
    def _forget_ended(self) -> None:
        ended = [walk for walk in self._walks if walk.thread.isFinished()]
        self._walks = [walk for walk in self._walks if not walk.thread.isFinished()]
        for walk in ended:
            walk.thread.wait()
            walk.thread.deleteLater()
