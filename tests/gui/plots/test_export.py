"""Plots as files and on the clipboard: white, readable, whatever the screen shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from emdesk.errors import FileProblem
from emdesk.gui.plots import export
from emdesk.gui.plots.convergence import ConvergenceView
from emdesk.gui.plots.picture_view import PictureView
from emdesk.gui.plots.styled import EXPORT_TEXT_PX
from emdesk.gui.plots.symbols import symbol_pixmap
from emdesk.gui.plots.thumbnail import thumbnail
from emdesk.gui.theme import DARK, GROUP_COLOURS, LIGHT, Mode, theme
from emdesk.model.marks import Picture, Points
from tests.gui.plots import pictures


def plot(qtbot: QtBot, picture: Picture) -> PictureView:
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(360, 280)
    view.show()
    view.present(picture)
    return view


def image_of(content: bytes) -> QImage:
    image = QImage()
    assert image.loadFromData(content)
    return image


def colours(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def texts(svg: bytes) -> list[str]:
    return [
        "".join(node.itertext()).strip()
        for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    ]


@pytest.mark.parametrize("make", pictures.ALL)
def test_every_kind_of_picture_is_exported_as_png_and_svg(
    qtbot: QtBot, make: Callable[[], Picture]
) -> None:
    view = plot(qtbot, make())
    image = image_of(export.png_bytes(view, scale=1.0))
    assert (image.width(), image.height()) == (354, 274)
    assert image.pixelColor(353, 0).name() == "#ffffff"
    assert len(colours(image)) > 10
    svg = export.svg_bytes(view)
    assert QSvgRenderer(svg).isValid()
    assert make().x_label in texts(svg)


def test_convergence_is_exported_too(qtbot: QtBot) -> None:
    view = ConvergenceView()
    qtbot.addWidget(view)
    view.resize(360, 300)
    view.show()
    objectives = -100 - 0.5 ** np.arange(12.0)
    view.present(objectives, np.append(np.nan, np.diff(objectives)), -100.0, 5, True)
    found = texts(export.svg_bytes(view))
    assert {"Iteration", "Log-likelihood", "Gain", "limit −100.00"} <= set(found)
    assert image_of(export.png_bytes(view)).width() == 2 * 354


def test_an_export_is_light_and_leaves_the_dark_screen_alone(qtbot: QtBot) -> None:
    theme().mode = Mode.DARK
    view = plot(qtbot, pictures.scatter())
    before = view.grab().toImage()
    image = image_of(export.png_bytes(view, scale=1.0))
    assert image.pixelColor(353, 0).name() == "#ffffff"
    assert theme().tokens == DARK
    assert view.grab().toImage() == before


def test_the_view_on_the_screen_is_the_view_in_the_file(qtbot: QtBot) -> None:
    view = plot(qtbot, pictures.scatter())
    view.set_extent((0.0, 1.0, 0.0, 1.0))
    twin = view.twin()
    qtbot.addWidget(twin)
    assert twin.extent == (0.0, 1.0, 0.0, 1.0)
    assert twin.left._number_font.pixelSize() == EXPORT_TEXT_PX


def test_twice_the_scale_has_twice_the_pixels(qtbot: QtBot) -> None:
    image = image_of(export.png_bytes(plot(qtbot, pictures.scatter()), scale=2.0))
    assert (image.width(), image.height()) == (708, 548)


def test_a_caption_stands_below_the_plot_when_asked_for(qtbot: QtBot) -> None:
    view = plot(qtbot, pictures.scatter())
    plain = image_of(export.png_bytes(view, scale=1.0))
    captioned = image_of(export.png_bytes(view, scale=1.0, caption="Iteration 24 & more"))
    assert captioned.height() > plain.height()
    assert "Iteration 24 & more" in texts(export.svg_bytes(view, caption="Iteration 24 & more"))


def test_symbols_are_outlines_in_a_drawing_and_one_image_when_very_many(qtbot: QtBot) -> None:
    few = export.svg_bytes(plot(qtbot, pictures.scatter()))
    assert b"<image" not in few
    n = 6000
    place = np.linspace(0, 1, n)
    many = Points(place, place, np.zeros(n, dtype=np.intp), np.arange(n), np.ones(n), 1)
    svg = export.svg_bytes(plot(qtbot, Picture("", (many,), "a", "b")))
    assert svg.count(b"<image") == 1 and len(svg) < 400_000


def test_files_are_written(qtbot: QtBot, tmp_path: Path) -> None:
    view = plot(qtbot, pictures.scatter())
    export.save_png(view, tmp_path / "a.png")
    export.save_svg(view, tmp_path / "a.svg")
    assert image_of((tmp_path / "a.png").read_bytes()).width() == 708
    assert (tmp_path / "a.svg").read_bytes() == export.svg_bytes(view)


def test_a_folder_that_is_not_there_is_named_in_one_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    target = tmp_path / "missing" / "a.png"
    with pytest.raises(FileProblem) as caught:
        export.save_png(plot(qtbot, pictures.scatter()), target)
    assert "a.png" in caught.value.sentence or "missing" in caught.value.sentence


def test_the_clipboard_holds_an_image_and_a_drawing(qtbot: QtBot) -> None:
    export.copy(plot(qtbot, pictures.scatter()), scale=1.0)
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.hasImage() and mime.hasFormat(export.SVG_TYPE)
    assert bytes(mime.data(export.SVG_TYPE).data()).startswith(b"<?xml")
    QGuiApplication.clipboard().clear()


@pytest.mark.parametrize("make", pictures.ALL)
@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_a_thumbnail_shows_something_of_every_picture(
    qtbot: QtBot, make: Callable[[], Picture], tokens: object
) -> None:
    pixmap = thumbnail(make(), QSize(120, 100), DARK if tokens is DARK else LIGHT, 2.0)
    image = pixmap.toImage()
    assert (image.width(), image.height()) == (240, 200)
    assert len(colours(image)) > 5


def test_a_thumbnail_has_the_colours_of_the_groups(qtbot: QtBot) -> None:
    image = thumbnail(pictures.scatter(), QSize(160, 120), LIGHT).toImage()
    assert {QColor(GROUP_COLOURS[0]).name(), QColor(GROUP_COLOURS[1]).name()} <= colours(image)


def test_a_symbol_is_drawn_in_its_colour(qtbot: QtBot) -> None:
    image = symbol_pixmap(2, LIGHT, 16, 2.0).toImage()
    assert image.width() == 32
    assert image.pixelColor(16, 16).name() == GROUP_COLOURS[2].lower()
