"""What belongs to a series: tints behind it, shares below it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from emdesk.gui.plots import ink
from emdesk.gui.plots.renderers.stage import Depth, Look, Pool, Stage
from emdesk.gui.plots.renderers.visible_item import VisibleItem
from emdesk.model.marks import Bands, Stack

F64 = NDArray[np.float64]

TINT = 0.11
SHARE_OPACITY = 0.68


def runs(edges: F64, group: NDArray[np.intp]) -> list[tuple[float, float, int]]:
    """Neighbours of the same group joined: (from, to, group)."""
    if not len(group):
        return []
    change = np.flatnonzero(np.diff(group)) + 1
    first = np.concatenate([[0], change])
    last = np.concatenate([change, [len(group)]])
    starts, ends = edges[first].tolist(), edges[last].tolist()
    return list(zip(starts, ends, group[first].tolist(), strict=True))


class BandsItem(VisibleItem):
    """Full-height tints."""

    def __init__(self) -> None:
        super().__init__()
        self.bands: list[tuple[float, float, QBrush]] = []

    def set_bands(self, bands: list[tuple[float, float, QBrush]]) -> None:
        """From, to, fill of each."""
        self.bands = bands
        self.update()

    def paint(
        self, p: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """From the lower to the upper edge."""
        rect = self.viewRect()
        for start, end, fill in self.bands:
            p.fillRect(QRectF(start, rect.top(), end - start, rect.height()), fill)


class BandsRenderer:
    """One item for all tints."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage.main, BandsItem, Depth.BANDS)

    def draw(self, marks: Sequence[Bands], look: Look) -> None:
        """Bring the tints up to date."""
        for item, mark in zip(self.pool.shown(len(marks)), marks, strict=True):
            item.set_bands(
                [
                    (start, end, ink.brush(look.colour(group), TINT))
                    for start, end, group in runs(mark.edges, mark.group)
                    if group >= 0 and look.shows(group)
                ]
            )
            item.setOpacity(look.opacity())


class StackRenderer:
    """Shares as filled steps in the strip, one item for each group; nothing without a strip."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage.strip, _fill_item, Depth.BARS) if stage.strip is not None else None

    def draw(self, marks: Sequence[Stack], look: Look) -> None:
        """Bring the shares up to date; the highest pile is drawn first and covered from below."""
        if self.pool is None:
            return
        mark = marks[0] if marks and len(marks[0].x) else None
        items = self.pool.shown(len(mark.shares) if mark else 0)
        if mark is None:
            return
        half = (mark.x[-1] - mark.x[0]) / max(1, len(mark.x) - 1) / 2 or 0.5
        edges = np.concatenate([mark.x - half, mark.x[-1:] + half])
        piles = np.cumsum(mark.shares, axis=0)
        for group, item in enumerate(items):
            solid = ink.mix(look.colour(group), look.tokens.surface, SHARE_OPACITY)
            item.setZValue(Depth.BARS - group)
            item.setOpacity(look.opacity())
            item.setPen(ink.NO_PEN)
            item.setBrush(ink.brush(solid))
            item.setData(edges, piles[group], stepMode="center", fillLevel=0.0)


def _fill_item() -> pg.PlotCurveItem:
    return pg.PlotCurveItem(pen=ink.NO_PEN)
