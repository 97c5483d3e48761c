"""A function on the plane: an image of its values and lines of equal value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from emdesk.gui.plots import ink
from emdesk.gui.plots.level_lines import level_lines
from emdesk.gui.plots.renderers.stage import Depth, Look, Pool, Stage
from emdesk.gui.plots.shading import ramp_table, shade_values
from emdesk.gui.theme import Tokens, density_ramp, diverging_ramp
from emdesk.model.marks import Contours, Heatmap

F64 = NDArray[np.float64]


class ValueImage(pg.ImageItem):
    """An image that is smoothed between its cells, unless its cells are the pixels of the data."""

    smooth = True

    def paint(
        self, p: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Smoothly or not."""
        p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.smooth)
        super().paint(p, option, widget)


class HeatmapRenderer:
    """One image for each grid of values."""

    def __init__(self, stage: Stage) -> None:
        self._plane = stage.main
        self.pool = Pool(stage.main, lambda: ValueImage(axisOrder="row-major"), Depth.HEATMAP)
        self._drawn: list[tuple[F64, Tokens]] = []

    def draw(self, marks: Sequence[Heatmap], look: Look) -> None:
        """Shade the values; unchanged ones are left as they are."""
        drawn = self._drawn
        self._drawn = [(mark.values, look.tokens) for mark in marks]
        for index, (item, mark) in enumerate(zip(self.pool.shown(len(marks)), marks, strict=True)):
            item.setOpacity(look.opacity())
            item.smooth = not mark.true_aspect
            same = index < len(drawn) and drawn[index][0] is mark.values
            if same and drawn[index][1] == look.tokens:
                continue
            stops = diverging_ramp(look.tokens) if mark.signed else density_ramp(look.tokens)
            table = ramp_table([ink.rgb(stop) for stop in stops])
            image = shade_values(mark.values, table, signed=mark.signed)
            item.setImage(image, autoLevels=False, levels=None)
            x0, x1, y0, y1 = mark.extent
            item.setRect(QRectF(x0, y0, x1 - x0, y1 - y0))
        square = any(mark.true_aspect for mark in marks)
        if square is not bool(self._plane.state["aspectLocked"]):
            self._plane.setAspectLocked(square)


class ContoursRenderer:
    """One item for each level; inner levels are stronger."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage.main, pg.PlotCurveItem, Depth.CONTOURS)
        self._traced: dict[int, tuple[F64, tuple[float, ...]]] = {}

    def draw(self, marks: Sequence[Contours], look: Look) -> None:
        """Trace the lines whose values changed."""
        items = iter(self.pool.shown(sum(len(mark.levels) for mark in marks)))
        traced: dict[int, tuple[F64, tuple[float, ...]]] = {}
        for index, mark in enumerate(marks):
            traced[index] = (mark.values, mark.levels)
            before = self._traced.get(index)
            same = before is not None and before[0] is mark.values and before[1] == mark.levels
            for level, mass in zip(mark.levels, mark.masses, strict=True):
                item = next(items)
                item.setPen(look.pen(look.tokens.text, 1.0))
                item.setOpacity(look.opacity() * (0.55 - 0.25 * mass))
                if not same:
                    x, y = as_one_line(level_lines(mark.values, mark.extent, level))
                    item.setData(x, y, connect="finite", antialias=True)
        self._traced = traced


def as_one_line(lines: Sequence[F64]) -> tuple[F64, F64]:
    """Several polylines as one x and y with gaps."""
    if not lines:
        return np.empty(0), np.empty(0)
    gap = np.full((2, 1), np.nan)
    x, y = np.concatenate([part for line in lines for part in (line, gap)], axis=1)[:, :-1]
    return x, y
