"""A look at a file before it is read: is it text, in which encoding, and some of its lines."""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from emdesk.errors import FileProblem
from emdesk.io.dialect import encoding_named
from emdesk.io.problems import cannot_read
from emdesk.texts import say

HEAD = 1 << 16
_FEW_LINES = 20
_WIDE_HEAD = 1 << 20
_ELSEWHERE = 1 << 13
_SCANNED_FOR_ENCODING = 1 << 26
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FOREIGN_STARTS = (
    b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf",
    b"SQLite format 3", b"\x89HDF", b"PAR1", b"$FL2", b"$FL3", b"\x89PNG", b"\xff\xd8\xff", b"GIF8",
    b"RDX", b"RDA", b"FCS", b"MATLAB 5.0", b"ARROW1", b"<stata_dta>", b"\x93NUMPY", b"II*\x00",
    b"MM\x00*",
)  # fmt: skip
_CONTROL = frozenset(range(32)) - {9, 10, 11, 12, 13, 26, 27}


@dataclass(frozen=True)
class Sample:
    """The encoding, the first lines (from line 1), and some lines from the middle and the end."""

    encoding: str
    head: tuple[str, ...]
    elsewhere: tuple[str, ...]


def take_sample(path: Path, encoding: str | None = None) -> Sample:
    """Some lines of a file; a FileProblem if it is empty, absent, no file, or no text."""
    try:
        if path.is_dir() or (path.exists() and not path.is_file()):
            raise FileProblem(
                say("files.folder" if path.is_dir() else "files.not_a_file"),
                where=str(path),
                remedy=say("files.choose_file"),
            )
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(HEAD)
            if head.count(b"\n") + head.count(b"\r") < _FEW_LINES:
                head += file.read(_WIDE_HEAD)
            if encoding is None:
                encoding = _guess_encoding(path, head, file)
            whole = size <= len(head)
            places = [] if whole else [size // 2, size - _ELSEWHERE]
            parts = [_part(file, max(len(head), place), encoding) for place in places]
    except OSError as problem:
        raise cannot_read(path, problem) from None
    encoding = encoding_named(encoding)
    lines = _lines(_decode(head, encoding).removeprefix("\ufeff"))
    if whole and not any(line.strip() for line in lines):
        raise FileProblem(say("files.empty"), where=str(path), remedy=say("files.choose_other"))
    if not whole and len(lines) > 1:
        lines.pop()  # cut in two by the end of the sample
    return Sample(encoding, tuple(lines), tuple(chain.from_iterable(parts)))


def _part(file: io.BufferedReader, start: int, encoding: str) -> list[str]:
    """The whole lines in a few kilobytes from `start` on."""
    file.seek(start - start % 4)  # no character of UTF-16 or UTF-32 is cut in two
    return _lines(_decode(file.read(_ELSEWHERE), encoding))[1:-1]


def _decode(data: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)("replace").decode(data, final=False)


def _lines(text: str) -> list[str]:
    return list(io.StringIO(text, newline=""))


def _guess_encoding(path: Path, head: bytes, file: io.BufferedReader) -> str:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if head.startswith(_FOREIGN_STARTS):
        raise _no_text(path)
    wide = _wide_encoding(head)
    if wide:
        return wide
    if sum(byte in _CONTROL for byte in head) > len(head) / 1000:
        raise _no_text(path)
    return "utf-8" if _is_utf8(file) else _narrow_encoding(head)


def _wide_encoding(head: bytes) -> str:
    """UTF-16 without a mark: in text of Western scripts every other byte is NUL."""
    half = len(head) // 2
    if half < 2:
        return ""
    even, odd = head[0::2].count(0) / half, head[1::2].count(0) / half
    if odd > 0.4 and even < 0.02:
        return "utf-16-le"
    if even > 0.4 and odd < 0.02:
        return "utf-16-be"
    return ""


def _is_utf8(file: io.BufferedReader) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    file.seek(0)
    try:
        while file.tell() < _SCANNED_FOR_ENCODING and (block := file.read(1 << 20)):
            decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _narrow_encoding(head: bytes) -> str:
    """Windows-1252, or Latin-1 where bytes are used that Windows-1252 leaves undefined."""
    try:
        head.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _no_text(path: Path) -> FileProblem:
    return FileProblem(say("files.binary"), where=str(path), remedy=say("files.readable"))
