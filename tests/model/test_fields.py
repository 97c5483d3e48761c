"""What a person types into a setting is understood, or refused with what it may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest

from emdesk.errors import SettingProblem
from emdesk.model.fields import (
    Choice,
    Field,
    fields_of,
    from_values,
    problems_in,
    values_of,
    with_value,
)


@dataclass(frozen=True)
class Example:
    """One setting of every type."""

    count: Annotated[int, Field("Count", "How many.", low=1, high=2000)] = 3
    size: Annotated[float, Field("Size", "How large.", low=0.0)] = 0.5
    exact: Annotated[bool, Field("Exact", "Whether.")] = False
    word: Annotated[
        str, Field("Word", "Which.", choices=(Choice("EII", "Round"), Choice("b", "Other")))
    ] = "b"
    free: Annotated[str, Field("Free", "Any text.")] = ""


FIELDS = {bound.name: bound for bound in fields_of(Example)}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("count", " 12 ", 12),
        ("count", "1\u202f200", 1200),
        ("count", "1 200", 1200),
        ("count", "7.0", 7),
        ("size", "0,25", 0.25),
        ("size", "1e-8", 1e-8),
        ("size", "+3", 3.0),
        ("exact", "Yes", True),
        ("exact", "0", False),
        ("word", "eii", "EII"),
        ("free", " some words ", "some words"),
    ],
)
def test_what_is_typed_is_understood(name: str, text: str, value: object) -> None:
    found = FIELDS[name].parse(text)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("count", "many"),
        ("count", ""),
        ("count", "2.5"),
        ("count", "0"),
        ("count", "\u22125"),
        ("count", "1,200"),
        ("count", "inf"),
        ("size", "nan"),
        ("size", "-1"),
        ("exact", "perhaps"),
        ("word", "c"),
    ],
)
def test_what_it_may_not_be_is_refused_with_what_it_may(name: str, text: str) -> None:
    with pytest.raises(SettingProblem) as caught:
        FIELDS[name].parse(text)
    assert caught.value.setting == name
    assert FIELDS[name].limits() in caught.value.sentence


def test_limits_are_told_in_words() -> None:
    assert FIELDS["count"].limits() == "a whole number from 1 to 2000"
    assert FIELDS["size"].limits() == "a number from 0 up"
    assert FIELDS["exact"].limits() == "yes or no"
    assert FIELDS["word"].limits() == "one of EII, b"


def test_settings_come_back_from_saved_values_whatever_else_was_saved() -> None:
    changed = with_value(with_value(Example(), "count", 9), "word", "EII")
    assert from_values(Example, values_of(changed)) == changed
    assert from_values(Example, {"count": 9, "from a later release": 1}).count == 9
    assert from_values(Example, {}) == Example()


def test_every_value_outside_its_limits_is_found() -> None:
    found = problems_in(Example(count=0, size=-1.0, word="c"))
    assert [problem.setting for problem in found] == ["count", "size", "word"]


def test_a_declaration_without_a_default_is_a_mistake_of_the_programmer() -> None:
    @dataclass(frozen=True)
    class Broken:
        count: int = 3

    Broken.__annotations__["count"] = Annotated[int, "no field"]
    with pytest.raises(TypeError, match="count"):
        fields_of(Broken)
