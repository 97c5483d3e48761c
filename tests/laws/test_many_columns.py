"""Elliptical laws in many columns, where the second moments of a row are never made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import multivariate_normal, multivariate_t

from emdesk.laws.gaussian import LAW as GAUSSIAN
from emdesk.laws.gaussian.settings import GaussianParams
from emdesk.laws.gaussian.sums import MANY
from emdesk.laws.student_t import LAW as STUDENT_T
from emdesk.laws.student_t.settings import StudentTParams
from emdesk.model.law import Law, Workspace
from emdesk.model.rows import plain_rows

F64 = NDArray[np.float64]
WIDTHS = (MANY - 1, MANY, MANY + 5)
NARROW = 1e-3
GROUPS, ROWS = 3, 400


def cloud(d: int) -> tuple[F64, GaussianParams]:
    """Rows (d, n) and params in units: two wide groups that overlap, and a narrow one."""
    rng = np.random.default_rng(d)
    roots = rng.standard_normal((GROUPS, d, 2 * d)) / np.sqrt(2 * d)
    matrices = roots @ np.swapaxes(roots, 1, 2)
    matrices[2] *= NARROW**2
    means = rng.standard_normal((GROUPS, d))
    factors = np.linalg.cholesky(matrices)
    groups = rng.integers(0, GROUPS, ROWS)
    noise = rng.standard_normal((ROWS, d, 1))
    rows = means[groups] + (factors[groups] @ noise)[:, :, 0]
    return np.ascontiguousarray(rows.T), GaussianParams(means, matrices)


def seen(law: Law, rows: F64, params: Any, members: F64) -> tuple[F64, Any]:
    """Log densities (K, n), and what the M-step makes of memberships (K, n), in units."""
    settings, work = law.Settings(), Workspace()
    constants = law.constants(plain_rows(rows), settings)
    inside = law.from_units(params, constants)
    features = law.features(law.encode(plain_rows(rows), constants), constants, work)
    kernel = law.kernel(inside, np.zeros(GROUPS), constants)
    logs = np.empty((GROUPS, rows.shape[1]))
    law.log_density(features, kernel, logs, work)
    sums = law.statistics(features, members, kernel, constants, work)
    return logs, law.in_units(law.maximise(sums, inside, constants), constants)


def memberships(share_of_nothing: float) -> F64:
    """(K, n) memberships of which a share weighs next to nothing."""
    rng = np.random.default_rng(5)
    made = rng.random((GROUPS, ROWS)) + 0.1
    made[rng.random(made.shape) < share_of_nothing] = 1e-60
    return np.asarray(made / made.sum(axis=0))


@pytest.mark.parametrize("d", WIDTHS)
def test_log_densities_are_those_of_another_library(d: int) -> None:
    rows, params = cloud(d)
    logs, _ = seen(GAUSSIAN, rows, params, memberships(0.0))
    tails = StudentTParams(params.means, params.covariances, np.array([3.0, 8.0, 30.0]))
    logs_of_t, _ = seen(STUDENT_T, rows, tails, memberships(0.0))
    for k in range(GROUPS):
        expected = multivariate_normal(params.means[k], params.covariances[k]).logpdf(rows.T)
        np.testing.assert_allclose(logs[k], expected, rtol=1e-10)
        other = multivariate_t(params.means[k], params.covariances[k], df=tails.degrees[k])
        np.testing.assert_allclose(logs_of_t[k], other.logpdf(rows.T), rtol=1e-10)


@pytest.mark.parametrize("share", [0.0, 0.9])
@pytest.mark.parametrize("d", WIDTHS)
def test_an_m_step_is_weighted_means_and_covariances(d: int, share: float) -> None:
    """Also where most rows weigh next to nothing, which are left out."""
    rows, params = cloud(d)
    members = memberships(share)
    _, made = seen(GAUSSIAN, rows, params, members)
    for k in range(GROUPS):
        mean = np.average(rows, axis=1, weights=members[k])
        np.testing.assert_allclose(made.means[k], mean, rtol=1e-10, atol=1e-12)
        expected = np.cov(rows, aweights=members[k], bias=True)
        np.testing.assert_allclose(made.covariances[k], expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("d", [MANY, MANY + 5])
def test_rows_with_missing_cells_have_the_density_of_what_is_observed(d: int) -> None:
    rows, params = cloud(d)
    rows[2, ::3] = np.nan
    logs, _ = seen(GAUSSIAN, rows, params, memberships(0.5))
    seen_columns = np.delete(np.arange(d), 2)
    for k in range(GROUPS):
        part = multivariate_normal(
            params.means[k][seen_columns], params.covariances[k][np.ix_(seen_columns, seen_columns)]
        )
        expected = part.logpdf(rows[seen_columns].T)[::3]
        np.testing.assert_allclose(logs[k, ::3], expected, rtol=1e-10)
        whole = multivariate_normal(params.means[k], params.covariances[k])
        np.testing.assert_allclose(logs[k, 1::3], whole.logpdf(rows.T[1::3]), rtol=1e-10)
