"""The one table of the window: hairline rows, fixed head and first column, full-precision copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QObject,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from emdesk.gui.theme import theme
from emdesk.gui.tokens import SPACE
from emdesk.gui.widgets.table_cells import CellDelegate
from emdesk.gui.widgets.table_copy import table_mime
from emdesk.gui.widgets.table_head import TableHead
from emdesk.gui.widgets.table_model import TableColumn, TableModel
from emdesk.texts import say

FEW_ROWS = 64
"""So many rows are looked at again with each new content: numbers of a run grow longer."""
MOST_WIDE = 260
"""A column takes no more for itself, unless it says how wide it is."""
_NO_EDIT = QAbstractItemView.EditTrigger.NoEditTriggers


class DataTable(QTableView):
    """A table over a `TableModel`.

    `rowsChosen` carries the row numbers (not positions) selected by hand; `copied` how many rows
    went to the clipboard. `menuOpening` carries a menu that is about to open over a cell, with its row number and
    column, so that others can put their acts into it.
    """

    rowsChosen = Signal(list)
    rowActivated = Signal(int)
    copied = Signal(int)
    menuOpening = Signal(QMenu, int, int)

    def __init__(
        self,
        name: str,
        parent: QWidget | None = None,
        *,
        sortable: bool = True,
        fixed_first: bool = False,
        compact: bool = False,
    ) -> None:
        super().__init__(parent)
        self.table = TableModel(self)
        self.setModel(self.table)
        self.setAccessibleName(name)
        self._row_height = SPACE.compact_row if compact else SPACE.table_row
        _dress(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._sortable = sortable
        head = self.horizontalHeader()
        head.setSortIndicatorClearable(True)
        if sortable:
            head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            self.setSortingEnabled(True)
        self._fixed = _FixedColumn(self) if fixed_first else None
        self._settled_widths: tuple[tuple[str, int, bool, bool], ...] = ()
        self._own_widths: list[int] = []
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._context_menu)
        self.selectionModel().selectionChanged.connect(self._tell_selection)
        self.activated.connect(self._activate)
        theme().changed.connect(self._set_heights)
        self._set_heights()

    def set_table(self, columns: Sequence[TableColumn], rows: int) -> None:
        """Show these columns; widths set by hand, scroll and selection stay while titles stay."""
        heads = tuple((c.title, c.width, c.aside is not None, c.mark is not None) for c in columns)
        self.table.set_table(columns, rows)
        if heads != self._settled_widths:
            self._settled_widths = heads
            self._fit_columns()
            if self.table.sorted_by < 0 and self._sortable:
                self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        elif rows <= FEW_ROWS:
            self._widen_columns()
        if any(column.editable for column in columns):
            self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        if self._fixed is not None:
            self._fixed.follow()

    def on_edit(self, edited: Callable[[int, int, str], object]) -> None:
        """Who hears of text typed into an editable column: row, column, text."""
        self.table.on_edit(edited)

    def chosen_rows(self) -> list[int]:
        """The selected row numbers, in the order of the table."""
        return [self.table.source_row(position) for position in self._selected_positions()]

    def choose_rows(self, rows: Sequence[int]) -> None:
        """Select these rows without telling, and show the first."""
        blocked = self.blockSignals(True)
        self.clearSelection()
        positions = self.table.positions_of(rows)
        chosen = QItemSelection()
        ends = np.flatnonzero(np.diff(positions) > 1)
        for block in np.split(positions, ends + 1) if len(positions) else []:
            first, last = self.table.index(int(block[0]), 0), self.table.index(int(block[-1]), 0)
            chosen.append(QItemSelectionRange(first, last))
        select = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(chosen, select.Select | select.Rows)
        if len(positions):
            self.scrollTo(self.table.index(int(positions[0]), 0))
        self.blockSignals(blocked)

    def copy(self) -> int:
        """Put the selection, or all, on the clipboard as TSV and HTML; returns how many rows."""
        positions = self._selected_positions() or range(self.table.rowCount())
        columns = [c for c in range(self.table.columnCount()) if not self.isColumnHidden(c)]
        QGuiApplication.clipboard().setMimeData(table_mime(self.table, positions, columns))
        self.copied.emit(len(positions))
        return len(positions)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Copy)
        ):
            event.accept()  # a copy key of the window must not reach past the focused table
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            event.accept()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fixed is not None:
            self._fixed.follow()

    def _selected_positions(self) -> list[int]:
        places: set[int] = set()
        for block in self.selectionModel().selection().toList():
            places.update(range(block.top(), block.bottom() + 1))
        return sorted(places)

    def _fit_columns(self) -> None:
        """Every column as wide as what is in it."""
        self._own_widths = self._natural_widths()
        for place, width in enumerate(self._own_widths):
            self.setColumnWidth(place, width)

    def _widen_columns(self) -> None:
        """Room for what has become longer, except in columns whose width was set by hand."""
        for place, width in enumerate(self._natural_widths()):
            if width > self._own_widths[place] == self.columnWidth(place):
                self._own_widths[place] = width
                self.setColumnWidth(place, width)

    def _natural_widths(self) -> list[int]:
        widths = []
        metrics = self.horizontalHeader().fontMetrics()
        for place, column in enumerate(self.table.columns):
            words = max((metrics.horizontalAdvance(w) for w in column.title.split("\n")), default=0)
            shown = 0
            for position in self._sample_positions():
                text = column.shown(self.table.value(position, place))
                text += column.aside(position) if column.aside else ""
                shown = max(shown, metrics.horizontalAdvance(text))
            room = 26 if column.group else 0
            room += 60 if column.fraction else 0
            room += 12 if column.mark else 0
            sort_arrow = 20 if column.sort_keys else 0
            natural = max(44, words + 20 + sort_arrow, shown + 20 + room)
            widths.append(column.width or min(MOST_WIDE, natural))
        return widths

    def _sample_positions(self) -> list[int]:
        # a few rows from the whole length: the last row number is longer than the first
        rows = self.table.rowCount()
        spread = {rows * part // 24 for part in range(24)} if rows else set()
        return sorted(spread | set(range(min(24, rows))) | {max(0, rows - 1)} if rows else spread)

    def _set_heights(self) -> None:
        height = theme().px(self._row_height)
        self.verticalHeader().setDefaultSectionSize(height)
        if self._fixed is not None:
            self._fixed.verticalHeader().setDefaultSectionSize(height)

    def _tell_selection(self) -> None:
        self.rowsChosen.emit(self.chosen_rows())

    def _activate(self, index: QModelIndex) -> None:
        self.rowActivated.emit(self.table.source_row(index.row()))

    def _context_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        key = "copy.selection" if self.selectionModel().hasSelection() else "copy.all"
        act = menu.addAction(say(key))
        act.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        act.triggered.connect(lambda _checked=False: self.copy())
        index = self.indexAt(place)
        if index.isValid():
            self.menuOpening.emit(menu, self.table.source_row(index.row()), index.column())
        menu.popup(self.viewport().mapToGlobal(place))


def _dress(view: QTableView) -> None:
    """What every table has in common."""
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setItemDelegate(CellDelegate(view))
    view.setEditTriggers(_NO_EDIT)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setCornerButtonEnabled(False)
    view.setTabKeyNavigation(False)
    view.setMouseTracking(True)
    view.verticalHeader().hide()
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    view.setHorizontalHeader(TableHead(view))


class _FixedColumn(QTableView):
    """The first column once more, lying over the table, so that it stays while the rest scrolls."""

    def __init__(self, table: DataTable) -> None:
        super().__init__(table)
        self._table = table
        self.setModel(table.table)
        self.setSelectionModel(table.selectionModel())
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        _dress(self)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        self.verticalScrollBar().valueChanged.connect(table.verticalScrollBar().setValue)
        table.horizontalHeader().sectionResized.connect(self.follow)
        table.horizontalHeader().geometriesChanged.connect(self.follow)
        table.horizontalScrollBar().valueChanged.connect(self.follow)
        table.viewport().installEventFilter(self)

    def follow(self) -> None:
        """Take the place of the table's first column; be there only while the table is scrolled."""
        for column in range(self._table.table.columnCount()):
            self.setColumnHidden(column, column != 0)
        self.setColumnWidth(0, self._table.columnWidth(0))
        self.horizontalHeader().setFixedHeight(self._table.horizontalHeader().height())
        frame = self._table.frameWidth()
        height = self._table.viewport().height() + self._table.horizontalHeader().height()
        self.setGeometry(frame, frame, self._table.columnWidth(0), height)
        self.setVisible(self._table.horizontalScrollBar().value() > 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.follow()
        return False
