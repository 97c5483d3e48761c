"""What a running fit tells: every objective of every start, and the newest iteration.

One thread writes, others read.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.session import FitSession
from emdesk.app.shown import Live
from emdesk.em.attempts import Progress

F64 = NDArray[np.float64]
MOST_OTHERS = 200
"""Curves of earlier starts that are worth drawing."""


class Series:
    """A growing list of numbers whose views never change: what is appended later lies behind their end."""

    def __init__(self) -> None:
        self._store = np.empty(256)
        self._length = 0

    def append(self, value: float) -> None:
        if self._length == len(self._store):
            grown = np.empty(2 * len(self._store))
            grown[: self._length] = self._store
            self._store = grown
        self._store[self._length] = value
        self._length += 1

    def __len__(self) -> int:
        return self._length

    def view(self) -> F64:
        """The numbers so far, read-only."""
        seen = self._store[: self._length]
        seen.flags.writeable = False
        return seen


class Feed:
    """The record of one run, numbered `run`. A frame may be announced only after the one before was painted."""

    def __init__(self, run: int, session: FitSession) -> None:
        self.run = run
        self.session = session
        self._lock = threading.Lock()
        self._series: dict[int, Series] = {}
        self._attempts: dict[int, Any] = {}
        self._newest: Progress | None = None
        self._in_flight = False
        self._count = 0
        self._begun = time.perf_counter()
        self._paused_at: float | None = None
        self._paused = 0.0

    def record(self, progress: Progress) -> bool:
        """Keep this iteration; True if it should be announced now."""
        with self._lock:
            number = progress.attempt.index
            self._attempts[number] = progress.attempt
            self._series.setdefault(number, Series()).append(progress.iteration.objective)
            self._newest = progress
            self._count += 1
            if self._in_flight:
                return False
            self._in_flight = True
            return True

    def painted(self) -> bool:
        """The announced frame is on the screen; True if there is a newer one to announce."""
        with self._lock:
            self._in_flight = False
            return self._newest is not None

    def pause_clock(self, paused: bool) -> None:
        """Time spent paused is not counted as work."""
        with self._lock:
            now = time.perf_counter()
            if paused and self._paused_at is None:
                self._paused_at = now
            elif not paused and self._paused_at is not None:
                self._paused += now - self._paused_at
                self._paused_at = None

    def newest(self) -> Progress | None:
        with self._lock:
            return self._newest

    def attempt(self, number: int) -> Any:
        """The start with this number, or None."""
        with self._lock:
            return self._attempts.get(number)

    def __len__(self) -> int:
        """How many iterations were recorded, over all starts."""
        return self._count

    def live(self) -> Live | None:
        """Where the run is now."""
        with self._lock:
            newest = self._newest
            if newest is None:
                return None
            number = newest.attempt.index
            objectives = self._series[number].view()
            others = tuple(
                (self._series[n].view(), bool(self._attempts[n].is_sound))
                for n in list(self._series)[-MOST_OTHERS:]
                if n != number
            )
            until = self._paused_at if self._paused_at is not None else time.perf_counter()
            seconds = until - self._begun - self._paused
            rows = self.session.data.rows if self.session.data is not None else 0
            return Live(
                run=self.run,
                attempt=number,
                attempts=len(self.session.search.starts) if self.session.search else 1,
                iteration=len(objectives) - 1,
                objectives=objectives,
                others=others,
                seconds=seconds,
                rows_per_second=rows * self._count / seconds if seconds > 0 else 0.0,
                is_short_run=newest.is_short_run,
            )
