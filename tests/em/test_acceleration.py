"""Accelerated EM ends where EM ends, sooner, never lower from one iteration to the next, and can be replayed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from emdesk.app.model_spec import new_spec
from emdesk.em.acceleration import (
    LONGEST_LEAP,
    WARM_UP,
    Anderson,
    Squarem,
    bounded,
    importance,
    land,
    scheme_of,
)
from emdesk.em.control import RunControl
from emdesk.em.engine import EmMap, Iteration, Plain, iterate
from emdesk.em.reduce import Sweeper
from emdesk.em.stopping import ROUNDING, Foresight, Stop, StopRule
from emdesk.em.trace import Trace
from emdesk.errors import Cancelled
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.law import Ascent
from emdesk.model.needs import Role
from emdesk.model.params import arrays, largest_change, nbytes, to_vector
from tests.catalogues import Case, case, cases, everything
from tests.em.fakes import Hill, at, search

SCHEMES = ("squarem", "anderson")
DEATHS = (162, 267, 271, 185, 111, 61, 27, 8, 3, 1)
"""Days with 0 to 9 death notices of women of 80 and over in The Times, 1910-1912 (Hasselblad 1969)."""
HIGHEST = -1989.945859883


def death_notices(accelerate: str, **values: Any) -> Case:
    """Two Poisson components from the published start, as in Titterington, Smith and Makov (1985)."""
    counts = np.arange(10.0)
    columns = (
        Column("deaths", Kind.COUNT, counts),
        Column("days", Kind.COUNT, np.array(DEATHS, dtype=np.float64)),
    )
    spec = replace(
        new_spec(everything(), "mixture", "poisson"),
        columns=("deaths",),
        roles={Role.WEIGHT: ("days",)},
    )
    made = Case("deaths", Dataset(columns, "deaths"), spec).set(components=2, starts=1)
    return made.set(accelerate=accelerate, **values).from_params(
        {"weights": [0.3, 0.7], "rates": [[1.0], [2.5]]}
    )


def walk(chosen: Case, accelerate: str, count: int) -> list[Iteration]:
    """The first iterations from the case's own start."""
    family, data = chosen.family, chosen.prepared()
    start = chosen.from_labels().set(max_iterations=0, starts=1).fit().params
    with Sweeper(1) as sweeper:
        run = iterate(family, data, start, RunControl(), sweeper, scheme=scheme_of(accelerate))
        return list(itertools.islice(run, count))


def one_of_each() -> Iterator[str]:
    """Every law and family in two columns, and what is special: ties, hard assignment, weights, images."""
    special = {"2d", "hard", "MLEM"}
    for chosen in cases():
        *_, before, last = chosen.name.split("-")
        is_tied = before == "2d" and last in ("weight", "EEE", "EVE", "VEV")
        if last in special or is_tied:
            yield chosen.name


@pytest.mark.parametrize("accelerate", SCHEMES)
@pytest.mark.parametrize("name", list(one_of_each()))
def test_no_iteration_of_any_model_is_lower_than_the_one_before(name: str, accelerate: str) -> None:
    steps = walk(case(name), accelerate, 14)
    objectives = np.array([s.objective for s in steps])
    assert np.all(np.isfinite(objectives))
    assert np.all(np.diff(objectives) >= -ROUNDING * np.maximum(1.0, np.abs(objectives[1:])))


@pytest.mark.parametrize("accelerate", SCHEMES)
@pytest.mark.parametrize(
    "name", ["mixture-gaussian-2d", "mixture-poisson-2d", "mixture-student-t-2d"]
)
def test_every_iteration_holds_the_objective_of_its_own_params(name: str, accelerate: str) -> None:
    chosen = case(name)
    with Sweeper(1) as sweeper:
        em = EmMap(chosen.family, chosen.prepared(), RunControl(), sweeper)
        for step in walk(chosen, accelerate, 12):
            assert em.at(step.params).objective == step.objective


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_the_death_notices_are_fitted_in_eighty_sweeps(accelerate: str) -> None:
    result = death_notices(accelerate, tolerance=1e-10).fit()
    assert result.outcome.evaluations <= 80
    assert result.objective == pytest.approx(HIGHEST, abs=1e-8)
    assert result.stop is Stop.CONVERGED
    law = arrays(result.family.in_units(result.data, result.params))
    assert sorted(law["rates"].ravel()) == pytest.approx([1.25610, 2.66340], abs=5e-4)


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_the_sweeps_that_are_counted_are_those_that_were_made(accelerate: str) -> None:
    hill = Hill(height=lambda x: -((x - 1.0) ** 2), move=lambda x: 1 + 0.95 * (x - 1))
    with Sweeper(1) as sweeper:
        run = iterate(hill, None, at(9.0), RunControl(), sweeper, scheme=scheme_of(accelerate))  # type: ignore[arg-type]
        for step in itertools.islice(run, 12):
            assert step.evaluations == len(hill.swept)


