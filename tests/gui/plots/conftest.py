"""The light theme with its fonts for every plot, and a view of pictures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from emdesk.gui.plots.picture_view import PictureView
from emdesk.gui.theme import Mode, theme


@pytest.fixture(autouse=True)
def light_theme(qapp: QApplication) -> Iterator[None]:
    """Light before and after, whatever a test chooses."""
    theme().apply(qapp)
    theme().mode = Mode.LIGHT
    yield
    theme().mode = Mode.LIGHT


@pytest.fixture
def view(qtbot: QtBot) -> PictureView:
    made = PictureView()
    qtbot.addWidget(made)
    made.resize(420, 340)
    with qtbot.waitExposed(made):
        made.show()
    return made
