"""Which cells are equal under ties, what levels them, and the climb that needs values alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.model.held import Held, HeldValue
from emdesk.model.numerics.climbing import climbed
from emdesk.model.numerics.tied_shares import tied_shares
from emdesk.model.tied import Tie, classes_of, in_company, levelled, saved

F64 = NDArray[np.float64]


def test_ties_that_meet_are_one_class() -> None:
    classes = classes_of([Tie("m", (0, 1), (0,)), Tie("m", (1, 2), (0,))], "m", (4, 2))
    assert classes is not None
    assert in_company(classes).tolist() == [[True, False]] * 3 + [[False, False]]
    assert saved(classes) == 2


def test_a_tie_of_all_groups_says_nothing_of_one_group_or_another_parameter() -> None:
    ties = [Tie("m")]
    assert classes_of(ties, "s", (3, 2)) is None
    assert Held((), tuple(ties)).tied("m", (1, 2)) is None
    assert not Held((), tuple(ties)).tells_apart(3)
    assert Held((), (Tie("m", (0, 1)),)).tells_apart(3)


def test_equal_values_keep_their_last_digit_when_they_are_levelled() -> None:
    classes = np.array([[0, 1], [0, 2], [0, 3]])
    values = np.array([[0.1, 1.0], [0.1, 2.0], [0.1, 3.0]])
    np.testing.assert_array_equal(levelled(values, classes), values)
    values[2, 0] = 0.4
    np.testing.assert_allclose(levelled(values, classes)[:, 0], 0.2, rtol=1e-15)
    np.testing.assert_array_equal(levelled(values, classes)[:, 1], values[:, 1])


def test_a_held_cell_holds_what_is_tied_to_it_and_leaves_the_rest_free() -> None:
    held = Held((HeldValue("m", (1, 0), 4.0),), (Tie("m"),))
    found = held.of("m", (3, 2))
    assert found is not None
    mask, values = found
    assert mask.tolist() == [[True, False]] * 3 and values[mask].tolist() == [4.0, 4.0, 4.0]
    classes = held.tied("m", (3, 2))
    assert classes is not None
    assert in_company(classes).tolist() == [[False, True]] * 3


def test_the_climb_ends_at_the_maximum_with_nearly_all_digits() -> None:
    def height(point: F64) -> float:
        a, b = point
        if b <= -5:
            return float("nan")
        return float(100 * (-((a - 1) ** 2) - np.exp(b) + 3 * b - 0.5 * a * b))

    meet = np.ones((2, 2), dtype=np.bool_)
    for start in ([0.0, 0.0], [4.0, -3.0], [-2.0, 2.5]):
        a, b = climbed(height, np.array(start), meet, rows=100)
        assert -2 * (a - 1) - 0.5 * b == pytest.approx(0, abs=1e-7)
        assert -np.exp(b) + 3 - 0.5 * a == pytest.approx(0, abs=1e-7)


def test_the_climb_never_ends_lower_and_stays_where_nothing_is_defined() -> None:
    here = np.array([1.0])
    meet = np.ones((1, 1), dtype=np.bool_)
    assert climbed(lambda _: float("nan"), here, meet, 10.0) is here
    assert climbed(lambda point: -float(point[0] ** 4), here, meet, 10.0)[0] ** 4 < 1e-6


def test_tied_shares_have_the_proportions_of_all_their_counts() -> None:
    classes = np.arange(6, dtype=np.intp).reshape(2, 1, 3)
    classes[1, 0, 0] = classes[0, 0, 0]
    tied = tied_shares(classes)
    assert tied is not None
    made = tied.pooled(np.array([[[2.0, 3.0, 5.0]], [[8.0, 9.0, 3.0]]]))
    shares = made / made.sum(axis=2, keepdims=True)
    np.testing.assert_allclose(shares[:, 0, 0], 1 / 3, rtol=1e-14)
    np.testing.assert_allclose(shares[0, 0, 1:], 2 / 3 * np.array([3, 5]) / 8, rtol=1e-14)
    np.testing.assert_allclose(made.sum(axis=2), [[10.0], [20.0]], rtol=1e-14)
    assert tied.fewer(np.zeros(classes.shape, dtype=np.bool_)) == 1
