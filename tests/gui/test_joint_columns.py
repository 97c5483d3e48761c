"""Columns that lean together, chosen in the form."""

from __future__ import annotations

import numpy as np

from emdesk.app.state import Phase
from emdesk.resources import resource
from tests.gui.driver import Driver


def test_columns_that_lean_together_are_chosen_in_the_form_and_shown_in_the_table(
    driver: Driver,
) -> None:
    driver.import_file(resource("samples/faithful.csv"))
    driver.choose_law("Skew-normal")
    # laws of one column that are passed on the way leave the others out
    if "waiting" not in driver.columns():
        driver.tick("waiting")
    driver.set("columns_are", "Joint")
    driver.run()
    assert driver.state.phase is Phase.DONE
    shown = driver.state.shown
    assert shown is not None
    table = {quantity.name: quantity for quantity in shown.quantities}
    assert {"means", "correlations", "widths", "scale_correlations", "slants"} <= set(table)
    assert np.all(np.abs(table["correlations"].values[:, 0, 1]) > 0.1)
