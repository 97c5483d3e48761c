"""The hidden Markov family against brute force, published fits, and the structure of its series."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult, fit
from emdesk.model.dataset import Column, Dataset, Kind, from_arrays
from emdesk.model.marks import Bands, Place, Points, Stack, View
from emdesk.model.needs import Role
from emdesk.model.params import arrays
from tests.catalogues import case, everything
from tests.families import chains

F64 = NDArray[np.float64]
EARTHQUAKES = (
    "13 14 8 10 16 26 32 27 18 32 36 24 22 23 22 18 25 21 21 14 8 11 14 23 18 17 19 20 22 19 13 26 13 14 22 24 21 "
    "22 26 21 23 24 27 41 31 27 35 26 28 36 39 21 17 22 17 19 15 34 10 15 22 18 15 20 15 22 19 16 30 27 29 23 20 16 "
    "21 21 25 16 18 15 18 14 10 15 8 15 6 11 8 7 18 16 13 12 13 20 15 16 12 18 15 16 13 15 16 11 11"
)
"""Major earthquakes in the world by year, 1900 to 2006 (Zucchini and MacDonald 2009, table 1.1)."""


def earthquakes() -> Dataset:
    counts = np.array([float(word) for word in EARTHQUAKES.split()])
    years = np.arange(1900.0, 1900.0 + len(counts))
    return Dataset(
        (Column("year", Kind.TIME, years), Column("count", Kind.COUNT, counts)), "earthquakes"
    )


def spec_of(law: str, columns: tuple[str, ...], roles: Any = None, **values: Any) -> ModelSpec:
    spec = new_spec(everything(), "hidden-markov", law)
    for name, value in values.items():
        spec = spec.with_setting(name, value)
    return replace(spec, columns=columns, roles=roles or {})


def fit_of(data: Dataset, spec: ModelSpec) -> FitResult:
    return fit(data, spec, everything(), 1)


@pytest.mark.parametrize(
    ("states", "expected", "rates"),
    [
        (1, -391.9189, [19.364]),
        (2, -341.8787, [15.421, 26.018]),
        (3, -328.5275, [13.134, 19.713, 29.710]),
    ],
)
def test_the_earthquakes_reach_their_published_fits(
    states: int, expected: float, rates: list[float]
) -> None:
    spec = spec_of("poisson", ("count",), {Role.TIME: ("year",)}, states=states, starts=8)
    made = result_object(fit_of(earthquakes(), spec))
    assert made["log_likelihood"] == pytest.approx(expected, abs=2e-4)
    assert np.ravel(made["params"]["rates"]) == pytest.approx(rates, abs=6e-3)
    assert made["free_parameters"] == states**2 - 1 + states
    assert made["axes"]["rates"] == ["state", "column"]


def brute(initial: F64, transitions: F64, logs: F64) -> tuple[float, F64, F64]:
    """Log-likelihood, state probabilities (T, K) and expected moves (K, K), summing over all paths of logs (T, K)."""
    steps, groups = logs.shape
    total, states, moves = 0.0, np.zeros((steps, groups)), np.zeros((groups, groups))
    for path in itertools.product(range(groups), repeat=steps):
        chance = initial[path[0]] * np.exp(sum(logs[t, k] for t, k in enumerate(path)))
        chance *= np.prod([transitions[a, b] for a, b in itertools.pairwise(path)])
        total += chance
        for t, k in enumerate(path):
            states[t, k] += chance
        for a, b in itertools.pairwise(path):
            moves[a, b] += chance
    return float(np.log(total)), states / total, moves / total


def a_chain(seed: int, steps: int = 6, groups: int = 3) -> tuple[F64, F64, F64]:
    rng = np.random.default_rng(seed)
    initial, transitions = rng.dirichlet(np.ones(groups)), rng.dirichlet(np.ones(groups), groups)
    return initial, transitions, 2 * rng.standard_normal((steps, groups))


def alone(logs: F64) -> tuple[F64, NDArray[np.bool_]]:
    return logs[:, None, :], np.ones((len(logs), 1), dtype=bool)


@pytest.mark.parametrize("seed", range(3))
def test_smoothing_is_the_sum_over_all_paths(seed: int) -> None:
    initial, transitions, logs = a_chain(seed)
    expected = brute(initial, transitions, logs)
    made = chains.smooth(initial, transitions, *alone(logs))
    assert made.log_likelihood == pytest.approx(expected[0], rel=1e-12)
    np.testing.assert_allclose(made.states[:, 0], expected[1], rtol=1e-11)
    np.testing.assert_allclose(made.moves, expected[2], rtol=1e-11)


def test_a_state_that_cannot_be_reached_does_not_break_the_chain() -> None:
    """The likeliest state of a row is out of reach by hundreds of orders of magnitude: logarithms take over."""
    initial, transitions = np.array([1.0, 0.0]), np.array([[1.0, 0.0], [0.5, 0.5]])
    logs = np.array([[0.0, 0.0], [-2000.0, 0.0], [0.0, -3.0]])
    made = chains.smooth(initial, transitions, *alone(logs))
    assert made.log_likelihood == pytest.approx(-2000.0)
    np.testing.assert_allclose(made.states[:, 0], [[1, 0], [1, 0], [1, 0]], atol=1e-300)
    np.testing.assert_allclose(made.moves, [[2, 0], [0, 0]], atol=1e-300)


@pytest.mark.parametrize("seed", range(3))
def test_logarithms_and_scaling_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    initial, transitions, logs = a_chain(seed, steps=40)
    scaled = chains.smooth(initial, transitions, *alone(logs))
    monkeypatch.setattr(chains, "LEAST_SCALE", np.inf)
    made = chains.smooth(initial, transitions, *alone(logs))
    assert made.log_likelihood == pytest.approx(scaled.log_likelihood, rel=1e-12)
    np.testing.assert_allclose(made.states, scaled.states, atol=1e-12)
    np.testing.assert_allclose(made.moves, scaled.moves, rtol=1e-10)


def test_padded_chains_are_the_sum_of_chains_alone() -> None:
    parts = [a_chain(0, steps)[2] for steps in (1, 7, 3)]
    initial, transitions, _ = a_chain(5)
    lengths = np.array([len(p) for p in parts])
    place, real = chains.padded(lengths)
    laid_out = np.concatenate(parts)[place]
    laid_out[~real] = 0.0
    together = chains.smooth(initial, transitions, laid_out, real)
    each = [chains.smooth(initial, transitions, *alone(p)) for p in parts]
    assert together.log_likelihood == pytest.approx(sum(e.log_likelihood for e in each), rel=1e-12)
    np.testing.assert_allclose(together.moves, sum(e.moves for e in each), rtol=1e-11)
    for i, one in enumerate(each):
        np.testing.assert_allclose(together.states[: lengths[i], i], one.states[:, 0], atol=1e-12)


def reaction_times(seed: int = 12) -> Dataset:
    """Three simulated series of answers, quick and slow ones in turns; each series begins slow."""
    rng = np.random.default_rng(seed)
    lengths, values, series, times = (150, 90, 120), [], [], []
    for number, length in enumerate(lengths):
        state = 1
        for step in range(length):
            values.append(rng.normal((5.5, 6.4)[state], (0.2, 0.25)[state]))
            series.append(number)
            times.append(step)
            state = state if rng.random() < (0.9, 0.85)[state] else 1 - state
    arrays_ = [("rt", values), ("series", series), ("trial", times)]
    return from_arrays("answers", [(n, np.array(v, dtype=float)) for n, v in arrays_])


SERIES = {Role.SEQUENCE: ("series",), Role.TIME: ("trial",)}


def test_glueing_series_together_changes_the_likelihood() -> None:
    """Three series have three beginnings, one glued series has one: the first state tells the difference."""
    data = reaction_times()
    parted = fit_of(data, spec_of("gaussian", ("rt",), SERIES, starts=3, tolerance=1e-10))
    glued = fit_of(data, spec_of("gaussian", ("rt",), starts=3, tolerance=1e-10))
    assert parted.log_likelihood > glued.log_likelihood + 1
    first = parted.family.in_units(parted.data, parted.params).initial
    assert first == pytest.approx([0.0, 1.0], abs=1e-3), "every series begins slow"
    assert parted.free_parameters == glued.free_parameters == 7


def test_the_likelihood_of_series_is_the_sum_of_their_own() -> None:
    data = reaction_times()
    whole = fit_of(data, spec_of("gaussian", ("rt",), SERIES, starts=1, max_iterations=5))
    shown = arrays(whole.family.in_units(whole.data, whole.params))
    total = 0.0
    for number in range(3):
        rows = data.column("series").values == number
        part = replace(data, columns=tuple(replace(c, values=c.values[rows]) for c in data.columns))
        spec = spec_of("gaussian", ("rt",), SERIES, start="result", max_iterations=0)
        total += fit_of(part, replace(spec, start_params=shown)).objective
    assert total == pytest.approx(whole.objective, rel=1e-10)


def test_rows_in_any_order_are_put_in_time_and_come_back_in_the_order_of_the_file() -> None:
    data = reaction_times()
    order = np.random.default_rng(0).permutation(data.rows)
    mixed = replace(data, columns=tuple(replace(c, values=c.values[order]) for c in data.columns))
    spec = spec_of("gaussian", ("rt",), SERIES, starts=2)
    one = fit_of(data, spec)
    params = arrays(one.family.in_units(one.data, one.params))
    again = replace(
        spec.with_setting("start", "result").with_setting("max_iterations", 0), start_params=params
    )
    other = fit_of(mixed, again)
    assert other.objective == pytest.approx(one.objective, rel=1e-12)
    before, after = one.row_output(), other.row_output()
    assert before is not None and after is not None
    assert np.array_equal(before.label[order], after.label)
    np.testing.assert_allclose(before.probabilities[:, order], after.probabilities, atol=1e-9)


def test_a_missing_value_is_a_step_in_the_dark_not_a_glued_gap() -> None:
    """Summing the missing row out by hand gives the same likelihood; leaving it out would not."""
    counts = np.array([2.0, np.nan, 30.0, 28.0, 3.0])
    data = from_arrays("gap", [("n", counts)], Kind.COUNT)
    params = {
        "initial": [0.6, 0.4],
        "transitions": [[0.9, 0.1], [0.3, 0.7]],
        "rates": [[3.0], [29.0]],
    }
    spec = spec_of("poisson", ("n",), start="result", max_iterations=0)
    result = fit_of(data, replace(spec, start_params=params))
    from scipy.stats import poisson

    logs = np.stack([poisson(r).logpmf(np.nan_to_num(counts)) for r in (3.0, 29.0)], axis=1)
    logs[1] = 0.0
    expected, states, _ = brute(np.array([0.6, 0.4]), np.array(params["transitions"]), logs)
    assert result.objective == pytest.approx(expected, rel=1e-12)
    output = result.row_output()
    assert output is not None
    np.testing.assert_allclose(output.probabilities.T, states[[0, 2, 3, 4]], atol=1e-12)
    assert result.data.used.tolist() == [True, False, True, True, True]


def test_the_series_is_drawn_on_its_states_with_their_probabilities() -> None:
    result = fit_of(earthquakes(), spec_of("poisson", ("count",), {Role.TIME: ("year",)}, states=3))
    picture = result.family.picture(result.data, result.params, View(Place.PICTURE))
    kinds = {type(mark) for mark in picture.marks}
    assert {Bands, Points, Stack} <= kinds
    assert picture.x_label == "year" and picture.x_is_time
    bands = next(m for m in picture.marks if isinstance(m, Bands))
    assert len(bands.group) == 107 and bands.edges[0] == 1899.5
    law = result.family.picture(result.data, result.params, View(Place.LAW))
    assert law.title == "Emission law" and "3 states" in law.subtitle


def test_one_state_is_one_law_for_all_rows() -> None:
    result = fit_of(earthquakes(), spec_of("poisson", ("count",), states=1))
    counts = earthquakes().column("count").values
    assert np.ravel(result.params.law.rates) == pytest.approx([counts.mean()])
    assert result.free_parameters == 1


def test_wrong_params_of_a_chain_are_refused_in_a_sentence() -> None:
    from emdesk.errors import SettingProblem

    good = {
        "initial": [0.5, 0.5],
        "transitions": [[0.9, 0.1], [0.2, 0.8]],
        "rates": [[10.0], [30.0]],
    }
    spec = spec_of("poisson", ("count",), start="result", max_iterations=0)
    fit_of(earthquakes(), replace(spec, start_params=good))
    for name, value in (
        ("initial", [0.5, 0.6]),
        ("transitions", [[0.9, 0.1]]),
        ("rates", [[10.0]]),
        ("rates", [[10.0], [-1.0]]),
    ):
        with pytest.raises(SettingProblem):
            fit_of(earthquakes(), replace(spec, start_params=good | {name: value}))
    with pytest.raises(SettingProblem, match="transitions"):
        short = {"initial": good["initial"], "rates": good["rates"]}
        fit_of(earthquakes(), replace(spec, start_params=short))


def test_means_and_labels_start_a_chain_as_they_start_a_mixture() -> None:
    data = case("hidden-markov-gaussian-1d").dataset
    spec = spec_of("gaussian", ("a",), states=3, start="means", max_iterations=0)
    result = fit_of(data, replace(spec, start_means=((4.0,), (10.0,), (17.0,))))
    shown = result.family.in_units(result.data, result.params)
    assert np.ravel(shown.law.means) == pytest.approx([4.0, 10.0, 17.0])
    labelled = replace(spec.with_setting("start", "labels"), start_labels="group")
    result = fit_of(data, labelled)
    values, codes = data.column("a").values, data.column("group").values
    shown = result.family.in_units(result.data, result.params)
    expected = [values[codes == k].mean() for k in range(3)]
    assert np.ravel(shown.law.means) == pytest.approx(expected)
