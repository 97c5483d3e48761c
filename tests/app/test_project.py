"""A project file gives back the data, the model and the result as they were saved."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.merging import merging
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult, fit
from emdesk.app.table_fit import with_bootstrap
from emdesk.app.trust import measured
from emdesk.em.uncertainty import Uncertainty
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


def test_standard_errors_of_the_information_are_there_again(tmp_path: Path) -> None:
    data, spec, result = fitted()
    before = measured(result, "observed")
    save_project(tmp_path / "a.emdesk", Project(data, spec, before))
    opened = open_project(tmp_path / "a.emdesk", catalogue()).result
    assert opened is not None
    assert_same_uncertainty(opened.uncertainty, before.uncertainty)
    assert result_object(opened)["standard_errors"] == result_object(before)["standard_errors"]
    assert opened.keep(0).uncertainty is None


def test_a_bootstrap_is_there_again_with_its_counts(tmp_path: Path) -> None:
    data, spec, result = fitted()
    before = measured(result, "bootstrap", replicates=12)
    save_project(tmp_path / "a.emdesk", Project(data, spec, before))
    opened = open_project(tmp_path / "a.emdesk", catalogue()).result
    assert opened is not None and opened.uncertainty is not None
    assert opened.uncertainty.replicates == 12
    assert_same_uncertainty(opened.uncertainty, before.uncertainty)


def test_what_is_not_finite_comes_back_as_it_was(tmp_path: Path) -> None:
    data, spec, result = fitted()
    found = measured(result, "observed").uncertainty
    assert found is not None
    strange = replace(
        found,
        standard_errors={n: np.full_like(v, np.nan) for n, v in found.standard_errors.items()},
        below_maximum=float("inf"),
        is_maximum=False,
        unidentified=("means[1, x]",),
        at_edge=("weights[2]",),
    )
    save_project(tmp_path / "a.emdesk", Project(data, spec, replace(result, uncertainty=strange)))
    opened = open_project(tmp_path / "a.emdesk", catalogue()).result
    assert opened is not None and opened.uncertainty is not None
    assert_same_uncertainty(opened.uncertainty, strange)
    assert opened.uncertainty.notes == strange.notes


def test_an_iteration_kept_by_hand_has_no_standard_errors_in_the_file(tmp_path: Path) -> None:
    data, spec, result = fitted()
    kept = measured(result, "observed").keep(1)
    save_project(tmp_path / "a.emdesk", Project(data, spec, kept))
    opened = open_project(tmp_path / "a.emdesk", catalogue()).result
    assert opened is not None and opened.is_kept_by_hand and opened.uncertainty is None


def test_merged_components_stay_merged(tmp_path: Path) -> None:
    data, spec, result = fitted()
    step = merging(result).step(1)
    save_project(tmp_path / "a.emdesk", Project(data, spec, replace(result, merged=step)))
    opened = open_project(tmp_path / "a.emdesk", catalogue()).result
    assert opened is not None and opened.merged == step


def test_the_bootstrap_of_a_table_of_patterns_is_there_again(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    kinds = rng.random(200) < 0.4
    answers = [(rng.random(200) < np.where(kinds, 0.8, 0.3)).astype(float) for _ in range(4)]
    columns = tuple(
        Column(f"item{j}", Kind.NOMINAL, values, ("no", "yes")) for j, values in enumerate(answers)
    )
    data = Dataset(columns, "answers")
    spec = replace(new_spec(catalogue(), "mixture", "categorical"), columns=data.names)
    spec = spec.with_setting("components", 2).with_setting("starts", 2)
    before = with_bootstrap(fit(data, spec, catalogue()), 5)
    save_project(tmp_path / "a.emdesk", Project(data, spec, before))
    opened = open_project(tmp_path / "a.emdesk", catalogue()).result
    assert before.table is not None and before.table.bootstrap is not None
    assert opened is not None and opened.table is not None
    assert opened.table.bootstrap == before.table.bootstrap
    assert np.isclose(opened.table.g2, before.table.g2)


def test_a_project_from_before_standard_errors_were_kept_opens(tmp_path: Path) -> None:
    data, spec, result = fitted()
    path = tmp_path / "a.emdesk"
    save_project(path, Project(data, spec, measured(result, "observed")))
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    document = json.loads(parts["project.json"])
    del document["result"]["uncertainty"]
    parts["project.json"] = json.dumps(document).encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    opened = open_project(path, catalogue()).result
    assert opened is not None and opened.uncertainty is None


def assert_same_uncertainty(found: Uncertainty | None, wanted: Uncertainty | None) -> None:
    assert found is not None and wanted is not None
    for name, value in vars(wanted).items():
        other = getattr(found, name)
        if isinstance(value, Mapping):
            assert other.keys() == value.keys()
            for entry, numbers in value.items():
                np.testing.assert_array_equal(other[entry], numbers)
        else:
            np.testing.assert_equal(other, value)
