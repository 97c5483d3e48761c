"""The look is applied before any dialog is made, as the program does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from emdesk.gui.theme import Mode, Theme, theme


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[Theme]:
    """The light theme, before and after each test."""
    chosen = theme()
    chosen.mode = Mode.LIGHT
    chosen.apply(qapp)
    yield chosen
    chosen.mode = Mode.LIGHT
