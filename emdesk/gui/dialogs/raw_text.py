"""The first lines of a file as they stand in it, each with its number."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from emdesk.gui.theme import TYPE, font, theme
from emdesk.texts import say

GUTTER = 48


class _LineNumbers(QWidget):
    def __init__(self, text: RawText) -> None:
        super().__init__(text)
        self._text = text

    def sizeHint(self) -> QSize:
        return QSize(GUTTER, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._text.paint_numbers(self, event.rect())


class RawText(QPlainTextEdit):
    """Lines of a file, tabs and blanks kept, with the lines' numbers beside them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard
            | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self.setAccessibleName(say("import.raw"))
        self._numbers = _LineNumbers(self)
        self.setViewportMargins(GUTTER + 8, 0, 0, 0)
        self.updateRequest.connect(self._follow)
        theme().changed.connect(self._dress)
        self._dress()

    def set_lines(self, lines: Sequence[str]) -> None:
        """Show other lines, the first of the file first."""
        self.setPlainText("\n".join(line.rstrip("\r\n").replace("\r", "\u240d") for line in lines))

    def show_line(self, number: int) -> bool:
        """Scroll to a line and tint it; False where it is not among those shown."""
        block = self.document().findBlockByNumber(number - 1)
        if not block.isValid():
            return False
        self.setTextCursor(QTextCursor(block))
        self.centerCursor()
        tinted = QTextEdit.ExtraSelection()
        tinted.cursor = QTextCursor(block)
        form = tinted.format
        form.setBackground(QColor(theme().tokens.warn_tint))
        form.setProperty(QTextFormat.Property.FullWidthSelection, True)
        tinted.format = form
        self.setExtraSelections([tinted])
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        area = self.contentsRect()
        self._numbers.setGeometry(QRect(area.left(), area.top(), GUTTER, area.height()))

    def paint_numbers(self, gutter: QWidget, area: QRect) -> None:
        """Paint the numbers of the lines in view beside them."""
        painter = QPainter(gutter)
        painter.setFont(font(TYPE.small))
        painter.setPen(QColor(theme().tokens.text3))
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= area.bottom():
            height = self.blockBoundingRect(block).height()
            box = QRect(0, round(top), GUTTER, round(height))
            sides = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, sides, str(block.blockNumber() + 1))
            top += height
            block = block.next()

    def _follow(self, area: QRect, shift: int) -> None:
        if shift:
            self._numbers.scroll(0, shift)
        else:
            self._numbers.update(0, area.y(), GUTTER, area.height())

    def _dress(self) -> None:
        face = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        face.setPixelSize(theme().px(TYPE.small))
        self.setFont(face)
        self.setTabStopDistance(32)
        self._numbers.update()
