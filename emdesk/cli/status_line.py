"""One line about what is going on, for somebody who looks on at a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

_REFRESH_SECONDS = 0.1


class StatusLine:
    """A line on the terminal, written over and over, at most ten times a second; nothing where nobody looks on."""

    def __init__(self) -> None:
        self._last = -1.0
        self._is_seen = sys.stderr.isatty()

    def show(self, text: Callable[[], str]) -> None:
        """Show the text that is made, unless the last one is too fresh."""
        now = time.perf_counter()
        if not self._is_seen or now - self._last < _REFRESH_SECONDS:
            return
        self._last = now
        print(f"\r\x1b[K{text()}", end="", file=sys.stderr, flush=True)

    def wipe(self) -> None:
        """Leave the line empty."""
        if self._is_seen:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
