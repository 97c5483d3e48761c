"""The ordinal law: ordered categories with one slope for each group and column."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.laws.ordinal import LAW, OrdinalParams, OrdinalSettings
from emdesk.model.numerics.tilts import STEEPEST, Tilts, best_tilts
from emdesk.model.rows import plain_rows
from tests.laws.counts import directly_maximised, m_step, mixture_of
from tests.laws.patterns import carcinoma, gss82, lsat6, widths_of

F64 = NDArray[np.float64]


def density(rows: F64, scores: list[F64]) -> Callable[[F64], F64]:
    """Intercepts of all groups and slopes of each, (K, p), to log densities; the first group's intercepts count."""
    widths = widths_of(rows)
    edges = np.cumsum([0, *widths])
    codes = [np.unique(cells, return_inverse=True)[1] for cells in rows]

    def of(free: F64) -> F64:
        total = np.zeros((len(free), rows.shape[1]))
        for j, places in enumerate(codes):
            level = np.append(0.0, free[0, edges[j] : edges[j + 1]])
            logits = level + free[:, edges[-1] + j, None] * scores[j]
            top = logits.max(axis=1, keepdims=True)
            logs = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
            total += logs[:, places]
        return total

    return of


@pytest.mark.parametrize("data", [gss82, lsat6])
@pytest.mark.parametrize("scores", ["ranks", "values"])
def test_the_fit_is_that_of_a_direct_search_of_the_likelihood(data: object, scores: str) -> None:
    rows, counts = data()  # type: ignore[operator]
    rows = rows**2
    settings = {"scores": scores, "starts": 4, "tolerance": 1e-10}
    made = mixture_of("ordinal", rows, 2, counts, accelerate="squarem", **settings)
    distinct = [np.unique(cells) for cells in rows]
    used = distinct if scores == "values" else [np.arange(float(len(v))) for v in distinct]
    rng = np.random.default_rng(5)
    starts = [rng.normal(0, 0.5, (2, sum(widths_of(rows)) + len(rows))) for _ in range(3)]
    best = directly_maximised(density(rows, used), starts, counts)
    assert made.log_likelihood == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_with_one_group_or_two_categories_it_is_the_categorical_law(groups: int) -> None:
    rows, counts = gss82() if groups == 1 else carcinoma()
    made = mixture_of("ordinal", rows, groups, counts, starts=6)
    other = mixture_of("categorical", rows, groups, counts, starts=6)
    assert made.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-8)
    assert made.free_parameters == other.free_parameters


def test_it_has_one_slope_for_each_further_group_and_never_beats_the_categorical_law() -> None:
    rows, persons = gss82()
    made = mixture_of("ordinal", rows, 2, persons, starts=6)
    other = mixture_of("categorical", rows, 2, persons, starts=6)
    assert made.free_parameters == 1 + 6 + 4 and other.free_parameters == 13
    assert other.log_likelihood - 2 < made.log_likelihood < other.log_likelihood


def test_an_m_step_ends_where_the_slopes_of_the_likelihood_are_zero() -> None:
    rng = np.random.default_rng(2)
    cells = rng.gamma(2.0, 20.0, (3, 4, 5))
    real = np.ones((4, 5), dtype=bool)
    real[1, 3:] = False
    cells[:, 1, 3:] = 0
    scores = np.tile(np.array([0.0, 1.0, 2.0, 5.0, 9.0]), (4, 1))
    start = Tilts(np.zeros((4, 5)), np.zeros((3, 4)), scores, real).normalised(real)
    made = best_tilts(cells, start)
    left = cells - cells.sum(axis=2, keepdims=True) * made.probabilities
    np.testing.assert_allclose(left.sum(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose((left * scores).sum(axis=2), 0, atol=1e-4)
    np.testing.assert_allclose(made.slopes.sum(axis=0), 0, atol=1e-12)


def test_a_group_that_has_only_the_lowest_category_has_a_steep_slope_and_not_an_infinite_one() -> (
    None
):
    cells = np.array([[[50.0, 0.0, 0.0]], [[20.0, 30.0, 40.0]]])
    real = np.ones((1, 3), dtype=bool)
    start = Tilts(np.zeros((1, 3)), np.zeros((2, 1)), np.arange(3.0)[None], real).normalised(real)
    made = best_tilts(cells, start)
    assert np.isfinite(made.slopes).all() and np.abs(made.slopes).max() <= STEEPEST
    assert made.probabilities[0, 0, 0] == pytest.approx(1, abs=1e-9)
    np.testing.assert_allclose(made.probabilities[1, 0], np.array([20, 30, 40]) / 90, rtol=1e-6)


def test_a_slope_is_the_log_odds_of_the_next_category() -> None:
    rows = np.array([[1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 3.0]])
    members = np.array([[3.0, 2, 1, 0, 0, 0, 0], [0, 0, 0, 1.0, 2, 2, 2]])
    _, made = m_step(LAW, rows, members)
    chances = LAW.probabilities(made)
    odds = np.log(chances[:, 0, 1:] / chances[:, 0, :-1])
    np.testing.assert_allclose(odds[1] - odds[0], made.slopes[1, 0] - made.slopes[0, 0], rtol=1e-9)


def test_missing_cells_are_left_out() -> None:
    rows, persons = gss82()
    gaps = rows.copy()
    gaps[0, 5] = gaps[3, 20] = np.nan
    made = mixture_of("ordinal", gaps, 2, persons, starts=4, tolerance=1e-9)
    assert made.data.used.all() and made.is_sound


def test_given_slopes_that_are_no_numbers_are_refused() -> None:
    constants, made = m_step(LAW, np.array([[1.0, 2.0, 3.0]]), np.ones((1, 3)))
    wrong = OrdinalParams(made.values, made.scores, made.intercepts, np.full((1, 1), np.inf))
    with pytest.raises(SettingProblem, match="slopes"):
        LAW.from_units(wrong, constants)


def test_prior_rows_keep_slopes_finite() -> None:
    rows = np.array([[1.0, 1.0, 2.0, 3.0]])
    settings = OrdinalSettings(prior=2.0)
    constants = LAW.constants(plain_rows(rows), settings)
    assert constants.prior == 2.0
    made = mixture_of("ordinal", np.tile(rows, (3, 1)), 2, prior=1.0)
    assert np.abs(made.params.law.slopes).max() < 10
    assert made.objective != made.log_likelihood
