"""Maximum likelihood factor analysis of a matrix, and the covariance structure made of it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.model.numerics.covariance import FactorAnalytic
from emdesk.model.numerics.factors import FactorFit, Profile, factor_fit, loss_at, most_factors

F64 = NDArray[np.float64]
ABILITY = np.array(
    [
        [24.641, 5.991, 33.520, 6.023, 20.755, 29.701],
        [5.991, 6.700, 18.137, 1.782, 4.936, 7.204],
        [33.520, 18.137, 149.831, 19.424, 31.430, 50.753],
        [6.023, 1.782, 19.424, 12.711, 4.757, 9.075],
        [20.755, 4.936, 31.430, 4.757, 52.604, 66.762],
        [29.701, 7.204, 50.753, 9.075, 66.762, 135.292],
    ]
)
"""Six ability tests of 112 persons (Smith and Stanley 1983)."""
PERSONS = 112


def scatter_of(d: int, q: int, rows: int, seed: int) -> F64:
    """(d, d) the correlations of rows with q factors."""
    rng = np.random.default_rng(seed)
    made = rng.standard_normal((rows, q)) @ rng.standard_normal((q, d))
    made += rng.standard_normal((rows, d)) * rng.uniform(0.3, 1.0, d)
    return np.asarray(np.corrcoef(made.T))


def chi_square(fit: FactorFit, matrix: F64, factors: int) -> float:
    """Against a full matrix, with the correction of Bartlett (1950)."""
    d = len(matrix)
    size = PERSONS - 1 - (2 * d + 5) / 6 - 2 * factors / 3
    return size * (fit.loss - float(np.linalg.slogdet(matrix)[1]) - d)


@pytest.mark.parametrize(("factors", "published"), [(1, 75.18), (2, 6.107)])
def test_the_ability_tests_have_the_published_chi_square(factors: int, published: float) -> None:
    digit = 0.005 if factors == 1 else 0.0005
    found = chi_square(factor_fit(ABILITY, factors, 1e-8), ABILITY, factors)
    assert found == pytest.approx(published, abs=digit)


def test_the_ability_tests_have_the_published_uniquenesses() -> None:
    fit = factor_fit(ABILITY, 2, 1e-8)
    shares = fit.uniquenesses / np.diagonal(ABILITY)
    np.testing.assert_allclose(shares, [0.455, 0.589, 0.218, 0.769, 0.052, 0.334], atol=5e-4)


def test_correlations_give_the_same_fit_as_covariances() -> None:
    scale = np.sqrt(np.diagonal(ABILITY))
    one = factor_fit(ABILITY, 2, 1e-8).covariance
    other = factor_fit(ABILITY / scale[:, None] / scale, 2, 1e-8).covariance
    np.testing.assert_allclose(one / scale[:, None] / scale, other, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("rows", [80, 4])
@pytest.mark.parametrize("factors", [1, 2, 3])
def test_the_derivatives_are_those_of_the_loss(factors: int, rows: int) -> None:
    matrix = scatter_of(6, 2, rows, 1)
    profile = Profile(matrix, factors)
    logs = np.log(np.random.default_rng(2).uniform(0.1, 0.9, 6))
    slope, bend = profile.derivatives(*profile.spectrum(logs))
    steps = 1e-5 * np.eye(6)

    def loss(at: F64) -> float:
        return profile.loss(profile.spectrum(at)[0], at)

    def slope_at(at: F64) -> F64:
        return profile.derivatives(*profile.spectrum(at))[0]

    ahead = np.array([(loss(logs + s) - loss(logs - s)) / 2e-5 for s in steps])
    twice = np.array([(slope_at(logs + s) - slope_at(logs - s)) / 2e-5 for s in steps])
    np.testing.assert_allclose(slope, ahead, atol=1e-8)
    np.testing.assert_allclose(bend, twice, atol=1e-7)


@pytest.mark.parametrize(("d", "q", "rows"), [(6, 1, 60), (10, 3, 100), (20, 4, 60)])
def test_no_optimiser_finds_a_better_fit_from_anywhere_near(d: int, q: int, rows: int) -> None:
    from scipy.optimize import minimize

    matrix, rng = scatter_of(d, q, rows, 3), np.random.default_rng(4)
    fit = factor_fit(matrix, q, 1e-6)

    def loss(free: F64) -> float:
        loadings, logs = free[: d * q].reshape(d, q), free[d * q :]
        return loss_at(loadings @ loadings.T + np.diag(np.exp(logs)), matrix)

    reached = np.concatenate([fit.loadings.ravel(), np.log(fit.uniquenesses)])
    assert loss(reached) == pytest.approx(fit.loss, abs=1e-9)
    start = reached + 0.02 * rng.standard_normal(len(reached))
    found = minimize(loss, start, method="L-BFGS-B", options={"maxiter": 40})
    assert found.fun >= fit.loss - 1e-7


def test_a_step_begun_at_a_matrix_never_ends_higher_than_there() -> None:
    rng = np.random.default_rng(5)
    near = factor_fit(scatter_of(7, 2, 40, 6), 2, 1e-6).covariance
    for seed in range(12):
        matrix = scatter_of(7, 2, 9 + seed, seed)
        before = loss_at(near, matrix)
        fit = factor_fit(matrix, 2, 1e-6, near)
        assert fit.loss <= before + 1e-9
        near = 0.5 * fit.covariance + 0.5 * factor_fit(matrix, 1, 1e-6).covariance
        near = factor_fit(near, 2, 1e-6).covariance * rng.uniform(0.8, 1.2)


def test_a_matrix_of_this_kind_is_given_back() -> None:
    made = factor_fit(scatter_of(8, 2, 50, 7), 2, 1e-6).covariance
    structure = FactorAnalytic(factors=2)
    kept = structure.project(made[None], np.ones(1), 1e-8)
    np.testing.assert_allclose(kept[0], made, rtol=1e-9, atol=1e-11)
    assert kept[0] is made or np.array_equal(kept[0], made)


def test_more_factors_than_the_rows_have_end_at_the_floor() -> None:
    """Four rows lie in three dimensions: the likelihood of a matrix that is flat across them has no limit."""
    structure = FactorAnalytic(factors=3)
    matrix = scatter_of(8, 3, 4, 8)[None]
    made = structure.maximise(np.array([4.0]), 4 * matrix, 8, 1e-8)
    assert structure.on_floor(made, 1e-8).all()
    assert np.linalg.eigvalsh(made[0])[0] >= 0.9e-6
    assert structure.least_distinct_rows(8) == 5


def test_free_parameters_and_the_most_factors_are_the_textbook_ones() -> None:
    assert FactorAnalytic(factors=2).free_parameters(3, 6) == 3 * (6 + 12 - 1)
    assert [most_factors(d) for d in (1, 2, 3, 4, 5, 6, 10)] == [0, 0, 1, 1, 2, 3, 6]


def test_a_component_without_rows_keeps_its_matrix() -> None:
    near = np.stack([factor_fit(scatter_of(5, 1, 30, s), 1, 1e-6).covariance for s in (1, 2)])
    scatter = np.stack([30 * scatter_of(5, 1, 30, 9), np.zeros((5, 5))])
    made = FactorAnalytic(factors=1).maximise(np.array([30.0, 0.0]), scatter, 5, 1e-8, near)
    np.testing.assert_allclose(made[1], near[1], rtol=1e-7, atol=1e-9)
