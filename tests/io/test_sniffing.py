"""How a file is laid out is guessed from the file, and what a person fixes stays fixed."""

from __future__ import annotations

import pytest

from emdesk.io.dialect import BLANKS, ImportOptions
from emdesk.io.readers import read
from emdesk.io.readers.preview import preview
from emdesk.io.readers.sniffing import sniff
from tests.io.conftest import Put


def table(put: Put, content: str | bytes, **how: str) -> dict[str, list[str]]:
    """The columns of a file as texts."""
    dataset = read(put(content, **how)).dataset
    return {c.name: [c.text(row) for row in range(dataset.rows)] for c in dataset.columns}


SAME = {"a": ["1.5", "-3.25"], "b": ["2", "4"]}


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1.5,2\n-3.25,4\n",
        "a;b\n1,5;2\n-3,25;4\n",
        "a\tb\n1,5\t2\n-3,25\t4\n",
        "a|b\n1.5|2\n-3.25|4\n",
        "a   b\n 1.5  2\n-3.25 \t4\n",
        "a, b\n1.5, 2\n-3.25, 4\n",
        "a,b\r1.5,2\r-3.25,4\r",
        "a,b\r\n1.5,2\r\n-3.25,4",
        '"a","b"\n"1.5","2"\n"-3.25","4"\n',
        '"a";"b"\n"1,5";2\n"-3,25";4\n',
        "# made on a Monday\n# in cm\n\na,b\n1.5,2\n-3.25,4\n",
        "Report of 2020\n\na;b\n1,5;2\n-3,25;4\n",
        "sep=;\na;b\n1,5;2\n-3,25;4\n",
        "a,b,\n1.5,2,\n-3.25,4,\n",
    ],
)
def test_the_same_table_in_many_layouts_is_the_same_table(put: Put, content: str) -> None:
    assert table(put, content) == SAME


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_unicode_is_recognised_with_and_without_a_mark(put: Put, encoding: str) -> None:
    content = "n\u00e4me,x\nJos\u00e9,1\nA\u00f1e,2\n"
    columns = table(put, content, encoding=encoding)
    assert columns == {"n\u00e4me": ["Jos\u00e9", "A\u00f1e"], "x": ["1", "2"]}


def test_what_is_not_unicode_is_windows_1252_and_said_so(put: Put) -> None:
    path = put("name,\u20ac\nJos\u00e9,1\nA\u00f1e,2\n", encoding="cp1252")
    reading = read(path)
    assert reading.dataset.names == ("name", "\u20ac")
    assert any("cp1252" in note for note in reading.notes)
    assert read(path, ImportOptions(encoding="latin-1")).dataset.names == ("name", "\x80")


def test_a_byte_far_down_decides_the_encoding_too(put: Put) -> None:
    content = "name,x\n" + "abc,1\n" * 30_000 + "Jos\u00e9,2\n"
    reading = read(put(content, encoding="cp1252"))
    assert reading.dataset.column("name").categories == ("abc", "Jos\u00e9")


@pytest.mark.parametrize(
    ("content", "header_line"),
    [
        ("1,2\n3,4\n5,6\n", 0),
        ("x,y\n1,2\n3,4\n", 1),
        ("name,city\nann,paris\nbob,rome\n", 1),
        ("yes,no\nno,no\nyes,yes\n", 0),
        ("country,1990,2000\nA,1,2\nB,3,4\n", 1),
        (",x\nA,1\nB,2\n", 1),
        ("ann,5,3\nbob,2,4\n", 0),
    ],
)
def test_names_are_told_from_a_first_row(put: Put, content: str, header_line: int) -> None:
    assert sniff(put(content)).header_line == header_line


def test_without_names_no_row_is_lost(put: Put) -> None:
    assert table(put, "1,2\n3,4\n") == {"column 1": ["1", "3"], "column 2": ["2", "4"]}


def test_a_person_can_deny_and_place_the_names(put: Put) -> None:
    path = put("x,y\ncm,kg\n1,2\n3,4\n")
    none = read(path, ImportOptions(header_line=0))
    assert none.dataset.rows == 4 and none.dataset.names == ("column 1", "column 2")
    units = read(path, ImportOptions(header_line=1, skip_lines=2))
    assert units.dataset.names == ("x", "y") and units.dataset.rows == 2
    assert any("below the names" in note for note in units.notes)
    second = read(path, ImportOptions(header_line=2))
    assert second.dataset.names == ("cm", "kg") and second.dataset.rows == 2


