"""Columns of ends in the state of the window, in projects and in bootstraps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emdesk.app import commands
from emdesk.app.catalogue import catalogue
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.resampling import resampled
from emdesk.app.session import FitResult, fit
from emdesk.app.state import AppState
from emdesk.errors import UsageProblem
from emdesk.model.dataset import Dataset, from_arrays
from emdesk.model.law import Workspace
from emdesk.model.needs import Role


def bins() -> Dataset:
    edges = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, np.nan])
    counts = np.array([4.0, 20.0, 31.0, 0.0, 25.0, 30.0, 6.0])
    return from_arrays("bins", [("to", edges), ("rows", counts), ("other", np.arange(7.0))])


def opened(dataset: Dataset) -> AppState:
    return commands.open_dataset(AppState(catalogue=catalogue()), dataset)


def of_bins() -> AppState:
    state = commands.set_role(opened(bins()), "rows", Role.WEIGHT)
    return commands.set_role(state, "to", Role.UPPER)


def finished(state: AppState) -> FitResult:
    assert state.dataset is not None and state.spec is not None
    spec = state.spec.with_setting("starts", 1).with_setting("components", 1)
    return fit(state.dataset, spec, state.catalogue, threads=1)


def test_a_column_of_ends_makes_the_model_one_of_intervals() -> None:
    state = of_bins()
    assert state.spec is not None
    assert state.spec.has_ends and state.spec.columns == ("to",)
    used = commands.use_all_columns(state)
    assert used.spec is not None and used.spec.columns == ("to",)
    back = commands.set_role(state, "to", None)
    assert back.spec is not None and not back.spec.has_ends and back.spec.columns == ("to",)


def test_the_lower_ends_stand_for_the_measurement_where_there_are_both() -> None:
    state = commands.set_role(of_bins(), "other", Role.LOWER)
    assert state.spec is not None and state.spec.columns == ("other",)


def test_a_law_of_counts_has_no_ends() -> None:
    state = commands.set_law(of_bins(), "poisson")
    assert state.spec is not None and not state.spec.has_ends
    assert state.spec.roles == {Role.WEIGHT: ("rows",)}


def test_a_project_of_intervals_opens_as_it_was_saved(tmp_path: Path) -> None:
    result = finished(of_bins())
    path = tmp_path / "bins.emdesk"
    save_project(path, Project(result.dataset, result.spec, result))
    again = open_project(path, catalogue()).result
    assert again is not None and again.log_likelihood == result.log_likelihood
    assert again.spec.roles == result.spec.roles


def test_bins_that_are_resampled_keep_both_their_ends() -> None:
    result = finished(of_bins())
    dataset, model = resampled(result, from_model=True)
    assert np.isnan(dataset.column("to.lower").values[0])
    assert dataset.column("to.lower").values[4] == 4.0  # the bin without rows stays between
    again = model.family.prepare(dataset, model.request)
    kept = model.family.expect(
        again, model.family.blocks(again)[0], model.family.ready(again, model.params), Workspace()
    )
    assert kept.log_likelihood == pytest.approx(result.log_likelihood, rel=1e-12)


def test_values_are_not_drawn_into_overlapping_intervals() -> None:
    lower, upper = np.array([0.0, 1.0, 2.5, 4.0]), np.array([2.0, 3.0, 5.0, np.nan])
    dataset = from_arrays("overlapping", [("low", lower), ("high", upper)])
    state = commands.set_role(opened(dataset), "low", Role.LOWER)
    result = finished(commands.set_role(state, "high", Role.UPPER))
    assert resampled(result)[0].rows == 4
    with pytest.raises(UsageProblem, match="overlap"):
        resampled(result, from_model=True)
