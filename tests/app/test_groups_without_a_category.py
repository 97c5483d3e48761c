"""Fits by group where the rows of a group lack a category that others have: a right fit, or a sentence of its own."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.export_plan import plan_of_groups
from emdesk.app.group_fits import GroupFit, GroupFits
from emdesk.app.model_spec import ModelSpec, new_spec, with_laws
from emdesk.app.parts import parts_of
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.session import FitResult, fit
from emdesk.errors import DataProblem, Problem
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.needs import Role
from emdesk.model.params import arrays
from tests.app.group_samples import walked

BOOK = catalogue()
ROWS = 60
KINDS = ("plain", "striped", "dotted")


def cloth() -> Dataset:
    """Cloth of three kinds from three mills, of which the second makes nothing dotted and the third only striped."""
    rng = np.random.default_rng(4)
    mill = np.repeat([0.0, 1.0, 2.0], ROWS)
    kind = rng.integers(0, 3, 3 * ROWS).astype(float)
    kind[(mill == 1) & (kind == 2)] = 0
    kind[mill == 2] = 1
    length = rng.normal(0, 1, 3 * ROWS)
    is_heavy = rng.random(3 * ROWS) < 0.5
    weight = np.where(is_heavy, 5 + 2 * length, -5 - length) + kind
    return Dataset(
        (
            Column("weight", Kind.CONTINUOUS, weight + rng.normal(0, 0.3, 3 * ROWS)),
            Column("length", Kind.CONTINUOUS, length),
            Column("kind", Kind.NOMINAL, kind, KINDS),
            Column("grade", Kind.NOMINAL, np.where(is_heavy, 0.0, 1.0), ("first", "second")),
            Column("mill", Kind.NOMINAL, mill, ("east", "north", "west")),
        ),
        "cloth",
    )


def grouped(spec: ModelSpec) -> GroupFits:
    data = cloth()
    spec = replace(spec, roles={**spec.roles, Role.GROUP: ("mill",)})
    spec = spec.with_setting("components", 2).with_setting("starts", 3)
    fits: list[GroupFit] = []
    for part in parts_of(data, "mill"):
        reference = next((one.result for one in fits if one.is_sound), None)
        try:
            fits.append(GroupFit(part, walked(part, spec, reference)))
        except Problem as problem:
            fits.append(GroupFit(part, None, problem))
    return GroupFits(0, "mill", data, spec, tuple(f.part for f in fits), tuple(fits), 0)


def plain(law: str, *columns: str, **roles: tuple[str, ...]) -> ModelSpec:
    chosen = {Role(role): names for role, names in roles.items()}
    return replace(new_spec(BOOK, "mixture", law), columns=columns, roles=chosen)


def without_the_category(result: FitResult) -> FitResult:
    """The same fit of rows whose column knows only the categories that are there."""
    column = result.dataset.column("kind")
    seen = np.unique(column.values)
    words = tuple(column.categories[int(code)] for code in seen)
    codes = np.searchsorted(seen, column.values).astype(np.float64)
    own = replace(column, values=codes, categories=words)
    columns = tuple(own if c.name == "kind" else c for c in result.dataset.columns)
    return fit(Dataset(columns, "cloth"), result.spec, BOOK, threads=1)


@pytest.mark.parametrize("law", ["categorical", "ordinal"])
def test_a_category_that_a_group_lacks_has_no_share_in_it_and_takes_no_parameter(law: str) -> None:
    north = grouped(plain(law, "kind", "grade")).done[1].result
    assert north is not None and north.is_sound
    alone = without_the_category(north)
    assert north.log_likelihood == pytest.approx(alone.log_likelihood, rel=1e-6)
    assert north.free_parameters == alone.free_parameters


def test_the_share_of_a_category_that_a_group_lacks_is_zero() -> None:
    groups = grouped(plain("categorical", "kind", "grade"))
    for one, lacking in zip(groups.done, ((), (2,), (0, 2)), strict=True):
        assert one.result is not None
        shown = arrays(one.result.family.in_units(one.result.data, one.result.params))
        shares = shown["probabilities"][:, 0]
        assert [k for k in range(len(KINDS)) if np.all(shares[:, k] == 0)] == list(lacking)


@pytest.mark.parametrize(
    "spec",
    [
        plain("gaussian-regression", "weight", predictors=("length", "kind")),
        plain("gaussian", "weight", covariates=("kind",)),
    ],
    ids=("predictor", "covariate"),
)
def test_a_coefficient_of_a_category_that_a_group_lacks_is_refused_by_its_name(
    spec: ModelSpec,
) -> None:
    east, north, west = grouped(spec).done
    assert east.is_sound
    for one, word in ((north, "dotted"), (west, "plain")):
        assert isinstance(one.problem, DataProblem) and one.problem.columns == ("kind",)
        assert f"no used row has kind = {word}" in one.problem.sentence
        assert "Leave kind out" in one.problem.sentence


def test_fits_with_and_without_a_category_are_exported_and_saved_together(tmp_path: Path) -> None:
    base = new_spec(BOOK)
    groups = grouped(with_laws(base, BOOK, [("gaussian", ("weight",)), ("categorical", ("kind",))]))
    assert all(one.is_sound for one in groups.done)
    plan_of_groups(groups).write(tmp_path, lambda share: None, lambda: False)
    with (tmp_path / "group_parameters.csv").open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["category"] == "dotted"]
    assert {row["mill"] for row in rows if row["parameter"] == "kind.probabilities"} == {
        "east",
        "north",
        "west",
    }
    path = tmp_path / "a.emdesk"
    save_project(path, Project(groups.dataset, groups.spec, groups=groups))
    opened = open_project(path, BOOK)
    assert opened.set_aside == () and opened.groups is not None
    for before, after in zip(groups.done, opened.groups.done, strict=True):
        assert before.result is not None and after.result is not None
        assert after.result.objective == before.result.objective
