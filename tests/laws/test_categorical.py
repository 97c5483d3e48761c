"""The categorical law, and latent classes of items with any number of answers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.model_spec import new_spec
from emdesk.app.session import fit
from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.categorical import LAW, MARGIN, CategoricalParams, CategoricalSettings
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.held import Held, HeldValue
from emdesk.model.rows import Rows, plain_rows
from tests.catalogues import everything
from tests.laws.counts import density_of, directly_maximised, m_step, mixture_of
from tests.laws.patterns import (
    carcinoma,
    categorical_density,
    gss82,
    lsat6,
    values,
    widths_of,
)

F64 = NDArray[np.float64]


@pytest.mark.parametrize(
    ("classes", "aic", "bic"), [(2, 664.5, 706.1), (3, 633.41, 697.136), (4, 640.572, 726.463)]
)
def test_the_pathologists_fall_into_the_published_classes(
    classes: int, aic: float, bic: float
) -> None:
    """Linzer and Lewis (2011), J. Stat. Software 42(10); AIC and BIC to the digits printed."""
    rows, slides = carcinoma()
    made = mixture_of("categorical", rows, classes, slides, starts=20, tolerance=1e-10)
    criteria = made.criteria()
    digits = 0.06 if classes == 2 else 6e-3
    assert made.free_parameters == 8 * classes - 1
    assert criteria.aic == pytest.approx(aic, abs=digits)
    assert criteria.bic == pytest.approx(bic, abs=digits)
    if classes == 3:
        assert made.log_likelihood == pytest.approx(-293.705, abs=5e-4)
        assert made.params.weights == pytest.approx([0.4447, 0.3736, 0.1817], abs=1e-4)


@pytest.mark.parametrize(("classes", "expected"), [(1, -543.6498), (2, -504.4677), (3, -503.3011)])
def test_the_values_reach_the_published_log_likelihoods(classes: int, expected: float) -> None:
    rows, persons = values()
    made = mixture_of("categorical", rows, classes, persons, starts=6, accelerate="squarem")
    assert made.log_likelihood == pytest.approx(expected, abs=5e-5)


@pytest.mark.slow
def test_random_starts_of_the_survey_end_at_published_maxima() -> None:
    """The five maxima of McCutcheon's data that 500 random starts find (Linzer and Lewis 2011, table 1)."""
    rows, persons = gss82()
    made = mixture_of(
        "categorical",
        rows,
        3,
        persons,
        starts=30,
        finish=30,
        tolerance=1e-10,
        accelerate="squarem",
        start="random-partition",
    )
    published = np.array([-2754.545, -2755.617, -2755.739, -2762.005, -2762.231])
    found = [optimum.log_likelihood for optimum in made.optima().found if optimum.is_sound]
    assert len(found) >= 3
    assert all(np.abs(published - value).min() < 6e-4 for value in found)
    assert made.log_likelihood == pytest.approx(-2754.545, abs=6e-4)
    assert made.params.weights == pytest.approx([0.621, 0.207, 0.172], abs=6e-4)


@pytest.mark.parametrize("data", [gss82, lsat6, carcinoma])
def test_the_fit_is_that_of_a_direct_search_of_the_likelihood(data: object) -> None:
    rows, counts = data()  # type: ignore[operator]
    rng = np.random.default_rng(5)
    made = mixture_of("categorical", rows, 2, counts, starts=6)
    starts = [rng.normal(0, 1.5, (2, sum(widths_of(rows)))) for _ in range(3)]
    best = directly_maximised(categorical_density(rows), starts, counts)
    assert made.log_likelihood == pytest.approx(best, rel=1e-6)


def test_two_categories_are_the_bernoulli_law() -> None:
    rows, slides = carcinoma()
    made = mixture_of("categorical", rows, 3, slides, starts=8)
    other = mixture_of("bernoulli", rows - 1, 3, slides, starts=8)
    assert made.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-12)
    np.testing.assert_allclose(
        made.params.law.probabilities[:, :, 1], other.params.law.probabilities, atol=1e-6
    )


