"""The rows of a file with the label of each, in the order of the file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from emdesk.io.writers.cells import ColumnCells, cell, line, number_cells
from emdesk.model.dataset import Dataset
from emdesk.model.family import RowOutput
from emdesk.texts import say

F64 = NDArray[np.float64]

_CELLS_AT_A_TIME = 160_000


def free_name(name: str, taken: Collection[str]) -> str:
    """The name with the program's suffix, as often as needed to differ from those taken."""
    while name in taken:
        name = say("files.name_taken", name=name)
    return name


def label_names(
    dataset: Dataset, components: int, names: Sequence[str] = (), has_noise: bool = False
) -> tuple[str, ...]:
    """The names of the columns added: label, a probability for each component by its name or number and one for noise
    where there is some, uncertainty."""
    numbers = [*(names or [str(k + 1) for k in range(components)])]
    if has_noise:
        numbers.append(say("files.noise"))
    wanted = [
        say("files.label"),
        *(say("files.probability", number=number) for number in numbers),
        say("files.uncertainty"),
    ]
    return tuple(free_name(name, dataset.names) for name in wanted)


def write_labels(
    stream: BinaryIO,
    dataset: Dataset,
    used: NDArray[np.bool_],
    output: RowOutput,
    group_names: Sequence[str] = (),
) -> None:
    """Write every row of the dataset with its columns, then what `label_names` names.

    `used` (n,) says which rows were fitted, `output` is of those. Labels count from 1, and 0 is noise. Rows set aside
    come back with empty cells. `group_names` (K,) are written for the numbers where groups have names.
    """
    label, uncertainty = output.numbers, output.uncertainty
    names = [
        *dataset.names,
        *label_names(dataset, output.groups, group_names, output.has_noise),
    ]
    shown = [cell(name) for name in group_names]
    stream.write(line([cell(name) for name in names]).encode("utf-8"))
    sources = [ColumnCells(column) for column in dataset.columns]
    behind = np.concatenate([[0], np.cumsum(used)])
    size = max(1, _CELLS_AT_A_TIME // len(names))
    for start in range(0, dataset.rows, size):
        stop = min(start + size, dataset.rows)
        fitted = slice(int(behind[start]), int(behind[stop]))
        places = np.flatnonzero(used[start:stop])
        added = [
            [shown[k - 1] if shown and k > 0 else str(k) for k in label[fitted].tolist()],
            *(number_cells(row[fitted]) for row in output.probabilities),
            number_cells(uncertainty[fitted]),
        ]
        columns = [source.between(start, stop) for source in sources]
        columns += [_spread(cells, places, stop - start) for cells in added]
        text = "\n".join(map(",".join, zip(*columns, strict=True)))
        stream.write((text + "\n").encode("utf-8"))


def _spread(cells: list[str], places: NDArray[np.intp], size: int) -> list[str]:
    """The cells of the fitted rows among empty ones."""
    if len(cells) == size:
        return cells
    spread = [""] * size
    for place, text in zip(places.tolist(), cells, strict=True):
        spread[place] = text
    return spread
