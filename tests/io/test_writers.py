"""Exports hold every digit, come back as they were read, and hold nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from emdesk.io.dialect import AS_MISSING, ImportOptions
from emdesk.io.readers import read
from emdesk.io.writers.cells import ColumnCells, inert
from emdesk.io.writers.json_object import plain_json, to_json, write_json
from emdesk.io.writers.labels_csv import label_names, write_labels
from emdesk.io.writers.table_csv import write_table
from emdesk.model.dataset import Column, Dataset, Kind, from_arrays
from emdesk.model.family import RowOutput
from tests.io.conftest import Put


def table(header: list[str], *rows: list[object]) -> str:
    stream = io.BytesIO()
    write_table(stream, header, rows)
    return stream.getvalue().decode("utf-8")


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "=", "--1"]
)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["-1.5", "+2", "-1e-9", "-1,5", "-.5", "-", "+", "", "a=b", "1-2", "x@y", "-1.234,5"]
)
def test_numbers_and_harmless_text_stay_as_they_are(text: str) -> None:
    assert inert(text) == text


def test_a_table_is_plain_rfc_4180(tmp_path: Path) -> None:
    text = table(
        ["name", "=x"],
        ['say "hi", you', 0.1],
        ["two\nlines", np.float64(1e-300)],
        [None, math.nan],
        ["=1+1", math.inf],
        ["-1.5", np.int64(-3)],
        [" kept ", True],
    )
    assert text == (
        "name,'=x\n"
        '"say ""hi"", you",0.1\n'
        '"two\nlines",1e-300\n'
        ",\n"
        "'=1+1,\n"
        "-1.5,-3\n"
        '" kept ",true\n'
    )


def test_every_float_keeps_all_its_digits() -> None:
    values = np.random.default_rng(0).normal(size=50) * 10.0 ** np.arange(-25, 25)
    text = table(["x"], *[[v] for v in values])
    assert [float(line) for line in text.split()[1:]] == values.tolist()


def test_an_empty_cell_alone_in_its_row_is_no_blank_line() -> None:
    assert table(["x"], [1.0], [None], [2.0]) == 'x\n1.0\n""\n2.0\n'


def test_json_holds_no_nan_and_nests_arrays() -> None:
    @dataclass
    class Made:
        kind: Kind
        means: np.ndarray[tuple[int, ...], np.dtype[np.float64]]

    value = {
        "made": Made(Kind.COUNT, np.array([[1.0, np.nan], [np.inf, 0.1]])),
        "n": np.int64(3),
        Kind.TIME: (True, None, -math.inf),
        "names": {"b", "a"},
    }
    expected = {
        "made": {"kind": "count", "means": [[1.0, None], [None, 0.1]]},
        "n": 3,
        "time": [True, None, None],
        "names": ["a", "b"],
    }
    assert plain_json(value) == expected
    assert json.loads(to_json(value)) == expected and to_json(value) == to_json(value)
    assert list(plain_json(value)) == ["made", "n", "time", "names"]
    stream = io.BytesIO()
    write_json(stream, {"s": "\u03c3"})
    assert stream.getvalue().decode("utf-8") == '{\n  "s": "\u03c3"\n}\n'
    with pytest.raises(TypeError):
        plain_json(object())


def labelled(dataset: Dataset, used: list[bool], components: int = 2) -> list[list[str]]:
    """The rows of an export in which row i of those used has label i and probability i / 8."""
    count = sum(used)
    share = np.arange(count) / 8
    stream = io.BytesIO()
    write_labels(
        stream,
        dataset,
        np.array(used),
        RowOutput(np.stack([share] * components), np.arange(count)),
    )
    return list(csv.reader(io.StringIO(stream.getvalue().decode("utf-8"), newline="")))


def test_labels_stand_behind_the_rows_of_the_file_in_their_order(put: Put) -> None:
    rows = "".join(f"{i},w\n" for i in range(20))
    path = put('x,name\n1.5,"b, c"\nNA,a\n-2,=1+1\noops,a\n' + rows)
    dataset = read(path, ImportOptions(refused_as={"x": AS_MISSING})).dataset
    used = [not missing for missing in dataset.column("x").missing.tolist()]
    written = labelled(dataset, used)
    assert written[0] == ["x", "name", "label", "probability_1", "probability_2", "uncertainty"]
    assert written[1] == ["1.5", "b, c", "1", "0.0", "0.0", "1.0"]
    assert written[2] == ["NA", "a", "", "", "", ""]
    assert written[3] == ["-2", "'=1+1", "2", "0.125", "0.125", "0.875"]
    assert written[4] == ["oops", "a", "", "", "", ""]
    assert len(written) == 25


def test_names_that_are_taken_get_the_suffix_as_often_as_needed() -> None:
    values = np.zeros(3)
    names = ("label", "label (EMDesk)", "probability_2")
    dataset = from_arrays("d", [(name, values) for name in names])
    assert label_names(dataset, 2) == (
        "label (EMDesk) (EMDesk)",
        "probability_1",
        "probability_2 (EMDesk)",
        "uncertainty",
    )
    assert labelled(dataset, [True] * 3)[0][3] == "label (EMDesk) (EMDesk)"


def test_an_export_with_no_row_used_still_holds_every_row() -> None:
    dataset = from_arrays("d", [("x", np.array([1.5, 2.5]))])
    assert labelled(dataset, [False, False]) == [
        ["x", "label", "probability_1", "probability_2", "uncertainty"],
        ["1.5", "", "", "", ""],
        ["2.5", "", "", "", ""],
    ]


def test_pieces_of_an_export_join_without_a_seam() -> None:
    rng = np.random.default_rng(2)
    dataset = from_arrays("d", [("x", rng.normal(size=90_000))])
    used = rng.random(90_000) < 0.7
    written = labelled(dataset, used.tolist(), components=1)[1:]
    assert [float(row[0]) for row in written] == dataset.column("x").values.tolist()
    assert [bool(row[1]) for row in written] == used.tolist()
    assert [int(row[1]) for row in written if row[1]] == list(range(1, used.sum() + 1))


def test_the_cells_of_an_export_are_what_the_column_says() -> None:
    huge = 2.0**60
    columns = [
        Column("a", Kind.CONTINUOUS, np.array([1.5, np.nan, -0.1]), (), "NA"),
        Column("b", Kind.COUNT, np.array([1.0, np.nan, 3.0]), (), "", {1: "oops"}),
        Column("c", Kind.NOMINAL, np.array([1.0, 0.0, np.nan]), ("p", "q"), "?"),
        Column("d", Kind.CONTINUOUS, np.array([huge, 2.0, -huge])),
    ]
    for column in columns:
        assert ColumnCells(column).between(0, 3) == [column.text(row) for row in range(3)]
        assert ColumnCells(column).between(1, 2) == [column.text(1)]
