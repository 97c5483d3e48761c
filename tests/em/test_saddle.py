"""EM at rest on a saddle: it is found out by a push, left by starts of a method, and said of a given start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitResult, fit
from emdesk.em.control import RunControl
from emdesk.em.engine import EmMap
from emdesk.em.reduce import Sweeper
from emdesk.em.saddle import climbs_away
from emdesk.em.stopping import Stop
from emdesk.model.dataset import Dataset, from_arrays
from tests.catalogues import case, fitted

GAP = float("nan")
MURRAY = (
    [1, 1, -1, -1, 2, 2, -2, -2] + 4 * [GAP],
    [1, -1, 1, -1] + 4 * [GAP] + [2, 2, -2, -2],
)


def murray() -> Dataset:
    return from_arrays(
        "murray", [(n, np.array(c, float)) for n, c in zip("ab", MURRAY, strict=True)]
    )


def fit_of(dataset: Dataset, params: dict[str, Any] | None = None, **settings: Any) -> FitResult:
    spec = replace(new_spec(catalogue()), columns=dataset.names, start_params=params)
    changes = {"start": "result", **settings} if params else settings
    for name, value in changes.items():
        spec = spec.with_setting(name, value)
    return fit(dataset, spec, catalogue(), threads=1)


def test_starts_by_a_method_leave_the_saddle_for_a_maximum() -> None:
    result = fit_of(murray(), components=1, starts=3)
    assert result.log_likelihood == pytest.approx(-29.9743, abs=5e-5)
    left = [a for a in result.outcome.attempts if a.climbs_to is not None]
    assert len(left) == 3 and all("saddle" in a.sentence for a in left)
    assert all(a.weaknesses[0].reason == "saddle" for a in left)
    assert result.best.method == "pushed" and result.converged


def test_a_given_start_stays_on_its_saddle_and_says_so() -> None:
    start = {"weights": [1], "means": [[0, 0]], "covariances": [[[2.5, 0], [0, 2.5]]]}
    result = fit_of(murray(), start, components=1)
    assert result.log_likelihood == pytest.approx(-30.0333, abs=5e-5)
    assert result.stop is Stop.CONVERGED and "saddle" in result.stop_sentence
    assert result.best.climbs_to is not None and result.best.climbs_to > -30.0333


def test_components_that_start_equal_are_at_a_saddle() -> None:
    data = from_arrays(
        "two", [("x", np.concatenate([np.linspace(0, 1, 40), np.linspace(4, 5, 40)]))]
    )
    values = data.column("x").values
    twin = {
        "weights": [0.5, 0.5],
        "means": 2 * [[float(values.mean())]],
        "covariances": 2 * [[[float(values.var())]]],
    }
    result = fit_of(data, twin)
    assert result.best.climbs_to is not None


@pytest.mark.parametrize("name", ["mixture-gaussian-2d", "mixture-poisson-1d", "mixture-joint-3d"])
def test_from_a_maximum_a_push_comes_back(name: str) -> None:
    result = case(name).set(tolerance=1e-10, max_iterations=2000).fit()
    with Sweeper(1) as sweeper:
        em = EmMap(result.family, result.data, RunControl(), sweeper)
        assert climbs_away(em, result.params, result.objective, 400) is None


def test_stochastic_em_is_repeatable_keeps_its_best_iteration_and_replays() -> None:
    spec = case("mixture-gaussian-2d").set(assignment="stochastic", max_iterations=40, starts=1)
    one, other = spec.fit(threads=1), spec.fit(threads=3)
    assert one.trace.objectives == other.trace.objectives
    assert one.chosen == int(np.argmax(one.trace.objectives))
    assert np.any(np.diff(one.trace.objectives) < 0)
    again = spec.set(seed=5).fit()
    assert again.trace.objectives[1:] != one.trace.objectives[1:]
    kept = one.trace.params_at(30, one.family, one.data, Sweeper(1))
    one.trace._params = {0: one.trace._params[0]}
    with Sweeper(1) as sweeper:
        replayed = one.trace.params_at(30, one.family, one.data, sweeper)
    np.testing.assert_array_equal(kept.law.means, replayed.law.means)


def test_soft_fits_draw_nothing() -> None:
    assert fitted("mixture-gaussian-2d").trace.seeds is not None
    result = case("mixture-gaussian-2d").set(seed=9, start="kmeans++").fit()
    assert np.all(np.diff(result.trace.objectives) > -1e-9)
