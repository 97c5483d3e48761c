"""The expected log-likelihood of elliptical laws, where cells are missing and where structures are of few numbers: its
slope is that of the log-likelihood where the sums were made (Fisher's identity), and the M-step climbs it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.laws.gaussian import LAW as GAUSSIAN
from emdesk.laws.student_t import LAW as STUDENT_T
from emdesk.model.law import Workspace
from emdesk.model.params import from_vector, to_vector
from emdesk.model.rows import Rows

F64 = NDArray[np.float64]
LAWS: dict[str, Any] = {"gaussian": GAUSSIAN, "student-t": STUDENT_T}
CASES = [
    ("gaussian", {}),
    ("gaussian", {"covariance": "EEE"}),
    ("gaussian", {"covariance": "FA"}),
    ("gaussian", {"prior": "conjugate"}),
    ("student-t", {"tails": "fixed", "degrees": 3.0}),
    ("student-t", {"tails": "fixed", "degrees": 3.0, "covariance": "EEE"}),
    ("student-t", {}),
    ("student-t", {"tails": "common", "covariance": "EVV"}),
    ("student-t", {"prior": "conjugate", "tails_prior": "gamma"}),
]


class Given:
    """Two groups with given memberships, rows of which cells are missing, and params that fit them roughly."""

    def __init__(self, law: str, settings: dict[str, Any]) -> None:
        rng = np.random.default_rng(3)
        rows = rng.standard_t(4.0, (3, 90)) * np.array([[1.0], [2.0], [50.0]])
        rows[rng.random(rows.shape) < 0.2] = np.nan
        rows = rows[:, ~np.isnan(rows).all(axis=0)]
        self.members = rng.dirichlet([1.0, 1.0], rows.shape[1]).T
        self.law, self.work = LAWS[law], Workspace()
        given = Rows(rows, ("a", "b", "c"), np.arange(rows.shape[1]), groups=2)
        self.constants = self.law.constants(given, self.law.Settings(**settings))
        self.encoded = self.law.encode(given, self.constants)
        self.params = self.law.maximise(self.sums(None), None, self.constants)
        for _ in range(2):
            self.params = self.law.maximise(self.sums(self.params), self.params, self.constants)

    def seen(self, params: Any) -> tuple[Any, Any, F64]:
        features = self.law.features(self.encoded, self.constants, self.work)
        kernel = self.law.kernel(params, np.zeros(2), self.constants)
        logs = np.empty_like(self.members)
        self.law.log_density(features, kernel, logs, self.work)
        return features, kernel, logs

    def sums(self, params: Any) -> Any:
        if params is None:
            features, kernel = self.law.features(self.encoded, self.constants, self.work), None
        else:
            features, kernel, _ = self.seen(params)
        return self.law.statistics(features, self.members, kernel, self.constants, self.work)

    def height(self, params: Any) -> float:
        return float((self.members * self.seen(params)[2]).sum())


def slopes(height: Any, params: Any) -> F64:
    """Along every coordinate; a common number moves in both groups at once."""
    at, made = to_vector(params), []
    for axis in np.eye(len(at)):
        ends = [
            height(from_vector(at + side * 1e-4 * axis, params)) for side in (-2.0, -1.0, 1.0, 2.0)
        ]
        made.append((ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / 12e-4)
    return np.array(made)


@pytest.mark.parametrize(("law", "settings"), CASES, ids=str)
def test_its_slope_is_that_of_the_log_likelihood(law: str, settings: dict[str, Any]) -> None:
    given = Given(law, settings)
    sums = given.sums(given.params)
    found = slopes(
        lambda params: float(given.law.expected(sums, params, given.constants).sum()), given.params
    )
    wanted = slopes(given.height, given.params)
    is_free = np.ones(len(wanted), dtype=bool)
    if settings.get("tails") == "fixed":
        is_free[-2:] = False  # given degrees of freedom are no params
    assert found[is_free] == pytest.approx(wanted[is_free], abs=1e-6 * np.abs(wanted).max() + 1e-7)


@pytest.mark.parametrize(("law", "settings"), CASES, ids=str)
def test_the_m_step_climbs_it(law: str, settings: dict[str, Any]) -> None:
    given = Given(law, settings)
    sums = given.sums(given.params)

    def height(params: Any) -> float:
        made = given.law.expected(sums, params, given.constants)
        return float(made.sum() + given.law.log_prior(params, given.constants))

    before = height(given.params)
    after = height(given.law.maximise(sums, given.params, given.constants))
    assert after >= before - 1e-10 * abs(before)