def test_plain_em_needs_over_a_thousand_sweeps_for_the_death_notices() -> None:
    objectives = np.array(
        death_notices("none", tolerance=0.0, max_iterations=1300).fit().trace.objectives
    )
    assert np.flatnonzero(objectives >= HIGHEST - 1e-6)[0] == 1287


@pytest.mark.parametrize("accelerate", SCHEMES)
@pytest.mark.parametrize(
    "name", ["mixture-gaussian-2d-EEE", "mixture-gaussian-2d", "mixture-bernoulli-2d"]
)
def test_the_accelerated_end_is_the_end_of_plain_em(name: str, accelerate: str) -> None:
    chosen = case(name).from_labels().set(tolerance=1e-13, max_iterations=5000)
    plain, quick = chosen.fit(), chosen.set(accelerate=accelerate).fit()
    assert quick.objective == pytest.approx(plain.objective, abs=1e-8)
    assert largest_change(plain.params, quick.params) < 1e-4


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_what_the_settings_tie_stays_tied_to_the_last_bit(accelerate: str) -> None:
    for step in walk(case("mixture-gaussian-2d").set(covariance="EEE"), accelerate, 15):
        covariances = step.params.law.covariances
        assert all(np.array_equal(covariances[0], other) for other in covariances)
    equal = walk(case("mixture-gaussian-2d").set(weights="equal"), accelerate, 15)
    assert all(np.array_equal(s.params.weights, equal[0].params.weights) for s in equal)


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_the_first_iterations_are_plain(accelerate: str) -> None:
    chosen = case("mixture-gaussian-2d")
    plain = walk(chosen, "none", WARM_UP + 1)
    quick = walk(chosen, accelerate, WARM_UP + 1)
    assert [s.objective for s in quick] == [s.objective for s in plain]


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_iterations_that_were_thinned_away_are_replayed_to_the_same_bits(accelerate: str) -> None:
    steps = walk(case("mixture-poisson-2d"), accelerate, 45)
    family, data = case("mixture-poisson-2d").family, case("mixture-poisson-2d").prepared()
    small = Trace(6 * nbytes(steps[0].params), accelerate)
    for step in steps:
        small.record(step)
    small.pin(37)
    replayed = [s for s in steps if small.params_if_kept(s.index) is None]
    assert len(replayed) > 30
    with Sweeper(1) as sweeper:
        for step in replayed[::3]:
            again = small.params_at(step.index, family, data, sweeper)
            assert np.array_equal(to_vector(again), to_vector(step.params))


def test_a_run_is_taken_up_again_only_where_memory_begins_anew() -> None:
    steps = walk(case("mixture-poisson-2d"), "anderson", 40)
    period = Anderson().period
    trace = Trace.restored(
        [s.objective for s in steps],
        [s.log_likelihood for s in steps],
        [s.seconds for s in steps],
        [s.evaluations for s in steps],
        {i: steps[i].params for i in (0, period, period + 3, 39)},
        "anderson",
    )
    chosen = case("mixture-poisson-2d")
    with Sweeper(1) as sweeper:
        again = trace.params_at(period + 7, chosen.family, chosen.prepared(), sweeper)
    assert np.array_equal(to_vector(again), to_vector(steps[period + 7].params))


