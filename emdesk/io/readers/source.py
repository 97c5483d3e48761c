"""The lines of a text file, decoded strictly and a megabyte at a time."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from emdesk.errors import Cancelled, FileProblem
from emdesk.io.dialect import encoding_named
from emdesk.io.problems import cannot_read, changed_meanwhile
from emdesk.texts import say

_BLOCK = 1 << 20
_LONGEST_LINE = 1 << 26


def line_breaks(text: str) -> int:
    """How many line ends a text holds, of the three kinds."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


class LineSource:
    """Iterates over the lines with their ends, reporting progress (0 to 1) after every block.

    Raises a FileProblem for bytes outside the encoding, for NUL characters and for a line that
    never ends, and Cancelled when `cancelled` says so. `odd_numbers` turns true once a block held
    what Python's float accepts and a data file should not: underscores, digits of other scripts.
    """

    def __init__(
        self,
        path: Path,
        encoding: str,
        progress: Callable[[float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self.path = path
        self.odd_numbers = False
        self._encoding = encoding_named(encoding)
        self._progress = progress
        self._cancelled = cancelled
        self._lines_before = 0
        try:
            self.size = path.stat().st_size
            self._file = path.open("rb")
        except OSError as problem:
            raise cannot_read(path, problem) from None

    def __enter__(self) -> LineSource:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[str]:
        rest = ""
        for text in self._decoded():
            text = rest + text
            # A carriage return at the very end may be half of a CR LF pair: it waits.
            cut = text.rfind("\n") + 1 or text.rfind("\r", 0, -1) + 1
            rest = text[cut:]
            if len(rest) > _LONGEST_LINE:
                raise self._problem("files.line_too_long")
            yield from self._complete(text[:cut])
        yield from self._complete(rest)

    def _complete(self, text: str) -> Iterator[str]:
        if "\0" in text:
            self._lines_before += line_breaks(text[: text.index("\0")])
            raise self._problem("files.nul")
        if not self.odd_numbers:
            self.odd_numbers = "_" in text or not text.isascii()
        self._lines_before += line_breaks(text)
        yield from io.StringIO(text, newline="")

    def _decoded(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._encoding)("strict")
        done, first = 0, True
        while True:
            if self._cancelled is not None and self._cancelled():
                raise Cancelled(say("files.cancelled"), where=str(self.path))
            try:
                block = self._file.read(_BLOCK)
            except OSError as problem:
                raise cannot_read(self.path, problem) from None
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as problem:
                raise self._undecodable(problem) from None
            yield text.removeprefix("\ufeff") if first else text
            first = first and not text
            if not block:
                return
            done += len(block)
            if done > self.size:  # whoever still writes could keep us reading for ever
                raise changed_meanwhile(self.path)
            if self._progress is not None:
                self._progress(min(1.0, done / max(self.size, 1)))

    def _undecodable(self, problem: UnicodeDecodeError) -> FileProblem:
        before = problem.object[: problem.start].decode(self._encoding, errors="ignore")
        self._lines_before += line_breaks(before)
        return self._problem(
            "files.undecodable",
            "files.choose_encoding",
            byte=f"{problem.object[problem.start]:02X}",
            encoding=self._encoding,
        )

    def _problem(self, key: str, remedy: str = "files.is_it_text", **values: object) -> FileProblem:
        what = say(key, line=self._lines_before + 1, **values)
        return FileProblem(what, where=str(self.path), remedy=say(remedy))
