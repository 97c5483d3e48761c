"""Asks for pictures, row tables, summaries and counts in another thread, and puts the answers into the store.

The window's thread never computes anything that grows with the rows. Of each kind only the newest wish is worked on;
answers of an older run, or older than what is shown, are dropped.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from emdesk.app import commands, showing
from emdesk.app.column_summary import ColumnSummary, summarise
from emdesk.app.session import FitSession
from emdesk.app.showing import Moment, Prepared, ShowRequest
from emdesk.app.shown import Outline, Shown
from emdesk.app.state import AppState, Message, Page, Phase, ResultsTab, Setup, model_key
from emdesk.em.control import RunControl
from emdesk.errors import EMDeskError
from emdesk.gui.background import Background
from emdesk.gui.fit_controller import FitController, message_of
from emdesk.gui.store import Store

FRAME_MS = 33
"""The least time between two painted frames."""
SLOW_MS = 300
"""After so long without an answer the panels say that they are being remade."""


class ShowController(QObject):
    """Keeps the pictures in step with the state. `busyChanged` tells when an answer takes long."""

    busyChanged = Signal(bool)

    def __init__(
        self,
        store: Store,
        fits: FitController,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._fits = fits
        self._background = background
        self._number = 0
        self._answered = 0
        self._is_busy = False
        self._wants_thorough = False
        self._thorough = RunControl()
        self._prepared: Prepared | None = None
        self._prepared_for: tuple[object, ...] = ()
        self._slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._slow.timeout.connect(self._say_busy)
        self._frame = QTimer(self, singleShot=True, interval=FRAME_MS)
        self._frame.timeout.connect(self._frame_painted)
        store.changed.connect(self._follow)
        fits.advanced.connect(self._advance)
        background.crashed.connect(self._forget_answers)

    @property
    def is_idle(self) -> bool:
        """Whether everything that was asked for is shown."""
        return self._answered >= self._number and not self._frame.isActive()

    def close(self) -> None:
        """Follow the state no more."""
        self._thorough.stop()
        self._store.changed.disconnect(self._follow)
        self._slow.stop()
        self._frame.stop()

    # ------------------------------------------------------------ wishes

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        if new.dataset is None or new.page is not Page.DESK:
            return
        if old.dataset is not new.dataset or (not new.summaries and not old.summaries):
            self._summarise(old, new)
        key = _setup_key(new.setup)
        if key != self._prepared_for:
            self._prepared_for = key
            self._prepare(new)
        if _looks_otherwise(old, new) and not self._follows_live(new):
            self.request()

    def _summarise(self, old: AppState, new: AppState) -> None:
        if new.dataset is None or (old.dataset is new.dataset and old.page is new.page):
            return
        for column in new.dataset.columns:
            if column.name not in new.summaries:
                kind = ("column", new.run, column.name)
                then = partial(self._take_summary, new.run)
                self._background.ask(kind, partial(summarise, column), then, self._tell)

    def _prepare(self, state: AppState) -> None:
        self._prepared = None
        setup, catalogue = state.setup, state.catalogue

        def job() -> tuple[tuple[object, ...], Prepared, Outline]:
            prepared = showing.prepare(setup, catalogue)
            outline = showing.count_parameters(setup, catalogue, prepared)
            return _setup_key(setup), prepared, outline

        self._background.ask(
            "outline", job, self._take_outline, partial(self._take_setup_problem, _setup_key(setup))
        )

    @staticmethod
    def _follows_live(state: AppState) -> bool:
        return state.phase is Phase.RUNNING and state.cursor is None

    @Slot()
    def _advance(self) -> None:
        """A frame was announced: show it, or let the next one come if another iteration is looked at."""
        if self._store.state.cursor is None:
            self.request()
        else:
            self._frame.start()

    def request(self, thorough: bool = False) -> None:
        """Ask for what the state looks at now; of many rows first a sample, and all of them when nothing else is
        wanted meanwhile."""
        state = self._store.state
        moment, prepared = self._moment(state)
        if prepared is None:
            return
        self._thorough.stop()
        self._thorough = RunControl()
        is_large = moment is not None and prepared.data.rows > showing.ROWS_FOLLOWED_LIVE
        is_quick = self._follows_live(state) or (is_large and not thorough)
        self._number += 1
        named = None if state.is_busy else state.result
        request = ShowRequest(
            run=state.run,
            number=self._number,
            prepared=prepared,
            moment=moment,
            picture=state.picture_view,
            law=state.law_view,
            is_live=is_quick,
            names=named.group_names if named is not None and named.names else (),
            slots=named.colour_slots if named is not None else (),
            wants_rows=state.tab is ResultsTab.ROWS,
            wants_cells=state.tab is ResultsTab.ROWS or state.is_table_open,
            file_rows=_file_rows(state, moment),
        )
        if not self._slow.isActive():
            self._slow.start()
        # only a thorough look is broken off by a newer wish: quick ones would starve while scrubbing
        control = self._thorough if thorough else RunControl()
        self._wants_thorough = is_quick and is_large
        self._background.ask(
            "show",
            partial(showing.show, request, control),
            self._take_shown,
            partial(self._take_show_problem, self._number),
        )

    def _moment(self, state: AppState) -> tuple[Moment | None, Prepared | None]:
        """Which iteration is looked at, and the data it was made with; no data: nothing can be shown yet."""
        result, feed = state.result, self._fits.feed
        if result is not None and not state.is_busy:
            at = state.position if state.position is not None else result.chosen
            return Moment(result.best, at), Prepared(
                result.family, result.data, Setup(result.dataset, None, result.spec)
            )
        if state.group_fits is not None and (feed is None or feed.run != state.run):
            return None, None  # the next group's fit has told nothing yet
        if state.ran is None or feed is None:
            return None, self._prepared
        newest = feed.newest()
        session: FitSession = feed.session
        if newest is None or session.data is None:
            return None, None
        setup = Setup(session.dataset, None, session.spec)
        prepared = Prepared(session.family, session.data, setup)
        if state.cursor is not None:
            return Moment(newest.attempt, min(state.cursor, newest.iteration.index)), prepared
        return Moment(newest.attempt, newest.iteration.index, newest.iteration.params), prepared

    # ------------------------------------------------------------ answers

    def _take_summary(self, run: int, summary: ColumnSummary) -> None:
        if run == self._store.state.run or self._knows(summary):
            self._store.do(commands.summarised, summary)

    def _knows(self, summary: ColumnSummary) -> bool:
        """Whether the summary is of a column of the data on the desk (a run may have begun meanwhile)."""
        dataset = self._store.state.dataset
        return dataset is not None and dataset.has(summary.name) and dataset.rows == summary.rows

    def _take_shown(self, shown: Shown) -> None:
        self._answer_came(shown.number)
        state = self._store.state
        before = state.shown
        if shown.run == state.run and (
            before is None or before.run != shown.run or shown.number > before.number
        ):
            self._store.do(commands.show, shown)
        if self._wants_thorough and shown.number == self._number and not self._is_moving:
            self.request(thorough=True)

    @property
    def _is_moving(self) -> bool:
        """Whether frames come by themselves, or a run needs the processors more than a thorough look."""
        state = self._store.state
        return state.is_playing or state.phase is Phase.RUNNING

    def _take_show_problem(self, number: int, problem: EMDeskError) -> None:
        self._answer_came(number)
        self._tell(problem)

    def _answer_came(self, number: int) -> None:
        self._answered = max(self._answered, number)
        if self._answered >= self._number:
            self._slow.stop()
            self._set_busy(False)
        if not self._frame.isActive():
            self._frame.start()

    def _take_outline(self, answer: tuple[tuple[object, ...], Prepared, Outline]) -> None:
        key, prepared, outline = answer
        if key == self._prepared_for:
            self._prepared = prepared
            self._store.do(commands.outlined, outline, None)
            if self._store.state.ran is None:
                self.request()

    def _take_setup_problem(self, key: tuple[object, ...], problem: EMDeskError) -> None:
        if key == self._prepared_for:
            self._store.do(commands.outlined, None, self._message(problem))

    def _tell(self, problem: EMDeskError) -> None:
        self._store.do(commands.add_message, self._message(problem))

    def _message(self, problem: EMDeskError) -> Message:
        dataset = self._store.state.dataset
        return message_of(problem, dataset.name if dataset is not None else "")

    @Slot()
    def _frame_painted(self) -> None:
        """The frame is on the screen. A run that was paused meanwhile announces nothing more, so look again."""
        self._fits.painted()
        state, feed = self._store.state, self._fits.feed
        newest = feed.newest() if feed is not None else None
        if state.phase is Phase.PAUSED and newest is not None and state.live is not None:
            behind = (state.live.attempt, state.live.iteration) != (
                newest.attempt.index,
                newest.iteration.index,
            )
            if behind:
                self._fits.take_newest()

    @Slot()
    def _say_busy(self) -> None:
        self._set_busy(True)

    def _set_busy(self, busy: bool) -> None:
        if busy != self._is_busy:
            self._is_busy = busy
            self.busyChanged.emit(busy)

    @Slot()
    def _forget_answers(self) -> None:
        """A job ended in something nobody expected: wait for no answer of it."""
        self._answer_came(self._number)


def _file_rows(state: AppState, moment: Moment | None) -> NDArray[np.intp] | None:
    """The rows of the group whose fit is shown, None where all rows of the file are."""
    groups = state.group_fits if moment is not None else None
    part = groups.part if groups is not None else None
    return None if part is None else part.rows


def _setup_key(setup: Setup) -> tuple[object, ...]:
    if setup.spec is None:
        return ()
    return (id(setup.dataset), *model_key(setup.spec))


def _looks_otherwise(old: AppState, new: AppState) -> bool:
    """Whether the pictures of the new state are others than those of the old."""
    return (
        old.picture_view != new.picture_view
        or old.law_view != new.law_view
        or old.position != new.position
        or old.result is not new.result
        or (old.phase is not new.phase and not new.is_busy)
        or (old.is_playing and not new.is_playing)
        or (old.tab is not new.tab and new.tab is ResultsTab.ROWS)
        or (new.is_table_open and not old.is_table_open)
    )
