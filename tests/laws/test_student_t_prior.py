"""Priors of the Student t law: what their densities are, and that a fit ends at the greatest posterior."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitResult, fit
from emdesk.laws.student_t.tails import TailBelief, TailSums, improved
from emdesk.model.dataset import Kind, from_arrays
from emdesk.model.params import arrays, from_vector, to_vector
from tests.catalogues import everything
from tests.laws.test_direct_maximum import columns_of
from tests.laws.test_log_density import INDEPENDENT

F64 = NDArray[np.float64]
BELIEF: dict[str, Any] = {"tails_prior": "gamma"}
CONJUGATE: dict[str, Any] = {"prior": "conjugate", "prior_shrinkage": 0.5}


def fitted(columns: F64, **settings: Any) -> FitResult:
    names = tuple("abcdef"[: len(columns)])
    data = from_arrays("rows", list(zip(names, columns, strict=True)), Kind.CONTINUOUS)
    spec = replace(new_spec(everything(), "mixture", "student-t"), columns=names)
    wanted = {"components": 2, "tolerance": 1e-13, "max_iterations": 5000, "starts": 4}
    for name, value in (wanted | settings).items():
        spec = spec.with_setting(name, value)
    return fit(data, spec, everything(), 1)


def log_prior(values: dict[str, F64], columns: F64, settings: dict[str, Any]) -> float:
    """By the distributions of scipy, in the units of the columns."""
    from scipy import stats

    (d, _), groups = columns.shape, len(values["means"])
    made = 0.0
    if settings.get("prior") == "conjugate":
        data_mean, spread = columns.mean(axis=1), np.atleast_2d(np.cov(columns))
        believed = spread / groups ** (2 / d)
        kappa = settings.get("prior_shrinkage", 0.01)
        for mean, scale in zip(values["means"], values["scales"], strict=True):
            made += stats.multivariate_normal.logpdf(mean, data_mean, scale / kappa)
            made += stats.invwishart.logpdf(scale, d + 2, believed)
    if settings.get("tails_prior") == "gamma":
        each = stats.gamma.logpdf(values["degrees"], 2.0, scale=10.0)
        made += each[0] if settings.get("tails") == "common" else each.sum()
    return float(made)


@pytest.mark.parametrize(
    "settings",
    [
        CONJUGATE | {"tails": "fixed", "degrees": 4.0},
        CONJUGATE,
        BELIEF,
        CONJUGATE | BELIEF | {"tails": "common"},
    ],
    ids=["conjugate-fixed", "conjugate", "tails", "both-common"],
)
@pytest.mark.parametrize("sample", ["faithful", "iris"])
def test_a_fit_ends_at_the_greatest_posterior(sample: str, settings: dict[str, Any]) -> None:
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    wanted = {
        "faithful": ("eruptions", "waiting"),
        "iris": ("Sepal.Length", "Petal.Width"),
    }[sample]
    columns = columns_of(sample, wanted)
    result = fitted(columns, **settings)
    assert result.converged and result.is_sound

    def height(vector: F64) -> float:
        shown = result.family.in_units(result.data, from_vector(vector, result.params))
        values = dict(arrays(shown))
        if settings.get("tails") == "fixed":
            values["degrees"] = np.full(2, 4.0)
        if settings.get("tails") == "common":
            values["degrees"] = np.full(2, np.exp(np.log(values["degrees"]).mean()))
        logs = INDEPENDENT["student-t"](values, columns) + np.log(values["weights"])[:, None]
        return float(logsumexp(logs, axis=0).sum()) + log_prior(values, columns, settings)

    reached = to_vector(result.params)
    assert height(reached) == pytest.approx(result.objective, rel=1e-9)
    rng = np.random.default_rng(1)
    for size in (0.0, 0.05):
        start = reached + size * rng.standard_normal(len(reached))
        with np.errstate(all="ignore"):
            found = minimize(lambda v: -height(v), start, method="BFGS", options={"gtol": 1e-6})
        assert -found.fun == pytest.approx(result.objective, rel=1e-7)


def test_a_prior_keeps_a_group_on_a_line_from_collapsing() -> None:
    rng = np.random.default_rng(6)
    line = 8.0 + np.array([[1.0], [1.0]]) * rng.standard_normal(20)
    columns = np.concatenate([rng.standard_normal((2, 60)), line], axis=1)
    degrees: dict[str, Any] = {"tails": "fixed", "degrees": 4.0}
    assert not fitted(columns, **degrees).is_sound
    held = fitted(columns, **degrees, prior="conjugate")
    values = held.family.in_units(held.data, held.params).law.scales
    assert held.converged and np.linalg.eigvalsh(values).min() > 1e-3


def test_a_belief_about_the_tails_keeps_few_normal_rows_from_the_normal_law() -> None:
    columns = np.random.default_rng(2).uniform(-1, 1, (1, 30))
    plain = fitted(columns, components=1)
    believed = fitted(columns, components=1, **BELIEF)
    assert plain.params.law.degrees[0] > 1e3
    assert 5 < believed.params.law.degrees[0] < 100


@pytest.mark.parametrize("degrees", [0.3, 4.0, 300.0])
def test_derivatives_of_the_belief_are_those_of_its_density(degrees: float) -> None:
    belief, weight, step = TailBelief(2.0, 0.1), np.array([1 / degrees]), 1e-4 / degrees
    near = [belief.log_density(1 / (weight + k * step)) for k in (-1, 0, 1)]
    slope, bend = belief.derivatives(weight)
    assert slope == pytest.approx((near[2] - near[0]) / (2 * step), rel=1e-5)
    assert bend == pytest.approx((near[2] - 2 * near[1] + near[0]) / step**2, rel=1e-3, abs=1e-2)


def test_a_group_without_rows_goes_to_what_is_believed_of_it() -> None:
    zero = np.zeros(1)
    degrees, none = np.array([40.0]), (TailSums(1, zero, zero, zero, zero),)
    assert improved(degrees, none, False)[0] == 40.0
    for _ in range(30):
        degrees = improved(degrees, none, False, TailBelief(2.0, 0.1))
    assert degrees[0] == pytest.approx(10.0, rel=1e-9)
