"""The objective over the iterations: where it is, where it is going, how fast it still moves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QResizeEvent

from emdesk.gui.plots import ink
from emdesk.gui.plots.canvas import Strip
from emdesk.gui.plots.drawn_canvas import DrawnCanvas
from emdesk.gui.plots.renderers.stage import STALE_OPACITY
from emdesk.gui.plots.symbol_item import SymbolItem
from emdesk.gui.theme import Tokens
from emdesk.texts import say
from emdesk.texts.numbers import criterion, short, whole

F64 = NDArray[np.float64]

DOTS_BELOW = 140
THIN_ABOVE = 1_000
MOST_DRAWN = 8_000
START_QUANTILE = 0.12
GAIN_HEIGHT = 84
TALL_ENOUGH = 250
SMALLEST_GAIN = 1e-16
REACH = 2.5
"""Starts that ran for longer leave the picture at so many lengths of the run that is shown."""
CLEAR = 6
"""So many pixels stay free between the playhead and words."""


@dataclass(frozen=True, eq=False)
class StartTrace:
    """The objectives (t,) of one start of a run with several; `failed` when it ended degenerate."""

    objectives: F64
    failed: bool = False


class ConvergenceView(DrawnCanvas):
    """Objective above, log gain below if there is room; a click asks for an iteration."""

    iterationClicked = Signal(int)

    strip_below = Strip(height=GAIN_HEIGHT, decades=True)

    def _begin(self) -> None:
        self._objectives: F64 = np.empty(0)
        self._gains: F64 = np.empty(0)
        self._limit: float | None = None
        self._cursor = 0
        self._final = False
        self._starts: tuple[StartTrace, ...] = ()
        self._all = False
        self._stale = False
        self._name = say("plots.objective")

    def present(
        self,
        objectives: F64,
        gains: F64,
        limit: float | None,
        cursor: int,
        final: bool,
        *,
        name: str | None = None,
    ) -> None:
        """Show objectives (t,) and gains (t,) of iterations 0..t-1, the limit, the playhead.

        `gains[0]` is not a number: the start gained nothing. `limit` is None where it is not known.
        `final` says that the run is over: the limit is no estimate any more. `name` is what the
        objective is called.
        """
        self._objectives = np.asarray(objectives, dtype=np.float64)
        self._gains = np.asarray(gains, dtype=np.float64)
        self._limit = limit if limit is not None and math.isfinite(limit) else None
        self._cursor, self._final = cursor, final
        if name is not None:
            self._name = name
        self._draw()

    def set_cursor(self, iteration: int) -> None:
        """Move the playhead alone: cheaper than drawing everything again."""
        self._cursor = iteration
        self._draw_cursor()

    def set_starts(self, starts: Sequence[StartTrace]) -> None:
        """The other starts of this run as thin curves; failed ones dashed, a cross at their end."""
        self._starts = tuple(starts)
        self._draw()

    def set_stale(self, stale: bool) -> None:
        """The form no longer matches the curve: draw it at 40 %."""
        self._stale = stale
        self._draw()

    def set_all(self, on: bool) -> None:
        """Show also the steep first iterations, which otherwise make the end unreadable."""
        self._all = on
        self._moved = False
        self._draw()

    def _show_same(self, twin: Self) -> None:
        twin._all, twin._starts = self._all, self._starts
        twin.present(
            self._objectives, self._gains, self._limit, self._cursor, self._final, name=self._name
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The gain appears when there is room for it."""
        super().resizeEvent(event)
        if self._is_made:
            self._arrange()

    @Slot()
    def _fit_words(self) -> None:
        """The words on the limit need the same room in a low plot as in a high one."""
        self.set_home(self._whole())

    # Drawing

    def _make_items(self) -> None:
        self.curve = self._added(pg.PlotCurveItem(), 30)
        self.dots = self._added(SymbolItem(symbol="o", size=4), 31)
        self.limit_line = self._added(pg.InfiniteLine(angle=0, movable=False), 20)
        self.limit_text = self._added(pg.TextItem(anchor=(0.0, 1.0)), 21)
        self.playhead = self._added(pg.InfiniteLine(angle=90, movable=False), 40)
        self.handle = self._added(SymbolItem(symbol="o", size=9), 41)
        assert self.strip is not None
        self.gain_curve = pg.PlotCurveItem()
        self.gain_playhead = pg.InfiniteLine(angle=90, movable=False)
        for item in (self.gain_curve, self.gain_playhead):
            self.strip.addItem(item, ignoreBounds=True)
        self.start_curves: list[pg.PlotCurveItem] = []
        self.failed_ends = self._added(SymbolItem(symbol="x", size=8), 11)
        self.strip.clickedAt.connect(self._click_strip)
        self.main.sigResized.connect(self._fit_words)

    def _draw(self) -> None:
        tokens, count = self.tokens, len(self._objectives)
        iterations = np.arange(count, dtype=np.float64)
        x, y = thinned(self._objectives)
        many = count > THIN_ABOVE
        smooth = self._final or not many
        self.curve.setPen(self.pen(tokens.text, 1.0 if many else 1.6))
        self.curve.setData(x, y, antialias=smooth, connect="finite")
        shown = count if count < DOTS_BELOW else 0
        self.dots.setData(
            x=iterations[:shown],
            y=self._objectives[:shown],
            pen=ink.NO_PEN,
            brush=ink.brush(tokens.text),
        )
        self._draw_starts(tokens)
        self._draw_limit(tokens)
        self._draw_gains(tokens)
        self._draw_cursor()
        self._fade()
        self.set_home(self._whole())
        self._arrange()
        self._speak()

    def _fade(self) -> None:
        share = STALE_OPACITY if self._stale else 1.0
        for item in (
            self.curve,
            self.dots,
            self.limit_line,
            self.limit_text,
            self.playhead,
            self.handle,
            self.gain_curve,
            self.gain_playhead,
        ):
            item.setOpacity(share)

    def _draw_starts(self, tokens: Tokens) -> None:
        while len(self.start_curves) < len(self._starts):
            self.start_curves.append(self._added(pg.PlotCurveItem(), 10))
        opacity = float(np.clip(4.0 / max(1, len(self._starts)), 0.15, 0.4))
        for index, item in enumerate(self.start_curves):
            item.setVisible(index < len(self._starts))
            if index >= len(self._starts):
                continue
            trace = self._starts[index]
            line = Qt.PenStyle.DashLine if trace.failed else Qt.PenStyle.SolidLine
            item.setPen(self.pen(tokens.bad if trace.failed else tokens.text, 1.0, 1.0, line))
            item.setOpacity(0.8 if trace.failed else opacity)
            x, y = thinned(trace.objectives)
            smooth = self._final or len(x) <= THIN_ABOVE
            item.setData(x, y, antialias=smooth, connect="finite")
        ends = [t.objectives for t in self._starts if t.failed and len(t.objectives)]
        self.failed_ends.setData(
            x=[len(values) - 1 for values in ends],
            y=[values[-1] for values in ends],
            pen=ink.NO_PEN,
            brush=ink.brush(tokens.bad),
        )

    def _draw_limit(self, tokens: Tokens) -> None:
        known = self._limit is not None
        self.limit_line.setVisible(known)
        self.limit_text.setVisible(known)
        if self._limit is None:
            return
        self.limit_line.setPen(self.pen(tokens.text, 1.0, 1.0, Qt.PenStyle.DashLine))
        self.limit_line.setValue(self._limit)
        key = "plots.limit" if self._final else "plots.estimated_limit"
        self.limit_text.setPlainText(say(key, value=criterion(self._limit)))
        self.limit_text.setColor(tokens.text2)
        self.limit_text.setFont(self.small_font())

    def _draw_gains(self, tokens: Tokens) -> None:
        logs = np.full(len(self._gains), np.nan)
        up = self._gains > SMALLEST_GAIN
        logs[up] = np.log10(self._gains[up])
        many = len(logs) > THIN_ABOVE
        self.gain_curve.setPen(self.pen(tokens.text, 1.0 if many else 1.4))
        x, y = thinned(logs)
        self.gain_curve.setData(x, y, antialias=self._final or not many, connect="finite")
        if up.any():
            low, high = float(np.nanmin(logs)), float(np.nanmax(logs))
            room = max(0.3, 0.08 * (high - low))
            self.set_strip_range(low - room, high + room)

    def _draw_cursor(self) -> None:
        tokens = self.tokens
        inside = 0 <= self._cursor < len(self._objectives)
        for line in (self.playhead, self.gain_playhead):
            line.setVisible(inside)
            line.setPen(self.pen(tokens.accent, 1.6))
            line.setValue(float(self._cursor))
        self.handle.setVisible(inside)
        if inside:
            self.handle.setData(
                x=[float(self._cursor)],
                y=[self._objectives[self._cursor]],
                pen=self.pen(tokens.surface, 1.0),
                brush=ink.brush(tokens.accent),
            )
        self._place_limit()

    # Ranges

    def _whole(self) -> tuple[float, float, float, float]:
        """Everything worth seeing: all iterations, the objective from its 12 % quantile up."""
        count = len(self._objectives)
        longest = max([count, *(len(t.objectives) for t in self._starts)])
        if self._final and count and not self._all:
            longest = min(longest, max(DOTS_BELOW // 10, round(REACH * count)))
        sound = [t.objectives[:longest] for t in self._starts if not t.failed]
        values = np.concatenate([self._objectives, *sound])
        values = values[np.isfinite(values)]
        right = max(1.0, 1.04 * (longest - 1)) if self._final else _room_to_run(longest)
        if not len(values):
            return (0.0, right, -1.0, 1.0)
        top = float(values.max())
        if self._limit is not None:
            top = max(top, self._limit)
        low = float(values.min()) if self._all else float(np.quantile(values, START_QUANTILE))
        last = float(values[-1])
        span = max(top - min(low, last), 1e-9 * max(1.0, abs(top)))
        words = QFontMetricsF(self.small_font()).height() + 9  # what stands on the limit
        above = max(0.12, 1.04 * words / max(words, self.main.height() - words)) * span
        return (-0.02 * right, right, min(low, last) - 0.04 * span, top + above)

    def _arrange(self) -> None:
        known = len(self._gains) > 1 and bool(np.any(self._gains > SMALLEST_GAIN))
        tall = self.height() >= TALL_ENOUGH
        self.set_strip_shown(tall and known)
        self.set_names(
            say("plots.iteration") if tall else "",
            self._name if tall else "",
            say("plots.gain") if tall and known else "",
        )
        self._place_limit()

    def set_extent(self, extent: tuple[float, float, float, float]) -> None:
        """Show exactly this part; the words on the limit stay at the left."""
        super().set_extent(extent)
        if self._is_made:
            self._place_limit()

    def _place_limit(self) -> None:
        """The words on the limit stand at the left, and step aside for the playhead."""
        if self._limit is None:
            return
        x0, x1, _, _ = self.extent
        unit = (x1 - x0) / max(1.0, self.main.width())
        wide, gap = self.limit_text.boundingRect().width() * unit, CLEAR * unit
        left = x0 + 0.02 * (x1 - x0)

        def is_free(place: float) -> bool:
            crossed = self.playhead.isVisible() and -gap < self._cursor - place < wide + gap
            return not crossed and place + wide <= x1

        places = (left, left + wide + 2 * gap, x1 - wide)
        left = next((place for place in places if is_free(place)), left)
        self.limit_text.setPos(left, self._limit)

    # Clicks and words

    def tip_at(self, scene_position: QPointF) -> str:
        """The values of the iteration under the pointer."""
        at = round(self.main.mapSceneToView(scene_position).x())
        if not 0 <= at < len(self._objectives):
            return ""
        gain = float(self._gains[at]) if at < len(self._gains) else math.nan
        key = "plots.convergence.tip" if math.isfinite(gain) else "plots.convergence.tip_start"
        value = criterion(float(self._objectives[at]))
        return say(key, iteration=whole(at), name=self._name, value=value, gain=short(gain))

    @Slot(object, object)
    def _click(self, scene_position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._ask_for(self.main.mapSceneToView(scene_position).x())

    @Slot(object, object)
    def _click_strip(self, scene_position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._ask_for(self.main.mapSceneToView(scene_position).x())

    def _ask_for(self, x: float) -> None:
        if len(self._objectives):
            self.iterationClicked.emit(int(np.clip(round(x), 0, len(self._objectives) - 1)))

    def _speak(self) -> None:
        count = len(self._objectives)
        if not count:
            self.speak(say("plots.convergence"), say("plots.convergence.nothing"))
            return
        last = criterion(float(self._objectives[-1]))
        key = "plots.convergence.known" if self._limit is not None else "plots.convergence.open"
        limit = criterion(self._limit) if self._limit is not None else ""
        text = say(key, name=self._name, last=last, iteration=whole(count - 1), limit=limit)
        self.speak(say("plots.convergence"), text)


def _room_to_run(count: int) -> float:
    """The right end of the axis during a run: it grows in strides, not with every iteration."""
    need = max(10.0, 1.15 * count)
    power = 10.0 ** math.floor(math.log10(need))
    return next(m * power for m in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.5, 10.0) if m * power >= need)


def thinned(values: F64) -> tuple[F64, F64]:
    """Iterations and values to draw: all, or the extremes of each stretch of a very long run."""
    count = len(values)
    if count <= MOST_DRAWN:
        return np.arange(count, dtype=np.float64), values
    starts = np.linspace(0, count, MOST_DRAWN // 2, endpoint=False).astype(np.intp)
    lowest = np.minimum.reduceat(values, starts)
    highest = np.maximum.reduceat(values, starts)
    rising = values[np.append(starts[1:], count) - 1] >= values[starts]
    first, second = np.where(rising, lowest, highest), np.where(rising, highest, lowest)
    x = np.repeat(starts.astype(np.float64), 2)
    x[1::2] = np.append(starts[1:], count) - 1
    return x, np.stack([first, second], axis=1).ravel()
