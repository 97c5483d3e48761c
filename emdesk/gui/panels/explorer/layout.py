"""Where the cells of the grid stand, and in which groups their columns are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from PySide6.QtCore import QPointF, QRectF

from emdesk.app.comparison.nesting import STRUCTURES
from emdesk.app.comparison.places import GridSpec, Place

NUMBERS, GROUP_HEAD, HEAD = 34, 24, 28
GAP = 3
FACTORS = "FA"
MOST_WIDE, MOST_TALL, LEAST_TALL = 128, 84, 30


def shape_of(variant: str) -> str:
    """The word for the shape of a covariance structure: spherical, diagonal, full or of factors; empty for anything
    else."""
    if variant == FACTORS:
        return "factors"
    if len(variant) != 3 or not set(variant) <= set("EVI"):
        return ""
    if variant[1] == "I":
        return "spherical"
    return "diagonal" if variant[2] == "I" else "full"


def shapes_of(grid: GridSpec) -> list[tuple[str, int]]:
    """The shapes of the columns from left to right, each with how many columns it has."""
    if grid.varied != STRUCTURES:
        return []
    runs = [(shape, len(list(same))) for shape, same in groupby(grid.variants, shape_of)]
    return [] if any(not shape for shape, _ in runs) else runs


@dataclass(frozen=True)
class GridLayout:
    """The places of a grid in a rectangle of this size."""

    counts: tuple[int, ...]
    variants: tuple[str, ...]
    has_shapes: bool
    wide: float
    tall: float

    @classmethod
    def of(cls, grid: GridSpec, width: float, height: float) -> GridLayout:
        shapes = bool(shapes_of(grid))
        head = HEAD + (GROUP_HEAD if shapes else 0)
        wide = min(MOST_WIDE, (width - NUMBERS) / max(1, len(grid.variants)))
        tall = min(MOST_TALL, (height - head) / max(1, len(grid.counts)))
        return cls(grid.counts, grid.variants, shapes, wide, max(LEAST_TALL, tall))

    @property
    def top(self) -> float:
        """Where the first row begins."""
        return HEAD + (GROUP_HEAD if self.has_shapes else 0)

    @property
    def bottom(self) -> float:
        """Where the last row ends."""
        return self.top + self.tall * len(self.counts)

    def cell(self, place: Place) -> QRectF:
        """The rectangle of a cell without its gap."""
        column, row = self.variants.index(place.variant), self.counts.index(place.components)
        outer = QRectF(
            NUMBERS + column * self.wide, self.top + row * self.tall, self.wide, self.tall
        )
        return outer.adjusted(0, 0, -GAP, -GAP)

    def head(self, first: int, columns: int = 1) -> QRectF:
        """The rectangle over so many columns, below the names of the shapes."""
        return QRectF(NUMBERS + first * self.wide, self.top - HEAD, columns * self.wide - GAP, HEAD)

    def number(self, row: int) -> QRectF:
        """The rectangle of the count at the left of a row."""
        return QRectF(0, self.top + row * self.tall, NUMBERS - 8, self.tall - GAP)

    def place_at(self, position: QPointF) -> Place | None:
        """The place under a position."""
        column = int((position.x() - NUMBERS) // self.wide)
        row = int((position.y() - self.top) // self.tall)
        inside = position.x() >= NUMBERS and position.y() >= self.top
        if inside and column < len(self.variants) and row < len(self.counts):
            return Place(self.counts[row], self.variants[column])
        return None

    def moved(self, place: Place, columns: int, rows: int) -> Place:
        """The place so many columns and rows on, at most at the edge."""
        column = self.variants.index(place.variant) + columns
        row = self.counts.index(place.components) + rows
        return Place(
            self.counts[max(0, min(len(self.counts) - 1, row))],
            self.variants[max(0, min(len(self.variants) - 1, column))],
        )
