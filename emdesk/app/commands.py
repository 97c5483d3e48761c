"""What a person can want of the window, each as a pure function from one state to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from emdesk.app.column_summary import ColumnSummary
from emdesk.app.model_spec import ModelSpec, changed_model, default_columns, new_spec
from emdesk.app.project import Project
from emdesk.app.session import FitResult
from emdesk.app.state import (
    AppState,
    Live,
    Message,
    Outline,
    Page,
    Phase,
    ResultsTab,
    Saved,
    Setup,
    Shown,
    Weight,
    with_view,
)
from emdesk.model.dataset import Dataset, Kind
from emdesk.model.marks import View
from emdesk.model.needs import Role
from emdesk.model.params import arrays
from emdesk.texts import say

MOST_MESSAGES = 500

# ---------------------------------------------------------------- data and model (these can be undone)


def _with_setup(state: AppState, setup: Setup) -> AppState:
    if setup == state.setup:
        return state
    return replace(
        state,
        setup=setup,
        history=state.history.recorded(state.setup),
        setup_problem=None,
        outline=None if setup.dataset is not state.dataset else state.outline,
    )


def _with_spec(state: AppState, spec: ModelSpec) -> AppState:
    return _with_setup(state, replace(state.setup, spec=spec))


def open_dataset(
    state: AppState,
    dataset: Dataset,
    path: Path | None = None,
    notes: tuple[str, ...] = (),
    spec: ModelSpec | None = None,
    watch_pace: bool = False,
    clock: str = "",
) -> AppState:
    """Put a file on the desk; without a model, the one in use goes on if it fits, else the default."""
    if spec is None:
        start = state.spec if state.spec is not None else new_spec(state.catalogue)
        spec = _on_other_data(start, dataset)
    fresh = AppState(
        catalogue=state.catalogue,
        page=Page.DESK,
        setup=Setup(dataset, path, spec),
        history=state.history,
        notes=notes,
        run=state.run + 1,
        picture_view=fresh_view(state.picture_view),
        law_view=fresh_view(state.law_view),
        selected_column=spec.columns[0] if spec.columns else None,
        messages=state.messages,
        unread=state.unread,
        tab=state.tab if state.tab is not ResultsTab.MESSAGES else ResultsTab.PARAMETERS,
        watch_pace=watch_pace,
        speed=state.speed,
    )
    if state.dataset is not None:
        fresh = replace(fresh, history=state.history.recorded(state.setup))
    for note in notes:
        fresh = add_message(fresh, Message(dataset.name, note, clock=clock))
    return fresh


def opened_project(state: AppState, project: Project, path: Path, clock: str) -> AppState:
    """Put a project on the desk: its data, its model, and its result if it has one."""
    fresh = open_dataset(state, project.dataset, _source(project.dataset), (), project.spec)
    saved = Saved(path, clock, fresh.setup, project.result, project.reading, project.other)
    fresh = replace(fresh, saved=saved)
    if project.result is None:
        return fresh
    ran = replace(fresh.setup, spec=project.result.spec)
    return replace(fresh, ran=ran, result=project.result, phase=Phase.DONE)


def _source(dataset: Dataset) -> Path | None:
    return Path(dataset.source) if dataset.source and Path(dataset.source).is_file() else None


def saved_project(state: AppState, saved: Saved) -> AppState:
    """What was on the desk is in the project file."""
    return replace(state, saved=saved)


def _on_other_data(spec: ModelSpec, dataset: Dataset) -> ModelSpec:
    roles = {r: names for r, names in spec.roles.items() if all(dataset.has(n) for n in names)}
    kept = tuple(n for n in spec.columns if dataset.has(n) and dataset.column(n).is_numeric)
    same = bool(spec.columns) and kept == spec.columns
    fit = spec.fit
    if fit.start in ("labels", "means", "result"):
        fit = replace(fit, start=type(fit)().start)
    return replace(
        spec,
        columns=kept if same else default_columns(dataset, roles),
        roles=roles if same else {},
        fit=fit,
        start_labels=None,
        start_means=None,
        start_params=None,
    )


def fresh_view(view: View) -> View:
    """The same place and size, looking at everything."""
    return replace(view, x="", y="", bins=None, extent=None, live=False)


def tick_column(state: AppState, name: str, used: bool) -> AppState:
    """Use a column in the model or leave it out; the columns keep the order of the file."""
    if state.spec is None or state.dataset is None:
        return state
    chosen = set(state.spec.columns) | {name} if used else set(state.spec.columns) - {name}
    columns = tuple(n for n in state.dataset.names if n in chosen)
    roles = {
        r: tuple(n for n in names if not used or n != name) for r, names in state.spec.roles.items()
    }
    spec = replace(state.spec, columns=columns, roles={r: n for r, n in roles.items() if n})
    return select_column(_with_spec(state, _without_means(spec)), name)


def _without_means(spec: ModelSpec) -> ModelSpec:
    """Typed means belong to the columns they were typed for."""
    if spec.start_means is None:
        return spec
    start = "kmeans++" if spec.fit.start == "means" else spec.fit.start
    return replace(spec, start_means=None, fit=replace(spec.fit, start=start))


def set_role(state: AppState, name: str, role: Role | None) -> AppState:
    """Give a column a role, which takes it out of the modelled ones; None takes its role away."""
    if state.spec is None:
        return state
    roles = {r: tuple(n for n in names if n != name) for r, names in state.spec.roles.items()}
    columns = state.spec.columns
    if role is not None:
        roles[role] = (name,)
        columns = tuple(n for n in columns if n != name)
    spec = replace(state.spec, columns=columns, roles={r: n for r, n in roles.items() if n})
    return _with_spec(state, spec)


def set_kind(state: AppState, name: str, kind: Kind) -> AppState:
    """Say what level of measurement a column has."""
    if state.dataset is None:
        return state
    return _with_setup(state, replace(state.setup, dataset=state.dataset.with_kind(name, kind)))


def set_family(state: AppState, family: str) -> AppState:
    """Another family, over the same law if it takes one."""
    if state.spec is None or state.spec.family == family:
        return state
    made = changed_model(state.spec, state.catalogue, family, state.spec.law)
    return _reset_look(_with_spec(state, made))


def set_law(state: AppState, law: str) -> AppState:
    """Another law in the same family."""
    if state.spec is None or state.spec.law == law:
        return state
    made = changed_model(state.spec, state.catalogue, state.spec.family, law)
    return _reset_look(_with_spec(state, made))


def _reset_look(state: AppState) -> AppState:
    return replace(
        state,
        picture_view=fresh_view(state.picture_view),
        law_view=fresh_view(state.law_view),
        form_problems=(),
    )


def set_setting(state: AppState, name: str, value: object) -> AppState:
    """Change one setting of the model; a SettingProblem if the value is outside its limits."""
    if state.spec is None:
        return state
    return _with_spec(state, state.spec.with_setting(name, value))


def start_from_labels(state: AppState, column: str) -> AppState:
    """Begin with the groups that a column holds."""
    if state.spec is None:
        return state
    fit = replace(state.spec.fit, start="labels")
    return _with_spec(state, replace(state.spec, fit=fit, start_labels=column))


def start_from_means(state: AppState, means: tuple[tuple[float, ...], ...]) -> AppState:
    """Begin at typed or clicked means, one row a group."""
    if state.spec is None:
        return state
    fit = replace(state.spec.fit, start="means")
    return _with_spec(state, replace(state.spec, fit=fit, start_means=means))


def start_from_params(state: AppState, values: Mapping[str, object]) -> AppState:
    """Begin at the parameters of an earlier result, in the analyst's units."""
    if state.spec is None:
        return state
    fit = replace(state.spec.fit, start="result")
    return _with_spec(state, replace(state.spec, fit=fit, start_params=dict(values)))


