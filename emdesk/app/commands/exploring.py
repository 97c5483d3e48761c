"""The grid of models: what is compared, how far it is, what is looked at in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from emdesk.app.commands.changing import with_setup
from emdesk.app.commands.running import result_opened
from emdesk.app.comparison.exploration import Exploration
from emdesk.app.comparison.outcome import Comparison
from emdesk.app.comparison.places import Place
from emdesk.app.parts import without_group
from emdesk.app.phase import Phase
from emdesk.app.state import DESK_VIEW, AppState
from emdesk.em.merging import MergeStep
from emdesk.errors import EMDeskError


def _with(state: AppState, **values: Any) -> AppState:
    return replace(state, exploration=replace(state.exploration, **values))


def explore_what(
    state: AppState,
    low: int | None = None,
    high: int | None = None,
    varied: str | None = None,
) -> AppState:
    """Which counts of groups, and what varies across them; the next exploration follows it."""
    now = state.exploration
    first = now.low if low is None else low
    last = now.high if high is None else high
    if low is not None:
        last = max(first, last)
    first = min(first, last)
    return _with(state, low=first, high=last, varied=now.varied if varied is None else varied)


def exploration_started(state: AppState) -> AppState:
    """A walk through a new grid begins, with a number of its own."""
    made = Exploration(
        number=state.exploration.number + 1,
        low=state.exploration.low,
        high=state.exploration.high,
        varied=state.exploration.varied,
        criterion=state.exploration.criterion,
        larger_is_better=state.exploration.larger_is_better,
        phase=Phase.RUNNING,
        dataset=state.dataset,
        base=None if state.spec is None else without_group(state.spec),
    )
    return replace(state, exploration=made)


def exploration_advanced(
    state: AppState, comparison: Comparison, now: Place | None, is_filled: bool
) -> AppState:
    """More cells are done; `now` is being fitted."""
    return _with(state, comparison=comparison, now=now, is_filled=is_filled)


def exploration_ended(state: AppState, comparison: Comparison | None) -> AppState:
    """The walk is over, at its end or stopped; what is done stays."""
    made = comparison if comparison is not None else state.exploration.comparison
    return _with(state, phase=Phase.DONE, comparison=made, now=None)


def exploration_refused(state: AppState, problem: EMDeskError) -> AppState:
    """The grid could not be begun."""
    return _with(state, phase=Phase.FAILED, now=None, problem=problem)


def set_exploration_phase(state: AppState, phase: Phase) -> AppState:
    """Paused, running on, or about to stop."""
    return _with(state, phase=phase) if state.exploration.is_busy else state


def choose_criterion(
    state: AppState, criterion: str | None = None, larger_is_better: bool | None = None
) -> AppState:
    """What the cells are coloured and compared by, and its sign."""
    now = state.exploration
    turned = now.larger_is_better if larger_is_better is None else larger_is_better
    return _with(state, criterion=criterion or now.criterion, larger_is_better=turned)


def choose_cell(state: AppState, place: Place) -> AppState:
    """Look at one cell."""
    if place == state.exploration.chosen:
        return state
    return _with(state, chosen=place, clusters=None)


def choose_clusters(state: AppState, clusters: int | None) -> AppState:
    """Cut the merge tree of the cell that is looked at into so many clusters."""
    if clusters == state.exploration.clusters:
        return state
    return _with(state, clusters=clusters)


def mark_cell(state: AppState, place: Place) -> AppState:
    """Mark a cell for the Compare view; a second time: no more. One without a sound fit, or whose fit was let go, has
    nothing to compare."""
    marked = state.exploration.marked
    if place in marked:
        return _with(state, marked=tuple(other for other in marked if other != place))
    cell = state.exploration.cell(place)
    if cell is None or not cell.is_sound or cell.result is None:
        return state
    return _with(state, marked=(*marked, place))


def open_cell(state: AppState, place: Place, step: MergeStep | None = None) -> AppState:
    """Put the fit of a cell on the desk, with its components merged into the clusters of a step if there is one, and
    set the form to its model; a fit that was let go is run again by hand."""
    cell = state.exploration.cell(place)
    if cell is None or cell.refusal or state.exploration.dataset is None:
        return state
    result = cell.result
    spec = result.spec if result is not None else cell.spec
    setup = replace(state.setup, dataset=state.exploration.dataset, spec=spec)
    state = with_setup(state, setup)
    state = replace(state, view_name=DESK_VIEW, form_problems=())
    if result is None:
        return state
    return result_opened(state, replace(result, merged=step) if step is not None else result)
