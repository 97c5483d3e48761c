"""Parameters that name their axes: tables, exports, shape checks, saving and vectors come from them.

A params class is a frozen dataclass whose fields are `Annotated[F64, Axes("component", "column"),
Domain.REAL]`, or another params class (a family's params hold its law's); a field called `carried` may hold what
belongs to the numbers without being one of them, such as the names of terms. Laws call their groups components; a
family with another word for them says so by `renamed_axes: ClassVar = {"component": "state"}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
P = TypeVar("P")


@dataclass(frozen=True)
class Axes:
    """The names of an array's axes, such as ("component", "column"). `label` is its short name."""

    names: tuple[str, ...]
    label: str = ""

    def __init__(self, *names: str, label: str = "") -> None:
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "label", label)


class Domain(StrEnum):
    """The set a parameter lives in; the last axes carry it."""

    REAL = "real"
    POSITIVE = "positive"
    SIMPLEX = "simplex"
    UNIT = "unit"
    SPD = "spd"


@dataclass(frozen=True)
class Parameter:
    """One declared parameter; `columns` are the names along its column axis where that has not all columns, or along
    its last axis where its params carry names."""

    name: str
    axes: Axes
    domain: Domain
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class NamedParts:
    """The params of several laws, each over its own columns; a parameter is called `name.field`."""

    names: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    parts: tuple[Any, ...]

    def named(self, position: int, parameter: Parameter) -> Parameter:
        """A parameter of one part under its full name."""
        name = f"{self.names[position]}.{parameter.name}"
        return replace(parameter, name=name, columns=parameter.columns or self.columns[position])


class Carried:
    """A base for what params know besides their numbers: it stays as it is wherever params are rebuilt."""

    def names_along(self, axis: str) -> tuple[str, ...]:
        """The names of what stands along an axis, () where it has none of its own."""
        return ()


_declared: dict[type[Any], tuple[Parameter | str, ...]] = {}


def declared(params: type[Any]) -> tuple[Parameter | str, ...]:
    """The fields of a params class: parameters, and the names of the fields that hold nested params."""
    if params not in _declared:
        _declared[params] = _read_declaration(params)
    return _declared[params]


def _read_declaration(params: type[Any]) -> tuple[Parameter | str, ...]:
    hints = get_type_hints(params, include_extras=True)
    found: list[Parameter | str] = []
    for item in fields(params):
        hint = hints[item.name]
        if get_origin(hint) is Annotated:
            _, axes, domain = get_args(hint)
            found.append(Parameter(item.name, axes, domain))
        elif not (isinstance(hint, type) and issubclass(hint, Carried)):
            found.append(item.name)
    return tuple(found)


def walk(params: Any) -> Iterator[tuple[Parameter, F64]]:
    """Every parameter with its value, nested ones in their place."""
    if isinstance(params, NamedParts):
        for position, part in enumerate(params.parts):
            for parameter, value in walk(part):
                yield params.named(position, parameter), value
        return
    for entry in declared(type(params)):
        if isinstance(entry, Parameter):
            yield _with_names(entry, params), getattr(params, entry.name)
        else:
            for parameter, value in walk(getattr(params, entry)):
                yield _in_words_of(type(params), parameter), value


def _with_names(parameter: Parameter, params: Any) -> Parameter:
    """A parameter with the names along its last axis where its params carry them."""
    carried = getattr(params, "carried", None)
    if not isinstance(carried, Carried) or not parameter.axes.names:
        return parameter
    names = carried.names_along(parameter.axes.names[-1])
    return replace(parameter, columns=names) if names else parameter


def _in_words_of(outer: type[Any], parameter: Parameter) -> Parameter:
    """A nested parameter with the axis names of the params that hold it."""
    words: Mapping[str, str] = getattr(outer, "renamed_axes", {})
    if not words:
        return parameter
    names = (words.get(name, name) for name in parameter.axes.names)
    return replace(parameter, axes=Axes(*names, label=parameter.axes.label))


def arrays(params: object) -> dict[str, F64]:
    """Every parameter by name."""
    return {parameter.name: value for parameter, value in walk(params)}


def axes_of(params: object) -> dict[str, tuple[str, ...]]:
    """The axis names of every parameter by name."""
    return {parameter.name: parameter.axes.names for parameter, _ in walk(params)}


def rebuild(like: P, change: Callable[[Parameter, F64], F64]) -> P:
    """The same params with each array replaced by `change(parameter, array)`."""
    if isinstance(like, NamedParts):
        parts = (
            rebuild(part, partial(_changed_in, like, position, change))
            for position, part in enumerate(like.parts)
        )
        return cast(P, replace(like, parts=tuple(parts)))
    made: dict[str, Any] = {}
    kind: type[Any] = type(like)
    for entry in declared(kind):
        if isinstance(entry, Parameter):
            made[entry.name] = change(entry, getattr(like, entry.name))
        else:
            made[entry] = rebuild(
                getattr(like, entry), lambda p, value: change(_in_words_of(kind, p), value)
            )
    if isinstance(getattr(like, "carried", None), Carried):
        made["carried"] = getattr(like, "carried")  # noqa: B009 - P has no such attribute for mypy
    return cast(P, kind(**made))


