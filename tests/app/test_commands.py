"""What a person can want of the window, as pure functions of its state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emdesk.app import commands
from emdesk.app.catalogue import catalogue
from emdesk.app.feed import Series
from emdesk.app.history import History
from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitResult, fit
from emdesk.app.shown import Live
from emdesk.app.state import AppState, Message, Page, Phase, ResultsTab
from emdesk.errors import SettingProblem
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.marks import Place
from emdesk.model.needs import Role


def some_data(name: str = "some", rows: int = 60) -> Dataset:
    rng = np.random.default_rng(5)
    a = np.concatenate([rng.normal(0, 1, rows // 2), rng.normal(6, 1, rows // 2)])
    b = rng.normal(size=rows)
    codes = np.repeat([0.0, 1.0], rows // 2)
    return Dataset(
        (
            Column("a", Kind.CONTINUOUS, a),
            Column("b", Kind.CONTINUOUS, b),
            Column("kind", Kind.NOMINAL, codes, ("x", "y")),
        ),
        name,
    )


@pytest.fixture
def empty() -> AppState:
    return AppState(catalogue())


@pytest.fixture
def opened(empty: AppState) -> AppState:
    return commands.open_dataset(empty, some_data(), Path("some.csv"))


def columns(state: AppState) -> tuple[str, ...]:
    return state.spec.columns if state.spec is not None else ()


def finished(state: AppState) -> FitResult:
    assert state.dataset is not None and state.spec is not None
    spec = state.spec.with_setting("components", 2).with_setting("starts", 1)
    return fit(state.dataset, spec, state.catalogue, threads=1)


def done(state: AppState) -> AppState:
    started = commands.run_started(state)
    return commands.run_finished(started, finished(state), None)


def test_a_fresh_window_shows_the_start_page_and_cannot_run(empty: AppState) -> None:
    assert empty.page is Page.START
    assert not empty.can_run


def test_opening_data_uses_every_numeric_column(opened: AppState) -> None:
    assert opened.page is Page.DESK
    assert columns(opened) == ("a", "b")
    assert opened.can_run
    assert opened.title == "some"


def test_ticked_columns_keep_the_order_of_the_file(opened: AppState) -> None:
    state = commands.tick_column(opened, "a", False)
    assert columns(state) == ("b",)
    assert columns(commands.tick_column(state, "a", True)) == ("a", "b")


def test_a_role_takes_a_column_out_of_the_model(opened: AppState) -> None:
    state = commands.set_role(opened, "b", Role.WEIGHT)
    assert columns(state) == ("a",)
    assert state.spec is not None and state.spec.roles == {Role.WEIGHT: ("b",)}
    ticked = commands.tick_column(state, "b", True)
    assert ticked.spec is not None and not ticked.spec.roles


def test_undo_goes_back_over_data_roles_and_settings_and_redo_forward(opened: AppState) -> None:
    first = commands.tick_column(opened, "b", False)
    second = commands.set_setting(first, "components", 4)
    back = commands.undo(commands.undo(second))
    assert back.setup == opened.setup
    assert commands.redo(commands.redo(back)).setup == second.setup
    assert not commands.tick_column(back, "a", False).history.can_redo


def test_undo_never_takes_a_run_back(opened: AppState) -> None:
    state = done(commands.set_setting(opened, "components", 3))
    back = commands.undo(state)
    assert back.result is state.result
    assert back.is_stale


def test_a_setting_outside_its_limits_changes_nothing(opened: AppState) -> None:
    with pytest.raises(SettingProblem):
        commands.set_setting(opened, "components", 0)


def test_another_start_does_not_make_a_fit_stale_but_another_model_does(opened: AppState) -> None:
    state = done(opened)
    assert not commands.set_setting(state, "seed", 9).is_stale
    assert commands.set_setting(state, "components", 5).is_stale


def test_opening_other_data_forgets_the_fit_and_gets_a_new_run_number(opened: AppState) -> None:
    state = done(opened)
    other = commands.open_dataset(state, some_data("other"), Path("other.csv"))
    assert other.result is None and other.ran is None
    assert other.run > state.run
    assert commands.undo(other).run > other.run


def test_looking_back_and_keeping_make_an_iteration_the_result(opened: AppState) -> None:
    state = done(opened)
    assert state.result is not None
    assert not state.is_looking_back
    back = commands.scrub(state, 1)
    assert back.is_looking_back and back.position == 1
    kept = commands.keep_iteration(back)
    assert kept.result is not None and kept.result.chosen == 1
    assert kept.result.is_kept_by_hand and not kept.is_looking_back


def test_scrubbing_stays_between_the_start_and_the_last_iteration(opened: AppState) -> None:
    state = done(opened)
    assert commands.scrub(state, -5).position == 0
    assert commands.scrub(state, 10_000).position == state.last_iteration


def test_scrubbing_to_the_end_of_a_run_follows_it_again(opened: AppState) -> None:
    live = Live(1, 0, 1, 3, np.array([-4.0, -3.0, -2.0, -1.0]))
    running = commands.run_advanced(commands.run_started(opened), live)
    assert commands.scrub(running, 1).cursor == 1
    assert commands.scrub(running, 3).cursor is None


def test_another_start_of_the_run_ends_looking_back(opened: AppState) -> None:
    objectives = np.arange(5.0)
    running = commands.run_advanced(commands.run_started(opened), Live(1, 0, 2, 4, objectives))
    looking = commands.scrub(running, 2)
    assert commands.run_advanced(looking, Live(1, 1, 2, 4, objectives)).cursor is None


def test_choosing_the_axis_of_the_other_one_exchanges_them(opened: AppState) -> None:
    state = commands.set_view(opened, replace(opened.view(Place.PICTURE), x="a", y="b"))
    view = commands.choose_axis(state, "x", "b").view(Place.PICTURE)
    assert (view.x, view.y) == ("b", "a")


def test_messages_are_unread_until_they_are_looked_at(opened: AppState) -> None:
    state = commands.add_message(opened, Message("somewhere", "something"))
    assert state.unread == opened.unread + 1
    seen = commands.show_tab(state, ResultsTab.MESSAGES)
    assert seen.unread == 0
    assert commands.add_message(seen, Message("again", "something")).unread == 0


def test_a_failed_run_is_a_message_and_the_form_stays(opened: AppState) -> None:
    started = commands.run_started(opened)
    failed = commands.run_failed(started, Message("some", "it does not fit"))
    assert failed.phase is Phase.FAILED
    assert failed.messages[-1].what == "it does not fit"
    assert failed.setup is opened.setup


def test_the_model_of_the_last_file_goes_on_with_a_file_of_the_same_columns(
    opened: AppState,
) -> None:
    state = commands.set_setting(commands.tick_column(opened, "b", False), "components", 4)
    other = commands.open_dataset(state, some_data("other"), Path("other.csv"))
    assert columns(other) == ("a",)
    assert other.spec is not None and other.spec.values()["components"] == 4


def test_problems_in_the_form_hold_the_run_back(opened: AppState) -> None:
    held = commands.form_problems(opened, {"tolerance": "Tolerance is abc."})
    assert not held.can_run
    assert commands.form_problems(held, {}).can_run


def test_other_means_are_asked_for_when_the_columns_change(opened: AppState) -> None:
    state = commands.start_from_means(opened, ((0.0, 1.0), (5.0, 1.0)))
    assert state.spec is not None and state.spec.fit.start == "means"
    changed = commands.tick_column(state, "b", False)
    assert changed.spec is not None and changed.spec.start_means is None


def test_the_parameters_of_a_result_are_taken_as_a_start(opened: AppState) -> None:
    state = commands.start_from_result(done(opened))
    assert state.spec is not None and state.spec.fit.start == "result"
    assert state.spec.start_params is not None
    assert np.shape(state.spec.start_params["means"]) == (2, 2)


def test_default_settings_keep_the_columns(opened: AppState) -> None:
    state = commands.set_setting(commands.tick_column(opened, "b", False), "components", 7)
    back = commands.default_settings(state)
    assert columns(back) == ("a",)
    assert back.spec is not None
    assert back.spec.settings == new_spec(catalogue()).settings


def test_history_is_a_list_of_states() -> None:
    history = History[int]().recorded(1).recorded(2)
    present, after = history.undone(3)
    assert present == 2
    assert after.redone(2)[0] == 3


def test_a_view_of_a_series_never_changes_while_the_series_grows() -> None:
    series = Series()
    for number in range(300):
        series.append(number)
    seen = series.view()
    for number in range(300, 2000):
        series.append(number)
    assert seen.tolist() == list(range(300))
    assert len(series) == 2000
    with pytest.raises(ValueError, match="read-only"):
        seen[0] = 1
