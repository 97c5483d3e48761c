"""Cells become columns: numbers where they are numbers, categories where they are not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emdesk.io.dialect import AS_MISSING, AS_TEXT, Dialect
from emdesk.io.readers.numbers import Grammar, is_triple
from emdesk.io.readers.records import Batch
from emdesk.io.reading import Refused
from emdesk.model.dataset import NUMERIC_KINDS, Kind
from emdesk.texts import say

F64 = NDArray[np.float64]

MOST_UNREADABLE = 0.1
"""The share of unreadable cells above which a column is text unless a person says otherwise."""

REFUSED_LISTED = 1000
_LARGEST_EXACT = 2.0**53
_HOPELESS_AFTER = 10_000
_INFINITE = frozenset({"files.reason_infinite", "files.reason_too_large"})
_ALMOST = frozenset({"files.reason_percent", "files.reason_marks"})
_ZERO_FIRST = tuple(f"\n0{digit}" for digit in range(10))


def must_be(name: str, dialect: Dialect) -> bool | None:
    """True if a person made the column numeric, False if text, None if the cells decide."""
    choice = dialect.refused_as.get(name)
    kind = dialect.kinds.get(name)
    if choice is not None:
        return choice == AS_MISSING
    if kind is None or kind is Kind.ORDINAL:
        return None
    return kind in NUMERIC_KINDS


def kept_as_text(name: str, dialect: Dialect) -> bool:
    """Whether a person said that the unreadable cells make this column text."""
    return dialect.refused_as.get(name) == AS_TEXT


@dataclass
class Missing:
    """The missing cells of one column: the first word for it, and the cells with another."""

    words: frozenset[str]
    cells: dict[int, str] = field(default_factory=dict)
    word: str | None = None

    def add(self, row: int, text: str) -> None:
        if self.word is None:
            self.word = text
        elif text != self.word:
            self.cells[row] = text

    def is_missing(self, text: str) -> bool:
        plain = text.strip()
        return not plain or plain in self.words


class NumberColumn:
    """Gathers the cells of a column as float64, NaN where missing or refused."""

    def __init__(self, name: str, dialect: Dialect, forced: bool) -> None:
        self.name = name
        self.forced = forced
        self.rows = 0
        self.missing = Missing(frozenset(dialect.missing_words))
        self.refused: list[Refused] = []
        self.refused_count = 0
        self.infinite_count = 0
        self.as_read: dict[int, str] = {}
        self.identifier: tuple[str, int] | None = None
        self.triples: str | None = None
        self._unclear_mark = dialect.thousands or (
            dialect.decimal if dialect.decimal == "," or dialect.delimiter == ";" else ""
        )
        self._marks_are_clear = False
        self._fraction_seen = False
        self._chunks: list[F64] = []
        self._grammar = Grammar(dialect.decimal, dialect.thousands)
        self._as_nan = dict.fromkeys(["", *dialect.missing_words], "nan")
        self._missing_numbers = [
            value
            for value in map(self._grammar.read, dialect.missing_words)
            if isinstance(value, float)
        ]
        self._expect_missing = False

    def add(self, cells: Sequence[str], batch: Batch, odd: bool) -> None:
        """The cells of one batch; `odd` as in `LineSource.odd_numbers`."""
        if self.is_hopeless:
            self.rows += len(cells)
            return
        values = None if self._expect_missing else self._grammar.read_quickly(cells, odd)
        if values is None or np.isnan(values).any():
            values = self._with_missing(cells, batch, odd)
        if self._missing_numbers:
            values = self._without_codes(cells, values)
        if not self.forced and not self._fraction_seen:
            self._look_for_identifiers(cells, values, batch)
        if self._unclear_mark and not self._marks_are_clear:
            self._look_at_marks(cells)
        self.rows += len(cells)
        self._chunks.append(values)

    @property
    def is_hopeless(self) -> bool:
        """Whether so little can be read that the column is text, without looking any further."""
        return (
            not self.forced and self.rows > _HOPELESS_AFTER and self.refused_count > self.rows / 2
        )

    @property
    def is_text(self) -> bool:
        """Whether the cells seen so far say that this is no numeric column."""
        if self.forced:
            return False
        return self.is_hopeless or self.identifier is not None or self._too_many_refused()

    def values(self) -> F64:
        """(n,) everything read; call it once, at the end."""
        chunks, self._chunks = self._chunks, []
        return np.concatenate(chunks) if chunks else np.empty(0)

    def texts_as_read(self) -> dict[int, str]:
        """Row to text of every cell that neither its value nor the missing word gives back."""
        return {**self.missing.cells, **self.as_read}

    def _too_many_refused(self) -> bool:
        unreadable = self.refused_count - self.infinite_count
        missing = sum(int(np.isnan(chunk).sum()) for chunk in self._chunks) - self.refused_count
        return unreadable > MOST_UNREADABLE * max(self.rows - missing, 1)

    def _with_missing(self, cells: Sequence[str], batch: Batch, odd: bool) -> F64:
        """The cells of a batch in which some are missing or refused."""
        self._expect_missing = True
        known = self._as_nan
        values = self._grammar.read_quickly([known.get(cell, cell) for cell in cells], odd)
        if values is not None:
            empty = np.flatnonzero(np.isnan(values)).tolist()
            if all(cells[row] in known for row in empty):
                for row in empty:
                    self.missing.add(self.rows + row, cells[row])
                return values
        return self._one_by_one(cells, batch)

    def _one_by_one(self, cells: Sequence[str], batch: Batch) -> F64:
        values = np.full(len(cells), np.nan)
        for row, cell in enumerate(cells):
            if self.missing.is_missing(cell):
                self.missing.add(self.rows + row, cell)
                continue
            read = self._grammar.read(cell)
            if isinstance(read, float):
                values[row] = read
            else:
                self._refuse(row, cell, read, batch)
        return values

    def _refuse(self, row: int, cell: str, reason: str, batch: Batch) -> None:
        self.refused_count += 1
        self.infinite_count += reason in _INFINITE
        self.as_read[self.rows + row] = cell
        if len(self.refused) < REFUSED_LISTED:
            self.refused.append(Refused(batch.line(row), self.name, cell, say(reason)))

    def _without_codes(self, cells: Sequence[str], values: F64) -> F64:
        """A person's word -999 also means the cells -999.0."""
        coded = np.isin(values, self._missing_numbers)
        for row in np.flatnonzero(coded).tolist():
            self.missing.add(self.rows + row, cells[row])
        return np.where(coded, np.nan, values)

    def _look_for_identifiers(self, cells: Sequence[str], values: F64, batch: Batch) -> None:
        """Whole numbers with leading zeros or above 2**53 would lose digits: they are names."""
        seen = values[~np.isnan(values)]
        if np.any(seen != np.rint(seen)):
            self._fraction_seen, self.identifier = True, None
            return
        if self.identifier is not None:
            return
        joined = "\n" + "\n".join(cells)
        huge = seen.size > 0 and bool(np.abs(seen).max() >= _LARGEST_EXACT)
        if huge or "\n+" in joined or any(start in joined for start in _ZERO_FIRST):
            found = (row for row, cell in enumerate(cells) if is_identifier(cell))
            row = next(found, None)
            if row is not None:
                self.identifier = cells[row], batch.line(row)

    def _look_at_marks(self, cells: Sequence[str]) -> None:
        for cell in cells:
            if self._unclear_mark in cell and not self.missing.is_missing(cell):
                if not is_triple(cell):
                    self._marks_are_clear, self.triples = True, None
                    return
                self.triples = cell

    @property
    def marks_are_clear(self) -> bool:
        """Whether a cell was seen that leaves no doubt about the decimal and thousands marks."""
        return self._marks_are_clear


