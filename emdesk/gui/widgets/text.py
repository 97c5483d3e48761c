"""Lines of text by role, links, badges, and names that keep both ends when space is short."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from emdesk.gui.theme import font, theme
from emdesk.gui.tokens import TYPE


class Text(QLabel):
    """A line of text in one of the type roles: title, section, dock, small, hint, number ..."""

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        parent: QWidget | None = None,
        *,
        wrap: bool = False,
    ) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)  # names from files are never markup
        self.setProperty("role", role)
        self.setWordWrap(wrap)

    def set_role(self, role: str) -> None:
        """Change the type role in place."""
        if self.property("role") != role:
            self.setProperty("role", role)
            restyle(self)


class ElidedText(Text):
    """A name that keeps its beginning and end when space is short, by `mode` its beginning alone; the tooltip has all
    of it. With room for less than the share `least` of it nothing is shown."""

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        parent: QWidget | None = None,
        *,
        least: float = 0.0,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:
        super().__init__(text, role, parent)
        self._full, self._least, self._mode = text, least, mode
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(24)

    @property
    def full(self) -> str:
        """The whole text."""
        return self._full

    def set_full(self, text: str) -> None:
        """Show another text."""
        self._full = text
        self.setAccessibleName(text)
        self._elide()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(self.fontMetrics().horizontalAdvance(self._full) + 2, hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        metrics = self.fontMetrics()
        is_cut_short = self.width() < self._least * metrics.horizontalAdvance(self._full)
        shown = "" if is_cut_short else metrics.elidedText(self._full, self._mode, self.width())
        if self.wordWrap():
            shown = self._full
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(self._full if shown != self._full else "")


class LinkLabel(QPushButton):
    """An act written as a link; a button for the keyboard and for screen readers."""

    def __init__(self, text: str, parent: QWidget | None = None, *, tint: str = "") -> None:
        super().__init__(text, parent)
        self.setFlat(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(text)
        self.setProperty("tint", tint)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def set_label(self, text: str) -> None:
        """Change what the link says."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 6, metrics.height() + 5)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class Badge(QWidget):
    """A small count in a tinted circle; it counts what is unread and never blinks."""

    def __init__(self, count: int = 0, role: str = "info", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = count
        self._role = role
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_count(count)

    @property
    def count(self) -> int:
        """What the badge shows; it is hidden at 0."""
        return self._count

    def set_count(self, count: int, role: str | None = None) -> None:
        """Show another count, or nothing at 0."""
        self._count = count
        self._role = role or self._role
        self.setVisible(count > 0)
        self.setAccessibleName(self._shown())
        self.updateGeometry()
        self.update()

    def _shown(self) -> str:
        return str(self._count) if self._count < 100 else "99+"

    def sizeHint(self) -> QSize:
        height = theme().px(18)
        return QSize(max(height, height // 2 + 8 * len(self._shown())), height)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.colour(f"{self._role}_tint"))
        painter.drawRoundedRect(self.rect(), self.height() / 2, self.height() / 2)
        painter.setFont(font(TYPE.axis, 600))
        painter.setPen(tokens.colour(self._role))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._shown())


def restyle(widget: QWidget) -> None:
    """Let the style sheet look again at a widget whose properties changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
