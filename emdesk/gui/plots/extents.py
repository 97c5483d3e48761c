"""The part of the plane a picture shows at rest, from its marks; numpy only.

Data decide it, not the fit: a moving ellipse must not make the axes jump at every iteration.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.model.marks import (
    ALL_GROUPS,
    Bands,
    Bars,
    Contours,
    Curve,
    Heatmap,
    Picture,
    Points,
    Raster,
    Rug,
    Stack,
)

F64 = NDArray[np.float64]
Extent = tuple[float, float, float, float]
ROOM = 0.11
CURVES_OVER_BARS = 1.6


def home_extent(picture: Picture) -> Extent:
    """(x0, x1, y0, y1) that shows everything, with room for the ellipses around the rows."""
    if picture.extent is not None:
        return _grown(picture.extent, 0.0, 0.0)
    filled = [m.extent for m in picture.marks if isinstance(m, Heatmap | Raster | Contours)]
    if filled and not any(isinstance(m, Points) and not m.small for m in picture.marks):
        return _union(filled)
    if any(isinstance(m, Bars) or (isinstance(m, Curve) and m.steps) for m in picture.marks):
        return _histogram_extent(picture)
    boxes = [box for mark in picture.marks if (box := _box(mark)) is not None]
    if not boxes:
        return (0.0, 1.0, 0.0, 1.0)
    series = any(isinstance(m, Bands) for m in picture.marks)
    smooth = not any(isinstance(m, Points) for m in picture.marks)
    return _grown(_union(boxes), 0.01 if series or smooth else ROOM, 0.06 if smooth else ROOM)


def _box(mark: object) -> Extent | None:
    if isinstance(mark, Points | Curve):
        return _around(mark.x, mark.y)
    if isinstance(mark, Heatmap | Raster | Contours):
        return mark.extent
    return None


def _histogram_extent(picture: Picture) -> Extent:
    """From zero up; a component narrower than a bin may rise out of the picture, not flatten it."""
    x0, x1, bars, curves = np.inf, -np.inf, 0.0, 0.0
    for mark in picture.marks:
        if isinstance(mark, Bars) and len(mark.heights):
            x0, x1 = min(x0, float(mark.edges[0])), max(x1, float(mark.edges[-1]))
            bars = max(bars, float(np.nanmax(mark.heights)))
        elif isinstance(mark, Curve) and len(mark.x):
            x0, x1 = min(x0, float(np.nanmin(mark.x))), max(x1, float(np.nanmax(mark.x)))
            known = mark.y[np.isfinite(mark.y)]
            if mark.group == ALL_GROUPS or not bars:
                curves = max(curves, float(known.max()) if len(known) else 0.0)
    top = max(bars, min(curves, CURVES_OVER_BARS * bars) if bars else curves)
    if not np.isfinite(x0):
        return (0.0, 1.0, 0.0, 1.0)
    rug = any(isinstance(m, Rug) for m in picture.marks)
    x0, x1, _, top = _grown((x0, x1, 0.0, top if top > 0 else 1.0), 0.02, 0.0)
    return (x0, x1, -0.07 * top if rug else 0.0, 1.06 * top)


def strip_extent(stack: Stack) -> tuple[float, float]:
    """The values of x that a strip of shares covers, half a step added on both sides."""
    half = (stack.x[-1] - stack.x[0]) / max(1, len(stack.x) - 1) / 2 if len(stack.x) else 0.5
    return float(stack.x[0] - half), float(stack.x[-1] + half)


def frame_key(picture: Picture) -> tuple[object, ...]:
    """What must stay equal for the axes to stay where the person left them: names, rows, bins."""
    rows = [box for m in picture.marks if isinstance(m, Points) and (box := _box(m)) is not None]
    bins = [len(m.heights) for m in picture.marks if isinstance(m, Bars)]
    return (picture.x_label, picture.y_label, picture.extent, *rows, *bins)


def steadied(old: Extent | None, new: Extent, picture: Picture) -> Extent:
    """The next home of the same frame.

    A histogram's axis grows with its curves but never shrinks back; an image made anew for the part
    zoomed into does not make that part the whole.
    """
    grows = any(isinstance(m, Bars | Raster | Heatmap) for m in picture.marks)
    return new if old is None or not grows else _union([old, new])


def _around(x: F64, y: F64) -> Extent | None:
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return None
    x, y = x[known], y[known]
    return (float(x.min()), float(x.max()), float(y.min()), float(y.max()))


def _union(boxes: list[Extent]) -> Extent:
    corners = np.asarray(boxes)
    return (
        float(corners[:, 0].min()),
        float(corners[:, 1].max()),
        float(corners[:, 2].min()),
        float(corners[:, 3].max()),
    )


def _grown(box: Extent, x_room: float, y_room: float) -> Extent:
    """The box with room on every side; a box without width becomes one unit of its size wide."""
    x0, x1 = _wide(box[0], box[1])
    y0, y1 = _wide(box[2], box[3])
    dx, dy = x_room * (x1 - x0), y_room * (y1 - y0)
    return (x0 - dx, x1 + dx, y0 - dy, y1 + dy)


def _wide(low: float, high: float) -> tuple[float, float]:
    if high - low > 1e-12 * max(abs(low), abs(high)):
        return low, high
    half = max(abs(low) * 0.05, 0.5 if low == 0 else 1e-9)
    return low - half, high + half
