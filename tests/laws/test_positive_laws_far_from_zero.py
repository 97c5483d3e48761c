"""Columns whose spread is next to nothing beside their values: laws of positive columns are then their limits, normal
laws (a smallest extreme value law for Weibull), and the fit has all digits that the column holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.uncertainty import observed
from emdesk.errors import DataProblem
from emdesk.families.mixture import FAMILY
from emdesk.laws.gamma import LAW as GAMMA
from emdesk.laws.gaussian import LAW as GAUSSIAN
from emdesk.laws.inverse_gaussian import LAW as INVERSE_GAUSSIAN
from emdesk.laws.log_normal import LAW as LOG_NORMAL
from emdesk.laws.weibull import LAW as WEIBULL
from emdesk.model.law import Workspace
from emdesk.model.params import from_vector, to_vector
from emdesk.model.rows import plain_rows
from tests.laws import exact
from tests.laws.test_columnwise_gaps import climbs, run

F64 = NDArray[np.float64]
NORMAL: tuple[Any, ...] = (GAMMA, LOG_NORMAL, INVERSE_GAUSSIAN)
ALL: tuple[Any, ...] = (*NORMAL, WEIBULL)
OFFSETS = (1e8, 1e10, 1e12)
normal_laws = pytest.mark.parametrize("law", NORMAL, ids=lambda law: str(law.id))
every_law = pytest.mark.parametrize("law", ALL, ids=lambda law: str(law.id))
every_offset = pytest.mark.parametrize("offset", OFFSETS)


def two_groups(offset: float) -> F64:
    rng = np.random.default_rng(7)
    return np.asarray(
        offset + np.concatenate([rng.standard_normal(200), rng.standard_normal(300) + 9])[None]
    )


def place_of(law: Any, params: Any, constants: Any) -> tuple[F64, F64]:
    """The value (d,) that logarithms are taken about inside a fit, and the logarithms (K, d) of the groups' places."""
    if law is GAMMA:
        return constants.means, params.log_means
    if law is LOG_NORMAL:
        scaling = constants.scaling
        return constants.centres, params.log_means * scaling.scales + scaling.centres
    return (constants.scales if law is INVERSE_GAUSSIAN else constants.centres), params.logs


def above(law: Any, params: Any, constants: Any, offset: float) -> F64:
    """(K,) the places of the groups in the first column less the offset, with all digits of the fit."""
    centres, logs = place_of(law, params, constants)
    return np.asarray((centres - offset) + centres * np.expm1(logs))[:, 0]


@every_offset
@normal_laws
def test_a_law_far_from_zero_is_the_normal_law(law: Any, offset: float) -> None:
    rows = two_groups(offset)
    data, params, objectives = run(law, rows, 2)
    other, normal, heights = run(GAUSSIAN, rows, 2)
    assert climbs(objectives)
    # the laws differ by a skewness of about the spread over the offset
    assert objectives[-1] == pytest.approx(heights[-1], abs=rows.shape[1] * max(1e-9, 20 / offset))
    moments = GAUSSIAN.moments(GAUSSIAN.in_units(normal.law, other.constants))
    order = np.argsort(moments[0][:, 0])
    places = above(law, params.law, data.constants, offset)
    found = np.argsort(places)
    near = max(1e-6, 20 / offset)
    means = other.constants.scaling.centres - offset
    means = means + normal.law.means[order, 0] * other.constants.scaling.scales
    np.testing.assert_allclose(places[found], means, rtol=0, atol=near)
    spreads = np.sqrt(law.moments(law.in_units(params.law, data.constants))[1][found, 0, 0])
    np.testing.assert_allclose(spreads, np.sqrt(moments[1][order, 0, 0]), rtol=near)


@every_offset
def test_a_weibull_law_far_from_zero_is_a_smallest_extreme_value_law(offset: float) -> None:
    from scipy.optimize import brentq

    rows = two_groups(offset)[:, :200]
    data, params, objectives = run(WEIBULL, rows, 1)
    assert climbs(objectives)
    z = rows[0] - offset

    def slope(width: float) -> float:
        powers = np.exp((z - z.max()) / width)
        return float(width - (powers @ z) / powers.sum() + z.mean())

    width = brentq(slope, 0.1, 10.0, xtol=1e-14)
    place = z.max() + width * np.log(np.exp((z - z.max()) / width).mean())
    v = (z - place) / width
    near = max(1e-6, 20 / offset)
    expected = float((v - np.exp(v) - np.log(width)).sum())
    assert objectives[-1] == pytest.approx(expected, abs=len(z) * max(1e-9, 20 / offset))
    assert above(WEIBULL, params.law, data.constants, offset)[0] == pytest.approx(place, abs=near)
    shown = WEIBULL.in_units(params.law, data.constants)
    assert shown.scales[0, 0] / shown.shapes[0, 0] == pytest.approx(width, rel=near)
    variance = WEIBULL.moments(shown)[1][0, 0, 0]
    assert variance == pytest.approx(width**2 * np.pi**2 / 6, rel=near)


