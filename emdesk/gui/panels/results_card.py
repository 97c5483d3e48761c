"""The results: parameters with the criteria, rows with their probabilities, the audit, messages."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.state import AppState, ResultsTab
from emdesk.gui.actions import Actions
from emdesk.gui.panels.audit_page import AuditPage
from emdesk.gui.panels.comparison_page import ComparisonPage
from emdesk.gui.panels.groups_page import GroupsPage
from emdesk.gui.panels.messages_list import MessagesList
from emdesk.gui.panels.parameters_table import ParametersPage
from emdesk.gui.panels.rows_table import RowsPage
from emdesk.gui.store import Store
from emdesk.gui.widgets import IconButton, TabStrip
from emdesk.texts import say

EVERY_TAB = tuple(ResultsTab)
"""The pages stand in this order."""
FOLDED_HEIGHT = 46


def tabs_of(state: AppState) -> tuple[ResultsTab, ...]:
    """The tabs that there is something for: rows where they carry labels, the comparison while labels are known, the
    groups where each was fitted alone."""
    has_rows = state.shown is None or state.shown.family.labels_rows
    is_there = {
        ResultsTab.GROUPS: state.group_fits is not None,
        ResultsTab.ROWS: has_rows,
        ResultsTab.COMPARISON: has_rows and state.compares,
    }
    return tuple(tab for tab in EVERY_TAB if is_there.get(tab, True))


class ResultsCard(QFrame):
    """A strip of tabs over pages; it can be folded to the strip alone."""

    def __init__(
        self,
        store: Store,
        actions: Actions,
        toast: Callable[[str], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("results")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(say("panel.results"))
        self._store = store
        self._folded = False
        self._shown_tabs = tabs_of(store.state)
        self._strips = {self._shown_tabs: self._strip(self._shown_tabs)}
        self.parameters = ParametersPage(actions, self)
        self.rows = RowsPage(store, self)
        self.parameters.pins.holdRequested.connect(self._hold)
        self.parameters.pins.tieRequested.connect(self._tie)
        self.parameters.pins.releaseRequested.connect(
            lambda name, place: store.do(commands.release_value, name, place)
        )
        self.groups = GroupsPage(store, actions, self)
        self.comparison = ComparisonPage(self)
        self.audit = AuditPage(store, actions, self)
        self.messages = MessagesList(self)
        self.pages = QStackedWidget(self)
        pages: dict[ResultsTab, QWidget] = {
            ResultsTab.PARAMETERS: self.parameters,
            ResultsTab.GROUPS: self.groups,
            ResultsTab.ROWS: self.rows,
            ResultsTab.COMPARISON: self.comparison,
            ResultsTab.AUDIT: self.audit,
            ResultsTab.MESSAGES: self.messages,
        }
        for tab in EVERY_TAB:
            self.pages.addWidget(pages[tab])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5, 3, 11, 8)
        layout.setSpacing(4)
        layout.addLayout(self._head(actions))
        layout.addWidget(self.pages, 1)
        self._toast = toast
        for table in (
            self.parameters.table,
            self.groups.table,
            self.rows.table,
            self.comparison.table,
            self.audit.table,
        ):
            table.copied.connect(self._tell_copied)
        store.changed.connect(self.render_state)

    def _head(self, actions: Actions) -> QHBoxLayout:
        self.copy_button = IconButton("copy", actions["copy_table"].text(), self)
        self.copy_button.clicked.connect(self.copy)
        self.export_button = IconButton(
            "export", actions["export"].text(), self, clicked=actions["export"].trigger
        )
        actions["export"].changed.connect(
            lambda: self.export_button.setEnabled(actions["export"].isEnabled())
        )
        self.export_button.setEnabled(actions["export"].isEnabled())
        self.fold_button = IconButton("caret-down", say("results.fold"), self)
        self.fold_button.clicked.connect(lambda _checked=False: self.set_folded(not self._folded))
        head = self._head_layout = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.tabs)
        head.addStretch(1)
        head.addWidget(self.parameters.head)
        for button in (self.copy_button, self.export_button, self.fold_button):
            head.addWidget(button)
        return head

    @property
    def tabs(self) -> TabStrip:
        """The strip that is shown."""
        return self._strips[self._shown_tabs]

    @property
    def shown_tabs(self) -> tuple[ResultsTab, ...]:
        """The tabs that are there for what is shown."""
        return self._shown_tabs

    def _strip(self, tabs: tuple[ResultsTab, ...]) -> TabStrip:
        strip = TabStrip([say(f"tab.{tab.value}") for tab in tabs], self)
        strip.currentChanged.connect(
            lambda index: (
                self._store.do(commands.show_tab, tabs[index]) if self._shown_tabs == tabs else None
            )
        )
        return strip

    @property
    def is_folded(self) -> bool:
        return self._folded

    def set_folded(self, folded: bool) -> None:
        """Show the tabs alone, or all of it."""
        self._folded = folded
        self.pages.setVisible(not folded)
        self.fold_button.set_icon_name("caret-up" if folded else "caret-down")
        name = say("results.unfold" if folded else "results.fold")
        self.fold_button.setAccessibleName(name)
        self.fold_button.setToolTip(name)
        self.setMaximumHeight(FOLDED_HEIGHT if folded else 16_777_215)
        self.setMinimumHeight(FOLDED_HEIGHT if folded else 120)

    def set_compact(self, compact: bool) -> None:
        """On small windows the long criteria are left out."""
        self.parameters.set_compact(compact)

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        self._show_strip(tabs_of(new), new)
        page = EVERY_TAB.index(new.tab if new.tab in self._shown_tabs else ResultsTab.PARAMETERS)
        if self.pages.currentIndex() != page:
            self.pages.setCurrentIndex(page)
        if old.messages is not new.messages:
            self.messages.show_messages(new.messages)
        if (
            old.shown is not new.shown
            or old.chosen_group != new.chosen_group
            or old.result is not new.result
            or old.measuring != new.measuring
            or old.spec is not new.spec
            or old.can_measure != new.can_measure
        ):
            self.parameters.render_shown(new)
        self.parameters.head.setVisible(page == 0)
        self.groups.render_state(old, new)
        self.comparison.render_state(old, new)
        self.audit.render_state(old, new)
        self.rows.render_state(old, new)

    def _hold(self, name: str, place: tuple[int, ...]) -> None:
        self._store.do(commands.hold_shown, name, place, time.strftime("%H:%M"))

    def _tie(self, name: str, place: tuple[int, ...], groups: tuple[int, ...]) -> None:
        self._store.do(commands.tie_shown, name, place, groups, time.strftime("%H:%M"))

    def copy(self) -> None:
        """Copy the table or list of the tab that is shown."""
        tab = self._store.state.tab
        if tab is ResultsTab.PARAMETERS:
            self.parameters.table.copy()
        elif tab is ResultsTab.GROUPS:
            self.groups.table.copy()
        elif tab is ResultsTab.ROWS:
            self.rows.table.copy()
        elif tab is ResultsTab.COMPARISON:
            self.comparison.table.copy()
        elif tab is ResultsTab.AUDIT:
            self.audit.table.copy()
        else:
            self._tell_copied(self.messages.copy())

    def _tell_copied(self, rows: int) -> None:
        from emdesk.texts import say_count

        state = self._store.state
        has_estimates = (
            state.tab is ResultsTab.ROWS and state.shown is not None and state.shown.cells
        )
        self._toast(say_count("copy.estimated" if has_estimates else "copy.done", rows))

    def _show_strip(self, tabs: tuple[ResultsTab, ...], state: AppState) -> None:
        if tabs != self._shown_tabs:
            self.tabs.hide()
            if tabs not in self._strips:
                self._strips[tabs] = self._strip(tabs)
                self._head_layout.insertWidget(0, self._strips[tabs])
            self._shown_tabs = tabs
            self.tabs.show()
        current = tabs.index(state.tab) if state.tab in tabs else 0
        if self.tabs.currentIndex() != current:
            self.tabs.setCurrentIndex(current)
        self.tabs.set_badge(tabs.index(ResultsTab.MESSAGES), state.unread)
