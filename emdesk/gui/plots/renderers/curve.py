"""Lines: a law's density, a fitted series, a total."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from emdesk.gui.plots.renderers.stage import Depth, Look, Pool, Stage
from emdesk.model.marks import ALL_GROUPS, NO_GROUP, Curve

F64 = NDArray[np.float64]

LONG = 1_000  # points above which a line wider than one pixel is slow to draw


class CurveRenderer:
    """One item for each curve; parts lie over their total, a curve of no group behind the rows."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage.main, pg.PlotCurveItem, Depth.CURVE)

    def draw(self, marks: Sequence[Curve], look: Look) -> None:
        """Bring the lines up to date."""
        visible = [mark for mark in marks if look.shows(mark.group)]
        for item, mark in zip(self.pool.shown(len(visible)), visible, strict=True):
            width = curve_width(mark, look)
            faint = 0.55 if mark.group == NO_GROUP else 1.0
            x, y = (stepped(mark.x, mark.y)) if mark.steps else (mark.x, mark.y)
            item.setPen(look.pen(look.colour(mark.group), width))
            item.setOpacity(look.opacity(mark.group) * faint)
            item.setZValue(_depth(mark.group))
            item.setData(x, y, antialias=not (look.live and len(x) > LONG), connect="finite")


def curve_width(mark: Curve, look: Look) -> float:
    """Pixels: the total 2, a group 1.6, the chosen one 2.5, long or background lines 1."""
    if len(mark.x) > LONG or mark.group == NO_GROUP:
        return 1.0
    if mark.group == ALL_GROUPS:
        return 2.0
    return 2.5 if mark.group == look.emphasis else 1.6


def stepped(x: F64, y: F64) -> tuple[F64, F64]:
    """The outline of bars of width one step around each x, as one line."""
    if not len(x):
        return x, y
    step = float(np.min(np.diff(x))) if len(x) > 1 else 1.0
    corners = np.repeat(x, 2) + np.tile([-step / 2, step / 2], len(x))
    return corners, np.repeat(y, 2)


def _depth(group: int) -> float:
    if group == NO_GROUP:
        return Depth.BACK_CURVE
    return Depth.CURVE - (1 if group == ALL_GROUPS else 0)
