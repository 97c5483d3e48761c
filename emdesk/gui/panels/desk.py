"""The desk: where the cards stand at each size of the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QSplitter, QVBoxLayout, QWidget

from emdesk.app.state import AppState
from emdesk.gui.actions import Actions
from emdesk.gui.panels.convergence_card import ConvergenceCard
from emdesk.gui.panels.picture_card import LawCard, PictureCard
from emdesk.gui.panels.plot_card import Deeds
from emdesk.gui.panels.results_card import ResultsCard
from emdesk.gui.panels.rows_table import TableCard
from emdesk.gui.panels.timeline_card import TimelineCard
from emdesk.gui.panels.views import CentralView
from emdesk.gui.store import Store
from emdesk.gui.widgets import TabStrip
from emdesk.texts import say

GAP = 8
MOST_TABLE = 420
SHARED = 100_000
BUTTON_KEYS = frozenset({Qt.Key.Key_Space})
TABLE_KEYS = frozenset(
    {Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End}
)


@dataclass(frozen=True)
class Plan:
    """How the desk is divided: picture to side, density to convergence, and the height of the results."""

    picture: int
    side: int
    density: int
    convergence: int
    results: int
    compact: bool = False
    in_a_row: bool = False


SMALL = Plan(10, 9, 1, 1, 178, compact=True)
MEDIUM = Plan(11, 9, 9, 10, 194)
LARGE = Plan(12, 9, 9, 11, 214)
HUGE = Plan(12, 20, 1, 1, 320, in_a_row=True)


def plan_for(width: int, height: int) -> Plan:
    """The plan for a window of this size, in units of 100 %."""
    if width < 1160 or height < 700:
        return SMALL
    if width >= 2600:
        return HUGE
    return LARGE if width >= 1600 else MEDIUM


class Side(QSplitter):
    """Density and convergence above each other; on small windows one card with two tabs."""

    def __init__(self, law: LawCard, convergence: ConvergenceCard, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._cards = (convergence, law)
        self._compact = False
        self._chosen = 0
        self._strips: list[TabStrip] = []
        self.setHandleWidth(GAP)
        self.setChildrenCollapsible(False)
        self.addWidget(law)
        self.addWidget(convergence)
        labels = [say("panel.convergence"), say("panel.density")]
        for card in self._cards:
            strip = TabStrip(labels, card)
            strip.currentChanged.connect(self._choose)
            card.title_slot.addWidget(strip)
            strip.hide()
            self._strips.append(strip)

    @property
    def strips(self) -> tuple[TabStrip, ...]:
        return tuple(self._strips)

    def set_compact(self, compact: bool) -> None:
        """One card with tabs, or both."""
        self._compact = compact
        for strip, card in zip(self._strips, self._cards, strict=True):
            strip.setVisible(compact)
            card.show_heading(not compact)
        self._show()

    def _choose(self, index: int) -> None:
        if index != self._chosen:
            self._chosen = index
            self._show()
            self._strips[index].setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        for index, (strip, card) in enumerate(zip(self._strips, self._cards, strict=True)):
            strip.setCurrentIndex(self._chosen)
            card.setVisible(not self._compact or index == self._chosen)


class Desk(CentralView):
    """The cards of the desk in splitters with the proportions of the window's size."""

    def __init__(
        self,
        store: Store,
        actions: Actions,
        deeds: Deeds,
        toast: Callable[[str], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.picture = PictureCard(store, deeds, self)
        self.law = LawCard(store, deeds, self)
        self.convergence = ConvergenceCard(store, deeds, self)
        self.table = TableCard(store, self)
        self.timeline = TimelineCard(store, actions, self)
        self.results = ResultsCard(store, actions, toast, self)
        self.side = Side(self.law, self.convergence, self)
        self.panels = _splitter(Qt.Orientation.Horizontal, self)
        self.panels.addWidget(self.table)
        self.panels.addWidget(self.picture)
        self.panels.addWidget(self.side)
        self.rows = _splitter(Qt.Orientation.Vertical, self)
        self.rows.addWidget(self.panels)
        self.rows.addWidget(self.timeline)
        self.rows.addWidget(self.results)
        self.rows.setStretchFactor(0, 1)
        self.rows.setStretchFactor(2, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP, GAP, GAP, GAP)
        layout.addWidget(self.rows)
        self._plan: Plan | None = None
        store.changed.connect(self._follow)
        for deed in actions.deeds():
            if deed.in_panels:
                self.addAction(actions[deed.id])

    def event(self, event: QEvent) -> bool:
        """Single keys belong to the panels, but Space presses a button and arrows walk in a table that is focused."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            focused = self.window().focusWidget()
            keys = BUTTON_KEYS if isinstance(focused, QAbstractButton) else frozenset()
            if isinstance(focused, QAbstractItemView):
                keys = TABLE_KEYS
            if event.key() in keys and not event.modifiers():
                event.accept()
                return True
        return super().event(event)

    def regions(self) -> tuple[QWidget, ...]:
        """Picture, side, timeline, results."""
        return self.picture, self.side, self.timeline, self.results

    def focus_first(self) -> None:
        """The picture has the keys of the panels."""
        self.picture.plot.setFocus(Qt.FocusReason.MouseFocusReason)

    @property
    def is_compact(self) -> bool:
        return self._plan is not None and self._plan.compact

    def follow_size(self, width: int, height: int) -> bool:
        """Divide the desk as the window's size asks; True when the plan is another one than before."""
        plan = plan_for(width, height)
        if plan is self._plan:
            return False
        self._plan = plan
        self.results.set_compact(plan.compact)
        self.side.set_compact(plan.compact)
        self.side.setVisible(not (plan.compact and self.table.isVisible()))
        self.side.setOrientation(
            Qt.Orientation.Horizontal if plan.in_a_row else Qt.Orientation.Vertical
        )
        if plan is SMALL and height < 600:
            self.results.set_folded(True)
        self.divide()
        return True

    def _follow(self, old: AppState, new: AppState) -> None:
        """The full table comes as one more card; on small windows in the place of the side."""
        if old.is_table_open != new.is_table_open:
            self.side.setVisible(not (new.is_table_open and self.is_compact))
            self.divide()

    def _share_panels(self) -> None:
        """The table beside the pictures takes a third of the width at most."""
        plan = self._plan
        if plan is None:
            return
        # shares, not pixels: before the window is shown the width is not known yet
        table = 0.0
        if self.table.isVisibleTo(self.panels):
            table = min(1 / 3, MOST_TABLE / max(self.panels.width(), 1))
        rest = (1 - table) / (plan.picture + plan.side)
        shares = (table, rest * plan.picture, rest * plan.side)
        self.panels.setSizes([round(SHARED * share) for share in shares])

    def divide(self) -> None:
        """Give every card the share that the plan has for it."""
        plan = self._plan
        if plan is None:
            return
        self._share_panels()
        self.panels.setStretchFactor(1, plan.picture)
        self.panels.setStretchFactor(2, plan.side)
        self.side.setSizes([100 * plan.density, 100 * plan.convergence])
        results = self.results.maximumHeight() if self.results.is_folded else plan.results
        free = self.rows.height() - results - self.timeline.height() - 2 * GAP
        self.rows.setSizes([max(free, 100), self.timeline.height(), results])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().height() <= 0:
            self.divide()


def _splitter(orientation: Qt.Orientation, parent: QWidget) -> QSplitter:
    made = QSplitter(orientation, parent)
    made.setHandleWidth(GAP)
    made.setChildrenCollapsible(False)
    return made
