"""The theme of the running application."""

from __future__ import annotations

import re

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontInfo,
    QFontMetrics,
    QGuiApplication,
    QIcon,
    QPalette,
    QRawFont,
)
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from emdesk.errors import FileProblem
from emdesk.gui.icons import covariance_glyph, group_icon, has_covariance_glyph, icon, window_icon
from emdesk.gui.theme import DARK, LIGHT, Mode, Theme, font, theme


def _ink(picture: QIcon, size: int, mode: QIcon.Mode = QIcon.Mode.Normal) -> set[str]:
    image = picture.pixmap(QSize(size, size), 1.0, mode).toImage()
    places = [(x, y) for x in range(image.width()) for y in range(image.height())]
    solid = [image.pixelColor(x, y) for x, y in places if image.pixelColor(x, y).alpha() > 250]
    return {colour.name().upper() for colour in solid}


def test_there_is_one_theme_for_the_application(look: Theme) -> None:
    assert theme() is look
    assert look.parent() is QApplication.instance()


def test_choosing_dark_tells_and_colours_everything(qtbot: QtBot, look: Theme) -> None:
    with qtbot.waitSignal(look.changed):
        look.mode = Mode.DARK
    assert look.tokens == DARK
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    assert app.palette().color(QPalette.ColorRole.Base) == QColor(DARK.surface)
    assert DARK.surface in app.styleSheet()
    assert LIGHT.surface not in app.styleSheet().replace(DARK.text, "")


def test_following_the_system_means_light_where_the_system_says_nothing(look: Theme) -> None:
    look.mode = Mode.DARK
    look.mode = Mode.SYSTEM
    assert look.tokens in (LIGHT, DARK)
    assert look.mode is Mode.SYSTEM


def test_a_change_of_the_system_is_followed_unless_the_person_chose(look: Theme) -> None:
    look.mode = Mode.SYSTEM
    system = QGuiApplication.styleHints().colorSchemeChanged
    system.emit(Qt.ColorScheme.Dark)
    assert look.tokens == DARK
    system.emit(Qt.ColorScheme.Light)
    assert look.tokens == LIGHT
    look.mode = Mode.LIGHT
    system.emit(Qt.ColorScheme.Dark)
    assert look.tokens == LIGHT


def test_the_style_sheet_leaves_no_placeholder_and_scales_its_text(look: Theme) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    assert "$" not in app.styleSheet()
    assert not re.search(r"@\d", app.styleSheet())
    assert "font-size: 13px" in app.styleSheet()
    look.text_scale = 2.0
    assert "font-size: 26px" in app.styleSheet()
    assert "font-size: 13px" not in app.styleSheet()


def test_inter_is_loaded_and_its_digits_have_equal_width() -> None:
    for weight in (400, 500, 600):
        used = font(13, weight)
        assert QFontInfo(used).family() == "Inter"
        metrics = QFontMetrics(used)
        assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")


def test_inter_has_the_signs_that_numbers_and_names_need() -> None:
    inter = QRawFont.fromFont(font())
    for sign in "−\u202f–…±×½→αβγδμσΣΔЖяÄßçłő≤≥∞":
        assert inter.supportsCharacter(ord(sign)), sign


def test_an_icon_takes_the_colour_of_the_theme_that_is_in_force(look: Theme) -> None:
    picture = icon("stop-fill", "accent")
    assert LIGHT.accent in _ink(picture, 32)
    look.mode = Mode.DARK
    assert DARK.accent in _ink(picture, 32)


def test_an_icon_of_something_switched_off_is_grey() -> None:
    assert _ink(icon("stop-fill"), 32, QIcon.Mode.Disabled) == {LIGHT.hist}


def test_an_icon_is_sharp_on_a_dense_screen() -> None:
    picture = icon("play-fill").pixmap(QSize(16, 16), 2.0)
    assert picture.width() == 32
    assert picture.devicePixelRatio() == 2.0


def test_a_name_that_is_not_bundled_is_told_at_once() -> None:
    try:
        icon("no-such-icon")
    except FileProblem as problem:
        assert "no-such-icon" in problem.sentence
    else:
        raise AssertionError("an unknown icon was accepted")


def test_each_covariance_structure_has_a_glyph_of_its_own() -> None:
    pictures = set()
    for structure in ("EII", "VII", "EEI", "VVI", "EEE", "VVV"):
        assert has_covariance_glyph(structure)
        image = covariance_glyph(structure).pixmap(QSize(48, 24)).toImage()
        pictures.add(bytes(image.constBits()))
    assert len(pictures) == 6
    assert not has_covariance_glyph("kmeans++")


def test_a_group_icon_shows_the_colour_of_its_group() -> None:
    assert "#D55E00" in _ink(group_icon(1), 24)


def test_the_window_icon_comes_in_the_sizes_that_systems_ask_for() -> None:
    sizes = {size.width() for size in window_icon().availableSizes()}
    assert {16, 32, 48, 256, 512} <= sizes
