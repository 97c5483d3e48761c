"""The mouse and the keyboard over a picture: zoom, panning, rows pointed at and chosen, and what a zoom repaints."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from emdesk.gui.plots.picture_view import PictureView
from emdesk.gui.plots.view_box import Tool
from emdesk.gui.theme import LIGHT
from emdesk.model.marks import (
    Raster,
)
from tests.gui.plots import mouse, pictures


def test_the_wheel_zooms_about_the_pointer_and_a_double_click_shows_everything(
    view: PictureView, qtbot: QtBot
) -> None:
    view.present(pictures.scatter())
    home = view.extent
    place = mouse.on_screen(view, 2.0, 2.0)
    with qtbot.waitSignal(view.viewChanged) as told:
        mouse.wheel(view.graphics.viewport(), place, 2)
    x0, x1, _, _ = view.extent
    assert x1 - x0 < home[1] - home[0] and told.args == [view.extent]
    with qtbot.waitSignal(view.viewChanged):
        mouse.double_click(view.graphics.viewport(), place)
    assert view.extent == home and not view.is_moved


def test_dragging_pans(view: PictureView) -> None:
    view.present(pictures.scatter())
    x0, x1, _, _ = view.extent
    path = [
        mouse.on_screen(view, 2.0, 2.0),
        mouse.on_screen(view, 1.5, 2.0),
        mouse.on_screen(view, 1.0, 2.0),
    ]
    mouse.drag(view.graphics.viewport(), path)
    moved = view.extent
    assert moved[0] == pytest.approx(x0 + 1.0, abs=0.1)
    assert moved[1] - moved[0] == pytest.approx(x1 - x0)


def test_the_keyboard_pans_zooms_and_goes_home(view: PictureView) -> None:
    view.present(pictures.scatter())
    home = view.extent
    mouse.press_key(view, Qt.Key.Key_Right)
    assert view.extent[0] > home[0] and view.extent[2] == home[2]
    mouse.press_key(view, Qt.Key.Key_Plus)
    assert view.extent[1] - view.extent[0] == pytest.approx((home[1] - home[0]) / 1.25)
    mouse.press_key(view, Qt.Key.Key_Home)
    assert view.extent == home


def test_the_row_under_the_pointer_is_told_and_ringed(view: PictureView, qtbot: QtBot) -> None:
    view.present(pictures.scatter())
    viewport = view.graphics.viewport()
    with qtbot.waitSignal(view.rowHovered) as told:
        mouse.hover(viewport, mouse.on_screen(view, 2.0, 2.0))
    assert told.args == [9] and view._hover_ring.data["x"].tolist() == [2.0]
    with qtbot.waitSignal(view.rowHovered) as told:
        mouse.hover(viewport, mouse.on_screen(view, 1.0, 3.0))
    assert told.args == [-1] and len(view._hover_ring.data) == 0


def test_the_tooltip_of_a_row_says_what_the_panel_knows(view: PictureView) -> None:
    view.present(pictures.scatter())
    view.row_text = "Row {}".format
    assert view.tip_at(view.main.mapViewToScene(QPointF(2.0, 2.0))) == "Row 9"
    assert view.tip_at(view.main.mapViewToScene(QPointF(1.0, 3.0))) == ""


def test_a_click_tells_the_row_and_the_keys_held(view: PictureView, qtbot: QtBot) -> None:
    view.present(pictures.scatter())
    control = Qt.KeyboardModifier.ControlModifier
    with qtbot.waitSignal(view.rowClicked) as told:
        mouse.click(view.graphics.viewport(), mouse.on_screen(view, 3.0, 3.0), control)
    assert told.args == [3, control]


def test_a_lasso_selects_the_rows_inside(view: PictureView, qtbot: QtBot) -> None:
    view.present(pictures.scatter())
    view.set_tool(Tool.LASSO)
    corners = [(-0.3, -0.3), (1.3, -0.3), (1.3, 1.3), (-0.3, 1.3), (-0.3, 0.2)]
    with qtbot.waitSignal(view.rowsSelected) as told:
        mouse.drag(view.graphics.viewport(), [mouse.on_screen(view, x, y) for x, y in corners])
    assert told.args is not None and told.args[0].tolist() == [0, 1, 2]


def test_shift_and_drag_selects_a_rectangle(view: PictureView, qtbot: QtBot) -> None:
    view.present(pictures.scatter())
    path = [mouse.on_screen(view, *place) for place in ((1.7, 1.7), (2.5, 2.5), (3.8, 3.8))]
    with qtbot.waitSignal(view.rowsSelected) as told:
        mouse.drag(view.graphics.viewport(), path, Qt.KeyboardModifier.ShiftModifier)
    assert told.args is not None and told.args[0].tolist() == [3, 4, 9]


def test_a_raster_made_anew_for_the_zoomed_part_does_not_become_everything(
    view: PictureView,
) -> None:
    whole = replace(pictures.raster(), extent=None)
    view.present(whole)
    view.zoom(4.0)
    (mark,) = whole.marks
    assert isinstance(mark, Raster)
    view.present(replace(whole, marks=(replace(mark, extent=(1.5, 2.5, 1.5, 2.5)),)))
    view.show_all()
    assert view.extent == pictures.EXTENT


def test_zooming_ends_before_numbers_lose_their_meaning(view: PictureView) -> None:
    view.present(pictures.scatter())
    for _ in range(200):
        view.zoom(4.0)
    x0, x1, _, _ = view.extent
    assert x1 - x0 > 1e-7 and len(view.bottom.ticks(x0, x1, 300)[0]) >= 1


def test_the_keyboard_brings_a_focus_ring_and_the_mouse_none(
    view: PictureView, qtbot: QtBot
) -> None:
    view.present(pictures.scatter())
    accent = LIGHT.accent.lower()
    with qtbot.waitActive(view):
        view.activateWindow()
    view.clearFocus()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert view.grab().toImage().pixelColor(210, 1).name() == accent
    view.clearFocus()
    view.setFocus(Qt.FocusReason.MouseFocusReason)
    assert view.grab().toImage().pixelColor(210, 1).name() != accent


def test_a_long_number_takes_the_room_it_needs(view: PictureView) -> None:
    axis = view.bottom
    assert len(axis.ticks(0.0, 1.0, 300)[0]) > len(axis.ticks(1e8, 1e8 + 0.001, 300)[0]) >= 1


def test_in_little_room_only_the_numbers_stay(view: PictureView) -> None:
    view.present(pictures.scatter())
    assert view.bottom.name_text == "a (min)" and view.left.name_text == "b"
    view.resize(420, 120)
    assert view.bottom.name_text == view.left.name_text == ""


def test_repainting_does_not_lose_references_to_none_and_true(
    view: PictureView, qtbot: QtBot
) -> None:
    if sys.version_info >= (3, 12):
        pytest.skip("None and True are immortal here")
    view.present(pictures.scatter())
    for _ in range(20):
        view.graphics.viewport().repaint()
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(200):
        view.graphics.viewport().repaint()
    after = sys.getrefcount(None), sys.getrefcount(True)
    assert after[0] > before[0] - 100 and after[1] > before[1] - 100
