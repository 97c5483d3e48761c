"""The rows of the start page's left side: a recent file, and an act at the foot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QVBoxLayout, QWidget

from emdesk.app.recent import RecentFile, day_in_words
from emdesk.gui.icons import paint_icon
from emdesk.gui.theme import RADIUS, TYPE, font, theme
from emdesk.gui.widgets.text import Text
from emdesk.texts import say


class ListRow(QAbstractButton):
    """A row that is pressed: an icon, one or two lines of text, a word at the right end."""

    def __init__(
        self, icon_name: str, title: str, second: str, end: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._second = second
        self._end = end
        self.setText(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def is_faint(self) -> bool:
        """Whether the row leads nowhere at present."""
        return False

    def sizeHint(self) -> QSize:
        scale = theme().text_scale
        return QSize(180, round((46 if self._second else 24) * scale))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        inset = 10 if self._second else 0
        icon_at = QRectF(inset - 1, self.height() / 2 - 8, 16, 16)
        paint_icon(painter, self._icon_name, tokens.text2, icon_at)
        metrics = QFontMetrics(font(TYPE.small))
        end_width = metrics.horizontalAdvance(self._end)
        painter.setFont(font(TYPE.small))
        painter.setPen(QColor(tokens.warn if self.is_faint else tokens.text2))
        box = self.rect().adjusted(0, 0, -9 if self._second else 0, 0)
        sides = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, sides, self._end)
        left = inset + (26 if self._second else 24)
        width = box.right() - end_width - 12 - left
        self._paint_lines(painter, QRect(left, 0, width, self.height()))

    def _paint_ground(self, painter: QPainter) -> None:
        tokens = theme().tokens
        inside = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.hover))
            painter.drawRoundedRect(inside, RADIUS.control, RADIUS.control)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.drawRoundedRect(inside, RADIUS.control, RADIUS.control)

    def _paint_lines(self, painter: QPainter, box: QRect) -> None:
        tokens = theme().tokens
        title = font(TYPE.body, 500 if self._second else 400)
        metrics = QFontMetrics(title)
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideMiddle, box.width())
        painter.setFont(title)
        painter.setPen(QColor(tokens.text3 if self.is_faint else tokens.text))
        if not self._second:
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            return
        middle = self.height() // 2
        upper, lower = box.adjusted(0, 0, 0, -middle), box.adjusted(0, middle, 0, 0)
        painter.drawText(upper, Qt.AlignmentFlag.AlignBottom, text)
        small = QFontMetrics(font(TYPE.small))
        painter.setFont(font(TYPE.small))
        painter.setPen(QColor(tokens.text3 if self.is_faint else tokens.text2))
        second = small.elidedText(self._second, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(lower.adjusted(0, 3, 0, 0), Qt.AlignmentFlag.AlignTop, second)


class RecentRow(ListRow):
    """A file opened lately; Delete or its menu takes it off the list."""

    forgetRequested = Signal(str)

    def __init__(self, entry: RecentFile, today: date, parent: QWidget | None = None) -> None:
        self._is_there = entry.is_there
        day = day_in_words(entry.day, today) if self._is_there else say("start_page.gone")
        second = entry.model or str(entry.path.parent)
        super().__init__("file-text", entry.path.name, second, day, parent)
        self.path = str(entry.path)
        self.setToolTip(self.path)
        self.setAccessibleName(
            say("start_page.recent_named", name=entry.path.name, model=second, day=day)
        )
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    @property
    def is_faint(self) -> bool:
        return not self._is_there

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.forgetRequested.emit(self.path)
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def _menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        forget = menu.addAction(say("start_page.forget"))
        forget.triggered.connect(lambda: self.forgetRequested.emit(self.path))
        menu.popup(self.mapToGlobal(place))


class RecentList(QWidget):
    """The files opened lately, newest first, or a line that says what will be here."""

    chosen = Signal(str)
    forgetRequested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RecentRow] = []
        self._empty = Text(say("start_page.no_recent"), "hint", self, wrap=True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addWidget(self._empty)

    @property
    def rows(self) -> tuple[RecentRow, ...]:
        """The rows shown, newest first."""
        return tuple(self._rows)

    def set_entries(self, entries: Sequence[RecentFile], today: date) -> None:
        """Show other files."""
        for row in self._rows:
            row.setParent(None)
            row.deleteLater()
        self._rows = [RecentRow(entry, today, self) for entry in entries]
        for row in self._rows:
            row.clicked.connect(lambda _checked=False, path=row.path: self.chosen.emit(path))
            row.forgetRequested.connect(self.forgetRequested)
            self._layout.addWidget(row)
            row.show()
        self._empty.setVisible(not self._rows)
