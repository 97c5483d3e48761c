"""Owns the run and its thread, and relays what it tells to the store. It lives in the window's thread.

Panels and tests see only this. Answers carry the number of their run: those of an older run are dropped, so that
opening another file or starting again during a run never mixes results.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, Signal, Slot

from emdesk.app import commands
from emdesk.app.feed import Feed
from emdesk.app.group_fits import GroupFit
from emdesk.app.group_matching import PartSession
from emdesk.app.model_spec import ModelSpec
from emdesk.app.parts import group_column, parts_of, without_group
from emdesk.app.session import FitResult, FitSession
from emdesk.app.state import Message, Phase, Weight
from emdesk.em.control import RunControl
from emdesk.errors import EMDeskError
from emdesk.gui.fit_worker import FitWorker
from emdesk.gui.store import Store
from emdesk.gui.walks import Walks
from emdesk.texts import say

WATCH_PACE_SECONDS = 1 / 8


def message_of(problem: EMDeskError, where: str) -> Message:
    """The entry in Messages for an expected problem."""
    remedy = ". ".join(part.rstrip(".") for part in (problem.remedy, problem.kept) if part)
    return Message(problem.where or where, problem.what, remedy, Weight.BAD, time.strftime("%H:%M"))


class FitController(QObject):
    """Run, pause, continue, step and stop. `advanced` follows each announced frame, `crashed` carries a report."""

    advanced = Signal()
    crashed = Signal(str)

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._walks = Walks("fit", self)
        self._current: Feed | None = None

    @property
    def feed(self) -> Feed | None:
        """The record of the run that is shown, also after its end; None once its data were put away."""
        return self._current

    @property
    def threads(self) -> int:
        """How many threads of runs have not ended yet."""
        return len(self._walks)

    # ------------------------------------------------------------ what a person wants

    def start(self, is_paused: bool = False) -> None:
        """Run what the form says; a run under way is stopped and forgotten."""
        state = self._store.state
        if state.can_run and state.spec is not None:
            self._run(state.spec, is_paused)

    def go_on(self) -> None:
        """Run on from a result that stands before its end, with as many iterations again; the form stays as it is."""
        state = self._store.state
        going_on = commands.going_on(state)
        if state.result is None or going_on is None:
            return
        before = state.went_on_from + state.result.chosen
        if state.group_fits is not None:
            self.leave()
            self._store.do(commands.group_goes_on)
            begun = self._begin_group(going_on, state.result)
        else:
            begun = self._run(going_on)
        if begun:
            self._store.do(commands.went_on, before, time.strftime("%H:%M"))

    def _run(self, spec: ModelSpec, is_paused: bool = False) -> bool:
        """Begin a run; False, and a message, if it cannot begin."""
        state = self._store.state
        assert state.dataset is not None
        self.leave()
        if (column := group_column(spec)) is not None:
            return self._run_groups(spec, column, is_paused)
        control = self._control(is_paused)
        try:
            session = FitSession(state.dataset, spec, state.catalogue, control)
        except EMDeskError as problem:
            self._store.do(commands.run_started)
            self._store.do(commands.run_failed, message_of(problem, state.dataset.name))
            return False
        self._store.do(commands.run_started)
        if is_paused:
            self._store.do(commands.set_phase, Phase.PAUSED)
        self._begin(Feed(self._store.state.run, session))
        return True

    def _control(self, is_paused: bool) -> RunControl:
        control = RunControl(WATCH_PACE_SECONDS if self._store.state.watch_pace else 0.0)
        if is_paused:
            control.step()
        return control

    def _run_groups(self, spec: ModelSpec, column: str, is_paused: bool) -> bool:
        """Begin a run of each group alone, one after the other."""
        dataset = self._store.state.dataset
        assert dataset is not None
        try:
            parts = parts_of(dataset, column)
        except EMDeskError as problem:
            self._store.do(commands.run_started)
            self._store.do(commands.run_failed, message_of(problem, dataset.name))
            return False
        self._store.do(commands.groups_started, column, parts)
        if is_paused:
            self._store.do(commands.set_phase, Phase.PAUSED)
        return self._begin_group(spec)

    def _begin_group(self, spec: ModelSpec, reference: FitResult | None = None) -> bool:
        """Fit the group whose turn it is, its components ordered like those of the first; False if none can be."""
        state = self._store.state
        groups = state.group_fits
        if groups is None or groups.part is None:
            return False
        control = self._control(state.phase is Phase.PAUSED)
        like = reference or groups.reference
        try:
            session = PartSession(
                groups.part.dataset, without_group(spec), state.catalogue, control, like
            )
        except EMDeskError as problem:
            self._store.do(commands.run_failed, message_of(problem, groups.dataset.name))
            return False
        self._begin(Feed(state.run, session))
        return True

    def _take_group(self, result: FitResult | None, problem: EMDeskError | None = None) -> bool:
        """The group under way is done: on to the next. False where none is."""
        groups = self._store.state.group_fits
        if groups is None or groups.part is None or not groups.waiting:
            return False
        fit = GroupFit(groups.part, result, problem)
        self._store.do(commands.group_fitted, fit, time.strftime("%H:%M"))
        if self._store.state.is_busy:
            self._begin_group(groups.spec)
        else:
            self._current = None
        return True

    def _begin(self, feed: Feed) -> None:
        worker = FitWorker(feed)
        queued = Qt.ConnectionType.QueuedConnection
        worker.announced.connect(self._announced, queued)
        worker.finished.connect(self._finished, queued)
        worker.dropped.connect(self._dropped, queued)
        worker.refused.connect(self._refused, queued)
        worker.crashed.connect(self._crashed, queued)
        self._current = feed
        self._walks.begin(feed.run, worker)

    def pause(self) -> None:
        if self._current is not None and self._store.state.phase is Phase.RUNNING:
            self._current.session.control.pause()
            self._current.pause_clock(True)
            self._store.do(commands.set_phase, Phase.PAUSED)

    def resume(self) -> None:
        if self._current is not None and self._store.state.phase is Phase.PAUSED:
            self._current.pause_clock(False)
            self._current.session.control.resume()
            self._store.do(commands.scrub, None)
            self._store.do(commands.set_phase, Phase.RUNNING)

    def step(self) -> None:
        """One iteration: pauses a run, moves a paused one on, or begins a run paused at its start."""
        state = self._store.state
        if state.phase is Phase.RUNNING:
            self.pause()
        elif state.phase is Phase.PAUSED and self._current is not None:
            self._store.do(commands.scrub, None)
            self._current.session.control.step()
        elif not state.is_busy:
            self.start(is_paused=True)

    def stop(self) -> None:
        """End the run; its last whole iteration is the result."""
        if self._current is not None and self._store.state.is_busy:
            self._store.do(commands.set_phase, Phase.STOPPING)
            self._current.session.control.stop()

    def set_pace(self, watch: bool) -> None:
        """Eight iterations a second, or as fast as it goes; also for the run under way."""
        self._store.do(commands.set_watch_pace, watch)
        if self._current is not None:
            self._current.session.control.set_pace(WATCH_PACE_SECONDS if watch else 0.0)

    def leave(self) -> None:
        """Stop the run under way, if there is one, and hear no more of it."""
        if self._current is not None:
            self._current.session.control.stop()
            self._current = None

    def close(self) -> None:
        """Stop every run and wait for the threads."""
        self.leave()
        self._walks.close()

    def painted(self) -> None:
        """The announced frame is on the screen: the next may be announced."""
        if self._current is not None:
            self._current.painted()

    # ------------------------------------------------------------ what the worker tells

    def _is_current(self, number: int) -> bool:
        return self._current is not None and self._current.run == number

    @Slot(int)
    def _announced(self, number: int) -> None:
        if self._is_current(number):
            self._take_live()
            self.advanced.emit()

    def take_newest(self) -> None:
        """Tell of the newest iteration without an announcement: a paused run makes none."""
        self._take_live()
        self.advanced.emit()

    def _take_live(self) -> None:
        live = self._current.live() if self._current is not None else None
        if live is not None:
            self._store.do(commands.run_advanced, live)

    @Slot(int, object)
    def _finished(self, number: int, result: FitResult) -> None:
        self._walks.end(number)
        if self._is_current(number) and self._current is not None and not self._take_group(result):
            self._store.do(commands.run_finished, result, self._current.live())
            self._store.do(commands.warn_of_result, time.strftime("%H:%M"))
            self.advanced.emit()

    @Slot(int)
    def _dropped(self, number: int) -> None:
        self._walks.end(number)
        if self._is_current(number):
            self._current = None
            is_group = self._store.state.group_fits is not None
            self._store.do(commands.groups_stopped if is_group else commands.run_dropped)

    @Slot(int, object)
    def _refused(self, number: int, problem: EMDeskError) -> None:
        self._walks.end(number)
        if self._is_current(number) and not self._take_group(None, problem):
            dataset = self._store.state.dataset
            where = dataset.name if dataset is not None else say("message.fit")
            self._store.do(commands.run_failed, message_of(problem, where))

    @Slot(int, str)
    def _crashed(self, number: int, report: str) -> None:
        self._walks.end(number)
        if self._is_current(number):
            what, remedy = say("message.run_crashed"), say("message.run_again")
            if not self._take_group(None, EMDeskError(what, remedy=remedy)):
                message = Message(say("message.fit"), what, remedy, Weight.BAD)
                self._store.do(commands.run_failed, message)
            self.crashed.emit(report)
