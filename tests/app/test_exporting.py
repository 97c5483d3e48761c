"""What an export writes, and that it can be read back."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.exporting import (
    check_folder,
    export,
    file_names,
    parameter_rows,
    read_parameters,
)
from emdesk.app.model_spec import new_spec
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult, fit
from emdesk.errors import Cancelled, FileProblem, UsageProblem
from emdesk.model.dataset import Column, Dataset, Kind


@pytest.fixture(scope="module")
def result() -> FitResult:
    """A fit of two columns in two groups; row 5 has neither cell."""
    rng = np.random.default_rng(8)
    rows = np.concatenate([rng.normal(0, 1, (30, 2)), rng.normal(6, 1, (50, 2))])
    rows[4] = np.nan
    dataset = Dataset(
        (
            Column("=danger", Kind.CONTINUOUS, rows[:, 0].copy()),
            Column("label", Kind.CONTINUOUS, rows[:, 1].copy()),
            Column("word", Kind.NOMINAL, np.zeros(80), ("plain",)),
        ),
        "rows.csv",
    )
    spec = replace(new_spec(catalogue()), columns=("=danger", "label"))
    return fit(dataset, spec, catalogue(), threads=1)


def _table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_six_files_are_written(result: FitResult, tmp_path: Path) -> None:
    shares: list[float] = []
    paths = export(result, tmp_path / "new" / "folder", shares.append)
    names = (
        "parameters.json", "parameters.csv", "labels.csv", "trace.csv", "starts.csv", "audit.csv",
    )  # fmt: skip
    assert tuple(path.name for path in paths) == names == file_names(result)
    assert all(path.is_file() for path in paths)
    assert shares[-1] == 1.0 and shares == sorted(shares)


def test_labels_keep_rows_and_columns_and_add_probabilities(
    result: FitResult, tmp_path: Path
) -> None:
    export(result, tmp_path)
    header, *rows = _table(tmp_path / "labels.csv")
    assert header == [
        "'=danger", "label", "word", "label (EMDesk)", "probability_1", "probability_2",
        "uncertainty",
    ]  # fmt: skip
    assert len(rows) == 80 and rows[0][2] == "plain"
    assert rows[4][3:] == ["", "", "", ""]
    assert rows[0][3] == "2" and rows[79][3] == "1"
    certain = np.array([[float(c) for c in row[4:]] for i, row in enumerate(rows) if i != 4])
    assert certain[:, :2].sum(axis=1) == pytest.approx(np.ones(79))
    assert certain[:, 2] == pytest.approx(1 - certain[:, :2].max(axis=1))


def test_the_trace_has_every_iteration_and_its_gain(result: FitResult, tmp_path: Path) -> None:
    export(result, tmp_path)
    header, *rows = _table(tmp_path / "trace.csv")
    assert header == ["iteration", "objective", "gain", "seconds"]
    assert [int(row[0]) for row in rows] == list(range(len(result.trace)))
    assert float(rows[-1][1]) == result.objective
    assert rows[0][2] == ""
    assert float(rows[1][2]) == pytest.approx(float(rows[1][1]) - float(rows[0][1]))


def test_the_table_of_parameters_has_one_number_a_row(result: FitResult, tmp_path: Path) -> None:
    export(result, tmp_path)
    header, *rows = _table(tmp_path / "parameters.csv")
    assert header == ["parameter", "component", "column", "column 2", "value"]
    assert len(rows) == 2 + 4 + 8
    made = result_object(result)
    assert rows[0] == ["weights", "1", "", "", repr(made["params"]["weights"][0])]
    found = {tuple(row[:4]): float(row[4]) for row in rows}
    expected = made["params"]["covariances"][1][0][1]
    assert found["covariances", "2", "'=danger", "label"] == expected


def test_the_rows_of_an_image_are_numbered_by_its_axes() -> None:
    made = {
        "columns": ["count"],
        "params": {"image": [[1.0, 2.0], [3.0, 4.0]]},
        "axes": {"image": ["height", "width"]},
    }
    header, rows = parameter_rows(made)
    assert header == ["parameter", "height", "width", "value"]
    assert list(rows)[2] == ["image", 2, 1, 3.0]


def test_an_exported_result_is_read_back(result: FitResult, tmp_path: Path) -> None:
    export(result, tmp_path)
    saved = read_parameters(tmp_path / "parameters.json")
    expected = result.family.in_units(result.data, result.params)
    assert np.array_equal(saved.params["weights"], expected.weights)
    assert np.array_equal(saved.params["covariances"], expected.law.covariances)
    assert saved.columns == ("=danger", "label")
    assert saved.groups(result.family) == 2
    saved.check_columns(("=danger", "label"))
    with pytest.raises(UsageProblem, match="parameters for"):
        saved.check_columns(("label", "=danger"))


def test_plain_arrays_are_parameters_too(result: FitResult, tmp_path: Path) -> None:
    path = tmp_path / "start.json"
    path.write_text(
        '\ufeff{"weights": [0.2, 0.3, 0.5], "means": [[1, 2], [3, 4], [5, 6]]}', "utf-8"
    )
    saved = read_parameters(path)
    assert saved.columns == () and saved.groups(result.family) == 3
    saved.check_columns(("any", "columns"))


def test_an_iteration_kept_by_hand_is_what_is_exported(result: FitResult, tmp_path: Path) -> None:
    kept = result.keep(1)
    export(kept, tmp_path)
    made = json.loads((tmp_path / "parameters.json").read_text(encoding="utf-8"))
    assert made["iteration"] == 1 and made["kept_by_hand"] is True
    assert made["objective"] == result.trace.objectives[1]
    assert not made["converged"] and "kept by hand" in made["stop_sentence"]
    assert "iteration" not in result_object(result)


def test_a_cancelled_export_leaves_the_old_files(result: FitResult, tmp_path: Path) -> None:
    export(result, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        export(result.keep(1), tmp_path, cancelled=lambda: next(asked))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_cannot_be_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    for folder in (file, file / "inside"):
        with pytest.raises(FileProblem, match="a file"):
            check_folder(folder)
    check_folder(tmp_path / "not" / "yet" / "there")


def test_the_same_result_is_written_as_the_same_bytes(result: FitResult, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        export(result, tmp_path / folder)
    for name in file_names(result):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
