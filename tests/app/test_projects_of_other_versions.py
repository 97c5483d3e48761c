"""A project whose fits count their params in other units than this version opens without them, and says so.

`old_projects/gamma.emdesk` was saved when the params of a gamma fit were not yet logarithms about the column.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app import commands
from emdesk.app.catalogue import catalogue
from emdesk.app.comparison.exploration import Exploration
from emdesk.app.comparison.grid import compare
from emdesk.app.comparison.places import Place, grid_spec
from emdesk.app.comparison.saved_grid import packed, unpacked
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.pairing.kept import KeptFit
from emdesk.app.prediction import read_model
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.session import FitResult, fit
from emdesk.app.state import AppState
from emdesk.errors import FileProblem, OtherVersion
from emdesk.io.project_file import ProjectFile, read_project, write_project
from emdesk.model.dataset import Dataset, from_arrays
from tests.app.group_samples import groups_of, shops, spec_of

OLD = Path(__file__).parent / "old_projects"
BY_ANOTHER = "another version of EMDesk made"
Arrays = dict[str, NDArray[Any]]


def two_groups() -> Dataset:
    rng = np.random.default_rng(3)
    return from_arrays("two", [("a", np.concatenate([rng.normal(0, 1, 40), rng.normal(6, 1, 40)]))])


def fitted(assignment: str = "soft") -> tuple[Dataset, ModelSpec, FitResult]:
    data = two_groups()
    spec = replace(new_spec(catalogue()), columns=("a",)).with_setting("starts", 2)
    spec = spec.with_setting("components", 2).with_setting("assignment", assignment)
    return data, spec, fit(data, spec, catalogue())


def changed(path: Path, change: Callable[[Arrays], None]) -> None:
    file = read_project(path)
    arrays = dict(file.arrays)
    change(arrays)
    write_project(path, ProjectFile(file.document, arrays))


def in_other_units(arrays: Arrays) -> None:
    """Spreads count in another unit than this version's."""
    for name in arrays:
        if name.endswith("covariances"):
            arrays[name] = arrays[name] * 1.01


def test_a_gamma_fit_from_before_is_set_aside_in_one_sentence_and_the_rest_opens() -> None:
    project = open_project(OLD / "gamma.emdesk", catalogue())
    assert project.result is None
    assert project.dataset.rows == 30 and project.spec.law == "gamma"
    assert len(project.set_aside) == 1 and BY_ANOTHER in project.set_aside[0]
    state = commands.opened_project(AppState(catalogue()), project, OLD / "gamma.emdesk", "12:00")
    assert state.result is None and state.spec == project.spec and state.is_saved
    assert [message.what for message in state.messages] == list(project.set_aside)


def test_a_gaussian_fit_from_before_opens_as_it_was() -> None:
    project = open_project(OLD / "gaussian.emdesk", catalogue())
    assert project.set_aside == () and project.result is not None
    again = fit(project.dataset, project.spec, catalogue())
    assert project.result.objective == pytest.approx(again.objective, rel=1e-9)


def test_the_model_of_a_fit_of_another_version_is_not_used_for_other_rows() -> None:
    with pytest.raises(FileProblem) as caught:
        read_model(OLD / "gamma.emdesk", catalogue())
    assert BY_ANOTHER in caught.value.sentence and "run again" in caught.value.sentence


def test_params_in_units_that_differ_by_a_hundredth_are_noticed(tmp_path: Path) -> None:
    data, spec, result = fitted()
    path = tmp_path / "a.emdesk"
    save_project(path, Project(data, spec, result))
    assert open_project(path, catalogue()).set_aside == ()
    changed(path, in_other_units)
    project = open_project(path, catalogue())
    assert project.result is None and len(project.set_aside) == 1


@pytest.mark.parametrize("assignment", ["soft", "hard", "stochastic"])
def test_fits_of_this_version_agree_however_rows_are_assigned(
    tmp_path: Path, assignment: str
) -> None:
    data, spec, result = fitted(assignment)
    save_project(tmp_path / "a.emdesk", Project(data, spec, result))
    opened = open_project(tmp_path / "a.emdesk", catalogue())
    assert opened.result is not None and opened.result.objective == result.objective


