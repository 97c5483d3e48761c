"""The import options of the command line, and the file read with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

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
    made = ImportOptions(header_line=0 if given.has("--no-header") else None)
    for word, name, meaning in _PARTS:
        text = given.one(word)
        if text is not None:
            try:
                made = replace(made, **{name: meaning(text)})
            except UsageProblem as problem:
                problem.where = word
                raise
    return made


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


_PARTS: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("--encoding", "encoding", str),
    ("--delimiter", "delimiter", delimiter_named),
    ("--decimal", "decimal", decimal_named),
    ("--missing-words", "missing_words", _words),
)


def read(given: Given) -> Reading:
    """The file that was named, as it is loaded; a FileProblem says why it is not."""
    assert given.file is not None
    return readers.read(Path(given.file), import_options(given))


def _check_form(form: str | None) -> None:
    if form is None or form == "table":
        return
    if form not in FORMS:
        names = say("cli.forms_there_are", names=", ".join(FORMS))
        raise UsageProblem(
            say("cli.no_such_form", option="--as", text=form),
            remedy=suggestion(form, FORMS, names),
        )
    raise UsageProblem(say("cli.only_tables", text=form), where="--as", remedy=say("cli.use_table"))
