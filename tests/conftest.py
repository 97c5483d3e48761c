"""What every test gets: settings in a folder of its own, and the proof that nothing is left behind."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without an X display the tests that need one are skipped."""
    if os.environ.get("DISPLAY") and os.environ["QT_QPA_PLATFORM"] == "xcb":
        return
    how = "QT_QPA_PLATFORM=xcb xvfb-run -a python -m pytest -m xvfb"
    for item in items:
        if item.get_closest_marker("xvfb") is not None:
            item.add_marker(pytest.mark.skip(reason=f"needs an X display: {how}"))


def pytest_sessionfinish() -> None:
    """Empty the clipboard: without a screen Qt keeps what was copied until after Python has ended,
    and destroying an object of Python's then ends the process with a segmentation fault."""
    gui = sys.modules.get("PySide6.QtGui")
    if gui is not None and gui.QGuiApplication.instance() is not None:
        gui.QGuiApplication.clipboard().clear()


def _left_running() -> list[str]:
    """Threads of the program that are still alive."""
    return [t.name for t in threading.enumerate() if t.name.startswith("emdesk")]


@pytest.fixture(autouse=True)
def no_thread_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that leaves a thread of the program running fails."""
    before = set(_left_running())
    yield
    if not gc.isenabled():  # tests of windows came before: see the collector in gui/conftest.py
        gc.collect(1)
    left = [name for name in _left_running() if name not in before]
    assert not left, f"threads left running: {left}"


@pytest.fixture(autouse=True)
def settings_of_this_test_alone(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """QSettings write below a temporary folder, so tests neither see nor change anybody's settings."""
    try:
        from PySide6.QtCore import QCoreApplication, QSettings
    except ImportError:
        yield Path()
        return
    folder = tmp_path_factory.mktemp("settings")
    QCoreApplication.setOrganizationName("EMDesk")
    QCoreApplication.setApplicationName("EMDesk tests")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    yield folder
    if "make_driver" in request.fixturenames:  # a collection takes 0.1 s: only after whole windows
        gc.collect()