def test_params_of_other_names_are_those_of_another_version(tmp_path: Path) -> None:
    data, spec, result = fitted()
    path = tmp_path / "a.emdesk"
    save_project(path, Project(data, spec, result))

    def rename(arrays: Arrays) -> None:
        for name in [name for name in arrays if name.endswith("covariances")]:
            arrays[name.replace("covariances", "precisions")] = arrays.pop(name)

    changed(path, rename)
    assert open_project(path, catalogue()).result is None


def test_a_kept_fit_of_another_version_is_named_and_the_others_stay(tmp_path: Path) -> None:
    data, spec, result = fitted()
    path = tmp_path / "a.emdesk"
    kept = (KeptFit(1, "two of them", result), KeptFit(2, "again", result))
    save_project(path, Project(data, spec, result, kept=kept))

    def spoil(arrays: Arrays) -> None:
        own = {name: value for name, value in arrays.items() if name.startswith("kept_1_")}
        in_other_units(own)
        arrays.update(own)

    changed(path, spoil)
    project = open_project(path, catalogue())
    assert project.result is not None and [one.name for one in project.kept] == ["again"]
    assert len(project.set_aside) == 1 and "two of them" in project.set_aside[0]


def test_a_kept_fit_of_a_law_that_is_not_there_is_set_aside(tmp_path: Path) -> None:
    data, spec, result = fitted()
    path = tmp_path / "a.emdesk"
    save_project(path, Project(data, spec, result, kept=(KeptFit(1, "of a new law", result),)))
    file = read_project(path)
    file.document["kept"][0]["result"]["model"]["law"] = "generalised-hyperbolic"
    write_project(path, file)
    project = open_project(path, catalogue())
    assert project.result is not None and project.kept == ()
    assert "of a new law" in project.set_aside[0]


def test_a_cell_of_another_version_leaves_a_gap_in_the_grid(tmp_path: Path) -> None:
    data, spec, _ = fitted()
    grid = grid_spec(spec, data, catalogue(), (1, 2), "covariance", ("E", "V"))
    made = compare(data, grid, catalogue(), threads=1)
    shown = Exploration(1, 1, 2, "covariance", base=spec, comparison=made, chosen=Place(2, "V"))
    path = tmp_path / "a.emdesk"
    save_project(path, Project(data, spec, exploration=shown))
    file = read_project(path)
    arrays = dict(file.arrays)
    places = [tuple(entry["place"]) for entry in file.document["grid"]["cells"]]
    number = places.index((2, "V"))
    entry = file.document["grid"]["cells"][number]
    own = unpacked(entry["arrays"], arrays[f"cell_{number}"])
    in_other_units(own)
    entry["arrays"], arrays[f"cell_{number}"] = packed(own)
    write_project(path, ProjectFile(file.document, arrays))
    project = open_project(path, catalogue())
    assert project.exploration is not None and project.exploration.comparison is not None
    assert Place(2, "V") not in project.exploration.comparison.cells
    assert len(project.exploration.comparison.cells) == len(made.cells) - 1
    assert project.exploration.chosen is None and not project.exploration.is_filled
    assert "one fit of the grid" in project.set_aside[0]


def test_a_group_whose_fit_another_version_made_says_so_in_its_place(tmp_path: Path) -> None:
    groups = replace(groups_of(shops(), spec_of()), chosen=0)
    path = tmp_path / "a.emdesk"
    save_project(path, Project(groups.dataset, groups.spec, groups=groups))

    def spoil(arrays: Arrays) -> None:
        own = {name: value for name, value in arrays.items() if name.startswith("group_1_")}
        in_other_units(own)
        arrays.update(own)

    changed(path, spoil)
    project = open_project(path, catalogue())
    assert project.groups is not None
    problems = [one.problem for one in project.groups.done]
    assert [isinstance(problem, OtherVersion) for problem in problems] == [False, True, False]
    assert len(project.set_aside) == 1 and "shop = " in project.set_aside[0]
    state = commands.opened_project(AppState(catalogue()), project, path, "")
    assert state.result is project.groups.done[0].result
