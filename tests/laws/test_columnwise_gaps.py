"""Missing cells under laws whose columns are independent given the group: left out, and filled in at the end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.catalogue import catalogue
from emdesk.em.control import RunControl
from emdesk.em.engine import iterate
from emdesk.em.reduce import Sweeper
from emdesk.errors import DataProblem
from emdesk.families.mixture import FAMILY
from emdesk.model.columnwise import ColumnwiseLaw
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.family import ByMethod, Request
from emdesk.model.held import NOTHING_HELD, Held
from emdesk.model.law import Ascent, Workspace
from emdesk.model.params import arrays, from_vector, to_vector
from emdesk.model.rows import Rows, plain_rows
from tests.example_rows import rows_for

F64 = NDArray[np.float64]
ON_A_CIRCLE = ("von-mises",)
"""Means and spreads of angles are others, and these laws have tests of their own."""
LAWS: tuple[Any, ...] = tuple(
    law
    for law in catalogue().laws
    if isinstance(law, ColumnwiseLaw) and not law.roles and law.id not in ON_A_CIRCLE
)
FLAT = ("skew-normal",)
"""Where slants are 0 the likelihood is flat to the third order: several maxima are near, reached by chance."""
every_law = pytest.mark.parametrize("law", LAWS, ids=lambda law: str(law.id))
steep_laws = pytest.mark.parametrize(
    "law", [law for law in LAWS if law.id not in FLAT], ids=lambda law: str(law.id)
)


def with_gaps(law: Any, d: int = 2, rows: int = 150) -> F64:
    """(d, n) rows of three groups in which a fifth of the cells is missing, but never all cells of a row."""
    columns, _ = rows_for(law, d, rows)
    gaps = np.random.default_rng(4).random(columns.shape) < 0.2
    gaps[0, gaps.all(axis=0)] = False
    return np.where(gaps, np.nan, columns)


def run(
    law: Any,
    columns: F64,
    components: int,
    held: Held = NOTHING_HELD,
    iterations: int = 1500,
    **of_law: Any,
) -> tuple[Any, Any, list[float]]:
    """Data, params and objectives of a mixture from one start, run until nothing is gained any more."""
    family: Any = FAMILY.with_law(law)
    names = tuple(f"x{j}" for j in range(len(columns)))
    kind = Kind.COUNT if law.needs.whole else Kind.CONTINUOUS
    made = tuple(Column(n, kind, c.copy()) for n, c in zip(names, columns, strict=True))
    settings = family.Settings(components=components)
    request = Request(names, settings, law.Settings(**of_law), {}, held)
    data = family.prepare(Dataset(made), request)
    start = family.start(data, ByMethod("kmeans++"), np.random.default_rng(1))
    objectives: list[float] = []
    with Sweeper(1) as sweeper:
        for step in iterate(family, data, start, RunControl(), sweeper):
            objectives.append(step.objective)
            params = step.params
            is_still = len(objectives) > 20 and objectives[-1] - objectives[-9] < 1e-11
            if is_still or step.index >= iterations:
                break
    return data, params, objectives


def climbs(objectives: list[float]) -> bool:
    made = np.array(objectives)
    return bool(np.all(np.diff(made) >= -1e-10 * np.maximum(1, np.abs(made[1:]))))


def observed_logs(law: Any, shown: Any, columns: F64) -> F64:
    """(K, n) the sum over the observed columns of each row of that column's log density."""
    d, total = len(columns), np.zeros((len(law.moments(shown)[0]), columns.shape[1]))
    for j, axis in enumerate(np.eye(d)):
        seen = ~np.isnan(columns[j])
        total[:, seen] += law.log_marginal(shown, axis[None], np.zeros(d), columns[j : j + 1, seen])
    return total


def log_likelihood(law: Any, shown: Any, columns: F64) -> float:
    """Of the params of a mixture in units."""
    from scipy.special import logsumexp

    logs = observed_logs(law, shown.law, columns) + np.log(shown.weights)[:, None]
    return float(logsumexp(logs, axis=0).sum())


@every_law
def test_a_row_with_gaps_has_the_density_of_its_observed_columns(law: Any) -> None:
    columns = with_gaps(law, 3)
    data, params, _ = run(law, columns, 3, iterations=5)
    work = Workspace()
    encoded = law.encode(plain_rows(columns), data.constants)
    out = np.empty((3, columns.shape[1]))
    features = law.features(encoded, data.constants, work)
    law.log_density(features, law.kernel(params.law, np.zeros(3), data.constants), out, work)
    expected = observed_logs(law, law.in_units(params.law, data.constants), columns)
    np.testing.assert_allclose(out, expected, rtol=1e-10, atol=1e-10)


@every_law
def test_a_fit_of_complete_rows_can_be_asked_about_rows_with_gaps(law: Any) -> None:
    columns, _ = rows_for(law, 2)
    data, params, _ = run(law, columns, 2, iterations=5)
    asked = with_gaps(law)
    work, out = Workspace(), np.empty((2, asked.shape[1]))
    features = law.features(law.encode(plain_rows(asked), data.constants), data.constants, work)
    law.log_density(features, law.kernel(params.law, np.zeros(2), data.constants), out, work)
    expected = observed_logs(law, law.in_units(params.law, data.constants), asked)
    np.testing.assert_allclose(out, expected, rtol=1e-10, atol=1e-10)


@every_law
def test_a_cell_that_the_law_does_not_take_is_impossible_in_rows_asked_about_later(
    law: Any,
) -> None:
    columns, _ = rows_for(law, 2)
    data, params, _ = run(law, columns, 2, iterations=5)
    for value in (-1.0, -7.0, 2.5, 0.0):
        if law.fits(np.array([value])).all():
            continue
        asked = columns[:, :4].copy()
        asked[1, 2] = value
        work, out = Workspace(), np.empty((2, 4))
        features = law.features(law.encode(plain_rows(asked), data.constants), data.constants, work)
        law.log_density(features, law.kernel(params.law, np.zeros(2), data.constants), out, work)
        assert np.all(out[:, 2] == -np.inf) and np.isfinite(out[:, [0, 1, 3]]).all()


