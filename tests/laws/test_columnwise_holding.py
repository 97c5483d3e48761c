"""Held parameters and priors of laws whose columns are independent given the group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.families.mixture import FAMILY
from emdesk.laws.bernoulli import LAW as BERNOULLI
from emdesk.laws.beta import LAW as BETA
from emdesk.laws.exponential import LAW as EXPONENTIAL
from emdesk.laws.gamma import LAW as GAMMA
from emdesk.laws.geometric import LAW as GEOMETRIC
from emdesk.laws.inverse_gaussian import LAW as INVERSE_GAUSSIAN
from emdesk.laws.log_normal import LAW as LOG_NORMAL
from emdesk.laws.negative_binomial import LAW as NEGATIVE_BINOMIAL
from emdesk.laws.poisson import LAW as POISSON
from emdesk.laws.weibull import LAW as WEIBULL
from emdesk.laws.zero_inflated_poisson import LAW as ZERO_INFLATED
from emdesk.model.held import Held, HeldValue
from emdesk.model.params import arrays, from_vector, to_vector
from emdesk.model.rows import Rows, plain_rows
from tests.example_rows import rows_for
from tests.laws.test_columnwise_gaps import climbs, log_likelihood, run, with_gaps

F64 = NDArray[np.float64]
HOLDINGS: tuple[tuple[Any, dict[str, float]], ...] = (
    (POISSON, {"rates": 1.4}),
    (EXPONENTIAL, {"means": 1.4}),
    (BERNOULLI, {"probabilities": 1.1}),
    (GEOMETRIC, {"probabilities": 1.3}),
    (GAMMA, {"shapes": 1.5}),
    (GAMMA, {"scales": 0.6}),
    (GAMMA, {"shapes": 0.7, "scales": 1.6}),
    (LOG_NORMAL, {"log_means": 1.2}),
    (LOG_NORMAL, {"log_sds": 1.4}),
    (INVERSE_GAUSSIAN, {"means": 1.2}),
    (INVERSE_GAUSSIAN, {"shapes": 1.5}),
    (WEIBULL, {"shapes": 1.3}),
    (WEIBULL, {"scales": 0.8}),
    (NEGATIVE_BINOMIAL, {"means": 1.5}),
    (NEGATIVE_BINOMIAL, {"means": 0.6}),
    (NEGATIVE_BINOMIAL, {"dispersions": 2.0}),
    (ZERO_INFLATED, {"rates": 1.2}),
    (ZERO_INFLATED, {"extra_zeros": 1.2}),
)
"""Laws, and what is held in the first component at so many times its free estimate."""


def words(value: Any) -> str:
    return str(getattr(value, "id", value))


def held_at(law: Any, columns: F64, factors: dict[str, float]) -> Held:
    """The first component's parameters in every column but the first of the others, at so many times the estimate of
    a free fit; and one cell of the second component."""
    data, params, _ = run(law, columns, 2, iterations=100)
    shown = arrays(law.in_units(params.law, data.constants))
    values = []
    for name, factor in factors.items():
        for place in ((0, 0), (0, 1), (1, 1)):
            values.append(HeldValue(name, place, round(float(shown[name][place]) * factor, 3)))
    return Held(tuple(values))


@pytest.mark.parametrize(("law", "factors"), HOLDINGS, ids=words)
def test_a_fit_with_held_cells_is_the_best_one_that_keeps_them(
    law: Any, factors: dict[str, float]
) -> None:
    from scipy.optimize import minimize

    columns = with_gaps(law)
    held = held_at(law, columns, factors)
    family: Any = FAMILY.with_law(law)
    data, params, objectives = run(law, columns, 2, held)
    shown = family.in_units(data, params)
    for one in held.values:
        assert arrays(shown)[one.name][one.place] == pytest.approx(one.value, rel=1e-12)
    assert climbs(objectives)
    free = run(law, columns, 2, iterations=2)
    count = family.free_parameters(free[0], free[1])
    assert family.free_parameters(data, params) == count - len(held.values)

    def fall(vector: F64) -> float:
        made = family.retract(data, from_vector(np.clip(vector, -30, 30), params))
        return -log_likelihood(law, family.in_units(data, made), columns)

    reached = np.clip(to_vector(params), -29, 29)
    nudge = 0.03 * np.random.default_rng(1).standard_normal(len(reached))
    with np.errstate(all="ignore"):
        found = [-minimize(fall, s, method="BFGS").fun for s in (reached, reached + nudge)]
    assert max(found) == pytest.approx(objectives[-1], rel=1e-6)


@pytest.mark.parametrize(("law", "factors"), HOLDINGS, ids=words)
def test_held_cells_stay_from_the_start_on_and_in_typed_params(
    law: Any, factors: dict[str, float]
) -> None:
    columns, _ = rows_for(law, 2)
    held = held_at(law, columns, factors)
    rows = Rows(columns, ("a", "b"), np.arange(columns.shape[1]), held=held, groups=2)
    constants = law.constants(rows, law.Settings())
    data, params, _ = run(law, columns, 2, iterations=0)
    made = [
        law.from_units(law.in_units(params.law, data.constants), constants),
        law.retract(params.law, constants),
        law.retract(
            law.means_at(2 + np.arange(4.0).reshape(2, 2), params.law, constants), constants
        ),
        run(law, columns, 2, held, iterations=0)[1].law,
    ]
    for inner in made:
        shown = arrays(law.in_units(inner, constants))
        for one in held.values:
            assert shown[one.name][one.place] == pytest.approx(one.value, rel=1e-12)


def test_a_held_value_outside_its_domain_is_refused_with_its_component() -> None:
    columns, _ = rows_for(GAMMA, 2)
    for law, name, value in ((GAMMA, "shapes", -1.0), (LOG_NORMAL, "log_sds", 0.0)):
        held = Held((HeldValue(name, (1, 0), value),))
        rows = Rows(columns, ("a", "b"), np.arange(columns.shape[1]), held=held, groups=2)
        with pytest.raises(SettingProblem, match="component 2") as caught:
            law.constants(rows, law.Settings())
        assert caught.value.setting == "held"


def test_what_a_law_cannot_hold_is_refused_with_what_it_can() -> None:
    rows = Rows(np.ones((1, 3)), ("a",), np.arange(3), held=Held((HeldValue("sds", (0, 0), 1.0),)))
    with pytest.raises(SettingProblem, match="sds") as caught:
        POISSON.constants(rows, POISSON.Settings())
    assert "rates" in caught.value.sentence


PRIORS: tuple[Any, ...] = (
    POISSON,
    EXPONENTIAL,
    BERNOULLI,
    GEOMETRIC,
    ZERO_INFLATED,
    GAMMA,
    LOG_NORMAL,
    WEIBULL,
    INVERSE_GAUSSIAN,
    BETA,
)


@pytest.mark.parametrize("law", PRIORS, ids=words)
def test_a_fit_with_a_prior_climbs_to_the_highest_posterior(law: Any) -> None:
    from scipy.optimize import minimize

    columns = with_gaps(law)
    family: Any = FAMILY.with_law(law)
    data, params, objectives = run(law, columns, 2, prior=7.5)
    assert climbs(objectives)

    def fall(vector: F64) -> float:
        made = from_vector(np.clip(vector, -30, 30), params)
        shown = family.in_units(data, made)
        return -(log_likelihood(law, shown, columns) + float(family.log_prior(data, made)))

    reached = np.clip(to_vector(params), -29, 29)
    nudge = 0.03 * np.random.default_rng(1).standard_normal(len(reached))
    with np.errstate(all="ignore"):
        found = [-minimize(fall, s, method="BFGS").fun for s in (reached, reached + nudge)]
    assert max(found) == pytest.approx(objectives[-1], rel=1e-6)


def log_prior(law: Any, rows: F64, params: Any) -> float:
    """Of 3 rows, for params in units."""
    constants = law.constants(plain_rows(rows), law.Settings(prior=3.0))
    return float(law.log_prior(law.standardised(params, constants), constants))


def test_a_prior_of_rows_is_a_density_with_all_its_constants() -> None:
    from scipy.stats import beta, gamma

    rows = np.array([[0.0, 1.0, 4.0, 3.0]])
    value = np.array([[0.7]])
    rate = gamma(1 + 3 * 2, scale=1 / 3).logpdf(0.7)
    assert log_prior(POISSON, rows, POISSON.Params(value)) == pytest.approx(rate, rel=1e-12)
    of_rate = gamma(1 + 3, scale=1 / (3 * 2)).logpdf(1 / 0.7)
    assert log_prior(EXPONENTIAL, rows, EXPONENTIAL.Params(value)) == pytest.approx(of_rate)
    chance = beta(1 + 3, 1 + 3 * 2).logpdf(0.7)
    assert log_prior(GEOMETRIC, rows, GEOMETRIC.Params(value)) == pytest.approx(chance, rel=1e-12)
    answers = np.array([[0.0, 1.0, 1.0, 0.0]])
    chance = beta(1 + 1.5, 1 + 1.5).logpdf(0.7)
    assert log_prior(BERNOULLI, answers, BERNOULLI.Params(value)) == pytest.approx(chance)


def test_a_prior_keeps_a_group_of_zeros_from_shrinking_to_nothing() -> None:
    rows = np.concatenate([np.zeros(20), np.random.default_rng(1).exponential(5.0, 40)])[None]
    laws: tuple[Any, ...] = (POISSON, EXPONENTIAL)
    for law in laws:
        cells = np.rint(rows) if law is POISSON else rows
        data, params, _ = run(law, cells, 2, prior=1.0)
        means, _ = law.moments(law.in_units(params.law, data.constants))
        assert means.min() > 0.05
        assert not law.weaknesses(params.law, data.constants)
