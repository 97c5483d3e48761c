"""How a text file is to be read: a full dialect, and the parts of one that a person fixed."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from emdesk.errors import UsageProblem
from emdesk.model.dataset import Kind
from emdesk.texts import say

BLANKS = " "
"""The delimiter that stands for a run of blanks or tabs."""

ONE_COLUMN = ""
"""The delimiter of a file whose lines are one cell each, whatever marks they hold."""

MISSING_WORDS = ("NA", "N/A", "NaN", "nan", "null", "NULL", "#N/A", "<NA>", "?")
"""Words that mean a missing cell in any column; an empty cell always does."""

AS_MISSING = "missing"
AS_TEXT = "text"

_DELIMITER_NAMES = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "\\t": "\t",
    "pipe": "|",
    "bar": "|",
    "space": BLANKS,
    "blank": BLANKS,
    "blanks": BLANKS,
    "none": ONE_COLUMN,
}
_DECIMAL_NAMES = {"point": ".", "dot": ".", "comma": ","}


@dataclass(frozen=True)
class Dialect:
    """Everything that decides how bytes become a table.

    `header_line` is the line (from 1) that holds the names, 0 if none does; the rows begin after
    line `max(header_line, skip_lines)`. `delimiter` may be `BLANKS` or `ONE_COLUMN`; `thousands`
    and `quote` may be empty. `skip_blanks` leaves out the blanks after each delimiter. An empty
    cell is missing whatever `missing_words` says. `kinds` overrides the guessed kind of columns by
    name. `refused_as` says by name what becomes of the unreadable cells of a column: `AS_MISSING`
    reads them as missing, `AS_TEXT` keeps the column as text.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    header_line: int = 1
    skip_lines: int = 0
    missing_words: tuple[str, ...] = MISSING_WORDS
    quote: str = '"'
    skip_blanks: bool = False
    kinds: Mapping[str, Kind] = field(default_factory=dict, hash=False)
    refused_as: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _check_parts(self.delimiter, self.decimal, self.thousands, self.quote)
        for name, choice in self.refused_as.items():
            if choice not in (AS_MISSING, AS_TEXT):
                raise UsageProblem(say("files.refused_choice", choice=choice, column=name))

    def is_missing(self, text: str) -> bool:
        """Whether a cell with this text is a missing one."""
        plain = text.strip()
        return not plain or plain in self.missing_words

    def as_dict(self) -> dict[str, Any]:
        """A plain dictionary for JSON; `from_dict` reads it back."""
        made = {item.name: getattr(self, item.name) for item in fields(self)}
        made["missing_words"] = list(self.missing_words)
        made["kinds"] = {name: kind.value for name, kind in self.kinds.items()}
        made["refused_as"] = dict(self.refused_as)
        return made

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Dialect:
        """What `as_dict` saved; unknown keys are left alone, absent ones take the default."""
        known = {item.name: saved[item.name] for item in fields(cls) if item.name in saved}
        if "missing_words" in known:
            known["missing_words"] = tuple(known["missing_words"])
        if "kinds" in known:
            known["kinds"] = {name: Kind(kind) for name, kind in known["kinds"].items()}
        return cls(**known)


@dataclass(frozen=True)
class ImportOptions:
    """The parts of a dialect that a person fixed; None is guessed from the file.

    `thousands=""` fixes that there is no mark, `header_line=0` that there are no names.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    header_line: int | None = None
    skip_lines: int | None = None
    missing_words: tuple[str, ...] | None = None
    quote: str | None = None
    skip_blanks: bool | None = None
    kinds: Mapping[str, Kind] = field(default_factory=dict, hash=False)
    refused_as: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.encoding is not None:
            encoding_named(self.encoding)
        for name in ("header_line", "skip_lines"):
            number = getattr(self, name)
            if number is not None and number < 0:
                raise UsageProblem(say("files.negative_line", number=number))
        _check_parts(self.delimiter, self.decimal, self.thousands, self.quote)

    @classmethod
    def fixing(cls, dialect: Dialect) -> ImportOptions:
        """Options that leave nothing of this dialect to be guessed."""
        return cls(**{item.name: getattr(dialect, item.name) for item in fields(dialect)})

    def over(self, guessed: Dialect) -> Dialect:
        """The guessed dialect with every fixed part in its place."""
        fixed = {item.name: getattr(self, item.name) for item in fields(self)}
        return replace(guessed, **{name: part for name, part in fixed.items() if part is not None})


def encoding_named(name: str) -> str:
    """The usual name of a text encoding; a UsageProblem if there is none called so."""
    try:
        found = codecs.lookup(name.strip())
        "".encode(found.name)  # refuses codecs that are not for text, such as zip or hex
    except (LookupError, ValueError, TypeError):
        raise UsageProblem(
            say("files.no_such_encoding", name=name), remedy=say("files.some_encodings")
        ) from None
    return found.name


def delimiter_named(text: str) -> str:
    """The delimiter that a person typed: itself, or tab, comma, semicolon, pipe, blanks."""
    return _DELIMITER_NAMES.get(text.lower(), text)


def decimal_named(text: str) -> str:
    """The decimal mark that a person typed: the character itself, or point, comma."""
    return _DECIMAL_NAMES.get(text.lower(), text)


def _check_parts(
    delimiter: str | None, decimal: str | None, thousands: str | None, quote: str | None
) -> None:
    if delimiter is not None and (len(delimiter) > 1 or delimiter in ("\n", "\r", "\0")):
        raise UsageProblem(
            say("files.delimiter_is", delimiter=delimiter), remedy=say("files.some_delimiters")
        )
    if decimal is not None and decimal not in (".", ","):
        raise UsageProblem(
            say("files.decimal_is", decimal=decimal), remedy=say("files.some_decimals")
        )
    if thousands and (len(thousands) > 1 or thousands.isalnum() or thousands in "+-"):
        raise UsageProblem(
            say("files.thousands_is", thousands=thousands), remedy=say("files.some_thousands")
        )
    if thousands and thousands == decimal:
        raise UsageProblem(
            say("files.same_marks", mark=decimal), remedy=say("files.different_marks")
        )
    if quote and (len(quote) > 1 or quote == delimiter or quote.isspace()):
        raise UsageProblem(say("files.quote_is", quote=quote), remedy=say("files.some_quotes"))
