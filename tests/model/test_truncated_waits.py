"""Geometric and negative binomial counts of which those outside a window were never recorded."""

from __future__ import annotations

from decimal import Decimal, localcontext
from itertools import pairwise
from math import factorial, inf, isinf, prod

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, special, stats

from emdesk.app.trust import measured
from emdesk.errors import SettingProblem
from emdesk.model.hidden_counts import CountShapes, hidden_counts
from emdesk.model.interval_ends import Window
from tests.laws.counts import QUAKES
from tests.model.test_truncated_counts import SEEN, SIZES, fitted, shown

F64 = NDArray[np.float64]
SPELLS = np.array([1.0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 7, 9, 14, 21, 40])
"""Days of spells, of which none is shorter than one."""


def geometric(*means: float) -> CountShapes:
    return CountShapes(np.array(means), np.ones(len(means)), is_geometric=True)


def direct_maximum(
    law: str, counts: F64, often: F64, low: int, high: float, components: int = 1
) -> float:
    """The highest log-likelihood that a search without gradients finds."""

    def logs_of(mean: float, dispersion: float) -> F64:
        size = 1 / dispersion
        known = stats.nbinom(size, size / (size + mean))
        return np.asarray(known.logpmf(counts) - np.log(known.cdf(high) - known.cdf(low - 1)))

    def fall(free: F64) -> float:
        shape = free[components : 2 * components], free[2 * components :]
        dispersions = np.exp(shape[1]) if law == "negative-binomial" else np.ones(components)
        pieces = [
            logs_of(float(np.exp(m)), float(a)) for m, a in zip(shape[0], dispersions, strict=True)
        ]
        shares = special.log_softmax(free[:components])[:, None]
        return -float(often @ special.logsumexp(np.stack(pieces) + shares, axis=0))

    middle = np.log(np.average(counts, weights=often))
    more = components if law == "negative-binomial" else 0
    starts = [
        np.concatenate(
            [
                np.zeros(components),
                np.linspace(middle - s, middle + s, components),
                np.full(more, a),
            ]
        )
        for s in (0.3, 1.2)
        for a in (-1.0, 0.5)
    ]
    options = {"maxiter": 6000, "maxfev": 6000, "xatol": 1e-9, "fatol": 1e-11}
    with np.errstate(all="ignore"):
        found = [
            optimize.minimize(fall, x, method="Nelder-Mead", options=options).fun for x in starts
        ]
    return -min(float(value) for value in found)


@pytest.mark.parametrize(
    ("law", "counts", "often", "low", "high", "components"),
    [
        ("geometric", SPELLS, None, 1, inf, 1),
        ("geometric", SPELLS, None, 1, 60, 2),
        ("geometric", SIZES, SEEN, 1, 9, 1),
        ("negative-binomial", SPELLS, None, 1, inf, 1),
        ("negative-binomial", QUAKES[0], None, 6, inf, 1),
    ],
)
def test_a_fit_is_that_of_a_direct_search_of_the_likelihood(
    law: str, counts: F64, often: F64 | None, low: int, high: float, components: int
) -> None:
    window = {"truncated_below": str(low), "truncated_above": "" if isinf(high) else str(high)}
    made = fitted(
        counts, often, law, components=components, starts=4, accelerate="squarem", **window
    )
    weights = np.ones(len(counts)) if often is None else often
    best = direct_maximum(law, counts, weights, low, high, components)
    assert made.log_likelihood == pytest.approx(best, rel=1e-6)
    assert all(b - a > -1e-9 for a, b in pairwise(made.trace.objectives))


def test_waits_without_zeros_are_waits_that_begin_at_one() -> None:
    made = fitted(SPELLS, law="geometric", components=1, truncated_below="1")
    moved = fitted(SPELLS - 1, law="geometric", components=1)
    assert made.log_likelihood == pytest.approx(moved.log_likelihood, rel=1e-9)
    chances = shown(made)["probabilities"], shown(moved)["probabilities"]
    assert chances[0] == pytest.approx(chances[1], rel=1e-6)