def _changed_in(
    parts: NamedParts,
    position: int,
    change: Callable[[Parameter, F64], F64],
    parameter: Parameter,
    value: F64,
) -> F64:
    return change(parts.named(position, parameter), value)


def permuted(params: P, axis: str, order: NDArray[np.intp]) -> P:
    """The same params with every axis called `axis` put into another order."""

    def reorder(parameter: Parameter, value: F64) -> F64:
        for position, name in enumerate(parameter.axes.names):
            if name == axis:
                value = np.take(value, order, axis=position)
        return value

    return rebuild(params, reorder)


def from_arrays(kind: type[P], values: Mapping[str, Any], **nested: Any) -> P:
    """Params made from arrays by name (a KeyError names one that is missing); nested params are given as made."""
    made: dict[str, Any] = dict(nested)
    fields_from: type[Any] = kind
    for entry in declared(fields_from):
        if isinstance(entry, Parameter):
            made[entry.name] = np.asarray(values[entry.name], dtype=np.float64)
    return kind(**made)


def nbytes(params: object) -> int:
    """The memory that the arrays take."""
    return sum(value.nbytes for _, value in walk(params))


def to_vector(params: object) -> F64:
    """All parameters as one unconstrained vector: logarithms of positive ones, log-ratios of simplexes
    (the centred log-ratio keeps every coordinate), logits of probabilities, and for covariance matrices the
    Cholesky factor with a logarithmic diagonal."""
    return np.concatenate([_free(p.domain, v).ravel() for p, v in walk(params)])


def from_vector(vector: F64, like: P) -> P:
    """The params whose `to_vector` is `vector`, shaped like `like`."""
    position = 0

    def take(parameter: Parameter, value: F64) -> F64:
        nonlocal position
        template = _free(parameter.domain, value)
        piece = vector[position : position + template.size].reshape(template.shape)
        position += template.size
        return _bound(parameter.domain, piece, value.shape)

    return rebuild(like, take)


_TINY = 1e-300


def _free(domain: Domain, value: F64) -> F64:
    if domain is Domain.REAL:
        return value
    if domain is Domain.POSITIVE:
        return np.log(np.maximum(value, _TINY))
    if domain is Domain.SIMPLEX:
        logs = np.log(np.maximum(value, _TINY))
        return np.asarray(logs - logs.mean(axis=-1, keepdims=True))
    if domain is Domain.UNIT:
        inside = np.clip(value, _TINY, 1 - 1e-16)
        return np.asarray(np.log(inside) - np.log1p(-inside))
    factor = np.linalg.cholesky(value)
    rows, columns = np.tril_indices(value.shape[-1])
    free = factor[..., rows, columns].copy()
    free[..., rows == columns] = np.log(free[..., rows == columns])
    return np.asarray(free)


def _bound(domain: Domain, free: F64, shape: tuple[int, ...]) -> F64:
    if domain is Domain.REAL:
        return free.reshape(shape)
    if domain is Domain.POSITIVE:
        return np.exp(free).reshape(shape)
    if domain is Domain.SIMPLEX:
        shifted = np.exp(free - free.max(axis=-1, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))
    if domain is Domain.UNIT:
        # without overflow, however far out a step leads
        return np.asarray(np.exp(-np.logaddexp(0.0, -free)))
    size = shape[-1]
    rows, columns = np.tril_indices(size)
    values = free.copy()
    values[..., rows == columns] = np.exp(values[..., rows == columns])
    factor = np.zeros(shape)
    factor[..., rows, columns] = values
    return np.asarray(factor @ np.swapaxes(factor, -1, -2))


def largest_change(before: object, after: object) -> float:
    """The largest change of any parameter in its own scale: absolute for standardised real numbers and
    probabilities, relative for positive ones, relative to the standard deviations for covariances."""
    return max(
        (_change(p.domain, a, b) for (p, a), (_, b) in zip(walk(before), walk(after), strict=True)),
        default=0.0,
    )


def _change(domain: Domain, before: F64, after: F64) -> float:
    difference = np.abs(after - before)
    if domain is Domain.POSITIVE:
        difference = difference / np.maximum(np.abs(after), _TINY)
    elif domain is Domain.SPD:
        spread = np.sqrt(np.diagonal(after, axis1=-2, axis2=-1))
        difference = difference / np.maximum(spread[..., :, None] * spread[..., None, :], _TINY)
    return float(difference.max(initial=0.0))


def between(start: P, end: P, fraction: float) -> P:
    """The params at a fraction of the way from start to end, in the unconstrained vector."""
    a, b = to_vector(start), to_vector(end)
    return from_vector(a + fraction * (b - a), end)
