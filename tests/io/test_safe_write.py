"""A write leaves the new file whole or the old one untouched, and nothing beside it."""

from __future__ import annotations

import errno
import os
import resource
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from emdesk.errors import FileProblem
from emdesk.io.safe_write import write_all_safely, write_safely, write_text_safely


def of(data: bytes) -> Callable[[BinaryIO], None]:
    def write(stream: BinaryIO) -> None:
        stream.write(data)

    return write


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as on a disk that is nearly full."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_new_file_holds_what_was_written(tmp_path: Path) -> None:
    data = os.urandom(3 << 20)
    write_safely(tmp_path / "a.bin", of(data))
    assert (tmp_path / "a.bin").read_bytes() == data and names(tmp_path) == ["a.bin"]
    write_text_safely(tmp_path / "b.txt", "\u00e4\n")
    assert (tmp_path / "b.txt").read_bytes() == b"\xc3\xa4\n"


def test_an_old_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    path.chmod(0o640)
    write_text_safely(path, "new")
    assert path.read_text() == "new" and stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "real.csv")
    write_text_safely(link, "new")
    assert link.is_symlink() and (tmp_path / "real.csv").read_text() == "new"


def test_a_zip_archive_can_be_written(tmp_path: Path) -> None:
    def write(stream: BinaryIO) -> None:
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("a.json", "{}")

    write_safely(tmp_path / "a.zip", write)
    assert zipfile.ZipFile(tmp_path / "a.zip").read("a.json") == b"{}"


def test_a_full_disk_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with room_for(5 << 20), pytest.raises(FileProblem, match="no room") as caught:
        write_safely(path, of(bytes(6 << 20)))
    assert path.read_text() == "old" and names(tmp_path) == ["a.csv"]
    assert str(path) in caught.value.sentence and "unchanged" in caught.value.sentence


def test_a_disk_that_fills_at_the_last_moment_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileProblem, match="no room"):
        write_text_safely(path, "new")
    assert path.read_text() == "old" and names(tmp_path) == ["a.csv"]


def test_short_writes_are_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data)[:1000]))
    data = os.urandom(20_500)
    write_safely(tmp_path / "a.bin", of(data))
    monkeypatch.undo()
    assert (tmp_path / "a.bin").read_bytes() == data


def test_bytes_that_never_arrive_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write

    def lose_the_end(descriptor: int, data: memoryview) -> int:
        real(descriptor, bytes(data)[:-1])
        return len(data)

    (tmp_path / "a.bin").write_text("old")
    monkeypatch.setattr(os, "write", lose_the_end)
    with pytest.raises(FileProblem, match="3 arrived"):
        write_safely(tmp_path / "a.bin", of(b"data"))
    monkeypatch.undo()
    assert (tmp_path / "a.bin").read_text() == "old" and names(tmp_path) == ["a.bin"]


def test_bytes_that_arrive_changed_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(len(data))))
    with pytest.raises(FileProblem):
        write_safely(tmp_path / "a.bin", of(b"data"))
    monkeypatch.undo()
    assert names(tmp_path) == []


def test_a_writer_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def write(stream: BinaryIO) -> None:
        stream.write(b"half")
        raise KeyboardInterrupt

    (tmp_path / "a.csv").write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write_safely(tmp_path / "a.csv", write)
    assert (tmp_path / "a.csv").read_text() == "old" and names(tmp_path) == ["a.csv"]


def test_folders_in_the_way_and_folders_that_are_not_there_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(FileProblem, match="folder of this name"):
        write_text_safely(tmp_path / "a.csv", "x")
    with pytest.raises(FileProblem, match="no such folder"):
        write_text_safely(tmp_path / "absent" / "a.csv", "x")
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileProblem, match="not a folder"):
        write_all_safely(tmp_path / "file", {"a": of(b"x")})
    with pytest.raises(FileProblem, match="no such folder"):
        write_all_safely(tmp_path / "file" / "below", {"a": of(b"x")})


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.EIO])
def test_a_place_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(FileProblem) as caught:
        write_text_safely(tmp_path / "a.csv", "x")
    assert str(tmp_path) in caught.value.where and caught.value.remedy


def test_a_protected_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("old")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FileProblem, match="protected"):
        write_text_safely(tmp_path / "a.csv", "new")
    assert (tmp_path / "a.csv").read_text() == "old"


def test_several_files_are_all_written_into_a_new_folder(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "deep"
    write_all_safely(folder, {"a.csv": of(b"1"), "b.csv": of(b"2")})
    assert names(folder) == ["a.csv", "b.csv"] and (folder / "b.csv").read_bytes() == b"2"


def test_a_disk_that_fills_in_the_last_file_loses_no_old_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("old a")
    (tmp_path / "b.csv").write_text("old b")
    writers = {"a.csv": of(b"new"), "b.csv": of(bytes(6 << 20)), "c.csv": of(b"new")}
    with room_for(5 << 20), pytest.raises(FileProblem, match="no room"):
        write_all_safely(tmp_path, writers)
    assert names(tmp_path) == ["a.csv", "b.csv"]
    assert (tmp_path / "a.csv").read_text() == "old a"


def test_a_folder_made_in_vain_goes_again(tmp_path: Path) -> None:
    with room_for(1 << 20), pytest.raises(FileProblem):
        write_all_safely(tmp_path / "new" / "deep", {"a.csv": of(bytes(2 << 20))})
    assert names(tmp_path) == []
