"""What a run leaves behind: every objective, and the way back to every iteration's params."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from emdesk.em.control import RunControl
from emdesk.em.engine import iterate
from emdesk.em.reduce import Sweeper
from emdesk.em.trace import Trace
from emdesk.model.params import nbytes
from tests.catalogues import case
from tests.em.fakes import Hill, at

EACH = nbytes(at(0.0))


def recorded(budget: int, count: int, hill: Hill | None = None) -> tuple[Trace, Hill]:
    hill = hill or Hill(move=lambda x: 0.9 * x)
    trace = Trace(budget)
    with Sweeper(1) as sweeper:
        run = iterate(hill, None, at(8.0), RunControl(), sweeper)  # type: ignore[arg-type]
        for iteration in itertools.islice(run, count):
            trace.record(iteration)
    return trace, hill


def test_every_objective_is_kept_whatever_the_budget() -> None:
    trace, _ = recorded(5 * EACH, 200)
    assert len(trace) == 200 and trace.last == 199
    assert trace.objectives == sorted(trace.objectives)
    assert len(trace.seconds) == len(trace.evaluations) == len(trace.log_likelihoods) == 200


def test_params_beyond_the_budget_are_thinned_to_early_and_last_ones() -> None:
    trace, _ = recorded(20 * EACH, 500)
    kept = list(trace.kept())
    assert len(kept) <= 20
    assert kept[0] == 0 and kept[-1] == 499
    gaps = np.diff(kept)
    assert np.all(gaps[:-1] <= np.maximum(1, kept[1:-1])), (
        "a replay is never longer than the way from the start"
    )
    assert set(kept) >= {1, 2, 4, 8, 16, 32, 64, 128, 256}


def test_a_pinned_iteration_is_never_thinned_away() -> None:
    hill = Hill(move=lambda x: 0.9 * x)
    trace = Trace(10 * EACH)
    with Sweeper(1) as sweeper:
        run = iterate(hill, None, at(8.0), RunControl(), sweeper)  # type: ignore[arg-type]
        for iteration in itertools.islice(run, 400):
            trace.record(iteration)
            if iteration.index == 137:
                trace.pin(137)
    assert trace.params_if_kept(137) is not None


def test_what_was_thinned_away_is_replayed_to_the_same_bits() -> None:
    chosen = (
        case("mixture-gaussian-2d").from_labels().set(starts=1, max_iterations=40, tolerance=0.0)
    )
    family, data = chosen.family, chosen.prepared()
    whole = chosen.fit().trace
    first = whole.params_if_kept(0)
    assert first is not None
    small = Trace(4 * nbytes(first))
    with Sweeper(1) as sweeper:
        run = iterate(family, data, first, RunControl(), sweeper)
        for iteration in itertools.islice(run, 41):
            small.record(iteration)
        assert small.params_if_kept(33) is None
        for index in (1, 13, 33, 39):
            again = small.params_at(index, family, data, sweeper)
            before = whole.params_at(index, family, data, sweeper)
            assert np.array_equal(again.weights, before.weights)
            assert np.array_equal(again.law.means, before.law.means)
            assert np.array_equal(again.law.covariances, before.law.covariances)


def test_a_start_that_was_not_chosen_keeps_its_ends() -> None:
    trace, _ = recorded(10**6, 50)
    trace.drop_all_but_ends()
    assert list(trace.kept()) == [0, 49]
    assert len(trace.objectives) == 50


def test_a_replay_can_be_stopped() -> None:
    from emdesk.errors import Cancelled

    trace, hill = recorded(3 * EACH, 100)
    control = RunControl()
    control.stop()
    with Sweeper(1) as sweeper, pytest.raises(Cancelled):
        trace.params_at(90, hill, None, sweeper, control)  # type: ignore[arg-type]


def test_thinning_again_and_again_keeps_a_log_spaced_set() -> None:
    trace, _ = recorded(40 * EACH, 3000)
    kept = np.array(list(trace.kept()))
    assert 15 <= len(kept) <= 40
    late = kept[kept >= 64]
    assert np.all(np.diff(late) <= late[1:] / 2)
