"""Writing so that a full disk, a crash or a pulled plug leaves the old file or the new one, whole.

A temporary file beside the target is written, its length checked, flushed to the disk, read back
and compared, and only then put in the place of the target.
"""

from __future__ import annotations

import io
import os
import secrets
import shutil
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from emdesk.errors import FileProblem
from emdesk.io.problems import cannot_write
from emdesk.texts import say

_BUFFER = 1 << 20

Write = Callable[[BinaryIO], None]


def write_safely(path: Path | str, write: Write) -> None:
    """Call `write` with a stream and put what it wrote at `path`; all of it or nothing.

    Raises FileProblem where the file cannot be written; the old file is then unchanged. Whatever
    else `write` raises passes through, with the same guarantee. The stream cannot seek.
    """
    staged = _stage(Path(path), write)
    try:
        staged.put_in_place()
    finally:
        staged.remove()


def write_text_safely(path: Path | str, text: str) -> None:
    """`write_safely` for a text, in UTF-8 with the line ends it has."""
    data = text.encode("utf-8")

    def write(stream: BinaryIO) -> None:
        stream.write(data)

    write_safely(path, write)


def write_all_safely(folder: Path | str, writers: Mapping[str, Write]) -> None:
    """Several files of one folder, which is made if it is not there; raises as `write_safely`.

    All are written under temporary names before the first is put in its place, so a disk that fills
    up leaves every old file as it was.
    """
    folder = Path(folder)
    made = _make_folder(folder)
    staged: list[_Staged] = []
    try:
        for name, write in writers.items():
            staged.append(_stage(folder / name, write))
        for file in staged:
            file.put_in_place()
    finally:
        for file in staged:
            file.remove()
        for new in reversed(made):
            with suppress(OSError):  # only an empty one goes: nothing could be written into it
                new.rmdir()


def _make_folder(folder: Path) -> list[Path]:
    """The folder and those above it that had to be made, the uppermost first."""
    absent = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileProblem(
            say("files.folder_is_file"), where=str(folder), remedy=say("files.other_folder")
        ) from None
    except OSError as problem:
        raise cannot_write(folder, problem) from None
    return absent[::-1]


@dataclass(frozen=True)
class _Staged:
    """A complete file that waits under a temporary name."""

    target: Path
    temporary: Path

    def put_in_place(self) -> None:
        try:
            os.replace(self.temporary, self.target)
        except OSError as problem:
            raise cannot_write(self.target, problem) from None
        _sync_folder(self.target.parent)

    def remove(self) -> None:
        with suppress(OSError):
            self.temporary.unlink(missing_ok=True)


def _stage(path: Path, write: Write) -> _Staged:
    target = Path(os.path.realpath(path))  # a link stays a link
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.part")
    staged = _Staged(target, temporary)
    try:
        _check_target(target)
        descriptor = os.open(
            temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
        )
        try:
            _fill(descriptor, write)
        finally:
            os.close(descriptor)
        if target.exists():
            shutil.copymode(target, temporary)
    except OSError as problem:
        staged.remove()
        raise cannot_write(path, problem) from None
    except BaseException:
        staged.remove()
        raise
    return staged


def _check_target(target: Path) -> None:
    """Ask before the work what only the last step would find out."""
    if target.is_dir():
        raise FileProblem(
            say("files.target_is_folder"), where=str(target), remedy=say("files.other_name")
        )
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(13, os.strerror(13))


def _fill(descriptor: int, write: Write) -> None:
    raw = _Counted(descriptor)
    stream = io.BufferedWriter(raw, _BUFFER)
    try:
        write(cast(BinaryIO, stream))
        stream.flush()
    finally:
        raw.shut = True  # after a failure the buffer must not be written again on closing
        with suppress(OSError, ValueError):
            stream.close()
    os.fsync(descriptor)
    found = os.fstat(descriptor).st_size
    if found != raw.count or _checksum(descriptor) != raw.checksum:
        raise OSError(0, say("files.cut_short", expected=raw.count, found=found))


class _Counted(io.RawIOBase):
    """A file that knows how much, and what, was sent to it."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.count = 0
        self.checksum = 0
        self.shut = False
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(cast(bytes, data)).cast("B")
        if self.shut:
            return len(view)
        written = os.write(self._descriptor, view)
        self.checksum = zlib.crc32(view[:written], self.checksum)
        self.count += written
        return written


def _checksum(descriptor: int) -> int:
    os.lseek(descriptor, 0, os.SEEK_SET)
    checksum = 0
    while block := os.read(descriptor, _BUFFER):
        checksum = zlib.crc32(block, checksum)
    return checksum


def _sync_folder(folder: Path) -> None:
    """Make the new name last, where the system lets a folder be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
