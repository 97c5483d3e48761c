"""The banner of the Starts view: can the best optimum be trusted, and what to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from emdesk.app.restart_verdict import Trust, details, headline, trust
from emdesk.app.session import FitResult
from emdesk.app.state import AppState
from emdesk.gui.widgets import Button, IconLabel, Text
from emdesk.texts import say
from emdesk.texts.numbers import whole

MORE = 100
SIGNS = {
    Trust.REPLICATED: ("seal-check-fill", "ok"),
    Trust.FOUND_ONCE: ("warning-fill", "warn"),
    Trust.AT_LIMIT: ("warning-fill", "warn"),
    Trust.NOTHING_SOUND: ("warning-octagon-fill", "bad"),
    Trust.SINGLE: ("info", "info"),
    Trust.NONE_ENDED: ("info", "info"),
}


class VerdictBanner(QFrame):
    """Icon, sentence, details and two buttons."""

    moreRequested = Signal()
    bestRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon = IconLabel("info", "info", 20, self)
        self._headline = Text("", "message", self, wrap=True)
        self._details = Text("", "small", self, wrap=True)
        self.more = Button(say("starts.more", count=MORE), "outline", "plus", self)
        self.open_best = Button(say("starts.open_best"), "outline", "arrows-out", self)
        self.open_best.setToolTip(say("starts.open_best_help"))
        self.more.clicked.connect(lambda _checked=False: self.moreRequested.emit())
        self.open_best.clicked.connect(lambda _checked=False: self.bestRequested.emit())
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(self._headline)
        words.addWidget(self._details)
        line = QHBoxLayout(self)
        line.setContentsMargins(15, 11, 13, 11)
        line.setSpacing(12)
        line.addWidget(self._icon)
        line.addLayout(words, 1)
        for button in (self.more, self.open_best):
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)

    @property
    def headline(self) -> str:
        """The sentence shown."""
        return self._headline.text()

    @property
    def details(self) -> str:
        """The line below it."""
        return self._details.text()

    def show_running(self, state: AppState) -> None:
        """A run is under way: nothing is said of it yet, and its numbers stand in the bar."""
        self._show("trend-up", "accent", say("starts.running"), say("starts.running_text"))
        self._offer(None, state)

    def show_judging(self, state: AppState) -> None:
        """The run is over, the starts are being compared."""
        self._show("info", "info", say("starts.judging"), "")
        self._offer(None, state)

    def show_result(self, result: FitResult, state: AppState) -> None:
        """What the starts say of the result."""
        optima = result.optima()
        self._show(*SIGNS[trust(optima)], headline(optima), details(optima))
        self._offer(result, state)

    def _show(self, icon_name: str, role: str, headline: str, details: str) -> None:
        self._icon.set_icon(icon_name, role)
        self._headline.setText(headline)
        self._details.setText(details)
        self._details.setVisible(bool(details))
        self.setAccessibleName(f"{headline} {details}".strip())

    def _offer(self, result: FitResult | None, state: AppState) -> None:
        spec = state.spec
        is_random = spec is not None and can_try_several(state)
        self.more.setVisible(is_random)
        self.more.setEnabled(result is not None and state.can_run)
        if spec is not None:
            self.more.setToolTip(say("starts.more_help", starts=whole(spec.fit.starts + MORE)))
        self.open_best.setEnabled(result is not None and result.optima().best is not None)


def can_try_several(state: AppState) -> bool:
    """Whether the start method of the form has chance in it, so that several starts are worth trying."""
    from emdesk.em.fit_settings import RANDOM_METHODS

    return state.spec is not None and state.spec.fit.start in RANDOM_METHODS | {"mixed"}
