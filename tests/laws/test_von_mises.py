"""Von Mises law: the circle has no end, digits, units, floors, gaps; fifty digits are the judge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.von_mises import LAW
from emdesk.laws.von_mises.settings import VonMisesParams
from emdesk.model.held import Held, HeldValue
from emdesk.model.numerics.bessel import concentration_of, length_gap
from emdesk.model.numerics.circle import next_to
from emdesk.model.params import arrays
from emdesk.model.rows import plain_rows
from tests.laws import exact
from tests.laws.one_group import held_step, step

F64 = NDArray[np.float64]
PERIODS = {"degrees": 360.0, "hours": 24.0, "radians": 2 * np.pi, "own": 7.0}
WIND = np.random.default_rng(5).vonmises([[0.2], [2.0]], [[1.5], [4.0]], (2, 40)) * 180 / np.pi


def params(mean: float, concentration: float, period: float) -> VonMisesParams:
    return VonMisesParams(np.array([[mean]]), np.array([[concentration]]), np.array([period]))


@pytest.mark.parametrize("concentration", [1e-8, 0.01, 1.0, 30.0, 61.0, 399.0, 401.0, 1e4, 1e7])
@pytest.mark.parametrize("unit", list(PERIODS))
def test_a_density_keeps_its_digits(unit: str, concentration: float) -> None:
    """Rows lie within eight standard deviations of a mean direction next to the end of the turn."""
    period = PERIODS[unit]
    data = period * np.random.default_rng(2).random((1, 200))
    mean = 0.995 * period
    width = min(8 / np.sqrt(concentration), np.pi) * period / (2 * np.pi)
    rows = np.remainder(mean + np.linspace(-width, width, 25), period)
    settings: dict[str, Any] = {"unit": unit, "floor": 1e-12}
    if unit == "own":
        settings["period"] = period
    given = params(mean, concentration, period)
    found, shown = exact.of_law(LAW, given, data, rows[None], **settings)
    m, k = float(shown.mean_directions[0, 0]), float(shown.concentrations[0, 0])
    expected = [exact.with_digits(exact.von_mises, float(x), m, k, period) for x in rows]
    # a direction is right to one part in 2^53 of the turn; for a narrow group that is worth this much
    rounding = 2.3e-16 * 2 * np.pi * np.sqrt(concentration)
    assert exact.worst(found[0], expected) < 1e-12 + 8 * rounding


def test_the_length_of_the_mean_direction_gives_its_concentration_back() -> None:
    kappa = np.logspace(-6, 25, 63)
    np.testing.assert_allclose(concentration_of(length_gap(kappa)), kappa, rtol=1e-9)
    assert np.all(np.isfinite(concentration_of(np.array([0.0, 1.0, 1.5, 1e-300]))))


def test_turning_the_circle_turns_the_means_and_nothing_else() -> None:
    members = np.random.default_rng(3).uniform(0, 1, (2, 40))
    one = step(LAW, np.remainder(WIND, 360), members, steps=2, unit="degrees")
    for turn in (90.0, 200.0, 359.0):
        other = step(LAW, np.remainder(WIND + turn, 360), members, steps=2, unit="degrees")
        away = other.mean_directions - one.mean_directions - turn
        np.testing.assert_allclose(away - 360 * np.rint(away / 360), 0, atol=1e-9)
        np.testing.assert_allclose(other.concentrations, one.concentrations, rtol=1e-9)


def test_every_unit_says_the_same_in_its_own_words() -> None:
    members = np.random.default_rng(3).uniform(0, 1, (2, 40))
    turns = np.remainder(WIND / 360, 1)
    made = {
        unit: step(LAW, turns * period, members, steps=2, unit=unit, period=period)
        for unit, period in PERIODS.items()
    }
    for unit, period in PERIODS.items():
        np.testing.assert_allclose(
            made[unit].mean_directions / period, made["degrees"].mean_directions / 360, rtol=1e-9
        )
        np.testing.assert_allclose(
            made[unit].concentrations, made["degrees"].concentrations, rtol=1e-9
        )


def test_degrees_read_as_radians_are_refused_with_the_way_out() -> None:
    with pytest.raises(SettingProblem, match="two turns in radians") as caught:
        LAW.constants(plain_rows(np.remainder(WIND, 360), ("from", "to")), LAW.Settings())
    assert caught.value.setting == "unit" and "unit" in caught.value.remedy


def test_means_stand_in_the_turn_of_the_data() -> None:
    members = np.ones((1, 40))
    around = WIND[:1] - np.degrees(0.2) - 5
    shown = step(LAW, around, members, unit="degrees")
    assert -180 <= shown.mean_directions[0, 0] < 0
    shown = step(LAW, np.remainder(around, 360), members, unit="degrees")
    assert 180 < shown.mean_directions[0, 0] < 360


def test_a_cell_that_is_no_number_is_refused_and_so_is_a_column_of_one_direction() -> None:
    rows = np.array([[1.0, 2.0, np.inf]])
    with pytest.raises(DataProblem, match="row 3"):
        LAW.constants(plain_rows(rows, ("from",)), LAW.Settings())
    with pytest.raises(DataProblem, match="from"):
        LAW.constants(plain_rows(np.array([[0.0, 360.0]]), ("from",)), LAW.Settings(unit="degrees"))


def expected_fit(shown: VonMisesParams, rows: F64, members: F64) -> float:
    from scipy.special import i0

    k = shown.concentrations[:, :, None]
    away = np.radians(rows - shown.mean_directions[:, :, None])
    return float((members[:, None] * (k * np.cos(away) - np.log(i0(k)))).sum())


@pytest.mark.parametrize("held", [(), ("mean_directions",), ("concentrations",)])
def test_one_step_is_the_maximum_of_what_is_free(held: tuple[str, ...]) -> None:
    members = np.random.default_rng(6).uniform(0, 2, (2, 40))
    values = {"mean_directions": 100.0, "concentrations": 4.0}
    kept = Held(tuple(HeldValue(name, (0, 1), values[name]) for name in held))
    shown = step(LAW, WIND, members, 2, kept, unit="degrees")
    best = expected_fit(shown, WIND, members)
    for name in values:
        value = getattr(shown, name)
        for place in np.ndindex(2, 2):
            if name in held and place == (0, 1):
                assert value[place] == pytest.approx(values[name], rel=1e-12)
                continue
            for size in (1e-3, -1e-3):
                moved = {n: v.copy() for n, v in arrays(shown).items()}
                moved[name][place] += size * max(1.0, abs(value[place]))
                assert expected_fit(VonMisesParams(**moved), WIND, members) < best


def test_a_mean_held_on_the_far_side_of_its_rows_goes_evenly_round() -> None:
    rows = np.radians(WIND[:1])
    mean = float(step(LAW, rows, np.ones((1, 40))).mean_directions[0, 0])
    opposite = HeldValue("mean_directions", (0, 0), mean + np.pi)
    shown = held_step(LAW, rows, np.ones((1, 40)), (opposite,))
    assert shown.concentrations[0, 0] < 1e-6


def test_a_group_of_one_direction_is_held_at_the_floor_and_said_to_have_collapsed() -> None:
    rows = np.concatenate([np.full(20, 359.5), np.remainder(WIND[0], 360)])[None]
    members = np.repeat(np.eye(2), [20, 40], axis=1)
    constants = LAW.constants(plain_rows(rows), LAW.Settings(unit="degrees"))
    for steps in (1, 2, 6):
        shown = step(LAW, rows, members, steps=steps, unit="degrees")
        weak = LAW.weaknesses(LAW.from_units(shown, constants), constants)
        assert [w.group for w in weak] == [0] and "component 1" in weak[0].sentence
        assert shown.mean_directions[0, 0] == pytest.approx(359.5, rel=1e-9)


@pytest.mark.parametrize("centre", [0.0, 100.0, 359.9999])
def test_the_sums_of_a_narrow_group_keep_the_digits_of_its_spread(centre: float) -> None:
    rng = np.random.default_rng(4)
    narrow = centre + 1e-3 * rng.standard_normal(300)
    rows = np.concatenate([narrow, 360 * rng.random(50)])[None]
    members = np.repeat(np.eye(2), [300, 50], axis=1)
    shown = step(LAW, rows, members, steps=3, floor=1e-12, unit="degrees")
    spread = np.degrees(1 / np.sqrt(shown.concentrations[0, 0]))
    assert spread == pytest.approx(narrow.std(), rel=1e-7)


def test_a_mean_that_passes_the_half_turn_moves_by_its_own_small_step() -> None:
    before, moved = np.pi - 2e-4, np.array([np.pi + 3e-4, np.pi + 3e-3])
    near = next_to(np.full(2, before), moved - 2 * np.pi)
    assert near[0] - before == pytest.approx(5e-4, rel=1e-9)
    # well beyond it the same direction has one number only, so that two fits can be compared
    assert near[1] == pytest.approx(moved[1] - 2 * np.pi, rel=1e-12)


def test_starts_see_no_cut_in_the_circle() -> None:
    """Rows on both sides of north are one group, whichever row a start begins with."""
    rng = np.random.default_rng(8)
    rows = np.remainder(np.concatenate([rng.normal(0, 8, 80), rng.normal(120, 8, 60)]), 360)[None]
    constants = LAW.constants(plain_rows(rows), LAW.Settings(unit="degrees"))
    points = LAW.coordinates(LAW.encode(plain_rows(rows), constants), constants)
    assert points.shape == (2, 140)
    north = points[:, :80]
    assert np.abs(north - north.mean(axis=1, keepdims=True)).max() < 1.5


def test_draws_have_the_mean_direction_and_the_spread_of_their_group() -> None:
    shown = VonMisesParams(
        np.array([[355.0, -170.0]]), np.array([[8.0, 30.0]]), np.array([360.0, 360.0])
    )
    drawn = LAW.simulate(shown, np.zeros(100_000, dtype=np.intp), np.random.default_rng(3))
    assert drawn[0].min() >= 0 and drawn[0].max() < 360
    assert drawn[1].min() >= -180 and drawn[1].max() < 180
    vectors = np.exp(1j * np.radians(drawn)).mean(axis=1)
    means, covariances = LAW.moments(shown)
    away = np.degrees(np.angle(vectors)) - means[0]
    np.testing.assert_allclose(away - 360 * np.rint(away / 360), 0, atol=0.3)
    spread = np.degrees(np.sqrt(-2 * np.log(np.abs(vectors))))
    np.testing.assert_allclose(spread, np.sqrt(np.diagonal(covariances[0])), rtol=0.02)


def test_a_missing_direction_is_filled_with_the_mean_direction_of_its_groups() -> None:
    rows = np.array([[350.0, 10.0, np.nan, 20.0, 340.0]])
    constants = LAW.constants(plain_rows(rows), LAW.Settings(unit="degrees"))
    inner = LAW.from_units(
        VonMisesParams(np.array([[340.0], [20.0]]), np.array([[9.0], [9.0]]), np.array([360.0])),
        constants,
    )
    encoded, members = LAW.encode(plain_rows(rows), constants), np.full((2, 5), 0.5)
    values, spread = LAW.complete(encoded, members, inner, constants, None)
    assert np.array_equal(values[0, [0, 1, 3, 4]], rows[0, [0, 1, 3, 4]])
    assert min(values[0, 2], 360 - values[0, 2]) < 1e-9
    many = np.repeat(encoded[:, 2:3], 20_000, axis=1)
    drawn, _ = LAW.complete(
        many, np.full((2, 20_000), 0.5), inner, constants, np.random.default_rng(1)
    )
    vector = np.exp(1j * np.radians(drawn[0])).mean()
    assert spread[0, 2] == pytest.approx(np.degrees(np.sqrt(-2 * np.log(abs(vector)))), rel=0.03)


def test_typed_means_are_directions_of_any_turn() -> None:
    constants = LAW.constants(plain_rows(np.remainder(WIND, 360)), LAW.Settings(unit="degrees"))
    spread = LAW.from_units(step(LAW, WIND, np.ones((1, 40)), unit="degrees"), constants)
    made = LAW.in_units(LAW.means_at(np.array([[370.0, -10.0]]), spread, constants), constants)
    np.testing.assert_allclose(made.mean_directions, [[10.0, 350.0]], rtol=1e-12)


def test_params_of_another_period_are_refused() -> None:
    constants = LAW.constants(plain_rows(WIND[:1]), LAW.Settings(unit="degrees"))
    with pytest.raises(SettingProblem, match="24"):
        LAW.from_units(params(3.0, 1.0, 24.0), constants)
