"""The start page: open, paste, drop; recent files; samples with the pictures of their fits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from emdesk.app.catalogue import Catalogue, catalogue
from emdesk.app.recent import RecentFile
from emdesk.app.samples import Sample, samples
from emdesk.gui.dialogs.brand_mark import BrandMark
from emdesk.gui.dialogs.recent_list import ListRow, RecentList
from emdesk.gui.dialogs.sample_card import LEAST_WIDTH, SampleCard
from emdesk.gui.dialogs.sample_pictures import SamplePictures
from emdesk.gui.theme import theme
from emdesk.gui.widgets.buttons import Button
from emdesk.gui.widgets.icon_label import IconLabel
from emdesk.gui.widgets.scroll_column import ScrollColumn
from emdesk.gui.widgets.section import Hairline
from emdesk.gui.widgets.segmented import SegmentedControl
from emdesk.gui.widgets.text import Text
from emdesk.model.marks import Picture
from emdesk.texts import say, translated

LEFT_WIDTH = 318
MOST_WIDTH = 264
GAP = 12
ALL_FIELDS = ""


class CardGrid(QWidget):
    """Cards of equal width, as many beside each other as fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[SampleCard] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_cards(self, cards: Sequence[SampleCard]) -> None:
        """Place these cards, in this order; the grid's other cards are hidden."""
        for card in self._cards:
            card.setVisible(card in cards)
        self._cards = list(cards)
        for card in cards:
            card.show()
        self.place()
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if not self._cards:
            return 0
        columns, each = self._columns(width)
        lines = -(-len(self._cards) // columns)
        return lines * (self._cards[0].heightForWidth(each) + GAP) - GAP

    def sizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, self.heightForWidth(max(self.width(), LEAST_WIDTH)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()
        self.updateGeometry()

    def _columns(self, width: int) -> tuple[int, int]:
        columns = max(1, min(6, (width + GAP) // (theme().px(LEAST_WIDTH) + GAP)))
        each = (width - GAP * (columns - 1)) // columns
        return columns, min(each, theme().px(MOST_WIDTH))

    def place(self) -> None:
        """Give every card its place and size."""
        columns, each = self._columns(self.width())
        for place, card in enumerate(self._cards):
            line, column = divmod(place, columns)
            height = card.heightForWidth(each)
            card.setGeometry(QRect(column * (each + GAP), line * (height + GAP), each, height))


class _Side(QWidget):
    """The white ground of the acts, with a hairline to its right."""

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.surface))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), QColor(tokens.border))


