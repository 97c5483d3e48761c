"""The bar above the desk: open, save, undo, redo; the views; what the run does, and the run group over the form."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolBar, QWidget

from emdesk.app.state import COMPARE_VIEW, AppState, Page, Phase
from emdesk.gui.actions import Actions
from emdesk.gui.panels.explorer.standing import grid_sentence, pill_of_grid
from emdesk.gui.panels.group_chooser import GroupChooser
from emdesk.gui.panels.view_tabs import ViewTabs
from emdesk.gui.store import Store
from emdesk.gui.widgets import IconButton, IconLabel, RunButton, RunState, StatePill, Text
from emdesk.texts import say
from emdesk.texts.numbers import criterion, whole

HEIGHT = 52
LEAST_FOR_TABS = 1000
"""Below this width, in units of 100 %, the tabs of the views become one button with a menu."""


def run_word(state: AppState) -> RunState:
    """Which of its four words the run button shows."""
    phase = state.ruled_phase
    if phase in (Phase.RUNNING, Phase.STOPPING):
        return RunState.PAUSE
    if phase is Phase.PAUSED:
        return RunState.CONTINUE
    return RunState.AGAIN if phase in (Phase.DONE, Phase.FAILED) else RunState.RUN


def pill_of(state: AppState) -> tuple[str, str, str]:
    """Role, word and numbers of the state pill."""
    if state.rules_exploration:
        return pill_of_grid(state)
    numbers = ""
    objective = None
    if state.result is not None and not state.is_busy:
        at = state.result.chosen
        objective = state.result.trace.log_likelihoods[at]
    elif state.live is not None:
        at, objective = state.live.iteration, state.live.objective
    if objective is not None:
        numbers = say("pill.numbers", iteration=whole(at), objective=criterion(objective))
    if state.is_busy and state.live is not None and state.live.attempts > 1:
        start = whole(state.live.attempt + 1)
        numbers = say("pill.start", start=start, starts=whole(state.live.attempts), rest=numbers)
    role, word = {
        Phase.RUNNING: ("accent", "pill.running"),
        Phase.PAUSED: ("warn", "pill.paused"),
        Phase.STOPPING: ("warn", "pill.stopping"),
        Phase.FAILED: ("bad", "pill.failed"),
        Phase.DONE: ("ok", "pill.done"),
        Phase.IDLE: ("text3", "pill.ready"),
    }[state.phase]
    if state.phase is Phase.DONE and state.result is not None and not state.result.converged:
        role = "warn" if state.result.is_sound else "bad"
        word = "pill.done" if state.result.is_sound else "pill.collapsed"
    if state.phase is Phase.IDLE and not state.can_run:
        word = "pill.not_ready"
    return role, say(word), numbers


class TopBar(QToolBar):
    """One fixed bar. The run button tells what it was when it was pressed; a double click never pauses."""

    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(say("bar.name"), parent)
        self.setObjectName("bar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._actions = actions
        inside = QWidget(self)
        inside.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        inside.setFixedHeight(HEIGHT)
        line = QHBoxLayout(inside)
        line.setContentsMargins(8, 0, 0, 0)
        line.setSpacing(2)
        self.buttons: dict[str, IconButton] = {}
        for name in ("open", "save", "undo", "redo"):
            line.addWidget(self._button(name, inside))
        self.views = ViewTabs(store, actions, inside)
        line.addWidget(self.views)
        self.groups = GroupChooser(store, actions, inside)
        line.addWidget(self.groups)
        line.addStretch(1)
        self.pill = StatePill(inside)
        line.addWidget(self.pill)
        line.addSpacing(18)
        self.run_button = RunButton(inside)
        self.run_button.actRequested.connect(lambda _state: actions["run"].trigger())
        line.addWidget(self.run_button)
        line.addSpacing(4)
        for name in ("step", "stop"):
            line.addWidget(self._button(name, inside))
        self.addWidget(inside)
        for action in (actions[n] for n in (*self.buttons, "run")):
            action.changed.connect(self._follow_actions)
        self._follow_actions()
        store.changed.connect(self.render_state)

    def _button(self, name: str, parent: QWidget) -> IconButton:
        deed = next(d for d in self._actions.deeds() if d.id == name)
        button = IconButton(
            deed.icon, deed.label, parent, size=32, clicked=self._actions[name].trigger
        )
        button.setToolTip(f"{deed.label}  {self._actions.shortcut_text(name)}")
        self.buttons[name] = button
        return button

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In little room the views are a menu."""
        super().resizeEvent(event)
        self.views.set_folded(self.width() < LEAST_FOR_TABS)

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        self.pill.set_state(*pill_of(new))
        word = run_word(new)
        if self.run_button.state is not word:
            self.run_button.set_state(word)
        problem = new.form_problems[0][1] if new.form_problems else ""
        if not problem and new.setup_problem is not None:
            problem = f"{new.setup_problem.what}. {new.setup_problem.remedy}"
        self.run_button.setToolTip(problem or self._actions.shortcut_text("run"))

    def _follow_actions(self) -> None:
        for name, button in self.buttons.items():
            button.setEnabled(self._actions[name].isEnabled())
        self.run_button.setEnabled(self._actions["run"].isEnabled())