def test_thinning_keeps_the_places_where_memory_begins_anew() -> None:
    assert Anderson().period & (Anderson().period - 1) == 0, "a power of two, as the kept set is"
    assert scheme_of("squarem").period == scheme_of("none").period == 1


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_an_accelerated_run_stops_between_two_sweeps_of_an_iteration(accelerate: str) -> None:
    control = RunControl()
    hill = Hill(height=lambda x: -((x - 1.0) ** 2), move=lambda x: 1 + 0.99 * (x - 1))
    hill.on_expect = lambda: control.stop() if len(hill.swept) == 11 else None
    with Sweeper(1) as sweeper, pytest.raises(Cancelled):
        run = iterate(hill, None, at(9.0), control, sweeper, scheme=scheme_of(accelerate))  # type: ignore[arg-type]
        for _ in itertools.islice(run, 40):
            assert len(hill.swept) <= 12


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_a_fit_stopped_in_the_middle_of_an_iteration_keeps_the_last_whole_one(
    accelerate: str,
) -> None:
    control = RunControl()
    hill = Hill(height=lambda x: -((x - 1.0) ** 2), move=lambda x: 1 + 0.999 * (x - 1))
    hill.on_expect = lambda: control.stop() if len(hill.swept) == 8 else None
    outcome = search(hill, control, accelerate=accelerate, tolerance=0.0)
    assert outcome.best.stop is Stop.STOPPED
    trace = outcome.best.trace
    assert trace.objectives[-1] == -((trace.last_params.value - 1.0) ** 2)


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_a_leap_into_the_void_gives_way_to_the_plain_step(accelerate: str) -> None:
    """Beyond 2 the model refuses to be; EM itself stays below."""

    def height(x: float) -> float:
        if x > 2.0:
            raise np.linalg.LinAlgError("singular")
        return float("nan") if x > 1.9 else x

    hill = Hill(height=height, move=lambda x: x + 0.05 * (1.8 - x))
    with Sweeper(1) as sweeper:
        run = iterate(hill, None, at(-8.0), RunControl(), sweeper, scheme=scheme_of(accelerate))  # type: ignore[arg-type]
        objectives = [s.objective for s in itertools.islice(run, 40)]
    assert np.diff(objectives).min() > -ROUNDING and objectives[-1] == pytest.approx(1.8)


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_no_leap_ends_in_a_degenerate_group(accelerate: str) -> None:
    hill = Hill(
        height=lambda x: -((x - 1.0) ** 2),
        move=lambda x: 1 + 0.95 * (x - 1),
        is_weak=lambda x: x < 1.5,
    )
    with Sweeper(1) as sweeper:
        em = EmMap(hill, None, RunControl(), sweeper)  # type: ignore[arg-type]
        assert land(em, np.array([1.1]), at(9.0), at(8.6)) is None
        assert land(em, np.array([3.0]), at(9.0), at(8.6)) is not None


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_a_method_that_need_not_climb_is_left_plain_and_that_is_said(accelerate: str) -> None:
    hill = Hill(move=lambda x: 0.9 * x, promise=Ascent.NONE)
    plain = search(hill, tolerance=0.0, max_iterations=12)
    asked = search(hill, tolerance=0.0, max_iterations=12, accelerate=accelerate)
    assert asked.best.trace.objectives == plain.best.trace.objectives
    assert "plain EM alone" in asked.best.sentence
    subsets = search(Hill(pieces=4, subsets=2, promise=Ascent.STEP), accelerate=accelerate)
    assert "plain EM alone" in subsets.best.sentence


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_a_step_law_that_overshoots_is_still_halved(accelerate: str) -> None:
    hill = Hill(move=lambda x: -1.4 * x, promise=Ascent.STEP)
    with Sweeper(1) as sweeper:
        run = iterate(hill, None, at(8.0), RunControl(), sweeper, scheme=scheme_of(accelerate))  # type: ignore[arg-type]
        steps = list(itertools.islice(run, 6))
    objectives = [s.objective for s in steps]
    assert objectives == sorted(objectives)
    assert steps[1].halvings == 1


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_converged_means_that_em_itself_gains_no_more(accelerate: str) -> None:
    tolerance = 1e-9
    result = death_notices(accelerate, tolerance=tolerance).fit()
    with Sweeper(1) as sweeper:
        em = EmMap(result.family, result.data, RunControl(), sweeper)
        here = em.at(result.params)
        assert em.climb(here, 1).point.objective - here.objective < tolerance * abs(HIGHEST)


def test_a_small_gain_of_a_leap_is_not_enough() -> None:
    rule = StopRule("relative", 1e-8, 1000)
    seen = [-101.0, -100.0, -100.0 + 1e-9]
    creeping, telling = Foresight(1e-7, 0.999), Foresight(1e-9, 0.1)
    assert rule.verdict(seen, at(0), at(0), creeping) is None
    assert rule.verdict(seen, at(0), at(0), Foresight(1e-5, 0.1)) is None
    assert rule.verdict(seen, at(0), at(0), Foresight(1e-9, None)) is None
    assert rule.verdict(seen, at(0), at(0), telling) is Stop.CONVERGED


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_an_accelerated_end_claims_what_was_measured_and_no_limit(accelerate: str) -> None:
    done = death_notices(accelerate).fit()
    assert done.converged and "last EM step gained" in done.stop_sentence
    assert "of the limit" not in done.stop_sentence
    short = death_notices(accelerate, max_iterations=6).fit()
    assert short.stop is Stop.LIMIT and "not converged" in short.stop_sentence
    assert "about" not in short.stop_sentence, "Aitken's estimate is void here"


def test_shares_on_their_way_to_nothing_count_less() -> None:
    params = death_notices("none", max_iterations=0).fit().params
    vanishing = replace(params, weights=np.array([1.0, 1e-290]))
    weights = importance(vanishing, len(to_vector(vanishing)))
    assert weights[1] < 1e-100 and weights[0] == 1.0
    assert np.all(weights[2:] == 1.0)
    assert np.abs(bounded(np.array([-600.0, 1.0, 50.0]))).max() == LONGEST_LEAP


@pytest.mark.parametrize("accelerate", SCHEMES)
def test_a_group_of_no_weight_and_impossible_values_stay_so(accelerate: str) -> None:
    chosen = death_notices(accelerate)
    data = chosen.prepared()
    start = replace(chosen.set(max_iterations=0).fit().params, weights=np.array([1.0, 0.0]))
    with Sweeper(1) as sweeper:
        run = iterate(
            chosen.family, data, start, RunControl(), sweeper, scheme=scheme_of(accelerate)
        )
        for step in itertools.islice(run, 12):
            assert step.params.weights[1] == 0.0 and np.isfinite(step.objective)


def test_each_value_of_the_setting_has_its_scheme() -> None:
    assert isinstance(scheme_of("none"), Plain)
    assert isinstance(scheme_of("squarem"), Squarem)
    assert isinstance(scheme_of("anderson"), Anderson)
