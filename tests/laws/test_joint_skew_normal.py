"""Skew-normal columns that lean together: digits, steps uphill, linear maps, bounds, missing cells, draws."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import log_ndtr

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.session import fit
from emdesk.errors import DataProblem, SettingProblem
from emdesk.families.mixture import FAMILY
from emdesk.laws.skew_normal.joint_law import JointSkewNormal
from emdesk.laws.skew_normal.settings import JointSkewNormalParams
from emdesk.model.dataset import from_arrays
from emdesk.model.held import Held, HeldValue
from emdesk.model.numerics.joint_skew import Bounds, em_step, from_moments, from_parts, leaning
from emdesk.model.params import arrays, from_vector, to_vector
from emdesk.model.rows import Rows, plain_rows
from tests.laws import exact
from tests.laws.one_group import step
from tests.laws.test_columnwise_gaps import climbs, run, with_gaps
from tests.laws.test_digits_of_gaussian import log_density as log_normal_density
from tests.laws.test_digits_of_gaussian import long_and_flat
from tests.laws.test_log_density import joint_skew_normal

F64 = NDArray[np.float64]
LAW = JointSkewNormal()
MIXTURE = FAMILY.with_law(LAW)
GIVEN = JointSkewNormalParams(
    np.array([[1.0, -2.0, 0.5]]),
    np.array([[[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.7]]]),
    np.array([[3.0, -1.0, 0.5]]),
)


def drawn(rows: int, slants: tuple[float, ...] = (3.0, -1.0, 0.5), seed: int = 3) -> F64:
    """(3, n) rows of one group."""
    params = replace(GIVEN, slants=np.array([slants]))
    return LAW.simulate(params, np.zeros(rows, dtype=np.intp), np.random.default_rng(seed))


def spec_over(columns: tuple[str, ...], components: int) -> ModelSpec:
    spec = replace(new_spec(catalogue(), "mixture", "skew-normal"), columns=columns)
    wanted = {"columns_are": "joint", "components": components, "starts": 1}
    for name, value in wanted.items():
        spec = spec.with_setting(name, value)
    return spec


def log_density(x: F64, location: F64, scale: F64, slant: F64) -> Decimal:
    """With as many digits as the context has."""
    tilt = Decimal(0)
    for j, value in enumerate(x):
        away = Decimal(float(value)) - Decimal(float(location[j]))
        tilt += Decimal(float(slant[j])) * away / Decimal(float(scale[j, j])).sqrt()
    below = exact.with_digits(exact.log_normal_below, tilt)
    return Decimal(2).ln() + log_normal_density(x, location, scale) + below


@pytest.mark.parametrize("d", [2, 4])
@pytest.mark.parametrize("condition", [1e3, 1e8])
@pytest.mark.parametrize("steepness", [1e-3, 3.0, 30.0])
def test_a_long_flat_component_keeps_its_digits(steepness: float, condition: float, d: int) -> None:
    rng = np.random.default_rng(7)
    scale = long_and_flat("VVV", d, condition, rng)
    root = np.linalg.cholesky(scale)
    lean = rng.standard_normal(d)
    pull = np.linalg.solve(root.T, steepness * lean / np.linalg.norm(lean))
    slant = pull * np.sqrt(np.diagonal(scale))
    location = rng.standard_normal(d)
    directions = rng.standard_normal((d, 12))
    directions *= rng.uniform(0, 8, 12) / np.linalg.norm(directions, axis=0)
    rows = location[:, None] + root @ directions
    data = 1.3 * np.random.default_rng(1).standard_normal((d, 200))
    given = JointSkewNormalParams(location[None], scale[None], slant[None])
    found, shown = exact.of_law(LAW, given, data, rows, floor=1e-12)
    np.testing.assert_array_equal(shown.scales, given.scales)
    values = (shown.locations[0], shown.scales[0], shown.slants[0])
    expected = [exact.with_digits(log_density, x, *values) for x in rows.T]
    # where Phi nearly vanishes its logarithm changes by as much as the rounding of its argument times that
    assert exact.worst(found[0], expected) < 1e-12 * max(1.0, steepness / 8)


def test_one_column_is_that_law_of_one_column_and_several_lean_together() -> None:
    spec = spec_over(("a", "b"), 1)
    assert isinstance(spec.family_in(catalogue()).law, JointSkewNormal)
    one = replace(spec, columns=("a",)).family_in(catalogue()).law
    assert one is catalogue().law("skew-normal")
    free = spec.with_setting("columns_are", "independent").family_in(catalogue()).law
    assert free is one


def test_a_partition_has_the_moments_of_its_rows_and_the_skewness_of_its_columns() -> None:
    mean, covariance = (part[0] for part in LAW.moments(GIVEN))
    lean = leaning(GIVEN.scales, GIVEN.slants)
    thirds = lean.shifts[0] ** 3 * np.sqrt(2 / np.pi) * (4 / np.pi - 1)
    location, shift, rest = from_moments(mean, covariance, thirds, 0.99)
    np.testing.assert_allclose(location, GIVEN.locations[0], rtol=1e-10)
    scales, slants = from_parts(shift[None], rest[None])
    np.testing.assert_allclose(scales, GIVEN.scales, rtol=1e-10)
    np.testing.assert_allclose(slants, GIVEN.slants, rtol=1e-9)


@pytest.mark.parametrize("slants", [(3.0, -1.0, 0.5), (0.0, 0.0, 0.0), (20.0, 5.0, 0.0)])
def test_with_memberships_held_the_steps_climb_to_a_maximum(slants: tuple[float, ...]) -> None:
    rows = drawn(500, slants)
    members = np.ones((1, 500))
    shown = step(LAW, rows, members, 60)

    def fall(vector: F64) -> float:
        made = from_vector(np.clip(vector, -300, 300), shown)
        return -float(joint_skew_normal(arrays(made), rows).sum())

    reached = to_vector(shown)
    with np.errstate(all="ignore"):
        found = minimize(fall, reached, method="BFGS", options={"gtol": 1e-7}).fun
    assert fall(reached) == pytest.approx(found, abs=1e-6)
    start = to_vector(replace(GIVEN, slants=np.array([slants])))
    assert fall(reached) < fall(start)


def test_a_fit_does_not_rest_where_its_groups_are_still_normal() -> None:
    rng = np.random.default_rng(1)
    rows = np.concatenate([rng.standard_normal((600, 2)) + c for c in ([0, 0], [6, 0], [0, 6])])
    rows[:, 0] += 1.5 * np.abs(rng.standard_normal(1800))
    spec = replace(spec_over(("a", "b"), 3), law_settings=LAW.Settings(columns_are="joint"))
    data = from_arrays("leaning", [("a", rows[:, 0]), ("b", rows[:, 1])])
    soon = fit(data, spec, catalogue(), 1)
    late = fit(data, spec.with_setting("tolerance", 1e-13), catalogue(), 1)
    assert soon.converged and soon.trace.last < 100
    assert soon.log_likelihood == pytest.approx(late.log_likelihood, abs=0.01)


def test_a_fit_is_the_same_after_any_linear_map() -> None:
    rows = drawn(400)
    turn = np.array([[2.0, 0.3, -0.5], [0.1, 0.5, 0.2], [30.0, -4.0, 7.0]])
    one = step(LAW, rows, np.ones((1, 400)), 60)
    other = step(LAW, turn @ rows + 100.0, np.ones((1, 400)), 60)
    np.testing.assert_allclose(other.locations[0], turn @ one.locations[0] + 100.0, rtol=1e-6)
    np.testing.assert_allclose(other.scales[0], turn @ one.scales[0] @ turn.T, rtol=1e-6)
    steepness = [leaning(p.scales, p.slants).steepness[0] for p in (one, other)]
    assert steepness[1] == pytest.approx(steepness[0], rel=1e-6)


@pytest.mark.parametrize("most", [1000.0, 2.0])
def test_an_em_step_is_the_best_one_inside_the_bounds(most: float) -> None:
    rng = np.random.default_rng(5)
    hidden = np.abs(rng.standard_normal(300))
    both = np.stack([3 * hidden, -hidden, hidden]) + 0.5 * rng.standard_normal((3, 300))
    both[2] = hidden
    first, second = both.mean(axis=1), both @ both.T / 300
    bounds = Bounds(np.ones((2, 2)), 1e-8, most)
    location, shift, rest = em_step(first, second, bounds)
    # the scale of the hidden part that speeds EM up
    own = np.sqrt(second[-1, -1]) if most > 100 else 1.0
    shift = shift / own

    def expected(location: F64, shift: F64, rest: F64) -> float:
        noise = both[:2] - location[:, None] - shift[:, None] * hidden
        trace = np.sum(noise * np.linalg.solve(rest, noise)) / 300
        return -0.5 * float(np.linalg.slogdet(rest)[1] + trace)

    best = expected(location, shift, rest)
    assert float(shift @ np.linalg.solve(rest, shift)) <= most**2 * (1 + 1e-9)
    beaten = 0
    for _ in range(400):
        near = np.eye(2) + 0.02 * rng.standard_normal((2, 2))
        other = shift + 0.02 * rng.standard_normal(2)
        turned = near @ rest @ near.T
        steep = np.sqrt(float(other @ np.linalg.solve(turned, other)))
        other = other * min(1.0, most / steep)
        moved = first[:2] - other * first[2]
        assert expected(moved, other, turned) <= best + 1e-12
        beaten += expected(moved, other, turned) < best
    assert beaten == 400


def test_rows_that_end_at_a_sharp_edge_reach_the_largest_slant_soon() -> None:
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((2, 400))
    rows[0] = np.abs(rows[0])
    rows = np.array([[1.0, 0.5], [-0.5, 2.0]]) @ rows
    spec = spec_over(("a", "b"), 1)
    result = fit(from_arrays("half", [("a", rows[0]), ("b", rows[1])]), spec, catalogue(), 1)
    assert not result.is_sound and "half of a normal law" in " ".join(result.warnings())
    assert result.trace.last < 60
    last = result.params_at(result.trace.last).law
    assert leaning(last.scales, last.slants).steepness[0] == pytest.approx(1000, rel=1e-6)


@pytest.mark.parametrize(("most", "steps"), [(5.0, 100), (20.0, 1500)])
def test_at_the_largest_slant_the_other_parameters_still_reach_their_best(
    most: float, steps: int
) -> None:
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((2, 400))
    rows[0] = np.abs(rows[0])
    shown = step(LAW, rows, np.ones((1, 400)), steps, most_slant=most)
    height = float(joint_skew_normal(arrays(shown), rows).sum())
    assert leaning(shown.scales, shown.slants).steepness[0] == pytest.approx(most, rel=1e-6)

    def fall(vector: F64) -> float:
        made = from_vector(np.clip(vector, -300, 300), shown)
        steepness = leaning(made.scales, made.slants).steepness[0]
        made = replace(made, slants=made.slants * min(1.0, most / steepness))
        return -float(joint_skew_normal(arrays(made), rows).sum())

    with np.errstate(all="ignore"):
        options = {"maxfev": 6000, "maxiter": 6000, "xatol": 1e-10, "fatol": 1e-10}
        found = minimize(fall, to_vector(shown), method="Nelder-Mead", options=options).fun
    assert height == pytest.approx(-found, abs=1e-4)


def test_a_group_of_one_row_and_one_in_a_flat_are_held_at_the_floor() -> None:
    rng = np.random.default_rng(2)
    line = rng.gamma(3.0, 1.0, 40)
    flat = np.stack([line, 2 * line + 20])
    rows = np.concatenate([np.tile([[3.0], [4.0]], 20), flat, rng.standard_normal((2, 60))], axis=1)
    members = np.repeat(np.eye(3), [20, 40, 60], axis=1)
    constants = LAW.constants(plain_rows(rows), LAW.Settings())
    for steps in (1, 2, 30):
        shown: Any = step(LAW, rows, members, steps)
        weak = LAW.weaknesses(LAW.from_units(shown, constants), constants)
        assert [(w.group, w.reason) for w in weak] == [(0, "floor"), (1, "floor")]
        assert "flat" in weak[0].sentence
        assert all(np.isfinite(value).all() for value in arrays(shown).values())
        means, _ = LAW.moments(shown)
        np.testing.assert_allclose(means[0], [3.0, 4.0], atol=1e-3)


def test_what_no_fit_can_take_is_refused_with_its_name() -> None:
    rows = np.stack([np.full(5, 2.0), np.arange(5.0)])
    with pytest.raises(DataProblem, match="rain"):
        LAW.constants(plain_rows(rows, ("rain", "wind")), LAW.Settings())
    rows[0] = [1.0, 2.0, 4.0, 3.0, 5.0]
    held = Held((HeldValue("locations", (0, 0), 1.0),))
    with pytest.raises(SettingProblem, match="locations"):
        LAW.constants(Rows(rows, ("a", "b"), np.arange(5), held=held), LAW.Settings())
    constants = LAW.constants(plain_rows(rows), LAW.Settings())
    twisted = JointSkewNormalParams(
        np.zeros((1, 2)), np.array([[[1.0, 2.0], [2.0, 1.0]]]), np.zeros((1, 2))
    )
    with pytest.raises(SettingProblem, match="component 1"):
        LAW.from_units(twisted, constants)
    lost = JointSkewNormalParams(np.zeros((1, 2)), np.eye(2)[None], np.array([[0.0, np.nan]]))
    with pytest.raises(SettingProblem, match="Slant"):
        LAW.from_units(lost, constants)


def test_the_objective_of_rows_with_gaps_never_falls_and_is_their_likelihood() -> None:
    columns = with_gaps(LAW, 3)
    data, params, objectives = run(LAW, columns, 2, iterations=80)
    assert climbs(objectives)
    shown = MIXTURE.in_units(data, params)
    assert objectives[-1] == pytest.approx(gapped_log_likelihood(shown, columns), rel=1e-10)


def gapped_log_likelihood(shown: Any, columns: F64) -> float:
    """By the projections of the groups on the observed columns of each row."""
    law, gaps = shown.law, np.isnan(columns)
    logs = np.empty((len(law.locations), columns.shape[1]))
    for pattern in np.unique(gaps, axis=1).T:
        rows = np.flatnonzero((gaps == pattern[:, None]).all(axis=0))
        points = columns[~pattern][:, rows]
        axes = np.eye(len(columns))[~pattern]
        logs[:, rows] = LAW.log_marginal(law, axes, np.zeros(len(columns)), points)
    joint = logs + np.log(shown.weights)[:, None]
    return float(np.logaddexp.reduce(joint, axis=0).sum())


def test_a_fit_of_rows_with_gaps_ends_where_an_optimiser_ends() -> None:
    columns = drawn(200)[:2]
    gaps = np.random.default_rng(4).random(columns.shape) < 0.15
    columns = np.where(gaps & ~gaps[::-1], np.nan, columns)
    data, params, objectives = run(LAW, columns, 1, iterations=3000)

    def fall(vector: F64) -> float:
        made = from_vector(np.clip(vector, -50, 50), params)
        return -gapped_log_likelihood(MIXTURE.in_units(data, made), columns)

    reached = to_vector(params)
    with np.errstate(all="ignore"):
        found = -minimize(fall, reached, method="BFGS").fun
    assert found == pytest.approx(objectives[-1], rel=1e-6)


def test_rows_with_gaps_do_not_make_a_fit_creep() -> None:
    columns = drawn(300)
    gaps = np.random.default_rng(4).random(columns.shape) < 0.15
    gaps[0] &= ~(gaps[1] & gaps[2])
    _, _, objectives = run(LAW, np.where(gaps, np.nan, columns), 1, iterations=400)
    assert objectives[min(100, len(objectives) - 1)] == pytest.approx(objectives[-1], abs=1e-4)


def test_a_projection_has_the_density_of_what_is_left() -> None:
    points = np.array([[-1.0, 0.5, 2.0, 4.0]])
    two = JointSkewNormalParams(
        GIVEN.locations[:, :2], GIVEN.scales[:, :2, :2], np.array([[3.0, -1.0]])
    )
    found = LAW.log_marginal(two, np.array([[1.0, 0.0]]), np.zeros(2), points)
    assert found is not None
    for log, x in zip(found[0], points[0], strict=True):

        def at(y: float, x: float = x) -> float:
            logs = joint_skew_normal(arrays(two), np.array([[x, x], [y, y]]))
            return float(np.exp(logs[0, 0]))

        total, _ = quad(at, -12, 10, points=[-2.0], epsabs=1e-13)
        assert log == pytest.approx(np.log(total), rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("seen", [-3.0, 1.5, 5.0])
def test_missing_cells_have_the_law_of_their_row(seen: float) -> None:
    two = JointSkewNormalParams(
        GIVEN.locations[:, :2], GIVEN.scales[:, :2, :2], np.array([[3.0, -4.0]])
    )
    data = np.random.default_rng(1).standard_normal((2, 50))
    constants = LAW.constants(plain_rows(data), LAW.Settings())
    inner = LAW.from_units(two, constants)
    row = LAW.encode(plain_rows(np.array([[seen], [np.nan]])), constants)
    many, members = np.repeat(row, 60_000, axis=1), np.ones((1, 60_000))
    values, spread = LAW.complete(many, members, inner, constants, None)
    grid = np.linspace(-14, 10, 40_001)
    density = np.exp(joint_skew_normal(arrays(two), np.stack([np.full_like(grid, seen), grid])))[0]
    total = np.trapezoid(density, grid)
    mean = np.trapezoid(density * grid, grid) / total
    sd = np.sqrt(np.trapezoid(density * (grid - mean) ** 2, grid) / total)
    assert values[1, 0] == pytest.approx(mean, rel=1e-8)
    assert spread[1, 0] == pytest.approx(sd, rel=1e-7)
    made, same = LAW.complete(many, members, inner, constants, np.random.default_rng(1))
    assert made[1].mean() == pytest.approx(mean, abs=0.02)
    assert made[1].std() == pytest.approx(sd, rel=0.02)
    cube = np.trapezoid(density * (grid - mean) ** 3, grid) / total
    assert np.mean((made[1] - mean) ** 3) == pytest.approx(cube, abs=0.1 * sd**3)
    assert np.all(made[0] == seen) and np.all(same[0] == 0)


def test_moments_are_those_of_many_draws_and_one_side_is_as_likely_as_phi_says() -> None:
    rows = drawn(200_000)
    means, covariances = LAW.moments(GIVEN)
    np.testing.assert_allclose(rows.mean(axis=1), means[0], atol=0.01)
    np.testing.assert_allclose(np.cov(rows), covariances[0], atol=0.02)
    lean = leaning(GIVEN.scales, GIVEN.slants)
    along = lean.pulls[0] @ (rows - GIVEN.locations[0][:, None]) / lean.steepness[0]
    # a projection on the slant leans by the steepness
    grid = np.linspace(-8, 0, 20_001)
    logs = np.log(2) - 0.5 * grid**2 - 0.5 * np.log(2 * np.pi)
    below = np.trapezoid(np.exp(logs + log_ndtr(lean.steepness[0] * grid)), grid)
    assert np.mean(along < 0) == pytest.approx(below, abs=0.004)


def test_typed_means_become_the_means_of_the_groups() -> None:
    rows = drawn(60)
    constants = LAW.constants(plain_rows(rows), LAW.Settings())
    spread = LAW.from_units(step(LAW, rows, np.ones((1, 60))), constants)
    wanted = np.array([[1.0, 2.0, 3.0], [9.0, 0.5, -4.0]])
    means, _ = LAW.moments(LAW.in_units(LAW.means_at(wanted, spread, constants), constants))
    np.testing.assert_allclose(means, wanted, rtol=1e-12)


def test_a_table_shows_means_and_spreads_beside_locations_scales_and_slants() -> None:
    shown = {q.name: q for q in LAW.quantities(GIVEN, ("a", "b", "c"))}
    assert list(shown) == [
        "means",
        "sds",
        "correlations",
        "locations",
        "widths",
        "scale_correlations",
        "slants",
    ]
    _, covariances = LAW.moments(GIVEN)
    np.testing.assert_allclose(shown["sds"].values ** 2, covariances[0].diagonal()[None])
    np.testing.assert_allclose(shown["widths"].values ** 2, GIVEN.scales[0].diagonal()[None])
    np.testing.assert_allclose(np.diagonal(shown["scale_correlations"].values[0]), 1.0)