def test_words_are_categories_in_the_order_of_the_column() -> None:
    rows, persons = gss82()
    words = ("good", "depends", "waste")
    columns = [Column(f"x{j}", Kind.COUNT, cells.copy()) for j, cells in enumerate(rows)]
    columns[0] = Column("x0", Kind.NOMINAL, rows[0] - 1, words)
    columns.append(Column("persons", Kind.COUNT, persons))
    spec = new_spec(everything(), "mixture", "categorical").with_setting("components", 2)
    spec = replace(
        spec,
        columns=tuple(c.name for c in columns[:-1]),
        roles={"weight": ("persons",)},  # type: ignore[dict-item]
    )
    made = fit(Dataset(tuple(columns), "survey"), spec, everything(), 1)
    assert made.log_likelihood == pytest.approx(
        mixture_of("categorical", rows, 2, persons, tolerance=1e-8).log_likelihood, rel=1e-7
    )
    shown = next(
        q for q in made.family.quantities(made.data, made.params) if q.name == "probabilities"
    )
    assert shown.columns[:4] == ("x0 = good", "x0 = depends", "x0 = waste", "x1 = 1")
    drawn = made.family.simulate(made.data, made.params, np.random.default_rng(1))
    assert drawn.column("x0").categories == words


def test_an_m_step_takes_the_weighted_shares_of_the_categories() -> None:
    rows = np.array([[1.0, 2.0, 2.0, 5.0], [1.0, 1.0, 1.0, 2.0]])
    members = np.array([[0.5, 1.0, 0.0, 2.0], [0.5, 0.0, 1.0, 1.0]])
    _, made = m_step(LAW, rows, members)
    np.testing.assert_array_equal(made.values, [[1, 2, 5], [1, 2, 2]])
    np.testing.assert_allclose(
        made.probabilities[0], [[0.5 / 3.5, 1 / 3.5, 2 / 3.5], [1.5 / 3.5, 2 / 3.5, 0]]
    )
    np.testing.assert_allclose(made.probabilities.sum(axis=2), 1, rtol=1e-15)


def test_a_missing_cell_is_left_out_of_density_and_estimate() -> None:
    rows = np.array([[1.0, 2.0, np.nan, 2.0], [1.0, 1.0, 2.0, np.nan]])
    constants, made = m_step(LAW, rows, np.ones((1, 4)))
    np.testing.assert_allclose(made.probabilities[0], [[1 / 3, 2 / 3], [2 / 3, 1 / 3]])
    found = density_of(LAW, constants, made, rows)
    expected = np.log([1 / 3 * 2 / 3, 2 / 3 * 2 / 3, 1 / 3, 2 / 3])
    np.testing.assert_allclose(found[0], expected, rtol=1e-14)


def test_a_missing_cell_is_completed_by_its_likeliest_category() -> None:
    rows = np.array([[1.0, 4.0, 4.0, np.nan], [1.0, 2.0, 2.0, 2.0]])
    constants, made = m_step(LAW, rows, np.array([[1.0, 1, 1, 1]]))
    encoded = LAW.encode(plain_rows(rows), constants)
    filled, doubt = LAW.complete(encoded, np.ones((1, 4)), made, constants, None)
    assert filled[0, 3] == 4.0 and doubt[0, 3] == pytest.approx(1 / 3)
    np.testing.assert_array_equal(filled[:, :3], rows[:, :3])
    rng = np.random.default_rng(3)
    drawn = [
        LAW.complete(encoded, np.ones((1, 4)), made, constants, rng)[0][0, 3] for _ in range(300)
    ]
    assert np.mean(np.array(drawn) == 4.0) == pytest.approx(2 / 3, abs=0.1)


def test_a_category_that_a_class_never_has_is_at_the_edge_and_no_collapse() -> None:
    rows = np.array([[1.0, 1.0, 2.0, 2.0]])
    constants, made = m_step(LAW, rows, np.array([[1.0, 1, 0, 0], [0.0, 0, 1, 1]]))
    found = density_of(LAW, constants, made, rows)
    np.testing.assert_allclose(found[0, 2:], np.log(MARGIN), rtol=1e-9)
    np.testing.assert_allclose(found[0, :2], 0, atol=1e-9)
    rows, slides = carcinoma()
    result = mixture_of("categorical", rows, 3, slides, starts=8)
    assert result.is_sound and result.params.law.probabilities.min() <= MARGIN


def test_a_category_that_the_data_do_not_hold_is_impossible() -> None:
    constants, made = m_step(LAW, np.array([[1.0, 2.0, 2.0]]), np.ones((1, 3)))
    assert density_of(LAW, constants, made, np.array([[3.0, 2.0]]))[0, 0] == -np.inf


