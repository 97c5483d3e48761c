"""No window is opened here, so there are no window settings to keep apart and no widgets to collect after each test."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def settings_of_this_test_alone() -> None:
    """Takes the place of the fixture for windows, whose full collection takes longer than most tests here."""
