"""Walking through the iterations by mouse, wheel and keyboard."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from emdesk.gui.plots.timeline_track import MarkKind, TimelineMark, TimelineTrack
from emdesk.gui.theme import LIGHT
from tests.gui.plots import mouse

GAINS = np.append(np.nan, 10.0 * 0.7 ** np.arange(40))


@pytest.fixture
def track(qtbot: QtBot) -> TimelineTrack:
    made = TimelineTrack()
    qtbot.addWidget(made)
    made.resize(500, 58)
    with qtbot.waitExposed(made):
        made.show()
    made.present(GAINS, 20)
    return made


def test_dragging_scrubs(track: TimelineTrack, qtbot: QtBot) -> None:
    seen: list[int] = []
    track.scrubbed.connect(seen.append)
    mouse.drag(track, [QPointF(track.x_of(i), 25) for i in (5, 6, 8)])
    assert seen == [5, 6, 8] and track.cursor_iteration == 8


def test_dragging_past_the_end_stays_on_the_last_iteration(track: TimelineTrack) -> None:
    mouse.drag(track, [QPointF(track.x_of(35), 25), QPointF(900, 25)])
    assert track.cursor_iteration == track.last == 40


def test_the_wheel_walks_one_iteration_and_ten_with_shift(track: TimelineTrack) -> None:
    mouse.wheel(track, QPointF(50, 25), -1)
    assert track.cursor_iteration == 21
    mouse.wheel(track, QPointF(50, 25), 1, Qt.KeyboardModifier.ShiftModifier)
    assert track.cursor_iteration == 11


@pytest.mark.parametrize(
    ("key", "shift", "goal"),
    [
        (Qt.Key.Key_Left, False, 19),
        (Qt.Key.Key_Right, False, 21),
        (Qt.Key.Key_Right, True, 30),
        (Qt.Key.Key_Home, False, 0),
        (Qt.Key.Key_End, False, 40),
    ],
)
def test_the_keyboard_walks(track: TimelineTrack, key: Qt.Key, shift: bool, goal: int) -> None:
    keys = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    mouse.press_key(track, key, keys=keys)
    assert track.cursor_iteration == goal


def test_a_click_on_the_number_lets_one_type_another(track: TimelineTrack) -> None:
    mouse.click(track, track._number_box().center())
    (editor,) = track.findChildren(QLineEdit)
    assert editor.text() == "20" and editor.isVisible()
    editor.setText("33")
    mouse.press_key(editor, Qt.Key.Key_Return)
    assert track.cursor_iteration == 33 and not editor.isVisible()


def test_showing_an_iteration_does_not_announce_it(track: TimelineTrack, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(track.scrubbed):
        track.present(GAINS, 7)
    assert track.cursor_iteration == 7


def test_a_track_without_iterations_stays_quiet(track: TimelineTrack, qtbot: QtBot) -> None:
    track.present(np.empty(0), 0)
    with qtbot.assertNotEmitted(track.scrubbed):
        mouse.drag(track, [QPointF(50, 25), QPointF(90, 25)])
        mouse.press_key(track, Qt.Key.Key_End)
    assert track.accessibleDescription() == "No iteration yet"


def test_what_was_is_violet_and_what_comes_is_grey(track: TimelineTrack) -> None:
    picture = track.grab().toImage()
    low = track._track().bottom() - 3
    before = picture.pixelColor(int(track.x_of(10)), int(low))
    after = picture.pixelColor(int(track.x_of(25)), int(low))
    assert before.blue() - before.green() > 40
    assert after.name() == LIGHT.hist.lower()


def test_marks_stand_above_their_iteration_in_the_colour_of_their_kind(
    track: TimelineTrack,
) -> None:
    track.present(GAINS, 20, marks=[TimelineMark(12, MarkKind.MOVED)])
    flag = track.grab().toImage().pixelColor(round(track.x_of(12)), int(track._track().top() - 5))
    assert abs(flag.red() - QColor(LIGHT.accent).red()) < 12


def test_room_is_kept_for_the_iterations_to_come(track: TimelineTrack) -> None:
    full = track.x_of(40)
    track.present(GAINS, 20, span=80)
    assert track.x_of(40) < full and track.x_of(80) == pytest.approx(full)


def test_it_says_where_it_is(track: TimelineTrack) -> None:
    assert track.accessibleName() == "Timeline"
    assert track.accessibleDescription() == "Iteration 20 of 40"
