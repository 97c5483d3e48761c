"""Regressions beside laws of other columns: asked about rows whose responses are not known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from emdesk.app.model_spec import new_spec, with_laws
from emdesk.app.prediction import export_prediction, predict, prediction_object, result_model
from emdesk.app.session import FitResult, fit
from emdesk.io.readers import read
from emdesk.model.dataset import Dataset, from_arrays
from emdesk.model.needs import Role
from tests.catalogues import everything

LAWS = [
    ("gaussian-regression", ("y",)),
    ("gaussian", ("z",)),
    ("poisson-regression", ("visits",)),
]


def rows() -> Dataset:
    """Two groups: lines that cross, another column that tells the groups apart in most rows, and counts on a curve."""
    rng = np.random.default_rng(6)
    x = rng.uniform(-2, 2, 240)
    second = rng.random(240) < 0.4
    rates = np.exp(np.where(second, 1.5 + 0.3 * x, 0.2 - 0.2 * x))
    return from_arrays(
        "rows",
        [
            ("y", np.where(second, 4 - 2 * x, 1 + x) + rng.normal(0, 0.4, 240)),
            ("z", rng.normal(np.where(second, 3.0, 0.0), 1.0)),
            ("visits", rng.poisson(rates).astype(np.float64)),
            ("x", x),
        ],
    )


@pytest.fixture(scope="module")
def result() -> FitResult:
    spec = with_laws(new_spec(everything()), everything(), LAWS)
    spec = replace(spec, roles={Role.PREDICTORS: ("x",)}).with_setting("components", 2)
    return fit(rows(), spec.with_setting("starts", 5), everything(), 1)


def asked(**columns: list[float]) -> Dataset:
    return from_arrays("new", [(name, np.array(values)) for name, values in columns.items()])


def test_rows_without_a_response_are_labelled_by_the_other_columns(result: FitResult) -> None:
    z, visits, x = np.array([0.2, 1.4, 3.0]), np.array([1.0, 3.0, 6.0]), np.array([1.5, 0.1, -1.0])
    made = predict(
        result_model(result), asked(z=list(z), visits=list(visits), x=list(x)), everything()
    )
    params = result_model(result).params
    design = np.stack([np.ones(3), x])
    log_rates = params["visits.coefficients"] @ design
    shape = stats.norm(params["z.means"], np.sqrt(params["z.covariances"][:, 0]))
    joint = params["weights"][:, None] * shape.pdf(z) * stats.poisson(np.exp(log_rates)).pmf(visits)
    shares = joint / joint.sum(axis=0)
    lines = params["y.coefficients"] @ design
    expected = (shares * lines).sum(axis=0)
    variances = params["y.sds"][:, None] ** 2 + (lines - expected) ** 2
    assert made.output is not None and made.log_densities is not None
    assert made.output.probabilities == pytest.approx(shares, rel=1e-8)
    assert made.log_densities == pytest.approx(np.log(joint.sum(axis=0)), rel=1e-8)
    response = made.responses[0]
    assert response.name == "y" and not response.is_known.any()
    assert response.expected == pytest.approx(expected, rel=1e-8)
    assert response.spread == pytest.approx(np.sqrt((shares * variances).sum(axis=0)), rel=1e-8)


def test_a_response_that_is_known_helps_to_expect_the_other_one(result: FitResult) -> None:
    near = [rows().column(name).values[:4] for name in ("y", "x")]
    new = asked(y=list(near[0]), z=[np.nan] * 4, x=list(near[1]))
    made = predict(result_model(result), new, everything())
    y, visits = made.responses
    assert y.is_known.all() and not visits.is_known.any()
    params = result_model(result).params
    lines = params["y.coefficients"] @ np.stack([np.ones(4), near[1]])
    shares = params["weights"][:, None] * stats.norm(lines, params["y.sds"][:, None]).pdf(near[0])
    rates = np.exp(params["visits.coefficients"] @ np.stack([np.ones(4), near[1]]))
    expected = (shares / shares.sum(axis=0) * rates).sum(axis=0)
    assert visits.expected == pytest.approx(expected, rel=1e-8)


def test_one_row_with_nothing_but_its_predictor_is_expected_by_the_weights(
    result: FitResult,
) -> None:
    made = predict(result_model(result), asked(z=[np.nan], x=[0.5]), everything())
    params = result_model(result).params
    lines = params["y.coefficients"] @ np.array([1.0, 0.5])
    assert made.responses[0].expected == pytest.approx([params["weights"] @ lines], rel=1e-8)
    assert made.log_densities is not None and np.isnan(made.log_densities).all()


def test_what_is_expected_of_each_response_is_told_and_exported(
    result: FitResult, tmp_path: Path
) -> None:
    made = predict(result_model(result), asked(z=[0.0, 3.0], x=[0.5, 1.0]), everything())
    told = prediction_object(made)
    assert told["responses"] == {"y": 0, "visits": 0}
    assert (
        "2 rows have no value of y: their probabilities come from their other columns"
        in " ".join(told["warnings"])
    )
    export_prediction(made, tmp_path)
    table = read(tmp_path / "labels.csv").dataset
    for response in made.responses:
        found = table.column(f"{response.name}_expected").values
        assert found == pytest.approx(response.expected, rel=1e-15)
