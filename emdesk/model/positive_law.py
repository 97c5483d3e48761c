"""The frame of laws of positive columns: what they declare alike, how they collapse, and the rows of their prior.

A prior that is worth some rows is the conjugate one of an exponential family (Diaconis and Ylvisaker 1979, Ann.
Statist. 7, 269-281): its logarithm is that many times the average log density over the whole column, so that the M-step
is that of the rows of a group and of these. It is given relative to its largest value, which is at the best law of the
whole column: its integral has no closed form in most of these laws and says nothing about the parameters.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.columnwise import Mask
from emdesk.model.dataset import Kind
from emdesk.model.fields import Field
from emdesk.model.law import Ascent, Invariance
from emdesk.model.needs import Needs
from emdesk.model.params import Carried, arrays, rebuild
from emdesk.model.positive import are_positive

F64 = NDArray[np.float64]
P = TypeVar("P")
TINY = float(np.finfo(float).tiny)
EDGE = 1e-6
"""Within this share of the floor a group is said to touch it."""


@dataclass(frozen=True, eq=False)
class Spreads(Carried):
    """The standard deviations (d,) of the logarithms of columns: in these a place inside a fit is counted, so that it
    keeps the digits of a spread that is next to nothing beside the values, and a step of one is one everywhere."""

    values: F64


class NarrowingColumns:
    """Stands before a columnwise base whose density has no bound: a group of equal rows collapses to a floor."""

    narrowing: ClassVar[tuple[str, ...]] = ("shapes",)
    """The parameters that narrow a group: one that is held does not collapse."""

    def ascent(self, settings: Any) -> Ascent:
        return Ascent.EXACT

    def least_distinct_rows(self, constants: Any) -> int:
        return 2

    @abstractmethod
    def reaches(self, params: Any, constants: Any) -> F64:
        """(K, d) how near groups are to the floor: 1 at it, less above it."""

    def touching(self, params: Any, constants: Any) -> Mask:
        near = self.reaches(params, constants)
        values = arrays(params)
        held = [constants.held.of(n, values[n]) for n in self.narrowing if n in values]
        return np.asarray((near >= 1 - EDGE) & ~np.logical_or.reduce(held))


class PositiveColumns(NarrowingColumns):
    """Stands before a columnwise base: cells above zero, in any unit of measurement."""

    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.TIME}), nonnegative=True
    )

    def invariance(self, settings: Any) -> Invariance:
        return Invariance(scale_all=True, scale_each=True)

    def fits(self, cells: F64) -> Mask:
        return are_positive(cells)


def floor_of(label: str, sentence: str) -> Field:
    """The setting of a floor: a share of what the data have, which `sentence` names."""
    return Field(
        label,
        f"{sentence} A component that touches it has collapsed.",
        low=1e-12,
        high=0.1,
        section="Floor",
        more=True,
        logarithmic=True,
    )


def kept_where(empty: Mask, made: P, before: Any) -> P:
    """The params, with those of before in the columns of groups without rows."""
    if not empty.any():
        return made
    old = arrays(before)
    return rebuild(made, lambda parameter, v: np.where(empty, old[parameter.name], v))


def for_each_group(whole: Iterable[F64], groups: int) -> list[F64]:
    """Values (d,) of the data as one group, repeated (K, d)."""
    return [np.repeat(value[None], groups, axis=0) for value in whole]


def common(rows: F64, values: F64) -> F64:
    """(d,) the average over groups of values (K, d) with so many rows (K, d)."""
    return np.asarray((rows * values).sum(axis=0) / np.maximum(rows.sum(axis=0), TINY))


def average(values: F64, rows: F64, whole: F64, more: F64 | float) -> F64:
    """(K, d) averages of groups with so many rows, and so many rows more whose average (d,) is `whole`."""
    total = np.maximum(rows + more, TINY)
    return np.asarray((rows * values + more * whole) / total)
