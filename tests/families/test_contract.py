"""What every fit of every family over every law keeps: climbing, consistency, repeatability, rest, truth."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from emdesk.em.control import RunControl
from emdesk.em.engine import iterate
from emdesk.em.reduce import Sweeper
from emdesk.em.restarts import random_numbers
from emdesk.em.stopping import ROUNDING
from emdesk.io.writers.json_object import to_json
from emdesk.model.family import Block, ByMethod, Cut, Family
from emdesk.model.law import Ascent, Workspace
from emdesk.model.needs import Role
from emdesk.model.params import arrays
from tests.catalogues import Case, cases, everything, exempt, fitted

every_case = pytest.mark.parametrize("case", cases(), ids=str)
CHAINS = "hidden-markov"
"""A family whose passes are loops of Python: where it takes long, some of its laws stand for the others."""
STAND_FOR_OTHERS = ("gaussian", "poisson")


def cases_in_time() -> list[Any]:
    """Every case, most chains among the tests that take longer."""
    return [
        pytest.param(case, marks=pytest.mark.slow)
        if case.name.startswith(CHAINS) and not any(law in case.name for law in STAND_FOR_OTHERS)
        else case
        for case in cases()
    ]


class FinelyCut:
    """A family whose data are cut into more blocks than it would choose."""

    def __init__(self, family: Family, pieces: int = 7) -> None:
        self._family, self._pieces = family, pieces

    def __getattr__(self, name: str) -> Any:
        return getattr(self._family, name)

    def blocks(self, data: Any) -> Sequence[Block]:
        whole = self._family.blocks(data)
        if self._family.cut is Cut.WHOLE or len(self._family.schedule(data)) > 1:
            return whole
        edges = np.unique(np.linspace(0, whole[-1].stop, self._pieces + 1).astype(int)).tolist()
        return [Block(i, a, b) for i, (a, b) in enumerate(itertools.pairwise(edges))]

    def schedule(self, data: Any) -> Sequence[Sequence[int]]:
        subsets = self._family.schedule(data)
        return subsets if len(subsets) > 1 else [range(len(self.blocks(data)))]


def numbers_in(value: Any) -> list[np.ndarray[Any, Any]]:
    """Every number and array inside nested dataclasses, in order."""
    if is_dataclass(value):
        return [a for item in fields(value) for a in numbers_in(getattr(value, item.name))]
    return [np.asarray(value)] if isinstance(value, float | np.ndarray) else []


def a_start(case: Case, data: Any) -> Any:
    method = case.family.start_methods()[0]
    return case.family.start(data, ByMethod(method, 0), random_numbers(0, 0))


@every_case
def test_the_objective_never_falls(case: Case) -> None:
    if case.ascent is Ascent.NONE:
        pytest.skip("this method promises nothing")
    objectives = np.array(fitted(case.name).trace.objectives)
    rounding = ROUNDING * np.maximum(1.0, np.abs(objectives[:-1]))
    assert np.all(np.diff(objectives) >= -rounding)


@every_case
def test_the_objective_of_the_reported_params_is_the_reported_one(case: Case) -> None:
    result = fitted(case.name)
    for index in sorted({0, 1, result.trace.last // 2, result.trace.last}):
        shown = result.family.in_units(result.data, result.params_at(index))
        saved = json.loads(to_json(arrays(shown)))
        again = case.from_params(saved).set(max_iterations=0).fit()
        assert again.objective == pytest.approx(result.trace.objectives[index], rel=1e-9)
        assert again.log_likelihood == pytest.approx(result.trace.log_likelihoods[index], rel=1e-9)


@every_case
def test_the_same_seed_gives_the_same_fit_bit_for_bit(case: Case) -> None:
    result, again = fitted(case.name), case.fit()
    assert again.trace.objectives == result.trace.objectives
    for first, second in zip(numbers_in(result.params), numbers_in(again.params), strict=True):
        assert np.array_equal(first, second)


@every_case
def test_any_number_of_threads_gives_the_same_bits(case: Case) -> None:
    family: Any = FinelyCut(case.family)
    data = case.prepared()
    start = a_start(case, data)
    found = []
    for threads in (1, 3):
        with Sweeper(threads) as sweeper:
            run = iterate(family, data, start, RunControl(), sweeper)
            found.append(
                [(i.objective, numbers_in(i.params)) for i, _ in zip(run, range(4), strict=False)]
            )
    for (one, params), (other, others) in zip(*found, strict=True):
        assert one == other
        assert all(np.array_equal(a, b) for a, b in zip(params, others, strict=True))


@every_case
def test_statistics_are_the_same_sums_however_the_data_are_cut(case: Case) -> None:
    data = case.prepared()
    start = a_start(case, data)
    totals = []
    for pieces in (1, 2, 7):
        family: Any = FinelyCut(case.family, pieces)
        with Sweeper(1) as sweeper:
            totals.append(sweeper.sweep(family, data, start, family.blocks(data), RunControl()))
    for other in totals[1:]:
        for one, same in zip(numbers_in(totals[0]), numbers_in(other), strict=True):
            np.testing.assert_allclose(
                one, same, rtol=1e-9, atol=1e-9 * max(1.0, np.abs(one).max())
            )


@every_case
def test_statistics_scale_and_scaled_ones_give_the_same_params(case: Case) -> None:
    if reason := exempt("scaled statistics", case.name):
        pytest.skip(reason)
    family, data = case.family, case.prepared()
    start = a_start(case, data)
    ready, work = family.ready(data, start), Workspace()
    total = family.expect(data, family.blocks(data)[0], ready, work)
    for block in family.blocks(data)[1:]:
        total = total + family.expect(data, block, ready, work)
    half = total.scaled(0.5)
    assert half.fit == pytest.approx(0.5 * total.fit, rel=1e-14)
    assert (half + half).log_likelihood == pytest.approx(total.log_likelihood, rel=1e-14)
    one, other = family.maximise(data, total, start), family.maximise(data, half, start)
    for a, b in zip(numbers_in(one), numbers_in(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@every_case
def test_a_converged_fit_is_a_fixed_point(case: Case) -> None:
    if reason := exempt("fixed point", case.name):
        pytest.skip(reason)
    deep = case.from_labels().set(max_iterations=4000, tolerance=1e-13)
    result = deep.fit()
    assert result.converged, result.stop_sentence
    shown = arrays(result.family.in_units(result.data, result.params))
    again = case.from_params(shown).set(max_iterations=1, tolerance=0.0).fit()
    assert again.objective == pytest.approx(result.objective, rel=1e-10)
    moved = arrays(again.family.in_units(again.data, again.params))
    for name, before in shown.items():
        size = max(1e-3, float(np.abs(before).max()))
        np.testing.assert_allclose(moved[name], before, atol=2e-4 * size, err_msg=name)


@pytest.mark.parametrize("case", cases_in_time(), ids=str)
def test_the_truth_is_recovered_from_its_own_simulation(case: Case) -> None:
    """By Wilks (1938) twice the gain over the true params is about chi-square with as many degrees as parameters."""
    if reason := exempt("recovers", case.name):
        pytest.skip(reason)
    larger = replace(case, dataset=_grown(case.dataset, case.family.takes_law))
    result = larger.from_labels().fit()
    family = result.family
    drawn = family.simulate(result.data, result.params, np.random.default_rng(11))
    truth = arrays(family.in_units(result.data, result.params))
    simulated = larger.from_params(truth).over(drawn)
    if case.spec.roles.get("weight"):  # type: ignore[call-overload]
        kept = simulated.spec.roles.items()
        others: dict[Role, tuple[str, ...]] = {r: n for r, n in kept if r is not Role.WEIGHT}
        simulated = replace(simulated, spec=replace(simulated.spec, roles=others))
    at_truth = simulated.set(max_iterations=0).fit()
    reached = simulated.set(max_iterations=300).fit()
    degrees = reached.free_parameters
    gain = 2 * (reached.objective - at_truth.objective)
    assert 0 <= gain < degrees + 5 * np.sqrt(2 * degrees)
    if not case.family.takes_law:
        return
    searched = replace(simulated, spec=replace(simulated.spec, start_params=None))
    searched = searched.set(start="kmeans++", starts=4, max_iterations=300)
    assert searched.fit().objective > reached.objective - 0.1 * degrees


def _grown(dataset: Any, many: bool) -> Any:
    """The rows ten times over, series after series, so that there is enough to learn from."""
    if not many:
        return dataset
    copies = 10
    columns = []
    for column in dataset.columns:
        values = np.tile(column.values, copies)
        if column.name == "series":
            values = values + np.repeat(np.arange(copies), dataset.rows) * 10
        columns.append(replace(column, values=values))
    return replace(dataset, columns=tuple(columns))


def test_both_test_families_are_in_the_catalogue_beside_the_others() -> None:
    found = {family.id for family in everything().families}
    assert {"mixture", "hidden-markov", "emission"} <= found
