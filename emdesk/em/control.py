"""Pause, step, stop: one small object shared by the person's thread and the fit's thread."""

from __future__ import annotations

import math
import threading
import time

from emdesk.errors import Cancelled


class RunControl:
    """The fit asks `checkpoint` between blocks and `iteration_done` after each iteration; anyone may call the rest.

    A paused fit waits inside `checkpoint`; `step` lets exactly one iteration through; `stop` makes the next
    checkpoint raise Cancelled, so that a broken-off iteration is dropped and the last whole one is kept.
    """

    def __init__(self, seconds_per_iteration: float = 0.0) -> None:
        self._changed = threading.Condition()
        self._paused = False
        self._steps = 0
        self._stopped = False
        self._pace = seconds_per_iteration
        self._last = -math.inf

    def pause(self) -> None:
        with self._changed:
            self._paused = True
            self._steps = 0

    def resume(self) -> None:
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def step(self) -> None:
        """Let one iteration through and pause again."""
        with self._changed:
            self._paused = True
            self._steps += 1
            self._changed.notify_all()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def set_pace(self, seconds_per_iteration: float) -> None:
        """The least time between two iterations; 0 is as fast as it goes."""
        with self._changed:
            self._pace = seconds_per_iteration
            self._changed.notify_all()

    @property
    def is_paused(self) -> bool:
        return self._paused and not self._steps

    @property
    def is_stopped(self) -> bool:
        return self._stopped

    def checkpoint(self) -> None:
        """Return at once while running, wait while paused, raise Cancelled once stopped."""
        if not self._paused and not self._stopped:
            return
        with self._changed:
            while self._paused and not self._steps and not self._stopped:
                self._changed.wait()
            if self._stopped:
                raise Cancelled("stopped")

    def iteration_done(self, is_paced: bool = True) -> None:
        """Use up one step and hold the watch pace, unless this iteration is not meant to be watched."""
        with self._changed:
            if self._steps:
                self._steps -= 1
            while is_paced and not self._stopped and not self._paused:
                wait = self._last + self._pace - time.perf_counter()
                if wait <= 0:
                    break
                self._changed.wait(wait)
            self._last = time.perf_counter()
        self.checkpoint()
