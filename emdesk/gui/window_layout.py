"""Where the docks stand, at each size of the window, and from one day to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QWidget

from emdesk.app.state import Page
from emdesk.gui.panels.views import view_spec
from emdesk.gui.widgets import DockTitle, IconButton
from emdesk.texts import say

if TYPE_CHECKING:
    from emdesk.gui.main_window import MainWindow

LAYOUT_VERSION = 1


class WindowLayout:
    """The docks of a window; on small windows the rail and the sheet in the place of the data dock."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.data_dock = self._dock("data", window.data_panel, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.model_dock = self._dock(
            "model", window.model_panel, Qt.DockWidgetArea.RightDockWidgetArea
        )
        self.data_dock.setMinimumWidth(226)
        self.model_dock.setMinimumWidth(248)

    def follow_size(self) -> None:
        """The window has another size: divide it anew where the plan for that size is another one."""
        window = self._window
        if window.desk.follow_size(window.width(), window.height()):
            self.place()
            self.set_widths()
        window.overlay.place()

    def save(self) -> None:
        """Remember where everything is."""
        settings = QSettings()
        settings.setValue("geometry", self._window.saveGeometry())
        if self._window.store.state.page is Page.DESK and not self._window.desk.is_compact:
            settings.setValue("layout", self._window.saveState(LAYOUT_VERSION))

    def _dock(self, name: str, panel: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(say(f"dock.{name}"), self._window)
        dock.setObjectName(f"{name}_dock")
        title = DockTitle(say(f"dock.{name}"), dock)
        names = ("show_table",) if name == "data" else ("help",)
        for deed in names:
            icon_name = "table" if deed == "show_table" else "question"
            action = self._window.actions_table[deed]
            title.add_button(IconButton(icon_name, action.text(), title, clicked=action.trigger))
        for deed in (
            ("use_all_columns", "read_again")
            if name == "data"
            else ("defaults", "start_from_result")
        ):
            title.menu.addAction(self._window.actions_table[deed])
        title.menu.addSeparator()
        title.menu.addAction(self._window.actions_table[f"{name}_dock"])
        dock.setTitleBarWidget(title)
        dock.setWidget(panel)
        self._window.addDockWidget(area, dock)
        return dock

    def place(self) -> None:
        """The docks of the view; on small windows the data dock is a rail whose panel slides over the desk."""
        state = self._window.store.state
        docks = view_spec(state.view_name).docks if state.page is Page.DESK else frozenset()
        compact = self._window.desk.is_compact
        self._window.rail.setVisible("data" in docks and compact)
        self._window.overlay.set_panel(None)
        if self.data_dock.widget() is not self._window.data_panel:
            self.data_dock.setWidget(self._window.data_panel)
        self.data_dock.setVisible("data" in docks and not compact and self._wants("data"))
        self.model_dock.setVisible("model" in docks and self._wants("model"))

    @staticmethod
    def _wants(name: str) -> bool:
        return bool(QSettings().value(f"docks/{name}", True, type=bool))

    def toggle(self, dock: QDockWidget) -> None:
        """Show or put away a dock; on small windows the data slide over the desk."""
        if dock is self.data_dock and self._window.desk.is_compact:
            shown = self._window.overlay.panel is not None
            self._window.overlay.set_panel(None if shown else self._window.data_panel)
            if shown:
                self.data_dock.setWidget(self._window.data_panel)
            return
        dock.setVisible(not dock.isVisible())
        name = "data" if dock is self.data_dock else "model"
        QSettings().setValue(f"docks/{name}", dock.isVisible())

    def reset(self) -> None:
        """Put every dock and card back to its place for this size of window."""
        settings = QSettings()
        for key in ("docks/data", "docks/model", "layout"):
            settings.remove(key)
        for dock, area in (
            (self.data_dock, Qt.DockWidgetArea.LeftDockWidgetArea),
            (self.model_dock, Qt.DockWidgetArea.RightDockWidgetArea),
        ):
            dock.setFloating(False)
            self._window.addDockWidget(area, dock)
        self._window.desk.results.set_folded(False)
        self.place()
        self.set_widths()
        self._window.desk.divide()

    def set_widths(self) -> None:
        """Give the docks the widths for this size of window."""
        width = self._window.width()
        left, right = (280, 300) if width >= 1600 else (236, 276)
        if width >= 2600:
            left, right = 320, 340
        if self._window.desk.is_compact:
            right = 252
        self._window.resizeDocks(
            [self.data_dock, self.model_dock], [left, right], Qt.Orientation.Horizontal
        )

    def restore(self) -> None:
        """Put everything where it was when the window was closed last."""
        settings = QSettings()
        geometry = settings.value("geometry")
        if isinstance(geometry, QByteArray):
            self._window.restoreGeometry(geometry)
        layout = settings.value("layout")
        if isinstance(layout, QByteArray):
            self._window.restoreState(layout, LAYOUT_VERSION)
        else:
            self.set_widths()
        self._window.desk.follow_size(self._window.width(), self._window.height())

    def next_region(self, step: int) -> None:
        """F6: menu, bar, data, panels, timeline, results, model, status in a ring."""
        regions: list[QWidget] = [
            self._window.bar,
            self._window.data_panel,
            *self._window.view.regions(),
            self._window.model_panel,
        ]
        shown = [r for r in regions if r.isVisible()]
        focused = self._window.focusWidget()
        at = next(
            (i for i, r in enumerate(shown) if focused is not None and r.isAncestorOf(focused)),
            -1 if step > 0 else 0,
        )
        _focus_first(shown[(at + step) % len(shown)])


def _focus_first(region: QWidget) -> None:
    for child in [region, *region.findChildren(QWidget)]:
        reachable = child.focusPolicy() & Qt.FocusPolicy.TabFocus
        if reachable and child.isVisible() and child.isEnabled():
            child.setFocus(Qt.FocusReason.TabFocusReason)
            return