class StartPage(QWidget):
    """What the window shows before there are data.

    It only tells wishes: `chooseRequested` (open a data file by the file dialog), `openRequested`
    (this path), `sampleRequested` (this id), `pasteRequested`, `forgetRequested` (take this path
    off the list of recent files), `helpRequested`, `proofRequested` (the published results). Return
    opens the newest recent file.
    """

    chooseRequested = Signal()
    openRequested = Signal(str)
    sampleRequested = Signal(str)
    pasteRequested = Signal()
    forgetRequested = Signal(str)
    helpRequested = Signal()
    proofRequested = Signal()

    def __init__(self, models: Catalogue | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(say("start_page.page"))
        self._models = models
        self._pictures: SamplePictures | None = None
        self.cards = [SampleCard(entry, self) for entry in samples()]
        for card in self.cards:
            name = card.sample.id
            card.clicked.connect(lambda _checked=False, name=name: self.sampleRequested.emit(name))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._left())
        layout.addWidget(self._right(), 1)
        theme().changed.connect(self._dress)
        self._dress()

    def set_recent(self, entries: Sequence[RecentFile], today: date | None = None) -> None:
        """Show the files opened lately."""
        self.recent.set_entries(entries, today or date.today())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._pictures is None:
            self._pictures = SamplePictures(self._models or catalogue(), self)
            self._pictures.ready.connect(self._show_picture)
        self._pictures.want([card.sample for card in self.cards if card.picture is None])
        first = self.recent.rows[0] if self.recent.rows else self.open_button
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        if self._pictures is not None:
            self._pictures.cancel()
        super().hideEvent(event)

    def stop(self) -> None:
        """End the thread that makes the pictures; missing ones are made at the next showing."""
        if self._pictures is not None:
            self._pictures.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        focused = self.focusWidget()
        if isinstance(focused, QAbstractButton) and focused.hasFocus():
            focused.click()
        elif self.recent.rows:
            self.openRequested.emit(self.recent.rows[0].path)

    @Slot()
    def _dress(self) -> None:
        self._side.setFixedWidth(theme().px(LEFT_WIDTH))
        for row in (*self.recent.rows, self.proof_row, self.help_row):
            row.updateGeometry()
        self._grid.place()
        self.update()

    @Slot(str, object)
    def _show_picture(self, name: str, picture: Picture) -> None:
        for card in self.cards:
            if card.sample.id == name:
                card.set_picture(picture)

    def _left(self) -> QWidget:
        self._side = side = _Side(self)
        scroll = ScrollColumn(self._acts(side), side)
        self.help_row = ListRow("book-open", say("start_page.help"), "", say("tooltip.help"), side)
        self.help_row.setAccessibleName(say("start_page.help"))
        self.help_row.clicked.connect(lambda _checked=False: self.helpRequested.emit())
        self.proof_row = ListRow("check-circle", say("start_page.proof"), "", "", side)
        self.proof_row.setAccessibleName(say("start_page.proof"))
        self.proof_row.clicked.connect(lambda _checked=False: self.proofRequested.emit())
        foot = QVBoxLayout()
        foot.setContentsMargins(24, 0, 20, 14)
        foot.setSpacing(10)
        foot.addWidget(Hairline(side))
        foot.addWidget(self.proof_row)
        foot.addWidget(self.help_row)
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addLayout(foot)
        return side

    def _acts(self, side: QWidget) -> QWidget:
        body = QWidget(side)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(24, 24, 20, 16)
        layout.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(BrandMark(body))
        head.addWidget(Text(say("start_page.name"), "page", body), 1)
        layout.addLayout(head)
        layout.addSpacing(4)
        layout.addWidget(Text(say("start_page.about"), "secondary", body, wrap=True))
        layout.addSpacing(12)
        self.open_button = Button(say("start_page.open"), "primary", "folder-open", body)
        self.paste_button = Button(say("start_page.paste"), "outline", "clipboard-text", body)
        self.open_button.clicked.connect(lambda _checked=False: self.chooseRequested.emit())
        self.paste_button.clicked.connect(lambda _checked=False: self.pasteRequested.emit())
        for button in (self.open_button, self.paste_button):
            button.setStyleSheet("text-align: left;")
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            layout.addWidget(button)
        layout.addLayout(self._drop_hint(body))
        layout.addSpacing(22)
        layout.addWidget(Text(say("start_page.recent"), "section", body))
        layout.addSpacing(2)
        self.recent = RecentList(body)
        self.recent.chosen.connect(self.openRequested)
        self.recent.forgetRequested.connect(self.forgetRequested)
        layout.addWidget(self.recent)
        layout.addStretch(1)
        return body

    def _drop_hint(self, body: QWidget) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(0, 6, 0, 0)
        line.setSpacing(6)
        line.addWidget(IconLabel("arrow-elbow-down-right", "text3", 14, body))
        line.addWidget(Text(say("start_page.drop"), "small", body), 1)
        return line

    def _right(self) -> QWidget:
        body = QWidget(self)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(28, 24, 28, 26)
        layout.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(Text(say("start_page.samples"), "dialog", body))
        head.addStretch(1)
        fields = list(dict.fromkeys(card.sample.field for card in self.cards))
        if len(fields) > 1:
            head.addWidget(self._field_choice(fields, body))
        layout.addLayout(head)
        layout.addWidget(Text(say("start_page.samples_hint"), "secondary", body, wrap=True))
        layout.addSpacing(8)
        self._grid = CardGrid(body)
        for card in self.cards:
            card.setParent(self._grid)
        self._grid.set_cards(self.cards)
        layout.addWidget(self._grid)
        layout.addStretch(1)
        scroll = ScrollColumn(body, self)
        return scroll

    def _field_choice(self, fields: Sequence[str], body: QWidget) -> SegmentedControl:
        choices = [(ALL_FIELDS, say("start_page.all"))]
        choices += [(name, translated(name)) for name in fields]
        choice = SegmentedControl(choices, say("start_page.samples"), body)
        choice.chosen.connect(self._show_field)
        return choice

    @Slot(str)
    def _show_field(self, name: str) -> None:
        def belongs(entry: Sample) -> bool:
            return name in (ALL_FIELDS, entry.field)

        self._grid.set_cards([card for card in self.cards if belongs(card.sample)])
