"""Reconstruction of an image: what MLEM keeps, what OSEM gains, and where the likeliest image is not the best."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.model_spec import new_spec
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult, fit
from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.dataset import Dataset
from emdesk.model.marks import Heatmap, Place, Points, View
from emdesk.model.needs import Role
from tests.catalogues import everything
from tests.families.emission_data import EmissionSettings, phantom, scan_of, system_matrix

F64 = NDArray[np.float64]
SMALL = EmissionSettings(size=24, views=20)


def fit_scan(
    scan: Dataset, settings: EmissionSettings, iterations: int, params: Any = None
) -> FitResult:
    spec = new_spec(everything(), "emission", None)
    for name, value in {"max_iterations": iterations, "tolerance": 0.0}.items():
        spec = spec.with_setting(name, value)
    if params is not None:
        spec = replace(spec.with_setting("start", "result"), start_params=params)
    spec = replace(spec, columns=("view", "position", "count"), settings=settings)
    return fit(scan, spec, everything(), 1)


@pytest.fixture(scope="module")
def scan() -> Dataset:
    return scan_of(phantom(24), SMALL, 30_000, seed=0)


@pytest.fixture(scope="module")
def mlem(scan: Dataset) -> FitResult:
    return fit_scan(scan, SMALL, 60)


def test_the_likelihood_climbs_at_every_step(mlem: FitResult) -> None:
    assert np.all(np.diff(mlem.trace.objectives) > 0)


def test_the_total_of_the_counts_is_kept_by_every_step(mlem: FitResult) -> None:
    total = mlem.data.counts.sum()
    for index in range(61):
        fitted = mlem.data.matrix @ mlem.params_at(index).intensity.ravel()
        assert fitted.sum() == pytest.approx(total, rel=1e-12)


def test_the_reported_likelihood_is_poisson_with_all_its_constants(mlem: FitResult) -> None:
    from scipy.stats import poisson

    fitted = mlem.data.matrix @ mlem.params.intensity.ravel()
    hit = fitted > 0
    expected = poisson(fitted[hit]).logpmf(mlem.data.counts[hit]).sum()
    assert mlem.log_likelihood == pytest.approx(expected, rel=1e-10)


def test_the_best_image_comes_before_the_likeliest(mlem: FitResult) -> None:
    truth = phantom(24)
    truth *= mlem.data.counts.sum() / (mlem.data.matrix @ truth.ravel()).sum()
    distances = [float(((mlem.params_at(i).intensity - truth) ** 2).sum()) for i in range(61)]
    best = int(np.argmin(distances))
    assert 2 < best < 40
    assert distances[best] < 0.5 * distances[0]
    assert distances[60] > 1.05 * distances[best]


def test_more_counts_give_a_better_image_later() -> None:
    def best(total: float) -> tuple[int, float]:
        result = fit_scan(scan_of(phantom(24), SMALL, total, seed=0), SMALL, 60)
        truth = phantom(24)
        truth /= truth.sum()
        images = [result.params_at(i).intensity for i in range(61)]
        away = [float(((image / image.sum() - truth) ** 2).sum()) for image in images]
        return int(np.argmin(away)), min(away)

    few, many = best(1e4), best(1e6)
    assert many[0] > few[0] and many[1] < few[1]


def test_ordered_subsets_are_as_far_after_few_sweeps_as_all_views_after_many(
    scan: Dataset, mlem: FitResult
) -> None:
    osem = fit_scan(scan, replace(SMALL, method="OSEM", subsets=4), 8)
    assert osem.objective > mlem.trace.objectives[24]
    assert osem.outcome.evaluations == 1 + 2 * 8, (
        "one sweep for the objective, one over the subsets"
    )


def test_one_subset_is_all_views(scan: Dataset, mlem: FitResult) -> None:
    osem = fit_scan(scan, replace(SMALL, method="OSEM", subsets=1), 5)
    np.testing.assert_allclose(
        osem.params.intensity, mlem.params_at(5).intensity, rtol=1e-12, atol=0
    )


def test_an_image_without_noise_is_found_again() -> None:
    settings = EmissionSettings(size=8, views=16)
    truth = phantom(8) + 0.1
    scan = scan_of(truth, settings, 1e9, seed=None)
    result = fit_scan(scan, settings, 1500)
    truth *= 1e9 / (result.data.matrix @ truth.ravel()).sum()
    found = result.params.intensity
    assert np.abs(found - truth).max() < 0.02 * truth.max()


def test_pixels_are_shared_between_positions_and_nothing_is_lost() -> None:
    settings = EmissionSettings(size=8, views=12)
    views = np.repeat(np.arange(12.0), 13)
    matrix = system_matrix(views, np.tile(np.arange(13.0), 12), 13, settings)
    np.testing.assert_allclose(np.asarray(matrix.sum(axis=0)).ravel(), 12.0, rtol=1e-12)
    assert matrix.data.min() > 0 and matrix.data.max() <= 1


def test_view_0_adds_up_the_columns_of_the_image() -> None:
    settings = EmissionSettings(size=6, views=4)
    matrix = system_matrix(np.zeros(6), np.arange(6.0), 6, settings)
    image = np.random.default_rng(0).random((6, 6))
    np.testing.assert_allclose(matrix @ image.ravel(), image.sum(axis=0), rtol=1e-12)


def test_bins_that_were_not_measured_are_left_out(scan: Dataset) -> None:
    kept = np.arange(scan.rows) % 7 != 0
    part = replace(scan, columns=tuple(replace(c, values=c.values[kept]) for c in scan.columns))
    result = fit_scan(part, SMALL, 10)
    assert np.all(np.diff(result.trace.objectives) > 0)
    fitted = result.data.matrix @ result.params.intensity.ravel()
    assert fitted.sum() == pytest.approx(part.column("count").values.sum(), rel=1e-12)


def test_a_count_where_no_pixel_reaches_is_named(scan: Dataset) -> None:
    column = scan.column("count")
    values = column.values.copy()
    values[0] = 5.0
    changed = tuple(replace(c, values=values) if c.name == "count" else c for c in scan.columns)
    with pytest.raises(DataProblem, match="no pixel") as caught:
        fit_scan(replace(scan, columns=changed), SMALL, 1)
    assert caught.value.columns == ("count",)


def test_the_counts_may_be_given_by_their_role(scan: Dataset, mlem: FitResult) -> None:
    spec = mlem.spec.with_setting("max_iterations", 2)
    spec = replace(spec, columns=("view", "position"), roles={Role.COUNT: ("count",)})
    assert fit(scan, spec, everything(), 1).objective == mlem.trace.objectives[2]


def test_an_image_is_drawn_with_square_pixels_beside_its_counts(mlem: FitResult) -> None:
    picture = mlem.family.picture(mlem.data, mlem.params, View(Place.PICTURE))
    (image,) = picture.marks
    assert isinstance(image, Heatmap) and image.true_aspect
    assert image.values.shape == (24, 24) and image.extent == (0.0, 24.0, 0.0, 24.0)
    law = mlem.family.picture(mlem.data, mlem.params, View(Place.LAW))
    points = law.marks[0]
    assert isinstance(points, Points)
    assert points.y.sum() == pytest.approx(points.x.sum(), rel=1e-12)
    assert mlem.family.picture(mlem.data, None, View(Place.LAW)).hint


def test_a_result_without_rows_to_label_is_whole(mlem: FitResult) -> None:
    made = result_object(mlem)
    assert made["law"] is None and made["icl"] is None
    assert np.shape(made["params"]["intensity"]) == (24, 24)
    assert mlem.row_output() is None
    assert len(mlem.outcome.attempts) == 1, "a uniform start is made once, whatever `starts` says"


def test_an_image_goes_on_from_an_earlier_one(scan: Dataset, mlem: FitResult) -> None:
    given = {"intensity": mlem.params_at(20).intensity}
    again = fit_scan(scan, SMALL, 5, given)
    assert again.objective == pytest.approx(mlem.trace.objectives[25], rel=1e-12)
    for wrong in ({"intensity": np.ones((3, 3))}, {"intensity": -given["intensity"]}, {}):
        with pytest.raises(SettingProblem, match="24 × 24"):
            fit_scan(scan, SMALL, 1, wrong)
