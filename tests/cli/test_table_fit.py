"""`fit --law categorical`: the fit of the table on the command line and in the files."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from emdesk.resources import resource
from tests.cli.conftest import Call

CARCINOMA = str(resource("samples/carcinoma.csv"))
FIT = ("fit", CARCINOMA, "--law", "categorical", "--role", "weight=slides", "--set", "components=3")


def test_the_summary_tells_the_fit_of_the_table(call: Call) -> None:
    answer = call(*FIT)
    assert answer.status == 0
    assert "G\u00b2 15.262 with 104 degrees of freedom" in answer.out
    assert "sparse table" in answer.out and "bivariate residual" in answer.out
    assert "Probability A = 1" in answer.out


def test_the_object_holds_the_table_and_its_bootstrap(call: Call) -> None:
    answer = call(*FIT, "--bootstrap", "5", "--json")
    made = answer.made["table_fit"]
    assert answer.status == 0
    assert made["g2"] == pytest.approx(15.262, abs=6e-4)
    assert made["x2"] == pytest.approx(20.503, abs=6e-4)
    assert made["df"] == 104 and made["sparse"] is True and len(made["residuals"]) == 21
    assert made["bootstrap"]["draws"] + made["bootstrap"]["failures"] == 5


def test_the_files_name_categories_and_list_residuals(call: Call, tmp_path: Path) -> None:
    call(*FIT, "--export", str(tmp_path))
    with (tmp_path / "residuals.csv").open(encoding="utf-8", newline="") as stream:
        header, first, *others = csv.reader(stream)
    assert header == ["first", "second", "x2", "df", "ratio"] and first[:2] == ["D", "F"]
    assert len(others) == 20
    with (tmp_path / "parameters.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    chances = [row for row in rows if row["parameter"] == "probabilities"]
    assert len(chances) == 3 * 7 * 2
    assert {row["category"] for row in chances} == {"1", "2"}


def test_words_are_written_as_words_and_filled_up_places_are_not(
    call: Call, tmp_path: Path
) -> None:
    file = tmp_path / "answers.csv"
    lines = ["sex,answer", *("f,yes", "m,no", "f,maybe", "m,no", "f,yes", "m,maybe") * 5]
    file.write_text("\n".join(lines), encoding="utf-8")
    answer = call(
        "fit", str(file), "--law", "categorical", "--set", "components=1", "--export", str(tmp_path)
    )
    assert answer.status == 0
    with (tmp_path / "parameters.csv").open(encoding="utf-8", newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if r["parameter"] == "probabilities"]
    found = {(row["column"], row["category"]) for row in rows}
    assert found == {
        ("sex", "f"), ("sex", "m"), ("answer", "yes"), ("answer", "no"), ("answer", "maybe")
    }  # fmt: skip


@pytest.mark.parametrize("text", ["0", "many", "-3"])
def test_a_number_of_tables_that_cannot_be_is_refused(call: Call, text: str) -> None:
    answer = call(*FIT, f"--bootstrap={text}")
    assert answer.status == 2 and text in answer.err


def test_a_model_without_a_table_says_so_and_fits_all_the_same(call: Call) -> None:
    faithful = str(resource("samples/faithful.csv"))
    answer = call("fit", faithful, "--table-fit")
    assert (
        answer.status == 0 and "no table of patterns" in answer.err and "G\u00b2" not in answer.out
    )
