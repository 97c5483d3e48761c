"""Run, pause, step, stop, look back, keep; and everything that can happen during a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from emdesk.app import showing
from emdesk.app.session import FitSession
from emdesk.app.state import Page, Phase
from emdesk.gui.widgets import CrashDialog, RunState
from tests.gui.conftest import MakeDriver
from tests.gui.driver import Driver


def slowly(driver: Driver, path: Path) -> None:
    """A run at watch pace that would go on for minutes."""
    driver.import_file(path)
    driver.set("starts", "1")
    driver.set("tolerance", "0")
    driver.window.actions_table["watch_pace"].trigger()
    driver.press_run()
    driver.wait_phase(Phase.RUNNING)
    driver.wait_iteration(2)


def test_the_run_button_runs_pauses_and_continues(driver: Driver, geyser: Path) -> None:
    slowly(driver, geyser)
    assert driver.word() is RunState.PAUSE
    driver.press_run_until(lambda: driver.state.phase is Phase.PAUSED)
    assert driver.word() is RunState.CONTINUE
    driver.keys("Ctrl+Return")
    driver.wait_phase(Phase.RUNNING)
    driver.click(driver.button("stop"))
    driver.wait_phase(Phase.DONE)
    assert driver.word() is RunState.AGAIN


def test_a_double_click_on_run_does_not_pause(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.set("tolerance", "0")
    driver.window.actions_table["watch_pace"].trigger()
    driver.press_run()
    driver.press_run()
    driver.wait_iteration(1)
    assert driver.state.phase is Phase.RUNNING


def test_a_paused_run_goes_on_by_one_iteration_a_step(driver: Driver, geyser: Path) -> None:
    slowly(driver, geyser)
    driver.window.actions_table["run"].trigger()
    driver.wait_phase(Phase.PAUSED)
    driver.settle()
    assert driver.state.live is not None
    at = driver.state.live.iteration
    driver.click(driver.button("step"))
    driver.wait_iteration(at + 1)
    driver.settle()
    assert driver.state.live.iteration == at + 1
    assert driver.state.phase is Phase.PAUSED
    driver.wait(lambda: driver.state.shown is not None and driver.state.shown.iteration == at + 1)


def test_step_begins_a_run_at_its_start(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.keys("F10")
    driver.wait(lambda: driver.state.live is not None)
    assert driver.state.live is not None and driver.state.live.iteration == 0
    assert driver.state.phase is Phase.PAUSED


def test_a_stopped_run_keeps_its_last_iteration(driver: Driver, geyser: Path) -> None:
    slowly(driver, geyser)
    driver.keys("Ctrl+.")
    driver.wait_phase(Phase.DONE)
    result = driver.state.result
    assert result is not None
    assert not result.converged
    assert result.stop_sentence.startswith("Stopped by hand at iteration")
    verdict = driver.window.desk.convergence.verdict
    driver.wait(lambda: verdict.text == result.stop_sentence)


def test_looking_back_never_stops_the_run(driver: Driver, geyser: Path) -> None:
    slowly(driver, geyser)
    driver.wait_iteration(4)
    track = driver.window.desk.timeline.track
    driver.click(track, QPoint(round(track.x_of(1)), 20))
    assert driver.state.cursor == 1
    driver.wait(lambda: driver.state.shown is not None and driver.state.shown.iteration == 1)
    assert "the run goes on" in driver.window.desk.picture.stripe.text
    assert driver.state.live is not None
    driver.wait_iteration(driver.state.live.iteration + 2)
    assert driver.state.shown is not None and driver.state.shown.iteration == 1
    driver.focus_panels()
    driver.keys("End")
    driver.wait(lambda: driver.state.cursor is None)
    assert driver.window.desk.picture.stripe.text == ""


def test_scrubbing_and_keeping_an_iteration(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.set("components", "4")
    driver.run()
    result = driver.state.result
    assert result is not None and result.trace.last > 4
    driver.focus_panels()
    driver.keys("Home")
    driver.wait(lambda: driver.state.shown is not None and driver.state.shown.iteration == 0)
    driver.keys("Right")
    driver.keys("Right")
    driver.wait(lambda: driver.state.shown is not None and driver.state.shown.iteration == 2)
    assert driver.window.desk.timeline.track.cursor_iteration == 2
    driver.click(driver.window.desk.timeline.keep)
    kept = driver.state.result
    assert kept is not None
    assert kept.chosen == 2 and kept.is_kept_by_hand
    verdict = driver.window.desk.convergence.verdict
    driver.wait(lambda: verdict.text == "Iteration 2, kept by hand")
    assert driver.window.desk.picture.stripe.text == ""


def test_the_replay_goes_from_the_start_to_the_end(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.run()
    driver.focus_panels()
    speed = driver.window.desk.timeline.speed.menu()
    driver.choose_in_menu(speed, "64×")
    driver.focus_panels()
    driver.keys("Space")
    assert driver.state.is_playing
    driver.wait(lambda: not driver.state.is_playing)
    assert driver.state.position == driver.state.last_iteration


def test_changes_during_a_run_wait_for_the_next_one(driver: Driver, geyser: Path) -> None:
    slowly(driver, geyser)
    driver.set("components", "4")
    assert driver.state.waits_for_next_run
    driver.wait_iteration(4)
    assert driver.state.ran is not None and driver.state.ran.spec is not None
    assert driver.state.ran.spec.values()["components"] != 4


def test_another_file_opened_during_a_run_takes_its_place_cleanly(
    driver: Driver, large: Path, geyser: Path
) -> None:
    driver.import_file(large)
    driver.set("tolerance", "0")
    driver.press_run()
    driver.wait_iteration(1)
    run = driver.state.run
    driver.import_file(geyser)
    assert driver.state.phase is Phase.IDLE
    assert driver.state.run > run
    driver.settle()
    assert driver.state.shown is not None
    assert driver.state.shown.columns == ("length", "wait")
    driver.run()
    result = driver.state.result
    assert result is not None and result.data.columns == ("length", "wait")
    driver.wait(lambda: driver.window.fits.threads == 0)


def test_starting_again_during_a_run_shows_the_new_run_alone(driver: Driver, large: Path) -> None:
    driver.import_file(large)
    driver.set("tolerance", "0")
    driver.press_run()
    driver.wait_iteration(1)
    driver.set("components", "2")
    driver.window.fits.start()
    driver.wait_iteration(1)
    driver.wait(
        lambda: (
            driver.state.shown is not None
            and driver.state.shown.run == driver.state.run
            and driver.state.shown.iteration is not None
        )
    )
    assert driver.state.shown is not None and len(driver.state.shown.picture.groups) == 2
    driver.wait(lambda: driver.window.fits.threads == 1)


def test_closing_during_a_run_ends_every_thread(make_driver: MakeDriver, large: Path) -> None:
    driver = make_driver()
    driver.import_file(large)
    driver.set("tolerance", "0")
    driver.press_run()
    driver.wait_iteration(1)
    driver.window.close()
    assert driver.window.fits.threads == 0


def test_closing_a_paused_run_ends_its_thread(make_driver: MakeDriver, geyser: Path) -> None:
    driver = make_driver()
    slowly(driver, geyser)
    driver.window.actions_table["run"].trigger()
    driver.wait_phase(Phase.PAUSED)
    driver.window.close()
    assert driver.window.fits.threads == 0


def test_the_window_goes_on_after_a_picture_that_broke(
    driver: Driver, geyser: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.import_file(geyser)
    with monkeypatch.context() as broken:
        broken.setattr(showing, "show", _breaks)
        driver.press_run()
        driver.wait(lambda: driver.window.findChild(CrashDialog) is not None)
        driver.wait_phase(Phase.DONE)
        driver.wait(lambda: driver.window.background.is_idle)
    for dialog in driver.window.findChildren(CrashDialog):
        if dialog.isVisible():
            driver.click(dialog.go_on_button)
    driver.set("components", "3")
    driver.run()
    driver.wait(lambda: len(driver.window.desk.picture.picture_view.picture.groups) == 3)


def _breaks(*_given: object) -> None:
    raise ZeroDivisionError("a picture broke")


def test_many_rows_are_first_shown_from_a_sample_and_then_from_all(
    driver: Driver, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "ROWS_FOLLOWED_LIVE", 1_000)
    driver.import_file(large)
    driver.set("starts", "1")
    driver.set("max_iterations", "5")
    driver.run()
    driver.wait(
        lambda: (
            driver.state.shown is not None
            and driver.state.shown.criteria is not None
            and np.isfinite(driver.state.shown.criteria.icl)
        )
    )
    driver.focus_panels()
    driver.keys("Home")
    driver.wait(lambda: driver.state.shown is not None and driver.state.shown.iteration == 0)
    driver.wait(
        lambda: (
            driver.state.shown is not None
            and driver.state.shown.criteria is not None
            and np.isfinite(driver.state.shown.criteria.icl)
        )
    )


def test_undo_of_another_file_brings_the_first_one_back(
    driver: Driver, geyser: Path, large: Path
) -> None:
    driver.import_file(geyser)
    driver.run()
    driver.import_file(large)
    driver.click(driver.button("undo"))
    driver.settle()
    assert driver.state.setup.path == geyser.absolute()
    assert driver.state.result is None
    assert driver.state.shown is not None and driver.state.shown.columns == ("length", "wait")


def test_an_unexpected_end_of_a_run_is_shown_and_the_window_goes_on(
    driver: Driver, geyser: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.import_file(geyser)

    def breaks(self: FitSession) -> None:
        raise IndexError("index 272 is out of bounds")

    with monkeypatch.context() as broken:
        broken.setattr(FitSession, "run", breaks)
        driver.press_run()
        driver.wait_phase(Phase.FAILED)
    driver.wait(lambda: driver.window.findChild(CrashDialog) is not None)
    dialog = driver.window.findChild(CrashDialog)
    assert dialog is not None
    assert "IndexError" in dialog.report.toPlainText()
    assert "geyser" not in dialog.report.toPlainText()
    driver.click(dialog.go_on_button)
    driver.run()
    assert driver.state.result is not None


def test_the_start_page_comes_back_and_the_data_stay(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.window.actions_table["start_page"].trigger()
    assert driver.state.page is Page.START
    assert driver.window.start_page.isVisible()
    assert driver.window.start_page.recent.rows[0].path == str(geyser.absolute())
    QTest.keyClick(driver.window.start_page, Qt.Key.Key_Return)  # the newest recent file
    dialog = driver.import_dialog()
    driver.click(dialog.import_button)
    driver.wait(lambda: driver.state.page is Page.DESK)
