"""Holding numbers of the model at values or equal to each other, and letting go of them; undo takes each back."""

from __future__ import annotations

import math
from dataclasses import replace

from emdesk.app.commands.changing import with_spec
from emdesk.app.commands.looking import add_message
from emdesk.app.holding import Place, pointed_at, released, with_values
from emdesk.app.state import AppState, Message, Weight
from emdesk.app.tying import tied_at
from emdesk.errors import EMDeskError
from emdesk.model.held import HeldValue
from emdesk.model.tied import Tie
from emdesk.texts import say


def hold_value(state: AppState, name: str, place: Place, value: float) -> AppState:
    """Hold one number of the model at a value in the analyst's units, which takes the place of the one before."""
    if state.spec is None or not math.isfinite(value):
        return state
    return with_spec(state, with_values(state.spec, [HeldValue(name, place, value)]))


def hold_shown(state: AppState, name: str, place: Place, clock: str = "") -> AppState:
    """Hold a number of the table of parameters at the value that it shows, with those that must be held with it; a
    message says why where it cannot be."""
    spec, dataset, shown = state.spec, state.dataset, state.shown
    if spec is None or dataset is None or shown is None:
        return state
    try:
        values = pointed_at(spec, dataset, state.catalogue, shown.quantities, name, place)
    except EMDeskError as problem:
        told = Message(say("held.section"), problem.what, problem.remedy, Weight.WARN, clock)
        return add_message(state, told)
    return with_spec(state, with_values(spec, values))


def release_value(state: AppState, name: str, place: Place) -> AppState:
    """Let a number be estimated again, and with it the rest of what is held of its component where that can only be
    held whole."""
    if state.spec is None or state.dataset is None:
        return state
    return with_spec(state, released(state.spec, state.dataset, state.catalogue, name, place))


def tie_shown(
    state: AppState, name: str, place: Place, groups: tuple[int, ...], clock: str = ""
) -> AppState:
    """Estimate a number of the table of parameters as one and the same in some groups, its own among them, with those
    that can only be tied with it; one group lets go of it. A message says why where it cannot be."""
    spec, dataset = state.spec, state.dataset
    if spec is None or dataset is None:
        return state
    try:
        made = tied_at(spec, dataset, state.catalogue, name, place, groups)
    except EMDeskError as problem:
        told = Message(say("held.section"), problem.what, problem.remedy, Weight.WARN, clock)
        return add_message(state, told)
    return with_spec(state, made)


def untie(state: AppState, tie: Tie) -> AppState:
    """Let what is tied differ between the groups again."""
    if state.spec is None:
        return state
    kept = tuple(other for other in state.spec.ties if other != tie)
    return with_spec(state, replace(state.spec, ties=kept))
