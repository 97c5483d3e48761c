"""Dialects survive saving, and names typed by a person become marks."""

from __future__ import annotations

import json

import pytest

from emdesk.errors import UsageProblem
from emdesk.io.dialect import (
    AS_TEXT,
    BLANKS,
    Dialect,
    ImportOptions,
    decimal_named,
    delimiter_named,
    encoding_named,
)
from emdesk.model.dataset import Kind


def test_a_dialect_survives_json() -> None:
    dialect = Dialect(
        encoding="cp1252",
        delimiter=";",
        decimal=",",
        thousands=".",
        header_line=4,
        skip_lines=5,
        missing_words=("-999", "x"),
        skip_blanks=True,
        kinds={"a": Kind.NOMINAL},
        refused_as={"b": AS_TEXT},
    )
    saved = json.loads(json.dumps(dialect.as_dict()))
    assert Dialect.from_dict(saved) == dialect
    assert Dialect.from_dict({**saved, "of a later version": 1}) == dialect
    assert hash(Dialect.from_dict(saved)) == hash(dialect)


def test_options_lie_over_a_guess() -> None:
    guess = Dialect(delimiter=";", decimal=",")
    fixed = ImportOptions(decimal=".", thousands="").over(guess)
    assert (fixed.delimiter, fixed.decimal, fixed.thousands) == (";", ".", "")
    assert ImportOptions.fixing(guess).over(Dialect()) == guess


def test_typed_names_become_marks() -> None:
    assert [delimiter_named(n) for n in ("tab", "\\t", "Semicolon", "blanks", "|", "x")] == [
        "\t",
        "\t",
        ";",
        BLANKS,
        "|",
        "x",
    ]
    assert decimal_named("comma") == "," and decimal_named(".") == "."
    assert encoding_named("UTF8") == "utf-8"


def test_an_unknown_fate_of_refused_cells_is_refused() -> None:
    with pytest.raises(UsageProblem):
        Dialect(refused_as={"a": "guess"})
