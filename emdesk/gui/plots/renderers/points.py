"""Rows as symbols: colour and shape say the group, fill says how sure, hollow says undecided."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emdesk.gui.plots import ink
from emdesk.gui.plots.renderers.stage import Depth, Look, Pool, Stage
from emdesk.gui.plots.symbol_item import SymbolItem
from emdesk.model.marks import NO_GROUP, Points

F64 = NDArray[np.float64]
Objects = NDArray[np.object_]

UNDECIDED = 0.6
LEVELS = 12
RINGED_AT_MOST = 200
SMALL_SIZE = 3.0
OUTLINES_AT_MOST = 5_000
_SIZES = ((500, 8.5), (2_000, 7.5), (10_000, 5.0))
_FADED = 0.25
FEW_RINGS = 10
"""So many rings stand out without a thought; more of them are finer, since they come to lie over each other."""


def point_size(rows: int) -> float:
    """Diameter in pixels for so many rows."""
    return next((size for most, size in _SIZES if rows <= most), 3.0)


def certainty(top_probability: F64, groups: int) -> F64:
    """(n,) 0 for a row that could be in any of the groups, 1 for one that can be in one only."""
    if groups < 2:
        return np.ones(len(top_probability))
    return np.clip((top_probability - 1 / groups) / (1 - 1 / groups), 0.0, 1.0)


def fill_levels(points: Points) -> NDArray[np.intp]:
    """(n,) which of the fills a row gets: 0 is hollow, 1 faint, up to `LEVELS` strong."""
    if points.top_probability is None:
        return np.full(len(points.x), LEVELS, dtype=np.intp)
    sure = certainty(points.top_probability, points.groups)
    levels = 1 + np.rint(sure * (LEVELS - 1)).astype(np.intp)
    levels[points.top_probability < UNDECIDED] = 0
    return levels


@lru_cache(maxsize=512)
def _fills(name: str) -> Objects:
    """The fills of one colour: levels 0..LEVELS, then the same faded."""
    fills = np.empty(2 * (LEVELS + 1), dtype=object)
    for faded in (0, 1):
        for level in range(LEVELS + 1):
            strength = (0.18 + 0.64 * (level - 1) / (LEVELS - 1)) * (_FADED if faded else 1.0)
            fill = ink.brush(name, round(strength, 3)) if level else ink.NO_BRUSH
            fills[level + faded * (LEVELS + 1)] = fill
    return fills


@lru_cache(maxsize=512)
def _edges(name: str, outline: str | None, surface: str, size: float, ratio: float) -> Objects:
    """The outlines of the fills: a halo of the surface, the group's colour when hollow."""
    edges = np.empty(2 * (LEVELS + 1), dtype=object)
    halo = ink.pen(surface, 0.8 * ratio) if size > SMALL_SIZE else ink.NO_PEN
    for faded in (0, 1):
        strength = _FADED if faded else 1.0
        drawn = ink.pen(outline, ratio, strength) if outline else halo
        edges[faded * (LEVELS + 1) :][: LEVELS + 1] = drawn
        edges[faded * (LEVELS + 1)] = ink.pen(outline or name, 1.3 * ratio, strength)
    return edges


