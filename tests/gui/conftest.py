"""The window of a test, closed and counted afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from emdesk.app.catalogue import Catalogue
from emdesk.gui.garbage import Collector
from emdesk.gui.main_window import MainWindow
from emdesk.gui.theme import Mode, theme
from tests.gui.driver import Driver

MakeDriver = Callable[..., Driver]


@pytest.fixture(scope="session", autouse=True)
def collector(qapp: QApplication) -> Iterator[Collector]:
    """As in the program, garbage is collected in the window's thread only: a worker that collected a widget would
    end the process. Between two tests too, since threads of the first may come to their end in the second."""
    made = Collector()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def garbage_is_collected_after_each_test(
    qapp: QApplication, collector: Collector
) -> Iterator[None]:
    yield
    collector.collect_due()


@pytest.fixture
def make_driver(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[MakeDriver]:
    """Makes shown windows, which lose work without a question unless `asks`; at the end each is closed, and no thread,
    timer or widget of it may be left."""
    theme().mode = Mode.LIGHT
    theme().apply(qapp)
    before = set(qapp.topLevelWidgets())
    made: list[Driver] = []

    def make(
        catalogue: Catalogue | None = None,
        width: int = 1280,
        height: int = 800,
        asks: bool = False,
    ) -> Driver:
        window = MainWindow(catalogue, recent=tmp_path / "recent" / "recent.json")
        window.unsaved.asks = asks
        window.resize(width, height)
        window.show()
        window.activateWindow()  # shortcuts belong to the active window
        driver = Driver(window, qtbot)
        made.append(driver)
        driver.wait(window.isActiveWindow)
        return driver

    yield make
    for driver in made:
        window = driver.window
        window.close_without_asking()
        assert window.fits.threads == 0
        assert not [t for t in window.findChildren(QThread) if t.isRunning()]
        running = [
            t.objectName() or repr(t.parent()) for t in window.findChildren(QTimer) if t.isActive()
        ]
        assert not [name for name in running if "emdesk" in name]
        window.deleteLater()
    qapp.sendPostedEvents(None, 52)  # deferred deletes
    qapp.processEvents()
    left = [w for w in qapp.topLevelWidgets() if w not in before and w.isVisible()]
    assert not left, f"windows left open: {left}"


@pytest.fixture
def driver(make_driver: MakeDriver) -> Driver:
    """A window at 1280 x 800."""
    return make_driver()


@pytest.fixture
def geyser(tmp_path: Path) -> Path:
    """A small file: two clear groups in two columns, a text column, two cells missing."""
    rng = np.random.default_rng(7)
    lines = ["length,wait,site"]
    for row in range(120):
        late = row % 3 != 0
        length = rng.normal(4.3 if late else 2.0, 0.4 if late else 0.25)
        wait = rng.normal(80 if late else 55, 6)
        shown = "" if row in (5, 50) else f"{wait:.1f}"
        lines.append(f"{length:.3f},{shown},{'north' if late else 'south'}")
    path = tmp_path / "geyser.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file whose fit takes long enough to be interrupted."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(20_000, 3)) + rng.integers(0, 3, size=(20_000, 1))
    path = tmp_path / "large.csv"
    rows = ["a,b,c", *(",".join(f"{v:.4f}" for v in row) for row in values)]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path
