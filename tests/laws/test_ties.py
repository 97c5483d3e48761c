"""Means, covariances, coefficients and SDs that are equal in several components: the maximum, its count, refusals."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, multivariate_t

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import ModelSpec, new_spec, with_laws
from emdesk.app.session import FitResult, fit
from emdesk.em.reduce import Sweeper
from emdesk.em.uncertainty import observed
from emdesk.errors import SettingProblem
from emdesk.model.dataset import Dataset, from_arrays
from emdesk.model.held import HeldValue
from emdesk.model.interval_ends import measured_column
from emdesk.model.needs import Role
from emdesk.model.params import Parameter, arrays, from_vector, rebuild, to_vector
from emdesk.model.tied import Tie
from tests.laws.lines import BINOMIAL, GAUSSIAN, POISSON, log_densities, three_lines

F64 = NDArray[np.float64]
Logs = Callable[[Any], F64]
"""(K, n) log densities of the rows under params in units."""


def groups(rows: int = 240) -> Dataset:
    """Two columns of three groups, the first and the last of one mean in `wide`."""
    rng = np.random.default_rng(5)
    codes = rng.integers(3, size=rows)
    wide = np.array([0.0, 4.0, 0.0])[codes] + np.array([0.5, 1.0, 2.0])[codes] * rng.normal(
        size=rows
    )
    long = np.array([0.0, 3.0, 7.0])[codes] + 0.6 * wide + rng.normal(size=rows)
    return from_arrays("groups", [("wide", wide), ("long", long)])


def fitted(data: Dataset, spec: ModelSpec, *ties: Tie, held: tuple[HeldValue, ...] = ()) -> Any:
    spec = replace(spec, ties=ties, held=held)
    for name, value in (("starts", 4), ("accelerate", "squarem"), ("tolerance", 1e-10)):
        spec = spec.with_setting(name, value)
    result = fit(data, spec, catalogue(), threads=1)
    values = np.array(result.trace.objectives)
    assert np.all(np.diff(values) >= -1e-10 * np.maximum(1, np.abs(values[1:])))
    return result


def shown(result: FitResult) -> Any:
    return result.family.in_units(result.data, result.params)


def is_the_best_under(ties: tuple[Tie, ...], result: FitResult, logs: Logs) -> bool:
    """Whether an optimiser that levels the ties finds nothing higher near the fit, and gets as far."""
    params = shown(result)

    def level(parameter: Parameter, values: F64) -> F64:
        made = values.copy()
        for tie in ties:
            if tie.name == parameter.name:
                groups = tie.among(len(values))
                inner = values[groups[0]][tie.place]
                for k in groups:
                    made[k][tie.place] = inner
        return made / made.sum() if parameter.name == "weights" else made

    def fall(vector: F64) -> float:
        made = rebuild(from_vector(np.clip(vector, -50, 50), params), level)
        total = logsumexp(np.log(made.weights)[:, None] + logs(made), axis=0).sum()
        return -float(total)

    begin = to_vector(params)
    nudge = 0.01 * np.random.default_rng(2).standard_normal(len(begin))
    assert fall(begin) == pytest.approx(-result.objective, rel=1e-9)
    with np.errstate(all="ignore"):
        found = [-float(minimize(fall, b, method="BFGS").fun) for b in (begin, begin + nudge)]
    return abs(max(found) - result.objective) <= 1e-7 * abs(result.objective)


def elliptical(spec: ModelSpec, data: Dataset) -> Logs:
    columns = np.stack([data.column(name).values for name in spec.columns], axis=1)

    def logs(params: Any) -> F64:
        inner = params.law
        if spec.law == "gaussian":
            each = [
                multivariate_normal(m, c, allow_singular=True).logpdf(columns)
                for m, c in zip(inner.means, inner.covariances, strict=True)
            ]
        else:
            each = [
                multivariate_t(m, c, spec.law_settings.degrees, allow_singular=True).logpdf(columns)
                for m, c in zip(inner.means, inner.scales, strict=True)
            ]
        return np.stack(each)

    return logs


def model(law: str = "gaussian", *columns: str, **settings: Any) -> ModelSpec:
    spec = replace(new_spec(catalogue(), "mixture", law), columns=columns or ("wide", "long"))
    for name, value in {"components": 3, **settings}.items():
        spec = spec.with_setting(name, value)
    return spec


@pytest.mark.parametrize("law", ["gaussian", "student-t"])
def test_means_tied_in_some_components_are_the_constrained_maximum(law: str) -> None:
    spec, ties = model(law), (Tie("means", (0, 2), (0,)),)
    if law == "student-t":
        spec = spec.with_setting("tails", "fixed")
    result = fitted(groups(), spec, *ties)
    means = shown(result).law.means
    assert means[0, 0] == means[2, 0] != means[1, 0]
    assert means[0, 1] != means[2, 1]
    free = fitted(groups(), spec)
    assert result.free_parameters == free.free_parameters - 1
    assert is_the_best_under(ties, result, elliptical(spec, groups()))


def test_means_of_a_column_tied_in_all_components_beside_a_held_one() -> None:
    spec, ties = model(), (Tie("means", (), (0,)),)
    held = (HeldValue("means", (1, 1), 2.5),)
    result = fitted(groups(), spec, *ties, held=held)
    means = shown(result).law.means
    assert np.ptp(means[:, 0]) == 0 and means[1, 1] == pytest.approx(2.5, abs=1e-12)
    assert result.free_parameters == 2 + (6 - 2 - 1) + 9
    assert is_the_best_under(ties, fitted(groups(), spec, *ties), elliptical(spec, groups()))


@pytest.mark.parametrize(
    ("word", "ties", "fewer"),
    [
        ("VVV", (Tie("covariances", (0, 1)),), 3),
        ("VVI", (Tie("sds", (0, 2), (1,)),), 1),
        ("VVI", (Tie("sds"),), 4),
        ("VII", (Tie("sds", (1, 2)),), 1),
    ],
)
def test_tied_matrices_and_sds_share_their_scatter(
    word: str, ties: tuple[Tie, ...], fewer: int
) -> None:
    spec = model(covariance=word)
    result = fitted(groups(), spec, *ties)
    free = fitted(groups(), spec)
    assert result.free_parameters == free.free_parameters - fewer
    assert result.objective < free.objective
    covariances = shown(result).law.covariances
    (tie,) = ties
    one, other = tie.among(3)[:2]
    places = [tie.place * 2] if tie.place else [(0, 0), (1, 1)]
    for place in places:
        assert covariances[(one, *place)] == pytest.approx(covariances[(other, *place)], rel=1e-12)
    if word == "VVV":
        assert is_the_best_under(ties, result, elliptical(spec, groups()))


def test_sds_of_all_components_are_those_of_the_structure_that_shares_them() -> None:
    tied = fitted(groups(), model(covariance="VVI"), Tie("sds"))
    common = fitted(groups(), model(covariance="EEI"))
    assert tied.objective == pytest.approx(common.objective, rel=1e-9)
    assert tied.free_parameters == common.free_parameters


def test_sds_of_one_column_are_tied_in_some_components() -> None:
    spec, ties = model("gaussian", "long"), (Tie("sds", (0, 1)),)
    result = fitted(groups(), spec, *ties)
    as_matrices = (Tie("covariances", (0, 1)),)
    assert is_the_best_under(as_matrices, result, elliptical(spec, groups()))


@pytest.mark.parametrize(
    ("word", "tie", "said"),
    [
        ("EEE", Tie("sds"), "under EEE the components share"),
        ("VVV", Tie("sds"), "Tie the covariances instead"),
        ("VVV", Tie("covariances", (), (0,)), "a part of the covariances is tied"),
        ("VVV", Tie("means", (), (5,)), r"means has no place \[6\]"),
        ("VVV", Tie("degrees"), "What can be: weights, means, sds, covariances"),
    ],
)
def test_what_a_structure_cannot_tie_is_refused_in_a_sentence(
    word: str, tie: Tie, said: str
) -> None:
    spec = replace(model(covariance=word), ties=(tie,))
    with pytest.raises(SettingProblem) as caught:
        spec.family_in(catalogue()).prepare(groups(), spec.request())
    assert caught.value.setting == "tied"
    assert re.search(said, caught.value.sentence)


def test_matrices_are_held_or_tied_and_not_both() -> None:
    spec = model("gaussian", "long", covariance="V")
    held = (HeldValue("covariances", (0, 0, 0), 2.0),)
    spec = replace(spec, held=held, ties=(Tie("sds", (0, 1)),))
    with pytest.raises(SettingProblem, match="are held in components where they are tied too"):
        spec.family_in(catalogue()).prepare(groups(), spec.request())


# ---------------------------------------------------------------- regressions


REGRESSIONS = ((GAUSSIAN, "y"), (POISSON, "count"), (BINOMIAL, "good"))


def regression(law: str, response: str) -> ModelSpec:
    spec = replace(
        new_spec(catalogue(), "mixture", law),
        columns=(response,),
        roles={Role.PREDICTORS: ("x", "z")},
    )
    if law == BINOMIAL:
        spec = replace(spec, roles={**spec.roles, Role.TRIALS: ("trials",)})
    return spec.with_setting("components", 2)


@pytest.mark.parametrize(("law", "response"), REGRESSIONS)
def test_a_slope_common_to_all_components_is_the_constrained_maximum(
    law: str, response: str
) -> None:
    data, spec, ties = three_lines(), regression(law, response), (Tie("coefficients", (), (2,)),)
    result = fitted(data, spec, *ties)
    coefficients = shown(result).law.coefficients
    assert coefficients[0, 2] == pytest.approx(coefficients[1, 2], rel=1e-10)
    assert coefficients[0, 1] != pytest.approx(coefficients[1, 1], rel=1e-3)
    assert result.free_parameters == fitted(data, spec).free_parameters - 1

    def logs(params: Any) -> F64:
        return log_densities(law, arrays(params), data, spec)

    assert is_the_best_under(ties, result, logs)


def test_a_common_slope_and_sd_with_an_intercept_that_is_held() -> None:
    data, spec = three_lines(), regression(GAUSSIAN, "y")
    ties = (Tie("coefficients", (), (2,)), Tie("sds"))
    held = (HeldValue("coefficients", (0, 0), 7.5),)
    result = fitted(data, spec, *ties, held=held)
    params = shown(result).law
    assert params.coefficients[0, 0] == pytest.approx(7.5, rel=1e-10)
    assert params.coefficients[0, 2] == pytest.approx(params.coefficients[1, 2], rel=1e-10)
    assert params.sds[0] == params.sds[1]
    assert result.free_parameters == 1 + (6 - 2) + 1
    common = fitted(data, spec.with_setting("sd", "common"), ties[0], held=held)
    assert result.objective == pytest.approx(common.objective, rel=1e-9)


# ---------------------------------------------------------------- categories


def answers(rows: int = 400) -> Dataset:
    """Three questions of three answers, given by two sorts of people."""
    rng = np.random.default_rng(8)
    sort = rng.integers(2, size=rows)
    chances = np.array([[0.6, 0.3, 0.1], [0.15, 0.25, 0.6]])
    return from_arrays(
        "answers",
        [(name, (rng.random(rows)[:, None] > chances[sort].cumsum(axis=1)).sum(axis=1) * 1.0)
         for name in "pqr"],
    )  # fmt: skip


def test_answers_with_the_same_chances_in_all_components_are_independent_of_them() -> None:
    data = answers()
    spec = model("categorical", "p", "q", "r", components=2)
    tied = fitted(data, spec, Tie("probabilities", (), (1,)))
    chances = shown(tied).law.probabilities[:, 1]
    shares = np.bincount(data.column("q").values.astype(int)) / data.rows
    np.testing.assert_allclose(chances, [shares, shares], rtol=1e-9)
    without = fitted(data, replace(spec, columns=("p", "r")))
    alone = data.rows * float((shares * np.log(shares)).sum())
    assert tied.objective == pytest.approx(without.objective + alone, abs=1e-5)
    assert tied.free_parameters == 1 + 4 + 2 + 4


def test_one_answer_with_the_same_chance_is_the_constrained_maximum() -> None:
    data, place = answers(), (1, 2)
    spec = model("categorical", "p", "q", "r", components=2)
    result = fitted(data, spec, Tie("probabilities", (), place))
    codes = np.stack([data.column(name).values.astype(int) for name in "pqr"])
    params = shown(result)
    assert np.ptp(params.law.probabilities[:, 1, 2]) == pytest.approx(0, abs=1e-12)
    assert np.ptp(params.law.probabilities[:, 1, 0]) > 0.01
    assert result.free_parameters == 1 + 12 - 1

    def fall(vector: F64) -> float:
        made = from_vector(vector, params)
        chances = made.law.probabilities.copy()
        same = chances[0][place]
        chances[1, 1] *= (1 - same) / (1 - chances[1][place])
        chances[1][place] = same
        logs = sum(np.log(chances[:, j, codes[j]]) for j in range(3))
        return -float(logsumexp(np.log(made.weights)[:, None] + logs, axis=0).sum())

    begin = to_vector(params)
    assert fall(begin) == pytest.approx(-result.objective, rel=1e-10)
    found = minimize(fall, begin, method="BFGS")
    assert -found.fun == pytest.approx(result.objective, rel=1e-7)


def test_probabilities_tied_to_several_sets_of_components_are_refused() -> None:
    spec = model("categorical", "p", "q", components=3)
    ties = (Tie("probabilities", (0, 1), (0, 0)), Tie("probabilities", (1, 2), (0, 1)))
    with pytest.raises(SettingProblem) as caught:
        spec.family_in(catalogue()).prepare(answers(), replace(spec, ties=ties).request())
    assert caught.value.setting == "tied"
    assert "Tie those of a column in the same components" in caught.value.sentence


# ---------------------------------------------------------------- what follows from a fit


def test_standard_errors_of_tied_parameters_are_one_and_the_rank_is_full() -> None:
    result = fitted(groups(), model(), Tie("means", (0, 2), (0,)))
    with Sweeper(1) as sweeper:
        found = observed(result.family, result.data, result.params, sweeper)
    assert found.is_identified and found.is_maximum
    errors = found.standard_errors["means"]
    assert errors[0, 0] == pytest.approx(errors[2, 0], rel=1e-9)
    assert found.free == result.free_parameters


# ---------------------------------------------------------------- laws within laws


def test_one_of_several_laws_keeps_its_tie() -> None:
    laws = [("poisson", ("long",)), ("gaussian", ("wide",))]
    data = groups()
    counts = np.rint(np.abs(data.column("long").values))
    data = from_arrays("mixed", [("long", counts), ("wide", data.column("wide").values)])
    spec = with_laws(model(), catalogue(), laws).with_setting("components", 2)
    ties = (Tie("long.rates"), Tie("wide.means"))
    result = fitted(data, spec, *ties)
    made = arrays(shown(result))
    assert np.ptp(made["long.rates"]) == 0 and np.ptp(made["wide.means"]) == 0
    assert result.free_parameters == 1 + 1 + 1 + 2


def test_a_shape_is_tied_where_rows_are_intervals() -> None:
    values = np.exp(groups().column("wide").values / 3)
    ends = np.floor(values * 4) / 4
    data = from_arrays("bins", [("low", ends), ("high", ends + 0.25)])
    spec = replace(
        model("gamma", "low", components=2), roles={Role.LOWER: ("low",), Role.UPPER: ("high",)}
    )
    spec = replace(spec, columns=measured_column(spec.roles))
    result = fitted(data, spec, Tie("shapes"))
    assert np.ptp(shown(result).law.shapes) == 0
    assert result.free_parameters == 1 + 1 + 2


@pytest.mark.parametrize("name", ["mean_directions", "concentrations"])
def test_directions_and_concentrations_are_tied_on_the_circle(name: str) -> None:
    rng = np.random.default_rng(3)
    made = np.concatenate([rng.vonmises(3.0, 8.0, 90), rng.vonmises(0.8, 3.0, 90)])
    data = from_arrays("angles", [("angle", made)])
    spec = model("von-mises", "angle", components=2)
    result = fitted(data, spec, Tie(name))
    values = arrays(shown(result))[name]
    assert values[0, 0] == pytest.approx(values[1, 0], rel=1e-12)
    assert result.objective <= fitted(data, spec).objective
