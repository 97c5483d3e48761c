"""A project file gives back the data, the model and the result as they were saved."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.session import FitResult, fit
from emdesk.errors import FileProblem
from emdesk.model.dataset import Column, Dataset, Kind


def two_groups() -> Dataset:
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.normal(0, 1, 40), rng.normal(6, 1, 60)])
    y = x + rng.normal(0, 1, 100)
    y[7] = np.nan
    words = Column("site", Kind.NOMINAL, np.repeat([0.0, 1.0], 50), ("north", "south, far"))
    return Dataset(
        (
            Column("x", Kind.CONTINUOUS, x),
            Column("y", Kind.CONTINUOUS, y, missing_word="NA", as_read={7: "5,,1"}),
            words,
        ),
        "two groups",
    )


def fitted() -> tuple[Dataset, ModelSpec, FitResult]:
    data = two_groups()
    spec = replace(new_spec(catalogue()), columns=("x", "y")).with_setting("starts", 3)
    return data, spec, fit(data, spec, catalogue())


def test_a_saved_project_opens_with_the_same_data_model_and_result(tmp_path: Path) -> None:
    data, spec, result = fitted()
    kept = result.keep(1)
    save_project(tmp_path / "a.emdesk", Project(data, spec, kept, {"encoding": "utf-8"}))
    opened = open_project(tmp_path / "a.emdesk", catalogue())
    assert opened.dataset.names == data.names
    for before, after in zip(data.columns, opened.dataset.columns, strict=True):
        np.testing.assert_array_equal(before.values, after.values)
        assert [before.text(i) for i in range(100)] == [after.text(i) for i in range(100)]
    assert opened.spec.values() == spec.values()
    assert opened.reading == {"encoding": "utf-8"}
    assert opened.result is not None and opened.result.is_kept_by_hand
    assert opened.result.chosen == 1
    assert opened.result.objective == kept.objective
    assert opened.result.trace.objectives == kept.trace.objectives
    for index in range(len(kept.trace)):
        before_params = kept.params_at(index)
        after_params = opened.result.params_at(index)
        np.testing.assert_array_equal(before_params.law.means, after_params.law.means)
    rows = opened.result.row_output()
    wanted = kept.row_output()
    assert rows is not None and wanted is not None
    np.testing.assert_array_equal(rows.probabilities, wanted.probabilities)
    assert len(opened.result.outcome.attempts) == 3


def test_keys_of_another_version_are_kept(tmp_path: Path) -> None:
    data, spec, _ = fitted()
    save_project(tmp_path / "a.emdesk", Project(data, spec, other={"palette": ["x"]}))
    opened = open_project(tmp_path / "a.emdesk", catalogue())
    assert opened.other == {"palette": ["x"]}


def test_a_project_holds_only_json_arrays_and_a_readme(tmp_path: Path) -> None:
    data, spec, result = fitted()
    save_project(tmp_path / "a.emdesk", Project(data, spec, result))
    with zipfile.ZipFile(tmp_path / "a.emdesk") as package:
        assert sorted(package.namelist()) == ["README.txt", "arrays.npz", "project.json"]
        assert json.loads(package.read("project.json"))["format"] == 1


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut off"])
def test_a_damaged_project_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.emdesk").write_bytes(content)
    with pytest.raises(FileProblem) as caught:
        open_project(tmp_path / "a.emdesk", catalogue())
    assert "not a whole EMDesk project" in caught.value.sentence


def test_a_project_of_a_newer_format_is_refused_by_name(tmp_path: Path) -> None:
    data, spec, _ = fitted()
    path = tmp_path / "a.emdesk"
    save_project(path, Project(data, spec))
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["project.json"] = json.dumps({**json.loads(parts["project.json"]), "format": 99}).encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    with pytest.raises(FileProblem) as caught:
        open_project(path, catalogue())
    assert "format 99" in caught.value.sentence


def test_a_project_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileProblem) as caught:
        open_project(tmp_path / "none.emdesk", catalogue())
    assert str(tmp_path / "none.emdesk") in caught.value.sentence
