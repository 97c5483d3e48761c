"""The Compare view: what differs?

Two fits of the same rows with matched colours and equal ranges, the flow of rows between their groups, which fits
better, how the groups moved, and how both agree with known labels. Of more than two fits a table comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedLayout, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.pairing.fits import ComparedFit, fits_of, pair_of
from emdesk.app.pairing.pair import Pair, known_columns, pair, suggested_column
from emdesk.app.state import EXPLORER_VIEW, AppState, Message, Weight
from emdesk.errors import EMDeskError
from emdesk.gui.background import Background
from emdesk.gui.panels.compare.fit_card import FitCard
from emdesk.gui.panels.compare.fits_card import FitsCard
from emdesk.gui.panels.compare.flow import FlowView, changed_words
from emdesk.gui.panels.compare.known_card import KnownCard
from emdesk.gui.panels.compare.tables import better_columns, better_lines, moved_columns
from emdesk.gui.panels.plot_card import Deeds
from emdesk.gui.panels.views import CentralView
from emdesk.gui.plots.renderers.points import RINGED_AT_MOST
from emdesk.gui.store import Store
from emdesk.gui.widgets import Card, DataTable, EmptyState, IconButton, StripeKind, Text
from emdesk.texts import say

GAP = 8
TABLES_SHARE, LEAST_TABLES, MOST_TABLES, SPARED = 0.34, 226, 300, 30
FOLLOWED = (
    "result", "phase", "kept", "exploration", "compared", "known_column", "setup", "picture_view",
)  # fmt: skip


class CompareView(CentralView):
    """Pictures with the flow between them above, tables below."""

    def __init__(
        self, store: Store, background: Background, deeds: Deeds, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._background, self._deeds = store, background, deeds
        self._asked: tuple[object, ...] = ()
        self._listed: tuple[object, ...] = ()
        self._is_divided = False
        self.pair: Pair | None = None
        self.fits = FitsCard(store, self)
        self.cards = tuple(FitCard(store, deeds, side, self) for side in (0, 1))
        self.flow = FlowView()
        self.flow_card = Card(say("pair.flow"), parent=self)
        self.changed = Text("", "small", self.flow_card)
        self.better = DataTable(say("pair.better"), self, sortable=False, compact=True)
        self.better_card = _card(say("pair.better"), self.better, self)
        self.moved = DataTable(
            say("pair.moved"), self, sortable=False, compact=True, fixed_first=True
        )
        self.moved_card = _card(say("pair.moved"), self.moved, self)
        self.known = KnownCard(store, self)
        self.empty = EmptyState(
            "square-split-horizontal", say("pair.empty"), "", say("pair.explore"), "table", self
        )
        self._lay_out()
        self._connect()
        self._render(store.state)

    def _lay_out(self) -> None:
        body = QWidget(self.flow_card)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.flow, 1)
        column.addWidget(self.changed, 0, Qt.AlignmentFlag.AlignHCenter)
        self.flow_card.set_body(body)
        rule = Text(say("pair.moved_rule"), "hint", self.moved_card)
        rule.setToolTip(say("pair.moved_rule_is"))
        self.moved_card.slot.addWidget(rule)
        copy = IconButton("copy", say("copy.all"), self.moved_card, clicked=self.moved.copy)
        self.moved_card.slot.addWidget(copy)
        pictures = _splitter(Qt.Orientation.Horizontal, self)
        for card in (self.cards[0], self.flow_card, self.cards[1]):
            pictures.addWidget(card)
        pictures.setSizes([480, 260, 480])
        tables = _splitter(Qt.Orientation.Horizontal, self)
        for card in (self.better_card, self.moved_card, self.known):
            tables.addWidget(card)
        tables.setSizes([426, 578, 244])
        self._rows = _splitter(Qt.Orientation.Vertical, self)
        for row in (pictures, tables):
            self._rows.addWidget(row)
        self._rows.setStretchFactor(0, 1)
        filled, bare = QWidget(self), QWidget(self)
        for place, contents in ((filled, (self.fits, self._rows)), (bare, (self.empty,))):
            inner = QVBoxLayout(place)
            inner.setContentsMargins(GAP, GAP, GAP, GAP)
            inner.setSpacing(GAP)
            for part in contents:
                inner.addWidget(part)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(bare)
        self._stack.addWidget(filled)

    def _connect(self) -> None:
        for side, card in enumerate(self.cards):
            card.fitChosen.connect(partial(self._choose, side))
            other = self.cards[1 - side]
            card.picture_view.viewChanged.connect(partial(self._follow_view, card, other))
        self.fits.fitChosen.connect(self._choose)
        self.empty.acted.connect(self._leave_empty)
        self._store.changed.connect(self._follow)

    def minimumSizeHint(self) -> QSize:
        """Less than its parts ask for: views share a window whose docks this one does without."""
        return QSize(480, 320)

    def regions(self) -> Sequence[QWidget]:
        """The fits, A, flow, B, the tables."""
        return (
            self.fits,
            self.cards[0],
            self.flow,
            self.cards[1],
            self.better,
            self.moved,
            self.known,
        )

    def focus_first(self) -> None:
        """The list of A, or the one button of the empty view."""
        is_empty = self._stack.currentIndex() == 0
        target: QWidget = self.empty.button if is_empty else self.cards[0].choice
        target.setFocus(Qt.FocusReason.MouseFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what happened while another view was looked at."""
        super().showEvent(event)
        self._render(self._store.state)
        if not self._is_divided:
            self._divide()

    def _divide(self) -> None:
        """Pictures above, tables below; a list of fits over both takes from both."""
        self._is_divided = True
        over = self.fits.sizeHint().height() + GAP if self.fits.isVisibleTo(self) else 0
        room = self.height() - over
        least = LEAST_TABLES - (SPARED if over else 0)
        tables = min(MOST_TABLES, max(least, round(TABLES_SHARE * room)))
        self._rows.setSizes([max(1, room - tables - 3 * GAP), tables])

    # ------------------------------------------------------------ following the state

    def _follow(self, old: AppState, new: AppState) -> None:
        if not self.isVisible():
            return
        if any(getattr(old, name) is not getattr(new, name) for name in FOLLOWED):
            self._render(new)

    def _render(self, state: AppState) -> None:
        fits, chosen = fits_of(state), pair_of(state)
        self._stack.setCurrentIndex(0 if chosen is None else 1)
        if chosen is None:
            self._render_empty(state, len(fits))
            self._asked, self.pair = (), None
            return
        self._list(fits, chosen)
        assert state.dataset is not None
        results = (chosen[0].result, chosen[1].result)
        columns, known = known_columns(state.dataset, *results), state.known_column
        if known not in columns:
            known = suggested_column(state.dataset, *results)
        self.known.offer(columns, known)
        self._ask(state, chosen, known)

    def _list(self, fits: Sequence[ComparedFit], chosen: tuple[ComparedFit, ComparedFit]) -> None:
        """Offer the fits; a list that is open is not made again while a grid goes on elsewhere."""
        pictured = (chosen[0].key, chosen[1].key)
        listed = (*pictured, *(part for fit in fits for part in (fit.key, fit.name, fit.result)))
        if _same(listed, self._listed):
            return
        self._listed = listed
        self.fits.render_fits(fits, pictured)
        if self.fits.isVisibleTo(self) != (len(fits) > 2):
            self.fits.setVisible(len(fits) > 2)
            self._divide()
        for card, fit in zip(self.cards, chosen, strict=True):
            card.render_fits(fits, fit)

    def _render_empty(self, state: AppState, fits: int) -> None:
        can_keep = fits == 1 and not state.kept and state.result is not None
        text = say("pair.empty_one" if fits else "pair.empty_none")
        self.empty.set_text(
            say("pair.empty"), text, say("pair.keep" if can_keep else "pair.explore")
        )

    def _ask(self, state: AppState, chosen: tuple[ComparedFit, ComparedFit], known: str) -> None:
        """Compare in another thread, unless these two are compared already; what is shown stays meanwhile."""
        first, second = chosen
        view = state.picture_view
        wanted = (first.key, first.result, second.key, second.result, known, view.x, view.y)
        if _same(wanted, self._asked):
            return
        self._asked = wanted
        for card in self.cards:
            card.set_busy(True)
        self._background.ask(
            "pair", partial(pair, first, second, view, known), self._take, self._tell
        )

    def _take(self, made: Pair) -> None:
        keys = (made.first.fit.key, made.second.fit.key, made.known)
        asked = self._asked
        if not asked or keys != (asked[0], asked[2], asked[4]):
            return
        self.pair = made
        for card in self.cards:
            card.set_busy(False)
            card.render_pair(made)
        self.flow.render_pair(made)
        self.changed.setText(changed_words(made, RINGED_AT_MOST))
        lines = better_lines(made)
        self.better.set_table(better_columns(lines), len(lines))
        groups = (made.first.groups, made.second.groups)
        self.moved.set_table(moved_columns(made.moved, groups), len(made.moved.rows))
        self.known.render_pair(made)
        if made.notes:
            self.better_card.stripe.show_stripe(StripeKind.STALE, made.notes[0])
        else:
            self.better_card.stripe.clear()

    def _tell(self, problem: EMDeskError) -> None:
        for card in self.cards:
            card.set_busy(False)
        message = Message(say("pair.title"), problem.what, problem.remedy, Weight.BAD)
        self._store.do(commands.add_message, message)

    # ------------------------------------------------------------ wishes

    def _choose(self, side: int, key: str) -> None:
        self._store.do(commands.compare_fit, side, key)

    @staticmethod
    def _follow_view(card: FitCard, other: FitCard, extent: object) -> None:
        """Zoomed together where both have the same axes."""
        mine, theirs = card.picture_view, other.picture_view
        same = (mine.picture.x_label, mine.picture.y_label) == (
            theirs.picture.x_label,
            theirs.picture.y_label,
        )
        if same:
            theirs.set_extent(mine.extent)

    def _leave_empty(self) -> None:
        state = self._store.state
        if len(fits_of(state)) == 1 and not state.kept and state.result is not None:
            self._store.do(commands.keep_fit)
        else:
            self._store.do(commands.show_view, EXPLORER_VIEW)


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether the same was asked for: fits by what they are, words by what they say."""
    return len(one) == len(other) and all(
        a == b if isinstance(a, str) else a is b for a, b in zip(one, other, strict=True)
    )


def _card(title: str, body: QWidget, parent: QWidget) -> Card:
    made = Card(title, parent=parent)
    made.set_body(body)
    return made


def _splitter(orientation: Qt.Orientation, parent: QWidget) -> QSplitter:
    made = QSplitter(orientation, parent)
    made.setHandleWidth(GAP)
    made.setChildrenCollapsible(False)
    return made
