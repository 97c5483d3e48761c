"""The name of an axis as a button that opens the list of what the axis can show."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from emdesk.app import commands
from emdesk.gui.store import Store
from emdesk.model.marks import Picture
from emdesk.texts import say, translated

ARROW_ROOM = 28
LEAST_AXIS = 72


class AxisChooser(QToolButton):
    """The name of an axis in the header; it opens the list of what the axis can show."""

    def __init__(self, axis: str, store: Store, parent: QWidget) -> None:
        super().__init__(parent)
        self._axis = axis
        self._store = store
        self.setProperty("kind", "choice")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._keys: tuple[str, ...] = ()
        self._label = ""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        wide = self.fontMetrics().horizontalAdvance(self._label) + ARROW_ROOM
        return QSize(wide, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(LEAST_AXIS, hint.width()), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        """A name keeps both its ends where the header is narrow; the tooltip has all of it."""
        room = max(20, self.width() - ARROW_ROOM + 4)
        text = self.fontMetrics().elidedText(self._label, Qt.TextElideMode.ElideMiddle, room)
        if text != self.text():
            self.setText(text)
        self.setToolTip(self._label)

    @property
    def choices(self) -> QMenu:
        return self._menu

    def show_axis(self, picture: Picture, chosen: str) -> None:
        """Offer the picture's options; hidden where there is nothing to choose."""
        options = picture.x_options if self._axis == "x" else picture.y_options
        self.setVisible(bool(options))
        if not options:
            return
        keys = tuple(o.key for o in options)
        if keys != self._keys:
            self._keys = keys
            self._menu.clear()
            for option in options:
                act = self._menu.addAction(translated(option.label))
                act.setData(option.key)
                act.triggered.connect(
                    lambda _checked=False, k=option.key: self._store.do(
                        commands.choose_axis, self._axis, k
                    )
                )
        label = next((o.label for o in options if o.key == chosen), options[0].label)
        self._label = translated(label)
        self._elide()
        self.updateGeometry()
        self.setAccessibleName(say(f"panel.axis_{self._axis}", name=translated(label)))
