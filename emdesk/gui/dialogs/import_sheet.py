"""What the import dialog's table shows, without Qt: cells as they were read, each with its line."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np

from emdesk.io.reading import Reading
from emdesk.model.dataset import Kind
from emdesk.texts import say


class CellState(Enum):
    """What became of a cell."""

    VALUE = "value"
    MISSING = "missing"
    REFUSED = "refused"


@dataclass(frozen=True)
class SheetColumn:
    """The head of a column; until the whole file is read `kind` is None and `missing` -1."""

    name: str
    kind: Kind | None = None
    missing: int = -1
    refused: int = 0
    is_numeric: bool = False


class Sheet(Protocol):
    """Rows of cells under column heads."""

    @property
    def columns(self) -> tuple[SheetColumn, ...]: ...
    @property
    def rows(self) -> int: ...
    def cell(self, row: int, column: int) -> tuple[str, CellState]:
        """The text shown and what became of it."""

    def line(self, row: int) -> int | None:
        """The line of the file where the row begins; None where it is not known."""

    def row_of(self, line: int, column: str) -> int | None:
        """The row of an unreadable cell."""


@dataclass(frozen=True)
class HeadSheet:
    """The first rows of a file as text, while the rest is still being read."""

    names: tuple[str, ...] = ()
    cells: tuple[Sequence[str], ...] = ()
    lines: tuple[int, ...] = ()

    @property
    def columns(self) -> tuple[SheetColumn, ...]:
        return tuple(SheetColumn(name) for name in self.names)

    @property
    def rows(self) -> int:
        return len(self.cells)

    def cell(self, row: int, column: int) -> tuple[str, CellState]:
        found = self.cells[row]
        return (found[column] if column < len(found) else ""), CellState.VALUE

    def line(self, row: int) -> int | None:
        return self.lines[row]

    def row_of(self, line: int, column: str) -> int | None:
        return self.lines.index(line) if line in self.lines else None


class ReadSheet:
    """A file as it was loaded. `head_lines` are the lines of the first rows.

    Further down a line is told where it is certain: between two rows of known lines that are as
    many lines as rows apart, so that no blank line or line break in a cell lies between them.
    """

    def __init__(self, reading: Reading, head_lines: Sequence[int]) -> None:
        self._reading = reading
        self._columns = reading.dataset.columns
        self._is_comma = reading.dialect.decimal == ","
        self._rows_of = _rows_of_refused(reading)
        anchors = dict(enumerate(head_lines[: reading.dataset.rows]))
        anchors.update({row: line for (line, _), row in self._rows_of.items()})
        last = reading.dataset.rows - 1
        if last >= 0:
            anchors.setdefault(last, reading.lines)
        self._anchor_rows = sorted(anchors)
        self._anchor_lines = [anchors[row] for row in self._anchor_rows]
        refused = Counter(name for _, name in self._rows_of)
        self.columns = tuple(
            SheetColumn(c.name, c.kind, c.missing_count, refused[c.name], c.is_numeric)
            for c in self._columns
        )

    @property
    def rows(self) -> int:
        return self._reading.dataset.rows

    def cell(self, row: int, column: int) -> tuple[str, CellState]:
        found = self._columns[column]
        if np.isnan(found.values[row]):
            text = found.as_read.get(row)
            if text is not None and not self._reading.dialect.is_missing(text):
                return text, CellState.REFUSED
            return say("import.missing"), CellState.MISSING
        text = found.text(row)
        if found.is_numeric:
            text = text.removesuffix(".0")
            text = text.replace(".", ",") if self._is_comma else text
        return text, CellState.VALUE

    def line(self, row: int) -> int | None:
        place = bisect_left(self._anchor_rows, row)
        if place == len(self._anchor_rows):
            return None
        after_row, after_line = self._anchor_rows[place], self._anchor_lines[place]
        if after_row == row:
            return after_line
        if place == 0:
            return None
        before_row, before_line = self._anchor_rows[place - 1], self._anchor_lines[place - 1]
        certain = after_line - before_line == after_row - before_row
        return before_line + row - before_row if certain else None

    def row_of(self, line: int, column: str) -> int | None:
        return self._rows_of.get((line, column))


def _rows_of_refused(reading: Reading) -> dict[tuple[int, str], int]:
    """Line and column of each listed unreadable cell -> its row; both follow the file."""
    listed: dict[str, list[int]] = {}
    for cell in reading.refused:
        listed.setdefault(cell.column, []).append(cell.line)
    missing = reading.dialect.is_missing
    found: dict[tuple[int, str], int] = {}
    for column in reading.dataset.columns:
        if column.name in listed:
            rows = sorted(row for row, text in column.as_read.items() if not missing(text))
            for line, row in zip(listed[column.name], rows, strict=False):
                found[line, column.name] = row
    return found
