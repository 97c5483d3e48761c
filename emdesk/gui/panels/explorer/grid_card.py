"""The card with the grid: what is compared, how far it is, the criterion and its sign."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QSpinBox,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from emdesk.app import commands
from emdesk.app.comparison.exploration import (
    MANY_COLLAPSED,
    MOST,
    Exploration,
    criteria_of,
    varied_choices,
    varied_of,
)
from emdesk.app.comparison.places import LAW
from emdesk.app.state import AppState
from emdesk.gui.panels.explorer.cell_painter import draw_mark
from emdesk.gui.panels.explorer.model_grid import ModelGrid
from emdesk.gui.panels.explorer.progress import GridProgress
from emdesk.gui.panels.explorer.words import formula_of, sign_of
from emdesk.gui.store import Store
from emdesk.gui.theme import theme
from emdesk.gui.widgets import Card, ComboBox, ElidedText, SegmentedControl, Text
from emdesk.texts import say

ROOM_FOR_FORMULA = 860
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
    """What is compared is chosen over the grid, by what under it; the run button of the bar begins and halts it."""

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
        line.addWidget(Text(say("explorer.components"), "small", parent))
        line.addWidget(self.low)
        line.addWidget(Text(say("explorer.to"), "small", parent))
        line.addWidget(self.high)
        line.addSpacing(10)
        line.addWidget(Text(say("explorer.across"), "small", parent))
        line.addWidget(self.varied)
        line.addStretch(1)
        self.low.valueChanged.connect(lambda value: self._wish(low=value))
        self.high.valueChanged.connect(lambda value: self._wish(high=value))
        self.varied.activated.connect(lambda at: self._wish(varied=self.varied.itemData(at)))
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
        self.sign = QToolButton(key)
        self.sign.setProperty("kind", "choice")
        self.sign.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.sign.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sign.setAccessibleDescription(say("explorer.criterion"))
        self.definition = ElidedText("", "hint", key)
        agree = ElidedText(say("explorer.key.agree"), "small", key)
        close = ElidedText(say("explorer.key.closer", count=MANY_COLLAPSED), "small", key)
        line.addWidget(self.sign)
        line.addWidget(self.definition)
        line.addStretch(1)
        line.addSpacing(14)
        line.addWidget(_Sample(True, key))
        line.addWidget(agree)
        line.addSpacing(14)
        line.addWidget(_Sample(False, key))
        line.addWidget(close)
        for text in (self.definition, agree, close):
            text.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        return key

    def _fill_menu(self) -> None:
        choice = QMenu(self.sign)
        choice.setToolTipsVisible(True)
        self._offered: dict[str, QAction] = {}
        for name in criteria_of(Exploration()):
            action = choice.addAction(say(f"criteria.{name}"))
            action.setCheckable(True)
            action.setToolTip(say(f"criteria.{name}_is"))
            action.triggered.connect(
                lambda _checked=False, n=name: self._store.do(commands.choose_criterion, n)
            )
            self._offered[name] = action
        choice.addSeparator()
        self.larger = choice.addAction(say("explorer.larger"))
        self.larger.setCheckable(True)
        self.larger.setToolTip(say("explorer.larger_help"))
        self.larger.toggled.connect(self._turn)
        self.sign.setMenu(choice)
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

    def set_empty(self, empty: bool) -> None:
        """Without a grid there is nothing to explain."""
        self._key_line.setVisible(not empty)
        self.progress.setVisible(not empty)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In little room the definition of the criterion stands in the tooltip of its sign alone."""
        super().resizeEvent(event)
        self.definition.setVisible(self.width() >= ROOM_FOR_FORMULA)

    # ------------------------------------------------------------ following the state

    def render_state(self, state: AppState) -> None:
        """Show the grid and what can be done with it."""
        self._is_rendering = True
        try:
            self._render_controls(state)
        finally:
            self._is_rendering = False
        shown = state.exploration
        self.grid.present(shown)
        self.progress.render_exploration(shown)
        self.sign.setText(sign_of(shown))
        self.definition.set_full(formula_of(shown))
        self.sign.setToolTip(self.definition.full)
        for name, action in self._offered.items():
            action.setChecked(name == shown.criterion)

    def _render_controls(self, state: AppState) -> None:
        shown, spec = state.exploration, state.spec
        if self.low.value() != shown.low:
            self.low.setValue(shown.low)
        if self.high.value() != shown.high:
            self.high.setValue(shown.high)
        if spec is not None:
            self._offer(varied_choices(spec), varied_of(shown, spec), state)
        self.criterion.set_value(shown.criterion)
        self.larger.setChecked(shown.larger_is_better)

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