class PointsRenderer:
    """One ScatterPlotItem for each group, for rows without one, for small dots, for rings."""

    def __init__(self, stage: Stage) -> None:
        self.groups = Pool(stage.main, SymbolItem, Depth.POINTS)
        self.small = Pool(stage.main, SymbolItem, Depth.SMALL_POINTS)
        self.rings = Pool(stage.main, SymbolItem, Depth.RINGS)
        self._dots: dict[SymbolItem, tuple[Points, str]] = {}

    def draw(self, marks: Sequence[Points], look: Look) -> None:
        """Bring every group's symbols up to date."""
        dots = [mark for mark in marks if mark.small]
        for item, mark in zip(self.small.shown(len(dots)), dots, strict=True):
            self._draw_dots(item, mark, look)
        large = [mark for mark in marks if not mark.small]
        items = iter(self.groups.shown(sum(mark.groups + 1 for mark in large)))
        for mark in large:
            chosen = np.isin(mark.rows, look.selected) if len(look.selected) else None
            levels = fill_levels(mark)
            if chosen is not None and int(chosen.sum()) > RINGED_AT_MOST:
                levels = np.where(chosen, levels, levels + LEVELS + 1)
            for group in range(NO_GROUP, mark.groups):
                self._draw_group(next(items), mark, group, levels, look)
        self._draw_rings(large, look)

    def _draw_dots(self, item: SymbolItem, mark: Points, look: Look) -> None:
        _prepare(item, len(mark.x), look)
        item.setOpacity(look.opacity())
        drawn, colour = self._dots.get(item, (None, ""))
        if drawn is not None and colour == look.tokens.text and _same_places(drawn, mark):
            return  # the same rows frame after frame: thousands of symbols need not be made again
        self._dots[item] = (mark, look.tokens.text)
        item.setData(
            x=mark.x,
            y=mark.y,
            symbol="o",
            size=SMALL_SIZE,
            pen=ink.NO_PEN,
            brush=ink.brush(look.tokens.text, 0.35),
        )

    def _draw_group(
        self, item: SymbolItem, mark: Points, group: int, levels: NDArray[np.intp], look: Look
    ) -> None:
        at = np.flatnonzero(mark.group == group)
        item.setVisible(len(at) > 0 and look.shows(group))
        if not len(at):
            return
        size = point_size(len(mark.x))
        _prepare(item, len(mark.x), look)
        item.setOpacity(look.opacity(group))
        if group == NO_GROUP:
            _draw_ungrouped(item, mark, at, size, look)
            return
        name = look.colour(group)
        edges = _edges(name, look.outline(group), look.tokens.surface, size, look.ratio)
        shape = look.symbol(group)
        style = (shape, size * _SHAPE_SIZE.get(shape, 1.0))
        item.set_levels(mark.x[at], mark.y[at], levels[at], style, edges, _fills(name))

    def _draw_rings(self, marks: Sequence[Points], look: Look) -> None:
        ringed = [mark for mark in marks if len(look.selected)]
        masks = [np.isin(mark.rows, look.selected) for mark in ringed]
        few = sum(int(mask.sum()) for mask in masks) <= RINGED_AT_MOST
        items = self.rings.shown(len(ringed) if few else 0)
        for item, mark, mask in zip(items, ringed, masks, strict=False):
            # rows at one place have one ring: several would be drawn as one that is too dark
            places = np.unique(np.column_stack([mark.x[mask], mark.y[mask]]), axis=0)
            wider, width = (7, 1.6) if len(places) <= FEW_RINGS else (4, 1.1)
            item.setData(
                x=places[:, 0],
                y=places[:, 1],
                symbol="o",
                size=point_size(len(mark.x)) + wider,
                pen=look.pen(look.tokens.text, width),
                brush=ink.NO_BRUSH,
            )


def _same_places(before: Points, now: Points) -> bool:
    return np.array_equal(before.x, now.x) and np.array_equal(before.y, now.y)


# Shapes of equal width look unequal: a square is larger than a disc, a star smaller.
_SHAPE_SIZE = {"s": 0.92, "t": 1.08, "t1": 1.08, "star": 1.3, "d": 1.2, "p": 1.06, "h": 1.04}


def _draw_ungrouped(
    item: SymbolItem, mark: Points, at: NDArray[np.intp], size: float, look: Look
) -> None:
    """Rows not fitted yet are grey dots; noise among fitted groups is a grey cross."""
    if mark.groups == 0:
        item.setData(
            x=mark.x[at],
            y=mark.y[at],
            symbol="o",
            size=size,
            pen=look.pen(look.tokens.surface, 0.8) if size > SMALL_SIZE else ink.NO_PEN,
            brush=ink.brush(look.tokens.text3, 0.5),
        )
    else:
        item.setData(
            x=mark.x[at],
            y=mark.y[at],
            symbol="x",
            size=size,
            pen=look.pen(look.tokens.control, 1.0),
            brush=ink.NO_BRUSH,
        )


def _prepare(item: SymbolItem, rows: int, look: Look) -> None:
    item.opts["useCache"] = not look.vector
    item.as_image = look.vector and rows > OUTLINES_AT_MOST