@pytest.mark.parametrize("mean", [1e-9, 0.3, 40.0, 1e7])
@pytest.mark.parametrize(("low", "high"), [(1, inf), (3, 12), (0, 5), (4000, 90_000)])
def test_hidden_waits_have_the_number_and_the_total_of_all_that_are_hidden(
    mean: float, low: int, high: float
) -> None:
    made = hidden_counts(geometric(mean), Window(float(low), high))
    with localcontext() as exact:
        exact.prec = 60
        m = Decimal(mean)
        q = m / (1 + m)
        above = Decimal(0) if isinf(high) else q ** (int(high) + 1)
        below, inside = 1 - q**low, q**low - above
        total = m - q**low * (low + m) + (0 if isinf(high) else above * (int(high) + 1 + m))
        expected = float(inside.ln()), float((below + above) / inside), float(total / inside)
    assert made.log_inside[0] == pytest.approx(expected[0], rel=1e-12, abs=1e-13)
    if expected[0] > -500:  # beyond that what is hidden is cut off
        assert made.rows.sum() == pytest.approx(expected[1], rel=1e-9)
        assert made.rows @ made.values == pytest.approx(
            expected[2], rel=1e-8, abs=1e-9 * made.rows.sum()
        )


@pytest.mark.parametrize(
    ("mean", "dispersion", "low"),
    [
        (3.0, 0.5, 1),
        (1e-9, 2.0, 1),
        (0.2, 1e-9, 2),
        (2.0, 1e5, 1),
        (1e-3, 1e7, 4),
        (900.0, 0.3, 20),
    ],
)
def test_the_probability_of_negative_binomial_counts_in_a_window_keeps_its_digits(
    mean: float, dispersion: float, low: int
) -> None:
    shapes = CountShapes(np.array([mean]), np.array([dispersion]))
    made = hidden_counts(shapes, Window(float(low), inf))
    with localcontext() as exact:
        exact.prec = 60
        m, size = Decimal(mean), 1 / Decimal(dispersion)
        p = m / (m + size)
        chances = (
            prod((size + i for i in range(x)), start=Decimal(1)) / factorial(x) * p**x
            for x in range(low)
        )
        outside = (1 - p) ** size * sum(chances, start=Decimal(0))
        log_inside = float((1 - outside).ln())
        odds = float(outside / (1 - outside))
    assert made.log_inside[0] == pytest.approx(log_inside, rel=1e-10, abs=1e-15)
    assert made.rows.sum() == pytest.approx(odds, rel=1e-8)


def test_negative_binomial_counts_have_no_upper_limit_and_no_far_lower_one() -> None:
    far, law = SPELLS + 30_000, "negative-binomial"
    with pytest.raises(SettingProblem, match="no end above") as caught:
        fitted(far, law=law, components=1, truncated_above="50000")
    assert caught.value.setting == "truncated_above"
    with pytest.raises(SettingProblem, match="at most 10000") as caught:
        fitted(far, law=law, components=1, truncated_below="20000")
    assert caught.value.setting == "truncated_below"


@pytest.mark.parametrize("law", ["geometric", "negative-binomial"])
def test_drawn_counts_stay_in_the_window(law: str) -> None:
    made = fitted(QUAKES[0], law=law, components=1, truncated_below="6", accelerate="squarem")
    drawn = made.family.simulate(made.data, made.params, np.random.default_rng(0))
    assert drawn.columns[0].values.min() >= 6
    assert "inside" in [q.name for q in made.family.quantities(made.data, made.params)]


def test_standard_errors_know_what_the_window_hides() -> None:
    """Waits from 1 on are waits from 0 on one step later, and have their standard errors."""
    made = measured(fitted(SPELLS, law="geometric", components=1, truncated_below="1"), "observed")
    moved = measured(fitted(SPELLS - 1, law="geometric", components=1), "observed")
    assert made.uncertainty is not None and moved.uncertainty is not None
    errors = [one.uncertainty.standard_errors["probabilities"] for one in (made, moved)]  # type: ignore[union-attr]
    assert errors[0] == pytest.approx(errors[1], rel=1e-5)
