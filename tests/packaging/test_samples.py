"""The bundled samples are what their descriptions say."""

from __future__ import annotations

import csv
import json
from typing import Any

import numpy as np
import pytest

from emdesk.resources import resource

SAMPLES: list[dict[str, Any]] = json.loads(
    resource("samples/samples.json").read_text(encoding="utf-8")
)["samples"]
BUNDLED = [sample for sample in SAMPLES if "file" in sample]


def named(sample: dict[str, Any]) -> str:
    """The id, for the names of tests."""
    return str(sample["id"])


@pytest.mark.parametrize("sample", BUNDLED, ids=named)
def test_a_sample_file_has_the_columns_and_rows_that_its_card_says(sample: dict[str, Any]) -> None:
    with resource(f"samples/{sample['file']}").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert set(sample["columns"]) <= set(header)
    assert sample["facts"].startswith(f"{len(rows)} ")
    places = [header.index(column) for column in sample["columns"]]
    assert np.isfinite([[float(row[place]) for place in places] for row in rows]).all()


@pytest.mark.parametrize("sample", BUNDLED, ids=named)
def test_a_sample_file_has_its_source_written_down(sample: dict[str, Any]) -> None:
    assert sample["source"]
    assert f"`{sample['file']}`" in resource("samples/SOURCES.md").read_text(encoding="utf-8")


def test_no_two_samples_share_an_id() -> None:
    assert len({named(sample) for sample in SAMPLES}) == len(SAMPLES)


def test_the_simulated_sample_describes_proper_components() -> None:
    (large,) = [sample for sample in SAMPLES if "simulate" in sample]
    told = large["simulate"]
    spreads, means = np.array(told["spreads"]), np.array(told["means"])
    components, columns = means.shape
    assert (components, columns) == (large["settings"]["components"], len(large["columns"]))
    assert spreads.shape == means.shape
    assert sum(told["weights"]) == pytest.approx(1)
    for spread, correlation in zip(spreads, told["correlations"], strict=True):
        matrix = np.full((columns, columns), correlation)
        np.fill_diagonal(matrix, 1)
        assert np.linalg.eigvalsh(np.outer(spread, spread) * matrix)[0] > 0.05
