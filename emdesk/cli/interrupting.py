"""Ctrl+C during a long run: it ends the run, not the program, and what is done is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from emdesk.em.control import RunControl


@contextmanager
def stopped_by_hand(control: RunControl) -> Iterator[None]:
    """Ctrl+C stops the run and keeps what it has; a second one ends the program."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        control.stop()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
