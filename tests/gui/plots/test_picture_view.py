"""The picture of a fit as items: what is drawn, how it looks, and that it is drawn in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from emdesk.gui.plots import ink
from emdesk.gui.plots.picture_view import PictureView
from emdesk.gui.plots.renderers import RENDERERS
from emdesk.gui.theme import DARK, LIGHT, Mode, density_ramp, theme
from emdesk.model.marks import (
    Bands,
    Bars,
    Centre,
    Contours,
    Curve,
    Ellipse,
    Heatmap,
    Picture,
    Points,
    Raster,
    Rug,
    Stack,
)
from tests.gui.plots import pictures

BLUE, VERMILION = "#0072b2", "#d55e00"


def shown(view: PictureView, kind: type, pool: str = "pool") -> list[Any]:
    """The visible items of one kind of mark."""
    renderer: Any = view._renderers[kind]
    return [item for item in getattr(renderer, pool).items if item.isVisible()]


def test_every_kind_of_mark_has_a_renderer() -> None:
    kinds = {type(mark) for make in pictures.ALL for mark in make().marks}
    assert kinds <= set(RENDERERS)
    assert set(RENDERERS) == {
        Bands, Bars, Centre, Contours, Curve, Ellipse, Heatmap, Points, Raster, Rug, Stack
    }  # fmt: skip


def test_each_group_has_its_colour_and_its_shape(view: PictureView) -> None:
    view.present(pictures.scatter())
    first, second = shown(view, Points, "groups")
    assert first.data["x"].tolist() == [0.0, 0.5, 1.0]
    assert set(first.data["symbol"]) == {"o"} and set(second.data["symbol"]) == {"t1"}
    assert first.data["brush"][0].color().name() == BLUE
    assert second.data["brush"][0].color().name() == VERMILION


def test_a_sure_row_is_filled_with_a_halo_and_an_undecided_one_is_hollow(view: PictureView) -> None:
    view.present(pictures.scatter())
    sure, _, undecided = shown(view, Points, "groups")[1].data
    assert sure["brush"].color().alphaF() == pytest.approx(0.82, abs=0.01)
    assert sure["pen"].color().name() == LIGHT.surface.lower()
    assert undecided["brush"].style() is Qt.BrushStyle.NoBrush
    assert undecided["pen"].color().name() == VERMILION


def test_pale_colours_have_an_outline_in_the_light_theme(view: PictureView) -> None:
    view.set_slots((4, 0))
    view.present(pictures.scatter())
    pale = shown(view, Points, "groups")[0]
    assert pale.data["pen"][0].color().name() == LIGHT.text2.lower()
    assert pale.data["symbol"][0] == "p"


def test_rows_that_are_not_fitted_are_grey_dots_and_noise_is_grey_crosses(
    view: PictureView,
) -> None:
    rows = pictures.points()
    nobody = np.full(6, -1)
    plain = replace(rows, group=nobody, groups=0, top_probability=None)
    view.present(replace(pictures.scatter(), marks=(plain,)))
    (dots,) = shown(view, Points, "groups")
    assert dots.opts["symbol"] == "o" and dots.opts["brush"].color().name() == LIGHT.text3.lower()
    view.present(replace(pictures.scatter(), marks=(replace(rows, group=nobody),)))
    (crosses,) = shown(view, Points, "groups")
    assert crosses.opts["symbol"] == "x" and crosses.opts["brush"].style() is Qt.BrushStyle.NoBrush


def test_the_outer_ellipse_is_strong_and_the_inner_one_fine(view: PictureView) -> None:
    view.present(pictures.scatter())
    inner, outer = shown(view, Ellipse)[:2]
    assert inner.opts["pen"].widthF() == pytest.approx(1.1) and inner.opacity() == 0.6
    assert outer.opts["pen"].widthF() == pytest.approx(1.8) and outer.opacity() == 1.0
    assert outer.opts["pen"].color().name() == BLUE
    assert outer.xData[0] == pytest.approx(0.5 + 1.95)


def test_a_chosen_group_is_stronger_and_the_others_step_back(view: PictureView) -> None:
    view.present(pictures.scatter())
    view.set_emphasis(1)
    assert [item.opacity() for item in shown(view, Points, "groups")] == [0.35, 1.0]
    assert shown(view, Ellipse)[3].opts["pen"].widthF() == pytest.approx(2.5)
    assert [item.opacity() for item in shown(view, Centre)] == [0.35, 1.0]
    view.set_emphasis(None)
    assert {item.opacity() for item in shown(view, Points, "groups")} == {1.0}


def test_a_hidden_group_is_not_drawn(view: PictureView) -> None:
    view.present(pictures.scatter())
    view.set_hidden(frozenset({0}))
    assert len(shown(view, Points, "groups")) == 1
    assert len(shown(view, Ellipse)) == 2 and len(shown(view, Centre)) == 1


def test_a_stale_picture_is_drawn_at_forty_percent(view: PictureView) -> None:
    view.present(pictures.scatter())
    view.set_stale(True)
    assert {item.opacity() for item in shown(view, Points, "groups")} == {0.4}
    assert view.graphics.graphicsEffect() is None


def test_selected_rows_have_a_ring_and_the_others_stay(view: PictureView) -> None:
    view.present(pictures.scatter())
    view.set_selected([3, 9])
    (ring,) = shown(view, Points, "rings")
    assert sorted(ring.data["x"]) == [2.0, 3.0]
    assert ring.opts["size"] == 8.5 + 7 and ring.opts["pen"].widthF() == pytest.approx(1.6)
    assert shown(view, Points, "groups")[0].data["brush"][0].color().alphaF() > 0.8


def test_many_rings_are_finer_and_rows_at_one_place_share_one(view: PictureView) -> None:
    n = 40
    place = np.repeat(np.linspace(0, 1, n // 2), 2)
    pairs = Points(place, place, np.zeros(n, dtype=np.intp), np.arange(n), np.ones(n), 1)
    view.present(Picture("", (pairs,), "a", "b"))
    view.set_selected(np.arange(n))
    (ring,) = shown(view, Points, "rings")
    assert len(ring.data) == n // 2
    assert ring.opts["size"] < 8.5 + 7 and ring.opts["pen"].widthF() < 1.6


def test_when_many_rows_are_selected_the_others_fade_instead(view: PictureView) -> None:
    n = 300
    place = np.linspace(0, 1, n)
    many = Points(place, place, np.zeros(n, dtype=np.intp), np.arange(n), np.ones(n), 1)
    view.present(Picture("", (many,), "a", "b"))
    view.set_selected(np.arange(250))
    (group,) = shown(view, Points, "groups")
    assert shown(view, Points, "rings") == []
    strong, faint = group.data["brush"][0].color(), group.data["brush"][299].color()
    assert faint.alphaF() == pytest.approx(strong.alphaF() / 4, abs=0.01)


def test_histogram_curves_are_scaled_and_the_total_is_in_the_text_colour(view: PictureView) -> None:
    view.present(pictures.histogram())
    first, second, total = shown(view, Curve)
    assert first.opts["pen"].color().name() == BLUE
    assert total.opts["pen"].color().name() == LIGHT.text.lower()
    assert (first.opts["pen"].widthF(), total.opts["pen"].widthF()) == (1.6, 2.0)
    (bars,) = shown(view, Bars)
    assert bars.opts["height"].tolist() == [0.1, 0.6, 0.9, 0.3, 0.2, 0.8, 0.7, 0.1]
    assert shown(view, Rug)[0].x.tolist() == [0.5, 1.0, 3.0]
    assert second.isVisible()


def test_a_density_starts_at_the_surface_colour_and_has_its_level_lines(view: PictureView) -> None:
    view.present(pictures.density())
    (image,) = shown(view, Heatmap)
    ramp = density_ramp(LIGHT)
    assert image.image[20, 20, :3].tolist() == pytest.approx(list(ink.rgb(ramp[-1])), abs=12)
    assert image.image.shape == (40, 40, 4)
    inner, outer = shown(view, Contours)
    assert np.nanmax(inner.xData) < np.nanmax(outer.xData)
    assert inner.opacity() > outer.opacity()
    (dots,) = shown(view, Points, "small")
    assert dots.opts["size"] == 3.0


def test_an_image_keeps_its_pixels_square_and_sharp(view: PictureView) -> None:
    mark = Heatmap(np.eye(4), (0, 4, 0, 4), true_aspect=True)
    view.present(Picture("image", (mark,)))
    assert view.main.state["aspectLocked"] and not shown(view, Heatmap)[0].smooth
    view.present(pictures.density())
    assert not view.main.state["aspectLocked"]


def test_a_series_has_tints_behind_it_and_shares_below_it(view: PictureView) -> None:
    view.present(pictures.series())
    (bands,) = shown(view, Bands)
    assert [band[:2] for band in bands.bands] == [(1899.5, 1901.5), (1901.5, 1905.5)]
    assert bands.bands[0][2].color().alphaF() == pytest.approx(0.11, abs=0.01)
    assert view.strip is not None and view.strip.isVisible()
    low, high = shown(view, Stack)
    assert high.getData()[1].tolist() == pytest.approx([1.0] * 6)
    assert low.getData()[0].tolist() == [1899.5 + i for i in range(7)]
    assert view.bottom.texts(np.array([1900.0]), 10.0) == ["1900"]
    view.present(pictures.scatter())
    assert not view.strip.isVisible()


def test_many_rows_are_drawn_as_ink(view: PictureView) -> None:
    view.present(pictures.raster())
    (image,) = shown(view, Raster)
    assert image.image[0, 0, :3].tolist() == list(ink.rgb(BLUE))
    assert image.image[0, 15, :3].tolist() == list(ink.rgb(VERMILION))
    assert image.image[0, 0, 3] < image.image[0, 15, 3]
    assert image.boundingRect().width() == 16


def test_a_large_raster_is_shaded_away_from_the_window_thread(
    view: PictureView, qtbot: QtBot
) -> None:
    view.present(pictures.raster(400))
    renderer: Any = view._renderers[Raster]
    qtbot.waitUntil(lambda: renderer.pool.items[0].image is not None)
    assert renderer.pool.items[0].image.shape == (400, 400, 4)


def test_a_hundred_frames_use_the_same_items(view: PictureView) -> None:
    view.present(pictures.scatter(), live=True)
    before = [id(item) for item in view.main.addedItems]
    for step in range(100):
        view.present(pictures.scatter(moved=0.01 * step), live=True)
    assert [id(item) for item in view.main.addedItems] == before
    assert shown(view, Ellipse)[1].xData[0] == pytest.approx(0.5 + 0.99 + 1.95)


@pytest.mark.parametrize("make", pictures.ALL)
def test_one_picture_leaves_nothing_behind_in_the_next(
    view: PictureView, make: Callable[[], Picture]
) -> None:
    view.present(make())
    view.present(Picture("", (), hint="Choose two columns"))
    for kind in RENDERERS:
        for pool in ("pool", "groups", "small", "rings"):
            if getattr(view._renderers[kind], pool, None) is not None:
                assert shown(view, kind, pool) == []


def test_an_empty_picture_shows_its_hint(view: PictureView) -> None:
    view.present(Picture("Scatter", (), hint="Choose two columns"))
    assert view._hint is not None and view._hint.text() == "Choose two columns"
    assert view._hint.isVisible() and not view.graphics.isVisible()
    view.present(pictures.scatter())
    assert not view._hint.isVisible() and view.graphics.isVisible()


def test_a_theme_change_repaints_in_place(view: PictureView) -> None:
    view.present(pictures.density())
    item, before = shown(view, Heatmap)[0], shown(view, Heatmap)[0].image[0, 0, :3].tolist()
    theme().mode = Mode.DARK
    assert shown(view, Heatmap)[0] is item
    assert before != item.image[0, 0, :3].tolist()
    assert view.graphics.backgroundBrush().color().name() == DARK.surface.lower()


def test_a_frame_of_the_same_rows_keeps_the_zoom_and_other_columns_start_afresh(
    view: PictureView,
) -> None:
    view.present(pictures.scatter())
    view.zoom(2.0)
    zoomed = view.extent
    view.present(pictures.scatter(moved=0.3), live=True)
    assert view.extent == zoomed
    view.present(pictures.density())
    assert view.extent == pictures.EXTENT


def test_it_says_what_it_shows(view: PictureView) -> None:
    view.present(pictures.scatter())
    assert view.accessibleName() == "b by a"
    assert view.accessibleDescription() == "Scatter of b by a, 6 rows, 2 groups"
