"""A criterion over the count of groups, one curve a variant, each named at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics, QResizeEvent

from emdesk.gui.plots import ink
from emdesk.gui.plots.drawn_canvas import DrawnCanvas
from emdesk.gui.plots.symbol_item import SymbolItem
from emdesk.texts import say

F64 = NDArray[np.float64]
NAMED = 4
LINE_HEIGHT = 15
SHOWN_SHARE = 0.6
MARGIN = 0.06
MOST_FOR_NAMES = 0.45


@dataclass(frozen=True, eq=False)
class CriterionCurve:
    """The values (n,) of one variant at its counts (n,), NaN where there is none; `rank` 0 is the best of all."""

    name: str
    counts: F64
    values: F64
    rank: int


class CriterionCurves(DrawnCanvas):
    """The best variant in the accent, the next few named, the others pale."""

    def _begin(self) -> None:
        self._curves: tuple[CriterionCurve, ...] = ()
        self._name = ""
        self._lower = True
        self._items: list[pg.PlotCurveItem] = []
        self._labels: list[pg.TextItem] = []

    def _make_items(self) -> None:
        self.dots = self._added(SymbolItem(symbol="o", size=6), 40)

    def present(
        self, curves: Sequence[CriterionCurve], *, name: str, lower_is_better: bool
    ) -> None:
        """Show these curves; `name` is the criterion."""
        self._curves = tuple(sorted(curves, key=lambda c: -c.rank))
        self._name, self._lower = name, lower_is_better
        self._draw()

    def _show_same(self, twin: Self) -> None:
        twin.present(self._curves, name=self._name, lower_is_better=self._lower)

    @property
    def named(self) -> list[str]:
        """The curves that carry their name, the best last."""
        return [c.name for c in self._curves if self._is_named(c)]

    @staticmethod
    def _is_named(curve: CriterionCurve) -> bool:
        return curve.rank < NAMED and bool(np.isfinite(curve.values).any())

    def _draw(self) -> None:
        for item in (*self._items, *self._labels):
            self.main.removeItem(item)
        self._items, self._labels = [], []
        self._fit_range()
        x: list[float] = []
        y: list[float] = []
        brushes = []
        for depth, curve in enumerate(self._curves):
            role = "accent" if curve.rank == 0 else "text"
            opacity = 1.0 if curve.rank == 0 else 0.75 if self._is_named(curve) else 0.16
            item = pg.PlotCurveItem(
                pen=self.pen(self.tokens.colour(role), 1.8 if curve.rank == 0 else 1.1, opacity)
            )
            item.setData(curve.counts, curve.values, connect="finite", antialias=True)
            self._items.append(self._added(item, 10 + depth))
            if self._is_named(curve):
                x += curve.counts.tolist()
                y += curve.values.tolist()
                brushes += [ink.brush(self.tokens.colour(role), opacity)] * len(curve.counts)
        there = [i for i, value in enumerate(y) if np.isfinite(value)]
        self.dots.setData(
            x=[x[i] for i in there],
            y=[y[i] for i in there],
            pen=ink.NO_PEN,
            brush=[brushes[i] for i in there],
        )
        self._write_names()
        self.set_names(say("explorer.components"), self._name)
        best = next((c.name for c in self._curves if c.rank == 0), "")
        words = say("explorer.curves.says", count=len(self._curves), name=best)
        self.speak(say("explorer.curves"), words)

    def _fit_range(self) -> None:
        """From the best value to what most of the others reach: what is far away would flatten the rest."""
        values = np.concatenate([c.values for c in self._curves] or [np.empty(0)])
        values = values[np.isfinite(values)]
        counts = np.concatenate([c.counts for c in self._curves] or [np.array([1.0, 2.0])])
        if not len(values):
            values = np.array([0.0, 1.0])
        low, high = float(values.min()), float(values.max())
        if self._lower:
            high = float(np.quantile(values, SHOWN_SHARE))
        else:
            low = float(np.quantile(values, 1 - SHOWN_SHARE))
        tall = (high - low) or 1.0
        first, last = float(counts.min()), float(counts.max())
        wide = (last - first) or 1.0
        named = [c.name for c in self._curves if self._is_named(c)]
        metrics = QFontMetrics(self.small_font(600))
        room = max((metrics.horizontalAdvance(f" {name}  ") for name in named), default=20)
        share = min(MOST_FOR_NAMES, room / max(1.0, self.main.width()))
        right = last + wide * 1.05 * share / (1 - share)
        self.set_home((first - 0.05 * wide, right, low - MARGIN * tall, high + MARGIN * tall))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The room that names take depends on the width."""
        super().resizeEvent(event)
        if self._is_made:
            self._draw()

    def _write_names(self) -> None:
        """Each name beside the last value that is in view, pushed apart where they would meet."""
        _, _, low, high = self.extent
        ends: list[tuple[float, float, CriterionCurve]] = []
        for curve in self._curves:
            inside = np.isfinite(curve.values) & (curve.values <= high) & (curve.values >= low)
            if self._is_named(curve) and inside.any():
                at = int(np.flatnonzero(inside)[-1])
                ends.append((float(curve.values[at]), float(curve.counts[at]), curve))
        ends.sort(key=lambda end: end[0])
        apart = LINE_HEIGHT * (high - low) / max(1.0, self.main.height())
        places = _apart([value for value, _, _ in ends], apart, high - apart / 2)
        for place, (_, count, curve) in zip(places, ends, strict=True):
            item = pg.TextItem(anchor=(0.0, 0.5))
            item.setFont(self.small_font(600))
            item.setColor(QColor(self.tokens.colour("accent" if curve.rank == 0 else "text2")))
            item.setPlainText(f" {curve.name}")
            item.setPos(count, place)
            item.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
            self._labels.append(self._added(item, 60))


def _apart(values: Sequence[float], apart: float, top: float) -> list[float]:
    """Rising places for names at these rising values, far enough from each other and none above the top."""
    places: list[float] = []
    for value in values:
        places.append(max(value, places[-1] + apart) if places else value)
    for place in reversed(range(len(places))):
        places[place] = min(places[place], top)
        top = places[place] - apart
    return places
