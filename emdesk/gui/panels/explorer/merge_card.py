"""The merge tree of the cell that is looked at: which components make one cluster, and how many clusters there are."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QSplitter, QVBoxLayout, QWidget

from emdesk.app.merging import groups_in_words
from emdesk.app.merging_pictures import entropy_picture, tree_picture
from emdesk.em.merging import MergeStep, Merging
from emdesk.gui.panels.plot_card import Deeds, PlotCard
from emdesk.gui.plots.picture_view import PictureView
from emdesk.gui.store import Store
from emdesk.gui.widgets import Button, ElidedText, EmptyState, Text
from emdesk.texts import say


class MergeCard(PlotCard):
    """The tree above, the entropy below. A click in either chooses the number of clusters: `clustersChosen` names it;
    `openRequested` carries the step that is shown."""

    clustersChosen = Signal(int)
    openRequested = Signal(object)

    def __init__(self, store: Store, deeds: Deeds, parent: QWidget | None = None) -> None:
        self.tree = PictureView()
        super().__init__(store, deeds, self.tree, say("explorer.tree"), parent)
        self.frame.setObjectName("merge-tree")
        self._merging: Merging | None = None
        self._names: tuple[str, ...] = ()
        self._clusters = 1
        self.entropy = PictureView()
        self.entropy.setMinimumSize(90, 60)
        self._empty = EmptyState("git-branch", say("panel.nothing"), "", parent=self)
        self._empty.hide()
        both = QSplitter(Qt.Orientation.Vertical, self)
        both.setChildrenCollapsible(False)
        both.addWidget(self.frame)
        both.addWidget(self.entropy)
        both.setSizes([110, 100])
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(both, 1)
        column.addWidget(self._foot(body))
        self.set_body(body)
        self.frame.show()
        for plot, choose in ((self.tree, self._click_tree), (self.entropy, self._click_entropy)):
            plot.main.clickedAt.connect(choose)
        self.show_merging(None, (), None, say("explorer.tree_later"))

    def _foot(self, parent: QWidget) -> QWidget:
        self._foot_line = QWidget(parent)
        rows = QVBoxLayout(self._foot_line)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        self.suggestion = ElidedText("", "small", self._foot_line)
        rows.addWidget(self.suggestion)
        line = QHBoxLayout()
        line.setSpacing(8)
        self.clusters = QSpinBox(self._foot_line)
        self.clusters.setAccessibleName(say("explorer.tree_clusters"))
        self.clusters.setFixedWidth(64)
        self.clusters.valueChanged.connect(self._choose)
        self.open = Button(say("explorer.tree_open"), "outline", "arrows-out", self._foot_line)
        self.open.clicked.connect(lambda _checked=False: self.openRequested.emit(self.step))
        line.addWidget(Text(say("explorer.tree_clusters"), "small", self._foot_line))
        line.addWidget(self.clusters)
        line.addStretch(1)
        line.addWidget(self.open)
        rows.addLayout(line)
        return self._foot_line

    @property
    def step(self) -> MergeStep | None:
        """The clusters that are shown."""
        return None if self._merging is None else self._merging.step(self._clusters)

    def show_merging(
        self, merging: Merging | None, names: tuple[str, ...], clusters: int | None, why: str = ""
    ) -> None:
        """Show a tree cut into so many clusters, None for as many as are suggested; without a tree `why` not."""
        self._merging, self._names = merging, names
        self.frame.set_empty(self._empty if merging is None else None)
        self.entropy.setVisible(merging is not None)
        self._foot_line.setVisible(merging is not None)
        if merging is None:
            self._empty.set_text(say("panel.nothing"), why)
            return
        most = merging.components
        self._clusters = min(clusters or merging.suggested or most, most)
        blocked = self.clusters.blockSignals(True)  # it follows the state, it does not ask for it
        self.clusters.setRange(1, most)
        self.clusters.setValue(self._clusters)
        self.clusters.blockSignals(blocked)
        suggested = merging.suggested
        words = say("explorer.tree_no_elbow")
        if suggested is not None:
            words = say("explorer.tree_suggests", clusters=suggested)
        self.suggestion.set_full(words)
        groups = groups_in_words(merging.step(self._clusters), names)
        self.open.setToolTip(say("explorer.tree_open_help", groups=groups))
        self.tree.present(tree_picture(merging, names, self._clusters))
        self.entropy.present(entropy_picture(merging, self._clusters))

    def _choose(self, clusters: int) -> None:
        if self._merging is not None and clusters != self._clusters:
            self.clustersChosen.emit(clusters)

    def _click_tree(self, scene: QPointF, _modifiers: Qt.KeyboardModifier) -> None:
        """Cut where the pointer is: a join at height h leaves as many clusters as there are components less h."""
        if self._merging is not None:
            height = self.tree.main.mapSceneToView(scene).y()
            self._choose(self._possible(math.ceil(self._merging.components - height)))

    def _click_entropy(self, scene: QPointF, _modifiers: Qt.KeyboardModifier) -> None:
        if self._merging is not None:
            self._choose(self._possible(round(self.entropy.main.mapSceneToView(scene).x())))

    def _possible(self, clusters: int) -> int:
        assert self._merging is not None
        return max(1, min(self._merging.components, clusters))
