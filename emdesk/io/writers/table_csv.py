"""Tables as CSV: UTF-8, commas, RFC 4180 quotes, one line feed after every row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import BinaryIO

from emdesk.io.writers.cells import cell, line

_ROWS_AT_A_TIME = 4096


def write_table(stream: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write names and rows; floats with all their digits, NaN, infinity and None as empty cells.

    Text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    every = chain([header], rows)
    while block := list(islice(every, _ROWS_AT_A_TIME)):
        text = "".join(line([cell(value) for value in row]) for row in block)
        stream.write(text.encode("utf-8"))
