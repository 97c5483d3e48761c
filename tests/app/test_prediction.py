"""A fitted model on rows: the same answers as the fit on its own rows, and the model's own densities on any others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from emdesk.app.exporting import export
from emdesk.app.model_spec import ModelSpec, new_spec, with_laws
from emdesk.app.prediction import (
    FittedModel,
    export_prediction,
    predict,
    prediction_object,
    read_model,
    result_model,
)
from emdesk.app.project import Project, save_project
from emdesk.app.session import FitResult, fit
from emdesk.errors import DataProblem, FileProblem
from emdesk.io.readers import read
from emdesk.model.dataset import Column, Dataset, Kind, from_arrays
from emdesk.model.needs import Role
from emdesk.resources import resource
from tests.catalogues import everything
from tests.catalogues import fitted as fitted_case

IRIS = ("Sepal.Length", "Sepal.Width", "Petal.Length", "Petal.Width")
LAWS = tuple(law.id for law in everything().laws if not law.roles)
STRUCTURES = (
    "EII",
    "VII",
    "EEI",
    "VEI",
    "EVI",
    "VVI",
    "EEE",
    "VEE",
    "EVE",
    "VVE",
    "EEV",
    "VEV",
    "EVV",
    "VVV",
)


def iris() -> Dataset:
    return read(resource("samples/iris.csv")).dataset


def spec_of(covariance: str = "VVV") -> ModelSpec:
    spec = replace(new_spec(everything()), columns=IRIS)
    for name, value in (("components", 3), ("covariance", covariance), ("starts", 3)):
        spec = spec.with_setting(name, value)
    return spec


@pytest.fixture(scope="module")
def flowers() -> FitResult:
    return fit(iris(), spec_of(), everything(), 1)


def answers_agree(result: FitResult, model: FittedModel) -> None:
    made = predict(model, result.dataset, everything())
    wanted = result.row_output()
    assert wanted is not None and made.output is not None and made.log_densities is not None
    assert np.array_equal(made.output.label, wanted.label)
    assert made.log_likelihood == pytest.approx(result.log_likelihood, rel=1e-10)
    assert made.output.probabilities == pytest.approx(wanted.probabilities, abs=1e-8)
    assert np.array_equal(made.used, result.data.used)


@pytest.mark.parametrize("law", LAWS)
def test_every_law_gives_its_own_rows_the_labels_and_the_log_likelihood_of_the_fit(
    law: str,
) -> None:
    result = fitted_case(f"mixture-{law}-2d")
    answers_agree(result, result_model(result))


@pytest.mark.parametrize("covariance", STRUCTURES)
def test_every_covariance_structure_is_taken_as_it_was_fitted(covariance: str) -> None:
    result = fit(iris(), spec_of(covariance).with_setting("max_iterations", 30), everything(), 1)
    answers_agree(result, result_model(result))


def test_an_export_a_parameters_file_and_a_project_hold_the_same_model(
    flowers: FitResult, tmp_path: Path
) -> None:
    export(flowers, tmp_path / "fit")
    save_project(tmp_path / "fit.emdesk", Project(flowers.dataset, flowers.spec, flowers))
    for source in ("fit", "fit/parameters.json", "fit.emdesk"):
        answers_agree(flowers, read_model(tmp_path / source, everything()))


def normal_log_densities(result: FitResult, rows: np.ndarray) -> np.ndarray:
    params = result_model(result).params
    logs = [
        np.log(w) + stats.multivariate_normal(m, s).logpdf(rows)
        for w, m, s in zip(params["weights"], params["means"], params["covariances"], strict=True)
    ]
    return np.asarray(logsumexp(logs, axis=0))


@pytest.mark.parametrize(
    "rows",
    [
        [[5.1, 3.5, 1.4, 0.2]],
        [[6.0, 3.0, 4.0, 1.0]] * 5,
        [[6.0, 3.0, 4.0, 1.0], [6e5, 3.0, 4.0, 1.0]],
        [[6.0, 3.0, 4.0, 1.0], [6.1, 3.0, 4.0, 1.0]],
    ],
    ids=["one row", "all rows equal", "one row far away", "three columns constant"],
)
def test_log_densities_are_those_of_the_model_whatever_the_new_rows_are(
    flowers: FitResult, rows: list[list[float]]
) -> None:
    cells = np.array(rows)
    asked = from_arrays("new", list(zip(IRIS, cells.T, strict=True)))
    made = predict(result_model(flowers), asked, everything())
    wanted = normal_log_densities(flowers, cells).reshape(-1)
    assert made.log_densities == pytest.approx(wanted, rel=1e-9)
    assert made.log_likelihood == pytest.approx(wanted.sum(), rel=1e-9)


def test_columns_are_found_by_their_names_in_any_order(flowers: FitResult) -> None:
    data = iris()
    turned = replace(data, columns=tuple(reversed(data.columns)))
    made = predict(result_model(flowers), turned, everything())
    assert made.log_likelihood == pytest.approx(flowers.log_likelihood, rel=1e-10)


def test_a_column_that_is_not_there_is_named(flowers: FitResult) -> None:
    data = iris()
    fewer = replace(data, columns=data.columns[1:])
    with pytest.raises(DataProblem, match=r"Sepal\.Length"):
        predict(result_model(flowers), fewer, everything())


def test_words_where_the_model_takes_numbers_are_named(flowers: FitResult) -> None:
    data = iris()
    words = replace(data.column("Species"), name=IRIS[0])
    with pytest.raises(DataProblem, match="words"):
        predict(
            result_model(flowers), replace(data, columns=(words, *data.columns[1:])), everything()
        )


def test_a_file_without_one_complete_row_is_refused_where_incomplete_rows_are_set_aside() -> None:
    spec = spec_of().with_setting("missing", "drop")
    result = fit(iris(), spec, everything(), 1)
    empty = from_arrays(
        "new",
        [
            (name, np.array([1.0, np.nan])[::sign])
            for name, sign in zip(IRIS, (1, -1, 1, -1), strict=True)
        ],
    )
    with pytest.raises(DataProblem):
        predict(result_model(result), empty, everything())


def test_a_row_with_a_missing_cell_is_labelled_by_its_other_cells(flowers: FitResult) -> None:
    cells = np.array([[5.1, 3.5, np.nan, 0.2], [6.0, 3.0, 4.0, 1.0]])
    made = predict(
        result_model(flowers),
        from_arrays("new", list(zip(IRIS, cells.T, strict=True))),
        everything(),
    )
    params = result_model(flowers).params
    seen = [0, 1, 3]
    logs = [
        np.log(w) + stats.multivariate_normal(m[seen], s[np.ix_(seen, seen)]).logpdf(cells[0, seen])
        for w, m, s in zip(params["weights"], params["means"], params["covariances"], strict=True)
    ]
    assert made.log_densities is not None
    assert made.log_densities[0] == pytest.approx(logsumexp(logs), rel=1e-10)


def counts_result() -> FitResult:
    rng = np.random.default_rng(5)
    values = np.concatenate([rng.poisson(2.0, 60), rng.poisson(9.0, 40)]).astype(float)
    copies = rng.integers(1, 4, 100).astype(float)
    columns = (Column("deaths", Kind.COUNT, values), Column("days", Kind.COUNT, copies))
    spec = replace(
        new_spec(everything(), "mixture", "poisson"),
        columns=("deaths",),
        roles={Role.WEIGHT: ("days",)},
    ).with_setting("starts", 3)
    return fit(Dataset(columns, "counts"), spec, everything(), 1)


def test_row_weights_count_in_the_log_likelihood_and_not_in_the_densities() -> None:
    result = counts_result()
    made = predict(result_model(result), result.dataset, everything())
    days = result.dataset.column("days").values
    assert made.log_densities is not None
    assert made.log_likelihood == pytest.approx(days @ made.log_densities)
    assert made.log_likelihood == pytest.approx(result.log_likelihood, rel=1e-10)


def test_a_file_without_the_weights_counts_every_row_once() -> None:
    result = counts_result()
    alone = replace(result.dataset, columns=result.dataset.columns[:1])
    made = predict(result_model(result), alone, everything())
    assert made.log_densities is not None
    assert made.log_likelihood == pytest.approx(made.log_densities.sum())


def test_the_files_hold_the_rows_with_their_labels_and_the_numbers_of_the_prediction(
    flowers: FitResult, tmp_path: Path
) -> None:
    made = predict(result_model(flowers), iris(), everything())
    paths = export_prediction(made, tmp_path, ("a note",))
    assert [path.name for path in paths] == ["labels.csv", "prediction.json"]
    table = read(paths[0]).dataset
    assert table.names[:6] == (*IRIS, "Species", "log_density")
    assert table.column("log_density").values == pytest.approx(made.log_densities, rel=1e-15)
    told = prediction_object(made, ("a note",))
    assert told["rows"] == told["rows_used"] == sum(told["groups"]) == 150
    assert told["warnings"] == ["a note"]


def test_parameters_without_their_model_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "parameters.json"
    path.write_text('{"weights": [0.5, 0.5], "rates": [[1.0], [2.0]]}', "utf-8")
    with pytest.raises(FileProblem, match="not the model"):
        read_model(path, everything())


def test_a_project_without_a_fit_is_refused(tmp_path: Path) -> None:
    save_project(tmp_path / "plain.emdesk", Project(iris(), spec_of()))
    with pytest.raises(FileProblem, match="no fit"):
        read_model(tmp_path / "plain.emdesk", everything())


def test_several_laws_on_different_columns_are_one_model() -> None:
    rng = np.random.default_rng(11)
    group = rng.integers(2, size=150)
    columns = (
        Column("length", Kind.CONTINUOUS, rng.normal(4.0 * group, 1.0)),
        Column("events", Kind.COUNT, rng.poisson(2.0 + 7.0 * group).astype(float)),
    )
    spec = with_laws(
        new_spec(everything()), everything(), [("gaussian", ("length",)), ("poisson", ("events",))]
    )
    result = fit(Dataset(columns, "mixed"), spec.with_setting("starts", 3), everything(), 1)
    answers_agree(result, result_model(result))


def test_known_labels_of_the_fit_are_not_asked_of_a_new_file() -> None:
    rng = np.random.default_rng(2)
    group = np.arange(80) % 2
    columns = (
        Column("x", Kind.CONTINUOUS, rng.normal(5.0 * group, 1.0)),
        Column("known", Kind.NOMINAL, np.where(np.arange(80) < 8, group, np.nan), ("a", "b")),
    )
    spec = replace(
        new_spec(everything()), columns=("x",), roles={Role.LABEL: ("known",)}
    ).with_setting("starts", 2)
    result = fit(Dataset(columns, "partly labelled"), spec, everything(), 1)
    made = predict(result_model(result), Dataset(columns[:1], "new"), everything())
    assert made.output is not None and made.output.label.shape == (80,)


def answers_result() -> FitResult:
    rng = np.random.default_rng(4)
    group = rng.integers(2, size=200)
    colours = rng.integers(3, size=200) * (group == 0) + 2.0 * (group == 1)
    sizes = np.asarray(1.0 + (rng.random(200) < 0.2 + 0.7 * group), dtype=np.float64)
    columns = (
        Column("colour", Kind.NOMINAL, colours, ("blue", "green", "red")),
        Column("size", Kind.ORDINAL, sizes),
    )
    spec = replace(new_spec(everything(), "mixture", "categorical"), columns=("colour", "size"))
    return fit(Dataset(columns, "answers"), spec.with_setting("starts", 2), everything(), 1)


def test_words_are_matched_by_name_and_unknown_ones_are_left_out() -> None:
    result = answers_result()
    columns = (
        Column("colour", Kind.NOMINAL, np.array([0.0, 1.0, 2.0]), ("red", "blue", "black")),
        Column("size", Kind.ORDINAL, np.array([1.0, 2.0, 7.0])),
    )
    made = predict(result_model(result), Dataset(columns, "new"), everything())
    probabilities = result_model(result).params["probabilities"]
    weights = result_model(result).params["weights"]
    assert made.log_densities is not None
    red_small = weights @ (probabilities[:, 0, 2] * probabilities[:, 1, 0])
    assert made.log_densities[0] == pytest.approx(np.log(red_small))
    assert len(made.notes) == 2 and "colour" in made.notes[0] and "size" in made.notes[1]


def test_one_row_of_categories_is_labelled(tmp_path: Path) -> None:
    result = answers_result()
    export(result, tmp_path / "fit")
    (tmp_path / "one.csv").write_text("size,colour\n2,green\n", "utf-8")
    asked = read(tmp_path / "one.csv").dataset
    made = predict(read_model(tmp_path / "fit", everything()), asked, everything())
    assert made.output is not None and made.output.probabilities.shape == (2, 1)


def two_lines(rows: int = 300, law: str = "gaussian-regression") -> FitResult:
    """Two lines over x whose shares depend on z."""
    rng = np.random.default_rng(8)
    x, z = rng.uniform(0, 4, rows), rng.standard_normal(rows)
    is_first = rng.random(rows) < 1 / (1 + np.exp(-2 * z))
    level = np.where(is_first, 1.0 + 0.1 * x, 2.5 - 0.4 * x)
    y = level + rng.normal(scale=0.2, size=rows)
    if law == "poisson-regression":
        y = rng.poisson(np.exp(level)).astype(np.float64)
    spec = replace(
        new_spec(everything(), "mixture", law),
        columns=("y",),
        roles={Role.PREDICTORS: ("x",), Role.COVARIATES: ("z",)},
    )
    dataset = from_arrays("lines", [("y", y), ("x", x), ("z", z)])
    return fit(dataset, spec.with_setting("starts", 3), everything(), 1)


def shares_of(result: FitResult, z: np.ndarray) -> np.ndarray:
    odds = np.exp(result_model(result).params["gating"] @ np.stack([np.ones(len(z)), z]))
    return np.asarray(odds / odds.sum(axis=0))


@pytest.mark.parametrize("law", ["gaussian-regression", "poisson-regression"])
def test_a_response_that_is_not_in_the_file_is_expected_by_the_shares(law: str) -> None:
    result = two_lines(law=law)
    x, z = np.array([0.5, 2.0, 3.5]), np.array([-1.0, 0.0, 2.0])
    made = predict(result_model(result), from_arrays("new", [("x", x), ("z", z)]), everything())
    params, shares = result_model(result).params, shares_of(result, z)
    lines = params["coefficients"] @ np.stack([np.ones(3), x])
    means = lines if law == "gaussian-regression" else np.exp(lines)
    variances = means if law != "gaussian-regression" else params["sds"][:, None] ** 2
    expected = (shares * means).sum(axis=0)
    spread = np.sqrt((shares * (variances + (means - expected) ** 2)).sum(axis=0))
    assert made.output is not None
    (response,) = made.responses
    assert response.expected == pytest.approx(expected, rel=1e-9)
    assert response.spread == pytest.approx(spread, rel=1e-9)
    assert made.output.probabilities == pytest.approx(shares, rel=1e-9)
    assert made.log_likelihood == 0 and not response.is_known.any()
    assert made.log_densities is not None and np.isnan(made.log_densities).all()


def test_rows_with_a_response_are_labelled_by_it_and_the_others_by_the_shares(
    tmp_path: Path,
) -> None:
    result = two_lines()
    data, output = result.dataset, result.row_output()
    y = data.column("y").values.copy()
    y[::2] = np.nan
    half = replace(data, columns=(replace(data.column("y"), values=y), *data.columns[1:]))
    made = predict(result_model(result), half, everything())
    assert made.output is not None and output is not None
    (response,) = made.responses
    np.testing.assert_allclose(
        made.output.probabilities[:, 1::2], output.probabilities[:, 1::2], atol=1e-9
    )
    shares = shares_of(result, data.column("z").values[::2])
    np.testing.assert_allclose(made.output.probabilities[:, ::2], shares, rtol=1e-9)
    assert np.array_equal(response.is_known, ~np.isnan(y))
    assert "150 rows have no value of y" in " ".join(prediction_object(made)["warnings"])
    export_prediction(made, tmp_path)
    table = read(tmp_path / "labels.csv").dataset
    assert table.column("y_expected").values == pytest.approx(response.expected, rel=1e-15)
    assert table.column("y_expected_sd").values == pytest.approx(response.spread, rel=1e-15)
    assert np.array_equal(table.column("log_density").missing, np.isnan(y))


def test_a_predictor_that_is_not_in_the_file_is_named() -> None:
    result = two_lines()
    columns = [(name, result.dataset.column(name).values) for name in ("y", "z")]
    with pytest.raises(DataProblem, match="column x"):
        predict(result_model(result), from_arrays("new", columns), everything())
