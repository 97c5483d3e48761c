"""Regressions of a response on predictors: their maxima, digits, text, constraints, and what they refuse."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.prediction import predict, result_model
from emdesk.app.session import FitResult, fit
from emdesk.errors import DataProblem, Problem, SettingProblem
from emdesk.model.dataset import Column, Dataset, Kind, from_arrays
from emdesk.model.held import HeldValue
from emdesk.model.law import Law, Workspace
from emdesk.model.marks import Curve, Place, Points, View
from emdesk.model.needs import Role
from emdesk.model.params import arrays, from_vector, to_vector
from emdesk.model.rows import Rows
from emdesk.resources import resource
from tests.catalogues import case, everything, fitted, predictor
from tests.families.test_hidden_markov import EARTHQUAKES

F64 = NDArray[np.float64]
GAUSSIAN, POISSON, BINOMIAL = "gaussian-regression", "poisson-regression", "binomial-regression"
KINDS = (GAUSSIAN, POISSON, BINOMIAL)


def spec_of(law: str, response: str, predictors: Sequence[str], **settings: Any) -> ModelSpec:
    spec = replace(
        new_spec(everything(), "mixture", law),
        columns=(response,),
        roles={Role.PREDICTORS: tuple(predictors)} if predictors else {},
    )
    for name, value in settings.items():
        spec = spec.with_setting(name, value)
    return spec


def with_role(spec: ModelSpec, role: Role, column: str) -> ModelSpec:
    return replace(spec, roles={**spec.roles, role: (column,)})


def sample(name: str, columns: Sequence[str]) -> Dataset:
    if name == "earthquakes":
        counts = np.array(EARTHQUAKES.split(), dtype=np.float64)
        return from_arrays(name, [("count", counts), ("year", np.arange(1900.0, 2007.0))])
    with resource(f"samples/{name}.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    if name == "carcinoma":
        table = [row for row in table for _ in range(int(row["slides"]))]
        for row in table:
            row["positive"] = str(sum(row[j] == "2" for j in "BCDEFG"))
    return from_arrays(name, [(c, np.array([float(r[c]) for r in table])) for c in columns])


def three_lines(rows: int = 300, seed: int = 4) -> Dataset:
    """A response, counts and successes on two lines that cross, with two predictors, words, exposures and trials."""
    rng = np.random.default_rng(seed)
    x, z = rng.uniform(0, 10, rows), rng.standard_normal(rows)
    codes = rng.integers(2, size=rows)
    word = rng.integers(3, size=rows)
    trials = rng.integers(5, 30, rows)
    exposure = rng.normal(0, 0.4, rows)
    eta = np.where(codes == 0, 2 - 0.35 * x, -1 + 0.3 * x) + 0.2 * z
    shift = np.array([0.0, 0.3, -0.2])[word]
    made = from_arrays(
        "lines",
        [
            ("x", x),
            ("z", z),
            ("y", 4 * eta + np.where(codes == 0, 1.0, 0.5) * rng.standard_normal(rows) + shift),
            ("count", rng.poisson(np.exp(eta + exposure)).astype(np.float64)),
            ("exposure", exposure),
            ("good", rng.binomial(trials, 1 / (1 + np.exp(-eta))).astype(np.float64)),
            ("trials", trials.astype(np.float64)),
        ],
    )
    words = Column("word", Kind.NOMINAL, word.astype(np.float64), ("a", "b", "c"))
    return replace(made, columns=(*made.columns, words))


def log_densities(law: str, values: dict[str, F64], data: Dataset, spec: ModelSpec) -> F64:
    """(K, n) by scipy, of parameters in units and columns of numbers."""
    from scipy.stats import binom, norm, poisson

    y = data.column(spec.columns[0]).values
    x = np.stack([data.column(name).values for name in spec.roles[Role.PREDICTORS]])
    eta = values["coefficients"] @ np.concatenate([np.ones((1, len(y))), x])
    if law == GAUSSIAN:
        return np.asarray(norm(eta, values["sds"][:, None]).logpdf(y))
    if law == POISSON:
        added = [data.column(name).values for name in spec.roles.get(Role.OFFSET, ())]
        return np.asarray(poisson(np.exp(eta + sum(added, np.zeros(len(y))))).logpmf(y))
    trials = [data.column(name).values for name in spec.roles.get(Role.TRIALS, ())]
    return np.asarray(binom(trials[0] if trials else y.max(), 1 / (1 + np.exp(-eta))).logpmf(y))


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


def density_at(law: str, response: F64, eta: F64, trials: F64 | None = None) -> F64:
    """(m,) log densities at given linear predictors, through the law's own machinery."""
    chosen: Law = everything().law(law)
    roles = {Role.PREDICTORS: eta[None]}
    names = {Role.PREDICTORS: ("eta",)}
    if trials is not None:
        roles[Role.TRIALS], names[Role.TRIALS] = trials[None], ("trials",)
    rows = Rows(response[None], ("y",), np.arange(len(eta)), roles=roles, role_names=names)
    constants = chosen.constants(rows, chosen.Settings())
    shown: Any = chosen.Params(coefficients=np.array([[0.0, 1.0]]))
    params = chosen.from_units(shown, constants)
    work, out = Workspace(), np.empty((1, len(eta)))
    features = chosen.features(chosen.encode(rows, constants), constants, work)
    chosen.log_density(features, chosen.kernel(params, np.zeros(1), constants), out, work)
    return np.asarray(out[0])


