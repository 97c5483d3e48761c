"""The menu that makes a number of the table of parameters equal in some components."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from emdesk.app.holding import Place
from emdesk.app.state import AppState
from emdesk.app.tying import group_count, tie_of
from emdesk.texts import say

MOST_LISTED = 24
Wish = Callable[[tuple[int, ...]], None]
"""Is told the components in which the number is to be one and the same."""


def tie_menu(parent: QMenu, state: AppState, name: str, place: Place, wish: Wish) -> QMenu | None:
    """A menu of the components whose number a number can be equal to, those ticked whose it is; None if there is no
    other component, or the model cannot tie that number."""
    spec = state.spec
    if spec is None or not can_be_tied(state, name):
        return None
    family = spec.family_in(state.catalogue)
    count, own = group_count(spec, family), place[0]
    if count < 2 or own >= count:
        return None
    tie = tie_of(spec, name, place)
    together = {own} if tie is None else set(tie.among(count))
    menu = QMenu(say("tied.menu"), parent)
    every = tuple(range(count))
    is_whole = len(together) == count
    _add(menu, say("tied.in_all"), is_whole, partial(wish, (own,) if is_whole else every))
    if count > 2:
        menu.addSeparator()
        names = _names(state, count)
        for other in [k for k in every if k != own][:MOST_LISTED]:
            changed = tuple(sorted(together ^ {other}))
            _add(menu, names[other], other in together, partial(wish, changed))
    return menu


def can_be_tied(state: AppState, name: str) -> bool:
    """Whether the model can tie the numbers of a quantity, or the matrix that they show."""
    spec = state.spec
    if spec is None:
        return False
    tieable = spec.family_in(state.catalogue).tieable
    stem = name.removesuffix("sds").removesuffix("correlations")
    return name in tieable or (stem != name and f"{stem}covariances" in tieable)


def _names(state: AppState, count: int) -> list[str]:
    shown = state.shown
    given = () if shown is None else shown.picture.groups
    plain = [say("group.name", number=k + 1) for k in range(count)]
    return [
        given[k] if k < len(given) and not given[k].isdigit() else word
        for k, word in enumerate(plain)
    ]


def _add(menu: QMenu, text: str, is_on: bool, act: Callable[[], None]) -> None:
    entry = QAction(text, menu)
    entry.setCheckable(True)
    entry.setChecked(is_on)
    entry.triggered.connect(lambda _checked=False: act())
    menu.addAction(entry)
