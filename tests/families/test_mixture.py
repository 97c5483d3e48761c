"""The mixture family: weights, hard and soft assignment, free parameters, collapse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.session import FitResult, fit
from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.stopping import Stop
from emdesk.model.dataset import Dataset, Kind, from_arrays
from emdesk.model.law import Workspace
from emdesk.model.needs import Role
from emdesk.model.params import arrays, from_vector, to_vector
from emdesk.model.plain_family import PlainFamily
from tests.catalogues import Case, case, cases, everything, fitted
from tests.laws.test_gaussian import iris

F64 = NDArray[np.float64]


def shown(result: FitResult) -> dict[str, F64]:
    return arrays(result.family.in_units(result.data, result.params))


def repeated(dataset: Dataset, counts: NDArray[np.intp]) -> Dataset:
    columns = tuple(replace(c, values=np.repeat(c.values, counts)) for c in dataset.columns)
    return replace(dataset, columns=columns)


WEIGHTED = [c for c in cases() if c.spec.roles.get(Role.WEIGHT)]


@pytest.mark.parametrize("weighted", WEIGHTED, ids=str)
@pytest.mark.parametrize("assignment", ["soft", "hard"])
def test_a_weight_counts_a_row_as_often_as_repeating_it(weighted: Case, assignment: str) -> None:
    weighted = weighted.from_labels().set(max_iterations=15, tolerance=0.0, assignment=assignment)
    counts = weighted.dataset.column("weight").values.astype(np.intp)
    kept = weighted.spec.roles.items()
    others: dict[Role, tuple[str, ...]] = {r: n for r, n in kept if r is not Role.WEIGHT}
    plain = replace(weighted, spec=replace(weighted.spec, roles=others))
    one, other = weighted.fit(), plain.over(repeated(weighted.dataset, counts)).fit()
    assert one.objective == pytest.approx(other.objective, rel=1e-10)
    assert one.data.size == other.data.size == counts.sum()
    for name, value in shown(one).items():
        np.testing.assert_allclose(value, shown(other)[name], rtol=1e-8, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("weighted", WEIGHTED, ids=str)
def test_rows_of_weight_zero_are_out_of_the_fit_and_of_the_count(weighted: Case) -> None:
    weights = weighted.dataset.column("weight").values
    result = fitted(weighted.name)
    assert np.array_equal(result.data.used, weights > 0)
    columns = tuple(replace(c, values=c.values[weights > 0]) for c in weighted.dataset.columns)
    without = weighted.from_labels().over(replace(weighted.dataset, columns=columns)).fit()
    assert without.objective == pytest.approx(weighted.from_labels().fit().objective, rel=1e-12)


def test_weights_need_not_be_whole() -> None:
    weighted = WEIGHTED[0].from_labels().set(max_iterations=10, tolerance=0.0)
    column = weighted.dataset.column("weight")
    halves = replace(column, values=column.values * 0.25, kind=Kind.CONTINUOUS)
    columns = tuple(halves if c.name == "weight" else c for c in weighted.dataset.columns)
    quarter = weighted.over(replace(weighted.dataset, columns=columns)).fit()
    assert quarter.objective == pytest.approx(0.25 * weighted.fit().objective, rel=1e-10)


def log_likelihood(result: FitResult, params: Any) -> float:
    """The objective of any params, by a sweep of its own."""
    family, data = result.family, result.data
    with Sweeper(1) as sweeper:
        return float(sweeper.sweep(family, data, params, family.blocks(data), RunControl()).fit)


INTERIOR = [
    "mixture-gaussian-1d",
    "mixture-gaussian-2d",
    "mixture-gaussian-4d",
    "mixture-poisson-1d",
    "mixture-poisson-2d",
    "mixture-gaussian-2d-weight",
    "hidden-markov-gaussian-1d-sequence-time",
]


@pytest.mark.parametrize("name", INTERIOR)
def test_no_direction_goes_uphill_from_a_converged_fit(name: str) -> None:
    """The gradient of the log-likelihood in the free vector, by central differences, is zero."""
    result = case(name).from_labels().set(max_iterations=20_000, tolerance=1e-14).fit()
    params = _smoothed(result.params)
    vector = to_vector(params)
    step = 1e-5
    slope = []
    for i in range(len(vector)):
        ahead, behind = vector.copy(), vector.copy()
        ahead[i] += step
        behind[i] -= step
        rise = log_likelihood(result, from_vector(ahead, params)) - log_likelihood(
            result, from_vector(behind, params)
        )
        slope.append(rise / (2 * step))
    assert np.abs(slope).max() < 2e-3 * max(1.0, np.sqrt(result.data.rows))


def _smoothed(params: Any) -> Any:
    """The same params through the vector, so that shares of zero are the least that a vector holds."""
    return from_vector(to_vector(params), params)


def test_before_convergence_there_is_a_way_uphill() -> None:
    """The same measure is far from zero at the start, so that it says something at the end."""
    result = case("mixture-gaussian-2d").from_labels().set(max_iterations=0).fit()
    params, step = result.params, 1e-5
    vector = to_vector(params)
    vector[0] += step
    assert abs(log_likelihood(result, from_vector(vector, params)) - result.objective) / step > 0.05


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mixture-gaussian-1d", 2 + 3 + 3),
        ("mixture-gaussian-1d-E", 2 + 3 + 1),
        ("mixture-gaussian-2d", 2 + 6 + 9),
        ("mixture-gaussian-4d", 2 + 12 + 30),
        ("mixture-gaussian-2d-EII", 2 + 6 + 1),
        ("mixture-gaussian-2d-VII", 2 + 6 + 3),
        ("mixture-gaussian-4d-EEI", 2 + 12 + 4),
        ("mixture-gaussian-4d-VVI", 2 + 12 + 12),
        ("mixture-gaussian-4d-EEE", 2 + 12 + 10),
        ("mixture-gaussian-2d-equal", 6 + 9),
        ("mixture-poisson-2d", 2 + 6),
        ("mixture-poisson-2d-equal", 6),
        ("hidden-markov-gaussian-2d", 2 + 6 + 6 + 9),
        ("hidden-markov-poisson-2d", 2 + 6 + 6),
        ("emission-MLEM", 64),
    ],
)
def test_free_parameters_are_those_of_the_textbook(name: str, expected: int) -> None:
    assert fitted(name).free_parameters == expected


@pytest.mark.parametrize(
    "name",
    ["mixture-gaussian-1d", "mixture-gaussian-2d", "mixture-poisson-1d", "mixture-poisson-2d"],
)
def test_free_parameters_are_the_rank_of_the_rows_log_densities(name: str) -> None:
    """As many directions as there are free parameters change the density of the rows; the others change nothing."""
    result = case(name).from_labels().set(max_iterations=3).fit()
    params, data, family = result.params, result.data, result.family
    vector, step, slopes = to_vector(params), 1e-4, []

    def densities(at: F64) -> F64:
        moved = from_vector(at, params)
        out = np.empty((3, data.rows))
        from emdesk.model.law import Workspace

        assert family.law is not None
        work = Workspace()
        kernel = family.law.kernel(moved.law, np.log(moved.weights), data.constants)
        features = family.law.features(data.encoded, data.constants, work)
        family.law.log_density(features, kernel, out, work)
        return np.asarray(np.log(np.exp(out).sum(axis=0)))

    for i in range(len(vector)):
        ahead, behind = vector.copy(), vector.copy()
        ahead[i] += step
        behind[i] -= step
        slopes.append((densities(ahead) - densities(behind)) / (2 * step))
    spectrum = np.linalg.svd(np.array(slopes), compute_uv=False)
    assert int((spectrum > 1e-5 * spectrum[0]).sum()) == result.free_parameters


def k_means(dataset: Dataset, columns: tuple[str, ...], centres: F64) -> FitResult:
    """Hard, spherical, equal, with equal weights, from given centres."""
    kind = case("mixture-gaussian-2d-EII").set(
        components=len(centres),
        weights="equal",
        assignment="hard",
        start="means",
        max_iterations=200,
    )
    means = tuple(tuple(float(v) for v in row) for row in centres)
    return fit(dataset, replace(kind.spec, columns=columns, start_means=means), everything(), 1)


def within(rows: F64, centres: F64, labels: NDArray[np.intp]) -> float:
    """The sum of squared distances to the centres."""
    return float(((rows - centres[labels]) ** 2).sum())


@pytest.mark.parametrize("seed", range(4))
def test_hard_spherical_equal_components_of_equal_weight_are_k_means(seed: int) -> None:
    from sklearn.cluster import KMeans

    data = iris()
    names = data.names[:4]
    rows = np.stack([data.column(n).values for n in names], axis=1)
    centres = rows[np.random.default_rng(seed).choice(150, 3, replace=False)]
    result = k_means(data, names, centres)
    peer = KMeans(3, init=centres, n_init=1, tol=0.0, algorithm="lloyd").fit(rows)
    output = result.row_output()
    assert output is not None
    sse = within(rows, shown(result)["means"], output.label)
    assert sse == pytest.approx(peer.inertia_, rel=1e-10)
    assert np.array_equal(output.label, peer.labels_)


def test_iris_in_three_groups_by_k_means_has_the_known_sum_of_squares() -> None:
    data = iris()
    names = data.names[:4]
    rows = np.stack([data.column(n).values for n in names], axis=1)
    kind = case("mixture-gaussian-2d-EII").set(weights="equal", assignment="hard", starts=20)
    result = fit(data, replace(kind.spec, columns=names), everything(), 1)
    output = result.row_output()
    assert output is not None
    assert within(rows, shown(result)["means"], output.label) == pytest.approx(78.85, abs=0.01)


def test_the_hard_objective_is_the_classification_likelihood() -> None:
    result = fitted("mixture-gaussian-2d-hard")
    params = shown(result)
    from scipy.stats import multivariate_normal

    rows = np.stack([result.data.values(i) for i in range(2)], axis=1)
    logs = np.stack(
        [
            np.log(w) + multivariate_normal(m, c).logpdf(rows)
            for w, m, c in zip(
                params["weights"], params["means"], params["covariances"], strict=True
            )
        ]
    )
    assert result.objective == pytest.approx(logs.max(axis=0).sum(), rel=1e-10)
    total = np.log(np.exp(logs).sum(axis=0)).sum()
    assert result.log_likelihood == pytest.approx(total, rel=1e-10)


def test_rows_get_the_probabilities_of_bayes() -> None:
    from scipy.stats import multivariate_normal

    result = fitted("mixture-gaussian-4d")
    params = shown(result)
    rows = np.stack([result.data.values(i) for i in range(4)], axis=1)
    joint = np.stack(
        [
            w * multivariate_normal(m, c).pdf(rows)
            for w, m, c in zip(
                params["weights"], params["means"], params["covariances"], strict=True
            )
        ]
    )
    output = result.row_output()
    assert output is not None
    np.testing.assert_allclose(output.probabilities, joint / joint.sum(axis=0), atol=1e-10)
    assert np.array_equal(output.label, joint.argmax(axis=0))
    np.testing.assert_allclose(output.uncertainty, 1 - output.probabilities.max(axis=0))


def clump() -> Dataset:
    """A cloud and one value many times: a component that settles on it has no variance."""
    values = np.concatenate([np.random.default_rng(0).standard_normal(150), np.full(40, 3.7)])
    return from_arrays("clump", [("x", values)])


def test_a_component_on_repeated_rows_is_reported_as_collapsed() -> None:
    kind = case("mixture-gaussian-1d").set(components=2, max_iterations=500)
    given = {"weights": [0.8, 0.2], "means": [[0.0], [3.7]], "covariances": [[[1.0]], [[1e-3]]]}
    start = replace(kind.from_params(given).spec, columns=("x",))
    result = fit(clump(), start, everything(), 1)
    assert result.stop is Stop.COLLAPSED and not result.is_sound and not result.converged
    assert "component 2" in result.stop_sentence
    assert any("component 2" in warning for warning in result.warnings())
    assert np.isfinite(result.objective)


def test_where_every_start_collapses_the_result_says_that_nothing_is_sound() -> None:
    kind = case("mixture-gaussian-1d").set(components=2, max_iterations=500, starts=6)
    result = fit(clump(), replace(kind.spec, columns=("x",)), everything(), 1)
    assert not result.is_sound
    assert len(result.outcome.set_aside) == 6
    assert any("sound" in warning for warning in result.warnings())


def test_iris_reaches_its_sound_optimum_and_sets_the_collapsing_starts_aside() -> None:
    kind = case("mixture-gaussian-4d").set(
        starts=40, finish=40, start="random-rows", max_iterations=1000
    )
    data = iris()
    result = fit(data, replace(kind.spec, columns=data.names[:4]), everything(), 1)
    assert result.is_sound
    assert result.objective == pytest.approx(-180.19, abs=0.01)
    aside = result.outcome.set_aside
    assert aside and all(a.stop is Stop.COLLAPSED or a.weaknesses for a in aside)
    assert any("set aside" in warning for warning in result.warnings())


def test_a_component_on_too_few_distinct_rows_is_not_sound() -> None:
    """Three rows of two columns lie close together: no floor is touched, but it is no group."""
    rng = np.random.default_rng(1)
    rows = np.concatenate([rng.standard_normal((100, 2)), 6 + 0.05 * rng.standard_normal((2, 2))])
    data = from_arrays("few", [("x", rows[:, 0]), ("y", rows[:, 1])])
    kind = case("mixture-gaussian-2d").set(
        components=2, covariance="EEE", start="means", max_iterations=300
    )
    spec = replace(kind.spec, columns=("x", "y"), start_means=((0.0, 0.0), (6.0, 6.0)))
    equal = fit(data, spec, everything(), 1)
    assert equal.is_sound, "with a common matrix two rows are enough"
    free = fit(data, replace(spec.with_setting("covariance", "VVV")), everything(), 1)
    assert not free.is_sound


def test_one_component_is_the_sample_mean_and_covariance() -> None:
    result = case("mixture-gaussian-4d").set(components=1).fit()
    rows = np.stack([result.data.values(i) for i in range(4)])
    np.testing.assert_allclose(shown(result)["means"][0], rows.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(shown(result)["covariances"][0], np.cov(rows, bias=True), rtol=1e-9)
    assert result.converged


def test_another_seed_is_another_start_but_the_best_of_many_is_the_same() -> None:
    base = case("mixture-gaussian-2d").set(starts=10, max_iterations=500, tolerance=1e-10)
    one, other = base.fit(), base.set(seed=99).fit()
    assert one.trace.objectives[0] != other.trace.objectives[0]
    assert one.objective == pytest.approx(other.objective, rel=1e-7)


@pytest.mark.parametrize("each", [c for c in cases() if c.spec.family == "mixture"], ids=str)
def test_log_densities_of_a_block_are_those_of_its_rows_one_by_one(each: Case) -> None:
    result = fitted(each.name)
    block = result.family.blocks(result.data)[0]
    block = replace(block, stop=min(block.stop, block.start + 40))
    args = (result.data, block, result.params, Workspace())
    found = result.family.log_densities(*args)
    alone = PlainFamily.log_densities(cast(Any, result.family), *args)
    np.testing.assert_allclose(found, alone, rtol=1e-10, atol=1e-12)
