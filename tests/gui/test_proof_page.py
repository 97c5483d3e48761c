"""The proof page and predicting in the window."""

from __future__ import annotations

from pathlib import Path

import pytest

from emdesk.app import commands
from emdesk.app.proofs import entries as listing
from emdesk.app.proofs.running import Verdict
from emdesk.app.state import Page, Phase
from emdesk.gui import proof_controller
from emdesk.gui.panels.proof_page import ProofPage
from emdesk.io.readers import read
from emdesk.resources import resource
from tests.gui.driver import Driver


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two quick results and one whose data are not bundled."""
    chosen = tuple(e for e in listing.entries() if e.id in ("G4", "G5", "G6"))
    for module in (proof_controller, "emdesk.gui.panels.proof_page", "emdesk.app.proofs.board"):
        target = module if isinstance(module, str) else module.__name__
        monkeypatch.setattr(f"{target}.entries", lambda: chosen)


def page_of(driver: Driver) -> ProofPage:
    driver.window.actions_table["proof"].trigger()
    page = driver.window.proof_page
    assert page is not None and page.isVisible()
    return page


def test_the_start_page_leads_to_the_proof_page_and_back(driver: Driver) -> None:
    driver.window.start_page.proof_row.click()
    page = driver.window.proof_page
    assert page is not None and page.isVisible()
    assert page.table.table.rowCount() == len(listing.entries())
    page.back_button.click()
    assert driver.state.page is Page.START


@pytest.mark.usefixtures("few")
def test_all_results_are_tried_one_after_the_other(driver: Driver) -> None:
    page = page_of(driver)
    page.run_button.click()
    assert driver.state.proofs.current == "G4" and page.run_button.text() == "Stop"
    driver.wait(lambda: not driver.state.proofs.is_running)
    verdicts = [made.verdict for made in driver.state.proofs.results.values()]
    assert verdicts == [Verdict.REACHED, Verdict.REACHED, Verdict.NOT_RUN]
    column = [page.table.table.index(row, 6).data() for row in range(3)]
    assert column == ["Reached", "Reached", "Not run"]
    page.table.selectRow(2)
    assert "acidity.csv" in page.detail.stripe.text
    assert not page.open_button.isEnabled()


def test_a_run_that_is_stopped_keeps_what_was_tried(driver: Driver) -> None:
    page = page_of(driver)
    page.run_button.click()
    driver.wait(lambda: bool(driver.state.proofs.results))
    page.run_button.click()
    driver.wait(lambda: not driver.state.proofs.is_running)
    assert 0 < len(driver.state.proofs.results) < len(listing.entries())
    assert page.run_button.text() == "Run all"


def test_a_window_is_closed_in_the_middle_of_a_run(driver: Driver) -> None:
    page = page_of(driver)
    page.run_button.click()
    driver.wait(lambda: bool(driver.state.proofs.results))
    driver.window.close()
    assert not driver.state.proofs.is_running


def test_a_result_opens_on_the_desk_with_its_data_and_its_model(driver: Driver) -> None:
    page = page_of(driver)
    row = [e.id for e in listing.entries()].index("G5b")
    page.table.selectRow(row)
    assert driver.state.proofs.chosen == "G5b"
    page.open_button.click()
    driver.wait(lambda: driver.state.page is Page.DESK)
    assert driver.state.dataset is not None and driver.state.spec is not None
    assert driver.state.dataset.column("velocity").values[77] == pytest.approx(26.96)
    assert driver.state.spec.values()["components"] == 3
    driver.window.actions_table["proof"].trigger()
    page.back_button.click()
    assert driver.state.page is Page.DESK


def fitted(driver: Driver) -> None:
    driver.window.files.open_sample("faithful")
    driver.wait(lambda: driver.state.dataset is not None)
    driver.window.fits.start()
    driver.wait(lambda: driver.state.phase is Phase.DONE)


def test_predicting_needs_a_fit(driver: Driver) -> None:
    action = driver.window.actions_table["predict"]
    assert not action.isEnabled()
    fitted(driver)
    assert action.isEnabled()


def test_rows_of_another_file_are_labelled_and_said(driver: Driver, tmp_path: Path) -> None:
    fitted(driver)
    reading = read(resource("samples/faithful.csv"))
    driver.window.predictions.write(reading, tmp_path)
    driver.wait(lambda: (tmp_path / "labels.csv").exists() and bool(driver.state.messages))
    assert "prediction.json" in driver.state.messages[-1].what
    driver.window.predictions.write(reading, tmp_path)  # they are there now: it is asked
    assert driver.window.predictions.dialog is not None
    driver.window.predictions.dialog.close()


def test_a_file_without_the_columns_of_the_model_is_said(driver: Driver, tmp_path: Path) -> None:
    fitted(driver)
    told: list[str] = []
    driver.window.predictions.problem.connect(lambda problem, _title: told.append(problem.what))
    driver.window.predictions.problem.disconnect(driver.window.dialogs.show_problem)
    driver.window.predictions.write(read(resource("samples/galaxies.csv")), tmp_path)
    driver.wait(lambda: bool(told))
    assert "eruptions" in told[0]
    driver.window.store.do(commands.show_page, Page.START)
