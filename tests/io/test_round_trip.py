"""Any table that is written is read back equal."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emdesk.io.dialect import Dialect
from emdesk.io.readers import read
from emdesk.io.readers.sniffing import sniff
from emdesk.io.readers.text import read_text
from emdesk.io.writers.labels_csv import write_labels
from emdesk.io.writers.table_csv import write_table
from emdesk.model.dataset import Dataset
from emdesk.model.family import RowOutput

quickly = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6)
number_columns = st.integers(1, 8).flatmap(
    lambda rows: st.lists(
        st.lists(numbers | st.none(), min_size=rows, max_size=rows), min_size=1, max_size=5
    )
)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


def dataset_of(path: Path, dialect: Dialect) -> Dataset:
    return read_text(path, dialect).dataset


@quickly
@given(columns=number_columns)
def test_numbers_written_are_numbers_read(
    columns: list[list[float | None]], tmp_path: Path
) -> None:
    path = tmp_path / "numbers.csv"
    names = [f"x{i}" for i in range(len(columns))]
    with path.open("wb") as stream:
        write_table(stream, names, list(zip(*columns, strict=True)))
    dataset = dataset_of(path, Dialect())
    assert dataset.names == tuple(names)
    for column, wanted in zip(dataset.columns, columns, strict=True):
        expected = [math.nan if value is None else float(value) for value in wanted]
        assert np.array_equal(column.values, expected, equal_nan=True)


@quickly
@given(
    rows=st.lists(st.tuples(words, words), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
)
def test_words_written_by_another_program_are_words_read(
    rows: list[tuple[str, str]], delimiter: str, line_end: str, encoding: str, tmp_path: Path
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *[(f"w{x}", f"w{y}") for x, y in rows]])
    path = tmp_path / "words.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    dialect = Dialect(encoding=encoding, delimiter=delimiter, missing_words=())
    dataset = dataset_of(path, dialect)
    for index, column in enumerate(dataset.columns):
        assert [column.text(row) for row in range(dataset.rows)] == [f"w{r[index]}" for r in rows]


@quickly
@given(
    values=st.lists(
        st.tuples(st.floats(-1e6, 1e6), st.floats(-1, 1), st.sampled_from(["p", "q r", "s;t"])),
        min_size=4,
        max_size=20,
    ),
    delimiter=st.sampled_from(";\t|"),
    decimal=st.sampled_from(",."),
)
def test_the_dialect_of_a_written_table_is_guessed(
    values: list[tuple[float, float, str]], delimiter: str, decimal: str, tmp_path: Path
) -> None:
    path = tmp_path / "guess.csv"
    rows = [(f"{x:.2f}", f"{y:.5f}", word) for x, y, word in values]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(["x", "y", "word"])
    writer.writerows([(x.replace(".", decimal), y.replace(".", decimal), w) for x, y, w in rows])
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    dialect = sniff(path)
    assert (dialect.delimiter, dialect.decimal, dialect.header_line) == (delimiter, decimal, 1)
    dataset = dataset_of(path, dialect)
    assert dataset.column("x").values.tolist() == [float(x) for x, _, _ in rows]
    assert dataset.column("y").values.tolist() == [float(y) for _, y, _ in rows]


@pytest.mark.parametrize("name", ["faithful", "iris", "galaxies"])
def test_an_exported_sample_reads_back_with_its_labels(name: str, tmp_path: Path) -> None:
    samples = Path(__file__).parents[2] / "resources" / "samples"
    first = read(samples / f"{name}.csv").dataset
    rng = np.random.default_rng(3)
    used = rng.random(first.rows) < 0.9
    count = int(used.sum())
    probabilities = rng.dirichlet([1, 1, 1], count).T
    path = tmp_path / "labels.csv"
    with path.open("wb") as stream:
        label = probabilities.argmax(axis=0) + 1
        write_labels(stream, first, used, RowOutput(probabilities, label - 1))
    again = read(path).dataset
    for column in first.columns:
        twin = again.column(column.name)
        assert np.array_equal(twin.values, column.values, equal_nan=True)
        assert (twin.kind, twin.categories) == (column.kind, column.categories)
    for k, row in enumerate(probabilities):
        assert np.array_equal(again.column(f"probability_{k + 1}").values[used], row)
    assert np.isnan(again.column("label").values[~used]).all()
