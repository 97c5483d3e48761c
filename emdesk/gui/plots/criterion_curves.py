"""A criterion over the count of groups, one curve a variant, each named at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QWidget

from emdesk.gui.plots import ink
from emdesk.gui.plots.canvas import EXPORT_TEXT_PX, PlotCanvas
from emdesk.gui.plots.symbol_item import SymbolItem
from emdesk.gui.theme import LIGHT, TYPE, Tokens, font
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


class CriterionCurves(PlotCanvas):
    """The best variant in the accent, the next few named, the others pale."""

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        tokens: Tokens | None = None,
        text_px: int | None = None,
        ratio: float | None = None,
    ) -> None:
        self._curves: tuple[CriterionCurve, ...] = ()
        self._name = ""
        self._lower = True
        self._items: list[pg.PlotCurveItem] = []
        self._labels: list[pg.TextItem] = []
        self._is_made = False
        super().__init__(parent, tokens=tokens, text_px=text_px, ratio=ratio, whole_x=True)
        self.dots = SymbolItem(symbol="o", size=6)
        self.dots.setZValue(40)
        self.main.addItem(self.dots, ignoreBounds=True)
        self._is_made = True

    def render(  # type: ignore[override]
        self, curves: Sequence[CriterionCurve], *, name: str, lower_is_better: bool
    ) -> None:
        """Show these curves; `name` is the criterion."""
        self._curves = tuple(sorted(curves, key=lambda c: -c.rank))
        self._name, self._lower = name, lower_is_better
        self._draw()

    def restyle(self) -> None:
        """Draw again in the present colours."""
        if self._is_made:
            self._draw()

    def twin(self, ratio: float = 1.0) -> CriterionCurves:
        """The same curves in the light theme, for an export."""
        twin = CriterionCurves(tokens=LIGHT, text_px=EXPORT_TEXT_PX, ratio=ratio)
        twin.resize(self.size())
        twin.render(self._curves, name=self._name, lower_is_better=self._lower)
        return twin

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
            item.setZValue(10 + depth)
            self.main.addItem(item, ignoreBounds=True)
            self._items.append(item)
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
        metrics = QFontMetrics(self._font())
        room = max((metrics.horizontalAdvance(f" {name}  ") for name in named), default=20)
        share = min(MOST_FOR_NAMES, room / max(1.0, self.main.width()))
        right = last + wide * 1.05 * share / (1 - share)
        self.set_home((first - 0.05 * wide, right, low - MARGIN * tall, high + MARGIN * tall))

    def _font(self) -> QFont:
        """Of the names at the ends."""
        made = font(TYPE.axis, 600)
        if self.text_px is not None:
            made.setPixelSize(self.text_px)
        return made

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
        last = -np.inf
        for value, count, curve in ends:
            place = max(value, last + apart)
            last = place
            item = pg.TextItem(anchor=(0.0, 0.5))
            item.setFont(self._font())
            item.setColor(QColor(self.tokens.colour("accent" if curve.rank == 0 else "text2")))
            item.setPlainText(f" {curve.name}")
            item.setPos(count, place)
            item.setZValue(60)
            item.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
            self.main.addItem(item, ignoreBounds=True)
            self._labels.append(item)
