"""The table of the import dialog: cells as they were read, under heads with a list of kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from emdesk.gui.dialogs.import_sheet import CellState, HeadSheet, Sheet, SheetColumn
from emdesk.gui.theme import RADIUS, SPACE, TYPE, font, theme
from emdesk.model.dataset import Kind
from emdesk.texts import say, say_count

STATE = Qt.ItemDataRole.UserRole
MARGIN = 10
LEAST_COLUMN = 114
Index = QModelIndex | QPersistentModelIndex


class QuietCombo(QComboBox):
    """A list that the mouse wheel scrolls past instead of changing it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class SheetModel(QAbstractTableModel):
    """A Sheet for a table view."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sheet: Sheet = HeadSheet()

    def set_sheet(self, sheet: Sheet) -> None:
        """Show other cells."""
        self.beginResetModel()
        self.sheet = sheet
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self.sheet.rows

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.sheet.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            text, state = self.sheet.cell(index.row(), index.column())
            if role == Qt.ItemDataRole.DisplayRole or state is CellState.VALUE:
                return text
            return say("import.refused_tip", text=text) if state is CellState.REFUSED else text
        if role == STATE:
            return self.sheet.cell(index.row(), index.column())[1]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return side_of(self.sheet.columns[index.column()]) | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            return self.sheet.columns[section].name
        line = self.sheet.line(section)
        return "" if line is None else str(line)


def side_of(column: SheetColumn) -> Qt.AlignmentFlag:
    """Numbers stand at the right, text at the left."""
    is_text = column.kind is not None and not column.is_numeric
    return Qt.AlignmentFlag.AlignLeft if is_text else Qt.AlignmentFlag.AlignRight


class SheetCell(QStyledItemDelegate):
    """Paints a cell: missing ones in italics, unreadable ones on amber."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = theme().tokens
        state = index.data(STATE)
        area = QRectF(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(tokens.soft))
        painter.fillRect(area.adjusted(0, area.height() - 1, 0, 0), QColor(tokens.grid))
        ink, face = tokens.text, font(TYPE.small)
        if state is CellState.REFUSED:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.warn_tint))
            painter.drawRoundedRect(area.adjusted(4, 0, -4, -1), RADIUS.inner, RADIUS.inner)
            ink, face = tokens.warn, font(TYPE.small, 600)
        elif state is CellState.MISSING:
            ink, face = tokens.text3, font(TYPE.small, italic=True)
        painter.setFont(face)
        painter.setPen(QColor(ink))
        inner = area.adjusted(MARGIN, 0, -MARGIN - (4 if state is CellState.REFUSED else 0), 0)
        text = QFontMetrics(face).elidedText(
            index.data(), Qt.TextElideMode.ElideRight, int(inner.width())
        )
        painter.drawText(inner, index.data(Qt.ItemDataRole.TextAlignmentRole), text)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(tokens.accent))
            painter.drawRect(area.adjusted(0.5, 0.5, -1.5, -1.5))
        painter.restore()


