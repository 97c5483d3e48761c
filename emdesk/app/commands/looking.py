"""What is looked at: axes, groups, rows, columns, tabs, messages."""

from __future__ import annotations

from dataclasses import replace

from emdesk.app.state import (
    AppState,
    Message,
    Page,
    ResultsTab,
    with_view,
)
from emdesk.model.marks import View

MOST_MESSAGES = 500


def show_page(state: AppState, page: Page) -> AppState:
    """The start page or the desk."""
    return replace(state, page=page)


def show_view(state: AppState, name: str) -> AppState:
    """Another view of the same project."""
    return state if name == state.view_name else replace(state, view_name=name)


def fresh_view(view: View) -> View:
    """The same place and size, looking at everything."""
    return replace(view, x="", y="", bins=None, extent=None, live=False)


def axis_key(state: AppState, axis: str) -> str:
    """What an axis of the picture shows: the chosen key, else the option with the axis' label."""
    chosen: str = getattr(state.picture_view, axis)
    if chosen or state.shown is None:
        return chosen
    picture = state.shown.picture
    options, label = (
        (picture.x_options, picture.x_label)
        if axis == "x"
        else (picture.y_options, picture.y_label)
    )
    return next((o.key for o in options if label.startswith(o.label)), "")


def choose_axis(state: AppState, axis: str, key: str) -> AppState:
    """Show another column or component on an axis; the one that was there changes places."""
    view = state.picture_view
    shown_x, shown_y = axis_key(state, "x"), axis_key(state, "y")
    x, y = (key, shown_y) if axis == "x" else (shown_x, key)
    if x == y:
        x, y = shown_y, shown_x
    state = replace(state, picture_view=replace(view, x=x, y=y, extent=None))
    return replace(state, law_view=replace(state.law_view, x=x, y=y, extent=None))


def set_view(state: AppState, view: View) -> AppState:
    """Another size, zoom, bins or levels of one panel."""
    return state if view == state.view(view.place) else with_view(state, view)


def set_bins(state: AppState, bins: int | None) -> AppState:
    """How many bins the histograms have; None is chosen from the data."""
    state = replace(state, picture_view=replace(state.picture_view, bins=bins))
    return replace(state, law_view=replace(state.law_view, bins=bins))


def choose_group(state: AppState, group: int | None) -> AppState:
    """Bring out one group; again, or None, shows all alike."""
    return replace(state, chosen_group=None if group == state.chosen_group else group)


def select_rows(state: AppState, rows: tuple[int, ...]) -> AppState:
    """Ring rows of the file in every panel."""
    return replace(state, selected_rows=rows)


def select_column(state: AppState, name: str | None) -> AppState:
    """Show the summary of a column."""
    return replace(state, selected_column=name)


def show_tab(state: AppState, tab: ResultsTab) -> AppState:
    """Another tab of the results; messages that are seen are read."""
    return replace(state, tab=tab, unread=0 if tab is ResultsTab.MESSAGES else state.unread)


def show_undecided(state: AppState, only: bool) -> AppState:
    """List only the rows whose largest probability is below 0.6."""
    return replace(state, undecided_only=only)


def open_table(state: AppState, is_open: bool) -> AppState:
    """Show or put away the full table of the data."""
    return replace(state, is_table_open=is_open)


def add_message(state: AppState, message: Message) -> AppState:
    """One more entry in Messages, unread unless they are looked at."""
    seen = state.tab is ResultsTab.MESSAGES
    return replace(
        state,
        messages=(*state.messages, message)[-MOST_MESSAGES:],
        unread=0 if seen else state.unread + 1,
    )
