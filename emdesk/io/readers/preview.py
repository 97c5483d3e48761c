"""The first rows of a file as text, for a person who chooses how it is to be read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from emdesk.errors import FileProblem
from emdesk.io.dialect import Dialect
from emdesk.io.readers.naming import column_names
from emdesk.io.readers.records import Records
from emdesk.io.readers.source import LineSource

_LONGEST_SHOWN = 1000


@dataclass(frozen=True)
class PreviewRow:
    """One row: its line in the file and its cells, as many as it has."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """The names of the columns, some rows, and the same part of the file as raw lines.

    `first_raw_line` is the line of `raw[0]`. `problem` is where the rows end before they should:
    under a wrong dialect a quote may never be closed.
    """

    names: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    raw: tuple[str, ...]
    first_raw_line: int = 1
    problem: FileProblem | None = None


def preview(path: Path | str, dialect: Dialect, lines: int = 200, first_line: int = 1) -> Preview:
    """Up to `lines` rows from `first_line` of the file on, whatever their widths.

    Raises FileProblem for what cannot be read as text in the dialect's encoding.
    """
    path = Path(path)
    with LineSource(path, dialect.encoding) as source:
        wanted = islice(source, first_line - 1, first_line - 1 + lines)
        raw = tuple(line.rstrip("\r\n")[:_LONGEST_SHOWN] for line in wanted)
    rows: list[PreviewRow] = []
    header: list[str] | None = None
    problem = None
    with LineSource(path, dialect.encoding) as source:
        try:
            records = Records(source, dialect)
            header = records.header()
            for line, cells in records.one_by_one():
                if line >= first_line and cells:
                    rows.append(PreviewRow(line, tuple(cells)))
                if len(rows) == lines:
                    break
        except FileProblem as found:
            problem = found
    width = len(header) if header is not None else max((len(r.cells) for r in rows), default=0)
    names, _ = column_names(header, width)
    return Preview(tuple(names), tuple(rows), raw, first_line, problem)
