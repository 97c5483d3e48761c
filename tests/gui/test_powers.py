"""Powers of the columns, chosen in the form."""

from __future__ import annotations

from emdesk.app.state import Phase
from emdesk.resources import resource
from tests.gui.driver import Driver


def test_a_power_is_chosen_in_the_form_and_shown_in_the_table(driver: Driver) -> None:
    driver.import_file(resource("samples/faithful.csv"))
    driver.choose_law("Student t")
    driver.set("transformation", "Power each")
    assert driver.state.spec is not None
    assert driver.state.spec.values()["transformation"] == "power-each"
    assert driver.window.model_panel.form.row("power").isHidden()
    driver.run()
    assert driver.state.phase is Phase.DONE
    shown = driver.state.shown
    assert shown is not None
    assert {"centres", "powers", "widths", "degrees"} <= {q.name for q in shown.quantities}
