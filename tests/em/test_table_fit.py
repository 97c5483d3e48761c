"""The fit of tables of patterns: G2, X2, bivariate residuals, and their bootstrap."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from emdesk.app.session import FitResult
from emdesk.app.table_fit import (
    residual_rows,
    table_fit_lines,
    table_fit_object,
    table_of,
    with_bootstrap,
)
from emdesk.em.control import RunControl
from emdesk.em.table_fit import Table, TableFit, table_fit
from emdesk.errors import Cancelled, UsageProblem
from tests.laws.counts import mixture_of
from tests.laws.patterns import carcinoma, values


def pathologists(law: str = "categorical") -> FitResult:
    rows, slides = carcinoma()
    shift = 1 if law == "bernoulli" else 0
    return mixture_of(law, rows - shift, 3, slides, starts=6, tolerance=1e-9)


def found_in(result: FitResult) -> TableFit:
    found = table_of(result)
    assert found is not None
    return found


@pytest.mark.parametrize("law", ["categorical", "bernoulli", "ordinal"])
def test_the_table_of_the_pathologists_has_the_published_fit(law: str) -> None:
    """Linzer and Lewis (2011), section 5: G2 15.262, X2 20.503."""
    found = found_in(pathologists(law))
    assert found.g2 == pytest.approx(15.262, abs=6e-4)
    assert found.x2 == pytest.approx(20.503, abs=6e-4)
    assert (found.cells, found.patterns, found.rows, found.df) == (128, 20, 118, 104)
    assert found.is_sparse and found.g2_p > 0.99


def test_a_table_without_degrees_of_freedom_has_no_p_value() -> None:
    rows, persons = values()
    made = mixture_of("categorical", rows, 4, persons, starts=1, max_iterations=20)
    found = found_in(made)
    assert found.df == 16 - 1 - 19 and math.isnan(found.g2_p)
    assert any(
        "no degrees of freedom" in line for line in table_fit_lines(found, made.spec.columns)
    )


def test_g2_is_what_the_model_lacks_of_the_saturated_likelihood() -> None:
    rows, persons = values()
    made = mixture_of("categorical", rows, 2, persons, starts=4)
    saturated = float((persons * np.log(persons / persons.sum())).sum())
    assert found_in(made).g2 == pytest.approx(2 * (saturated - made.log_likelihood), rel=1e-6)


def independent(places: np.ndarray, weights: np.ndarray) -> Table:
    chances = np.array([[[0.5, 0.5], [0.5, 0.5]]])
    return Table(places, weights, np.ones(1), chances, np.array([2, 2]), 2)


def test_two_columns_that_go_together_have_a_large_residual() -> None:
    same = np.array([[0, 1], [0, 1]])
    found = table_fit(independent(same, np.array([50.0, 50.0])))
    assert found.x2 == pytest.approx(100.0) and found.residuals[0].x2 == pytest.approx(100.0)
    assert found.residuals[0].df == 1 and found.df == 1
    even = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
    assert table_fit(independent(even, np.full(4, 25.0))).residuals[0].ratio == pytest.approx(0.0)


def test_rows_with_missing_cells_are_in_no_pattern_but_in_the_residuals_of_what_they_have() -> None:
    places = np.array([[0, 0, 1, 1, -1], [0, 1, 0, 1, 0]])
    found = table_fit(independent(places, np.array([10.0, 10, 10, 10, 7])))
    assert found.rows == 40 and found.left_out == 7 and found.g2 == pytest.approx(0.0)


def test_the_bootstrap_says_that_three_classes_are_enough_and_one_is_not() -> None:
    shares: list[float] = []
    enough = with_bootstrap(pathologists(), 25, tell=shares.append).table
    assert enough is not None and enough.bootstrap is not None
    assert enough.bootstrap.drawn == 25 and enough.bootstrap.g2 > 0.05
    assert shares == sorted(shares) and shares[-1] == 1.0
    rows, slides = carcinoma()
    poor = with_bootstrap(mixture_of("categorical", rows, 1, slides), 25).table
    assert poor is not None and poor.bootstrap is not None
    assert poor.bootstrap.g2 == poor.bootstrap.x2 == pytest.approx(1 / 26)


def test_the_same_seed_draws_the_same_tables() -> None:
    result = pathologists()
    one, other = (with_bootstrap(result, 5).table for _ in range(2))
    assert one == other


def test_a_bootstrap_can_be_stopped() -> None:
    control = RunControl()
    with pytest.raises(Cancelled):
        with_bootstrap(pathologists(), 50, control, lambda share: control.stop())


def test_a_model_without_a_table_says_so() -> None:
    made = mixture_of("poisson", np.array([[1.0, 2, 8, 9, 3, 12]]), 1)
    assert table_of(made) is None
    with pytest.raises(UsageProblem):
        with_bootstrap(made, 3)


def test_the_object_names_the_columns_and_lists_the_largest_residuals_first() -> None:
    result = pathologists()
    made = {"table_fit": table_fit_object(found_in(result), result.spec.columns)}
    header, rows = residual_rows(made)
    listed = list(rows)
    assert header == ["first", "second", "x2", "df", "ratio"]
    assert len(listed) == 21 and listed[0][:2] == ["x3", "x5"]
    ratios = [float(row[4]) for row in listed]
    assert ratios == sorted(ratios, reverse=True)


def test_another_iteration_has_no_bootstrap_of_this_one() -> None:
    result = with_bootstrap(pathologists(), 2)
    assert result.keep(3).table is None
    assert replace(result, table=None).table is None
