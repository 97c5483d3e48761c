"""Several laws on different columns, chosen in the form."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox

from emdesk.app.state import Phase
from tests.gui.driver import Driver


@pytest.fixture
def visits(tmp_path: Path) -> Path:
    """A continuous column, counts and words, in two groups."""
    lines = ["age,visits,colour"]
    for row in range(90):
        young = row % 3 == 0
        age = (30 if young else 60) + (row * 7 % 11) - 5
        lines.append(
            f"{age}.5,{(row * 5) % 4 + (0 if young else 6)},{'red' if row % 5 else 'blue'}"
        )
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def laws(driver: Driver) -> list[tuple[str, tuple[str, ...]]]:
    assert driver.state.spec is not None
    return [(part.law, part.columns) for part in driver.state.spec.laws]


def law_box(driver: Driver, column: str) -> QComboBox:
    return driver.window.model_panel.laws.box(column)


def test_several_laws_follow_the_kinds_of_the_columns_and_fit(driver: Driver, visits: Path) -> None:
    driver.import_file(visits)
    driver.choose_law("Several laws")
    assert laws(driver) == [("gaussian", ("age",)), ("poisson", ("visits",))]
    driver.run()
    assert driver.state.phase is Phase.DONE
    shown = driver.state.shown
    assert shown is not None
    assert {"age.means", "visits.rates"} <= {q.name for q in shown.quantities}


def test_ticking_a_column_of_text_gives_it_a_law_for_words(driver: Driver, visits: Path) -> None:
    driver.import_file(visits)
    driver.tick("colour")
    assert ("categorical", ("colour",)) in laws(driver)
    driver.settle()
    assert driver.state.setup_problem is None
    driver.tick("colour")
    assert driver.columns() == ("age", "visits")


def test_the_law_of_one_column_can_be_changed_and_undone(driver: Driver, visits: Path) -> None:
    driver.import_file(visits)
    driver.choose_law("Several laws")
    box = law_box(driver, "age")
    box.setCurrentIndex(box.findData("gamma"))
    box.activated.emit(box.currentIndex())
    assert ("gamma", ("age",)) in laws(driver)
    driver.keys("Ctrl+Z")
    assert ("gaussian", ("age",)) in laws(driver)


def test_settings_belong_to_their_law_in_the_form(driver: Driver, visits: Path) -> None:
    driver.import_file(visits)
    driver.choose_law("Several laws")
    names = driver.window.model_panel.form.names()
    assert "age.covariance" in names and "components" in names and "visits.covariance" not in names
    driver.set("age.covariance", "E")
    assert driver.state.spec is not None
    assert driver.state.spec.values()["age.covariance"] == "E"


def test_one_law_for_all_takes_the_place_of_several(driver: Driver, visits: Path) -> None:
    driver.import_file(visits)
    driver.choose_law("Several laws")
    box = driver.window.model_panel.law_choice
    # its name begins that of another law, so it is not found by typing
    box.setCurrentIndex(box.findData("gaussian"))
    box.activated.emit(box.currentIndex())
    assert laws(driver) == [] and driver.columns() == ("age", "visits")
    assert driver.window.model_panel.laws.isHidden()
