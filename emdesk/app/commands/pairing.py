"""Which fits are kept, and which two of them stand side by side."""

from __future__ import annotations

from dataclasses import replace

from emdesk.app.comparison.places import Place
from emdesk.app.pairing.fits import (
    fits_of,
    is_same_fit,
    key_of_kept,
    key_of_place,
    model_words,
    pair_of,
)
from emdesk.app.pairing.kept import KeptFit
from emdesk.app.state import COMPARE_VIEW, AppState
from emdesk.texts import say


def keep_fit(state: AppState) -> AppState:
    """Keep the fit on the desk, so that later ones can be compared with it; it is kept once."""
    result = state.result
    if result is None or state.is_busy or not result.family.labels_rows:
        return state
    if any(is_same_fit(kept.result, result) for kept in state.kept):
        return state
    number = max((kept.number for kept in state.kept), default=0) + 1
    name = say("pair.kept_name", number=number, model=model_words(result, state.catalogue))
    return replace(state, kept=(*state.kept, KeptFit(number, name, result)))


def drop_fit(state: AppState, key: str) -> AppState:
    """Compare with a fit no more: a kept one is let go, a marked cell loses its mark."""
    kept = tuple(one for one in state.kept if key_of_kept(one) != key)
    marked = tuple(place for place in state.exploration.marked if key_of_place(place) != key)
    if kept == state.kept and marked == state.exploration.marked:
        return state
    return replace(state, kept=kept, exploration=replace(state.exploration, marked=marked))


def rename_fit(state: AppState, key: str, name: str) -> AppState:
    """Another name for a kept fit; an empty one changes nothing, and other fits have the name of their place."""
    words = " ".join(name.split())
    if not words or all(key_of_kept(one) != key for one in state.kept):
        return state
    kept = tuple(replace(one, name=words) if key_of_kept(one) == key else one for one in state.kept)
    return replace(state, kept=kept)


def compare_fit(state: AppState, side: int, key: str) -> AppState:
    """Picture a fit as A (0) or B (1); the one that stood there changes places where it is the other one."""
    now = pair_of(state)
    if now is None or all(fit.key != key for fit in fits_of(state)):
        return state
    keys = [now[0].key, now[1].key]
    if keys[1 - side] == key:
        keys.reverse()
    keys[side] = key
    return replace(state, compared=(keys[0], keys[1]))


def compare_cells(state: AppState, first: Place, second: Place) -> AppState:
    """Mark two cells of the grid and look at them side by side."""
    marked = tuple(dict.fromkeys((*state.exploration.marked, first, second)))
    state = replace(state, exploration=replace(state.exploration, marked=marked))
    keys = (key_of_place(first), key_of_place(second))
    return replace(state, compared=keys, view_name=COMPARE_VIEW)


def compare_with_column(state: AppState, name: str) -> AppState:
    """Compare the groups of both fits with this column of labels."""
    return replace(state, known_column=name)
