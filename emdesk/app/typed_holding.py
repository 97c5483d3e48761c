"""What is held as it is typed: `means`, `means[2]`, `means[2,waiting]` or `weights[1]=0.3`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.holding import COLUMN, Place, place_words, shape_of
from emdesk.app.model_spec import ModelSpec
from emdesk.errors import EMDeskError, UsageProblem
from emdesk.model.family import Family
from emdesk.model.held import Held, HeldValue
from emdesk.texts import say

F64 = NDArray[np.float64]


def typed_values(
    texts: Sequence[str], spec: ModelSpec, catalogue: Catalogue, given: Mapping[str, Any]
) -> tuple[HeldValue, ...]:
    """What is held by texts like `means`, `means[2]`, `means[2,waiting]` or `weights[1]=0.3`; values that are not
    written are taken from `given`, parameters by name in the analyst's units. A UsageProblem names the text."""
    family = spec.family_in(catalogue)
    known = _with_sds(given)
    found: dict[tuple[str, Place], float] = {}
    for text in texts:
        try:
            for one in _Typed(text, spec, family, known).values():
                before = found.setdefault((one.name, one.place), one.value)
                if before != one.value:
                    place = place_words(spec, family, one)
                    raise UsageProblem(
                        say(
                            "held.twice",
                            place=say("held.place", name=one.name, place=place),
                            first=f"{before:g}",
                            second=f"{one.value:g}",
                        ),
                        remedy=say("cli.give_once"),
                    )
        except EMDeskError as problem:
            problem.where = problem.where or f"--hold {text}"
            raise
    return tuple(HeldValue(name, place, value) for (name, place), value in found.items())


def _with_sds(given: Mapping[str, Any]) -> dict[str, Any]:
    """Given parameters, with the SDs where only covariances are there."""
    made = dict(given)
    for name, values in given.items():
        stem = name.removesuffix("covariances")
        covariances = np.asarray(values, dtype=np.float64)
        if stem != name and f"{stem}sds" not in made and covariances.ndim == 3:
            variances = np.diagonal(covariances, axis1=1, axis2=2)
            made[f"{stem}sds"] = np.sqrt(np.maximum(variances, 0.0))
    return made


