"""What a fit offers at its end: to go on from the iteration limit, and one replay of what was too quick to watch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from emdesk.app import commands
from emdesk.app.state import Phase, ResultsTab
from emdesk.em.stopping import Stop
from emdesk.gui.panels import timeline_card
from tests.gui.driver import Driver


def at_the_limit(driver: Driver, path: Path) -> None:
    driver.import_file(path)
    driver.set("starts", "1")
    driver.set("components", "3")
    driver.set("tolerance", "0")
    driver.set("max_iterations", "5")
    driver.run()


def test_a_fit_at_its_limit_goes_on_from_its_last_iteration(driver: Driver, geyser: Path) -> None:
    at_the_limit(driver, geyser)
    first = driver.state.result
    assert first is not None and first.stop is Stop.LIMIT
    card = driver.window.desk.convergence
    driver.wait(card.go_on.isVisible)
    assert card.go_on.text() == "Continue"
    form = driver.state.spec
    run = driver.state.run
    driver.click(card.go_on)
    driver.wait(lambda: driver.state.run > run and driver.state.phase is Phase.DONE)
    driver.settle()
    second = driver.state.result
    assert second is not None and second.trace.last == 5
    assert np.isclose(second.trace.objectives[0], first.objective, rtol=1e-12)
    assert second.objective > first.objective
    assert driver.state.spec is form and not driver.state.is_stale
    assert second.spec.fit.start == "result"
    said = [m.what for m in driver.state.messages]
    assert any("goes on from iteration 5" in what for what in said)
    driver.click(card.go_on)
    driver.wait(lambda: driver.state.run > run + 1 and driver.state.phase is Phase.DONE)
    assert driver.state.went_on_from == 10
    driver.run()
    assert driver.state.went_on_from == 0


def test_a_fit_that_converged_or_another_model_in_the_form_cannot_go_on(
    driver: Driver, geyser: Path
) -> None:
    at_the_limit(driver, geyser)
    link = driver.window.desk.convergence.go_on
    driver.wait(link.isVisible)
    driver.set("components", "2")
    driver.wait(lambda: not link.isVisible())
    driver.set("tolerance", "1e-6")
    driver.set("max_iterations", "1000")
    driver.run()
    assert driver.state.result is not None and driver.state.result.converged
    assert not driver.window.actions_table["go_on"].isEnabled()


def quickly(driver: Driver, path: Path) -> None:
    driver.window.store.do(commands.replay_quick_fits, True)
    driver.import_file(path)
    driver.set("starts", "1")
    driver.set("components", "3")
    driver.press_run()
    driver.wait(lambda: driver.state.is_quick_replay)


def test_a_quick_fit_is_replayed_once_with_its_result_already_there(
    driver: Driver, geyser: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline_card, "QUICK_REPLAY_SECONDS", 0.3)
    quickly(driver, geyser)
    assert driver.state.phase is Phase.DONE and driver.state.result is not None
    seen = set()
    driver.window.store.changed.connect(lambda _old, new: seen.add(new.position))
    driver.wait(lambda: not driver.state.is_playing)
    assert len(seen) > 2
    assert driver.window.desk.picture.stripe.text == ""
    assert driver.state.cursor is None and not driver.state.is_quick_replay
    assert driver.state.position == driver.state.result.chosen


def test_any_key_ends_the_replay_of_a_quick_fit(
    driver: Driver, geyser: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline_card, "QUICK_REPLAY_SECONDS", 60.0)
    quickly(driver, geyser)
    driver.focus_panels()
    driver.keys("Left")
    result = driver.state.result
    assert result is not None and not driver.state.is_playing
    assert driver.state.position == result.chosen - 1


def test_space_halts_the_replay_of_a_quick_fit_where_it_is(
    driver: Driver, geyser: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline_card, "QUICK_REPLAY_SECONDS", 60.0)
    quickly(driver, geyser)
    driver.focus_panels()
    driver.keys("Space")
    assert not driver.state.is_playing and driver.state.is_looking_back


def test_scrubbing_ends_the_replay_of_a_quick_fit(
    driver: Driver, geyser: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline_card, "QUICK_REPLAY_SECONDS", 60.0)
    quickly(driver, geyser)
    track = driver.window.desk.timeline.track
    driver.click(track, QPoint(round(track.x_of(3)), 20))
    assert driver.state.cursor == 3
    assert not driver.state.is_playing and not driver.state.is_quick_replay
    assert driver.state.tab is ResultsTab.PARAMETERS


def test_fits_are_not_replayed_where_nobody_asked_for_it(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.run()
    assert not driver.state.is_playing and driver.state.cursor is None
    driver.window.actions_table["replay_quick"].trigger()
    assert driver.state.replays_quick_fits
