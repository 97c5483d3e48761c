"""The settings by which a law of elliptical groups takes powers of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emdesk.model.fields import Choice, Field
from emdesk.texts import say

PLAIN, COMMON, EACH, GIVEN = "none", "common-power", "power-each", "given-power"
MOST_POWER = 3.0


def is_special_case(simple: str, rich: str) -> bool:
    """Whether a transformation is a special case of another: no power is the power 1, and one power for all is one for
    each that are equal."""
    freedom = {PLAIN: 0, GIVEN: 0, COMMON: 1, EACH: 2}
    return simple != rich and freedom[simple] < freedom[rich]


def _is_given(values: Mapping[str, Any]) -> bool:
    return values.get("transformation") == GIVEN


TRANSFORMATION = Field(
    say("power.transformation"),
    say("power.transformation_help"),
    choices=tuple(
        Choice(word, say(f"power.{word}"), say(f"power.{word}_help"))
        for word in (PLAIN, COMMON, EACH, GIVEN)
    ),
)
"""The setting; its default is none."""
POWER = Field(
    say("power.power"),
    say("power.power_help"),
    low=0.0,
    high=MOST_POWER,
    applies=_is_given,
)
"""The given power; its default is 0.5."""
