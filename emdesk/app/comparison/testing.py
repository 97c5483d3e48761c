"""Bootstrap likelihood ratio tests along the counts of groups, until one no longer refuses the smaller model."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from itertools import pairwise

from emdesk.app.comparison.cells import Cell
from emdesk.app.comparison.outcome import Comparison, CountTest
from emdesk.app.comparison.places import Place
from emdesk.app.resampling import resampled
from emdesk.em.bootstrap_test import BootstrapTest, Draws, Fitted, bootstrap_test
from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.errors import Cancelled
from emdesk.model.dataset import Dataset


@dataclass(frozen=True)
class CountStep:
    """What a walk through the tests yields: how one of them stands after another draw."""

    smaller: Place
    larger: Place
    so_far: BootstrapTest


def count_tests(
    comparison: Comparison,
    dataset: Dataset,
    variant: str,
    draws: Draws,
    control: RunControl | None = None,
    threads: int | None = None,
) -> Generator[CountStep, None, Comparison]:
    """Test every count against the next larger one in the grid, upwards, up to the first that is not refused.
    Returns the comparison with the tests that were made; a stop drops the one that is under way."""
    control = control or RunControl()
    counts = sorted(comparison.grid.counts)
    made: list[CountTest] = []
    try:
        for low, high in pairwise(counts):
            smaller, larger = Place(low, variant), Place(high, variant)
            pair = [comparison.cells.get(place) for place in (smaller, larger)]
            fitted = [_fitted(cell) for cell in pair if cell is not None]
            if len(fitted) < 2 or fitted[0] is None or fitted[1] is None:
                break
            with Sweeper(threads) as sweeper:
                rows, model = fitted[0]
                walk = bootstrap_test(
                    rows,
                    model,
                    fitted[1][1],
                    comparison.grid.base.fit,
                    draws,
                    control,
                    sweeper,
                )
                last: BootstrapTest | None = None
                for last in walk:
                    yield CountStep(smaller, larger, last)
            if last is None:
                break
            made.append(CountTest(smaller, larger, last))
            if not last.prefers_larger:
                break
    except Cancelled:
        pass
    return replace(comparison, tests=tuple(made))


def _fitted(cell: Cell) -> tuple[Dataset, Fitted] | None:
    """The rows and the fit of a cell as the test takes them; None where there is no sound one, or it was let go."""
    result = cell.result
    if result is None or not cell.is_sound:
        return None
    return resampled(result, from_model=True)
