"""Histograms, censored and truncated values on the command line."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Call

EDGES = np.arange(2.0, 20.0, 2.0)


@pytest.fixture
def histogram(tmp_path: Path) -> Path:
    """Two groups counted in bins of width 2; the last bin is open."""
    rng = np.random.default_rng(5)
    values = np.concatenate([rng.normal(5.0, 1.2, 300), rng.normal(13.0, 2.0, 200)])
    counts, _ = np.histogram(values, np.concatenate([[-np.inf], EDGES, [np.inf]]))
    path = tmp_path / "counts.csv"
    ends = [*(f"{edge:g}" for edge in EDGES), "Inf"]
    lines = [f"{end},{count}" for end, count in zip(ends, counts, strict=True)]
    path.write_text("\n".join(["to,rows", *lines]) + "\n", encoding="utf-8")
    return path


ROLES = ("--role", "upper=to", "--role", "weight=rows", "--starts", "2")


def test_a_histogram_is_fitted_by_its_upper_edges_and_counts(call: Call, histogram: Path) -> None:
    made = call("fit", histogram, *ROLES, "--json").made
    assert made["columns"] == ["to"] and made["cells_missing"] == 0
    assert made["roles"] == {"upper": ["to"], "weight": ["rows"]}
    means = np.sort(np.ravel(made["params"]["means"]))
    assert np.allclose(means, [5.0, 13.0], atol=0.4)
    free, n = made["free_parameters"], 500
    assert made["bic"] == pytest.approx(-2 * made["log_likelihood"] + free * np.log(n))


def test_labels_and_predictions_are_those_of_the_bins(
    call: Call, histogram: Path, tmp_path: Path
) -> None:
    folder, again = tmp_path / "out", tmp_path / "again"
    assert call("fit", histogram, *ROLES, "--export", folder).status == 0
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[1]["label"] != rows[6]["label"] and rows[-1]["to"] == "Inf"
    answer = call("predict", folder, histogram, "--export", again)
    assert answer.status == 0, answer.err
    with (again / "labels.csv").open(encoding="utf-8", newline="") as stream:
        predicted = list(csv.DictReader(stream))
    assert [row["label"] for row in predicted] == [row["label"] for row in rows]
    density = sum(float(r["rows"]) * float(r["log_density"]) for r in predicted if r["rows"] != "0")
    made = call("fit", histogram, *ROLES, "--json").made
    assert density == pytest.approx(made["log_likelihood"], rel=1e-9)


def test_one_interval_alone_can_be_predicted(call: Call, histogram: Path, tmp_path: Path) -> None:
    folder, alone = tmp_path / "out", tmp_path / "alone.csv"
    assert call("fit", histogram, *ROLES, "--export", folder).status == 0
    alone.write_text("to,rows\n9,1\n,2\n", encoding="utf-8")
    answer = call("predict", folder, alone)
    assert answer.status == 0, answer.err
    assert "2 rows, 2 labelled" in answer.out


def test_a_model_of_intervals_draws_values(call: Call, histogram: Path, tmp_path: Path) -> None:
    folder, drawn = tmp_path / "out", tmp_path / "drawn.csv"
    assert call("fit", histogram, *ROLES, "--export", folder).status == 0
    assert call("simulate", folder, "--rows", "400", "--export", drawn).status == 0
    values = np.genfromtxt(drawn, delimiter=",", skip_header=1)
    assert len(np.unique(values[:, 0])) == 400 and abs(values[:, 0].mean() - 8.2) < 0.6


def test_a_bootstrap_of_a_histogram_draws_its_bins(call: Call, histogram: Path) -> None:
    for method in ("bootstrap", "parametric"):
        words = (*ROLES, "--set", "components=1", "--standard-errors", method)
        answer = call("fit", histogram, *words)
        assert answer.status == 0, answer.err
        line = next(x for x in answer.out.splitlines() if x.lstrip().startswith("Mean to"))
        assert 0.12 < float(line.split()[-1]) < 0.28  # SD 4.2 over the root of 500


def test_values_below_a_limit_were_never_recorded(call: Call, tmp_path: Path) -> None:
    values = np.random.default_rng(2).normal(10.0, 3.0, 1500)
    path = tmp_path / "kept.csv"
    kept = values[values > 8]
    path.write_text("x\n" + "".join(f"{v:.6f}\n" for v in kept), encoding="utf-8")
    words = ("--set", "components=1", "--set", "truncated-below=8", "--starts", "1", "--json")
    made = call("fit", path, *words).made
    assert made["settings"]["truncated_below"] == "8"
    assert abs(np.ravel(made["params"]["means"])[0] - 10.0) < 0.8
    narrow = call("fit", path, "--set", "truncated-below=9")
    assert narrow.status == 2 and "lies outside the window" in narrow.err


def test_ends_and_another_column_contradict_each_other(call: Call, histogram: Path) -> None:
    answer = call("fit", histogram, "--column", "rows", "--role", "upper=to")
    assert answer.status == 2 and "gives the ends of intervals" in answer.err
    counts = call("fit", histogram, "--law", "poisson", *ROLES)
    assert counts.status == 2 and "upper" in counts.err
