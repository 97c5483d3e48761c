"""The Explorer view: which model?

A grid of full fits, groups down and a setting or the laws across. It fills from the cheap corner in a thread of its
own; the cell under the pointer goes first. Beside it curves over the counts, and the cell that is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QSplitter, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.comparison.cells import LARGER_IS_BETTER
from emdesk.app.comparison.comparison_object import export_comparison
from emdesk.app.comparison.exploration import Exploration, is_stale
from emdesk.app.comparison.outcome import has_two_scales
from emdesk.app.comparison.places import Place
from emdesk.app.merging import merging
from emdesk.app.parts import group_column
from emdesk.app.session import FitResult
from emdesk.app.state import AppState
from emdesk.em.merging import MergeStep, Merging
from emdesk.errors import EMDeskError
from emdesk.gui.background import Background
from emdesk.gui.explorer_controller import ExplorerController
from emdesk.gui.fit_controller import message_of
from emdesk.gui.panels.explorer.chosen_card import ChosenCard
from emdesk.gui.panels.explorer.grid_card import GridCard
from emdesk.gui.panels.explorer.merge_card import MergeCard
from emdesk.gui.panels.explorer.side import TabbedCards
from emdesk.gui.panels.explorer.words import variant_label
from emdesk.gui.panels.plot_card import Deeds, PlotCard
from emdesk.gui.panels.views import CentralView
from emdesk.gui.plots.criterion_curves import CriterionCurve, CriterionCurves
from emdesk.gui.store import Store
from emdesk.gui.widgets import EmptyState, StripeKind
from emdesk.texts import say

GAP = 8
SIDE_WIDTH, ROOMY_SIDE_WIDTH = 316, 460
ROOMY = 1600


class ExplorerView(CentralView):
    """The grid at the left; curves and the chosen cell at the right."""

    def __init__(
        self,
        store: Store,
        explorer: ExplorerController,
        background: Background,
        deeds: Deeds,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._explorer = store, explorer
        self._background, self._deeds = background, deeds
        self._drawn: tuple[object, ...] = ()
        self._is_divided = False
        self.card = GridCard(store, self)
        self.curves = CriterionCurves()
        self.curves_card = PlotCard(store, deeds, self.curves, say("explorer.curves"), self)
        self.curves_card.frame.setObjectName("criterion")
        self.tree_card = MergeCard(store, deeds, self)
        self._merged: tuple[FitResult, Merging] | None = None
        self.chosen = ChosenCard(self)
        self.empty = EmptyState(
            "table",
            say("explorer.empty"),
            say("explorer.empty_text"),
            say("explorer.explore"),
            "play",
            parent=self.card,
        )
        self._no_curves = EmptyState(
            "chart-line-up", say("panel.nothing"), say("explorer.curves_later"), parent=self
        )
        self._lay_out()
        self._connect()
        self._render(store.state)

    def _lay_out(self) -> None:
        self._stack = self.card.place
        self._stack.insertWidget(0, self.empty)
        side = QWidget(self)
        rows = QVBoxLayout(side)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GAP)
        self.side = TabbedCards(self.curves_card, self.tree_card, parent=side)
        rows.addWidget(self.side, 1)
        rows.addWidget(self.chosen)
        self._across = QSplitter(Qt.Orientation.Horizontal, self)
        self._across.setHandleWidth(GAP)
        self._across.setChildrenCollapsible(False)
        self._across.addWidget(self.card)
        self._across.addWidget(side)
        self._across.setStretchFactor(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP, GAP, GAP, GAP)
        layout.addWidget(self._across)

    def _connect(self) -> None:
        self.card.exportRequested.connect(self._ask_folder)
        self.card.grid.placeWanted.connect(self._explorer.prefer)
        self.card.grid.openRequested.connect(self._open)
        self.chosen.openRequested.connect(self._open)
        self.chosen.markRequested.connect(lambda place: self._store.do(commands.mark_cell, place))
        self.chosen.pairRequested.connect(self._compare)
        self.side.turned.connect(lambda: self._render_tree(self._store.state.exploration))
        self.tree_card.clustersChosen.connect(
            lambda clusters: self._store.do(commands.choose_clusters, clusters)
        )
        self.tree_card.openRequested.connect(self._open_merged)
        self.empty.acted.connect(self._explorer.start)
        self._store.changed.connect(self._follow)

    def minimumSizeHint(self) -> QSize:
        """Less than its parts ask for: views share a window whose docks this one does without."""
        return QSize(480, 320)

    def regions(self) -> Sequence[QWidget]:
        """Grid, curves, chosen cell."""
        return self.card, self.side, self.chosen

    def focus_first(self) -> None:
        """The grid, or the one button of the empty view."""
        is_empty = self._stack.currentWidget() is self.empty
        target: QWidget = self.empty.button if is_empty else self.card.grid
        target.setFocus(Qt.FocusReason.MouseFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what happened while another view was looked at."""
        super().showEvent(event)
        if not self._is_divided:
            self._is_divided = True
            wide = SIDE_WIDTH if self.width() < ROOMY else ROOMY_SIDE_WIDTH
            self._across.setSizes([max(1, self.width() - wide - 3 * GAP), wide])
        self._render(self._store.state)

    # ------------------------------------------------------------ following the state

    def _follow(self, old: AppState, new: AppState) -> None:
        if not self.isVisible():
            return
        if (
            old.exploration is not new.exploration
            or old.setup is not new.setup
            or old.form_problems != new.form_problems
        ):
            self._render(new)

    def _render(self, state: AppState) -> None:
        shown = state.exploration
        self.card.render_state(state)
        page = self.card.grid if shown.comparison is not None else self.empty
        if page is not self._stack.currentWidget():
            had_focus = self.empty.button.hasFocus()
            self._stack.setCurrentWidget(page)
            if had_focus:
                self.focus_first()
        self.card.set_empty(page is self.empty)
        self.curves_card.frame.set_empty(self._no_curves if shown.best is None else None)
        self._render_empty(state)
        self._render_curves(shown)
        self._render_tree(shown)
        self.chosen.render_exploration(shown)
        self._render_stripe(state)

    def _render_empty(self, state: AppState) -> None:
        ready = state.can_explore
        text = "explorer.empty_text" if ready or state.form_problems else "explorer.no_groups"
        if state.exploration.is_busy:
            text = "explorer.progress.preparing"
        self.empty.set_text(say("explorer.empty"), say(text), say("explorer.explore"))
        self.empty.button.setEnabled(ready and not state.exploration.is_busy)

    def _render_curves(self, shown: Exploration) -> None:
        made = shown.comparison
        what = (made, shown.criterion, shown.larger_is_better)
        if what == self._drawn:
            return
        self._drawn = what
        name = shown.criterion
        turned = shown.larger_is_better or name in LARGER_IS_BETTER
        self.curves.present(
            criterion_curves(shown),
            name=say(f"criteria.{name}"),
            lower_is_better=not turned,
        )

    def _render_tree(self, shown: Exploration) -> None:
        """The tree of the cell that is looked at, found in another thread the first time it is asked for."""
        if self.side.current is not self.tree_card:
            return
        cell = shown.cell(shown.looked_at)
        result = cell.result if cell is not None and cell.is_sound else None
        if cell is None or result is None or cell.place.components < 2:
            is_let_go = cell is not None and cell.is_sound and result is None
            why = say("explorer.tree_let_go" if is_let_go else "explorer.tree_later")
            self.tree_card.show_merging(None, (), None, why)
        elif self._merged is not None and self._merged[0] is result:
            self.tree_card.show_merging(self._merged[1], result.group_names, shown.clusters)
        else:
            self._background.ask(
                "merge tree",
                lambda: (result, merging(result)),
                self._take_merging,
                lambda problem: self.tree_card.show_merging(None, (), None, problem.sentence),
            )

    def _take_merging(self, found: tuple[FitResult, Merging]) -> None:
        self._merged = found
        shown = self._store.state.exploration
        cell = shown.cell(shown.looked_at)
        if cell is not None and cell.result is found[0]:
            self._render_tree(shown)

    def _render_stripe(self, state: AppState) -> None:
        shown = state.exploration
        problem = shown.problem
        if problem is not None:
            self.card.stripe.show_stripe(
                StripeKind.FAILED,
                problem.what[:1].upper() + problem.what[1:],
                [(say("explorer.again"), self._explorer.start)],
                detail=problem.remedy,
            )
        elif is_stale(shown, state.dataset, state.spec, state.catalogue):
            act = (say("explorer.again"), self._explorer.start)
            self.card.stripe.show_stripe(StripeKind.STALE, say("explorer.stale"), [act])
        elif shown.comparison is not None and has_two_scales(shown.comparison, state.catalogue):
            self.card.stripe.show_stripe(StripeKind.INFO, say("compare.two_scales"))
        elif state.spec is not None and (column := group_column(state.spec)) is not None:
            words = say("groups.compared_on_all", column=column)
            self.card.stripe.show_stripe(StripeKind.INFO, words)
        else:
            self.card.stripe.clear()

    # ------------------------------------------------------------ wishes

    def _open_merged(self, step: MergeStep) -> None:
        """The fit on the desk, coloured and exported by its clusters."""
        place = self._store.state.exploration.looked_at
        if place is not None:
            self._store.do(commands.open_cell, place, step)
            self._deeds.toast(say("merging.coloured", clusters=step.clusters))

    def _compare(self, first: Place, second: Place) -> None:
        """The best and the runner-up side by side."""
        self._store.do(commands.compare_cells, first, second)

    def _open(self, place: Place | None) -> None:
        """The fit on the desk; one that was let go is run again."""
        shown = self._store.state.exploration
        cell = shown.cell(place)
        if cell is None or cell.refusal:
            return
        self._store.do(commands.open_cell, cell.place)
        if cell.result is None:
            self._deeds.run()

    def _ask_folder(self) -> None:
        made = self._store.state.exploration.comparison
        if made is None:
            return
        chosen = QFileDialog.getExistingDirectory(self, say("explorer.export"))
        if chosen:
            self.export_to(Path(chosen))

    def export_to(self, folder: Path) -> None:
        """Write the table of the grid into a folder."""
        made = self._store.state.exploration.comparison
        if made is None:
            return
        try:
            (path,) = export_comparison(made, folder)
        except EMDeskError as problem:
            self._store.do(commands.add_message, message_of(problem, str(folder)))
            self._deeds.toast(problem.sentence)
            return
        self._deeds.toast(say("plot.saved_as", name=path.name))


def criterion_curves(shown: Exploration) -> list[CriterionCurve]:
    """One curve a variant, ranked by its best value."""
    made = shown.comparison
    if made is None:
        return []
    order: list[str] = []
    for cell in made.ranked(shown.criterion):
        if cell.place.variant not in order:
            order.append(cell.place.variant)
    curves = []
    for rank, variant in enumerate(order):
        cells = [shown.cell(Place(count, variant)) for count in made.grid.counts]
        values = [np.nan if cell is None else shown.shown(cell) for cell in cells]
        name = variant_label(made.grid, variant)
        counts = np.array(made.grid.counts, dtype=np.float64)
        curves.append(CriterionCurve(name, counts, np.array(values), rank))
    return curves