@every_law
def test_the_objective_of_rows_with_gaps_never_falls_and_is_their_likelihood(law: Any) -> None:
    columns = with_gaps(law)
    data, params, objectives = run(law, columns, 2)
    assert climbs(objectives)
    shown = FAMILY.with_law(law).in_units(data, params)
    assert objectives[-1] == pytest.approx(log_likelihood(law, shown, columns), rel=1e-10)


@steep_laws
def test_a_fit_of_rows_with_gaps_ends_where_an_optimiser_ends(law: Any) -> None:
    from scipy.optimize import minimize

    columns = with_gaps(law)
    family: Any = FAMILY.with_law(law)
    data, params, objectives = run(law, columns, 2)

    def fall(vector: F64) -> float:
        shown = family.in_units(data, from_vector(np.clip(vector, -30, 30), params))
        return -log_likelihood(law, shown, columns)

    reached = np.clip(to_vector(params), -29, 29)
    nudge = 0.03 * np.random.default_rng(1).standard_normal(len(reached))
    with np.errstate(all="ignore"):
        found = [-minimize(fall, s, method="BFGS").fun for s in (reached, reached + nudge)]
    assert max(found) == pytest.approx(objectives[-1], rel=1e-6)


@steep_laws
def test_one_group_is_estimated_in_each_column_from_its_observed_cells(law: Any) -> None:
    columns = with_gaps(law)
    data, params, _ = run(law, columns, 1)
    together = arrays(law.in_units(params.law, data.constants))
    for j, cells in enumerate(columns):
        alone_data, alone, _ = run(law, cells[None, ~np.isnan(cells)], 1)
        for name, value in arrays(law.in_units(alone.law, alone_data.constants)).items():
            np.testing.assert_allclose(
                together[name][..., j], value[..., 0], rtol=1e-5, atol=1e-9, err_msg=name
            )


@every_law
def test_a_column_without_any_cell_is_refused_by_name(law: Any) -> None:
    columns, _ = rows_for(law, 2)
    columns = columns.copy()
    columns[1] = np.nan
    with pytest.raises(DataProblem, match="wind") as caught:
        law.constants(plain_rows(columns, ("rain", "wind")), law.Settings())
    assert caught.value.columns == ("wind",)


@every_law
def test_missing_cells_are_filled_with_their_mean_spread_and_draws(law: Any) -> None:
    if law.id == "von-mises":
        pytest.skip("a mean of directions is none of numbers: see the tests of that law")
    columns = with_gaps(law)
    data, params, _ = run(law, columns, 2, iterations=30)
    gaps = np.isnan(columns)
    encoded = law.encode(plain_rows(columns), data.constants)
    members = np.random.default_rng(2).dirichlet([1.0, 1.0], columns.shape[1]).T
    values, spread = law.complete(encoded, members, params.law, data.constants, None)
    means, covariances = law.moments(law.in_units(params.law, data.constants))
    second = (np.diagonal(covariances, axis1=1, axis2=2) + means**2).T @ members
    expected = means.T @ members
    np.testing.assert_allclose(values[~gaps], columns[~gaps], rtol=1e-12)
    np.testing.assert_allclose(values[gaps], expected[gaps], rtol=1e-12)
    assert np.all(spread[~gaps] == 0)
    np.testing.assert_allclose(spread[gaps] ** 2, (second - expected**2)[gaps], rtol=1e-8)
    # many draws of the first cell that is missing
    j, i = (int(place[0]) for place in np.nonzero(gaps))
    drawn, _ = law.complete(
        np.repeat(encoded[:, i : i + 1], 20_000, axis=1),
        np.repeat(members[:, i : i + 1], 20_000, axis=1),
        params.law,
        data.constants,
        np.random.default_rng(3),
    )
    assert drawn[j].mean() == pytest.approx(values[j, i], abs=5 * spread[j, i] / 141)
    assert drawn[j].std() == pytest.approx(spread[j, i], rel=0.1)


@every_law
def test_a_group_without_a_cell_of_a_column_keeps_its_place_there(law: Any) -> None:
    columns, _ = rows_for(law, 2, 60)
    columns = np.where(np.arange(60) < 30, [[1.0], [np.nan]], 1.0) * columns
    rows = plain_rows(columns)
    constants = law.constants(
        Rows(rows.columns, rows.names, rows.row_numbers, groups=2), law.Settings()
    )
    work = Workspace()
    encoded = law.encode(rows, constants)
    mixed = np.random.default_rng(1).uniform(0.2, 1, (2, 60))
    features = law.features(encoded, constants, work)
    before = law.maximise(law.statistics(features, mixed, None, constants, work), None, constants)
    members = np.stack([np.arange(60) < 30, np.arange(60) >= 30]).astype(np.float64)
    kernel = law.kernel(before, np.zeros(2), constants)
    features = law.features(encoded, constants, work)
    after = law.maximise(
        law.statistics(features, members, kernel, constants, work), before, constants
    )
    for name, value in arrays(before).items():
        if value.ndim < 2:
            continue  # what belongs to a column, not to its groups
        assert arrays(after)[name][0, 1] == pytest.approx(value[0, 1], rel=1e-12)
        assert np.isfinite(arrays(after)[name]).all()


def test_some_laws_are_tried_here() -> None:
    assert len(LAWS) >= 9
    assert all(law.ascent(law.Settings()) is not Ascent.NONE for law in LAWS)
