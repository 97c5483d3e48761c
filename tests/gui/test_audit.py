"""The Audit tab and the standard errors in the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

from emdesk.app import commands
from emdesk.app.state import Phase, ResultsTab
from emdesk.em.audit import Health
from emdesk.gui.widgets.table_model import ASIDE
from tests.gui.driver import Driver


def look_at_audit(driver: Driver) -> None:
    driver.window.store.do(commands.show_tab, ResultsTab.AUDIT)


def wait_audited(driver: Driver) -> None:
    driver.wait(lambda: driver.state.audited is not None and driver.state.audited.is_final)
    driver.settle()


def test_the_audit_says_the_limit_the_certificate_and_each_component(
    driver: Driver, geyser: Path
) -> None:
    page = driver.window.desk.results.audit
    driver.import_file(geyser)
    look_at_audit(driver)
    assert page.table.isHidden()
    driver.run()
    wait_audited(driver)
    assert "never fell" in page.certificate.text
    assert page.grid.value("Below the limit")
    assert page.table.table.rowCount() == 2
    titles = [column.title for column in page.table.table.columns]
    assert titles[1:3] == ["Rows", "Distinct\nrows"] and titles[-1] == "Verdict"
    last = page.table.table.columns[-1]
    assert last.shown(last.cell(0)) == "sound"
    assert not page.links()
    driver.click(driver.window.desk.results.copy_button)
    assert "sound" in QApplication.clipboard().text()


def test_the_audit_follows_a_run_under_way(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    driver.set("starts", "1")
    driver.set("components", "3")
    driver.set("tolerance", "0")
    look_at_audit(driver)
    driver.window.fits.set_pace(True)
    driver.press_run()
    driver.wait(lambda: driver.state.audited is not None and driver.state.is_busy)
    first = driver.state.audited
    assert first is not None and not first.is_final
    driver.wait(lambda: driver.state.audited is not first)
    later = driver.state.audited
    assert later is not None and later.iteration > first.iteration
    assert driver.window.desk.results.audit.table.table.rowCount() == 3
    driver.window.fits.stop()
    wait_audited(driver)


def test_a_fit_at_its_limit_goes_on_with_one_click(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    for name, value in (("starts", "1"), ("components", "3"), ("max_iterations", "4")):
        driver.set(name, value)
    driver.run()
    look_at_audit(driver)
    wait_audited(driver)
    page, first = driver.window.desk.results.audit, driver.state.result
    run = driver.state.run
    driver.click(page.go_on)
    driver.wait(lambda: driver.state.run > run and driver.state.phase is Phase.DONE)
    second = driver.state.result
    assert first is not None and second is not None and second.objective > first.objective


def test_what_helps_changes_the_form_and_undo_takes_it_back(driver: Driver, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([np.full(12, 2.0), rng.normal(6, 1, 40)])
    path = tmp_path / "heap.csv"
    path.write_text("a\n" + "\n".join(f"{v:.4f}" for v in values) + "\n", "utf-8")
    driver.import_file(path)
    driver.set("starts", "1")
    driver.run()
    look_at_audit(driver)
    wait_audited(driver)
    audited = driver.state.audited
    assert audited is not None and audited.audit.worst is Health.COLLAPSED
    page = driver.window.desk.results.audit
    assert "collapsed" in page.certificate.text
    fewer = next(link for link in page.links() if link.text() == "Use 1 component")
    driver.click(fewer)
    assert components(driver) == 1
    driver.window.actions_table["undo"].trigger()
    assert components(driver) == 2


def is_measuring(driver: Driver) -> bool:
    return driver.state.measuring is not None


def components(driver: Driver) -> object:
    """How many the form says."""
    assert driver.state.spec is not None
    return driver.state.spec.values()["components"]


def test_standard_errors_are_found_in_the_background_and_stand_behind_the_numbers(
    driver: Driver, geyser: Path
) -> None:
    page = driver.window.desk.results.parameters
    driver.import_file(geyser)
    assert not driver.window.actions_table["standard_errors"].isEnabled()
    driver.run()
    driver.click(page.errors)
    driver.wait(
        lambda: driver.state.result is not None and driver.state.result.uncertainty is not None
    )
    driver.settle()
    model = page.table.table
    assert str(model.data(model.index(0, 1), ASIDE)).startswith("±")
    assert page.errors.isHidden() and driver.state.measuring is None
    look_at_audit(driver)
    wait_audited(driver)
    found = driver.state.result.uncertainty if driver.state.result else None
    assert found is not None
    lost = driver.window.desk.results.audit.grid.value("Missing by Oakes")
    assert lost == f"{found.missing_information:.3f}"
    driver.window.store.do(commands.look_at, 0)
    driver.settle()
    assert model.data(model.index(0, 1), ASIDE) is None


def test_a_new_run_breaks_standard_errors_off(driver: Driver, large: Path) -> None:
    driver.import_file(large)
    driver.set("starts", "1")
    driver.set("components", "4")
    driver.set("max_iterations", "5")
    driver.run()
    driver.window.actions_table["bootstrap"].trigger()
    assert is_measuring(driver)
    driver.run()
    assert not is_measuring(driver)
    assert driver.state.result is not None and driver.state.result.uncertainty is None


def test_standard_errors_can_be_stopped(driver: Driver, large: Path) -> None:
    page = driver.window.desk.results.parameters
    driver.import_file(large)
    driver.set("starts", "1")
    driver.set("components", "4")
    driver.set("max_iterations", "5")
    driver.run()
    driver.window.actions_table["bootstrap"].trigger()
    driver.wait(lambda: page.errors.text().startswith("Stop"))
    driver.click(page.errors)
    assert driver.state.measuring is None
    assert page.errors.text() == "Find standard errors"


def test_why_there_are_none_stands_in_messages(driver: Driver, tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=60) + 2.0 * (np.arange(60) % 2)
    path = tmp_path / "near.csv"
    path.write_text("x\n" + "\n".join(f"{v:.3f}" for v in values) + "\n", "utf-8")
    driver.import_file(path)
    driver.window.store.do(commands.set_setting, "assignment", "hard")
    driver.run()
    driver.window.actions_table["standard_errors"].trigger()
    driver.wait(lambda: any("hard assignment" in m.what for m in driver.state.messages))
    assert driver.state.measuring is None
