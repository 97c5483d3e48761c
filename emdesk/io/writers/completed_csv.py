"""The rows of a file with their missing cells filled in, each marked, with its spread; and random completions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from emdesk.io.writers.cells import ColumnCells, cell, line, number_cells
from emdesk.io.writers.labels_csv import free_name
from emdesk.io.writers.table_csv import write_table
from emdesk.model.dataset import Column, Dataset
from emdesk.model.estimates import Completed, Estimates
from emdesk.texts import say

F64 = NDArray[np.float64]
_ROWS_AT_A_TIME = 8_192


def write_completed(stream: BinaryIO, dataset: Dataset, cells: Completed) -> None:
    """Write every row of the dataset with its columns, estimated cells in their places, then for each column that has
    some their standard deviations, and last the names of the columns that were estimated in the row."""
    taken = list(dataset.names)
    spreads = [free_name(say("files.spread", name=name), taken) for name in cells]
    names = [*taken, *spreads, free_name(say("files.imputed"), [*taken, *spreads])]
    stream.write(line([cell(name) for name in names]).encode("utf-8"))
    sources = {column.name: ColumnCells(column) for column in dataset.columns}
    for start in range(0, dataset.rows, _ROWS_AT_A_TIME):
        stop = min(start + _ROWS_AT_A_TIME, dataset.rows)
        columns = {name: source.between(start, stop) for name, source in sources.items()}
        added = {name: [""] * (stop - start) for name in cells}
        marks: list[list[str]] = [[] for _ in range(stop - start)]
        for name, one in cells.items():
            places = slice(*np.searchsorted(one.rows, (start, stop)))
            shown = _cells(dataset.column(name), one.values[places])
            spread = number_cells(one.spread[places])
            for place, text, width in zip(
                (one.rows[places] - start).tolist(), shown, spread, strict=True
            ):
                columns[name][place], added[name][place] = text, width
                marks[place].append(name)
        listed = [cell(", ".join(found)) for found in marks]
        rows = zip(*columns.values(), *added.values(), listed, strict=True)
        stream.write("".join(map(line, rows)).encode("utf-8"))


def _cells(column: Column, values: F64) -> list[str]:
    """Estimated values as cells; those of a text column are its nearest words."""
    if not column.categories:
        return number_cells(values)
    last = len(column.categories) - 1
    return [cell(column.categories[code]) for code in np.clip(np.rint(values), 0, last).astype(int)]


def write_draws(
    stream: BinaryIO, dataset: Dataset, names: Sequence[str], drawn: Iterable[Completed]
) -> None:
    """Write random completions one below the other: number of the draw, row of the file from 1, and the modelled
    columns, for the rows in which a cell is missing."""
    first = [free_name(say(f"files.{word}"), names) for word in ("draw", "row")]
    write_table(stream, [*first, *names], _draw_rows(dataset, names, drawn))


def _draw_rows(
    dataset: Dataset, names: Sequence[str], drawn: Iterable[Completed]
) -> Iterator[list[object]]:
    columns = [dataset.column(name) for name in names]
    for number, cells in enumerate(drawn, start=1):
        for row in np.unique(np.concatenate([one.rows for one in cells.values()])).tolist():
            yield [
                number,
                row + 1,
                *(_value(column, row, cells.get(column.name)) for column in columns),
            ]


def _value(column: Column, row: int, estimates: Estimates | None) -> object:
    found = None if estimates is None else estimates.at(row)
    value = float(column.values[row]) if found is None else found[0]
    if column.categories:
        last = len(column.categories) - 1
        return column.categories[min(max(round(value), 0), last)]
    return value
