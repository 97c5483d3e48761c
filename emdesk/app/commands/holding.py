"""Holding numbers of the model at values, and letting go of them; undo takes both back."""

from __future__ import annotations

import math

from emdesk.app.commands.changing import with_spec
from emdesk.app.commands.looking import add_message
from emdesk.app.holding import Place, pointed_at, released, with_values
from emdesk.app.state import AppState, Message, Weight
from emdesk.errors import EMDeskError
from emdesk.model.held import HeldValue
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
