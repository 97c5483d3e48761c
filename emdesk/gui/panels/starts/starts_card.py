"""The card with the racing curves and, on the same axis, the histogram of where they ended."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from emdesk.app.observatory import curves_of, ends, live_curves
from emdesk.app.session import FitResult
from emdesk.app.state import AppState
from emdesk.gui.panels.plot_card import Deeds, PlotCard, difference
from emdesk.gui.plots.ends_histogram import EndsHistogram
from emdesk.gui.plots.starts_plot import StartsPlot
from emdesk.gui.store import Store
from emdesk.gui.widgets import StripeKind
from emdesk.texts import say, say_count
from emdesk.texts.numbers import whole

HISTOGRAM_WIDTH = 168
WIDE_ENOUGH = 520


class StartsCard(PlotCard):
    """`startRequested` names the start that was chosen by its curve or its bar."""

    startRequested = Signal(int)

    def __init__(self, store: Store, deeds: Deeds, parent: QWidget | None = None) -> None:
        self.race = StartsPlot()
        super().__init__(store, deeds, self.race, say("starts.plot"), parent)
        self.frame.setObjectName("starts")
        self.histogram = EndsHistogram()
        self.histogram.setFixedWidth(HISTOGRAM_WIDTH)
        body = QWidget(self)
        line = QHBoxLayout(body)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        self.set_body(body)
        line.addWidget(self.frame, 1)
        line.addWidget(self.histogram)
        self.frame.show()
        self.race.startClicked.connect(self.startRequested)
        self.race.rangeChanged.connect(self.histogram.follow_range)
        self.histogram.heightClicked.connect(self._open_between)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In little room the curves alone."""
        super().resizeEvent(event)
        self.histogram.setVisible(self.width() >= WIDE_ENOUGH)

    def render_result(self, result: FitResult) -> None:
        """The curves of all starts of a result."""
        curves = curves_of(result)
        has_prior = result.objective != result.log_likelihood
        name = say("criteria.objective" if has_prior else "criteria.log_likelihood")
        self.race.present(curves, name=name, is_final=True)
        self.histogram.present(ends(curves))
        drawn = len(self.race.drawn)
        aside = say("starts.card.drawn", drawn=whole(drawn)) if drawn < len(curves) else ""
        self.set_title(say_count("starts.card", len(curves)), aside)

    def render_live(self, state: AppState) -> None:
        """The starts of the run under way, without what is only known at its end."""
        live = state.live
        if live is None:
            return
        curves = live_curves(live)
        self.race.present(curves, name=say("criteria.objective"), is_final=False)
        self.histogram.present(ends(curves))
        self.set_title(say("starts.plot"))

    def caption(self) -> str:
        """The line under an exported plot: of how many starts."""
        return f"{self._store.state.title}, {self.heading}"

    def render_stale(self, state: AppState) -> None:
        """Say so where the form describes another model."""
        if state.is_stale:
            act = (say("stripe.run_again"), self._deeds.run)
            self.stripe.show_stripe(StripeKind.STALE, difference(state), [act])
        else:
            self.stripe.clear()

    def _open_between(self, low: float, high: float) -> None:
        """A bar was clicked: the highest start that ended there."""
        result = self._store.state.result
        if result is None:
            return
        inside = [
            o for o in result.optima().found if low <= o.objective <= high and o.is_sound
        ] or [o for o in result.optima().found if low <= o.objective <= high]
        if inside:
            self.startRequested.emit(inside[0].starts[0])
