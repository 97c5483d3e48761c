"""Families that the window has never heard of run in it: a hidden Markov chain, and an image without rows to label."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QMenu

from emdesk.app import commands
from emdesk.app.state import ResultsTab
from emdesk.io.writers.table_csv import write_table
from emdesk.model.marks import Heatmap
from tests.catalogues import everything
from tests.families import emission_data
from tests.gui.conftest import MakeDriver
from tests.gui.driver import Driver


def _roles(driver: Driver, column: str) -> QMenu:
    """The list of roles in the menu of a column."""
    row = driver.window.data_panel.row(column)
    row.menu()
    return next(m for m in row.findChildren(QMenu) if m.title() == "Role")


def test_a_hidden_markov_chain_is_chosen_fitted_and_shown(
    make_driver: MakeDriver, tmp_path: Path
) -> None:
    rng = np.random.default_rng(4)
    states = (np.arange(120) // 30) % 2
    counts = rng.poisson(np.where(states == 0, 3, 15))
    path = tmp_path / "quakes.csv"
    lines = [f"{1900 + i},{c}" for i, c in enumerate(counts)]
    path.write_text("year,count\n" + "\n".join(lines) + "\n", "utf-8")
    driver = make_driver(everything())
    driver.import_file(path)
    driver.choose_family("Hidden Markov")
    driver.choose_law("Poisson")
    driver.choose_in_menu(_roles(driver, "year"), "Time")
    assert driver.columns() == ("count",)
    driver.set("states", "2")
    driver.run()
    shown = driver.state.shown
    assert shown is not None and shown.family.id == "hidden-markov"
    assert shown.picture.x_label == "year"
    assert driver.window.desk.results.parameters.table.table.rowCount() == 2
    table = driver.window.desk.results.parameters.table.table
    assert any("Next" in column.title for column in table.columns)


def test_an_image_is_reconstructed_where_no_row_has_a_label(
    make_driver: MakeDriver, tmp_path: Path
) -> None:
    settings = emission_data.EmissionSettings(size=8, views=12)
    scan = emission_data.scan_of(emission_data.phantom(8), settings, 20_000, seed=3)
    path = tmp_path / "scan.csv"
    rows = ([c.text(r) for c in scan.columns] for r in range(scan.rows))
    with path.open("wb") as stream:
        write_table(stream, scan.names, rows)
    driver = make_driver(everything())
    driver.import_file(path)
    driver.choose_family("Emission tomography")
    driver.set("size", "8")
    driver.set("views", "12")
    driver.set("max_iterations", "20")
    driver.run()
    picture = driver.window.desk.picture.picture_view.picture
    assert any(isinstance(m, Heatmap) for m in picture.marks)
    assert driver.window.desk.results.tabs.count() == 3
    driver.window.store.do(commands.show_tab, ResultsTab.MESSAGES)
    assert driver.window.desk.results.messages.isVisible()
