"""The convergence card: one verdict line, the objective over the iterations, the gain."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.course import Standing, course_of, verdict
from emdesk.app.state import AppState
from emdesk.gui.panels.plot_card import Deeds, PlotCard
from emdesk.gui.plots.convergence import ConvergenceView, StartTrace
from emdesk.gui.store import Store
from emdesk.gui.widgets import EmptyState, LinkLabel, Verdict, VerdictLine
from emdesk.texts import say
from emdesk.texts.numbers import whole

VERDICTS = {
    Standing.NOTHING: Verdict.NOTE,
    Standing.RISING: Verdict.RISING,
    Standing.CONVERGED: Verdict.CONVERGED,
    Standing.LIMIT_REACHED: Verdict.LIMIT_REACHED,
    Standing.STOPPED: Verdict.STOPPED,
    Standing.COLLAPSED: Verdict.COLLAPSED,
    Standing.FELL: Verdict.FELL,
}


class ConvergenceCard(PlotCard):
    """Where the fit is and where it is going."""

    def __init__(self, store: Store, deeds: Deeds, parent: QWidget | None = None) -> None:
        self.view = ConvergenceView()
        super().__init__(store, deeds, self.view, say("panel.convergence"), parent)
        self.frame.setObjectName("convergence")
        self.verdict = VerdictLine(self)
        self.go_on = LinkLabel(say("verdict.continue"), self, tint="warn")
        self.go_on.clicked.connect(lambda _checked=False: deeds.go_on())
        self.go_on.hide()
        self.slot.addWidget(self.go_on)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(layout.count() - 1, self.verdict)
        self.menu.addSeparator()
        everything = self.menu.addAction(say("panel.all_iterations"))
        everything.setCheckable(True)
        everything.toggled.connect(self.view.set_all)
        self._empty = EmptyState(
            "chart-line-up", say("panel.nothing"), say("panel.convergence_later"), parent=self
        )
        self._empty.hide()
        self._has_starts = False
        self._draw = QTimer(self, singleShot=True, interval=0)
        self._draw.timeout.connect(self._render_course)
        self.view.iterationClicked.connect(lambda i: store.do(commands.look_at, i))
        store.changed.connect(self.render_state)
        self.frame.set_empty(self._empty)

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        if (
            old.live is not new.live
            or old.result is not new.result
            or old.phase is not new.phase
            or old.ran is not new.ran
            or old.went_on_from != new.went_on_from
            or old.can_go_on != new.can_go_on
        ):
            self._draw.start()
        elif old.position != new.position and new.position is not None:
            self.view.set_cursor(new.position)

    def _render_course(self) -> None:
        state = self._store.state
        course = course_of(state)
        self.frame.set_empty(self._empty if course is None else None)
        standing, sentence = verdict(state, course)
        self.go_on.setVisible(state.can_go_on)
        by_hand = state.result is not None and state.result.is_start_by_hand
        self.verdict.set_verdict(VERDICTS[standing], sentence, whole=state.can_go_on or by_hand)
        before = state.went_on_from
        begun = say("panel.convergence_from", iteration=whole(before)) if before else ""
        self.set_title(say("panel.convergence"), begun)
        if course is None:
            return
        at = state.position if state.position is not None else len(course.objectives) - 1
        if course.others or self._has_starts:
            self._has_starts = bool(course.others)
            self.view.set_starts([StartTrace(o, failed=not sound) for o, sound in course.others])
        self.view.present(course.objectives, course.gains, course.limit, at, course.is_final)
