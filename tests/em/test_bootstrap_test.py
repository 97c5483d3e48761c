"""The likelihood ratio against what chance alone gives."""

from __future__ import annotations

import numpy as np
import pytest

from emdesk.em.bootstrap_test import BootstrapTest, Draws, Fitted, bootstrap_test, simulated
from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.errors import Cancelled
from emdesk.model.dataset import Column, Dataset, Kind, from_arrays
from tests.catalogues import Case, case


def model(example: Case) -> Fitted:
    result = example.fit()
    return Fitted(
        result.family, result.spec.request(), result.data, result.params, result.log_likelihood
    )


def ratio_tests(
    example: Case, low: int, high: int, draws: Draws, control: RunControl | None = None
) -> list[BootstrapTest]:
    smaller, larger = (model(example.set(components=k)) for k in (low, high))
    with Sweeper(1) as sweeper:
        return list(
            bootstrap_test(
                example.dataset,
                smaller,
                larger,
                example.spec.fit,
                draws,
                control or RunControl(),
                sweeper,
            )
        )


def two_groups() -> Case:
    rng = np.random.default_rng(8)
    x = np.concatenate([rng.normal(0, 1, 60), rng.normal(5, 1, 40)])
    return case("mixture-gaussian-1d").over(from_arrays("two", [("a", x)])).set(starts=2)


def test_one_group_is_refused_where_there_are_two() -> None:
    last = ratio_tests(two_groups(), 1, 2, Draws(39))[-1]
    assert last.ratio > 20 and last.exceeding == 0
    assert last.p_value == pytest.approx(1 / (1 + last.drawn))
    assert last.prefers_larger


def test_a_third_group_is_not_needed_and_that_is_settled_early() -> None:
    steps = ratio_tests(two_groups(), 2, 3, Draws(39))
    last = steps[-1]
    assert not last.prefers_larger and last.is_settled_early
    assert last.exceeding == last.needed == 2
    assert last.p_value == last.exceeding / last.drawn
    assert [step.drawn for step in steps] == list(range(1, last.drawn + 1))


def test_the_side_is_settled_when_the_draws_that_are_left_cannot_change_it() -> None:
    # with 99 draws five exceedances put the p-value above 0.05
    assert not BootstrapTest(1.0, 94, 0, 99).is_settled
    assert BootstrapTest(1.0, 95, 0, 99).is_settled
    assert BootstrapTest(1.0, 12, 5, 99).is_settled
    assert BootstrapTest(1.0, 12, 5, 99).p_value == 5 / 12
    assert BootstrapTest(1.0, 99, 3, 99).p_value == 4 / 100


def test_the_same_seed_draws_the_same() -> None:
    first, again = (ratio_tests(two_groups(), 2, 3, Draws(19, seed=4))[-1] for _ in range(2))
    assert first == again


def test_simulated_rows_keep_the_missing_cells_of_the_data() -> None:
    x = np.random.default_rng(3).normal(0, 1, (2, 40))
    data = from_arrays("rows", [("a", x[0]), ("b", x[1])])
    fitted = model(case("mixture-gaussian-2d").over(data).set(components=1))
    gappy = x[1].copy()
    gappy[[3, 17]] = np.nan
    drawn = simulated(
        from_arrays("rows", [("a", x[0]), ("b", gappy)]), fitted, np.random.default_rng(0)
    )
    assert np.flatnonzero(drawn.column("b").missing).tolist() == [3, 17]
    assert not drawn.column("a").missing.any()


def test_frequencies_are_drawn_unit_by_unit() -> None:
    from dataclasses import replace

    from emdesk.model.needs import Role

    table = Dataset(
        (
            Column("a", Kind.COUNT, np.arange(6.0)),
            Column("n", Kind.COUNT, np.array([10.0, 40.0, 60.0, 30.0, 8.0, 2.0])),
        ),
        "table",
    )
    plain = case("mixture-poisson-1d").over(table).set(components=1)
    fitted = model(replace(plain, spec=replace(plain.spec, roles={Role.WEIGHT: ("n",)})))
    drawn = simulated(table, fitted, np.random.default_rng(0))
    values, counts = drawn.column("a").values, drawn.column("n").values
    assert counts.sum() == 150
    assert len(values) == len(np.unique(values)) < 15
    assert values @ counts / 150 == pytest.approx(1.94, abs=0.4)


def test_units_are_drawn_beside_the_predictors_of_their_row() -> None:
    from dataclasses import replace

    from emdesk.model.needs import Role

    rng = np.random.default_rng(2)
    x, often = np.arange(12.0), np.array([1.0, 50, 2, 3, 1, 80, 4, 1, 6, 2, 1, 9])
    y = rng.poisson(np.exp(0.3 + 0.2 * x)).astype(np.float64)
    table = from_arrays("rates", [("y", y), ("x", x), ("n", often)])
    plain = case("mixture-poisson-regression-1d").over(table).set(components=1)
    roles = {Role.WEIGHT: ("n",), Role.PREDICTORS: ("x",)}
    fitted = model(replace(plain, spec=replace(plain.spec, columns=("y",), roles=roles)))
    drawn = simulated(table, fitted, np.random.default_rng(0))
    seen, counts = drawn.column("x").values, drawn.column("n").values
    assert [counts[seen == value].sum() for value in x] == often.tolist()
    assert drawn.column("y").values[seen == 11] @ counts[seen == 11] / 9 > 8
    pairs = np.stack([seen, drawn.column("y").values], axis=1)
    assert len(np.unique(pairs, axis=0)) == drawn.rows


def test_units_keep_the_missing_cells_of_their_row() -> None:
    from dataclasses import replace

    from emdesk.model.needs import Role

    a, b = np.array([0.0, 1, 0, 1, 1]), np.array([1.0, np.nan, 0, 1, 0])
    often = np.array([4.0, 7, 5, 3, 6])
    table = Dataset(
        tuple(
            Column(name, Kind.COUNT, cells) for name, cells in (("a", a), ("b", b), ("n", often))
        ),
        "answers",
    )
    plain = case("mixture-bernoulli-2d").over(table).set(components=1)
    fitted = model(replace(plain, spec=replace(plain.spec, roles={Role.WEIGHT: ("n",)})))
    drawn = simulated(table, fitted, np.random.default_rng(0))
    counts = drawn.column("n").values
    assert counts.sum() == 25 and counts[drawn.column("b").missing].sum() == 7
    assert drawn.column("b").missing.sum() <= 2


def test_a_stop_ends_it() -> None:
    smaller, larger = (model(two_groups().set(components=k)) for k in (1, 2))
    control = RunControl()
    control.stop()
    with Sweeper(1) as sweeper, pytest.raises(Cancelled):
        next(
            bootstrap_test(
                two_groups().dataset,
                smaller,
                larger,
                two_groups().spec.fit,
                Draws(),
                control,
                sweeper,
            )
        )
