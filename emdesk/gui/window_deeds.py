"""Who does each deed of the table of actions, and what the command palette can find."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings

from emdesk.app import commands
from emdesk.app.state import Page, Phase
from emdesk.gui.panels.palette import Entry
from emdesk.gui.panels.views import VIEWS
from emdesk.gui.theme import Mode, theme
from emdesk.texts import say

if TYPE_CHECKING:
    from emdesk.gui.explorer_controller import ExplorerController
    from emdesk.gui.fit_controller import FitController
    from emdesk.gui.main_window import MainWindow

STRIDE = 10
REPLAY_QUICK_FITS = "replay quick fits"
"""The setting of the person: whether fits that were too quick to watch are replayed."""


class WindowDeeds:
    """The acts behind the actions of a window."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        for name, act in self._acts().items():
            window.actions_table.connect_deed(name, act)

    def _acts(self) -> dict[str, Callable[[], object]]:
        views = {
            spec.deed: partial(self._window.store.do, commands.show_view, spec.id) for spec in VIEWS
        }
        return views | {
            "open": self._window.files.choose,
            "save": self._window.files.save,
            "save_as": self._window.files.save_as,
            "paste": self._window.files.paste,
            "start_page": lambda: self._window.store.do(commands.show_page, Page.START),
            "export": self._window.files.export,
            "predict": self._window.predictions.choose,
            "simulate": self._window.after_fit.simulate,
            "merge": self._window.after_fit.merge,
            "keep_fit": self._keep_fit,
            "quit": self._window.close,
            "undo": lambda: self._window.store.do(commands.undo),
            "redo": lambda: self._window.store.do(commands.redo),
            "copy_table": self._window.desk.results.copy,
            "copy_plot": self._copy_plot,
            "clear_selection": lambda: self._window.store.do(commands.select_rows, ()),
            "show_table": self._toggle_table,
            "use_all_columns": lambda: self._window.store.do(commands.use_all_columns),
            "read_again": self._read_again,
            "defaults": lambda: self._window.store.do(commands.default_settings),
            "start_from_result": lambda: self._window.store.do(commands.start_from_result),
            "run": self._press_run,
            "go_on": self._window.fits.go_on,
            "standard_errors": lambda: self._window.trust.measure("observed"),
            "bootstrap": lambda: self._window.trust.measure("bootstrap"),
            "group_errors": self._window.trust.measure_groups,
            "stop_measuring": self._window.trust.stop,
            "step": self._window.fits.step,
            "stop": lambda: self._ruled().stop(),
            "watch_pace": lambda: self._window.fits.set_pace(
                not self._window.store.state.watch_pace
            ),
            "play": lambda: self._window.store.do(
                commands.play, not self._window.store.state.is_playing
            ),
            "replay_quick": self._toggle_quick_replay,
            "first": lambda: self._window.store.do(commands.look_at, 0),
            "back": lambda: self._walk(-1),
            "forward": lambda: self._walk(1),
            "back_ten": lambda: self._walk(-STRIDE),
            "forward_ten": lambda: self._walk(STRIDE),
            "last": self._window.go_to_live,
            "keep": self._keep,
            "previous_group": lambda: self._window.store.do(commands.step_group_fit, -1),
            "next_group": lambda: self._window.store.do(commands.step_group_fit, 1),
            "data_dock": lambda: self._window.layout_of_docks.toggle(
                self._window.layout_of_docks.data_dock
            ),
            "results": lambda: self._window.desk.results.set_folded(
                not self._window.desk.results.is_folded
            ),
            "model_dock": lambda: self._window.layout_of_docks.toggle(
                self._window.layout_of_docks.model_dock
            ),
            "reset_layout": self._window.layout_of_docks.reset,
            "system_theme": lambda: self._set_theme(Mode.SYSTEM),
            "light_theme": lambda: self._set_theme(Mode.LIGHT),
            "dark_theme": lambda: self._set_theme(Mode.DARK),
            "contrast": self._toggle_contrast,
            "palette": self._window.open_palette,
            "next_region": lambda: self._window.layout_of_docks.next_region(1),
            "previous_region": lambda: self._window.layout_of_docks.next_region(-1),
            "help": self._window.dialogs.open_help,
            "proof": lambda: self._window.store.do(commands.show_page, Page.PROOF),
            "about": self._window.dialogs.show_about,
        }

    def _press_run(self) -> None:
        phase = self._window.store.state.ruled_phase
        if phase is Phase.RUNNING:
            self._ruled().pause()
        elif phase is Phase.PAUSED:
            self._ruled().resume()
        else:
            self._ruled().start()

    def _ruled(self) -> FitController | ExplorerController:
        """What run, pause and stop are about in the view that is looked at."""
        here = self._window.store.state.rules_exploration
        return self._window.explorer if here else self._window.fits

    def _walk(self, step: int) -> None:
        position = self._window.store.state.position
        if position is not None:
            self._window.store.do(commands.look_at, position + step)

    def _toggle_quick_replay(self) -> None:
        on = not self._window.store.state.replays_quick_fits
        self._window.store.do(commands.replay_quick_fits, on)
        QSettings().setValue(REPLAY_QUICK_FITS, on)

    def _keep(self) -> None:
        self._window.store.do(commands.keep_iteration)
        result = self._window.store.state.result
        if result is not None:
            self._window.toast(result.stop_sentence)

    def _keep_fit(self) -> None:
        self._window.store.do(commands.keep_fit)
        kept = self._window.store.state.kept
        if kept:
            self._window.toast(say("pair.kept", name=kept[-1].name))

    def _copy_plot(self) -> None:
        cards = (self._window.desk.picture, self._window.desk.law, self._window.desk.convergence)
        focused = self._window.focusWidget()
        chosen = next(
            (c for c in cards if focused is not None and c.isAncestorOf(focused)), cards[0]
        )
        chosen.copy_plot()

    def _toggle_table(self) -> None:
        self._window.store.do(commands.open_table, not self._window.store.state.is_table_open)

    def _read_again(self) -> None:
        path = self._window.store.state.setup.path
        if path is not None:
            self._window.files.open(path)

    def _set_theme(self, mode: Mode) -> None:
        theme().mode = mode
        QSettings().setValue("theme", mode.value)

    @staticmethod
    def _toggle_contrast() -> None:
        theme().increase_contrast = not theme().increase_contrast
        QSettings().setValue("contrast", theme().increase_contrast)

    def palette_entries(self) -> list[Entry]:
        """Every possible deed, then settings, columns and iterations."""
        entries = [
            Entry(
                deed.label,
                say(f"menu.{deed.menu.value}"),
                self._window.actions_table[deed.id].trigger,
                deed.icon,
                self._window.actions_table.shortcut_text(deed.id),
            )
            for deed in self._window.actions_table.deeds()
            if self._window.actions_table[deed.id].isEnabled() and deed.id != "palette"
        ]
        state = self._window.store.state
        if state.page is Page.DESK and state.spec is not None and state.dataset is not None:
            values = state.spec.values()
            for bound in state.spec.fields():
                row = self._window.model_panel.form.row(bound.name)
                if not row.isHidden():
                    place = say("palette.setting", value=values[bound.name])
                    entries.append(
                        Entry(bound.label, place, row.editor.setFocus, "sliders-horizontal")
                    )
            for column in state.dataset.columns:
                place = say("palette.column", kind=say(f"kind.{column.kind.value}"))
                entries.append(
                    Entry(
                        column.name,
                        place,
                        partial(self._window.store.do, commands.select_column, column.name),
                        "columns",
                    )
                )
        return entries
