"""What every renderer is given: where to draw and how it shall look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPen

from emdesk.gui.plots import ink
from emdesk.gui.plots.view_box import PlotPlane
from emdesk.gui.theme import LIGHT, Tokens, group_colour, group_outline, group_symbol
from emdesk.model.marks import ALL_GROUPS

Rows = NDArray[np.intp]

STALE_OPACITY = 0.40
OTHERS_OPACITY = 0.35


@dataclass(frozen=True, eq=False)
class Look:
    """How the marks are drawn now.

    `emphasis` is the chosen group or None, `hidden` groups are not drawn, `selected` are row
    numbers. `slots` gives each group its place among the colours; beyond its end that is its index.
    `ratio` is the device pixels of one pixel: pens that ignore the zoom count in those.
    `live` drops smooth edges for speed, `vector` draws symbols as outlines (exports).
    """

    tokens: Tokens = LIGHT
    emphasis: int | None = None
    hidden: frozenset[int] = frozenset()
    selected: Rows = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    slots: tuple[int, ...] = ()
    live: bool = False
    stale: bool = False
    vector: bool = False
    ratio: float = 1.0

    def slot(self, group: int) -> int:
        """The place of a group among colours and symbols."""
        return self.slots[group] if 0 <= group < len(self.slots) else group

    def colour(self, group: int) -> str:
        """The colour of a group; the text colour for all together, grey for none."""
        if group == ALL_GROUPS:
            return self.tokens.text
        return group_colour(self.slot(group), self.tokens) if group >= 0 else self.tokens.text3

    def symbol(self, group: int) -> str:
        """The shape that goes with the colour."""
        return group_symbol(self.slot(group))

    def pen(self, name: str, width: float = 1.0, opacity: float = 1.0) -> QPen:
        """A shared pen, `width` pixels wide at any zoom."""
        return ink.pen(name, width * self.ratio, opacity)

    def outline(self, group: int) -> str | None:
        """The outline that a pale colour needs on white."""
        return group_outline(self.slot(group), self.tokens)

    def opacity(self, group: int = ALL_GROUPS) -> float:
        """How strongly a group is drawn: stale pictures and groups not chosen step back."""
        share = STALE_OPACITY if self.stale else 1.0
        others = self.emphasis is not None and group >= 0 and group != self.emphasis
        return share * (OTHERS_OPACITY if others else 1.0)

    def shows(self, group: int) -> bool:
        """Whether the person has not hidden this group."""
        return group not in self.hidden


@dataclass(frozen=True, eq=False)
class Stage:
    """Where marks are drawn: the main plane, the strip below it if there is one."""

    main: PlotPlane
    strip: PlotPlane | None = None


class Renderer(Protocol):
    """Draws all marks of one kind; called with none of them it shows nothing."""

    def draw(self, marks: Sequence[Any], look: Look) -> None:
        """Bring the items up to date in place."""


class Pool:
    """Graphics items of one kind that are made once and then reused from frame to frame."""

    def __init__(self, plane: PlotPlane, make: Callable[[], Any], z: float) -> None:
        self._plane = plane
        self._make = make
        self._z = z
        self.items: list[Any] = []

    def shown(self, count: int) -> list[Any]:
        """The first `count` items, visible; any others are hidden."""
        while len(self.items) < count:
            item = self._make()
            item.setZValue(self._z)
            self._plane.addItem(item, ignoreBounds=True)
            self.items.append(item)
        for index, item in enumerate(self.items):
            item.setVisible(index < count)
        return self.items[:count]


class Depth:
    """What covers what, from back to front."""

    BANDS = -500.0
    HEATMAP = -400.0
    RASTER = -300.0
    BARS = -200.0
    SMALL_POINTS = -100.0
    CONTOURS = 0.0
    BACK_CURVE = 100.0
    POINTS = 200.0
    CURVE = 300.0
    ELLIPSE = 400.0
    CENTRE = 500.0
    RINGS = 600.0
