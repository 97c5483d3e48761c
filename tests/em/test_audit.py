"""The audit: limit and rate, the certificate, and what each group rests on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec, with_laws
from emdesk.app.session import FitResult, fit
from emdesk.em.audit import Health, audit, certificate, distinct_rows
from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.trace import Trace
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.family import RowOutput
from emdesk.model.law import Ascent
from emdesk.model.numerics.spread import relative_spread, row_identities, shape_of
from emdesk.model.params import to_vector
from tests.em.fakes import Hill, at
from tests.em.test_uncertainty import errors_of, fitted, two_groups


def audited(result: FitResult, index: int | None = None) -> Any:
    with Sweeper(1) as sweeper:
        return audit(
            result.family,
            result.data,
            result.dataset,
            result.trace,
            result.chosen if index is None else index,
            1e-8,
            result.best.weaknesses,
            sweeper,
            RunControl(),
        )


def hill(**more: Any) -> Any:
    """A family of one number; of a whole family only the promise is asked here."""
    return Hill(**more)


def trace_of(objectives: list[float], evaluations: list[float] | None = None) -> Trace:
    sweeps = evaluations or [float(i + 1) for i in range(len(objectives))]
    last = len(objectives) - 1
    zeros = [0.0] * len(objectives)
    return Trace.restored(objectives, objectives, zeros, sweeps, {0: at(0.0), last: at(1.0)})


def test_the_limit_the_rest_and_the_iterations_left_are_aitkens() -> None:
    result = fitted(
        "gaussian", two_groups(120, 1), components=2, starts=1, tolerance=0, max_iterations=6
    )
    found = audited(result)
    gains = np.diff(result.trace.objectives[-3:])
    assert found.rate == pytest.approx(gains[1] / gains[0])
    assert found.remaining == pytest.approx(gains[1] * found.rate / (1 - found.rate))
    assert found.limit == pytest.approx(found.objective + found.remaining)
    within = 1e-8 * abs(found.objective)
    left = math.log(within / found.remaining) / math.log(found.rate)
    assert found.iterations_left == math.ceil(left)
    assert found.evaluations == 7


def test_the_root_of_the_rate_is_the_fraction_of_missing_information() -> None:
    x = two_groups(200, 1)["x1"]
    result = fitted("gaussian", {"x": x}, components=2, starts=1, tolerance=0, max_iterations=300)
    end = to_vector(result.params)
    near, nearer = (np.linalg.norm(to_vector(result.params_at(i)) - end) for i in (60, 61))
    assert audited(result, 61).missing_information == pytest.approx(nearer / near, rel=0.02)


def test_the_rest_agrees_with_the_parabola_of_the_information() -> None:
    result = fitted("gaussian", two_groups(200, 1), components=2, starts=1, tolerance=1e-5)
    found, below = audited(result), errors_of(result).below_maximum
    assert found.remaining == pytest.approx(below, rel=0.5)


def test_a_run_that_never_fell_is_certified_up_to_rounding() -> None:
    proof = certificate(hill(), None, trace_of([-4.0, -2.0, -2.0 - 1e-12, -1.0]), 3)
    assert proof.holds is True and proof.iterations == 3 and proof.halvings == 0
    assert proof.largest_fall == pytest.approx(1e-12, rel=1e-3) and proof.at == 2


def test_a_fall_beyond_rounding_is_told_with_its_iteration() -> None:
    proof = certificate(hill(), None, trace_of([-4.0, -2.0, -2.5, -1.0]), 3)
    assert proof.holds is False and proof.largest_fall == 0.5 and proof.at == 2


def test_halved_steps_are_counted_from_the_sweeps() -> None:
    trace = trace_of([-4.0, -2.0, -1.0], [1.0, 4.0, 5.0])
    assert certificate(hill(promise=Ascent.STEP), None, trace, 2).halvings == 2


def test_nothing_is_certified_where_nothing_is_promised() -> None:
    assert certificate(hill(promise=Ascent.NONE), None, trace_of([-1.0, -2.0]), 1).holds is None


def test_a_group_rests_on_its_distinct_rows() -> None:
    columns = np.array([[1.0, 1.0, 2.0, 3.0, np.nan, np.nan], [0.0, 0.0, 0.0, 5.0, 1.0, 1.0]])
    assert np.unique(row_identities(columns)).size == 4
    first = np.array([1.0, 1.0, 1.0, 0.04, 0.0, 0.0])
    output = RowOutput(np.stack([first, 1 - first]), np.zeros(6, dtype=np.intp))
    assert distinct_rows(columns, output).tolist() == [2, 2]


def test_the_least_variance_is_measured_in_the_direction_of_the_data() -> None:
    whole = np.array([[4.0, 0.0], [0.0, 1e-6]])
    assert relative_spread(0.25 * whole, whole) == pytest.approx(0.25)
    flat = np.array([[4.0, 4.0], [4.0, 4.0]])
    assert relative_spread(0.5 * flat, flat) == pytest.approx(0.5)
    rows = np.array([[1.0, 2.0, 3.0, np.nan], [1.0, 1.0, 4.0, 2.0]])
    assert shape_of(rows, None)[0, 0] == pytest.approx(2 / 3)


def test_sound_groups_are_called_sound() -> None:
    found = audited(fitted("gaussian", two_groups(), components=2))
    assert [g.health for g in found.groups] == [Health.SOUND, Health.SOUND]
    assert sum(g.rows for g in found.groups) == pytest.approx(120)
    assert all(g.smallest is not None and g.smallest > 0.01 for g in found.groups)


def test_a_group_is_named_before_it_collapses() -> None:
    columns = two_groups(90)
    rng = np.random.default_rng(9)
    speck = {name: np.r_[x, 1.5 + 1e-4 * rng.normal(size=6)] for name, x in columns.items()}
    labels = np.r_[np.arange(90) % 3 == 0, np.full(6, 2)].astype(np.float64)
    weights = np.array([np.mean(labels == k) for k in range(3)])
    result = fitted(
        "gaussian", speck, components=3, starts=20, start="random-rows", max_iterations=300
    )
    found = audited(result)
    words = {g.health for g in found.groups}
    assert weights.size == 3 and words & {Health.NEAR_FLOOR, Health.THIN, Health.COLLAPSED}


def test_counts_have_no_width_and_are_not_called_thin() -> None:
    x = np.random.default_rng(3).poisson(1.0, 200).astype(np.float64)
    found = audited(fitted("poisson", {"x": x}, components=1))
    (group,) = found.groups
    assert group.smallest is None and group.shrinking is None and group.health is Health.SOUND


def test_a_category_that_all_rows_of_a_group_have_is_no_narrow_column() -> None:
    rng = np.random.default_rng(0)
    is_low = np.arange(100) < 50
    x = np.where(is_low, 0.0, 6.0) + rng.normal(0, 1, 100)
    kinds = np.where(is_low, 0.0, rng.integers(0, 2, 100).astype(np.float64))
    columns = (Column("x", Kind.CONTINUOUS, x), Column("kind", Kind.NOMINAL, kinds, ("a", "b")))
    laws = [("gaussian", ("x",)), ("categorical", ("kind",))]
    spec = with_laws(new_spec(catalogue()), catalogue(), laws).with_setting("components", 2)
    found = audited(fit(Dataset(columns, "mixed"), spec, catalogue(), 1))
    assert [g.health for g in found.groups] == [Health.SOUND, Health.SOUND]
    assert all(g.smallest is not None and g.smallest > 0.05 for g in found.groups)
