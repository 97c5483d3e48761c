"""When a fit stops, and what is said about it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from emdesk.em.stopping import Stop, StopRule, outlook, stop_sentence
from tests.em.fakes import Hill, at, search


def geometric(limit: float, first: float, rate: float, count: int) -> list[float]:
    """Objectives that approach `limit` from `first`, each remaining gain `rate` times the one before."""
    return [limit - (limit - first) * rate**i for i in range(count)]


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9, 0.99])
def test_aitken_sees_the_limit_of_a_geometric_sequence(rate: float) -> None:
    seen = geometric(-100.0, -150.0, rate, 6)
    ahead = outlook(seen)
    assert ahead is not None
    assert ahead.limit == pytest.approx(-100.0, abs=1e-8)
    assert ahead.rate == pytest.approx(rate, rel=1e-9)
    assert ahead.remaining == pytest.approx(-100.0 - seen[-1], rel=1e-8)


@pytest.mark.parametrize("rate", [0.5, 0.9, 0.99])
def test_aitken_counts_the_iterations_that_are_left(rate: float) -> None:
    seen = geometric(0.0, -1.0, rate, 5)
    ahead = outlook(seen)
    assert ahead is not None
    left = ahead.iterations_until(1e-3)
    assert abs(rate ** (4 + left)) <= 1e-3 * (1 + 1e-6)
    assert abs(rate ** (4 + left - 1)) > 1e-3 * (1 - 1e-6)
    assert ahead.iterations_until(10.0) == 0
    assert ahead.iterations_until(0.0) == math.inf


def test_nothing_is_foreseen_from_two_values() -> None:
    assert outlook([1.0, 2.0]) is None


def test_growing_gains_have_no_limit_in_sight() -> None:
    ahead = outlook([0.0, 1.0, 3.0])
    assert ahead is not None and ahead.remaining == math.inf


def test_a_sequence_at_rest_has_nothing_left() -> None:
    ahead = outlook([-5.0, -5.0, -5.0])
    assert ahead is not None and ahead.remaining == 0.0


def first_stop(rule: StopRule, objectives: list[float]) -> tuple[int, Stop | None]:
    """At which iteration a rule stops a run with these objectives, and why."""
    for count in range(1, len(objectives) + 1):
        verdict = rule.verdict(objectives[:count], at(count - 2.0), at(count - 1.0))
        if verdict is not None:
            return count - 1, verdict
    return len(objectives) - 1, None


def test_a_small_gain_is_not_enough_where_much_is_left_to_gain() -> None:
    """A creeping run: each gain is below the tolerance, but thousands of them are to come."""
    creeping = geometric(-100.0, -100.5, 0.999, 6000)
    gain = creeping[1] - creeping[0]
    rule = StopRule("relative", 2 * gain / 100, 6000)
    stopped, verdict = first_stop(rule, creeping)
    assert verdict is Stop.CONVERGED
    assert -100.0 - creeping[stopped] <= 10 * rule.tolerance * 100.5
    assert stopped > 500


def test_a_fast_run_stops_where_the_relative_gain_is_small() -> None:
    seen = geometric(-100.0, -200.0, 0.3, 60)
    stopped, verdict = first_stop(StopRule("relative", 1e-8, 100), seen)
    assert verdict is Stop.CONVERGED
    assert seen[stopped] - seen[stopped - 1] < 1e-6
    assert seen[stopped - 2] - seen[stopped - 3] > 1e-6


def test_the_absolute_rule_looks_at_the_gain_alone() -> None:
    seen = geometric(-1e6, -2e6, 0.5, 80)
    stopped, verdict = first_stop(StopRule("absolute", 0.01, 100), seen)
    assert verdict is Stop.CONVERGED
    assert seen[stopped] - seen[stopped - 1] < 0.01 <= seen[stopped - 1] - seen[stopped - 2]


def test_the_parameter_rule_waits_until_parameters_settle() -> None:
    outcome = search(Hill(), stop_rule="parameters", tolerance=1e-3)
    params = outcome.best.trace.last_params.value
    assert outcome.best.stop is Stop.CONVERGED
    assert params < 1e-3 <= 2 * params, (
        "x halves: the change equals the value, and the one before was larger"
    )


@pytest.mark.parametrize("count", [0, 1, 7, 40])
def test_a_tolerance_of_zero_makes_exactly_so_many_iterations(count: int) -> None:
    outcome = search(Hill(), tolerance=0.0, max_iterations=count)
    assert outcome.best.trace.last == count
    assert outcome.best.stop is Stop.LIMIT


def test_a_tolerance_of_zero_goes_on_although_nothing_moves() -> None:
    outcome = search(Hill(move=lambda x: x), tolerance=0.0, max_iterations=25)
    assert outcome.best.trace.last == 25


@pytest.mark.parametrize("rule", ["relative", "absolute", "parameters"])
def test_every_rule_stops_a_run_that_has_come_to_rest(rule: str) -> None:
    outcome = search(Hill(move=lambda x: x), stop_rule=rule, tolerance=1e-9)
    assert outcome.best.stop is Stop.CONVERGED
    assert outcome.best.trace.last == 1


def test_the_limit_is_said_to_be_the_limit() -> None:
    outcome = search(Hill(move=lambda x: 0.99 * x), tolerance=1e-12, max_iterations=20)
    assert outcome.best.stop is Stop.LIMIT
    sentence = outcome.best.sentence
    assert "limit of 20 iterations" in sentence and "onverged at" not in sentence
    assert "about" in sentence, "how far the maximum still is"


def test_every_stop_has_a_sentence() -> None:
    seen = geometric(-3.0, -9.0, 0.5, 30)
    sentences = {stop: stop_sentence(stop, 29, seen) for stop in Stop if stop is not Stop.COLLAPSED}
    assert len(set(sentences.values())) == len(sentences)
    assert "29" in sentences[Stop.CONVERGED] and "29" in sentences[Stop.STOPPED]
    assert stop_sentence(Stop.COLLAPSED, 29, seen, "gone") == "gone"


def test_a_sentence_never_claims_a_limit_that_is_not_in_sight() -> None:
    growing = [0.0, 1.0, 3.0]
    assert "about" not in stop_sentence(Stop.LIMIT, 2, growing)
    assert "within" not in stop_sentence(Stop.CONVERGED, 2, growing)


def test_noise_in_the_last_digit_is_not_a_gain() -> None:
    base = -1234.5
    seen = [base, base, float(np.nextafter(base, 0))]
    assert StopRule("relative", 1e-15, 100).verdict(seen, at(0), at(0)) is Stop.CONVERGED
