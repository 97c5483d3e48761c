"""The window on a real X screen: what is painted there, not only what the widgets know."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QGuiApplication, QImage

from emdesk.app.state import Phase
from emdesk.gui.theme import group_colour, theme
from tests.gui.driver import Driver

pytestmark = pytest.mark.xvfb


def has_colour(image: QImage, area: QRect, colour: QColor, tolerance: int = 40) -> bool:
    """Whether a pixel of the area is about this colour."""
    for y in range(area.top(), area.bottom(), 2):
        for x in range(area.left(), area.right(), 2):
            seen = image.pixelColor(x, y)
            parts = zip(seen.getRgb()[:3], colour.getRgb()[:3], strict=True)  # type: ignore[index]
            if all(abs(a - b) < tolerance for a, b in parts):
                return True
    return False


def test_a_fit_is_painted_on_the_screen(driver: Driver) -> None:
    if QGuiApplication.platformName() == "offscreen":
        pytest.skip("needs a screen: run under xvfb-run with QT_QPA_PLATFORM=xcb")
    driver.window.files.open_sample("faithful")
    driver.wait(lambda: driver.state.dataset is not None)
    driver.settle()
    driver.window.fits.set_pace(False)
    driver.press_run()
    driver.wait_phase(Phase.DONE)
    driver.settle()
    driver.wait(lambda: len(driver.window.desk.picture.legend.buttons) == 2)
    plot = driver.window.desk.picture.plot
    corner = plot.mapToGlobal(plot.rect().topLeft())
    area = QRect(corner, plot.size())

    def painted() -> bool:
        image = driver.window.screen().grabWindow(0).toImage()
        wanted = (QColor(group_colour(k, theme().tokens)) for k in range(2))
        return all(has_colour(image, area, colour) for colour in wanted)

    driver.wait(painted)
