"""Guessing how a text file is laid out: delimiter, names, and where the table begins."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from emdesk.io.dialect import BLANKS, ONE_COLUMN, Dialect, ImportOptions
from emdesk.io.readers.marks import guess_marks, guess_missing_words
from emdesk.io.readers.numbers import Grammar, is_some_number
from emdesk.io.readers.records import split_rows
from emdesk.io.readers.sample import Sample, take_sample

_CANDIDATES = (",", ";", "\t", "|", BLANKS, ONE_COLUMN)
_COMMENT = re.compile(r"\s*(#|%|//)")
_MOST_TITLE_LINES = 30
_TOLD = re.compile(r"sep=(.)\s*", re.IGNORECASE)


def sniff(path: Path | str, options: ImportOptions | None = None) -> Dialect:
    """The dialect of a file: what `options` fixes, and the likeliest guess for the rest.

    Looks at the first 64 kB and some lines from the middle and the end. Raises FileProblem for what
    is no text file with something in it.
    """
    options = options or ImportOptions()
    sample = take_sample(Path(path), options.encoding)
    layout = _best_layout(sample, options)
    columns = _columns(sample, layout)
    marks = guess_marks(columns, layout.delimiter, options.decimal, options.thousands)
    dialect = Dialect(
        encoding=sample.encoding,
        delimiter=layout.delimiter,
        decimal=marks.decimal,
        thousands=marks.thousands,
        header_line=layout.header_line,
        skip_lines=layout.skip_lines,
        quote=layout.quote,
        skip_blanks=layout.skip_blanks,
        kinds=options.kinds,
        refused_as=options.refused_as,
    )
    words = options.missing_words
    return replace(
        dialect, missing_words=guess_missing_words(columns, dialect) if words is None else words
    )


@dataclass(frozen=True)
class Layout:
    """One way to see the file: `rows` are those of the sample that hold data."""

    delimiter: str
    quote: str
    skip_blanks: bool
    header_line: int
    skip_lines: int
    rows: tuple[tuple[str, ...], ...]
    score: float

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0


def _best_layout(sample: Sample, options: ImportOptions) -> Layout:
    told = _TOLD.fullmatch(sample.head[0]) if sample.head else None
    first = 1 if told else _lines_of_comment(sample.head)
    if options.delimiter is not None:
        candidates: Sequence[str] = (options.delimiter,)
    else:
        candidates = (told[1],) if told else [d for d in _CANDIDATES if d != options.quote or not d]
    layouts = [_layout(sample, delimiter, first, options) for delimiter in candidates]
    return max(layouts, key=lambda layout: layout.score)  # the earlier candidate wins a tie


def _lines_of_comment(lines: Sequence[str]) -> int:
    """How many comments and blank lines stand above everything else."""
    for number, line in enumerate(lines):
        if line.strip() and not _COMMENT.match(line):
            return number
    return 0


def _layout(sample: Sample, delimiter: str, first: int, options: ImportOptions) -> Layout:
    quote = '"' if options.quote is None else options.quote
    start = first
    if options.header_line:
        start = options.header_line - 1
    elif options.skip_lines is not None:
        start = options.skip_lines
    as_written = Dialect(delimiter=delimiter, quote=quote, skip_blanks=False)
    rows = _rows(sample.head, start, as_written)
    skip_blanks = options.skip_blanks
    if skip_blanks is None:
        skip_blanks = delimiter not in (BLANKS, ONE_COLUMN) and _blank_follows(rows)
    if skip_blanks:
        rows = _rows(sample.head, start, replace(as_written, skip_blanks=True))
    width = _usual_width(rows)
    titles = 0
    if options.header_line is None and options.skip_lines is None:
        titles = _titles(rows, width)
        rows = rows[titles:]
    cells = [tuple(row) for _, row in rows]
    has_names = _has_names(cells) if options.header_line is None else options.header_line > 0
    top = rows[0][0] if rows else start + 1
    header_line = options.header_line
    if header_line is None:
        header_line = top if has_names else 0
    skip = options.skip_lines if options.skip_lines is not None else top - 1
    body = tuple(row for row in cells[has_names:] if len(row) == width)
    score = _score(delimiter, cells, body, width, titles)
    return Layout(delimiter, quote, skip_blanks, header_line, skip, body, score)


def _rows(lines: Sequence[str], start: int, dialect: Dialect) -> list[tuple[int, list[str]]]:
    """The rows with something in them, each with its line; as far as the quotes are closed."""
    found: list[tuple[int, list[str]]] = []
    rows = split_rows(iter(lines[start:]), dialect)
    while True:
        line = start + rows.line_num + 1
        try:
            row = next(rows)
        except (StopIteration, csv.Error):
            return found
        if any(cell.strip() for cell in row):
            found.append((line, row))


def _blank_follows(rows: Sequence[tuple[int, list[str]]]) -> bool:
    """Whether every delimiter is followed by a blank, which then belongs to the delimiter."""
    after = [cell for _, row in rows for cell in row[1:]]
    return bool(after) and all(cell.startswith(" ") for cell in after)


def _usual_width(rows: Sequence[tuple[int, list[str]]]) -> int:
    widths = Counter(len(row) for _, row in rows)
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def _titles(rows: Sequence[tuple[int, list[str]]], width: int) -> int:
    """How many rows with nothing but words in the first cell stand above a table."""
    if width < 2:
        return 0
    for number, (_, row) in enumerate(rows[:_MOST_TITLE_LINES]):
        alone = len(row) == 1 or (width > 2 and not any(cell.strip() for cell in row[1:]))
        if not alone or not row[0].strip() or is_some_number(row[0]):
            return number
    return 0


def _has_names(rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether the first row holds names: words above numbers, or words that do not come again."""
    if not rows or not any(cell.strip() for cell in rows[0]):
        return False
    first, body = rows[0], rows[1:]
    if _are_years(first[1:]) and not any(_are_years(row[1:]) for row in body):
        return True
    votes = 0
    for index, name in enumerate(first):
        below = [row[index] for row in body if index < len(row) and row[index].strip()]
        numbers = sum(map(is_some_number, below))
        if is_some_number(name):
            votes -= 1
        elif numbers > 0.5 * len(below):
            votes += bool(name.strip()) and not Dialect().is_missing(name)
    if votes or not body:
        return votes > 0 or (not body and not any(map(is_some_number, first)))
    if any(map(is_some_number, first)):
        return False
    again = {(i, cell) for row in body for i, cell in enumerate(row)}
    return not any((i, cell) in again for i, cell in enumerate(first) if cell.strip())


