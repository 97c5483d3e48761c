"""The grid of models: what is compared, how far it is, what is looked at in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from emdesk.app.commands.changing import with_setup
from emdesk.app.comparison.exploration import Exploration, Stage
from emdesk.app.comparison.outcome import Comparison
from emdesk.app.comparison.places import Place
from emdesk.app.state import DESK_VIEW, AppState, Phase
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
        stage=Stage.RUNNING,
        dataset=state.dataset,
        base=state.spec,
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
    return _with(state, stage=Stage.DONE, comparison=made, now=None)


def exploration_refused(state: AppState, problem: EMDeskError) -> AppState:
    """The grid could not be begun."""
    return _with(state, stage=Stage.REFUSED, now=None, problem=problem)


def set_stage(state: AppState, stage: Stage) -> AppState:
    """Paused, running on, or about to stop."""
    return _with(state, stage=stage) if state.exploration.is_busy else state


def choose_criterion(
    state: AppState, criterion: str | None = None, larger_is_better: bool | None = None
) -> AppState:
    """What the cells are coloured and compared by, and its sign."""
    now = state.exploration
    turned = now.larger_is_better if larger_is_better is None else larger_is_better
    return _with(state, criterion=criterion or now.criterion, larger_is_better=turned)


def choose_cell(state: AppState, place: Place) -> AppState:
    """Look at one cell."""
    return state if place == state.exploration.chosen else _with(state, chosen=place)


def mark_cell(state: AppState, place: Place) -> AppState:
    """Compare the others with this cell; a second time: no more."""
    return _with(state, marked=None if place == state.exploration.marked else place)


def open_cell(state: AppState, place: Place) -> AppState:
    """Put the fit of a cell on the desk and set the form to its model; a fit that was let go is run again by hand."""
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
    return replace(
        state,
        run=state.run + 1,
        ran=state.setup,
        phase=Phase.DONE,
        live=None,
        shown=None,
        result=result,
        failure=None,
        cursor=None,
        is_playing=False,
        is_quick_replay=False,
        went_on_from=0,
        chosen_group=None,
        audited=None,
        measuring=None,
    )