class StatusLine(QWidget):
    """Rows used, time, speed, what was set aside; at the right the seed."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = Text("", "small", self)
        self.time = Text("", "small", self)
        self.speed = Text("", "small", self)
        self._warning_icon = IconLabel("warning-fill", "warn", 14, self)
        self.warning = Text("", "warning", self)
        self.saved = Text("", "small", self)
        self.seed = Text("", "small", self)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 0, 12, 0)
        line.setSpacing(18)
        for part in (self.rows, self.time, self.speed):
            line.addWidget(part)
        warned = QHBoxLayout()
        warned.setSpacing(6)
        warned.addWidget(self._warning_icon)
        warned.addWidget(self.warning)
        line.addLayout(warned)
        line.addStretch(1)
        line.addWidget(self.saved)
        line.addWidget(self.seed)
        store.changed.connect(self.render_state)

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        for label, text in zip(
            (self.rows, self.time, self.speed, self.warning, self.saved, self.seed),
            status_texts(new),
            strict=True,
        ):
            if label.text() != text:
                label.setText(text)
            label.setVisible(bool(text))
        self._warning_icon.setVisible(not self.warning.isHidden())


def status_texts(state: AppState) -> tuple[str, ...]:
    """Rows used, elapsed, speed, warning, when it was saved, and the seed in words."""
    from emdesk.em.attempts import set_aside_sentence
    from emdesk.texts.numbers import duration

    if state.dataset is None:
        return ("", "", "", "", "", "")
    used = of = state.rows_to_fit
    if state.outline is not None:
        used = min(of, state.outline.rows_used)
    if state.shown is not None and state.ran is not None:
        used = state.shown.rows_used
    rows = say("status.rows_used", used=whole(used), rows=whole(of))
    elapsed = speed = warning = ""
    live, result = state.live, state.result
    if result is not None and not state.is_busy:
        seconds, starts = duration(result.outcome.seconds), len(result.outcome.attempts)
        key = "status.starts_in" if starts > 1 else "status.in"
        elapsed = say(key, starts=whole(starts), seconds=seconds)
        warning = set_aside_sentence(result.outcome) if starts > 1 else ""
    elif live is not None:
        elapsed = duration(live.seconds)
        speed = (
            say("status.watch_pace")
            if state.watch_pace
            else say("status.rows_per_second", rate=_rounded(live.rows_per_second))
        )
    if not warning and used < of:
        from emdesk.texts import say_count

        warning = say_count("status.set_aside", of - used)
    if state.rules_exploration:
        elapsed, speed, warning = grid_sentence(state), "", ""
    elif state.page is Page.DESK and state.view_name == COMPARE_VIEW:
        elapsed, speed, warning = say("pair.matched"), "", ""
    seed = say("status.seed", seed=state.spec.fit.seed) if state.spec is not None else ""
    saved = say("status.not_saved")
    if state.saved is not None:
        key = "status.saved" if state.is_saved else "status.changed"
        saved = say(key, clock=state.saved.clock)
    return rows, elapsed, speed, warning, saved, seed


def _rounded(rate: float) -> str:
    """A rate with two digits that count: a live number that does not flicker."""
    if rate < 100:
        return whole(rate)
    size = 10 ** (len(str(int(rate))) - 2)
    return whole(round(rate / size) * size)
