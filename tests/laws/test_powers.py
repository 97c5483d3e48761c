"""Gaussian and t laws in powers of their columns: the density, the maximum, what has no power, and the way back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.comparison.grid import compare
from emdesk.app.comparison.places import Place, grid_spec
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.session import FitResult, fit
from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.gaussian import LAW as GAUSSIAN
from emdesk.laws.gaussian.settings import GaussianParams
from emdesk.laws.student_t import LAW as STUDENT_T
from emdesk.laws.student_t.settings import StudentTParams
from emdesk.model.dataset import Dataset, Kind, from_arrays
from emdesk.model.family import ByMeans, ByParams
from emdesk.model.marks import Ellipse, View
from emdesk.model.marks import Place as Places
from emdesk.model.numerics.box_cox import powered, powered_slopes, values_of
from emdesk.model.params import arrays, from_vector, to_vector
from emdesk.model.power_law import Powered, PoweredParams, with_powers
from tests.catalogues import everything
from tests.laws import exact
from tests.laws.test_direct_maximum import columns_of

F64 = NDArray[np.float64]
FAITHFUL, GALAXIES, PETALS = ("eruptions", "waiting"), ("velocity",), ("Petal.Length",)
COMMON, EACH = {"transformation": "common-power"}, {"transformation": "power-each"}


def spec_of(law: str, columns: tuple[str, ...], **settings: Any) -> ModelSpec:
    spec = replace(new_spec(everything(), "mixture", law), columns=columns)
    wanted = {"components": 2, "tolerance": 1e-12, "max_iterations": 5000}
    for name, value in (wanted | settings).items():
        spec = spec.with_setting(name, value)
    return spec


def dataset(columns: F64, names: tuple[str, ...]) -> Dataset:
    return from_arrays("", list(zip(names, columns, strict=True)), Kind.CONTINUOUS)


def fitted(law: str, rows: F64, names: tuple[str, ...], **settings: Any) -> FitResult:
    return fit(dataset(rows, names), spec_of(law, names, **settings), everything(), 1)


def log_densities(values: dict[str, F64], rows: F64) -> F64:
    """(K, m) from the textbook: the law of (s|y|^p - 1) / p, and the derivative of that."""
    from scipy.stats import multivariate_normal, multivariate_t

    made, pivots = [], values["pivots"][:, None]
    for k, power in enumerate(values["powers"]):
        if abs(power) < 1e-12:
            moved = pivots * (1 + np.log(rows / pivots))
        else:
            turned = np.sign(rows) * np.abs(rows / pivots) ** power
            moved = pivots * (1 + (turned - 1) / power)
        has_tails = "degrees" in values
        matrix = values["scales" if has_tails else "covariances"][k]
        widths = np.sqrt(np.diag(matrix))
        shape, nowhere = matrix / widths[:, None] / widths, np.zeros(len(widths))
        white = (moved - values["means"][k][:, None]) / widths[:, None]
        law: Any = multivariate_normal(nowhere, shape)
        if has_tails:
            law = multivariate_t(nowhere, shape, values["degrees"][k])
        slopes = (power - 1) * np.log(np.abs(rows / pivots)).sum(axis=0)
        made.append(np.atleast_1d(law.logpdf(white.T)) + slopes - np.log(widths).sum())
    return np.stack(made)


# ------------------------------------------------------------ the transformation


@pytest.mark.parametrize("power", [0.0, 1e-9, 0.3, 1.0, 2.5])
def test_what_is_transformed_comes_back(power: float) -> None:
    pivots = np.array([2.0])
    values = np.array([[1e-3, 0.5, 1.9999999, 2.0, 7.0, 4e3]])
    moved = powered(np.log(values / 2), None, power)
    # of a power far from 1 a value next to nothing has few digits
    assert pytest.approx(values, rel=1e-7) == values_of(moved.T, power, pivots).T


def test_values_below_zero_come_back_with_their_sign() -> None:
    values = np.array([[-50.0, -1.0, -1e-3, 1e-3, 1.0, 50.0]])
    moved = powered(np.log(np.abs(values)), np.sign(values), 0.4)
    assert np.all(np.diff(moved) > 0)
    assert pytest.approx(values, rel=1e-10) == values_of(moved.T, 0.4, np.ones(1)).T


@pytest.mark.parametrize("power", [0.05, 0.4, 1.0, 2.0])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_derivatives_by_the_power_are_those_of_the_values(power: float, sign: float) -> None:
    logs = np.array([[-4.0, -0.3, 1e-6, 0.8, 3.0]])
    signs = np.full_like(logs, sign)
    h = 1e-4
    low, here, high = (powered(logs, signs, power + side * h) for side in (-1, 0, 1))
    slope, bend = powered_slopes(logs, signs, power)
    assert slope == pytest.approx((high - low) / (2 * h), rel=1e-4, abs=1e-7)
    at_both = [powered_slopes(logs, signs, power + side * h)[0] for side in (-1, 1)]
    assert bend == pytest.approx((at_both[1] - at_both[0]) / (2 * h), rel=1e-4, abs=1e-7)
    assert here == pytest.approx((sign * np.exp(power * logs) - 1) / power, rel=1e-9, abs=1e-12)


# ------------------------------------------------------------ the density


def exact_log_density(y: list[float], values: dict[str, F64], k: int, degrees: bool) -> Decimal:
    """Two columns, with 60 digits."""
    with localcontext() as context:
        context.prec = exact.DIGITS
        power = Decimal(float(values["powers"][k]))
        pivots = [Decimal(float(v)) for v in values["pivots"]]
        means = [Decimal(float(v)) for v in values["means"][k]]
        matrix = values["scales" if degrees else "covariances"][k]
        a, b, c = (Decimal(float(matrix[i])) for i in ((0, 0), (0, 1), (1, 1)))
        logs = [(Decimal(v) / g).ln() for v, g in zip(y, pivots, strict=True)]
        moved = [
            g * (1 + (((power * log).exp() - 1) / power if power else log))
            for g, log in zip(pivots, logs, strict=True)
        ]
        u, v = (x - m for x, m in zip(moved, means, strict=True))
        determinant = a * c - b * b
        square = (c * u * u - 2 * b * u * v + a * v * v) / determinant
        slopes = (power - 1) * sum(logs)
        log_root = determinant.ln() / 2
        if degrees:
            return (
                exact.student_t(square, log_root, Decimal(float(values["degrees"][k])), 2) + slopes
            )
        return -square / 2 - log_root - (2 * exact.PI).ln() + slopes


@pytest.mark.parametrize("condition", [1.0, 1e4, 1e6])
@pytest.mark.parametrize("has_tails", [False, True])
@pytest.mark.parametrize("power", [0.0, 0.35, 2.0])
def test_the_log_density_has_its_digits(condition: float, has_tails: bool, power: float) -> None:
    rng = np.random.default_rng(3)
    data = np.exp(rng.normal(1.0, 0.4, (2, 300)))
    turn = np.array([[np.cos(0.6), -np.sin(0.6)], [np.sin(0.6), np.cos(0.6)]])
    matrix = turn @ np.diag([0.5, 0.5 / condition]) @ turn.T
    matrix[1, 0] = matrix[0, 1]
    means, pivots = np.array([[3.0, 2.5]]), np.exp(np.log(data).mean(axis=1))
    plain: Any = GaussianParams(means, matrix[None])
    if has_tails:
        plain = StudentTParams(means, matrix[None], np.array([5.0]))
    law: Any = Powered(STUDENT_T if has_tails else GAUSSIAN)
    params = PoweredParams(plain, np.array([power]), pivots)
    away = 8 * rng.uniform(-1, 1, (2, 200)) * np.sqrt([[0.5], [0.5 / condition]])
    moved = means.T + turn @ away
    inside = np.all(1 + power * (moved / pivots[:, None] - 1) > 0.05, axis=0)
    rows = values_of((moved[:, inside].T - pivots) / pivots, power, pivots).T
    settings = {"transformation": "given-power", "power": power, "floor": 1e-12}
    found, shown = exact.of_law(law, params, data, rows, **settings)
    wanted = [exact_log_density(y, arrays(shown), 0, has_tails) for y in rows.T.tolist()]
    assert exact.worst(found[0], wanted) < 1e-12


# ------------------------------------------------------------ the maximum


@pytest.mark.parametrize(
    ("law", "sample", "columns", "less", "settings"),
    [
        ("student-t", "faithful", FAITHFUL, 0.0, COMMON | {"tails": "fixed"}),
        ("student-t", "iris", PETALS, 0.0, COMMON | {"tails": "common"}),
        ("student-t", "galaxies", GALAXIES, 0.0, {"transformation": "given-power"}),
        ("gaussian", "faithful", FAITHFUL, 0.0, COMMON),
        ("gaussian", "galaxies", GALAXIES, 0.0, EACH),
        ("gaussian", "faithful", ("eruptions",), 3.0, EACH),
    ],
)
def test_a_fit_reaches_the_maximum_that_an_optimiser_finds(
    law: str, sample: str, columns: tuple[str, ...], less: float, settings: dict[str, Any]
) -> None:
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    rows = columns_of(sample, columns) - less
    result = fitted(law, rows, columns, **settings)
    assert result.converged, result.stop_sentence

    def fall(vector: F64) -> float:
        # ties and bounds are those of the model, the density is not its own
        moved = result.family.retract(result.data, from_vector(vector, result.params))
        values = arrays(result.family.in_units(result.data, moved))
        logs = log_densities(values, rows) + np.log(values["weights"])[:, None]
        return -float(logsumexp(logs, axis=0).sum())

    reached, rng = to_vector(result.params), np.random.default_rng(1)
    assert -fall(reached) == pytest.approx(result.log_likelihood, rel=1e-9)
    found = []
    for size in (0.0, 0.02, 0.05):
        start = reached + size * rng.standard_normal(len(reached))
        with np.errstate(all="ignore"):
            found.append(-minimize(fall, start, method="BFGS", options={"gtol": 1e-6}).fun)
    assert max(found) == pytest.approx(result.log_likelihood, rel=1e-6)


@pytest.mark.parametrize("law", ["gaussian", "student-t"])
def test_the_power_1_changes_nothing(law: str) -> None:
    rows = columns_of("faithful", FAITHFUL)
    plain = fitted(law, rows, FAITHFUL)
    same = fitted(law, rows, FAITHFUL, transformation="given-power", power=1.0)
    assert same.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-9)
    means = arrays(plain.family.in_units(plain.data, plain.params))["means"]
    shown = arrays(same.family.in_units(same.data, same.params))
    assert shown["means"] == pytest.approx(means, rel=1e-6)


def test_the_power_0_is_the_log_normal_law() -> None:
    rows = columns_of("galaxies", GALAXIES)
    own = fitted("log-normal", rows, GALAXIES)
    same = fitted("gaussian", rows, GALAXIES, transformation="given-power", power=0.0)
    assert same.log_likelihood == pytest.approx(own.log_likelihood, rel=1e-9)


def test_an_estimated_power_is_worth_no_less_than_none() -> None:
    rows = columns_of("faithful", FAITHFUL)
    plain, common, each = (
        fitted("gaussian", rows, FAITHFUL, transformation=word)
        for word in ("none", "common-power", "power-each")
    )
    assert plain.log_likelihood < common.log_likelihood < each.log_likelihood
    counted = [r.family.free_parameters(r.data, r.params) for r in (plain, common, each)]
    assert np.diff(counted).tolist() == [1, 1]


@pytest.mark.parametrize("factor", [1e-150, 1e-8, 1e8, 1e150])
def test_another_unit_of_measurement_gives_the_same_fit(factor: float) -> None:
    rows = columns_of("faithful", FAITHFUL)
    settings = {"transformation": "common-power"}
    own = fitted("gaussian", rows, FAITHFUL, **settings)
    scaled = fitted("gaussian", factor * rows, FAITHFUL, **settings)
    shift = rows.size * np.log(factor)
    assert scaled.log_likelihood + shift == pytest.approx(own.log_likelihood, abs=1e-5)
    assert scaled.params.law.powers == pytest.approx(own.params.law.powers, abs=1e-3)


def test_rows_of_a_known_power_give_it_back() -> None:
    rng = np.random.default_rng(5)
    roots = np.concatenate([rng.normal(6.0, 1.5, 1500), rng.normal(15.0, 1.5, 1500)])
    rows = (np.sign(roots) * roots**2)[None]
    free = fitted("gaussian", rows, ("size",), **COMMON)
    true = fitted("gaussian", rows, ("size",), transformation="given-power", power=0.5)
    assert free.params.law.powers == pytest.approx(0.5, abs=0.1)
    # half the quantile of chi-square with one degree of freedom at a thousandth
    assert 0 <= free.log_likelihood - true.log_likelihood < 5.4


# ------------------------------------------------------------ what has no power


@pytest.mark.parametrize("word", ["common-power", "given-power"])
def test_a_zero_is_named_with_its_row(word: str) -> None:
    rows = np.array([[1.0, 2.0, 0.0, 3.0, 4.0, 6.0]])
    with pytest.raises(DataProblem, match="column size holds 0 in row 3"):
        fitted("student-t", rows, ("size",), transformation=word)


def test_the_logarithm_of_a_value_below_zero_is_refused() -> None:
    rows = np.array([[1.0, 2.0, 5.0, -3.0, 4.0, 6.0]])
    with pytest.raises(DataProblem, match="column size holds -3 in row 4"):
        fitted("gaussian", rows, ("size",), transformation="given-power", power=0.0)


def test_rows_with_missing_cells_are_set_aside() -> None:
    rows = columns_of("faithful", FAITHFUL)
    rows[0, :5] = np.nan
    result = fitted("gaussian", rows, FAITHFUL, transformation="common-power")
    assert result.data.rows == rows.shape[1] - 5


def test_a_window_is_refused_for_powers() -> None:
    rows = columns_of("galaxies", GALAXIES)
    with pytest.raises(SettingProblem):
        fitted("gaussian", rows, GALAXIES, transformation="common-power", truncated_below="5000")


# ------------------------------------------------------------ around a fit


def petals() -> FitResult:
    rows = columns_of("iris", ("Sepal.Length", "Petal.Length"))
    names = ("sepal", "petal")
    return fitted("student-t", rows, names, transformation="power-each", tails="fixed")


def test_the_density_along_a_column_holds_the_whole_mass_and_is_that_of_the_rows() -> None:
    result = petals()
    law, params = result.family.law, result.family.in_units(result.data, result.params).law
    assert law is not None
    x = np.linspace(-60, 120, 400_001)
    for along in np.eye(2):
        logs = law.log_marginal(params, along[None], np.zeros(2), x[None])
        assert logs is not None
        mass = np.exp(logs).sum(axis=1) * (x[1] - x[0])
        assert mass == pytest.approx(1.0, abs=5e-3)
    rows = columns_of("iris", ("Sepal.Length", "Petal.Length"))
    both = law.log_marginal(params, np.eye(2), np.zeros(2), rows)
    assert both == pytest.approx(log_densities(arrays(params), rows), rel=1e-9)


def test_a_slanted_direction_has_no_closed_form() -> None:
    result = petals()
    law, params = result.family.law, result.family.in_units(result.data, result.params).law
    assert law is not None and not law.is_elliptical()
    assert law.log_marginal(params, np.array([[0.6, 0.8]]), np.zeros(2), np.ones((1, 3))) is None


def test_drawn_rows_are_spread_about_the_centres_of_the_table() -> None:
    result = petals()
    shown = result.family.in_units(result.data, result.params)
    law = result.family.law
    assert law is not None
    table = {q.name: q.values for q in law.quantities(shown.law, ("sepal", "petal"))}
    groups = np.repeat(np.arange(2), 20_000)
    drawn = law.simulate(shown.law, groups, np.random.default_rng(2))
    medians = np.stack([np.median(drawn[:, groups == k], axis=1) for k in range(2)])
    assert medians == pytest.approx(table["centres"], rel=0.02)
    assert table["powers"].shape == (2,)


def test_a_fit_starts_where_another_ended() -> None:
    result = petals()
    rows = columns_of("iris", ("Sepal.Length", "Petal.Length"))[:, ::2]
    shown = arrays(result.family.in_units(result.data, result.params))
    family = result.family
    spec = spec_of("student-t", ("sepal", "petal"), transformation="power-each", tails="fixed")
    data = family.prepare(dataset(rows, ("sepal", "petal")), spec.request())
    made = family.start(data, ByParams(dict(shown)), np.random.default_rng(0))
    # the pivots are those of the new rows: the numbers are others, the groups the same
    there = arrays(family.in_units(data, made))
    assert not np.allclose(there["pivots"], shown["pivots"], rtol=1e-6)
    assert log_densities(there, rows) == pytest.approx(log_densities(shown, rows), abs=1e-8)


def test_a_fit_starts_at_typed_centres() -> None:
    rows = columns_of("faithful", FAITHFUL)
    spec = spec_of("gaussian", FAITHFUL, transformation="common-power")
    family = spec.family_in(everything())
    data = family.prepare(dataset(rows, FAITHFUL), spec.request())
    wanted = np.array([[2.0, 55.0], [4.3, 80.0]])
    made = family.start(data, ByMeans(wanted), np.random.default_rng(0))
    shown = family.quantities(data, made)
    centres = next(q.values for q in shown if q.name == "centres")
    assert centres == pytest.approx(wanted, rel=1e-9)


def test_a_law_without_a_transformation_is_itself() -> None:
    assert with_powers(GAUSSIAN, GAUSSIAN.Settings()) is GAUSSIAN


def test_a_model_of_the_columns_as_they_are_is_a_start() -> None:
    rows = columns_of("faithful", FAITHFUL)
    plain = fitted("gaussian", rows, FAITHFUL)
    values = arrays(plain.family.in_units(plain.data, plain.params))
    spec = spec_of("gaussian", FAITHFUL, start="result", **EACH)
    result = fit(dataset(rows, FAITHFUL), replace(spec, start_params=values), everything(), 1)
    first = result.trace.objectives[0]
    assert first == pytest.approx(plain.log_likelihood, rel=1e-9)
    assert result.log_likelihood > plain.log_likelihood + 5


def test_no_cell_of_a_grid_ends_below_a_special_case_of_it() -> None:
    rows = columns_of("iris", PETALS)
    spec = spec_of("gaussian", PETALS, starts=1, tolerance=1e-8)
    data, words = dataset(rows, PETALS), ("none", "common-power", "power-each")
    grid = grid_spec(spec, data, everything(), range(1, 3), "transformation", words)
    made = compare(data, grid, everything(), threads=1)
    for count in range(1, 3):
        heights = [made.cells[Place(count, word)].objective for word in words]
        assert np.all(np.diff(heights) >= -1e-5 * abs(heights[0])), count


def test_level_lines_are_bent_ellipses_that_hold_their_share() -> None:
    rows, names = columns_of("iris", ("Sepal.Length", "Petal.Length")), ("sepal", "petal")
    result = fitted("gaussian", rows, names, transformation="given-power", power=0.0)
    picture = result.family.picture(result.data, result.params, View(Places.PICTURE))
    lines = [mark for mark in picture.marks if isinstance(mark, Ellipse)]
    shown = result.family.in_units(result.data, result.params).law
    assert len(lines) == 4
    for line in lines:
        moved = shown.pivots[:, None] * (1 + np.log(line.outline / shown.pivots[:, None]))
        away = moved - shown.own.means[line.group][:, None]
        white = np.linalg.solve(np.linalg.cholesky(shown.own.covariances[line.group]), away)
        assert (white**2).sum(axis=0) == pytest.approx(-2 * np.log1p(-line.level), rel=1e-9)
