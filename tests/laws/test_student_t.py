"""The Student t law: digits at any degrees of freedom, the degrees of freedom themselves, scales that are shared."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.student_t import LAW
from emdesk.laws.student_t.settings import StudentTParams, StudentTSettings
from emdesk.laws.student_t.tails import MOST_DEGREES, TailSums, improved, log_constant
from emdesk.model.law import Workspace
from emdesk.model.rows import plain_rows
from tests.laws import exact

F64 = NDArray[np.float64]
DEGREES = [0.2, 1.0, 2.5, 30.0, 39.9, 40.1, 999.0, 1001.0, 1e5, 1e8]


@pytest.mark.parametrize("degrees", DEGREES)
@pytest.mark.parametrize("d", [1, 2, 3, 6])
def test_the_height_of_the_density_keeps_its_digits_up_to_the_normal_law(
    d: int, degrees: float
) -> None:
    expected = exact.with_digits(exact.student_t, 0.0, 0.0, degrees, d)
    found = log_constant(np.array([degrees]), d)
    assert exact.worst(found, [expected]) < 1e-14


@pytest.mark.parametrize("degrees", DEGREES)
@pytest.mark.parametrize("share", [1.0, 1e-2, 1e-4])
def test_the_density_keeps_its_digits_at_any_degrees_and_for_a_narrow_group(
    share: float, degrees: float
) -> None:
    data = 1e6 + np.random.default_rng(2).standard_normal((1, 400))
    mean = 1e6 + 0.75
    rows = mean + share * np.linspace(-8, 8, 33)
    given = StudentTParams(np.array([[mean]]), np.array([[[share**2]]]), np.array([degrees]))
    found, shown = exact.of_law(
        LAW, given, data, rows[None], tails="fixed", degrees=degrees, floor=1e-12
    )
    variance, centre = float(shown.scales[0, 0, 0]), float(shown.means[0, 0])

    def formula(x: Decimal, m: Decimal, v: Decimal, df: Decimal) -> Decimal:
        return exact.student_t((x - m) ** 2 / v, v.ln() / 2, df, 1)

    expected = [exact.with_digits(formula, float(x), centre, variance, degrees) for x in rows]
    # a centre of a million is right to one part in 2^53 of it
    assert exact.worst(found[0], expected) < 1e-12 + 40 * 2.3e-16 * 1e6 / share


def test_many_degrees_are_the_normal_law() -> None:
    from scipy.stats import norm

    data = np.random.default_rng(2).standard_normal((1, 50))
    given = StudentTParams(np.array([[0.5]]), np.array([[[4.0]]]), np.array([1e8]))
    found, _ = exact.of_law(LAW, given, data, data, tails="fixed", degrees=1e8)
    np.testing.assert_allclose(found[0], norm(0.5, 2.0).logpdf(data[0]), rtol=1e-7)


def sums_of(squares: F64, degrees: float, d: int) -> TailSums:
    """The sums of rows of d columns at squared distances (m,)."""
    logs, ratios = np.log1p(squares / degrees), squares / (1 + squares / degrees)
    parts = (np.ones_like(squares), logs, ratios, ratios**2)
    return TailSums(d, *(np.array([v.sum()]) for v in parts))


@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize("truth", [0.7, 3.0, 25.0])
@pytest.mark.parametrize("start", [0.3, 10.0, 5000.0])
def test_newton_finds_the_degrees_of_freedom_with_the_highest_likelihood(
    d: int, truth: float, start: float
) -> None:
    from scipy.optimize import minimize_scalar

    rng = np.random.default_rng(4)
    normal = rng.standard_normal((d, 4000))
    squares = (normal**2).sum(axis=0) / (rng.chisquare(truth, 4000) / truth)

    def fall(log_degrees: float) -> float:
        df = np.array([np.exp(log_degrees)])
        height = float(log_constant(df, d)[0])
        return float((0.5 * (df[0] + d) * np.log1p(squares / df[0]) - height).sum())

    expected = float(np.exp(minimize_scalar(fall, bounds=(-2, 8), method="bounded").x))
    degrees = np.array([start])
    for _ in range(60):
        degrees = improved(degrees, [sums_of(squares, float(degrees[0]), d)], is_common=False)
    assert degrees[0] == pytest.approx(expected, rel=1e-3)


def test_tails_lighter_than_normal_end_at_the_normal_law() -> None:
    squares = np.linspace(0, 1.5, 300) ** 2
    degrees = np.array([5.0])
    for _ in range(12):
        degrees = improved(degrees, [sums_of(squares, float(degrees[0]), 1)], is_common=False)
    assert degrees[0] == MOST_DEGREES


def maximised(rows: F64, settings: StudentTSettings, members: F64, steps: int) -> StudentTParams:
    """Params in units after so many steps with memberships held."""
    names = tuple("ab"[: len(rows)])
    constants = LAW.constants(plain_rows(rows, names), settings)
    encoded, work = LAW.encode(plain_rows(rows), constants), Workspace()
    params: StudentTParams | None = None
    for _ in range(steps):
        kernel = None
        if params is not None:
            kernel = LAW.kernel(params, np.zeros(len(members)), constants)
        features = LAW.features(encoded, constants, work)
        sums = LAW.statistics(features, members, kernel, constants, work)
        params = LAW.maximise(sums, params, constants)
    assert params is not None
    shown: StudentTParams = LAW.in_units(params, constants)
    return shown


@pytest.mark.parametrize("covariance", ["EEE", "EVE", "VEE", "VVV", "EII"])
@pytest.mark.parametrize("tails", ["each", "common", "fixed"])
def test_groups_of_different_tails_that_share_their_size_reach_its_maximum(
    covariance: str, tails: str
) -> None:
    """One factor on all scale matrices is free in every structure, so that the likelihood is flat along it."""
    rng = np.random.default_rng(8)
    heavy, light = rng.standard_t(1.5, (2, 300)), rng.standard_normal((2, 200)) + 4
    rows = np.concatenate([heavy, light], axis=1)
    members = np.repeat(np.eye(2), [300, 200], axis=1)
    settings = StudentTSettings(covariance=covariance, tails=tails)
    made = maximised(rows, settings, members, 600)

    def fit(factor: float) -> float:
        scaled = StudentTParams(made.means, factor * made.scales, made.degrees)
        logs = LAW.log_marginal(scaled, np.eye(2), np.zeros(2), rows)
        assert logs is not None
        return float((members * logs).sum())

    slope = (fit(1 + 1e-4) - fit(1 - 1e-4)) / 2e-4
    assert abs(slope) < 1e-3
    assert fit(1.0) > max(fit(1.02), fit(0.98))
    if tails == "each":
        assert made.degrees[0] < 3 and made.degrees[1] > 10
    else:
        assert np.ptp(made.degrees) == 0


def test_a_stray_row_hardly_moves_the_centre_of_its_group() -> None:
    rows = np.concatenate([np.random.default_rng(1).standard_normal(60), [1e4]])[None]
    made = maximised(rows, StudentTSettings(), np.ones((1, 61)), 200)
    assert abs(made.means[0, 0]) < 0.5 and made.scales[0, 0, 0] < 3
    assert rows.mean() > 100


def test_a_row_weight_of_two_is_the_row_twice() -> None:
    rng = np.random.default_rng(3)
    rows, twice = rng.standard_t(3, (2, 50)), rng.uniform(0.2, 1.0, (2, 50))
    settings = StudentTSettings()
    constants = LAW.constants(plain_rows(rows, ("a", "b")), settings)
    params = LAW.from_units(
        StudentTParams(np.zeros((2, 2)), np.stack([np.eye(2), 3 * np.eye(2)]), np.array([4.0, 9])),
        constants,
    )
    work = Workspace()
    made = []
    for values, members in (
        (rows, 2 * twice),
        (np.tile(rows, 2), np.tile(twice, 2)),
    ):
        kernel = LAW.kernel(params, np.zeros(2), constants)
        features = LAW.features(LAW.encode(plain_rows(values), constants), constants, work)
        sums = LAW.statistics(features, members, kernel, constants, work)
        made.append(LAW.maximise(sums, params, constants))
    np.testing.assert_allclose(made[0].means, made[1].means, rtol=1e-10)
    np.testing.assert_allclose(made[0].scales, made[1].scales, rtol=1e-10)
    np.testing.assert_allclose(made[0].degrees, made[1].degrees, rtol=1e-10)


def test_given_degrees_of_freedom_stay_as_they_are_whatever_a_result_says() -> None:
    rows = np.random.default_rng(1).standard_normal((1, 40))
    settings = StudentTSettings(tails="fixed", degrees=7.0)
    constants = LAW.constants(plain_rows(rows, ("a",)), settings)
    given = StudentTParams(np.zeros((1, 1)), np.ones((1, 1, 1)), np.array([3.0]))
    assert LAW.from_units(given, constants).degrees.tolist() == [7.0]
    assert maximised(rows, settings, np.ones((1, 40)), 5).degrees.tolist() == [7.0]


@pytest.mark.parametrize("degrees", [0.0, -1.0])
def test_given_degrees_that_are_not_positive_are_refused_with_their_component(
    degrees: float,
) -> None:
    rows = np.random.default_rng(1).standard_normal((1, 40))
    constants = LAW.constants(plain_rows(rows, ("a",)), StudentTSettings())
    given: Any = (np.zeros((2, 1)), np.ones((2, 1, 1)), np.array([3.0, degrees]))
    with pytest.raises(SettingProblem, match="component 2"):
        LAW.from_units(StudentTParams(*given), constants)


def test_a_group_of_one_value_is_said_to_have_collapsed() -> None:
    rows = np.concatenate([np.full(20, 3.0), np.random.default_rng(1).standard_normal(40)])[None]
    members = np.repeat(np.eye(2), [20, 40], axis=1)
    made = maximised(rows, StudentTSettings(), members, 20)
    constants = LAW.constants(plain_rows(rows, ("a",)), StudentTSettings())
    weak = LAW.weaknesses(LAW.from_units(made, constants), constants)
    assert [w.group for w in weak] == [0] and "component 1" in weak[0].sentence


def test_a_column_of_one_value_has_no_t_law() -> None:
    rows = np.stack([np.linspace(0, 1, 9), np.full(9, 2.0)])
    with pytest.raises(DataProblem, match="wind"):
        LAW.constants(plain_rows(rows, ("rain", "wind")), StudentTSettings())
