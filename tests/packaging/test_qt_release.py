"""A canary for Qt releases: one that loses references ends the process within seconds."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot


class Bell(QObject):
    """Something that rings."""

    rung = Signal()


def test_drawing_and_signals_lose_no_reference_to_none_and_true(qtbot: QtBot) -> None:
    widget, bell = QWidget(), Bell()
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(200):
        bell.rung.emit()
        widget.repaint()
        QApplication.processEvents()
    after = sys.getrefcount(None), sys.getrefcount(True)
    # A release that loses them loses at least one a round; other work moves the counts a little.
    assert before[0] - after[0] < 100
    assert before[1] - after[1] < 100
