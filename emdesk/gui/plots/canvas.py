"""One plot as a widget: axes, grid, zoom and pan, keyboard, row picking, theme. No contents."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from emdesk.gui.plots import ink
from emdesk.gui.plots.axis import NumberAxis
from emdesk.gui.plots.grid import Grid
from emdesk.gui.plots.row_picker import RowPicker
from emdesk.gui.plots.styled import StyledWidget
from emdesk.gui.plots.symbol_item import SymbolItem
from emdesk.gui.plots.view_box import PlotPlane, Tool
from emdesk.gui.theme import Tokens, theme

F64 = NDArray[np.float64]
Extent = tuple[float, float, float, float]

SETTLED_AFTER_MS = 80
PAN_SHARE = 0.10
CLOSEST, FARTHEST = 1e-6, 1e3
ZOOM_STEP = 1.25
FOCUS_ROOM = 3
X_NAME_FROM = 150
Y_NAME_FROM = 190
STRIP_GAP = 10


@dataclass(frozen=True)
class Strip:
    """A second, lower plot on the same x: its height, its name, powers of ten or not."""

    height: int
    decades: bool = False
    numbers: bool = True


class PlotCanvas(StyledWidget):
    """A plot whose ranges are always explicit.

    `tokens`, `text_px` and `ratio` fix the look (exports); without them the canvas follows the
    theme and the screen.
    """

    viewChanged = Signal(object)
    rowHovered = Signal(int)
    rowClicked = Signal(int, object)
    rowsSelected = Signal(object)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        tokens: Tokens | None = None,
        text_px: int | None = None,
        ratio: float | None = None,
        strip: Strip | None = None,
        whole_x: bool = False,
        pans_up: bool = True,
    ) -> None:
        self._is_built = False
        super().__init__(parent, tokens=tokens, text_px=text_px, ratio=ratio)
        self._strip_height = strip.height if strip else 0
        self._home: Extent = (0.0, 1.0, 0.0, 1.0)
        self._strip_home: tuple[float, float] = (0.0, 1.0)
        self._names = ("", "", "")
        self._moved = False
        self._antialias = True
        self.rows = RowPicker()
        self._hovered = -1
        self.row_text: Callable[[int], str] | None = None
        self._build(strip, whole_x, pans_up)
        self._settled = QTimer(self, singleShot=True, interval=SETTLED_AFTER_MS)
        self._settled.timeout.connect(self._announce_view)
        if tokens is None:
            theme().changed.connect(self._follow_theme)
        self._is_built = True
        self._follow_theme()

    # Building

    def _build(self, strip: Strip | None, whole_x: bool, pans_up: bool) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.graphics = pg.GraphicsLayoutWidget()
        self.graphics.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.graphics.setFrameShape(QFrame.Shape.NoFrame)
        self.graphics.setMinimumSize(0, 0)
        self.graphics.setAntialiasing(True)
        self.graphics.ci.layout.setSpacing(0)
        self.graphics.ci.layout.setContentsMargins(0, 8, 12, 0)
        self.left = NumberAxis("left")
        self.bottom = NumberAxis("bottom", whole=whole_x)
        self.main = self._plane(self.left, 0, pans_up)
        self.main_grid = Grid(self.bottom, self.left, theme().tokens)
        self.main.addItem(self.main_grid, ignoreBounds=True)
        self.strip: PlotPlane | None = None
        self.strip_left: NumberAxis | None = None
        self.strip_grid: Grid | None = None
        if strip is not None:
            self._build_strip(strip)
        self.bottom.linkToView(self.main)
        self.graphics.ci.addItem(self.bottom, 2, 1)
        self._hover_ring = SymbolItem()
        self._hover_ring.setZValue(900)
        self.main.addItem(self._hover_ring, ignoreBounds=True)
        self.graphics.scene().sigMouseMoved.connect(self._hover)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(FOCUS_ROOM, FOCUS_ROOM, FOCUS_ROOM, FOCUS_ROOM)
        layout.addWidget(self.graphics)

    def _plane(self, axis: NumberAxis, row: int, pans_up: bool) -> PlotPlane:
        plane = PlotPlane(pans_up=pans_up)
        plane.setZValue(-5000)  # below every item: pyqtgraph lifts items that are lower
        axis.linkToView(plane)
        self.graphics.ci.addItem(axis, row, 0)
        self.graphics.ci.addItem(plane, row, 1)
        plane.movedByHand.connect(self._moved_by_hand)
        plane.homeAsked.connect(self.show_all)
        plane.outlined.connect(self._select_inside)
        plane.clickedAt.connect(self._click)
        plane.sigResized.connect(self._fit_axes)
        return plane

    def _build_strip(self, strip: Strip) -> None:
        self.strip_left = NumberAxis("left", decades=strip.decades)
        self.strip_left.numbers_shown = strip.numbers
        self.strip = self._plane(self.strip_left, 1, False)
        self.strip.setXLink(self.main)
        self.strip_grid = Grid(self.bottom, self.strip_left, theme().tokens)
        self.strip_grid.lines_shown = strip.numbers
        self.strip.addItem(self.strip_grid, ignoreBounds=True)
        self.set_strip_shown(False)

    # Look

    @Slot()
    def _follow_theme(self) -> None:
        tokens = self.tokens
        self.graphics.setBackground(QColor(tokens.surface))
        for axis in (self.left, self.bottom, self.strip_left):
            if axis is not None:
                axis.restyle(tokens, self.text_px)
        for part in (self.main, self.strip, self.main_grid, self.strip_grid):
            if part is not None:
                part.restyle(tokens, self.ratio)
        self._hover_ring.setData(
            symbol="o", size=15, pen=self.pen(tokens.text, 1.6), brush=ink.NO_BRUSH
        )
        self._fit_axes()
        self.restyle()
        self.update()

    def restyle(self) -> None:
        """Draw the contents again in the present colours; canvases with contents say how."""

    def set_antialias(self, on: bool) -> None:
        """Smooth edges at rest; off while many rows move."""
        if on != self._antialias:
            self._antialias = on
            self.graphics.setAntialiasing(on)

    def set_names(self, x: str, y: str, strip: str = "") -> None:
        """The names of the axes with their units."""
        self._names = (x, y, strip)
        self._fit_names()
        self._fit_axes()

    def _fit_names(self) -> None:
        """In little room the numbers alone stay: the title of the card names the columns."""
        x, y, strip = self._names
        self.bottom.set_name(x if self.height() >= X_NAME_FROM else "")
        self.left.set_name(y if self.height() >= Y_NAME_FROM else "")
        if self.strip_left is not None:
            self.strip_left.set_name(strip)

    def set_strip_shown(self, shown: bool) -> None:
        """The lower plot takes room only when it has something to show."""
        if self.strip is None or self.strip_left is None:
            return
        grid = self.graphics.ci.layout
        height = self._strip_height if shown else 0
        if shown != self.strip.isVisible() or grid.rowMaximumHeight(1) != height:
            self.strip.setVisible(shown)
            self.strip_left.setVisible(shown)
            grid.setRowFixedHeight(1, height)
            grid.setRowSpacing(0, STRIP_GAP if shown else 0)

    def speak(self, name: str, description: str) -> None:
        """What a screen reader says."""
        self.setAccessibleName(name)
        self.setAccessibleDescription(description)

    # Ranges

    @property
    def extent(self) -> Extent:
        """What is visible: (x0, x1, y0, y1)."""
        (x0, x1), (y0, y1) = self.main.viewRange()
        return (x0, x1, y0, y1)

    @property
    def is_moved(self) -> bool:
        """Whether the person zoomed or panned away from everything."""
        return self._moved

    def set_home(self, extent: Extent, *, keep_view: bool = True) -> None:
        """What 'everything' is. A view the person moved stays, unless `keep_view` is False."""
        if extent != self._home:
            self._home = extent
            self._limit_zoom(extent)
        if not (keep_view and self._moved):
            self._moved = False
            self.set_extent(extent)

    def _limit_zoom(self, extent: Extent) -> None:
        """Neither into the grain of floating point nor out to where nothing is."""
        wide, tall = extent[1] - extent[0], extent[3] - extent[2]
        self.main.setLimits(
            minXRange=wide * CLOSEST,
            maxXRange=wide * FARTHEST,
            minYRange=tall * CLOSEST,
            maxYRange=tall * FARTHEST,
        )

    def set_strip_range(self, low: float, high: float) -> None:
        """The vertical range of the lower plot."""
        if self.strip is not None and high > low:
            self._strip_home = (low, high)
            self.strip.setYRange(low, high, padding=0)
            self._fit_axes()

    def set_extent(self, extent: Extent) -> None:
        """Show exactly this part."""
        if all(map(math.isfinite, extent)) and self.extent != extent:
            x0, x1, y0, y1 = extent
            self.main.setRange(xRange=(x0, x1), yRange=(y0, y1), padding=0)
        self._fit_axes()

    @Slot()
    def show_all(self) -> None:
        """Back to everything."""
        self._moved = False
        self.set_extent(self._home)
        self._settled.start()

    def zoom(self, factor: float) -> None:
        """Magnify about the middle; below 1 is further away."""
        up = self.main.state["mouseEnabled"][1]
        self.main.scaleBy(x=1 / factor, y=1 / factor if up else None)
        self._moved_by_hand()

    def pan(self, x_share: float, y_share: float) -> None:
        """Move by a share of what is visible, to the right and up."""
        x0, x1, y0, y1 = self.extent
        up = y_share * (y1 - y0) if self.main.state["mouseEnabled"][1] else 0.0
        self.main.translateBy(x=x_share * (x1 - x0), y=up)
        self._moved_by_hand()

    @Slot()
    def _moved_by_hand(self) -> None:
        self._moved = True
        self._fit_axes()
        self._settled.start()

    @Slot()
    def _announce_view(self) -> None:
        self.viewChanged.emit(self.extent)

    @Slot()
    def _fit_axes(self) -> None:
        x0, x1, y0, y1 = self.extent
        wide = self.left.needed(y0, y1, self.main.height())
        if self.strip is not None and self.strip_left is not None and self.strip.isVisible():
            low, high = self.strip.viewRange()[1]
            wide = max(wide, self.strip_left.needed(low, high, self.strip.height()))
        now = self.left.width()
        if wide > now or now - wide > 8 or self.left.fixedWidth is None:
            self.left.setWidth(wide)
            if self.strip_left is not None:
                self.strip_left.setWidth(wide)
        tall = self.bottom.needed(x0, x1, self.main.width())
        if tall != self.bottom.fixedHeight:
            self.bottom.setHeight(tall)

    # Rows under the pointer

    def row_at(self, scene_position: QPointF) -> int:
        """The row within reach of a position in the scene; -1 for none."""
        if not self.main.sceneBoundingRect().contains(scene_position):
            return -1
        at = self.main.mapSceneToView(scene_position)
        x0, x1, y0, y1 = self.extent
        x_px, y_px = self.main.width() / (x1 - x0), self.main.height() / (y1 - y0)
        return self.rows.nearest(at.x(), at.y(), x_px, y_px)

    def tip_at(self, scene_position: QPointF) -> str:
        """What the tooltip says at a position in the scene; nothing where it is empty."""
        row = self.row_at(scene_position)
        return self.row_text(row) if row >= 0 and self.row_text is not None else ""

    @Slot(object)
    def _hover(self, scene_position: QPointF) -> None:
        self._show_hovered(self.row_at(scene_position))

    def _show_hovered(self, row: int) -> None:
        if row == self._hovered:
            return
        self._hovered = row
        if row >= 0:
            x, y = self.rows.place(row)
            self._hover_ring.setData(x=[x], y=[y])
        else:
            self._hover_ring.setData(x=[], y=[])
        self.rowHovered.emit(row)

    @Slot(object, object)
    def _click(self, scene_position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self.rowClicked.emit(self.row_at(scene_position), modifiers)

    @Slot(object)
    def _select_inside(self, outline: F64) -> None:
        self.rowsSelected.emit(self.rows.inside(outline))

    def set_tool(self, tool: Tool) -> None:
        """What dragging does: move the view, draw a lasso, draw a rectangle."""
        self.main.tool = tool
        shape = Qt.CursorShape.ArrowCursor if tool is Tool.HAND else Qt.CursorShape.CrossCursor
        self.graphics.setCursor(shape)

    # Keyboard and focus

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, + and - zoom, Home shows everything."""
        moves = {
            Qt.Key.Key_Left: (-PAN_SHARE, 0.0),
            Qt.Key.Key_Right: (PAN_SHARE, 0.0),
            Qt.Key.Key_Up: (0.0, PAN_SHARE),
            Qt.Key.Key_Down: (0.0, -PAN_SHARE),
        }
        key = Qt.Key(event.key())
        plain = event.modifiers() & ~(
            Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
        )
        if plain:
            super().keyPressEvent(event)
        elif key in moves:
            self.pan(*moves[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_STEP)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom(1 / ZOOM_STEP)
        elif key is Qt.Key.Key_Home:
            self.show_all()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The focus ring around the plot."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.tokens.surface))
        self.paint_ring(painter, QRectF(self.rect()))
        painter.end()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at any more."""
        self._show_hovered(-1)
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tooltips for what is under the pointer; on another screen, other pens."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.graphics.mapToScene(self.graphics.mapFrom(self, event.pos()))
            QToolTip.showText(event.globalPos(), self.tip_at(place), self)
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange and self._is_built:
            self._follow_theme()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The numbers of the axes depend on the room there is."""
        super().resizeEvent(event)
        self._fit_names()
        self._fit_axes()
