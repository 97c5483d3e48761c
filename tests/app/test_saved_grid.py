"""A grid of models in a project file, and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emdesk.app import commands
from emdesk.app.catalogue import catalogue
from emdesk.app.comparison import grid as grid_room
from emdesk.app.comparison.exploration import Exploration
from emdesk.app.comparison.grid import compare
from emdesk.app.comparison.places import Place, grid_spec
from emdesk.app.comparison.saved_grid import packed, unpacked
from emdesk.app.model_spec import new_spec
from emdesk.app.phase import Phase
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.session import fit
from emdesk.app.state import AppState, Page, Setup
from emdesk.errors import FileProblem
from emdesk.io.project_file import ProjectFile, read_project, write_project
from emdesk.model.dataset import Dataset, from_arrays


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    rng = np.random.default_rng(3)
    rows = np.vstack([rng.normal(0, 1, (60, 2)), rng.normal(6, 1, (60, 2))])
    return from_arrays("two", [("a", rows[:, 0]), ("b", rows[:, 1])])


@pytest.fixture(scope="module")
def explored(dataset: Dataset) -> Exploration:
    spec = replace(new_spec(catalogue(), "mixture", "gaussian"), columns=("a", "b"))
    spec = spec.with_setting("starts", 3)
    grid = grid_spec(spec, dataset, catalogue(), (1, 2, 3), "covariance", ("EII", "VVV"))
    made = compare(dataset, grid, catalogue(), threads=1)
    return Exploration(
        low=1,
        high=3,
        varied="covariance",
        criterion="icl",
        larger_is_better=True,
        phase=Phase.DONE,
        dataset=dataset,
        base=spec,
        comparison=made,
        chosen=Place(2, "VVV"),
        marked=(Place(2, "VVV"), Place(3, "EII")),
    )


def again(path: Path, dataset: Dataset, explored: Exploration) -> Exploration:
    assert explored.base is not None
    save_project(path, Project(dataset, explored.base, exploration=explored))
    opened = open_project(path, catalogue())
    assert opened.exploration is not None and opened.exploration.dataset is opened.dataset
    return opened.exploration


def test_every_cell_comes_back_with_its_fit(
    tmp_path: Path, dataset: Dataset, explored: Exploration
) -> None:
    found = again(tmp_path / "a.emdesk", dataset, explored)
    assert explored.comparison is not None and found.comparison is not None
    assert found.comparison.grid == replace(
        explored.comparison.grid, base=found.comparison.grid.base
    )
    assert found.comparison.cells.keys() == explored.comparison.cells.keys()
    for place, before in explored.comparison.cells.items():
        after = found.comparison.cells[place]
        assert (after.criteria, after.agreement, after.badges, after.reason) == (
            before.criteria,
            before.agreement,
            before.badges,
            before.reason,
        )
        assert after.result is not None and before.result is not None
        assert after.result.objective == before.result.objective
        assert len(after.result.outcome.attempts) == len(before.result.outcome.attempts)
        assert after.result.criteria().bic == pytest.approx(before.value("bic"), rel=1e-12)


def test_what_was_looked_at_in_the_grid_comes_back(
    tmp_path: Path, dataset: Dataset, explored: Exploration
) -> None:
    found = again(tmp_path / "a.emdesk", dataset, explored)
    looked_at = ("low", "high", "varied", "criterion", "larger_is_better", "chosen", "marked")
    assert [getattr(found, n) for n in looked_at] == [getattr(explored, n) for n in looked_at]


def test_a_grid_that_was_stopped_has_the_same_gaps(
    tmp_path: Path, dataset: Dataset, explored: Exploration
) -> None:
    assert explored.comparison is not None
    cells = dict(list(explored.comparison.cells.items())[:2])
    half = replace(explored, comparison=replace(explored.comparison, cells=cells))
    found = again(tmp_path / "a.emdesk", dataset, replace(half, phase=Phase.RUNNING))
    assert found.comparison is not None and found.comparison.cells.keys() == cells.keys()
    assert found.phase is Phase.DONE and not found.is_filled


def test_a_cell_that_was_let_go_or_refused_comes_back_as_that(
    tmp_path: Path, dataset: Dataset, explored: Exploration
) -> None:
    assert explored.comparison is not None
    cells = dict(explored.comparison.cells)
    cells[Place(1, "EII")] = replace(cells[Place(1, "EII")], result=None)
    gone = replace(cells[Place(3, "VVV")], result=None, criteria=None, refusal="too few rows")
    cells[Place(3, "VVV")] = gone
    holed = replace(explored, comparison=replace(explored.comparison, cells=cells))
    found = again(tmp_path / "a.emdesk", dataset, holed).comparison
    assert found is not None
    assert found.cells[Place(1, "EII")].result is None
    assert found.cells[Place(3, "VVV")].badges == gone.badges


def test_a_file_whose_grid_is_damaged_says_so(
    tmp_path: Path, dataset: Dataset, explored: Exploration
) -> None:
    path = tmp_path / "a.emdesk"
    again(path, dataset, explored)
    file = read_project(path)
    arrays = dict(file.arrays)
    arrays["cell_0"] = arrays["cell_0"][:3]
    write_project(path, ProjectFile(file.document, arrays))
    with pytest.raises(FileProblem):
        open_project(path, catalogue())


def test_packed_arrays_keep_their_shapes_kinds_and_values() -> None:
    arrays = {
        "a": np.arange(6, dtype=np.float64).reshape(2, 3) / 7,
        "b": np.array([2**52 + 1, -3], dtype=np.int64),
        "c": np.array([True, False]),
        "d": np.array(1.5),
        "e": np.empty((0, 4)),
    }
    back = unpacked(*packed(arrays))
    assert back.keys() == arrays.keys()
    for name, value in arrays.items():
        assert back[name].dtype == value.dtype and back[name].shape == value.shape
        assert np.array_equal(back[name], value)


def test_a_fit_that_was_let_go_is_given_again_by_its_model(
    monkeypatch: pytest.MonkeyPatch, dataset: Dataset
) -> None:
    monkeypatch.setattr(grid_room, "MEMORY", 0)
    spec = replace(new_spec(catalogue(), "mixture", "gaussian"), columns=("a", "b"))
    grid = grid_spec(spec.with_setting("starts", 2), dataset, catalogue(), (2,))
    cell = compare(dataset, grid, catalogue(), threads=1).cells[Place(2)]
    assert cell.result is None
    found = fit(dataset, cell.spec, catalogue(), threads=1)
    assert found.objective == pytest.approx(cell.objective, rel=1e-12)


def test_other_data_put_the_grid_and_the_kept_fits_away(
    dataset: Dataset, explored: Exploration
) -> None:
    state = AppState(
        catalogue(),
        page=Page.DESK,
        setup=Setup(dataset, None, explored.base),
        exploration=replace(explored, number=4),
    )
    assert state.own_grid is explored.comparison and state.has_unsaved_work
    other = from_arrays("other", [("c", np.arange(20.0))])
    opened = commands.open_dataset(state, other)
    assert opened.exploration.comparison is None and opened.exploration.number == 5
    assert opened.own_grid is None and not opened.has_unsaved_work


def test_a_cell_is_marked_once_and_only_with_a_fit(dataset: Dataset, explored: Exploration) -> None:
    state = AppState(catalogue(), setup=Setup(dataset, None, explored.base), exploration=explored)
    marked = commands.mark_cell(state, Place(2, "VVV")).exploration.marked
    assert marked == (Place(3, "EII"),)
    assert commands.mark_cell(state, Place(9, "VVV")) is state
