"""From the cells gathered to a column with its kind, and what a person should know about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from emdesk.io.dialect import Dialect
from emdesk.io.readers.columns import (
    Missing,
    NumberColumn,
    TextColumn,
    category_order,
    must_be,
)
from emdesk.io.readers.numbers import Grammar
from emdesk.model.dataset import NUMERIC_KINDS, Column, Kind
from emdesk.texts import say, say_count

F64 = NDArray[np.float64]

_TIME_NAMES = frozenset(
    {"year", "years", "time", "times", "date", "day", "days", "month", "week", "quarter"}
    | {"hour", "minute", "second", "period", "index", "t"}
)
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([T ].*)?", re.ASCII)
_CODES = (-99.0, -999.0, -9999.0, -99999.0, 999.0, 9999.0, 99999.0)
_MOST_COUNTS = 100
_LARGEST_COUNT = 10_000


@dataclass(frozen=True, eq=False)
class Finished:
    """A column, its notes, the numbers it came from (None: text), whether every cell is empty."""

    column: Column
    notes: tuple[str, ...] = ()
    numbers: NumberColumn | None = None
    is_blank: bool = False


def finish(name: str, gathered: NumberColumn | TextColumn, dialect: Dialect) -> Finished:
    """The column that a name and the cells below it make."""
    if isinstance(gathered, NumberColumn):
        return _numeric(name, gathered, dialect)
    return _text(name, gathered, dialect)


def _numeric(name: str, gathered: NumberColumn, dialect: Dialect) -> Finished:
    values = gathered.values()
    seen = values[~np.isnan(values)]
    kind = dialect.kinds.get(name) or guess_kind(name, values)
    missing = gathered.missing
    is_blank = (
        seen.size == 0
        and not gathered.refused_count
        and not any(text.strip() for text in [missing.word or "", *missing.cells.values()])
    )
    notes = []
    if seen.size == 0 and not gathered.refused_count:
        notes.append(say("files.note_all_missing", column=name))
    code = missing_code(seen)
    if code is not None:
        count = int((seen == code).sum())
        notes.append(say_count("files.note_code", count, column=name, code=f"{code:g}"))
    column = Column(
        name, kind, values, missing_word=missing.word or "", as_read=gathered.texts_as_read()
    )
    return Finished(column, tuple(notes), gathered, is_blank)


def _text(name: str, gathered: TextColumn, dialect: Dialect) -> Finished:
    notes = _why_text(name, gathered, dialect)
    texts = list(gathered.codes)
    categories = category_order(
        (text for text in texts if not dialect.is_missing(text)),
        Grammar(dialect.decimal, dialect.thousands),
    )
    place = {text: float(code) for code, text in enumerate(categories)}
    codes = gathered.all_codes()
    values = np.array([place.get(text, np.nan) for text in texts])[codes]
    missing = Missing(frozenset(dialect.missing_words))
    for row in np.flatnonzero(np.isnan(values)):
        missing.add(int(row), texts[codes[row]])
    kind = dialect.kinds.get(name, Kind.NOMINAL)
    if kind in NUMERIC_KINDS:  # overruled by refused_as, which is the later and narrower choice
        kind = Kind.NOMINAL
    if not categories:
        kind = Kind.CONTINUOUS
        notes.append(say("files.note_all_missing", column=name))
    column = Column(name, kind, values, tuple(categories), missing.word or "", dict(missing.cells))
    return Finished(column, tuple(notes))


def _why_text(name: str, gathered: TextColumn, dialect: Dialect) -> list[str]:
    """What is worth saying about a column that is text although it looks like something else."""
    if must_be(name, dialect) is not None:
        return []
    found = gathered.unreadable(dialect)
    if found.identifier:
        return [say("files.note_identifier", column=name, text=found.identifier)]
    texts = [text.strip() for text in islice(gathered.codes, 1000) if not dialect.is_missing(text)]
    dates = sum(1 for text in texts if _DATE.fullmatch(text))
    if texts and dates > 0.9 * len(texts):
        return [say("files.note_dates", column=name, text=texts[0])]
    if found.looks_numeric:
        share = say_count("files.cells", found.refused)
        return [say("files.note_text", column=name, cells=share, text=found.example)]
    return []


def guess_kind(name: str, values: F64) -> Kind:
    """The kind of a numeric column: a hint, which every law may overrule."""
    seen = values[~np.isnan(values)]
    if seen.size == 0 or np.any(seen != np.rint(seen)):
        return Kind.CONTINUOUS
    words = re.split(r"[^a-z]+", name.lower())
    if seen.size > 2 and _TIME_NAMES.intersection(words) and np.all(np.diff(seen) > 0):
        return Kind.TIME
    if seen.min() >= 0 and seen.max() < _LARGEST_COUNT:
        # bincount is quicker than unique and its size is bounded by the largest count
        distinct = np.count_nonzero(np.bincount(seen.astype(np.intp)))
        if distinct <= _MOST_COUNTS:
            return Kind.COUNT
    return Kind.CONTINUOUS


def missing_code(seen: F64) -> float | None:
    """A value such as -999 that lies further from all others than these spread, or None."""
    if seen.size < 3:
        return None
    for code in (float(seen.min()), float(seen.max())):
        if code not in _CODES:
            continue
        others = seen[seen != code]
        if others.size < 2:
            continue
        low, high = float(others.min()), float(others.max())
        gap = low - code if code < low else code - high
        if gap > max(high - low, 1.0):
            return code
    return None
