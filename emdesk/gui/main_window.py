"""The window: menus, bar, docks, desk, status; it owns the store and everything that works for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QSettings, QStandardPaths, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QStackedWidget, QWidget

from emdesk.app import commands
from emdesk.app.catalogue import Catalogue
from emdesk.app.catalogue import catalogue as every_model
from emdesk.app.recent import RecentFiles
from emdesk.app.state import AppState, Page, Phase
from emdesk.errors import EMDeskError
from emdesk.gui.actions import Actions, Menu
from emdesk.gui.background import Background
from emdesk.gui.files import Files
from emdesk.gui.fit_controller import FitController
from emdesk.gui.panels.data_panel import DataPanel
from emdesk.gui.panels.desk import Desk
from emdesk.gui.panels.drop_sheet import DropSheet
from emdesk.gui.panels.menu_bar import MenuBar
from emdesk.gui.panels.model_panel import ModelPanel
from emdesk.gui.panels.palette import Entry, Palette
from emdesk.gui.panels.rail import Overlay, Rail
from emdesk.gui.panels.top_bar import StatusLine, TopBar
from emdesk.gui.show_controller import ShowController
from emdesk.gui.start_page import StartPage
from emdesk.gui.store import Store
from emdesk.gui.theme import Mode, theme
from emdesk.gui.widgets import CrashDialog, DockTitle, IconButton, MessageDialog, Toast
from emdesk.texts import say

LAYOUT_VERSION = 1
STRIDE = 10


class MainWindow(QMainWindow):
    """One window with one state. `closed` follows when every thread has ended."""

    closed = Signal()

    def __init__(
        self,
        catalogue: Catalogue | None = None,
        recent: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("EMDesk")
        self.setWindowTitle(say("window.name"))
        self.setAcceptDrops(True)
        self.store = Store(catalogue or every_model(), self)
        self.actions_table = Actions(self)
        self.fits = FitController(self.store, self)
        self.background = Background(self)
        self.shows = ShowController(self.store, self.fits, self.background, self)
        self.files = Files(self.store, self.background, RecentFiles(recent or _recent_file()), self)
        self._dialogs: list[QWidget] = []
        self._is_closed = False
        self._build()
        self._connect()
        self.actions_table.render(self.store.state)
        self.resize(1280, 800)
        self._restore()

    # ------------------------------------------------------------ building

    def _build(self) -> None:
        self.menu_bar = MenuBar(self)
        self.setMenuBar(self.menu_bar)
        self._fill_menus()
        self.bar = TopBar(self.store, self.actions_table, self)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.bar)
        self.rail = Rail(self.actions_table, self)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self.rail)
        self.start_page = StartPage(self.store.state.catalogue)
        self.start_page.set_recent(self.files.recent.entries)
        self.desk = Desk(self.store, self.actions_table, self, self.toast, self)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(self.desk)
        self.setCentralWidget(self.pages)
        self.data_panel = DataPanel(self.store)
        self.model_panel = ModelPanel(self.store)
        self.data_dock = self._dock("data", self.data_panel, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.model_dock = self._dock(
            "model", self.model_panel, Qt.DockWidgetArea.RightDockWidgetArea
        )
        self.data_dock.setMinimumWidth(226)
        self.model_dock.setMinimumWidth(248)
        self.overlay = Overlay(self)
        self.status_line = StatusLine(self.store, self)
        self.statusBar().addWidget(self.status_line, 1)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().setFixedHeight(26)
        self._toast = Toast(self)
        self.drop_sheet = DropSheet(self)
        self._show_page(self.store.state)

    def _dock(self, name: str, panel: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(say(f"dock.{name}"), self)
        dock.setObjectName(f"{name}_dock")
        title = DockTitle(say(f"dock.{name}"), dock)
        names = ("show_table",) if name == "data" else ("help",)
        for deed in names:
            icon_name = "table" if deed == "show_table" else "question"
            action = self.actions_table[deed]
            title.add_button(IconButton(icon_name, action.text(), title, clicked=action.trigger))
        for deed in (
            ("use_all_columns", "read_again")
            if name == "data"
            else ("defaults", "start_from_result")
        ):
            title.menu.addAction(self.actions_table[deed])
        title.menu.addSeparator()
        title.menu.addAction(self.actions_table[f"{name}_dock"])
        dock.setTitleBarWidget(title)
        dock.setWidget(panel)
        self.addDockWidget(area, dock)
        return dock

    def _fill_menus(self) -> None:
        for name in Menu:
            menu = QMenu(say(f"menu.{name.value}"), self)
            self.menu_bar.addMenu(menu)
            for deed in self.actions_table.deeds():
                if deed.menu is name:
                    if deed.begins_group:
                        menu.addSeparator()
                    menu.addAction(self.actions_table[deed.id])

    def _connect(self) -> None:
        deeds: dict[str, Callable[[], object]] = {
            "open": self.files.choose,
            "save": self.files.save,
            "save_as": self.files.save_as,
            "paste": self.files.paste,
            "start_page": lambda: self.store.do(commands.show_page, Page.START),
            "export": self.files.export,
            "quit": self.close,
            "undo": lambda: self.store.do(commands.undo),
            "redo": lambda: self.store.do(commands.redo),
            "copy_table": self.desk.results.copy,
            "copy_plot": self._copy_plot,
            "clear_selection": lambda: self.store.do(commands.select_rows, ()),
            "show_table": self._toggle_table,
            "use_all_columns": lambda: self.store.do(commands.use_all_columns),
            "read_again": self._read_again,
            "defaults": lambda: self.store.do(commands.default_settings),
            "start_from_result": lambda: self.store.do(commands.start_from_result),
            "run": self._press_run,
            "step": self.fits.step,
            "stop": self.fits.stop,
            "watch_pace": lambda: self.fits.set_pace(not self.store.state.watch_pace),
            "play": lambda: self.store.do(commands.play, not self.store.state.is_playing),
            "first": lambda: self.store.do(commands.scrub, 0),
            "back": lambda: self._walk(-1),
            "forward": lambda: self._walk(1),
            "last": self.go_to_live,
            "keep": self._keep,
            "data_dock": lambda: self._toggle_dock(self.data_dock),
            "results": lambda: self.desk.results.set_folded(not self.desk.results.is_folded),
            "model_dock": lambda: self._toggle_dock(self.model_dock),
            "reset_layout": self.reset_layout,
            "system_theme": lambda: self._set_theme(Mode.SYSTEM),
            "light_theme": lambda: self._set_theme(Mode.LIGHT),
            "dark_theme": lambda: self._set_theme(Mode.DARK),
            "contrast": self._toggle_contrast,
            "palette": self.open_palette,
            "next_region": lambda: self._next_region(1),
            "previous_region": lambda: self._next_region(-1),
            "help": self.open_help,
            "about": self._about,
        }
        for name, act in deeds.items():
            self.actions_table.connect_deed(name, act)
        self.store.changed.connect(self._follow)
        self.start_page.chooseRequested.connect(self.files.choose)
        self.start_page.openRequested.connect(lambda path: self.files.open(Path(path)))
        self.start_page.sampleRequested.connect(self.files.open_sample)
        self.start_page.pasteRequested.connect(self.files.paste)
        self.start_page.forgetRequested.connect(self._forget_recent)
        self.start_page.helpRequested.connect(self.open_help)
        self.menu_bar.search.clicked.connect(lambda _checked=False: self.open_palette())
        self.files.problem.connect(self.show_problem)
        self.files.saved.connect(self.toast)
        self.fits.crashed.connect(self.show_crash)
        self.background.crashed.connect(self.show_crash)
        self.shows.busyChanged.connect(self._show_busy)
        self.rail.dataRequested.connect(lambda: self._toggle_dock(self.data_dock))

    # ------------------------------------------------------------ following the state

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        self.actions_table.render(new)
        if old.page is not new.page:
            self._show_page(new)
        if old.title != new.title:
            self.menu_bar.set_title(new.title)
            self.setWindowTitle(
                say("window.title", name=new.title) if new.title else say("window.name")
            )
        if old.dataset is not new.dataset and new.ran is None:
            self.fits.leave()

    def _show_page(self, state: AppState) -> None:
        on_desk = state.page is Page.DESK
        if not on_desk:
            self.start_page.set_recent(self.files.recent.entries)
        self.pages.setCurrentWidget(self.desk if on_desk else self.start_page)
        if on_desk:
            self.desk.picture.plot.setFocus(Qt.FocusReason.MouseFocusReason)
        self.bar.setVisible(on_desk)
        self.statusBar().setVisible(on_desk)
        self._place_docks()

    def _place_docks(self) -> None:
        """On small windows the data dock is a rail whose panel slides over the desk."""
        on_desk = self.store.state.page is Page.DESK
        compact = self.desk.is_compact
        self.rail.setVisible(on_desk and compact)
        self.overlay.set_panel(None)
        if self.data_dock.widget() is not self.data_panel:
            self.data_dock.setWidget(self.data_panel)
        self.data_dock.setVisible(on_desk and not compact and self._wants("data"))
        self.model_dock.setVisible(on_desk and self._wants("model"))

    @staticmethod
    def _wants(name: str) -> bool:
        return bool(QSettings().value(f"docks/{name}", True, type=bool))

    @Slot(bool)
    def _show_busy(self, busy: bool) -> None:
        for card in (self.desk.picture, self.desk.law):
            card.set_busy(busy)

    # ------------------------------------------------------------ what can be done

    def run(self) -> None:
        """Run what the form says."""
        self.fits.start()

    def try_other_starts(self) -> None:
        """Run again from other random numbers."""
        spec = self.store.state.spec
        if spec is not None:
            self.store.do(commands.set_setting, "seed", spec.fit.seed + 1)
            self.fits.start()

    def go_to_live(self) -> None:
        """Follow the run again, or look at its last iteration."""
        self.store.do(commands.play, False)
        state = self.store.state
        if state.is_busy or state.is_looking_back:
            self.store.do(commands.scrub, None)
        else:
            self.store.do(commands.scrub, state.last_iteration)

    def undo(self) -> None:
        """Undo the last change of data or model."""
        self.store.do(commands.undo)

    def toast(self, text: str) -> None:
        """Say at the foot that something was done."""
        self._toast.show_text(text)

    def _press_run(self) -> None:
        phase = self.store.state.phase
        if phase is Phase.RUNNING:
            self.fits.pause()
        elif phase is Phase.PAUSED:
            self.fits.resume()
        else:
            self.fits.start()

    def _walk(self, step: int) -> None:
        position = self.store.state.position
        if position is not None:
            self.store.do(commands.play, False)
            self.store.do(commands.scrub, position + step)

    def _keep(self) -> None:
        self.store.do(commands.keep_iteration)
        result = self.store.state.result
        if result is not None:
            self.toast(result.stop_sentence)

    def _copy_plot(self) -> None:
        cards = (self.desk.picture, self.desk.law, self.desk.convergence)
        focused = self.focusWidget()
        chosen = next(
            (c for c in cards if focused is not None and c.isAncestorOf(focused)), cards[0]
        )
        chosen.copy_plot()

    def _toggle_table(self) -> None:
        self.store.do(commands.open_table, not self.store.state.is_table_open)

    def _read_again(self) -> None:
        path = self.store.state.setup.path
        if path is not None:
            self.files.open(path)

    def _forget_recent(self, path: str) -> None:
        self.files.recent.forget(Path(path))
        self.start_page.set_recent(self.files.recent.entries)

    # ------------------------------------------------------------ docks, layout, theme

    def _toggle_dock(self, dock: QDockWidget) -> None:
        if dock is self.data_dock and self.desk.is_compact:
            shown = self.overlay.panel is not None
            self.overlay.set_panel(None if shown else self.data_panel)
            if shown:
                self.data_dock.setWidget(self.data_panel)
            return
        dock.setVisible(not dock.isVisible())
        name = "data" if dock is self.data_dock else "model"
        QSettings().setValue(f"docks/{name}", dock.isVisible())

    def reset_layout(self) -> None:
        """Put every dock and card back to its place for this size of window."""
        settings = QSettings()
        for key in ("docks/data", "docks/model", "layout"):
            settings.remove(key)
        for dock, area in (
            (self.data_dock, Qt.DockWidgetArea.LeftDockWidgetArea),
            (self.model_dock, Qt.DockWidgetArea.RightDockWidgetArea),
        ):
            dock.setFloating(False)
            self.addDockWidget(area, dock)
        self.desk.results.set_folded(False)
        self._place_docks()
        self._size_docks()
        self.desk.divide()

    def _size_docks(self) -> None:
        width = self.width()
        left, right = (280, 300) if width >= 1600 else (236, 276)
        if width >= 2600:
            left, right = 320, 340
        if self.desk.is_compact:
            right = 252
        self.resizeDocks(
            [self.data_dock, self.model_dock], [left, right], Qt.Orientation.Horizontal
        )

    def _set_theme(self, mode: Mode) -> None:
        theme().mode = mode
        QSettings().setValue("theme", mode.value)

    @staticmethod
    def _toggle_contrast() -> None:
        theme().increase_contrast = not theme().increase_contrast
        QSettings().setValue("contrast", theme().increase_contrast)

    def _restore(self) -> None:
        settings = QSettings()
        geometry = settings.value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        layout = settings.value("layout")
        if isinstance(layout, QByteArray):
            self.restoreState(layout, LAYOUT_VERSION)
        else:
            self._size_docks()
        self.desk.follow_size(self.width(), self.height())
        self._show_page(self.store.state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.desk.follow_size(self.width(), self.height()):
            self._place_docks()
            self._size_docks()
        self.overlay.place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._size_docks()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.overlay.place()

    def _next_region(self, step: int) -> None:
        """F6: menu, bar, data, panels, timeline, results, model, status in a ring."""
        regions: list[QWidget] = [
            self.bar,
            self.data_panel,
            self.desk.picture,
            self.desk.side,
            self.desk.timeline,
            self.desk.results,
            self.model_panel,
        ]
        shown = [r for r in regions if r.isVisible()]
        focused = self.focusWidget()
        at = next(
            (i for i, r in enumerate(shown) if focused is not None and r.isAncestorOf(focused)),
            -1 if step > 0 else 0,
        )
        _focus_first(shown[(at + step) % len(shown)])

    # ------------------------------------------------------------ palette, help, problems

    def open_palette(self) -> None:
        """Find anything that can be done."""
        palette = Palette(self.palette_entries(), self)
        palette.show()

    def palette_entries(self) -> list[Entry]:
        """Every possible deed, then settings, columns and iterations."""
        entries = [
            Entry(
                deed.label,
                say(f"menu.{deed.menu.value}"),
                self.actions_table[deed.id].trigger,
                deed.icon,
                self.actions_table.shortcut_text(deed.id),
            )
            for deed in self.actions_table.deeds()
            if self.actions_table[deed.id].isEnabled() and deed.id != "palette"
        ]
        state = self.store.state
        if state.page is Page.DESK and state.spec is not None and state.dataset is not None:
            values = state.spec.values()
            for bound in state.spec.fields():
                row = self.model_panel.form.row(bound.name)
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
                        partial(self.store.do, commands.select_column, column.name),
                        "columns",
                    )
                )
        return entries

    def open_help(self) -> None:
        """The help window, at what is focused."""
        from emdesk.gui.dialogs.help_window import HelpWindow

        window = next((d for d in self._dialogs if isinstance(d, HelpWindow)), None)
        if window is None:
            window = HelpWindow(self.store.state.catalogue, self)
            self._dialogs.append(window)
        window.show()
        window.raise_()
        window.activateWindow()

    def _about(self) -> None:
        from emdesk.gui.dialogs.about_dialog import AboutDialog

        dialog = AboutDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(object, str)
    def show_problem(self, problem: EMDeskError, title: str) -> None:
        """Say what could not be done: where, what, what to do."""
        dialog = MessageDialog.about(problem, title, parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(str)
    def show_crash(self, report: str) -> None:
        """Something nobody expected: say what is safe, offer the report, and go on."""
        dialog = CrashDialog(say("crash.summary"), crash_report(self.store.state, report), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.closeRequested.connect(self.close)
        dialog.open()

    # ------------------------------------------------------------ dropping a file

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        path = _dragged_file(event)
        if path is not None:
            self.drop_sheet.show_for(path)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drop_sheet.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop_sheet.hide()
        path = _dragged_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.files.open(path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape: put the slid-over dock away, clear the selection, then stop."""
        if event.key() == Qt.Key.Key_Escape:
            if self.overlay.panel is not None:
                self._toggle_dock(self.data_dock)
            elif self.store.state.selected_rows:
                self.store.do(commands.select_rows, ())
            elif self.store.state.is_busy:
                self.fits.stop()
            return
        group = event.key() - Qt.Key.Key_1
        shown = self.store.state.shown
        if 0 <= group < 9 and shown is not None and group < len(shown.picture.groups):
            self.store.do(commands.choose_group, group)
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Cancel, quit, wait: no thread outlives the window."""
        if not self._is_closed:
            self._is_closed = True
            settings = QSettings()
            settings.setValue("geometry", self.saveGeometry())
            if self.store.state.page is Page.DESK and not self.desk.is_compact:
                settings.setValue("layout", self.saveState(LAYOUT_VERSION))
            if self.files.dialog is not None:
                self.files.dialog.reject()
            for dialog in self._dialogs:
                dialog.close()
            self.store.do(commands.play, False)
            self.shows.close()
            self.fits.close()
            self.background.close()
            self.start_page.stop()
            for timer in self.findChildren(QTimer):
                timer.stop()
            self.closed.emit()
        super().closeEvent(event)


def crash_report(state: AppState, traceback: str) -> str:
    """The report without data, file or column names: versions, what was being done, where it ended."""
    from PySide6 import __version__ as qt

    from emdesk import __version__

    model = f"{state.spec.family} {state.spec.law}" if state.spec is not None else ""
    lines = [line for line in traceback.strip().splitlines() if not line.startswith("    ")]
    head = say(
        "crash.head",
        version=__version__,
        python=sys.version.split()[0],
        qt=qt,
        system=sys.platform,
        clock=time.strftime("%H:%M"),
    )
    doing = say("crash.doing", page=state.page.value, phase=state.phase.value, model=model)
    kind = lines[-1].split(":")[0] if lines else ""
    return "\n".join([head, doing, *_without_paths(lines[:-1]), kind])


def _without_paths(lines: list[str]) -> list[str]:
    kept = []
    for line in lines:
        if line.strip().startswith("File "):
            path, _, rest = line.strip().removeprefix('File "').partition('"')
            kept.append(f"  {Path(path).name}{rest}")
    return kept


def _dragged_file(event: QDropEvent) -> Path | None:
    urls = [url for url in event.mimeData().urls() if url.isLocalFile()]
    return Path(urls[0].toLocalFile()) if len(urls) == 1 else None


def _focus_first(region: QWidget) -> None:
    for child in [region, *region.findChildren(QWidget)]:
        reachable = child.focusPolicy() & Qt.FocusPolicy.TabFocus
        if reachable and child.isVisible() and child.isEnabled():
            child.setFocus(Qt.FocusReason.TabFocusReason)
            return


def _recent_file() -> Path:
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
    return Path(folder) / "recent.json"
