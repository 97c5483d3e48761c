"""The start page by mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from emdesk.app.recent import RecentFile
from emdesk.app.samples import samples
from emdesk.errors import DataProblem
from emdesk.gui.dialogs import sample_pictures
from emdesk.gui.start_page import StartPage
from emdesk.gui.theme import Mode, theme
from emdesk.model.marks import Picture, Points

LEFT = Qt.MouseButton.LeftButton
TODAY = date(2026, 11, 20)
ROWS = np.arange(9)
PICTURE = Picture(
    "", (Points(ROWS / 2.0, ROWS / 3.0, ROWS % 2, ROWS, groups=2),), description="Nine rows"
)


@pytest.fixture(autouse=True)
def quick_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_pictures, "sample_picture", lambda *_: PICTURE)
    monkeypatch.setattr(sample_pictures, "_made", {})


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[StartPage]:
    (tmp_path / "iris.csv").write_text("a\n1\n")
    made = StartPage()
    qtbot.addWidget(made)
    made.set_recent(
        [
            RecentFile(tmp_path / "iris.csv", "Gaussian mixture, VVV, 3", TODAY),
            RecentFile(tmp_path / "gone.csv", "", TODAY - timedelta(days=1)),
        ],
        TODAY,
    )
    made.resize(1280, 760)
    made.show()
    yield made
    made.stop()


def test_open_and_paste_and_help_tell_their_wishes(qtbot: QtBot, page: StartPage) -> None:
    for button, signal in (
        (page.open_button, page.chooseRequested),
        (page.paste_button, page.pasteRequested),
        (page.help_row, page.helpRequested),
    ):
        with qtbot.waitSignal(signal):
            QTest.mouseClick(button, LEFT)


def test_return_opens_the_newest_recent_file(qtbot: QtBot, page: StartPage, tmp_path: Path) -> None:
    with qtbot.waitSignal(page.openRequested) as told:
        QTest.keyClick(page, Qt.Key.Key_Return)
    assert told.args == [str(tmp_path / "iris.csv")]


def test_return_presses_what_has_the_focus(qtbot: QtBot, page: StartPage) -> None:
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.paste_button.setFocus()
    with qtbot.waitSignal(page.pasteRequested), qtbot.assertNotEmitted(page.openRequested):
        QTest.keyClick(page.paste_button, Qt.Key.Key_Return)


def test_a_click_on_a_recent_file_opens_it(qtbot: QtBot, page: StartPage, tmp_path: Path) -> None:
    with qtbot.waitSignal(page.openRequested) as told:
        QTest.mouseClick(page.recent.rows[1], LEFT)
    assert told.args == [str(tmp_path / "gone.csv")]


def test_a_recent_file_shows_its_model_and_day_and_says_when_it_is_gone(page: StartPage) -> None:
    first, second = page.recent.rows
    assert first.accessibleName() == "iris.csv, Gaussian mixture, VVV, 3, today"
    assert second.accessibleName().endswith("not found")
    assert second.is_faint and not first.is_faint


def test_delete_asks_to_take_a_file_off_the_list(
    qtbot: QtBot, page: StartPage, tmp_path: Path
) -> None:
    with qtbot.waitSignal(page.forgetRequested) as told:
        QTest.keyClick(page.recent.rows[1], Qt.Key.Key_Delete)
    assert told.args == [str(tmp_path / "gone.csv")]


def test_every_sample_has_a_card_with_the_picture_of_a_fit(qtbot: QtBot, page: StartPage) -> None:
    assert [card.sample.id for card in page.cards] == [entry.id for entry in samples()]
    qtbot.waitUntil(lambda: all(card.picture is PICTURE for card in page.cards))
    assert page.cards[0].accessibleDescription() == "Nine rows"


def test_a_card_opens_its_sample_by_mouse_and_by_space(qtbot: QtBot, page: StartPage) -> None:
    with qtbot.waitSignal(page.sampleRequested) as told:
        QTest.mouseClick(page.cards[1], LEFT, pos=QPoint(20, 20))
    assert told.args == [page.cards[1].sample.id]
    with qtbot.waitSignal(page.sampleRequested) as told:
        QTest.keyClick(page.cards[2], Qt.Key.Key_Space)
    assert told.args == [page.cards[2].sample.id]


def test_pictures_are_made_once(
    qtbot: QtBot, page: StartPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot.waitUntil(lambda: all(card.picture is not None for card in page.cards))
    asked: list[object] = []
    monkeypatch.setattr(sample_pictures, "sample_picture", lambda *a: asked.append(a))
    again = StartPage()
    qtbot.addWidget(again)
    again.show()
    assert all(card.picture is not None for card in again.cards)
    assert not asked
    again.stop()


def test_a_sample_that_cannot_be_fitted_has_a_card_without_a_picture(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(entry: object, *_: object) -> Picture:
        if entry is samples()[0]:
            raise DataProblem("no rows")
        return PICTURE

    monkeypatch.setattr(sample_pictures, "sample_picture", refuse)
    page = StartPage()
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.cards[-1].picture is not None)
    assert page.cards[0].picture is None
    page.stop()


def test_cards_break_into_lines_where_the_page_is_narrow(qtbot: QtBot, page: StartPage) -> None:
    before = len({card.y() for card in page.cards})
    page.resize(800, 600)
    qtbot.waitUntil(lambda: len({card.y() for card in page.cards}) > before)
    cards = [card.geometry() for card in page.cards]
    assert not any(a.intersects(b) for a in cards for b in cards if a is not b)


def test_without_recent_files_the_page_says_what_will_be_there(
    qtbot: QtBot, page: StartPage
) -> None:
    page.set_recent([])
    assert page.recent.rows == ()
    with qtbot.assertNotEmitted(page.openRequested):
        QTest.keyClick(page, Qt.Key.Key_Return)


def test_the_page_is_drawn_in_both_themes(qtbot: QtBot, page: StartPage) -> None:
    qtbot.waitUntil(lambda: all(card.picture is not None for card in page.cards))
    shades = []
    for mode in (Mode.LIGHT, Mode.DARK):
        theme().mode = mode
        image = page.cards[0].grab().toImage()
        shades.append(image.pixelColor(6, image.height() - 30).lightness())
    theme().mode = Mode.LIGHT
    assert shades[0] > 200 > 60 > shades[1]
