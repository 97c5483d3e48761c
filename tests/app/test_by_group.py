"""The same model fitted to each group of rows alone: parts, matched components, commands, files, projects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emdesk.app import commands
from emdesk.app.commands.fitting_groups import message_of_group
from emdesk.app.group_fits import GroupFit, GroupFits
from emdesk.app.group_matching import like
from emdesk.app.group_table import all_parameters, group_row, together
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.parts import group_column, parts_of
from emdesk.app.rows_in_file import in_file
from emdesk.app.showing import Moment, Prepared, ShowRequest, count_parameters, prepare, show
from emdesk.app.state import AppState, Phase, ResultsTab, Saved, Setup
from emdesk.app.trust import measured
from emdesk.errors import DataProblem
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.marks import Place, Points, View
from emdesk.model.needs import Role
from tests.app.group_samples import (
    BOOK,
    SHOPS,
    groups_of,
    moved_means,
    shops,
    spec_of,
    walked,
)


@pytest.fixture(scope="module")
def fitted() -> GroupFits:
    return groups_of(shops(), spec_of())


# ---------------------------------------------------------------- parts


def test_each_value_is_a_part_and_rows_without_a_value_are_in_none() -> None:
    data = shops()
    parts = parts_of(data, "shop")
    assert [part.value for part in parts] == list(SHOPS)
    assert sorted(np.concatenate([p.rows for p in parts])) == list(range(data.rows - 1))
    for part in parts:
        np.testing.assert_array_equal(
            part.dataset.column("stay").values, data.column("stay").values[part.rows]
        )


def test_a_cell_that_could_not_be_read_stays_with_its_row() -> None:
    data = shops()
    part = next(p for p in parts_of(data, "shop") if 3 in p.rows)
    place = int(np.flatnonzero(part.rows == 3)[0])
    assert part.dataset.column("spend").as_read == {place: "?"}
    others = (p for p in parts_of(data, "shop") if p.value != part.value)
    assert not any(p.dataset.column("spend").as_read for p in others)


def test_folders_of_groups_are_safe_and_never_those_of_the_shared_files() -> None:
    words = ("a/b", "a\\b", "..", "groups.csv", "A_B")
    column = Column("g", Kind.NOMINAL, np.arange(5.0), words)
    folders = [p.folder for p in parts_of(Dataset((column,), "d"), "g")]
    assert len({f.lower() for f in folders}) == 5
    assert not {"groups.csv", "..", ""} & set(folders)
    assert all("/" not in f and "\\" not in f for f in folders)


def test_more_groups_than_can_be_fitted_are_refused_before_the_run() -> None:
    data = Dataset(
        (
            Column("x", Kind.CONTINUOUS, np.arange(1200.0)),
            Column("g", Kind.CONTINUOUS, np.arange(1200.0)),
        ),
        "many",
    )
    spec = replace(new_spec(BOOK), columns=("x",), roles={Role.GROUP: ("g",)})
    with pytest.raises(DataProblem, match="1200 values"):
        prepare(Setup(data, None, spec), BOOK)


def test_the_outline_counts_the_rows_of_each_group() -> None:
    data, spec = shops(), spec_of()
    setup = Setup(data, None, spec)
    found = count_parameters(setup, BOOK, prepare(setup, BOOK))
    assert found.group_rows == (50, 70, 60) and found.rows == 181


# ---------------------------------------------------------------- components across groups


def test_components_have_the_same_number_in_every_group(fitted: GroupFits) -> None:
    orders = {tuple(np.argsort(moved_means(f.result)[:, 0])) for f in fitted.done if f.result}
    assert len(orders) == 1


def test_a_fit_numbered_otherwise_is_put_into_the_order_of_the_first(fitted: GroupFits) -> None:
    first, second = fitted.done[0].result, walked(fitted.parts[1], spec_of())
    assert first is not None
    if moved_means(first)[:, 0].argmax() == moved_means(second)[:, 0].argmax():
        second.best.renumber("component", np.array([1, 0]))
    likelihood = second.log_likelihood
    matched = like(replace(first, names=("large", "")), second)
    assert moved_means(first)[:, 0].argmax() == moved_means(matched)[:, 0].argmax()
    assert matched.names == ("large", "") and matched.log_likelihood == likelihood


def test_typed_starts_keep_the_order_that_was_typed(fitted: GroupFits) -> None:
    first = fitted.done[0].result
    assert first is not None
    means = tuple(tuple(row) for row in moved_means(first)[::-1])
    spec = spec_of()
    spec = replace(spec, start_means=means, fit=replace(spec.fit, start="means"))
    found = walked(fitted.parts[1], spec, first)
    assert moved_means(found)[:, 0].argmax() != moved_means(first)[:, 0].argmax()


def test_regressions_that_cross_are_matched_by_their_slopes() -> None:
    rng = np.random.default_rng(8)
    x = rng.uniform(-5, 5, 240)
    rising = rng.random(240) < 0.5
    y = np.where(rising, 2 * x, -2 * x) + rng.normal(0, 0.3, 240)
    data = Dataset(
        (
            Column("x", Kind.CONTINUOUS, x),
            Column("y", Kind.CONTINUOUS, y),
            Column("g", Kind.NOMINAL, np.repeat([0.0, 1.0], 120), ("a", "b")),
        ),
        "crossing",
    )
    spec = replace(
        new_spec(BOOK, "mixture", "gaussian-regression"),
        columns=("y",),
        roles={Role.PREDICTORS: ("x",), Role.GROUP: ("g",)},
    )
    spec = spec.with_setting("components", 2).with_setting("starts", 4)
    first, second = parts_of(data, "g")
    own = walked(first, spec)
    for order in ([0, 1], [1, 0]):
        other = walked(second, spec)
        other.best.renumber("component", np.array(order))
        found = like(own, other)
        law: Any = own.family.law
        slopes = [
            law.coefficients_of(f.family.in_units(f.data, f.params).law)[:, -1]
            for f in (own, found)
        ]
        np.testing.assert_allclose(slopes[0], slopes[1], atol=0.2)


# ---------------------------------------------------------------- the state of the window


def opened(data: Dataset, spec: ModelSpec) -> AppState:
    return commands.open_dataset(AppState(BOOK), data, None, (), spec)


def started(data: Dataset, spec: ModelSpec) -> AppState:
    return commands.groups_started(opened(data, spec), "shop", parts_of(data, "shop"))


def finished(fitted: GroupFits) -> AppState:
    state = started(fitted.dataset, fitted.spec)
    for one in fitted.done:
        state = commands.group_fitted(state, one)
    return state


def test_standard_errors_reach_the_group_that_they_were_found_for(fitted: GroupFits) -> None:
    state = finished(fitted)
    assert state.can_measure_groups and state.group_fits is not None
    assert state.group_fits.unmeasured == (0, 1, 2) and state.group_fits.chosen == 0
    for fit in (fitted.done[2], fitted.done[0]):
        assert fit.result is not None
        state = commands.measured(state, fit.result, measured(fit.result, "observed"))
    assert state.group_fits is not None and state.group_fits.unmeasured == (1,)
    assert state.result is not None and state.result.uncertainty is not None
    others = started(fitted.dataset, fitted.spec)
    assert not others.can_measure_groups
    assert commands.measured(others, state.result, state.result) == others


def test_a_run_goes_from_group_to_group_and_ends_at_the_first(fitted: GroupFits) -> None:
    state = started(fitted.dataset, fitted.spec)
    assert state.tab is ResultsTab.GROUPS
    for place, one in enumerate(fitted.done):
        assert state.is_busy and state.group_fits is not None
        assert state.group_fits.place == place and state.rows_to_fit == len(one.part.rows)
        state = commands.group_fitted(state, one)
    assert state.phase is Phase.DONE and state.group_fits is not None
    assert state.result is fitted.done[0].result and not state.is_stale


def test_a_group_without_a_fit_stops_no_other_and_says_why(fitted: GroupFits) -> None:
    state = started(fitted.dataset, fitted.spec)
    problem = DataProblem("column stay has one value", remedy="Leave it out")
    refused = GroupFit(fitted.parts[0], None, problem)
    state = commands.group_fitted(state, refused)
    for one in fitted.done[1:]:
        state = commands.group_fitted(state, one)
    assert state.result is fitted.done[1].result
    assert state.messages[0] == message_of_group(refused)
    state = commands.show_group_fit(state, 0)
    assert state.phase is Phase.FAILED and state.result is None and state.failure is not None
    assert state.failure.where == "shop = east"
    state = commands.step_group_fit(state, 1)
    assert state.phase is Phase.DONE and state.result is fitted.done[1].result


def test_the_fits_that_are_done_stay_when_the_run_is_stopped(fitted: GroupFits) -> None:
    state = commands.group_fitted(started(fitted.dataset, fitted.spec), fitted.done[0])
    stopping = commands.set_phase(state, Phase.STOPPING)
    state = commands.group_fitted(stopping, fitted.done[1])
    assert state.phase is Phase.DONE and state.group_fits is not None
    assert [f is not None for f in state.group_fits.fits] == [True, True, False]
    assert commands.show_group_fit(state, 2) is state
    dropped = commands.groups_stopped(stopping)
    assert dropped.phase is Phase.DONE and dropped.result is fitted.done[0].result
    nothing = commands.groups_stopped(started(fitted.dataset, fitted.spec))
    assert nothing.phase is Phase.IDLE and nothing.group_fits is None


def test_what_is_found_out_about_a_fit_is_there_when_its_group_is_looked_at_again(
    fitted: GroupFits,
) -> None:
    state = finished(fitted)
    before = state.result
    assert before is not None
    state = commands.measured(state, before, measured(before, "observed"))
    state = commands.rename_group(state, 0, "large")
    state = commands.show_group_fit(state, 2)
    assert state.result is not None and state.result.uncertainty is None
    assert state.result.names == ("large", "")
    state = commands.show_group_fit(state, 0)
    assert state.result is not None and state.result.uncertainty is not None


def test_the_same_group_is_looked_at_after_another_run(fitted: GroupFits) -> None:
    state = commands.show_group_fit(finished(fitted), 2)
    state = commands.groups_started(state, "shop", fitted.parts)
    for one in fitted.done:
        state = commands.group_fitted(state, one)
    assert state.group_fits is not None and state.group_fits.chosen == 2


def test_one_group_goes_on_while_the_others_stay(fitted: GroupFits) -> None:
    state = commands.group_goes_on(commands.show_group_fit(finished(fitted), 1))
    assert state.is_busy and state.group_fits is not None and state.group_fits.place == 1
    again = replace(fitted.done[1])
    state = commands.group_fitted(state, again)
    assert state.phase is Phase.DONE and state.group_fits is not None
    assert state.group_fits.fits[1] is again and state.group_fits.fits[2] is fitted.done[2]


def test_looking_at_another_group_leaves_a_saved_project_saved(fitted: GroupFits) -> None:
    state = finished(fitted)
    saved = Saved(Path("a.emdesk"), "", state.setup, state.result, groups=state.group_fits)
    state = commands.saved_project(state, saved)
    assert state.is_saved
    state = commands.show_group_fit(state, 1)
    assert state.is_saved
    assert not commands.keep_iteration(commands.scrub(state, 0)).is_saved


def test_a_run_without_groups_puts_their_fits_away(fitted: GroupFits) -> None:
    state = commands.set_role(finished(fitted), "shop", None)
    assert state.is_stale and state.spec is not None and group_column(state.spec) is None
    assert commands.run_started(state).group_fits is None


# ---------------------------------------------------------------- what is shown


def test_rows_of_a_group_are_shown_under_their_numbers_in_the_file(fitted: GroupFits) -> None:
    one = fitted.done[1]
    result = one.result
    assert result is not None
    request = ShowRequest(
        1,
        1,
        Prepared(result.family, result.data, Setup(result.dataset, None, result.spec)),
        Moment(result.best, result.chosen),
        View(Place.PICTURE),
        View(Place.LAW),
        wants_rows=True,
        wants_cells=True,
        file_rows=one.part.rows,
    )
    found = show(request)
    assert found.file_rows is not None
    assert set(found.file_rows) <= set(one.part.rows)
    points = next(m for m in found.picture.marks if isinstance(m, Points))
    np.testing.assert_array_equal(fitted.dataset.column("spend").values[points.rows], points.x)
    plain = show(replace(request, file_rows=None))
    assert in_file(plain, None) is plain


def test_the_table_of_fits_has_a_row_for_each_group(fitted: GroupFits) -> None:
    rows = [group_row(fitted, place) for place in range(3)]
    for row, one in zip(rows, fitted.done, strict=True):
        assert one.result is not None
        assert row.value == one.part.value and row.components == 2 and row.weight == ""
        assert row.bic == pytest.approx(one.result.criteria().bic)
    words = together(fitted, rows)
    assert "3 groups of shop" in words and "1 row without a value of shop is left out" in words
    assert "Together" in words
    unfinished = replace(fitted, fits=(*fitted.fits[:2], None))
    assert group_row(unfinished, 2).end == "Not fitted"


def test_sums_over_groups_are_not_told_where_one_has_no_fit(fitted: GroupFits) -> None:
    refused = GroupFit(fitted.parts[0], None, DataProblem("no rows"))
    groups = fitted.with_fit(0, refused)
    rows = [group_row(groups, place) for place in range(3)]
    assert "Together" not in together(groups, rows)
    assert "1 without a fit" in together(groups, rows)
    assert rows[0].weight == "bad" and rows[0].end == "No rows"


def test_parameters_of_all_groups_stand_under_each_other(fitted: GroupFits) -> None:
    result = fitted.done[2].result
    assert result is not None
    groups = fitted.with_fit(2, replace(fitted.done[2], result=measured(result, "observed")))
    found = all_parameters(groups)
    assert found.places.tolist() == [0, 1, 2, 0, 1, 2]
    assert found.components.tolist() == [0, 0, 0, 1, 1, 1]
    means = next(q for q in found.quantities if q.name == "means").values
    np.testing.assert_allclose(means[2], moved_means(result)[0])
    errors = found.errors["means"]
    assert np.isnan(errors[[0, 1, 3, 4]]).all() and np.isfinite(errors[[2, 5]]).all()
