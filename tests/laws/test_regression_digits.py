"""The densities of regressions keep their digits."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.law import Law, Workspace
from emdesk.model.needs import Role
from emdesk.model.rows import Rows
from tests.catalogues import everything
from tests.laws.lines import (
    BINOMIAL,
    POISSON,
)

F64 = NDArray[np.float64]


def density_at(law: str, response: F64, eta: F64, trials: F64 | None = None) -> F64:
    """(m,) log densities at given linear predictors, through the law's own machinery."""
    chosen: Law = everything().law(law)
    roles = {Role.PREDICTORS: eta[None]}
    names = {Role.PREDICTORS: ("eta",)}
    if trials is not None:
        roles[Role.TRIALS], names[Role.TRIALS] = trials[None], ("trials",)
    rows = Rows(response[None], ("y",), np.arange(len(eta)), roles=roles, role_names=names)
    constants = chosen.constants(rows, chosen.Settings())
    shown: Any = chosen.Params(coefficients=np.array([[0.0, 1.0]]))
    params = chosen.from_units(shown, constants)
    work, out = Workspace(), np.empty((1, len(eta)))
    features = chosen.features(chosen.encode(rows, constants), constants, work)
    chosen.log_density(features, chosen.kernel(params, np.zeros(1), constants), out, work)
    return np.asarray(out[0])


def log_factorial(n: int) -> Decimal:
    return sum((Decimal(i).ln() for i in range(2, n + 1)), Decimal(0))


def test_a_poisson_density_has_all_digits_at_small_and_large_counts() -> None:
    counts = np.array([0, 0, 1, 3, 40, 900, 5000, 5100])
    eta = np.log(np.array([1e-9, 3.0, 2.5, 40.0, 41.0, 950.0, 5000.0, 4900.0]))
    found = density_at(POISSON, counts.astype(np.float64), eta)
    with localcontext() as context:
        context.prec = 50
        exact = [
            int(n) * Decimal(float(e)) - Decimal(float(e)).exp() - log_factorial(int(n))
            for n, e in zip(counts, eta, strict=True)
        ]
    expected = np.array([float(v) for v in exact])
    # a linear predictor of 8.5 has an ulp of 2e-15, which a count of 5 000 multiplies by its distance from the rate
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_a_binomial_density_has_all_digits_with_few_and_many_trials() -> None:
    trials = np.array([1, 1, 7, 20, 300, 4000, 4000])
    counts = np.array([0, 1, 3, 20, 120, 2100, 0])
    eta = np.array([-12.0, 9.0, 0.3, 2.0, -0.4, 0.1, -7.0])
    found = density_at(BINOMIAL, counts.astype(np.float64), eta, trials.astype(np.float64))
    with localcontext() as context:
        context.prec = 50
        exact = [
            log_factorial(int(n))
            - log_factorial(int(k))
            - log_factorial(int(n - k))
            + int(k) * Decimal(float(e))
            - int(n) * (1 + Decimal(float(e)).exp()).ln()
            for n, k, e in zip(trials, counts, eta, strict=True)
        ]
    np.testing.assert_allclose(found, np.array([float(v) for v in exact]), rtol=1e-12, atol=1e-12)


# ---------------------------------------------------------------- predictors
