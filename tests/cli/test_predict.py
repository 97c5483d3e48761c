"""`predict`: the model of a result on the rows of a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call


@pytest.fixture
def result(call: Call, groups: Path, tmp_path: Path) -> Path:
    """The export folder of a fit of two columns."""
    folder = tmp_path / "fit"
    words = ("--column", "x", "--column", "y, tall", "--starts", "3", "--export", str(folder))
    assert call("fit", str(groups), *words).status == 0
    return folder


def labels(folder: Path) -> list[str]:
    lines = (folder / "labels.csv").read_text("utf-8").splitlines()
    place = lines[0].replace('"y, tall"', "y").split(",").index("label")
    return [line.split(",")[place] for line in lines[1:]]


def test_the_rows_of_the_fit_get_the_labels_of_the_fit(
    call: Call, result: Path, groups: Path, tmp_path: Path
) -> None:
    answer = call("predict", result, groups, "--export", tmp_path / "new", "--json")
    assert answer.status == 0 and not answer.err
    fitted = json.loads((result / "parameters.json").read_text("utf-8"))
    assert answer.made["log_likelihood"] == pytest.approx(fitted["log_likelihood"], rel=1e-10)
    assert answer.made == json.loads((tmp_path / "new" / "prediction.json").read_text("utf-8"))
    assert labels(tmp_path / "new") == labels(result)


def test_one_row_in_another_order_of_columns_is_labelled(
    call: Call, result: Path, tmp_path: Path
) -> None:
    (tmp_path / "one.csv").write_text('"y, tall";x\n-3,1;9,8\n', "utf-8")
    words = ("--decimal", "comma", "--delimiter", "semicolon")
    answer = call("predict", result / "parameters.json", tmp_path / "one.csv", *words, "--json")
    assert answer.status == 0
    assert answer.made["rows"] == answer.made["rows_used"] == sum(answer.made["groups"]) == 1


def test_the_summary_says_rows_groups_and_files(
    call: Call, result: Path, groups: Path, tmp_path: Path
) -> None:
    answer = call("predict", result, groups, "--export", tmp_path / "new")
    assert "Gaussian mixture on groups.csv" in answer.out
    assert "120 rows, 120 labelled" in answer.out
    assert f"Written: {tmp_path / 'new' / 'prediction.json'}" in answer.out


def test_a_column_that_is_not_there_ends_in_one_sentence(
    call: Call, result: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.csv").write_text("x,z\n1,2\n", "utf-8")
    answer = call("predict", result, tmp_path / "other.csv")
    assert answer.status == 2 and not answer.out
    assert answer.err.count("\n") == 1
    assert "y, tall" in answer.err and "The columns are x, z" in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "no result is named"),
        (("fit",), "no data file is named"),
        (("fit", "a.csv", "b.csv"), "one word too many"),
    ],
)
def test_missing_and_spare_words_are_said(call: Call, words: tuple[str, ...], said: str) -> None:
    answer = call("predict", *words)
    assert answer.status == 2 and said in answer.err


def test_a_result_that_is_not_there_is_said(call: Call, groups: Path, tmp_path: Path) -> None:
    answer = call("predict", tmp_path / "nothing.json", groups)
    assert answer.status == 2 and "nothing.json" in answer.err


def test_the_help_names_both_places(call: Call) -> None:
    answer = call("predict", "--help")
    assert "predict RESULT FILE" in answer.out and "prediction.json" in answer.out
