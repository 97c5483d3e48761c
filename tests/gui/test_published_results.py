"""Published results, reached in the window by mouse and keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QMenu

from emdesk.resources import resource
from tests.gui.driver import Driver

DEATHS = (162, 267, 271, 185, 111, 61, 27, 8, 3, 1)


def open_sample_file(driver: Driver, name: str) -> None:
    driver.import_file(resource(f"samples/{name}.csv"))


def reached(driver: Driver) -> float:
    """Run, and read the log-likelihood of a sound, converged result that the panels show too."""
    driver.run()
    state = driver.state
    assert state.result is not None and state.result.converged and state.result.is_sound
    assert state.shown is not None
    assert state.shown.log_likelihood == state.result.log_likelihood
    return state.result.log_likelihood


def test_waiting_times_have_the_two_normals_of_mixtools(driver: Driver) -> None:
    open_sample_file(driver, "faithful")
    driver.tick("eruptions")
    driver.set("components", "2")
    driver.set("tolerance", "1e-12")
    assert reached(driver) == pytest.approx(-1034.0017, abs=5e-5)
    means = next(q for q in driver.state.shown.quantities if q.name == "means")  # type: ignore[union-attr]
    assert sorted(means.values.ravel()) == pytest.approx([54.6149, 80.0911], abs=1e-4)


def test_old_faithful_in_two_columns(driver: Driver) -> None:
    open_sample_file(driver, "faithful")
    driver.set("components", "2")
    driver.set("tolerance", "1e-11")
    assert reached(driver) == pytest.approx(-1130.2640, abs=1e-4)


def test_galaxies_in_kilometres_a_second(driver: Driver) -> None:
    open_sample_file(driver, "galaxies")
    driver.set("components", "3")
    driver.set("starts", "40")
    driver.set("tolerance", "1e-11")
    assert reached(driver) == pytest.approx(-769.6151, abs=1e-4)


@pytest.mark.parametrize(("components", "expected"), [(2, -214.3547), (3, -180.1855)])
def test_iris_in_four_columns(driver: Driver, components: int, expected: float) -> None:
    open_sample_file(driver, "iris")
    driver.set("components", str(components))
    driver.set("starts", "30")
    driver.set("tolerance", "1e-11")
    assert reached(driver) == pytest.approx(expected, abs=5e-5)


def test_death_notices_with_the_frequency_as_weight(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "deaths.csv"
    rows = "".join(f"{count},{days}\n" for count, days in enumerate(DEATHS))
    path.write_text("deaths,days\n" + rows, encoding="utf-8")
    driver.import_file(path)
    entry = driver.window.data_panel.row("days").menu()
    roles = next(m for m in entry.findChildren(QMenu) if m.title() == "Role")
    driver.choose_in_menu(roles, "Weight")
    assert driver.state.spec is not None and driver.state.spec.columns == ("deaths",)
    driver.choose_law("Poisson")
    driver.set("tolerance", "1e-13")
    driver.set("max_iterations", "5000")
    assert reached(driver) == pytest.approx(-1989.94586, abs=1e-5)
    rates = next(q for q in driver.state.shown.quantities if q.name == "rates")  # type: ignore[union-attr]
    assert np.sort(rates.values.ravel()) == pytest.approx([1.25610, 2.66340], abs=1e-4)
