"""The one table of what a person can do: its words, keys, icon, menu, and when it is possible.

`enabled_when` and `checked_when` look at the state alone; nothing else switches an action on or off. The command
palette, the menus and the toolbar are made from this table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from emdesk.app.pairing.fits import is_same_fit
from emdesk.app.state import DESK_VIEW, AppState, Page, Phase
from emdesk.gui.icons import icon
from emdesk.gui.panels.views import VIEWS, ViewSpec, view_spec
from emdesk.texts import say

When = Callable[[AppState], bool]


class Menu(StrEnum):
    """The menus, in their order."""

    FILE = "file"
    EDIT = "edit"
    DATA = "data"
    MODEL = "model"
    RUN = "run"
    VIEW = "view"
    HELP = "help"


def _always(state: AppState) -> bool:
    return True


def _has_data(state: AppState) -> bool:
    return state.dataset is not None


def _on_desk(state: AppState) -> bool:
    return state.page is Page.DESK and state.dataset is not None


def _has_iterations(state: AppState) -> bool:
    return _on_desk(state) and state.last_iteration is not None


def _can_step(state: AppState) -> bool:
    if state.rules_exploration:
        return False
    return state.phase is Phase.PAUSED or (not state.is_busy and state.can_run and _on_desk(state))


def _can_keep(state: AppState) -> bool:
    result = state.result
    return result is not None and not state.is_busy and state.position != result.chosen


def _can_keep_fit(state: AppState) -> bool:
    result = state.result
    if result is None or state.is_busy or not result.family.labels_rows:
        return False
    return not any(is_same_fit(kept.result, result) for kept in state.kept)


def _not_at_end(state: AppState) -> bool:
    return _has_iterations(state) and state.position != state.last_iteration


def _not_at_start(state: AppState) -> bool:
    return _has_iterations(state) and state.position != 0


@dataclass(frozen=True)
class Deed:
    """One row of the table. `needs` names the reason why it is disabled where `enabled_when` says no; `in_panels` keys
    work only where no text is typed: in the panels."""

    id: str
    menu: Menu
    keys: tuple[str, ...] = ()
    icon: str = ""
    enabled_when: When = _always
    checked_when: When | None = None
    in_panels: bool = False
    begins_group: bool = False
    needs: str = "data"

    @property
    def label(self) -> str:
        return say(f"action.{self.id}")

    def reason(self, state: AppState) -> str:
        """Why it cannot be done now."""
        if state.rules_exploration and self.id in ("run", "step"):
            return say("needs.groups" if self.id == "run" else "needs.desk")
        waits = state.is_busy and self.needs in ("columns", "fit", "limit", "kept")
        return say("needs.pause" if waits else f"needs.{self.needs}")


def _view_deed(spec: ViewSpec) -> Deed:
    return Deed(
        spec.deed,
        Menu.VIEW,
        spec.keys,
        spec.icon,
        lambda s: _on_desk(s) and spec.enabled_when(s),
        lambda s: _on_desk(s) and s.view_name == spec.id,
        needs=spec.needs,
    )


def _has_dock(name: str) -> When:
    return lambda s: _on_desk(s) and name in view_spec(s.view_name).docks


def _shows_desk(state: AppState) -> bool:
    return _on_desk(state) and state.view_name == DESK_VIEW


def _can_turn_groups(state: AppState) -> bool:
    groups = state.group_fits
    return groups is not None and not state.is_busy and len(groups.done) > 1


DEEDS: tuple[Deed, ...] = (
    Deed("open", Menu.FILE, ("Ctrl+O",), "folder-open"),
    Deed("save", Menu.FILE, ("Ctrl+S",), "floppy-disk", _on_desk),
    Deed("save_as", Menu.FILE, ("Ctrl+Shift+S",), "", _on_desk),
    Deed("paste", Menu.FILE, (), "clipboard-text"),
    Deed("start_page", Menu.FILE, (), "list-bullets", _on_desk),
    Deed(
        "export",
        Menu.FILE,
        ("Ctrl+E",),
        "export",
        lambda s: (
            (s.result is not None or s.group_fits is not None) and not s.is_busy and _on_desk(s)
        ),
        begins_group=True,
        needs="fit",
    ),
    Deed(
        "predict",
        Menu.FILE,
        (),
        "tag",
        lambda s: s.result is not None and not s.is_busy and _on_desk(s),
        needs="fit",
    ),
    Deed(
        "simulate",
        Menu.FILE,
        (),
        "",
        lambda s: s.result is not None and not s.is_busy and _on_desk(s),
        needs="fit",
    ),
    Deed("quit", Menu.FILE, ("Ctrl+Q",), begins_group=True),
    Deed(
        "undo",
        Menu.EDIT,
        ("Ctrl+Z",),
        "arrow-u-up-left",
        lambda s: s.history.can_undo,
        needs="change",
    ),
    Deed(
        "redo",
        Menu.EDIT,
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "arrow-u-up-right",
        lambda s: s.history.can_redo,
        needs="undone",
    ),
    Deed("copy_table", Menu.EDIT, (), "copy", _on_desk, begins_group=True),
    Deed("copy_plot", Menu.EDIT, ("Ctrl+Shift+C",), "copy", lambda s: s.shown is not None),
    Deed("clear_selection", Menu.EDIT, (), "x", lambda s: bool(s.selected_rows), needs="selection"),
    Deed("show_table", Menu.DATA, ("Ctrl+T",), "table", _on_desk, lambda s: s.is_table_open),
    Deed("use_all_columns", Menu.DATA, (), "columns", _on_desk),
    Deed(
        "read_again",
        Menu.DATA,
        (),
        "arrows-clockwise",
        lambda s: s.setup.path is not None,
        needs="file",
    ),
    Deed("defaults", Menu.MODEL, (), "arrow-counter-clockwise", _on_desk),
    Deed(
        "start_from_result",
        Menu.MODEL,
        (),
        "push-pin",
        lambda s: s.result is not None and not s.is_busy,
        needs="fit",
    ),
    Deed(
        "run",
        Menu.RUN,
        ("Ctrl+Return", "Ctrl+Enter"),
        "play",
        lambda s: _can_press_run(s),
        needs="columns",
    ),
    Deed("go_on", Menu.RUN, (), "", lambda s: s.can_go_on and _on_desk(s), needs="limit"),
    Deed("step", Menu.RUN, ("F10",), "skip-forward", _can_step, needs="columns"),
    Deed(
        "stop",
        Menu.RUN,
        ("Ctrl+.",),
        "stop",
        lambda s: s.ruled_phase.can_stop,
        needs="run",
    ),
    Deed(
        "standard_errors",
        Menu.RUN,
        (),
        "",
        lambda s: s.can_measure and s.measuring is None,
        begins_group=True,
        needs="sound",
    ),
    Deed(
        "bootstrap",
        Menu.RUN,
        (),
        "",
        lambda s: s.can_measure and s.measuring is None,
        needs="sound",
    ),
    Deed(
        "group_errors",
        Menu.RUN,
        (),
        "",
        lambda s: s.can_measure_groups and s.measuring is None,
        needs="unmeasured",
    ),
    Deed(
        "stop_measuring",
        Menu.RUN,
        (),
        "",
        lambda s: s.measuring is not None,
        needs="measuring",
    ),
    Deed(
        "merge",
        Menu.RUN,
        (),
        "",
        lambda s: s.result is not None and not s.is_busy and _on_desk(s),
        begins_group=True,
        needs="fit",
    ),
    Deed("keep_fit", Menu.RUN, (), "push-pin", _can_keep_fit, needs="kept"),
    Deed("watch_pace", Menu.RUN, (), "gauge", _on_desk, lambda s: s.watch_pace, begins_group=True),
    Deed("replay_quick", Menu.RUN, (), "", _always, lambda s: s.replays_quick_fits),
    Deed(
        "play",
        Menu.RUN,
        ("Space",),
        "play",
        _has_iterations,
        in_panels=True,
        begins_group=True,
        needs="iterations",
    ),
    Deed("first", Menu.RUN, ("Home",), "skip-back", _not_at_start, in_panels=True, needs="earlier"),
    Deed("back", Menu.RUN, ("Left",), "caret-left", _not_at_start, in_panels=True, needs="earlier"),
    Deed(
        "forward", Menu.RUN, ("Right",), "caret-right", _not_at_end, in_panels=True, needs="later"
    ),
    Deed("back_ten", Menu.RUN, ("Shift+Left",), "", _not_at_start, in_panels=True, needs="earlier"),
    Deed("forward_ten", Menu.RUN, ("Shift+Right",), "", _not_at_end, in_panels=True, needs="later"),
    Deed("last", Menu.RUN, ("End",), "skip-forward", _not_at_end, in_panels=True, needs="later"),
    Deed("keep", Menu.RUN, ("K",), "push-pin", _can_keep, in_panels=True, needs="other"),
    *(_view_deed(spec) for spec in VIEWS),
    Deed(
        "previous_group",
        Menu.VIEW,
        ("Ctrl+PgUp",),
        "",
        _can_turn_groups,
        begins_group=True,
        needs="fits_by_group",
    ),
    Deed("next_group", Menu.VIEW, ("Ctrl+PgDown",), "", _can_turn_groups, needs="fits_by_group"),
    Deed(
        "data_dock",
        Menu.VIEW,
        ("Ctrl+B",),
        "database",
        _has_dock("data"),
        begins_group=True,
        needs="docks",
    ),
    Deed("results", Menu.VIEW, ("Ctrl+J",), "rows", _shows_desk, needs="desk"),
    Deed(
        "model_dock",
        Menu.VIEW,
        ("Ctrl+Alt+B",),
        "sliders-horizontal",
        _has_dock("model"),
        needs="docks",
    ),
    Deed("reset_layout", Menu.VIEW, (), "arrow-counter-clockwise", _on_desk),
    Deed("system_theme", Menu.VIEW, (), "gear", begins_group=True),
    Deed("light_theme", Menu.VIEW, (), "sun"),
    Deed("dark_theme", Menu.VIEW, (), "moon"),
    Deed("contrast", Menu.VIEW, (), "circle"),
    Deed("palette", Menu.VIEW, ("Ctrl+K", "Ctrl+Shift+P"), "magnifying-glass", begins_group=True),
    Deed("next_region", Menu.VIEW, ("F6",), "caret-right", _on_desk),
    Deed("previous_region", Menu.VIEW, ("Shift+F6",), "caret-left", _on_desk),
    Deed("help", Menu.HELP, ("F1",), "book-open"),
    Deed("proof", Menu.HELP, (), "check-circle"),
    Deed("about", Menu.HELP, (), "info"),
)


def _can_press_run(state: AppState) -> bool:
    if not _on_desk(state) or state.ruled_phase is Phase.STOPPING:
        return False
    if state.rules_exploration:
        return state.exploration.is_busy or state.can_explore
    return state.is_busy or (state.can_run and state.setup_problem is None)


class Actions(QObject):
    """The table as QActions of a window. `connect` says who does a deed; `render` follows the state."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._deeds: Mapping[str, Deed] = {deed.id: deed for deed in DEEDS}
        self._actions: dict[str, QAction] = {}
        for deed in DEEDS:
            action = QAction(deed.label, self)
            if deed.icon:
                action.setIcon(icon(deed.icon))
            action.setIconVisibleInMenu(False)
            action.setShortcuts([QKeySequence(key) for key in deed.keys])
            if deed.in_panels:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setCheckable(deed.checked_when is not None)
            self._actions[deed.id] = action

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def deeds(self) -> tuple[Deed, ...]:
        return DEEDS

    def connect_deed(self, name: str, act: Callable[[], object]) -> None:
        """Do `act` when the deed is wanted."""
        self._actions[name].triggered.connect(lambda _checked=False: act())

    def render(self, state: AppState) -> None:
        """Enable and check everything as the state says."""
        for deed in DEEDS:
            action = self._actions[deed.id]
            enabled = deed.enabled_when(state)
            if action.isEnabled() != enabled:
                action.setEnabled(enabled)
            action.setToolTip(deed.label if enabled else deed.reason(state))
            if deed.checked_when is not None:
                action.setChecked(deed.checked_when(state))

    def shortcut_text(self, name: str) -> str:
        """The first key of a deed as the system writes it."""
        return self._actions[name].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
