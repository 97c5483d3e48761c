"""Every entry of the menus, at every stage of the work: it does something, or says why it cannot."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from emdesk.app import commands
from emdesk.app.samples import sample, sample_dataset, sample_spec
from emdesk.app.state import Phase
from emdesk.gui.actions import DEEDS
from emdesk.gui.theme import Mode, theme
from emdesk.gui.widgets import CrashDialog
from tests.gui.driver import Driver


def fresh(driver: Driver) -> None:
    """The start page, with whatever the action before left."""


def before_a_fit(driver: Driver) -> None:
    driver.window.store.do(commands.replay_quick_fits, False)
    chosen = sample("faithful")
    spec = sample_spec(chosen, driver.state.catalogue).with_setting("starts", 1)
    driver.window.store.do(commands.open_dataset, sample_dataset(chosen), None, (), spec)


def during_a_fit(driver: Driver) -> None:
    before_a_fit(driver)
    driver.window.fits.set_pace(True)
    driver.window.fits.start()
    driver.wait_iteration(0)


def after_a_fit(driver: Driver) -> None:
    before_a_fit(driver)
    driver.window.fits.set_pace(False)
    driver.window.fits.start()
    driver.wait_phase(Phase.DONE)
    driver.settle()


@pytest.mark.parametrize("prepare", [fresh, before_a_fit, during_a_fit, after_a_fit])
def test_every_action_can_be_triggered(
    driver: Driver, prepare: Callable[[Driver], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for ask in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, ask, lambda *_: ("", ""))
    done = set()
    for deed in DEEDS:
        prepare(driver)
        action = driver.window.actions_table[deed.id]
        if deed.id == "quit":
            continue
        if not action.isEnabled():
            assert action.toolTip() == deed.reason(driver.state)
            continue
        action.trigger()
        QApplication.processEvents()
        done.add(deed.id)
        assert not [d for d in driver.window.findChildren(CrashDialog) if d.isVisible()]
        for dialog in driver.window.findChildren(QDialog):
            if dialog.isVisible():
                dialog.close()
        QApplication.processEvents()
    theme().mode = Mode.LIGHT
    theme().increase_contrast = False
    assert {"open", "paste", "help", "about", "palette"} <= done
    if prepare is after_a_fit:
        assert {"export", "start_from_result", "play", "first", "back", "back_ten"} <= done
    if prepare is during_a_fit:
        assert {"stop", "run", "watch_pace"} <= done


def test_every_entry_of_the_palette_can_be_chosen(driver: Driver) -> None:
    after_a_fit(driver)
    labels = [entry.label for entry in driver.window.palette_entries()]
    settings = [e for e in driver.window.palette_entries() if e.icon == "sliders-horizontal"]
    assert "Covariance" in labels and "eruptions" in labels
    for entry in settings:
        entry.act()
    columns = [e for e in driver.window.palette_entries() if e.icon == "columns"]
    for entry in columns:
        entry.act()
    assert not driver.window.findChildren(CrashDialog)