def density(law: Any, x: Decimal, centre: Decimal, log: Decimal, other: Decimal) -> Decimal:
    """The log density of the params of a fit, of which `other` says how wide a group is."""
    if law is LOG_NORMAL:
        return exact.log_normal(x, centre.ln() + log, other)
    place = centre * log.exp()
    if law is GAMMA:
        return exact.gamma(x, other, place / other)
    if law is INVERSE_GAUSSIAN:
        return exact.inverse_gaussian(x, place, other * centre)
    return exact.weibull(x, other, place)


@every_offset
@every_law
def test_a_density_far_from_zero_keeps_its_digits(law: Any, offset: float) -> None:
    """Of the params as the fit has them, which have more digits than those that can be shown."""
    rows = two_groups(offset)
    data, params, _ = run(law, rows, 2, iterations=10)
    inner, constants, work = params.law, data.constants, Workspace()
    points = rows[:, ::25]
    out = np.empty((2, points.shape[1]))
    features = law.features(law.encode(plain_rows(points), constants), constants, work)
    law.log_density(features, law.kernel(inner, np.zeros(2), constants), out, work)
    centres, logs = place_of(law, inner, constants)
    scale = constants.scaling.scales if law is LOG_NORMAL else np.ones(1)
    widths = inner.log_sds * scale if law is LOG_NORMAL else inner.shapes
    for k in range(2):
        given = (float(centres[0]), float(logs[k, 0]), float(widths[k, 0]))
        expected = [exact.with_digits(density, law, float(x), *given) for x in points[0]]
        # exp(v) beyond what has any likelihood is cut off, and where it is large it has the digits of v alone
        likely = [i for i, log in enumerate(expected) if log > -200]
        assert exact.worst(out[k, likely], [expected[i] for i in likely]) < 1e-12


@every_law
def test_steps_off_the_best_params_are_counted_in_spreads(law: Any) -> None:
    data, params, objectives = run(law, two_groups(1e12), 2)
    family: Any = FAMILY.with_law(law)
    vector = to_vector(params)
    pushed = family.retract(data, from_vector(vector + 0.01, params))
    with Sweeper(1) as sweeper:
        found = sweeper.sweep(family, data, pushed, family.blocks(data), RunControl())
    fall = objectives[-1] - (found.fit + family.log_prior(data, pushed))
    assert 0 < fall < 0.01 * abs(objectives[-1])


@normal_laws
def test_standard_errors_far_from_zero_are_those_of_the_normal_law(law: Any) -> None:
    data, params, _ = run(law, two_groups(1e12), 2)
    with Sweeper(1) as sweeper:
        found = observed(FAMILY.with_law(law), data, params, sweeper)
    assert found.is_identified and found.is_maximum
    name, wide = {
        "gamma": ("shapes", np.sqrt(2.0)),
        "log-normal": ("log_sds", np.sqrt(0.5)),
        "inverse-gaussian": ("shapes", np.sqrt(2.0)),
    }[law.id]
    shown = getattr(law.in_units(params.law, data.constants), name)
    rows = params.weights[:, None] * 500
    np.testing.assert_allclose(found.standard_errors[name] / shown, wide / np.sqrt(rows), rtol=0.02)


def test_scales_of_a_gamma_law_far_from_zero_can_be_held() -> None:
    from emdesk.model.held import Held, HeldValue

    held = Held((HeldValue("scales", (0, 0), 1.5e-12),))
    data, params, _ = run(GAMMA, two_groups(1e12), 2, held, iterations=20)
    shown = GAMMA.in_units(params.law, data.constants)
    assert shown.scales[0, 0] == pytest.approx(1.5e-12, rel=1e-12)


@every_law
def test_a_column_with_fewer_digits_of_its_spread_than_parameters_can_show_is_refused(
    law: Any,
) -> None:
    with pytest.raises(DataProblem, match="rain"):
        law.constants(plain_rows(two_groups(1e15), ("rain",)), law.Settings())
