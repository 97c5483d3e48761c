"""The card with the grid: what is compared, how far it is, the criterion and its sign."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QSpinBox,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from emdesk.app import commands
from emdesk.app.comparison.exploration import (
    MANY_COLLAPSED,
    MOST,
    Exploration,
    Stage,
    can_explore,
    criteria_of,
    varied_choices,
    varied_of,
)
from emdesk.app.comparison.places import LAW
from emdesk.app.state import AppState
from emdesk.gui.panels.explorer.cell_painter import draw_mark
from emdesk.gui.panels.explorer.model_grid import ModelGrid
from emdesk.gui.panels.explorer.progress import GridProgress
from emdesk.gui.panels.explorer.words import sign_of
from emdesk.gui.store import Store
from emdesk.gui.theme import theme
from emdesk.gui.widgets import Button, Card, ComboBox, ElidedText, SegmentedControl, Text
from emdesk.texts import say

IN_FRONT = ("bic", "icl", "aic", "log_likelihood")


class _Sample(QWidget):
    """The bar or the triangle of the key under the grid."""

    def __init__(self, is_bar: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._is_bar = is_bar
        self.setFixedSize(QSize(30 if is_bar else 10, 12))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme().tokens
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._is_bar:
            draw_mark(painter, QPointF(5, 6), tokens)
            return
        painter.fillRect(0, 5, 30, 3, tokens.border)
        painter.fillRect(0, 5, 20, 3, tokens.text2)


class GridCard(Card):
    """`exploreRequested`, `pauseRequested`, `resumeRequested`, `stopRequested`, `exportRequested`."""

    exploreRequested = Signal()
    pauseRequested = Signal()
    resumeRequested = Signal()
    stopRequested = Signal()
    exportRequested = Signal()

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(say("explorer.title"), parent=parent)
        self._store = store
        self._is_rendering = False
        self.progress = GridProgress(self)
        self.criterion = SegmentedControl(
            [(name, say(f"explorer.short.{name}")) for name in IN_FRONT],
            say("explorer.criterion"),
            self,
        )
        self.criterion.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.slot.addWidget(self.progress)
        self.slot.addWidget(self.criterion)
        self.grid = ModelGrid()
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._controls(body))
        self.place = QStackedLayout()
        self.place.addWidget(self.grid)
        column.addLayout(self.place, 1)
        self._key_line = self._key(body)
        column.addWidget(self._key_line)
        self.set_body(body)
        self._fill_menu()
        self.criterion.chosen.connect(lambda name: store.do(commands.choose_criterion, name))
        self.grid.placeChosen.connect(lambda place: store.do(commands.choose_cell, place))
        self.grid.markRequested.connect(lambda place: store.do(commands.mark_cell, place))

    def _controls(self, parent: QWidget) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(8)
        self.low, self.high = self._spin(parent, "from"), self._spin(parent, "last")
        self.varied = ComboBox(say("explorer.across"), parent)
        self.varied.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.varied.setMinimumWidth(150)
        self.act = Button(say("explorer.explore"), "outline", "play", parent)
        self.stop = Button(say("explorer.stop"), "quiet", "stop", parent)
        line.addWidget(Text(say("explorer.components"), "small", parent))
        line.addWidget(self.low)
        line.addWidget(Text(say("explorer.to"), "small", parent))
        line.addWidget(self.high)
        line.addSpacing(10)
        line.addWidget(Text(say("explorer.across"), "small", parent))
        line.addWidget(self.varied)
        line.addSpacing(10)
        line.addWidget(self.act)
        line.addWidget(self.stop)
        line.addStretch(1)
        self.low.valueChanged.connect(lambda value: self._wish(low=value))
        self.high.valueChanged.connect(lambda value: self._wish(high=value))
        self.varied.activated.connect(lambda at: self._wish(varied=self.varied.itemData(at)))
        self.act.clicked.connect(lambda _checked=False: self._act())
        self.stop.clicked.connect(lambda _checked=False: self.stopRequested.emit())
        return line

    @staticmethod
    def _spin(parent: QWidget, which: str) -> QSpinBox:
        spin = QSpinBox(parent)
        spin.setRange(1, MOST)
        spin.setFixedWidth(70)
        spin.setKeyboardTracking(False)
        spin.setAccessibleName(say(f"explorer.{which}"))
        return spin

    def _key(self, parent: QWidget) -> QWidget:
        key = QWidget(parent)
        line = QHBoxLayout(key)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(7)
        self.sign = Text("", "small", key)
        closer = say("explorer.key.closer", count=MANY_COLLAPSED)
        line.addWidget(self.sign)
        line.addSpacing(14)
        line.addWidget(_Sample(True, key))
        line.addWidget(ElidedText(say("explorer.key.agree"), "small", key), 2)
        line.addSpacing(14)
        line.addWidget(_Sample(False, key))
        line.addWidget(ElidedText(closer, "small", key), 4)
        return key

    def _fill_menu(self) -> None:
        for name in criteria_of(Exploration()):
            action = self.menu.addAction(say(f"criteria.{name}"))
            action.setToolTip(say(f"criteria.{name}_is"))
            action.triggered.connect(
                lambda _checked=False, n=name: self._store.do(commands.choose_criterion, n)
            )
        self.menu.setToolTipsVisible(True)
        self.menu.addSeparator()
        self.larger = self.menu.addAction(say("explorer.larger"))
        self.larger.setCheckable(True)
        self.larger.setToolTip(say("explorer.larger_help"))
        self.larger.toggled.connect(self._turn)
        self.menu.addSeparator()
        export = self.menu.addAction(say("explorer.export"))
        export.triggered.connect(lambda _checked=False: self.exportRequested.emit())

    def _turn(self, on: bool) -> None:
        if not self._is_rendering:
            self._store.do(commands.choose_criterion, None, on)

    def _wish(
        self, low: int | None = None, high: int | None = None, varied: str | None = None
    ) -> None:
        if not self._is_rendering:
            self._store.do(commands.explore_what, low, high, varied)

    def _act(self) -> None:
        stage = self._store.state.exploration.stage
        if stage is Stage.RUNNING:
            self.pauseRequested.emit()
        elif stage is Stage.PAUSED:
            self.resumeRequested.emit()
        else:
            self.exploreRequested.emit()

    def set_empty(self, empty: bool) -> None:
        """Without a grid there is nothing to explain, and the empty place has the button."""
        self._key_line.setVisible(not empty)
        self.act.setVisible(not empty)
        self.progress.setVisible(not empty)

    # ------------------------------------------------------------ following the state

    def render_state(self, state: AppState) -> None:
        """Show the grid and what can be done with it."""
        self._is_rendering = True
        try:
            self._render_controls(state)
        finally:
            self._is_rendering = False
        shown = state.exploration
        self.grid.render(shown)
        self.progress.render_exploration(shown)
        self.sign.setText(sign_of(shown))
        self.sign.setToolTip(say(f"criteria.{shown.criterion}_is"))

    def _render_controls(self, state: AppState) -> None:
        shown, spec = state.exploration, state.spec
        if self.low.value() != shown.low:
            self.low.setValue(shown.low)
        if self.high.value() != shown.high:
            self.high.setValue(shown.high)
        if spec is not None:
            self._offer(varied_choices(spec), varied_of(shown, spec), state)
        if shown.criterion in IN_FRONT:
            self.criterion.set_value(shown.criterion)
        self.larger.setChecked(shown.larger_is_better)
        word = {Stage.RUNNING: "pause", Stage.PAUSED: "resume"}.get(shown.stage, "explore")
        if shown.stage is Stage.DONE:
            word = "again"
        self.act.setText(say(f"explorer.{word}"))
        self.act.set_icon_name("pause" if word == "pause" else "play")
        ready = can_explore(spec, state.catalogue) and not state.form_problems
        self.act.setEnabled(shown.stage is not Stage.STOPPING and (ready or shown.is_busy))
        self.stop.setEnabled(shown.stage in (Stage.RUNNING, Stage.PAUSED))
        self.stop.setVisible(shown.is_busy)

    def _offer(self, choices: tuple[str, ...], chosen: str, state: AppState) -> None:
        there = tuple(self.varied.itemData(i) for i in range(self.varied.count()))
        if there != choices:
            self.varied.clear()
            for name in choices:
                self.varied.addItem(_label(name, state), name)
        at = choices.index(chosen)
        if self.varied.currentIndex() != at:
            self.varied.setCurrentIndex(at)


def _label(name: str, state: AppState) -> str:
    """A setting by its label in the form."""
    if not name:
        return say("explorer.nothing")
    if name == LAW:
        return say("model.law")
    assert state.spec is not None
    return next(f.label for f in state.spec.fields() if f.name == name)
