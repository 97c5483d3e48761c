"""Undo and redo as a list of states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_STEPS = 200


@dataclass(frozen=True)
class History(Generic[T]):
    """The states before and after the present one, nearest last."""

    past: tuple[T, ...] = ()
    future: tuple[T, ...] = ()

    @property
    def can_undo(self) -> bool:
        return bool(self.past)

    @property
    def can_redo(self) -> bool:
        return bool(self.future)

    def recorded(self, before: T) -> History[T]:
        """After a change: `before` can be gone back to, and what was undone is forgotten."""
        return History((*self.past, before)[-MOST_STEPS:])

    def undone(self, present: T) -> tuple[T, History[T]]:
        """The state before, and the history in which `present` can be redone."""
        return self.past[-1], History(self.past[:-1], (*self.future, present))

    def redone(self, present: T) -> tuple[T, History[T]]:
        """The state that was undone last, and the history in which `present` can be undone."""
        return self.future[-1], History((*self.past, present), self.future[:-1])
