"""The groups in a card's header: shape and number or name; a click brings one out, a double click renames it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QToolButton, QWidget

from emdesk.app import commands
from emdesk.app.identity import MOST_NAME
from emdesk.app.state import AppState
from emdesk.gui.icons import group_icon
from emdesk.gui.store import Store
from emdesk.gui.widgets import Text
from emdesk.model.marks import NO_GROUP
from emdesk.texts import say

MOST_SHOWN = 8
LEAST_SHOWN = 3
GAP = 2
HEIGHT = 26
MORE_ROOM = 52
MARK_ROOM = 26
SHORT_NAME = 3
NARROW = 62
NAME_FIELD = 110
"""A group with a long name takes no more than this where room is short."""


class Legend(QWidget):
    """One small button a group, never over the data; where there is no room for all, the count of the others."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._names: tuple[str, ...] = ()
        self._has_noise = False
        self._slots: tuple[int, ...] = ()
        self.field: QLineEdit | None = None
        self._buttons: list[QToolButton] = []
        self._more = Text("", "small", self)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    @property
    def buttons(self) -> tuple[QToolButton, ...]:
        return tuple(self._buttons)

    def render_legend(self, state: AppState) -> None:
        """Show the groups of the picture."""
        names = state.shown.picture.groups if state.shown is not None else ()
        has_noise = bool(names) and state.shown is not None and state.shown.picture.has_noise
        if has_noise:
            names = (*names, say("group.noise"))
        slots = state.shown.slots if state.shown is not None else ()
        if (names, has_noise, slots) != (self._names, self._has_noise, self._slots):
            self._names, self._has_noise, self._slots = names, has_noise, slots
            self._remake(names)
        for index, button in enumerate(self._buttons):
            button.setChecked(index == state.chosen_group)

    def sizeHint(self) -> QSize:
        wide = sum(self._full_widths())
        rest = len(self._names) - len(self._buttons)
        return QSize(wide + (MORE_ROOM if rest > 0 else 0), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        # names can be shortened, a group without its mark cannot be told from another
        wide = sum(min(width, NARROW) for width in self._full_widths()[:LEAST_SHOWN])
        rest = len(self._names) - LEAST_SHOWN
        return QSize(wide + (MORE_ROOM if rest > 0 else 0), HEIGHT)

    def _full_widths(self) -> list[int]:
        """What each button takes with its whole name, and the gap beside it."""
        pairs = zip(self._buttons, self._names, strict=False)
        return [MARK_ROOM + b.fontMetrics().horizontalAdvance(name) + GAP for b, name in pairs]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _remake(self, names: tuple[str, ...]) -> None:
        self._put_away()
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = [self._button(i, name) for i, name in enumerate(names[:MOST_SHOWN])]
        self.updateGeometry()
        self._place()

    def _button(self, index: int, name: str) -> QToolButton:
        button = QToolButton(self)
        is_noise = self._has_noise and index == len(self._names) - 1
        slot = self._slots[index] if index < len(self._slots) else index
        button.setIcon(group_icon(NO_GROUP if is_noise else slot))
        button.setIconSize(QSize(12, 12))
        button.setText(name)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setAccessibleName(name if is_noise else say("group.name", number=name))
        if is_noise:
            button.setToolTip(say("group.noise_is"))
            return button
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(name if len(name) > SHORT_NAME else "")
        button.clicked.connect(lambda _checked=False: self._store.do(commands.choose_group, index))
        button.installEventFilter(self)
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        rename = QAction(say("legend.rename"), button)
        rename.triggered.connect(lambda _checked=False: self.rename(index))
        button.addAction(rename)
        return button

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A double click, or F2, on a group renames it; Escape leaves its name."""
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                event.accept()  # before the window takes it for one of its own acts
                if event.type() == QEvent.Type.KeyPress:
                    self._put_away()
                return True
            return False
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F2:
            asked = event.type() == QEvent.Type.KeyPress
        else:
            asked = event.type() == QEvent.Type.MouseButtonDblClick
        if asked and watched in self._buttons:
            self.rename(self._buttons.index(watched))
            return True
        return super().eventFilter(watched, event)

    def rename(self, index: int) -> None:
        """Let the person type another name in the place of a group; Escape leaves it."""
        state = self._store.state
        if state.result is None or state.is_busy:
            return
        button = self._buttons[index]
        self._put_away()
        # over the window: a card's header is lower than a field
        field = QLineEdit(self._names[index], self.window())
        field.setAccessibleName(say("legend.name_of", number=index + 1))
        field.setMaxLength(MOST_NAME)
        size = QSize(max(NAME_FIELD, button.width()), field.sizeHint().height())
        at = button.mapTo(self.window(), QPoint(0, (button.height() - size.height()) // 2))
        field.setGeometry(QRect(at, size))
        field.selectAll()
        field.editingFinished.connect(lambda: self._take_name(index))
        field.installEventFilter(self)
        self.field = field
        field.show()
        field.setFocus()

    def _take_name(self, index: int) -> None:
        field = self.field
        if field is None:
            return
        name = field.text().strip()
        self._put_away()
        if name != self._names[index]:
            own = "" if name == str(index + 1) else name
            self._store.do(commands.rename_group, index, own)

    def _put_away(self) -> None:
        field, self.field = self.field, None
        if field is not None:
            field.hide()
            field.deleteLater()

    def _place(self) -> None:
        """Stand side by side as far as the width goes."""
        for button, name in zip(self._buttons, self._names, strict=False):
            button.setText(name)
        if self.sizeHint().width() > self.width():
            self._shorten()
        widths = [_width(b) for b in self._buttons]
        taken = sum(widths) + GAP * (len(widths) - 1)
        all_fit = taken <= self.width() and len(widths) == len(self._names)
        room = self.width() if all_fit else self.width() - MORE_ROOM
        fits, x = 0, 0
        for index, width in enumerate(widths):
            if x + width > room:
                break
            self._buttons[index].setGeometry(x, (self.height() - HEIGHT) // 2, width, HEIGHT)
            x += width + GAP
            fits = index + 1
        for index, button in enumerate(self._buttons):
            button.setVisible(index < fits)
        rest = len(self._names) - fits
        self._more.setText(say("panel.more_groups", count=rest) if rest else "")
        self._more.setVisible(rest > 0)
        self._more.setGeometry(x, 0, MORE_ROOM, self.height())

    def _shorten(self) -> None:
        """Long names give up their ends, so that each group keeps its mark."""
        share = max(NARROW, self.width() // max(1, len(self._buttons))) - GAP - MARK_ROOM
        for button in self._buttons:
            elide = Qt.TextElideMode.ElideRight
            button.setText(button.fontMetrics().elidedText(button.text(), elide, share))


def _width(button: QToolButton) -> int:
    """As narrow as mark and name allow: the style's own hint leaves room for a menu."""
    return MARK_ROOM + button.fontMetrics().horizontalAdvance(button.text())
