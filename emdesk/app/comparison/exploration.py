"""What the Explorer shows: which models are compared, how far the grid is, and what is looked at in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from emdesk.app.catalogue import Catalogue
from emdesk.app.comparison.cells import CV, LARGER_IS_BETTER, LOG_LIKELIHOOD, Cell
from emdesk.app.comparison.outcome import Comparison
from emdesk.app.comparison.places import LAW, Place, count_setting, with_variant
from emdesk.app.model_spec import JOINT, ModelSpec
from emdesk.app.phase import Phase
from emdesk.em.selection import PENALISED
from emdesk.errors import EMDeskError, UsageProblem
from emdesk.model.dataset import Dataset
from emdesk.model.needs import Role

FIRST, LAST = 1, 9
MOST = 30
"""The largest count of groups that the Explorer offers."""
OFFERED = (*PENALISED, LOG_LIKELIHOOD)
MANY_COLLAPSED = 3


@dataclass(frozen=True, eq=False)
class Exploration:
    """`varied` None: what suits the model. `number` tells one walk through a grid from the next; `dataset` and `base`
    are what it was begun with. `larger_is_better` turns the sign of the criteria, as mclust shows them. `marked` are
    the cells for the Compare view, in the order they were marked; `clusters` is the number that was chosen in the merge
    tree of the cell that is looked at, None: the one that is suggested."""

    number: int = 0
    low: int = FIRST
    high: int = LAST
    varied: str | None = None
    criterion: str = PENALISED[0]
    larger_is_better: bool = False
    phase: Phase = Phase.IDLE
    dataset: Dataset | None = None
    base: ModelSpec | None = None
    comparison: Comparison | None = None
    now: Place | None = None
    is_filled: bool = False
    chosen: Place | None = None
    marked: tuple[Place, ...] = ()
    clusters: int | None = None
    problem: EMDeskError | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a walk through the grid is under way."""
        return self.phase.is_busy

    @property
    def best(self) -> Cell | None:
        """The best sound cell by the criterion that is chosen."""
        return None if self.comparison is None else self.comparison.best(self.criterion)

    def cell(self, place: Place | None) -> Cell | None:
        """The cell of a place, None where it is not done."""
        if self.comparison is None or place is None:
            return None
        return self.comparison.cells.get(place)

    @property
    def looked_at(self) -> Place | None:
        """The place that was chosen, else the best one."""
        if self.chosen is not None:
            return self.chosen
        return self.best.place if self.best is not None else None

    @property
    def reference(self) -> Cell | None:
        """The cell that the one looked at is compared with: the last other one that was marked."""
        others = [self.cell(place) for place in self.marked if place != self.looked_at]
        return next((cell for cell in reversed(others) if cell is not None), None)

    def shown(self, cell: Cell, criterion: str = "") -> float:
        """The criterion of a cell with the sign that was chosen."""
        name = criterion or self.criterion
        value = cell.value(name)
        turned = self.larger_is_better and name not in LARGER_IS_BETTER
        return -value if turned else value

    @property
    def seconds_left(self) -> float:
        """About how long the cells that wait will take, by what those took that are done; NaN before the first."""
        made = self.comparison
        if made is None or not made.cells:
            return math.nan
        waiting = len(made.grid.places) - len(made.cells)
        # later cells have more components, and so more work
        done = sum(place.components for place in made.cells)
        left = sum(p.components for p in made.grid.places if p not in made.cells)
        return made.seconds * left / done if waiting else 0.0


def varied_choices(spec: ModelSpec) -> tuple[str, ...]:
    """What may vary across the grid: the settings of the law and of the family with a closed list, and the law."""
    parts = [p for p in (spec.law_settings, spec.settings) if p is not None]
    names = {name for part in parts for name in vars(part)}
    closed = [f.name for f in spec.fields() if f.field.choices and f.name in names]
    law = (LAW,) if spec.law not in (None, JOINT) else ()
    ordered = sorted(closed, key=lambda name: name != "covariance")
    return (*ordered, *law, "")


def varied_of(exploration: Exploration, spec: ModelSpec) -> str:
    """What varies: the choice of the person if this model has it, else the covariance structure or nothing."""
    offered = varied_choices(spec)
    if exploration.varied is not None and exploration.varied in offered:
        return exploration.varied
    return offered[0] if offered[0] == "covariance" else ""


def can_explore(spec: ModelSpec | None, catalogue: Catalogue) -> bool:
    """Whether the model has a count of groups to compare."""
    if spec is None or not spec.columns:
        return False
    try:
        count_setting(spec, catalogue)
    except UsageProblem:
        return False
    return True


def is_stale(
    exploration: Exploration, dataset: Dataset | None, spec: ModelSpec | None, book: Catalogue
) -> bool:
    """Whether the form describes other models than those that were compared, or other data."""
    made, base = exploration.comparison, exploration.base
    if made is None or base is None or spec is None:
        return False
    if dataset is not exploration.dataset:
        return True
    return _key(base, made, book) != _key(spec, made, book)


def _key(spec: ModelSpec, made: Comparison, book: Catalogue) -> tuple[object, ...]:
    """What all models of the grid share."""
    varied, variants = made.grid.varied, made.grid.variants
    roles = tuple(sorted((r.value, c) for r, c in spec.roles.items() if r is not Role.GROUP))
    shared: tuple[object, ...] = (spec.family, spec.columns, roles, spec.held, spec.ties)
    if varied == LAW:
        return shared
    try:
        plain = with_variant(spec, varied, variants[0], book)
        plain = plain.with_setting(count_setting(plain, book).name, 1)
    except EMDeskError:
        return (*shared, spec.law, spec)
    return (*shared, plain.law, plain.laws, plain.settings, plain.law_settings)


def criteria_of(exploration: Exploration) -> tuple[str, ...]:
    """What cells can be coloured by; the cross-validated one where it was computed."""
    made = exploration.comparison
    there = made is not None and made.best(CV) is not None
    return (*OFFERED, CV) if there else OFFERED
