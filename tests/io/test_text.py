"""What a text file holds is what is loaded, or a note or a refusal says why not."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from emdesk.errors import Cancelled
from emdesk.io.dialect import AS_MISSING, AS_TEXT, Dialect, ImportOptions
from emdesk.io.readers import read
from emdesk.io.readers.text import read_text
from emdesk.io.reading import Reading
from emdesk.model.dataset import Kind
from tests.io.conftest import Put


def texts(reading: Reading, name: str) -> list[str]:
    column = reading.dataset.column(name)
    return [column.text(row) for row in range(reading.dataset.rows)]


def values(reading: Reading, name: str) -> list[float | None]:
    return [None if math.isnan(v) else v for v in reading.dataset.column(name).values.tolist()]


def thirty_and(last: str) -> str:
    """A column x of thirty whole numbers and one more cell."""
    return "x,y\n" + "".join(f"{i},{i}\n" for i in range(30)) + f"{last},1\n"


def test_numbers_and_words_become_columns_of_their_kind(put: Put) -> None:
    reading = read(put("length,count,name\n1.5,3,ann\n2.25,0,bob\n"))
    assert [c.kind for c in reading.dataset.columns] == [
        Kind.CONTINUOUS,
        Kind.COUNT,
        Kind.NOMINAL,
    ]
    assert values(reading, "length") == [1.5, 2.25]
    assert texts(reading, "name") == ["ann", "bob"]
    assert reading.lines == 3 and reading.format == "csv" and not reading.notes


def test_a_rising_year_is_time_and_a_repeated_one_is_not(put: Put) -> None:
    rising = read(put("year,n\n1900,1\n1901,2\n1902,3\n", "a.csv"))
    repeated = read(put("year,n\n1900,1\n1900,2\n1902,3\n", "b.csv"))
    assert rising.dataset.column("year").kind is Kind.TIME
    assert repeated.dataset.column("year").kind is Kind.COUNT


def test_a_missing_word_is_read_as_missing_and_given_back(put: Put) -> None:
    reading = read(put("x,y\nNA,1\n,2\n3,3\n?,4\n"))
    assert values(reading, "x") == [None, None, 3.0, None]
    assert texts(reading, "x") == ["NA", "", "3", "?"]
    assert reading.refused_count == 0


def test_a_few_unreadable_cells_are_refused_with_line_and_text(put: Put) -> None:
    reading = read(put(thirty_and("11.5*")))
    (cell,) = reading.refused
    assert (cell.line, cell.column, cell.text) == (32, "x", "11.5*")
    assert "number" in cell.reason
    assert reading.dataset.column("x").is_numeric
    assert values(reading, "x")[-1] is None
    assert texts(reading, "x")[-1] == "11.5*"


def test_a_person_can_keep_the_column_of_refused_cells_as_text(put: Put) -> None:
    reading = read(put(thirty_and("11.5*")), ImportOptions(refused_as={"x": AS_TEXT}))
    assert reading.dataset.column("x").kind is Kind.NOMINAL
    assert texts(reading, "x")[-1] == "11.5*" and reading.refused_count == 0


def test_many_unreadable_cells_make_a_column_text_unless_a_person_says_otherwise(put: Put) -> None:
    path = put("x,y\n1,1\n2,2\nlow,3\n")
    text = read(path)
    assert texts(text, "x") == ["1", "2", "low"] and not text.dataset.column("x").is_numeric
    assert any("x" in note and "low" in note for note in text.notes)
    numbers = read(path, ImportOptions(refused_as={"x": AS_MISSING}))
    assert values(numbers, "x") == [1.0, 2.0, None] and numbers.refused_count == 1


def test_a_file_that_turns_to_text_after_many_rows_is_text_from_its_first_row(put: Put) -> None:
    rows = [f"{i / 4:.2f},1" for i in range(20_000)] + ["high,1"] * 15_000
    reading = read(put("x,y\n" + "\n".join(rows) + "\n"))
    assert texts(reading, "x")[:3] == ["0.00", "0.25", "0.50"]
    assert texts(reading, "x")[-1] == "high"


def test_a_file_that_begins_badly_is_numeric_if_nearly_all_of_it_is(put: Put) -> None:
    rows = ["n/e,1"] * 2_000 + [f"{i / 4},1" for i in range(40_000)]
    reading = read(put("x,y\n" + "\n".join(rows) + "\n"))
    assert reading.dataset.column("x").is_numeric
    assert reading.refused_count == 2_000 and len(reading.refused) == 1_000
    assert reading.refused[0].line == 2


def test_infinite_values_are_refused_and_do_not_make_a_column_text(put: Put) -> None:
    reading = read(put("x\n1\nInf\n1e999\n-infinity\n5\n"))
    assert values(reading, "x") == [1.0, None, None, None, 5.0]
    assert [cell.line for cell in reading.refused] == [3, 4, 5]


@pytest.mark.parametrize("cell", ["1_0", "0x1F", "12%", "1.5.2", "\u0661\u0662", "1,5", "nan(1)"])
def test_what_is_no_number_is_refused(put: Put, cell: str) -> None:
    quoted = f'"{cell}"'
    reading = read(put(thirty_and(quoted)), ImportOptions(decimal=".", thousands=""))
    assert [refused.text for refused in reading.refused] == [cell]


@pytest.mark.parametrize("cell", ["007", "12345678901234567891", "+4930123456", "9007199254740993"])
def test_digits_that_a_number_would_lose_are_kept_as_text_with_a_note(put: Put, cell: str) -> None:
    reading = read(put(f"id,x\n{cell},1.5\n12,2\n"))
    assert reading.dataset.column("id").kind is Kind.NOMINAL
    assert texts(reading, "id") == [cell, "12"]
    assert any("id" in note and cell in note for note in reading.notes)


def test_a_zero_before_a_decimal_point_is_no_identifier(put: Put) -> None:
    assert values(read(put("x\n0.5\n00.75\n0\n")), "x") == [0.5, 0.75, 0.0]


def test_a_person_can_make_identifiers_numbers_and_numbers_categories(put: Put) -> None:
    path = put("id,month\n007,10\n012,9\n")
    kinds = {"id": Kind.CONTINUOUS, "month": Kind.NOMINAL}
    reading = read(path, ImportOptions(kinds=kinds))
    assert values(reading, "id") == [7.0, 12.0]
    assert reading.dataset.column("month").categories == ("9", "10")


def test_truth_values_and_dates_are_categories(put: Put) -> None:
    reading = read(put("yes,day\nTRUE,2020-01-01\nFALSE,2020-01-02\n"))
    assert [c.kind for c in reading.dataset.columns] == [Kind.NOMINAL, Kind.NOMINAL]
    assert any("day" in note and "2020-01-01" in note for note in reading.notes)


def test_a_numeric_code_is_never_taken_for_missing_but_noted(put: Put) -> None:
    path = put("x,y\n1,2\n-999,3\n4,-999.0\n5,7\n")
    reading = read(path)
    assert values(reading, "x") == [1.0, -999.0, 4.0, 5.0]
    assert any("-999" in note for note in reading.notes)
    told = read(path, ImportOptions(missing_words=("-999",)))
    assert values(told, "x") == [1.0, None, 4.0, 5.0]
    assert values(told, "y") == [2.0, 3.0, None, 7.0]
    assert texts(told, "y") == ["2", "3", "-999.0", "7"] and told.refused_count == 0


def test_a_lone_point_among_numbers_is_missing_and_a_minus_among_words_is_a_word(put: Put) -> None:
    reading = read(put("x,sign\n1,+\n.,-\n3,+\n4,-\n"))
    assert values(reading, "x") == [1.0, None, 3.0, 4.0]
    assert texts(reading, "sign") == ["+", "-", "+", "-"]
    assert reading.dataset.column("sign").missing_count == 0


def test_names_that_come_twice_or_not_at_all_are_changed_with_a_note(put: Put) -> None:
    reading = read(put("x,x,,y \n1,2,3,4\n5,6,7,8\n"))
    assert reading.dataset.names == ("x", "x (2)", "column 3", "y")
    for name in ("x (2)", "column 3", "y"):
        assert any(f"\u201c{name}\u201d" in note for note in reading.notes)


def test_a_changed_name_never_meets_one_of_the_file(put: Put) -> None:
    reading = read(put("x,x,x (2),,column 4\n1,2,3,4,5\n"))
    assert reading.dataset.names == ("x", "x (3)", "x (2)", "column 4 (2)", "column 4")


def test_quoted_cells_hold_delimiters_quotes_and_line_breaks(put: Put) -> None:
    reading = read(put('a,b\n"x, ""y""\nz",1\nw,oops\n' + "v,1\n" * 20))
    assert texts(reading, "a")[:2] == ['x, "y"\nz', "w"]
    assert [cell.line for cell in reading.refused] == [4]


def test_refused_cells_below_several_line_breaks_keep_their_line(put: Put) -> None:
    rows = '"p\r\nq\rr",1\n' + "v,1\n" * 20 + "w,oops\n"
    assert [cell.line for cell in read(put("a,b\n" + rows)).refused] == [25]


def test_a_delimiter_at_the_end_of_every_line_makes_no_column(put: Put) -> None:
    for number, content in enumerate(("a,b,\n1,2,\n3,4,\n", "a,b\n1,2,\n3,4,\n")):
        reading = read(put(content, f"{number}.csv"))
        assert reading.dataset.names == ("a", "b")
        assert len(reading.notes) == 1


def test_an_unnamed_last_column_with_cells_is_kept(put: Put) -> None:
    reading = read(put("a,b,\n1,2,\n3,4,5\n"))
    assert reading.dataset.names == ("a", "b", "column 3")
    assert values(reading, "column 3") == [None, 5.0]


def test_blank_lines_between_rows_are_left_out_and_counted(put: Put) -> None:
    reading = read(put("a,b\n1,2\n\n3,oops\n  \n" + "5,6\n" * 20))
    assert reading.dataset.rows == 22 and reading.refused[0].line == 4
    assert any(note.startswith("2 blank lines") for note in reading.notes)


def test_a_blank_line_in_a_file_of_one_column_is_a_missing_cell(put: Put) -> None:
    for content in ("x\n1\n\n3\n\n\n", "1\n\n3\n"):
        reading = read(put(content))
        assert reading.dataset.columns[0].values[[0, 2]].tolist() == [1.0, 3.0]
        assert reading.dataset.rows == 3 and reading.dataset.columns[0].missing_count == 1
        assert any("missing cell" in note for note in reading.notes)


def test_rows_of_empty_cells_are_rows(put: Put) -> None:
    assert values(read(put("a,b\n1,2\n,\n3,4\n")), "a") == [1.0, None, 3.0]


def test_a_column_without_a_value_is_numeric_and_noted(put: Put) -> None:
    reading = read(put("x,y\n1,NA\n2,\n"))
    assert reading.dataset.column("y").is_numeric
    assert any(note.startswith("y ") for note in reading.notes)


def test_text_keeps_the_blanks_around_it(put: Put) -> None:
    assert texts(read(put("a,b\n x ,1\ny,2\n")), "a") == [" x ", "y"]


def test_a_true_minus_is_a_minus(put: Put) -> None:
    assert values(read(put("x,y\n\u22121.5,2\n2.5,3\n")), "x") == [-1.5, 2.5]


def test_a_date_with_points_is_no_number_with_thousands_marks(put: Put) -> None:
    dialect = Dialect(delimiter=";", decimal=",", thousands=".")
    reading = read_text(put("d;x\n01.02.2020;1.234,5\n02.02.2020;2,5\n"), dialect)
    assert texts(reading, "d") == ["01.02.2020", "02.02.2020"]
    assert values(reading, "x") == [1234.5, 2.5]


def test_a_point_is_refused_where_the_comma_is_the_decimal_mark(put: Put) -> None:
    dialect = Dialect(delimiter=";", decimal=",")
    rows = "".join(f"{i},5;1\n" for i in range(20))
    reading = read_text(put(f"x;y\n{rows}1.5;2\n"), dialect)
    assert [cell.text for cell in reading.refused] == ["1.5"]


def test_reading_can_be_stopped_and_tells_how_far_it_is(put: Put) -> None:
    path = put("x,y\n" + "1.25,2\n" * 400_000)
    shares: list[float] = []
    read(path, progress=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) > 2
    with pytest.raises(Cancelled):
        read(path, cancelled=lambda: True)


def test_blocks_of_the_file_join_without_a_seam(tmp_path: Path) -> None:
    numbers = np.random.default_rng(1).normal(size=(60_000, 2))
    path = tmp_path / "big.csv"
    lines = "\r\n".join(f"{a!r},{b!r}" for a, b in numbers.tolist())
    path.write_bytes(("a,b\r\n" + lines).encode())
    reading = read(path)
    assert path.stat().st_size > 2 << 20
    assert np.array_equal(reading.dataset.column("a").values, numbers[:, 0])
    assert np.array_equal(reading.dataset.column("b").values, numbers[:, 1])
    assert reading.lines == 60_001
