"""Asks for audits and standard errors in other threads, and puts the answers into the store.

An audit is a pass over the rows and is asked for while its tab is looked at; standard errors may take long, so they
have a thread of their own, tell how far they are, and can be stopped.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from emdesk.app import commands
from emdesk.app.session import FitResult
from emdesk.app.showing import ROWS_FOLLOWED_LIVE
from emdesk.app.shown import Audited
from emdesk.app.state import AppState, Message, Phase, ResultsTab, Weight
from emdesk.app.table_fit import table_of
from emdesk.app.trust import measured, method_sentence
from emdesk.em.audit import Audit, audit
from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.table_fit import TableFit
from emdesk.errors import EMDeskError
from emdesk.gui.background import Background
from emdesk.gui.fit_controller import FitController, message_of
from emdesk.gui.store import Store
from emdesk.texts import say

Key = tuple[int, int, int, bool]
"""Run, start and iteration that an audit is of, and whether the run has ended."""
LIVE_SECONDS = 0.25
"""The least time between two audits of a run under way."""
TELL_SECONDS = 0.1
"""The least time between two words about how far the standard errors are."""


class TrustController(QObject):
    """Keeps the Audit tab in step with the state, and finds standard errors. `crashed` carries a report."""

    crashed = Signal(str)
    _progressed = Signal(object, float)

    def __init__(
        self,
        store: Store,
        fits: FitController,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._fits, self._background = store, fits, background
        self._own = Background(self)
        self._control: RunControl | None = None
        self._places: list[int] = []
        self._groups = 0
        self._is_waiting = False
        self._asked_at = 0.0
        background.crashed.connect(self._stop_waiting)
        self._own.crashed.connect(self._end_crashed)
        self._progressed.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        store.changed.connect(self._follow)

    def close(self) -> None:
        """Break off what is under way and wait for the thread."""
        self._store.changed.disconnect(self._follow)
        self._background.crashed.disconnect(self._stop_waiting)
        self.stop()
        self._own.close()

    # ------------------------------------------------------------ standard errors

    def measure(self, method: str) -> None:
        """Find the standard errors of the result; one at a time."""
        state = self._store.state
        if state.result is not None and state.can_measure and self._control is None:
            self._groups = 0
            self._begin(state.result, method)

    def measure_groups(self) -> None:
        """Find the standard errors of the fits of all groups that have none yet, one after the other."""
        groups = self._store.state.group_fits
        if groups is None or not self._store.state.can_measure_groups or self._control is not None:
            return
        self._places = list(groups.unmeasured)
        self._groups = len(self._places)
        self._begin_next()

    def _begin_next(self) -> None:
        """The next of the groups that wait. One may have been measured alone, or fitted again, meanwhile."""
        state = self._store.state
        groups = state.group_fits
        while self._places and groups is not None and state.fits_by_group is not None:
            place = self._places.pop(0)
            # the one on the desk is newer than the list of fits: a component of it may have got a name
            fit = state.fits_by_group.fits[place]
            result = state.result if place == groups.chosen else fit.result if fit else None
            if result is not None and place in groups.unmeasured:
                self._begin(result, "observed", groups.parts[place].words)
                return

    def _begin(self, result: FitResult, method: str, where: str = "") -> None:
        """Find them in the other thread; `where` is the group that the result is of."""
        control = self._control = RunControl()
        self._store.do(commands.measuring, self._share(0.0))
        last = [0.0]

        def tell(share: float) -> None:
            now = time.perf_counter()
            if now - last[0] >= TELL_SECONDS:
                last[0] = now
                self._progressed.emit(control, share)

        def job() -> FitResult:
            return measured(result, method, control, tell)

        self._own.ask(
            control,
            job,
            partial(self._take, control, result, where),
            partial(self._refuse, control, where),
        )

    def _share(self, share: float) -> float:
        """How much of all that was asked for is done, with so much of the fit under work."""
        if not self._groups:
            return share
        return (self._groups - len(self._places) - 1 + share) / self._groups

    def stop(self) -> None:
        """Break the standard errors off; of the fit under work nothing is kept."""
        self._places = []
        if self._control is not None:
            self._control.stop()
            self._control = None
            self._store.do(commands.measuring, None)

    @Slot(object, float)
    def _tell(self, control: RunControl, share: float) -> None:
        if control is self._control:
            self._store.do(commands.measuring, self._share(share))

    def _take(self, control: RunControl, before: FitResult, where: str, after: FitResult) -> None:
        if control is not self._control:
            return
        self._control = None
        is_told = bool(where) or self._store.state.result is before
        self._store.do(commands.measured, before, after)
        if is_told and after.uncertainty is not None:
            place = where or method_sentence(after.uncertainty)
            for sentence in after.uncertainty.notes:
                message = Message(place, sentence, weight=Weight.WARN, clock=time.strftime("%H:%M"))
                self._store.do(commands.add_message, message)
        self._begin_next()

    def _refuse(self, control: RunControl, where: str, problem: EMDeskError) -> None:
        if control is self._control:
            self._control = None
            self._store.do(commands.measuring, None)
            message = message_of(problem, where or say("action.standard_errors"))
            self._store.do(commands.add_message, message)
            self._begin_next()

    @Slot(str)
    def _end_crashed(self, report: str) -> None:
        self._control, self._places = None, []
        self._store.do(commands.measuring, None)
        self.crashed.emit(report)

    # ------------------------------------------------------------ audits

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        if self._control is not None:
            # of all groups they are found whichever of them is looked at meanwhile
            is_other = new.group_fits is None or new.is_busy if self._groups else old.run != new.run
            if is_other or (not self._groups and new.result is None):
                self.stop()
        if new.tab is ResultsTab.AUDIT:
            self._request()

    def _request(self) -> None:
        """Ask for the audit of what the state looks at, unless it is there or on its way."""
        state = self._store.state
        if self._is_waiting:
            return
        result = state.result
        if result is not None and not state.is_busy:
            key: Key = (state.run, result.best.index, result.chosen, True)
            job: Any = partial(_whole_audit, result)
        elif time.perf_counter() - self._asked_at < LIVE_SECONDS:
            return
        else:
            found = self._live_job(state)
            if found is None:
                return
            key, job = found
        shown = state.audited
        if shown is not None and _key(shown) == key:
            return
        self._asked_at, self._is_waiting = time.perf_counter(), True
        self._background.ask("audit", job, partial(self._take_audit, key), self._no_audit)

    def _live_job(self, state: AppState) -> tuple[Key, Any] | None:
        """The audit of the newest iteration of a run under way, where the rows are not too many to follow."""
        feed = self._fits.feed
        newest = feed.newest() if feed is not None else None
        if feed is None or newest is None or state.phase not in (Phase.RUNNING, Phase.PAUSED):
            return None
        session = feed.session
        if session.data is None or session.data.rows > ROWS_FOLLOWED_LIVE:
            return None
        at, trace = newest.iteration.index, newest.attempt.trace
        params = newest.iteration.params

        def job() -> tuple[Audit, None]:
            weak = session.family.weaknesses(session.data, params)
            with Sweeper(1) as sweeper:
                found = audit(
                    session.family,
                    session.data,
                    session.dataset,
                    trace,
                    at,
                    session.spec.fit.tolerance,
                    weak,
                    sweeper,
                    RunControl(),
                )
            return found, None

        return (feed.run, newest.attempt.index, at, False), job

    def _take_audit(self, key: Key, found: tuple[Audit, TableFit | None]) -> None:
        self._is_waiting = False
        self._store.do(commands.audited, Audited(*key, *found))

    def _no_audit(self, problem: EMDeskError) -> None:
        self._is_waiting = False

    @Slot()
    def _stop_waiting(self) -> None:
        """A job ended in something nobody expected: wait for no answer of it."""
        self._is_waiting = False


def _whole_audit(result: FitResult) -> tuple[Audit, TableFit | None]:
    return result.audit(), table_of(result)


def _key(shown: Audited) -> Key:
    return shown.run, shown.attempt, shown.iteration, shown.is_final
