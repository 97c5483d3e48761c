"""Held parameters, the conjugate prior, known labels and stochastic assignment with the Gaussian law."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import invgamma, invwishart, multivariate_normal

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.em.control import RunControl
from emdesk.em.engine import iterate
from emdesk.em.reduce import Sweeper
from emdesk.errors import SettingProblem
from emdesk.families.mixture import FAMILY
from emdesk.laws.gaussian import LAW
from emdesk.laws.gaussian.settings import GaussianParams, GaussianSettings
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.family import ByMethod, Request
from emdesk.model.held import Held, HeldValue
from emdesk.model.law import Workspace
from emdesk.model.needs import Role
from emdesk.model.rows import plain_rows
from tests.example_rows import rows_for

F64 = NDArray[np.float64]
MIXTURE = FAMILY.with_law(LAW)


def run(
    columns: F64,
    held: tuple[HeldValue, ...] = (),
    labels: F64 | None = None,
    iterations: int = 400,
    **settings: Any,
) -> tuple[Any, Any, list[float]]:
    """Data, params in units and the objectives of a fit from one k-means++ start."""
    spec = new_spec(catalogue())
    for name, value in settings.items():
        spec = spec.with_setting(name, value)
    names = tuple(f"x{j}" for j in range(len(columns)))
    made = [Column(n, Kind.CONTINUOUS, c.copy()) for n, c in zip(names, columns, strict=True)]
    roles = {}
    if labels is not None:
        made.append(Column("label", Kind.NOMINAL, labels.copy(), ("first", "second", "third")))
        roles = {Role.LABEL: ("label",)}
    request = Request(names, spec.settings, spec.law_settings, roles, Held(held))
    data = MIXTURE.prepare(Dataset(tuple(made)), request)
    start = MIXTURE.start(data, ByMethod("kmeans++"), np.random.default_rng(0))
    objectives = []
    with Sweeper(1) as sweeper:
        for step in iterate(MIXTURE, data, start, RunControl(), sweeper):
            objectives.append(step.objective)
            params = step.params
            if step.index >= iterations:
                break
    return data, MIXTURE.in_units(data, params), objectives


def climbs(objectives: list[float]) -> bool:
    made = np.array(objectives)
    return bool(np.all(np.diff(made) >= -1e-10 * np.maximum(1, np.abs(made[1:]))))


def log_likelihood(columns: F64, weights: F64, means: F64, covariances: F64) -> float:
    each = [
        w * multivariate_normal(m, c).pdf(columns.T)
        for w, m, c in zip(weights, means, covariances, strict=True)
    ]
    return float(np.log(np.sum(each, axis=0)).sum())


def two_groups(d: int = 2) -> F64:
    columns, codes = rows_for(LAW, d, rows=120)
    return columns[:, codes < 2]


@pytest.mark.parametrize("word", ["VVV", "EEE", "VVI", "EVE"])
def test_a_held_mean_stays_and_the_objective_climbs(word: str) -> None:
    held = (HeldValue("means", (0, 1), 12.0), HeldValue("means", (1, 0), 15.0))
    data, params, objectives = run(two_groups(), held, covariance=word)
    assert params.law.means[0, 1] == pytest.approx(12.0, abs=1e-12)
    assert params.law.means[1, 0] == pytest.approx(15.0, abs=1e-12)
    assert climbs(objectives)
    free = run(two_groups(), covariance=word)[0]
    assert data_count(free) - data_count(data) == 2


def data_count(data: Any) -> int:
    start = MIXTURE.start(data, ByMethod("kmeans++"), np.random.default_rng(0))
    return MIXTURE.free_parameters(data, start)


def test_a_fit_with_held_means_and_weight_is_the_constrained_maximum() -> None:
    columns = two_groups()
    held = (HeldValue("means", (0, 1), 12.0), HeldValue("weights", (1,), 0.3))
    _, params, objectives = run(columns, held, iterations=4000)
    assert params.weights[1] == pytest.approx(0.3, abs=1e-15)

    def fall(v: F64) -> float:
        roots = np.zeros((2, 2, 2))
        roots[:, [0, 1, 1], [0, 0, 1]] = v[3:].reshape(2, 3)
        covariances = roots @ np.swapaxes(roots, 1, 2)
        means = np.array([[v[0], 12.0], [v[1], v[2]]])
        return -log_likelihood(columns, np.array([0.7, 0.3]), means, covariances)

    means, roots = params.law.means, np.linalg.cholesky(params.law.covariances)
    begin = np.concatenate([means[[0, 1, 1], [0, 0, 1]], roots[:, [0, 1, 1], [0, 0, 1]].ravel()])
    found = minimize(fall, begin * 1.02, method="BFGS", options={"gtol": 1e-7})
    assert objectives[-1] == pytest.approx(-found.fun, rel=1e-7)


def test_a_held_sd_of_one_column_stays() -> None:
    held = (HeldValue("sds", (1,) + (0,), 0.75),)
    _, params, objectives = run(two_groups(1), held)
    assert np.sqrt(params.law.covariances[1, 0, 0]) == pytest.approx(0.75, rel=1e-14)
    assert climbs(objectives)


def test_every_held_matrix_leaves_only_means_and_weights() -> None:
    matrix = np.array([[4.0, 1.0], [1.0, 3.0]])
    held = tuple(
        HeldValue("covariances", (k, i, j), float(matrix[i, j]))
        for k in range(2)
        for i in range(2)
        for j in range(2)
    )
    data, params, _ = run(two_groups(), held, covariance="EEE")
    np.testing.assert_allclose(params.law.covariances, [matrix, matrix], rtol=1e-12)
    assert data_count(data) == 1 + 4


@pytest.mark.parametrize(
    ("held", "word", "match"),
    [
        ((HeldValue("covariances", (0, 0, 0), 1.0),), "VVV", "in part"),
        ((HeldValue("sds", (0, 0), 1.0), HeldValue("sds", (0, 1), 1.0)), "VVV", "along"),
        ((HeldValue("sds", (0, 0), 1.0), HeldValue("sds", (0, 1), 1.0)), "EEI", "EEI"),
        ((HeldValue("sds", (0, 0), -1.0), HeldValue("sds", (0, 1), 1.0)), "VVI", "positive"),
        ((HeldValue("means", (7, 0), 1.0),), "VVV", "8, 1"),
        ((HeldValue("rates", (0, 0), 1.0),), "VVV", "rates"),
        ((HeldValue("weights", (0,), 1.5),), "VVV", "1.5"),
    ],
)
def test_what_cannot_be_held_is_refused_in_a_sentence(
    held: tuple[HeldValue, ...], word: str, match: str
) -> None:
    with pytest.raises(SettingProblem, match=match):
        run(two_groups(), held, covariance=word, components=2)


# ---------------------------------------------------------------- prior


@pytest.mark.parametrize("word", ["VVV", "EEE", "VVI", "EEI", "VII", "EII"])
def test_the_log_prior_is_that_of_the_named_distributions(word: str) -> None:
    columns, _ = rows_for(LAW, 2)
    settings = GaussianSettings(covariance=word, prior="conjugate", prior_shrinkage=0.5)
    rows = replace(plain_rows(columns), groups=2)
    constants = LAW.constants(rows, settings)
    shared = np.diag([4.0, 4.0] if word[1:] == "II" else [5.0, 3.0])
    if word in ("VVV", "EEE"):
        shared[0, 1] = shared[1, 0] = 1.0
    times = np.array([1.0, 1.0 if word[0] == "E" else 2.5])
    inside = GaussianParams(
        np.array([[9.0, 12.0], [14.0, 3.0]]), times[:, None, None] * shared[None]
    )
    inner = LAW.from_units(inside, constants)
    spread = np.cov(columns) / 2  # two components in two columns: K^(2 / d) is 2
    mean = columns.mean(axis=1)
    expected = sum(
        multivariate_normal(mean, c / 0.5).logpdf(m)
        for m, c in zip(inside.means, inside.covariances, strict=True)
    )
    each = inside.covariances[:1] if word[0] == "E" else inside.covariances
    if word in ("VVV", "EEE"):
        expected += sum(invwishart(4, spread).logpdf(c) for c in each)
    else:
        law = invgamma(2.0, scale=np.diag(np.cov(columns)).mean() / 2 / 2)
        for c in each:
            variances = np.diag(c)
            expected += float(law.logpdf(variances[:1] if word[1:] == "II" else variances).sum())
    assert LAW.log_prior(inner, constants) == pytest.approx(expected, rel=1e-9)


def test_a_prior_keeps_a_group_of_equal_rows_from_collapsing() -> None:
    rng = np.random.default_rng(2)
    columns = np.concatenate([rng.normal(0, 1, (2, 60)), np.full((2, 25), 4.0)], axis=1)
    data, params, objectives = run(columns, prior="conjugate", components=2)
    assert climbs(objectives)
    assert np.linalg.eigvalsh(params.law.covariances).min() > 1e-3
    assert not MIXTURE.weaknesses(data, _inner(data, params))


def _inner(data: Any, params: Any) -> Any:
    law = LAW.from_units(params.law, data.constants)
    return replace(params, law=law)


# ---------------------------------------------------------------- known labels


def test_rows_with_known_labels_stay_in_their_groups() -> None:
    columns, codes = rows_for(LAW, 2, rows=150)
    labels = np.where(np.arange(150) % 3 == 0, codes.astype(float), np.nan)
    data, params, objectives = run(columns, labels=labels, components=3)
    inner = _inner(data, params)
    output = MIXTURE.rows_at(data, slice(None), inner, Workspace())
    known = data.known >= 0
    np.testing.assert_array_equal(output.label[known], codes[known])
    assert climbs(objectives)
    assert np.mean(output.label == codes) > 0.85


def test_the_likelihood_of_known_rows_is_that_of_their_own_group() -> None:
    columns, codes = rows_for(LAW, 1, rows=90)
    _, params, objectives = run(columns, labels=codes.astype(float), components=3, iterations=3)
    law = params.law
    each = [
        np.log(params.weights[k]) + multivariate_normal(law.means[k], law.covariances[k]).logpdf(x)
        for x, k in zip(columns[0], codes, strict=True)
    ]
    assert objectives[-1] == pytest.approx(sum(each), rel=1e-12)


def test_when_every_label_is_known_em_has_nothing_to_do() -> None:
    columns, codes = rows_for(LAW, 2, rows=150)
    _, params, objectives = run(columns, labels=codes.astype(float), components=3, iterations=3)
    np.testing.assert_allclose(params.weights, np.bincount(codes) / 150)
    for k in range(3):
        np.testing.assert_allclose(params.law.means[k], columns[:, codes == k].mean(axis=1))
    assert objectives[2] == pytest.approx(objectives[1], rel=1e-13)


def test_more_labels_than_components_are_refused() -> None:
    columns, codes = rows_for(LAW, 2, rows=150)
    with pytest.raises(SettingProblem, match="3 labels"):
        run(columns, labels=codes.astype(float), components=2)
