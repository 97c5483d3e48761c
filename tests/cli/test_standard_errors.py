"""`fit --standard-errors`, and the audit that every fit prints and exports."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Call


def test_standard_errors_have_the_shape_of_the_parameters(call: Call, groups: Path) -> None:
    words = ("--columns", "x", "--standard-errors", "observed", "--json")
    made = call("fit", groups, *words).made
    for name, values in made["params"].items():
        errors, ends = np.array(made["standard_errors"][name]), np.array(made["intervals"][name])
        assert errors.shape == np.shape(values) and ends.shape == (*errors.shape, 2)
        assert np.all(errors > 0)
        assert np.all((ends[..., 0] < values) & (values < ends[..., 1]))
    assert made["identified"] is True and made["unidentified"] == []
    assert made["uncertainty"]["method"] == "observed"
    assert made["uncertainty"]["rank"] == made["free_parameters"]


def test_without_the_option_there_are_none_and_the_audit_is_always_there(
    call: Call, groups: Path
) -> None:
    made = call("fit", groups, "--columns", "x", "--json").made
    assert "standard_errors" not in made
    found = made["audit"]
    assert found["never_fell"] is True and 0 <= found["remaining"] < 0.01
    assert found["missing_information"] == pytest.approx(found["rate"] ** 0.5)
    assert [part["component"] for part in found["components"]] == [1, 2]
    assert {part["health"] for part in found["components"]} == {"sound"}


def test_the_table_shows_them_behind_plus_minus(call: Call, groups: Path) -> None:
    out = call("fit", groups, "--columns", "x", "--standard-errors", "observed").out
    assert "±" in next(line for line in out.splitlines() if line.strip().startswith("Mean x"))
    assert "Standard errors from the observed information" in out
    assert "The objective never fell" in out


def test_a_bootstrap_draws_as_often_as_was_asked(call: Call, groups: Path) -> None:
    words = ("--columns", "x", "--standard-errors", "bootstrap", "--replicates", "7", "--json")
    made = call("fit", groups, *words).made["uncertainty"]
    assert made["method"] == "bootstrap" and made["replicates"] + made["failures"] == 7


def test_the_export_has_them_beside_the_values_and_the_audit_as_a_table(
    call: Call, groups: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    call("fit", groups, "--columns", "x", "--standard-errors", "observed", "--export", folder)
    with (folder / "parameters.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert all(float(r["low"]) < float(r["value"]) < float(r["high"]) for r in rows)
    assert all(float(r["standard_error"]) > 0 for r in rows)
    with (folder / "audit.csv").open(encoding="utf-8", newline="") as stream:
        told = {(r["part"], r["number"], r["measure"]): r["value"] for r in csv.DictReader(stream)}
    assert told["run", "", "never_fell"] == "yes"
    assert told["component", "2", "health"] == "sound"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--standard-errors", "observd"), "Did you mean observed?"),
        (("--replicates", "1"), "--replicates 1 is no whole number"),
    ],
)
def test_wrong_words_are_said_before_the_file_is_read(
    call: Call, words: tuple[str, str], said: str
) -> None:
    answer = call("fit", "nowhere.csv", *words)
    assert answer.status == 2 and said in answer.err


def test_a_fit_that_has_none_is_printed_all_the_same(call: Call, tmp_path: Path) -> None:
    near = tmp_path / "near.csv"
    values = np.random.default_rng(1).normal(size=60) + 2.0 * (np.arange(60) % 2)
    near.write_text("\n".join(["x", *(f"{v:.3f}" for v in values)]) + "\n", encoding="utf-8")
    words = ("--set", "assignment=hard", "--standard-errors", "observed", "--json")
    answer = call("fit", near, *words)
    assert answer.status == 0 and "standard_errors" not in answer.made
    assert "hard assignment" in answer.err and "soft" in answer.err
