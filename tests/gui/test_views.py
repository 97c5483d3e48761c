"""The views of a project as tabs of the bar: one project, several questions."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from emdesk.app import commands
from emdesk.app.samples import sample, sample_dataset, sample_spec
from emdesk.app.state import Phase
from emdesk.gui.panels.views import VIEWS, view_spec
from tests.gui.conftest import MakeDriver
from tests.gui.driver import LEFT, NO_KEYS, Driver


def open_sample(driver: Driver, name: str = "faithful") -> None:
    chosen = sample(name)
    spec = sample_spec(chosen, driver.state.catalogue)
    driver.window.store.do(commands.open_dataset, sample_dataset(chosen), None, (), spec)
    driver.settle()


def click_tab(driver: Driver, name: str) -> None:
    strip = driver.window.bar.views.strip
    place = [spec.id for spec in VIEWS].index(name)
    QTest.mouseClick(strip, LEFT, NO_KEYS, strip.tabRect(place).center())


def test_the_desk_is_the_first_view_and_its_tab_is_the_current_one(driver: Driver) -> None:
    open_sample(driver)
    assert [spec.id for spec in VIEWS][:2] == ["desk", "starts"]
    assert driver.window.view is driver.window.desk
    assert driver.window.bar.views.strip.currentIndex() == 0


def test_a_click_on_a_tab_shows_its_view_and_the_tab_follows_the_keys(driver: Driver) -> None:
    open_sample(driver)
    click_tab(driver, "starts")
    assert driver.window.pages.currentWidget() is driver.window.view
    assert driver.window.view is not driver.window.desk
    driver.keys("Ctrl+1")
    assert driver.window.pages.currentWidget() is driver.window.desk
    assert driver.window.bar.views.strip.currentIndex() == 0
    driver.keys("Ctrl+2")
    assert driver.state.view_name == "starts"
    assert driver.window.bar.views.strip.currentIndex() == 1


def test_a_view_has_the_docks_it_names_and_the_desk_gets_its_own_back(driver: Driver) -> None:
    open_sample(driver)
    assert driver.window.data_dock.isVisible() and driver.window.model_dock.isVisible()
    for spec in VIEWS:
        driver.window.store.do(commands.show_view, spec.id)
        QApplication.processEvents()
        assert driver.window.data_dock.isVisible() == ("data" in spec.docks)
        assert driver.window.model_dock.isVisible() == ("model" in spec.docks)
        action = driver.window.actions_table["data_dock"]
        assert action.isEnabled() == ("data" in spec.docks)
    driver.window.store.do(commands.show_view, "desk")
    assert driver.window.data_dock.isVisible()


def test_a_run_goes_on_and_undo_works_whatever_view_is_looked_at(driver: Driver) -> None:
    open_sample(driver)
    driver.window.store.do(commands.show_view, "starts")
    driver.window.store.do(commands.set_setting, "components", 4)
    driver.keys("Ctrl+Z")
    assert driver.state.spec is not None and driver.state.spec.values()["components"] != 4
    driver.keys("Ctrl+Return")
    driver.wait_phase(Phase.DONE)
    assert driver.state.view_name == "starts"


def test_other_data_come_up_on_the_desk(driver: Driver) -> None:
    open_sample(driver)
    driver.window.store.do(commands.show_view, "starts")
    open_sample(driver, "iris")
    assert driver.window.pages.currentWidget() is driver.window.desk


def test_every_view_can_be_looked_at_before_and_after_a_fit(driver: Driver) -> None:
    open_sample(driver)
    for _ in range(2):
        for spec in VIEWS:
            driver.window.store.do(commands.show_view, spec.id)
            driver.settle()
            assert driver.window.pages.currentWidget() is driver.window.view
            assert driver.window.view.regions()
        driver.window.store.do(commands.show_view, "desk")
        driver.window.fits.start()
        driver.wait_phase(Phase.DONE)


def test_in_little_room_the_views_are_one_button_with_a_menu(make_driver: MakeDriver) -> None:
    driver = make_driver(width=940, height=640)
    open_sample(driver)
    tabs = driver.window.bar.views
    driver.wait(lambda: tabs.is_folded)
    assert tabs.strip.isHidden() and tabs.button.text() == "Desk"
    menu = tabs.button.menu()
    assert [act.text() for act in menu.actions()][:2] == ["Desk", "Starts"]
    menu.actions()[1].trigger()
    assert tabs.button.text() == "Starts"
    driver.window.resize(1280, 800)
    driver.wait(lambda: not tabs.is_folded)
    assert tabs.strip.currentIndex() == 1


def test_the_numbers_beside_the_state_give_way_before_the_tabs_do(make_driver: MakeDriver) -> None:
    driver = make_driver(width=1024, height=700)
    open_sample(driver)
    driver.window.fits.start()
    driver.wait_phase(Phase.DONE)
    driver.settle()
    bar = driver.window.bar
    assert not bar.views.is_folded
    assert bar.run_button.mapTo(bar, QPoint(bar.run_button.width(), 0)).x() <= bar.width()
    assert "log-likelihood" in bar.pill.numbers


def test_turning_to_a_view_and_back_leaves_the_window_as_large_as_it_was(
    make_driver: MakeDriver,
) -> None:
    driver = make_driver(width=1024, height=700)
    open_sample(driver)
    for spec in (*VIEWS, *VIEWS):
        driver.window.store.do(commands.show_view, spec.id)
        driver.settle()
        assert driver.window.width() == 1024


def test_an_unknown_view_is_the_desk() -> None:
    assert view_spec("gone").id == "desk"


def test_a_window_closed_on_another_view_opens_with_its_docks(
    make_driver: MakeDriver, tmp_path: Path
) -> None:
    first = make_driver()
    open_sample(first)
    first.window.store.do(commands.show_view, "starts")
    first.window.close_without_asking()
    second = make_driver()
    open_sample(second)
    assert second.window.data_dock.isVisible() and second.window.model_dock.isVisible()
