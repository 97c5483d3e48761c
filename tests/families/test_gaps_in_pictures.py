"""Rows with a missing cell in the pictures: not drawn, and said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitResult, fit
from emdesk.model.dataset import from_arrays
from emdesk.model.marks import Heatmap, Place, Points, Raster, View


@pytest.fixture(scope="module")
def result() -> FitResult:
    """Three columns: 12 rows have no b, 5 of them neither c."""
    rng = np.random.default_rng(4)
    rows = np.concatenate([rng.normal(0, 1, (60, 3)), rng.normal(5, 1, (40, 3))])
    rows[10:22, 1] = np.nan
    rows[10:15, 2] = np.nan
    data = from_arrays("gaps", list(zip("abc", rows.T, strict=True)))
    spec = replace(new_spec(catalogue()), columns=("a", "b", "c")).with_setting("starts", 1)
    return fit(data, spec, catalogue(), threads=1)


def picture(result: FitResult, **view: Any) -> tuple[Points | Raster, str]:
    made = result.family.picture(result.data, result.params, replace(View(Place.PICTURE), **view))
    first = made.marks[0]
    assert isinstance(first, Points | Raster)
    return first, made.subtitle


def test_rows_without_a_coordinate_are_left_out_and_counted(result: FitResult) -> None:
    points, subtitle = picture(result)
    assert isinstance(points, Points)
    assert len(points.x) == 88 and np.isfinite(points.x).all() and np.isfinite(points.y).all()
    assert not set(range(10, 22)) & set(points.rows.tolist())
    assert subtitle == "12 rows have no b"
    assert picture(result, x="column:c")[1] == "12 rows have no c or b"
    assert picture(result, x="column:a", y="column:c")[1] == "5 rows have no c"


def test_a_density_image_leaves_them_out_too(result: FitResult) -> None:
    raster, subtitle = picture(result, raster_above=10)
    assert isinstance(raster, Raster) and raster.counts.sum() == 88
    assert subtitle == "12 rows have no b"


def test_principal_components_need_every_cell(result: FitResult) -> None:
    points, subtitle = picture(result, x="pc:0", y="pc:1")
    assert isinstance(points, Points) and len(points.x) == 88
    assert subtitle.startswith("12 rows have no PC 1")


def test_the_fitted_density_is_drawn_over_the_rows_that_have_a_place(result: FitResult) -> None:
    made = result.family.picture(result.data, result.params, View(Place.LAW))
    heat = next(mark for mark in made.marks if isinstance(mark, Heatmap))
    assert np.isfinite(heat.values).all() and np.isfinite(heat.extent).all()
