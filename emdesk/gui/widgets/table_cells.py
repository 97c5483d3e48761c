"""How a cell is painted: hairline below, numbers at the right, group marks, bars and tints."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from emdesk.gui.icons import paint_group, paint_icon
from emdesk.gui.theme import font, theme
from emdesk.gui.tokens import TYPE
from emdesk.gui.widgets.table_model import ASIDE, FRACTION, GROUP, ITALIC, MARK, TINT, WEIGHT

MARGIN = 9
GROUP_SIDE = 11
ICON_SIDE = 12


class CellDelegate(QStyledItemDelegate):
    """Paints one cell from the model's roles."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        tokens = theme().tokens
        area = QRectF(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        tint = index.data(TINT)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if selected:
            painter.fillRect(area, QColor(tokens.soft))
        elif tint in ("ok", "warn", "bad", "info"):
            painter.fillRect(area, QColor(tokens.colour(f"{tint}_tint")))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(tokens.hover))
        painter.setPen(QPen(QColor(tokens.grid), 1))
        painter.drawLine(
            QLineF(area.left(), area.bottom() - 0.5, area.right(), area.bottom() - 0.5)
        )
        inner = area.adjusted(MARGIN, 0, -MARGIN, 0)
        fraction = index.data(FRACTION)
        if fraction is not None:
            inner = self._bar(painter, inner, float(fraction))
        group = index.data(GROUP)
        if group is not None:
            box = _square(inner, GROUP_SIDE)
            paint_group(painter, box, int(group), tokens)
            inner.setLeft(inner.left() + GROUP_SIDE + 7)
        if mark := index.data(MARK):
            paint_icon(painter, mark, tokens.text2, _square(inner.adjusted(-4, 0, 0, 0), ICON_SIDE))
            inner.setLeft(inner.left() + ICON_SIDE)
        self._text(painter, inner, index, tokens.colour(tint) if tint else tokens.text)
        if option.state & QStyle.StateFlag.State_HasFocus:
            self._ring(painter, area)
        painter.restore()

    def _bar(self, painter: QPainter, inner: QRectF, fraction: float) -> QRectF:
        tokens = theme().tokens
        track = QRectF(inner.left(), inner.center().y() - 3, min(52.0, inner.width() * 0.5), 6)
        painter.fillRect(track, QColor(tokens.sunken))
        track.setWidth(track.width() * min(1.0, max(0.0, fraction)))
        painter.fillRect(track, QColor(tokens.control))
        return inner

    def _text(
        self,
        painter: QPainter,
        inner: QRectF,
        index: QModelIndex | QPersistentModelIndex,
        ink: str,
    ) -> None:
        used = QFont(font(TYPE.small, index.data(WEIGHT) or 400))
        used.setItalic(bool(index.data(ITALIC)))
        aside = index.data(ASIDE)
        align = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole))
        if aside:
            metrics = QFontMetricsF(font(TYPE.small))
            width = metrics.horizontalAdvance(aside) + 4
            painter.setFont(font(TYPE.small))
            painter.setPen(QColor(theme().tokens.text3))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(inner, right, aside)
            inner = inner.adjusted(0, 0, -width, 0)
        painter.setFont(used)
        painter.setPen(QColor(ink))
        text = index.data(Qt.ItemDataRole.DisplayRole) or ""
        painter.drawText(inner, align, self._elided(text, used, inner.width()))

    @staticmethod
    def _elided(text: str, used: QFont, width: float) -> str:
        metrics = QFontMetricsF(used)
        if metrics.horizontalAdvance(text) <= width:
            return text
        return metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width)

    @staticmethod
    def _ring(painter: QPainter, area: QRectF) -> None:
        painter.setPen(QPen(QColor(theme().tokens.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area.adjusted(1, 1, -1, -2))


def _square(inner: QRectF, side: float) -> QRectF:
    """A square at the left of a cell, in the middle of its height."""
    return QRectF(inner.left(), inner.center().y() - side / 2, side, side)
