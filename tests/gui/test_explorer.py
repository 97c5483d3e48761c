"""The Explorer: a grid of models, what is said of them, and the way to the desk."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from emdesk.app import commands
from emdesk.app.comparison.places import Place
from emdesk.app.pairing.fits import fits_of
from emdesk.app.state import COMPARE_VIEW, DESK_VIEW, Phase
from emdesk.gui.panels.explorer.explorer_view import ExplorerView
from emdesk.gui.panels.explorer.layout import GridLayout, shape_of
from emdesk.gui.theme import DARK, LIGHT, contrast
from emdesk.gui.widgets import RunState
from tests.gui.driver import Driver


def view_of(driver: Driver) -> ExplorerView:
    driver.keys("Ctrl+3")
    driver.wait(lambda: isinstance(driver.window.view, ExplorerView))
    view = driver.window.view
    assert isinstance(view, ExplorerView)
    return view


def explored(driver: Driver, path: Path, varied: str = "assignment") -> ExplorerView:
    """A small grid that is done: one to three components by a setting with few values."""
    driver.import_file(path)
    driver.set("starts", "2")
    view = view_of(driver)
    driver.window.store.do(commands.explore_what, 1, 3, varied)
    driver.click(view.empty.button)
    driver.wait(lambda: driver.state.exploration.phase is Phase.DONE)
    return view


def click_cell(driver: Driver, view: ExplorerView, place: Place) -> None:
    layout = view.card.grid.layout_of_cells
    assert layout is not None
    driver.click(view.card.grid, layout.cell(place).center().toPoint())


def test_before_anything_is_fitted_there_is_one_thing_to_do(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    view = view_of(driver)
    assert view.empty.isVisible() and view.empty.button.isEnabled()
    assert driver.window.bar.run_button.isEnabled() and driver.word() is RunState.RUN
    assert driver.state.exploration.phase is Phase.IDLE


def test_every_model_of_the_grid_is_fitted_and_the_best_is_told(
    driver: Driver, geyser: Path
) -> None:
    view = explored(driver, geyser)
    shown = driver.state.exploration
    assert shown.comparison is not None
    assert set(shown.comparison.cells) == set(shown.comparison.grid.places)
    best = shown.best
    assert best is not None and best.place.components == 2
    assert view.card.sign.text() == "BIC, lower is better"
    assert "2 components" in view.chosen.accessibleName() or view.chosen.grid.isVisible()
    assert view.chosen.grid.value("BIC") != ""
    assert view.curves.named


def test_return_opens_the_fit_on_the_desk_and_sets_the_form(driver: Driver, geyser: Path) -> None:
    view = explored(driver, geyser)
    click_cell(driver, view, Place(3, "soft"))
    assert driver.state.exploration.chosen == Place(3, "soft")
    QTest.keyClick(view.card.grid, Qt.Key.Key_Return)
    driver.settle()
    state = driver.state
    assert state.view_name == DESK_VIEW and state.phase is Phase.DONE
    assert state.spec is not None and state.spec.values()["components"] == 3
    cell = state.exploration.cell(Place(3, "soft"))
    assert cell is not None and state.result is cell.result
    assert state.shown is not None and state.shown.objective == cell.objective
    driver.window.undo()
    assert driver.state.spec is not None and driver.state.spec.values()["components"] == 2


def test_arrow_keys_move_through_the_grid_and_space_marks(driver: Driver, geyser: Path) -> None:
    view = explored(driver, geyser)
    click_cell(driver, view, Place(1, "soft"))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right):
        QTest.keyClick(view.card.grid, key)
    assert driver.state.exploration.chosen == Place(2, "hard")
    QTest.keyClick(view.card.grid, Qt.Key.Key_Space)
    assert driver.state.exploration.marked == (Place(2, "hard"),)
    QTest.keyClick(view.card.grid, Qt.Key.Key_Up)
    assert view.chosen.differences.isVisible()
    assert view.chosen.differences.value("Free parameters").startswith("\u2212")
    QTest.keyClick(view.card.grid, Qt.Key.Key_End)
    chosen = driver.state.exploration.chosen
    made = driver.state.exploration.comparison
    assert chosen is not None and made is not None
    assert chosen.variant == made.grid.variants[-1]


def test_the_criterion_and_its_sign_are_chosen(driver: Driver, geyser: Path) -> None:
    view = explored(driver, geyser)
    driver.click(view.card.criterion.segment("aic"))
    assert driver.state.exploration.criterion == "aic"
    assert view.card.sign.text() == "AIC, lower is better"
    shown = driver.state.exploration
    assert shown.best is not None
    before = shown.shown(shown.best)
    view.card.larger.trigger()
    after = driver.state.exploration
    assert view.card.sign.text() == "AIC, larger is better"
    assert after.best is shown.best and after.shown(shown.best) == -before


def test_a_stopped_exploration_keeps_what_is_done(driver: Driver, large: Path) -> None:
    driver.import_file(large)
    view = view_of(driver)
    driver.click(view.empty.button)
    driver.wait(
        lambda: (made := driver.state.exploration.comparison) is not None and len(made.cells) > 0
    )
    driver.click(driver.button("stop"))
    driver.wait(lambda: driver.state.exploration.phase is Phase.DONE)
    made = driver.state.exploration.comparison
    assert made is not None and 0 < len(made.cells) < len(made.grid.places)
    assert view.card.progress.text.startswith("Stopped after")


def test_a_paused_exploration_waits_and_goes_on(driver: Driver, large: Path) -> None:
    driver.import_file(large)
    view = view_of(driver)
    driver.click(view.empty.button)
    driver.wait(lambda: driver.state.exploration.comparison is not None)
    driver.press_run_until(lambda: driver.state.exploration.phase is Phase.PAUSED)
    assert driver.word() is RunState.CONTINUE
    assert driver.state.phase is Phase.IDLE
    driver.press_run_until(lambda: driver.state.exploration.phase is Phase.RUNNING)
    assert driver.word() is RunState.PAUSE


def test_the_cell_under_the_pointer_goes_first(driver: Driver, large: Path) -> None:
    driver.import_file(large)
    view = view_of(driver)
    driver.click(view.empty.button)
    driver.wait(lambda: view.card.grid.layout_of_cells is not None)
    wanted = Place(2, "VVV")
    layout = view.card.grid.layout_of_cells
    assert layout is not None
    with driver.qtbot.waitSignal(view.card.grid.placeWanted, timeout=5000) as asked:
        QTest.mouseMove(view.card.grid, QPoint(3, 3))
        QTest.mouseMove(view.card.grid, layout.cell(wanted).center().toPoint())
    assert asked.args == [wanted]


def test_other_data_end_the_exploration(driver: Driver, large: Path, geyser: Path) -> None:
    driver.import_file(large)
    view = view_of(driver)
    driver.click(view.empty.button)
    driver.wait(lambda: driver.state.exploration.is_busy)
    driver.import_file(geyser)
    assert driver.state.exploration.phase is Phase.IDLE
    assert driver.state.exploration.comparison is None


def test_a_changed_model_makes_the_grid_stale(driver: Driver, geyser: Path) -> None:
    view = explored(driver, geyser)
    assert view.card.stripe.text == ""
    driver.window.store.do(commands.set_setting, "components", 5)
    assert view.card.stripe.text == ""  # the count is what was compared
    driver.window.store.do(commands.tick_column, "wait", False)
    assert view.card.stripe.text.startswith("Made with other data")


def test_the_table_of_the_grid_is_saved(driver: Driver, geyser: Path, tmp_path: Path) -> None:
    view = explored(driver, geyser)
    view.export_to(tmp_path)
    lines = (tmp_path / "comparison.csv").read_text(encoding="utf-8").splitlines()
    made = driver.state.exploration.comparison
    assert made is not None and len(lines) == 1 + len(made.grid.places)


def test_the_run_button_explores_in_this_view_and_fits_on_the_desk(
    driver: Driver, geyser: Path
) -> None:
    driver.import_file(geyser)
    driver.set("starts", "1")
    view_of(driver)
    run_before = driver.state.run
    driver.window.store.do(commands.explore_what, 1, 2, "")
    number = driver.state.exploration.number
    driver.press_run_until(lambda: driver.state.exploration.number > number)
    driver.wait(lambda: driver.state.exploration.phase is Phase.DONE)
    assert driver.state.result is None and driver.state.run == run_before
    assert driver.word() is RunState.AGAIN
    assert not driver.button("step").isEnabled()
    best = driver.state.exploration.best
    assert best is not None
    assert driver.window.bar.pill.accessibleName().endswith("2 components")
    driver.keys("Ctrl+1")
    assert driver.word() is RunState.RUN
    driver.run()
    assert driver.state.result is not None


def test_the_status_line_says_what_is_compared(driver: Driver, geyser: Path) -> None:
    explored(driver, geyser)
    said = driver.window.status_line.time.text()
    assert "1 to 3 components" in said and "2 starts each" in said


def test_a_click_in_the_merge_tree_cuts_it_and_the_clusters_come_to_the_desk(
    driver: Driver, geyser: Path
) -> None:
    view = explored(driver, geyser)
    click_cell(driver, view, Place(3, "soft"))
    strip = view.side.strips[0]
    QTest.mouseClick(
        strip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, strip.tabRect(1).center()
    )
    tree = view.tree_card
    assert view.side.current is tree
    driver.wait(lambda: tree.step is not None)
    driver.settle()
    plane = tree.tree.main
    x0, x1, _, _ = tree.tree.extent
    for height, clusters in ((1.5, 2), (0.5, 3), (2.1, 1), (1.5, 2)):
        plane.clickedAt.emit(plane.mapViewToScene(QPointF((x0 + x1) / 2, height)), None)
        assert tree.step is not None and tree.step.clusters == clusters
    assert driver.state.exploration.clusters == 2 and tree.clusters.value() == 2
    driver.click(tree.open)
    driver.settle()
    result = driver.state.result
    assert driver.state.view_name == DESK_VIEW and result is not None
    assert result.merged is not None and result.merged.clusters == 2
    assert set(result.colour_slots) == {0, 1}


def test_a_cell_of_one_component_has_no_merge_tree(driver: Driver, geyser: Path) -> None:
    view = explored(driver, geyser)
    click_cell(driver, view, Place(1, "soft"))
    view.side.show_card(view.tree_card)
    driver.settle()
    assert view.tree_card.step is None and not view.tree_card.open.isVisible()


def test_marked_cells_are_compared_side_by_side(driver: Driver, geyser: Path) -> None:
    view = explored(driver, geyser)
    for place in (Place(2, "soft"), Place(3, "soft")):
        click_cell(driver, view, place)
        QTest.keyClick(view.card.grid, Qt.Key.Key_Space)
    driver.keys("Ctrl+4")
    driver.settle()
    assert driver.state.view_name == COMPARE_VIEW
    assert [fit.name for fit in fits_of(driver.state)] == [
        "soft, 2 components",
        "soft, 3 components",
    ]


def test_a_criterion_that_stands_only_in_the_menu_leaves_no_segment_chosen(
    driver: Driver, geyser: Path
) -> None:
    view = explored(driver, geyser)
    driver.window.store.do(commands.choose_criterion, "caic")
    assert view.card.criterion.value == ""
    assert view.card.sign.text() == "CAIC, lower is better"
    assert view.card.definition.full == "\u22122 log L + p (log n + 1)"


def test_the_grid_is_saved_with_the_project_and_comes_back(
    driver: Driver, geyser: Path, tmp_path: Path
) -> None:
    view = explored(driver, geyser)
    click_cell(driver, view, Place(3, "soft"))
    QTest.keyClick(view.card.grid, Qt.Key.Key_Space)
    assert driver.state.has_unsaved_work
    path = tmp_path / "grid.emdesk"
    driver.window.files.save_to(path)
    driver.settle()
    assert driver.state.is_saved
    before = driver.state.exploration
    driver.window.files.open_project(path)
    driver.wait(lambda: driver.state.exploration.comparison is not before.comparison)
    driver.settle()
    after = driver.state.exploration
    assert driver.state.is_saved and after.phase is Phase.DONE
    assert before.comparison is not None and after.comparison is not None
    assert after.comparison.cells.keys() == before.comparison.cells.keys()
    for place, cell in before.comparison.cells.items():
        again = after.comparison.cells[place]
        assert again.value("bic") == cell.value("bic")
        assert again.agreement == cell.agreement and again.badges == cell.badges
    assert (after.chosen, after.marked) == (Place(3, "soft"), (Place(3, "soft"),))
    view_of(driver)
    driver.window.store.do(commands.open_cell, Place(2, "soft"))
    driver.settle()
    assert driver.state.result is not None and driver.state.shown is not None
    cell = before.comparison.cells[Place(2, "soft")]
    assert math.isclose(driver.state.shown.objective, cell.objective, rel_tol=1e-12)


def test_text_on_the_strongest_cell_can_be_read() -> None:
    from emdesk.gui.panels.explorer.cell_painter import STRONGEST

    assert contrast(LIGHT.text, STRONGEST[False]) > 8
    assert contrast(DARK.text, STRONGEST[True]) > 4.5


@pytest.mark.parametrize(
    ("variant", "shape"),
    [
        ("EII", "spherical"),
        ("VVI", "diagonal"),
        ("EEE", "full"),
        ("FA", "factors"),
        ("E", ""),
        ("soft", ""),
    ],
)
def test_structures_are_grouped_by_shape(variant: str, shape: str) -> None:
    assert shape_of(variant) == shape


def test_every_cell_is_found_where_it_is_painted() -> None:
    layout = GridLayout((1, 2, 3), ("a", "b"), False, 50.0, 40.0)
    for count in layout.counts:
        for variant in layout.variants:
            place = Place(count, variant)
            assert layout.place_at(layout.cell(place).center()) == place
    assert layout.place_at(QPointF(2, 2)) is None
    assert layout.moved(Place(3, "b"), 1, 1) == Place(3, "b")
    assert math.isclose(layout.bottom, layout.top + 120)
