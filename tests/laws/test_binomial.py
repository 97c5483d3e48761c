"""The binomial law: successes out of trials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.model_spec import new_spec
from emdesk.app.session import fit
from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.binomial import LAW, BinomialParams, BinomialSettings
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.needs import Role
from emdesk.model.rows import Rows, plain_rows
from tests.catalogues import everything
from tests.laws.counts import QUAKES, density_of, directly_maximised, m_step, mixture_of
from tests.laws.exact import log_gamma, with_digits
from tests.laws.patterns import lsat6

F64 = NDArray[np.float64]


def exact(x: float, n: float, p: float) -> float:
    """With fifty digits, of doubles taken as they are."""

    def of(x: Decimal, n: Decimal, p: Decimal) -> Decimal:
        coefficient = log_gamma(n + 1) - log_gamma(x + 1) - log_gamma(n - x + 1)
        return coefficient + x * p.ln() + (n - x) * (1 - p).ln()

    return float(with_digits(of, x, n, p))


@pytest.mark.parametrize("trials", [1, 7, 40, 300, 301, 5_000, 10**6, 10**8])
@pytest.mark.parametrize("p", [1e-6, 0.03, 0.4, 0.5, 0.97])
def test_the_log_density_keeps_its_digits_up_to_eight_deviations(trials: int, p: float) -> None:
    sd = np.sqrt(trials * p * (1 - p))
    places = trials * p + sd * np.array([-8.0, -3, -1, 0, 0.5, 2, 5, 8])
    cells = np.unique(np.clip(np.rint(np.append(places, [0.0, 1.0])), 0, trials))
    constants = LAW.constants(plain_rows(cells[None]), BinomialSettings(trials=trials))
    params = BinomialParams(np.array([[p]]), np.array([float(trials)]))
    out = density_of(LAW, constants, params, cells[None])[0]
    for x, found in zip(cells, out, strict=True):
        expected = exact(float(x), float(trials), p)
        if abs(expected) < 200:
            assert abs(found - expected) <= 1e-12 * max(1.0, abs(expected)), (x, trials, p)


def density(rows: F64, trials: F64) -> Callable[[F64], F64]:
    """(K, d) of log-odds to (K, n), for a search that knows nothing of EM."""
    from scipy.special import gammaln

    constant = (gammaln(trials + 1) - gammaln(rows + 1) - gammaln(trials - rows + 1)).sum(axis=0)

    def of(free: F64) -> F64:
        odds = free[:, :, None]
        ones, zeros = -np.logaddexp(0, -odds), -np.logaddexp(0, odds)
        return np.asarray((rows * ones + (trials - rows) * zeros).sum(axis=1) + constant)

    return of


def scores() -> tuple[F64, F64, F64]:
    """The items of a test as right answers out of two and out of three."""
    rows, persons = lsat6()
    return np.stack([rows[:2].sum(axis=0), rows[2:].sum(axis=0)]), np.array([[2.0], [3.0]]), persons


def test_the_fit_of_earthquakes_is_that_of_a_direct_search() -> None:
    made = mixture_of("binomial", QUAKES, 2, starts=6, trials=60)
    starts = [np.array([[-1.5 + s], [-0.2]]) for s in (0.0, 0.3, -0.5)]
    best = directly_maximised(density(QUAKES, np.full(QUAKES.shape, 60.0)), starts)
    assert made.log_likelihood == pytest.approx(best, rel=1e-6)


def test_the_fit_of_test_scores_is_that_of_a_direct_search_with_the_largest_counts_as_trials() -> (
    None
):
    rows, trials, persons = scores()
    made = mixture_of("binomial", rows, 2, persons, starts=6)
    rng = np.random.default_rng(4)
    starts = [rng.normal(0.5, 1.0, (2, 2)) for _ in range(5)]
    best = directly_maximised(density(rows, trials), starts, persons)
    assert made.log_likelihood == pytest.approx(best, rel=1e-6)
    np.testing.assert_array_equal(made.params.law.trials, [2, 3])


def test_one_trial_is_the_bernoulli_law() -> None:
    rows, persons = lsat6()
    made = mixture_of("binomial", rows, 2, persons, starts=5, trials=1)
    other = mixture_of("bernoulli", rows, 2, persons, starts=5)
    assert made.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-9)


def fitted_with_trials(trials: F64, rows: F64, **settings: object) -> object:
    columns = [Column(f"x{j}", Kind.COUNT, cells.copy()) for j, cells in enumerate(rows)]
    names = tuple(c.name for c in columns)
    more = [Column(f"n{j}", Kind.COUNT, cells.copy()) for j, cells in enumerate(trials)]
    spec = new_spec(everything(), "mixture", "binomial").with_setting("components", 2)
    for name, value in settings.items():
        spec = spec.with_setting(name, value)
    spec = replace(spec, columns=names, roles={Role.TRIALS: tuple(c.name for c in more)})
    return fit(Dataset((*columns, *more), "lots"), spec, everything(), 1)


def lots(rng: np.random.Generator, n: int = 500) -> tuple[F64, F64]:
    trials = rng.integers(5, 60, (2, n)).astype(np.float64)
    groups = rng.integers(0, 2, n)
    chances = np.array([[0.1, 0.5], [0.3, 0.8]])[groups].T
    return trials, rng.binomial(trials.astype(int), chances).astype(np.float64)


def test_trials_that_differ_from_row_to_row_stand_in_columns() -> None:
    trials, rows = lots(np.random.default_rng(6))
    made = fitted_with_trials(trials, rows, tolerance=1e-10)
    chances = made.params.law.probabilities  # type: ignore[attr-defined]
    order = np.argsort(chances[:, 0])
    np.testing.assert_allclose(chances[order], [[0.1, 0.5], [0.3, 0.8]], atol=0.03)
    best = directly_maximised(density(rows, trials), [np.array([[-2.0, 0.0], [-1.0, 1.0]])])
    assert made.log_likelihood == pytest.approx(best, rel=1e-6)  # type: ignore[attr-defined]


def test_more_successes_than_trials_are_refused_with_value_and_row() -> None:
    trials, rows = lots(np.random.default_rng(6), 20)
    rows[1, 7] = trials[1, 7] + 3
    with pytest.raises(DataProblem, match="row 8") as caught:
        fitted_with_trials(trials, rows)
    assert caught.value.columns == ("x1",)
    with pytest.raises(DataProblem, match="10 trials"):
        mixture_of("binomial", np.array([[3.0, 11.0, 2.0]]), 1, trials=10)


def test_another_number_of_trial_columns_is_refused() -> None:
    trials, rows = lots(np.random.default_rng(6), 20)
    with pytest.raises(DataProblem, match="3 columns have the role trials"):
        fitted_with_trials(np.vstack([trials, trials[:1]]), rows)


def test_trials_that_are_no_counts_are_refused_with_their_row() -> None:
    trials, rows = lots(np.random.default_rng(6), 20)
    trials[0, 4] = 7.5
    with pytest.raises(DataProblem, match=r"row 5 are 7\.5"):
        fitted_with_trials(trials, rows)


def test_a_missing_cell_and_its_trials_are_left_out() -> None:
    rows = np.array([[2.0, np.nan, 6.0], [1.0, 3.0, np.nan]])
    settings = BinomialSettings(trials=8)
    constants = LAW.constants(plain_rows(rows), settings)
    params = BinomialParams(np.array([[0.5, 0.25]]), np.array([8.0, 8.0]))
    found = density_of(LAW, constants, params, rows)[0]
    assert found[1] == pytest.approx(exact(3.0, 8.0, 0.25), rel=1e-13)
    assert found[2] == pytest.approx(exact(6.0, 8.0, 0.5), rel=1e-13)


def test_a_prior_is_worth_rows_of_average_trials() -> None:
    from scipy.special import betaln

    rows = np.array([[0.0, 2.0, 4.0, 2.0]])
    made = mixture_of("binomial", rows, 1, trials=10, prior=3.0)
    assert made.params.law.probabilities[0, 0] == pytest.approx(0.2)
    height = -betaln(1 + 6, 1 + 24) + 6 * np.log(0.2) + 24 * np.log(0.8)
    assert made.objective - made.log_likelihood == pytest.approx(height, rel=1e-10)


def test_a_probability_of_zero_is_kept_above_zero_without_changing_digits() -> None:
    rows = np.zeros((1, 4))
    _, made = m_step(LAW, np.append(rows, [[5.0]], axis=1), np.array([[1.0, 1, 1, 1, 0]]))
    assert 0 < made.probabilities[0, 0] <= 1e-10


def test_a_given_probability_above_one_is_refused() -> None:
    constants, _ = m_step(LAW, np.array([[1.0, 2.0, 5.0]]), np.ones((1, 3)))
    wrong = BinomialParams(np.array([[0.5], [1.5]]), np.array([5.0]))
    with pytest.raises(SettingProblem, match="component 2"):
        LAW.from_units(wrong, constants)


def test_simulated_rows_are_out_of_the_average_trials() -> None:
    params = BinomialParams(np.array([[0.5], [0.1]]), np.array([20.0]))
    drawn = LAW.simulate(params, np.repeat([0, 1], 4000), np.random.default_rng(1))
    assert drawn[0, :4000].mean() == pytest.approx(10, abs=0.2)
    assert drawn[0, 4000:].mean() == pytest.approx(2, abs=0.2)
    assert drawn.max() <= 20


def test_rows_of_roles_reach_the_law_by_name() -> None:
    rows = Rows(
        np.array([[1.0, 2.0]]),
        ("x",),
        np.arange(2),
        roles={Role.TRIALS: np.array([[4.0, 5.0]])},
        role_names={Role.TRIALS: ("n",)},
    )
    constants = LAW.constants(rows, BinomialSettings())
    np.testing.assert_array_equal(constants.trials, [[4, 5]])
    assert constants.average == pytest.approx([4.5])


def test_rows_are_simulated_out_of_the_trials_of_their_own_rows() -> None:
    trials, rows = lots(np.random.default_rng(6), 400)
    given = Rows(
        rows,
        ("x0", "x1"),
        np.arange(400),
        roles={Role.TRIALS: trials},
        role_names={Role.TRIALS: ("n0", "n1")},
    )
    constants = LAW.constants(given, BinomialSettings())
    params = BinomialParams(np.array([[0.5, 0.9]]), constants.average)
    encoded, groups = LAW.encode(given, constants), np.zeros(400, dtype=np.intp)
    drawn = LAW.simulate_at(encoded, params, constants, groups, np.random.default_rng(1))
    assert np.all(drawn <= trials)
    np.testing.assert_allclose(drawn.sum(axis=1) / trials.sum(axis=1), [0.5, 0.9], atol=0.02)
