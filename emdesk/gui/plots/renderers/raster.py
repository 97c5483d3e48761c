"""Many rows as ink. Pixels are made off the window's thread; the last picture stays meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyqtgraph as pg
from PySide6.QtCore import QObject, QRectF, QRunnable, QThreadPool, Signal, Slot
from shiboken6 import isValid

from emdesk.gui.plots import ink
from emdesk.gui.plots.renderers.stage import Depth, Look, Pool, Stage
from emdesk.gui.plots.shading import RGB, U8, shade_counts
from emdesk.model.marks import NO_GROUP, Raster

AT_ONCE = 200_000  # counts that are shaded in a few milliseconds


class _Shade(QRunnable):
    """One picture to be shaded."""

    def __init__(self, shader: Shader, number: int, mark: Raster, colours: Sequence[RGB]) -> None:
        super().__init__()
        self._shader = shader
        self._job = (number, mark, tuple(colours))

    def run(self) -> None:
        """On a thread of the pool."""
        number, mark, colours = self._job
        image = shade_counts(mark.counts, colours)
        self._shader.shaded.emit(number, mark, image)


class Shader(QObject):
    """Shades one picture at a time; of those that wait only the newest is kept."""

    shaded = Signal(int, object, object)
    ready = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._busy = False
        self._number = 0
        self._waiting: tuple[Raster, Sequence[RGB]] | None = None
        self.shaded.connect(self._finish)

    def ask(self, mark: Raster, colours: Sequence[RGB]) -> None:
        """Shade this picture soon and say so by `ready`."""
        self._number += 1
        self._waiting = (mark, colours)
        self._next()

    def forget(self) -> None:
        """What is under way is no longer wanted."""
        self._number += 1
        self._waiting = None

    def _next(self) -> None:
        if self._busy or self._waiting is None:
            return
        mark, colours = self._waiting
        self._waiting, self._busy = None, True
        QThreadPool.globalInstance().start(_Shade(self, self._number, mark, colours))

    @Slot(int, object, object)
    def _finish(self, number: int, mark: Raster, image: U8) -> None:
        self._busy = False
        if number == self._number or self._waiting is not None:
            self.ready.emit(mark, image)
        self._next()


class RasterRenderer:
    """One image; under a new view the old one is stretched until the new one is there."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage.main, _image_item, Depth.RASTER)
        self.shader = Shader()
        self.shader.ready.connect(self._show)
        self._drawn: tuple[tuple[RGB, ...], frozenset[int]] | None = None
        self._mark: Raster | None = None

    def draw(self, marks: Sequence[Raster], look: Look) -> None:
        """Show the counts in the colours of their groups."""
        for item in self.pool.shown(1 if marks else 0):
            item.setOpacity(look.opacity())
        if not marks:
            self.shader.forget()
            self._drawn = self._mark = None
            return
        mark = marks[0]
        layers = len(mark.counts) - mark.has_noise
        groups = [*range(layers if mark.is_grouped else 0)]
        groups += [NO_GROUP] if mark.has_noise or not mark.is_grouped else []
        colours = tuple(_colour(group, look) for group in groups)
        if self._mark is mark and self._drawn == (colours, look.hidden):
            return
        self._drawn, self._mark = (colours, look.hidden), mark
        shown = mark
        if look.hidden:
            counts = mark.counts.copy()
            counts[[group for group in look.hidden if 0 <= group < len(counts)]] = 0
            shown = replace(mark, counts=counts)
        if look.vector or mark.counts.size <= AT_ONCE:
            self.shader.forget()
            self._show(shown, shade_counts(shown.counts, colours))
        else:
            self.shader.ask(shown, colours)

    def _show(self, mark: Raster, image: U8) -> None:
        item = self.pool.items[0]
        if self._mark is None or not isValid(item):  # the window may have closed meanwhile
            return
        item.setImage(image, autoLevels=False, levels=None)
        x0, x1, y0, y1 = mark.extent
        item.setRect(QRectF(x0, y0, x1 - x0, y1 - y0))


def _image_item() -> pg.ImageItem:
    return pg.ImageItem(axisOrder="row-major")


def _colour(group: int, look: Look) -> RGB:
    """A group's colour; those not chosen are mixed with the surface."""
    name = look.colour(group)
    others = look.emphasis is not None and group != look.emphasis
    return ink.rgb(ink.mix(name, look.tokens.surface, 0.30) if others else name)