def log_factorial(n: int) -> Decimal:
    return sum((Decimal(i).ln() for i in range(2, n + 1)), Decimal(0))


def test_a_poisson_density_has_all_digits_at_small_and_large_counts() -> None:
    counts = np.array([0, 0, 1, 3, 40, 900, 5000, 5100])
    eta = np.log(np.array([1e-9, 3.0, 2.5, 40.0, 41.0, 950.0, 5000.0, 4900.0]))
    found = density_at(POISSON, counts.astype(np.float64), eta)
    with localcontext() as context:
        context.prec = 50
        exact = [
            int(n) * Decimal(float(e)) - Decimal(float(e)).exp() - log_factorial(int(n))
            for n, e in zip(counts, eta, strict=True)
        ]
    expected = np.array([float(v) for v in exact])
    # a linear predictor of 8.5 has an ulp of 2e-15, which a count of 5 000 multiplies by its distance from the rate
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_a_binomial_density_has_all_digits_with_few_and_many_trials() -> None:
    trials = np.array([1, 1, 7, 20, 300, 4000, 4000])
    counts = np.array([0, 1, 3, 20, 120, 2100, 0])
    eta = np.array([-12.0, 9.0, 0.3, 2.0, -0.4, 0.1, -7.0])
    found = density_at(BINOMIAL, counts.astype(np.float64), eta, trials.astype(np.float64))
    with localcontext() as context:
        context.prec = 50
        exact = [
            log_factorial(int(n))
            - log_factorial(int(k))
            - log_factorial(int(n - k))
            + int(k) * Decimal(float(e))
            - int(n) * (1 + Decimal(float(e)).exp()).ln()
            for n, k, e in zip(trials, counts, eta, strict=True)
        ]
    np.testing.assert_allclose(found, np.array([float(v) for v in exact]), rtol=1e-12, atol=1e-12)


# ---------------------------------------------------------------- predictors


def test_words_are_coded_with_the_first_as_reference() -> None:
    data = three_lines()
    word = data.column("word").values
    coded = [("b", (word == 1) * 1.0), ("c", (word == 2) * 1.0)]
    by_hand = replace(data, columns=(*data.columns, *from_arrays("", coded).columns))
    settings = {"components": 2, "tolerance": 1e-10}
    one = fit(data, spec_of(GAUSSIAN, "y", ("x", "word"), **settings), everything(), 1)
    other = fit(by_hand, spec_of(GAUSSIAN, "y", ("x", "b", "c"), **settings), everything(), 1)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-12)
    quantities = {q.name: q for q in one.family.quantities(one.data, one.params)}
    assert quantities["coefficients"].columns == ("intercept", "x", "word = b", "word = c")


