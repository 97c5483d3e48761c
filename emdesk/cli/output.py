"""What a command prints: JSON objects and small tables of text."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any


def print_json(made: Any) -> None:
    """One JSON object, in ASCII, so that every terminal and every reader gets the same."""
    print(json.dumps(made, indent=2, allow_nan=False))


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], left: Collection[int] = (0,)
) -> list[str]:
    """Lines of a table; the columns in `left` are aligned left, the others right."""
    everything = [header, *rows]
    widths = [max(len(row[i]) for row in everything) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = (
            cell.ljust(width) if i in left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  " + "  ".join(cells).rstrip()

    return [line(row) for row in everything]
