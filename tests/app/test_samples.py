"""The bundled samples: their data, their models, their pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.samples import (
    CHUNK_ROWS,
    sample,
    sample_dataset,
    sample_picture,
    sample_spec,
    samples,
    simulated,
)
from emdesk.em.control import RunControl
from emdesk.errors import Cancelled, UsageProblem
from emdesk.model.marks import Ellipse, Points

LARGE = sample("large")
assert LARGE.simulation is not None
FEW = replace(LARGE.simulation, rows=3 * CHUNK_ROWS // 2)


def test_every_sample_with_a_file_holds_the_columns_of_its_model() -> None:
    for entry in samples():
        if entry.file:
            dataset = sample_dataset(entry)
            assert set(entry.columns) <= set(dataset.names)
            assert dataset.name == entry.title


def test_every_sample_names_its_source() -> None:
    assert all(entry.source and entry.facts for entry in samples())


def test_the_model_of_a_sample_is_set_up_as_its_description_says() -> None:
    spec = sample_spec(sample("iris"), catalogue())
    assert spec.columns == sample("iris").columns
    assert spec.values()["components"] == 3
    assert spec.values()["covariance"] == "VVV"
    spec.check()


def test_an_unknown_sample_is_told_with_those_there_are() -> None:
    with pytest.raises(UsageProblem, match="tulips") as caught:
        sample("tulips")
    assert "faithful" in caught.value.remedy


def test_the_simulated_sample_is_the_same_for_the_same_seed() -> None:
    first = simulated(FEW, LARGE.columns)
    second = simulated(FEW, LARGE.columns)
    for left, right in zip(first.columns, second.columns, strict=True):
        assert np.array_equal(left.values, right.values)


def test_fewer_simulated_rows_are_the_first_of_the_many() -> None:
    few = simulated(replace(FEW, rows=CHUNK_ROWS), LARGE.columns)
    many = simulated(FEW, LARGE.columns)
    assert np.array_equal(few.columns[2].values, many.columns[2].values[:CHUNK_ROWS])


def test_the_simulated_rows_have_the_mean_and_covariance_that_are_written_down() -> None:
    dataset = simulated(FEW, LARGE.columns)
    values = np.array([column.values for column in dataset.columns])
    weights, means = np.array(FEW.weights), np.array(FEW.means)
    spreads = np.array(FEW.spreads)
    mean = weights @ means
    within = np.zeros((5, 5))
    for k, correlation in enumerate(FEW.correlations):
        unit = np.full((5, 5), correlation) + (1 - correlation) * np.eye(5)
        within += weights[k] * np.outer(spreads[k], spreads[k]) * unit
    between = (means - mean).T @ np.diag(weights) @ (means - mean)
    assert np.allclose(values.mean(axis=1), mean, atol=0.05)
    assert np.allclose(np.cov(values), within + between, atol=0.2)


def test_making_the_simulated_sample_can_be_broken_off() -> None:
    with pytest.raises(Cancelled):
        simulated(FEW, LARGE.columns, lambda: True)


def test_the_picture_of_a_sample_shows_its_rows_and_its_fitted_groups() -> None:
    picture = sample_picture(sample("faithful"), catalogue(), 220, 240, RunControl())
    points = [mark for mark in picture.marks if isinstance(mark, Points)]
    ellipses = [mark for mark in picture.marks if isinstance(mark, Ellipse)]
    assert sum(mark.x.size for mark in points) == 272
    assert {mark.group for mark in ellipses} == {0, 1}


def test_making_a_picture_can_be_broken_off() -> None:
    control = RunControl()
    control.stop()
    with pytest.raises(Cancelled):
        sample_picture(sample("iris"), catalogue(), 220, 240, control)