def test_rows_without_a_predictor_or_a_response_are_set_aside() -> None:
    data = three_lines()
    gaps = {"x": 5, "y": 9}
    columns = []
    for column in data.columns:
        values = column.values.copy()
        if column.name in gaps:
            values[gaps[column.name]] = np.nan
        columns.append(replace(column, values=values))
    result = fit(
        replace(data, columns=tuple(columns)), spec_of(GAUSSIAN, "y", ("x",)), everything(), 1
    )
    assert np.flatnonzero(~result.data.used).tolist() == [5, 9]


def test_no_predictor_and_several_responses_are_refused_with_what_to_do() -> None:
    data = three_lines()
    with pytest.raises(DataProblem, match="role predictors"):
        fit(data, spec_of(GAUSSIAN, "y", ()), everything(), 1)
    with pytest.raises(DataProblem, match="one response"):
        spec = replace(spec_of(GAUSSIAN, "y", ("x",)), columns=("y", "z"))
        fit(data, spec, everything(), 1)


@pytest.mark.parametrize("law", KINDS)
def test_a_predictor_without_a_coefficient_of_its_own_is_named(law: str) -> None:
    data = three_lines()
    x, z = data.column("x").values, data.column("z").values
    more = from_arrays("", [("both", 2 * x - z + 3), ("same", np.full(len(x), 7.0))]).columns
    wider = replace(data, columns=(*data.columns, *more))
    response = {GAUSSIAN: "y", POISSON: "count", BINOMIAL: "good"}[law]
    with pytest.raises(DataProblem, match="both is a combination of x, z") as caught:
        fit(wider, spec_of(law, response, ("x", "z", "both")), everything(), 1)
    assert caught.value.columns == ("both",)
    with pytest.raises(DataProblem, match="same has the same value"):
        fit(wider, spec_of(law, response, ("x", "same")), everything(), 1)


def test_a_response_that_follows_exactly_is_refused() -> None:
    data = three_lines()
    exact = from_arrays("", [("double", 2 * data.column("x").values + 1)]).columns
    wider = replace(data, columns=(*data.columns, *exact))
    with pytest.raises(DataProblem, match="follows exactly"):
        fit(wider, spec_of(GAUSSIAN, "double", ("x", "z")), everything(), 1)


def test_two_exact_lines_end_in_a_named_collapse() -> None:
    x = predictor(100)
    y = np.where(np.arange(100) % 2 == 0, 2 * x, 5 - x)
    result = fit(
        from_arrays("exact", [("x", x), ("y", y)]), spec_of(GAUSSIAN, "y", ("x",)), everything(), 1
    )
    assert not result.is_sound
    assert "line or plane" in " ".join(result.warnings())


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


def test_every_name_of_a_term_reaches_the_result_object() -> None:
    from emdesk.app.result_object import result_object

    data = three_lines()
    result = fit(data, spec_of(GAUSSIAN, "y", ("x", "word"), components=2), everything(), 1)
    made = result_object(result)
    assert made["axes"]["coefficients"] == ["component", "term"]
    assert made["columns_of"]["coefficients"] == ["intercept", "x", "word = b", "word = c"]
    assert made["categories"] == {"word": ["a", "b", "c"]}


def of_row(result: FitResult, data: Dataset, row: int) -> F64:
    """What a fit says of one row of a file alone."""
    one = replace(
        data, columns=tuple(replace(c, values=c.values[row : row + 1]) for c in data.columns)
    )
    output = predict(result_model(result), one, everything()).output
    assert output is not None
    return np.asarray(output.probabilities[:, 0])


