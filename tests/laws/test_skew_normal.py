"""Skew-normal law: digits far out in the thin tail, uphill steps, the edge of the slant, held values, draws."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.app.session import fit
from emdesk.errors import DataProblem
from emdesk.laws.skew_normal import LAW
from emdesk.laws.skew_normal.settings import SkewNormalParams
from emdesk.model.dataset import from_arrays
from emdesk.model.held import Held, HeldValue
from emdesk.model.law import Workspace
from emdesk.model.numerics.centred_skew import centred, from_centred, unit_information
from emdesk.model.numerics.skew import hidden_moments
from emdesk.model.params import arrays
from emdesk.model.rows import plain_rows
from tests.laws import exact
from tests.laws.one_group import step

F64 = NDArray[np.float64]
LEANING = np.random.default_rng(5).gamma(3.0, 2.0, (2, 60))


def params(location: float, scale: float, slant: float) -> SkewNormalParams:
    return SkewNormalParams(np.array([[location]]), np.array([[scale]]), np.array([[slant]]))


@pytest.mark.parametrize("slant", [0.0, 1e-4, -0.7, 5.0, -50.0])
@pytest.mark.parametrize("offset", [0.0, 1e4])
@pytest.mark.parametrize("share", [1.0, 1e-2])
def test_a_density_keeps_its_digits(share: float, offset: float, slant: float) -> None:
    data = offset + np.random.default_rng(2).standard_normal((1, 200))
    location, scale = offset + 0.3, share
    rows = location + scale * np.linspace(-8, 8, 13)
    given = params(location, scale, slant)
    found, shown = exact.of_law(LAW, given, data, rows[None])
    values = [float(v[0, 0]) for v in arrays(shown).values()]
    expected = [exact.with_digits(exact.skew_normal, float(x), *values) for x in rows]
    # a location is right to one part in 2^53 of its offset; for a narrow or a steep group that is worth this much
    rounding = 2.3e-16 * max(1.0, offset) / share * (1 + abs(slant))
    assert exact.worst(found[0], expected) < 1e-12 + 8 * rounding


def hidden_mean(t: Decimal) -> Decimal:
    density = (-t * t / 2).exp() / (2 * exact.PI).sqrt()
    return t + density / exact.log_normal_below(t).exp()


def hidden_square(t: Decimal) -> Decimal:
    return 1 + t * hidden_mean(t)


def test_hidden_moments_keep_their_digits_far_below_zero() -> None:
    places = np.concatenate([np.linspace(-40, 8, 33), [-1e3, -1e8]])
    logs, first, second = hidden_moments(places)
    for t, log, one, two in zip(places, logs, first, second, strict=True):
        below = exact.with_digits(exact.log_normal_below, float(t))
        expected = [below]
        if t > -500:
            expected += [exact.with_digits(f, float(t)) for f in (hidden_mean, hidden_square)]
        for found, value in zip((log, one, two), expected, strict=False):
            assert abs(Decimal(float(found)) - value) <= Decimal("2e-12") * abs(value)


def test_centred_parameters_go_there_and_back() -> None:
    slants = np.array([-30.0, -2.0, -0.01, 0.0, 0.5, 8.0])
    again = from_centred(*centred(np.full(6, 3.0), np.full(6, 2.0), slants))
    for found, expected in zip(again, (np.full(6, 3.0), np.full(6, 2.0), slants), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_the_information_of_a_normal_law_is_known_and_regular() -> None:
    found = unit_information(np.array([0.0, 1e-3, 0.3]))
    np.testing.assert_allclose(found[0], np.diag([1.0, 2.0, 1 / 6]), atol=1e-9)
    np.testing.assert_allclose(found[1], found[0], atol=2e-2)
    assert np.linalg.eigvalsh(found[2]).min() > 0.05


def expected_fit(shown: SkewNormalParams, rows: F64, members: F64) -> float:
    from scipy.special import log_ndtr

    scales = shown.scales[:, :, None]
    z = (rows - shown.locations[:, :, None]) / scales
    logs = log_ndtr(shown.slants[:, :, None] * z) - 0.5 * z**2 - np.log(scales)
    return float((members[:, None] * logs).sum())


HELD: tuple[dict[str, float], ...] = (
    {},
    {"locations": 2.0},
    {"scales": 3.0},
    {"slants": 1.5},
    {"locations": 2.5, "slants": 2.0},
    {"scales": 4.0, "slants": -1.0},
    {"locations": 3.0, "scales": 4.0},
)


@pytest.mark.parametrize("held", HELD, ids=lambda held: "-".join(held) or "nothing")
def test_with_memberships_held_the_steps_climb_to_the_maximum_of_what_is_free(
    held: dict[str, float],
) -> None:
    members = np.random.default_rng(6).uniform(0, 2, (2, 60))
    kept = Held(tuple(HeldValue(name, (0, 1), value) for name, value in held.items()))
    fits = [
        expected_fit(step(LAW, LEANING, members, n, kept), LEANING, members)
        for n in (2, 3, 5, 9, 30, 100)
    ]
    assert np.all(np.diff(fits) >= -1e-8)
    shown = step(LAW, LEANING, members, 600 if held else 40, kept)
    best = expected_fit(shown, LEANING, members)
    for name, value in arrays(shown).items():
        for place in np.ndindex(2, 2):
            if name in held and place == (0, 1):
                assert value[place] == pytest.approx(held[name], rel=1e-12)
                continue
            for size in (3e-3, -3e-3):
                moved = {n: v.copy() for n, v in arrays(shown).items()}
                moved[name][place] += size * abs(value[place])
                assert expected_fit(SkewNormalParams(**moved), LEANING, members) < best


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_slant_of_the_wrong_sign_finds_the_other_side(sign: float) -> None:
    """EM would stay at slant 0, where the likelihood is flat."""
    rows = sign * LEANING
    members = np.ones((1, 60))
    constants = LAW.constants(plain_rows(rows), LAW.Settings())
    start = step(LAW, rows, members)
    inner = LAW.from_units(start, constants)
    inner = SkewNormalParams(inner.locations, inner.scales, -0.5 * np.sign(inner.slants))
    work = Workspace()
    for _ in range(60):
        kernel = LAW.kernel(inner, np.zeros(1), constants)
        features = LAW.features(LAW.encode(plain_rows(rows), constants), constants, work)
        inner = LAW.maximise(
            LAW.statistics(features, members, kernel, constants, work), inner, constants
        )
    np.testing.assert_allclose(
        LAW.in_units(inner, constants).slants, step(LAW, rows, members, 60).slants, rtol=1e-5
    )
    assert np.all(sign * inner.slants > 1)


def leaning(slant: float, rows: int, seed: int) -> F64:
    lean, noise = np.random.default_rng(seed).standard_normal((2, rows))
    return np.asarray(10 + 2 * (slant * np.abs(lean) + noise) / np.hypot(1, slant))


def best_of(rows: F64, slants: tuple[float, ...]) -> tuple[float, F64]:
    """The highest log-likelihood that an optimiser finds from some slants, and location, log scale and slant there."""
    from scipy.optimize import minimize
    from scipy.special import log_ndtr

    def fall(x: F64) -> float:
        z = (rows - x[0]) / np.exp(x[1])
        logs = log_ndtr(x[2] * z) - 0.5 * z**2 - x[1]
        return -float(logs.sum()) - len(rows) * 0.5 * float(np.log(2 / np.pi))

    found = []
    for slant in slants:
        start = np.array([rows.min(), np.log(1.5 * rows.std()), slant])
        options = {"maxfev": 4000, "maxiter": 4000, "xatol": 1e-9, "fatol": 1e-11}
        found.append(minimize(fall, start, method="Nelder-Mead", options=options))
    best = min(found, key=lambda each: float(each.fun))
    return -float(best.fun), np.asarray(best.x)


@pytest.mark.parametrize(
    ("slant", "rows", "seed"),
    [(5, 100, 0), (5, 1000, 1), (10, 100, 0), (10, 1000, 0), (20, 1000, 0), (50, 1000, 0)],
)
def test_a_steep_slant_with_a_finite_maximum_is_found(slant: float, rows: int, seed: int) -> None:
    cells = leaning(slant, rows, seed)
    shown = step(LAW, cells[None], np.ones((1, rows)), 60)
    height, place = best_of(cells, (slant, 2 * slant))
    assert expected_fit(shown, cells[None], np.ones((1, rows))) + rows * np.log(
        2 / np.sqrt(2 * np.pi)
    ) == pytest.approx(height, rel=1e-8)
    assert shown.slants[0, 0] == pytest.approx(place[2], rel=1e-3)
    constants = LAW.constants(plain_rows(cells[None]), LAW.Settings())
    assert not LAW.weaknesses(LAW.from_units(shown, constants), constants)


@pytest.mark.parametrize("seed", [3, 5, 11])
def test_a_fit_to_half_of_a_normal_law_is_soon_at_the_largest_slant(seed: int) -> None:
    rows = np.abs(np.random.default_rng(seed).standard_normal(400))
    spec = replace(new_spec(catalogue(), "mixture", "skew-normal"), columns=("x",))
    spec = spec.with_setting("components", 1).with_setting("starts", 1)
    result = fit(from_arrays("half", [("x", rows)]), spec, catalogue(), 1)
    assert not result.is_sound and "half of a normal law" in " ".join(result.warnings())
    assert result.trace.last < 60


def test_half_of_a_normal_law_reaches_the_largest_slant_and_is_said_to_have_become_that() -> None:
    rows = np.abs(np.random.default_rng(3).standard_normal((1, 400)))
    constants = LAW.constants(plain_rows(rows), LAW.Settings(most_slant=20))
    shown = step(LAW, rows, np.ones((1, 400)), 300, most_slant=20)
    assert shown.slants[0, 0] == pytest.approx(20)
    weak = LAW.weaknesses(LAW.from_units(shown, constants), constants)
    assert [w.reason for w in weak] == ["edge"] and "half of a normal" in weak[0].sentence
    assert shown.locations[0, 0] == pytest.approx(rows.min(), abs=0.05)


def test_a_group_of_one_value_is_held_at_the_floor_and_said_to_have_collapsed() -> None:
    rows = np.concatenate([np.full(20, 3.0), LEANING[0]])[None]
    members = np.repeat(np.eye(2), [20, 60], axis=1)
    constants = LAW.constants(plain_rows(rows), LAW.Settings())
    for steps in (1, 2, 6):
        shown: Any = step(LAW, rows, members, steps)
        weak = LAW.weaknesses(LAW.from_units(shown, constants), constants)
        assert (0, "floor") in [(w.group, w.reason) for w in weak]
        assert all(np.isfinite(value).all() for value in arrays(shown).values())
        means, _ = LAW.moments(shown)
        assert means[0, 0] == pytest.approx(3.0, abs=1e-3)


def test_a_cell_that_is_no_number_is_refused_and_so_is_a_column_of_one_value() -> None:
    with pytest.raises(DataProblem, match="row 3"):
        LAW.constants(plain_rows(np.array([[1.0, 2.0, -np.inf]]), ("rain",)), LAW.Settings())
    with pytest.raises(DataProblem, match="rain"):
        LAW.constants(plain_rows(np.full((1, 4), 0.1), ("rain",)), LAW.Settings())


def test_moments_are_those_of_many_draws() -> None:
    shown = SkewNormalParams(
        np.array([[1.0, -2.0, 0.0]]), np.array([[2.0, 1.0, 1.0]]), np.array([[3.0, -40.0, 0.0]])
    )
    drawn = LAW.simulate(shown, np.zeros(200_000, dtype=np.intp), np.random.default_rng(3))
    means, covariances = LAW.moments(shown)
    np.testing.assert_allclose(drawn.mean(axis=1), means[0], atol=0.02)
    np.testing.assert_allclose(drawn.var(axis=1), np.diagonal(covariances[0]), rtol=0.02)


def test_typed_means_become_the_means_of_the_groups() -> None:
    constants = LAW.constants(plain_rows(LEANING), LAW.Settings())
    spread = LAW.from_units(step(LAW, LEANING, np.ones((1, 60))), constants)
    wanted = np.array([[1.0, 2.0], [9.0, 0.5]])
    means, _ = LAW.moments(LAW.in_units(LAW.means_at(wanted, spread, constants), constants))
    np.testing.assert_allclose(means, wanted, rtol=1e-12)
