"""`compare`: the object and the table it prints, what may vary, its exit status and its sentences."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emdesk.cli.varied import counts_of
from emdesk.errors import UsageProblem
from emdesk.resources import resource
from tests.cli.conftest import Call

FAITHFUL = resource("samples/faithful.csv")


def test_the_object_holds_a_cell_for_every_model_and_the_best(call: Call) -> None:
    words = ("--components", "1..3", "--set", "covariance=EII,EEE", "--starts", "2", "--json")
    answer = call("compare", FAITHFUL, *words)
    assert answer.status == 0 and answer.err == ""
    made = answer.made
    places = [(cell["components"], cell["covariance"]) for cell in made["cells"]]
    assert places == [(k, v) for v in ("EII", "EEE") for k in (1, 2, 3)]
    assert made["best"]["bic"]["components"] == 3
    assert all(cell["sound"] and "params" not in cell for cell in made["cells"])
    assert made["cells"][5]["log_likelihood"] == pytest.approx(-1126.316, abs=1e-2)


def test_a_cell_is_the_fit_of_the_same_words(call: Call, groups: Path) -> None:
    words = ("--columns", "x", "--starts", "2", "--seed", "4", "--json")
    alone = call("fit", groups, "--set", "components=2", *words).made
    cell = call("compare", groups, "--components", "2", *words).made["cells"][0]
    for name in ("settings", "seed", "columns", "log_likelihood", "bic", "converged", "stop"):
        assert cell[name] == alone[name]


def test_without_json_it_prints_a_table_with_the_best_marked(call: Call) -> None:
    words = ("--components", "1..3", "--set", "covariance=EII,EEE", "--starts", "2")
    out = call("compare", FAITHFUL, *words).out
    assert "BIC, smaller is better; * the best" in out
    assert "*2\u202f314.30" in out
    assert "Best by BIC: EEE, 3 components" in out


def test_laws_can_vary(call: Call, groups: Path) -> None:
    words = ("--components", "1,2", "--law", "poisson,gaussian", "--columns", "copies", "--json")
    made = call("compare", groups, *words, "--starts", "2").made
    assert made["variants"] == ["poisson", "gaussian"]
    assert {cell["law"] for cell in made["cells"]} == {"poisson", "gaussian"}
    assert "densities" in made["warnings"][0]


def test_a_model_that_is_refused_has_a_reason_and_ends_nothing(call: Call, groups: Path) -> None:
    words = ("--columns", "x", "--law", "poisson,gaussian", "--components", "2", "--starts", "1")
    answer = call("compare", groups, *words, "--json")
    refused, sound = answer.made["cells"]
    assert answer.status == 0 and sound["sound"]
    assert refused["stop"] == "refused" and "x" in refused["reason"]
    assert refused["log_likelihood"] is None


def test_nothing_sound_is_exit_status_three(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "flat.csv"
    path.write_text("a\n" + "1\n2\n" * 10, encoding="utf-8")
    answer = call("compare", path, "--components", "2", "--starts", "2")
    assert answer.status == 3
    assert "flat.csv" in answer.err and "Try fewer components" in answer.err


def test_the_table_is_exported(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    words = ("--components", "1..2", "--starts", "2", "--export", folder)
    assert "comparison.csv" in call("compare", FAITHFUL, *words).out
    with (folder / "comparison.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["components"] for row in rows] == ["1", "2"]
    assert float(rows[1]["log_likelihood"]) == pytest.approx(-1130.264, abs=1e-3)
    assert rows[1]["sound"] == "true"


def test_best_may_be_by_rows_that_were_left_out(call: Call) -> None:
    words = ("--components", "1..2", "--criterion", "cv", "--folds", "3", "--starts", "2", "--json")
    made = call("compare", FAITHFUL, *words).made
    assert made["best"]["cv"]["components"] == 2 and made["best"]["cv"]["better"] == "larger"
    assert made["cells"][0]["cross_validation"]["folds"] == 3


def test_counts_are_tested_against_each_other(call: Call, groups: Path) -> None:
    words = ("--columns", "x", "--components", "1,2", "--starts", "1", "--blrt", "--draws", "19")
    tests = call("compare", groups, *words, "--json").made["tests"]
    assert tests[0]["prefers_larger"] and tests[0]["smaller"] == {"components": 1}
    assert tests[0]["drawn"] <= tests[0]["planned"] == 19
    assert "Bootstrap test of 1 against 2: ratio" in call("compare", groups, *words).out


def test_counts_are_a_range_a_list_or_both() -> None:
    assert counts_of("1..4") == (1, 2, 3, 4)
    assert counts_of("5,1,2") == (1, 2, 5)
    assert counts_of("1..3, 7") == (1, 2, 3, 7)
    for text in ("", "0..2", "3..1", "a", "1..", "1...3", "1..900"):
        with pytest.raises(UsageProblem):
            counts_of(text)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--components", "0..3"), "the counts of groups are “0..3”"),
        (("--set", "components=2"), "Write --components 2"),
        (("--set", "covariance=EEE,XXX"), "“XXX” is not one of its values"),
        (("--set", "covariance=all", "--law", "all"), "more than one setting"),
        (("--set", "floor=all"), "no closed list of values"),
        (("--criterion", "bicc"), "Did you mean bic?"),
        (("--criterion", "cv", "--folds", "1"), "--folds is “1”"),
        (("--draws", "99"), "Add --blrt"),
        (("--start", "x.json"), "compare has no option “--start”"),
    ],
)
def test_what_cannot_be_compared_is_said_before_the_file_is_read(
    call: Call, words: tuple[str, ...], told: str
) -> None:
    answer = call("compare", "missing.csv", *words)
    assert answer.status == 2 and told in answer.err


def test_a_decimal_comma_is_no_list(call: Call, groups: Path) -> None:
    words = ("--columns", "x", "--components", "1", "--set", "floor=0,001", "--json")
    made = call("compare", groups, *words).made
    assert made["varied"] is None and made["cells"][0]["settings"]["floor"] == 0.001


def test_help_lists_the_options_and_settings(call: Call) -> None:
    out = call("compare", "--help", "--law", "all").out
    assert "--tie NAME" in out and "in all components, in every model" in out
    assert "--components 1..9" in out and "comparison.csv" in out and "--set (mixture)" in out


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on POSIX")
def test_an_interrupted_comparison_keeps_the_cells_that_are_done() -> None:
    """The interruption is sent when the terminal says that some models are done."""
    import pty

    ours, theirs = pty.openpty()
    root = Path(__file__).resolve().parents[2]
    words = ("compare", str(FAITHFUL), "--set", "covariance=all", "--starts", "40", "--json")
    with subprocess.Popen(
        [sys.executable, str(root / "main.py"), *words], stdout=subprocess.PIPE, stderr=theirs
    ) as program:
        os.close(theirs)
        seen = b""
        while not re.search(rb"[2-9] of 126 models", seen):
            seen += os.read(ours, 1000)
        program.send_signal(signal.SIGINT)
        assert program.stdout is not None
        made = json.loads(program.stdout.read())
        os.close(ours)
        assert program.wait(60) == 0
    assert 0 < len(made["cells"]) < 126
    assert all(cell["stop"] == "converged" for cell in made["cells"])
    assert "were not fitted" in made["warnings"][-1]


def test_a_parameter_that_is_one_in_all_components_is_so_in_every_model(call: Call) -> None:
    words = ("--components", "1..3", "--set", "covariance=VVI,VVV", "--starts", "2")
    made = call("compare", FAITHFUL, *words, "--tie", "means[waiting]", "--json").made
    free = call("compare", FAITHFUL, *words, "--json").made
    for tied, other in zip(made["cells"], free["cells"], strict=True):
        fewer = tied["components"] - 1
        assert tied["free_parameters"] == other["free_parameters"] - fewer
        assert tied["log_likelihood"] <= other["log_likelihood"] + 1e-4
    heights = [cell["log_likelihood"] for cell in made["cells"] if cell["covariance"] == "VVI"]
    assert heights == sorted(heights)


def test_components_cannot_be_tied_by_their_numbers_where_counts_are_compared(call: Call) -> None:
    answer = call("compare", "missing.csv", "--tie", "means[1=2,waiting]")
    assert answer.status == 2
    assert answer.err.startswith("--tie means[1=2,waiting]: ")
    assert "how many there are is compared" in answer.err and "Tie means in all" in answer.err
    answer = call("compare", "missing.csv", "--hold", "means[1]=3")
    assert answer.status == 2 and "compare has no option “--hold”" in answer.err


def test_structures_and_laws_that_cannot_have_what_is_tied_are_left_out(
    call: Call, groups: Path
) -> None:
    words = ("--components", "1,2", "--starts", "1", "--tie", "covariances", "--json")
    made = call("compare", FAITHFUL, *words, "--set", "covariance=all").made
    assert "VVV" in made["variants"] and "EEE" not in made["variants"]
    counts = ("--columns", "copies", "--tie", "means", "--components", "1", "--starts", "1")
    made = call("compare", groups, *counts, "--law", "all", "--json").made
    assert "gaussian" in made["variants"] and "poisson" not in made["variants"]
    answer = call("compare", groups, *counts, "--law", "poisson,gaussian")
    assert answer.status == 2 and "means cannot be the same in several components" in answer.err
