"""Priors worth rows like all rows of the column, of directions and of lines, by formulas from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp
from scipy.stats import norm, vonmises

from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.session import FitResult, fit
from emdesk.model.dataset import Dataset, from_arrays
from emdesk.model.params import arrays
from tests.catalogues import everything
from tests.laws.lines import GAUSSIAN, sample, spec_of

F64 = NDArray[np.float64]
WORTH = 6.0
LogDensity = Callable[[F64, F64, F64], F64]
"""Of all rows in one group: one or two places, and the logarithm of a width or a concentration."""


def directions() -> Dataset:
    rng = np.random.default_rng(2)
    made = np.concatenate([rng.vonmises(1.0, 8.0, 60), rng.vonmises(-2.0, 3.0, 50)])
    return from_arrays("winds", [("wind", made)])


def winds() -> tuple[Dataset, ModelSpec, LogDensity]:
    data = directions()
    spec = replace(new_spec(everything(), "mixture", "von-mises"), columns=("wind",))
    rows = data.column("wind").values

    def density(place: F64, log_size: F64, _: F64) -> F64:
        return np.asarray(vonmises(np.exp(log_size), loc=place).logpdf(rows))

    return data, spec, density


def lines() -> tuple[Dataset, ModelSpec, LogDensity]:
    data = sample("faithful", ("eruptions", "waiting"))
    x, y = data.column("eruptions").values, data.column("waiting").values

    def density(intercept: F64, log_size: F64, slope: F64) -> F64:
        return np.asarray(norm(intercept + slope * x, np.exp(log_size)).logpdf(y))

    return data, spec_of(GAUSSIAN, "waiting", ("eruptions",)), density


def groups_of(result: FitResult) -> F64:
    """(K, 3) the places and sizes of the groups, as the log densities take them."""
    shown = arrays(result.family.in_units(result.data, result.params))
    if "mean_directions" in shown:
        places, sizes = shown["mean_directions"], np.log(shown["concentrations"])
        return np.concatenate([places, sizes, np.zeros_like(places)], axis=1)
    terms, sizes = shown["coefficients"], np.log(shown["sds"])[:, None]
    return np.concatenate([terms[:, :1], sizes, terms[:, 1:]], axis=1)


def log_posterior(density: LogDensity, groups: F64, weights: F64, top: float) -> float:
    logs = np.stack([density(*group) for group in groups])
    of_rows = logsumexp(logs + np.log(weights)[:, None], axis=0).sum()
    return float(of_rows + WORTH * (logs.mean(axis=1) - top).sum())


made = pytest.mark.parametrize("make", [winds, lines], ids=lambda f: f.__name__)


@made
def test_the_objective_is_the_posterior_and_at_its_maximum(make: Any) -> None:
    data, spec, density = make()
    alone = fit(data, spec.with_setting("components", 1), everything(), 1)
    top = float(density(*groups_of(alone)[0]).mean())
    spec = spec.with_setting("components", 2).with_setting("prior", WORTH)
    result = fit(data, spec.with_setting("tolerance", 1e-12), everything(), 1)
    assert result.is_sound
    groups, weights = groups_of(result), result.params.weights
    reached = log_posterior(density, groups, weights, top)
    assert result.objective == pytest.approx(reached, rel=1e-9)
    used = groups.any(axis=0)

    def fall(vector: F64) -> float:
        tried = groups.copy()
        tried[:, used] = vector[:-1].reshape(2, -1)
        share = 1 / (1 + np.exp(-vector[-1]))
        return -log_posterior(density, tried, np.array([share, 1 - share]), top)

    start = np.append(groups[:, used].ravel(), np.log(weights[0] / weights[1]))
    found = minimize(fall, start + 0.01, method="BFGS", options={"gtol": 1e-6})
    assert -found.fun == pytest.approx(reached, rel=1e-8)


@made
def test_the_prior_of_one_group_is_zero_at_the_maximum_likelihood(make: Any) -> None:
    data, spec, _ = make()
    one = spec.with_setting("components", 1)
    free = fit(data, one, everything(), 1)
    bound = fit(data, one.with_setting("prior", WORTH), everything(), 1)
    assert bound.objective == pytest.approx(free.objective, rel=1e-10)
    np.testing.assert_allclose(groups_of(bound), groups_of(free), rtol=1e-6)


@made
def test_a_prior_keeps_a_group_of_equal_rows_from_collapsing(make: Any) -> None:
    data, spec, _ = make()
    columns = [(c.name, c.values.copy()) for c in data.columns]
    for _, values in columns:
        values[:12] = values[0]
    heaped = from_arrays("heaped", columns)
    spec = spec.with_setting("components", 3).with_setting("starts", 5)
    assert fit(heaped, spec.with_setting("prior", 1.0), everything(), 1).is_sound
