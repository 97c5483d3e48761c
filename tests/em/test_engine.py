"""The engine yields consistent iterations, and holds each M-step to its promise."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from emdesk.em.control import RunControl
from emdesk.em.engine import MOST_HALVINGS, Iteration, iterate
from emdesk.em.reduce import Sweeper
from emdesk.errors import ObjectiveFell
from emdesk.model.law import Ascent
from tests.em.fakes import Hill, at


def run(hill: Any, count: int, start: float = 8.0) -> list[Iteration]:
    with Sweeper(1) as sweeper:
        walk = iterate(hill, None, at(start), RunControl(), sweeper)
        return list(itertools.islice(walk, count))


def test_iteration_zero_is_the_start_itself() -> None:
    first = run(Hill(), 1)[0]
    assert (first.index, first.params.value, first.objective) == (0, 8.0, -64.0)
    assert first.evaluations == 1


def test_every_iteration_holds_the_objective_of_its_own_params() -> None:
    for step in run(Hill(), 10):
        assert step.objective == -(step.params.value**2)
        assert step.evaluations == step.index + 1


def test_an_exact_step_that_lowers_the_objective_is_a_named_failure() -> None:
    hill = Hill(move=lambda x: x / 2 if x > 1.5 else 3.0)
    with pytest.raises(ObjectiveFell) as caught:
        run(hill, 20)
    problem = caught.value
    assert "-1" in problem.what and "-9" in problem.what
    assert "4" in problem.what, "the iteration is named"
    assert problem.exit_status == 3


def test_a_fall_within_rounding_is_no_fall() -> None:
    hill = Hill(height=lambda x: 1e6 + x, move=lambda x: x - 1e-5)
    assert len(run(hill, 5)) == 5


def test_a_fall_just_beyond_rounding_is_a_fall() -> None:
    with pytest.raises(ObjectiveFell):
        run(Hill(height=lambda x: 1e6 + x, move=lambda x: x - 2e-4), 5)


def test_a_step_that_overshoots_is_halved_until_it_climbs() -> None:
    hill = Hill(move=lambda x: -1.4 * x, promise=Ascent.STEP)
    steps = run(hill, 6)
    objectives = [s.objective for s in steps]
    assert objectives == sorted(objectives)
    assert steps[1].halvings == 1
    assert steps[1].params.value == pytest.approx(8.0 + 0.5 * (-1.4 * 8.0 - 8.0))
    assert steps[1].evaluations == 3, "the step that fell was a sweep too"


def test_a_step_that_never_climbs_is_given_up_after_thirty_halvings() -> None:
    hill = Hill(
        height=lambda x: -abs(x) - (10.0 if x != 8.0 else 0.0),
        move=lambda x: x + 1,
        promise=Ascent.STEP,
    )
    with pytest.raises(ObjectiveFell):
        run(hill, 3)
    assert len(hill.swept) == 2 + MOST_HALVINGS


def test_a_method_that_promises_nothing_is_recorded_as_it_goes() -> None:
    steps = run(Hill(move=lambda x: -1.1 * x, promise=Ascent.NONE), 6)
    objectives = [s.objective for s in steps]
    assert objectives == sorted(objectives, reverse=True)
    assert all(s.halvings == 0 for s in steps)


def test_each_ordered_subset_has_an_m_step_of_its_own() -> None:
    hill = Hill(promise=Ascent.NONE, pieces=4, subsets=2)
    steps = run(hill, 3)
    assert [s.params.value for s in steps] == [8.0, 2.0, 0.5]
    assert [s.evaluations for s in steps] == [1, 3, 5], (
        "a sweep for the objective, and one over all subsets"
    )


def test_a_replay_goes_on_counting_from_where_it_begins() -> None:
    with Sweeper(1) as sweeper:
        walk = iterate(Hill(), None, at(1.0), RunControl(), sweeper, first=7)  # type: ignore[arg-type]
        assert [step.index for step in itertools.islice(walk, 3)] == [7, 8, 9]
