"""The window: menus, bar, docks, desk, status; it owns the store and everything that works for it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QStandardPaths, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QWidget

from emdesk.app import commands
from emdesk.app.catalogue import Catalogue
from emdesk.app.catalogue import catalogue as every_model
from emdesk.app.recent import RecentFiles
from emdesk.app.state import AppState, Page
from emdesk.gui.actions import Actions, Menu
from emdesk.gui.after_fit import AfterFit
from emdesk.gui.background import Background
from emdesk.gui.explorer_controller import ExplorerController
from emdesk.gui.files import Files
from emdesk.gui.fit_controller import FitController
from emdesk.gui.judge_controller import JudgeController
from emdesk.gui.panels.data_panel import DataPanel
from emdesk.gui.panels.desk import Desk
from emdesk.gui.panels.drop_sheet import DropSheet, dragged_file
from emdesk.gui.panels.menu_bar import MenuBar
from emdesk.gui.panels.model_panel import ModelPanel
from emdesk.gui.panels.pages import Pages
from emdesk.gui.panels.palette import Entry, Palette
from emdesk.gui.panels.proof_page import ProofPage
from emdesk.gui.panels.rail import Overlay, Rail
from emdesk.gui.panels.top_bar import StatusLine, TopBar
from emdesk.gui.panels.views import CentralView, view_spec
from emdesk.gui.predictions import Predictions
from emdesk.gui.proof_controller import ProofController
from emdesk.gui.show_controller import ShowController
from emdesk.gui.start_page import StartPage
from emdesk.gui.store import Store
from emdesk.gui.trust_controller import TrustController
from emdesk.gui.unsaved_work import Leaving, UnsavedWork
from emdesk.gui.widgets import Toast
from emdesk.gui.window_deeds import WindowDeeds
from emdesk.gui.window_dialogs import WindowDialogs
from emdesk.gui.window_layout import WindowLayout
from emdesk.texts import say


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
        self.dialogs = WindowDialogs(self)
        self.actions_table = Actions(self)
        self.fits = FitController(self.store, self)
        self.background = Background(self)
        self.shows = ShowController(self.store, self.fits, self.background, self)
        self.explorer = ExplorerController(self.store, self)
        self.trust = TrustController(self.store, self.fits, self.background, self)
        self.judge = JudgeController(self.store, self)
        self.unsaved = UnsavedWork(self.store, self)
        recent_files = RecentFiles(recent or _recent_file())
        self.files = Files(self.store, self.background, recent_files, self.unsaved, self)
        self.predictions = Predictions(self.store, self.background, self)
        self.after_fit = AfterFit(self.store, self.background, self.unsaved, self)
        self.proofs = ProofController(self.store, self.background, self.unsaved, self)
        self._views: dict[str, CentralView] = {}
        self._is_closed = False
        self._build()
        self._deeds = WindowDeeds(self)
        self._connect()
        self.actions_table.render(self.store.state)
        self.resize(1280, 800)
        self.layout_of_docks.restore()
        self._show_page(self.store.state)

    @property
    def data_dock(self) -> QDockWidget:
        return self.layout_of_docks.data_dock

    @property
    def model_dock(self) -> QDockWidget:
        return self.layout_of_docks.model_dock

    @property
    def view(self) -> CentralView:
        """The view of the project that is looked at; it is made when it is first asked for."""
        spec = view_spec(self.store.state.view_name)
        view = self._views.get(spec.id)
        if view is None:
            view = self._views[spec.id] = spec.make(self)
            if self.pages.indexOf(view) < 0:
                self.pages.addWidget(view)
        return view

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
        self.desk: Desk = Desk(self.store, self.actions_table, self, self.toast, self)
        self.pages = Pages(self)
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(self.desk)
        self.proof_page: ProofPage | None = None
        self.setCentralWidget(self.pages)
        self.data_panel = DataPanel(self.store)
        self.model_panel = ModelPanel(self.store)
        self.overlay = Overlay(self)
        self.layout_of_docks = WindowLayout(self)
        self.status_line = StatusLine(self.store, self)
        self.statusBar().addWidget(self.status_line, 1)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().setFixedHeight(26)
        self._toast = Toast(self)
        self.drop_sheet = DropSheet(self)
        self._show_page(self.store.state)

    def _fill_menus(self) -> None:
        for name in Menu:
            menu = QMenu(say(f"menu.{name.value}"), self)
            menu.setToolTipsVisible(True)  # a disabled entry says why
            self.menu_bar.addMenu(menu)
            for deed in self.actions_table.deeds():
                if deed.menu is name:
                    if deed.begins_group:
                        menu.addSeparator()
                    menu.addAction(self.actions_table[deed.id])

    def _connect(self) -> None:
        self.store.changed.connect(self._follow)
        self.start_page.chooseRequested.connect(self.files.choose)
        self.start_page.openRequested.connect(lambda path: self.files.open(Path(path)))
        self.start_page.sampleRequested.connect(self.files.open_sample)
        self.start_page.pasteRequested.connect(self.files.paste)
        self.start_page.forgetRequested.connect(self._forget_recent)
        self.start_page.helpRequested.connect(self.dialogs.open_help)
        self.start_page.proofRequested.connect(self.actions_table["proof"].trigger)
        for part in (self.predictions, self.after_fit, self.proofs):
            part.problem.connect(self.dialogs.show_problem)
        for part in (self.predictions, self.after_fit):
            part.done.connect(self.toast)
        self.proofs.crashed.connect(self.dialogs.show_crash)
        self.menu_bar.search.clicked.connect(lambda _checked=False: self.open_palette())
        self.files.problem.connect(self.dialogs.show_problem)
        self.files.saved.connect(self.toast)
        self.files.saved.connect(self.unsaved.saved)
        self.files.saveGivenUp.connect(self.unsaved.give_up)
        self.unsaved.saveRequested.connect(self.files.save)
        self.unsaved.stopRequested.connect(self.fits.stop)
        self.fits.crashed.connect(self.dialogs.show_crash)
        self.background.crashed.connect(self.dialogs.show_crash)
        self.trust.crashed.connect(self.dialogs.show_crash)
        self.judge.crashed.connect(self.dialogs.show_crash)
        self.explorer.crashed.connect(self.dialogs.show_crash)
        self.shows.busyChanged.connect(self._show_busy)
        self.rail.dataRequested.connect(
            lambda: self.layout_of_docks.toggle(self.layout_of_docks.data_dock)
        )

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        self.actions_table.render(new)
        if old.page is not new.page or old.view_name != new.view_name:
            self._show_page(new)
        if old.title != new.title:
            self.menu_bar.set_title(new.title)
            self.setWindowTitle(
                say("window.title", name=new.title) if new.title else say("window.name")
            )
        if self.fits.feed is not None and self.fits.feed.run != new.run:
            self.fits.leave()  # other data are on the desk: nothing of that run belongs to them

    def _show_page(self, state: AppState) -> None:
        with self.pages.turning():
            self._turn_to_page(state)

    def _turn_to_page(self, state: AppState) -> None:
        on_desk = state.page is Page.DESK
        if not on_desk:
            self.start_page.set_recent(self.files.recent.entries)
        if state.page is Page.PROOF:
            self.pages.setCurrentWidget(self._proof_page())
        else:
            self.pages.setCurrentWidget(self.view if on_desk else self.start_page)
        if on_desk:
            self.view.focus_first()
        self.bar.setVisible(on_desk)
        self.statusBar().setVisible(on_desk)
        self.layout_of_docks.place()

    def _proof_page(self) -> ProofPage:
        """The proof page, made when it is first asked for."""
        if self.proof_page is None:
            page = self.proof_page = ProofPage(self.store, self)
            page.runRequested.connect(self.proofs.start)
            page.stopRequested.connect(self.proofs.stop)
            page.openRequested.connect(self.proofs.open)
            page.folderRequested.connect(self.proofs.choose_folder)
            self.pages.addWidget(page)
        return self.proof_page

    @Slot(bool)
    def _show_busy(self, busy: bool) -> None:
        for card in (self.desk.picture, self.desk.law):
            card.set_busy(busy)

    def run(self) -> None:
        """Run what the form says."""
        self.fits.start()

    def go_on(self) -> None:
        """Run on from a result at the iteration limit."""
        self.fits.go_on()

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

    def _forget_recent(self, path: str) -> None:
        self.files.recent.forget(Path(path))
        self.start_page.set_recent(self.files.recent.entries)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.layout_of_docks.follow_size()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.layout_of_docks.set_widths()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.overlay.place()

    def open_palette(self) -> None:
        """Find anything that can be done."""
        palette = Palette(self.palette_entries(), self)
        palette.show()

    def palette_entries(self) -> list[Entry]:
        """Everything that the palette can find now."""
        return self._deeds.palette_entries()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        path = dragged_file(event)
        if path is not None:
            self.drop_sheet.show_for(path)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drop_sheet.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop_sheet.hide()
        path = dragged_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.files.open(path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape: put the slid-over dock away, clear the selection, then stop."""
        if event.key() == Qt.Key.Key_Escape:
            if self.overlay.panel is not None:
                self.layout_of_docks.toggle(self.layout_of_docks.data_dock)
            elif self.store.state.selected_rows:
                self.store.do(commands.select_rows, ())
            else:
                self.actions_table["stop"].trigger()
            return
        group = event.key() - Qt.Key.Key_1
        shown = self.store.state.shown
        if 0 <= group < 9 and shown is not None and group < len(shown.picture.groups):
            self.store.do(commands.choose_group, group)
            return
        super().keyPressEvent(event)

    def close_without_asking(self) -> None:
        """Close the window whatever is lost with it."""
        self.unsaved.asks = False
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask if work would be lost; then cancel, quit, wait: no thread outlives the window."""
        if not self._is_closed and self.unsaved.would_ask:
            event.ignore()
            self.unsaved.before(Leaving.CLOSE, self.close_without_asking)
            return
        if not self._is_closed:
            self._is_closed = True
            self.layout_of_docks.save()
            if self.files.dialog is not None:
                self.files.dialog.reject()
            self.dialogs.close()
            self.store.do(commands.play, False)
            self.shows.close()
            self.trust.close()
            self.judge.close()
            self.explorer.close()
            self.fits.close()
            self.proofs.close()
            self.background.close()
            self.start_page.stop()
            for timer in self.findChildren(QTimer):
                timer.stop()
            self.closed.emit()
        super().closeEvent(event)


def _recent_file() -> Path:
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
    return Path(folder) / "recent.json"
