"""The geometric law."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.geometric import LAW, GeometricParams
from emdesk.model.count_law import CountSettings
from emdesk.model.rows import plain_rows
from tests.laws.counts import (
    DAYS,
    DEATHS,
    DIGITS,
    QUAKES,
    density_of,
    directly_maximised,
    m_step,
    mixture_of,
)
from tests.laws.test_bernoulli import carcinoma

F64 = NDArray[np.float64]
NAMES = ("calls", "visits")


@pytest.mark.parametrize("probability", [1e-12, 3e-5, 0.2, 0.7, 1 - 1e-9])
def test_the_log_density_keeps_its_digits_at_every_size(probability: float) -> None:
    counts = np.array([0.0, 1, 2, 17, 400, 1e6, 3e12])
    constants, _ = m_step(LAW, counts[None], np.ones((1, len(counts))))
    found = density_of(LAW, constants, GeometricParams(np.array([[probability]])), counts[None])
    with localcontext() as context:
        context.prec = DIGITS
        p = Decimal(probability)
        expected = np.array([float(p.ln() + Decimal(x) * (1 - p).ln()) for x in counts])
    assert np.all(np.abs(found[0] - expected) <= 1e-12 * np.maximum(1, np.abs(expected)))


def test_an_m_step_takes_one_over_one_more_than_the_weighted_mean() -> None:
    rows = np.array([[0.0, 1.0, 4.0, 2.0], [3.0, 0.0, 0.0, 9.0]])
    members = np.array([[0.5, 1.0, 0.0, 2.0], [0.5, 0.0, 1.0, 0.0]])
    _, made = m_step(LAW, rows, members)
    means = members @ rows.T / members.sum(axis=1)[:, None]
    np.testing.assert_allclose(made.probabilities, 1 / (1 + means), rtol=1e-12)


def test_a_group_of_zeros_has_a_density_of_one() -> None:
    rows = np.array([[0.0, 0.0, 0.0, 50.0]])
    constants, made = m_step(LAW, rows, np.array([[1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]))
    found = density_of(LAW, constants, made, rows)
    assert np.isfinite(found).all()
    assert abs(found[0, 0]) < 1e-10 and found[0, 3] < -1000


def test_prior_rows_pull_a_small_group_towards_the_column_and_count_in_the_objective() -> None:
    from scipy.stats import beta

    rows = np.array([[0.0, 0.0, 3.0, 9.0]])
    made = mixture_of("geometric", rows, 1, prior=6.0)
    assert made.params.law.probabilities[0, 0] == pytest.approx(1 / 4, rel=1e-12)
    row = np.log(1 / 4) + 3 * np.log(3 / 4)
    assert made.log_likelihood == pytest.approx(4 * row, rel=1e-12)
    prior = beta(1 + 6, 1 + 6 * 3).logpdf(0.25)
    assert made.objective == pytest.approx(4 * row + prior, rel=1e-12)
    constants = LAW.constants(plain_rows(rows, ("x0",)), CountSettings(prior=6.0))
    members = np.array([[1.0, 1.0, 0.0, 0.0]])
    features = LAW.encode(plain_rows(rows), constants)
    sums = LAW.statistics(features, members, None, constants, None)  # type: ignore[arg-type]
    pulled = LAW.maximise(sums, None, constants)
    assert pulled.probabilities[0, 0] == pytest.approx(8 / 26, rel=1e-12)


def log_density(rows: F64) -> Callable[[F64], F64]:
    """(K, 1) of log-odds to (K, n), for a search that knows nothing of EM."""

    def of(free: F64) -> F64:
        return np.asarray(-np.logaddexp(0, -free) - rows * np.logaddexp(0, free))

    return of


@pytest.mark.parametrize(
    ("rows", "weights"), [(DEATHS, DAYS), (QUAKES, None), (carcinoma()[1][None], None)]
)
@pytest.mark.parametrize("components", [1, 2])
def test_the_fit_is_that_of_a_direct_search_of_the_likelihood(
    components: int, rows: F64, weights: F64 | None
) -> None:
    rng = np.random.default_rng(5)
    made = mixture_of("geometric", rows, components, weights, starts=4)
    starts = [rng.normal(-2, 1, (components, 1)) for _ in range(4)]
    best = directly_maximised(log_density(rows), starts, weights)
    assert made.log_likelihood == pytest.approx(best, rel=1e-6)
    assert made.log_likelihood > best - 1e-5


@pytest.mark.parametrize("value", [-1.0, 0.5, 1e16])
def test_a_cell_that_is_no_count_is_refused_with_its_place_in_the_file(value: float) -> None:
    rows = np.array([[0.0, 1.0, 4.0, 2.0], [3.0, 0.0, value, 9.0]])
    with pytest.raises(DataProblem) as caught:
        LAW.constants(plain_rows(rows, NAMES, None, np.array([3, 4, 8, 9])), CountSettings())
    assert caught.value.columns == ("visits",)
    assert f"{value:g}" in caught.value.sentence and "row 9" in caught.value.sentence


@pytest.mark.parametrize("value", [0.0, 1.0, -2.0, float("nan")])
def test_a_given_probability_outside_its_limits_is_refused_with_its_component(value: float) -> None:
    constants, _ = m_step(LAW, QUAKES, np.ones((1, QUAKES.shape[1])))
    with pytest.raises(SettingProblem, match="component 2"):
        LAW.from_units(GeometricParams(np.array([[0.5], [value]])), constants)


def test_simulated_counts_have_the_moments_of_the_law() -> None:
    params = GeometricParams(np.array([[0.3, 1e-5]]))
    drawn = LAW.simulate(params, np.zeros(20_000, dtype=np.intp), np.random.default_rng(0))
    means, covariances = LAW.moments(params)
    deviations = np.sqrt(np.diagonal(covariances[0]))
    assert np.all(np.abs(drawn.mean(axis=1) - means[0]) < 5 * deviations / np.sqrt(20_000))
    np.testing.assert_allclose(drawn.std(axis=1), deviations, rtol=0.05)
