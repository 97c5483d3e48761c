"""What the form offers for each family, and the help page that F1 opens from it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QWidget

from emdesk.gui.dialogs.help_window import HelpWindow
from emdesk.gui.widgets import IconButton
from tests.catalogues import everything
from tests.gui.conftest import MakeDriver
from tests.gui.driver import Driver


def methods(driver: Driver) -> list[str]:
    box = driver.window.model_panel.form.row("start").editor
    assert isinstance(box, QComboBox)
    return [box.itemData(place) for place in range(box.count())]


def test_the_start_offers_what_the_family_knows(make_driver: MakeDriver, geyser: Path) -> None:
    driver = make_driver(everything())
    driver.import_file(geyser)
    groups = ["kmeans++", "random-rows", "random-partition", "mixed", "labels", "means", "result"]
    assert methods(driver) == groups
    driver.set("start", "Label column")
    emission = next(f for f in everything().families if f.id == "emission")
    driver.choose_family(emission.label)
    assert methods(driver) == ["uniform", "result"]
    assert driver.state.spec is not None and driver.state.spec.fit.start == "uniform"
    mixture = next(f for f in everything().families if f.id == "mixture")
    driver.choose_family(mixture.label)
    assert methods(driver) == groups


def help_page(driver: Driver, focused: QWidget) -> str:
    focused.setFocus(Qt.FocusReason.TabFocusReason)
    driver.keys("F1")
    driver.wait(lambda: driver.window.findChild(HelpWindow) is not None)
    window = driver.window.findChild(HelpWindow)
    assert window is not None
    driver.wait(window.isVisible)
    shown = window.shown
    window.hide()
    return shown


def test_f1_opens_the_page_of_what_is_focused(driver: Driver, geyser: Path) -> None:
    driver.import_file(geyser)
    panel = driver.window.model_panel
    assert help_page(driver, panel.law_choice) == "law-gaussian"
    assert help_page(driver, panel.family_choice) == "family-mixture"
    assert help_page(driver, panel.form.row("components").editor) == "family-mixture"
    assert help_page(driver, panel.form.row("covariance").editor) == "law-gaussian"
    assert help_page(driver, panel.form.row("tolerance").editor) == "fit"
    assert help_page(driver, driver.window.desk.picture.plot) == "first-steps"


def test_the_question_mark_of_the_model_dock_keeps_the_focus_it_asks_about(
    driver: Driver, geyser: Path
) -> None:
    driver.import_file(geyser)
    driver.window.model_panel.form.row("seed").editor.setFocus()
    title = driver.window.model_dock.titleBarWidget()
    name = driver.window.actions_table["help"].text()
    ask = next(b for b in title.findChildren(IconButton) if b.accessibleName() == name)
    driver.click(ask)
    window = driver.window.findChild(HelpWindow)
    assert window is not None and window.shown == "fit"
