"""Many starts: short runs first, the best sound one kept, what ended in a corner reported and never crowned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from emdesk.em.attempts import set_aside_sentence
from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.restarts import SHORT_RUN_ITERATIONS, Search, random_numbers, starts_of
from emdesk.em.stopping import Stop
from emdesk.model.family import ByMethod
from emdesk.model.law import Ascent
from tests.em.fakes import Hill, search, settings


def two_peaks(x: float) -> float:
    """A peak of 0 at 0 for starts below 10, and a higher one of 50 at 20, for those above."""
    return -(x**2) if x < 10 else 50 - (x - 20) ** 2


def climb(x: float) -> float:
    return x / 2 if x < 10 else 20 + (x - 20) / 2


def hill(**values: Any) -> Hill:
    chosen: dict[str, Any] = {"height": two_peaks, "move": climb, "begin": (8.0, 6.0, 25.0, 4.0)}
    return Hill(**(chosen | values))


def test_the_best_of_several_starts_is_kept() -> None:
    outcome = search(hill(), starts=4)
    assert outcome.best.index == 2
    assert outcome.best.objective == pytest.approx(50.0)
    assert outcome.is_sound and not outcome.set_aside


def test_a_start_that_ended_in_a_corner_is_reported_and_never_crowned() -> None:
    outcome = search(hill(is_weak=lambda x: 19.9 < x < 20.1), starts=4)
    assert outcome.best.index != 2
    assert outcome.best.objective == pytest.approx(0.0, abs=1e-5)
    assert [a.index for a in outcome.set_aside] == [2]
    assert outcome.set_aside[0].stop is Stop.COLLAPSED
    assert set_aside_sentence(outcome).startswith("1 start")


def test_a_start_on_too_few_rows_is_set_aside_at_its_end() -> None:
    outcome = search(hill(is_thin=lambda x: x > 10), starts=4)
    assert outcome.best.index != 2 and outcome.is_sound
    assert [a.weaknesses[0].reason for a in outcome.set_aside] == ["few-rows"]


def test_a_high_corner_does_not_use_up_the_runs_to_the_end() -> None:
    """Only one start is finished, and the first one tried is the collapsing one: a sound one follows."""
    outcome = search(hill(is_weak=lambda x: 19.9 < x < 20.1), starts=4, finish=1)
    assert outcome.best.is_sound and outcome.best.stop is Stop.CONVERGED


def test_where_nothing_is_sound_the_outcome_says_so() -> None:
    outcome = search(hill(is_weak=lambda x: True), starts=3)
    assert not outcome.is_sound
    assert len(outcome.set_aside) == 3
    assert outcome.best.stop is Stop.COLLAPSED


def test_a_collapse_keeps_the_last_sound_iteration_and_names_the_first_weak_one() -> None:
    outcome = search(Hill(is_weak=lambda x: x <= 1.0), starts=1, tolerance=0.0, max_iterations=50)
    best = outcome.best
    assert best.stop is Stop.COLLAPSED
    assert best.trace.last == 4, (
        "8, 4, 2, 1, one-half: one weak iteration may be passing, two are not"
    )
    assert best.kept == 2
    assert best.objective == -4.0
    assert "Collapsed at iteration 3" in best.sentence and "group 1 is weak" in best.sentence


def test_a_passing_weakness_is_not_a_collapse() -> None:
    outcome = search(Hill(is_weak=lambda x: x == 4.0), starts=1)
    assert outcome.best.stop is Stop.CONVERGED and outcome.is_sound
    assert outcome.best.kept == outcome.best.trace.last


def test_a_fall_ends_its_start_with_the_last_good_iteration_and_the_others_go_on() -> None:
    lying = hill(begin=(25.0, 8.0), move=lambda x: climb(x) if x < 10 or x > 21 else 30.0)
    outcome = search(lying, starts=2)
    fallen = outcome.set_aside[0]
    assert fallen.stop is Stop.FELL and fallen.index == 0
    assert "fell" in fallen.sentence
    assert fallen.kept == fallen.trace.last
    assert outcome.best.index == 1 and outcome.is_sound


def test_a_fall_beside_an_active_floor_is_a_collapse() -> None:
    lying = Hill(move=lambda x: x / 2 if x > 2 else 3.0, is_weak=lambda x: x == 2.0)
    outcome = search(lying, starts=1)
    assert outcome.best.stop is Stop.COLLAPSED
    assert outcome.best.kept == 1 and "iteration 2" in outcome.best.sentence


def test_short_runs_come_first_and_only_the_best_are_run_to_the_end() -> None:
    slow = Hill(move=lambda x: 0.97 * x, begin=tuple(float(b) for b in range(1, 11)))
    outcome = search(slow, starts=10, finish=2, max_iterations=400)
    ended = [a for a in outcome.attempts if a.stop is not None]
    assert sorted(a.index for a in ended) == [0, 1]
    assert all(a.trace.last <= SHORT_RUN_ITERATIONS for a in outcome.attempts if a.stop is None)
    assert len(outcome.attempts) == 10


def test_one_start_has_no_short_run() -> None:
    chosen = settings(starts=1, max_iterations=30)
    with Sweeper(1) as sweeper:
        run = Search(Hill(), None, [ByMethod("x", 0)], chosen, RunControl(), sweeper).run()  # type: ignore[arg-type]
        assert not any(progress.is_short_run for progress in run)


def test_iterations_of_a_start_are_numbered_through_its_short_and_long_run() -> None:
    outcome = search(hill(begin=(8.0, 7.0)), starts=2)
    for attempt in outcome.attempts:
        assert len(attempt.trace) == attempt.trace.last + 1
        values = attempt.trace.objectives
        assert values == sorted(values)


def test_evaluations_count_the_sweeps_of_all_starts() -> None:
    tested = hill()
    outcome = search(tested, starts=4)
    assert outcome.evaluations == len(tested.swept)


def test_a_method_without_promise_may_fall_and_still_converge() -> None:
    outcome = search(Hill(move=lambda x: -0.5 * x + 1e-9, promise=Ascent.NONE), starts=1)
    assert outcome.best.stop is Stop.CONVERGED


def test_starts_of_a_mixed_search_take_the_methods_in_turn() -> None:
    methods = ("kmeans++", "random-rows", "random-partition")
    found = starts_of(settings(start="mixed", starts=5), methods)
    assert [s.method for s in found] == [*methods, "kmeans++", "random-rows"]
    assert [s.index for s in found] == list(range(5))


def test_a_method_that_the_family_has_not_is_its_first_one() -> None:
    assert {
        s.method for s in starts_of(settings(start="kmeans++", starts=3), ("random-rows",))
    } == {"random-rows"}


def test_a_start_without_chance_is_made_once() -> None:
    assert starts_of(settings(start="uniform", starts=10), ("uniform",)) == [ByMethod("uniform", 0)]


def test_the_random_numbers_of_a_start_do_not_depend_on_the_others() -> None:
    one, same, other = (random_numbers(3, i).random(5) for i in (1, 1, 2))
    assert np.array_equal(one, same) and not np.array_equal(one, other)
    assert not np.array_equal(random_numbers(4, 1).random(5), one)
