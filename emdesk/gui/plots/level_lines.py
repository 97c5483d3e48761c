"""Level lines of a function on a grid, joined into as few polylines as there are; numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

# Which cell edges (0 bottom, 1 right, 2 top, 3 left) each of the 16 corner patterns joins; the bits
# are bottom left, bottom right, top right, top left. The saddles (5, 10) are cut as two corners.
_JOINS: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((3, 0),),
    2: ((0, 1),),
    3: ((3, 1),),
    4: ((1, 2),),
    5: ((3, 0), (1, 2)),
    6: ((0, 2),),
    7: ((3, 2),),
    8: ((2, 3),),
    9: ((2, 0),),
    10: ((0, 1), (2, 3)),
    11: ((2, 1),),
    12: ((1, 3),),
    13: ((1, 0),),
    14: ((0, 3),),
}


def level_lines(values: F64, extent: tuple[float, float, float, float], level: float) -> list[F64]:
    """Polylines (2, m) where the values (h, w), cell centres over `extent`, cross `level`.

    Marching squares with linear interpolation (Lorensen and Cline 1987, in two dimensions).
    """
    height, width = values.shape
    if height < 2 or width < 2:
        return []
    above = values > level
    pattern = (
        above[:-1, :-1] + 2 * above[:-1, 1:] + 4 * above[1:, 1:] + 8 * above[1:, :-1]
    ).astype(np.intp)
    starts, ends = _segments(pattern, width)
    if not len(starts):
        return []
    crossing = np.unique(np.concatenate([starts, ends]))
    points = _crossings(values, extent, level, crossing)
    chains = _joined(np.searchsorted(crossing, starts), np.searchsorted(crossing, ends))
    return [points[:, chain] for chain in chains]


def _segments(pattern: NDArray[np.intp], width: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Ids of the grid edges each segment joins: 2 * node for the edge to its right, + 1 upwards."""
    starts: list[NDArray[np.intp]] = []
    ends: list[NDArray[np.intp]] = []
    for code, joins in _JOINS.items():
        rows, columns = np.nonzero(pattern == code)
        if not len(rows):
            continue
        node = rows * width + columns
        edges = (2 * node, 2 * (node + 1) + 1, 2 * (node + width), 2 * node + 1)
        for first, second in joins:
            starts.append(edges[first])
            ends.append(edges[second])
    if not starts:
        nothing = np.empty(0, dtype=np.intp)
        return nothing, nothing
    return np.concatenate(starts), np.concatenate(ends)


def _crossings(
    values: F64, extent: tuple[float, float, float, float], level: float, ids: NDArray[np.intp]
) -> F64:
    """(2, m) where the level is crossed on each grid edge."""
    height, width = values.shape
    node, upwards = ids // 2, ids % 2
    row, column = node // width, node % width
    here = values[row, column]
    there = values[row + upwards, column + 1 - upwards]
    share = np.clip((level - here) / (there - here), 0, 1)
    x0, x1, y0, y1 = extent
    x = x0 + (column + 0.5 + share * (1 - upwards)) * (x1 - x0) / width
    y = y0 + (row + 0.5 + share * upwards) * (y1 - y0) / height
    return np.stack([x, y])


def _joined(starts: NDArray[np.intp], ends: NDArray[np.intp]) -> list[list[int]]:
    """Chains of point numbers: segments laid end to end, closed ones ending where they began."""
    near: dict[int, list[int]] = {}
    for a, b in zip(starts.tolist(), ends.tolist(), strict=True):
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    chains: list[list[int]] = []
    open_ends = [point for point, others in near.items() if len(others) == 1]
    for begin in open_ends + list(near):
        while near[begin]:
            chain = [begin]
            while near[chain[-1]]:
                following = near[chain[-1]].pop()
                near[following].remove(chain[-1])
                chain.append(following)
            chains.append(chain)
    return chains
