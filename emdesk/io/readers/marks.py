"""Guessing the decimal mark, the thousands mark and the words for missing cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from emdesk.io.dialect import MISSING_WORDS, Dialect
from emdesk.io.readers.numbers import Grammar, is_some_number, is_triple, plain

_DOUBTFUL_WORDS = (
    *(".", "-", "--", "..", "*", "none", "None", "n/a", "na", "missing", "nd", "n.d."),
    *("#NULL!", "#VALUE!", "#DIV/0!", "#REF!", "#NUM!"),
)
_GROUP_MARKS = (" ", "\u00a0", "\u202f", "'", "\u2019")


@dataclass(frozen=True)
class Marks:
    """The decimal mark and the thousands mark ("" for none)."""

    decimal: str
    thousands: str


def guess_marks(
    columns: Sequence[Sequence[str]],
    delimiter: str,
    decimal: str | None = None,
    thousands: str | None = None,
) -> Marks:
    """The marks that most number-like cells agree with; given ones are kept."""
    cells = [plain(cell) for column in columns for cell in column if is_some_number(cell)]
    if decimal is None:
        decimal = "." if thousands == "," else "," if thousands == "." else None
    if decimal is None:
        decimal = _decimal(cells, columns, delimiter)
    if thousands is None:
        thousands = _thousands(cells, decimal)
    return Marks(decimal, thousands)


def _decimal(cells: Sequence[str], columns: Sequence[Sequence[str]], delimiter: str) -> str:
    comma = sum(_is_decimal(cell, ",", ".") for cell in cells)
    point = sum(_is_decimal(cell, ".", ",") for cell in cells)
    if comma or point:
        return "," if comma > point else "."
    triples = [cell for cell in cells if "," in cell and is_triple(cell)]
    if not triples or any("." in cell for cell in cells):
        return "."
    # Only 1,234 and the like. Whole numbers of three digits beside them are what a thousands mark
    # leaves of the smaller numbers; otherwise the comma is the decimal mark where it cannot be the
    # delimiter because a semicolon is, as spreadsheets write it where the comma is decimal.
    grouped = any(_goes_with_groups(column) for column in columns)
    return "," if delimiter == ";" and not grouped else "."


def _is_decimal(cell: str, mark: str, other: str) -> bool:
    """Whether `mark` can only be the decimal mark in this cell."""
    if cell.count(mark) != 1:
        return cell.count(other) > 1 and mark not in cell
    return other in cell.split(mark)[0] or (other not in cell and not is_triple(cell))


def _goes_with_groups(column: Sequence[str]) -> bool:
    numbers = [plain(cell) for cell in column]
    has_triples = any("," in cell and is_triple(cell) for cell in numbers)
    return has_triples and any(re.fullmatch(r"[+-]?[1-9]\d\d", cell) for cell in numbers)


def _thousands(cells: Sequence[str], decimal: str) -> str:
    """The mark that groups digits by three in most of the cells that hold it; "" if none does."""
    other = "," if decimal == "." else "."
    for mark in (other, *_GROUP_MARKS):
        marked = [cell for cell in cells if mark in cell]
        grammar = Grammar(decimal, mark)
        if marked and sum(isinstance(grammar.read(c), float) for c in marked) > len(marked) / 2:
            return mark
    return ""


def guess_missing_words(columns: Sequence[Sequence[str]], dialect: Dialect) -> tuple[str, ...]:
    """The usual words, and doubtful ones such as a single point that stand among numbers only."""
    grammar = Grammar(dialect.decimal, dialect.thousands)
    among_numbers: set[str] = set()
    among_words: set[str] = set()
    for column in columns:
        counts = Counter(cell.strip() for cell in column)
        doubtful = {word for word in _DOUBTFUL_WORDS if word in counts}
        if not doubtful:
            continue
        rest = {c: n for c, n in counts.items() if c not in doubtful and not dialect.is_missing(c)}
        numbers = sum(n for cell, n in rest.items() if isinstance(grammar.read(cell), float))
        is_numeric = numbers > 0 and numbers >= 0.9 * sum(rest.values())
        (among_numbers if is_numeric else among_words).update(doubtful)
    return MISSING_WORDS + tuple(
        word for word in _DOUBTFUL_WORDS if word in among_numbers - among_words
    )
