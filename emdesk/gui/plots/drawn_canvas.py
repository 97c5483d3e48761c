"""A canvas with contents of its own: drawn again in other colours, and made once more for an export."""

from __future__ import annotations

from typing import ClassVar, Self

import pyqtgraph as pg
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from emdesk.gui.plots.canvas import PlotCanvas, Strip
from emdesk.gui.plots.styled import EXPORT_TEXT_PX
from emdesk.gui.theme import LIGHT, TYPE, Tokens, font


class DrawnCanvas(PlotCanvas):
    """The contents are held by the class that says in `_begin` what it shows at first, in `_make_items` with which
    items, in `_draw` how they follow what is shown, and in `_show_same` how another one gets the same contents.
    """

    strip_below: ClassVar[Strip | None] = None
    has_whole_x: ClassVar[bool] = True
    moves_up: ClassVar[bool] = True

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        tokens: Tokens | None = None,
        text_px: int | None = None,
        ratio: float | None = None,
    ) -> None:
        self._is_made = False
        self._begin()
        super().__init__(
            parent,
            tokens=tokens,
            text_px=text_px,
            ratio=ratio,
            strip=self.strip_below,
            whole_x=self.has_whole_x,
            pans_up=self.moves_up,
        )
        self._make_items()
        self._is_made = True
        self._draw()

    def _begin(self) -> None:
        """What there is to show before anything was given."""

    def _make_items(self) -> None:
        """Put the items into the plot, once."""

    def _draw(self) -> None:
        """Bring the items up to date."""

    def _show_same(self, twin: Self) -> None:
        """Give another canvas the same contents."""

    def restyle(self) -> None:
        """Draw again in the present colours."""
        if self._is_made:
            self._draw()

    def twin(self, ratio: float = 1.0) -> Self:
        """The same contents and view in the light theme, for an export."""
        twin = type(self)(tokens=LIGHT, text_px=EXPORT_TEXT_PX, ratio=ratio)
        twin.resize(self.size())
        self._show_same(twin)
        twin.set_home(self.extent, keep_view=False)
        return twin

    def small_font(self, weight: int = 400) -> QFont:
        """Of words inside the plot."""
        made = font(TYPE.axis, weight)
        if self.text_px is not None:
            made.setPixelSize(self.text_px)
        return made

    def _added(self, item: pg.GraphicsObject, z: float) -> pg.GraphicsObject:
        """An item in the plot that leaves its ranges alone."""
        item.setZValue(z)
        self.main.addItem(item, ignoreBounds=True)
        return item
