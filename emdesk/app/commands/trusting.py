"""What is found out about a fit on demand: its audit, and its standard errors."""

from __future__ import annotations

from dataclasses import replace

from emdesk.app.session import FitResult
from emdesk.app.shown import Audited
from emdesk.app.state import AppState


def audited(state: AppState, found: Audited) -> AppState:
    """The audit of an iteration is ready; one of an older run is not shown."""
    return state if found.run != state.run else replace(state, audited=found)


def measuring(state: AppState, share: float | None) -> AppState:
    """Standard errors are under way, this share of the work done; None: no more."""
    return state if share == state.measuring else replace(state, measuring=share)


def measured(state: AppState, before: FitResult, after: FitResult) -> AppState:
    """A result has its standard errors, if it is still there: on the desk, or as the fit of another group; a project
    file does not hold them yet."""
    state = replace(state, measuring=None)
    if state.result is before:
        return replace(state, result=after)
    groups = state.fits_by_group
    for place, fit in enumerate(groups.fits if groups is not None else ()):
        if groups is not None and fit is not None and fit.result is before:
            now = groups.with_fit(place, replace(fit, result=after))
            return replace(state, fits_by_group=now)
    return state
