"""The head of a table: two-line titles, and an arrow on the free side of the sorted column."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from emdesk.gui.icons import paint_icon
from emdesk.gui.theme import theme

ARROW = 10


class TableHead(QHeaderView):
    """A horizontal head whose sort arrow never covers the title."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(36)
        self.setSectionsMovable(False)

    def paintSection(self, painter: QPainter, rect: QRect, logical_index: int) -> None:
        painter.save()
        super().paintSection(painter, rect, logical_index)
        painter.restore()
        if not self.isSortIndicatorShown() or logical_index != self.sortIndicatorSection():
            return
        model = self.model()
        role = Qt.ItemDataRole.TextAlignmentRole
        align = model.headerData(logical_index, Qt.Orientation.Horizontal, role)
        right = bool(Qt.AlignmentFlag(align) & Qt.AlignmentFlag.AlignRight) if align else False
        left = rect.left() + 3 if right else rect.right() - ARROW - 3
        down = self.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
        place = QRectF(left, rect.bottom() - 5 - ARROW - 2, ARROW, ARROW)
        name = "caret-down" if down else "caret-up"
        paint_icon(painter, name, theme().tokens.text2, place)
