"""Changes of data and model: what undo takes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from emdesk.app.commands.looking import fresh_view, select_column
from emdesk.app.model_spec import ModelSpec, changed_model, default_columns, new_spec
from emdesk.app.state import (
    AppState,
    Setup,
)
from emdesk.model.dataset import Kind
from emdesk.model.needs import Role


def with_setup(state: AppState, setup: Setup) -> AppState:
    if setup == state.setup:
        return state
    return replace(
        state,
        setup=setup,
        history=state.history.recorded(state.setup),
        setup_problem=None,
        outline=None if setup.dataset is not state.dataset else state.outline,
    )


def with_spec(state: AppState, spec: ModelSpec) -> AppState:
    return with_setup(state, replace(state.setup, spec=spec))


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
    return select_column(with_spec(state, without_means(spec)), name)


def use_all_columns(state: AppState) -> AppState:
    """Use every numeric column that plays no other role."""
    if state.spec is None or state.dataset is None:
        return state
    columns = default_columns(state.dataset, state.spec.roles)
    return with_spec(state, without_means(replace(state.spec, columns=columns)))


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
    return with_spec(state, spec)


def set_kind(state: AppState, name: str, kind: Kind) -> AppState:
    """Say what level of measurement a column has."""
    if state.dataset is None:
        return state
    return with_setup(state, replace(state.setup, dataset=state.dataset.with_kind(name, kind)))


def set_family(state: AppState, family: str) -> AppState:
    """Another family, over the same law if it takes one."""
    if state.spec is None or state.spec.family == family:
        return state
    made = changed_model(state.spec, state.catalogue, family, state.spec.law)
    return with_fresh_look(with_spec(state, made))


def set_law(state: AppState, law: str) -> AppState:
    """Another law in the same family."""
    if state.spec is None or state.spec.law == law:
        return state
    made = changed_model(state.spec, state.catalogue, state.spec.family, law)
    return with_fresh_look(with_spec(state, made))


def set_setting(state: AppState, name: str, value: object) -> AppState:
    """Change one setting of the model; a SettingProblem if the value is outside its limits."""
    if state.spec is None:
        return state
    return with_spec(state, state.spec.with_setting(name, value))


def default_settings(state: AppState) -> AppState:
    """Every setting back to its default; columns and roles stay."""
    if state.spec is None:
        return state
    fresh = new_spec(state.catalogue, state.spec.family, state.spec.law)
    return with_spec(state, replace(fresh, columns=state.spec.columns, roles=state.spec.roles))


def form_problems(state: AppState, problems: Mapping[str, str]) -> AppState:
    """What is wrong with the text typed in the form, by setting; it keeps Run waiting."""
    return replace(state, form_problems=tuple(problems.items()))


def without_means(spec: ModelSpec) -> ModelSpec:
    """Typed means belong to the columns they were typed for."""
    if spec.start_means is None:
        return spec
    start = "kmeans++" if spec.fit.start == "means" else spec.fit.start
    return replace(spec, start_means=None, fit=replace(spec.fit, start=start))


def with_fresh_look(state: AppState) -> AppState:
    return replace(
        state,
        picture_view=fresh_view(state.picture_view),
        law_view=fresh_view(state.law_view),
        form_problems=(),
    )
