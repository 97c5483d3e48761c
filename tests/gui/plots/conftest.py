"""The light theme with its fonts for every plot, and small pictures made by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from emdesk.gui.theme import Mode, theme


@pytest.fixture(autouse=True)
def light_theme(qapp: QApplication) -> Iterator[None]:
    """Light before and after, whatever a test chooses."""
    theme().apply(qapp)
    theme().mode = Mode.LIGHT
    yield
    theme().mode = Mode.LIGHT
