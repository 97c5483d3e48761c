"""`fit`: the object it prints, its defaults, its exit status and its sentences."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Call

KEYS = [
    "family", "law", "columns", "rows", "rows_used", "cells_missing", "settings", "seed", "objective",
    "log_likelihood", "free_parameters", "aic", "aicc", "bic", "sabic", "caic", "icl", "icl_hard",
    "entropy", "entropy_r2", "iterations", "evaluations", "converged", "stop", "stop_sentence",
    "seconds", "starts", "optima", "replicated", "unseen_chance", "warnings", "params", "axes",
    "audit",
]  # fmt: skip


def test_the_object_has_the_promised_names(call: Call, groups: Path) -> None:
    answer = call("fit", groups, "--columns", "x", "--json")
    assert answer.status == 0 and answer.err == ""
    assert list(answer.made) == KEYS
    assert answer.made["axes"] == {
        "weights": ["component"],
        "means": ["component", "column"],
        "covariances": ["component", "column", "column"],
    }
    assert np.shape(answer.made["params"]["covariances"]) == (2, 1, 1)


def test_by_default_every_numeric_column_is_fitted_by_ten_starts(call: Call, groups: Path) -> None:
    made = call("fit", groups, "--json").made
    assert made["columns"] == ["x", "y, tall", "copies", "code"]
    settings = made["settings"]
    assert (made["seed"], settings["starts"]) == (0, 10)
    assert (settings["tolerance"], settings["max_iterations"]) == (1e-8, 1000)


def test_columns_that_play_a_role_are_not_fitted(call: Call, groups: Path) -> None:
    words = ("--role", "weight=copies", "--start-labels", "code", "--json")
    made = call("fit", groups, *words).made
    assert made["columns"] == ["x", "y, tall"]


def test_a_name_with_a_comma_is_given_by_itself(call: Call, groups: Path) -> None:
    made = call("fit", groups, "--column", "y, tall", "--columns", "x", "--json").made
    assert made["columns"] == ["x", "y, tall"]


def test_a_frequency_column_counts_its_rows_as_often(call: Call, groups: Path) -> None:
    made = call("fit", groups, "--columns", "x", "--role", "weight=copies", "--json").made
    expected = -2 * made["log_likelihood"] + made["free_parameters"] * math.log(240)
    assert made["bic"] == pytest.approx(expected)
    assert made["rows"] == made["rows_used"] == 120


def test_components_are_numbered_by_falling_weight(call: Call, groups: Path) -> None:
    params = call("fit", groups, "--columns", "x", "--json").made["params"]
    assert params["weights"] == pytest.approx([2 / 3, 1 / 3], abs=0.01)
    assert params["means"][0][0] > params["means"][1][0]


def test_the_order_of_given_labels_is_kept(call: Call, groups: Path) -> None:
    made = call("fit", groups, "--columns", "x", "--start-labels", "kind", "--json").made
    assert made["params"]["weights"] == pytest.approx([1 / 3, 2 / 3], abs=0.01)
    assert made["settings"]["starts"] == 1 and made["settings"]["start"] == "labels"


def test_a_start_from_labels_is_an_m_step_from_that_partition(call: Call, groups: Path) -> None:
    words = ("--columns", "x", "--start-labels", "kind", "--max-iterations", "0", "--json")
    made = call("fit", groups, *words).made
    with groups.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    first = np.array([float(row["x"]) for row in rows if row["kind"] == "a"])
    assert made["iterations"] == 0 and made["stop"] == "limit" and not made["converged"]
    assert made["params"]["weights"] == pytest.approx([1 / 3, 2 / 3])
    assert made["params"]["means"][0][0] == pytest.approx(first.mean())
    assert made["params"]["covariances"][0][0][0] == pytest.approx(first.var())


def test_as_many_components_as_there_are_labels(call: Call, groups: Path) -> None:
    made = call("fit", groups, "--columns", "x", "--start-labels", "copies", "--json").made
    assert made["settings"]["components"] == 3


def test_a_fit_goes_on_from_exported_parameters(call: Call, groups: Path, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    words = ("--columns", "x", "--set", "components=3", "--tolerance", "0")
    first = call(
        "fit", groups, *words, "--starts", "1", "--max-iterations", "5", "--export", folder
    )
    assert first.status == 0
    file = folder / "parameters.json"
    again = call("fit", groups, "--start", file, "--max-iterations", "0", "--json").made
    saved = json.loads(file.read_text(encoding="utf-8"))
    assert again["columns"] == ["x"] and again["settings"]["components"] == 3
    assert again["log_likelihood"] == pytest.approx(saved["log_likelihood"], rel=1e-12)
    assert np.array(again["params"]["means"]) == pytest.approx(np.array(saved["params"]["means"]))


def test_given_parameters_keep_their_order(call: Call, groups: Path, tmp_path: Path) -> None:
    start = tmp_path / "start.json"
    params = {"weights": [0.2, 0.8], "means": [[0], [9]], "covariances": [[[1]], [[2]]]}
    start.write_text(json.dumps({"params": params}), encoding="utf-8")
    words = ("--columns", "x", "--start", start, "--max-iterations", "0", "--json")
    made = call("fit", groups, *words).made
    assert made["params"]["weights"] == [0.2, 0.8]
    assert np.ravel(made["params"]["means"]) == pytest.approx([0, 9], abs=1e-12)


def test_without_a_tolerance_exactly_so_many_iterations_are_made(call: Call, groups: Path) -> None:
    words = ("--columns", "x", "--tolerance", "0", "--max-iterations", "7", "--json")
    first, second = (call("fit", groups, *words).made for _ in range(2))
    assert first["iterations"] == 7 and first["stop"] == "limit"
    assert first["log_likelihood"] == second["log_likelihood"]
    assert first["params"] == second["params"]


def test_evaluations_count_the_sweeps(call: Call, groups: Path) -> None:
    words = ("--tolerance", "0", "--max-iterations", "7", "--starts", "1", "--json")
    assert call("fit", groups, "--columns", "x", *words).made["evaluations"] == 8


def test_reaching_the_limit_is_a_result_that_has_not_converged(call: Call, groups: Path) -> None:
    answer = call("fit", groups, "--columns", "x", "--max-iterations", "1", "--json")
    assert answer.status == 0
    assert not answer.made["converged"] and "not converged" in answer.made["stop_sentence"]


def test_settings_are_understood_by_name(call: Call, groups: Path) -> None:
    words = ("--set", "covariance=eii", "--set", "start=mixed", "--set", "max-iterations=50")
    settings = call("fit", groups, *words, "--json").made["settings"]
    assert settings["covariance"] == "EII"
    assert (settings["start"], settings["max_iterations"]) == ("mixed", 50)


def test_the_icl_is_the_bic_and_twice_the_entropy(call: Call, groups: Path, tmp_path: Path) -> None:
    words = ("--columns", "x,copies", "--set", "components=2", "--export", tmp_path, "--json")
    made = call("fit", groups, *words).made
    with (tmp_path / "labels.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    shares = np.array([[float(r["probability_1"]), float(r["probability_2"])] for r in rows])
    entropy = -(shares * np.log(np.where(shares > 0, shares, 1))).sum()
    assert made["icl"] == pytest.approx(made["bic"] + 2 * entropy)
    assert made["aic"] == pytest.approx(2 * made["free_parameters"] - 2 * made["log_likelihood"])


def test_rows_with_missing_values_are_set_aside_and_counted(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    path.write_text("x\n1\n2\nNA\n2.5\n8\n9\n8.5\n?\n7.5\n1.5\n", encoding="utf-8")
    made = call("fit", path, "--set", "covariance=E", "--json").made
    assert (made["rows"], made["rows_used"]) == (10, 8)
    assert any("2 rows" in warning for warning in made["warnings"])


def test_cells_that_could_not_be_read_are_warned_about(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "typo.csv"
    values = [f"{v / 7:.3f}" for v in range(40)]
    path.write_text("\n".join(["x", *values, "1o.5"]) + "\n", encoding="utf-8")
    made = call("fit", path, "--export", tmp_path / "out", "--json").made
    saved = json.loads((tmp_path / "out" / "parameters.json").read_text(encoding="utf-8"))
    assert any("1 cell could not be read" in warning for warning in made["warnings"])
    assert saved == made


def test_a_collapsed_fit_is_printed_and_ends_in_status_3(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "twins.csv"
    path.write_text("x,g\n" + "1,a\n" * 6 + "5,b\n6,b\n7.5,b\n8,b\n", encoding="utf-8")
    answer = call("fit", path, "--start-labels", "g", "--json")
    assert answer.status == 3
    assert answer.made["stop"] == "collapsed" and not answer.made["converged"]
    assert answer.err.count("\n") == 1 and "twins.csv" in answer.err


def test_the_plain_summary_tells_parameters_criteria_and_stop(call: Call, groups: Path) -> None:
    answer = call("fit", groups, "--columns", "x")
    assert answer.status == 0 and answer.err == ""
    for told in ("Converged at", "-2 log L + p log n", "Mean x", "120 rows, 120 used"):
        assert told in answer.out


def test_nothing_is_told_about_progress_to_a_file(call: Call, groups: Path) -> None:
    assert call("fit", groups, "--columns", "x").err == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--family", "mixtur"), "Did you mean mixture?"),
        (("--law", "gausian"), "Did you mean gaussian?"),
        (("--set", "component=2"), "Did you mean components?"),
        (("--set", "components=0"), "Give a whole number from 1 to 200"),
        (("--set", "components=two"), "“two”"),
        (("--set", "covariance=VV"), "Did you mean VVV?"),
        (("--set", "starts=5", "--starts", "6"), "starts is given twice"),
        (("--set", "components"), "Write --set KEY=VALUE"),
        (("--set", "start=labels"), "Write --start-labels COLUMN"),
        (("--columns", "xx"), "there is no column “xx”"),
        (("--columns", "x,"), "a column without a name"),
        (("--columns", "x", "--column", "x"), "named twice"),
        (("--columns", "kind"), "kind"),
        (("--role", "weigth=copies"), "Did you mean weight?"),
        (("--role", "sequence=kind"), "takes no role “sequence”"),
        (("--role", "weight=nothing"), "there is no column “nothing”"),
        (("--role", "weight=copies", "--columns", "copies"), "both fitted and given as weight"),
        (("--role", "weight=copies", "--role", "weight=code"), "given twice"),
        (("--start-labels", "kinds"), "Did you mean kind?"),
        (("--start-labels", "kind", "--starts", "3"), "is one start"),
        (("--start-labels", "kind", "--set", "components=3"), "holds 2 groups"),
        (("--start-labels", "kind", "--start", "a.json"), "both given"),
        (("--start", "absent.json"), "absent.json"),
        (("--tolerance", "2"), "Give a number from 0 to 1"),
        (("--max-iterations", "1.5"), "Iterations is 1.5"),
        (("--seed", "-1"), "Seed is -1"),
        (("--input", "a=b"), "takes no further inputs"),
        (("--as", "image"), "only read as a table so far"),
        (("--as", "tabel"), "Did you mean table?"),
        (("--sheet", "one"), "leave out --sheet"),
        (("--encoding", "klingon"), "--encoding: "),
        (("--delimiter", "abc"), "--delimiter: "),
        (("--law", "poisson"), "counts are whole"),
    ],
)
def test_what_does_not_work_is_one_sentence_and_status_2(
    call: Call, groups: Path, words: tuple[str, ...], told: str
) -> None:
    answer = call("fit", groups, *words, "--json")
    assert answer.status == 2
    assert answer.out == ""
    assert answer.err.count("\n") == 1 and "Traceback" not in answer.err
    assert told in answer.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("x,y\n", ""),
        ("a\nb\nc\nd\n", "none is numeric"),
        ("x,y\n1,2\n3\n", "3"),
        ("x\n5\n5\n5\n5\n", "x"),
        ("x\n1\n", "1"),
    ],
)
def test_unusable_data_are_refused_in_one_sentence(
    call: Call, tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    answer = call("fit", path)
    assert answer.status == 2 and answer.out == ""
    assert answer.err.count("\n") == 1 and told in answer.err


@pytest.mark.parametrize(
    "text",
    ["[1, 2]", "{", '{"weights": "many"}', '{"weights": [[1], [1, 2]]}', "{}", '{"params": {}}'],
)
def test_a_start_file_without_parameters_is_refused(
    call: Call, groups: Path, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "start.json"
    path.write_text(text, encoding="utf-8")
    answer = call("fit", groups, "--columns", "x", "--start", path)
    assert answer.status == 2 and answer.err.count("\n") == 1
    assert "start.json" in answer.err


def test_an_export_folder_that_is_a_file_is_refused_before_the_fit(
    call: Call, groups: Path
) -> None:
    answer = call("fit", groups, "--columns", "x", "--export", groups / "inside")
    assert answer.status == 2 and answer.out == ""
    assert "is a file" in answer.err