def start_from_result(state: AppState) -> AppState:
    """Begin at the parameters of the result that is there."""
    if state.result is None:
        return state
    result = state.result
    values = arrays(result.family.in_units(result.data, result.params))
    return start_from_params(state, values)


def use_all_columns(state: AppState) -> AppState:
    """Use every numeric column that plays no other role."""
    if state.spec is None or state.dataset is None:
        return state
    columns = default_columns(state.dataset, state.spec.roles)
    return _with_spec(state, _without_means(replace(state.spec, columns=columns)))


def default_settings(state: AppState) -> AppState:
    """Every setting back to its default; columns and roles stay."""
    if state.spec is None:
        return state
    fresh = new_spec(state.catalogue, state.spec.family, state.spec.law)
    return _with_spec(state, replace(fresh, columns=state.spec.columns, roles=state.spec.roles))


def form_problems(state: AppState, problems: Mapping[str, str]) -> AppState:
    """What is wrong with the text typed in the form, by setting; it keeps Run waiting."""
    return replace(state, form_problems=tuple(problems.items()))


def undo(state: AppState) -> AppState:
    """The data and model before the last change of them."""
    if not state.history.can_undo:
        return state
    setup, history = state.history.undone(state.setup)
    return _moved(state, setup, replace(state, history=history))


