"""What is written of fits by group, and read again: exports and projects."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from emdesk.app import commands
from emdesk.app.by_group import by_group_object, export_by_group, files_by_group
from emdesk.app.export_plan import plan_of_groups
from emdesk.app.group_fits import GroupFit, GroupFits
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.session import fit
from emdesk.app.state import AppState, Phase
from emdesk.app.trust import measured
from emdesk.errors import Cancelled, DataProblem, FileProblem
from tests.app.group_samples import (
    BOOK,
    SHOPS,
    groups_of,
    shops,
    spec_of,
)


@pytest.fixture(scope="module")
def fitted() -> GroupFits:
    return groups_of(shops(), spec_of())


def test_an_export_has_a_folder_for_each_group_and_tables_over_all(
    fitted: GroupFits, tmp_path: Path
) -> None:
    plan = plan_of_groups(fitted)
    shares: list[float] = []
    paths = plan.write(tmp_path, shares.append, lambda: False)
    assert {str(p.relative_to(tmp_path)) for p in paths} == {str(Path(name)) for name in plan.files}
    assert set(plan.files) == set(files_by_group(fitted.done))
    assert shares == sorted(shares) and shares[-1] == 1.0
    with (tmp_path / "groups.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["shop"] for row in rows] == list(SHOPS)
    for row, one in zip(rows, fitted.done, strict=True):
        assert one.result is not None
        assert float(row["log_likelihood"]) == one.result.log_likelihood
    with (tmp_path / "group_parameters.csv").open(newline="", encoding="utf-8") as stream:
        long = list(csv.DictReader(stream))
    alone = sum(1 for row in long if row["shop"] == "north")
    assert alone == len(long) // 3 > 0
    made = json.loads((tmp_path / "groups.json").read_text("utf-8"))
    assert made["group"] == "shop" and made["rows_without_group"] == 1 and made["sound"]


def test_every_row_of_the_file_has_its_component_in_one_table(
    fitted: GroupFits, tmp_path: Path
) -> None:
    plan_of_groups(fitted).write(tmp_path, lambda share: None, lambda: False)
    with (tmp_path / "group_labels.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["stay"]) for row in rows] == fitted.dataset.column("stay").values.tolist()
    for one in fitted.done:
        assert one.result is not None
        output = one.result.row_output()
        assert output is not None
        used = one.part.rows[one.result.data.used]
        assert [int(rows[r]["label"]) for r in used] == output.numbers.tolist()
    assert rows[-1]["label"] == ""


def test_an_export_of_groups_is_stopped(fitted: GroupFits, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        plan_of_groups(fitted).write(tmp_path, lambda share: None, lambda: True)
    assert not (tmp_path / "groups.json").exists()


def test_an_export_that_is_stopped_half_way_says_which_folders_are_whole(
    fitted: GroupFits, tmp_path: Path
) -> None:
    plan, shares = plan_of_groups(fitted), [0.0]
    with pytest.raises(Cancelled) as caught:
        plan.write(tmp_path, shares.append, lambda: shares[-1] > 0.5)
    assert caught.value.sentence == (
        "The export was stopped. The folders of these groups are whole, and no others: east."
    )
    assert (tmp_path / "east" / "labels.csv").exists()
    assert [p.name for p in tmp_path.iterdir() if any(p.iterdir())] == ["east"]


def test_a_folder_that_cannot_be_written_says_which_are_whole(
    fitted: GroupFits, tmp_path: Path
) -> None:
    (tmp_path / "north").write_text("a file in the place of a folder", encoding="utf-8")
    with pytest.raises(FileProblem) as caught:
        plan_of_groups(fitted).write(tmp_path, lambda share: None, lambda: False)
    assert "are whole, and no others: east" in caught.value.sentence


def test_groups_that_were_not_begun_are_named_in_the_object(fitted: GroupFits) -> None:
    made = by_group_object("shop", fitted.dataset, fitted.done[:2], (), ["west"])
    assert made["not_fitted"] == ["west"] and not made["sound"]


def test_notes_on_the_file_are_in_the_files_of_every_group(
    fitted: GroupFits, tmp_path: Path
) -> None:
    notes = ("One cell could not be read.",)
    made = by_group_object("shop", fitted.dataset, fitted.done, notes)
    export_by_group(tmp_path, made, fitted.done, notes=notes)
    for shop in SHOPS:
        own = json.loads((tmp_path / shop / "parameters.json").read_text("utf-8"))
        assert notes[0] in own["warnings"]


def test_a_project_holds_the_fit_of_every_group(fitted: GroupFits, tmp_path: Path) -> None:
    result = fitted.done[1].result
    assert result is not None
    measured_one = replace(fitted.done[1], result=measured(result, "observed"))
    problem = DataProblem("no rows", where="shops, shop = west", remedy="Add rows")
    groups = fitted.with_fit(1, measured_one).with_fit(2, GroupFit(fitted.parts[2], None, problem))
    groups = replace(groups, chosen=1)
    path = tmp_path / "a.emdesk"
    save_project(path, Project(fitted.dataset, fitted.spec, groups=groups))
    project = open_project(path, BOOK)
    found = project.groups
    assert project.result is None and found is not None and found.chosen == 1
    assert found.column == "shop" and found.spec.roles == fitted.spec.roles
    first, second, third = found.fits
    assert first is not None and second is not None and third is not None
    assert first.result is not None and second.result is not None
    assert first.result.log_likelihood == fitted.done[0].result.log_likelihood  # type: ignore[union-attr]
    assert first.result.dataset is first.part.dataset
    assert second.result.uncertainty is not None and first.result.uncertainty is None
    assert third.result is None and third.problem is not None
    assert third.problem.sentence == problem.sentence

    state = commands.opened_project(AppState(BOOK), project, path, "")
    assert state.is_saved and state.phase is Phase.DONE and not state.is_stale
    assert state.result is second.result


def test_a_fit_of_one_group_finds_its_rows_again_by_itself(
    fitted: GroupFits, tmp_path: Path
) -> None:
    result = fitted.done[2].result
    assert result is not None
    path = tmp_path / "a.emdesk"
    save_project(path, Project(fitted.dataset, fitted.spec, result))
    found = open_project(path, BOOK).result
    assert found is not None and found.dataset.rows == len(fitted.parts[2].rows)
    own = fit(found.dataset, found.spec, BOOK)
    assert own.log_likelihood == pytest.approx(result.log_likelihood)
