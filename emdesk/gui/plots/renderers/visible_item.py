"""An item that fills what is visible of a plot, wherever the view goes."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF


class VisibleItem(pg.GraphicsObject):
    """Drawn over all that is visible: simpler than its own bounds, and never wrong."""

    def boundingRect(self) -> QRectF:
        """All that is visible."""
        return QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:
        """The visible part moved."""
        self.prepareGeometryChange()
