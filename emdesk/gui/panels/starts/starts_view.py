"""The Starts view: can this fit be trusted?

A banner says it in a sentence; below it every start races to its end, and a table lists the distinct optima. A click
on a curve, a bar or a row opens that optimum on the desk. What became of the starts is compared in another thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.session import FitResult
from emdesk.app.state import AppState, Message, Phase, Weight
from emdesk.errors import EMDeskError
from emdesk.gui.background import Background
from emdesk.gui.panels.plot_card import Deeds
from emdesk.gui.panels.starts.optima_table import OptimaTable
from emdesk.gui.panels.starts.starts_card import StartsCard
from emdesk.gui.panels.starts.starts_panel import StartsPanel
from emdesk.gui.panels.starts.verdict_banner import MORE, VerdictBanner
from emdesk.gui.panels.views import CentralView
from emdesk.gui.store import Store
from emdesk.gui.widgets import EmptyState
from emdesk.texts import say, say_count

GAP = 8
LIVE_MS = 200
"""Between two drawings of a run under way: hundreds of curves are not drawn for each of its iterations."""
PANEL_WIDTH = 268
CURVES, TABLE = 5, 4


class StartsView(CentralView):
    """Banner, curves and table at the left, the settings of the starts at the right."""

    def __init__(
        self, store: Store, background: Background, deeds: Deeds, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._background, self._deeds = store, background, deeds
        self._judged: FitResult | None = None
        self.banner = VerdictBanner(self)
        self.card = StartsCard(store, deeds, self)
        self.table = OptimaTable(self)
        self.panel = StartsPanel(store, self)
        self.panel.setFixedWidth(PANEL_WIDTH)
        self.empty = EmptyState(
            "flag-checkered",
            say("starts.empty"),
            say("starts.empty_text"),
            say("starts.empty_run"),
            "play",
            parent=self,
        )
        self._lay_out()
        self.banner.moreRequested.connect(self._add_starts)
        self.banner.bestRequested.connect(self._open_best)
        self.card.startRequested.connect(self._open)
        self.table.startRequested.connect(self._open)
        self.table.copied.connect(lambda rows: deeds.toast(say_count("copy.done", rows)))
        self.empty.acted.connect(deeds.run)
        self._draw = QTimer(self, singleShot=True, interval=LIVE_MS)
        self._draw.timeout.connect(self._render)
        store.changed.connect(self._follow)
        self._render_form(store.state)
        self._render()

    def _lay_out(self) -> None:
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.setHandleWidth(GAP)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.card)
        splitter.addWidget(self.table)
        splitter.setStretchFactor(0, CURVES)
        splitter.setStretchFactor(1, TABLE)
        splitter.setSizes([CURVES * 100, TABLE * 100])
        self._filled = QWidget(self)
        column = QVBoxLayout(self._filled)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.setSpacing(GAP)
        column.addWidget(self.banner)
        column.addWidget(splitter, 1)
        left = QWidget(self)
        self._stack = QStackedLayout(left)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._filled)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(left, 1)
        line.addWidget(self.panel)

    def regions(self) -> Sequence[QWidget]:
        """Banner, curves, table, settings."""
        return self.banner, self.card, self.table, self.panel

    def focus_first(self) -> None:
        """The curves, or the one button of the empty view."""
        is_empty = self._stack.currentWidget() is self.empty
        target = self.empty.button if is_empty else self.card.race
        target.setFocus(Qt.FocusReason.MouseFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what happened while another view was looked at."""
        super().showEvent(event)
        self._render_form(self._store.state)
        self._render()

    # ------------------------------------------------------------ following the state

    def _follow(self, old: AppState, new: AppState) -> None:
        if not self.isVisible():
            return
        if old.setup is not new.setup or old.form_problems != new.form_problems:
            self._render_form(new)
        if old.phase is not new.phase or old.result is not new.result or old.run != new.run:
            self._draw.stop()
            self._render()
        elif old.live is not new.live and not self._draw.isActive():
            self._draw.start()
        elif old.setup is not new.setup:
            self._render()

    def _render_form(self, state: AppState) -> None:
        self.panel.render_form(state)

    def _render(self) -> None:
        state = self._store.state
        result = state.result if not state.is_busy else None
        has_something = result is not None or (state.is_busy and state.live is not None)
        if not has_something and state.is_busy:
            return  # the first iteration comes in a moment
        page = self._filled if has_something else self.empty
        if page is not self._stack.currentWidget():
            had_focus = self.isAncestorOf(self.window().focusWidget() or self.window())
            self._stack.setCurrentWidget(page)
            if had_focus and not self.panel.isAncestorOf(self.window().focusWidget() or self):
                self.focus_first()
        if result is not None:
            self._render_result(result, state)
        elif has_something:
            self.banner.show_running(state)
            self.card.render_live(state)
            self.card.render_stale(state)
            self.table.render_result(None)
            self.panel.render_result(None)
        else:
            self._render_empty(state)

    def _render_empty(self, state: AppState) -> None:
        failure = state.failure if state.phase is Phase.FAILED else None
        if failure is not None:
            what = failure.what[:1].upper() + failure.what[1:]
            self.empty.set_text(what, failure.remedy, say("stripe.run_again"))
        else:
            words = say("starts.empty"), say("starts.empty_text"), say("starts.empty_run")
            self.empty.set_text(*words)
        self.empty.button.setEnabled(state.can_run and state.setup_problem is None)
        self.panel.render_result(None)

    def _render_result(self, result: FitResult, state: AppState) -> None:
        if result is not self._judged:
            self.banner.show_judging(state)
            self._background.ask("starts", lambda: _judge(result), self._take, self._tell)
            return
        self.banner.show_result(result, state)
        self.card.render_stale(state)

    def _take(self, result: FitResult) -> None:
        """The starts were compared: draw them, unless another result stands there by now."""
        state = self._store.state
        if result is not state.result or state.is_busy:
            return
        self._judged = result
        self.banner.show_result(result, state)
        self.card.render_result(result)
        self.card.render_stale(state)
        self.table.render_result(result)
        self.panel.render_result(result)

    def _tell(self, problem: EMDeskError) -> None:
        message = Message(say("starts.panel"), problem.what, problem.remedy, Weight.BAD)
        self._store.do(commands.add_message, message)

    # ------------------------------------------------------------ wishes

    def _open(self, start: int) -> None:
        self._store.do(commands.open_start, start)

    def _open_best(self) -> None:
        result = self._store.state.result
        best = result.optima().best if result is not None else None
        if best is not None:
            self._open(best.starts[0])

    def _add_starts(self) -> None:
        """Run again with more starts; where all were run to their end, all are again."""
        spec = self._store.state.spec
        if spec is None:
            return
        starts = spec.fit.starts + MORE
        if spec.fit.finish >= spec.fit.starts:
            self._store.do(commands.set_setting, "finish", starts)
        self._store.do(commands.set_setting, "starts", starts)
        self._deeds.run()


def _judge(result: FitResult) -> FitResult:
    """Compare the starts of a result, in another thread; what was found stays with it."""
    result.optima()
    result.diversity()
    return result
