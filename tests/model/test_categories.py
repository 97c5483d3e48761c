"""Columns of categories as places in tables."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.model.law import Workspace
from emdesk.model.numerics.categories import (
    MOST_PLACES,
    Categories,
    categories_of,
    codes_of,
    look_up,
    sizes_of,
)
from emdesk.model.numerics.shares import best_shares, free_shares, unfit_held

F64 = NDArray[np.float64]


def example(d: int = 9, n: int = 400, seed: int = 3) -> tuple[Categories, F64]:
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 2 + np.arange(d)[:, None] % 4, (d, n))
    columns: F64 = np.asarray(2.0 * places + 1.0, dtype=np.float64)
    columns[rng.random((d, n)) < 0.1] = np.nan
    return categories_of([np.unique(c[~np.isnan(c)]) for c in columns]), columns


def test_what_is_encoded_is_decoded_again() -> None:
    categories, columns = example()
    encoded = categories.encode(columns)
    assert len(encoded) == len(categories.packs) < len(columns)
    np.testing.assert_array_equal(categories.cells(encoded), columns)
    for pack in categories.packs:
        assert np.prod(categories.shape_of(pack)) <= MOST_PLACES


def test_a_looked_up_density_is_the_sum_over_the_columns() -> None:
    categories, columns = example()
    rng = np.random.default_rng(1)
    logs = np.where(categories.real, rng.normal(size=(3, *categories.values.shape)), 0.0)
    offsets = np.array([0.5, -1.0, 2.0])
    work, out = Workspace(), np.empty((3, columns.shape[1]))
    codes = codes_of(categories.encode(columns), work)
    look_up(codes, categories.tables(logs, offsets), out, work)
    places = categories.places(columns)
    expected = np.tile(offsets[:, None], columns.shape[1])
    for j, row in enumerate(places):
        seen = row < categories.sizes[j]
        expected[:, seen] += logs[:, j, row[seen]]
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-12)


def test_a_tally_counts_every_category_by_its_members() -> None:
    categories, columns = example()
    members = np.random.default_rng(2).dirichlet(np.ones(3), columns.shape[1]).T
    found = categories.tally(codes_of(categories.encode(columns), Workspace()), members)
    for j, cells in enumerate(columns):
        for c in range(int(categories.sizes[j])):
            expected = members[:, cells == categories.values[j, c]].sum(axis=1)
            np.testing.assert_allclose(found.cells[:, j, c], expected, rtol=1e-12)
        assert np.all(found.cells[:, j, categories.sizes[j] :] == 0)
    np.testing.assert_allclose(found.counts, members.sum(axis=1))


def test_a_cell_that_is_no_category_makes_its_row_impossible() -> None:
    categories, columns = example(n=5)
    columns[0, 2] = 99.0
    work, out = Workspace(), np.empty((1, 5))
    tables = categories.tables(np.zeros((1, *categories.values.shape)), np.zeros(1))
    look_up(codes_of(categories.encode(columns), work), tables, out, work)
    assert out[0, 2] == -np.inf and np.isfinite(out[0, [0, 1, 3, 4]]).all()


def test_two_categories_are_at_distance_one_in_the_coordinates() -> None:
    categories = categories_of([np.array([1.0, 2.0, 7.0])])
    points = categories.indicators(categories.encode(np.array([[1.0, 2.0, 7.0, np.nan]])))
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert np.linalg.norm(points[:, a] - points[:, b]) == pytest.approx(1.0)
    assert np.isnan(points[:, 3]).all()


def test_a_shorter_column_repeats_its_last_value() -> None:
    categories = categories_of([np.array([1.0, 2.0, 3.0]), np.array([4.0])])
    np.testing.assert_array_equal(categories.values, [[1, 2, 3], [4, 4, 4]])
    np.testing.assert_array_equal(sizes_of(categories.values), [3, 1])


def test_shares_below_the_margin_are_lifted_and_the_others_make_room() -> None:
    made = best_shares(np.array([0.0, 2.0, 6.0]), np.zeros(3, dtype=bool), np.zeros(3), margin=0.01)
    np.testing.assert_allclose(made, [0.01, 0.99 / 4, 0.99 * 3 / 4])


def test_fixed_shares_stay_and_are_not_free() -> None:
    fixed = np.array([[False, True, False]])
    made = best_shares(np.array([[3.0, 50.0, 1.0]]), fixed, np.array([[0.0, 0.2, 0.0]]), 0.0)
    np.testing.assert_allclose(made, [[0.6, 0.2, 0.2]])
    assert free_shares(fixed) == 1 and free_shares(np.ones((2, 3), dtype=bool)) == 0


def test_held_shares_that_leave_nothing_are_told() -> None:
    mask = np.array([[True, True, False], [True, True, True], [True, False, False]])
    values = np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5], [-0.1, 0.0, 0.0]])
    found = unfit_held(mask, values, np.ones(3, dtype=bool))
    np.testing.assert_array_equal(found, [True, False, True])
