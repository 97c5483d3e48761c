"""What came out of reading a file: the data, how they were read, and what could not be."""

from __future__ import annotations

from dataclasses import dataclass

from emdesk.io.dialect import Dialect
from emdesk.model.dataset import Dataset


@dataclass(frozen=True)
class Refused:
    """A cell of a numeric column that is no number: its line (from 1), its text, and why."""

    line: int
    column: str
    text: str
    reason: str


@dataclass(frozen=True, eq=False)
class Reading:
    """A file as it was loaded.

    `refused` lists the first thousand refused cells, `refused_count` counts them all. `lines` is
    how many lines the file has, `bytes` its size, `format` the id of its format (`csv`, `tsv`,
    `text`).
    """

    dataset: Dataset
    dialect: Dialect
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()
    refused_count: int = 0
    lines: int = 0
    bytes: int = 0
    format: str = "text"
