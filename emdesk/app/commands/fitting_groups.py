"""Fits by group: what a run of them tells, and looking from one group to the next."""

from __future__ import annotations

from dataclasses import replace

from emdesk.app.commands.looking import add_message
from emdesk.app.commands.running import result_opened, run_dropped, run_started
from emdesk.app.group_fits import GroupFit, GroupFits
from emdesk.app.identity import continued
from emdesk.app.parts import Part
from emdesk.app.state import AppState, Message, Phase, ResultsTab, Weight


def groups_started(state: AppState, column: str, parts: tuple[Part, ...]) -> AppState:
    """A run of every group begins, at the first."""
    before = state.group_fits
    begun = run_started(state)
    if begun.dataset is None or begun.spec is None:
        return state
    fits = GroupFits(
        begun.run,
        column,
        begun.dataset,
        begun.spec,
        parts,
        (None,) * len(parts),
        _place_again(before, parts),
        tuple(range(len(parts))),
    )
    tab = begun.tab if before is not None else ResultsTab.GROUPS
    former = before.reference if before is not None else None
    return replace(begun, fits_by_group=fits, former=former, tab=tab)


def _place_again(before: GroupFits | None, parts: tuple[Part, ...]) -> int | None:
    """The group that was looked at before, where there is one of its name."""
    if before is None or before.part is None:
        return None
    values = [part.value for part in parts]
    return values.index(before.part.value) if before.part.value in values else None


def groups_opened(state: AppState, groups: GroupFits) -> AppState:
    """Fits of groups that were made earlier stand on the desk."""
    ran = replace(state.setup, spec=groups.spec)
    return _ended(replace(state, ran=ran), groups) if groups.done else state


def group_goes_on(state: AppState) -> AppState:
    """The group on the desk is fitted again, the others stay."""
    groups = state.group_fits
    if groups is None or groups.chosen is None:
        return state
    begun = replace(run_started(state), ran=state.ran, former=None)
    return replace(begun, fits_by_group=replace(groups, run=begun.run, waiting=(groups.chosen,)))


def group_fitted(state: AppState, fit: GroupFit, clock: str = "") -> AppState:
    """A group is done: the next one begins, or the fits are looked at once none waits or the run was stopped."""
    groups = state.fits_by_group
    if groups is None or not groups.waiting:
        return state
    place, *rest = groups.waiting
    result = fit.result
    if result is not None and groups.reference is None:
        fit = replace(fit, result=continued(state.former, result))
    state = _with_messages(state, fit, clock)
    groups = replace(groups.with_fit(place, fit), waiting=tuple(rest))
    if not rest or state.phase is Phase.STOPPING:
        return _ended(state, groups)
    begun = replace(run_started(state), ran=state.ran, former=state.former, phase=state.phase)
    return replace(begun, fits_by_group=replace(groups, run=begun.run))


def groups_stopped(state: AppState) -> AppState:
    """The run was stopped before the first iteration of a group; the groups that were fitted stay."""
    groups = state.fits_by_group
    if groups is None or not groups.done:
        return replace(run_dropped(state), fits_by_group=None)
    return _ended(state, groups)


def _ended(state: AppState, groups: GroupFits) -> AppState:
    """The group that was looked at before, else the first that has a fit."""
    groups = replace(groups, waiting=())
    fitted = [p for p, fit in enumerate(groups.fits) if fit is not None and fit.result is not None]
    there = [p for p, fit in enumerate(groups.fits) if fit is not None]
    place = groups.chosen if groups.chosen in fitted else (fitted or there)[0]
    return _looking_at(state, groups, place)


def show_group_fit(state: AppState, place: int) -> AppState:
    """Put the fit of another group on the desk."""
    groups = state.group_fits
    if groups is None or state.is_busy or place == groups.chosen:
        return state
    if not 0 <= place < len(groups.fits) or groups.fits[place] is None:
        return state
    return _looking_at(state, groups, place)


def step_group_fit(state: AppState, step: int) -> AppState:
    """The next group that was fitted or could not be, or the one before."""
    groups = state.group_fits
    if groups is None or groups.chosen is None:
        return state
    there = [place for place, fit in enumerate(groups.fits) if fit is not None]
    return show_group_fit(state, there[(there.index(groups.chosen) + step) % len(there)])


def _looking_at(state: AppState, groups: GroupFits, place: int) -> AppState:
    fit = groups.fits[place]
    assert fit is not None
    group, tab, ran = state.chosen_group, state.tab, state.ran
    if fit.result is not None:
        state = replace(result_opened(state, fit.result), shown=state.shown)
    else:
        state = replace(
            run_started(state), phase=Phase.FAILED, shown=None, failure=message_of_group(fit)
        )
    shown = replace(groups, run=state.run, chosen=place)
    return replace(state, fits_by_group=shown, ran=ran, chosen_group=group, tab=tab, former=None)


def message_of_group(fit: GroupFit, clock: str = "") -> Message:
    """Why a group has no fit."""
    problem = fit.problem
    what = problem.what if problem is not None else ""
    remedy = problem.remedy if problem is not None else ""
    return Message(fit.part.words, what, remedy, Weight.BAD, clock)


def _with_messages(state: AppState, fit: GroupFit, clock: str) -> AppState:
    """What an analyst must know of a group's fit, in Messages."""
    if fit.result is None:
        return add_message(state, message_of_group(fit, clock))
    for sentence in fit.result.warnings():
        message = Message(fit.part.words, sentence, weight=Weight.WARN, clock=clock)
        state = add_message(state, message)
    return state
