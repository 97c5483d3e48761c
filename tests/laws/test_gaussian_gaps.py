"""Rows with missing cells under the Gaussian law: published values, the observed likelihood, and what is filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import multivariate_normal

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitResult, fit
from emdesk.model.dataset import Dataset, from_arrays
from emdesk.model.law import Workspace
from emdesk.model.numerics.covariance import STRUCTURES

F64 = NDArray[np.float64]
MISSING = float("nan")
APPLE_X = [8, 6, 11, 22, 14, 17, 18, 24, 19, 23, 26, 40, 4, 4, 5, 6, 8, 10]
APPLE_Y = [59, 58, 56, 53, 50, 45, 43, 42, 39, 38, 30, 27] + 6 * [MISSING]
MURRAY = (
    [1, 1, -1, -1, 2, 2, -2, -2] + 4 * [MISSING],
    [1, -1, 1, -1] + 4 * [MISSING] + [2, 2, -2, -2],
)


def table(*columns: Any) -> Dataset:
    """Columns called a, b, c."""
    return from_arrays(
        "gaps", [(n, np.array(c, float)) for n, c in zip("abc", columns, strict=False)]
    )


def fitted(dataset: Dataset, **settings: Any) -> FitResult:
    """A fit of every column."""
    spec = replace(new_spec(catalogue()), columns=dataset.names)
    for name, value in settings.items():
        spec = spec.with_setting(name, value)
    return fit(dataset, spec, catalogue(), threads=1)


def from_values(dataset: Dataset, values: dict[str, Any], **settings: Any) -> FitResult:
    """A fit of every column that starts at params."""
    spec = replace(new_spec(catalogue()), columns=dataset.names, start_params=values)
    for name, value in {"start": "result", **settings}.items():
        spec = spec.with_setting(name, value)
    return fit(dataset, spec, catalogue(), threads=1)


def clusters(seed: int = 1) -> F64:
    """(3, 200) two groups with a fifth of the cells missing."""
    rng = np.random.default_rng(seed)
    rows = np.vstack([rng.normal(0, 1, (100, 3)), rng.normal([3, 1, -2], [1, 2, 0.5], (100, 3))])
    rows[rng.random(rows.shape) < 0.2] = MISSING
    return rows.T


def observed_log_likelihood(rows: F64, params: Any) -> float:
    """Each row by the marginal density of the cells that are there."""
    total = 0.0
    for row in rows.T:
        o = ~np.isnan(row)
        if o.any():
            total += np.log(
                sum(
                    w * multivariate_normal(m[o], c[np.ix_(o, o)]).pdf(row[o])
                    for w, m, c in zip(
                        params.weights, params.law.means, params.law.covariances, strict=True
                    )
                )
            )
    return float(total)


def test_one_component_is_the_classical_estimate_from_incomplete_data() -> None:
    result = fitted(table(APPLE_X, APPLE_Y), components=1, tolerance=1e-14)
    params = result.family.in_units(result.data, result.params).law
    np.testing.assert_allclose(params.means[0], [14.7222, 49.3333], atol=5e-5)
    expected = [[89.5340, -90.6967], [-90.6967, 114.6950]]
    np.testing.assert_allclose(params.covariances[0], expected, atol=1e-4)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_murrays_data_have_two_maxima(sign: float) -> None:
    start = {"weights": [1], "means": [[0, 0]], "covariances": [[[2.5, sign], [sign, 2.5]]]}
    result = from_values(table(*MURRAY), start, components=1, tolerance=1e-14)
    covariance = result.family.in_units(result.data, result.params).law.covariances[0]
    assert result.log_likelihood == pytest.approx(-29.9743, abs=5e-5)
    np.testing.assert_allclose(
        covariance, [[8 / 3, sign * 4 / 3], [sign * 4 / 3, 8 / 3]], atol=1e-5
    )


@pytest.mark.parametrize("word", [w for w in STRUCTURES if w not in ("E", "V")])
@pytest.mark.parametrize("prior", ["none", "conjugate"])
def test_the_log_likelihood_is_that_of_the_observed_cells(word: str, prior: str) -> None:
    rows = clusters()
    result = fitted(table(*rows), covariance=word, prior=prior, starts=1, max_iterations=25)
    params = result.family.in_units(result.data, result.params)
    assert result.log_likelihood == pytest.approx(observed_log_likelihood(rows, params), rel=1e-12)
    objectives = np.array(result.trace.objectives)
    assert np.all(np.diff(objectives) >= -1e-10 * np.abs(objectives[1:]))


def test_a_narrow_component_loses_no_digits_to_gaps() -> None:
    rng = np.random.default_rng(3)
    rows = np.vstack([rng.normal(0, 1, (60, 2)), rng.normal(5, 1e-4, (60, 2))]).T
    rows[0, ::7] = MISSING
    result = fitted(table(*rows), starts=4)
    params = result.family.in_units(result.data, result.params)
    assert result.log_likelihood == pytest.approx(observed_log_likelihood(rows, params), rel=1e-9)


def test_dropping_rows_with_gaps_fits_the_complete_ones() -> None:
    rows = clusters()
    dropped = fitted(table(*rows), missing="drop", starts=2)
    complete = fitted(table(*rows[:, ~np.isnan(rows).any(axis=0)]), starts=2)
    assert dropped.log_likelihood == complete.log_likelihood
    assert dropped.data.used.sum() == complete.data.used.sum()


def test_a_row_without_any_value_is_set_aside_and_changes_nothing() -> None:
    rows = clusters()
    rows = rows[:, ~np.isnan(rows).all(axis=0)]
    more = np.concatenate([rows[:, :50], np.full((3, 1), MISSING), rows[:, 50:]], axis=1)
    one, other = fitted(table(*rows), starts=1), fitted(table(*more), starts=1)
    assert other.data.used.sum() == rows.shape[1] and not other.data.used[50]
    assert one.log_likelihood == other.log_likelihood


def test_labels_come_back_in_the_order_of_the_file() -> None:
    rows = clusters()
    result = fitted(table(*rows), starts=4)
    output = result.row_output()
    assert output is not None
    used = np.flatnonzero(result.data.used)
    found = output.label[np.searchsorted(used, np.intersect1d(used, np.arange(100)))]
    later = output.label[np.searchsorted(used, np.intersect1d(used, np.arange(100, 200)))]
    assert np.bincount(found).max() > 90 and np.bincount(later).max() > 90
    assert np.bincount(found).argmax() != np.bincount(later).argmax()


def filled(result: FitResult, rng: np.random.Generator | None = None) -> tuple[F64, F64]:
    """Values and spreads of every cell, in the order of the blocks."""
    made = [
        result.family.complete(result.data, block, result.params, Workspace(), rng)
        for block in result.family.blocks(result.data)
    ]
    assert all(m is not None for m in made)
    pairs = [m for m in made if m is not None]
    return tuple(np.concatenate(parts, axis=1) for parts in zip(*pairs, strict=True))  # type: ignore[return-value]


def test_a_missing_cell_is_filled_by_its_regression_on_the_observed_ones() -> None:
    result = fitted(table(APPLE_X, APPLE_Y), components=1, tolerance=1e-14)
    values, spread = filled(result)
    params = result.family.in_units(result.data, result.params).law
    (mx, my), ((sxx, sxy), (_, syy)) = params.means[0], params.covariances[0]
    expected = my + sxy / sxx * (np.array(APPLE_X[12:]) - mx)
    np.testing.assert_allclose(values[1, 12:], expected, rtol=1e-9)
    np.testing.assert_allclose(spread[1, 12:], np.sqrt(syy - sxy**2 / sxx), rtol=1e-9)
    np.testing.assert_array_equal(values[1, :12], APPLE_Y[:12])
    assert np.all(spread[0] == 0) and np.all(spread[1, :12] == 0)


def test_draws_have_the_mean_and_the_spread_of_what_is_not_known() -> None:
    rows = clusters()
    result = fitted(table(*rows), starts=2)
    values, spread = filled(result)
    draws = np.stack([filled(result, np.random.default_rng(s))[0] for s in range(400)])
    gaps = spread > 0
    deviations = (draws.mean(axis=0) - values)[gaps] / (spread[gaps] / 20)
    assert np.abs(deviations).max() < 5
    np.testing.assert_allclose(draws.std(axis=0)[gaps], spread[gaps], rtol=0.25)
