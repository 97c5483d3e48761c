"""The main job in the real window: open, choose, run, look, keep, export, read the export back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from emdesk.app import commands
from emdesk.app.state import Page, Phase, ResultsTab
from emdesk.gui.widgets import RunState
from emdesk.model.marks import Ellipse, Points
from tests.gui.driver import Driver


def test_a_file_is_opened_fitted_exported_and_the_export_is_opened_again(
    driver: Driver, geyser: Path, tmp_path: Path
) -> None:
    driver.import_file(geyser)
    assert driver.state.page is Page.DESK
    assert driver.columns() == ("length", "wait")
    driver.set("components", "2")
    driver.run()
    result = driver.state.result
    assert result is not None and result.converged
    folder = tmp_path / "results"
    folder.mkdir()
    driver.export_to(folder)
    told = json.loads((folder / "parameters.json").read_text("utf-8"))
    assert np.isclose(told["log_likelihood"], result.log_likelihood)
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 120
    assert rows[5]["label"] != "" and rows[5]["wait"] == ""  # its other cell says where it belongs
    assert (folder / "completed.csv").is_file()
    assert {r["site"] for r in rows if r["label"] == rows[0]["label"]} == {rows[0]["site"]}
    driver.import_file(folder / "labels.csv")
    assert driver.state.dataset is not None
    assert driver.state.dataset.has("probability_1")
    assert driver.state.result is None


def test_rows_with_missing_values_are_set_aside_on_request_and_counted(
    driver: Driver, geyser: Path
) -> None:
    driver.import_file(geyser)
    driver.run()
    assert driver.window.status_line.rows.text() == "120 of 120 rows used"
    driver.window.store.do(commands.set_setting, "missing", "drop")
    driver.run()
    assert driver.window.status_line.rows.text() == "118 of 120 rows used"
    said = [m.what for m in driver.state.messages]
    assert "2 rows with missing values were set aside" in said


def test_a_text_column_is_not_used_unasked(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    assert not driver.window.data_panel.row("site").tick.isChecked()


def test_ticking_a_column_changes_the_model_and_undo_brings_it_back(
    driver: Driver, geyser: Path
) -> None:
    driver.import_file(geyser)
    driver.tick("wait")
    assert driver.columns() == ("length",)
    driver.click(driver.button("undo"))
    assert driver.columns() == ("length", "wait")
    assert driver.window.data_panel.row("wait").tick.isChecked()
    driver.click(driver.button("redo"))
    assert driver.columns() == ("length",)


def test_no_column_leaves_nothing_to_run_and_says_what_to_do(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.tick("wait")
    driver.tick("length")
    driver.settle()
    assert not driver.window.bar.run_button.isEnabled()
    assert "no column is chosen" in driver.window.bar.run_button.toolTip()


def test_the_rows_are_drawn_before_the_first_run(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.wait(lambda: driver.window.desk.picture.picture_view.picture.marks != ())
    marks = driver.window.desk.picture.picture_view.picture.marks
    points = next(m for m in marks if isinstance(m, Points))
    assert len(points.x) == 118
    assert not any(isinstance(m, Ellipse) for m in marks)


def test_parameters_rows_and_picture_show_the_result(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.set("components", "2")
    driver.run()
    table = driver.window.desk.results.parameters.table
    assert table.table.rowCount() == 2
    weights = [float(table.table.value(r, 1)) for r in range(2)]  # type: ignore[arg-type]
    assert np.isclose(sum(weights), 1)
    tabs = driver.window.desk.results.tabs
    driver.click(tabs, tabs.tabRect(1).center())
    driver.wait(lambda: driver.window.desk.results.rows.table.table.rowCount() == 120)
    assert driver.state.tab is ResultsTab.ROWS
    driver.click(tabs, tabs.tabRect(0).center())
    marks = driver.window.desk.picture.picture_view.picture.marks
    assert sum(isinstance(m, Ellipse) for m in marks) == 4


def test_axes_can_be_exchanged_and_show_principal_components(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    card = driver.window.desk.picture
    driver.wait(lambda: card.y_axis.text() == "wait")
    driver.choose_in_menu(card.y_axis.choices, "length")
    driver.settle()
    driver.wait(lambda: card.picture_view.picture.y_label == "length")
    assert card.picture_view.picture.x_label == "wait"
    component = card.x_axis.choices.actions()[-1].text()
    driver.choose_in_menu(card.x_axis.choices, component)
    driver.wait(lambda: card.picture_view.picture.x_label == component)


def test_a_changed_form_makes_the_picture_stale_until_it_is_run_again(
    driver: Driver, geyser: Path
) -> None:
    driver.import_file(geyser)
    driver.set("components", "2")
    driver.run()
    driver.set("components", "3")
    stripe = driver.window.desk.picture.stripe
    assert stripe.text == "Made with 2 components; the form says 3"
    assert driver.window.desk.picture.picture_view.look.stale
    driver.click(driver.button("undo"))
    assert stripe.text == ""
    driver.click(driver.button("redo"))
    driver.run()
    assert stripe.text == ""
    assert driver.window.desk.results.parameters.table.table.rowCount() == 3


def test_a_wrong_value_holds_the_run_button_with_its_sentence(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.set("tolerance", "abc")
    assert not driver.window.bar.run_button.isEnabled()
    assert "Tolerance" in driver.window.bar.run_button.toolTip()
    driver.set("tolerance", "1e-6")
    driver.wait(driver.window.bar.run_button.isEnabled)


def test_fewer_rows_than_components_is_said_in_the_picture_and_in_messages(
    driver: Driver, tmp_path: Path
) -> None:
    path = tmp_path / "few.csv"
    path.write_text("x,y\n1,2\n2,1\n3,5\n4,4.5\n", "utf-8")
    driver.import_file(path)
    driver.set("components", "9")
    driver.settle()
    if driver.window.bar.run_button.isEnabled():
        driver.press_run()
        driver.wait_phase(Phase.FAILED)
        assert driver.word() is RunState.AGAIN
        assert driver.window.desk.picture.stripe.text != ""
    else:
        assert driver.window.model_panel.footer.text != ""


def test_a_law_of_counts_is_chosen_in_the_form(driver: Driver, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    counts = np.concatenate([rng.poisson(2, 80), rng.poisson(12, 80)])
    path = tmp_path / "counts.csv"
    path.write_text("deaths\n" + "\n".join(str(c) for c in counts) + "\n", "utf-8")
    driver.import_file(path)
    driver.choose_law("Poisson")
    driver.set("components", "2")
    driver.run()
    assert driver.state.spec is not None and driver.state.spec.law == "poisson"
    result = driver.state.result
    assert result is not None and result.converged


def test_a_column_of_labels_is_the_start(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.set("components", "2")
    row = driver.window.data_panel.row("site")
    menu = row.menu()
    driver.choose_in_menu(menu, "Start from its groups")
    assert driver.state.spec is not None
    assert driver.state.spec.start_labels == "site"
    assert driver.window.model_panel.start.label_choice.currentText() == "site"
    driver.run()
    assert driver.state.result is not None and driver.state.result.converged
