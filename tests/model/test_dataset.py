"""Columns are immutable, know what is missing, and give back what was read."""

from __future__ import annotations

import numpy as np
import pytest

from emdesk.errors import DataProblem
from emdesk.model.dataset import Column, Dataset, Kind, from_arrays

NAN = float("nan")


def number(values: list[float]) -> Column:
    return Column("x", Kind.CONTINUOUS, np.array(values))


def test_values_cannot_be_changed_by_accident() -> None:
    with pytest.raises(ValueError, match="read-only"):
        number([1.0, 2.0]).values[0] = 5.0


def test_a_missing_word_is_read_as_missing_and_written_as_it_was() -> None:
    column = Column("x", Kind.CONTINUOUS, np.array([1.5, NAN]), missing_word="NA")
    assert column.missing.tolist() == [False, True] and column.missing_count == 1
    assert [column.text(i) for i in range(2)] == ["1.5", "NA"]


def test_a_cell_that_could_not_be_read_is_written_as_it_was() -> None:
    column = Column("x", Kind.CONTINUOUS, np.array([1.0, NAN]), as_read={1: "12..5"})
    assert [column.text(i) for i in range(2)] == ["1", "12..5"]


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e-300, 123456.789, -2.5e200])
def test_a_written_number_reads_back_the_same(value: float) -> None:
    assert float(number([value, 0.5]).text(0)) == value


def test_whole_columns_are_known_and_written_without_a_point() -> None:
    assert number([1.0, NAN, 3.0]).is_whole and number([1.0, 2.0]).text(1) == "2"
    assert not number([1.0, 2.5]).is_whole
    assert not number([1.0, float("inf")]).is_whole
    assert not Column("w", Kind.NOMINAL, np.array([0.0, 1.0]), ("a", "b")).is_whole


def test_text_columns_hold_codes_of_their_categories() -> None:
    column = Column("w", Kind.NOMINAL, np.array([1.0, NAN, 0.0]), ("red", "blue"))
    assert [column.text(i) for i in range(3)] == ["blue", "", "red"]
    assert column.distinct == 2 and not column.is_numeric


def test_a_column_that_is_not_there_is_told_with_those_that_are() -> None:
    data = from_arrays("t", [("a", np.zeros(2)), ("b", np.zeros(2))])
    with pytest.raises(DataProblem) as caught:
        data.column("c")
    assert "c" in caught.value.what and "a, b" in caught.value.remedy
    assert caught.value.columns == ("c",)


def test_rows_are_complete_where_no_named_column_is_missing() -> None:
    data = Dataset((number([1, NAN, 3]), Column("y", Kind.COUNT, np.array([NAN, 2.0, 3.0]))))
    assert data.complete(("x",)).tolist() == [True, False, True]
    assert data.complete(("x", "y")).tolist() == [False, False, True]
    assert data.complete(()).all()
    assert data.with_kind("x", Kind.COUNT).column("x").kind is Kind.COUNT
