"""The Bernoulli law, and latent classes of binary items."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.bernoulli import LAW, MARGIN, BernoulliParams, BernoulliSettings
from emdesk.model.rows import plain_rows
from tests.laws.counts import density_of, directly_maximised, m_step, mixture_of

F64 = NDArray[np.float64]
CARCINOMA = """0000000:34 0000100:2 0100000:6 0100001:1 0100100:4 0100101:5 1000000:2 1010101:1 1100000:2 1100001:1
    1100100:2 1100101:7 1100111:1 1101001:1 1101101:2 1101111:3 1110101:13 1110111:5 1111101:10 1111111:16"""
"""Seven pathologists on 118 slides, 1 where one saw carcinoma (Landis and Koch 1977); pattern and slides."""


def carcinoma() -> tuple[F64, F64]:
    """The patterns (7, 20) and how many slides have each."""
    pairs = [word.split(":") for word in CARCINOMA.split()]
    rows = np.array([[float(answer) for answer in pattern] for pattern, _ in pairs])
    return np.ascontiguousarray(rows.T), np.array([float(slides) for _, slides in pairs])


@pytest.mark.parametrize(
    ("classes", "aic", "bic"), [(2, 664.5, 706.1), (3, 633.41, 697.136), (4, 640.572, 726.463)]
)
def test_the_pathologists_fall_into_the_published_classes(
    classes: int, aic: float, bic: float
) -> None:
    """Linzer and Lewis (2011), J. Stat. Software 42(10); AIC and BIC to the digits printed."""
    rows, slides = carcinoma()
    made = mixture_of("bernoulli", rows, classes, slides, starts=20, tolerance=1e-10)
    digits = 0.06 if classes == 2 else 6e-3
    free = 8 * classes - 1
    assert made.free_parameters == free
    assert -2 * made.log_likelihood + 2 * free == pytest.approx(aic, abs=digits)
    assert -2 * made.log_likelihood + np.log(118) * free == pytest.approx(bic, abs=digits)
    if classes == 3:
        assert made.log_likelihood == pytest.approx(-293.705, abs=5e-4)
        weights = np.sort(made.params.weights)
        assert weights == pytest.approx([0.1817, 0.3736, 0.4447], abs=1e-4)


def log_density(rows: F64) -> Callable[[F64], F64]:
    """(K, d) of log-odds to (K, n), for a search that knows nothing of EM."""

    def of(free: F64) -> F64:
        odds = free[:, :, None]
        ones, zeros = -np.logaddexp(0, -odds), -np.logaddexp(0, odds)
        return np.asarray((rows * ones + (1 - rows) * zeros).sum(axis=1))

    return of


@pytest.mark.parametrize("items", [slice(0, 7), slice(1, 5)])
def test_the_fit_is_that_of_a_direct_search_of_the_likelihood(items: slice) -> None:
    rng = np.random.default_rng(5)
    rows, slides = carcinoma()
    made = mixture_of("bernoulli", rows[items], 2, slides, starts=6)
    starts = [rng.normal(0, 2, (2, len(rows[items]))) for _ in range(4)]
    best = directly_maximised(log_density(rows[items]), starts, slides)
    assert made.log_likelihood == pytest.approx(best, rel=1e-6)
    assert made.log_likelihood > best - 1e-5


def test_an_m_step_takes_the_weighted_shares_of_ones() -> None:
    rows = np.array([[0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    members = np.array([[0.5, 1.0, 0.0, 2.0], [0.5, 0.0, 1.0, 0.0]])
    _, made = m_step(LAW, rows, members)
    shares = members @ rows.T / members.sum(axis=1)[:, None]
    np.testing.assert_allclose(made.probabilities, np.clip(shares, MARGIN, 1 - MARGIN), rtol=1e-12)


def test_an_answer_that_a_class_never_gave_is_unlikely_but_not_impossible() -> None:
    rows = np.array([[0.0, 0.0, 1.0, 1.0]])
    constants, made = m_step(LAW, rows, np.array([[1.0, 1, 0, 0], [0.0, 0, 1, 1]]))
    found = density_of(LAW, constants, made, rows)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[0, :2], 0, atol=1e-9)
    np.testing.assert_allclose(found[0, 2:], np.log(MARGIN), rtol=1e-9)


@pytest.mark.parametrize("probability", [MARGIN, 1e-7, 0.3, 0.5, 1 - 1e-7, 1 - MARGIN])
def test_the_log_density_keeps_its_digits_near_the_ends(probability: float) -> None:
    from decimal import Decimal

    rows = np.array([[0.0, 1.0]])
    constants, _ = m_step(LAW, rows, np.ones((1, 2)))
    found = density_of(LAW, constants, BernoulliParams(np.array([[probability]])), rows)
    p = Decimal(probability)
    expected = [float((1 - p).ln()), float(p.ln())]
    np.testing.assert_allclose(found[0], expected, rtol=1e-12, atol=1e-12)


def test_prior_rows_keep_probabilities_away_from_the_ends_and_count_in_the_objective() -> None:
    from scipy.stats import beta

    rows = np.array([[0.0, 0.0, 0.0, 1.0]])
    made = mixture_of("bernoulli", rows, 1, prior=8.0)
    row = 0.25 * np.log(0.25) + 0.75 * np.log(0.75)
    assert made.log_likelihood == pytest.approx(4 * row, rel=1e-12)
    prior = beta(1 + 2, 1 + 6).logpdf(0.25)
    assert made.objective == pytest.approx(4 * row + prior, rel=1e-12)
    rows, slides = carcinoma()
    free = mixture_of("bernoulli", rows, 3, slides, starts=6)
    held = mixture_of("bernoulli", rows, 3, slides, starts=6, prior=1.0)
    assert held.params.law.probabilities.min() > 1e-3 > free.params.law.probabilities.min()
    assert held.log_likelihood < free.log_likelihood


@pytest.mark.parametrize("value", [-1.0, 0.5, 2.0])
def test_a_cell_that_is_no_answer_is_refused_with_its_place_in_the_file(value: float) -> None:
    rows = np.array([[0.0, 1.0, 1.0, 0.0], [1.0, 0.0, value, 1.0]])
    with pytest.raises(DataProblem) as caught:
        LAW.constants(
            plain_rows(rows, ("fever", "cough"), None, np.array([3, 4, 8, 9])), BernoulliSettings()
        )
    assert caught.value.columns == ("cough",)
    assert f"{value:g}" in caught.value.sentence and "row 9" in caught.value.sentence


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_given_probability_outside_its_limits_is_refused_with_its_component(value: float) -> None:
    rows, slides = carcinoma()
    constants, _ = m_step(LAW, rows[:1], np.ones((1, 20)), slides)
    with pytest.raises(SettingProblem, match="component 2"):
        LAW.from_units(BernoulliParams(np.array([[0.5], [value]])), constants)
