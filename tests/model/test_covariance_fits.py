"""The fourteen covariance structures fitted by EM to real data: published values, climbing, nested structures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.special import logsumexp

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitResult, fit
from emdesk.model.dataset import Dataset, from_arrays
from emdesk.model.numerics.covariance import STRUCTURES
from emdesk.model.params import arrays
from emdesk.resources import resource

F64 = NDArray[np.float64]
ALL = tuple(STRUCTURES)
NESTED = [
    ("VII", "EII"), ("EEI", "EII"), ("VEI", "VII"), ("VEI", "EEI"), ("EVI", "EEI"), ("VVI", "VEI"),
    ("VVI", "EVI"), ("VEE", "EEE"), ("VEE", "VEI"), ("EVE", "EEE"), ("EVE", "EVI"), ("VVE", "VEE"),
    ("VVE", "EVE"), ("VVE", "VVI"), ("EEV", "EEE"), ("VEV", "EEV"), ("VEV", "VEE"), ("EVV", "EEV"),
    ("EVV", "EVE"), ("VVV", "VEV"), ("VVV", "EVV"), ("VVV", "VVE"),
]  # fmt: skip


def rows() -> F64:
    lines = resource("samples/iris.csv").read_text(encoding="utf-8").splitlines()[1:]
    return np.array([[float(cell) for cell in line.split(",")[:4]] for line in lines])


def dataset() -> Dataset:
    return from_arrays("iris", [(f"x{j + 1}", column) for j, column in enumerate(rows().T)])


def fitted(word: str, start: Mapping[str, Any] | None = None, **settings: Any) -> FitResult:
    """Iris in three components, from k-means++ starts or from given params."""
    spec = replace(new_spec(catalogue()), columns=("x1", "x2", "x3", "x4"))
    wanted = {"components": 3, "covariance": word, "tolerance": 1e-10, "starts": 5} | settings
    for name, value in wanted.items():
        spec = spec.with_setting(name, value)
    if start is not None:
        spec = replace(spec.with_setting("start", "result"), start_params=dict(start))
    return fit(dataset(), spec, catalogue(), 1)


@cache
def best(word: str) -> FitResult:
    return fitted(word)


def params_of(result: FitResult) -> dict[str, Any]:
    return dict(arrays(result.family.in_units(result.data, result.params)))


def test_the_structure_that_mclust_chooses_for_iris_has_its_published_criterion() -> None:
    """VEV with two components, BIC -561.73 with the sign that mclust reports."""
    made = fitted("VEV", components=2)
    bic = 2 * made.log_likelihood - made.free_parameters * np.log(150)
    assert bic == pytest.approx(-561.73, abs=6e-3)
    assert made.free_parameters == 26


@pytest.mark.parametrize("word", ALL)
def test_the_log_likelihood_is_that_of_the_parameters_and_never_falls(word: str) -> None:
    made = best(word)
    params = params_of(made)
    logs = [
        np.log(weight) + stats.multivariate_normal(mean, covariance).logpdf(rows())
        for weight, mean, covariance in zip(
            params["weights"], params["means"], params["covariances"], strict=True
        )
    ]
    assert made.log_likelihood == pytest.approx(float(logsumexp(logs, axis=0).sum()), rel=1e-10)
    assert made.converged
    assert np.diff(made.trace.objectives).min() > -1e-10 * abs(made.objective)


@pytest.mark.parametrize(("outer", "inner"), NESTED)
def test_a_structure_climbs_from_the_fit_of_one_that_it_contains(outer: str, inner: str) -> None:
    start = best(inner)
    made = fitted(outer, params_of(start))
    assert made.trace.objectives[0] == pytest.approx(start.objective, rel=1e-10)
    assert made.objective >= start.objective - 1e-8
    assert made.free_parameters > start.free_parameters


@pytest.mark.parametrize("word", ["VEI", "EVI", "VEE", "EVE", "VVE", "EEV", "VEV", "EVV"])
def test_one_component_is_the_sample_covariance_whatever_the_letters(word: str) -> None:
    parent = "EEI" if word.endswith("I") else "EEE"
    assert fitted(word, components=1, starts=1).log_likelihood == pytest.approx(
        fitted(parent, components=1, starts=1).log_likelihood, rel=1e-12
    )
