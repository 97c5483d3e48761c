"""What a fit says of every row, in the order of the file."""

from __future__ import annotations

from typing import Any

import numpy as np

from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.model.family import Family, RowOutput


def row_output_of(
    family: Family, data: Any, params: Any, sweeper: Sweeper, control: RunControl
) -> RowOutput | None:
    """Labels and probabilities of every used row in file order; None where rows carry no label.

    Blocks may hold the rows in another order (sequences put together, times sorted): `data.row_numbers` says which.
    """
    if not family.labels_rows:
        return None
    parts = sweeper.each(
        lambda block: family.rows(data, block, params, sweeper.workspace()),
        family.blocks(data),
        control,
    )
    probabilities = np.concatenate([p.probabilities for p in parts], axis=1)
    label = np.concatenate([p.label for p in parts])
    numbers, has_noise = data.row_numbers, parts[0].has_noise
    if np.all(numbers[1:] > numbers[:-1]):
        return RowOutput(probabilities, label, has_noise)
    order = np.argsort(numbers)
    return RowOutput(probabilities[:, order], label[order], has_noise)
