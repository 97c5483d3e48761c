"""Regressions and covariates: as they are typed, and as they are chosen in the window."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from emdesk.app import commands
from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import ModelSpec
from emdesk.app.state import AppState
from emdesk.model.dataset import from_arrays
from emdesk.model.needs import Role
from tests.cli.conftest import Call

REGRESSION = ("--law", "gaussian-regression", "--role", "response=y")


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A response on two lines that cross, a predictor, words, and an age that goes with the line."""
    rng = np.random.default_rng(5)
    x, side = rng.uniform(0, 10, 120), rng.integers(2, size=120)
    y = np.where(side == 0, 2 * x, 25 - x) + rng.standard_normal(120)
    age = 30 + 10 * side + 8 * rng.standard_normal(120)
    path = tmp_path / "lines.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["y", "x", "place", "age"])
        for i in range(120):
            out.writerow([f"{y[i]:.6f}", f"{x[i]:.6f}", "nsw"[i % 3], f"{age[i]:.1f}"])
    return path


def test_the_response_and_its_predictors_are_roles(call: Call, lines: Path) -> None:
    words = (*REGRESSION, "--role", "predictors=x", "--role", "predictors=place", "--json")
    made = call("fit", lines, *words).made
    assert made["columns"] == ["y"]
    assert made["roles"] == {"predictors": ["x", "place"]}
    names = ["intercept", "x", "place = s", "place = w"]
    assert made["columns_of"]["coefficients"] == names
    slopes = sorted(row[1] for row in made["params"]["coefficients"])
    assert slopes == pytest.approx([-1, 2], abs=0.15)


def test_a_response_may_be_named_as_the_column_that_is_used(call: Call, lines: Path) -> None:
    words = ("--law", "gaussian-regression", "--columns", "y", "--role", "predictors=x", "--json")
    one = call("fit", lines, *words).made
    other = call("fit", lines, *REGRESSION, "--role", "predictors=x", "--json").made
    assert one["log_likelihood"] == other["log_likelihood"]


def test_two_responses_are_refused(call: Call, lines: Path) -> None:
    answer = call("fit", lines, *REGRESSION, "--columns", "age", "--role", "predictors=x")
    assert answer.status == 2 and "response" in answer.err


def test_only_a_regression_has_a_response(call: Call, lines: Path) -> None:
    answer = call("fit", lines, "--role", "response=y")
    assert answer.status == 2 and "response" in answer.err


def test_a_regression_without_predictors_says_what_to_do(call: Call, lines: Path) -> None:
    answer = call("fit", lines, *REGRESSION)
    assert answer.status == 2 and "role predictors" in answer.err


def test_covariates_are_written_with_their_names(call: Call, lines: Path, tmp_path: Path) -> None:
    words = (*REGRESSION, "--role", "predictors=x", "--role", "covariates=age")
    answer = call("fit", lines, *words, "--export", tmp_path / "out")
    assert answer.status == 0 and "Log odds age" in answer.out
    with (tmp_path / "out" / "parameters.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["parameter"] == "gating"]
    assert [(row["component"], row["covariate"]) for row in rows] == [
        ("1", "intercept"),
        ("1", "age"),
        ("2", "intercept"),
        ("2", "age"),
    ]
    assert [float(row["value"]) for row in rows[:2]] == [0, 0]


def test_an_exported_regression_labels_the_rows_of_another_file(
    call: Call, lines: Path, tmp_path: Path
) -> None:
    words = (*REGRESSION, "--role", "predictors=x", "--role", "predictors=place")
    call("fit", lines, *words, "--export", tmp_path / "out")
    kept = lines.read_text(encoding="utf-8").splitlines()
    few = tmp_path / "few.csv"
    few.write_text("\n".join([kept[0], kept[7], kept[30]]) + "\n", encoding="utf-8")
    call("predict", tmp_path / "out", few, "--export", tmp_path / "few")
    tables = []
    for folder in ("out", "few"):
        with (tmp_path / folder / "labels.csv").open(encoding="utf-8", newline="") as file:
            tables.append(list(csv.DictReader(file)))
    for place, row in enumerate((6, 29)):
        expected = float(tables[0][row]["probability_1"])
        assert float(tables[1][place]["probability_1"]) == pytest.approx(expected, abs=1e-7)


def test_in_the_window_a_regression_begins_with_the_first_column_on_the_others() -> None:
    rng = np.random.default_rng(0)
    columns = [(name, rng.standard_normal(30)) for name in "abc"]
    state = commands.open_dataset(AppState(catalogue()), from_arrays("some", columns), None)
    state = commands.set_law(state, "gaussian-regression")
    spec = spec_of(state)
    assert spec.columns == ("a",) and spec.roles == {Role.PREDICTORS: ("b", "c")}
    state = commands.set_role(state, "b", Role.COVARIATES)
    state = commands.set_role(state, "c", Role.COVARIATES)
    assert spec_of(state).roles == {Role.COVARIATES: ("b", "c")}
    state = commands.set_law(commands.set_role(state, "c", Role.PREDICTORS), "gaussian")
    assert Role.PREDICTORS not in spec_of(state).roles and "c" in spec_of(state).columns


def spec_of(state: AppState) -> ModelSpec:
    assert state.spec is not None
    return state.spec
