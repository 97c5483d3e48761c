"""A card: the frame of every panel, with its header, its stripe and its body."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from emdesk.gui.theme import theme
from emdesk.gui.widgets.buttons import IconButton
from emdesk.gui.widgets.icon_label import IconLabel
from emdesk.gui.widgets.text import ElidedText, LinkLabel, Text, restyle
from emdesk.texts import say

Act = tuple[str, Callable[[], object]]
LEAST_OF_SUBTITLE = 0.6
"""A subtitle with less room than this share of its words says nothing any more."""


class StripeKind(Enum):
    """What a stripe says about its panel: tint and icon."""

    LOOKING_BACK = ("accent", "clock-counter-clockwise")
    STALE = ("warn", "arrow-counter-clockwise")
    FAILED = ("bad", "warning-circle-fill")
    INFO = ("info", "info")


class Stripe(QFrame):
    """A tinted line under a card's header: icon, sentence, acts, and a longer text if any."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon = IconLabel("info", "info", 14, self)
        self._text = Text("", "strong", self, wrap=True)
        self._detail = Text("", "body", self, wrap=True)
        self._key = Text("", "strong", self)
        self._shown: tuple[object, ...] = ()
        self._acts: list[LinkLabel] = []
        self._calls: list[Callable[[], object]] = []
        self._head = QHBoxLayout()
        self._head.setSpacing(8)
        self._head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self._head.addWidget(self._text, 1)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(12)
        self._foot.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(3)
        layout.addLayout(self._head)
        layout.addWidget(self._detail)
        layout.addLayout(self._foot)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown, empty when the stripe is away."""
        return self._text.text() if self._shown else ""

    def show_stripe(
        self, kind: StripeKind, text: str, acts: Sequence[Act] = (), detail: str = "", key: str = ""
    ) -> None:
        """Show a sentence with acts as links; `key` names the key that does the first act."""
        self._calls = [call for _, call in acts]
        shown = (kind, text, tuple(label for label, _ in acts), detail, key)
        if shown == self._shown:
            return
        self._shown = shown
        tint, icon_name = kind.value
        self.setProperty("tint", tint)
        self._icon.set_icon(icon_name, tint)
        self._text.setText(text)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self._key.setText(key)
        self._place_acts([label for label, _ in acts], tint, bool(detail))
        self.setAccessibleName(text)
        for part in (self, self._text, self._detail, self._key):
            restyle(part)
        self.show()

    def clear(self) -> None:
        """Put the stripe away."""
        self._shown = ()
        self.hide()

    def _place_acts(self, labels: list[str], tint: str, below: bool) -> None:
        for link in self._acts:
            link.setParent(None)
            link.deleteLater()
        self._acts = []
        self._head.removeWidget(self._key)
        line = self._foot if below else self._head
        for place, label in enumerate(labels):
            link = LinkLabel(label, self, tint=tint)
            link.clicked.connect(lambda _checked=False, at=place: self._calls[at]())
            line.insertWidget(place if below else line.count(), link)
            self._acts.append(link)
        self._head.addWidget(self._key)
        self._key.setVisible(bool(self._key.text()))


class _BusyLine(QWidget):
    """The 2 px violet line that moves while a panel is being remade."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=33)
        self._timer.timeout.connect(self._move)
        self._phase = 0.0
        self.setFixedHeight(2)

    def set_busy(self, busy: bool) -> None:
        if busy and not self._timer.isActive():
            self._timer.start()
        elif not busy:
            self._timer.stop()
        self.update()

    @Slot()
    def _move(self) -> None:
        self._phase = (self._phase + 0.02) % 1.3
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._timer.isActive():
            left = (self._phase - 0.3) * self.width()
            painter = QPainter(self)
            painter.fillRect(int(left), 0, int(0.3 * self.width()), 2, theme().tokens.accent)


class Card(QFrame):
    """Header (title, subtitle, a slot at the right, a menu), stripe, busy line and body.

    `title_slot` and `slot` are layouts for more widgets in the header; `menu` fills the "..."
    button, which is there once the menu has something in it.
    """

    def __init__(self, title: str = "", subtitle: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = Text(title, "title", self)
        self._subtitle = ElidedText(subtitle, "small", self, least=LEAST_OF_SUBTITLE)
        self._subtitle.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.title_slot = QHBoxLayout()
        self.slot = QHBoxLayout()
        self.menu = QMenu(self)
        self._menu_button = IconButton("dots-three", say("card.menu", title=title), self)
        self._menu_button.setMenu(self.menu)
        self._menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.stripe = Stripe(self)
        self._busy = _BusyLine(self)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(11, 7, 11, 11)
        self._layout.setSpacing(0)
        self._layout.addLayout(self._header())
        self._layout.addWidget(self._busy)
        self._layout.addWidget(self.stripe)
        self._body: QWidget | None = None
        self.menu.installEventFilter(self)
        self._menu_button.hide()
        self.set_title(title, subtitle)

    def _header(self) -> QHBoxLayout:
        header = QHBoxLayout()
        header.setContentsMargins(0, 0, 0, 2)
        header.setSpacing(8)
        self.title_slot.setSpacing(6)
        self.slot.setSpacing(8)
        header.addWidget(self._title)
        header.addLayout(self.title_slot)
        header.addWidget(self._subtitle)
        header.addStretch(1)
        header.addLayout(self.slot)
        header.addWidget(self._menu_button)
        header.addStrut(28)
        return header

    @property
    def title(self) -> str:
        """What the card shows."""
        return self._title.text()

    def set_title(self, title: str, subtitle: str = "") -> None:
        """Title and subtitle; an empty one takes no space."""
        self._title.setText(title)
        self._subtitle.set_full(subtitle)
        self._title.setVisible(bool(title))
        self._subtitle.setVisible(bool(subtitle))
        self._menu_button.setAccessibleName(say("card.menu", title=title))
        if title:
            self.setAccessibleName(title)

    def set_body(self, body: QWidget) -> None:
        """Put the one widget that fills the card; a former one is given back to the caller."""
        if self._body is not None:
            self._layout.removeWidget(self._body)
            self._body.hide()
        self._body = body
        self._layout.addWidget(body, 1)
        body.show()

    @property
    def menu_button(self) -> IconButton:
        """The button that opens the menu."""
        return self._menu_button

    def set_busy(self, busy: bool) -> None:
        """Show that the picture is being remade; the last one stays."""
        self._busy.set_busy(busy)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.menu and event.type() in (
            QEvent.Type.ActionAdded,
            QEvent.Type.ActionRemoved,
        ):
            self._menu_button.setVisible(not self.menu.isEmpty())
        return False
