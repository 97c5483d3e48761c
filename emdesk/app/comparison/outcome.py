"""What a comparison says: which model is best by which criterion, and by how much."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from emdesk.app.catalogue import Catalogue
from emdesk.app.comparison.cells import COMPARED_BY, LARGER_IS_BETTER, Badge, Cell
from emdesk.app.comparison.places import LAW, GridSpec, Place
from emdesk.em.bootstrap_test import BootstrapTest
from emdesk.texts import say, say_count
from emdesk.texts.numbers import criterion as number

WEAK = 2.0
"""A lead of less than this is hardly one (Kass and Raftery 1995, J. Amer. Statist. Assoc. 90, 773-795, section 3.2)."""


@dataclass(frozen=True)
class CountTest:
    """A bootstrap likelihood ratio test between the models of two neighbouring counts of groups."""

    smaller: Place
    larger: Place
    outcome: BootstrapTest


@dataclass(frozen=True, eq=False)
class Comparison:
    """The cells that are done, and the tests that were made."""

    grid: GridSpec
    cells: Mapping[Place, Cell]
    seconds: float = 0.0
    tests: tuple[CountTest, ...] = ()

    def ranked(self, criterion: str) -> list[Cell]:
        """The sound cells that have this criterion, the best first; of equals the one with fewer parameters."""
        sign = -1.0 if criterion in LARGER_IS_BETTER else 1.0
        there = [c for c in self.cells.values() if not math.isnan(c.value(criterion))]
        return sorted(
            there, key=lambda c: (sign * c.value(criterion), c.free_parameters or 0, c.place)
        )

    def best(self, criterion: str) -> Cell | None:
        """The best sound cell, None if there is none."""
        ranked = self.ranked(criterion)
        return ranked[0] if ranked else None

    @property
    def is_sound(self) -> bool:
        """Whether any cell holds a sound fit."""
        return any(cell.is_sound for cell in self.cells.values())

    def rivals(self, criterion: str) -> list[tuple[Cell, float]]:
        """The cells that are less than WEAK behind the best, with how much."""
        ranked = self.ranked(criterion)
        if not ranked:
            return []
        top = ranked[0].value(criterion)
        gaps = [(cell, abs(cell.value(criterion) - top)) for cell in ranked[1:]]
        return [(cell, gap) for cell, gap in gaps if gap < WEAK]


def criteria_there(comparison: Comparison) -> tuple[str, ...]:
    """The criteria that at least one cell has, in the order they are offered."""
    return tuple(c for c in COMPARED_BY if comparison.best(c) is not None)


def name_of(grid: GridSpec, place: Place) -> str:
    """`VEV, 2`, or `2` where nothing but the count varies."""
    if not grid.varied:
        return str(place.components)
    return say("compare.name", variant=grid.label(place.variant), components=place.components)


def long_name_of(grid: GridSpec, place: Place) -> str:
    """`VEV, 2 components`."""
    count = say_count("compare.components", place.components)
    if not grid.varied:
        return count
    return say("compare.name", variant=grid.label(place.variant), components=count)


def verdict(comparison: Comparison, criterion: str) -> str:
    """The best model by a criterion in one sentence, and how clear that is."""
    best = comparison.best(criterion)
    if best is None:
        return say("compare.nothing_sound")
    told = say(
        "compare.best",
        criterion=say(f"criteria.{criterion}"),
        name=long_name_of(comparison.grid, best.place),
        value=number(best.value(criterion)),
    )
    return f"{told}. {doubt(comparison, criterion)}".strip()


def doubt(comparison: Comparison, criterion: str) -> str:
    """The honest sentence about the runner-up: empty where the best is clearly ahead, or is compared by what always
    prefers the larger model."""
    best = comparison.best(criterion)
    rivals = comparison.rivals(criterion)
    if best is None or not rivals or criterion == "log_likelihood":
        return ""
    rival, gap = rivals[0]
    name = name_of(comparison.grid, rival.place)
    if rival.place.components == best.place.components:
        return say("compare.close", name=name, gap=number(gap))
    first, second = sorted((best.place.components, rival.place.components))
    return say("compare.close_counts", name=name, gap=number(gap), first=first, second=second)


def has_two_scales(comparison: Comparison, catalogue: Catalogue) -> bool:
    """Whether laws that give probabilities of whole numbers stand beside laws that give densities."""
    grid = comparison.grid
    if grid.varied != LAW:
        return False
    return len({catalogue.law(name).is_discrete() for name in grid.variants}) > 1


def notes(comparison: Comparison, catalogue: Catalogue) -> tuple[str, ...]:
    """What must be known before cells are compared."""
    found = []
    if has_two_scales(comparison, catalogue):
        found.append(say("compare.two_scales"))
    missing = len(comparison.grid.places) - len(comparison.cells)
    if missing:
        found.append(say_count("compare.unfinished", missing))
    below = [c for c in comparison.cells.values() if Badge.BELOW in c.badges]
    found += [say("compare.cell_below", name=name_of(comparison.grid, c.place)) for c in below]
    return tuple(found)
