"""Counts of which those outside a window were never recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, special, stats

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitResult, fit
from emdesk.errors import DataProblem
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.hidden_counts import CountShapes, hidden_counts
from emdesk.model.interval_ends import Window
from emdesk.model.marks import Curve, Place, View
from emdesk.model.needs import Role
from emdesk.model.params import arrays
from tests.laws.counts import QUAKES

F64 = NDArray[np.float64]
SIZES = np.arange(1.0, 9.0)
SEEN = np.array([43.0, 32, 14, 9, 4, 3, 1, 1])
"""Groups of people by size, none of which is empty."""


def fitted(
    counts: F64, often: F64 | None = None, law: str = "poisson", **settings: Any
) -> FitResult:
    columns = [Column("count", Kind.COUNT, counts.copy())]
    roles = {}
    if often is not None:
        columns.append(Column("often", Kind.COUNT, often.copy()))
        roles = {Role.WEIGHT: ("often",)}
    spec = replace(new_spec(catalogue(), "mixture", law), columns=("count",), roles=roles)
    for name, value in ({"tolerance": 1e-12, "max_iterations": 5000} | settings).items():
        spec = spec.with_setting(name, value)
    return fit(Dataset(tuple(columns), "counts"), spec, catalogue(), 1)


def shown(result: FitResult) -> dict[str, F64]:
    return arrays(result.family.in_units(result.data, result.params))


def poisson(*rates: float) -> CountShapes:
    return CountShapes(np.array(rates), np.zeros(len(rates)))


def test_zero_truncated_counts_have_the_rate_whose_mean_above_zero_is_theirs() -> None:
    made = fitted(SIZES, SEEN, components=1, truncated_below="1")
    mean = SIZES @ SEEN / SEEN.sum()
    rate = float(shown(made)["rates"][0, 0])
    assert rate / -np.expm1(-rate) == pytest.approx(mean, rel=1e-6)
    logs = stats.poisson(rate).logpmf(SIZES) - np.log(-np.expm1(-rate))
    assert made.log_likelihood == pytest.approx(SEEN @ logs, rel=1e-12)
    assert made.free_parameters == 1
    whole = fitted(SIZES, SEEN, components=1)
    assert whole.log_likelihood < made.log_likelihood


@pytest.mark.parametrize(
    ("counts", "often", "below", "above"),
    [(SIZES, SEEN, 1, None), (QUAKES[0], None, 6, None), (QUAKES[0], None, 5, 41)],
)
def test_a_mixture_is_that_of_a_direct_search_of_the_likelihood(
    counts: F64, often: F64 | None, below: int, above: int | None
) -> None:
    window = {"truncated_below": str(below), "truncated_above": str(above or "")}
    made = fitted(counts, often, components=2, starts=8, accelerate="squarem", **window)
    weights = np.ones(len(counts)) if often is None else often

    def fall(free: F64) -> float:
        rates = np.exp(free[1:])[:, None]
        law = stats.poisson(rates)
        inside = law.sf(below - 1) if above is None else law.cdf(above) - law.cdf(below - 1)
        logs = law.logpmf(counts) - np.log(inside)
        share = np.array([[special.log_expit(free[0])], [special.log_expit(-free[0])]])
        return -float(weights @ special.logsumexp(logs + share, axis=0))

    middle = np.log(np.average(counts, weights=weights))
    starts = [
        np.array([odds, middle - away, middle + away])
        for odds in (-1.5, 0, 1.5)
        for away in (0.3, 0.8)
    ]
    best = -min(
        float(
            optimize.minimize(
                fall,
                start,
                method="Nelder-Mead",
                options={"maxiter": 4000, "xatol": 1e-9, "fatol": 1e-10},
            ).fun
        )
        for start in starts
    )
    assert made.log_likelihood == pytest.approx(best, rel=1e-6)
    assert np.all(np.diff(made.trace.objectives) > -1e-9)


@pytest.mark.parametrize("rate", [1e-12, 1e-3, 0.7, 30.0, 4000.0])
def test_the_probability_of_a_window_keeps_its_digits(rate: float) -> None:
    made = hidden_counts(poisson(rate), Window(1.0, np.inf))
    expected = np.log(-np.expm1(-rate)) if rate < 0.7 else np.log1p(-np.exp(-rate))
    assert made.log_inside[0] == pytest.approx(expected, rel=1e-13, abs=1e-300)
    assert made.rows @ np.ones(len(made.rows)) == pytest.approx(
        np.exp(-rate) / -np.expm1(-rate), rel=1e-12, abs=1e-300
    )


def test_counts_that_are_hidden_on_both_sides_add_up() -> None:
    rates = (2.0, 25.0)
    made = hidden_counts(poisson(*rates), Window(3.0, 30.0))
    for k, rate in enumerate(rates):
        law = stats.poisson(rate)
        inside = law.cdf(30) - law.cdf(2)
        assert made.inside[k] == pytest.approx(inside, rel=1e-12)
        mine = made.groups == k
        mean = (rate - law.expect(lambda x: x, lb=3, ub=30)) / inside
        assert made.rows[mine].sum() == pytest.approx((1 - inside) / inside, rel=1e-10)
        assert made.rows[mine] @ made.values[mine] == pytest.approx(mean, rel=1e-8)


def test_a_count_outside_the_window_is_refused_with_its_row() -> None:
    with pytest.raises(DataProblem, match="row 3 lies outside"):
        fitted(np.array([1.0, 2, 0, 4]), components=1, truncated_below="1")


def test_drawn_counts_and_the_picture_stay_in_the_window() -> None:
    made = fitted(SIZES, SEEN, components=1, truncated_below="1")
    drawn = made.family.simulate(made.data, made.params, np.random.default_rng(0))
    assert drawn.columns[0].values.min() >= 1
    picture = made.family.picture(made.data, made.params, View(Place.PICTURE))
    curve = next(mark for mark in picture.marks if isinstance(mark, Curve))
    assert np.all(curve.y[curve.x < 0.5] == 0)
    names = [q.name for q in made.family.quantities(made.data, made.params)]
    assert "inside" in names


def test_a_group_far_outside_the_window_still_draws_counts_in_it() -> None:
    made = fitted(QUAKES[0], components=1, truncated_above="41")
    far = replace(made.params, law=replace(made.params.law, rates=np.array([[4000.0]])))
    law = made.family.law
    assert law is not None
    drawn = law.simulate(far.law, np.zeros(40, dtype=np.intp), np.random.default_rng(0))
    assert drawn.max() == 41 and drawn.min() > 30
