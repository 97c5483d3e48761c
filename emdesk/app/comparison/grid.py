"""The grid of fits: fills from the cheap corner, can be paused, stopped and told which cell comes next."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from emdesk.app.catalogue import Catalogue
from emdesk.app.comparison.cells import Cell, cell_of, refused_cell
from emdesk.app.comparison.nesting import (
    is_comparable,
    simpler_structures,
    with_fewer_groups,
    with_params,
)
from emdesk.app.comparison.outcome import Comparison
from emdesk.app.comparison.places import GridSpec, Place
from emdesk.app.model_spec import ModelSpec
from emdesk.app.resampling import by_rows
from emdesk.app.session import FitResult, FitSession
from emdesk.em.attempts import Progress
from emdesk.em.control import RunControl
from emdesk.em.cross_validation import Folds, cross_validate, training_sets
from emdesk.em.reduce import Sweeper
from emdesk.em.splitting import Solution, starts_from
from emdesk.errors import Cancelled, EMDeskError, Problem
from emdesk.model.dataset import Dataset
from emdesk.model.family import Start
from emdesk.model.params import nbytes

SAME_OPTIMUM = 1e-6
RUN_TO_THE_END = 3
"""So many starts from a simpler solution, the best after their short runs, are run until they stop."""
MEMORY = 256 * 2**20
"""Results of cells are kept until they take so much; the others are given again by their models."""


@dataclass(frozen=True, eq=False)
class GridStep:
    """What a walk through the grid yields: an iteration in a place, or the cell that is done there."""

    place: Place
    progress: Progress | None = None
    cell: Cell | None = None


class _Session(FitSession):
    """A fit that begins at given starts instead of those of its settings."""

    given: Sequence[Start] = ()

    def starts(self) -> list[Start]:
        return list(self.given) or super().starts()


class Grid:
    """All fits of a comparison. Walk `run()`; what is done stands in `cells` meanwhile, also after a stop."""

    def __init__(
        self,
        dataset: Dataset,
        spec: GridSpec,
        catalogue: Catalogue,
        control: RunControl | None = None,
        threads: int | None = None,
        folds: Folds | None = None,
    ) -> None:
        self.dataset, self.spec, self.catalogue = dataset, spec, catalogue
        self.control = control or RunControl()
        self.threads = threads
        self.folds = folds
        self.cells: dict[Place, Cell] = {}
        self._waiting = list(spec.places)
        self._wanted: Place | None = None
        self._lock = threading.Lock()
        self._begun = time.perf_counter()
        self._memory = 0

    @property
    def total(self) -> int:
        """How many cells there are."""
        return len(self.spec.places)

    def prefer(self, place: Place) -> None:
        """This cell comes next, if it is still to be fitted; from any thread."""
        with self._lock:
            self._wanted = place

    @property
    def is_filled(self) -> bool:
        """Whether every cell was fitted once: what follows makes sure that nested models are in order."""
        return len(self.cells) == self.total

    def comparison(self) -> Comparison:
        """What is done so far."""
        with self._lock:
            cells = dict(self.cells)
        return Comparison(self.spec, cells, time.perf_counter() - self._begun)

    def run(self) -> Generator[GridStep, None, Comparison]:
        """Yield every iteration and every cell; a stop ends it early with what is done."""
        try:
            if self.folds is not None:
                self._check(self.folds)
            while (place := self._next()) is not None:
                yield from self._fill(place)
            for place in self._from_simple_to_rich():
                yield from self._straighten(place)
            if self.folds is not None:
                for place in self.spec.places:
                    yield from self._cross_validate(place, self.folds)
        except Cancelled:
            pass
        return self.comparison()

    def _next(self) -> Place | None:
        with self._lock:
            if not self._waiting:
                return None
            if self._wanted in self._waiting:
                self._waiting.remove(self._wanted)
                return self._wanted
            return self._waiting.pop(0)

    def _keep(self, cell: Cell) -> GridStep:
        """Note a cell; results that take too much memory are let go, their models give them again."""
        result, before = cell.result, self.cells.get(cell.place)
        if result is not None and (before is None or result is not before.result):
            self._memory += _size(result)
            if self._memory > MEMORY:
                cell = replace(cell, result=None, spec=result.spec)
            elif result.best.kept == result.trace.last:
                result.trace.drop_all_but_ends()
        with self._lock:
            self.cells[cell.place] = cell
        return GridStep(cell.place, cell=cell)

    def _fill(self, place: Place) -> Generator[GridStep, None, None]:
        """One full fit with all its starts; a model that does not fit the data is a cell that says why."""
        spec = self.spec.base
        try:
            spec = self.spec.at(place, self.catalogue)
            cell = yield from self._fit(place, spec)
        except Cancelled:
            raise
        except EMDeskError as problem:
            cell = refused_cell(place, spec, problem)
        yield self._keep(cell)

    def _fit(
        self,
        place: Place,
        spec: ModelSpec,
        given: Sequence[Start] = (),
        started_from: Place | None = None,
    ) -> Generator[GridStep, None, Cell]:
        session = _Session(self.dataset, spec, self.catalogue, self.control, self.threads)
        session.given = given
        for progress in session.run():
            yield GridStep(place, progress)
        self.control.checkpoint()  # a stop leaves a broken-off search, which is no cell
        assert session.result is not None
        cell = cell_of(place, session.result, started_from)
        if given:
            cell = replace(cell, result=with_params(cell, session.result))
        return cell

    # ------------------------------------------------------------ nested models in order

    def _from_simple_to_rich(self) -> list[Place]:
        def cost(place: Place) -> tuple[int, int, int]:
            count = self.cells[place].free_parameters if place in self.cells else None
            return place.components, count or 0, self.spec.variants.index(place.variant)

        return sorted(self.spec.places, key=cost)

    def _straighten(self, place: Place) -> Generator[GridStep, None, None]:
        """Fit a cell again from the solution with fewer groups, and from that of a special case it ended below; say so
        where that does not bring it above them."""
        cell = self.cells.get(place)
        if cell is None or cell.refusal:
            return
        fewer = self.cells.get(with_fewer_groups(place, self.cells) or place)
        simpler = [fewer] if fewer is not None and fewer is not cell and fewer.is_sound else []
        for other in (*simpler, *self._higher_structures(cell)):
            again = yield from self._from_special_case(cell, other)
            if again is not None:
                cell = again
                yield self._keep(cell)
        if self._is_below(cell, (*simpler, *self._higher_structures(cell))):
            yield self._keep(replace(cell, is_below=True))

    def _higher_structures(self, cell: Cell) -> list[Cell]:
        """The highest simpler structure that a cell stands below, or that is sound where the cell is not."""
        places = simpler_structures(cell.place, self.spec.varied, self.cells)
        above = [self.cells[p] for p in places if self._is_below(cell, (self.cells[p],))]
        return sorted(above, key=lambda c: c.objective)[-1:]

    def _is_below(self, cell: Cell, others: Sequence[Cell]) -> bool:
        """Whether a cell stands below one of these special cases of it, or is the only one that is not sound."""
        heights = [c.objective for c in others if is_comparable(c)]
        if not heights or (cell.is_sound and not is_comparable(cell)):
            return False
        top = max(heights)
        return not cell.is_sound or cell.objective < top - _slack(top, cell)

    def _from_special_case(
        self, cell: Cell, simpler: Cell
    ) -> Generator[GridStep, None, Cell | None]:
        """The better fit that starts from a simpler solution; None if there is none."""
        parent = simpler.result
        if parent is None:
            return None
        solution = Solution(parent.family, parent.dataset, parent.data, parent.params)
        with Sweeper(self.threads) as sweeper:
            seed = cell.spec.fit.seed
            starts = starts_from(solution, cell.place.components, seed, sweeper, self.control)
        if not starts:
            return None
        few = replace(cell.spec.fit, finish=min(cell.spec.fit.finish, RUN_TO_THE_END))
        try:
            again = yield from self._fit(
                cell.place, replace(cell.spec, fit=few), starts, simpler.place
            )
        except Cancelled:
            raise
        except EMDeskError:
            return (
                None  # starts that the law does not take are no fit, and the cell stays as it was
            )
        if not again.is_sound:
            return None
        gain = again.objective - cell.objective
        return again if not cell.is_sound or gain > _slack(cell.objective, cell) else None

    # ------------------------------------------------------------ cross-validation

    def _check(self, folds: Folds) -> None:
        """A UsageProblem before a long run where the rows cannot be cut."""
        folds.check()
        for place in self.spec.places:
            spec = self.spec.at(place, self.catalogue)
            family = spec.family_in(self.catalogue)
            try:
                data = family.prepare(self.dataset, spec.request())
            except Problem:
                continue  # the cell will say why
            next(training_sets(family, self.dataset, spec.request(), data, folds))
            return

    def _cross_validate(self, place: Place, folds: Folds) -> Generator[GridStep, None, None]:
        cell = self.cells.get(place)
        if cell is None or not cell.is_sound:
            return
        family = cell.spec.family_in(self.catalogue)
        spec = self.spec.at(place, self.catalogue)
        with Sweeper(self.threads) as sweeper:
            dataset, request = by_rows(self.dataset, spec, family)
            walk = cross_validate(family, dataset, request, spec.fit, folds, self.control, sweeper)
            while True:
                try:
                    progress = next(walk)
                except StopIteration as end:
                    yield self._keep(replace(cell, cross_validation=end.value))
                    return
                yield GridStep(place, progress)


def _slack(objective: float, cell: Cell) -> float:
    """How far two objectives may be apart and still be the same optimum: what the stop rule leaves open."""
    return max(SAME_OPTIMUM, 20 * cell.spec.fit.tolerance) * max(1.0, abs(objective))


def _size(result: FitResult) -> int:
    """The memory of a result, about: the rows as they were encoded, and the params of its starts."""
    rows = result.data.rows * (len(result.spec.columns) + 1) * 8
    return int(rows + 2 * len(result.outcome.attempts) * nbytes(result.params))


def compare(
    dataset: Dataset,
    spec: GridSpec,
    catalogue: Catalogue,
    threads: int | None = None,
    folds: Folds | None = None,
) -> Comparison:
    """The whole comparison at once, for scripts and tests."""
    grid = Grid(dataset, spec, catalogue, threads=threads, folds=folds)
    for _ in grid.run():
        pass
    return grid.comparison()
