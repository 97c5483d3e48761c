"""Missing cells, held parameters, known labels and stochastic assignment on the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Call


@pytest.fixture
def gaps(groups: Path, tmp_path: Path) -> Path:
    """The file of two groups with every seventh x and every ninth y left blank."""
    with groups.open(encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    for number, row in enumerate(rows):
        row[0] = "" if number % 7 == 0 else row[0]
        row[1] = "" if number % 9 == 0 else row[1]
    path = tmp_path / "gaps.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


COLUMNS = ("--columns", "x", "--column", "y, tall")


def test_rows_with_missing_cells_are_kept_or_dropped(call: Call, gaps: Path) -> None:
    kept = call("fit", gaps, *COLUMNS, "--json").made
    assert (kept["rows"], kept["rows_used"]) == (120, 118)  # two rows have neither cell
    assert kept["cells_missing"] == 18 + 14 - 4
    dropped = call("fit", gaps, *COLUMNS, "--missing", "drop", "--json").made
    assert (dropped["rows_used"], dropped["cells_missing"]) == (120 - 18 - 14 + 2, 0)
    assert dropped["settings"]["missing"] == "drop"
    shown = call("fit", gaps, *COLUMNS)
    assert "28 missing cells were kept and estimated" in shown.out


def test_another_word_for_missing_is_refused(call: Call, gaps: Path) -> None:
    answer = call("fit", gaps, "--missing", "dropped")
    assert answer.status == 2 and answer.err.startswith("--missing dropped: ")
    assert "keep, drop" in answer.err


def test_draws_are_exported_and_need_a_folder(call: Call, gaps: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert call("fit", gaps, *COLUMNS, "--export", folder, "--draws", "2").status == 0
    lines = (folder / "draws.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == 'draw,row,x,"y, tall"' and len(lines) == 1 + 2 * (28 - 0)
    nowhere = call("fit", gaps, *COLUMNS, "--draws", "2")
    assert nowhere.status == 2 and "Add --export DIR" in nowhere.err
    wrong = call("fit", gaps, *COLUMNS, "--export", folder, "--draws", "many")
    assert wrong.status == 2 and "a whole number from 1 to" in wrong.err


def test_a_parameter_is_held_at_a_written_value(call: Call, groups: Path) -> None:
    words = ("--hold", "means[1,x]=0.5", "--hold", "weights[1]=0.4")
    made = call("fit", groups, *COLUMNS, *words, "--json").made
    assert made["params"]["means"][0][0] == pytest.approx(0.5)
    assert made["params"]["weights"] == pytest.approx([0.4, 0.6])
    assert [one["name"] for one in made["held"]] == ["means", "weights"]
    assert (
        "Held: means [1, x] = 0.5, weights [1] = 0.4" in call("fit", groups, *COLUMNS, *words).out
    )


def test_a_parameter_is_held_at_the_value_of_the_start(
    call: Call, groups: Path, tmp_path: Path
) -> None:
    start = tmp_path / "start.json"
    params = {"weights": [0.3, 0.7], "means": [[0], [9]], "covariances": [[[1.5]], [[2]]]}
    start.write_text(json.dumps(params), encoding="utf-8")
    words = ("--columns", "x", "--start", start, "--hold", "sds[1]", "--hold", "means[2]")
    made = call("fit", groups, *words, "--json").made
    assert np.ravel(made["params"]["covariances"])[0] == pytest.approx(1.5)
    assert np.ravel(made["params"]["means"])[1] == pytest.approx(9)
    free = call("fit", groups, "--columns", "x", "--start", start, "--json").made
    assert made["free_parameters"] == free["free_parameters"] - 2
    assert made["log_likelihood"] < free["log_likelihood"]


def test_a_parameter_is_tied_in_all_or_in_some_components(call: Call, groups: Path) -> None:
    words = ("--tie", "means[x]", "--tie", "weights[1=2]")
    made = call("fit", groups, *COLUMNS, *words, "--json").made
    assert made["params"]["means"][0][0] == made["params"]["means"][1][0]
    assert made["params"]["weights"] == [0.5, 0.5]
    assert [one["name"] for one in made["tied"]] == ["means", "weights"]
    assert "Tied: means[x], weights[1=2]" in call("fit", groups, *COLUMNS, *words).out


def test_what_cannot_be_tied_is_said_by_the_words_that_were_typed(call: Call, groups: Path) -> None:
    answer = call("fit", groups, *COLUMNS, "--tie", "sds")
    assert answer.status == 2
    assert answer.err.startswith("--tie sds: ") and "Tie the covariances" in answer.err
    answer = call("fit", groups, *COLUMNS, "--tie", "means[1=5]")
    assert answer.status == 2 and "Components go from 1 to 2" in answer.err


def test_what_cannot_be_held_is_said_by_the_words_that_were_typed(call: Call, groups: Path) -> None:
    answer = call("fit", groups, *COLUMNS, "--hold", "sds[1]=2")
    assert answer.status == 2
    assert answer.err.startswith("--hold sds[1]=2: ") and "Hold the covariances" in answer.err
    answer = call("fit", groups, "--columns", "x", "--hold", "means[1]")
    assert answer.status == 2 and "Write --hold means[1]=VALUE" in answer.err


def test_known_labels_are_a_role_and_set_the_number_of_components(call: Call, groups: Path) -> None:
    made = call("fit", groups, *COLUMNS, "--role", "label=kind", "--json").made
    assert made["group_names"] == ["a", "b"] and made["settings"]["components"] == 2
    assert made["discriminant"]["resubstitution_error"] == 0
    shown = call("fit", groups, *COLUMNS, "--role", "label=kind").out
    assert "All labels are known: discriminant analysis." in shown
    answer = call("fit", groups, *COLUMNS, "--role", "label=copies", "--set", "components=2")
    assert answer.status == 2 and "has 3 labels, and there are 2" in answer.err


def test_a_truth_column_is_compared_with(call: Call, groups: Path) -> None:
    made = call("fit", groups, *COLUMNS, "--role", "truth=code", "--json").made
    assert made["columns"] == ["x", "y, tall"] and made["roles"] == {"truth": ["code"]}
    assert made["comparison"]["accuracy"] == made["comparison"]["adjusted_rand"] == 1
    shown = call("fit", groups, *COLUMNS, "--role", "truth=code").out
    assert "Of 120 rows with a known code, 100.0 % agree; adjusted Rand index 1.0000." in shown


def test_stochastic_assignment_ends_repeats_and_promises_nothing(call: Call, groups: Path) -> None:
    model = ("--columns", "x", "--set", "components=3", "--set", "assignment=stochastic")
    words = (*model, "--starts", "2", "--max-iterations", "60")
    first, second = (call("fit", groups, *words, "--json") for _ in range(2))
    assert first.status == 0
    assert first.made["params"] == second.made["params"]
    assert first.made["stop_sentence"] == second.made["stop_sentence"]
    told = first.made["stop_sentence"]
    assert told.endswith("stochastic EM promises no climb")
    assert 0 < int(told.split()[1]) <= first.made["iterations"] <= 60
    other = call("fit", groups, *words, "--seed", "1", "--json").made
    assert other["log_likelihood"] != first.made["log_likelihood"]
