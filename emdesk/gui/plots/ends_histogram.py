"""How many starts ended at each height, beside the curves and on their axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal, Slot

from emdesk.app.observatory import Fate
from emdesk.gui.plots import ink
from emdesk.gui.plots.drawn_canvas import DrawnCanvas
from emdesk.texts import say, say_count
from emdesk.texts.numbers import criterion

F64 = NDArray[np.float64]

BAR_PX = 7.0
ROLES = {Fate.SOUND: "hist", Fate.BEST: "accent", Fate.ASIDE: "bad"}


class EndsHistogram(DrawnCanvas):
    """Bars to the right; `heightClicked` tells the lowest and highest objective of the bar that was clicked."""

    heightClicked = Signal(float, float)

    moves_up = False

    def _begin(self) -> None:
        self._ends: Mapping[Fate, F64] = {}
        self._edges: F64 = np.empty(0)
        self._counts: NDArray[np.intp] = np.empty(0, np.intp)
        self._range = (0.0, 1.0)

    def _make_items(self) -> None:
        self.main.setMouseEnabled(x=False, y=False)
        self.left.numbers_shown = False
        self.bars = {fate: pg.BarGraphItem(x0=[0], y=[0], width=[0], height=0) for fate in ROLES}
        for item in self.bars.values():
            self.main.addItem(item, ignoreBounds=True)
        self.set_names(say("starts.histogram.axis"), "")

    def _show_same(self, twin: Self) -> None:
        twin._range = self._range
        twin.present(self._ends)

    def present(self, ends: Mapping[Fate, F64]) -> None:
        """Show these last objectives (m,) by what became of the starts."""
        self._ends = ends
        self._draw()

    @Slot(float, float)
    def follow_range(self, low: float, high: float) -> None:
        """Stand on the same axis as the curves."""
        self._range = (low, high)
        self._draw()

    def _draw(self) -> None:
        low, high = self._range
        bins = max(4, int(self.main.height() / BAR_PX))
        self._edges = np.linspace(low, high, bins + 1)
        middle, step = (self._edges[1:] + self._edges[:-1]) / 2, (high - low) / bins
        before = np.zeros(bins, dtype=np.intp)
        for fate, item in self.bars.items():
            found = np.histogram(self._ends.get(fate, np.empty(0)), self._edges)[0]
            shown = found > 0
            colour = self.tokens.colour(ROLES[fate])
            item.setOpts(
                x0=before[shown].astype(float),
                y=middle[shown],
                width=found[shown].astype(float),
                height=0.8 * step,
                pen=ink.NO_PEN,
                brush=ink.brush(colour),
            )
            before = before + found
        self._counts = before
        right = max(1.0, 1.06 * float(before.max(initial=1)))
        self.set_home((0.0, right, low, high), keep_view=False)
        total = sum(len(values) for values in self._ends.values())
        self.speak(say("starts.histogram"), say_count("starts.card", total))

    def _bin_at(self, scene_position: QPointF) -> int:
        if not self.main.sceneBoundingRect().contains(scene_position):
            return -1
        y = self.main.mapSceneToView(scene_position).y()
        place = int(np.searchsorted(self._edges, y)) - 1
        inside = 0 <= place < len(self._counts)
        return place if inside and self._counts[place] else -1

    def tip_at(self, scene_position: QPointF) -> str:
        """How many starts ended in the bar under the pointer."""
        place = self._bin_at(scene_position)
        if place < 0:
            return ""
        low, high = criterion(self._edges[place]), criterion(self._edges[place + 1])
        return say_count("starts.histogram.tip", int(self._counts[place]), low=low, high=high)

    @Slot(object, object)
    def _click(self, scene_position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        place = self._bin_at(scene_position)
        if place >= 0:
            self.heightClicked.emit(float(self._edges[place]), float(self._edges[place + 1]))
