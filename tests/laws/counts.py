"""Published counts, log-gammas with fifty digits, and likelihoods maximised without EM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitResult, fit
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.law import Law, Workspace
from emdesk.model.needs import Role
from emdesk.model.rows import plain_rows
from tests.catalogues import everything
from tests.families.test_hidden_markov import EARTHQUAKES

F64 = NDArray[np.float64]
QUAKES = np.array([[float(word) for word in EARTHQUAKES.split()]])
"""(1, 107) major earthquakes in the world by year, 1900 to 2006 (Zucchini and MacDonald 2009, table 1.1)."""
DEATHS = np.arange(10.0)[None]
DAYS = np.array([162.0, 267, 271, 185, 111, 61, 27, 8, 3, 1])
"""Days with 0 to 9 deaths of women of 80 and over (Hasselblad 1969)."""
BERNOULLI = """1/6 -1/30 1/42 -1/30 5/66 -691/2730 7/6 -3617/510 43867/798 -174611/330 854513/138
    -236364091/2730 8553103/6 -23749461029/870 8615841276005/14322"""
DIGITS = 60


def log_gamma(z: Decimal) -> Decimal:
    """log Gamma(z) with 40 digits or more, by Stirling's series (Abramowitz and Stegun 1964, 6.1.40)."""
    with localcontext() as context:
        context.prec = DIGITS
        product = Decimal(1)
        while z < 60:
            product *= z
            z += 1
        pi = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")
        total = (z - Decimal("0.5")) * z.ln() - z + (2 * pi).ln() / 2 - product.ln()
        for k, fraction in enumerate(BERNOULLI.split(), start=1):
            above, below = map(int, fraction.split("/"))
            total += Decimal(above) / Decimal(below) / (2 * k * (2 * k - 1)) / z ** (2 * k - 1)
        return total


def mixture_of(
    law: str, rows: F64, components: int, weights: F64 | None = None, **settings: Any
) -> FitResult:
    """A mixture of columns (d, n) run to its maximum, the best of several starts."""
    columns = [Column(f"x{j}", Kind.COUNT, cells.copy()) for j, cells in enumerate(rows)]
    names = tuple(column.name for column in columns)
    roles: Mapping[Role, tuple[str, ...]] = {}
    if weights is not None:
        columns.append(Column("rows", Kind.COUNT, weights.copy()))
        roles = {Role.WEIGHT: ("rows",)}
    spec = new_spec(everything(), "mixture", law)
    chosen = {"components": components, "tolerance": 1e-12, "max_iterations": 5000} | settings
    for name, value in chosen.items():
        spec = spec.with_setting(name, value)
    spec = replace(spec, columns=names, roles=roles)
    return fit(Dataset(tuple(columns), "published"), spec, everything(), 1)


def directly_maximised(
    log_density: Callable[[F64], F64], starts: list[F64], weights: F64 | None = None
) -> float:
    """The highest log-likelihood that a quasi-Newton search of all parameters finds from several starts (K, p) of the
    law's parameters; `log_density` turns (K, p) of them into (K, n)."""
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    groups = len(starts[0])

    def fall(vector: F64) -> float:
        shares = np.append(vector[: groups - 1], 0.0)
        logs = (shares - logsumexp(shares))[:, None] + log_density(
            vector[groups - 1 :].reshape(groups, -1)
        )
        rows = logsumexp(logs, axis=0)
        return -float(rows.sum() if weights is None else weights @ rows)

    options = {"ftol": 1e-15, "gtol": 1e-8, "maxiter": 2000, "maxfun": 100_000}
    vectors = [np.concatenate([np.zeros(groups - 1), start.ravel()]) for start in starts]
    found = [minimize(fall, v, method="L-BFGS-B", options=options).fun for v in vectors]
    return -float(min(found))


def m_step(law: Law, rows: F64, members: F64, weights: F64 | None = None) -> tuple[Any, Any]:
    """The law's constants for rows (d, n), and the params of its M-step from a partition (K, n)."""
    settings = law.Settings()
    names = tuple(f"x{j}" for j in range(len(rows)))
    constants = law.constants(plain_rows(rows, names, weights, np.arange(rows.shape[1])), settings)
    work = Workspace()
    features = law.features(law.encode(plain_rows(rows), constants), constants, work)
    sums = law.statistics(features, members, None, constants, work)
    return constants, law.maximise(sums, None, constants)


def density_of(law: Law, constants: Any, params: Any, rows: F64) -> F64:
    """(K, n) log densities of rows (d, n), through the law's own machinery."""
    groups = len(law.moments(params)[0])
    work, out = Workspace(), np.empty((groups, rows.shape[1]))
    features = law.features(law.encode(plain_rows(rows), constants), constants, work)
    law.log_density(features, law.kernel(params, np.zeros(groups), constants), out, work)
    return out
