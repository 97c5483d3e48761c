"""The objective over the iterations."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from emdesk.gui.plots.convergence import MOST_DRAWN, ConvergenceView, StartTrace, thinned
from emdesk.gui.theme import LIGHT
from tests.gui.plots import mouse

F64 = NDArray[np.float64]


@pytest.fixture
def view(qtbot: QtBot) -> ConvergenceView:
    made = ConvergenceView()
    qtbot.addWidget(made)
    made.resize(380, 330)
    with qtbot.waitExposed(made):
        made.show()
    return made


def rising(count: int) -> tuple[F64, F64]:
    """Objectives that halve their distance to -100 at each iteration, and their gains."""
    objectives = np.asarray(-100 - 1024 * 0.5 ** np.arange(count), dtype=np.float64)
    return objectives, np.append(np.nan, np.diff(objectives))


def test_the_curve_shows_every_iteration_with_dots(view: ConvergenceView) -> None:
    objectives, gains = rising(20)
    view.present(objectives, gains, None, 19, False)
    assert view.curve.yData.tolist() == objectives.tolist()
    assert len(view.dots.data) == 20
    assert view.curve.opts["pen"].widthF() == pytest.approx(1.6)
    assert not view.limit_line.isVisible()


def test_long_runs_have_no_dots_and_a_thin_line(view: ConvergenceView) -> None:
    objectives = np.linspace(-5, -1, 2000)
    gains = np.full(2000, 0.1)
    view.present(objectives, gains, None, 0, True)
    assert len(view.dots.data) == 0 and view.curve.opts["pen"].widthF() == 1.0


def test_the_limit_is_an_estimate_until_the_run_is_over(view: ConvergenceView) -> None:
    objectives, gains = rising(20)
    view.present(objectives, gains, -100.0, 19, False)
    assert view.limit_text.toPlainText() == "estimated limit −100.00"
    assert view.limit_line.value() == -100.0
    assert view.limit_line.pen.style() is Qt.PenStyle.DashLine
    view.present(objectives, gains, -100.0, 19, True)
    assert view.limit_text.toPlainText() == "limit −100.00"


def test_the_end_is_readable_because_the_first_iterations_leave_the_picture(
    view: ConvergenceView,
) -> None:
    objectives, gains = rising(30)
    view.present(objectives, gains, -100.0, 29, True)
    low = view.extent[2]
    assert low > objectives[2] and view.extent[3] > -100.0
    view.set_all(True)
    assert view.extent[2] < objectives[0]


def test_the_playhead_stands_at_its_iteration_with_a_handle_on_the_curve(
    view: ConvergenceView,
) -> None:
    objectives, gains = rising(20)
    view.present(objectives, gains, None, 7, True)
    assert view.playhead.value() == view.gain_playhead.value() == 7
    assert view.playhead.pen.color().name() == LIGHT.accent.lower()
    assert view.handle.data["y"].tolist() == [objectives[7]]
    view.set_cursor(3)
    assert view.playhead.value() == 3 and view.handle.data["x"].tolist() == [3]


def test_the_gain_is_below_on_a_log_scale_when_there_is_room(view: ConvergenceView) -> None:
    objectives, gains = rising(20)
    view.present(objectives, gains, None, 19, True)
    assert view.strip is not None and view.strip.isVisible()
    assert view.gain_curve.yData[1:] == pytest.approx(np.log10(gains[1:]))
    assert view.strip_left is not None and view.strip_left.name_text == "Gain"
    view.resize(380, 160)
    assert not view.strip.isVisible() and view.left.name_text == ""


def test_a_gain_of_nothing_is_a_gap_in_the_log_curve(view: ConvergenceView) -> None:
    view.present(np.array([-2.0, -1.0, -1.0]), np.array([np.nan, 1.0, 0.0]), None, 2, True)
    assert np.isnan(view.gain_curve.yData[2])


def test_starts_are_thin_and_failed_ones_dashed_with_a_cross(view: ConvergenceView) -> None:
    objectives, gains = rising(20)
    view.present(objectives, gains, None, 19, True)
    view.set_starts([StartTrace(objectives - 3), StartTrace(objectives[:5] + 50, failed=True)])
    sound, failed = view.start_curves
    assert sound.opts["pen"].color().name() == LIGHT.text.lower()
    assert failed.opts["pen"].style() is Qt.PenStyle.DashLine
    assert failed.opts["pen"].color().name() == LIGHT.bad.lower()
    assert view.failed_ends.data["x"].tolist() == [4.0]
    assert view.extent[3] < objectives[4] + 200
    view.set_starts([])
    assert not sound.isVisible() and len(view.failed_ends.data) == 0


def test_starts_that_ran_for_much_longer_do_not_squeeze_the_run_that_is_shown(
    view: ConvergenceView,
) -> None:
    objectives, gains = rising(20)
    view.set_starts([StartTrace(np.full(1000, -130.0))])
    view.present(objectives, gains, None, 19, True)
    assert 19 < view.extent[1] < 60
    view.set_all(True)
    assert view.extent[1] > 999


def test_a_click_asks_for_the_iteration_under_the_pointer(
    view: ConvergenceView, qtbot: QtBot
) -> None:
    objectives, gains = rising(20)
    view.present(objectives, gains, None, 19, True)
    y = (view.extent[2] + view.extent[3]) / 2
    scene = view.main.mapViewToScene(QPointF(6.2, y))
    with qtbot.waitSignal(view.iterationClicked) as told:
        mouse.click(view.graphics.viewport(), QPointF(view.graphics.mapFromScene(scene)))
    assert told.args == [6]


def test_a_run_that_goes_on_keeps_its_axis_for_several_iterations(view: ConvergenceView) -> None:
    ends = set()
    for count in range(20, 27):
        view.present(*rising(count), None, count - 1, False)
        ends.add(view.extent[1])
    assert ends == {30.0} or ends == {30.0, 40.0}


def test_a_hundred_frames_use_the_same_items(view: ConvergenceView) -> None:
    view.present(*rising(5), -100.0, 4, False)
    before = [id(item) for item in view.main.addedItems]
    for count in range(5, 105):
        view.present(*rising(count), -100.0, count - 1, False)
    assert [id(item) for item in view.main.addedItems] == before


def test_it_says_where_the_run_is(view: ConvergenceView) -> None:
    view.present(np.empty(0), np.empty(0), None, 0, False)
    assert view.accessibleDescription() == "No iteration yet"
    view.present(*rising(11), -100.0, 10, False)
    text = view.accessibleDescription()
    assert text == "Log-likelihood −101.00 after iteration 10, limit −100.00"


def test_a_stale_curve_is_drawn_at_forty_percent(view: ConvergenceView) -> None:
    view.present(*rising(11), -100.0, 10, True)
    view.set_stale(True)
    assert view.curve.opacity() == view.limit_line.opacity() == 0.4


def test_a_very_long_run_is_drawn_by_the_extremes_of_its_stretches() -> None:
    values = np.linspace(-9.0, -1.0, 100_000)
    values[50_001] = 5.0
    x, y = thinned(values)
    assert len(x) == len(y) == MOST_DRAWN and np.all(np.diff(x) >= 0)
    assert y.max() == 5.0 and y[0] == -9.0 and y[-1] == -1.0 and x[-1] == 99_999


def test_pointing_at_an_iteration_shows_its_values(view: ConvergenceView) -> None:
    view.present(*rising(20), None, 19, True)
    y = (view.extent[2] + view.extent[3]) / 2
    scene = view.main.mapViewToScene(QPointF(11.0, y))
    assert view.tip_at(scene) == "Iteration 11\nLog-likelihood −100.50\nGain 0.50"


@pytest.mark.parametrize("cursor", range(0, 40, 3))
def test_the_words_on_the_limit_step_aside_for_the_playhead(
    view: ConvergenceView, cursor: int
) -> None:
    objectives = -100.0 - 50.0 / np.arange(1, 41)
    view.present(objectives, np.full(40, 0.1), -100.0, 0, True)
    view.set_cursor(cursor)
    x0, x1, _, _ = view.extent
    left = view.limit_text.pos().x()
    wide = view.limit_text.boundingRect().width() * (x1 - x0) / view.main.width()
    assert not left <= cursor <= left + wide
    assert x0 <= left and left + wide <= x1
