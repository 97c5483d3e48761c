"""The distinct optima of many starts: by a stated rule, spurious ones last, with what more starts may bring."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.em.attempts import Attempt, best_of
from emdesk.em.diversity import adjusted_rand
from emdesk.em.optima import (
    SAME_OBJECTIVE,
    SAME_PARAMETER,
    Optima,
    distinct_optima,
    matched_order,
    reason_of,
)
from emdesk.em.stopping import Stop
from emdesk.em.trace import Trace
from emdesk.model.law import Quantity, Weakness
from emdesk.model.params import Axes, Domain

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups with a weight, a mean and a spread, and their transitions."""

    weights: Annotated[F64, Axes("component"), Domain.SIMPLEX]
    means: Annotated[F64, Axes("component", "column"), Domain.REAL]
    covariances: Annotated[F64, Axes("component", "column", "column"), Domain.SPD]
    transitions: Annotated[F64, Axes("component", "component"), Domain.SIMPLEX]


class Plain:
    """As much of a family as the optima ask for."""

    group_axis = "component"

    def quantities(self, data: Any, params: Groups) -> tuple[Quantity, ...]:
        return (Quantity("rows", "Rows", ("component",), params.weights * 100),)

    def free_parameters(self, data: Any, params: Groups) -> int:
        return 5


def groups(*means: float, weights: tuple[float, ...] = (), spread: float = 1.0) -> Groups:
    count = len(means)
    shares = np.array(weights) if weights else np.full(count, 1 / count)
    away = np.array(means)[:, None] - np.array(means)[None, :]
    transitions = np.exp(-np.abs(away)) * (1 + 0.1 * np.sign(away))
    return Groups(
        shares,
        np.array(means)[:, None],
        np.full((count, 1, 1), spread**2),
        transitions / transitions.sum(axis=1, keepdims=True),
    )


def attempt(
    number: int,
    objective: float,
    params: Groups,
    stop: Stop | None = Stop.CONVERGED,
    weak: str = "",
    begun: float | None = None,
) -> Attempt:
    start = -1000.0 - number if begun is None else begun
    trace = Trace.restored(
        [start, objective], [start, objective], [0.0, 0.0], [1.0, 2.0], {0: params, 1: params}
    )
    weaknesses = (Weakness(0, weak, "group {group} is weak"),) if weak else ()
    return Attempt(number, "random-rows", trace, stop, 1, weaknesses)


def gathered(*attempts: Attempt, tolerance: float = 0.0) -> Optima:
    plain: Any = Plain()
    return distinct_optima(attempts, plain, None, tolerance)


def test_starts_with_the_same_groups_in_another_order_are_one_optimum() -> None:
    optima = gathered(
        attempt(0, -10.0, groups(0, 5, 9)),
        attempt(1, -10.0, groups(9, 0, 5)),
        attempt(2, -10.001, groups(5, 9.01, 0.0)),
    )
    assert [o.starts for o in optima.found] == [(0, 1, 2)]
    assert optima.is_replicated and optima.found_once == 0


def test_the_same_objective_with_other_parameters_is_another_optimum_as_high() -> None:
    optima = gathered(attempt(0, -10.0, groups(0, 5)), attempt(1, -10.0, groups(0, 6)))
    assert len(optima.found) == 2
    assert optima.rivals == optima.found[1:]


def test_the_same_parameters_with_another_objective_are_another_optimum() -> None:
    apart = 1.5 * SAME_OBJECTIVE
    optima = gathered(attempt(0, -10.0, groups(0, 5)), attempt(1, -10.0 - apart, groups(0, 5)))
    assert [o.count for o in optima.found] == [1, 1]
    assert not optima.rivals


def test_a_loose_stop_rule_widens_what_counts_as_the_same_objective() -> None:
    pair = attempt(0, -1e4, groups(0, 5)), attempt(1, -1e4 - 0.1, groups(0, 5))
    assert len(gathered(*pair, tolerance=1e-8).found) == 2
    wide = gathered(*pair, tolerance=1e-6)
    assert len(wide.found) == 1
    assert wide.same_objective == pytest.approx(0.4, rel=1e-4)


def test_spreads_count_in_their_own_scale() -> None:
    same = 1 + 0.5 * SAME_PARAMETER
    first = attempt(0, -10.0, groups(0, 5, spread=1e-4))
    assert len(gathered(first, attempt(1, -10.0, groups(0, 5, spread=same * 1e-4))).found) == 1
    assert len(gathered(first, attempt(1, -10.0, groups(0, 5, spread=2e-4))).found) == 2


def test_transitions_are_compared_between_the_matched_groups() -> None:
    first, second = groups(0, 5), groups(5, 0)
    turned = Groups(
        second.weights, second.means, second.covariances, second.transitions[:, ::-1].copy()
    )
    assert len(gathered(attempt(0, -1.0, first), attempt(1, -1.0, second)).found) == 1
    assert len(gathered(attempt(0, -1.0, first), attempt(1, -1.0, turned)).found) == 2


def test_groups_are_matched_by_the_least_total_distance() -> None:
    order = matched_order(groups(0, 1, 9), groups(9, 0.9, 1.2), "component")
    assert order.tolist() == [1, 2, 0]
    assert sorted(order.tolist()) == [0, 1, 2]


