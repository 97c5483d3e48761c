"""The Compare view: two fits side by side, with what differs between them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from emdesk.app import commands
from emdesk.app.pairing.fits import fits_of
from emdesk.app.samples import sample, sample_dataset, sample_spec
from emdesk.app.state import COMPARE_VIEW, EXPLORER_VIEW
from emdesk.gui.panels.compare.compare_view import CompareView
from emdesk.gui.panels.compare.flow import flow_plan
from emdesk.gui.panels.compare.tables import better_columns, better_lines, moved_columns
from tests.gui.driver import Driver


def open_iris(driver: Driver) -> None:
    chosen = sample("iris")
    spec = sample_spec(chosen, driver.state.catalogue)
    driver.window.store.do(commands.open_dataset, sample_dataset(chosen), None, (), spec)
    driver.settle()
    driver.set("starts", "8")


def run(driver: Driver, structure: str) -> None:
    driver.window.store.do(commands.set_setting, "covariance", structure)
    driver.run()


def compare_view(driver: Driver) -> CompareView:
    driver.keys("Ctrl+4")
    driver.settle()
    view = driver.window.view
    assert isinstance(view, CompareView)
    return view


def two_fits(driver: Driver) -> CompareView:
    """EII is kept, VVV stands on the desk."""
    open_iris(driver)
    run(driver, "EII")
    driver.window.actions_table["keep_fit"].trigger()
    run(driver, "VVV")
    view = compare_view(driver)
    driver.window.store.do(commands.compare_fit, 0, "kept 1")
    driver.wait(lambda: view.pair is not None and view.pair.first.fit.key == "kept 1")
    driver.settle()
    return view


def test_with_one_fit_the_view_says_what_to_do_and_does_it(driver: Driver) -> None:
    open_iris(driver)
    run(driver, "EII")
    view = compare_view(driver)
    assert view.empty.isVisible() and view.empty.button.text() == "Keep fit"
    driver.click(view.empty.button)
    assert len(driver.state.kept) == 1
    assert view.empty.button.text() == "Open the Explorer"
    driver.click(view.empty.button)
    assert driver.state.view_name == EXPLORER_VIEW


def test_two_fits_are_pictured_with_matched_colours_and_equal_ranges(driver: Driver) -> None:
    view = two_fits(driver)
    assert not view.fits.isVisible()
    first, second = view.cards
    assert first.picture_view.extent == second.picture_view.extent
    pair = view.pair
    assert pair is not None
    assert first.picture_view.look.slots == pair.matching.slots[0]
    assert second.picture_view.look.slots == pair.matching.slots[1]
    ringed = first.picture_view.look.selected
    assert np.array_equal(ringed, second.picture_view.look.selected)
    assert np.array_equal(ringed, pair.matching.changed) and len(ringed) > 5
    assert view.changed.text() == f"{len(ringed)} rows change group (ringed)"


def test_one_picture_follows_the_zoom_of_the_other(driver: Driver) -> None:
    view = two_fits(driver)
    first, second = (card.picture_view for card in view.cards)
    first.zoom(2.0)
    driver.wait(lambda: np.allclose(first.extent, second.extent))


def test_differences_are_signed_b_less_a(driver: Driver) -> None:
    view = two_fits(driver)
    assert view.pair is not None
    lines = better_lines(view.pair)
    columns = better_columns(lines)
    names = [str(columns[0].cell(row)) for row in range(len(lines))]
    assert names[:4] == ["Log-likelihood", "Free parameters", "BIC", "AIC"]
    assert names[-1] == "Adjusted Rand, Species"
    assert columns[3].cell(0) == "+221.62" and columns[3].cell(1) == "+29"
    assert str(columns[3].cell(2)).startswith("\u2212")
    assert view.better.model().rowCount() == len(lines)


def test_what_moved_is_bold_and_what_is_equal_is_grey(driver: Driver) -> None:
    view = two_fits(driver)
    assert view.pair is not None
    table = view.pair.moved
    columns = moved_columns(table, (view.pair.first.groups, view.pair.second.groups))
    strong = [c.strong(row) for c in columns[2:] for row in range(6) if c.strong is not None]
    faint = [c.tint(row) for c in columns[2:] for row in range(6) if c.tint is not None]
    assert any(strong) and "text3" in faint
    assert not any(c.strong(row) for c in columns[2:] for row in (0, 2, 4) if c.strong is not None)
    assert [columns[0].cell(row) for row in range(6)] == ["1", "", "2", "", "3", ""]


def test_the_groups_are_set_against_the_known_labels_of_either_fit(driver: Driver) -> None:
    view = two_fits(driver)
    assert view.known.title == "B against Species"
    assert view.known.sentence.text() == "145 of 150 rows agree"
    driver.click(view.known.side.segment("0"))
    assert view.known.title == "A against Species"
    assert view.known.sentence.text() != "145 of 150 rows agree"


def test_the_fits_change_places_by_the_list_of_a_card(driver: Driver) -> None:
    view = two_fits(driver)
    names = [act.text() for act in view.cards[0].fits_menu.actions()]
    assert names == ["On the desk", driver.state.kept[0].name]
    driver.choose_in_menu(view.cards[0].fits_menu, "On the desk")
    assert driver.state.compared == ("desk", "kept 1")
    driver.wait(lambda: view.pair is not None and view.pair.first.fit.key == "desk")
    assert better_columns(better_lines(view.pair))[3].cell(0) == "\u2212221.62"  # type: ignore[arg-type]


def test_of_three_fits_a_table_comes_first_and_any_two_are_pictured(driver: Driver) -> None:
    view = two_fits(driver)
    driver.window.actions_table["keep_fit"].trigger()
    driver.keys("Ctrl+1")
    run(driver, "EEE")
    compare_view(driver)
    assert view.fits.isVisible() and len(fits_of(driver.state)) == 3
    table = view.fits.table
    table.choose_rows([0])
    table.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(table, Qt.Key.Key_B)
    assert driver.state.compared[1] == "desk"
    table.choose_rows([2])
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert len(driver.state.kept) == 1
    driver.settle()
    assert not view.fits.isVisible()


def test_the_rows_on_the_desk_and_its_run_button_stay_those_of_the_desk(driver: Driver) -> None:
    two_fits(driver)
    run_before = driver.state.run
    driver.press_run_until(lambda: driver.state.run > run_before)
    driver.wait(lambda: driver.state.result is not None and not driver.state.is_busy)
    driver.settle()
    assert driver.state.view_name == COMPARE_VIEW
    assert "as few rows as can be" in driver.window.status_line.time.text()


def test_kept_fits_come_back_with_the_project(driver: Driver, tmp_path: Path) -> None:
    two_fits(driver)
    name = driver.state.kept[0].name
    path = tmp_path / "kept.emdesk"
    driver.window.files.save_to(path)
    driver.settle()
    assert driver.state.is_saved
    before = driver.state.kept
    driver.window.files.open_project(path)
    driver.wait(lambda: driver.state.kept is not before)
    driver.settle()
    assert [kept.name for kept in driver.state.kept] == [name]
    assert driver.state.kept[0].result.objective == before[0].result.objective
    assert driver.state.is_saved
    view = compare_view(driver)
    driver.wait(lambda: view.pair is not None and len(view.pair.matching.changed) > 5)


def test_a_flow_gives_every_row_a_place_on_both_sides() -> None:
    counts = np.array([[45.0, 18.0, 0.0], [0.0, 1.0, 50.0], [0.0, 36.0, 0.0]])
    plan = flow_plan(counts, ((0, 1, 2), (0, 2, 1)), (("1", "2", "3"), ("1", "3", "2")), 400.0)
    assert [post.rows for post in plan.left] == [63, 51, 36]
    assert [post.rows for post in plan.right] == [45, 50, 55]
    assert sum(band.rows for band in plan.bands) == counts.sum()
    assert [band.rows for band in plan.bands if band.moves] == [18, 1]
    assert abs(plan.left[-1].bottom - 400) < 1e-9 and abs(plan.right[-1].bottom - 400) < 1e-9
    for band in plan.bands:
        post = plan.right[band.target]
        assert post.top - 1e-9 <= band.top_right <= post.bottom - band.tall + 1e-9


def test_the_band_under_the_pointer_says_what_flows(driver: Driver) -> None:
    view = two_fits(driver)
    plan = view.flow.plan
    assert plan is not None
    stays = next(band for band in plan.bands if not band.moves)
    height = stays.top_left + stays.tall / 2
    found = view.flow.band_at(QPointF(view.flow.width() * 0.3, height + 26))
    assert found is not None and found.source == stays.source
