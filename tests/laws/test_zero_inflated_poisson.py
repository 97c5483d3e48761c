"""The zero-inflated Poisson law."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.zero_inflated_poisson import (
    LAW,
    ZeroInflatedPoissonParams,
)
from emdesk.model.count_law import CountSettings
from emdesk.model.rows import plain_rows
from tests.laws.counts import (
    DAYS,
    DEATHS,
    DIGITS,
    density_of,
    directly_maximised,
    log_gamma,
    m_step,
    mixture_of,
)
from tests.laws.test_log_density import zero_inflated_poisson

F64 = NDArray[np.float64]
LAMBS = np.array([[0.0, 1, 2, 3, 4, 7]])
INTERVALS = np.array([182.0, 41, 12, 2, 2, 1])
"""Intervals of 5 seconds with so many movements of a fetal lamb (Leroux and Puterman 1992)."""


def exact(count: float, rate: float, extra: float) -> float:
    """The log probability with many digits, of doubles taken as they are."""
    with localcontext() as context:
        context.prec = DIGITS
        x, r, share = Decimal(count), Decimal(rate), Decimal(extra)
        if not count:
            return float((share + (1 - share) * (-r).exp()).ln())
        return float((1 - share).ln() + x * r.ln() - r - log_gamma(x + 1))


@pytest.mark.parametrize("extra", [0.0, 1e-14, 0.3, 1 - 1e-10])
@pytest.mark.parametrize("rate", [1e-12, 0.02, 3.7, 1234.5, 6.5e6, 2e12])
def test_the_log_density_keeps_its_digits_at_every_size(rate: float, extra: float) -> None:
    near = np.rint(np.maximum(rate + np.sqrt(rate) * np.linspace(-8, 8, 9), 0))
    counts = np.unique(np.concatenate([[0, 1, 2, 15, 300, 1e6], near]))
    constants, _ = m_step(LAW, counts[None], np.ones((1, len(counts))))
    params = ZeroInflatedPoissonParams(np.array([[rate]]), np.array([[extra]]))
    found = density_of(LAW, constants, params, counts[None])[0]
    expected = np.array([exact(float(x), rate, extra) for x in counts])
    assert np.all(np.abs(found - expected) <= 1e-12 * np.maximum(1, np.abs(expected)))


def test_an_m_step_is_higher_than_anything_near_it() -> None:
    rng = np.random.default_rng(3)
    zeros = rng.random((2, 60)) < np.array([[0.5], [0.1]])
    rows: F64 = np.where(zeros, 0.0, np.floor([rng.gamma(9, 0.4, 60), rng.gamma(30, 9.0, 60)]))
    members = np.ascontiguousarray(rng.dirichlet([1, 1, 1], 60).T)
    constants, best = m_step(LAW, rows, members)
    assert best.extra_zeros.min() > 0.02
    top = (members * density_of(LAW, constants, best, rows)).sum()
    for _ in range(40):
        size = 10.0 ** rng.uniform(-4, -0.5)
        steps = np.exp(rng.normal(0, size, (2, 3, 2)))
        near = ZeroInflatedPoissonParams(
            best.rates * steps[0], np.minimum(best.extra_zeros * steps[1], 0.999)
        )
        assert (members * density_of(LAW, constants, near, rows)).sum() <= top + 1e-9


def test_counts_without_extra_zeros_become_a_poisson_group() -> None:
    rows = np.array([[3.0, 4, 5, 4, 4, 3, 5, 6, 0, 2]])
    for counts in (rows + 1, np.minimum(rows, 1)):
        _, made = m_step(LAW, counts, np.ones((1, 10)))
        assert made.extra_zeros[0, 0] == 0
        assert made.rates[0, 0] == pytest.approx(counts.mean(), rel=1e-12)


def test_the_rate_of_a_group_with_extra_zeros_has_the_mean_of_its_positive_counts() -> None:
    rows = np.array([[0.0, 0, 0, 0, 2, 3, 1, 5]])
    _, made = m_step(LAW, rows, np.ones((1, 8)))
    rate, extra = float(made.rates[0, 0]), float(made.extra_zeros[0, 0])
    assert rate / -np.expm1(-rate) == pytest.approx(11 / 4, rel=1e-13)
    assert extra + (1 - extra) * np.exp(-rate) == pytest.approx(0.5, rel=1e-13)


def test_a_group_of_zeros_has_a_density_of_one() -> None:
    rows = np.array([[0.0, 0.0, 0.0, 50.0]])
    constants, made = m_step(LAW, rows, np.array([[1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]))
    found = density_of(LAW, constants, made, rows)
    assert np.isfinite(found).all()
    assert abs(found[0, 0]) < 1e-9 and found[0, 3] < -20


def test_a_column_of_zeros_is_fitted_and_said_to_be_zeros() -> None:
    made = mixture_of("zero-inflated-poisson", np.zeros((1, 12)), 1)
    assert made.log_likelihood == pytest.approx(0, abs=1e-8)


def log_density(rows: F64) -> Callable[[F64], F64]:
    """(K, 2) of log rate and log-odds of extra zeros to (K, n), for a search that knows nothing of EM."""

    def of(free: F64) -> F64:
        inside = np.clip(free, [-9, -30], [3, 30])
        rates, extra = np.exp(inside[:, :1]), 1 / (1 + np.exp(-inside[:, 1:]))
        return zero_inflated_poisson({"rates": rates, "extra_zeros": extra}, rows)

    return of


@pytest.mark.parametrize(("rows", "weights"), [(DEATHS, DAYS), (LAMBS, INTERVALS)])
@pytest.mark.parametrize("components", [1, 2])
def test_the_fit_is_that_of_a_direct_search_of_the_likelihood(
    components: int, rows: F64, weights: F64
) -> None:
    rng = np.random.default_rng(5)
    made = mixture_of("zero-inflated-poisson", rows, components, weights, starts=6)
    mean = np.log(np.average(rows[0], weights=weights))
    starts = [
        np.stack([mean + rng.normal(0, 0.5, components), rng.uniform(-4, 1, components)], axis=1)
        for _ in range(6)
    ]
    best = directly_maximised(log_density(rows), starts, weights)
    assert made.log_likelihood == pytest.approx(best, rel=1e-6)
    assert made.log_likelihood > best - 1e-4


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


@pytest.mark.parametrize(
    ("field", "value"),
    [("rates", 0.0), ("rates", float("nan")), ("extra_zeros", -0.1), ("extra_zeros", 1.0)],
)
def test_a_given_parameter_outside_its_limits_is_refused_with_its_component(
    field: str, value: float
) -> None:
    constants, _ = m_step(LAW, DEATHS, np.ones((1, 10)), DAYS)
    given = {"rates": np.ones((2, 1)), "extra_zeros": np.full((2, 1), 0.5)}
    given[field] = np.array([[0.5], [value]])
    with pytest.raises(SettingProblem, match="component 2"):
        LAW.from_units(ZeroInflatedPoissonParams(**given), constants)


def test_simulated_counts_have_the_moments_of_the_law() -> None:
    params = ZeroInflatedPoissonParams(np.array([[4.0, 90.0]]), np.array([[0.5, 0.1]]))
    drawn = LAW.simulate(params, np.zeros(20_000, dtype=np.intp), np.random.default_rng(0))
    means, covariances = LAW.moments(params)
    deviations = np.sqrt(np.diagonal(covariances[0]))
    assert np.all(np.abs(drawn.mean(axis=1) - means[0]) < 5 * deviations / np.sqrt(20_000))
    np.testing.assert_allclose(drawn.std(axis=1), deviations, rtol=0.05)
