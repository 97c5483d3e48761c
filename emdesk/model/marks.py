"""What a plot shows, without Qt: a family returns pictures made of marks, a renderer draws each kind.

Coordinates are in the analyst's units. `group` is the index of the component, state, ...; -1 is none
(drawn grey) and -2 the total of all (drawn in the text colour).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
NO_GROUP = -1
ALL_GROUPS = -2


class Place(StrEnum):
    """The two panels that a family fills; the third, convergence, is the engine's."""

    PICTURE = "picture"
    LAW = "law"


@dataclass(frozen=True, eq=False)
class Points:
    """Rows as symbols. `group` (n,) int; `certainty` (n,) in 0..1 or None; `rows` (n,) row numbers in the file."""

    x: F64
    y: F64
    group: NDArray[np.intp]
    rows: NDArray[np.intp]
    top_probability: F64 | None = None
    groups: int = 0
    small: bool = False


@dataclass(frozen=True, eq=False)
class Raster:
    """Rows as ink: `counts` (groups, height, width), row 0 at the bottom, over `extent` (x0, x1, y0, y1).

    Before a fit there is one layer that is no group (`is_grouped` False); the last layer is noise if there is some.
    """

    counts: F64
    extent: tuple[float, float, float, float]
    rows: int
    is_grouped: bool = True
    has_noise: bool = False


@dataclass(frozen=True, eq=False)
class Ellipse:
    """A level line of one group: `outline` (2, m) closed; `level` is the probability inside it."""

    group: int
    level: float
    outline: F64


@dataclass(frozen=True, eq=False)
class Centre:
    """The mean of one group."""

    group: int
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class Curve:
    """A line: y over x for one group, or the total. `steps` draws probabilities of counts as bars' tops."""

    x: F64
    y: F64
    group: int = ALL_GROUPS
    name: str = ""
    steps: bool = False


@dataclass(frozen=True, eq=False)
class Bars:
    """A histogram: `edges` (b + 1,), `heights` (b,)."""

    edges: F64
    heights: F64


@dataclass(frozen=True, eq=False)
class Rug:
    """Small ticks at the values, below the axis."""

    x: F64


@dataclass(frozen=True, eq=False)
class Heatmap:
    """An image of values: `values` (height, width), row 0 at the bottom, over `extent`.

    `true_aspect` keeps pixels square, `signed` shades about zero.
    """

    values: F64
    extent: tuple[float, float, float, float]
    true_aspect: bool = False
    signed: bool = False


@dataclass(frozen=True, eq=False)
class Contours:
    """Level lines of a density on the grid of a heatmap: `levels` are values, `masses` the mass inside each."""

    values: F64
    extent: tuple[float, float, float, float]
    levels: tuple[float, ...]
    masses: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Bands:
    """Vertical tints behind a series: `edges` (b + 1,), `group` (b,)."""

    edges: F64
    group: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Stack:
    """Shares over x that add to one: `shares` (groups, m), drawn stacked in a strip below the picture."""

    x: F64
    shares: F64
    name: str = ""


Mark = Points | Raster | Ellipse | Centre | Curve | Bars | Rug | Heatmap | Contours | Bands | Stack


@dataclass(frozen=True)
class AxisOption:
    """One thing an axis can show; `key` is what a View names."""

    key: str
    label: str


@dataclass(frozen=True)
class View:
    """What is looked at: axes by key, the levels of ellipses, bins of a histogram, pixels available, zoom.

    `bins` is how many, None = chosen from the data. `extent` is the visible part (x0, x1, y0, y1), None = all.
    `sample` limits the rows drawn one by one; more become a raster. `shows` asks for another picture
    than the usual one.
    """

    place: Place
    x: str = ""
    y: str = ""
    levels: tuple[float, ...] = (0.5, 0.95)
    bins: int | None = None
    width: int = 640
    height: int = 480
    extent: tuple[float, float, float, float] | None = None
    raster_above: int = 50_000
    live: bool = False
    shows: str = ""


@dataclass(frozen=True, eq=False)
class Picture:
    """One panel's content. `x_options`/`y_options` are what the axes can show (none: fixed).

    `description` is the sentence a screen reader speaks; `hint` stands where nothing can be drawn.
    `x_is_time` writes years and dates' numbers without spaces between thousands. `x_names` and `y_names` are what
    stands at places of an axis instead of numbers; one that begins with a line break stands in the second line.
    `has_noise`: rows of NO_GROUP are noise.
    """

    title: str
    marks: tuple[Mark, ...]
    x_label: str = ""
    y_label: str = ""
    subtitle: str = ""
    x_options: tuple[AxisOption, ...] = ()
    y_options: tuple[AxisOption, ...] = ()
    groups: tuple[str, ...] = ()
    description: str = ""
    hint: str = ""
    extent: tuple[float, float, float, float] | None = field(default=None)
    x_is_time: bool = False
    x_names: tuple[tuple[float, str], ...] = ()
    y_names: tuple[tuple[float, str], ...] = ()
    has_noise: bool = False
