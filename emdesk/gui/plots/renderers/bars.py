"""A histogram and the values under it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from emdesk.gui.plots import ink
from emdesk.gui.plots.renderers.stage import Depth, Look, Pool, Stage
from emdesk.gui.plots.renderers.visible_item import VisibleItem
from emdesk.model.marks import Bars, Rug

F64 = NDArray[np.float64]
RUG_HEIGHT = 6.0


class BarsRenderer:
    """One BarGraphItem for each histogram, in grey: the colours are the groups'."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage.main, _bar_item, Depth.BARS)

    def draw(self, marks: Sequence[Bars], look: Look) -> None:
        """Bring the heights up to date."""
        for item, mark in zip(self.pool.shown(len(marks)), marks, strict=True):
            item.setOpts(
                x0=mark.edges[:-1],
                x1=mark.edges[1:],
                height=mark.heights,
                pen=look.pen(look.tokens.surface, 1.0),
                brush=ink.brush(look.tokens.hist),
            )
            item.setOpacity(look.opacity())


def _bar_item() -> pg.BarGraphItem:
    return pg.BarGraphItem(x0=[0.0], x1=[1.0], height=[0.0])


class RugItem(VisibleItem):
    """Ticks of constant height that stand on the lower edge of what is visible."""

    def __init__(self) -> None:
        super().__init__()
        self.x: F64 = np.empty(0)
        self._stroke = ink.NO_PEN

    def set_values(self, x: F64, stroke: QPen) -> None:
        """The values and the pen."""
        self.x = x
        self._stroke = stroke
        self.update()

    def paint(
        self, p: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """One line for each value."""
        rect = self.viewRect()
        height = RUG_HEIGHT * rect.height() / max(1.0, self.getViewBox().height())
        low = rect.top() + 0.25 * height
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        p.setPen(self._stroke)
        p.drawLines([QLineF(v, low, v, low + height) for v in self.x.tolist()])


class RugRenderer:
    """One row of ticks."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage.main, RugItem, Depth.BARS)

    def draw(self, marks: Sequence[Rug], look: Look) -> None:
        """Bring the ticks up to date."""
        for item, mark in zip(self.pool.shown(len(marks)), marks, strict=True):
            item.set_values(mark.x, look.pen(look.tokens.text2, 1.0, 0.55))
            item.setOpacity(look.opacity())
