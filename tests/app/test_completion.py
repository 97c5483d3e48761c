"""Missing cells estimated: their values against a direct computation, and the files that hold them."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.completion import missing_cells, rows_with_gaps
from emdesk.app.exporting import export, file_names
from emdesk.app.model_spec import new_spec
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult, fit
from emdesk.model.dataset import Column, Dataset, Kind

X = [8, 6, 11, 22, 14, 17, 18, 24, 19, 23, 26, 40, 4, 4, 5, 6, 8, 10]
Y = [59, 58, 56, 53, 50, 45, 43, 42, 39, 38, 30, 27]


def apples() -> Dataset:
    """Apple crops and damage by worms; six trees without the damage (Snedecor and Cochran 1967)."""
    y = np.array(Y + [np.nan] * 6, dtype=np.float64)
    return Dataset(
        (
            Column("size", Kind.CONTINUOUS, np.array(X, dtype=np.float64)),
            Column("tree", Kind.NOMINAL, np.arange(18.0), tuple("abcdefghijklmnopqr")),
            Column("worms, %", Kind.CONTINUOUS, y, missing_word="NA"),
        ),
        "apples",
    )


def groups() -> Dataset:
    """Two groups of three columns with a fifth of the cells missing, and a row without any."""
    rng = np.random.default_rng(5)
    rows = np.concatenate([rng.normal(0, 1, (80, 3)), rng.normal(4, 1, (60, 3))])
    rows[:, 1] += rows[:, 0]
    rows[rng.random(rows.shape) < 0.2] = np.nan
    rows[np.isnan(rows).all(axis=1), 0] = 0.5
    rows[9] = np.nan
    names = ("a", "b", "c")
    return Dataset(
        tuple(Column(n, Kind.CONTINUOUS, rows[:, j].copy()) for j, n in enumerate(names)), "groups"
    )


def fitted(dataset: Dataset, columns: tuple[str, ...], components: int, **more: Any) -> FitResult:
    spec = replace(new_spec(catalogue()), columns=columns)
    for name, value in {"components": components, "starts": 2, **more}.items():
        spec = spec.with_setting(name, value)
    return fit(dataset, spec, catalogue(), threads=1)


@pytest.fixture(scope="module")
def mixed() -> FitResult:
    return fitted(groups(), ("a", "b", "c"), 2)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_one_component_gives_the_classical_estimate_from_incomplete_data() -> None:
    result = fitted(apples(), ("size", "worms, %"), 1, tolerance=0.0, max_iterations=200)
    params = result_object(result)["params"]
    assert params["means"][0] == pytest.approx([14.7222, 49.3333], abs=5e-5)
    found = np.array(params["covariances"][0])
    assert found[np.triu_indices(2)] == pytest.approx([89.5340, -90.6967, 114.6950], abs=5e-5)


def test_a_missing_cell_is_its_regression_on_the_observed_ones() -> None:
    result = fitted(apples(), ("size", "worms, %"), 1, tolerance=0.0, max_iterations=200)
    cells = result.completed()
    assert list(cells) == ["worms, %"]
    params = result_object(result)["params"]
    mean, matrix = np.array(params["means"][0]), np.array(params["covariances"][0])
    slope = matrix[0, 1] / matrix[0, 0]
    one = cells["worms, %"]
    assert one.rows.tolist() == [12, 13, 14, 15, 16, 17]
    assert one.values == pytest.approx(mean[1] + slope * (np.array(X[12:]) - mean[0]))
    assert one.spread == pytest.approx(np.sqrt(matrix[1, 1] - slope * matrix[0, 1]))
    assert one.at(0) is None and one.at(17) == (one.values[-1], one.spread[-1])


def test_in_a_mixture_the_components_share_in_a_cell_by_their_probabilities(
    mixed: FitResult,
) -> None:
    made, dataset = result_object(mixed)["params"], mixed.dataset
    weights = np.array(made["weights"])
    means, matrices = np.array(made["means"]), np.array(made["covariances"])
    rows = np.stack([c.values for c in dataset.columns], axis=1)
    for name, one in mixed.completed().items():
        j = dataset.names.index(name)
        for row, value, spread in list(zip(one.rows, one.values, one.spread, strict=True))[:8]:
            seen = np.flatnonzero(~np.isnan(rows[row]))
            logs, centres, variances = [], [], []
            for k in range(2):
                inner = matrices[k][np.ix_(seen, seen)]
                away = rows[row, seen] - means[k, seen]
                beside = matrices[k][j, seen]
                solved = np.linalg.solve(inner, np.stack([away, beside], axis=1))
                half = np.linalg.slogdet(2 * np.pi * inner)[1]
                logs.append(np.log(weights[k]) - 0.5 * (half + away @ solved[:, 0]))
                centres.append(means[k, j] + beside @ solved[:, 0])
                variances.append(matrices[k][j, j] - beside @ solved[:, 1])
            p = np.exp(logs - np.logaddexp.reduce(logs))
            centre = p @ centres
            assert value == pytest.approx(centre, rel=1e-8, abs=1e-8)
            expected = p @ (np.array(variances) + (np.array(centres) - centre) ** 2)
            assert spread == pytest.approx(np.sqrt(expected), rel=1e-7)


def test_the_result_counts_rows_and_missing_cells(mixed: FitResult) -> None:
    made = result_object(mixed)
    empty = sum(int(np.isnan(c.values).sum()) for c in groups().columns)
    assert made["rows"] == 140 and made["rows_used"] == 139
    assert made["cells_missing"] == empty - 3 == missing_cells(mixed.dataset, mixed.data)
    dropped = fitted(groups(), ("a", "b", "c"), 2, missing="drop")
    assert result_object(dropped)["cells_missing"] == 0
    assert result_object(dropped)["rows_used"] == int(groups().complete(("a", "b", "c")).sum())
    assert dropped.completed() == {}


def test_the_completed_file_has_every_row_and_marks_what_was_estimated(
    mixed: FitResult, tmp_path: Path
) -> None:
    export(mixed, tmp_path)
    rows, dataset = table(tmp_path / "completed.csv"), mixed.dataset
    assert list(rows[0]) == ["a", "b", "c", "a (spread)", "b (spread)", "c (spread)", "imputed"]
    assert len(rows) == 140
    assert rows[9] == dict.fromkeys(rows[0], "")  # a row without any cell is set aside
    cells = mixed.completed()
    for number, row in enumerate(rows):
        if number == 9:
            continue
        missing = [c.name for c in dataset.columns if c.missing[number]]
        assert row["imputed"] == ", ".join(missing)
        for column in dataset.columns:
            found = cells[column.name].at(number)
            value = column.values[number] if found is None else found[0]
            assert float(row[column.name]) == value
            assert row[f"{column.name} (spread)"] == ("" if found is None else repr(found[1]))


def test_other_columns_and_missing_words_come_back_as_they_were(tmp_path: Path) -> None:
    result = fitted(apples(), ("size", "worms, %"), 1)
    export(result, tmp_path)
    rows = table(tmp_path / "completed.csv")
    assert [row["tree"] for row in rows] == list("abcdefghijklmnopqr")
    assert rows[0]["worms, %"] == "59" and rows[12]["imputed"] == "worms, %"
    labels = table(tmp_path / "labels.csv")
    assert labels[12]["worms, %"] == "NA" and labels[12]["label"] == "1"


def test_draws_are_written_on_request_and_are_the_same_for_the_same_seed(
    mixed: FitResult, tmp_path: Path
) -> None:
    for folder in ("one", "two"):
        export(mixed, tmp_path / folder, draws=3)
    first = (tmp_path / "one" / "draws.csv").read_bytes()
    assert first == (tmp_path / "two" / "draws.csv").read_bytes()
    rows, gaps = table(tmp_path / "one" / "draws.csv"), rows_with_gaps(mixed.completed())
    assert list(rows[0]) == ["draw", "row", "a", "b", "c"]
    assert [int(row["row"]) - 1 for row in rows] == gaps.tolist() * 3
    assert all(row[name] for row in rows for name in "abc")
    assert len({row["a"] for row in rows if row["row"] == rows[0]["row"]}) >= 1
    assert "draws.csv" not in file_names(mixed)


def test_draws_spread_about_the_estimates_as_far_as_these_say(mixed: FitResult) -> None:
    cells = mixed.completed()["b"]
    drawn = np.stack([one["b"].values for one in mixed.draws(400)])
    assert drawn.mean(axis=0) == pytest.approx(cells.values, abs=0.5)
    assert drawn.std(axis=0) / cells.spread == pytest.approx(np.ones(len(cells.rows)), abs=0.3)


def test_without_gaps_nothing_is_completed() -> None:
    rng = np.random.default_rng(1)
    whole = Dataset((Column("a", Kind.CONTINUOUS, rng.normal(size=40)),), "whole")
    result = fitted(whole, ("a",), 1)
    assert result.completed() == {}
    assert "completed.csv" not in file_names(result, draws=2)
