"""The observed information by Oakes' formula, against differences of the log-likelihood and the rate of EM."""

from __future__ import annotations

import csv
import math
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitResult, fit
from emdesk.em.control import RunControl
from emdesk.em.information import Chart, extrapolated
from emdesk.em.oakes import Model, Oakes, oakes
from emdesk.em.reduce import Sweeper
from emdesk.em.uncertainty import Uncertainty, observed
from emdesk.model.dataset import from_arrays
from emdesk.model.held import HeldValue
from emdesk.model.needs import Role
from emdesk.model.params import to_vector
from emdesk.resources import resource
from tests import catalogues
from tests.em.test_uncertainty import VALUES, fitted


def model_of(result: FitResult) -> tuple[Model, Any]:
    """The model at an estimate, whose sweeps are counted in `control`, and the sums there."""
    family, data = result.family, result.data
    control, blocks = RunControl(), family.blocks(data)

    def sums(params: Any) -> Any:
        with Sweeper(1) as sweeper:
            return sweeper.sweep(family, data, params, blocks, control)

    return Model(Chart(family, data, result.params), sums, control), sums(result.params)


def found_by_formula(result: FitResult) -> tuple[Model, Oakes]:
    model, here = model_of(result)
    found = oakes(model, here)
    assert found is not None
    return model, found


def errors_of(result: FitResult) -> Uncertainty:
    with Sweeper(1) as sweeper:
        return observed(result.family, result.data, result.params, sweeper)


def one_case_of_each_law() -> list[Any]:
    """The case with most columns and default settings of every law, and those with roles or several laws."""
    named: dict[str, catalogues.Case] = {}
    for case in catalogues.cases():
        words = case.name.split("-")
        is_default = words[-1] in ("1d", "2d", "weight", "covariates", "3d", "uniform")
        if words[0] == "mixture" and is_default:
            named[f"{case.law.id}-{'' if words[-1] in ('1d', '2d') else words[-1]}"] = case
    return [pytest.param(case, id=case.name) for case in named.values()]


def assert_bends_as(found: Oakes, model: Model, step: float) -> None:
    """The log-likelihood bends along every axis, and where several move at once, as the information says."""
    told = found.observed.axes @ (found.observed.told / np.sqrt(np.abs(found.observed.precisions)))
    drawn = np.random.default_rng(8).standard_normal((told.shape[1], 8))
    axes = np.concatenate([told, told @ (drawn / np.linalg.norm(drawn, axis=0))], axis=1)
    middle = model.height(np.zeros(len(axes)))
    assert found.observed.height == pytest.approx(middle, rel=1e-12)
    fine, coarse = (
        [2 * middle - model.height(h * axis) - model.height(-h * axis) for axis in axes.T]
        for h in (step, 2 * step)
    )
    bends = extrapolated(np.array(fine) / step**2, np.array(coarse) / (2 * step) ** 2)
    assert found.observed.is_maximum
    assert bends == pytest.approx(np.ones(len(bends)), abs=1e-5)


@pytest.mark.parametrize("case", one_case_of_each_law())
def test_it_is_that_of_finer_differences_of_the_log_likelihood(case: catalogues.Case) -> None:
    result = case.from_labels().set(max_iterations=3000, tolerance=1e-12).fit()
    model, here = model_of(result)
    found = oakes(model, here)
    if found is None:
        assert model.expected(here, result.params) is None, "there is a Q, and it does not fit"
        pytest.skip("the sums do not determine Q")
    assert_bends_as(found, model, 0.008)


def test_it_asks_for_four_sweeps_for_each_parameter() -> None:
    result = fitted("poisson", {"x": np.array([0.0, 1, 1, 2, 7, 8, 9, 9, 10, 12])}, components=2)
    model, here = model_of(result)
    count: Counter[str] = Counter()

    def counted(params: Any) -> Any:
        count["sweeps"] += 1
        return model.sums(params)

    shares: list[float] = []
    assert oakes(replace(model, sums=counted), here, shares.append) is not None
    assert count["sweeps"] == 4 * result.free_parameters == len(shares)
    assert shares == sorted(shares) and shares[-1] == 1.0


def test_what_is_missing_is_the_rate_at_which_em_comes_to_rest() -> None:
    rng = np.random.default_rng(4)
    x = rng.poisson(np.where(rng.random(300) < 0.4, 2.0, 5.0)).astype(np.float64)
    result = fitted("poisson", {"x": x}, components=2, starts=1, tolerance=0, max_iterations=4000)
    end, last = to_vector(result.params), result.trace.last
    away = [np.linalg.norm(to_vector(result.params_at(i)) - end) for i in range(last)]
    at = next(i for i, distance in enumerate(away) if distance < 1e-5)
    missing = errors_of(result).missing_information
    assert missing == pytest.approx(away[at + 1] / away[at], rel=1e-3)
    assert 0.8 < missing < 1