def test_the_log_density_keeps_its_digits_over_many_columns() -> None:
    rng = np.random.default_rng(8)
    rows = rng.integers(1, 6, (40, 30)).astype(np.float64)
    constants, made = m_step(LAW, rows, rng.dirichlet([1, 1], 30).T)
    found = density_of(LAW, constants, made, rows)
    for k in range(2):
        for i in range(30):
            exact = Decimal(0)
            for j, x in enumerate(rows[:, i]):
                place = int(np.searchsorted(made.values[j], x))
                exact += Decimal(float(made.probabilities[k, j, place])).ln()
            assert abs(Decimal(float(found[k, i])) - exact) <= Decimal("1e-12") * abs(exact)


def test_prior_rows_keep_probabilities_inside_and_count_in_the_objective() -> None:
    from scipy.special import gammaln

    rows = np.array([[1.0, 1.0, 1.0, 2.0]])
    made = mixture_of("categorical", rows, 1, prior=8.0)
    row = 0.25 * np.log(0.25) + 0.75 * np.log(0.75)
    height = gammaln(8 + 2) - gammaln(1 + 6) - gammaln(1 + 2)
    assert made.log_likelihood == pytest.approx(4 * row, rel=1e-12)
    assert made.objective == pytest.approx(12 * row + height, rel=1e-12)
    rows, slides = carcinoma()
    free = mixture_of("categorical", rows, 3, slides, starts=6)
    mild = mixture_of("categorical", rows, 3, slides, starts=6, prior=1 / 3)
    assert mild.params.law.probabilities.min() > 1e-4 > free.params.law.probabilities.min()
    assert mild.log_likelihood < free.log_likelihood


def held_rows(columns: F64, held: tuple[HeldValue, ...], groups: int) -> Rows:
    return replace(plain_rows(columns), held=Held(held), groups=groups)


def test_a_held_probability_stays_and_the_others_share_what_is_left() -> None:
    rows, persons = gss82()
    held = (HeldValue("probabilities", (0, 0, 0), 0.6),)
    columns = [Column(f"x{j}", Kind.COUNT, cells.copy()) for j, cells in enumerate(rows)]
    columns.append(Column("persons", Kind.COUNT, persons))
    spec = new_spec(everything(), "mixture", "categorical").with_setting("components", 2)
    spec = replace(
        spec.with_setting("tolerance", 1e-11).with_setting("max_iterations", 5000),
        columns=("x0", "x1", "x2", "x3"),
        roles={"weight": ("persons",)},  # type: ignore[dict-item]
        held=held,
    )
    made = fit(Dataset(tuple(columns), "survey"), spec, everything(), 1)
    free = mixture_of("categorical", rows, 2, persons)
    chances = made.params.law.probabilities[0, 0]
    assert chances[0] == 0.6 and chances.sum() == pytest.approx(1, rel=1e-14)
    assert made.free_parameters == free.free_parameters - 1
    assert made.log_likelihood < free.log_likelihood


def test_held_probabilities_that_leave_nothing_are_refused() -> None:
    rows = np.array([[1.0, 2.0, 3.0, 3.0]])
    held = tuple(HeldValue("probabilities", (1, 0, c), 0.5) for c in (0, 1))
    with pytest.raises(SettingProblem, match="component 2"):
        LAW.constants(held_rows(rows, held, 2), CategoricalSettings())
    all_of_them = tuple(
        HeldValue("probabilities", (0, 0, c), p) for c, p in enumerate((0.2, 0.3, 0.5))
    )
    LAW.constants(held_rows(rows, all_of_them, 2), CategoricalSettings())


def test_given_probabilities_that_do_not_add_to_one_are_refused_with_their_place() -> None:
    rows = np.array([[1.0, 2.0, 2.0], [1.0, 1.0, 2.0]])
    constants, made = m_step(LAW, rows, np.ones((1, 3)))
    wrong = made.probabilities.copy()
    wrong[0, 1] = [0.5, 0.6]
    with pytest.raises(SettingProblem, match="x1 in component 1"):
        LAW.from_units(CategoricalParams(wrong, made.values), constants)


def test_given_params_of_other_categories_are_refused() -> None:
    constants, made = m_step(LAW, np.array([[1.0, 2.0, 2.0]]), np.ones((1, 3)))
    with pytest.raises(SettingProblem, match="the data hold 1, 2"):
        LAW.from_units(CategoricalParams(made.probabilities, made.values + 1), constants)


def test_a_column_of_measurements_is_refused() -> None:
    rows = np.arange(900.0)[None]
    with pytest.raises(DataProblem, match="900 different values"):
        LAW.constants(plain_rows(rows, ("income",)), CategoricalSettings())
