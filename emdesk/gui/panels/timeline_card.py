"""The timeline: walk through the iterations, replay them, follow the run, keep one."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from emdesk.app import commands
from emdesk.app.course import course_of
from emdesk.app.state import AppState
from emdesk.gui.actions import Actions
from emdesk.gui.icons import icon
from emdesk.gui.plots.timeline_track import MarkKind, TimelineMark, TimelineTrack
from emdesk.gui.store import Store
from emdesk.gui.widgets import Button, IconButton, restyle, tooltip_text
from emdesk.texts import say

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
WALK = (
    ("first", "skip-back"),
    ("back", "caret-left"),
    ("play", "play"),
    ("forward", "caret-right"),
    ("last", "skip-forward"),
)
ITERATIONS_A_SECOND = 8.0
QUICK_REPLAY_SECONDS = 2.0
"""How long the replay of a fit lasts that was too quick to watch."""
TICK_MS = 33


class Replay:
    """Which iteration a replay has come to, from how long it has run."""

    def __init__(self) -> None:
        self._from = 0
        self._since = 0.0
        self._speed = 1.0

    def begin(self, at: int, speed: float) -> None:
        self._from, self._since, self._speed = at, time.perf_counter(), speed

    def position(self) -> int:
        passed = time.perf_counter() - self._since
        return self._from + int(passed * ITERATIONS_A_SECOND * self._speed)


class TimelineCard(QFrame):
    """First, back, play, forward, last, speed, the track, Live, Keep."""

    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(say("panel.timeline"))
        self.setFixedHeight(62)
        self._store = store
        self._actions = actions
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._replay = Replay()
        self._gains: tuple[object, object] = (None, np.empty(0))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(2)
        self.buttons = {name: self._button(name, picture) for name, picture in WALK}
        for button in self.buttons.values():
            layout.addWidget(button)
        self.speed = QToolButton(self)
        self._make_speed_menu()
        layout.addWidget(self.speed)
        self.pace = IconButton("gauge", actions["watch_pace"].text(), self, size=28)
        self.pace.setCheckable(True)
        self.pace.clicked.connect(lambda _checked=False: actions["watch_pace"].trigger())
        self.pace.setToolTip(tooltip_text(actions["watch_pace"].text(), say("timeline.pace_help")))
        layout.addWidget(self.pace)
        layout.addSpacing(8)
        self.track = TimelineTrack(self)
        self.track.scrubbed.connect(self._scrub)
        layout.addWidget(self.track, 1)
        layout.addSpacing(8)
        self.live = Button(say("timeline.live"), "quiet", "", self)
        self.live.clicked.connect(lambda _checked=False: store.do(commands.scrub, None))
        self.keep = Button(say("timeline.keep"), "quiet", "push-pin", self)
        self.keep.clicked.connect(lambda _checked=False: actions["keep"].trigger())
        self.keep.setToolTip(tooltip_text(say("timeline.keep"), say("timeline.keep_help")))
        layout.addWidget(self.live)
        layout.addWidget(self.keep)
        store.changed.connect(self.render_state)
        actions["keep"].changed.connect(self._follow_actions)
        self._follow_actions()

    def _button(self, name: str, picture: str) -> IconButton:
        action = self._actions[name]
        button = IconButton(picture, action.text(), self, size=28, clicked=action.trigger)
        button.setToolTip(f"{action.text()}  {self._actions.shortcut_text(name)}")
        return button

    def _make_speed_menu(self) -> None:
        self.speed.setProperty("kind", "choice")
        self.speed.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setAccessibleName(say("timeline.speed"))
        menu = QMenu(self.speed)
        for speed in SPEEDS:
            act = menu.addAction(_times(speed))
            act.triggered.connect(
                lambda _checked=False, s=speed: self._store.do(commands.set_speed, s)
            )
        self.speed.setMenu(menu)
        self.speed.setText(_times(1.0))
        self.speed.setToolTip(tooltip_text(say("timeline.speed"), say("timeline.speed_help")))

    def sizeHint(self) -> QSize:
        return QSize(560, 62)

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        if (
            old.live is not new.live
            or old.result is not new.result
            or old.position != new.position
            or old.phase is not new.phase
        ):
            self._render_track(new)
        if old.speed != new.speed:
            self.speed.setText(_times(new.speed))
        self.pace.setChecked(new.watch_pace)
        following = new.is_busy and new.cursor is None
        self.live.setVisible(new.is_busy)
        self.live.setText(say("timeline.live" if following else "timeline.go_to_live"))
        if self.live.property("live") != following:
            self.live.setProperty("live", following)
            self.live.setEnabled(not following)
            restyle(self.live)
        self._follow_actions()
        self._follow_play(old, new)

    def _render_track(self, state: AppState) -> None:
        key = (state.live, state.result) if state.is_busy else state.result
        if self._gains[0] is not key or key is None:
            course = course_of(state)
            self._gains = (key, course.gains if course is not None else np.empty(0))
        gains = self._gains[1]
        assert isinstance(gains, np.ndarray)
        marks = []
        if state.result is not None and not state.is_busy:
            kind = MarkKind.STOPPED if state.result.is_sound else MarkKind.SENTINEL
            marks.append(TimelineMark(state.result.chosen, kind))
        span = int(1.25 * len(gains)) if state.is_busy else 0
        self.track.present(gains, state.position or 0, span=span, marks=marks)

    def _follow_actions(self) -> None:
        for name, button in self.buttons.items():
            button.setEnabled(self._actions[name].isEnabled())
        self.keep.setEnabled(self._actions["keep"].isEnabled())

    def _follow_play(self, old: AppState, new: AppState) -> None:
        if new.is_playing == old.is_playing and new.speed == old.speed:
            return
        self.buttons["play"].setIcon(icon("pause" if new.is_playing else "play"))
        if new.is_playing:
            speed = new.speed
            if new.is_quick_replay and new.last_iteration is not None:
                speed = new.last_iteration / (ITERATIONS_A_SECOND * QUICK_REPLAY_SECONDS)
            self._replay.begin(new.position or 0, speed)
            self._timer.start()
        else:
            self._timer.stop()
        if new.is_quick_replay != old.is_quick_replay:
            self._listen(new.is_quick_replay)

    def _listen(self, on: bool) -> None:
        """Hear every key while a replay that nobody asked for goes on."""
        program = QApplication.instance()
        assert program is not None
        if on:
            program.installEventFilter(self)
        else:
            program.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Any key ends a replay that began by itself, before it does what it does; Space halts it where it is."""
        is_shortcut = event.type() == QEvent.Type.ShortcutOverride
        halts = is_shortcut and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
        if not halts and (is_shortcut or event.type() == QEvent.Type.KeyPress):
            self._store.do(commands.end_quick_replay)
        return False

    def _scrub(self, iteration: int) -> None:
        self._store.do(commands.look_at, iteration)

    @Slot()
    def _tick(self) -> None:
        """Each tick of a replay goes to where it should be by now."""
        last = self._store.state.last_iteration
        at = self._replay.position()
        if self._store.state.is_quick_replay and (last is None or at >= last):
            self._store.do(commands.end_quick_replay)
        elif last is None or at >= last:
            self._store.do(commands.scrub, last)
            self._store.do(commands.play, False)
        else:
            self._store.do(commands.scrub, at)


def _times(speed: float) -> str:
    fractions = {0.25: "¼", 0.5: "½"}
    return f"{fractions.get(speed, f'{speed:g}')}×"
