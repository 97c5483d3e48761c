"""Rows that are intervals, and rows seen through a window: what is read, and what is fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, stats

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.session import FitResult, fit
from emdesk.errors import DataProblem, Problem, SettingProblem
from emdesk.model.dataset import Column, Dataset, Kind, from_arrays
from emdesk.model.interval_ends import Window, read_ends
from emdesk.model.marks import Bars, Curve, Place, View
from emdesk.model.needs import Role
from emdesk.resources import resource

F64 = NDArray[np.float64]
EVERYWHERE = Window()
LOWER_UPPER = {Role.LOWER: ("low",), Role.UPPER: ("high",)}


def waiting() -> F64:
    return np.genfromtxt(resource("samples/faithful.csv"), delimiter=",", skip_header=1)[:, 1]


def counted(values: F64, edges: F64) -> Dataset:
    """Counts of values by bins, each with its upper edge; the last bin is open."""
    counts, _ = np.histogram(values, np.concatenate([[-np.inf], edges, [np.inf]]))
    ends = np.concatenate([edges, [np.nan]])
    return from_arrays("counts", [("edge", ends), ("count", counts.astype(np.float64))])


def between(lower: F64, upper: F64) -> Dataset:
    return from_arrays("between", [("low", lower), ("high", upper)])


def spec_for(
    law: str,
    columns: tuple[str, ...],
    roles: Mapping[Role, tuple[str, ...]] | None = None,
    **settings: Any,
) -> ModelSpec:
    spec = replace(new_spec(catalogue(), "mixture", law), columns=columns, roles=dict(roles or {}))
    for name, value in settings.items():
        spec = spec.with_setting(name, value)
    return spec


def fitted(dataset: Dataset, spec: ModelSpec) -> FitResult:
    return fit(dataset, spec, catalogue(), threads=1)


def shown(result: FitResult) -> Any:
    return result.family.in_units(result.data, result.params)


HISTOGRAM = {Role.UPPER: ("edge",), Role.WEIGHT: ("count",)}
CLOSE: dict[str, Any] = {"tolerance": 1e-12, "max_iterations": 20_000, "starts": 2}


# what is read


def test_a_bin_reaches_from_the_next_smaller_edge_and_the_outermost_are_open() -> None:
    dataset = from_arrays("bins", [("edge", np.array([2.0, 1.0, 5.0, np.nan]))])
    ends = read_ends(dataset, ("edge",), {Role.UPPER: ("edge",)}, EVERYWHERE, False)
    assert ends.lower.tolist() == [1.0, -np.inf, 2.0, 5.0]
    assert ends.upper.tolist() == [2.0, 1.0, 5.0, np.inf]
    assert np.all((ends.middles >= ends.lower) & (ends.middles <= ends.upper))


def test_lower_edges_alone_mean_bins_up_to_the_next_larger_edge() -> None:
    dataset = from_arrays("bins", [("edge", np.array([0.0, 2.0, 1.0]))])
    ends = read_ends(dataset, ("edge",), {Role.LOWER: ("edge",)}, EVERYWHERE, True)
    assert ends.lower.tolist() == [0.0, 2.0, 1.0]
    assert ends.upper.tolist() == [1.0, np.inf, 2.0]


def test_empty_cells_are_open_ends_and_a_row_without_ends_says_nothing() -> None:
    dataset = between(np.array([1.0, np.nan, np.nan, 4.0]), np.array([np.nan, 2.0, np.nan, 4.0]))
    ends = read_ends(dataset, ("low",), LOWER_UPPER, EVERYWHERE, False)
    assert ends.lower[:2].tolist() == [1.0, -np.inf] and ends.upper[:2].tolist() == [np.inf, 2.0]
    assert np.isnan(ends.middles).tolist() == [False, False, True, False]
    assert ends.middles[3] == 4.0


def test_crossed_ends_are_refused_with_their_row() -> None:
    dataset = between(np.array([1.0, 3.0]), np.array([2.0, 2.5]))
    with pytest.raises(DataProblem) as caught:
        read_ends(dataset, ("low",), LOWER_UPPER, EVERYWHERE, False)
    assert caught.value.what == "in row 2 the interval goes from 3 to 2.5"


def test_an_interval_is_cut_to_the_window_and_a_row_outside_is_refused() -> None:
    window = Window(0.0, 10.0)
    dataset = between(np.array([np.nan, 5.0, 7.0]), np.array([2.0, 12.0, 7.0]))
    ends = read_ends(dataset, ("low",), LOWER_UPPER, window, False)
    assert ends.lower.tolist() == [0.0, 5.0, 7.0] and ends.upper.tolist() == [2.0, 10.0, 7.0]
    outside = between(np.array([1.0, 11.0]), np.array([2.0, 12.0]))
    with pytest.raises(DataProblem, match="row 2 lies outside"):
        read_ends(outside, ("low",), LOWER_UPPER, window, False)


def test_a_window_needs_a_lower_limit_below_the_upper_and_one_continuous_column() -> None:
    dataset = from_arrays("data", [("a", np.arange(20.0)), ("b", np.arange(20.0) ** 2)])
    crossed = spec_for("gaussian", ("a",), truncated_below="5", truncated_above="4")
    with pytest.raises(SettingProblem, match="above 5 and below 4"):
        fitted(dataset, crossed)
    for law, columns in (("gaussian", ("a", "b")), ("zero-inflated-poisson", ("a",))):
        with pytest.raises(Problem):
            fitted(dataset, spec_for(law, columns, truncated_below="-1"))
    with pytest.raises(SettingProblem, match="much"):
        spec_for("gaussian", ("a",), truncated_below="much")
    assert spec_for("gaussian", ("a",), truncated_below=" 1,5").settings.truncated_below == "1.5"


def test_a_positive_law_refuses_an_interval_below_zero() -> None:
    dataset = between(np.array([-3.0, 1.0, 2.0]), np.array([-1.0, 2.0, 4.0]))
    with pytest.raises(DataProblem, match=r"-1 in row 1"):
        fitted(dataset, spec_for("gamma", ("low",), LOWER_UPPER, components=1))


def test_noise_is_refused_beside_intervals() -> None:
    dataset = counted(waiting(), np.arange(50.0, 95.0, 5.0))
    with pytest.raises(SettingProblem) as caught:
        fitted(dataset, spec_for("gaussian", ("edge",), HISTOGRAM, noise="uniform"))
    assert caught.value.setting == "noise"


# what is fitted


@pytest.mark.parametrize(
    "law", ["gaussian", "student-t", "log-normal", "gamma", "weibull", "inverse-gaussian"]
)
def test_exact_ends_are_the_law_itself(law: str) -> None:
    values = waiting()
    both = from_arrays("both", [("low", values), ("high", values)])
    plain = fitted(both, spec_for(law, ("low",), max_iterations=30, starts=1))
    ends = fitted(both, spec_for(law, ("low",), LOWER_UPPER, max_iterations=30, starts=1))
    assert ends.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)
    own, other = (
        plain.family.quantities(plain.data, plain.params),
        ends.family.quantities(ends.data, ends.params),
    )
    for a, b in zip(own, other, strict=True):
        assert np.allclose(a.values, b.values, rtol=1e-10)


def test_binned_counts_reach_the_maximum_of_the_binned_likelihood() -> None:
    edges = np.arange(45.0, 95.0, 5.0)
    dataset = counted(waiting(), edges)
    result = fitted(dataset, spec_for("gaussian", ("edge",), HISTOGRAM, **CLOSE))
    counts = dataset.column("count").values
    full = np.concatenate([[-np.inf], edges, [np.inf]])

    def fall(vector: F64) -> float:
        share = 1 / (1 + np.exp(-vector[0]))
        scales = np.exp(vector[3:])
        masses = np.diff(
            [stats.norm(m, s).cdf(full) for m, s in zip(vector[1:3], scales, strict=True)]
        )
        return -float(counts @ np.log(np.array([share, 1 - share]) @ masses))

    start = np.array([-0.5, 54.0, 80.0, np.log(6.0), np.log(6.0)])
    best = optimize.minimize(fall, start, method="BFGS", options={"gtol": 1e-8})
    assert result.log_likelihood == pytest.approx(-best.fun, rel=1e-9)
    means = np.sort(shown(result).law.means[:, 0])
    assert np.allclose(means, np.sort(best.x[1:3]), atol=1e-3)
    assert result.data.size == 272


LAWS: dict[str, Callable[[Any, int], Any]] = {
    "gaussian": lambda p, k: stats.norm(p.means[k, 0], np.sqrt(p.covariances[k, 0, 0])),
    "student-t": lambda p, k: stats.t(p.degrees[k], p.means[k, 0], np.sqrt(p.scales[k, 0, 0])),
    "skew-normal": lambda p, k: stats.skewnorm(p.slants[k, 0], p.locations[k, 0], p.scales[k, 0]),
    "log-normal": lambda p, k: stats.lognorm(p.log_sds[k, 0], scale=np.exp(p.log_means[k, 0])),
    "exponential": lambda p, k: stats.expon(scale=p.means[k, 0]),
    "gamma": lambda p, k: stats.gamma(p.shapes[k, 0], scale=p.scales[k, 0]),
    "weibull": lambda p, k: stats.weibull_min(p.shapes[k, 0], scale=p.scales[k, 0]),
    "inverse-gaussian": lambda p, k: stats.invgauss(
        p.means[k, 0] / p.shapes[k, 0], scale=p.shapes[k, 0]
    ),
}


@pytest.mark.parametrize("law", [name for name in LAWS if name in {x.id for x in catalogue().laws}])
def test_every_law_climbs_the_binned_likelihood_of_its_own_distribution_function(law: str) -> None:
    edges = np.arange(45.0, 95.0, 5.0)
    dataset = counted(waiting(), edges)
    spec = spec_for(law, ("edge",), HISTOGRAM, starts=1, max_iterations=60)
    result = fitted(dataset, spec)
    objectives = np.asarray(result.trace.objectives)
    assert np.all(np.diff(objectives) > -1e-10 * np.abs(objectives[1:]))
    params = shown(result)
    full = np.concatenate([[-np.inf], edges, [np.inf]])
    masses = np.stack([np.diff(LAWS[law](params.law, k).cdf(full)) for k in range(2)])
    expected = dataset.column("count").values @ np.log(params.weights @ masses)
    assert result.log_likelihood == pytest.approx(expected, rel=1e-10)


def test_narrow_bins_come_close_to_the_values_themselves() -> None:
    values = waiting()
    plain = fitted(from_arrays("v", [("x", values)]), spec_for("gaussian", ("x",), **CLOSE))
    width = 1e-3
    narrow = between(values - width / 2, values + width / 2)
    binned = fitted(narrow, spec_for("gaussian", ("low",), LOWER_UPPER, **CLOSE))
    gap = binned.log_likelihood - plain.log_likelihood - len(values) * np.log(width)
    assert abs(gap) < 1e-4
    assert np.allclose(shown(binned).law.means, shown(plain).law.means, atol=1e-4)


def test_a_censored_exponential_mean_is_the_total_time_over_the_events() -> None:
    times = np.random.default_rng(4).exponential(3.0, 200)
    is_seen = times < 4.0
    lower = np.minimum(times, 4.0)
    upper = np.where(is_seen, times, np.nan)
    spec = spec_for("exponential", ("low",), LOWER_UPPER, components=1, **CLOSE)
    result = fitted(between(lower, upper), spec)
    mean = lower.sum() / is_seen.sum()
    assert shown(result).law.means[0, 0] == pytest.approx(mean, rel=1e-5)
    assert result.log_likelihood == pytest.approx(
        -is_seen.sum() * np.log(mean) - lower.sum() / mean, rel=1e-10
    )


def test_a_truncated_normal_sample_gives_back_the_whole_normal_law() -> None:
    drawn = np.random.default_rng(8).normal(10.0, 2.0, 6000)
    kept = drawn[(drawn > 9.0) & (drawn < 14.0)]
    limits: dict[str, Any] = {"truncated_below": "9", "truncated_above": "14"}
    spec = spec_for("gaussian", ("x",), components=1, **limits, **CLOSE)
    result = fitted(from_arrays("kept", [("x", kept)]), spec)

    def fall(vector: F64) -> float:
        scale = np.exp(vector[1])
        law = stats.truncnorm((9 - vector[0]) / scale, (14 - vector[0]) / scale, vector[0], scale)
        return -float(law.logpdf(kept).sum())

    best = optimize.minimize(fall, [11.0, 0.3], method="Nelder-Mead", options={"xatol": 1e-8})
    assert result.log_likelihood == pytest.approx(-best.fun, rel=1e-8)
    assert shown(result).law.means[0, 0] == pytest.approx(10.0, abs=0.3)
    inside = next(
        q for q in result.family.quantities(result.data, result.params) if q.name == "inside"
    )
    law = stats.norm(shown(result).law.means[0, 0], np.sqrt(shown(result).law.covariances[0, 0, 0]))
    assert inside.values[0] == pytest.approx(law.cdf(14) - law.cdf(9), rel=1e-10)


def test_truncated_counts_are_those_given_the_window() -> None:
    values = waiting()
    values = values[values > 50]
    edges = np.arange(55.0, 95.0, 5.0)
    dataset = counted(values, edges)
    spec = spec_for("gamma", ("edge",), HISTOGRAM, truncated_below="50", starts=1)
    result = fitted(dataset, spec)
    params, full = shown(result), np.concatenate([[50.0], edges, [np.inf]])
    laws = [LAWS["gamma"](params.law, k) for k in range(2)]
    masses = np.stack([np.diff(law.cdf(full)) / law.sf(50.0) for law in laws])
    expected = dataset.column("count").values @ np.log(params.weights @ masses)
    assert result.log_likelihood == pytest.approx(expected, rel=1e-9)
    assert np.all(np.diff(result.trace.objectives) > -1e-7)


def test_probabilities_of_a_bin_follow_from_the_masses_of_the_groups() -> None:
    dataset = counted(waiting(), np.arange(45.0, 95.0, 5.0))
    result = fitted(dataset, spec_for("gaussian", ("edge",), HISTOGRAM, starts=1))
    output = result.row_output()
    assert output is not None and output.probabilities.shape == (2, 11)
    params = shown(result)
    masses = np.array([LAWS["gaussian"](params.law, k).cdf([60.0, 65.0]) for k in range(2)])
    both = params.weights * np.diff(masses)[:, 0]
    assert np.allclose(output.probabilities[:, 4], both / both.sum(), rtol=1e-9)


def test_narrow_groups_in_wide_bins_keep_their_probabilities() -> None:
    edges = np.array([-10.0, -1.0, 0.5, 20.0])
    dataset = from_arrays("wide", [("edge", edges), ("count", np.array([3.0, 5.0, 7.0, 9.0]))])
    given = {"weights": [0.3, 0.7], "means": [[0.0], [2.0]], "covariances": [[[1e-4]], [[9.0]]]}
    spec = spec_for("gaussian", ("edge",), HISTOGRAM, start="result", starts=1, max_iterations=1)
    result = fitted(dataset, replace(spec, start_params=given))
    full = np.concatenate([[-np.inf], edges])
    narrow, broad = (np.diff(law.cdf(full)) for law in (stats.norm(0, 0.01), stats.norm(2, 3)))
    expected = dataset.column("count").values @ np.log(0.3 * narrow + 0.7 * broad)
    assert result.trace.objectives[0] == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("assignment", ["hard", "stochastic"])
def test_intervals_can_be_assigned_hard_or_by_chance(assignment: str) -> None:
    dataset = counted(waiting(), np.arange(45.0, 95.0, 5.0))
    settings: dict[str, Any] = {"assignment": assignment, "starts": 1, "max_iterations": 30}
    result = fitted(dataset, spec_for("gaussian", ("edge",), HISTOGRAM, **settings))
    assert np.allclose(np.sort(shown(result).law.means[:, 0]), [54.5, 80.0], atol=3.0)


# what is shown and drawn


def test_the_histogram_has_the_bins_of_the_file_and_the_curves_their_scale() -> None:
    edges = np.array([45.0, 50.0, 55.0, 65.0, 75.0, 80.0, 85.0, 95.0])
    dataset = counted(waiting(), edges)
    result = fitted(dataset, spec_for("gaussian", ("edge",), HISTOGRAM, starts=1))
    picture = result.family.picture(result.data, result.params, View(Place.PICTURE))
    bars = next(mark for mark in picture.marks if isinstance(mark, Bars))
    inner = (bars.edges >= 45) & (bars.edges <= 95)
    assert bars.edges[inner].tolist() == edges.tolist()
    counts, width = dataset.column("count").values, 5.0
    at = int(np.searchsorted(bars.edges, 55.0))
    assert bars.heights[at] == pytest.approx(counts[3] / 10.0 * width)
    assert picture.y_label == "Rows per 5"
    total = next(m for m in picture.marks if isinstance(m, Curve) and m.group == -2)
    area = float(np.trapezoid(total.y, total.x)) / width
    assert area == pytest.approx(272, rel=0.02)


def test_drawn_rows_have_the_bins_of_the_data() -> None:
    lower, upper = np.array([0.0, 1.0, 2.0, 3.0] * 20), np.array([1.0, 2.0, 3.0, np.nan] * 20)
    spec = spec_for("gamma", ("low",), LOWER_UPPER, components=1, starts=1)
    result = fitted(between(lower, upper), spec)
    drawn = result.family.simulate(result.data, result.params, np.random.default_rng(0))
    pairs = set(zip(drawn.column("low").values, drawn.column("high").values, strict=True))
    known = {(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)}
    assert {p for p in pairs if not np.isnan(p[1])} <= known
    assert {p[0] for p in pairs if np.isnan(p[1])} == {3.0}
    assert drawn.rows == 80


def test_rows_keep_their_places_where_some_cannot_be_used() -> None:
    lower = Column("low", Kind.CONTINUOUS, np.array([1.0, np.nan, 2.0, 5.0]))
    upper = Column("high", Kind.CONTINUOUS, np.array([2.0, np.nan, np.nan, 6.0]))
    spec = spec_for("gaussian", ("low",), LOWER_UPPER, components=1, starts=1)
    result = fitted(Dataset((lower, upper), "gaps"), spec)
    assert result.data.used.tolist() == [True, False, True, True]
    assert result.audit() is not None
