"""Level lines and means of groups."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from emdesk.gui.plots.renderers.stage import Depth, Look, Pool, Stage
from emdesk.model.marks import Centre, Ellipse

OUTER, INNER, CHOSEN = 1.8, 1.1, 2.5
INNER_OPACITY = 0.60
CENTRE_SIZE = 15.0


class EllipseRenderer:
    """One closed curve for each level of each group; the outermost is strong, the others fine."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage.main, pg.PlotCurveItem, Depth.ELLIPSE)

    def draw(self, marks: Sequence[Ellipse], look: Look) -> None:
        """Bring the outlines up to date."""
        visible = [mark for mark in marks if look.shows(mark.group)]
        outermost: dict[int, float] = {}
        for mark in visible:
            outermost[mark.group] = max(mark.level, outermost.get(mark.group, 0.0))
        for item, mark in zip(self.pool.shown(len(visible)), visible, strict=True):
            outer = mark.level == outermost[mark.group]
            width = INNER if not outer else CHOSEN if mark.group == look.emphasis else OUTER
            item.setPen(look.pen(look.colour(mark.group), width))
            item.setOpacity(look.opacity(mark.group) * (1.0 if outer else INNER_OPACITY))
            item.setData(mark.outline[0], mark.outline[1], antialias=True)


class CentreItem(QGraphicsItem):
    """A plus of constant size with a halo, so that it is found over its own rows."""

    def __init__(self) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self._pen = QPen()
        self._halo = QPen()

    def place(self, x: float, y: float, stroke: QPen, halo: QPen) -> None:
        """Where it stands and how it is drawn."""
        self.setPos(x, y)
        if stroke is not self._pen or halo is not self._halo:
            self._pen, self._halo = stroke, halo
            self.update()

    @property
    def stroke(self) -> QPen:
        """The pen of the plus."""
        return self._pen

    def boundingRect(self) -> QRectF:
        """The plus with its halo."""
        half = CENTRE_SIZE / 2 + 3
        return QRectF(-half, -half, 2 * half, 2 * half)

    def paint(
        self, p: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Halo first."""
        half = CENTRE_SIZE / 2
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        for stroke in (self._halo, self._pen):
            p.setPen(stroke)
            p.drawLine(QLineF(-half, 0, half, 0))
            p.drawLine(QLineF(0, -half, 0, half))


class CentreRenderer:
    """One plus for each group."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage.main, CentreItem, Depth.CENTRE)

    def draw(self, marks: Sequence[Centre], look: Look) -> None:
        """Move the plusses."""
        visible = [mark for mark in marks if look.shows(mark.group)]
        for item, mark in zip(self.pool.shown(len(visible)), visible, strict=True):
            stroke = look.pen(look.colour(mark.group), 2.0)
            item.place(mark.x, mark.y, stroke, look.pen(look.tokens.surface, 4.6))
            item.setOpacity(look.opacity(mark.group))
