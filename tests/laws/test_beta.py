"""Beta law: its digits at both ends, first steps, floors, and what it refuses; fifty digits are the judge."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.em.reduce import Sweeper
from emdesk.em.uncertainty import observed
from emdesk.errors import DataProblem, SettingProblem
from emdesk.families.mixture import FAMILY
from emdesk.laws.beta import LAW
from emdesk.laws.beta.settings import BetaParams
from emdesk.laws.gaussian import LAW as GAUSSIAN
from emdesk.model.held import HeldValue
from emdesk.model.law import Workspace
from emdesk.model.params import arrays
from emdesk.model.rows import plain_rows
from tests.laws import exact
from tests.laws.one_group import held_step, step
from tests.laws.test_columnwise_gaps import climbs, run

F64 = NDArray[np.float64]
SHARES = np.random.default_rng(5).beta(2.0, 3.0, (2, 40))


def params(alpha: float, beta: float) -> BetaParams:
    return BetaParams(np.array([[alpha]]), np.array([[beta]]))


def exact_beta(x: float, alpha: float, beta: float) -> Decimal:
    return exact.with_digits(exact.beta, x, alpha, beta)


@pytest.mark.parametrize("size", [0.02, 0.7, 3.0, 60.0, 399.0, 401.0, 1e4, 1e7])
@pytest.mark.parametrize("mean", [1e-6, 0.01, 0.3, 0.5, 0.77, 0.999, 1 - 1e-9])
def test_a_density_keeps_its_digits_at_both_ends(mean: float, size: float) -> None:
    """Rows lie within eight standard deviations of the logit of the mean."""
    alpha, beta = mean * size, (1 - mean) * size
    width = 8 * np.sqrt(1 / (1 + alpha) + 1 / (1 + beta))
    logits = np.log(mean / (1 - mean)) + np.linspace(-width, width, 25)
    rows = 1 / (1 + np.exp(-logits))
    rows = np.unique(rows[(rows > 0) & (rows < 1)])
    data = np.random.default_rng(2).beta(1.5, 1.0, (1, 200))
    found, shown = exact.of_law(LAW, params(alpha, beta), data, rows[None], floor=1e-12)
    a, b = float(shown.alphas[0, 0]), float(shown.betas[0, 0])
    expected = [exact_beta(float(x), a, b) for x in rows]
    assert exact.worst(found[0], expected) < 1e-12


@pytest.mark.parametrize("width", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("end", [0.0, 1.0])
def test_a_column_next_to_an_end_keeps_its_digits(end: float, width: float) -> None:
    rng = np.random.default_rng(2)
    near = width * rng.uniform(0.8, 1.2, (1, 200))
    data = near if end == 0 else 1 - near
    rows = width * np.linspace(0.7, 1.3, 13)
    rows = rows if end == 0 else 1 - rows
    small, large = 80.0, 80.0 / width
    made = params(small, large) if end == 0 else params(large, small)
    found, shown = exact.of_law(LAW, made, data, rows[None])
    a, b = float(shown.alphas[0, 0]), float(shown.betas[0, 0])
    assert exact.worst(found[0], [exact_beta(float(x), a, b) for x in rows]) < 1e-12


def test_cells_come_back_as_they_were() -> None:
    data = np.array([[1e-300, 1e-17, 0.3, 0.5, 0.7, 1 - 2**-53]])
    constants = LAW.constants(plain_rows(data), LAW.Settings())
    encoded = LAW.encode(plain_rows(data), constants)
    assert np.array_equal(LAW.columns_of(encoded, constants), data)


@pytest.mark.parametrize("value", [0.0, 1.0, -0.2, 1.7])
def test_a_cell_at_an_end_or_beyond_is_refused_with_column_and_row(value: float) -> None:
    rows = SHARES.copy()
    rows[1, 7] = value
    with pytest.raises(DataProblem) as caught:
        LAW.constants(plain_rows(rows, ("red", "blue"), None, np.arange(40) + 5), LAW.Settings())
    assert caught.value.columns == ("blue",)
    assert f"{value:g}" in caught.value.sentence and "row 13" in caught.value.sentence


def test_a_column_of_one_value_has_no_spread() -> None:
    with pytest.raises(DataProblem, match="red"):
        LAW.constants(plain_rows(np.full((1, 20), 0.3), ("red",)), LAW.Settings())


def test_swapping_the_ends_swaps_the_shapes() -> None:
    members = np.random.default_rng(3).uniform(0, 1, (2, 40))
    one = step(LAW, SHARES, members, steps=2)
    other = step(LAW, 1 - SHARES, members, steps=2)
    np.testing.assert_allclose(one.alphas, other.betas, rtol=1e-9)
    np.testing.assert_allclose(one.betas, other.alphas, rtol=1e-9)


def expected_fit(shown: BetaParams, rows: F64, members: F64) -> float:
    from scipy.stats import beta

    a, b = shown.alphas[:, :, None], shown.betas[:, :, None]
    return float((members[:, None] * beta(a, b).logpdf(rows)).sum())


@pytest.mark.parametrize("held", [(), ("alphas",), ("betas",), ("alphas", "betas")])
def test_one_step_is_the_maximum_of_what_is_free(held: tuple[str, ...]) -> None:
    members = np.random.default_rng(6).uniform(0, 2, (2, 40))
    values = {"alphas": 1.3, "betas": 4.0}
    kept = tuple(HeldValue(name, (0, 1), values[name]) for name in held)
    shown = held_step(LAW, SHARES, members, kept)
    best = expected_fit(shown, SHARES, members)
    for name, value in arrays(shown).items():
        for place in np.ndindex(2, 2):
            if name in held and place == (0, 1):
                assert value[place] == pytest.approx(values[name], rel=1e-15)
                continue
            for size in (1e-3, -1e-3):
                moved = {n: v.copy() for n, v in arrays(shown).items()}
                moved[name][place] *= 1 + size
                assert expected_fit(BetaParams(**moved), SHARES, members) < best


@pytest.mark.parametrize("value", [1e-7, 0.4, 1 - 1e-7])
def test_a_group_of_one_value_is_held_at_the_floor_and_said_to_have_collapsed(
    value: float,
) -> None:
    rows = np.concatenate([np.full(20, value), SHARES[0]])[None]
    members = np.repeat(np.eye(2), [20, 40], axis=1)
    constants = LAW.constants(plain_rows(rows), LAW.Settings())
    for steps in (1, 2, 6):
        shown: Any = step(LAW, rows, members, steps=steps)
        weak = LAW.weaknesses(LAW.from_units(shown, constants), constants)
        assert [w.group for w in weak] == [0] and "component 1" in weak[0].sentence
        means, _ = LAW.moments(shown)
        assert means[0, 0] == pytest.approx(value, rel=0.05, abs=2e-9)


def test_a_narrow_group_far_from_an_end_is_the_normal_law() -> None:
    rng = np.random.default_rng(7)
    rows = np.concatenate([0.5 + 1e-9 * rng.standard_normal(300), rng.uniform(0.4, 0.6, 30)])[None]
    members = np.repeat(np.eye(2), [300, 30], axis=1)
    shown = step(LAW, rows, members, steps=4, floor=1e-12)
    means, covariances = LAW.moments(shown)
    part = rows[0, :300]
    assert means[0, 0] - 0.5 == pytest.approx(part.mean() - 0.5, abs=1e-15)
    floor = 1e-12 * rows.var()
    assert covariances[0, 0, 0] == pytest.approx(max(part.var(), floor), rel=1e-2)


def test_moments_are_those_of_many_draws_and_draws_stay_inside() -> None:
    shown = BetaParams(np.array([[2.0, 0.01, 3e5]]), np.array([[5.0, 0.02, 1.0]]))
    drawn = LAW.simulate(shown, np.zeros(100_000, dtype=np.intp), np.random.default_rng(3))
    means, covariances = LAW.moments(shown)
    assert drawn.min() > 0 and drawn.max() < 1
    np.testing.assert_allclose(drawn.mean(axis=1), means[0], rtol=0.02)
    np.testing.assert_allclose(drawn.var(axis=1), np.diagonal(covariances[0]), rtol=0.06)


def test_typed_means_become_the_means_of_the_groups_and_must_be_shares() -> None:
    constants = LAW.constants(plain_rows(SHARES), LAW.Settings())
    spread = LAW.from_units(step(LAW, SHARES, np.ones((1, 40))), constants)
    wanted = np.array([[0.1, 0.5], [0.9, 0.25]])
    means, _ = LAW.moments(LAW.in_units(LAW.means_at(wanted, spread, constants), constants))
    np.testing.assert_allclose(means, wanted, rtol=1e-12)
    with pytest.raises(SettingProblem, match="component 2"):
        LAW.means_at(np.array([[0.1, 0.5], [0.9, 1.0]]), spread, constants)


def test_a_point_at_an_end_is_impossible_and_warns_nobody() -> None:
    rows = np.array([[0.0, 0.5, 1.0], [0.5, 0.5, 2.0]])
    made = BetaParams(np.array([[2.0, 900.0]]), np.array([[3.0, 800.0]]))
    found, shown = exact.of_law(LAW, made, SHARES, rows)
    assert np.array_equal(np.isfinite(found[0]), [False, True, False])
    marginal = LAW.log_marginal(shown, np.eye(2), np.zeros(2), rows)
    assert marginal is not None
    np.testing.assert_allclose(marginal, found, rtol=1e-12)


def test_a_row_weight_of_two_is_the_row_twice() -> None:
    weights = np.where(np.arange(40) < 10, 2.0, 1.0)
    twice = np.concatenate([SHARES, SHARES[:, :10]], axis=1)
    one = LAW.constants(plain_rows(SHARES, ("a", "b"), weights), LAW.Settings())
    other = LAW.constants(plain_rows(twice, ("a", "b")), LAW.Settings())
    np.testing.assert_allclose(one.most, other.most, rtol=1e-10)
    work = Workspace()
    sums = [
        LAW.statistics(LAW.encode(plain_rows(r), one), m[None], None, one, work).terms
        for r, m in ((SHARES, weights), (twice, np.ones(50)))
    ]
    np.testing.assert_allclose(sums[0], sums[1], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("width", [1e-7, 1e-9, 1e-11])
@pytest.mark.parametrize("middle", [0.3, 0.5, 0.999])
def test_a_narrow_column_has_the_normal_law_with_all_digits_of_the_file(
    middle: float, width: float
) -> None:
    rng = np.random.default_rng(7)
    z = np.concatenate([rng.standard_normal(200), rng.standard_normal(300) + 9])
    width *= 1 - middle
    rows = (middle + width * z)[None]
    data, params, objectives = run(LAW, rows, 2)
    other, normal, heights = run(GAUSSIAN, rows, 2)
    assert climbs(objectives)
    near = max(1e-6, 100 * width / (1 - middle))
    # the laws differ by a skewness of about the width over the middle
    assert objectives[-1] == pytest.approx(heights[-1], abs=500 * max(1e-9, near**2 + 1e-3 * near))
    means, covariances = GAUSSIAN.moments(GAUSSIAN.in_units(normal.law, other.constants))
    found, spreads = LAW.moments(LAW.in_units(params.law, data.constants))
    order, own = np.argsort(means[:, 0]), np.argsort(found[:, 0])
    digits = 4 * np.spacing(middle) / width
    np.testing.assert_allclose((found[own] - means[order]) / width, 0.0, rtol=0, atol=near + digits)
    np.testing.assert_allclose(spreads[own, 0, 0], covariances[order, 0, 0], rtol=2 * near)
    if width < 1e-8:
        with Sweeper(1) as sweeper:
            sure = observed(FAMILY.with_law(LAW), data, params, sweeper)
        assert sure.is_identified and sure.is_maximum


def test_a_narrow_column_beside_a_wide_one_and_a_prior_leave_their_digits() -> None:
    rng = np.random.default_rng(7)
    sides = np.repeat([0.0, 9.0], [60, 90])
    narrow = 0.4 + 1e-11 * (rng.standard_normal(150) + sides)
    wide = 1 / (1 + np.exp(-0.2 * (rng.standard_normal(150) + sides)))
    for prior in (0.0, 2.0):
        data, params, objectives = run(LAW, np.stack([narrow, wide]), 2, prior=prior)
        assert climbs(objectives)
        assert not LAW.weaknesses(params.law, data.constants)
        own = np.sort(LAW.moments(LAW.in_units(params.law, data.constants))[0][:, 1])
        assert own[1] - own[0] > 0.2


def test_a_density_of_a_narrow_group_keeps_its_digits() -> None:
    rng = np.random.default_rng(7)
    rows = (0.3 + 1e-11 * rng.standard_normal(200))[None]
    data, params, _ = run(LAW, rows, 1, iterations=10)
    constants, inner, work = data.constants, params.law, Workspace()
    out = np.empty((1, 200))
    features = LAW.features(LAW.encode(plain_rows(rows), constants), constants, work)
    LAW.log_density(features, LAW.kernel(inner, np.zeros(1), constants), out, work)

    def density(x: Decimal, middle: Decimal, rest: Decimal, tilt: Decimal, n: Decimal) -> Decimal:
        growth = tilt.exp() - 1
        mean = middle + middle * rest * growth / (1 + middle * growth)
        return exact.beta(x, n * mean, n * (1 - mean))

    tilt = float(inner.means[0, 0] * constants.middles.deviations[0])
    known = constants.middles
    given = (float(known.shares[0]), float(known.rests[0]), tilt, float(inner.sizes[0, 0]))
    expected = [exact.with_digits(density, float(x), *given) for x in rows[0]]
    assert exact.worst(out[0], expected) < 1e-12
