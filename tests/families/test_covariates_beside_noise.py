"""Covariates on the class weights where noise takes rows too, with odds of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emdesk.app.prediction import predict, result_model
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult, fit
from emdesk.em.information import Chart
from emdesk.model.dataset import Dataset, from_arrays
from emdesk.model.params import arrays, from_vector, permuted, to_vector
from tests.catalogues import everything
from tests.families.gated_rows import F64, shown, spec_of


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
