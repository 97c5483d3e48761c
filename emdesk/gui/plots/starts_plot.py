"""The objective of every start over its iterations, and beside it, on the same axis, where they ended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Self

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal, Slot
from PySide6.QtGui import QColor

from emdesk.app.observatory import Fate, StartCurve, thinned_curves, window_of
from emdesk.gui.plots import ink
from emdesk.gui.plots.drawn_canvas import DrawnCanvas
from emdesk.gui.plots.symbol_item import SymbolItem
from emdesk.texts import say
from emdesk.texts.numbers import criterion, whole

F64 = NDArray[np.float64]

MOST_POINTS, MOST_LIVE_POINTS = 24_000, 8_000
LEAST_POINTS, WHOLE_BEGINNING = 40, 20
SMOOTH_BELOW = 6_000
MOST_ASIDE = 20
"""Dashed lines are slow to draw: of those set aside, the highest."""
MANY = 200
REACH_PX = 9.0
MARGIN = 0.05
ROOM_ABOVE = 0.16
STYLES: dict[Fate, tuple[str, float, float, Qt.PenStyle]] = {
    Fate.GIVEN_UP: ("text", 1.0, 0.18, Qt.PenStyle.SolidLine),
    Fate.SOUND: ("text", 1.0, 0.38, Qt.PenStyle.SolidLine),
    Fate.ASIDE: ("bad", 1.2, 0.85, Qt.PenStyle.DashLine),
    Fate.BEST: ("accent", 1.2, 0.6, Qt.PenStyle.SolidLine),
    Fate.RUNNING: ("accent", 1.8, 1.0, Qt.PenStyle.SolidLine),
}
"""Colour, width, opacity and line of the starts by what became of them; never the colours of groups."""
CROWDED = 0.15


class StartsPlot(DrawnCanvas):
    """One thin curve a start. `startClicked` names the start of the curve that was clicked."""

    startClicked = Signal(int)
    rangeChanged = Signal(float, float)

    def _begin(self) -> None:
        self._curves: tuple[StartCurve, ...] = ()
        self._drawn: tuple[StartCurve, ...] = ()
        self._segments: tuple[F64, NDArray[np.intp]] = (np.empty((0, 4)), np.empty(0, np.intp))
        self._name = say("plots.objective")
        self._is_final = False

    @property
    def drawn(self) -> tuple[StartCurve, ...]:
        """The curves that are drawn: of very many, the highest."""
        return self._drawn

    def present(self, curves: Sequence[StartCurve], *, name: str, is_final: bool) -> None:
        """Show these starts; `name` is what the objective is called, `is_final` says that the run is over."""
        self._curves, self._name, self._is_final = tuple(curves), name, is_final
        aside = sorted(
            (c for c in self._curves if c.fate is Fate.ASIDE), key=lambda c: c.end, reverse=True
        )
        left_out = {id(curve) for curve in aside[MOST_ASIDE:]}
        self._drawn = thinned_curves([c for c in self._curves if id(c) not in left_out])
        self._draw()

    def _show_same(self, twin: Self) -> None:
        twin.present(self._curves, name=self._name, is_final=self._is_final)

    # Drawing

    def _make_items(self) -> None:
        self.lines = {fate: pg.PlotCurveItem() for fate in STYLES}
        self.dots = {
            Fate.SOUND: SymbolItem(symbol="o", size=5),
            Fate.BEST: SymbolItem(symbol="o", size=7),
            Fate.ASIDE: SymbolItem(symbol="x", size=8),
        }
        for depth, item in enumerate((*self.lines.values(), *self.dots.values())):
            self._added(item, 10 + depth)
        self.best_text = self._added(pg.TextItem(anchor=(0.0, 0.5)), 60)
        self.aside_text = self._added(pg.TextItem(anchor=(0.0, 0.0)), 60)
        self.main.sigYRangeChanged.connect(self._tell_range)

    def _draw(self) -> None:
        most = MOST_POINTS if self._is_final else MOST_LIVE_POINTS
        budget = max(LEAST_POINTS, most // max(1, len(self._drawn)))
        points = {id(c): _points(c.objectives, budget) for c in self._drawn}
        smooth = self._is_final and sum(len(x) for x, _ in points.values()) <= SMOOTH_BELOW
        crowded = len(self._curves) > MANY
        for fate, item in self.lines.items():
            mine = [points[id(c)] for c in self._drawn if c.fate is fate]
            role, width, opacity, line = STYLES[fate]
            if crowded and fate in (Fate.SOUND, Fate.GIVEN_UP):
                opacity = CROWDED
            item.setPen(self.pen(self.tokens.colour(role), width, opacity, line))
            item.setData(*_joined(mine), antialias=smooth, connect="finite")
        self._draw_ends()
        self._remember_segments(points)
        right, low, high = window_of(self._curves)
        tall = high - low
        self.set_home((-0.015 * right, 1.03 * right, low - MARGIN * tall, high + ROOM_ABOVE * tall))
        self.set_names(say("plots.iteration"), self._name)
        self._write()
        self._speak()

    def _draw_ends(self) -> None:
        for fate, item in self.dots.items():
            mine = [c for c in self._drawn if c.fate is fate and self._is_final]
            role, _, opacity, _ = STYLES[fate]
            shade = 1.0 if fate is Fate.BEST else max(opacity, 0.6)
            item.setData(
                x=[len(c.objectives) - 1 for c in mine],
                y=[c.end for c in mine],
                pen=ink.NO_PEN,
                brush=ink.brush(self.tokens.colour(role), shade),
            )

    def _write(self) -> None:
        """The value of the best beside the last of its ends; how high the highest of those set aside climbs."""
        best = [c for c in self._drawn if c.fate is Fate.BEST]
        aside = [c for c in self._drawn if c.fate is Fate.ASIDE and self._is_final]
        x0, x1, _, y1 = self.extent
        self.best_text.setVisible(bool(best))
        if best:
            words = say("starts.plot.best", objective=criterion(best[-1].end))
            self._place(self.best_text, words, "accent", 600)
            end = max(len(c.objectives) - 1 for c in best)
            beside = end + 0.02 * (x1 - x0)
            fits = beside < x0 + 0.62 * (x1 - x0)
            self.best_text.setAnchor((0.0, 0.5) if fits else (1.0, 1.15))
            self.best_text.setPos(beside if fits else min(end, x1), best[-1].end)
        leaving = [c for c in aside if c.end > y1]
        self.aside_text.setVisible(bool(leaving))
        if leaving:
            top = max(leaving, key=lambda c: c.end)
            # right of every line that leaves, so that none runs through the words
            out = max(int(np.argmax(c.objectives > y1)) for c in leaving)
            words = say("starts.plot.aside", objective=criterion(top.end))
            self._place(self.aside_text, words, "bad", 500)
            right = out < x0 + 0.6 * (x1 - x0)
            self.aside_text.setAnchor((-0.03, 0.0) if right else (1.03, 0.0))
            self.aside_text.setPos(min(out, x1), y1)

    def _place(self, item: pg.TextItem, words: str, role: str, weight: int) -> None:
        item.setFont(self.small_font(weight))
        item.setColor(QColor(self.tokens.colour(role)))
        item.fill = ink.brush(self.tokens.surface, 0.8)  # readable over the curves it may stand on
        item.setPlainText(words)

    def set_extent(self, extent: tuple[float, float, float, float]) -> None:
        """Show exactly this part; the words follow."""
        super().set_extent(extent)
        if self._is_made:
            self._write()

    # The pointer

    def _remember_segments(self, points: dict[int, tuple[F64, F64]]) -> None:
        parts, starts = [np.empty((0, 4))], [np.empty(0, np.intp)]
        for curve in self._drawn:
            x, y = points[id(curve)]
            if curve.start >= 0 and self._is_final and len(x) > 1:
                parts.append(np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=1))
                starts.append(np.full(len(x) - 1, curve.start))
        self._segments = (np.concatenate(parts), np.concatenate(starts))

    def start_at(self, scene_position: QPointF) -> int:
        """The start whose curve is under the pointer; -1 for none."""
        segments, starts = self._segments
        if not len(starts) or not self.main.sceneBoundingRect().contains(scene_position):
            return -1
        at = self.main.mapSceneToView(scene_position)
        x0, x1, y0, y1 = self.extent
        scale = np.array([self.main.width() / (x1 - x0), self.main.height() / (y1 - y0)])
        here = np.array([at.x(), at.y()]) * scale
        begin, end = segments[:, :2] * scale, segments[:, 2:] * scale
        along = end - begin
        share = ((here - begin) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-12)
        nearest = begin + np.clip(share, 0, 1)[:, None] * along
        distance = ((nearest - here) ** 2).sum(axis=1)
        found = int(np.argmin(distance))
        return int(starts[found]) if distance[found] <= REACH_PX**2 else -1

    def tip_at(self, scene_position: QPointF) -> str:
        """Which start it is, and what became of it."""
        start = self.start_at(scene_position)
        curve = next((c for c in self._drawn if c.start == start), None)
        if curve is None or start < 0:
            return ""
        return say(
            "starts.plot.tip",
            start=whole(start + 1),
            method=curve.method,
            objective=criterion(curve.end),
            iteration=whole(len(curve.objectives) - 1),
            verdict=curve.verdict,
        )

    @Slot(object, object)
    def _click(self, scene_position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        start = self.start_at(scene_position)
        if start >= 0:
            self.startClicked.emit(start)

    @Slot(object, object)
    def _tell_range(self, _plane: object, limits: tuple[float, float]) -> None:
        self.rangeChanged.emit(*limits)

    def _speak(self) -> None:
        best = next((c for c in reversed(self._curves) if c.fate is Fate.BEST), None)
        aside = sum(c.fate is Fate.ASIDE for c in self._curves)
        words = say(
            "starts.plot.says",
            starts=whole(len(self._curves)),
            objective=criterion(best.end) if best is not None else say("table.missing"),
            aside=whole(aside),
        )
        self.speak(say("starts.plot"), words)


def _points(objectives: F64, budget: int) -> tuple[F64, F64]:
    """Iterations and objectives to draw: all of a short run; of a long one its beginning and even steps."""
    count = len(objectives)
    if count <= budget:
        return np.arange(count, dtype=np.float64), objectives
    chosen = _chosen(count, budget)
    return chosen.astype(np.float64), objectives[chosen]


@lru_cache(maxsize=1024)
def _chosen(count: int, budget: int) -> NDArray[np.intp]:
    rest = np.linspace(WHOLE_BEGINNING, count - 1, budget - WHOLE_BEGINNING)
    return np.concatenate([np.arange(WHOLE_BEGINNING), np.round(rest).astype(np.intp)])


def _joined(curves: Sequence[tuple[F64, F64]]) -> tuple[F64, F64]:
    """Many curves as one, with a gap after each: one item is drawn much faster than hundreds."""
    if not curves:
        return np.empty(0), np.empty(0)
    gap = np.array([np.nan])
    xs = [part for x, _ in curves for part in (x, gap)]
    ys = [part for _, y in curves for part in (y, gap)]
    return np.concatenate(xs), np.concatenate(ys)