@pytest.mark.parametrize(
    ("content", "expected", "noted"),
    [
        ('x,y\n"1,234",2\n"12,345.5",4\n', ["1234", "12345.5"], False),
        ("x;y\n1.234,5;2\n12.345,25;4\n", ["1234.5", "12345.25"], False),
        ("x;y\n1 234,5;2\n12 345,25;4\n", ["1234.5", "12345.25"], False),
        ("x;y\n1\u00a0234,5;2\n2\u202f345,25;4\n1\u00a0234,5;2\n", None, False),
        ("x;y\n1'234.5;2\n12'345.25;4\n", ["1234.5", "12345.25"], False),
        ("x\n1,5\n2,25\n", ["1.5", "2.25"], False),
        ("x;y\n1,234;1\n12,345;2\n950;3\n", ["1234", "12345", "950"], True),
        ('x,y\n"1,234",1\n"2,345",2\n', ["1234", "2345"], True),
        ("x;y\n1,234;1\n2,345;2\n", ["1.234", "2.345"], True),
        ("x;y\n0,435;1\n0,512;2\n", ["0.435", "0.512"], False),
        ("x;y\n1,234;1\n2,5;2\n", ["1.234", "2.5"], False),
        ("x;y\n1,234,567;1\n2,345,678;2\n", ["1234567", "2345678"], False),
        ("x\n9.172\n9.350\n", ["9.172", "9.35"], False),
    ],
)
def test_marks_are_decided_by_the_whole_file_and_doubt_is_said(
    put: Put, content: str, expected: list[str] | None, noted: bool
) -> None:
    reading = read(put(content))
    column = reading.dataset.column("x")
    if expected is not None:
        assert [column.text(row) for row in range(reading.dataset.rows)] == expected
    assert any("mark" in note for note in reading.notes) is noted


def test_a_decimal_comma_below_one_name_is_not_split_into_two_columns(put: Put) -> None:
    assert table(put, "x\n1,5\n2,25\n3\n") == {"x": ["1.5", "2.25", "3"]}


def test_what_a_person_fixes_is_not_guessed(put: Put) -> None:
    path = put("a;b\n1,5;2\n")
    options = ImportOptions(delimiter=",", decimal=".", missing_words=("x",), header_line=0)
    dialect = sniff(path, options)
    assert (dialect.delimiter, dialect.decimal, dialect.header_line) == (",", ".", 0)
    assert dialect.missing_words == ("x",)
    assert sniff(path, ImportOptions.fixing(dialect)) == dialect


@pytest.mark.parametrize(
    ("options", "marks"),
    [
        (ImportOptions(thousands="."), (",", ".")),
        (ImportOptions(thousands=","), (".", ",")),
        (ImportOptions(decimal=","), (",", "")),
        (ImportOptions(quote="|"), (".", "")),
    ],
)
def test_one_fixed_mark_leaves_the_others_to_be_guessed(
    put: Put, options: ImportOptions, marks: tuple[str, str]
) -> None:
    dialect = sniff(put("x;y\n12;2\n3;4\n"), options)
    assert (dialect.decimal, dialect.thousands) == marks and dialect.delimiter == ";"


def test_a_header_longer_than_the_first_look_is_understood(put: Put) -> None:
    names = [f"a rather long name of column number {i}" for i in range(4_000)]
    row = ";".join(["1,5"] * 4_000)
    dataset = read(put(";".join(names) + "\n" + f"{row}\n" * 3)).dataset
    assert dataset.names == tuple(names)
    assert dataset.column(names[-1]).values.tolist() == [1.5, 1.5, 1.5]


def test_sentences_with_blanks_are_one_column(put: Put) -> None:
    assert table(put, "city\nNew York\nLos Angeles\n") == {"city": ["New York", "Los Angeles"]}


def test_blanks_separate_quoted_cells(put: Put) -> None:
    path = put('name x\n"New York" 1\n"a ""b""" 2\n')
    reading = read(path, ImportOptions(delimiter=BLANKS))
    assert reading.dataset.column("name").categories == ("New York", 'a "b"')


def test_a_preview_shows_cells_as_text_with_their_lines(put: Put) -> None:
    path = put("# note\na;b\n1,5;2\n\n3;oops;7\n")
    shown = preview(path, sniff(path))
    assert shown.names == ("a", "b")
    assert [(row.line, row.cells) for row in shown.rows] == [
        (3, ("1,5", "2")),
        (5, ("3", "oops", "7")),
    ]
    assert shown.raw == ("# note", "a;b", "1,5;2", "", "3;oops;7")
    assert shown.problem is None


def test_a_preview_begins_at_any_line_and_survives_an_open_quote(put: Put) -> None:
    path = put("a,b\n" + "".join(f"{i},1\n" for i in range(50)) + '"x,2\n')
    shown = preview(path, sniff(path), lines=10, first_line=45)
    assert shown.rows[0].line == 45 and shown.raw[0] == "43,1" and shown.first_raw_line == 45
    assert shown.problem is not None and "52" in shown.problem.sentence