def redo(state: AppState) -> AppState:
    """The change that was undone last."""
    if not state.history.can_redo:
        return state
    setup, history = state.history.redone(state.setup)
    return _moved(state, setup, replace(state, history=history))


def _moved(before: AppState, setup: Setup, after: AppState) -> AppState:
    moved = replace(after, setup=setup, form_problems=(), setup_problem=None)
    if setup.dataset is None or before.dataset is None or setup.path != before.setup.path:
        moved = _without_fit(_reset_look(moved))
        moved = replace(
            moved,
            run=moved.run + 1,
            outline=None,
            summaries={},
            selected_rows=(),
            selected_column=None,
            page=Page.DESK if setup.dataset is not None else Page.START,
        )
    return moved


def _without_fit(state: AppState) -> AppState:
    return replace(
        state,
        phase=Phase.IDLE,
        ran=None,
        live=None,
        shown=None,
        result=None,
        failure=None,
        cursor=None,
        is_playing=False,
        chosen_group=None,
    )


def show_page(state: AppState, page: Page) -> AppState:
    """The start page or the desk."""
    return replace(state, page=page)


# ---------------------------------------------------------------- a run


def run_started(state: AppState) -> AppState:
    """A new run, with a new number, of what the form says now."""
    return replace(
        state,
        run=state.run + 1,
        ran=state.setup,
        phase=Phase.RUNNING,
        live=None,
        result=None,
        failure=None,
        cursor=None,
        is_playing=False,
        chosen_group=None,
        setup_problem=None,
    )


def set_phase(state: AppState, phase: Phase) -> AppState:
    """Paused, running on, or about to stop."""
    return replace(state, phase=phase) if state.is_busy else state


def run_advanced(state: AppState, live: Live) -> AppState:
    """The run has come to a newer iteration."""
    changed_start = state.live is not None and state.live.attempt != live.attempt
    cursor = None if changed_start or _beyond(state.cursor, live.iteration) else state.cursor
    return replace(state, live=live, cursor=cursor)


def _beyond(cursor: int | None, last: int) -> bool:
    return cursor is not None and cursor > last


def run_finished(state: AppState, result: FitResult, live: Live | None) -> AppState:
    """The run has ended with a result; what was looked at stays if it still exists."""
    same = state.live is not None and state.live.attempt == result.best.index
    cursor = state.cursor if same and not _beyond(state.cursor, result.trace.last) else None
    return replace(state, phase=Phase.DONE, result=result, live=live or state.live, cursor=cursor)


def run_failed(state: AppState, message: Message) -> AppState:
    """The run could not begin, or ended in a named failure without a result."""
    state = replace(state, phase=Phase.FAILED, failure=message, live=state.live, cursor=None)
    return add_message(state, message)


def run_dropped(state: AppState) -> AppState:
    """The run was stopped before its first iteration, or its data were put away."""
    return replace(_without_fit(state), shown=state.shown)


def keep_iteration(state: AppState) -> AppState:
    """Make the iteration that is looked at the result."""
    if state.result is None or state.is_busy or state.position is None:
        return state
    kept = state.result.keep(state.position)
    return replace(state, result=kept, cursor=state.position)


def scrub(state: AppState, iteration: int | None) -> AppState:
    """Look at an iteration; None, or the newest one while a run goes on, follows the run."""
    last = state.last_iteration
    if last is None:
        return state
    if iteration is not None:
        iteration = max(0, min(iteration, last))
        if state.is_busy and iteration == last:
            iteration = None
    return replace(state, cursor=iteration)


def show(state: AppState, shown: Shown) -> AppState:
    """The pictures of an iteration are ready."""
    return replace(state, shown=shown)


def outlined(state: AppState, outline: Outline | None, problem: Message | None) -> AppState:
    """The model in the form was counted, or does not fit the data."""
    return replace(state, outline=outline, setup_problem=problem)


def summarised(state: AppState, summary: ColumnSummary) -> AppState:
    """The numbers about a column are ready."""
    return replace(state, summaries={**state.summaries, summary.name: summary})


# ---------------------------------------------------------------- looking


