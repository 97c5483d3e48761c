"""The model behind every table: columns that compute a cell only when it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from emdesk.texts import say
from emdesk.texts.numbers import short

Index = QModelIndex | QPersistentModelIndex
Cell = float | int | str | bool | None

VALUE = Qt.ItemDataRole.UserRole  # the raw value of the cell
GROUP = Qt.ItemDataRole.UserRole + 1  # slot of the group mark before the text, or None
ASIDE = Qt.ItemDataRole.UserRole + 2  # a quieter text after the number, such as an interval
FRACTION = Qt.ItemDataRole.UserRole + 3  # length of a bar behind the cell, 0 to 1
TINT = Qt.ItemDataRole.UserRole + 4  # token role of tint and ink, such as "warn"
WEIGHT = Qt.ItemDataRole.UserRole + 5  # font weight
MARK = Qt.ItemDataRole.UserRole + 6  # icon before the text, such as a pin, or ""
STRONG = 600
ITALIC = Qt.ItemDataRole.UserRole + 7  # whether the text is slanted


@dataclass(frozen=True)
class TableColumn:
    """One column of a table, computed cell by cell.

    `cell(row)` is the raw value (copied with all its digits); `text(value)` is what is shown. The
    others add a group mark, a quieter text, a bar, a tint, an icon, slanted or strong letters, a tooltip to single
    cells by row. `key` says what the column is about to whoever made it.
    `sort_keys()` gives the values of all rows (n,) and makes the column sortable.
    """

    title: str
    cell: Callable[[int], Cell]
    text: Callable[[Any], str] | None = None
    numeric: bool = True
    tooltip: str = ""
    width: int = 0
    group: Callable[[int], int | None] | None = None
    aside: Callable[[int], str] | None = None
    fraction: Callable[[int], float] | None = None
    tint: Callable[[int], str] | None = None
    weight: int = 400
    hint: Callable[[int], str] | None = None
    sort_keys: Callable[[], NDArray[Any]] | None = None
    editable: bool = False
    mark: Callable[[int], str] | None = None
    italic: Callable[[int], bool] | None = None
    strong: Callable[[int], bool] | None = None
    key: object = None

    def shown(self, value: Cell) -> str:
        """What stands in the cell."""
        if value is None or (isinstance(value, float) and value != value):
            return say("table.missing")
        if self.text is not None:
            return self.text(value)
        return short(value) if isinstance(value, float) else str(value)


def full(value: Cell) -> str:
    """The value with all its digits and an ASCII minus, for the clipboard."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float):
        return repr(float(value))
    return str(value)


class TableModel(QAbstractTableModel):
    """Rows by number over `TableColumn`s; nothing is copied, so a million rows cost nothing."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[TableColumn, ...] = ()
        self._rows = 0
        self._order: NDArray[np.intp] | None = None
        self._sorted: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)
        self._edited: Callable[[int, int, str], object] | None = None

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """The columns shown."""
        return self._columns

    def set_table(self, columns: Sequence[TableColumn], rows: int) -> None:
        """Show these columns; while titles and count of rows stay, so does the selection.

        With the same titles the order chosen by the person stays too.
        """
        titles = [column.title for column in columns]
        same_titles = titles == [column.title for column in self._columns]
        if same_titles and rows == self._rows:
            self._columns = tuple(columns)
            if self._order is not None:
                self.sort(*self._sorted)
            if rows and columns:
                last = self.index(rows - 1, len(columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._columns, self._rows = tuple(columns), rows
        if not same_titles:
            self._sorted = (-1, Qt.SortOrder.AscendingOrder)
        self._sort()
        self.endResetModel()

    @property
    def sorted_by(self) -> int:
        """The column that gives the order, -1 for none."""
        return self._sorted[0]

    def on_edit(self, edited: Callable[[int, int, str], object]) -> None:
        """Who hears of text typed into an editable column: row, column, text."""
        self._edited = edited

    def source_row(self, position: int) -> int:
        """The row number that stands at a position of the sorted table."""
        return position if self._order is None else int(self._order[position])

    def positions_of(self, rows: Sequence[int]) -> NDArray[np.intp]:
        """Where these rows stand in the sorted table, from top to bottom."""
        wanted = np.asarray(rows, dtype=np.intp)
        if self._order is None:
            return np.sort(wanted)
        return np.flatnonzero(np.isin(self._order, wanted))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def value(self, position: int, column: int) -> Cell:
        """The raw value at a place of the table."""
        return self._columns[column].cell(self.source_row(position))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column, row = self._columns[index.column()], self.source_row(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return column.shown(column.cell(row))
        if role in (VALUE, Qt.ItemDataRole.EditRole):
            return column.cell(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            told = column.hint(row) if column.hint else ""
            return told or full(column.cell(row))
        if role == WEIGHT:
            return STRONG if column.strong is not None and column.strong(row) else column.weight
        by_row: dict[int, Callable[[int], Any] | None] = {
            GROUP: column.group,
            ASIDE: column.aside,
            FRACTION: column.fraction,
            TINT: column.tint,
            MARK: column.mark,
            ITALIC: column.italic,
        }
        compute = by_row.get(role)
        return compute(row) if compute else None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return section + 1 if role == Qt.ItemDataRole.DisplayRole else None
        if not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tooltip or column.title.replace("\n", " ")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignBottom
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid() and self._columns[index.column()].editable:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or self._edited is None:
            return False
        self._edited(self.source_row(index.row()), index.column(), str(value))
        return True

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if column >= 0 and self._columns[column].sort_keys is None:
            return
        self.layoutAboutToBeChanged.emit()
        before = self._order
        kept = [(index, self._row_under(before, index.row())) for index in self._persistent()]
        self._sorted = (column, order)
        self._sort()
        for index, row in kept:
            position = row if self._order is None else int(np.flatnonzero(self._order == row)[0])
            self.changePersistentIndex(index, self.index(position, index.column()))
        self.layoutChanged.emit()

    def _persistent(self) -> list[QModelIndex]:
        # a selection of very many rows is not followed through a sort: it would take seconds
        held = self.persistentIndexList()
        return held if len(held) <= 10_000 else []

    @staticmethod
    def _row_under(order: NDArray[np.intp] | None, position: int) -> int:
        return position if order is None else int(order[position])

    def _sort(self) -> None:
        column, direction = self._sorted
        keys = self._columns[column].sort_keys if 0 <= column < len(self._columns) else None
        if keys is None:
            self._order = None
            return
        order = np.argsort(keys(), kind="stable")
        down = direction is Qt.SortOrder.DescendingOrder
        self._order = (order[::-1] if down else order).astype(np.intp)
