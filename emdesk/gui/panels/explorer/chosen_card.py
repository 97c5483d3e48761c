"""The card of the cell that is looked at: its name, its numbers, and how far it is to be trusted."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from emdesk.app.comparison.cells import Cell
from emdesk.app.comparison.exploration import Exploration
from emdesk.app.comparison.nesting import STRUCTURES
from emdesk.app.comparison.outcome import doubt, long_name_of, name_of
from emdesk.app.comparison.places import Place
from emdesk.gui.panels.explorer.words import difference_lines, doubts, facts, variant_label
from emdesk.gui.widgets import (
    Button,
    Card,
    CovarianceMark,
    SummaryGrid,
    Text,
    Verdict,
    VerdictLine,
)
from emdesk.texts import say, translated


class ChosenCard(Card):
    """`openRequested` and `markRequested` name the place that is looked at, `pairRequested` that of the best and that
    of the runner-up where they are too close to choose."""

    openRequested = Signal(object)
    markRequested = Signal(object)
    pairRequested = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(say("explorer.chosen"), parent=parent)
        self._place: Place | None = None
        self._rival: Place | None = None
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(8)
        self._glyphs: QWidget | None = None
        self._name = Text("", "message", body, wrap=True)
        head.addWidget(self._name, 1)
        self._head = head
        self._meaning = Text("", "small", body, wrap=True)
        self.grid = SummaryGrid(1, body)
        self._against = Text("", "hint", body, wrap=True)
        self.differences = SummaryGrid(1, body)
        self.verdict = VerdictLine(body, wrap=True)
        self.warning = VerdictLine(body, wrap=True)
        self.open = Button(say("explorer.open"), "outline", "arrows-out", body)
        self.mark = Button(say("explorer.mark"), "outline", "push-pin", body)
        self.pair = Button(say("explorer.compare_two"), "outline", "columns", body)
        self.pair.setToolTip(say("explorer.compare_two_help"))
        self.open.setToolTip(say("explorer.open_help"))
        self.mark.setToolTip(say("explorer.mark_help"))
        self.open.clicked.connect(lambda _checked=False: self.openRequested.emit(self._place))
        self.mark.clicked.connect(lambda _checked=False: self.markRequested.emit(self._place))
        self.pair.clicked.connect(lambda _checked=False: self._ask_pair())
        column.addLayout(head)
        column.addWidget(self._meaning)
        column.addWidget(self.grid)
        column.addWidget(self._against)
        column.addWidget(self.differences)
        column.addWidget(self.verdict)
        column.addWidget(self.warning)
        column.addStretch(1)
        acts = QHBoxLayout()
        acts.setSpacing(8)
        acts.addWidget(self.open)
        acts.addWidget(self.pair)
        acts.addWidget(self.mark)
        acts.addStretch(1)
        column.addLayout(acts)
        self.set_body(body)

    def render_exploration(self, exploration: Exploration) -> None:
        """Show the cell that is looked at."""
        made, place = exploration.comparison, exploration.looked_at
        self._place = place
        cell = exploration.cell(place)
        self.open.setEnabled(cell is not None and not cell.refusal)
        self.mark.setEnabled(cell is not None and cell.is_sound and cell.result is not None)
        rival = _rival(exploration, cell)
        self._rival = None if rival is None else rival.place
        self.pair.setVisible(rival is not None)
        self.mark.setVisible(rival is None)
        if made is None or place is None:
            self._name.setText(say("explorer.nothing_chosen"))
            self._show_glyphs("")
            self._meaning.hide()
            self._show_numbers(exploration, None)
            return
        self._name.setText(long_name_of(made.grid, place))
        self._show_glyphs(place.variant if made.grid.varied == STRUCTURES else "")
        self._show_meaning(exploration, place)
        self._show_numbers(exploration, cell)

    def _ask_pair(self) -> None:
        if self._rival is not None:
            self.pairRequested.emit(self._place, self._rival)

    def _show_meaning(self, exploration: Exploration, place: Place) -> None:
        """What the value of the setting means, in the words of the form."""
        made = exploration.comparison
        assert made is not None
        cell, words = exploration.cell(place), ""
        if cell is not None and made.grid.varied:
            bound = next((f for f in cell.spec.fields() if f.name == made.grid.varied), None)
            choice = bound.choice(place.variant) if bound is not None else None
            words = translated(choice.help) if choice is not None else ""
        if not words and made.grid.varied and cell is None:
            words = say("explorer.not_done", name=variant_label(made.grid, place.variant))
        self._meaning.setText(words)
        self._meaning.setVisible(bool(words))

    def _show_glyphs(self, structure: str) -> None:
        if self._glyphs is not None:
            self._glyphs.setParent(None)
            self._glyphs.deleteLater()
            self._glyphs = None
        if len(structure) == 3:
            self._glyphs = CovarianceMark(structure, self)
            self._head.insertWidget(0, self._glyphs)

    def _show_numbers(self, exploration: Exploration, cell: Cell | None) -> None:
        made = exploration.comparison
        lines = facts(exploration, cell) if cell is not None and cell.is_sound else []
        self.grid.setVisible(bool(lines))
        self.grid.set_values([(n, v) for n, v, _ in lines], [t for _, _, t in lines])
        other = exploration.reference
        compared = made is not None and cell is not None and other is not None
        compared = compared and bool(lines)
        self._against.setVisible(compared)
        self.differences.setVisible(compared)
        if compared and made is not None and cell is not None and other is not None:
            name = name_of(made.grid, other.place)
            self._against.setText(say("explorer.against", name=name))
            parts = difference_lines(exploration, cell, other)
            self.differences.set_values([(n, v) for n, v, _ in parts], [t for _, _, t in parts])
        is_marked = exploration.looked_at in exploration.marked
        self.mark.setText(say("explorer.unmark" if is_marked else "explorer.mark"))
        self._tell(exploration, cell)

    def _tell(self, exploration: Exploration, cell: Cell | None) -> None:
        """The runner-up where the best is looked at, and what is wrong with the cell."""
        made = exploration.comparison
        is_best = made is not None and cell is not None and cell is exploration.best
        close = doubt(made, exploration.criterion) if is_best and made is not None else ""
        self.verdict.set_verdict(Verdict.NOTE, close)
        ill = doubts(cell) if cell is not None else []
        bad = cell is not None and not cell.is_sound
        kind = Verdict.COLLAPSED if bad else Verdict.WARNING
        words = ". ".join(part.rstrip(".") for part in ill)
        self.warning.set_verdict(kind, words[:1].upper() + words[1:])


def _rival(exploration: Exploration, cell: Cell | None) -> Cell | None:
    """The runner-up of the best cell where it is too close to choose and both fits are at hand."""
    made = exploration.comparison
    if made is None or cell is None or cell is not exploration.best or cell.result is None:
        return None
    if not doubt(made, exploration.criterion):
        return None
    rival = made.rivals(exploration.criterion)[0][0]
    return rival if rival.result is not None else None
