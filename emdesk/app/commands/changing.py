"""Changes of data and model: what undo takes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from emdesk.app.catalogue import Catalogue
from emdesk.app.commands.looking import fresh_view, select_column
from emdesk.app.holding import on_columns
from emdesk.app.model_spec import (
    JOINT,
    ModelSpec,
    changed_model,
    default_columns,
    needs_of,
    new_spec,
    takes_unasked,
    with_laws,
)
from emdesk.app.several_laws import over_columns, suggested
from emdesk.app.state import (
    AppState,
    Setup,
)
from emdesk.model.dataset import Dataset, Kind
from emdesk.model.interval_ends import measured_column
from emdesk.model.needs import SEVERAL, Role

MOST_LABELS = 30
"""A column with more values than this does not hold labels, so the model does not follow it."""


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
    spec = _over(state.spec, columns, state.catalogue, state.dataset)
    spec = replace(spec, roles={r: n for r, n in roles.items() if n})
    return select_column(with_spec(state, without_means(spec)), name)


def _over(
    spec: ModelSpec, columns: tuple[str, ...], catalogue: Catalogue, dataset: Dataset
) -> ModelSpec:
    """The same model over other columns. Several laws stay several, and a column of text beside a law for numbers makes
    it several."""
    law = spec.family_in(catalogue).law
    has_text = any(dataset.has(n) and not dataset.column(n).is_numeric for n in columns)
    if columns and (spec.laws or (law is not None and has_text and not law.needs.text)):
        return over_columns(spec, catalogue, dataset, columns)
    return on_columns(spec, columns, catalogue)


def use_all_columns(state: AppState) -> AppState:
    """Use every column that the law takes and that plays no other role."""
    if state.spec is None or state.dataset is None:
        return state
    needs = needs_of(state.spec, state.catalogue)
    roles = state.spec.roles
    columns = measured_column(roles) or default_columns(state.dataset, roles, needs)
    return with_spec(state, without_means(on_columns(state.spec, columns, state.catalogue)))


def set_role(state: AppState, name: str, role: Role | None) -> AppState:
    """Give a column a role, which takes it out of the modelled ones; None takes its role away. A column of ends makes
    the model one of intervals, whose measurement is modelled alone."""
    if state.spec is None:
        return state
    roles = {r: tuple(n for n in names if n != name) for r, names in state.spec.roles.items()}
    columns = state.spec.columns
    if role is not None:
        before = roles.get(role, ()) if role in SEVERAL else ()
        roles[role] = _in_file_order((*before, name), state.dataset)
        columns = tuple(n for n in columns if n != name)
    columns = measured_column({r: n for r, n in roles.items() if n}) or columns
    if state.dataset is not None:
        spec = _over(state.spec, columns, state.catalogue, state.dataset)
    else:
        spec = on_columns(state.spec, columns, state.catalogue)
    spec = replace(spec, roles={r: n for r, n in roles.items() if n})
    if role is Role.LABEL and state.dataset is not None:
        spec = with_groups_for(spec, state.dataset.column(name).distinct)
    return with_spec(state, spec)


def _in_file_order(names: tuple[str, ...], dataset: Dataset | None) -> tuple[str, ...]:
    return names if dataset is None else tuple(n for n in dataset.names if n in names)


def with_groups_for(spec: ModelSpec, labels: int) -> ModelSpec:
    """The same model with a component for each known label at least."""
    groups = spec.values().get("components")
    if isinstance(groups, int) and groups < labels <= MOST_LABELS:
        return spec.with_setting("components", labels)
    return spec


def set_kind(state: AppState, name: str, kind: Kind) -> AppState:
    """Say what level of measurement a column has."""
    if state.dataset is None:
        return state
    return with_setup(state, replace(state.setup, dataset=state.dataset.with_kind(name, kind)))


def set_family(state: AppState, family: str) -> AppState:
    """Another family, over the same law if it takes one."""
    if state.spec is None or state.spec.family == family:
        return state
    law = state.spec.laws[0].law if state.spec.laws else state.spec.law
    made = changed_model(state.spec, state.catalogue, family, law)
    return with_fresh_look(with_spec(state, made))


def set_law(state: AppState, law: str) -> AppState:
    """Another law in the same family."""
    if state.spec is None or state.spec.law == law:
        return state
    if law == JOINT:
        return use_several_laws(state)
    made = changed_model(state.spec, state.catalogue, state.spec.family, law)
    if state.dataset is not None:
        made = _on_columns_it_takes(state.spec, made, state.dataset, state.catalogue)
    return with_fresh_look(with_spec(state, made))


def use_several_laws(state: AppState) -> AppState:
    """A law for each column, as its kind suggests; where that is one law for all, the law of the first column apart."""
    if state.spec is None or state.dataset is None or not state.spec.columns:
        return state
    made = suggested(state.spec, state.catalogue, state.dataset)
    if not made.laws and len(made.columns) > 1:
        first, *others = made.columns
        law = str(made.law)
        made = with_laws(made, state.catalogue, [(law, (first,)), (law, tuple(others))])
    return with_fresh_look(with_spec(state, without_means(made)))


def set_column_law(state: AppState, name: str, law: str) -> AppState:
    """Another law for one of the columns."""
    if state.spec is None or state.dataset is None or name not in state.spec.columns:
        return state
    columns = tuple(n for n in state.dataset.names if n in state.spec.columns)
    made = over_columns(state.spec, state.catalogue, state.dataset, columns, {name: law})
    return with_fresh_look(with_spec(state, without_means(made)))


def _on_columns_it_takes(
    before: ModelSpec, made: ModelSpec, dataset: Dataset, catalogue: Catalogue
) -> ModelSpec:
    """Columns that were the default of the law before, or that the new law cannot take, become its own default."""
    old, new = needs_of(before, catalogue), needs_of(made, catalogue)
    wanted = default_columns(dataset, made.roles, new)
    was_default = made.columns == default_columns(dataset, before.roles, old)
    fits = all(takes_unasked(new, dataset.column(n)) for n in made.columns if dataset.has(n))
    if new is not None and new.most == 1 and Role.PREDICTORS in made.family_in(catalogue).roles:
        return _first_on_others(made, catalogue)
    if not wanted or wanted == made.columns or (fits and not was_default):
        return made
    return without_means(on_columns(made, wanted, catalogue))


def _first_on_others(spec: ModelSpec, catalogue: Catalogue) -> ModelSpec:
    """A regression of the first of several used columns on the others, until the analyst says otherwise."""
    if len(spec.columns) < 2 or spec.roles.get(Role.PREDICTORS):
        return spec
    first, *others = spec.columns
    roles = {**spec.roles, Role.PREDICTORS: tuple(others)}
    return replace(without_means(on_columns(spec, (first,), catalogue)), roles=roles)


def set_setting(state: AppState, name: str, value: object) -> AppState:
    """Change one setting of the model; a SettingProblem if the value is outside its limits."""
    if state.spec is None:
        return state
    return with_spec(state, state.spec.with_setting(name, value))


def default_settings(state: AppState) -> AppState:
    """Every setting back to its default; columns and roles stay."""
    if state.spec is None:
        return state
    laws = [(part.law, part.columns) for part in state.spec.laws]
    fresh = new_spec(state.catalogue, state.spec.family, laws[0][0] if laws else state.spec.law)
    if laws:
        fresh = with_laws(fresh, state.catalogue, laws)
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
