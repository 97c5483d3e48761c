"""Small pictures with every kind of mark."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.model.marks import (
    Bands,
    Bars,
    Centre,
    Contours,
    Curve,
    Ellipse,
    Heatmap,
    Picture,
    Points,
    Raster,
    Rug,
    Stack,
)

F64 = NDArray[np.float64]
EXTENT = (0.0, 4.0, 0.0, 4.0)


def circle(x: float, y: float, radius: float) -> F64:
    """(2, 61) a closed outline."""
    angle = np.linspace(0, 2 * np.pi, 61)
    return np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])


def points(shift: float = 0.0) -> Points:
    """Six rows: three sure of group 0, two sure of group 1, the last undecided between them."""
    return Points(
        x=np.array([0.0, 0.5, 1.0, 3.0, 3.5, 2.0]) + shift,
        y=np.array([0.0, 1.0, 0.5, 3.0, 3.5, 2.0]),
        group=np.array([0, 0, 0, 1, 1, 1]),
        rows=np.array([0, 1, 2, 3, 4, 9]),
        top_probability=np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.55]),
        groups=2,
    )


def scatter(moved: float = 0.0) -> Picture:
    """Two groups with ellipses at two levels and means; `moved` shifts the fit, not the rows."""
    marks = [
        Ellipse(group, level, circle(0.5 + 2.5 * group + moved, 0.5 + 2.5 * group, 1 + level))
        for group in (0, 1)
        for level in (0.5, 0.95)
    ]
    centres = [Centre(group, 0.5 + 2.5 * group + moved, 0.5 + 2.5 * group) for group in (0, 1)]
    description = "Scatter of b by a, 6 rows, 2 groups"
    return Picture("b by a", (points(), *marks, *centres), "a (min)", "b", description=description)


def histogram(peak: float = 1.0) -> Picture:
    """Bars, two curves and their total, a rug."""
    x = np.linspace(0, 4, 41)
    first, second = np.exp(-((x - 1) ** 2) * 4), peak * np.exp(-((x - 3) ** 2) * 4)
    return Picture(
        "a",
        (
            Bars(np.linspace(0, 4, 9), np.array([0.1, 0.6, 0.9, 0.3, 0.2, 0.8, 0.7, 0.1])),
            Curve(x, first, 0),
            Curve(x, second, 1),
            Curve(x, first + second),
            Rug(np.array([0.5, 1.0, 3.0])),
        ),
        "a",
        "density",
    )


def density() -> Picture:
    """A heatmap, its level lines, small dots."""
    axis = np.linspace(0.05, 3.95, 40)
    values = np.exp(-((axis - 2) ** 2)[None, :] - ((axis - 2) ** 2)[:, None])
    rows = points()
    dots = Points(rows.x, rows.y, np.full(6, -1), rows.rows, small=True)
    marks = (Heatmap(values, EXTENT), Contours(values, EXTENT, (0.8, 0.3), (0.25, 0.75)), dots)
    return Picture("density", marks, "a", "b")


def series() -> Picture:
    """Bands, a line, points and stacked shares."""
    x = np.arange(1900.0, 1906.0)
    shares = np.array([[0.9, 0.8, 0.4, 0.1, 0.0, 0.1], [0.1, 0.2, 0.6, 0.9, 1.0, 0.9]])
    group = shares.argmax(axis=0)
    y = np.array([3.0, 4.0, 6.0, 8.0, 9.0, 7.0])
    marks = (
        Bands(np.append(x, 1906.0) - 0.5, group),
        Curve(x, y, -1),
        Points(x, y, group, np.arange(6), shares.max(axis=0), 2),
        Stack(x, shares, "State"),
    )
    return Picture("series", marks, "Year", "count", x_is_time=True)


def raster(pixels: int = 16) -> Picture:
    """Two groups of counts, side by side."""
    counts = np.zeros((2, pixels, pixels))
    counts[0, :, : pixels // 2] = 3
    counts[1, :, pixels // 2 :] = 50
    return Picture("many", (Raster(counts, EXTENT, 1000),), "a", "b", extent=EXTENT)


ALL = (scatter, histogram, density, series, raster)
