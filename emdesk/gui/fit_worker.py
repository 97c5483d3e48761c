"""The objects that live in other threads: one walks a fit, one makes pictures and summaries."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import traceback
from collections.abc import Callable, Hashable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from emdesk.app.feed import Feed
from emdesk.em.control import RunControl
from emdesk.errors import Cancelled, EMDeskError

FIT_NICENESS = 5


class FitWorker(QObject):
    """Walks one fit to its end. It records every iteration and announces at most one frame at a time.

    `announced(run)`, then one of `finished(run, result)`, `dropped(run)` (stopped before its first iteration),
    `refused(run, EMDeskError)` and `crashed(run, report)`.
    """

    announced = Signal(int)
    finished = Signal(int, object)
    dropped = Signal(int)
    refused = Signal(int, object)
    crashed = Signal(int, str)

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self._feed = feed

    @property
    def control(self) -> RunControl:
        """Pauses the run and ends it."""
        return self._feed.session.control

    @Slot()
    def walk(self) -> None:
        """The whole run; it is left early only through the run's control."""
        run, session = self._feed.run, self._feed.session
        step_back()
        try:
            for progress in session.run():
                if self._feed.record(progress):
                    self.announced.emit(run)
        except Cancelled:
            self.dropped.emit(run)
        except EMDeskError as problem:
            self.refused.emit(run, problem)
        except Exception:
            self.crashed.emit(run, traceback.format_exc())
        else:
            self.finished.emit(run, session.result)


def step_back() -> None:
    """Let the window's thread go first: where threads have a priority of their own (Linux), this thread and those that
    it starts take the processor only when the window leaves it."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), FIT_NICENESS)


class Bench(QObject):
    """Does small jobs one after the other in its thread: of each kind only the newest waiting one.

    A job is a function without Qt. `answered(number, answer)` brings what it returned, the EMDeskError it raised, or
    None when it was cancelled; anything else it raised comes as `crashed(number, report)`.
    """

    answered = Signal(int, object)
    crashed = Signal(int, str)
    woken = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._jobs: dict[Hashable, tuple[int, Callable[[], Any]]] = {}
        self._closed = False
        self.woken.connect(self._work)

    def put(self, kind: Hashable, number: int, job: Callable[[], Any]) -> int | None:
        """Ask for a job, from any thread; returns the number of the waiting one of this kind that it replaces."""
        with self._lock:
            replaced = self._jobs.pop(kind, None)
            self._jobs[kind] = (number, job)
        self.woken.emit()
        return replaced[0] if replaced is not None else None

    def close(self) -> None:
        """Take no more jobs and forget those that wait."""
        with self._lock:
            self._closed = True
            self._jobs.clear()

    @Slot()
    def _work(self) -> None:
        with self._lock:
            if self._closed or not self._jobs:
                return
            number, job = self._jobs.pop(next(iter(self._jobs)))
        try:
            answer = job()
        except Cancelled:
            answer = None
        except EMDeskError as problem:
            answer = problem
        except Exception:
            self.crashed.emit(number, traceback.format_exc())
            return
        self.answered.emit(number, answer)
