"""One column of the file in the data dock: tick, kind, name, histogram, missing count, role."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QMenu, QSizePolicy, QWidget

from emdesk.app.column_summary import ColumnSummary
from emdesk.gui.theme import theme
from emdesk.gui.widgets import Chip, ElidedText, HistogramThumb, IconLabel, Text
from emdesk.model.dataset import NUMERIC_KINDS, Column, Kind
from emdesk.model.needs import Role
from emdesk.texts import say
from emdesk.texts.numbers import whole

KIND_ICONS = {
    Kind.CONTINUOUS: "ruler",
    Kind.COUNT: "hash",
    Kind.NOMINAL: "tag",
    Kind.ORDINAL: "list-numbers",
    Kind.TIME: "clock",
}
MARGIN, SPACING = 7, 6


class ColumnRow(QWidget):
    """A row 36 px high. It tells wishes only: ticked, clicked, a kind, a role, to begin from its groups."""

    ticked = Signal(str, bool)
    clicked = Signal(str)
    kindChosen = Signal(str, object)
    roleChosen = Signal(str, object)
    startRequested = Signal(str)

    def __init__(self, column: Column, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = column
        self._selected = False
        self._roles: tuple[Role, ...] = ()
        self._role: Role | None = None
        self.setFixedHeight(36)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.tick = QCheckBox(self)
        self.tick.setAccessibleName(say("data.use", name=column.name))
        self.tick.clicked.connect(lambda on: self.ticked.emit(self.column.name, on))
        self._kind = IconLabel(KIND_ICONS[column.kind], "text2", 14, self)
        self._name = ElidedText(column.name, "body", self)
        self._name.set_full(column.name)
        self._chip = Chip("", "plain", parent=self)
        self._missing = Text("", "axis", self)
        self._thumb = HistogramThumb(column.name, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(MARGIN, 0, MARGIN, 0)
        layout.setSpacing(SPACING)
        parts: tuple[QWidget, ...] = (
            self._kind,
            self._name,
            self._chip,
            self._missing,
            self._thumb,
        )
        layout.addWidget(self.tick)
        for part in parts:
            layout.addWidget(part, 1 if part is self._name else 0)
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.setAccessibleName(column.name)

    def sizeHint(self) -> QSize:
        return QSize(180, 36)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """The histogram gives up to half of its width to a name that needs it."""
        others = (self.tick, self._kind, self._chip, self._missing)
        shown = [part for part in others if not part.isHidden()]
        widths = (max(part.sizeHint().width(), part.minimumWidth()) for part in shown)
        taken = sum(widths) + SPACING * (len(shown) + 1)
        free = self.width() - 2 * MARGIN - taken - self._name.sizeHint().width()
        least, most = self._thumb.minimumSizeHint().width(), self._thumb.sizeHint().width()
        self._thumb.setFixedWidth(max(least, min(most, free)))

    def render_row(
        self,
        column: Column,
        used: bool,
        role: Role | None,
        roles: tuple[Role, ...],
        selected: bool,
        summary: ColumnSummary | None,
        takes_text: bool = False,
    ) -> None:
        """Show what the state says of this column; `takes_text` says that the law models columns of text."""
        self.column, self._roles, self._role = column, roles, role
        self.tick.setChecked(used)
        can_be_used = column.is_numeric or takes_text
        self.tick.setEnabled(can_be_used and role is None)
        self.tick.setToolTip("" if can_be_used else say("data.text_column"))
        self._kind.set_icon(KIND_ICONS[column.kind])
        self._chip.set_chip(say(f"role.{role.value}") if role else "", "plain")
        self._chip.setVisible(role is not None)
        if summary is not None:
            self._thumb.set_counts(summary.thumb, column.name)
            self._missing.setText(whole(summary.missing) if summary.missing else "")
            self._missing.setToolTip(say("data.missing_cells", count=whole(summary.missing)))
        self._missing.setVisible(summary is not None and summary.missing > 0)
        self._thumb.setVisible(role is None or self.width() > 230)
        self._share_width()
        if selected != self._selected:
            self._selected = selected
            self.update()

    def menu(self) -> QMenu:
        """Kind, role and start of this column; it deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        kinds = menu.addMenu(say("data.kind"))
        for kind in Kind:
            if self.column.is_numeric == (kind in NUMERIC_KINDS) or kind is Kind.ORDINAL:
                act = kinds.addAction(say(f"kind.{kind.value}"))
                act.setCheckable(True)
                act.setChecked(kind is self.column.kind)
                act.triggered.connect(
                    lambda _checked=False, kind=kind: self.kindChosen.emit(self.column.name, kind)
                )
        if self._roles:
            roles = menu.addMenu(say("data.role"))
            for role in (None, *self._roles):
                act = roles.addAction(say(f"role.{role.value}" if role else "role.none"))
                act.setCheckable(True)
                act.setChecked(role is self._role)
                act.triggered.connect(
                    lambda _checked=False, role=role: self.roleChosen.emit(self.column.name, role)
                )
        start = menu.addAction(say("data.start_from_labels"))
        start.triggered.connect(lambda _checked=False: self.startRequested.emit(self.column.name))
        return menu

    def _open_menu(self, place: QPoint) -> None:
        self.menu().popup(self.mapToGlobal(place))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit(self.column.name)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit(self.column.name)
        elif event.key() == Qt.Key.Key_Menu:
            self._open_menu(self.rect().center())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._selected or self.underMouse():
            painter.setBrush(tokens.colour("soft" if self._selected else "hover"))
            painter.drawRoundedRect(self.rect(), 6, 6)
        if self.hasFocus():
            painter.setPen(tokens.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