def test_the_printed_errors_of_five_clusters_of_galaxies_are_reached() -> None:
    """SAS/STAT User's Guide, The FMM Procedure, Comparison with Roeder's Method: all variances are held at 0.9025; one
    velocity is 26960 km/s there."""
    with resource("samples/galaxies.csv").open(encoding="utf-8", newline="") as file:
        velocities = np.array([float(row["velocity"]) for row in csv.DictReader(file)]) / 1000
    velocities = np.where(velocities == 26.690, 26.960, velocities)
    spec = replace(new_spec(catalogue(), "mixture", "gaussian"), columns=("v",))
    for name, value in {"components": 5, "tolerance": 1e-13, "max_iterations": 5000}.items():
        spec = spec.with_setting(name, value)
    held = tuple(HeldValue("covariances", (k, 0, 0), 0.9025) for k in range(5))
    result = fit(from_arrays("v", [("v", velocities)]), replace(spec, held=held), catalogue(), 1)
    assert -2 * result.log_likelihood == pytest.approx(412.2, abs=0.05)
    found = errors_of(result)
    assert found.derivatives == "oakes"
    means = result.family.in_units(result.data, result.params).law.means[:, 0]
    printed = {26.3266: 0.7778, 33.0443: 0.5485}
    for mean, error in printed.items():
        k = int(np.abs(means - mean).argmin())
        assert means[k] == pytest.approx(mean, abs=5e-5)
        assert found.standard_errors["means"][k, 0] == pytest.approx(error, abs=5e-5)


def test_without_hidden_groups_nothing_is_missing() -> None:
    x = np.random.default_rng(3).poisson(4.0, 200).astype(np.float64)
    found = errors_of(fitted("poisson", {"x": x}, components=1))
    assert found.derivatives == "oakes"
    assert found.missing_information == pytest.approx(0.0, abs=1e-6)


def test_what_is_missing_leaves_out_what_the_data_tell_nothing_about() -> None:
    patterns = np.array([[int(c) - 1 for c in key] for key in VALUES], dtype=np.float64)
    columns = dict(zip("ABCD", patterns.T, strict=True))
    weights = np.array(list(VALUES.values()), dtype=np.float64)
    two = errors_of(fitted("bernoulli", columns, weights, components=2))
    three = errors_of(fitted("bernoulli", columns, weights, components=3))
    assert two.is_identified and not three.is_identified
    assert 0.2 < two.missing_information < three.missing_information < 1


def test_a_model_without_q_is_differentiated_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(2).poisson(3.0, 60).astype(np.float64)
    result = fitted("poisson", {"x": x}, components=1)
    monkeypatch.setattr(type(result.family), "expected", lambda *_: None)
    found = errors_of(result)
    assert found.derivatives == "differences" and math.isnan(found.missing_information)
    assert found.standard_errors["rates"][0, 0] == pytest.approx(math.sqrt(x.mean() / 60), rel=1e-5)


@pytest.mark.parametrize("factor", [1.02, 0.5])
def test_a_q_that_does_not_fit_the_objective_is_not_used(
    monkeypatch: pytest.MonkeyPatch, factor: float
) -> None:
    x = np.random.default_rng(2).poisson(3.0, 60).astype(np.float64)
    result = fitted("poisson", {"x": x}, components=1)
    right = type(result.family).expected
    monkeypatch.setattr(
        type(result.family), "expected", lambda *given: factor * (right(*given) or 0.0)
    )
    assert errors_of(result).derivatives == "differences"


@pytest.mark.parametrize("law", ["log-normal", "exponential", "skew-normal"])
@pytest.mark.parametrize("truncated", [False, True])
def test_intervals_and_windows_have_it_too(law: str, truncated: bool) -> None:
    rng = np.random.default_rng(6)
    x = np.where(rng.random(400) < 0.4, rng.gamma(9.0, 0.2, 400), rng.gamma(30.0, 0.3, 400))
    edges = np.linspace(0.8, 14.0, 40)
    counts, _ = np.histogram(x, np.concatenate([[0.8 if truncated else 0.0], edges[1:], [np.inf]]))
    ends = np.concatenate([edges[1:], [np.nan]])
    data = from_arrays("bins", [("edge", ends), ("count", counts.astype(np.float64))])
    spec = replace(
        new_spec(catalogue(), "mixture", law),
        columns=("edge",),
        roles={Role.UPPER: ("edge",), Role.WEIGHT: ("count",)},
    )
    wanted = {"components": 2, "starts": 1, "tolerance": 1e-11, "max_iterations": 4000}
    for name, value in (wanted | ({"truncated_below": "0.8"} if truncated else {})).items():
        spec = spec.with_setting(name, value)
    result = fit(data, spec, catalogue(), threads=1)
    model, here = model_of(result)
    if model.expected(here, result.params) is None:
        pytest.skip("the law has no Q")
    found = oakes(model, here)
    assert found is not None
    assert_bends_as(found, model, 0.02)
