"""Fits by group in the window: the role, the run, looking from group to group, export, project."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from emdesk.app.state import Phase, ResultsTab
from emdesk.gui.panels.explorer.explorer_view import ExplorerView
from emdesk.gui.widgets import CrashDialog
from emdesk.model.marks import Points
from emdesk.texts import say
from tests.gui.conftest import MakeDriver
from tests.gui.driver import LEFT, NO_KEYS, Driver

SHOPS = ("east", "north", "west")


@pytest.fixture
def shops(tmp_path: Path) -> Path:
    """Visits in three shops; the fourth has too few rows for a fit, and two rows are of no shop."""
    rng = np.random.default_rng(12)
    lines = ["spend,stay,shop"]
    for row in range(180):
        large = rng.random() < 0.5
        spend, stay = rng.normal(60 if large else 20, 4), rng.normal(5 if large else 9, 0.8)
        shop = "" if row in (7, 90) else SHOPS[row % 3]
        lines.append(f"{spend:.2f},{stay:.2f},{shop}")
    lines.append("30.00,,zoo")
    path = tmp_path / "shops.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def give_role(driver: Driver, column: str, label: str) -> None:
    """Choose a role in the menu of a column."""
    row = driver.window.data_panel.row(column)
    menu = row.menu()
    roles = next(m for m in menu.findChildren(QMenu) if m.title() == say("data.role"))
    act = next(a for a in roles.actions() if a.text() == label)
    act.trigger()
    menu.close()
    driver.settle()


def fitted(driver: Driver, path: Path) -> None:
    driver.import_file(path)
    give_role(driver, "shop", "Group")
    driver.set("components", "2")
    driver.press_run()
    driver.wait(lambda: driver.state.group_fits is not None and not driver.state.is_busy)
    driver.settle()


def shown_rows(driver: Driver) -> set[int]:
    shown = driver.state.shown
    assert shown is not None
    points = next(m for m in shown.picture.marks if isinstance(m, Points))
    return {int(row) for row in points.rows}


def rows_of(driver: Driver, shop: str) -> set[int]:
    dataset = driver.state.dataset
    assert dataset is not None
    column = dataset.column("shop")
    return {r for r in range(dataset.rows) if column.text(r) == shop}


def test_a_column_gets_the_role_group_and_run_fits_each_of_its_groups(
    driver: Driver, shops: Path
) -> None:
    driver.import_file(shops)
    give_role(driver, "shop", "Group")
    driver.set("components", "2")
    assert driver.columns() == ("spend", "stay")
    assert "for each of 4 groups" in driver.window.model_panel.footer.text
    driver.press_run()
    driver.wait(lambda: driver.state.group_fits is not None and not driver.state.is_busy)
    driver.settle()
    state, groups = driver.state, driver.state.group_fits
    assert groups is not None and state.phase is Phase.DONE
    assert [one.result is not None for one in groups.done] == [True, True, True, False]
    assert state.tab is ResultsTab.GROUPS
    page = driver.window.desk.results.groups
    assert page.isVisible() and page.table.table.rowCount() == 4
    assert "1 without a fit" in page.sentence.text()
    chooser = driver.window.bar.groups
    assert chooser.box.isVisible() and chooser.box.currentText() == "east"
    assert shown_rows(driver) == rows_of(driver, "east")
    assert driver.window.status_line.rows.text().startswith("59 of 59")
    assert any(m.where == "shop = zoo" for m in state.messages)


def test_a_row_of_the_table_or_the_list_puts_a_group_on_the_desk(
    driver: Driver, shops: Path
) -> None:
    fitted(driver, shops)
    page = driver.window.desk.results.groups
    place = page.table.visualRect(page.table.table.index(1, 1)).center()
    QTest.mouseClick(page.table.viewport(), LEFT, NO_KEYS, place)
    driver.wait(lambda: driver.window.bar.groups.box.currentText() == "north")
    driver.settle()
    assert shown_rows(driver) == rows_of(driver, "north")
    box = driver.window.bar.groups.box
    box.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(box, Qt.Key.Key_Down)
    driver.settle()
    assert shown_rows(driver) == rows_of(driver, "west")
    driver.keys("Ctrl+PgUp")
    driver.settle()
    assert shown_rows(driver) == rows_of(driver, "north")
    result, groups = driver.state.result, driver.state.group_fits
    assert groups is not None and result is not None and groups.fits[1] is not None
    assert groups.fits[1].result is result
    assert driver.window.bar.pill.word == say("pill.done")


def test_a_group_that_could_not_be_fitted_says_its_sentence(driver: Driver, shops: Path) -> None:
    fitted(driver, shops)
    driver.keys("Ctrl+PgUp")
    driver.wait(lambda: driver.state.phase is Phase.FAILED)
    driver.settle()
    failure = driver.state.failure
    assert failure is not None and failure.where == "shop = zoo"
    assert driver.window.desk.picture.stripe.isVisible()
    driver.keys("Ctrl+PgDown")
    driver.wait(lambda: driver.state.phase is Phase.DONE)
    driver.settle()
    assert shown_rows(driver) == rows_of(driver, "east")


def test_parameters_of_all_groups_are_shown_and_copied(driver: Driver, shops: Path) -> None:
    fitted(driver, shops)
    page = driver.window.desk.results.groups
    driver.click(page.turn.segment("parameters"))
    driver.wait(lambda: page.table.table.rowCount() == 6)
    driver.click(driver.window.desk.results.copy_button)
    lines = QApplication.clipboard().text().splitlines()
    assert len(lines) == 7 and lines[0].startswith("shop\tComponent")
    assert [line.split("\t")[0] for line in lines[1:]] == [*SHOPS, *SHOPS]
    spends = [float(line.split("\t")[4]) for line in lines[1:]]
    first = spends[:3]
    assert max(first) - min(first) < 15, "the first component is the same kind in every shop"


def test_standard_errors_of_every_group_are_found_with_one_click(
    driver: Driver, shops: Path
) -> None:
    fitted(driver, shops)
    page = driver.window.desk.results.groups
    told: list[float] = []
    driver.window.store.changed.connect(
        lambda _old, new: told.append(new.measuring) if new.measuring is not None else None
    )
    driver.click(page.errors)
    driver.keys("Ctrl+PgDown")  # looking at another group does not break them off
    driver.wait(lambda: driver.state.measuring is None and not driver.state.can_measure_groups)
    driver.settle()
    groups = driver.state.group_fits
    assert groups is not None
    results = [fit.result for fit in groups.done if fit.result is not None]
    assert len(results) == 3 and all(result.uncertainty is not None for result in results)
    assert told == sorted(told) and told[-1] > 2 / 3
    assert page.turn.value == "parameters" and not page.errors.isVisible()
    shown = [page.table.table.columns[2].aside for _ in range(6)]
    assert all(aside is not None and aside(row) for row, aside in enumerate(shown))


def test_standard_errors_of_groups_that_were_found_stay_when_the_rest_is_stopped(
    driver: Driver, shops: Path
) -> None:
    fitted(driver, shops)

    def measured() -> int:
        groups = driver.state.group_fits
        assert groups is not None
        return sum(f.result is not None and f.result.uncertainty is not None for f in groups.done)

    def stop_after_the_first(*_: object) -> None:
        if measured() == 1 and driver.state.measuring is not None:
            driver.window.trust.stop()

    driver.window.store.changed.connect(stop_after_the_first)
    driver.window.actions_table["group_errors"].trigger()
    driver.wait(lambda: driver.state.measuring is None)
    driver.settle()
    assert measured() == 1 and driver.state.can_measure_groups
    driver.window.store.changed.disconnect(stop_after_the_first)
    driver.window.actions_table["group_errors"].trigger()
    driver.wait(lambda: driver.state.measuring is None and not driver.state.can_measure_groups)
    assert measured() == 3
    assert not driver.window.actions_table["group_errors"].isEnabled()


def test_the_row_that_is_clicked_is_that_of_the_file(driver: Driver, shops: Path) -> None:
    fitted(driver, shops)
    driver.keys("Ctrl+PgDown")
    driver.settle()
    driver.window.desk.results.tabs.setCurrentIndex(
        driver.window.desk.results.shown_tabs.index(ResultsTab.ROWS)
    )
    driver.settle()
    rows = driver.window.desk.results.rows
    driver.wait(lambda: rows.table.table.rowCount() == 59)
    place = rows.table.visualRect(rows.table.table.index(0, 0)).center()
    QTest.mouseClick(rows.table.viewport(), LEFT, NO_KEYS, place)
    (chosen,) = driver.state.selected_rows
    assert chosen == min(rows_of(driver, "north"))


def test_groups_are_exported_as_on_the_command_line(
    driver: Driver, shops: Path, tmp_path: Path
) -> None:
    fitted(driver, shops)
    folder = tmp_path / "out"
    driver.export_to(folder)
    with (folder / "groups.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["shop"] for row in rows] == [*SHOPS, "zoo"]
    assert rows[3]["problem"] and not rows[3]["log_likelihood"]
    assert {p.name for p in folder.iterdir() if p.is_dir()} == set(SHOPS)
    made = json.loads((folder / "groups.json").read_text("utf-8"))
    assert made["rows_without_group"] == 2


def test_a_project_gives_back_every_group_with_its_standard_errors(
    make_driver: MakeDriver, shops: Path, tmp_path: Path
) -> None:
    driver = make_driver()
    fitted(driver, shops)
    driver.keys("Ctrl+PgDown")
    driver.settle()
    driver.window.actions_table["standard_errors"].trigger()
    driver.wait(lambda: driver.state.result is not None and driver.state.measuring is None)
    driver.wait(lambda: driver.state.result.uncertainty is not None)  # type: ignore[union-attr]
    path = tmp_path / "shops.emdesk"
    driver.window.files.save_to(path)
    driver.wait(lambda: driver.state.is_saved)

    other = make_driver()
    other.window.files.open(path)
    other.wait(lambda: other.state.phase is Phase.DONE)
    other.settle()
    assert other.window.bar.groups.box.currentText() == "north"
    assert other.state.is_saved and not other.state.is_stale
    before, after = driver.state.result, other.state.result
    assert before is not None and after is not None
    assert after.uncertainty is not None and before.uncertainty is not None
    for name, error in before.uncertainty.standard_errors.items():
        np.testing.assert_array_equal(after.uncertainty.standard_errors[name], error)
    other.keys("Ctrl+PgDown")
    other.settle()
    assert other.state.is_saved
    assert shown_rows(other) == rows_of(other, "west")


def test_a_run_of_groups_is_stopped_and_keeps_what_is_done(
    make_driver: MakeDriver, tmp_path: Path
) -> None:
    rng = np.random.default_rng(3)
    lines = ["a,b,c,kind"]
    for row in range(24_000):
        a, b, c = rng.normal(size=3) + rng.integers(0, 3)
        lines.append(
            f"{a:.4f},{b:.4f},{c:.4f},{('small', 'x', 'y')[0 if row < 300 else row % 2 + 1]}"
        )
    path = tmp_path / "kinds.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    driver = make_driver()
    driver.import_file(path)
    give_role(driver, "kind", "Group")
    driver.set("components", "4")
    driver.set("tolerance", "1e-14")
    driver.window.actions_table["run"].trigger()
    driver.wait(
        lambda: driver.state.group_fits is not None and len(driver.state.group_fits.done) == 1
    )
    driver.wait(lambda: driver.state.live is not None)
    told = driver.window.bar.groups.progress
    assert told.isVisible() and told.full == "Group 2 of 3: x"
    driver.window.actions_table["stop"].trigger()
    driver.wait(lambda: not driver.state.is_busy)
    driver.settle()
    groups = driver.state.group_fits
    assert groups is not None and driver.state.phase is Phase.DONE
    assert groups.fits[0] is not None and groups.fits[2] is None
    assert driver.window.desk.results.groups.table.table.rowCount() == 3


def test_the_role_taken_away_and_run_again_fits_all_rows_at_once(
    driver: Driver, shops: Path
) -> None:
    fitted(driver, shops)
    give_role(driver, "shop", say("role.none"))
    assert driver.state.is_stale
    driver.run()
    assert driver.state.group_fits is None and not driver.window.bar.groups.isVisible()
    driver.settle()
    assert len(shown_rows(driver)) == 180
    assert ResultsTab.GROUPS not in driver.window.desk.results.shown_tabs
    assert not driver.window.findChildren(CrashDialog)


def test_the_explorer_says_that_it_compares_models_of_all_rows(driver: Driver, shops: Path) -> None:
    fitted(driver, shops)
    driver.keys("Ctrl+3")
    driver.wait(lambda: driver.state.rules_exploration)
    explorer = driver.window.view
    assert isinstance(explorer, ExplorerView)
    assert explorer.card.stripe.isVisible() and not driver.window.bar.groups.isVisible()
    driver.keys("Ctrl+1")
    driver.wait(lambda: driver.window.bar.groups.isVisible())


def test_other_data_put_the_groups_away(driver: Driver, shops: Path, geyser: Path) -> None:
    fitted(driver, shops)
    driver.import_file(geyser)
    assert driver.state.group_fits is None and not driver.window.bar.groups.isVisible()
    driver.click(driver.window.desk.picture, QPoint(5, 5))
    assert not driver.window.findChildren(CrashDialog)
