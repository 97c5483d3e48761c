"""Parameters that an analyst holds at values while the others are estimated.

A held parameter goes into the M-step, which maximises over the free ones given the held ones: overwriting it
afterwards would end lower with no fall to show it (McLachlan and Krishnan 2008, The EM Algorithm, section 5.12).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.model.tied import Classes, Tie, classes_of, in_company
from emdesk.texts import say

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class HeldValue:
    """One number that is held: the parameter's name, its place (group first, counted from 0) and its value in the
    analyst's units."""

    name: str
    place: tuple[int, ...]
    value: float


@dataclass(frozen=True, eq=False)
class Held:
    """What is held at values, and what is kept equal in several groups; what is equal to a held number is held too."""

    values: tuple[HeldValue, ...] = field(default=())
    ties: tuple[Tie, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.values or self.ties)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of which something is held or tied, each once."""
        return tuple(dict.fromkeys([*(v.name for v in self.values), *(t.name for t in self.ties)]))

    def tells_apart(self, groups: int) -> bool:
        """Whether the groups are no longer alike, so that they keep their numbers: a value is held, or only some of
        them are tied."""
        some = (len(set(tie.among(groups))) < groups for tie in self.ties)
        return bool(self.values) or any(some)

    def of(self, name: str, shape: tuple[int, ...]) -> tuple[NDArray[np.bool_], F64] | None:
        """Where the parameter of that shape is held and at what, both of that shape; None if it is free.

        A SettingProblem if a place lies outside the parameter, or if two values are held that are tied.
        """
        chosen = [v for v in self.values if v.name == name]
        if not chosen:
            return None
        mask, values = np.zeros(shape, dtype=bool), np.zeros(shape)
        for one in chosen:
            inside = len(one.place) == len(shape) and all(
                0 <= i < size for i, size in zip(one.place, shape, strict=True)
            )
            if not inside:
                place = ", ".join(str(i + 1) for i in one.place)
                raise SettingProblem(say("held.no_place", name=name, place=place), setting="held")
            mask[one.place], values[one.place] = True, one.value
        classes = classes_of(self.ties, name, shape)
        return (mask, values) if classes is None else _spread(name, mask, values, classes)

    def tied(self, name: str, shape: tuple[int, ...]) -> Classes | None:
        """Which free cells of the parameter of that shape are equal, None if there are none; those that are held have
        no company. A SettingProblem if a tie lies outside the parameter."""
        classes = classes_of(self.ties, name, shape)
        if classes is None:
            return None
        found = self.of(name, shape)
        if found is not None:
            alone = np.arange(classes.size, dtype=np.intp).reshape(shape) + classes.size
            classes = np.where(found[0], alone, classes)
        return classes if in_company(classes).any() else None

    def only(self, names: Iterable[str]) -> Held:
        """What is held and tied of these parameters."""
        wanted = frozenset(names)
        return Held(
            tuple(v for v in self.values if v.name in wanted),
            tuple(t for t in self.ties if t.name in wanted),
        )

    def without(self, name: str) -> Held:
        """What is held and tied of the other parameters."""
        return self.only(other for other in self.names if other != name)

    def below(self, prefix: str) -> Held:
        """What is held and tied of the parameters whose names begin so, under the rest of their names."""
        return Held(
            tuple(
                replace(v, name=v.name.removeprefix(prefix))
                for v in self.values
                if v.name.startswith(prefix)
            ),
            tuple(
                replace(t, name=t.name.removeprefix(prefix))
                for t in self.ties
                if t.name.startswith(prefix)
            ),
        )

    def refuse_untieable(self, can_be_tied: Iterable[str]) -> None:
        """A SettingProblem for the first tied parameter that is not among those that can be."""
        able = tuple(can_be_tied)
        for tie in self.ties:
            if tie.name not in able:
                raise SettingProblem(
                    say("tied.not_tieable", name=tie.name),
                    setting="tied",
                    remedy=say("tied.tieable", names=", ".join(able))
                    if able
                    else say("tied.nothing_tieable"),
                )

    def refuse_others(self, can_be_held: Iterable[str]) -> None:
        """A SettingProblem for the first held parameter that is not among those that can be."""
        able = tuple(can_be_held)
        for name in dict.fromkeys(v.name for v in self.values):
            if name not in able:
                raise SettingProblem(
                    say("held.not_holdable", name=name),
                    setting="held",
                    remedy=say("held.holdable", names=", ".join(able))
                    if able
                    else say("held.nothing_holdable"),
                )


NOTHING_HELD = Held()


def _spread(
    name: str, mask: NDArray[np.bool_], values: F64, classes: Classes
) -> tuple[NDArray[np.bool_], F64]:
    """The same with what is tied to a held number held at its value."""
    mask, values = mask.copy(), values.copy()
    for number in np.unique(classes[mask]):
        own = classes == number
        there = values[own & mask]
        if np.ptp(there) > 0:
            raise SettingProblem(
                say("tied.two_values", name=name, first=f"{there[0]:g}", second=f"{there[-1]:g}"),
                setting="held",
                remedy=say("tied.one_value"),
            )
        mask[own], values[own] = True, there[0]
    return mask, values


def held_as(values: Mapping[str, F64], masks: Mapping[str, NDArray[np.bool_]]) -> Held:
    """What is held where the masks say so, at those values."""
    return Held(
        tuple(
            HeldValue(name, tuple(int(i) for i in place), float(values[name][tuple(place)]))
            for name, mask in masks.items()
            for place in np.argwhere(mask)
        )
    )
