"""The grid: groups down, a setting or the laws across, a cell for every model."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from emdesk.app.comparison.cells import Cell
from emdesk.app.comparison.exploration import Exploration
from emdesk.app.comparison.outcome import Comparison
from emdesk.app.comparison.places import Place
from emdesk.gui.panels.explorer.cell_painter import CellPainter
from emdesk.gui.panels.explorer.layout import GridLayout, shapes_of
from emdesk.gui.panels.explorer.words import cell_tip, said_cell, variant_label
from emdesk.gui.plots.ringed import RingedWidget
from emdesk.gui.theme import theme
from emdesk.texts import say

CENTRE = int(Qt.AlignmentFlag.AlignCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_STEPS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class ModelGrid(RingedWidget):
    """`placeChosen`, `openRequested` and `markRequested` name a place; so does `placeWanted`, that of a waiting cell
    under the pointer."""

    placeChosen = Signal(object)
    openRequested = Signal(object)
    markRequested = Signal(object)
    placeWanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = Exploration()
        self._strengths: dict[Place, float] = {}
        self._hovered: Place | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self._restyle)

    def sizeHint(self) -> QSize:
        return QSize(640, 420)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 200)

    @property
    def comparison(self) -> Comparison | None:
        """What is shown."""
        return self._shown.comparison

    @property
    def layout_of_cells(self) -> GridLayout | None:
        """Where the cells stand now; None before there is a grid."""
        made = self._shown.comparison
        return None if made is None else GridLayout.of(made.grid, self.width(), self.height())

    def present(self, exploration: Exploration) -> None:
        """Show how far the grid is."""
        before = self._shown
        self._shown = exploration
        if (
            before.comparison is not exploration.comparison
            or before.criterion != exploration.criterion
        ):
            self._strengths = strengths(exploration)
        place = exploration.looked_at
        self.setAccessibleName(say("explorer.grid"))
        self.setAccessibleDescription("" if place is None else said_cell(exploration, place))
        self.update()

    # ------------------------------------------------------------ painting

    @Slot()
    def _restyle(self) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        layout, made = self.layout_of_cells, self._shown.comparison
        if layout is None or made is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cells = CellPainter(painter, theme().tokens)
        self._paint_heads(painter, cells, layout, made)
        best = self._shown.best
        for place in made.grid.places:
            self._paint_cell(cells, layout.cell(place), place, made.cells.get(place), best)
        here = self._shown.looked_at
        if here is not None and here in made.grid.places:
            self._paint_cursor(cells, layout.cell(here), here, best)
        painter.end()

    def _paint_cell(
        self, cells: CellPainter, box: QRectF, place: Place, cell: Cell | None, best: Cell | None
    ) -> None:
        shown = self._shown
        if cell is None:
            cells.waiting(box, place == self._hovered)
        else:
            strength = self._strengths.get(place, 0.0)
            cells.done(box, cell, shown.shown(cell), strength, cell is best)
        if place == shown.now and shown.is_busy and cell is None:
            cells.running(box)
        if best is not None and place == best.place:
            cells.frame(box, theme().tokens.accent, 2.5)
        if place in shown.marked:
            cells.pin(box)

    def _paint_cursor(
        self, cells: CellPainter, box: QRectF, place: Place, best: Cell | None
    ) -> None:
        """Around the cell that is looked at; the ring of the focus for those who came by keyboard."""
        tokens = theme().tokens
        if self.hasFocus() and self._by_keyboard:
            cells.frame(box.adjusted(-2.5, -2.5, 2.5, 2.5), tokens.accent, 2)
        elif best is None or place != best.place:
            cells.frame(box, tokens.text, 1.6)

    def _paint_heads(
        self, painter: QPainter, cells: CellPainter, layout: GridLayout, made: Comparison
    ) -> None:
        tokens, place = theme().tokens, self._shown.looked_at
        first = 0
        for shape, columns in shapes_of(made.grid):
            head = layout.head(first, columns).translated(0, -22)
            words = say(f"explorer.shape.{shape}")
            cells.text(head, words, tokens.text, 600, CENTRE)
            painter.setPen(QPen(QColor(tokens.border), 1))
            line = head.bottom() - 2
            painter.drawLine(QPointF(head.left() + 3, line), QPointF(head.right() - 3, line))
            first += columns
        for column, variant in enumerate(made.grid.variants):
            is_here = place is not None and place.variant == variant
            colour, weight = (tokens.text, 600) if is_here else (tokens.text2, 500)
            label = variant_label(made.grid, variant)
            cells.text(layout.head(column), label, colour, weight, CENTRE)
        for row, count in enumerate(made.grid.counts):
            is_here = place is not None and place.components == count
            colour, weight = (tokens.text, 600) if is_here else (tokens.text2, 500)
            cells.text(layout.number(row), str(count), colour, weight, RIGHT)

    # ------------------------------------------------------------ mouse and keys

    def place_at(self, position: QPointF) -> Place | None:
        """The place under a position of this widget."""
        layout = self.layout_of_cells
        return None if layout is None else layout.place_at(position)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place != self._hovered:
            self._hovered = place
            if place is not None and self._shown.is_busy and self._shown.cell(place) is None:
                self.placeWanted.emit(place)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        place = self.place_at(event.position())
        if place is not None and event.button() is Qt.MouseButton.LeftButton:
            self.placeChosen.emit(place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is not None:
            self.openRequested.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, Home and End go to the edges of the row, Return opens, Space marks."""
        layout, place = self.layout_of_cells, self._shown.looked_at
        if layout is None:
            super().keyPressEvent(event)
            return
        if place is None:
            place = Place(layout.counts[0], layout.variants[0])
        key = event.key()
        if key in _STEPS:
            self._by_keyboard = True
            self.placeChosen.emit(layout.moved(place, *_STEPS[key]))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            far = len(layout.variants) * (1 if key == Qt.Key.Key_End else -1)
            self.placeChosen.emit(layout.moved(place, far, 0))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.openRequested.emit(place)
        elif key == Qt.Key.Key_Space:
            self.markRequested.emit(place)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """The tooltip of the cell under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.place_at(QPointF(event.pos()))
            tip = "" if place is None else cell_tip(self._shown, place)
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)


def strengths(exploration: Exploration) -> dict[Place, float]:
    """How near each sound cell is to the best: 1 there, 0 for the farther quarter of the cells."""
    made = exploration.comparison
    ranked = [] if made is None else made.ranked(exploration.criterion)
    if not ranked:
        return {}
    values = [cell.value(exploration.criterion) for cell in ranked]
    gaps = [abs(value - values[0]) for value in values]
    far = gaps[min(len(gaps) - 1, math.ceil(0.75 * len(gaps)))] or 1.0
    return {
        cell.place: 1.0 - math.sqrt(min(1.0, gap / far))
        for cell, gap in zip(ranked, gaps, strict=True)
    }