def choose_axis(state: AppState, axis: str, key: str) -> AppState:
    """Show another column or component on an axis; the one that was there changes places."""
    view = state.picture_view
    shown_x, shown_y = axis_key(state, "x"), axis_key(state, "y")
    x, y = (key, shown_y) if axis == "x" else (shown_x, key)
    if x == y:
        x, y = shown_y, shown_x
    state = replace(state, picture_view=replace(view, x=x, y=y, extent=None))
    return replace(state, law_view=replace(state.law_view, x=x, y=y, extent=None))


def set_view(state: AppState, view: View) -> AppState:
    """Another size, zoom, bins or levels of one panel."""
    return state if view == state.view(view.place) else with_view(state, view)


def set_bins(state: AppState, bins: int | None) -> AppState:
    """How many bins the histograms have; None is chosen from the data."""
    state = replace(state, picture_view=replace(state.picture_view, bins=bins))
    return replace(state, law_view=replace(state.law_view, bins=bins))


def choose_group(state: AppState, group: int | None) -> AppState:
    """Bring out one group; again, or None, shows all alike."""
    return replace(state, chosen_group=None if group == state.chosen_group else group)


def select_rows(state: AppState, rows: tuple[int, ...]) -> AppState:
    """Ring rows of the file in every panel."""
    return replace(state, selected_rows=rows)


def select_column(state: AppState, name: str | None) -> AppState:
    """Show the summary of a column."""
    return replace(state, selected_column=name)


def show_tab(state: AppState, tab: ResultsTab) -> AppState:
    """Another tab of the results; messages that are seen are read."""
    return replace(state, tab=tab, unread=0 if tab is ResultsTab.MESSAGES else state.unread)


def show_undecided(state: AppState, only: bool) -> AppState:
    """List only the rows whose largest probability is below 0.6."""
    return replace(state, undecided_only=only)


def open_table(state: AppState, is_open: bool) -> AppState:
    """Show or put away the full table of the data."""
    return replace(state, is_table_open=is_open)


def set_watch_pace(state: AppState, on: bool) -> AppState:
    """Run slowly enough to watch."""
    return replace(state, watch_pace=on)


def set_speed(state: AppState, speed: float) -> AppState:
    """How fast the replay goes."""
    return replace(state, speed=speed)


def play(state: AppState, playing: bool) -> AppState:
    """Begin or halt the replay; at the end it begins at the start."""
    if playing and state.position == state.last_iteration:
        state = replace(state, cursor=0)
    return replace(state, is_playing=playing and state.last_iteration is not None)


def add_message(state: AppState, message: Message) -> AppState:
    """One more entry in Messages, unread unless they are looked at."""
    seen = state.tab is ResultsTab.MESSAGES
    return replace(
        state,
        messages=(*state.messages, message)[-MOST_MESSAGES:],
        unread=0 if seen else state.unread + 1,
    )


def warn_of_result(state: AppState, clock: str = "") -> AppState:
    """Put what an analyst must know of the result into Messages."""
    if state.result is None:
        return state
    for sentence in state.result.warnings():
        state = add_message(
            state, Message(say("message.fit"), sentence, weight=Weight.WARN, clock=clock)
        )
    return state


# ---------------------------------------------------------------- clicking means


def click_mean(state: AppState, x: float, y: float) -> AppState:
    """Take a clicked place as the next typed mean: the clicked columns from it, the others from the data's means."""
    spec, dataset, shown = state.spec, state.dataset, state.shown
    if spec is None or dataset is None or shown is None:
        return state
    count = groups_of(spec)
    mean = []
    for name in spec.columns:
        if name == axis_key(state, "x"):
            mean.append(x)
        elif name == axis_key(state, "y"):
            mean.append(y)
        else:
            mean.append(float(np.nanmean(dataset.column(name).values)))
    before = state.clicked_means if len(state.clicked_means) < count else ()
    means = (*before, tuple(mean))
    state = replace(state, clicked_means=means)
    return start_from_means(state, means) if len(means) == count else state


def axis_key(state: AppState, axis: str) -> str:
    """What an axis of the picture shows: the chosen key, else the option with the axis' label."""
    chosen: str = getattr(state.picture_view, axis)
    if chosen or state.shown is None:
        return chosen
    picture = state.shown.picture
    options, label = (
        (picture.x_options, picture.x_label)
        if axis == "x"
        else (picture.y_options, picture.y_label)
    )
    return next((o.key for o in options if label.startswith(o.label)), "")


def groups_of(spec: ModelSpec) -> int:
    """How many groups the model has, by the setting that counts them; 0 where it has none."""
    values = spec.values()
    for name in ("components", "states", "factors", "groups"):
        if name in values:
            return int(values[name])
    return 0