@pytest.mark.parametrize("law", KINDS)
def test_one_row_alone_is_labelled_as_among_the_others(law: str) -> None:
    data = three_lines()
    response = {GAUSSIAN: "y", POISSON: "count", BINOMIAL: "good"}[law]
    spec = spec_of(law, response, ("x", "word"), components=2)
    if law == BINOMIAL:
        spec = with_role(spec, Role.TRIALS, "trials")
    result = fit(data, spec, everything(), 1)
    output = result.row_output()
    assert output is not None
    for row in (0, 17, 201):
        np.testing.assert_allclose(
            of_row(result, data, row), output.probabilities[:, row], rtol=1e-7, atol=1e-12
        )


@pytest.mark.parametrize("law", KINDS)
def test_the_picture_draws_a_line_for_each_component_through_its_rows(law: str) -> None:
    result = fitted(f"mixture-{law}-1d")
    picture = result.family.picture(result.data, result.params, View(Place.PICTURE))
    assert isinstance(picture.marks[0], Points)
    curves = [mark for mark in picture.marks if isinstance(mark, Curve)]
    assert [curve.group for curve in curves] == [0, 1, 2]
    shown = arrays(result.family.in_units(result.data, result.params))
    eta = shown["coefficients"][0, 0] + shown["coefficients"][0, 1] * curves[0].x
    expected = {GAUSSIAN: eta, POISSON: np.exp(eta), BINOMIAL: 1 / (1 + np.exp(-eta))}[law]
    np.testing.assert_allclose(curves[0].y, expected, rtol=1e-9)


def test_several_predictors_are_axes_to_choose_and_words_stand_at_their_places() -> None:
    data = three_lines()
    result = fit(data, spec_of(GAUSSIAN, "y", ("x", "word"), components=2), everything(), 1)
    first = result.family.picture(result.data, result.params, View(Place.PICTURE))
    assert [o.label for o in first.x_options] == ["x", "word"]
    chosen = View(Place.PICTURE, x="column:word")
    picture = result.family.picture(result.data, result.params, chosen)
    assert picture.x_names == ((0.0, "a"), (1.0, "b"), (2.0, "c"))


def test_simulated_rows_keep_the_predictors_of_the_data() -> None:
    chosen = case(f"mixture-{POISSON}-1d")
    result = fitted(chosen.name)
    drawn = result.family.simulate(result.data, result.params, np.random.default_rng(0))
    assert np.array_equal(drawn.column("x").values, chosen.dataset.column("x").values)
    assert drawn.column("a").is_whole


@pytest.mark.parametrize("law", KINDS)
def test_scales_of_any_power_of_ten_give_the_same_lines(law: str) -> None:
    data = three_lines()
    response = {GAUSSIAN: "y", POISSON: "count", BINOMIAL: "good"}[law]
    spec = spec_of(law, response, ("x",), components=2)
    plain = fit(data, spec, everything(), 1)
    for power in (1e-150, 1e150):
        scaled = replace(
            data,
            columns=tuple(
                replace(c, values=c.values * power) if c.name == "x" else c for c in data.columns
            ),
        )
        found = fit(scaled, spec, everything(), 1)
        assert found.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-9)


@pytest.mark.parametrize("law", KINDS)
def test_hostile_rows_end_in_a_fit_or_a_sentence(law: str) -> None:
    x = predictor(12)
    ones = np.ones(12)
    for y in (0 * ones, ones, np.arange(12.0), np.array([1.0] * 11 + [1e9])):
        for predictors in (x, np.round(x), np.append(x[:-1], 1e12)):
            data = from_arrays("hostile", [("x", predictors), ("y", y)])
            try:
                result = fit(data, spec_of(law, "y", ("x",), components=3), everything(), 1)
            except Problem as problem:
                assert problem.sentence.endswith(".")
                continue
            assert np.isfinite(result.log_likelihood)