class KindHeader(QHeaderView):
    """Name, kind and missing count over each column. Only columns in view have a list of kinds."""

    kindChosen = Signal(str, object)

    def __init__(self, table: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table = table
        self._columns: tuple[SheetColumn, ...] = ()
        self._boxes: dict[int, QuietCombo] = {}
        self._is_held = False
        self.setSectionsClickable(False)
        self.setMinimumSectionSize(theme().px(LEAST_COLUMN))
        self.sectionResized.connect(self.place)
        table.horizontalScrollBar().valueChanged.connect(self.place)

    def box(self, section: int) -> QComboBox:
        """The list of kinds of a column that is in view."""
        return self._boxes[section]

    def set_columns(self, columns: Sequence[SheetColumn]) -> None:
        """Show other heads."""
        same = [c.name for c in columns] == [c.name for c in self._columns]
        self._columns = tuple(columns)
        if not same:
            for box in self._boxes.values():
                box.setParent(None)
                box.deleteLater()
            self._boxes = {}
        for section, box in self._boxes.items():
            self._show_kind(box, self._columns[section])
        self.place()
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(0, theme().px(24 + SPACE.field + 24))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()

    def place(self) -> None:
        """Put the lists of kinds over their columns."""
        if self._is_held:
            return
        in_view = self._in_view()
        for section, box in self._boxes.items():
            box.setVisible(section in in_view)
        for section in in_view:
            if section not in self._boxes:
                self._boxes[section] = self._new_box(section)
                self._boxes[section].show()
            left, size = self.sectionViewportPosition(section), self.sectionSize(section)
            place = QRect(left + 4, theme().px(24), size - 8, theme().px(SPACE.field))
            self._boxes[section].setGeometry(place)

    def share(self, each: int) -> None:
        """Give every column the same width."""
        self._is_held = True  # one placing for all of them: there may be thousands
        for section in range(self.count()):
            self.resizeSection(section, each)
        self._is_held = False
        self.place()

    def _in_view(self) -> range:
        known = min(self.count(), len(self._columns))
        if not known or self.viewport().width() <= 0:
            return range(0)
        last = self.logicalIndexAt(self.viewport().width() - 1)
        return range(max(self.logicalIndexAt(0), 0), (known if last < 0 else last + 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        tokens = theme().tokens
        whole = self.viewport().rect()
        painter.fillRect(whole, QColor(tokens.surface))
        painter.fillRect(0, whole.height() - 1, whole.width(), 1, QColor(tokens.border))
        for section in self._in_view():
            left, size = self.sectionViewportPosition(section), self.sectionSize(section)
            area = QRect(left, 0, size, whole.height())
            self._paint_head(painter, self._columns[section], area)

    def _paint_head(self, painter: QPainter, column: SheetColumn, area: QRect) -> None:
        tokens = theme().tokens
        inner = area.adjusted(MARGIN, 0, -MARGIN, 0)
        face = font(TYPE.body, 600)
        painter.setFont(face)
        painter.setPen(QColor(tokens.text))
        name = QFontMetrics(face).elidedText(
            column.name, Qt.TextElideMode.ElideMiddle, inner.width()
        )
        side = side_of(column) | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner.adjusted(0, 0, 0, theme().px(22) - area.height()), side, name)
        if column.missing < 0:
            return
        words = say_count("import.missing_count", column.missing) if column.missing else ""
        painter.setFont(font(TYPE.axis))
        painter.setPen(QColor(tokens.warn if column.refused else tokens.text3))
        foot = inner.adjusted(0, area.height() - theme().px(23), 0, 0)
        painter.drawText(foot, side, words or say("import.complete"))

    def _new_box(self, section: int) -> QuietCombo:
        box = QuietCombo(self.viewport())
        box.setStyleSheet(f"font-size: {theme().px(TYPE.small)}px;")
        for kind in Kind:
            box.addItem(say(f"import.kind.{kind.value}"), kind)
        self._show_kind(box, self._columns[section])
        box.activated.connect(lambda _place, at=section: self._choose(at))
        return box

    def _show_kind(self, box: QuietCombo, column: SheetColumn) -> None:
        box.setAccessibleName(say("import.kind_of", name=column.name))
        box.setToolTip(column.name)
        box.setEnabled(column.kind is not None)
        box.setCurrentIndex(-1 if column.kind is None else list(Kind).index(column.kind))

    def _choose(self, section: int) -> None:
        # Qt hands an item's data back as plain text
        kind = Kind(self._boxes[section].currentData())
        self.kindChosen.emit(self._columns[section].name, kind)


class ImportTable(QTableView):
    """The cells of the file, each row beside its line in the file."""

    kindChosen = Signal(str, object)
    topLineChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheet_model = SheetModel(self)
        self.kinds = KindHeader(self)
        self.kinds.kindChosen.connect(self.kindChosen)
        self.setHorizontalHeader(self.kinds)
        self.setModel(self.sheet_model)
        self.setItemDelegate(SheetCell(self))
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setCornerWidget(QWidget(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(say("import.table"))
        lines = self.verticalHeader()
        lines.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        lines.setDefaultSectionSize(theme().px(26))
        lines.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        lines.setSectionsClickable(False)
        lines.setHighlightSections(False)
        self.verticalScrollBar().valueChanged.connect(self.topLineChanged)

    @property
    def top_line(self) -> int | None:
        """The line of the file whose row stands at the top."""
        row = self.rowAt(1)
        return self.sheet_model.sheet.line(row) if row >= 0 else None

    def set_sheet(self, sheet: Sheet) -> None:
        """Show other cells; the place in the file stays while the table keeps its shape."""
        before = (self.verticalScrollBar().value(), self.horizontalScrollBar().value())
        self.sheet_model.set_sheet(sheet)
        self.kinds.set_columns(sheet.columns)
        self._share_width()
        self.verticalScrollBar().setValue(before[0])
        self.horizontalScrollBar().setValue(before[1])
        self.kinds.place()

    def show_cell(self, line: int, column: str) -> bool:
        """Scroll to an unreadable cell and make it current; False where it is not in the table."""
        sheet = self.sheet_model.sheet
        row = sheet.row_of(line, column)
        names = [head.name for head in sheet.columns]
        if row is None or column not in names:
            return False
        index = self.sheet_model.index(row, names.index(column))
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        count = self.sheet_model.columnCount()
        if count:
            least = theme().px(LEAST_COLUMN)
            each = min(max(least, self.viewport().width() // count), 2 * least)
            self.kinds.share(each)
