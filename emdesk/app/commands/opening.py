"""Putting data on the desk and taking them away; undo and redo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from emdesk.app.catalogue import Catalogue
from emdesk.app.commands.changing import with_fresh_look
from emdesk.app.commands.fitting_groups import groups_opened
from emdesk.app.commands.looking import add_message, fresh_view
from emdesk.app.commands.running import without_fit
from emdesk.app.comparison.exploration import Exploration
from emdesk.app.model_spec import ModelSpec, default_columns, needs_of, new_spec
from emdesk.app.project import Project
from emdesk.app.state import (
    AppState,
    Message,
    Page,
    Phase,
    ResultsTab,
    Saved,
    Setup,
    Weight,
)
from emdesk.model.dataset import Dataset


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
        spec = _on_other_data(start, dataset, state.catalogue)
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
        replays_quick_fits=state.replays_quick_fits,
        proofs=state.proofs,
        exploration=Exploration(number=state.exploration.number + 1),
    )
    if state.dataset is not None:
        fresh = replace(fresh, history=state.history.recorded(state.setup))
    for note in notes:
        fresh = add_message(fresh, Message(dataset.name, note, clock=clock))
    return fresh


def opened_project(state: AppState, project: Project, path: Path, clock: str) -> AppState:
    """Put a project on the desk: its data, its model, and its result if it has one."""
    fresh = open_dataset(state, project.dataset, _source(project.dataset), (), project.spec)
    for sentence in project.set_aside:
        fresh = add_message(
            fresh, Message(project.dataset.name, sentence, weight=Weight.WARN, clock=clock)
        )
    saved = Saved(path, clock, fresh.setup, project.result, project.reading, project.other)
    if project.exploration is not None:
        explored = replace(project.exploration, number=fresh.exploration.number)
        fresh = replace(fresh, exploration=explored)
    fresh = replace(fresh, kept=project.kept)
    saved = replace(saved, grid=fresh.exploration.comparison, kept=fresh.kept)
    fresh = replace(fresh, saved=replace(saved, groups=project.groups))
    if project.groups is not None:
        return groups_opened(fresh, project.groups)
    if project.result is None:
        return fresh
    ran = replace(fresh.setup, spec=project.result.spec)
    return replace(fresh, ran=ran, result=project.result, phase=Phase.DONE)


def _source(dataset: Dataset) -> Path | None:
    return Path(dataset.source) if dataset.source and Path(dataset.source).is_file() else None


def saved_project(state: AppState, saved: Saved) -> AppState:
    """What was on the desk is in the project file."""
    return replace(state, saved=saved)


def _on_other_data(spec: ModelSpec, dataset: Dataset, catalogue: Catalogue) -> ModelSpec:
    needs = needs_of(spec, catalogue)
    takes_text = needs is not None and needs.text
    roles = {r: names for r, names in spec.roles.items() if all(dataset.has(n) for n in names)}
    there = (n for n in spec.columns if dataset.has(n))
    kept = tuple(n for n in there if takes_text or dataset.column(n).is_numeric)
    same = bool(spec.columns) and kept == spec.columns
    fit = spec.fit
    if fit.start in ("labels", "means", "result"):
        fit = replace(fit, start=type(fit)().start)
    return replace(
        spec,
        columns=kept if same else default_columns(dataset, roles, needs),
        roles=roles if same else {},
        fit=fit,
        start_labels=None,
        start_means=None,
        start_params=None,
    )


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
        moved = without_fit(with_fresh_look(moved))
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
