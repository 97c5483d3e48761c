"""From lines to rows of cells, each with its line in the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from emdesk.errors import FileProblem
from emdesk.io.dialect import BLANKS, ONE_COLUMN, Dialect
from emdesk.io.readers.source import LineSource, line_breaks
from emdesk.texts import say

_CELLS_AT_A_TIME = 160_000
_NEVER_IN_TEXT = "\x1f"  # stands for ONE_COLUMN, which the csv module does not know


class Rows(Protocol):
    """Rows of cells, one after the other; `line_num` counts the lines they came from."""

    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


def split_rows(lines: Iterator[str], dialect: Dialect) -> Rows:
    """The rows that lines hold under a dialect; a csv.Error for a quote that is not closed."""
    if dialect.delimiter == BLANKS:
        return _BlankRows(lines, dialect.quote)
    return csv.reader(
        lines,
        delimiter=_NEVER_IN_TEXT if dialect.delimiter == ONE_COLUMN else dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        skipinitialspace=dialect.skip_blanks,
        strict=True,
    )


class _BlankRows:
    """Rows whose cells are separated by runs of blanks and tabs; a quoted cell may hold blanks."""

    def __init__(self, lines: Iterator[str], quote: str) -> None:
        self.line_num = 0
        self._lines = lines
        self._quote = quote
        q = re.escape(quote)
        self._cell = re.compile(rf"{q}((?:[^{q}]|{q}{q})*){q}(?=[ \t]|$)|([^ \t]+)") if q else None

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        line = next(self._lines)
        self.line_num += 1
        if self._cell is None or self._quote not in line:
            # str.split() would also split at no-break spaces, which group the digits of a number
            return line.split() if line.isascii() else re.findall(r"[^ \t\r\n]+", line)
        if line.count(self._quote) % 2:
            raise csv.Error
        twice = self._quote * 2
        return [
            bare or quoted.replace(twice, self._quote)
            for quoted, bare in self._cell.findall(line.rstrip("\r\n"))
        ]


@dataclass(frozen=True)
class Batch:
    """Consecutive rows; `lines` is the line of each, or of the first when every row is one line."""

    rows: list[list[str]]
    lines: list[int] | int

    def line(self, row: int) -> int:
        """The line in the file where a row begins."""
        return self.lines + row if isinstance(self.lines, int) else self.lines[row]


class Records:
    """The table in a file, row by row or in batches; blank lines are left out and counted.

    In a file of one column a blank line between rows is a row whose cell is empty (`blank_cells`),
    those at the end are not. Raises a FileProblem for a quote that is not closed.
    """

    def __init__(self, source: LineSource, dialect: Dialect) -> None:
        self.blank_lines = 0
        self.blank_cells = 0
        self._source = source
        self._dialect = dialect
        self._lines = iter(source)
        self._skipped = 0
        self._rows = split_rows(self._lines, dialect)

    @property
    def line(self) -> int:
        """How many lines have been consumed."""
        return self._skipped + self._rows.line_num

    def header(self) -> list[str] | None:
        """The cells of the header line, None without one; call it first, and once."""
        cells = None
        if self._dialect.header_line:
            self._skip_to(self._dialect.header_line - 1)
            cells = next(self.one_by_one(), (0, None))[1]
        self._skip_to(self._dialect.skip_lines)
        return cells

    def one_by_one(self) -> Iterator[tuple[int, list[str]]]:
        """Each remaining row with its line, blank lines as rows without cells."""
        while True:
            line = self.line + 1
            try:
                row = next(self._rows)
            except StopIteration:
                return
            except csv.Error:
                raise FileProblem(
                    say("files.unclosed_quote", line=line),
                    where=str(self._source.path),
                    remedy=say("files.close_quote"),
                ) from None
            yield line, row

    def batches(self, width: int | None) -> Iterator[Batch]:
        """The remaining rows; `width` is how many cells a row should have, None as many as the first."""
        waiting: list[int] = []
        while True:
            before = self.line
            size = 1 if width is None else min(16_384, _CELLS_AT_A_TIME // width + 1)
            rows = self._take(size)
            if not rows:
                self.blank_lines += len(waiting)
                return
            if width is None:
                if not any(cell.strip() for cell in rows[0]) and len(rows[0]) < 2:
                    self.blank_lines += 1
                    continue
                width = len(rows[0])
            one_line_each = self.line - before == len(rows)
            batch = Batch(rows, before + 1 if one_line_each else _lines_of(rows, before + 1))
            lengths = set(map(len, rows))
            if waiting or 0 in lengths or (width > 1 and 1 in lengths):
                batch = self._without_blank_lines(batch, width, waiting)
            if batch.rows:
                yield batch

    def _take(self, size: int) -> list[list[str]]:
        try:
            return list(islice(self._rows, size))
        except csv.Error:
            with LineSource(self._source.path, self._dialect.encoding) as again:
                slowly = Records(again, self._dialect)
                slowly.header()
                for _ in slowly.one_by_one():  # raises where the quote opens
                    pass
            raise

    def _without_blank_lines(self, batch: Batch, width: int, waiting: list[int]) -> Batch:
        rows: list[list[str]] = []
        lines: list[int] = []
        for index, row in enumerate(batch.rows):
            if width == 1 and not row:
                waiting.append(batch.line(index))
            elif width > 1 and (not row or (len(row) == 1 and not row[0].strip())):
                self.blank_lines += 1
            else:
                rows += [[""] for _ in waiting] + [row]
                lines += [*waiting, batch.line(index)]
                self.blank_cells += len(waiting)
                waiting.clear()
        return Batch(rows, lines)

    def _skip_to(self, line: int) -> None:
        while self.line < line and next(self._lines, None) is not None:
            self._skipped += 1


def _lines_of(rows: list[list[str]], first: int) -> list[int]:
    """The line of each row where quoted cells run over several lines."""
    lines = []
    for row in rows:
        lines.append(first)
        first += 1 + sum(map(line_breaks, row))
    return lines
