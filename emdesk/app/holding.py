"""Parameters held at values: what they are called, as they are pointed at in a table, and when the columns change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.model_spec import ModelSpec
from emdesk.errors import EMDeskError, UsageProblem
from emdesk.model.dataset import Dataset
from emdesk.model.family import Family
from emdesk.model.held import HeldValue
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
    if not spec.held and not spec.ties:
        return replace(spec, columns=columns)
    after = replace(spec, columns=columns)
    family, later = spec.family_in(catalogue), after.family_in(catalogue)

    def moved(name: str, place: Place, axes: slice) -> Place | None:
        before, now = shape_of(spec, family, name), shape_of(after, later, name)
        made = [
            _moved(i, before.columns, now.columns) if axis == COLUMN else i
            for axis, i in zip(before.axes[axes], place, strict=False)
        ]
        return None if None in made else tuple(i for i in made if i is not None)

    held = ((one, moved(one.name, one.place, slice(None))) for one in spec.held)
    ties = ((tie, moved(tie.name, tie.place, slice(1, None))) for tie in spec.ties)
    return replace(
        after,
        held=tuple(replace(one, place=place) for one, place in held if place is not None),
        ties=tuple(replace(tie, place=place) for tie, place in ties if place is not None),
    )


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
    few = few_rows(dataset)
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
        alone.family_in(catalogue).prepare(few_rows(dataset), alone.request())
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


def few_rows(dataset: Dataset) -> Dataset:
    """Some of the rows, evenly spread: whether something can be held does not depend on how many there are."""
    if dataset.rows <= ROWS_TRIED:
        return dataset
    chosen = np.linspace(0, dataset.rows - 1, ROWS_TRIED).astype(np.intp)
    columns = tuple(replace(c, values=c.values[chosen], as_read={}) for c in dataset.columns)
    return replace(dataset, columns=columns)
