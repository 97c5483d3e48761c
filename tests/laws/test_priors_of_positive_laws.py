"""Priors of laws of positive columns, worth rows like all rows of the column; and what is expected of their sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.laws.beta import LAW as BETA
from emdesk.laws.exponential import LAW as EXPONENTIAL
from emdesk.laws.gamma import LAW as GAMMA
from emdesk.laws.inverse_gaussian import LAW as INVERSE_GAUSSIAN
from emdesk.laws.log_normal import LAW as LOG_NORMAL
from emdesk.laws.weibull import LAW as WEIBULL
from emdesk.model.law import Workspace
from emdesk.model.params import from_vector, rebuild, to_vector
from emdesk.model.rows import plain_rows
from tests.laws.one_group import step
from tests.laws.test_columnwise_gaps import climbs, run

F64 = NDArray[np.float64]
OF_ROWS: tuple[Any, ...] = (GAMMA, LOG_NORMAL, INVERSE_GAUSSIAN, BETA)
PRIORS: tuple[Any, ...] = (*OF_ROWS, WEIBULL)
ALL: tuple[Any, ...] = (*PRIORS, EXPONENTIAL)
of_rows = pytest.mark.parametrize("law", OF_ROWS, ids=lambda law: str(law.id))
with_prior = pytest.mark.parametrize("law", PRIORS, ids=lambda law: str(law.id))
every_law = pytest.mark.parametrize("law", ALL, ids=lambda law: str(law.id))


def rows_for(law: Any, count: int = 60) -> F64:
    """(2, n) cells that the law takes."""
    rows = np.random.default_rng(5).gamma(3.0, 2.0, (2, count)) + 0.1
    return rows / 40 if law is BETA else rows


def mean_log_density(law: Any, rows: F64, shown: Any) -> float:
    """Over the rows, by the formula of pictures."""
    logs = law.log_marginal(shown, np.eye(2), np.zeros(2), rows)
    return float(logs[0].mean())


def moved(shown: Any, factor: float) -> Any:
    """Params with every number moved, each by a little more than the one before."""
    sizes = iter(factor * np.arange(1, 9))
    return rebuild(
        shown, lambda p, v: v * (1 + np.array([next(sizes) for _ in v.ravel()]).reshape(v.shape))
    )


def log_prior(law: Any, rows: F64, shown: Any, worth: float) -> float:
    constants = law.constants(plain_rows(rows), law.Settings(prior=worth))
    return float(law.log_prior(law.from_units(shown, constants), constants))


@of_rows
@pytest.mark.parametrize("factor", [0.01, -0.02, 0.08])
def test_a_prior_is_that_of_so_many_rows_of_the_column_relative_to_its_mode(
    law: Any, factor: float
) -> None:
    rows = rows_for(law)
    best = step(law, rows, np.ones((1, 60)), steps=4)
    other = moved(best, factor)
    fall = mean_log_density(law, rows, other) - mean_log_density(law, rows, best)
    assert log_prior(law, rows, other, 7.5) == pytest.approx(7.5 * fall, rel=1e-7)
    assert log_prior(law, rows, best, 7.5) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("factor", [0.01, -0.02, 0.08])
def test_a_weibull_prior_is_a_gamma_density_of_the_shapes_worth_so_many_rows(factor: float) -> None:
    from scipy.stats import gamma

    rows = rows_for(WEIBULL)
    logs = np.log(rows)
    shapes = np.pi / np.sqrt(6) / logs.std(axis=1)
    scales = np.exp(logs.mean(axis=1) + np.euler_gamma / shapes)
    best = WEIBULL.Params(shapes[None], scales[None])
    other = moved(best, factor)
    # a row has the information pi^2 / 6 about the logarithm of a shape whose scale is not known
    size = 7.5 * np.pi**2 / 6
    density = gamma(1 + size, scale=shapes / size)
    expected = float((density.logpdf(other.shapes) - density.logpdf(shapes)).sum())
    assert log_prior(WEIBULL, rows, other, 7.5) == pytest.approx(expected, rel=1e-9)
    assert log_prior(WEIBULL, rows, best, 7.5) == pytest.approx(0.0, abs=1e-12)


@with_prior
def test_the_m_step_with_a_prior_ends_at_the_mode_of_the_posterior(law: Any) -> None:
    from scipy.optimize import minimize

    rows = rows_for(law)
    members = np.random.default_rng(3).uniform(0, 1, (2, 60))
    shown = step(law, rows, members, steps=40, prior=9.0)
    constants = law.constants(plain_rows(rows), law.Settings(prior=9.0))
    best = law.from_units(shown, constants)

    def fall(vector: F64) -> float:
        inner = from_vector(vector, best)
        logs = law.log_marginal(law.in_units(inner, constants), np.eye(2), np.zeros(2), rows)
        return -float((members * logs).sum() + law.log_prior(inner, constants))

    start = to_vector(best)
    found = minimize(fall, start + 0.02, method="BFGS", options={"gtol": 1e-7})
    assert -found.fun == pytest.approx(-fall(start), rel=1e-9)
    np.testing.assert_allclose(to_vector(best), found.x, atol=2e-4)


@with_prior
def test_a_prior_keeps_a_group_of_equal_rows_from_collapsing(law: Any) -> None:
    rows = rows_for(law)
    rows[:, :20] = 1.5 * rows.max(axis=1, keepdims=True)
    data, params, objectives = run(law, rows, 2, prior=1.0)
    assert climbs(objectives)
    assert not law.weaknesses(params.law, data.constants)
    free, without, _ = run(law, rows, 2, iterations=400)
    assert law.weaknesses(without.law, free.constants)


@with_prior
def test_a_prior_is_worth_the_same_in_every_unit_and_far_from_zero(law: Any) -> None:
    rows = rows_for(law)
    if law is BETA:
        return
    factors = np.array([[2.0**40], [2.0**-30]])
    one, other = (run(law, columns, 2, prior=2.0) for columns in (rows, rows * factors))
    of_units = 60 * float(np.log(factors).sum())
    assert other[2][-1] == pytest.approx(one[2][-1] - of_units, rel=1e-9)
    far = run(law, rows + 1e12, 2, prior=2.0)
    assert climbs(far[2]) and np.isfinite(far[2]).all()


@with_prior
def test_a_component_without_rows_is_the_law_of_the_prior(law: Any) -> None:
    rows = rows_for(law)
    members = np.stack([np.ones(60), np.zeros(60)])
    shown = step(law, rows, members, steps=30, prior=5.0)
    means, covariances = law.moments(shown)
    alone = rebuild(shown, lambda p, v: v[1:])
    assert log_prior(law, rows, alone, 1.0) == pytest.approx(0.0, abs=1e-8)
    assert np.isfinite(means).all() and np.isfinite(covariances).all()


@every_law
@pytest.mark.parametrize("narrow", [False, True])
def test_what_is_expected_of_the_sums_is_what_the_rows_say(law: Any, narrow: bool) -> None:
    """As a function of the params; of the Weibull law near those of the sums."""
    rows = rows_for(law)
    members = np.random.default_rng(3).uniform(0, 1, (2, 60))
    if narrow:
        rows[:, :30] = rows[:, :1] * (1 + 1e-4 * (rows[:, :30] / rows[:, :30].max()))
        members[0, 30:], members[1, :30] = 0.0, 0.0
    constants, work = law.constants(plain_rows(rows), law.Settings()), Workspace()
    at = law.from_units(step(law, rows, members, steps=3), constants)
    features = law.features(law.encode(plain_rows(rows), constants), constants, work)
    kernel = law.kernel(at, np.zeros(2), constants)
    law.log_density(features, kernel, np.empty_like(members), work)
    sums = law.statistics(features, members, kernel, constants, work)

    def of_rows_at(vector: F64) -> F64:
        shown = law.in_units(from_vector(vector, at), constants)
        logs = law.log_marginal(shown, np.eye(2), np.zeros(2), rows)
        return np.asarray((members * logs).sum(axis=1))

    here, size = to_vector(at), 1e-3 if law is WEIBULL else 0.05
    width = 1e-3 if narrow else 1.0
    for seed in range(4):
        there = here + width * size * np.random.default_rng(seed).standard_normal(len(here))
        expected = of_rows_at(there) - of_rows_at(here)
        found = law.expected(sums, from_vector(there, at), constants)
        found = found - law.expected(sums, at, constants)
        near = 2e-2 if law is WEIBULL else 1e-6
        np.testing.assert_allclose(found, expected, rtol=near, atol=1e-7)
