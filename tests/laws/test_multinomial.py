"""The multinomial law: how a total is made up."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.multinomial import LAW, MultinomialParams, MultinomialSettings
from emdesk.model.held import Held, HeldValue
from emdesk.model.rows import Rows, plain_rows
from tests.laws.counts import density_of, directly_maximised, m_step, mixture_of
from tests.laws.exact import DIGITS, log_gamma
from tests.laws.patterns import gss82, log_shares, lsat6

F64 = NDArray[np.float64]


def exact(counts: F64, shares: F64) -> Decimal:
    """With fifty digits, of doubles taken as they are."""
    with localcontext() as context:
        context.prec = DIGITS
        total = log_gamma(Decimal(float(counts.sum())) + 1)
        for x, p in zip(counts, shares, strict=True):
            total -= log_gamma(Decimal(float(x)) + 1)
            if x:
                total += Decimal(float(x)) * Decimal(float(p)).ln()
        return total


@pytest.mark.parametrize("total", [0, 1, 12, 900, 5_000, 10**6])
def test_the_log_density_keeps_its_digits(total: int) -> None:
    rng = np.random.default_rng(total)
    shares = np.array([[0.2, 0.5, 0.25, 0.05], [0.4, 0.1, 0.3, 0.2]])
    rows = rng.multinomial(total, shares[0], 12).T.astype(np.float64)
    data = np.append(rows, [[9.0], [9.0], [9.0], [9.0]], axis=1)
    constants = LAW.constants(plain_rows(data), MultinomialSettings())
    params = MultinomialParams(shares, np.array(float(total)))
    found = density_of(LAW, constants, params, rows)
    for i in range(12):
        expected = exact(rows[:, i], shares[0])
        error = abs(Decimal(float(found[0, i])) - expected)
        assert error <= Decimal("1e-12") * max(Decimal(1), abs(expected))


def density(rows: F64) -> Callable[[F64], F64]:
    """(K, d - 1) of log-ratios to (K, n), for a search that knows nothing of EM."""
    from scipy.special import gammaln

    constant = gammaln(rows.sum(axis=0) + 1) - gammaln(rows + 1).sum(axis=0)
    return lambda free: np.asarray(log_shares(free) @ rows + constant)


def answers() -> tuple[F64, F64]:
    """How many answers of each kind a person gave: 1, 2 and 3 among four questions."""
    rows, persons = gss82()
    return np.stack([(rows == value).sum(axis=0) for value in (1, 2, 3)]).astype(float), persons


def right_and_wrong() -> tuple[F64, F64]:
    rows, persons = lsat6()
    return np.stack([rows[:2].sum(axis=0), rows[2:].sum(axis=0), 5 - rows.sum(axis=0)]), persons


@pytest.mark.parametrize("data", [answers, right_and_wrong])
def test_the_fit_is_that_of_a_direct_search_of_the_likelihood(data: object) -> None:
    rows, persons = data()  # type: ignore[operator]
    made = mixture_of("multinomial", rows, 2, persons, starts=8)
    rng = np.random.default_rng(3)
    starts = [rng.normal(0, 1.0, (2, 2)) for _ in range(6)]
    best = directly_maximised(density(rows), starts, persons)
    assert made.log_likelihood == pytest.approx(best, rel=1e-6)


def test_two_columns_are_the_binomial_law_with_the_total_as_trials() -> None:
    rng = np.random.default_rng(9)
    successes = rng.binomial(12, np.where(rng.random(200) < 0.4, 0.2, 0.7)).astype(float)
    rows = np.stack([successes, 12 - successes])
    made = mixture_of("multinomial", rows, 2)
    other = mixture_of("binomial", rows[:1], 2, trials=12)
    assert made.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-10)
    assert made.free_parameters == other.free_parameters == 3


def test_an_m_step_takes_the_weighted_shares_of_the_counts() -> None:
    rows = np.array([[2.0, 0.0, 5.0], [1.0, 4.0, 0.0], [0.0, 0.0, 1.0]])
    _, made = m_step(LAW, rows, np.array([[1.0, 0.5, 0.0]]))
    np.testing.assert_allclose(made.shares[0, :2], [0.4, 0.6], rtol=1e-9)
    assert 0 < made.shares[0, 2] < 1e-10


def test_a_row_without_any_count_says_nothing() -> None:
    rows = np.array([[2.0, 0.0, 5.0], [1.0, 0.0, 3.0]])
    constants, made = m_step(LAW, rows, np.array([[1.0, 0, 0], [0, 0, 1.0]]))
    np.testing.assert_array_equal(density_of(LAW, constants, made, rows)[:, 1], [0.0, 0.0])


def test_a_column_without_any_count_has_share_zero_and_no_parameter() -> None:
    rows = np.array([[2.0, 3.0, 5.0], [1.0, 4.0, 3.0], [0.0, 0.0, 0.0]])
    constants, made = m_step(LAW, rows, np.ones((1, 3)))
    assert made.shares[0, 2] == 0.0
    assert LAW.free_parameters(made, constants) == 1
    assert np.isfinite(density_of(LAW, constants, made, rows)).all()


def test_a_held_share_stays() -> None:
    columns = np.array([[2.0, 3.0, 5.0], [1.0, 4.0, 3.0], [4.0, 4.0, 1.0]])
    held = Held((HeldValue("shares", (0, 1), 0.25),))
    rows = Rows(columns, ("a", "b", "c"), np.arange(3), held=held, groups=1)
    constants = LAW.constants(rows, MultinomialSettings())
    features = LAW.features(LAW.encode(rows, constants), constants, None)  # type: ignore[arg-type]
    sums = LAW.statistics(features, np.ones((1, 3)), None, constants, None)  # type: ignore[arg-type]
    made = LAW.maximise(sums, None, constants)
    np.testing.assert_allclose(made.shares[0], [0.75 * 10 / 19, 0.25, 0.75 * 9 / 19])
    assert LAW.free_parameters(made, constants) == 1
    with pytest.raises(SettingProblem, match="leave nothing"):
        more = Held((HeldValue("shares", (0, 0), 0.9), HeldValue("shares", (0, 1), 0.25)))
        LAW.constants(
            Rows(columns, ("a", "b", "c"), np.arange(3), held=more), MultinomialSettings()
        )


def test_a_prior_is_worth_rows_of_the_average_total() -> None:
    from scipy.special import gammaln

    rows = np.array([[2.0, 4.0], [6.0, 4.0]])
    made = mixture_of("multinomial", rows, 1, prior=2.0)
    shares = np.array([6, 10]) / 16
    np.testing.assert_allclose(made.params.law.shares[0], shares)
    counts = 2.0 * 8 * shares
    height = gammaln(counts.sum() + 2) - gammaln(counts + 1).sum() + counts @ np.log(shares)
    assert made.objective - made.log_likelihood == pytest.approx(height, rel=1e-10)


def test_one_column_alone_is_refused() -> None:
    with pytest.raises(DataProblem, match="two or more"):
        LAW.constants(plain_rows(np.array([[1.0, 2.0]])), MultinomialSettings())


def test_only_zeros_are_refused() -> None:
    with pytest.raises(DataProblem, match="every count"):
        LAW.constants(plain_rows(np.zeros((2, 3))), MultinomialSettings())


def test_given_shares_that_do_not_add_to_one_are_refused() -> None:
    constants, _ = m_step(LAW, np.array([[1.0, 2.0], [3.0, 1.0]]), np.ones((1, 2)))
    wrong = MultinomialParams(np.array([[0.5, 0.5], [0.5, 0.6]]), np.array(3.5))
    with pytest.raises(SettingProblem, match="component 2"):
        LAW.from_units(wrong, constants)


def test_simulated_rows_have_the_average_total() -> None:
    params = MultinomialParams(np.array([[0.2, 0.3, 0.5]]), np.array(9.8))
    drawn = LAW.simulate(params, np.zeros(50, dtype=np.intp), np.random.default_rng(1))
    np.testing.assert_array_equal(drawn.sum(axis=0), np.full(50, 10.0))


def chances(params: MultinomialParams, columns: int, points: F64) -> F64:
    """Of points on the first columns."""
    logs = LAW.log_marginal(params, np.eye(3)[:columns], np.zeros(3), points)
    assert logs is not None
    return np.asarray(np.exp(logs))


def test_one_column_of_it_is_binomial_and_two_add_up_to_it() -> None:
    params = MultinomialParams(np.array([[0.2, 0.3, 0.5]]), np.array(4.0))
    one = chances(params, 1, np.arange(5.0)[None])
    assert one.sum() == pytest.approx(1.0)
    grid = np.stack([np.repeat(np.arange(5.0), 5), np.tile(np.arange(5.0), 5)])
    both = chances(params, 2, grid)
    np.testing.assert_allclose(both.reshape(5, 5).sum(axis=1), one[0], rtol=1e-12)
