"""The Starts view: what it says before, during and after a run, and what a click in it opens."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication

from emdesk.app import commands
from emdesk.app.observatory import Fate
from emdesk.app.samples import sample, sample_dataset, sample_spec
from emdesk.app.state import Phase
from emdesk.gui.panels.starts.starts_view import StartsView
from emdesk.gui.theme import theme
from emdesk.gui.tokens import GROUP_COLOURS
from tests.gui.driver import LEFT, NO_KEYS, Driver


def starts_of(driver: Driver, **settings: object) -> StartsView:
    """The Starts view of iris in three components, before a run."""
    chosen = sample("iris")
    spec = sample_spec(chosen, driver.state.catalogue).with_setting("components", 3)
    for name, value in settings.items():
        spec = spec.with_setting(name, value)
    driver.window.store.do(commands.open_dataset, sample_dataset(chosen), None, (), spec)
    driver.window.store.do(commands.show_view, "starts")
    driver.settle()
    return cast(StartsView, driver.window.view)


def run(driver: Driver, view: StartsView) -> None:
    driver.keys("Ctrl+Return")
    driver.wait_phase(Phase.DONE)
    driver.wait(lambda: view.table.table.table.rowCount() > 0)
    driver.settle()


@pytest.fixture
def fitted(driver: Driver) -> StartsView:
    """Twenty random starts, all run to their end."""
    view = starts_of(driver, start="random-rows", starts=20, finish=20, seed=5)
    run(driver, view)
    return view


def test_before_a_run_it_says_what_will_be_here_and_offers_to_run(driver: Driver) -> None:
    view = starts_of(driver)
    assert view.empty.isVisible() and not view.card.isVisible()
    driver.click(view.empty.button)
    driver.wait_phase(Phase.DONE)
    driver.wait(view.card.isVisible)


def test_after_a_run_the_banner_says_whether_the_best_was_replicated(
    driver: Driver, fitted: StartsView
) -> None:
    assert fitted.banner.headline.startswith("Replicated: ")
    assert "−180.19" in fitted.banner.headline
    assert "distinct optima" in fitted.banner.details
    assert fitted.card.title == "20 starts"
    assert "Well spread" in fitted.panel.diversity


def test_the_table_lists_every_optimum_and_the_open_one_is_selected(
    driver: Driver, fitted: StartsView
) -> None:
    assert driver.state.result is not None
    optima = driver.state.result.optima()
    table = fitted.table.table
    assert table.table.rowCount() == len(optima.found)
    assert table.chosen_rows() == [0]
    verdicts = [
        table.table.data(table.table.index(row, table.table.columnCount() - 1))
        for row in range(len(optima.found))
    ]
    assert verdicts[0] == "Best sound, replicated"
    assert all(v.startswith("Set aside") for v in verdicts[len(optima.sound) :])


def test_a_click_on_a_row_opens_that_optimum_on_the_desk_and_open_best_leads_back(
    driver: Driver, fitted: StartsView
) -> None:
    table = fitted.table.table
    place = table.visualRect(table.table.index(1, 1)).center()
    QTest.mouseClick(table.viewport(), LEFT, NO_KEYS, place)
    assert driver.state.view_name == "desk"
    result = driver.state.result
    assert result is not None and result.is_start_by_hand
    driver.wait(lambda: driver.state.shown is not None)
    driver.settle()
    shown = driver.state.shown
    assert shown is not None and shown.attempt == result.best.index
    assert shown.log_likelihood == pytest.approx(result.log_likelihood)
    driver.keys("Ctrl+2")
    driver.settle()
    assert table.chosen_rows() == [1]
    driver.click(fitted.banner.open_best)
    driver.settle()
    assert driver.state.view_name == "desk"
    assert driver.state.result is not None and not driver.state.result.is_start_by_hand


def test_a_click_on_a_curve_opens_its_start(driver: Driver, fitted: StartsView) -> None:
    race = fitted.card.race
    sound = [c for c in race.drawn if c.fate is Fate.SOUND]
    _, x1, y0, y1 = race.extent
    curve = next(c for c in sound if len(c.objectives) - 1 < x1 and y0 < c.end < y1)
    at = race.main.mapViewToScene(QPointF(len(curve.objectives) - 1, curve.end))
    start = race.start_at(at)
    ends = {c.start: c.end for c in race.drawn}
    assert ends[start] == pytest.approx(curve.end, abs=0.05)
    assert f"Start {start + 1}," in race.tip_at(at)
    place = race.graphics.mapFromScene(at)
    QTest.mouseClick(race.graphics.viewport(), LEFT, NO_KEYS, QPoint(place.x(), place.y()))
    driver.wait(lambda: driver.state.view_name == "desk")
    assert driver.state.result is not None
    assert driver.state.result.objective == pytest.approx(curve.end, abs=0.05)


def test_a_click_on_a_bar_opens_the_highest_optimum_there(
    driver: Driver, fitted: StartsView
) -> None:
    fitted.card.histogram.heightClicked.emit(-180.5, -179.5)
    assert driver.state.view_name == "desk"
    assert driver.state.result is not None
    assert driver.state.result.objective == pytest.approx(-180.1854, abs=1e-3)


def test_bars_and_curves_stand_on_one_axis(driver: Driver, fitted: StartsView) -> None:
    race, histogram = fitted.card.race, fitted.card.histogram
    assert histogram.extent[2:] == pytest.approx(race.extent[2:])
    race.set_extent((0, 20, -200, -170))
    assert histogram.extent[2:] == pytest.approx((-200, -170))


def test_collapsed_starts_leave_the_picture_at_the_top_with_their_value(
    driver: Driver, fitted: StartsView
) -> None:
    race = fitted.card.race
    aside = [c for c in race.drawn if c.fate is Fate.ASIDE]
    assert aside and max(c.end for c in aside) > race.extent[3]
    assert race.aside_text.isVisible()
    assert "set aside" in race.aside_text.toPlainText()
    assert driver.window.bar.views.strip.accessibleTabName(1) == f"Starts {len(aside)}"


def test_no_start_wears_the_colour_of_a_group(driver: Driver, fitted: StartsView) -> None:
    used = {item.opts["pen"].color().name() for item in fitted.card.race.lines.values()}
    tokens = theme().tokens
    assert used <= {tokens.text.lower(), tokens.accent.lower(), tokens.bad.lower()}
    assert not used & {colour.lower() for colour in GROUP_COLOURS}


def test_more_starts_can_be_added_and_begin_with_the_same_ones(
    driver: Driver, fitted: StartsView
) -> None:
    before = driver.state.result
    assert before is not None
    first = [a.trace.objectives[0] for a in before.outcome.attempts]
    driver.click(fitted.banner.more)
    driver.wait_phase(Phase.DONE)
    driver.wait(lambda: fitted.card.title == "120 starts")
    after = driver.state.result
    assert after is not None
    assert [a.trace.objectives[0] for a in after.outcome.attempts[:20]] == pytest.approx(first)
    assert all(a.stop is not None for a in after.outcome.attempts)


def test_all_starts_can_be_run_to_their_end_by_one_click(driver: Driver) -> None:
    view = starts_of(driver)
    driver.click(view.panel.all_to_end)
    assert driver.state.spec is not None
    assert driver.state.spec.fit.finish == driver.state.spec.fit.starts == 10
    assert not view.panel.all_to_end.isVisible()


def test_the_settings_are_those_of_the_model_dock(driver: Driver) -> None:
    view = starts_of(driver)
    driver.window.store.do(commands.set_setting, "seed", 77)
    assert cast(QAbstractSpinBox, view.panel.form.row("seed").editor).text().strip() == "77"
    assert driver.state.spec is not None and driver.state.spec.fit.seed == 77


def test_a_value_that_does_not_work_disables_run_until_it_is_mended(driver: Driver) -> None:
    view = starts_of(driver)
    editor = cast(QAbstractSpinBox, view.panel.form.row("starts").editor)
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor, "0")
    assert "starts" in dict(driver.state.form_problems)
    assert not driver.window.actions_table["run"].isEnabled()
    editor.selectAll()
    QTest.keyClicks(editor, "3")
    assert not driver.state.form_problems


def test_a_change_of_the_model_is_said_over_the_curves(driver: Driver, fitted: StartsView) -> None:
    driver.window.store.do(commands.set_setting, "components", 2)
    assert "3 components" in fitted.card.stripe.text
    driver.keys("Ctrl+Z")
    assert fitted.card.stripe.text == ""


def test_while_a_run_goes_on_the_curves_follow_and_nothing_is_claimed(driver: Driver) -> None:
    view = starts_of(driver, starts=3)
    driver.window.fits.set_pace(True)
    driver.window.fits.start()
    driver.wait(lambda: view.card.isVisible() and len(view.card.race.drawn) > 0)
    assert view.card.race.drawn[-1].fate is Fate.RUNNING
    assert "Replicated" not in view.banner.headline
    assert not view.banner.open_best.isEnabled()
    driver.window.fits.set_pace(False)
    driver.wait_phase(Phase.DONE)
    driver.wait(lambda: view.table.table.table.rowCount() > 0)


def test_a_run_made_on_the_desk_is_there_when_the_view_comes_up(driver: Driver) -> None:
    view = starts_of(driver)
    driver.window.store.do(commands.show_view, "desk")
    driver.window.fits.start()
    driver.wait_phase(Phase.DONE)
    driver.keys("Ctrl+2")
    driver.wait(lambda: view.banner.headline.startswith("Replicated"))
    assert view.card.race.drawn


def test_the_picture_can_be_copied_in_the_light_theme(driver: Driver, fitted: StartsView) -> None:
    fitted.card.copy_plot()
    image = QApplication.clipboard().image()
    assert not image.isNull() and image.width() > 300
    twin = fitted.card.race.twin()
    assert np.allclose(twin.extent, fitted.card.race.extent)
    twin.deleteLater()
