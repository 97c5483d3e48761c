"""Regressions of a response on predictors: their maxima, constraints, and where these run off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.session import fit
from emdesk.errors import SettingProblem
from emdesk.model.dataset import from_arrays
from emdesk.model.held import HeldValue
from emdesk.model.needs import Role
from emdesk.model.params import arrays, from_vector, to_vector
from tests.catalogues import everything
from tests.example_rows import predictor
from tests.laws.lines import (
    BINOMIAL,
    GAUSSIAN,
    KINDS,
    POISSON,
    log_densities,
    sample,
    spec_of,
    three_lines,
    with_role,
)

F64 = NDArray[np.float64]


def test_one_component_is_ordinary_least_squares() -> None:
    data = sample("iris", ("Sepal.Length", "Petal.Length", "Petal.Width"))
    spec = spec_of(GAUSSIAN, "Sepal.Length", ("Petal.Length", "Petal.Width"), components=1)
    result = fit(data, spec, everything(), 1)
    y = data.column("Sepal.Length").values
    terms = np.stack([np.ones(150), *(c.values for c in data.columns[1:])], axis=1)
    expected, (squares,), _, _ = np.linalg.lstsq(terms, y, rcond=None)
    found = arrays(result.family.in_units(result.data, result.params))
    np.testing.assert_allclose(found["coefficients"][0], expected, rtol=1e-12)
    assert found["sds"][0] == pytest.approx(np.sqrt(squares / 150), rel=1e-13)
    closed = -75 * (np.log(2 * np.pi * squares / 150) + 1)
    assert result.log_likelihood == pytest.approx(closed, rel=1e-13)
    assert result.free_parameters == 4


FITS: tuple[tuple[Any, ...], ...] = (
    (GAUSSIAN, "faithful", "eruptions", ("waiting",), {}, 2),
    (GAUSSIAN, "faithful", "eruptions", ("waiting",), {"sd": "common"}, 2),
    (GAUSSIAN, "iris", "Petal.Width", ("Petal.Length", "Sepal.Width"), {}, 2),
    (POISSON, "earthquakes", "count", ("year",), {}, 2),
    (POISSON, "faithful", "waiting", ("eruptions",), {}, 2),
    (POISSON, "lines", "count", ("x", "z"), {"offset": "exposure"}, 2),
    (BINOMIAL, "lines", "good", ("x",), {"trials": "trials"}, 2),
    (BINOMIAL, "carcinoma", "positive", ("A",), {}, 2),
    (BINOMIAL, "earthquakes", "count", ("year",), {}, 2),
)


@pytest.mark.parametrize(
    ("law", "name", "response", "predictors", "more", "groups"), FITS, ids=lambda v: str(v)
)
def test_a_fit_reaches_the_maximum_that_an_optimiser_finds(
    law: str,
    name: str,
    response: str,
    predictors: tuple[str, ...],
    more: dict[str, str],
    groups: int,
) -> None:
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    data = three_lines() if name == "lines" else sample(name, (response, *predictors))
    spec = spec_of(law, response, predictors, components=groups, tolerance=1e-12)
    spec = spec.with_setting("max_iterations", 5000).with_setting("accelerate", "squarem")
    if "offset" in more:
        spec = with_role(spec, Role.OFFSET, more["offset"])
    elif "trials" in more:
        spec = with_role(spec, Role.TRIALS, more["trials"])
    elif more:
        spec = spec.with_setting("sd", more["sd"])
    result = fit(data, spec, everything(), 1)
    assert result.converged, result.stop_sentence

    def fall(vector: F64) -> float:
        shown = result.family.in_units(result.data, from_vector(vector, result.params))
        values = arrays(shown)
        if more.get("sd") == "common":
            values["sds"] = np.full(groups, np.exp(np.log(values["sds"]).mean()))
        logs = log_densities(law, values, data, spec) + np.log(values["weights"])[:, None]
        return -float(logsumexp(logs, axis=0).sum())

    reached, rng = to_vector(result.params), np.random.default_rng(1)
    assert -fall(reached) == pytest.approx(result.log_likelihood, rel=1e-9)
    found = []
    for size in (0.0, 0.01):
        start = reached + size * rng.standard_normal(len(reached))
        with np.errstate(all="ignore"):
            found.append(-minimize(fall, start, method="BFGS", options={"gtol": 1e-6}).fun)
    assert max(found) == pytest.approx(result.log_likelihood, rel=1e-6)


@pytest.mark.parametrize("law", KINDS)
def test_lines_that_cross_are_found_from_neutral_starts(law: str) -> None:
    data = three_lines()
    response = {GAUSSIAN: "y", POISSON: "count", BINOMIAL: "good"}[law]
    spec = spec_of(law, response, ("x",), components=2)
    if law == BINOMIAL:
        spec = with_role(spec, Role.TRIALS, "trials")
    result = fit(data, spec, everything(), 1)
    slopes = sorted(
        arrays(result.family.in_units(result.data, result.params))["coefficients"][:, 1]
    )
    scale = 4.0 if law == GAUSSIAN else 1.0
    np.testing.assert_allclose(slopes, scale * np.array([-0.35, 0.3]), atol=0.1 * scale)
    assert result.optima().is_replicated


@pytest.mark.parametrize("offset", [0.0, 1e4, 1e8])
def test_an_offset_of_a_predictor_changes_nothing_but_the_intercept(offset: float) -> None:
    data = three_lines()
    x = data.column("x").values
    moved = replace(
        data,
        columns=tuple(
            replace(c, values=np.round(x, 6) + offset) if c.name == "x" else c for c in data.columns
        ),
    )
    plain = replace(
        data,
        columns=tuple(
            replace(c, values=(np.round(x, 6) + offset) - offset) if c.name == "x" else c
            for c in data.columns
        ),
    )
    spec = spec_of(GAUSSIAN, "y", ("x", "z"), components=2, tolerance=1e-12)
    one, other = fit(plain, spec, everything(), 1), fit(moved, spec, everything(), 1)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-12)
    a = arrays(one.family.in_units(one.data, one.params))["coefficients"]
    b = arrays(other.family.in_units(other.data, other.params))["coefficients"]
    np.testing.assert_allclose(b[:, 1:], a[:, 1:], rtol=1e-6)


def test_nearly_collinear_predictors_keep_their_digits() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(200)
    near = x + 1e-5 * rng.standard_normal(200)
    y = x - near + 0.1 * rng.standard_normal(200)
    data = from_arrays("near", [("x", x), ("near", near), ("y", y)])
    result = fit(data, spec_of(GAUSSIAN, "y", ("x", "near"), components=1), everything(), 1)
    terms = np.stack([np.ones(200), x, near], axis=1)
    expected = np.linalg.lstsq(terms, y, rcond=None)[0]
    found = arrays(result.family.in_units(result.data, result.params))["coefficients"][0]
    np.testing.assert_allclose(found, expected, rtol=1e-8)


# ---------------------------------------------------------------- digits


def test_separated_successes_are_named_and_not_taken_for_a_maximum() -> None:
    x = predictor(120)
    for gap in (0.0, 0.5):
        apart = x + gap * np.sign(x)
        data = from_arrays("apart", [("x", apart), ("y", (x > 0).astype(np.float64))])
        result = fit(data, spec_of(BINOMIAL, "y", ("x",), components=1), everything(), 1)
        assert not result.is_sound
        assert "run off" in " ".join(result.warnings())


def test_a_component_of_zeros_is_a_component() -> None:
    rng = np.random.default_rng(2)
    x = predictor(300)
    y = np.where(rng.random(300) < 0.4, 0, rng.poisson(np.exp(2 + 0.5 * x))).astype(np.float64)
    data = from_arrays("zeros", [("x", x), ("y", y)])
    result = fit(data, spec_of(POISSON, "y", ("x",), components=2), everything(), 1)
    assert result.is_sound
    found = arrays(result.family.in_units(result.data, result.params))
    assert found["weights"][1] == pytest.approx(0.4, abs=0.07)
    assert found["coefficients"][0] == pytest.approx([2, 0.5], abs=0.1)


# ---------------------------------------------------------------- constraints, tables, pictures


@pytest.mark.parametrize("law", KINDS)
def test_a_held_coefficient_stays_and_the_others_reach_their_constrained_maximum(law: str) -> None:
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    data = three_lines()
    response = {GAUSSIAN: "y", POISSON: "count", BINOMIAL: "good"}[law]
    spec = spec_of(law, response, ("x", "z"), components=2, tolerance=1e-13, max_iterations=4000)
    if law == BINOMIAL:
        spec = with_role(spec, Role.TRIALS, "trials")
    held = (HeldValue("coefficients", (0, 0), 1.0), HeldValue("coefficients", (0, 2), 0.25))
    result = fit(data, replace(spec, held=held), everything(), 1)
    free = fit(data, spec, everything(), 1)
    assert result.free_parameters == free.free_parameters - 2
    assert result.log_likelihood <= free.log_likelihood
    found = arrays(result.family.in_units(result.data, result.params))
    assert found["coefficients"][0, [0, 2]] == pytest.approx([1.0, 0.25], abs=1e-12)

    def fall(vector: F64) -> float:
        shown = result.family.in_units(result.data, from_vector(vector, result.params))
        values = arrays(shown)
        values["coefficients"] = values["coefficients"].copy()
        values["coefficients"][0, [0, 2]] = 1.0, 0.25
        logs = log_densities(law, values, data, spec) + np.log(values["weights"])[:, None]
        return -float(logsumexp(logs, axis=0).sum())

    best = -minimize(fall, to_vector(result.params), method="BFGS").fun
    assert best == pytest.approx(result.log_likelihood, abs=1e-5)


def test_a_held_sd_stays_and_a_common_one_is_held_for_all() -> None:
    data = three_lines()
    spec = spec_of(GAUSSIAN, "y", ("x",), components=2)
    result = fit(data, replace(spec, held=(HeldValue("sds", (1,), 2.0),)), everything(), 1)
    shown = arrays(result.family.in_units(result.data, result.params))
    assert shown["sds"][1] == pytest.approx(2.0, rel=1e-14) and shown["sds"][0] != 2.0
    with pytest.raises(SettingProblem, match="common"):
        common = replace(spec.with_setting("sd", "common"), held=(HeldValue("sds", (1,), 2.0),))
        fit(data, common, everything(), 1)
