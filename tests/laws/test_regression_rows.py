"""Regressions of hostile rows, of words and of gaps, and what is told and drawn of a fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.prediction import predict, result_model
from emdesk.app.session import FitResult, fit
from emdesk.errors import DataProblem, Problem
from emdesk.model.dataset import Dataset, from_arrays
from emdesk.model.marks import Curve, Place, Points, View
from emdesk.model.needs import Role
from emdesk.model.params import arrays
from tests.catalogues import case, everything, fitted
from tests.example_rows import predictor
from tests.laws.lines import (
    BINOMIAL,
    GAUSSIAN,
    KINDS,
    POISSON,
    spec_of,
    three_lines,
    with_role,
)

F64 = NDArray[np.float64]


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
