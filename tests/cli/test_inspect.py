"""`inspect`: what would be loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Call


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A file with decimal commas, a missing cell, text and a typing error."""
    rows = [f"{v},5;{'ab'[v % 2]};{v}" for v in range(20)]
    rows[3] = "NA;b;3"
    rows[7] = "1o,5;a;7"
    path = tmp_path / "mixed.csv"
    path.write_text("\n".join(["size;kind;number", *rows]) + "\n", encoding="utf-8")
    return path


def test_the_object_says_what_would_be_loaded(call: Call, mixed: Path) -> None:
    answer = call("inspect", mixed, "--json")
    assert answer.status == 0
    made = answer.made
    assert list(made) == ["format", "dialect", "rows", "columns", "refused", "notes"]
    assert made["rows"] == 20 and made["dialect"]["delimiter"] == ";"
    size, kind, number = made["columns"]
    assert list(size) == ["name", "kind", "missing", "distinct", "minimum", "maximum", "first"]
    assert size["first"][:4] == [0.5, 1.5, 2.5, None] and len(size["first"]) == 10
    assert (size["missing"], size["minimum"], size["maximum"]) == (2, 0.5, 19.5)
    assert kind["first"][:2] == ["a", "b"] and kind["minimum"] is None
    assert number["first"][:2] == [0, 1]
    refused = made["refused"][0]
    assert (refused["line"], refused["column"], refused["text"]) == (9, "size", "1o,5")
    assert refused["reason"]


def test_all_values_are_given_on_request(call: Call, mixed: Path) -> None:
    made = call("inspect", mixed, "--values", "--json").made
    assert [len(column["first"]) for column in made["columns"]] == [20, 20, 20]


def test_the_import_options_are_obeyed(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    path.write_bytes("1|2,5|é\n-9|3,5|ü\n4|4,5|ß\n".encode("cp1252"))
    words = ("--encoding", "cp1252", "--delimiter", "pipe", "--decimal", "comma", "--no-header")
    made = call("inspect", path, *words, "--missing-words", "-9,none", "--json").made
    assert [column["first"] for column in made["columns"]] == [
        [1, None, 4],
        [2.5, 3.5, 4.5],
        ["é", "ü", "ß"],
    ]


def test_the_plain_answer_lists_columns_and_refused_cells(call: Call, mixed: Path) -> None:
    answer = call("inspect", mixed)
    assert answer.status == 0
    assert "1 cell could not be read" in answer.out and "line 9" in answer.out
    assert "nominal" in answer.out


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02PNG\x00", b"a,b\n1,2\n3,4,5\n"])
def test_a_file_that_is_not_loaded_is_one_sentence_and_status_2(
    call: Call, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    answer = call("inspect", path, "--json")
    assert answer.status == 2 and answer.out == ""
    assert answer.err.count("\n") == 1 and "bad.csv" in answer.err


def test_a_name_that_is_no_text_does_not_break_the_sentence(call: Call, tmp_path: Path) -> None:
    answer = call("inspect", f"{tmp_path}/caf\udce9.csv")
    assert answer.status == 2 and "there is no such file" in answer.err