class TextColumn:
    """Gathers the cells of a column as categories, in the order of their first appearance."""

    def __init__(self) -> None:
        self.codes = _Codes()
        self._chunks: list[NDArray[np.int32]] = []
        self._unreadable: Unreadable | None = None

    def add(self, cells: Sequence[str]) -> None:
        """The cells of one batch."""
        code = self.codes.__getitem__
        self._chunks.append(np.fromiter(map(code, cells), np.int32, len(cells)))

    def all_codes(self) -> NDArray[np.int32]:
        """(n,) the index of each cell in `codes`; call it once, at the end."""
        chunks, self._chunks = self._chunks, []
        return np.concatenate(chunks) if chunks else np.empty(0, np.int32)

    def counts(self) -> NDArray[np.intp]:
        """How often each text was seen."""
        total = np.zeros(len(self.codes), dtype=np.intp)
        for chunk in self._chunks:
            total += np.bincount(chunk, minlength=len(self.codes))
        return total

    def unreadable(self, dialect: Dialect) -> Unreadable:
        """What would become of this column as numbers; call it when all cells are there."""
        if self._unreadable is None:
            self._unreadable = self._read_as_numbers(dialect)
        return self._unreadable

    def _read_as_numbers(self, dialect: Dialect) -> Unreadable:
        grammar = Grammar(dialect.decimal, dialect.thousands)
        found = Unreadable()
        identifier, fraction = "", False
        half = sum(chunk.size for chunk in self._chunks) / 2
        for (text, _), count in zip(self.codes.items(), self.counts().tolist(), strict=True):
            if dialect.is_missing(text):
                continue
            found.cells += count
            read = grammar.read(text)
            if isinstance(read, str):
                if read not in _INFINITE:
                    found.refused += count
                    found.alike += count * (read in _ALMOST)
                    found.example = found.example or text
                    if found.refused - found.alike > half:
                        break  # no cell further down can make this a column of numbers
                continue
            fraction = fraction or read != round(read)
            identifier = identifier or (text if is_identifier(text) else "")
        found.identifier = "" if fraction else identifier
        return found


@dataclass
class Unreadable:
    """How many cells are there, how many are no numbers, how many of these almost."""

    cells: int = 0
    refused: int = 0
    alike: int = 0
    example: str = ""
    identifier: str = ""

    @property
    def is_number(self) -> bool:
        """Whether the column is one of numbers with a few unreadable cells."""
        few = self.refused <= MOST_UNREADABLE * self.cells
        return self.cells > 0 and few and not self.identifier

    @property
    def looks_numeric(self) -> bool:
        """Whether at least half of the cells are numbers, or would be with other marks."""
        return self.cells > 0 and self.refused - self.alike <= self.cells / 2


class _Codes(dict[str, int]):
    def __missing__(self, text: str) -> int:
        code = self[text] = len(self)
        return code


def is_identifier(text: str) -> bool:
    """Whether a whole number is a name made of digits: 007, +4930123456, 20 digits."""
    cell = text.strip()
    digits = cell.lstrip("+-")
    if not (digits.isascii() and digits.isdigit()):
        return False
    leading_zero = len(digits) > 1 and digits[0] == "0"
    phone = cell[0] == "+" and len(digits) >= 8
    return leading_zero or phone or int(digits) > _LARGEST_EXACT


def category_order(texts: Iterable[str], grammar: Grammar) -> list[str]:
    """Texts in the order of appearance; by value where all of them are numbers."""
    kept = list(texts)
    numbers: dict[str, float] = {}
    for text in kept:
        value = grammar.read(text)
        if isinstance(value, str):
            return kept
        numbers[text] = value
    return sorted(kept, key=numbers.__getitem__)
