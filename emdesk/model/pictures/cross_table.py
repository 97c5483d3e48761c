"""Two columns of categories as a table of tiles: as large as their rows, in the colours of the groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.model.category_names import category_name
from emdesk.model.marks import AxisOption, Mark, Picture, Raster, View
from emdesk.model.pictures.groups import Groups
from emdesk.texts import say, say_count
from emdesk.texts.numbers import whole

F64 = NDArray[np.float64]
Words = tuple[tuple[str, ...], ...]
MOST_CATEGORIES = 40
MOST_PIXELS = 1_200
FULLEST = 0.92
"""The side of the fullest tile, of the side of its cell."""
INK = 100.0


def can_be_crossed(groups: Groups, view: View) -> bool:
    """Whether the two columns that are looked at have few categories."""
    return all(len(_values(groups, j)) <= MOST_CATEGORIES for j in _chosen(groups, view))


def cross_table(groups: Groups, view: View, words: Words) -> Picture:
    """The rows of two columns, one tile for each pair of categories; a tile's area says how many rows it has, its
    parts from left to right to which groups they belong."""
    i, j = _chosen(groups, view)
    across, up = _values(groups, i), _values(groups, j)
    counts = _counts(groups, i, j, across, up)
    names = groups.projections.names
    options = tuple(AxisOption(f"column:{name}", name) for name in names)
    is_grouped = groups.memberships is not None
    extent = (-0.5, len(across) - 0.5, -0.5, len(up) - 0.5)
    marks: tuple[Mark, ...] = (Raster(_tiles(counts), extent, groups.rows, is_grouped=is_grouped),)
    size = float(counts.sum())
    return Picture(
        title=say("picture.by", y=names[j], x=names[i]),
        subtitle="" if groups.count else say_count("picture.rows_as_tiles", round(size)),
        marks=marks,
        x_label=names[i],
        y_label=names[j],
        x_options=options,
        y_options=options,
        groups=groups.names,
        extent=extent,
        x_names=_named(across, words[i]),
        y_names=_named(up, words[j]),
        description=say(
            "spoken.cross_table",
            y=names[j],
            x=names[i],
            rows=whole(size),
            groups=groups.count,
        ),
    )


def _chosen(groups: Groups, view: View) -> tuple[int, int]:
    """The positions of the two columns; principal components mean nothing here and give way to the first columns."""
    names = groups.projections.names

    def one(key: str, otherwise: int) -> int:
        name = key.removeprefix("column:")
        return names.index(name) if name in names else min(otherwise, len(names) - 1)

    return one(view.x, 0), one(view.y, 1)


def _column(groups: Groups, j: int) -> F64:
    name = groups.projections.names[j]
    return groups.projections.along(groups.projections.axis(f"column:{name}", j))


def _values(groups: Groups, j: int) -> F64:
    cells = _column(groups, j)
    return np.unique(cells[~np.isnan(cells)])


def _named(values: F64, words: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    return tuple((float(i), category_name(float(v), words)) for i, v in enumerate(values))


def _counts(groups: Groups, i: int, j: int, across: F64, up: F64) -> F64:
    """(G, len(up), len(across)) the weighted rows of every pair, shared by the posterior probabilities."""
    first, second = _column(groups, i), _column(groups, j)
    there = np.flatnonzero(~np.isnan(first) & ~np.isnan(second))
    flat = np.searchsorted(up, second[there]) * len(across) + np.searchsorted(across, first[there])
    weights = np.ones(groups.rows) if groups.weights is None else groups.weights
    cells = len(up) * len(across)
    if groups.memberships is None:
        made = np.bincount(flat, weights[there], cells).astype(np.float64)
        return made.reshape(1, len(up), len(across))
    made = np.zeros((groups.count, cells))
    for part in np.array_split(np.arange(len(there)), 1 + len(there) // 65_536):
        chances = groups.memberships(there[part]).probabilities * weights[there[part]]
        for k, members in enumerate(chances):
            made[k] += np.bincount(flat[part], members, cells)
    return made.reshape(groups.count, len(up), len(across))


def _tiles(counts: F64) -> F64:
    """(G, height, width) ink: in every cell a square in its middle, split from left to right by groups."""
    groups, rows, columns = counts.shape
    side = int(np.clip(MOST_PIXELS // max(rows, columns), 12, 120))
    made = np.zeros((groups, rows * side, columns * side))
    totals = counts.sum(axis=0)
    fullest = float(totals.max()) or 1.0
    for row, column in np.argwhere(totals > 0):
        tile = max(2, round(FULLEST * side * float(np.sqrt(totals[row, column] / fullest))))
        left, bottom = column * side + (side - tile) // 2, row * side + (side - tile) // 2
        shares = np.cumsum(counts[:, row, column]) / totals[row, column]
        edges = np.concatenate([[0], np.rint(tile * shares)]).astype(int)
        for k in range(groups):
            made[k, bottom : bottom + tile, left + edges[k] : left + edges[k + 1]] = INK
    return made
