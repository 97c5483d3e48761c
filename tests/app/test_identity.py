"""Components keep their names and colours from one fit to the next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.exporting import export
from emdesk.app.identity import continued, renamed
from emdesk.app.merging import with_clusters
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult, fit
from emdesk.model.dataset import Dataset, from_arrays


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    rng = np.random.default_rng(6)
    centres = np.repeat([0.0, 10.0, 20.0], [30, 40, 50])
    return from_arrays("three", [("x", rng.normal(centres, 1.0)), ("y", rng.normal(centres, 1.0))])


def fitted(dataset: Dataset, components: int, **settings: object) -> FitResult:
    spec: ModelSpec = replace(new_spec(catalogue()), columns=("x", "y"))
    for name, value in {"components": components, **settings}.items():
        spec = spec.with_setting(name, value)
    return fit(dataset, spec, catalogue(), threads=1)


def centres(result: FitResult) -> list[float]:
    return [
        round(float(m), -1)
        for m in result.family.in_units(result.data, result.params).law.means[:, 0]
    ]


def by_place(result: FitResult) -> dict[float, int]:
    slots = result.slots or tuple(range(len(centres(result))))
    return dict(zip(centres(result), slots, strict=True))


def test_a_component_keeps_its_colour_and_name_in_another_order(dataset: Dataset) -> None:
    first = fitted(dataset, 3)
    named = renamed(first, centres(first).index(0.0), " the   low one ")
    second = fitted(dataset, 3, covariance="EII")
    order = np.array([2, 0, 1])
    second.best.renumber("component", order)
    again = continued(named, second)
    assert by_place(again) == by_place(named)
    assert again.names[centres(again).index(0.0)] == "the low one"
    assert again.group_names[centres(again).index(20.0)].isdigit()


def test_one_component_more_takes_the_first_free_colour(dataset: Dataset) -> None:
    two = fitted(dataset, 2)
    three = continued(two, fitted(dataset, 3))
    slots = by_place(three).values()
    assert sorted(slots) == [0, 1, 2]
    one = continued(renamed(three, 0, "first"), fitted(dataset, 1))
    assert len(one.slots or (0,)) == 1


def test_another_file_begins_with_plain_numbers(dataset: Dataset) -> None:
    first = renamed(fitted(dataset, 3), 0, "named")
    columns = [(c.name, np.array(c.values)) for c in dataset.columns]
    other = continued(first, fitted(from_arrays("other", columns), 3))
    assert other.names == () and other.slots == ()


def test_an_empty_name_gives_the_number_back(dataset: Dataset) -> None:
    named = renamed(fitted(dataset, 2), 1, "b")
    assert named.group_names == ("1", "b")
    assert renamed(named, 1, "  ").group_names == ()


def test_names_are_in_the_export_and_in_the_project(dataset: Dataset, tmp_path: Path) -> None:
    named = replace(renamed(fitted(dataset, 3), 0, "big"), slots=(2, 0, 1))
    assert result_object(named)["group_names"] == ["big", "2", "3"]
    export(named, tmp_path)
    head, *rows = (tmp_path / "labels.csv").read_text("utf-8").splitlines()
    assert "probability_big" in head and sum(",big," in row for row in rows) == 50
    path = tmp_path / "named.emdesk"
    save_project(path, Project(dataset, named.spec, named))
    opened = open_project(path, catalogue()).result
    assert opened is not None
    assert opened.names == ("big", "", "") and opened.slots == (2, 0, 1)


def test_merged_components_have_the_colour_of_their_cluster(dataset: Dataset) -> None:
    result = with_clusters(fitted(dataset, 4), 2)
    assert result.merged is not None
    for place, own in enumerate(result.merged.groups):
        assert {result.colour_slots[k] for k in own} == {place}
