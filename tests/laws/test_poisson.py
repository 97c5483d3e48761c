"""The Poisson law."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.poisson import LAW, PoissonConstants, PoissonParams, PoissonSettings
from emdesk.model.law import Workspace
from emdesk.model.rows import plain_rows

F64 = NDArray[np.float64]
ROWS = np.array([[0.0, 1.0, 4.0, 2.0], [3.0, 0.0, 0.0, 9.0]])
NAMES = ("calls", "visits")


def constants_of(rows: F64) -> PoissonConstants:
    return LAW.constants(plain_rows(rows, NAMES[: len(rows)]), PoissonSettings())


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
        LAW.constants(plain_rows(rows, NAMES, None, np.array([3, 4, 8, 9])), PoissonSettings())
    assert caught.value.columns == ("visits",)
    assert f"{value:g}" in caught.value.sentence and "row 9" in caught.value.sentence


@pytest.mark.parametrize("rate", [0.0, -2.0, float("nan")])
def test_a_given_rate_that_is_not_positive_is_refused_with_its_component(rate: float) -> None:
    with pytest.raises(SettingProblem, match="component 2"):
        LAW.from_units(PoissonParams(np.array([[1.0, 1.0], [1.0, rate]])), constants_of(ROWS))


def test_counts_of_millions_keep_their_digits() -> None:
    from scipy.stats import poisson

    rows = np.array([[2e6, 2.001e6, 1.999e6, 0.0]])
    constants = constants_of(rows)
    work, out = Workspace(), np.empty((1, 4))
    params = PoissonParams(np.array([[2e6]]))
    features = LAW.features(LAW.encode(plain_rows(rows), constants), constants, work)
    LAW.log_density(features, LAW.kernel(params, np.zeros(1), constants), out, work)
    np.testing.assert_allclose(out[0], poisson(2e6).logpmf(rows[0]), rtol=1e-8)
