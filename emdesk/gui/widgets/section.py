"""Sections of a dock: a hairline, a small heading, and what can be folded away under it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from emdesk.gui.icons import paint_icon
from emdesk.gui.theme import font, theme
from emdesk.gui.tokens import TYPE
from emdesk.gui.widgets.text import Text
from emdesk.texts import say

BESIDE_TITLE, GAP = 20, 10
SHORT_SUMMARY = 60
"""A summary of one word stands beside the heading; a longer one has the room that is left."""


class Hairline(QFrame):
    """A line between two regions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(1)


class SectionHeader(QPushButton):
    """A heading that folds its section; folded, it says in a few words what is inside."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._title = title
        self._summary = ""
        self.setCheckable(True)
        self.setFlat(True)
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.toggled.connect(self._name)
        self._name(False)

    @property
    def title(self) -> str:
        """The heading."""
        return self._title

    def set_title(self, title: str) -> None:
        """Change the heading in place."""
        if title != self._title:
            self._title = title
            self._name(self.isChecked())
            self.updateGeometry()
            self.update()

    @property
    def summary(self) -> str:
        """What the folded section holds."""
        return self._summary

    def set_summary(self, summary: str) -> None:
        """Say in a few words what is inside."""
        self._summary = summary
        self.setToolTip(summary)
        self._name(self.isChecked())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, theme().px(28))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """A heading that does not fit on one line, with its summary, takes two."""
        return theme().px(28 if len(self._lines(width)) == 1 else 44)

    def _lines(self, width: int) -> list[str]:
        """The heading on one line or two."""
        bold, plain = QFontMetrics(font(TYPE.small, 600)), QFontMetrics(font(TYPE.small))
        room = width - BESIDE_TITLE
        summary = 0 if self.isChecked() else plain.horizontalAdvance(self._summary)
        beside = summary + GAP if summary <= SHORT_SUMMARY else 0
        if bold.horizontalAdvance(self._title) + beside <= room:
            return [self._title]
        words = self._title.split(" ")
        first = words.pop(0)
        while words and bold.horizontalAdvance(f"{first} {words[0]}") <= room:
            first += f" {words.pop(0)}"
        return [first, " ".join(words)] if words else [first, ""]

    def _name(self, is_open: bool) -> None:
        key = "section.open" if is_open else "section.folded"
        self.setAccessibleName(say(key, title=self._title))
        self.setAccessibleDescription(self._summary)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        tokens = theme().tokens
        painter = QPainter(self)
        caret = "caret-down" if self.isChecked() else "caret-right"
        paint_icon(painter, caret, tokens.text2, QRectF(2, (self.height() - 10) / 2, 10, 10))
        painter.setFont(font(TYPE.small, 600))
        painter.setPen(tokens.text if self.underMouse() else tokens.text2)
        lines = self._lines(self.width())
        line_height = painter.fontMetrics().height()
        area = QRectF(18, 0, self.width() - BESIDE_TITLE, line_height)
        area.moveTop((self.height() - len(lines) * line_height) / 2)
        middle = Qt.AlignmentFlag.AlignVCenter
        elide = Qt.TextElideMode.ElideRight
        used = 0
        for place, line in enumerate(lines):
            area.translate(0, line_height if place else 0)
            title = painter.fontMetrics().elidedText(line, elide, int(area.width()))
            painter.drawText(area, middle, title)
            used = painter.fontMetrics().horizontalAdvance(title) + (GAP if title else 0)
        if self._summary and not self.isChecked():
            painter.setFont(font(TYPE.small))
            painter.setPen(tokens.text3)
            rest = area.adjusted(used, 0, 0, 0)
            text = painter.fontMetrics().elidedText(self._summary, elide, int(rest.width()))
            painter.drawText(rest, middle | Qt.AlignmentFlag.AlignRight, text)


class Section(QWidget):
    """A heading and a body; with `foldable` the body can be closed, and then begins closed."""

    toggled = Signal(bool)

    def __init__(
        self,
        title: str,
        parent: QWidget | None = None,
        *,
        foldable: bool = False,
        hairline: bool = True,
    ) -> None:
        super().__init__(parent)
        self.title = title
        self.body = QVBoxLayout()
        self.body.setSpacing(0)
        self._holder = QWidget(self)
        self._holder.setLayout(self.body)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.aside = Text("", "small", self)
        self.header = SectionHeader(title, self) if foldable else None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self._hairline = Hairline(self)
        self._hairline.setVisible(hairline)
        layout.addWidget(self._hairline)
        if self.header is not None:
            layout.addWidget(self.header)
            self.header.toggled.connect(self._fold)
            self._holder.hide()
            self.aside.hide()
        elif title:
            layout.addLayout(self._heading(title))
        layout.addWidget(self._holder)

    def _heading(self, title: str) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(0, 10, 0, 2)
        line.addWidget(Text(title, "section", self))
        line.addStretch(1)
        line.addWidget(self.aside)
        return line

    def set_open(self, is_open: bool) -> None:
        """Open or fold a foldable section."""
        if self.header is not None:
            self.header.setChecked(is_open)

    @property
    def is_open(self) -> bool:
        """Whether the body can be seen."""
        return self.header is None or self.header.isChecked()

    def set_hairline(self, shown: bool) -> None:
        """Show the line above the heading, or not."""
        self._hairline.setVisible(shown)

    def _fold(self, is_open: bool) -> None:
        self._holder.setVisible(is_open)
        self.toggled.emit(is_open)
