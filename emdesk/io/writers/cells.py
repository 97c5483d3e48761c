"""Values as the cells of a CSV file: exact, quoted where needed, and never a formula."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emdesk.model.dataset import Column

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"[+-]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)
_TO_QUOTE = re.compile(r'[",;\r\n\t]|^\s|\s$')
_LARGEST_EXACT = 2.0**53


def inert(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it as a formula.

    Numbers and a lone sign stay as they are. Source: OWASP, CSV Injection.
    """
    start = text.lstrip(" ")
    harmless = (
        not start.startswith(_FORMULA_STARTS) or text in ("-", "+") or _NUMBER.fullmatch(start)
    )
    return text if harmless else f"'{text}"


def cell(value: object) -> str:
    """One value between two commas: floats with every digit, nothing for NaN and None."""
    if isinstance(value, str):
        return quoted(inert(value))
    if value is None:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return repr(number) if math.isfinite(number) else ""
    return quoted(inert(str(value)))


def quoted(text: str) -> str:
    """The text as RFC 4180 wants it."""
    if _TO_QUOTE.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def line(cells: Sequence[str]) -> str:
    """One row; a single empty cell is quoted, since a blank line is no row."""
    return ",".join(cells) + "\n" if len(cells) != 1 or cells[0] else '""\n'


def number_cells(values: NDArray[np.float64]) -> list[str]:
    """(n,) numbers as cells, empty where not finite."""
    cells = list(map(repr, values.tolist()))
    for row in np.flatnonzero(~np.isfinite(values)).tolist():
        cells[row] = ""
    return cells


class ColumnCells:
    """The cells of a column, a piece at a time: what `Column.text` says, made inert."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._categories = [cell(text) for text in column.categories]
        self._missing = cell(column.missing_word)
        self._as_read = {row: cell(text) for row, text in column.as_read.items()}

    def between(self, start: int, stop: int) -> list[str]:
        """The cells of the rows from `start` to before `stop`."""
        column = self._column
        missing = column.missing[start:stop]
        known = np.where(missing, 0.0, column.values[start:stop])
        if self._categories:
            cells = [self._categories[code] for code in known.astype(np.intp).tolist()]
        elif not column.is_whole:
            cells = [text.removesuffix(".0") for text in map(repr, known.tolist())]
        elif np.all(np.abs(known) < _LARGEST_EXACT):
            cells = list(map(str, known.astype(np.int64).tolist()))
        else:
            cells = [cell(column.text(row)) for row in range(start, stop)]
        for row in np.flatnonzero(missing).tolist():
            cells[row] = self._as_read.get(start + row, self._missing)
        return cells
