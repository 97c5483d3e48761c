"""The M-step of laws whose columns are independent given the group where parameters are tied across groups.

Given the sums of an E-step the expected log-likelihood is a function of the parameters alone, and it falls apart into
columns; within a column only the groups that share a value go together. So it is climbed column by column over the
common values and what else these groups have there, from the better of two points: the params before the step, and
those that the law finds without ties, levelled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.model.numerics.climbing import climbed
from emdesk.model.params import Domain, arrays, rebuild, walk
from emdesk.model.tied import Classes, in_company
from emdesk.texts import say

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
P = TypeVar("P")
NEAR_EDGE = 1e-15


class Tying(Protocol):
    """What a law is asked for."""

    def expected(self, statistics: Any, params: Any, constants: Any) -> F64 | None: ...
    def log_prior(self, params: Any, constants: Any) -> float: ...
    def retract(self, params: Any, constants: Any) -> Any: ...


@dataclass(frozen=True, eq=False)
class _Coordinates:
    """The free numbers of one column that go together: for each the parameter, the groups that have it (as a list of
    positions), and how it is made free of bounds."""

    column: int
    names: tuple[str, ...]
    groups: tuple[NDArray[np.intp], ...]
    domains: tuple[Domain, ...]

    def of(self, params: Any) -> F64:
        """(p,) the numbers, free of bounds."""
        values = arrays(params)
        return np.array(
            [
                _free(domain, float(values[name][groups[0], self.column]))
                for name, groups, domain in zip(self.names, self.groups, self.domains, strict=True)
            ]
        )

    def put(self, params: P, point: F64) -> P:
        """The params with these numbers."""
        made = {name: values.copy() for name, values in arrays(params).items()}
        for name, groups, domain, value in zip(
            self.names, self.groups, self.domains, point, strict=True
        ):
            made[name][groups, self.column] = _bound(domain, float(value))
        return rebuild(params, lambda parameter, _: made[parameter.name])

    @property
    def meet(self) -> Mask:
        """(p, p) which of them have a group in common."""
        each = [frozenset(groups.tolist()) for groups in self.groups]
        return np.array([[bool(a & b) for a in each] for b in each], dtype=np.bool_)


def tied_maximum(
    law: Tying,
    statistics: Any,
    before: P | None,
    free: P,
    constants: Any,
    ties: Mapping[str, Classes],
    held: Mapping[str, Mask],
) -> P:
    """The params that maximise what is expected of a law and its prior under the ties, from the params `before` and
    those that the law finds where nothing is tied; never lower than before."""

    def height(params: P) -> float:
        made = law.expected(statistics, params, constants)
        if made is None:
            return -np.inf
        with np.errstate(all="ignore"):
            total = float(made.sum()) + law.log_prior(params, constants)
        return total if np.isfinite(total) else -np.inf

    made: P = law.retract(free, constants)
    _refuse_absent(ties, made)
    rows = float(statistics.counts.sum())
    for column in _tied_columns(ties):
        own = _coordinates(made, column, ties, held)
        if before is not None:
            earlier = _column_from(before, made, own)
            made = earlier if height(earlier) > height(made) else made
        made = _climbed(law, height, made, own, constants, rows)
    return made


def _refuse_absent(ties: Mapping[str, Classes], params: Any) -> None:
    """A SettingProblem for a tied parameter that a law leaves for another one where that has more digits."""
    known = arrays(params)
    for name in ties:
        if name not in known:
            raise SettingProblem(
                say("tied.too_narrow", name=name), setting="tied", remedy=say("tied.other")
            )


def _climbed(
    law: Tying,
    height: Callable[[P], float],
    params: P,
    own: _Coordinates,
    constants: Any,
    rows: float,
) -> P:
    def at(point: F64) -> P:
        found: P = law.retract(own.put(params, point), constants)
        return found

    with np.errstate(all="ignore"):
        point = climbed(lambda point: height(at(point)), own.of(params), own.meet, rows)
    return at(point)


def _tied_columns(ties: Mapping[str, Classes]) -> list[int]:
    """The columns in which something is tied."""
    found = np.stack([in_company(classes).any(axis=0) for classes in ties.values()])
    return [int(j) for j in np.flatnonzero(found.any(axis=0))]


def _coordinates(
    params: Any, column: int, ties: Mapping[str, Classes], held: Mapping[str, Mask]
) -> _Coordinates:
    """The numbers of a column that are free in groups which share one there."""
    groups = len(next(iter(arrays(params).values())))
    touched = np.zeros(groups, dtype=np.bool_)
    for classes in ties.values():
        touched |= in_company(classes[:, column])
    names: list[str] = []
    members: list[NDArray[np.intp]] = []
    domains: list[Domain] = []
    for parameter, values in walk(params):
        if values.ndim != 2:
            continue
        classes = ties.get(parameter.name, np.arange(values.size).reshape(values.shape))[:, column]
        mask = held.get(parameter.name, np.zeros(values.shape, dtype=np.bool_))[:, column]
        for number in np.unique(classes[touched & ~mask]):
            names.append(parameter.name)
            members.append(np.flatnonzero(classes == number))
            domains.append(parameter.domain)
    return _Coordinates(column, tuple(names), tuple(members), tuple(domains))


def _column_from(before: P, made: P, own: _Coordinates) -> P:
    """The params with the numbers of the column as they were before."""
    return own.put(made, own.of(before))


def _free(domain: Domain, value: float) -> float:
    if domain is Domain.POSITIVE:
        return float(np.log(max(value, np.finfo(float).tiny)))
    if domain is Domain.UNIT:
        inside = min(max(value, NEAR_EDGE), 1 - NEAR_EDGE)
        return float(np.log(inside) - np.log1p(-inside))
    return value


def _bound(domain: Domain, value: float) -> float:
    if domain is Domain.POSITIVE:
        return float(np.exp(value))
    if domain is Domain.UNIT:
        return float(np.exp(-np.logaddexp(0.0, -value)))
    return value
