"""The import options of the command line, and the file read with them."""

from __future__ import annotations

from pathlib import Path

from emdesk.cli.options import Given, suggestion
from emdesk.errors import UsageProblem
from emdesk.io import readers
from emdesk.io.dialect import ImportOptions, decimal_named, delimiter_named
from emdesk.io.reading import Reading
from emdesk.texts import say

FORMS = ("table", "patterns", "covariance", "matrix", "text", "image")


def import_options(given: Given) -> ImportOptions:
    """What was typed about the file's format; a UsageProblem for what cannot be read so far."""
    _check_form(given.one("--as"))
    sheet = given.one("--sheet")
    if sheet is not None:
        raise UsageProblem(
            say("cli.no_sheets"), where="--sheet", remedy=say("cli.save_as_csv", text=sheet)
        )
    delimiter, decimal = given.one("--delimiter"), given.one("--decimal")
    words = given.one("--missing-words")
    return ImportOptions(
        encoding=given.one("--encoding"),
        delimiter=None if delimiter is None else delimiter_named(delimiter),
        decimal=None if decimal is None else decimal_named(decimal),
        header_line=0 if given.has("--no-header") else None,
        missing_words=None if words is None else _words(words),
    )


def read(given: Given) -> Reading:
    """The file that was named, as it is loaded; a FileProblem says why it is not."""
    assert given.file is not None
    return readers.read(Path(given.file), import_options(given))


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def _check_form(form: str | None) -> None:
    if form is None or form == "table":
        return
    if form not in FORMS:
        names = say("cli.forms_there_are", names=", ".join(FORMS))
        raise UsageProblem(
            say("cli.no_such_form", option="--as", text=form),
            remedy=suggestion(form, FORMS, names),
        )
    raise UsageProblem(
        say("cli.only_tables", text=form), where="--as", remedy=say("cli.use_table")
    )
