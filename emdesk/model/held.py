"""Parameters that an analyst holds at values while the others are estimated.

A held parameter goes into the M-step, which maximises over the free ones given the held ones: overwriting it
afterwards would end lower with no fall to show it (McLachlan and Krishnan 2008, The EM Algorithm, section 5.12).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
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
    """What is held, by parameter."""

    values: tuple[HeldValue, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.values)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of which something is held, each once."""
        return tuple(dict.fromkeys(v.name for v in self.values))

    def of(self, name: str, shape: tuple[int, ...]) -> tuple[NDArray[np.bool_], F64] | None:
        """Where the parameter of that shape is held and at what, both of that shape; None if it is free.

        A SettingProblem if a place lies outside the parameter.
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
        return mask, values

    def only(self, names: Iterable[str]) -> Held:
        """What is held of these parameters."""
        wanted = frozenset(names)
        return Held(tuple(v for v in self.values if v.name in wanted))

    def refuse_others(self, can_be_held: Iterable[str]) -> None:
        """A SettingProblem for the first held parameter that is not among those that can be."""
        able = tuple(can_be_held)
        for name in self.names:
            if name not in able:
                raise SettingProblem(
                    say("held.not_holdable", name=name),
                    setting="held",
                    remedy=say("held.holdable", names=", ".join(able))
                    if able
                    else say("held.nothing_holdable"),
                )


NOTHING_HELD = Held()


def held_as(values: Mapping[str, F64], masks: Mapping[str, NDArray[np.bool_]]) -> Held:
    """What is held where the masks say so, at those values."""
    return Held(
        tuple(
            HeldValue(name, tuple(int(i) for i in place), float(values[name][tuple(place)]))
            for name, mask in masks.items()
            for place in np.argwhere(mask)
        )
    )
