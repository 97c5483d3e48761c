"""The look is applied before any building block is made, as the program does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from emdesk.gui.theme import Mode, Theme, theme


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[Theme]:
    """The theme of the application, back to its defaults after each test."""
    chosen = theme()
    chosen.mode = Mode.LIGHT
    chosen.apply(qapp)
    yield chosen
    chosen.increase_contrast = False
    chosen.text_scale = 1.0
    chosen.mode = Mode.LIGHT
