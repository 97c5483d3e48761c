"""Cycles with widgets are collected in the window's thread and in no other."""

from __future__ import annotations

import gc
import threading

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from emdesk.gui.garbage import Collector

ENOUGH = 200_000


class Knot(QObject):
    """Holds itself, and remembers where it was destroyed."""

    ends: list[int] = []  # noqa: RUF012 - shared on purpose

    def __init__(self) -> None:
        super().__init__()
        self.me = self

    def __del__(self) -> None:
        Knot.ends.append(threading.get_ident())


def allocate() -> None:
    """What a busy worker does: far more new containers than the collector's thresholds."""
    kept = [[i] for i in range(ENOUGH)]
    assert len(kept) == ENOUGH


def test_a_busy_thread_collects_no_object_of_the_window(qtbot: QtBot) -> None:
    Knot.ends.clear()
    Knot()
    worker = threading.Thread(target=allocate)
    worker.start()
    worker.join()
    assert Knot.ends == []
    gc.collect()
    assert Knot.ends == [threading.get_ident()]


def test_the_collector_works_while_the_event_loop_runs(qtbot: QtBot) -> None:
    Knot.ends.clear()
    Knot()
    allocated = [[i] for i in range(ENOUGH)]
    qtbot.waitUntil(lambda: Knot.ends != [], timeout=5000)
    assert Knot.ends == [threading.get_ident()]
    assert len(allocated) == ENOUGH


def test_python_collects_again_after_the_stop(qtbot: QtBot) -> None:
    collector = Collector()
    try:
        assert not gc.isenabled()
        collector.stop()
        assert gc.isenabled()
    finally:
        gc.disable()  # the other tests of windows need it so
