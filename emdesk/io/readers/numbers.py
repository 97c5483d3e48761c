"""What counts as a number in a text file, and why something else does not."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

_INFINITE = re.compile(r"[+-]?(inf|infinity|\u221e|1\.#inf)", re.IGNORECASE)
_SOME_NUMBER = re.compile(
    r"[+-]?(\d[\d.,' \u00a0\u202f\u2019]*|[.,]\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)",
    re.IGNORECASE | re.ASCII,
)
_TRIPLE = re.compile(r"[+-]?[1-9]\d{0,2}[.,' \u00a0\u202f\u2019]\d{3}", re.ASCII)


def plain(text: str) -> str:
    """The cell without blanks around it and with the ASCII minus."""
    return text.strip().replace("\u2212", "-")


def is_some_number(text: str) -> bool:
    """Whether a cell is a number under some choice of marks."""
    return _SOME_NUMBER.fullmatch(plain(text)) is not None


def is_triple(text: str) -> bool:
    """Whether the mark in a cell may be the decimal or the thousands mark, as in 1,234."""
    return _TRIPLE.fullmatch(plain(text)) is not None


@dataclass(frozen=True)
class Grammar:
    """The numbers of one file: `decimal` and `thousands` are its marks."""

    decimal: str = "."
    thousands: str = ""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        whole = r"\d+"
        if self.thousands:
            whole = rf"(?:\d{{1,3}}(?:{re.escape(self.thousands)}\d{{3}})+|\d+)"
        point = re.escape(self.decimal)
        return re.compile(rf"[+-]?(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?", re.ASCII)

    def read(self, text: str) -> float | str:
        """The number a cell holds, or the key of the text that says why it holds none."""
        cell = plain(text)
        if self._pattern.fullmatch(cell):
            if self.thousands:
                cell = cell.replace(self.thousands, "")
            number = float(cell.replace(self.decimal, "."))
            return number if math.isfinite(number) else "files.reason_too_large"
        if _INFINITE.fullmatch(cell):
            return "files.reason_infinite"
        if cell.endswith("%"):
            return "files.reason_percent"
        if is_some_number(cell):
            return "files.reason_marks"
        return "files.reason_not_number"

    def read_quickly(self, cells: Sequence[str], odd: bool) -> F64 | None:
        """(n,) numbers, NaN for each cell "nan"; None where a cell needs to be looked at closely.

        Python's float is the fast path: it reads every number of this grammar right, and `odd` says
        that the file also holds what it would accept and the grammar does not.
        """
        if self.thousands:
            return None
        if odd:
            joined = "".join(cells)
            if "_" in joined or not joined.isascii():
                return None
        if self.decimal != ".":
            if "." in "".join(cells):
                return None
            cells = [cell.replace(self.decimal, ".") for cell in cells]
        try:
            values = np.fromiter(map(float, cells), np.float64, len(cells))
        except ValueError:
            return None
        return None if np.isinf(values).any() else values