class _Typed:
    """One text of what is to be held: a name, perhaps a place in brackets, perhaps a value after `=`."""

    def __init__(
        self, text: str, spec: ModelSpec, family: Family, given: Mapping[str, Any]
    ) -> None:
        self._text, self._given = text.strip(), given
        self._name = self._known_name(family)
        self._shape = shape_of(spec, family, self._name)
        groups = spec.values().get(f"{family.group_axis}s", 1)
        assert isinstance(groups, int)
        self._groups = groups

    def values(self) -> list[HeldValue]:
        """Every number that is meant."""
        rest = self._text[len(self._name) :].strip()
        inside, written = "", None
        if rest.startswith("["):
            inside, closed, rest = rest[1:].rpartition("]")
            rest = rest.strip() if closed else "["
        if rest.startswith("="):
            written, rest = rest[1:].strip(), ""
        if rest:
            raise UsageProblem(say("held.no_form", text=self._text), remedy=say("held.write"))
        start = self._place(inside) if inside.strip() else ()
        open_ended = [a for a in self._shape.axes[max(1, len(start)) :] if a != COLUMN]
        if written is not None and open_ended:
            raise UsageProblem(
                say("held.say_which", name=self._name, axis=open_ended[0]),
                remedy=say("held.write_place", axes=",".join(a.upper() for a in self._shape.axes)),
            )
        if written is not None:
            number = self._number(written)
            return [HeldValue(self._name, place, number) for place in self._below(start, None)]
        values = self._given_values()
        return [
            HeldValue(self._name, place, float(values[place]))
            for place in self._below(start, values)
        ]

    def _known_name(self, family: Family) -> str:
        """The parameter that the text begins with; names of columns in it may hold any character."""
        name = known_name(self._text, family.holdable)
        if name is not None:
            return name
        word = self._text.partition("=")[0].partition("[")[0].strip()
        Held((HeldValue(word, (), 0.0),)).refuse_others(family.holdable)
        return word

    def _below(self, start: Place, values: F64 | None) -> list[Place]:
        sizes = [self._size(axis, i, values) for i, axis in enumerate(self._shape.axes)]
        rest = itertools.product(*(range(size) for size in sizes[len(start) :]))
        return [(*start, *others) for others in rest]

    def _size(self, axis: str, position: int, values: F64 | None) -> int:
        """How long an axis is; one that is neither of groups nor of columns is as long as in the given parameters."""
        if position == 0:
            return self._groups
        if axis == COLUMN:
            return len(self._shape.columns)
        return values.shape[position] if values is not None and position < values.ndim else 1

    def _number(self, written: str) -> float:
        try:
            value = float(written)
        except ValueError:
            value = float("nan")
        if not np.isfinite(value):
            raise UsageProblem(
                say("held.no_number", name=self._name, text=written), remedy=say("held.write")
            )
        return value

    def _given_values(self) -> F64:
        if self._name not in self._given:
            key = "held.not_given" if self._given else "held.no_value"
            raise UsageProblem(
                say(key, name=self._name), remedy=say("held.give_value", name=self._text)
            )
        values = np.asarray(self._given[self._name], dtype=np.float64)
        sizes = tuple(self._size(axis, i, values) for i, axis in enumerate(self._shape.axes))
        if values.shape != sizes:
            expected, found = (" \u00d7 ".join(map(str, shape)) for shape in (sizes, values.shape))
            raise UsageProblem(
                say("start.param_shape", name=self._name, expected=expected, found=found),
                remedy=say(
                    "start.match_model", groups=self._groups, columns=len(self._shape.columns)
                ),
            )
        return values

    def _place(self, inside: str) -> Place:
        """The beginning of a place: a group, then columns by name; names may hold commas."""
        first, _, rest = inside.partition(",")
        if first.strip().isdigit() and 1 <= int(first) <= self._groups:
            group = int(first) - 1
            if not rest.strip():
                return (group,)
            for names in joined_pieces(rest.split(","), len(self._shape.axes) - 1):
                axes = self._shape.axes[1:]
                found = [
                    index_of(word, self._shape.columns if axis == COLUMN else None)
                    for axis, word in zip(axes, names, strict=False)
                ]
                if None not in found:
                    return (group, *(i for i in found if i is not None))
        raise UsageProblem(
            say("held.no_place", name=self._name, place=inside.strip()),
            remedy=say(
                "held.places_there_are",
                groups=self._groups,
                columns=", ".join(self._shape.columns) or say("cli.none"),
            ),
        )


def known_name(text: str, names: Sequence[str]) -> str | None:
    """The longest of the names that the text begins with, None if it is none of them."""
    for name in sorted(names, key=len, reverse=True):
        if text.startswith(name) and text[len(name) : len(name) + 1] in ("", "[", "=", " "):
            return name
    return None


def joined_pieces(pieces: list[str], most: int) -> Iterator[list[str]]:
    """Every way to put neighbouring pieces together into at most so many names."""
    for names in range(1, most + 1):
        for cuts in itertools.combinations(range(1, len(pieces)), names - 1):
            edges = [0, *cuts, len(pieces)]
            yield [",".join(pieces[a:b]).strip() for a, b in itertools.pairwise(edges)]


def index_of(word: str, columns: tuple[str, ...] | None) -> int | None:
    """A column by its name, or by its number from 1; without columns anything by its number."""
    if columns is not None and word in columns:
        return columns.index(word)
    if not word.isdigit() or int(word) < 1:
        return None
    return int(word) - 1 if columns is None or int(word) <= len(columns) else None
