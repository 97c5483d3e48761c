"""Columns of ends in the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emdesk.app import commands
from emdesk.gui.widgets.section import SectionHeader
from emdesk.model.marks import Bars
from emdesk.model.needs import Role
from tests.gui.conftest import MakeDriver


def test_a_column_of_upper_edges_becomes_a_histogram_with_its_fit(
    make_driver: MakeDriver, tmp_path: Path
) -> None:
    values = np.random.default_rng(1).normal(10.0, 3.0, 400)
    counts, _ = np.histogram(values, [-np.inf, 4.0, 8.0, 10.0, 12.0, 16.0, np.inf])
    ends = ["4", "8", "10", "12", "16", ""]
    path = tmp_path / "counts.csv"
    lines = [f"{end},{count}" for end, count in zip(ends, counts, strict=True)]
    path.write_text("\n".join(["to,rows", *lines]) + "\n", encoding="utf-8")
    driver = make_driver()
    driver.import_file(path)
    driver.window.store.do(commands.set_role, "rows", Role.WEIGHT)
    driver.window.store.do(commands.set_role, "to", Role.UPPER)
    driver.set("components", "1")
    driver.settle()
    assert driver.columns() == ("to",)
    footer = driver.window.model_panel.footer
    assert footer.text == "2 free parameters from 400 counted in 6 intervals"
    assert footer.role == "small"
    driver.run()
    driver.settle()
    shown = driver.state.shown
    assert shown is not None
    bars = next(mark for mark in shown.picture.marks if isinstance(mark, Bars))
    assert bars.edges[1:6].tolist() == [4.0, 8.0, 10.0, 12.0, 16.0]
    assert driver.state.result is not None and driver.state.result.data.size == 400


def test_limits_are_offered_where_a_law_can_be_cut_off_and_stay_while_they_are_set(
    make_driver: MakeDriver, tmp_path: Path
) -> None:
    path = tmp_path / "visits.csv"
    path.write_text("visits\n" + "\n".join("1121324115") + "\n", encoding="utf-8")
    driver = make_driver()
    driver.import_file(path)
    panel = driver.window.model_panel

    def is_offered() -> bool:
        return not panel.form.row("truncated_below").isHidden()

    def heading() -> str:
        headers = panel.form.findChildren(SectionHeader)
        return next(header.title for header in headers if "prior" in header.title)

    driver.choose_law("Poisson")
    assert is_offered() and "truncation" in heading()
    driver.choose_law("Zero-inflated Poisson")
    assert not is_offered() and "truncation" not in heading()
    driver.choose_law("Poisson")
    driver.window.store.do(commands.set_setting, "truncated_below", "1")
    driver.choose_law("Zero-inflated Poisson")
    driver.settle()
    assert is_offered() and panel.footer.role == "problem"
    driver.window.store.do(commands.set_setting, "truncated_below", "")
    assert not is_offered()
