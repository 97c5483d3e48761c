"""The proof page: published results, what EMDesk reaches, and whether the two agree."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.proofs.board import ProofBoard
from emdesk.app.proofs.entries import Entry, entries
from emdesk.app.proofs.running import Part, Verdict
from emdesk.app.proofs.wording import summary_sentence
from emdesk.app.state import AppState, Page
from emdesk.gui.panels.proof_table import board_columns, part_columns
from emdesk.gui.panels.views import CentralView
from emdesk.gui.store import Store
from emdesk.gui.theme import theme
from emdesk.gui.widgets import Button, Card, DataTable, StripeKind, Text
from emdesk.texts import say, say_count

GAP = 8
DETAIL_HEIGHT = 232


class ProofPage(CentralView):
    """All results in a table, the numbers of the chosen one below it.

    It only tells wishes: `runRequested`, `stopRequested`, `openRequested` (the id of a result, for the desk) and
    `folderRequested` (choose a folder with data that are not bundled).
    """

    runRequested = Signal()
    stopRequested = Signal()
    openRequested = Signal(str)
    folderRequested = Signal()

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._listed: tuple[Entry, ...] = entries()
        self.setAccessibleName(say("proof.page"))
        self.table = DataTable(say("proof.page"), self, sortable=False)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.rowsChosen.connect(self._choose)
        self.table.rowActivated.connect(lambda row: self.openRequested.emit(self._listed[row].id))
        self.card = Card(say("proof.page"), parent=self)
        self.card.set_body(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(GAP)
        layout.addLayout(self._head())
        layout.addWidget(self.card, 1)
        layout.addWidget(self._detail())
        store.changed.connect(self._follow)
        self._render(store.state.proofs)

    def focus_first(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _head(self) -> QVBoxLayout:
        self.back_button = Button(say("proof.back"), "quiet", "caret-left", self)
        self.folder_button = Button(say("proof.folder"), "outline", "folder-open", self)
        self.run_button = Button(say("proof.run"), "primary", "play-fill", self)
        self.run_button.setFixedWidth(theme().px(118))
        self.back_button.clicked.connect(lambda _checked=False: self._go_back())
        self.folder_button.clicked.connect(lambda _checked=False: self.folderRequested.emit())
        self.run_button.clicked.connect(lambda _checked=False: self._press_run())
        line = QHBoxLayout()
        line.setSpacing(GAP)
        line.addWidget(Text(say("proof.title"), "page", self))
        line.addStretch(1)
        for button in (self.back_button, self.folder_button, self.run_button):
            line.addWidget(button)
        about = Text(say_count("proof.about", len(self._listed)), "secondary", self, wrap=True)
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(say("proof.progress"))
        kept = self.progress.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(kept)
        head = QVBoxLayout()
        head.setSpacing(4)
        head.addLayout(line)
        head.addWidget(about)
        head.addWidget(self.progress)
        return head

    def _detail(self) -> Card:
        self.detail = Card(parent=self)
        self.detail.setFixedHeight(theme().px(DETAIL_HEIGHT))
        self.open_button = Button(say("proof.open"), "outline", "chart-scatter", self.detail)
        self.open_button.clicked.connect(
            lambda _checked=False: self.openRequested.emit(self._store.state.proofs.chosen)
        )
        self.detail.slot.addWidget(self.open_button)
        body = QWidget(self.detail)
        self.source = Text("", "small", body, wrap=True)
        self.source.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.parts = DataTable(say("proof.parts"), body, sortable=False, compact=True)
        lines = QVBoxLayout(body)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(6)
        lines.addWidget(self.source)
        lines.addWidget(self.parts, 100)
        lines.addStretch(1)
        self.detail.set_body(body)
        return self.detail

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        if old.proofs is not new.proofs:
            self._render(new.proofs)

    def _render(self, board: ProofBoard) -> None:
        self.table.set_table(board_columns(self._listed, board), len(self._listed))
        words = say("proof.stop" if board.is_running else "proof.run")
        self.run_button.setText(words)
        self.run_button.setAccessibleName(words)
        self.run_button.set_icon_name("stop-fill" if board.is_running else "play-fill")
        self.progress.setVisible(board.is_running)
        self.progress.setValue(round(1000 * board.share))
        self.card.set_title(say("proof.page"), _summary(board))
        self._render_detail(board)

    def _render_detail(self, board: ProofBoard) -> None:
        entry = board.entry
        made = None if entry is None else board.results.get(entry.id)
        is_here = made is None or made.verdict is not Verdict.NOT_RUN
        self.open_button.setEnabled(entry is not None and is_here)
        if entry is None:
            self.detail.set_title(say("proof.parts"), "")
            self.source.setText(say("proof.choose"))
            self.parts.hide()
            self.detail.stripe.clear()
            return
        self.detail.set_title(say("proof.detail", id=entry.id, title=entry.title), entry.model)
        self.source.setText(entry.source)
        parts = tuple(map(Part, entry.checks)) if made is None else made.parts
        self.parts.show()
        self.parts.set_table(part_columns(parts), len(parts))
        if made is not None and made.reason:
            is_missed = made.verdict is Verdict.MISSED
            kind = StripeKind.STALE if is_missed else StripeKind.INFO
            self.detail.stripe.show_stripe(kind, say("message.what", what=made.reason))
        else:
            self.detail.stripe.clear()

    @Slot(list)
    def _choose(self, rows: list[int]) -> None:
        if rows:
            self._store.do(commands.choose_proof, self._listed[rows[0]].id)

    def _press_run(self) -> None:
        if self._store.state.proofs.is_running:
            self.stopRequested.emit()
        else:
            self.runRequested.emit()

    def _go_back(self) -> None:
        there = Page.START if self._store.state.dataset is None else Page.DESK
        self._store.do(commands.show_page, there)


def _summary(board: ProofBoard) -> str:
    """How far the run is, or how many results agree; empty before anything was tried."""
    if board.is_running:
        return say("proof.under_way", done=board.asked - len(board.waiting), all=board.asked)
    return summary_sentence(tuple(board.results.values())) if board.results else ""
