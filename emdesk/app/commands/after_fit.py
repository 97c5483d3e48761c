"""What is done with a result: judging its law along a column, merging and naming its components."""

from __future__ import annotations

from dataclasses import replace

from emdesk.app import identity
from emdesk.app.state import AppState
from emdesk.em.merging import MergeStep


def show_law(state: AppState, shows: str) -> AppState:
    """Show the fitted law, its QQ plot or its probability plot in the second panel."""
    return replace(state, law_view=replace(state.law_view, shows=shows, extent=None))


def choose_law_column(state: AppState, key: str) -> AppState:
    """Judge the law along another column."""
    return replace(state, law_view=replace(state.law_view, x=key, extent=None))


def merge_components(state: AppState, step: MergeStep | None) -> AppState:
    """Colour the components by the clusters that they are merged into; None gives each its own colour again."""
    if state.result is None or state.is_busy:
        return state
    return replace(state, result=replace(state.result, merged=step))


def rename_group(state: AppState, group: int, name: str) -> AppState:
    """Another name for a component of the result."""
    if state.result is None or state.is_busy:
        return state
    return replace(state, result=identity.renamed(state.result, group, name))
