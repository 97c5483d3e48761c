"""Projects saved and opened in the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emdesk.app.state import Phase
from tests.gui.conftest import MakeDriver
from tests.gui.driver import Driver


def test_a_project_is_saved_and_opened_with_its_result(
    make_driver: MakeDriver, geyser: Path, tmp_path: Path
) -> None:
    driver = make_driver()
    driver.import_file(geyser)
    driver.set("components", "2")
    driver.run()
    result = driver.state.result
    assert result is not None
    path = tmp_path / "study.emdesk"
    driver.window.files.save_to(path)
    driver.wait(lambda: driver.state.is_saved)
    assert driver.window.status_line.saved.text().startswith("Saved")
    assert driver.state.title == "study"

    other = make_driver()
    other.window.files.open(path)
    other.wait(lambda: other.state.phase is Phase.DONE)
    other.settle()
    opened = other.state.result
    assert opened is not None
    assert np.isclose(opened.log_likelihood, result.log_likelihood)
    other.wait(lambda: other.state.shown is not None and other.state.shown.iteration is not None)
    assert other.window.desk.results.parameters.table.table.rowCount() == 2


def test_a_change_after_saving_is_said(driver: Driver, geyser: Path, tmp_path: Path) -> None:
    driver.import_file(geyser)
    driver.window.files.save_to(tmp_path / "study.emdesk")
    driver.wait(lambda: driver.state.is_saved)
    driver.set("components", "5")
    assert driver.window.status_line.saved.text().startswith("Changed since")
    driver.keys("Ctrl+S")
    driver.wait(lambda: driver.state.is_saved)


def test_a_damaged_project_is_one_sentence_and_the_desk_stays(
    driver: Driver, geyser: Path, tmp_path: Path
) -> None:
    from emdesk.gui.widgets import MessageDialog

    driver.import_file(geyser)
    path = tmp_path / "broken.emdesk"
    path.write_bytes(b"no zip at all")
    driver.window.files.open(path)
    driver.wait(lambda: driver.window.findChild(MessageDialog) is not None)
    dialog = driver.window.findChild(MessageDialog)
    assert dialog is not None
    driver.click(dialog.buttons[-1])
    assert driver.state.setup.path == geyser.absolute()


def test_a_project_opened_during_a_run_takes_its_place_cleanly(
    driver: Driver, geyser: Path, large: Path, tmp_path: Path
) -> None:
    driver.import_file(geyser)
    driver.run()
    path = tmp_path / "study.emdesk"
    driver.window.files.save_to(path)
    driver.wait(lambda: driver.state.is_saved)
    driver.import_file(large)
    driver.set("tolerance", "0")
    driver.press_run_until(lambda: driver.state.phase is Phase.RUNNING)
    driver.wait_iteration(1)
    driver.window.files.open(path)
    driver.wait(lambda: driver.state.phase is Phase.DONE)
    driver.wait(lambda: driver.window.fits.threads == 0)
    driver.settle()
    assert driver.state.shown is not None
    assert driver.state.shown.columns == ("length", "wait")
    assert driver.state.result is not None and driver.state.result.converged
