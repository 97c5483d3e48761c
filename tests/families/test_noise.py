"""Uniform noise as one more component of a mixture."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.catalogue import catalogue
from emdesk.app.exporting import export
from emdesk.app.model_spec import ModelSpec, changed_model, new_spec
from emdesk.app.prediction import predict, read_model
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult, fit
from emdesk.app.trust import measured
from emdesk.cli.summary import summary_lines
from emdesk.em.control import RunControl
from emdesk.em.cross_validation import Folds, cross_validate
from emdesk.em.fit_settings import FitSettings
from emdesk.em.reduce import Sweeper
from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.dataset import Dataset, from_arrays
from emdesk.model.law import Workspace
from emdesk.model.marks import NO_GROUP, Curve, Place, Points, View
from emdesk.model.needs import Role
from emdesk.model.params import arrays, permuted

F64 = NDArray[np.float64]


def clusters_in_noise(rows: int = 120, noise: int = 80, seed: int = 1) -> Dataset:
    """Two round clusters in a square of noise; the last rows are the noise."""
    rng = np.random.default_rng(seed)
    first = rng.normal(size=(rows, 2)) * 0.4
    second = rng.normal(size=(rows, 2)) * 0.3 + [4.0, 3.0]
    scattered = rng.uniform(-5.0, 9.0, size=(noise, 2))
    x, y = np.concatenate([first, second, scattered]).T
    return from_arrays("clusters", [("x", x), ("y", y)])


def noisy(columns: tuple[str, ...] = ("x", "y"), **settings: object) -> ModelSpec:
    spec = replace(
        new_spec(catalogue()), columns=columns, fit=FitSettings(starts=4, tolerance=1e-10)
    )
    for name, value in {"noise": "uniform", "covariance": "VVV", **settings}.items():
        spec = spec.with_setting(name, value)
    return spec


def fitted(dataset: Dataset, spec: ModelSpec | None = None) -> FitResult:
    return fit(dataset, spec or noisy(), catalogue(), threads=1)


def shown(result: FitResult) -> dict[str, F64]:
    return arrays(result.family.in_units(result.data, result.params))


@pytest.fixture(scope="module")
def result() -> FitResult:
    return fitted(clusters_in_noise())


def volume(dataset: Dataset) -> float:
    spec = noisy(dataset.names)
    data = spec.family_in(catalogue()).prepare(dataset, spec.request())
    return float(np.prod(data.noise.sides))


def test_clusters_are_found_in_a_box_of_noise(result: FitResult) -> None:
    params = shown(result)
    assert float(params["noise"]) == pytest.approx(0.25, abs=0.02)
    assert np.sort(params["means"][:, 0]) == pytest.approx([0.0, 4.0], abs=0.1)
    output = result.row_output()
    assert output is not None and output.has_noise and output.groups == 2
    assert output.probabilities.sum(axis=0) == pytest.approx(np.ones(320))
    assert np.mean(output.numbers[240:] == 0) > 0.9 and np.mean(output.numbers[:240] == 0) < 0.03


def test_the_volume_is_the_box_along_the_columns_or_along_the_principal_axes() -> None:
    rng = np.random.default_rng(2)
    long = rng.normal(size=500) * 10
    thin = rng.normal(size=500) * 0.1
    turned = np.stack([long - thin, long + thin]) / np.sqrt(2)
    axes = np.linalg.eigh(np.cov(turned))[1]
    along = axes.T @ (turned - turned.mean(axis=1, keepdims=True))
    expected = float(np.prod(np.ptp(along, axis=1)))
    assert volume(from_arrays("turned", [("x", turned[0]), ("y", turned[1])])) == pytest.approx(
        expected, rel=1e-9
    )
    straight = from_arrays("straight", [("x", long), ("y", thin)])
    assert volume(straight) <= np.ptp(long) * np.ptp(thin) * (1 + 1e-12)
    line = from_arrays("line", [("x", long), ("y", 2 * long)])
    assert volume(line) == pytest.approx(2 * np.ptp(long) ** 2)


def test_the_fit_agrees_with_direct_maximisation_of_the_likelihood(result: FitResult) -> None:
    from scipy.optimize import minimize
    from scipy.stats import multivariate_normal

    rows = np.stack([result.dataset.column(n).values for n in ("x", "y")], axis=1)
    density = 1 / volume(result.dataset)

    def height(z: F64) -> float:
        noise, weight = 1 / (1 + np.exp(-z[0])), 1 / (1 + np.exp(-z[1]))
        total = np.full(len(rows), noise * density)
        for share, own in ((weight, z[2:7]), (1 - weight, z[7:12])):
            factor = np.array([[np.exp(own[2]), 0.0], [own[4], np.exp(own[3])]])
            normal = multivariate_normal(own[:2], factor @ factor.T)
            total += (1 - noise) * share * normal.pdf(rows)
        return -float(np.log(total).sum())

    begin = np.array([0.0, 0.0, 0.3, 0.2, 0, 0, 0.1, 3.5, 3.3, 0, 0, 0.1])
    best = min(
        (minimize(height, begin, method=m).fun for m in ("BFGS", "L-BFGS-B")), default=np.inf
    )
    assert result.log_likelihood == pytest.approx(-best, rel=1e-6)
    assert result.free_parameters == 12


def test_the_objective_never_falls_with_noise(result: FitResult) -> None:
    assert result.audit().certificate.holds
    assert [g.group for g in result.audit().groups] == [0, 1]


@pytest.mark.parametrize("assignment", ["hard", "stochastic"])
def test_noise_works_with_every_assignment(assignment: str) -> None:
    found = fitted(clusters_in_noise(), noisy(assignment=assignment))
    assert 0.1 < float(shown(found)["noise"]) < 0.4


def test_standard_errors_know_that_the_box_is_no_parameter(result: FitResult) -> None:
    found = measured(result, "observed").uncertainty
    assert found is not None and found.free == 12 and found.is_identified
    assert np.all(found.standard_errors["noise_sides"] == 0)
    binomial = np.sqrt(0.25 * 0.75 / 320)
    assert float(found.standard_errors["noise"]) == pytest.approx(binomial, rel=0.1)


def test_rows_of_noise_have_the_label_0_in_the_export(result: FitResult, tmp_path: Path) -> None:
    export(result, tmp_path)
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["label"] for row in rows} == {"0", "1", "2"}
    assert all(0 <= float(row["probability_noise"]) <= 1 for row in rows)


def test_a_prediction_keeps_the_volume_of_the_fit(result: FitResult, tmp_path: Path) -> None:
    export(result, tmp_path)
    model = read_model(tmp_path, catalogue())
    chosen = [0, 200, 300]
    columns = [(n, result.dataset.column(n).values[chosen]) for n in ("x", "y")]
    found = predict(model, from_arrays("three", columns), catalogue())
    output = result.row_output()
    assert output is not None and found.output is not None and found.output.has_noise
    assert found.output.probabilities == pytest.approx(output.probabilities[:, chosen], abs=1e-9)


def test_a_project_brings_noise_back(result: FitResult, tmp_path: Path) -> None:
    path = tmp_path / "noise.emdesk"
    save_project(path, Project(result.dataset, result.spec, result))
    opened = open_project(path, catalogue()).result
    assert opened is not None
    again, before = opened.row_output(), result.row_output()
    assert again is not None and before is not None
    assert np.array_equal(again.probabilities, before.probabilities)


def test_another_order_of_the_components_leaves_noise_last(result: FitResult) -> None:
    turned = permuted(result.params, "component", np.array([1, 0]))
    assert float(turned.noise) == float(result.params.noise)
    block = result.family.blocks(result.data)[0]
    whole, other = (
        result.family.rows(result.data, block, params, Workspace())
        for params in (result.params, turned)
    )
    assert whole is not None and other is not None
    assert other.probabilities == pytest.approx(whole.probabilities[[1, 0, 2]], abs=1e-12)


def test_a_row_with_a_missing_cell_has_the_density_of_what_is_observed() -> None:
    whole = clusters_in_noise()
    x = whole.column("x").values.copy()
    x[[5, 300]] = np.nan
    dataset = from_arrays("gaps", [("x", x), ("y", whole.column("y").values)])
    found = fitted(dataset)
    params, output = shown(found), found.row_output()
    assert output is not None
    assert params["noise_sides"] == pytest.approx(
        [np.nanmax(x) - np.nanmin(x), np.ptp(dataset.column("y").values)]
    )
    y = dataset.column("y").values[5]
    deviation = np.sqrt(params["covariances"][:, 1, 1])
    normal = np.exp(-0.5 * ((y - params["means"][:, 1]) / deviation) ** 2)
    normal /= np.sqrt(2 * np.pi) * deviation
    parts = np.append(
        (1 - params["noise"]) * params["weights"] * normal,
        params["noise"] / params["noise_sides"][1],
    )
    assert output.probabilities[:, 5] == pytest.approx(parts / parts.sum(), rel=1e-9)
    estimate = found.completed()["x"].at(300)
    assert estimate is not None and np.isfinite(estimate).all()


def test_simulated_rows_have_noise_in_their_box(result: FitResult) -> None:
    drawn = result.family.simulate(result.data, result.params, np.random.default_rng(0))
    params = shown(result)
    rows = np.stack([drawn.column(n).values for n in ("x", "y")])
    far = np.all([np.hypot(*(rows - m[:, None])) > 2 for m in params["means"]], axis=0)
    assert 30 < far.sum() < 90
    high = params["noise_low"] + params["noise_sides"]
    assert np.all(rows[:, far] >= params["noise_low"][:, None]) and np.all(
        rows[:, far] <= high[:, None]
    )


def test_left_out_rows_are_judged_by_the_volume_of_the_fitted_ones() -> None:
    dataset, spec = clusters_in_noise(60, 40), noisy()
    family = spec.family_in(catalogue())
    with Sweeper(1) as sweeper:
        walk = cross_validate(
            family, dataset, spec.request(), FitSettings(starts=1), Folds(4), RunControl(), sweeper
        )
        while True:
            try:
                next(walk)
            except StopIteration as end:
                found = end.value
                break
    assert np.isfinite(found.log_likelihood)
    assert found.log_likelihood < fitted(dataset).log_likelihood


def test_counts_have_no_uniform_noise() -> None:
    rng = np.random.default_rng(3)
    dataset = from_arrays("counts", [("n", rng.poisson(3, 50).astype(float))])
    spec = replace(changed_model(noisy(("n",)), catalogue(), "mixture", "poisson"))
    with pytest.raises(SettingProblem, match="continuous"):
        fitted(dataset, spec)


def test_a_constant_column_leaves_noise_no_volume() -> None:
    whole = clusters_in_noise()
    dataset = from_arrays("flat", [("x", whole.column("x").values), ("y", np.ones(whole.rows))])
    with pytest.raises(DataProblem, match="no volume"):
        fitted(dataset)


def test_labels_that_are_all_known_leave_no_row_for_noise() -> None:
    whole = clusters_in_noise()
    labels = np.repeat([0.0, 1.0], whole.rows // 2)
    dataset = from_arrays(
        "known", [*((n, whole.column(n).values) for n in ("x", "y")), ("g", labels)]
    )
    spec = replace(noisy(), roles={Role.LABEL: ("g",)})
    with pytest.raises(SettingProblem, match="every row is known"):
        fitted(dataset, spec)


def test_noise_is_drawn_as_rows_of_no_group(result: FitResult) -> None:
    picture = result.family.picture(result.data, result.params, View(Place.PICTURE))
    points = next(m for m in picture.marks if isinstance(m, Points))
    assert picture.has_noise and picture.groups == ("1", "2")
    assert set(points.group.tolist()) == {NO_GROUP, 0, 1}


def test_of_one_column_the_total_holds_the_noise() -> None:
    whole = clusters_in_noise()
    dataset = from_arrays("one", [("x", whole.column("x").values)])
    found = fitted(dataset, noisy(("x",), covariance="V"))
    picture = found.family.picture(found.data, found.params, View(Place.PICTURE))
    curves = [m for m in picture.marks if isinstance(m, Curve)]
    total = curves[-1]
    assert [c.group for c in curves] == [0, 1, NO_GROUP, -2]
    assert total.y == pytest.approx(sum(c.y for c in curves[:-1]))


def test_noise_has_a_column_of_its_own_in_the_summary(result: FitResult) -> None:
    lines = summary_lines(result, result_object(result))
    head = next(line for line in lines if line.split()[:3] == ["group", "1", "2"])
    assert head.split()[-1] == "Noise"
    share = next(line for line in lines if line.split()[:1] == ["Share"])
    assert float(share.split()[-1]) == pytest.approx(float(shown(result)["noise"]), abs=1e-4)
    assert sum(map(float, share.split()[1:])) == pytest.approx(1, abs=2e-4)
    assert any("Noise log volume" in line for line in lines)


def test_the_result_says_share_rows_and_volume_of_noise(result: FitResult) -> None:
    told = result_object(result)["noise"]
    params = shown(result)
    assert told["share"] == float(params["noise"])
    assert told["rows"] == pytest.approx(320 * told["share"])
    assert told["log_volume"] == pytest.approx(np.log(params["noise_sides"]).sum())


def test_noise_is_refused_for_intervals() -> None:
    rng = np.random.default_rng(4)
    low = rng.normal(size=60)
    dataset = from_arrays("intervals", [("low", low), ("high", low + 1.0)])
    spec = replace(noisy(("low",)), roles={Role.LOWER: ("low",), Role.UPPER: ("high",)})
    with pytest.raises(SettingProblem, match="intervals"):
        fitted(dataset, spec.with_setting("covariance", "V"))
