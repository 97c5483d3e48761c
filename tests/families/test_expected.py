"""What the expected complete-data log-likelihood of every model keeps: its slope is that of the log-likelihood where
the sums were made, and the M-step climbs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.em.control import RunControl
from emdesk.em.information import Chart
from emdesk.em.reduce import Sweeper
from emdesk.model.law import Ascent
from tests.catalogues import Case, cases, exempt

F64 = NDArray[np.float64]
ITERATIONS, SIZE = 3, 1e-4
soft_cases = [c for c in cases() if c.ascent is not Ascent.NONE and "-hard" not in c.name]
every_case = pytest.mark.parametrize("case", soft_cases, ids=str)


@dataclass(frozen=True, eq=False)
class Underway:
    """A model some iterations after a start from the true partition, and the sums of an E-step there."""

    case: Case
    data: Any
    params: Any
    sums: Any

    def swept(self, params: Any) -> Any:
        family = self.case.family
        with Sweeper(1) as sweeper:
            return sweeper.sweep(family, self.data, params, family.blocks(self.data), RunControl())

    def objective(self, params: Any) -> float:
        family = self.case.family
        return float(self.swept(params).fit + family.log_prior(self.data, params))

    def expected(self, params: Any) -> float:
        family = self.case.family
        made = family.expected(self.data, self.sums, params)
        assert made is not None
        return made + family.log_prior(self.data, params)


def underway(case: Case) -> Underway:
    result = case.from_labels().set(max_iterations=ITERATIONS).fit()
    with Sweeper(1) as sweeper:
        blocks = result.family.blocks(result.data)
        sums = sweeper.sweep(result.family, result.data, result.params, blocks, RunControl())
    if result.family.expected(result.data, sums, result.params) is None:
        pytest.skip("the sums do not determine it")
    return Underway(case, result.data, result.params, sums)


def directions(size: int) -> list[F64]:
    """A few directions in which everything moves at once, of length SIZE."""
    drawn = np.random.default_rng(5).standard_normal((4, size))
    return [SIZE * row / np.linalg.norm(row) for row in drawn]


def slope(height: Callable[[Any], float], chart: Chart, z: F64) -> float:
    """The change along z and back, of two sizes, extrapolated."""
    near, far = ((height(chart.at(h * z)) - height(chart.at(-h * z))) / h for h in (1, 2))
    return (4 * near - far) / 3


@every_case
def test_it_rises_as_the_log_likelihood_does_where_the_sums_were_made(case: Case) -> None:
    """Fisher's identity (Oakes 1999, J. R. Statist. Soc. B 61, 479-482)."""
    here = underway(case)
    chart = Chart(case.family, here.data, here.params)
    moved = directions(chart.size)
    found = [slope(here.expected, chart, z) for z in moved]
    wanted = [slope(here.objective, chart, z) for z in moved]
    size = max(SIZE, float(np.abs(wanted).max()))
    assert found == pytest.approx(wanted, abs=2e-6 * size)


@every_case
def test_the_m_step_climbs_it_and_an_exact_one_to_the_top(case: Case) -> None:
    here = underway(case)
    if reason := exempt("climbs expected", case.name):
        pytest.skip(reason)
    after = case.family.maximise(here.data, here.sums, here.params)
    before, reached = here.expected(here.params), here.expected(after)
    rounding = 1e-11 * max(1.0, abs(before))
    assert reached >= before - rounding
    if case.ascent is not Ascent.EXACT:
        return
    chart = Chart(case.family, here.data, after)
    for z in directions(chart.size):
        for far in (1.0, 100.0):
            for side in (far, -far):
                assert here.expected(chart.at(side * z)) <= reached + rounding
