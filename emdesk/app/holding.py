"""Parameters held at values: as they are typed, as they are pointed at in a table, and when the columns change."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.model_spec import ModelSpec
from emdesk.errors import EMDeskError, UsageProblem
from emdesk.model.dataset import Dataset
from emdesk.model.family import Family
from emdesk.model.held import Held, HeldValue
from emdesk.model.joint import Joint
from emdesk.model.law import Quantity
from emdesk.model.params import Domain, Parameter, declared
from emdesk.texts import say, translated

F64 = NDArray[np.float64]
Place = tuple[int, ...]
COLUMN = "column"
ROWS_TRIED = 2_000
"""Rows that are enough to find out whether a model can hold something."""


@dataclass(frozen=True)
class Shape:
    """The axes of a parameter, the columns that it has along an axis of columns, and whether it is made of matrices,
    which are held whole."""

    axes: tuple[str, ...]
    columns: tuple[str, ...]
    is_matrix: bool = False


def shape_of(spec: ModelSpec, family: Family, name: str) -> Shape:
    """The shape of a parameter that a model can hold: as declared; of one that is only shown, group and column."""
    if name == "weights":
        return Shape((family.group_axis,), ())
    law, columns, plain = family.law, spec.columns, name
    if isinstance(law, Joint):
        prefix, _, plain = name.rpartition(".")
        part = next((p for p in law.parts if p.name == prefix), law.parts[0])
        law, columns = part.law, part.columns
    for entry in () if law is None else declared(law.Params):
        if isinstance(entry, Parameter) and entry.name == plain:
            axes = (family.group_axis, *entry.axes.names[1:])
            return Shape(axes, columns, entry.domain is Domain.SPD)
    return Shape((family.group_axis, COLUMN), columns)


def place_words(spec: ModelSpec, family: Family, held: HeldValue) -> str:
    """Where a held number is, in words: its group from 1, then its columns by name."""
    shape = shape_of(spec, family, held.name)
    words = [
        shape.columns[i] if axis == COLUMN and i < len(shape.columns) else str(i + 1)
        for axis, i in zip(shape.axes, held.place, strict=False)
    ]
    return ", ".join(words)


def on_columns(spec: ModelSpec, columns: tuple[str, ...], catalogue: Catalogue) -> ModelSpec:
    """The same model over other columns: what is held of a column stays with its name."""
    if not spec.held:
        return replace(spec, columns=columns)
    after = replace(spec, columns=columns)
    family, later = spec.family_in(catalogue), after.family_in(catalogue)
    kept = []
    for one in spec.held:
        before, now = shape_of(spec, family, one.name), shape_of(after, later, one.name)
        place = [
            _moved(i, before.columns, now.columns) if axis == COLUMN else i
            for axis, i in zip(before.axes, one.place, strict=False)
        ]
        if None not in place:
            kept.append(replace(one, place=tuple(i for i in place if i is not None)))
    return replace(after, held=tuple(kept))


def _moved(position: int, before: tuple[str, ...], now: tuple[str, ...]) -> int | None:
    """Where the column at a position stands now, None if it is gone."""
    name = before[position] if position < len(before) else ""
    return now.index(name) if name in now else None


def with_values(spec: ModelSpec, values: Sequence[HeldValue]) -> ModelSpec:
    """The same model with these numbers held too, each in the place of what was held there."""
    places = {(v.name, v.place) for v in values}
    others = [v for v in spec.held if (v.name, v.place) not in places]
    made = sorted([*others, *values], key=lambda v: (v.name, v.place))
    return replace(spec, held=tuple(made))


def without_value(spec: ModelSpec, name: str, place: Place) -> ModelSpec:
    """The same model with one number free again."""
    kept = tuple(v for v in spec.held if (v.name, v.place) != (name, place))
    return replace(spec, held=kept)


def held_object(held: Sequence[HeldValue]) -> list[dict[str, Any]]:
    """Held numbers as plain names and numbers; places count from 0."""
    return [{"name": v.name, "place": list(v.place), "value": v.value} for v in held]


def label_of(family: Family, name: str) -> str:
    """What a parameter is called in the window."""
    prefix, _, plain = name.rpartition(".")
    known = {"weights": "quantity.weight", "sds": "quantity.sd", "means": "quantity.mean"}
    if plain in known:
        return say(known[plain])
    law = family.law
    if isinstance(law, Joint):
        law = next((p.law for p in law.parts if p.name == prefix), law.parts[0].law)
    for entry in () if law is None else declared(law.Params):
        if isinstance(entry, Parameter) and entry.name == plain and entry.axes.label:
            return translated(entry.axes.label)
    return plain


def is_held(spec: ModelSpec, name: str, place: Place) -> bool:
    """Whether a number of a table is held; an SD and a correlation are where the covariances are."""
    return _holder(spec, name, place) is not None


def _holder(spec: ModelSpec, name: str, place: Place) -> tuple[str, Place] | None:
    """Name and place of what holds a number of a table: the number itself, or a covariance."""
    places = {(v.name, v.place) for v in spec.held}
    stem = name.removesuffix("sds").removesuffix("correlations")
    inner = (*place, place[-1]) if name.endswith("sds") else place
    own, matrix = (name, place), (f"{stem}covariances", inner)
    return own if own in places else matrix if matrix in places else None


# ------------------------------------------------------------------ pointed at in a table


def pointed_at(
    spec: ModelSpec,
    dataset: Dataset,
    catalogue: Catalogue,
    quantities: Sequence[Quantity],
    name: str,
    place: Place,
) -> tuple[HeldValue, ...]:
    """What is held when a person points at one number of a table: the number alone if the model can hold it alone,
    else those of its component that belong to it, as a matrix is held whole; an EMDeskError says why it cannot be.
    """
    family = spec.family_in(catalogue)
    shown = {q.name: _by_place(q) for q in quantities}
    if {"sds", "correlations"} <= shown.keys() and "covariances" not in shown:
        sds = shown["sds"]
        shown["covariances"] = shown["correlations"] * sds[:, :, None] * sds[:, None, :]
    tried = [_values(name, shown[name], place)] if name in shown else []
    if name in shown and shown[name].ndim > 1:
        tried.append(_values(name, shown[name], place[:1]))
    if "covariances" in shown and name in ("sds", "covariances", "correlations"):
        tried.append(_values("covariances", shown["covariances"], place[:1]))
    few = _few_rows(dataset)
    reason: EMDeskError | None = None
    for values in tried:
        asked = with_values(spec, values)
        try:
            family.prepare(few, asked.request())
        except EMDeskError as problem:
            reason = reason or problem
        else:
            return values
    if reason is None:
        reason = UsageProblem(say("held.not_holdable", name=name))
    raise reason


def place_behind(quantity: Quantity, position: int) -> Place:
    """Where a number of a table stands behind its group: at a column, or at a column and a category of it."""
    if not quantity.cells:
        return (position,)
    columns = [column for column, _ in quantity.cells]
    own = columns[position]
    return list(dict.fromkeys(columns)).index(own), position - columns.index(own)


def _by_place(quantity: Quantity) -> F64:
    """The values by place; NaN where there is no number, as columns may have fewer categories than others."""
    if not quantity.cells:
        return quantity.values
    places = [place_behind(quantity, i) for i in range(len(quantity.cells))]
    sizes = [max(axis) + 1 for axis in zip(*places, strict=True)]
    made = np.full((len(quantity.values), *sizes), np.nan)
    for position, place in enumerate(places):
        made.reshape(len(made), -1)[:, np.ravel_multi_index(place, sizes)] = quantity.values[
            :, position
        ]
    return made


def released(
    spec: ModelSpec, dataset: Dataset, catalogue: Catalogue, name: str, place: Place
) -> ModelSpec:
    """The same model with a number free again; with the rest of what is held of its component where that can only be
    held whole."""
    holder = _holder(spec, name, place)
    if holder is None:
        return spec
    name, place = holder
    alone = without_value(spec, name, place)
    try:
        alone.family_in(catalogue).prepare(_few_rows(dataset), alone.request())
    except EMDeskError:
        kept = tuple(v for v in spec.held if (v.name, v.place[:1]) != (name, place[:1]))
        return replace(spec, held=kept)
    return alone


def _values(name: str, shown: F64, place: Place) -> tuple[HeldValue, ...]:
    """Every number of a quantity below a place."""
    inner = shown[place] if place else shown
    return tuple(
        HeldValue(name, (*place, *index), float(np.asarray(inner)[index]))
        for index in np.ndindex(*np.shape(inner))
        if np.isfinite(np.asarray(inner)[index])
    )


def _few_rows(dataset: Dataset) -> Dataset:
    """Some of the rows, evenly spread: whether something can be held does not depend on how many there are."""
    if dataset.rows <= ROWS_TRIED:
        return dataset
    chosen = np.linspace(0, dataset.rows - 1, ROWS_TRIED).astype(np.intp)
    columns = tuple(replace(c, values=c.values[chosen], as_read={}) for c in dataset.columns)
    return replace(dataset, columns=columns)


# ------------------------------------------------------------------ typed


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
        for name in sorted(family.holdable, key=len, reverse=True):
            end = self._text[len(name) : len(name) + 1]
            if self._text.startswith(name) and end in ("", "[", "=", " "):
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
            for names in _cut(rest.split(","), len(self._shape.axes) - 1):
                axes = self._shape.axes[1:]
                found = [
                    _index(word, self._shape.columns if axis == COLUMN else None)
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


def _cut(pieces: list[str], most: int) -> Iterator[list[str]]:
    """Every way to put neighbouring pieces together into at most so many names."""
    for names in range(1, most + 1):
        for cuts in itertools.combinations(range(1, len(pieces)), names - 1):
            edges = [0, *cuts, len(pieces)]
            yield [",".join(pieces[a:b]).strip() for a, b in itertools.pairwise(edges)]


def _index(word: str, columns: tuple[str, ...] | None) -> int | None:
    """A column by its name, or by its number from 1; without columns anything by its number."""
    if columns is not None and word in columns:
        return columns.index(word)
    if not word.isdigit() or int(word) < 1:
        return None
    return int(word) - 1 if columns is None or int(word) <= len(columns) else None
