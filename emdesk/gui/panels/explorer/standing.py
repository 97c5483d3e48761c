"""What the bar and the status line say of the grid of models while it is looked at."""

from __future__ import annotations

from emdesk.app.comparison.nesting import STRUCTURES
from emdesk.app.comparison.outcome import long_name_of
from emdesk.app.comparison.places import LAW
from emdesk.app.phase import Phase
from emdesk.app.state import AppState
from emdesk.texts import say, say_count, translated

_PILLS = {
    Phase.RUNNING: ("accent", "explorer.pill.exploring"),
    Phase.PAUSED: ("warn", "pill.paused"),
    Phase.STOPPING: ("warn", "pill.stopping"),
    Phase.FAILED: ("bad", "explorer.pill.refused"),
    Phase.DONE: ("ok", "pill.done"),
    Phase.IDLE: ("text3", "pill.ready"),
}


def pill_of_grid(state: AppState) -> tuple[str, str, str]:
    """Role, word and numbers of the state pill: the model that is being fitted, at the end the best one."""
    shown = state.exploration
    role, word = _PILLS[shown.phase]
    if shown.phase is Phase.IDLE and not state.can_explore:
        word = "pill.not_ready"
    if shown.comparison is None:
        return role, say(word), ""
    grid = shown.comparison.grid
    if shown.is_busy:
        return role, say(word), "" if shown.now is None else long_name_of(grid, shown.now)
    if shown.best is None:
        return "bad", say("explorer.pill.none"), ""
    best = long_name_of(grid, shown.best.place)
    return role, say(word), say("explorer.pill.best", name=best)


def grid_sentence(state: AppState) -> str:
    """`Mixture, Gaussian, 1 to 9 components, 14 structures, 10 starts each`."""
    shown, book = state.exploration, state.catalogue
    spec = shown.base if shown.comparison is not None else state.spec
    if spec is None:
        return ""
    made = shown.comparison
    varied = made.grid.varied if made is not None else ""
    family = spec.family_in(book)
    parts = [translated(family.label)]
    if family.law is not None and varied != LAW:
        parts.append(translated(family.law.label))
    counts = made.grid.counts if made is not None else (shown.low, shown.high)
    parts.append(say("explorer.counts", first=counts[0], last=counts[-1]))
    if made is not None and varied:
        several = {STRUCTURES: "explorer.structures", LAW: "explorer.laws"}
        parts.append(say_count(several.get(varied, "explorer.variants"), len(made.grid.variants)))
    parts.append(say_count("explorer.starts_each", spec.fit.starts))
    return say("explorer.list").join(parts)
