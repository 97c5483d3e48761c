"""The curves of a criterion and the names at their ends."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from emdesk.gui.plots.criterion_curves import LINE_HEIGHT, CriterionCurve, CriterionCurves


@pytest.fixture
def curves(qtbot: QtBot) -> CriterionCurves:
    made = CriterionCurves()
    qtbot.addWidget(made)
    made.resize(300, 260)
    with qtbot.waitExposed(made):
        made.show()
    return made


def rising_to(*ends: float) -> list[CriterionCurve]:
    counts = np.array([1.0, 2.0, 3.0])
    names = ("VVV", "EEE", "VEV", "EII")
    return [
        CriterionCurve(name, counts, np.array([0.0, end / 2, end]), rank)
        for rank, (name, end) in enumerate(zip(names, ends, strict=True))
    ]


def test_names_of_curves_that_end_together_do_not_cover_each_other(
    curves: CriterionCurves,
) -> None:
    curves.present(rising_to(100.0, 99.9, 99.8, 99.7), name="log L", lower_is_better=False)
    low, high = curves.extent[2:]
    heights = sorted(label.pos().y() for label in curves._labels)
    assert len(heights) == 4 and heights[-1] < high
    line = LINE_HEIGHT * (high - low) / curves.main.height()
    assert np.diff(heights).min() >= 0.99 * line


def test_an_export_shows_the_same_curves(curves: CriterionCurves) -> None:
    curves.present(rising_to(3.0, 2.0, 1.0, 0.5), name="BIC", lower_is_better=True)
    twin = curves.twin()
    assert twin.named == curves.named and twin.extent == pytest.approx(curves.extent)
    twin.deleteLater()
