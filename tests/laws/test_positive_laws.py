"""What log-normal, gamma, exponential and Weibull laws have in common: support, first steps, floors, moments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.exponential import LAW as EXPONENTIAL
from emdesk.laws.gamma import LAW as GAMMA
from emdesk.laws.inverse_gaussian import LAW as INVERSE_GAUSSIAN
from emdesk.laws.log_normal import LAW as LOG_NORMAL
from emdesk.laws.weibull import LAW as WEIBULL
from emdesk.model.law import Law, Workspace
from emdesk.model.params import arrays, rebuild
from emdesk.model.rows import plain_rows

F64 = NDArray[np.float64]
WITH_SHAPE: tuple[Any, ...] = (LOG_NORMAL, GAMMA, WEIBULL, INVERSE_GAUSSIAN)
LAWS: tuple[Any, ...] = (*WITH_SHAPE, EXPONENTIAL)
every_law = pytest.mark.parametrize("law", LAWS, ids=lambda law: str(law.id))
with_shape = pytest.mark.parametrize("law", WITH_SHAPE, ids=lambda law: str(law.id))
ROWS = np.random.default_rng(5).gamma(3.0, 2.0, (2, 40)) + 0.1


def constants_of(law: Law, rows: F64, weights: F64 | None = None) -> Any:
    names = ("rain", "wind")[: len(rows)]
    return law.constants(
        plain_rows(rows, names, weights, np.arange(rows.shape[1]) + 5), law.Settings()
    )


def step(law: Law, rows: F64, members: F64, params: Any = None, steps: int = 1) -> Any:
    """Params in units after maximisations with the memberships held, from a partition if params is None."""
    constants, work = constants_of(law, rows), Workspace()
    encoded = law.encode(plain_rows(rows), constants)
    inner = None if params is None else law.from_units(params, constants)
    for _ in range(steps):
        kernel = None if inner is None else law.kernel(inner, np.zeros(len(members)), constants)
        features = law.features(encoded, constants, work)
        sums = law.statistics(features, members, kernel, constants, work)
        inner = law.maximise(sums, inner, constants)
    return law.in_units(inner, constants)


@every_law
@pytest.mark.parametrize("value", [-2.5, 0.0])
def test_a_cell_outside_the_law_is_refused_with_column_and_row(law: Law, value: float) -> None:
    rows = ROWS.copy()
    rows[1, 7] = value
    if law.id == "exponential" and value == 0:
        constants_of(law, rows)
        return
    with pytest.raises(DataProblem) as caught:
        constants_of(law, rows)
    assert caught.value.columns == ("wind",)
    assert f"{value:g}" in caught.value.sentence and "row 13" in caught.value.sentence


@with_shape
def test_a_column_of_one_value_has_no_spread(law: Law) -> None:
    rows = ROWS.copy()
    rows[0] = 0.1
    with pytest.raises(DataProblem, match="rain"):
        constants_of(law, rows)


def test_a_column_of_zeros_has_no_exponential_law() -> None:
    with pytest.raises(DataProblem, match="wind"):
        constants_of(EXPONENTIAL, np.stack([ROWS[0], np.zeros(40)]))


@every_law
def test_a_given_value_that_is_not_positive_is_refused_with_its_component(law: Law) -> None:
    shown = step(law, ROWS, np.ones((2, 40)))
    for name in arrays(shown):
        if name == "log_means":
            continue

        def change(parameter: Any, value: F64, chosen: str = name) -> F64:
            made = value.copy()
            if parameter.name == chosen:
                made[1, 0] = 0.0
            return made

        with pytest.raises(SettingProblem, match="component 2"):
            law.from_units(rebuild(shown, change), constants_of(law, ROWS))
    with pytest.raises(SettingProblem, match="component 1"):
        law.means_at(np.array([[-1.0, 2.0]]), shown, constants_of(law, ROWS))


def expected_fit(law: Law, rows: F64, members: F64, params: Any) -> float:
    """The part of the expected log-likelihood that the maximisation climbs."""
    logs = law.log_marginal(params, np.eye(len(rows)), np.zeros(len(rows)), rows)
    assert logs is not None
    return float((members * logs).sum())


@every_law
def test_with_memberships_held_the_steps_end_at_the_maximum(law: Law) -> None:
    rng = np.random.default_rng(6)
    members = rng.uniform(0, 2, (2, 40))
    shown = step(law, ROWS, members)
    shown = step(law, ROWS, members, shown, steps=1 if law.ascent(None).value == "exact" else 30)
    best = expected_fit(law, ROWS, members, shown)
    for name in arrays(shown):
        for size in (1e-3, -1e-3):
            for place in np.ndindex(2, 2):

                def change(
                    parameter: Any,
                    value: F64,
                    chosen: str = name,
                    at: Any = place,
                    by: float = size,
                ) -> F64:
                    made = value.copy()
                    if parameter.name == chosen:
                        made[at] += by * abs(made[at])
                    return made

                assert expected_fit(law, ROWS, members, rebuild(shown, change)) < best


@every_law
def test_a_component_without_rows_keeps_its_place(law: Law) -> None:
    members = np.stack([np.ones(40), np.zeros(40)])
    before = step(law, ROWS, np.random.default_rng(1).uniform(0, 1, (2, 40)))
    after = step(law, ROWS, members, before)
    for name, value in arrays(before).items():
        np.testing.assert_allclose(arrays(after)[name][1], value[1], rtol=1e-12)


@with_shape
def test_a_group_of_one_value_is_held_at_the_floor_and_said_to_have_collapsed(law: Law) -> None:
    rows = np.concatenate([np.full(20, 3.0), ROWS[0]])[None]
    members = np.stack([np.repeat([1.0, 0.0], [20, 40]), np.repeat([0.0, 1.0], [20, 40])])
    shown = step(law, rows, members)
    for _ in range(3):
        shown = step(law, rows, members, shown, steps=5)
        constants = constants_of(law, rows)
        weak = law.weaknesses(law.from_units(shown, constants), constants)
        assert [w.group for w in weak] == [0] and weak[0].reason == "floor"
        assert "component 1" in weak[0].sentence
    means, _ = law.moments(shown)
    assert means[0, 0] == pytest.approx(3.0, rel=1e-3)


def test_a_group_of_zeros_has_the_least_mean_and_is_said_to_have_collapsed() -> None:
    rows = np.concatenate([np.zeros(20), ROWS[0]])[None]
    members = np.stack([np.repeat([1.0, 0.0], [20, 40]), np.repeat([0.0, 1.0], [20, 40])])
    shown = step(EXPONENTIAL, rows, members)
    constants = constants_of(EXPONENTIAL, rows)
    weak = EXPONENTIAL.weaknesses(EXPONENTIAL.from_units(shown, constants), constants)
    assert [w.group for w in weak] == [0] and 0 < shown.means[0, 0] < 1e-7


@every_law
def test_a_row_weight_of_two_is_the_row_twice(law: Law) -> None:
    weights = np.where(np.arange(40) < 10, 2.0, 1.0)
    twice = np.concatenate([ROWS, ROWS[:, :10]], axis=1)
    one, other = constants_of(law, ROWS, weights), constants_of(law, twice)
    members = np.random.default_rng(1).uniform(0, 1, (2, 40))
    again = np.concatenate([members, members[:, :10]], axis=1)
    work = Workspace()
    made = []
    for rows, constants, m in ((ROWS, one, members * weights), (twice, other, again)):
        features = law.features(law.encode(plain_rows(rows), constants), constants, work)
        sums = law.statistics(features, m, None, constants, work)
        made.append(arrays(law.in_units(law.maximise(sums, None, constants), constants)))
    for name, value in made[0].items():
        np.testing.assert_allclose(value, made[1][name], rtol=1e-10)


@every_law
def test_moments_are_those_of_many_draws(law: Law) -> None:
    shown = step(law, ROWS, np.ones((1, 40)), step(law, ROWS, np.ones((1, 40))), steps=20)
    drawn = law.simulate(shown, np.zeros(200_000, dtype=np.intp), np.random.default_rng(3))
    means, covariances = law.moments(shown)
    assert drawn.min() > 0
    np.testing.assert_allclose(drawn.mean(axis=1), means[0], rtol=0.02)
    np.testing.assert_allclose(drawn.var(axis=1), np.diagonal(covariances[0]), rtol=0.06)


@every_law
def test_typed_means_become_the_means_of_the_groups(law: Law) -> None:
    constants = constants_of(law, ROWS)
    spread = law.from_units(step(law, ROWS, np.ones((1, 40))), constants)
    wanted = np.array([[1.0, 2.0], [9.0, 0.5]])
    means, _ = law.moments(law.in_units(law.means_at(wanted, spread, constants), constants))
    np.testing.assert_allclose(means, wanted, rtol=1e-12)


@with_shape
def test_values_over_three_hundred_powers_of_ten_are_fitted(law: Law) -> None:
    rows = np.exp(np.random.default_rng(2).uniform(-340, 340, (1, 80)))
    members = (rows < 1).astype(np.float64)
    shown = step(law, rows, np.concatenate([members, 1 - members]))
    shown = step(law, rows, np.concatenate([members, 1 - members]), shown, steps=30)
    assert all(np.isfinite(v).all() for v in arrays(shown).values())
    means, covariances = law.moments(shown)
    assert 0 < means[0, 0] <= means[1, 0] < np.inf and np.isfinite(covariances).all()


@pytest.mark.parametrize("offset", [1e4, 1e8, 1e10, 1e12])
def test_a_gamma_law_far_from_zero_is_the_normal_law(offset: float) -> None:
    """Its shape is the squared mean over the variance, with as many digits as the file holds."""
    rng = np.random.default_rng(7)
    rows = offset + np.concatenate([rng.standard_normal(200), rng.standard_normal(300) + 9])[None]
    members = np.repeat(np.eye(2), [200, 300], axis=1)
    shown = step(GAMMA, rows, members, step(GAMMA, rows, members), steps=10)
    for k in range(2):
        part = rows[0, members[k] == 1]
        expected = (part.mean() / part.std()) ** 2
        assert shown.shapes[k, 0] == pytest.approx(expected, rel=max(10 / offset, 1e-4))
