"""Owns the thread that fits the grid of models, and relays what it tells to the store."""

from __future__ import annotations

import time
import traceback

from PySide6.QtCore import QObject, Qt, Signal, Slot

from emdesk.app import commands
from emdesk.app.catalogue import Catalogue
from emdesk.app.comparison.exploration import Exploration, varied_of
from emdesk.app.comparison.grid import Grid
from emdesk.app.comparison.outcome import Comparison
from emdesk.app.comparison.places import ALL, Place, grid_spec
from emdesk.app.phase import Phase
from emdesk.app.state import AppState, Message, Weight
from emdesk.em.control import RunControl
from emdesk.errors import Cancelled, EMDeskError
from emdesk.gui.fit_worker import step_back
from emdesk.gui.store import Store
from emdesk.gui.walks import Walks
from emdesk.texts import say

FRAME_SECONDS = 0.08
"""Between two announcements: the cells of small data are done faster than they can be looked at."""


class ExploreWorker(QObject):
    """Walks one grid to its end and announces at most one frame at a time.

    `announced(number)`, then one of `ended(number, Comparison)`, `refused(number, EMDeskError)` and
    `crashed(number, report)`. `grid` is there once the models are known, `now` is the cell that is being fitted.
    """

    announced = Signal(int)
    ended = Signal(int, object)
    refused = Signal(int, object)
    crashed = Signal(int, str)

    def __init__(self, wish: Exploration, varied: str, catalogue: Catalogue) -> None:
        super().__init__()
        self._wish, self._varied, self._catalogue = wish, varied, catalogue
        self.control = RunControl()
        self.grid: Grid | None = None
        self.now: Place | None = None
        self._in_flight = False
        self._last = 0.0

    @property
    def number(self) -> int:
        """Of the exploration that it works for."""
        return self._wish.number

    @Slot()
    def walk(self) -> None:
        """The whole grid; it is left early only through the control."""
        number = self._wish.number
        step_back()
        try:
            made = self._walk()
        except Cancelled:
            self.ended.emit(number, None)
        except EMDeskError as problem:
            self.refused.emit(number, problem)
        except Exception:
            self.crashed.emit(number, traceback.format_exc())
        else:
            self.ended.emit(number, made)

    def _walk(self) -> Comparison:
        wish, book = self._wish, self._catalogue
        assert wish.dataset is not None and wish.base is not None
        counts = range(wish.low, wish.high + 1)
        wanted = (ALL,) if self._varied else ()
        spec = grid_spec(wish.base, wish.dataset, book, counts, self._varied, wanted)
        self.grid = Grid(wish.dataset, spec, book, self.control)
        self._announce()
        for step in self.grid.run():
            self.now = step.place
            if time.perf_counter() - self._last > FRAME_SECONDS:
                self._announce()
        return self.grid.comparison()

    def _announce(self) -> None:
        if not self._in_flight:
            self._in_flight = True
            self._last = time.perf_counter()
            self.announced.emit(self._wish.number)

    def painted(self) -> None:
        """The announced frame is on the screen: the next may be announced."""
        self._in_flight = False


class ExplorerController(QObject):
    """Explore, pause, continue and stop. `crashed` carries a report."""

    crashed = Signal(str)

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._walks = Walks("explore", self)
        self._current: ExploreWorker | None = None
        store.changed.connect(self._follow)

    # ------------------------------------------------------------ what a person wants

    def start(self) -> None:
        """Fit the grid that the view asks for; a walk under way is left."""
        state = self._store.state
        if not state.can_explore or state.spec is None:
            return
        self.leave()
        varied = varied_of(state.exploration, state.spec)
        self._store.do(commands.exploration_started)
        state = self._store.state
        wish = state.exploration
        worker = ExploreWorker(wish, varied, state.catalogue)
        queued = Qt.ConnectionType.QueuedConnection
        worker.announced.connect(self._announced, queued)
        worker.ended.connect(self._ended, queued)
        worker.refused.connect(self._refused, queued)
        worker.crashed.connect(self._crashed, queued)
        self._current = worker
        self._walks.begin(wish.number, worker)

    def pause(self) -> None:
        """Wait at the next iteration."""
        if self._current is not None:
            self._current.control.pause()
            self._store.do(commands.set_exploration_phase, Phase.PAUSED)

    def resume(self) -> None:
        """Go on after a pause."""
        if self._current is not None:
            self._current.control.resume()
            self._store.do(commands.set_exploration_phase, Phase.RUNNING)

    def stop(self) -> None:
        """End it; the cells that are done stay."""
        if self._current is not None:
            self._store.do(commands.set_exploration_phase, Phase.STOPPING)
            self._current.control.stop()

    def prefer(self, place: Place) -> None:
        """This cell comes next."""
        if self._current is not None and self._current.grid is not None:
            self._current.grid.prefer(place)

    def leave(self) -> None:
        """Stop the walk under way, if there is one, and hear no more of it."""
        if self._current is not None:
            self._current.control.stop()
            self._current = None

    def close(self) -> None:
        """Stop every walk and wait for the threads."""
        self.leave()
        self._walks.close()

    # ------------------------------------------------------------ what the worker tells

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        current = self._current
        if current is not None and new.exploration.number != current.number:
            self.leave()  # other data are on the desk

    def _is_current(self, number: int) -> bool:
        return self._current is not None and self._current.number == number

    @Slot(int)
    def _announced(self, number: int) -> None:
        current = self._current
        if current is None or current.number != number or current.grid is None:
            return
        grid = current.grid
        self._store.do(
            commands.exploration_advanced, grid.comparison(), current.now, grid.is_filled
        )
        current.painted()

    @Slot(int, object)
    def _ended(self, number: int, made: Comparison | None) -> None:
        self._walks.end(number)
        if self._is_current(number):
            self._current = None
            self._store.do(commands.exploration_ended, made)

    @Slot(int, object)
    def _refused(self, number: int, problem: EMDeskError) -> None:
        self._walks.end(number)
        if self._is_current(number):
            self._current = None
            self._store.do(commands.exploration_refused, problem)

    @Slot(int, str)
    def _crashed(self, number: int, report: str) -> None:
        self._walks.end(number)
        if self._is_current(number):
            self._current = None
            self._store.do(commands.exploration_ended, None)
            what = say("message.run_crashed")
            message = Message(say("explorer.title"), what, say("message.run_again"), Weight.BAD)
            self._store.do(commands.add_message, message)
            self.crashed.emit(report)
