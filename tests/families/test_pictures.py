"""What a family draws is finite and complete in every place, on every axis, before, during and after a fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from emdesk.model.marks import (
    ALL_GROUPS,
    NO_GROUP,
    Bands,
    Bars,
    Contours,
    Curve,
    Heatmap,
    Picture,
    Place,
    Points,
    Raster,
    Stack,
    View,
)
from tests.catalogues import Case, cases, fitted, group_setting

every_case = pytest.mark.parametrize("case", cases(), ids=str)
PLACES = tuple(Place)


def arrays_in(value: Any) -> Iterator[np.ndarray[Any, Any]]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, float):
        yield np.asarray(value)
    elif isinstance(value, tuple):
        for part in value:
            yield from arrays_in(part)
    elif is_dataclass(value):
        for item in fields(value):
            yield from arrays_in(getattr(value, item.name))


def check(picture: Picture, groups: int) -> None:
    """The picture can be drawn, spoken and read."""
    assert picture.title and picture.description
    assert picture.marks or picture.hint, "something is drawn, or it is said why not"
    if picture.marks:
        assert picture.x_label and picture.y_label
    for mark in picture.marks:
        assert all(np.isfinite(a).all() for a in arrays_in(mark)), type(mark).__name__
        group = getattr(mark, "group", ALL_GROUPS)
        assert np.all(np.asarray(group) >= ALL_GROUPS)
        assert np.all(np.asarray(group) < max(groups, 1))
        check_lengths(mark)


def check_lengths(mark: Any) -> None:
    if isinstance(mark, Points):
        assert len(mark.x) == len(mark.y) == len(mark.group) == len(mark.rows)
        if mark.top_probability is not None:
            assert len(mark.top_probability) == len(mark.x)
            assert np.all((mark.top_probability > 0) & (mark.top_probability <= 1 + 1e-12))
    elif isinstance(mark, Curve):
        assert len(mark.x) == len(mark.y) > 1
        assert np.all(np.diff(mark.x) >= 0)
    elif isinstance(mark, Bars):
        assert len(mark.edges) == len(mark.heights) + 1 and np.all(np.diff(mark.edges) > 0)
    elif isinstance(mark, Bands):
        assert len(mark.edges) == len(mark.group) + 1 and np.all(np.diff(mark.edges) >= 0)
    elif isinstance(mark, Stack):
        np.testing.assert_allclose(mark.shares.sum(axis=0), 1.0, atol=1e-9)
        assert mark.shares.shape[1] == len(mark.x)
    elif isinstance(mark, Heatmap | Contours | Raster):
        x0, x1, y0, y1 = mark.extent
        assert x1 > x0 and y1 > y0


def views(picture_of: Any, place: Place) -> Iterator[View]:
    """Every pair of axis options of a place, and live."""
    first: Picture = picture_of(View(place))
    x_keys = [o.key for o in first.x_options] or [""]
    y_keys = [o.key for o in first.y_options] or [""]
    for x in x_keys:
        for y in y_keys:
            yield View(place, x, y)
    yield View(place, live=True)
    yield View(place, "column:no such column", "pc:99")
    yield View(place, bins=7, width=1, height=1)
    yield View(place, levels=())


@pytest.mark.parametrize("place", PLACES)
@every_case
def test_pictures_are_finite_and_complete_before_and_after_a_fit(case: Case, place: Place) -> None:
    result = fitted(case.name)
    groups = group_setting(case.family)
    count = int(case.spec.values()[groups]) if groups else 0
    for params in (None, result.trace.params_if_kept(0), result.params):

        def picture(view: View, params: Any = params) -> Picture:
            return result.family.picture(result.data, params, view)

        for view in views(picture, place):
            check(picture(view), count if params is not None else 0)


@every_case
def test_rows_in_the_picture_are_rows_of_the_file(case: Case) -> None:
    result = fitted(case.name)
    picture = result.family.picture(result.data, result.params, View(Place.PICTURE))
    used = np.flatnonzero(result.data.used)
    for mark in picture.marks:
        if isinstance(mark, Points) and not mark.small:
            assert sorted(mark.rows.tolist()) == used.tolist()
            output = result.row_output()
            assert output is not None
            groups = np.where(output.label < output.groups, output.label, NO_GROUP)
            by_row = dict(zip(used.tolist(), groups.tolist(), strict=True))
            assert [by_row[r] for r in mark.rows.tolist()] == mark.group.tolist()


@every_case
def test_many_rows_become_ink_that_counts_every_one(case: Case) -> None:
    result = fitted(case.name)
    view = View(Place.PICTURE, raster_above=10, width=40, height=30)
    picture = result.family.picture(result.data, result.params, view)
    for mark in picture.marks:
        if isinstance(mark, Raster) and not picture.x_names:  # tiles say it by their area
            assert mark.counts.sum() == result.data.rows
            noise = int(case.spec.values().get("noise") == "uniform")
            assert mark.counts.shape == (3 + noise, 30, 40)


@every_case
def test_a_zoomed_view_is_drawn_as_well(case: Case) -> None:
    result = fitted(case.name)
    whole = result.family.picture(result.data, result.params, View(Place.PICTURE))
    zoomed = View(Place.PICTURE, extent=(0.0, 1e-3, 0.0, 1e-3), raster_above=10)
    check(result.family.picture(result.data, result.params, zoomed), 3)
    assert replace(whole, subtitle="").title == whole.title
