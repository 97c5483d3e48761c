"""A setting declared once.

    components: Annotated[int, Field("Components", "How many groups.", low=1, high=200)] = 3

From this declaration come the form row, the tooltip, the validation sentence, the command-line option,
the help table and the saved form. A settings class is a frozen dataclass of such fields.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any, TypeVar, get_args, get_type_hints

from emdesk.errors import SettingProblem
from emdesk.texts import say, translated

Value = int | float | bool | str
S = TypeVar("S")


@dataclass(frozen=True)
class Choice:
    """One value of a setting with a closed list; `help` is the hint line under the field."""

    value: str
    label: str
    help: str = ""


@dataclass(frozen=True)
class Field:
    """What a setting means and may be. `section` groups form rows; `more` puts it into the closed section.

    `applies` gets every value of the model by name (and `columns`, how many are used, `is_smooth`, whether its law has
    a density, and `can_be_truncated`, whether that may be given a window) and says whether the setting has an effect
    there; a form hides it otherwise. `is_number` says of a text that it is a number, or empty.
    """

    label: str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[Choice, ...] = ()
    section: str = "Groups"
    unit: str = ""
    more: bool = False
    logarithmic: bool = False
    is_number: bool = False
    applies: Callable[[Mapping[str, Any]], bool] | None = None


@dataclass(frozen=True)
class BoundField:
    """A field with its name, type and default."""

    name: str
    type: type
    default: Value
    field: Field

    @property
    def label(self) -> str:
        return translated(self.field.label)

    @property
    def help(self) -> str:
        return translated(self.field.help)

    def choice(self, value: str) -> Choice | None:
        return next((c for c in self.field.choices if c.value == value), None)

    def limits(self) -> str:
        """What the value may be, in words: `a whole number from 1 to 200`."""
        low, high = self.field.low, self.field.high
        if self.field.choices:
            return say("setting.one_of", values=", ".join(c.value for c in self.field.choices))
        if self.type is bool:
            return say("setting.yes_or_no")
        if self.type is str:
            return say("setting.number_or_nothing" if self.field.is_number else "setting.text")
        noun = say("setting.whole_number" if self.type is int else "setting.number")
        if low is not None and high is not None:
            return say("setting.from_to", noun=noun, low=f"{low:.10g}", high=f"{high:.10g}")
        if low is not None:
            return say("setting.from", noun=noun, low=f"{low:.10g}")
        return noun if high is None else say("setting.up_to", noun=noun, high=f"{high:.10g}")

    def problem(self, shown: object) -> SettingProblem:
        return SettingProblem(
            say("setting.is", label=self.label, value=shown),
            setting=self.name,
            remedy=say("setting.give", limits=self.limits()),
        )

    def check(self, value: object) -> Value:
        """The value, in its own type, or a SettingProblem that says what it may be."""
        if self.type is bool:
            if isinstance(value, bool):
                return value
            raise self.problem(value)
        if self.type is str:
            if not isinstance(value, str) or (self.field.choices and self.choice(value) is None):
                raise self.problem(value)
            return self._number_text(value) if self.field.is_number else value
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise self.problem(value)
        if self.type is int and value != int(value):
            raise self.problem(value)
        number = int(value) if self.type is int else float(value)
        low, high = self.field.low, self.field.high
        if (low is not None and number < low) or (high is not None and number > high):
            raise self.problem(value)
        return number

    def _number_text(self, text: str) -> str:
        """The text of a finite number with a decimal point, or an empty one; a SettingProblem for anything else."""
        plain = "".join(text.split()).replace("\u2212", "-").replace(",", ".")
        try:
            if not plain or math.isfinite(float(plain)):
                return plain
        except ValueError:
            pass
        raise self.problem(f"\u201c{text.strip()}\u201d")

    def parse(self, text: str) -> Value:
        """The value that a person typed: both decimal marks, spaces and a true minus are understood."""
        plain = text.strip()
        if self.type is str:
            lowered = {c.value.lower(): c.value for c in self.field.choices}
            return self.check(lowered.get(plain.lower(), plain))
        if self.type is bool:
            words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
            if plain.lower() not in words:
                raise self.problem(f"\u201c{plain}\u201d")
            return words[plain.lower()]
        for mark in ("\u202f", "\u00a0", " "):
            plain = plain.replace(mark, "")
        plain = plain.replace("\u2212", "-").replace(",", ".")
        try:
            return self.check(float(plain) if not plain.lstrip("+-").isdigit() else int(plain))
        except ValueError:
            raise self.problem(f"\u201c{text.strip()}\u201d") from None


_declared: dict[type[Any], tuple[BoundField, ...]] = {}


def fields_of(settings: type[Any]) -> tuple[BoundField, ...]:
    """The declared fields of a settings class, in order."""
    if settings not in _declared:
        _declared[settings] = _bind(settings)
    return _declared[settings]


def _bind(settings: type[Any]) -> tuple[BoundField, ...]:
    hints = get_type_hints(settings, include_extras=True)
    bound = []
    for item in fields(settings):
        base, declared = get_args(hints[item.name])[:2]
        if item.default is MISSING or not isinstance(declared, Field):
            raise TypeError(f"{settings.__name__}.{item.name} needs a Field and a default")
        bound.append(BoundField(item.name, base, item.default, declared))
    return tuple(bound)


def values_of(*settings: Any) -> dict[str, Value]:
    """Every value by name, over one or several settings objects."""
    return {f.name: getattr(s, f.name) for s in settings for f in fields_of(type(s))}


def problems_in(settings: Any) -> tuple[SettingProblem, ...]:
    """One problem for each value outside its limits."""
    found = []
    for bound in fields_of(type(settings)):
        try:
            bound.check(getattr(settings, bound.name))
        except SettingProblem as problem:
            found.append(problem)
    return tuple(found)


def with_value(settings: S, name: str, value: object) -> S:
    """The same settings with one value changed and checked."""
    kind: type[Any] = type(settings)
    bound = next(f for f in fields_of(kind) if f.name == name)
    checked = bound.parse(value) if isinstance(value, str) else bound.check(value)
    return replace(settings, **{name: checked})  # type: ignore[type-var]


def from_values(settings: type[S], values: Mapping[str, object]) -> S:
    """Settings made from saved values; unknown names are left alone, absent ones take the default."""
    made = settings()
    kind: type[Any] = settings
    for bound in fields_of(kind):
        if bound.name in values:
            made = with_value(made, bound.name, values[bound.name])
    return made
