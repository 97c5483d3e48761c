"""The Poisson law."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.poisson import LAW, PoissonConstants, PoissonParams
from emdesk.model.count_law import CountSettings
from emdesk.model.law import Workspace
from emdesk.model.rows import plain_rows
from tests.laws.counts import DIGITS, density_of, log_gamma

F64 = NDArray[np.float64]
ROWS = np.array([[0.0, 1.0, 4.0, 2.0], [3.0, 0.0, 0.0, 9.0]])
NAMES = ("calls", "visits")


def constants_of(rows: F64) -> PoissonConstants:
    return LAW.constants(plain_rows(rows, NAMES[: len(rows)]), CountSettings())


def test_an_m_step_is_the_weighted_mean_of_the_counts() -> None:
    constants = constants_of(ROWS)
    members = np.array([[0.5, 1.0, 0.0, 2.0], [0.5, 0.0, 1.0, 0.0]])
    work = Workspace()
    features = LAW.features(LAW.encode(plain_rows(ROWS), constants), constants, work)
    sums = LAW.statistics(features, members, None, constants, work)
    made = LAW.maximise(sums, None, constants)
    expected = members @ ROWS.T / members.sum(axis=1)[:, None]
    expected = np.maximum(expected, 1e-12)
    np.testing.assert_allclose(made.rates, expected, rtol=1e-9, atol=1e-10)


def test_a_group_of_zeros_has_a_rate_so_small_that_its_density_is_one() -> None:
    rows = np.array([[0.0, 0.0, 0.0, 50.0]])
    constants = constants_of(rows)
    work = Workspace()
    features = LAW.features(LAW.encode(plain_rows(rows), constants), constants, work)
    members = np.array([[1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    made = LAW.maximise(LAW.statistics(features, members, None, constants, work), None, constants)
    out = np.empty((2, 4))
    LAW.log_density(features, LAW.kernel(made, np.zeros(2), constants), out, work)
    assert np.isfinite(out).all()
    assert abs(out[0, 0]) < 1e-10 and out[0, 3] < -1000


@pytest.mark.parametrize("value", [-1.0, 0.5])
def test_a_cell_that_is_no_count_is_refused_with_its_place_in_the_file(value: float) -> None:
    rows = ROWS.copy()
    rows[1, 2] = value
    with pytest.raises(DataProblem) as caught:
        LAW.constants(plain_rows(rows, NAMES, None, np.array([3, 4, 8, 9])), CountSettings())
    assert caught.value.columns == ("visits",)
    assert f"{value:g}" in caught.value.sentence and "row 9" in caught.value.sentence


@pytest.mark.parametrize("rate", [0.0, -2.0, float("nan")])
def test_a_given_rate_that_is_not_positive_is_refused_with_its_component(rate: float) -> None:
    with pytest.raises(SettingProblem, match="component 2"):
        LAW.from_units(PoissonParams(np.array([[1.0, 1.0], [1.0, rate]])), constants_of(ROWS))


def exact(count: float, rate: float) -> float:
    """The log probability with many digits, of doubles taken as they are."""
    with localcontext() as context:
        context.prec = DIGITS
        x, r = Decimal(count), Decimal(rate)
        return float(x * r.ln() - r - log_gamma(x + 1))


@pytest.mark.parametrize("rate", [1e-12, 0.02, 3.7, 299.0, 301.0, 1234.5, 2e6, 6.5e9])
@pytest.mark.parametrize("is_beside_small_ones", [True, False])
def test_the_log_density_keeps_its_digits_at_every_size(
    rate: float, is_beside_small_ones: bool
) -> None:
    counts = np.unique(np.rint(np.maximum(rate + np.sqrt(rate) * np.linspace(-8, 8, 9), 0)))
    if is_beside_small_ones:
        counts = np.unique(np.concatenate([[0, 1, 2, 15, 300, 1e6], counts]))
    params = PoissonParams(np.array([[rate]]))
    found = density_of(LAW, constants_of(counts[None]), params, counts[None])[0]
    expected = np.array([exact(float(x), rate) for x in counts])
    assert np.all(np.abs(found - expected) <= 1e-12 * np.maximum(1, np.abs(expected)))
