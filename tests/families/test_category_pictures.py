"""What the panels show of laws of categories and shares: profiles, and tables of tiles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emdesk.app.session import FitResult
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.marks import Curve, Picture, Place, Raster, View
from tests.laws.counts import mixture_of
from tests.laws.patterns import carcinoma, gss82


def survey() -> FitResult:
    rows, persons = gss82()
    return mixture_of("categorical", rows, 2, persons, starts=2, tolerance=1e-6)


def shown(result: FitResult, place: Place, x: str = "", y: str = "") -> Picture:
    return result.family.picture(result.data, result.params, View(place, x=x, y=y))


def test_a_profile_has_a_piece_of_line_for_each_column_over_its_categories() -> None:
    result = survey()
    picture = shown(result, Place.LAW)
    lines = [mark for mark in picture.marks if isinstance(mark, Curve)]
    assert [line.group for line in lines] == [0, 1] * 4
    assert [len(line.y) for line in lines[::2]] == [3, 2, 2, 3]
    np.testing.assert_allclose([line.y.sum() for line in lines], 1.0, rtol=1e-9)
    names = [name for _, name in picture.x_names]
    assert names[:7] == ["1", "2", "3", "\nx0", "1", "2", "\nx1"]


@pytest.mark.parametrize("law", ["categorical", "bernoulli"])
def test_of_two_categories_the_last_one_runs_through_the_columns(law: str) -> None:
    rows, slides = carcinoma()
    shift = 1 if law == "bernoulli" else 0
    result = mixture_of(law, rows - shift, 3, slides, starts=4, tolerance=1e-7)
    picture = shown(result, Place.LAW)
    assert [name for _, name in picture.x_names] == [f"x{j}" for j in range(7)]
    lines = [mark for mark in picture.marks if isinstance(mark, Curve)]
    assert len(lines) == 3 and all(len(line.x) == 7 for line in lines)
    if law == "categorical":
        assert picture.y_label == "Probability of 2"
        chances = result.params.law.probabilities
        np.testing.assert_allclose(lines[1].y, chances[1, :, 1])


@pytest.mark.parametrize("law", ["binomial", "multinomial"])
def test_chances_and_shares_of_counts_are_profiles_too(law: str) -> None:
    rows = np.random.default_rng(1).multinomial(20, [0.2, 0.3, 0.5], 60).T.astype(float)
    picture = shown(mixture_of(law, rows, 1), Place.LAW)
    (line,) = [mark for mark in picture.marks if isinstance(mark, Curve)]
    assert len(line.y) == 3 and 0 < line.y.min() < line.y.max() < 1


def test_before_a_fit_the_profile_says_when_it_comes() -> None:
    result = survey()
    picture = result.family.picture(result.data, None, View(Place.LAW))
    assert not picture.marks and picture.hint


def test_tiles_have_an_area_in_proportion_to_their_rows_and_parts_by_group() -> None:
    result = survey()
    picture = shown(result, Place.PICTURE, x="column:x0", y="column:x3")
    (tiles,) = picture.marks
    assert isinstance(tiles, Raster) and tiles.is_grouped
    assert len(picture.x_names) == len(picture.y_names) == 3
    rows, persons = gss82()
    counts = np.zeros((3, 3))
    np.add.at(counts, (rows[3].astype(int) - 1, rows[0].astype(int) - 1), persons)
    inked = (tiles.counts > 0).any(axis=0)
    height, width = (size // 3 for size in inked.shape)
    area = inked.reshape(3, height, 3, width).sum(axis=(1, 3))
    share, expected = area / area.max(), counts / counts.max()
    assert np.all((area > 0) == (counts > 0))
    large = expected > 0.05
    np.testing.assert_allclose(share[large], expected[large], rtol=0.15)


def test_before_a_fit_tiles_are_of_no_group() -> None:
    result = survey()
    picture = result.family.picture(result.data, None, View(Place.PICTURE))
    (tiles,) = picture.marks
    assert isinstance(tiles, Raster) and not tiles.is_grouped and len(tiles.counts) == 1


def test_words_stand_at_the_axes() -> None:
    rows, _ = gss82()
    result = survey()
    words = ("good", "depends", "waste")
    columns = tuple(
        Column(c.name, Kind.NOMINAL, rows[0] - 1, words) if c.name == "x0" else c
        for c in result.dataset.columns
    )
    dataset = Dataset(columns, "survey")
    data = result.family.prepare(dataset, result.spec.request())
    picture = result.family.picture(data, None, View(Place.PICTURE, x="column:x0"))
    assert [name for _, name in picture.x_names] == list(words)
    assert replace(picture, x_names=()).y_names == ((0.0, "1"), (1.0, "2"))


def test_rows_with_a_missing_cell_are_in_no_tile() -> None:
    rows, persons = gss82()
    gaps = rows.copy()
    gaps[0, 0] = np.nan
    result = mixture_of("categorical", gaps, 2, persons, starts=2, tolerance=1e-5)
    picture = shown(result, Place.PICTURE, x="column:x0", y="column:x1")
    assert f"{int(persons.sum() - persons[0]):,}".replace(",", "\u202f") in picture.description
