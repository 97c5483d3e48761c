"""Covariates on the class weights: the likelihood that is climbed, what is kept, shown and refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emdesk.app.prediction import predict, result_model
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.result_object import result_object
from emdesk.app.session import fit
from emdesk.em.information import Chart
from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.dataset import from_arrays
from emdesk.model.held import HeldValue
from emdesk.model.law import Ascent
from emdesk.model.needs import Role
from emdesk.model.params import arrays, from_vector, permuted, to_vector
from tests.catalogues import everything
from tests.families.gated_rows import F64, ODDS, shares_at, shown, spec_of, three_groups


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
