"""The missing cells of a fit filled in: conditional means with their spreads, and random draws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.model.dataset import Dataset
from emdesk.model.estimates import Completed, Estimates
from emdesk.model.family import Draw, Family

Rows = NDArray[np.intp]


def missing_cells(dataset: Dataset, data: Any) -> int:
    """How many cells of the modelled columns are missing in the rows used."""
    used = data.used
    if len(used) != dataset.rows:  # cut otherwise than by the rows of the file
        return 0
    # where rows are intervals the data have a value inside each: an empty cell is an open end
    own: Dataset = getattr(data, "dataset", dataset)
    return sum(int((own.column(name).missing & used).sum()) for name in data.columns)


def completed(
    family: Family,
    dataset: Dataset,
    data: Any,
    params: Any,
    sweeper: Sweeper,
    control: RunControl,
    draw: Draw | None = None,
) -> Completed:
    """Every missing cell of the rows used: its conditional mean given the observed cells of its row, or with `draw` a
    random value of that distribution, the same for the same draw. Empty where none is missing."""
    if missing_cells(dataset, data) == 0:
        return {}
    blocks = family.blocks(data)
    parts = sweeper.each(
        lambda block: family.complete(
            data,
            block,
            params,
            sweeper.workspace(),
            None if draw is None else draw.numbers(block.index),
        ),
        blocks,
        control,
    )
    found = [part for part in parts if part is not None]
    if not found:
        return {}
    values = np.concatenate([part[0] for part in found], axis=1)
    spread = np.concatenate([part[1] for part in found], axis=1)
    order = np.argsort(data.row_numbers, kind="stable")
    rows = np.asarray(data.row_numbers)[order]
    made = {}
    for j, name in enumerate(data.columns):
        gaps = dataset.column(name).missing[rows]
        if gaps.any():
            chosen = order[gaps]
            made[name] = Estimates(rows[gaps], values[j, chosen], spread[j, chosen])
    return made


def draws(
    family: Family, dataset: Dataset, data: Any, params: Any, count: int, seed: int
) -> Iterator[Completed]:
    """`count` random completions, the same for the same seed."""
    with Sweeper() as sweeper:
        for number in range(1, count + 1):
            # a start no fit has, so that the numbers are not those of its own draws
            draw = Draw(seed, 2**31, number)
            yield completed(family, dataset, data, params, sweeper, RunControl(), draw)


def rows_with_gaps(cells: Completed) -> Rows:
    """(m,) the rows of the file in which something was estimated, rising."""
    if not cells:
        return np.empty(0, dtype=np.intp)
    return np.unique(np.concatenate([one.rows for one in cells.values()]))
