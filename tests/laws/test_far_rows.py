"""A few far rows take no digits from a fit, and do not make the others look like a collapsed group."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitResult, fit
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.needs import Role
from emdesk.model.numerics.covariance import STRUCTURES
from emdesk.model.params import arrays
from tests.catalogues import everything

F64 = NDArray[np.float64]
FULL = [word for word in STRUCTURES if not word.endswith("I")]


def fitted(
    columns: F64,
    law: str = "gaussian",
    weights: F64 | None = None,
    start: dict[str, Any] | None = None,
    **settings: Any,
) -> FitResult:
    """The mixture of the law over columns (d, n), of one component unless it is said, started at params if any."""
    names = tuple("abcdef"[: len(columns)])
    made = [Column(n, Kind.CONTINUOUS, c) for n, c in zip(names, columns, strict=True)]
    spec = replace(new_spec(everything(), "mixture", law), columns=names)
    if weights is not None:
        made.append(Column("w", Kind.CONTINUOUS, weights))
        spec = replace(spec, roles={Role.WEIGHT: ("w",)})
    if start is not None:
        spec = replace(spec.with_setting("start", "result"), start_params=start)
    for name, value in ({"components": 1, "starts": 2} | settings).items():
        spec = spec.with_setting(name, value)
    return fit(Dataset(tuple(made), "rows"), spec, everything(), 1)


def greatest(columns: F64) -> float:
    """The log-likelihood of the normal law with the rows' own mean and covariance, in fractions without rounding."""
    exact = [[Fraction(float(v)) for v in column] for column in columns]
    d, n = columns.shape
    centred = [[v - sum(column) / n for v in column] for column in exact]
    matrix = [
        [sum(a * b for a, b in zip(one, other, strict=True)) / n for other in centred]
        for one in centred
    ]
    determinant = Fraction(1)
    for i in range(d):
        determinant *= matrix[i][i]
        for j in range(i + 1, d):
            share = matrix[j][i] / matrix[i][i]
            matrix[j] = [x - share * y for x, y in zip(matrix[j], matrix[i], strict=True)]
    log_determinant = math.log(determinant.numerator) - math.log(determinant.denominator)
    return float(-0.5 * n * (log_determinant + d * math.log(2 * math.pi) + d))


def cloud(rows: int = 40, d: int = 3, seed: int = 0) -> F64:
    return np.random.default_rng(seed).standard_normal((d, rows))


@pytest.mark.parametrize("word", FULL)
def test_one_group_and_a_row_a_million_sds_away_have_their_maximum(word: str) -> None:
    rows = cloud()
    rows[:, 7] = 1e6
    result = fitted(rows, covariance=word)
    assert result.is_sound and result.converged
    assert result.log_likelihood == pytest.approx(greatest(rows), rel=1e-10)


@pytest.mark.parametrize("scale", [1e-145, 1.0, 1e140])
@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_neither_an_offset_nor_a_scale_changes_that(offset: float, scale: float) -> None:
    rows = np.rint(1024 * cloud()) / 1024
    rows[:, 7] = 1e6
    rows = (rows + offset) * 2.0 ** round(math.log2(scale))
    result = fitted(rows)
    assert result.is_sound and result.converged
    assert result.log_likelihood == pytest.approx(greatest(rows), rel=1e-9)


@pytest.mark.parametrize("away", [1e4, 1e8, 1e11])
def test_a_row_may_be_farther_away_along_one_column(away: float) -> None:
    rows = cloud()
    rows[1, 7] = away
    result = fitted(rows)
    assert result.is_sound and result.converged
    assert result.log_likelihood == pytest.approx(greatest(rows), rel=1e-10)


def test_a_row_so_far_along_every_column_that_the_others_have_no_digits_is_said() -> None:
    """No covariance matrix of doubles holds the likelihood of these rows."""
    for away in (1e8, 1e11, 1e14):
        rows = cloud()
        rows[:, 7] = away
        result = fitted(rows)
        assert [w.reason for w in result.best.weaknesses] == ["floor"], away
        assert all(np.isfinite(v).all() for v in arrays(result.params).values())


@pytest.mark.parametrize("law", ["gaussian", "student-t"])
def test_two_groups_and_a_few_far_rows_are_three_groups(law: str) -> None:
    """The far ones, four of a hundred, are a group too, since they are not in a plane."""
    rows = cloud(100, 2, seed=3)
    rows[:, :40] += 9.0
    rows[:, 96:] = 1e6 + 1e5 * rows[:, 96:]
    start: dict[str, Any] = {
        "weights": np.full(3, 1 / 3),
        "means": np.array([[9.0, 9.0], [0.0, 0.0], [1e6, 1e6]]),
        "covariances": np.array([1.0, 1.0, 1e10])[:, None, None] * np.eye(2),
    }
    chosen: dict[str, Any] = {"components": 3}
    if law == "student-t":
        start |= {"scales": start.pop("covariances"), "degrees": np.full(3, 5.0)}
        chosen |= {"tails": "fixed", "degrees": 5.0}
    result = fitted(rows, law, start=start, **chosen)
    assert result.is_sound and result.converged
    assert sorted(np.rint(100 * result.params.weights)) == [4, 40, 56]


def test_a_far_row_counts_as_one_row_whatever_its_weight_is_in_units() -> None:
    rows, weights = cloud(), np.full(40, 1e7)
    rows[:, 7] = 1e6
    result = fitted(rows, weights=weights)
    assert result.is_sound
    assert result.log_likelihood == pytest.approx(1e7 * greatest(rows), rel=1e-10)


def test_a_far_row_among_rows_with_missing_cells() -> None:
    rows = cloud(80)
    rows[:, 7] = 1e6
    rows[0, 20:40] = np.nan
    result = fitted(rows, max_iterations=2000)
    assert result.is_sound and result.converged
    without = np.delete(rows, np.arange(20, 40), axis=1)
    # the mean and variance of the columns that all rows have are those of all rows
    shown = result.family.in_units(result.data, result.params).law
    assert shown.means[0, 1:] == pytest.approx(rows[1:].mean(axis=1), rel=1e-9)
    assert shown.covariances[0, 1, 2] == pytest.approx(np.cov(rows[1:], bias=True)[0, 1], rel=1e-9)
    assert result.log_likelihood < greatest(without)


def test_heavy_tails_leave_a_far_row_where_it_is() -> None:
    rows = cloud(60)
    alone = fitted(rows, "student-t", tails="fixed", degrees=3.0)
    rows = np.concatenate([rows, np.full((3, 1), 1e6)], axis=1)
    result = fitted(rows, "student-t", tails="fixed", degrees=3.0)
    assert result.is_sound and result.converged
    apart = result.family.in_units(result.data, result.params).law.means
    assert np.abs(apart - alone.family.in_units(alone.data, alone.params).law.means).max() < 0.05


def test_a_group_on_one_row_is_still_a_collapse() -> None:
    rows = cloud()
    rows[:, 7] = 1e6
    result = fitted(rows, components=2)
    assert not result.is_sound
    assert {w.reason for w in result.best.weaknesses} <= {"floor", "few-rows"}