def test_collapsed_starts_are_listed_last_and_never_the_best() -> None:
    optima = gathered(
        attempt(0, -10.0, groups(0, 5)),
        attempt(1, 500.0, groups(0, 5), Stop.COLLAPSED, "floor"),
        attempt(2, 700.0, groups(0, 7), Stop.COLLAPSED, "floor"),
        attempt(3, 3.0, groups(0, 6), Stop.CONVERGED, "few-rows"),
    )
    assert optima.best is not None and optima.best.starts == (0,)
    assert [(o.objective, o.count, o.reason) for o in optima.set_aside] == [
        (700.0, 2, "floor"), (3.0, 1, "few-rows"),
    ]  # fmt: skip
    assert optima.found == optima.sound + optima.set_aside
    assert "weak" in optima.set_aside[0].sentence
    assert not optima.is_replicated


def test_a_fall_is_a_reason_of_its_own() -> None:
    fallen = attempt(0, -10.0, groups(0, 5), Stop.FELL)
    assert reason_of(fallen) == "fell"
    optima = gathered(fallen)
    assert optima.best is None and optima.set_aside[0].reason == "fell"


def test_starts_that_were_given_up_or_stopped_are_at_no_optimum() -> None:
    optima = gathered(
        attempt(0, -10.0, groups(0, 5)),
        attempt(1, -20.0, groups(0, 6), None),
        attempt(2, -20.0, groups(0, 6), Stop.STOPPED),
    )
    assert (optima.starts, optima.ended, len(optima.found)) == (3, 1, 1)
    assert optima.place_of(0) == 0 and optima.place_of(1) is None
    assert optima.unseen_chance is None


def test_the_chance_of_a_new_optimum_is_the_share_of_starts_whose_optimum_was_found_once() -> None:
    same = [attempt(i, -10.0, groups(0, 5)) for i in range(6)]
    alone = [attempt(6 + i, -20.0 - i, groups(0, 6 + i)) for i in range(2)]
    assert gathered(*same, *alone).unseen_chance == pytest.approx(2 / 8)


def test_starts_that_began_at_the_same_place_replicate_nothing() -> None:
    twins = [attempt(i, -10.0, groups(0, 5), begun=-50.0) for i in range(4)]
    optima = gathered(*twins)
    assert optima.found[0].count == 4 and optima.found[0].distinct_starts == 1
    assert not optima.is_replicated
    assert gathered(*twins, attempt(4, -10.0, groups(0, 5), begun=-49.0)).is_replicated


def test_the_last_start_that_brought_a_better_one_is_named() -> None:
    optima = gathered(
        attempt(0, -20.0, groups(0, 6)),
        attempt(1, -20.0, groups(0, 6)),
        attempt(2, -10.0, groups(0, 5)),
        attempt(3, -9.999, groups(0, 5)),
    )
    assert optima.last_improvement == 2


def test_the_numbers_of_an_optimum_are_those_of_its_highest_start() -> None:
    high = attempt(4, -10.0, groups(0, 5, weights=(0.25, 0.75)))
    optimum = gathered(attempt(1, -10.01, groups(0, 5, weights=(0.26, 0.74))), high).found[0]
    assert optimum.starts == (4, 1) and optimum.objective == -10.0
    assert optimum.smallest_group == pytest.approx(25.0)
    assert (optimum.iterations, optimum.free_parameters, optimum.converged) == (1, 5, 2)


def test_an_optimum_at_the_iteration_limit_is_not_converged() -> None:
    optima = gathered(attempt(0, -10.0, groups(0, 5), Stop.LIMIT))
    assert optima.best is not None and optima.best.converged == 0


def test_ten_thousand_starts_are_compared_quickly() -> None:
    rng = np.random.default_rng(4)
    places = [groups(0, 5 + i, 9) for i in range(40)]
    attempts = []
    for number in range(10_000):
        which = int(rng.integers(40))
        attempts.append(attempt(number, -10.0 - which, places[which]))
    begun = time.perf_counter()
    optima = gathered(*attempts)
    assert time.perf_counter() - begun < 5
    assert len(optima.found) == 40 and sum(o.count for o in optima.found) == 10_000


def test_the_best_attempt_is_the_highest_sound_one_that_ended() -> None:
    ended = attempt(0, -10.0, groups(0, 5))
    others = [
        attempt(1, -5.0, groups(0, 6), Stop.STOPPED),
        attempt(2, 9.0, groups(0, 6), Stop.COLLAPSED, "floor"),
    ]
    assert best_of([*others, ended]) is ended
    assert best_of(others) is others[0]
    assert best_of(others[1:]) is others[1]


def test_partitions_agree_fully_whatever_their_numbers_are_and_not_at_all_by_chance() -> None:
    rng = np.random.default_rng(1)
    first = rng.integers(0, 3, 3000)
    assert adjusted_rand(first, (first + 1) % 3) == pytest.approx(1.0)
    assert abs(adjusted_rand(first, rng.integers(0, 3, 3000))) < 0.01
    assert adjusted_rand(np.zeros(5, np.intp), np.zeros(5, np.intp)) == 1.0
