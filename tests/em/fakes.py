"""A family of one number whose every move is chosen by the test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.em.attempts import Outcome
from emdesk.em.control import RunControl
from emdesk.em.fit_settings import FitSettings
from emdesk.em.reduce import Sweeper
from emdesk.em.restarts import Search
from emdesk.model.family import Block, ByMethod, Draw
from emdesk.model.law import Ascent, Weakness
from emdesk.model.params import Axes, Domain
from emdesk.model.plain_family import PlainFamily

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Place:
    """Where on the hill."""

    x: Annotated[F64, Axes("place"), Domain.REAL]

    @property
    def value(self) -> float:
        return float(self.x[0])


def at(value: float) -> Place:
    return Place(np.array([value]))


@dataclass(frozen=True)
class Height:
    """The sum of a sweep."""

    log_likelihood: float
    fit: float

    def __add__(self, other: Self) -> Height:
        return Height(self.log_likelihood + other.log_likelihood, self.fit + other.fit)

    def scaled(self, factor: float) -> Height:
        return Height(factor * self.log_likelihood, factor * self.fit)


@dataclass
class Hill(PlainFamily):
    """`height` is climbed by `move`; everything else of a family is as plain as can be."""

    height: Callable[[float], float] = lambda x: -(x**2)
    move: Callable[[float], float] = lambda x: x / 2
    promise: Ascent = Ascent.EXACT
    begin: Sequence[float] = (8.0,)
    is_weak: Callable[[float], bool] = lambda x: False
    is_thin: Callable[[float], bool] = lambda x: False
    subsets: int = 1
    pieces: int = 1
    on_expect: Callable[[], None] | None = None
    swept: list[float] = field(default_factory=list)
    labels_rows: bool = False
    group_axis: str = ""

    def blocks(self, data: Any) -> Sequence[Block]:
        return [Block(i, i, i + 1) for i in range(self.pieces)]

    def schedule(self, data: Any) -> Sequence[Sequence[int]]:
        return [range(s, self.pieces, self.subsets) for s in range(self.subsets)]

    def ascent(self, data: Any) -> Ascent:
        return self.promise

    def start(self, data: Any, how: Any, rng: np.random.Generator) -> Place:
        assert isinstance(how, ByMethod)
        return at(self.begin[how.index % len(self.begin)])

    def ready(self, data: Any, params: Place, draw: Draw | None = None) -> Place:
        return params

    def expect(self, data: Any, block: Block, ready: Place, work: Any) -> Height:
        if self.on_expect is not None:
            self.on_expect()
        self.swept.append(ready.value)
        share = self.height(ready.value) / self.pieces
        return Height(share, share)

    def maximise(self, data: Any, statistics: Height, params: Place) -> Place:
        return at(self.move(params.value))

    def log_prior(self, data: Any, params: Place) -> float:
        return 0.0

    def weaknesses(self, data: Any, params: Place) -> tuple[Weakness, ...]:
        return (
            (Weakness(0, "floor", "group {group} is weak"),) if self.is_weak(params.value) else ()
        )

    def thin_groups(self, data: Any, params: Place) -> tuple[Weakness, ...]:
        return (
            (Weakness(0, "few-rows", "group {group} is thin"),)
            if self.is_thin(params.value)
            else ()
        )

    def order(self, data: Any, params: Place) -> None:
        return None


def settings(**values: Any) -> FitSettings:
    chosen: dict[str, Any] = {"start": "random-rows", "starts": 1}
    return FitSettings(**(chosen | values))


def search(hill: Any, control: RunControl | None = None, **values: Any) -> Outcome:
    """The whole search over the starts of a hill."""
    chosen = settings(**values)
    starts = [ByMethod("random-rows", i) for i in range(chosen.starts)]
    with Sweeper(1) as sweeper:
        run = Search(hill, None, starts, chosen, control or RunControl(), sweeper).run()
        while True:
            try:
                next(run)
            except StopIteration as end:
                outcome: Outcome = end.value
                return outcome
