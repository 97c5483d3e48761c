"""One renderer for each kind of mark; a new kind of mark is a new line in this table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from emdesk.gui.plots.renderers.bars import BarsRenderer, RugRenderer
from emdesk.gui.plots.renderers.curve import CurveRenderer
from emdesk.gui.plots.renderers.ellipse import CentreRenderer, EllipseRenderer
from emdesk.gui.plots.renderers.heatmap import ContoursRenderer, HeatmapRenderer
from emdesk.gui.plots.renderers.points import PointsRenderer
from emdesk.gui.plots.renderers.raster import RasterRenderer
from emdesk.gui.plots.renderers.series import BandsRenderer, StackRenderer
from emdesk.gui.plots.renderers.stage import Look, Renderer, Stage
from emdesk.model.marks import (
    Bands,
    Bars,
    Centre,
    Contours,
    Curve,
    Ellipse,
    Heatmap,
    Points,
    Raster,
    Rug,
    Stack,
)

RENDERERS: Mapping[type, Callable[[Stage], Renderer]] = {
    Bands: BandsRenderer,
    Bars: BarsRenderer,
    Centre: CentreRenderer,
    Contours: ContoursRenderer,
    Curve: CurveRenderer,
    Ellipse: EllipseRenderer,
    Heatmap: HeatmapRenderer,
    Points: PointsRenderer,
    Raster: RasterRenderer,
    Rug: RugRenderer,
    Stack: StackRenderer,
}

__all__ = ["RENDERERS", "Look", "Renderer", "Stage"]
