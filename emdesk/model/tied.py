"""Parameters that an analyst keeps equal in several components while they are estimated.

What is tied is one parameter of the model: the M-step maximises over the common value (McLachlan and Peel 2000, Finite
Mixture Models, section 3.9, for common variances; Hathaway 1986, Comput. Statist. Data Anal. 4, 31-37, on EM under
linear constraints). An average taken afterwards would end lower.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.texts import say

F64 = NDArray[np.float64]
Classes = NDArray[np.intp]
"""Shaped like a parameter, group first: cells of the same number have the same value."""


@dataclass(frozen=True)
class Tie:
    """A parameter, or a place of it behind the group (counted from 0), that has one value in some groups; without
    groups in all of them, however many there are."""

    name: str
    groups: tuple[int, ...] = ()
    place: tuple[int, ...] = ()

    def among(self, count: int) -> tuple[int, ...]:
        """The groups of so many that are meant."""
        return self.groups or tuple(range(count))

    def covers(self, name: str, place: tuple[int, ...]) -> bool:
        """Whether a number, at its place with the group first, is in the tie."""
        inside = not self.groups or (bool(place) and place[0] in self.groups)
        return name == self.name and inside and place[1 : 1 + len(self.place)] == self.place


def classes_of(ties: Iterable[Tie], name: str, shape: tuple[int, ...]) -> Classes | None:
    """Which cells of the parameter of that shape are equal, None if nothing of it is tied.

    A SettingProblem if a tie lies outside the parameter, or names fewer than two groups.
    """
    chosen = [tie for tie in ties if tie.name == name]
    if not chosen:
        return None
    made = np.arange(int(np.prod(shape)), dtype=np.intp).reshape(shape)
    for tie in chosen:
        _check(tie, shape)
        rows = np.array(tie.among(shape[0]), dtype=np.intp)
        for inner in np.ndindex(*shape[1 + len(tie.place) :]):
            place = (*tie.place, *inner)
            joined = np.unique(made[(rows, *place)])
            made[np.isin(made, joined)] = joined[0]
    return made


def _check(tie: Tie, shape: tuple[int, ...]) -> None:
    sizes = shape[1:]
    inside = len(tie.place) <= len(sizes) and all(
        0 <= i < size for i, size in zip(tie.place, sizes, strict=False)
    )
    if not inside or any(not 0 <= k < shape[0] for k in tie.groups):
        groups = " ".join(str(k + 1) for k in tie.groups)
        words = [groups, *(str(i + 1) for i in tie.place)]
        place = ", ".join(word for word in words if word)
        raise SettingProblem(say("tied.no_place", name=tie.name, place=place), setting="tied")
    if tie.groups and len(set(tie.groups)) < 2:
        raise SettingProblem(
            say("tied.one_group", name=tie.name), setting="tied", remedy=say("tied.two_groups")
        )


def levelled(values: F64, classes: Classes) -> F64:
    """The values with those of each class at their average; equal ones stay to the last digit."""
    _, which = np.unique(classes, return_inverse=True)
    flat, which = values.ravel(), which.ravel()
    sizes = np.bincount(which)
    first = np.empty(len(sizes))
    first[which[::-1]] = flat[::-1]
    more = np.bincount(which, weights=flat - first[which]) / sizes
    return np.where(sizes[which] > 1, (first + more)[which], flat).reshape(values.shape)


def saved(classes: Classes) -> int:
    """How many parameters fewer there are than cells."""
    return int(classes.size - len(np.unique(classes)))


def in_company(classes: Classes) -> NDArray[np.bool_]:
    """Which cells have the same value as another one."""
    _, which, sizes = np.unique(classes, return_inverse=True, return_counts=True)
    return np.asarray(sizes[which] > 1).reshape(classes.shape)
