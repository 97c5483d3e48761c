"""A file that cannot be loaded is refused in one sentence that names the place and what to do."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from emdesk.errors import FileProblem, UsageProblem
from emdesk.io.dialect import Dialect, ImportOptions
from emdesk.io.readers import can_read, read
from emdesk.io.readers.text import read_text
from tests.io.conftest import Put


def refusal(path: Path, options: ImportOptions | None = None) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(FileProblem) as caught:
        read(path, options)
    problem = caught.value
    assert problem.where == str(path) and problem.remedy
    sentence = problem.sentence
    assert "\n" not in sentence.replace(str(path), "")
    for word in ("error", "invalid", "failed"):
        assert word not in sentence.replace(str(path), "").lower()
    return sentence


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("\n\n  \n", "empty"),
        ("a,b\n", "2 column names and no rows"),
        ("a;b;c\n\n\n", "3 column names and no rows"),
        ("a,b,c\n1,2,3\n4,5\n6,7,8\n", "line 3 has 2 cells where 3 are expected"),
        ("a,b,c\n1,2,3\n4,5,6,7\n6,7,8\n", "line 3 has 4 cells where 3 are expected"),
        ('a,b\n"p\nq",1\n3\n' + "4,5\n" * 5, "line 4 has 1 cell where 2 are expected"),
        ("a,b\n1,2,\n3,4,5\n", "line 3 has 3 cells where 2 are expected"),
        ("a,b\n1,2,\n3\n4,5,\n", "line 3 has 1 cell where 2 are expected"),
        ("a,b\n1,2\n3,4,\n5,6\n", "line 3 has 3 cells where 2 are expected"),
        ('a,b\n1,2\n"3,4\n5,6\n', "line 3 is not closed"),
        ('a,b\n1,"x\n3,"y"\n5,6\n', "line 2 is not closed"),
        ("x y\n1 0.5 1\n2 0.7 2\n", "line 2 has 3 cells where 2 are expected"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(put: Put, content: str, words: str) -> None:
    assert words in refusal(put(content))


def test_a_ragged_row_far_below_is_found(put: Put) -> None:
    content = "a,b\n" + "1,2\n" * 40_000 + "\n3,4,5\n"
    assert "line 40003 has 3 cells" in refusal(put(content))


def test_a_quote_opened_far_below_is_found(put: Put) -> None:
    content = "a,b\n" + "1,2\n" * 40_000 + '"3,4\n' + "5,6\n" * 10
    assert "line 40002" in refusal(put(content))


@pytest.mark.parametrize("name", ["a.xlsx", "a.sav", "a.json", "a.parquet"])
def test_a_format_that_is_not_read_is_named_with_those_that_are(put: Put, name: str) -> None:
    sentence = refusal(put("a,b\n1,2\n", name))
    assert name[1:] in sentence and ".csv" in sentence
    assert not can_read(name) and can_read("a.CSV") and can_read("a")


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04" + bytes(50),
        b"\x1f\x8b\x08" + b"abc" * 30,
        random.Random(1).randbytes(5000),
        b"a,b\n1,2\n3,\x004\n",
    ],
)
def test_what_is_not_text_is_refused_whatever_its_name(put: Put, content: bytes) -> None:
    sentence = refusal(put(content))
    assert "not a text file" in sentence and ".csv" in sentence


def test_a_nul_character_far_below_is_named_with_its_line(put: Put) -> None:
    content = b"a,b\n" + b"1,2\n" * 100_000 + b"3,\x004\n"
    assert "line 100002" in refusal(put(content))


def test_an_encoding_that_does_not_fit_is_named_with_line_and_byte(put: Put) -> None:
    path = put("name,x\nann,1\nJos\u00e9,2\n", encoding="latin-1")
    sentence = refusal(path, ImportOptions(encoding="utf-8"))
    assert "line 3" in sentence and "E9" in sentence and "utf-8" in sentence


def test_a_wide_encoding_read_as_a_narrow_one_is_refused(put: Put) -> None:
    path = put("a,b\n1,2\n", encoding="utf-16-le")
    assert "NUL" in refusal(path, ImportOptions(encoding="cp1252"))


def test_folders_and_absent_files_are_refused(tmp_path: Path) -> None:
    assert "folder" in refusal(tmp_path)
    assert "no such file" in refusal(tmp_path / "absent.csv")
    assert "no such file" in refusal(tmp_path / "absent" / "a.csv")


def test_a_file_that_may_not_be_read_is_refused(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put("a,b\n1,2\n")

    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    assert "may not read" in refusal(path)


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    assert "pipe" in refusal(path)


def test_a_file_changed_while_it_is_read_is_refused(put: Put) -> None:
    path = put("a,b\n1,2\n")

    def grow(share: float) -> None:
        with path.open("a") as file:
            file.write("3,4\n")

    def touch(share: float) -> None:
        path.write_text("a,b\n3,4\n")
        os.utime(path, (1, 1))

    for meanwhile in (touch, grow):
        with pytest.raises(FileProblem, match="changed"):
            read_text(path, Dialect(), progress=meanwhile)


def test_a_line_for_the_names_that_does_not_fit_is_refused(put: Put) -> None:
    path = put("a,b\n\n1,2\n")
    assert "line 2" in refusal(path, ImportOptions(header_line=2))
    assert "no rows below line 9" in refusal(path, ImportOptions(header_line=9))
    assert "no rows below line 7" in refusal(path, ImportOptions(header_line=0, skip_lines=7))


@pytest.mark.parametrize(
    "options",
    [
        {"encoding": "klingon"},
        {"encoding": "zip"},
        {"delimiter": "ab"},
        {"decimal": ";"},
        {"decimal": ",", "thousands": ","},
        {"thousands": "3"},
        {"quote": "''"},
        {"header_line": -1},
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(UsageProblem) as caught:
        ImportOptions(**options)  # type: ignore[arg-type]
    assert caught.value.sentence
