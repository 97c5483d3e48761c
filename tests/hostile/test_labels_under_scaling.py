"""Labels do not change, and the log-likelihood by a known constant, under shifts and scales under which a law is
closed, as long as the file still holds the digits.

The stop rule is relative to the objective, which the units of the columns shift: a fit may end an iteration sooner.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.catalogue import catalogue
from tests.hostile.data import HOSTILE
from tests.hostile.fits import Ended, ended
from tests.hostile.forms import TAKEN
from tests.hostile.models import Model, structures

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """Columns times `factors` plus `offset`; `digits` is what the log-likelihood keeps."""

    name: str
    factors: tuple[float, float, float] = (1.0, 1.0, 1.0)
    offset: float = 0.0
    digits: float = 1e-7

    def __str__(self) -> str:
        return self.name

    def of(self, columns: F64) -> F64:
        """The changed columns (3, n)."""
        return np.asarray(columns * np.array(self.factors)[:, None] + self.offset)


SCALES = tuple(
    Change(f"times 1e{power}", (10.0**power,) * 3) for power in (-150, -100, -9, 9, 100, 150)
)
TINY_AND_HUGE = tuple(Change(f"times 1e{power}", (10.0**power,) * 3) for power in (-300, 290))
UNEQUAL = (
    Change("unequal powers of two", (2.0**-300, 1.0, 2.0**300)),
    Change("unequal powers of ten", (1e-3, 1e120, 1e-120)),
)
SHIFTS = (
    Change("plus 1000", offset=1e3),
    Change("plus 1e6", offset=1e6),
    Change("minus 1e9", offset=-1e9, digits=1e-5),
    Change("plus 1e12", offset=1e12, digits=1e-2),
)

ELLIPSES = [
    Model("gaussian", "gaussian"),
    Model("student-t", "student-t"),
    *(m for m in structures() if m.name.endswith(("EII", "VVI", "EEE", "VEV"))),
]
POSITIVE = [
    Model(law.id, law.id)
    for law in catalogue().laws
    if law.id in ("log-normal", "gamma", "weibull", "inverse-gaussian", "exponential")
]
CLOSED_UNDER_SCALES_OF_COLUMNS = [
    m for m in ELLIPSES if not m.name.endswith(("EII", "VEV"))
] + POSITIVE


def changed(model: Model, change: Change) -> Ended:
    """The fit of the plain data after a change."""
    table = HOSTILE["plain"](TAKEN[model.law])
    return ended(model, replace(table, columns=change.of(table.columns)), change.name)


def assert_the_same(model: Model, change: Change) -> None:
    """The same labels, and a log-likelihood that differs by what the units make of a density."""
    before, after = changed(model, Change("as it is")).result, changed(model, change).result
    assert before is not None and after is not None
    assert after.is_sound, after.stop_sentence
    one, other = before.row_output(), after.row_output()
    assert one is not None and other is not None
    assert np.array_equal(one.label, other.label)
    units = len(one.label) * float(np.log(change.factors).sum())
    expected = before.log_likelihood - units
    size = max(1.0, abs(before.log_likelihood), abs(units))
    assert abs(after.log_likelihood - expected) <= change.digits * size


@pytest.mark.parametrize("change", SCALES, ids=str)
@pytest.mark.parametrize("model", [*ELLIPSES, *POSITIVE], ids=str)
def test_labels_stay_under_one_scale_for_all_columns(model: Model, change: Change) -> None:
    assert_the_same(model, change)


@pytest.mark.parametrize("change", TINY_AND_HUGE, ids=str)
@pytest.mark.parametrize("model", [m for m in POSITIVE if m.law != "inverse-gaussian"], ids=str)
def test_labels_stay_at_the_ends_of_what_a_number_holds(model: Model, change: Change) -> None:
    assert_the_same(model, change)


@pytest.mark.parametrize("change", UNEQUAL, ids=str)
@pytest.mark.parametrize("model", CLOSED_UNDER_SCALES_OF_COLUMNS, ids=str)
def test_labels_stay_under_a_scale_for_each_column(model: Model, change: Change) -> None:
    assert_the_same(model, change)


@pytest.mark.parametrize("change", SHIFTS, ids=str)
@pytest.mark.parametrize("model", ELLIPSES, ids=str)
def test_labels_stay_under_shifts(model: Model, change: Change) -> None:
    assert_the_same(model, change)


@pytest.mark.parametrize("change", [Change("plus 8 turns", offset=16 * np.pi)], ids=str)
def test_labels_stay_when_directions_go_round_more_often(change: Change) -> None:
    assert_the_same(Model("von-mises", "von-mises"), change)


@pytest.mark.parametrize("power", [-150, 0, 150])
@pytest.mark.parametrize("law", ["categorical", "ordinal"])
def test_labels_stay_under_other_numbers_for_the_same_categories(law: str, power: int) -> None:
    model = Model(law, law)
    before = changed(model, Change("as it is")).result
    after = changed(model, Change("other numbers", (10.0**power,) * 3, offset=0.0)).result
    assert before is not None and after is not None
    one, other = before.row_output(), after.row_output()
    assert one is not None and other is not None
    assert np.array_equal(one.label, other.label)
    assert after.log_likelihood == pytest.approx(before.log_likelihood, rel=1e-12)
