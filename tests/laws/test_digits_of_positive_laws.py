"""Laws of positive columns keep their digits at any scale and for narrow groups; fifty digits are the judge."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from emdesk.laws.exponential import LAW as EXPONENTIAL
from emdesk.laws.gamma import LAW as GAMMA
from emdesk.laws.inverse_gaussian import LAW as INVERSE_GAUSSIAN
from emdesk.laws.log_normal import LAW as LOG_NORMAL
from emdesk.laws.weibull import LAW as WEIBULL
from emdesk.model.law import Law
from emdesk.model.params import arrays
from tests.laws import exact

FORMULAS: dict[str, Callable[..., Decimal]] = {
    "log-normal": exact.log_normal,
    "gamma": exact.gamma,
    "weibull": exact.weibull,
    "exponential": exact.exponential,
    "inverse-gaussian": exact.inverse_gaussian,
}
LAWS: tuple[Any, ...] = (LOG_NORMAL, GAMMA, WEIBULL, EXPONENTIAL, INVERSE_GAUSSIAN)


def params_of(law: Law, middle: float, spread: float) -> Any:
    """A group about `middle` whose logarithms have about this standard deviation."""
    pairs = {
        "log-normal": (np.log(middle), spread),
        "gamma": (spread**-2, middle * spread**2),
        "weibull": (1.28 / spread, middle),
        "exponential": (middle * min(1.0, spread),),
        "inverse-gaussian": (middle, middle * spread**-2),
    }
    return law.Params(*(np.array([[value]]) for value in pairs[law.id]))


@pytest.mark.parametrize("share", [1.0, 0.1, 0.01, 0.001])
@pytest.mark.parametrize("spread", [1.5, 0.3])
@pytest.mark.parametrize("scale", [1.0, 1e6, 1e150, 1e-150])
@pytest.mark.parametrize("law", LAWS, ids=lambda law: str(law.id))
def test_a_density_keeps_its_digits(law: Law, scale: float, spread: float, share: float) -> None:
    """The data have the spread, the group a share of it; its rows lie within eight standard deviations."""
    data = scale * np.exp(spread * np.random.default_rng(2).standard_normal((1, 200)))
    middle, width = scale * float(np.exp(0.3 * spread)), spread * share
    highest = 3 if law.id == "weibull" else 8
    rows = middle * np.exp(np.linspace(-8, highest, 23) * width)
    found, shown = exact.of_law(law, params_of(law, middle, width), data, rows[None])
    values = [float(v[0, 0]) for v in arrays(shown).values()]
    expected = [exact.with_digits(FORMULAS[law.id], float(x), *values) for x in rows]
    # a parameter, as it is shown, is right to one part in 2^53; for a narrow group that is worth this much
    rounding = 2.3e-16 * max(1.0, abs(np.log(scale))) / width
    assert exact.worst(found[0], expected) < 1e-12 + 8 * rounding


@pytest.mark.parametrize("shape", [1e-2, 0.5, 1.0, 3.0, 19.9, 20.1, 399.0, 401.0, 1e5])
def test_a_gamma_density_of_any_shape_keeps_its_digits(shape: float) -> None:
    rng = np.random.default_rng(2)
    data = np.concatenate([rng.gamma(2.0, 1.0, 100), [1e-3, 50.0]])[None]
    rows = np.array([1e-3, 0.1, 0.9, 1.0, 1.1, 2.0, 6.0])
    found, shown = exact.of_law(
        GAMMA, GAMMA.Params(np.array([[shape]]), np.array([[1 / shape]])), data, rows[None]
    )
    a, s = float(shown.shapes[0, 0]), float(shown.scales[0, 0])
    expected = [exact.with_digits(exact.gamma, float(x), a, s) for x in rows]
    assert exact.worst(found[0], expected) < 1e-12


@pytest.mark.parametrize("law", LAWS, ids=lambda law: str(law.id))
def test_a_point_outside_the_law_is_impossible_and_warns_nobody(law: Law) -> None:
    data = np.random.default_rng(2).gamma(2.0, 1.0, (2, 50))
    params = law.Params(*(np.ones((1, 2)) for _ in arrays(params_of(law, 1.0, 1.0))))
    rows = np.array([[-1.0, 1.0, 2.0], [1.0, -1e-300, 1.0]])
    found, shown = exact.of_law(law, params, data, rows)
    assert np.array_equal(np.isfinite(found[0]), [False, False, True])
    marginal = law.log_marginal(shown, np.eye(2), np.zeros(2), rows)
    assert marginal is not None
    np.testing.assert_allclose(marginal, found, rtol=1e-12)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: str(law.id))
def test_a_direction_that_is_no_column_has_no_density(law: Law) -> None:
    params = law.Params(*(np.ones((1, 2)) for _ in arrays(params_of(law, 1.0, 1.0))))
    points = np.ones((1, 3))
    assert law.log_marginal(params, np.array([[0.6, 0.8]]), np.zeros(2), points) is None
    assert law.log_marginal(params, np.array([[1.0, 0.0]]), np.ones(2), points) is None
    assert law.log_marginal(params, np.array([[0.0, 1.0]]), np.zeros(2), points) is not None
