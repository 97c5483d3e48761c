"""The scatter item of every plot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

F64 = NDArray[np.float64]
Objects = NDArray[np.object_]


class SymbolItem(pg.ScatterPlotItem):
    """Symbols that leave clicks to the plane, so that there is one place that picks rows.

    `as_image` draws them as one image: a drawing of very many stays small.
    """

    as_image = False

    def __init__(self, **style: Any) -> None:
        super().__init__(**style)
        self._row_type: Any = self.data.dtype

    def set_levels(
        self,
        x: F64,
        y: F64,
        levels: NDArray[np.intp],
        style: tuple[str, float],
        pens: Objects,
        brushes: Objects,
    ) -> None:
        """Show rows (m,) in one shape and size, each with the pen and brush of its level.

        What setData does with a pen and a brush for each row, five times faster: the few styles are
        looked up once, not once for each row.
        """
        rows: NDArray[Any] = np.zeros(len(x), dtype=self._row_type)
        rows["x"], rows["y"] = x, y
        rows["symbol"], rows["size"] = style
        rows["pen"], rows["brush"] = pens[levels], brushes[levels]
        rows["visible"] = True
        rows["data"], rows["item"] = None, None
        if self.opts["useCache"]:
            used = np.unique(levels)
            places = np.zeros(len(pens), dtype=rows["sourceRect"].dtype)
            places[used] = self.fragmentAtlas[[(*style, pens[i], brushes[i]) for i in used]]
            rows["sourceRect"] = places[levels]
        self.prepareGeometryChange()
        self.informViewBoundsChanged()
        self.data = rows
        self._updateMaxSpotSizes(data=rows)
        self.invalidate()

    def mouseClickEvent(self, ev: Any) -> None:
        """Not here: the plane knows which row is nearest."""
        ev.ignore()

    def paint(
        self, p: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """As pyqtgraph does, or into an image first."""
        if not self.as_image:
            super().paint(p, option, widget)
            return
        device = p.window()
        image = QImage(device.size() * 2, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(2)
        image.fill(0)
        inner = QPainter(image)
        inner.setTransform(p.transform())
        super().paint(inner, option, None)
        inner.end()
        p.resetTransform()
        p.drawImage(0, 0, image)
