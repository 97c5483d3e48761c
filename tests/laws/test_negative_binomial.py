"""The negative binomial law."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.negative_binomial import LAW
from emdesk.laws.negative_binomial.law import NegativeBinomialParams
from emdesk.model.count_law import CountSettings
from emdesk.model.law import Workspace
from emdesk.model.rows import plain_rows
from tests.laws.counts import (
    DAYS,
    DEATHS,
    DIGITS,
    QUAKES,
    density_of,
    directly_maximised,
    log_gamma,
    m_step,
    mixture_of,
)
from tests.laws.test_log_density import negative_binomial

F64 = NDArray[np.float64]
SEARCH = {"ftol": 1e-15, "gtol": 1e-8, "maxiter": 2000, "maxfun": 100_000}


def exact(count: float, mean: float, dispersion: float) -> float:
    """The log probability with many digits, of doubles taken as they are."""
    with localcontext() as context:
        context.prec = DIGITS
        x, m, a = Decimal(count), Decimal(mean), Decimal(dispersion)
        size, grown = 1 / a, 1 + a * m
        constant = log_gamma(x + size) - log_gamma(size) - log_gamma(x + 1)
        return float(constant + x * (a * m / grown).ln() - size * grown.ln())


@pytest.mark.parametrize("dispersion", [1e-10, 1e-6, 1e-3, 0.3, 7.0, 1e6])
@pytest.mark.parametrize("mean", [1e-12, 0.02, 3.7, 1234.5, 6.5e6, 2e12])
def test_the_log_density_keeps_its_digits_at_every_size(mean: float, dispersion: float) -> None:
    deviation = np.sqrt(mean + dispersion * mean**2)
    near = np.rint(np.maximum(mean + deviation * np.linspace(-8, 8, 9), 0))
    counts = np.unique(np.concatenate([[0, 1, 2, 15, 300, 1e6], near[near < 1e15]]))
    constants, _ = m_step(LAW, counts[None], np.ones((1, len(counts))))
    params = NegativeBinomialParams(np.array([[mean]]), np.array([[dispersion]]))
    found = density_of(LAW, constants, params, counts[None])[0]
    expected = np.array([exact(float(x), mean, dispersion) for x in counts])
    assert np.all(np.abs(found - expected) <= 1e-12 * np.maximum(1, np.abs(expected)))


def test_an_m_step_is_higher_than_anything_near_it() -> None:
    rng = np.random.default_rng(3)
    rows: F64 = np.floor([rng.gamma(1.5, 6.0, 60), rng.gamma(0.5, 900.0, 60)])
    members = np.ascontiguousarray(rng.dirichlet([1, 1, 1], 60).T)
    constants, best = m_step(LAW, rows, members)
    assert best.dispersions.min() > 0.05
    top = (members * density_of(LAW, constants, best, rows)).sum()
    for _ in range(40):
        steps = np.exp(rng.normal(0, 10.0 ** rng.uniform(-4, 0), (2, 3, 2)))
        near = NegativeBinomialParams(best.means * steps[0], best.dispersions * steps[1])
        assert (members * density_of(LAW, constants, near, rows)).sum() <= top + 1e-9


def test_counts_that_vary_less_than_poisson_counts_become_a_poisson_group() -> None:
    from scipy.stats import poisson

    rows = np.array([[3.0, 4, 5, 4, 4, 3, 5, 6, 4, 2]])
    constants, made = m_step(LAW, rows, np.ones((1, 10)))
    assert made.dispersions[0, 0] == pytest.approx(constants.least_dispersions[0], rel=1e-9)
    found = density_of(LAW, constants, made, rows)[0]
    np.testing.assert_allclose(found, poisson(4.0).logpmf(rows[0]), rtol=1e-9)


@pytest.mark.parametrize("scale", [1.0, 40.0, 3000.0, 1e7])
def test_the_dispersion_is_found_for_counts_of_every_size(scale: float) -> None:
    """The score is zero there, by sums of log-gammas that the law does not use."""
    from scipy.special import digamma

    rng = np.random.default_rng(1)
    counts = np.floor(scale * rng.gamma(0.8, 3.0, 200))
    _, made = m_step(LAW, counts[None], np.ones((1, 200)))
    mean, size = float(made.means[0, 0]), 1 / float(made.dispersions[0, 0])
    assert mean == pytest.approx(counts.mean(), rel=1e-12)
    score = digamma(counts + size) - digamma(size) - np.log1p(mean / size)
    assert abs(score.mean()) < 1e-7


def test_a_group_of_zeros_has_a_density_of_one() -> None:
    rows = np.array([[0.0, 0.0, 0.0, 50.0]])
    members = np.array([[1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    constants, made = m_step(LAW, rows, members)
    found = density_of(LAW, constants, made, rows)
    assert np.isfinite(found).all()
    assert abs(found[0, 0]) < 1e-10 and found[0, 3] < -1000


def test_a_group_without_rows_keeps_finite_params() -> None:
    rows = np.array([[0.0, 3.0, 9.0, 50.0]])
    _, made = m_step(LAW, rows, np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]]))
    assert np.isfinite(made.means).all() and np.isfinite(made.dispersions).all()
    assert made.means[1, 0] == pytest.approx(15.5)


def log_density(rows: F64) -> Callable[[F64], F64]:
    """(K, 2) of log mean and log dispersion to (K, n), for a search that knows nothing of EM."""

    def of(free: F64) -> F64:
        shown = np.exp(np.clip(free, -20, 20))[:, :, None]
        return negative_binomial({"means": shown[:, 0], "dispersions": shown[:, 1]}, rows)

    return of


@pytest.mark.parametrize(
    ("components", "rows", "weights"), [(1, DEATHS, DAYS), (1, QUAKES, None), (2, QUAKES, None)]
)
def test_the_fit_is_that_of_a_direct_search_of_the_likelihood(
    components: int, rows: F64, weights: F64 | None
) -> None:
    rng = np.random.default_rng(5)
    made = mixture_of("negative-binomial", rows, components, weights, starts=6)
    mean = np.log(np.average(rows[0], weights=weights))
    starts = [
        np.stack([mean + rng.normal(0, 0.4, components), rng.uniform(-12, -1, components)], axis=1)
        for _ in range(6)
    ]
    best = directly_maximised(log_density(rows), starts, weights)
    assert made.converged
    assert made.log_likelihood == pytest.approx(best, rel=1e-6)
    assert made.log_likelihood > best - 1e-6


@pytest.mark.parametrize(
    ("components", "rows", "weights"), [(2, DEATHS, DAYS), (1, QUAKES, None), (2, QUAKES, None)]
)
def test_with_prior_rows_the_fit_is_that_of_a_direct_search_of_the_posterior(
    components: int, rows: F64, weights: F64 | None
) -> None:
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    prior, rng = 4.0, np.random.default_rng(5)
    made = mixture_of("negative-binomial", rows, components, weights, starts=6, prior=prior)
    shares = np.ones(rows.shape[1]) if weights is None else weights
    shares = prior * shares / shares.sum()
    of = log_density(rows)

    def posterior(free: F64) -> float:
        """Weights of the groups have no prior; every group has rows like those of the whole column."""
        params = free[components - 1 :].reshape(components, 2)
        odds = np.append(free[: components - 1], 0.0)
        logs = of(params)
        seen = logsumexp(logs + (odds - logsumexp(odds))[:, None], axis=0)
        own = seen.sum() if weights is None else weights @ seen
        return -float(own + (logs @ shares).sum())

    mean = np.log(np.average(rows[0], weights=weights))
    found = []
    for _ in range(6):
        start = np.stack(
            [mean + rng.normal(0, 0.4, components), rng.uniform(-8, -1, components)], axis=1
        )
        vector = np.concatenate([np.zeros(components - 1), start.ravel()])
        found.append(minimize(posterior, vector, method="L-BFGS-B", options=SEARCH).fun)
    assert made.objective == pytest.approx(-min(found), rel=1e-6)
    assert made.objective > -min(found) - 1e-6
    assert made.objective < made.log_likelihood


def test_prior_rows_draw_a_group_of_equal_counts_away_from_the_poisson_law() -> None:
    rows = np.array([[0.0, 0.0, 0.0, 0.0, 40.0, 3.0, 9.0, 90.0]])
    members = np.array([[1.0] * 4 + [0.0] * 4, [0.0] * 4 + [1.0] * 4])
    settings = CountSettings(prior=2.0)
    constants = LAW.constants(plain_rows(rows, ("x0",)), settings)
    work = Workspace()
    features = LAW.features(LAW.encode(plain_rows(rows), constants), constants, work)
    sums = LAW.statistics(features, members, None, constants, work)
    made = LAW.maximise(sums, None, constants)
    assert made.means[0, 0] == pytest.approx(2 * rows.mean() / 6)
    assert made.dispersions[0, 0] > 0.5
    assert LAW.log_prior(made, constants) < 0


@pytest.mark.parametrize("value", [-1.0, 0.5, 1e16])
def test_a_cell_that_is_no_count_is_refused_with_its_place_in_the_file(value: float) -> None:
    rows = np.array([[0.0, 1.0, 4.0, 2.0], [3.0, 0.0, value, 9.0]])
    with pytest.raises(DataProblem) as caught:
        LAW.constants(
            plain_rows(rows, ("calls", "visits"), None, np.array([3, 4, 8, 9])),
            CountSettings(),
        )
    assert caught.value.columns == ("visits",)
    assert f"{value:g}" in caught.value.sentence and "row 9" in caught.value.sentence


@pytest.mark.parametrize("value", [0.0, -2.0, float("nan")])
@pytest.mark.parametrize("field", ["means", "dispersions"])
def test_a_given_parameter_that_is_not_positive_is_refused(field: str, value: float) -> None:
    constants, _ = m_step(LAW, QUAKES, np.ones((1, QUAKES.shape[1])))
    given = {"means": np.ones((2, 1)), "dispersions": np.ones((2, 1))}
    given[field] = np.array([[1.0], [value]])
    with pytest.raises(SettingProblem, match="component 2"):
        LAW.from_units(NegativeBinomialParams(**given), constants)


def test_simulated_counts_have_the_moments_of_the_law() -> None:
    params = NegativeBinomialParams(np.array([[4.0, 90.0]]), np.array([[0.5, 1e-9]]))
    drawn = LAW.simulate(params, np.zeros(20_000, dtype=np.intp), np.random.default_rng(0))
    means, covariances = LAW.moments(params)
    deviations = np.sqrt(np.diagonal(covariances[0]))
    assert np.all(np.abs(drawn.mean(axis=1) - means[0]) < 5 * deviations / np.sqrt(20_000))
    np.testing.assert_allclose(drawn.std(axis=1), deviations, rtol=0.05)
