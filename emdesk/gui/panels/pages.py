"""What fills the window, one page at a time: the start page, the views of a project, and what else there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget


class Pages(QStackedWidget):
    """A stack in which only the page that is shown asks for room.

    Each page has its own docks. Between the leaves, with the page of one and the docks of the other, nothing is asked
    for: the window would grow and stay large.
    """

    _is_turning = False

    @contextmanager
    def turning(self) -> Iterator[None]:
        """While pages and docks change places."""
        self._is_turning = True
        try:
            yield
        finally:
            self._is_turning = False
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        shown = self.currentWidget()
        if self._is_turning or shown is None:
            return QSize(0, 0)
        return shown.minimumSizeHint()
