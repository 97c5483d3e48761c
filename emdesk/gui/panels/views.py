"""The views of a project: the tabs of the bar, their keys and docks, and what makes each.

A view is added by one line in VIEWS and the text `action.view_<id>`; menu, key, palette and tab follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from emdesk.app.state import COMPARE_VIEW, DESK_VIEW, EXPLORER_VIEW, STARTS_VIEW, AppState

if TYPE_CHECKING:
    from emdesk.gui.main_window import MainWindow

BOTH_DOCKS = frozenset({"data", "model"})
NO_DOCKS: frozenset[str] = frozenset()


class CentralView(QWidget):
    """What fills the place between the bar and the status: the grey ground behind cards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def regions(self) -> Sequence[QWidget]:
        """The parts that F6 walks through, in their order."""
        return (self,)

    def focus_first(self) -> None:
        """Take the focus when the view comes up."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)


def _has_data(state: AppState) -> bool:
    return state.dataset is not None


@dataclass(frozen=True)
class ViewSpec:
    """One view. `make` builds it when it is first looked at; `docks` are those that stand beside it."""

    id: str
    keys: tuple[str, ...]
    icon: str
    make: Callable[[MainWindow], CentralView]
    docks: frozenset[str] = BOTH_DOCKS
    enabled_when: Callable[[AppState], bool] = _has_data
    needs: str = "data"
    badge: Callable[[AppState], int] | None = None

    @property
    def deed(self) -> str:
        """The name of the action that shows it."""
        return f"view_{self.id}"


def _starts(window: MainWindow) -> CentralView:
    from emdesk.gui.panels.starts.starts_view import StartsView

    return StartsView(window.store, window.background, window, window)


def _explorer(window: MainWindow) -> CentralView:
    from emdesk.gui.panels.explorer.explorer_view import ExplorerView

    return ExplorerView(window.store, window.explorer, window.background, window, window)


def _compare(window: MainWindow) -> CentralView:
    from emdesk.gui.panels.compare.compare_view import CompareView

    return CompareView(window.store, window.background, window, window)


def _set_aside(state: AppState) -> int:
    result = state.result
    return 0 if result is None or state.is_busy else len(result.outcome.set_aside)


VIEWS: tuple[ViewSpec, ...] = (
    ViewSpec(DESK_VIEW, ("Ctrl+1",), "chart-scatter", lambda window: window.desk),
    ViewSpec(STARTS_VIEW, ("Ctrl+2",), "flag-checkered", _starts, NO_DOCKS, badge=_set_aside),
    ViewSpec(EXPLORER_VIEW, ("Ctrl+3",), "table", _explorer, NO_DOCKS),
    ViewSpec(COMPARE_VIEW, ("Ctrl+4",), "square-split-horizontal", _compare, NO_DOCKS),
)


def view_spec(name: str) -> ViewSpec:
    """The view of this name; the desk where there is none."""
    return next((spec for spec in VIEWS if spec.id == name), VIEWS[0])