def _are_years(cells: Sequence[str]) -> bool:
    """Whether cells are rising years, as they stand above a table with a column for each year."""
    years = [int(cell) for cell in cells if re.fullmatch(r"[12]\d\d\d", cell.strip(), re.ASCII)]
    return len(years) == len(cells) > 1 and all(a < b for a, b in pairwise(years))


def _score(
    delimiter: str,
    rows: Sequence[tuple[str, ...]],
    body: Sequence[tuple[str, ...]],
    width: int,
    titles: int,
) -> float:
    """How much the rows look like a table: equal widths count double, numbers single."""
    if not rows:
        return 0.0
    cells = [cell for row in body for cell in row]
    known = Dialect().is_missing
    numbers = sum(is_some_number(cell) or known(cell) for cell in cells) / max(len(cells), 1)
    if delimiter == ONE_COLUMN:
        return 1.5 if _is_comma_column(rows) else 0.0
    if width < 2:
        return 0.2 if delimiter == "," else 0.0
    if delimiter == BLANKS and numbers == 0:
        return 0.0
    usual = sum(len(row) == width for row in rows) / len(rows)
    return usual + 0.5 * numbers - (0.3 if titles else 0.0)


def _is_comma_column(rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether a name without a comma stands above numbers that hold commas as their marks."""
    name, *cells = (row[0] for row in rows)
    if "," in name or not any("," in cell for cell in cells):
        return False
    grammars = (Grammar(",", "."), Grammar(".", ","))
    read = sum(any(isinstance(g.read(cell), float) for g in grammars) for cell in cells)
    return read > 0.9 * len(cells)


def _columns(sample: Sample, layout: Layout) -> list[list[str]]:
    """The cells of the sample by column, those from the middle and the end included."""
    dialect = Dialect(
        delimiter=layout.delimiter, quote=layout.quote, skip_blanks=layout.skip_blanks
    )
    more = [tuple(row) for _, row in _rows(sample.elsewhere, 0, dialect)]
    rows = [*layout.rows, *(row for row in more if len(row) == layout.width)]
    return [list(column) for column in zip(*rows, strict=True)]
