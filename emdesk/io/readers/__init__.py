"""The formats that can be read, by the ending of the file's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from emdesk.errors import FileProblem
from emdesk.io.dialect import ImportOptions
from emdesk.io.readers.sniffing import sniff
from emdesk.io.readers.text import read_text
from emdesk.io.reading import Reading
from emdesk.texts import say

FORMATS: dict[str, str] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".txt": "text",
    ".dat": "text",
    ".data": "text",
    ".asc": "text",
    ".prn": "text",
}
"""The ending of a name -> the id of its format. What has another ending is not opened."""


def can_read(path: Path | str) -> bool:
    """Whether the ending of a file's name is one of a format that can be read, or there is none."""
    suffix = Path(path).suffix.lower()
    return suffix in FORMATS or not suffix


def read(
    path: Path | str,
    options: ImportOptions | None = None,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Reading:
    """A file of any format that can be read, with what `options` leaves open guessed.

    Raises FileProblem in one sentence for what cannot be read, Cancelled when `cancelled` says so.
    """
    path = Path(path)
    options = options or ImportOptions()
    if path.is_file() and not can_read(path):
        raise FileProblem(
            say("files.unknown_format", suffix=path.suffix),
            where=str(path),
            remedy=say("files.readable"),
        )
    dialect = sniff(path, options)
    reading = read_text(path, dialect, progress, cancelled)
    notes = reading.notes
    if options.encoding is None and dialect.encoding in ("cp1252", "latin-1"):
        notes = (say("files.note_encoding", encoding=dialect.encoding), *notes)
    return replace(reading, notes=notes, format=FORMATS.get(path.suffix.lower(), "text"))
