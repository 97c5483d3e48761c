"""Covariates on the class weights: the likelihood that is climbed, what is kept, shown and refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.prediction import predict, result_model
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult, fit
from emdesk.em.information import Chart
from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.dataset import Column, Dataset, Kind, from_arrays
from emdesk.model.held import HeldValue
from emdesk.model.law import Ascent
from emdesk.model.needs import Role
from emdesk.model.params import arrays, from_vector, permuted, to_vector
from tests.catalogues import everything

F64 = NDArray[np.float64]
ODDS = np.array([[0.0, 0.0, 0.0], [0.5, 1.5, 0.0], [-0.5, 0.0, -1.0]])


def spec_of(
    law: str, columns: Sequence[str], covariates: Sequence[str], **settings: Any
) -> ModelSpec:
    spec = replace(new_spec(everything(), "mixture", law), columns=tuple(columns))
    if covariates:
        spec = replace(spec, roles={Role.COVARIATES: tuple(covariates)})
    for name, value in settings.items():
        spec = spec.with_setting(name, value)
    return spec


def three_groups(rows: int = 400, seed: int = 0) -> Dataset:
    """Two columns in three groups whose shares depend on `a` and `b`; answers, words and weights besides."""
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal(rows), rng.standard_normal(rows)
    odds = np.exp(ODDS @ np.stack([np.ones(rows), a, b]))
    codes = ((odds / odds.sum(axis=0)).cumsum(axis=0) < rng.random(rows)).sum(axis=0)
    y = np.array([0.0, 3.0, 6.0])[codes] + rng.standard_normal(rows)
    z = np.array([0.0, 2.0, -1.0])[codes] + rng.standard_normal(rows)
    answers = (rng.random((4, rows)) < np.array([0.15, 0.5, 0.9])[codes]).astype(np.float64)
    made = from_arrays("groups", [("a", a), ("b", b), ("y", y), ("z", z)])
    items = from_arrays("", [(f"q{i + 1}", x) for i, x in enumerate(answers)], Kind.COUNT)
    word = Column("word", Kind.NOMINAL, (a > 0).astype(np.float64), ("low", "high"))
    weight = Column("weight", Kind.COUNT, rng.integers(1, 4, rows).astype(np.float64))
    return replace(made, columns=(*made.columns, *items.columns, word, weight))


def shown(result: FitResult) -> dict[str, F64]:
    return arrays(result.family.in_units(result.data, result.params))


def shares_at(values: dict[str, F64], data: Dataset, names: Sequence[str]) -> F64:
    """(K, n) the shares of the components of parameters in units, by hand."""
    columns = [np.ones(data.rows), *(data.column(name).values for name in names)]
    odds = np.exp(values["gating"] @ np.stack(columns))
    return np.asarray(odds / odds.sum(axis=0))


@pytest.mark.parametrize("law", ["gaussian", "bernoulli"])
def test_a_fit_reaches_the_maximum_that_an_optimiser_finds(law: str) -> None:
    from scipy.optimize import minimize
    from scipy.stats import multivariate_normal

    data = three_groups()
    columns = ("y", "z") if law == "gaussian" else ("q1", "q2", "q3", "q4")
    rows = np.stack([data.column(name).values for name in columns])
    spec = spec_of(
        law, columns, ("a", "b"), components=3, tolerance=1e-13, max_iterations=5000
    ).with_setting("accelerate", "squarem")
    result = fit(data, spec, everything(), 1)
    assert result.converged, result.stop_sentence

    def fall(vector: F64) -> float:
        values = arrays(result.family.in_units(result.data, from_vector(vector, result.params)))
        if law == "gaussian":
            pairs = zip(values["means"], values["covariances"], strict=True)
            densities = np.stack([multivariate_normal(m, c).pdf(rows.T) for m, c in pairs])
        else:
            p = values["probabilities"][:, :, None]
            densities = np.where(rows[None] == 1, p, 1 - p).prod(axis=1)
        return -float(np.log((shares_at(values, data, ("a", "b")) * densities).sum(axis=0)).sum())

    reached = to_vector(result.params)
    assert -fall(reached) == pytest.approx(result.log_likelihood, rel=1e-10)
    found = minimize(fall, reached, method="BFGS", options={"gtol": 1e-5})
    assert -found.fun == pytest.approx(result.log_likelihood, rel=1e-7)


def test_the_odds_that_made_the_data_are_found() -> None:
    data = three_groups(6000)
    spec = spec_of("gaussian", ("y", "z"), ("a", "b"), components=3)
    result = fit(data, spec, everything(), 1)
    values = shown(result)
    order = np.argsort(values["means"][:, 0])
    found = values["gating"][order] - values["gating"][order[0]]
    np.testing.assert_allclose(found, ODDS, atol=0.25)
    assert result.optima().is_replicated
    assert result.family.ascent(result.data) is Ascent.STEP


def test_the_weights_shown_are_the_average_shares_and_the_first_component_is_the_reference() -> (
    None
):
    data = three_groups()
    result = fit(data, spec_of("gaussian", ("y", "z"), ("a", "b"), components=3), everything(), 1)
    values = shown(result)
    assert np.all(values["gating"][0] == 0)
    shares = shares_at(values, data, ("a", "b"))
    np.testing.assert_allclose(values["weights"], shares.mean(axis=1), rtol=1e-10)
    assert np.all(np.diff(values["weights"]) <= 0)


def test_covariates_without_effect_give_the_likelihood_of_free_weights() -> None:
    data = three_groups()
    plain = fit(data, spec_of("gaussian", ("y",), (), components=3), everything(), 1)
    spec = spec_of("gaussian", ("y",), ("a", "b"), components=3, start="result", starts=1)
    spec = replace(spec, start_params=shown(plain))
    begun = fit(data, spec.with_setting("max_iterations", 0), everything(), 1)
    assert begun.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)
    assert fit(data, spec, everything(), 1).log_likelihood > plain.log_likelihood + 20


def test_one_component_has_no_odds() -> None:
    data = three_groups()
    plain = fit(data, spec_of("gaussian", ("y",), (), components=1), everything(), 1)
    result = fit(data, spec_of("gaussian", ("y",), ("a",), components=1), everything(), 1)
    assert result.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)
    assert result.free_parameters == plain.free_parameters


def test_each_covariate_counts_once_for_every_component_but_the_first() -> None:
    data = three_groups()
    plain = fit(data, spec_of("gaussian", ("y",), (), components=3), everything(), 1)
    result = fit(data, spec_of("gaussian", ("y",), ("a", "b"), components=3), everything(), 1)
    assert result.free_parameters == plain.free_parameters + 4


def test_standard_errors_know_as_many_directions_as_free_parameters() -> None:
    data = three_groups()
    result = fit(data, spec_of("gaussian", ("y",), ("a",), components=2), everything(), 1)
    chart = Chart(result.family, result.data, result.params)
    assert chart.size == result.free_parameters


def test_components_can_change_places() -> None:
    data = three_groups()
    result = fit(data, spec_of("gaussian", ("y", "z"), ("a", "b"), components=3), everything(), 1)
    turned = permuted(result.params, "component", np.array([2, 0, 1]))
    values = arrays(result.family.in_units(result.data, turned))
    assert np.all(values["gating"][0] == 0)
    spec = spec_of("gaussian", ("y", "z"), ("a", "b"), components=3, start="result", starts=1)
    spec = replace(spec.with_setting("max_iterations", 0), start_params=values)
    again = fit(data, spec, everything(), 1)
    assert again.log_likelihood == pytest.approx(result.log_likelihood, rel=1e-12)


def test_a_weight_counts_a_row_as_often_as_repeating_it() -> None:
    data = three_groups(150)
    spec = spec_of("gaussian", ("y",), ("a",), components=2, tolerance=1e-11)
    weighted = replace(spec, roles={**spec.roles, Role.WEIGHT: ("weight",)})
    counts = data.column("weight").values.astype(int)
    repeated = replace(
        data, columns=tuple(replace(c, values=np.repeat(c.values, counts)) for c in data.columns)
    )
    one, other = fit(data, weighted, everything(), 1), fit(repeated, spec, everything(), 1)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-8)
    np.testing.assert_allclose(shown(one)["gating"], shown(other)["gating"], atol=1e-3)


def test_words_are_coded_and_named_in_tables_and_files() -> None:
    data = three_groups()
    result = fit(data, spec_of("gaussian", ("y",), ("word", "b"), components=2), everything(), 1)
    made = result_object(result)
    assert made["columns_of"]["gating"] == ["intercept", "word = high", "b"]
    assert made["categories"] == {"word": ["low", "high"]}
    quantities = {q.name: q for q in result.family.quantities(result.data, result.params)}
    assert quantities["gating"].columns == ("intercept", "word = high", "b")


def test_one_row_alone_is_labelled_as_among_the_others() -> None:
    data = three_groups()
    spec = spec_of("gaussian", ("y", "z"), ("a", "word"), components=3)
    result = fit(data, spec, everything(), 1)
    output = result.row_output()
    assert output is not None
    for row in (3, 77):
        one = replace(
            data, columns=tuple(replace(c, values=c.values[row : row + 1]) for c in data.columns)
        )
        found = predict(result_model(result), one, everything()).output
        assert found is not None
        np.testing.assert_allclose(
            found.probabilities[:, 0], output.probabilities[:, row], rtol=1e-8, atol=1e-12
        )


def test_a_project_keeps_the_odds(tmp_path: Path) -> None:
    data = three_groups()
    result = fit(data, spec_of("gaussian", ("y",), ("a",), components=2), everything(), 1)
    save_project(tmp_path / "one.emdesk", Project(data, result.spec, result))
    opened = open_project(tmp_path / "one.emdesk", everything()).result
    assert opened is not None
    np.testing.assert_array_equal(shown(opened)["gating"], shown(result)["gating"])


def test_simulated_rows_follow_the_covariates() -> None:
    data = three_groups(3000)
    result = fit(data, spec_of("gaussian", ("y",), ("a",), components=2), everything(), 1)
    made = result.family.drawn(
        result.data, result.params, np.arange(data.rows), np.random.default_rng(1)
    )
    assert made is not None
    drawn, groups = made
    assert np.array_equal(drawn.column("a").values, data.column("a").values)
    shares = shares_at(shown(result), data, ("a",))
    high = data.column("a").values > 0.5
    assert (groups[high] == 1).mean() == pytest.approx(shares[0, high].mean(), abs=0.05)


@pytest.mark.parametrize("assignment", ["soft", "hard"])
def test_the_objective_climbs_whatever_the_assignment(assignment: str) -> None:
    data = three_groups()
    spec = spec_of("gaussian", ("y", "z"), ("a", "b"), components=3, assignment=assignment)
    result = fit(data, spec, everything(), 1)
    assert np.all(np.diff(result.trace.objectives) >= -1e-6)


def test_rows_without_a_covariate_are_set_aside() -> None:
    data = three_groups()
    values = data.column("a").values.copy()
    values[[4, 8]] = np.nan
    gaps = replace(
        data,
        columns=tuple(replace(c, values=values) if c.name == "a" else c for c in data.columns),
    )
    result = fit(gaps, spec_of("gaussian", ("y",), ("a",), components=2), everything(), 1)
    assert np.flatnonzero(~result.data.used).tolist() == [4, 8]


def test_a_covariate_that_tells_components_apart_is_named() -> None:
    rng = np.random.default_rng(3)
    side = np.repeat([-1.0, 1.0], 60)
    y = 20 * side + rng.standard_normal(120)
    data = from_arrays("apart", [("y", y), ("side", side)])
    result = fit(data, spec_of("gaussian", ("y",), ("side",), components=2), everything(), 1)
    assert not result.is_sound
    assert "without overlap" in " ".join(result.warnings())


def test_a_covariate_that_follows_from_others_is_refused_by_name() -> None:
    data = three_groups()
    a, b = data.column("a").values, data.column("b").values
    wider = replace(data, columns=(*data.columns, *from_arrays("", [("both", a + b)]).columns))
    with pytest.raises(DataProblem, match="both is a combination of a, b"):
        fit(wider, spec_of("gaussian", ("y",), ("a", "b", "both")), everything(), 1)


@pytest.mark.parametrize(("name", "value"), [("weights", "equal"), ("weight_prior", 2.0)])
def test_settings_that_contradict_covariates_are_refused(name: str, value: object) -> None:
    spec = spec_of("gaussian", ("y",), ("a",), components=2).with_setting(name, value)
    with pytest.raises(SettingProblem, match="row") as caught:
        fit(three_groups(), spec, everything(), 1)
    assert caught.value.setting == name


def test_a_held_weight_contradicts_covariates() -> None:
    spec = spec_of("gaussian", ("y",), ("a",), components=2)
    held = replace(spec, held=(HeldValue("weights", (0,), 0.5),))
    with pytest.raises(SettingProblem, match="held"):
        fit(three_groups(), held, everything(), 1)


def groups_in_noise(rows: int = 600) -> Dataset:
    """Two clusters in a square of noise; the shares of all three depend on `a`."""
    rng = np.random.default_rng(0)
    a = rng.standard_normal(rows)
    odds = np.exp(np.array([[0.0, 0.0], [0.5, 1.2], [-1.0, 1.0]]) @ np.stack([np.ones(rows), a]))
    codes = ((odds / odds.sum(axis=0)).cumsum(axis=0) < rng.random(rows)).sum(axis=0)
    places = np.array([[0.0, 0.0], [4.0, 3.0], [0.0, 0.0]])[codes]
    points = places + 0.5 * rng.standard_normal((rows, 2))
    points = np.where((codes == 2)[:, None], rng.uniform(-5, 9, (rows, 2)), points)
    return from_arrays("noise", [("y", points[:, 0]), ("z", points[:, 1]), ("a", a)])


def noisy_result(covariates: Sequence[str] = ("a",), **settings: Any) -> FitResult:
    chosen = {"noise": "uniform", "components": 2, "starts": 2, "tolerance": 1e-11, **settings}
    return fit(
        groups_in_noise(), spec_of("gaussian", ("y", "z"), covariates, **chosen), everything(), 1
    )


def test_noise_has_log_odds_of_its_own_at_the_maximum_of_the_likelihood() -> None:
    from scipy.optimize import minimize
    from scipy.stats import multivariate_normal

    result = noisy_result()
    rows = np.stack([result.dataset.column(n).values for n in ("y", "z")], axis=1)
    a = result.dataset.column("a").values
    density = 1 / np.prod(result.data.noise.sides)

    def fall(vector: F64) -> float:
        values = arrays(result.family.in_units(result.data, from_vector(vector, result.params)))
        gating = np.concatenate([values["gating"], values["noise_gating"][None]])
        odds = np.exp(gating @ np.stack([np.ones(len(a)), a]))
        pairs = zip(values["means"], values["covariances"], strict=True)
        own = [multivariate_normal(m, c).pdf(rows) for m, c in pairs]
        densities = np.stack([*own, np.full(len(a), density)])
        return -float(np.log((odds / odds.sum(axis=0) * densities).sum(axis=0)).sum())

    reached = to_vector(result.params)
    assert -fall(reached) == pytest.approx(result.log_likelihood, rel=1e-12)
    found = minimize(fall, reached, method="BFGS", options={"gtol": 1e-5})
    assert -found.fun == pytest.approx(result.log_likelihood, rel=1e-8)
    assert np.diff(result.trace.objectives).min() >= -1e-8
    assert result.free_parameters == 4 + 6 + 4
    assert Chart(result.family, result.data, result.params).size == 14


def test_the_share_of_noise_shown_is_its_average_over_the_rows() -> None:
    result = noisy_result()
    values, output = shown(result), result.row_output()
    gating = np.concatenate([values["gating"], values["noise_gating"][None]])
    odds = np.exp(gating @ np.stack([np.ones(600), result.dataset.column("a").values]))
    shares = (odds / odds.sum(axis=0)).mean(axis=1)
    assert float(values["noise"]) == pytest.approx(shares[2], rel=1e-10)
    np.testing.assert_allclose(values["weights"], shares[:2] / shares[:2].sum(), rtol=1e-10)
    assert output is not None
    # at a maximum the average posterior probabilities are the average shares
    np.testing.assert_allclose(output.probabilities.mean(axis=1), shares, atol=1e-5)


def test_components_in_noise_can_change_places() -> None:
    result = noisy_result()
    turned = permuted(result.params, "component", np.array([1, 0]))
    values = arrays(result.family.in_units(result.data, turned))
    spec = replace(
        result.spec.with_setting("start", "result").with_setting("max_iterations", 0),
        start_params=values,
    )
    again = fit(result.dataset, spec, everything(), 1)
    assert again.log_likelihood == pytest.approx(result.log_likelihood, rel=1e-12)


@pytest.mark.parametrize(
    ("covariates", "settings"), [((), {}), (("a",), {"noise": "none"})], ids=["noise", "covariates"]
)
def test_a_fit_with_one_of_both_is_a_start_for_a_fit_with_both(
    covariates: tuple[str, ...], settings: dict[str, Any]
) -> None:
    simpler, both = noisy_result(covariates, **settings), noisy_result()
    spec = replace(both.spec.with_setting("start", "result"), start_params=shown(simpler))
    begun = fit(both.dataset, spec.with_setting("max_iterations", 0), everything(), 1)
    if not covariates:
        assert begun.log_likelihood == pytest.approx(simpler.log_likelihood, rel=1e-10)
    again = fit(both.dataset, spec, everything(), 1)
    assert again.log_likelihood == pytest.approx(both.log_likelihood, abs=1e-5)


def test_noise_is_drawn_where_the_covariates_say() -> None:
    result = noisy_result()
    drawn = result.family.drawn(
        result.data, result.params, np.repeat(np.arange(600), 5), np.random.default_rng(1)
    )
    assert drawn is not None
    is_noise = (drawn[1] == 0).reshape(600, 5).mean(axis=1)
    output = result.row_output()
    assert output is not None
    assert is_noise.mean() == pytest.approx(float(shown(result)["noise"]), abs=0.02)


def test_a_project_and_a_prediction_keep_the_odds_of_noise(tmp_path: Path) -> None:
    result = noisy_result()
    save_project(tmp_path / "one.emdesk", Project(result.dataset, result.spec, result))
    opened = open_project(tmp_path / "one.emdesk", everything()).result
    assert opened is not None
    np.testing.assert_array_equal(shown(opened)["noise_gating"], shown(result)["noise_gating"])
    made, output = predict(result_model(result), result.dataset, everything()), result.row_output()
    assert made.output is not None and output is not None
    np.testing.assert_allclose(made.output.probabilities, output.probabilities, atol=1e-9)
    assert result_object(result)["columns_of"]["noise_gating"] == ["intercept", "a"]


def test_noise_that_a_covariate_tells_from_a_component_is_named() -> None:
    rng = np.random.default_rng(1)
    side = np.repeat([-1.0, 1.0], (150, 100))
    y = np.where(side < 0, 0.3 * rng.standard_normal(250), rng.uniform(-10, 10, 250))
    spec = spec_of("gaussian", ("y",), ("side",), components=1, noise="uniform", starts=2)
    result = fit(from_arrays("apart", [("y", y), ("side", side)]), spec, everything(), 1)
    assert not result.is_sound and "the log odds of noise run off" in " ".join(result.warnings())


@pytest.mark.parametrize("assignment", ["hard", "stochastic"])
def test_noise_and_covariates_work_with_every_assignment(assignment: str) -> None:
    result = noisy_result(assignment=assignment, max_iterations=40)
    soft = noisy_result()
    assert float(shown(result)["noise"]) == pytest.approx(float(shown(soft)["noise"]), abs=0.03)
