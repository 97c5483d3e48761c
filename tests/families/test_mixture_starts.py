"""Where a mixture begins: labels, means and parameters that are given, and what is said where they do not fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitResult, fit
from emdesk.errors import DataProblem, SettingProblem, UsageProblem
from emdesk.model.dataset import Column, Dataset, Kind, from_arrays
from emdesk.model.held import HeldValue
from emdesk.model.params import arrays
from tests.catalogues import case, everything, fitted

F64 = NDArray[np.float64]


def shown(result: FitResult) -> dict[str, F64]:
    return arrays(result.family.in_units(result.data, result.params))


def test_components_are_numbered_by_falling_weight() -> None:
    weights = shown(fitted("mixture-gaussian-2d"))["weights"]
    assert np.all(np.diff(weights) <= 0)


def test_given_labels_keep_their_order() -> None:
    result = case("mixture-gaussian-2d").from_labels().set(max_iterations=0).fit()
    codes = result.dataset.column("group").values
    expected = [np.mean(codes == k) for k in range(3)]
    assert shown(result)["weights"] == pytest.approx(expected)
    means = [result.dataset.column("a").values[codes == k].mean() for k in range(3)]
    assert shown(result)["means"][:, 0] == pytest.approx(means)


def test_given_means_stand_as_they_are_at_iteration_zero() -> None:
    given = ((12.0, 4.0), (9.0, 8.0), (5.0, 6.0))
    start = case("mixture-gaussian-2d").set(start="means", max_iterations=0)
    result = replace(start, spec=replace(start.spec, start_means=given)).fit()
    np.testing.assert_allclose(shown(result)["means"], given, rtol=1e-12)
    np.testing.assert_allclose(shown(result)["weights"], 1 / 3)


def labels_of(codes: F64, names: tuple[str, ...]) -> Dataset:
    data = case("mixture-gaussian-2d").dataset
    columns = tuple(
        Column("group", Kind.NOMINAL, codes, names) if c.name == "group" else c
        for c in data.columns
    )
    return replace(data, columns=columns)


def test_a_label_column_with_another_number_of_groups_says_both_numbers() -> None:
    codes = np.arange(150) % 4
    start = (
        case("mixture-gaussian-2d")
        .from_labels()
        .over(labels_of(codes.astype(float), ("p", "q", "r", "s")))
    )
    with pytest.raises(SettingProblem) as caught:
        start.fit()
    assert "4 groups" in caught.value.sentence and "3 components" in caught.value.sentence


def test_rows_without_a_label_do_not_count_for_the_start_but_for_the_fit() -> None:
    codes = case("mixture-gaussian-2d").dataset.column("group").values.copy()
    codes[::3] = np.nan
    start = (
        case("mixture-gaussian-2d").from_labels().over(labels_of(codes, ("one", "two", "three")))
    )
    result = start.set(max_iterations=0).fit()
    known = ~np.isnan(codes)
    means = [start.dataset.column("a").values[codes == k].mean() for k in range(3)]
    assert shown(result)["means"][:, 0] == pytest.approx(means)
    assert shown(result)["weights"] == pytest.approx(
        [np.sum(codes == k) / known.sum() for k in range(3)]
    )
    assert result.data.rows == 150


def test_a_label_that_no_used_row_has_is_named() -> None:
    start = case("mixture-gaussian-2d").from_labels().set(missing="drop")
    codes, a = start.dataset.column("group").values, start.dataset.column("a")
    gone = replace(a, values=np.where(codes == 1, np.nan, a.values))
    columns = tuple(gone if c.name == "a" else c for c in start.dataset.columns)
    with pytest.raises(DataProblem, match="two"):
        start.over(replace(start.dataset, columns=columns)).fit()


@pytest.mark.parametrize(
    ("method", "word"), [("labels", "label"), ("means", "means"), ("result", "result")]
)
def test_a_start_that_was_chosen_but_not_given_is_asked_for(method: str, word: str) -> None:
    with pytest.raises(UsageProblem, match=word):
        case("mixture-gaussian-2d").set(start=method).fit()


def test_means_of_another_shape_are_refused_with_the_shape_that_is_needed() -> None:
    start = case("mixture-gaussian-2d").set(start="means")
    with pytest.raises(SettingProblem) as caught:
        replace(start, spec=replace(start.spec, start_means=((1.0, 2.0),))).fit()
    assert "3 rows of 2 numbers" in caught.value.sentence


GOOD: dict[str, Any] = {
    "weights": [0.2, 0.3, 0.5],
    "means": [[12.0, 4.0], [9.0, 8.0], [5.0, 6.0]],
    "covariances": [np.eye(2).tolist()] * 3,
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weights": [0.2, 0.3, 0.6]}, "add to 1.1"),
        ({"weights": [0.2, 0.8]}, "2 numbers and the model needs 3"),
        ({"weights": [-0.2, 0.7, 0.5]}, "must be 0 or more"),
        ({"means": [[1.0, float("nan")]] * 3}, "means"),
        ({"means": "somewhere"}, "means"),
        ({"covariances": [[[1.0, 3.0], [3.0, 1.0]]] * 3}, "component 1"),
        ({"covariances": None}, "covariances"),
    ],
)
def test_params_that_are_no_mixture_are_refused_in_a_sentence(change: Any, words: str) -> None:
    values = {name: v for name, v in (GOOD | change).items() if v is not None}
    with pytest.raises(SettingProblem) as caught:
        case("mixture-gaussian-2d").from_params(values).set(max_iterations=0).fit()
    assert words in caught.value.sentence


def test_params_are_taken_in_the_analysts_units() -> None:
    result = case("mixture-gaussian-2d").from_params(GOOD).set(max_iterations=0).fit()
    for name, value in GOOD.items():
        np.testing.assert_allclose(shown(result)[name], value, rtol=1e-12, atol=1e-12)


CORNERS = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0], [6.0, 6.0]])


def four_corners() -> Dataset:
    """Four round groups at the corners of a square, and counts that tell the same groups apart."""
    rng = np.random.default_rng(0)
    codes = np.repeat(np.arange(4), 100)
    x, y = (CORNERS[codes] + 0.6 * rng.standard_normal((400, 2))).T
    counts = rng.poisson(np.array([2.0, 15.0, 40.0, 90.0])[codes]).astype(np.float64)
    return from_arrays("corners", [("x", x), ("y", y), ("n", counts)])


def one_start(
    columns: tuple[str, ...], held: dict[tuple[int, int], float], seed: int, law: str = "gaussian"
) -> dict[str, F64]:
    """What a single start reaches with some means (component, column) held."""
    spec = replace(new_spec(everything(), "mixture", law), columns=columns)
    for name, value in (("components", 4), ("starts", 1), ("seed", seed)):
        spec = spec.with_setting(name, value)
    name = "means" if law == "gaussian" else "rates"
    values = tuple(HeldValue(name, place, value) for place, value in held.items())
    return shown(fit(four_corners(), replace(spec, held=values), everything(), 1))


@pytest.mark.parametrize("seed", range(4))
def test_one_start_finds_the_groups_beside_held_means(seed: int) -> None:
    held = {(1, 0): 0.0, (1, 1): 6.0, (3, 0): 6.0, (3, 1): 6.0}
    means = one_start(("x", "y"), held, seed)["means"]
    assert means[[1, 3]].tolist() == CORNERS[[2, 3]].tolist()
    free = means[[0, 2]]
    np.testing.assert_allclose(free[np.argsort(free[:, 0])], CORNERS[:2], atol=0.2)


@pytest.mark.parametrize("seed", range(4))
def test_a_component_of_which_one_mean_is_held_begins_where_rows_are_near_it(seed: int) -> None:
    means = one_start(("x", "y"), {(2, 0): 6.0}, seed)["means"]
    assert means[2, 0] == 6.0
    np.testing.assert_allclose(
        means[np.lexsort((means[:, 0], means[:, 1].round()))], CORNERS, atol=0.2
    )


@pytest.mark.parametrize("seed", range(4))
def test_held_rates_of_counts_are_places_too(seed: int) -> None:
    rates = one_start(("n",), {(1, 0): 40.0, (3, 0): 2.0}, seed, "poisson")["rates"]
    np.testing.assert_allclose(np.sort(rates[:, 0]), [2.0, 15.0, 40.0, 90.0], rtol=0.05)


def test_a_held_mean_outside_the_data_is_a_place_too() -> None:
    means = one_start(("x", "y"), {(0, 0): 40.0, (0, 1): 40.0}, 0)["means"]
    assert means[0].tolist() == [40.0, 40.0] and np.abs(means[1:]).max() < 7
