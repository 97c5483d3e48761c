"""Scaling, soft-max and products keep their digits where plain formulas lose them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.model.law import Workspace
from emdesk.model.numerics.products import weighted_sums
from emdesk.model.numerics.softmax import classify, posterior
from emdesk.model.scaling import scaling_of

F64 = NDArray[np.float64]


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e12])
@pytest.mark.parametrize("scale", [2.0**-500, 1.0, 2.0**500])
def test_scaling_is_safe_at_any_offset_and_any_power_of_ten(offset: float, scale: float) -> None:
    plain = np.random.default_rng(0).integers(-50, 50, (2, 400)).astype(np.float64)
    found = scaling_of((plain + offset) * scale, None, by_column=True)
    np.testing.assert_allclose(found.deviations, plain.std(axis=1) * scale, rtol=1e-9)
    rows = found.standardised((plain + offset) * scale)
    np.testing.assert_allclose(rows.std(axis=1), 1.0, rtol=1e-9)
    top = (offset + 50) * scale
    np.testing.assert_allclose(found.raw(rows), (plain + offset) * scale, rtol=0, atol=1e-15 * top)


def test_one_scale_for_all_columns_keeps_their_proportions() -> None:
    columns = np.random.default_rng(0).standard_normal((2, 100)) * np.array([[1.0], [10.0]])
    found = scaling_of(columns, None, by_column=False)
    assert found.scales[0] == found.scales[1]
    rows = found.standardised(columns)
    assert rows[1].std() / rows[0].std() == pytest.approx(columns[1].std() / columns[0].std())
    assert found.log_volume == pytest.approx(2 * np.log(found.scales[0]))


def test_weighted_scaling_is_that_of_repeated_rows() -> None:
    columns, counts = np.random.default_rng(1).standard_normal((3, 40)), np.arange(40) % 4
    one = scaling_of(columns, counts.astype(np.float64), by_column=True)
    other = scaling_of(np.repeat(columns, counts, axis=1), None, by_column=True)
    np.testing.assert_allclose(one.centres, other.centres, rtol=1e-12)
    np.testing.assert_allclose(one.scales, other.scales, rtol=1e-12)


@pytest.mark.parametrize("value", [0.1, 1e-9, 123456.7])
def test_a_constant_column_has_no_spread_whatever_its_value(value: float) -> None:
    found = scaling_of(np.full((1, 997), value), None, by_column=True)
    assert found.deviations[0] == 0.0 and found.scales[0] == 1.0


def naive(logs: F64, weights: F64 | None) -> tuple[F64, float]:
    top = logs.max(axis=0)
    total = np.log(np.exp(logs - top).sum(axis=0)) + top
    shares = np.exp(logs - total)
    each = np.ones(logs.shape[1]) if weights is None else weights
    return shares * each, float(each @ total)


@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("spread", [1.0, 50.0, 2000.0])
@pytest.mark.parametrize("bounded", [False, True])
def test_posterior_probabilities_survive_any_underflow(
    spread: float, bounded: bool, is_weighted: bool
) -> None:
    rng = np.random.default_rng(2)
    logs = spread * rng.standard_normal((4, 300))
    weights = rng.uniform(0.1, 3.0, 300) if is_weighted else None
    expected, expected_total = naive(logs, weights)
    bound = float(logs.max()) + 1.0 if bounded else None
    given = logs - bound if bound is not None else logs.copy()
    made, total = posterior(given, weights, bound, Workspace())
    np.testing.assert_allclose(made, expected, rtol=1e-9, atol=1e-12)
    assert total == pytest.approx(expected_total, rel=1e-12)


@pytest.mark.parametrize("is_weighted", [False, True])
def test_classification_gives_each_row_whole_to_its_likeliest_group(is_weighted: bool) -> None:
    rng = np.random.default_rng(3)
    logs = 30 * rng.standard_normal((3, 200))
    weights = rng.uniform(0.1, 3.0, 200) if is_weighted else None
    each = np.ones(200) if weights is None else weights
    label, top = logs.argmax(axis=0), logs.max(axis=0)
    _, expected = naive(logs, weights)
    given = logs.copy()
    log_likelihood, fit = classify(given, weights, Workspace())
    assert log_likelihood == pytest.approx(expected, rel=1e-12)
    assert fit == pytest.approx(float(each @ top), rel=1e-12)
    assert np.array_equal(given, (label == np.arange(3)[:, None]) * each)


@pytest.mark.parametrize(("groups", "numbers"), [(1, 2), (3, 3), (3, 6), (5, 21), (10, 66)])
def test_weighted_sums_are_the_matrix_product(groups: int, numbers: int) -> None:
    rng = np.random.default_rng(4)
    shares, t = rng.random((groups, 500)), rng.standard_normal((numbers, 500))
    t[0] = 1.0
    np.testing.assert_allclose(weighted_sums(shares, t), shares @ t.T, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("rows", [20, 1000])
def test_a_far_row_does_not_widen_the_spread_of_the_others(rows: int) -> None:
    columns = np.random.default_rng(2).standard_normal((2, rows))
    columns[0, 3] = 1e6
    found = scaling_of(columns, None, by_column=True, exact=True, of_bulk=True)
    assert found.spreads[0] == pytest.approx(10.0, rel=0.5)
    assert found.spreads[1] == found.deviations[1]
    assert abs(found.centres[0]) < 1.0
    assert found.means[0] * found.scales[0] == pytest.approx(columns[0].mean(), rel=1e-12)


@pytest.mark.parametrize(
    "columns",
    [
        np.random.default_rng(3).standard_normal((1, 500)),
        np.random.default_rng(3).standard_t(2.0, (1, 500)),
        np.exp(1.5 * np.random.default_rng(3).standard_normal((1, 500))),
        np.random.default_rng(3).poisson(0.05, (1, 500)).astype(np.float64),
        np.where(np.arange(500) < 250, 0.0, 1e9)[None] + np.random.default_rng(3).random(500),
        np.where(np.arange(500) == 7, 1.0, 0.0)[None],
        np.array([[0.0, 1.0]]),
        np.array([[0.0, 1.0, 5.0]]),
    ],
    ids=["normal", "heavy", "skewed", "mostly-0", "worlds", "0-but-one", "two-rows", "three-rows"],
)
def test_the_spread_of_ordinary_columns_is_their_standard_deviation(columns: F64) -> None:
    found = scaling_of(columns, None, by_column=True, exact=True, of_bulk=True)
    plain = scaling_of(columns, None, by_column=True, exact=True)
    assert found.spreads == found.deviations == plain.deviations
    assert (found.centres, found.scales) == (plain.centres, plain.scales)


def test_rows_without_weight_are_not_there_and_weights_count_as_rows() -> None:
    columns = np.random.default_rng(4).standard_normal((1, 60))
    columns[0, 3] = 1e6
    there = np.where(np.arange(60) < 40, 2.0, 0.0)
    found = scaling_of(columns, there, by_column=True, exact=True, of_bulk=True)
    same = scaling_of(columns[:, :40], None, by_column=True, exact=True, of_bulk=True)
    assert found.spreads == pytest.approx(same.spreads, rel=1e-12)
    heavy = np.where(np.arange(60) == 3, 30.0, 1.0)
    many = scaling_of(columns, heavy, by_column=True, exact=True, of_bulk=True)
    assert many.spreads == many.deviations, "a third of the weight is no far row"
