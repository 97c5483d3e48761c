"""Loadings and uniquenesses of elliptical groups whose matrices are those of a few factors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.model.law import Quantity
from emdesk.model.numerics.covariance import FactorAnalytic, Structure
from emdesk.model.numerics.factors import factor_fit
from emdesk.model.params import Carried
from emdesk.texts import say

F64 = NDArray[np.float64]
LEAST_UNIQUENESS = 1e-12


@dataclass(frozen=True, eq=False)
class FactorCount(Carried):
    """How many factors the matrices of params have, 0 where they are of another structure."""

    count: int = 0


NO_FACTORS = FactorCount()


def factors_of(structure: Structure) -> FactorCount:
    """What params in the analyst's units carry of their structure."""
    return FactorCount(structure.factors) if isinstance(structure, FactorAnalytic) else NO_FACTORS


def factor_quantities(factors: FactorCount, correlations: F64) -> tuple[Quantity, ...]:
    """What a table shows of correlation matrices (K, d, d): the loadings of the standardised columns on each factor,
    and the share of its variance that a column has of its own.

    Factors are turned to their principal axes, the first the largest (Lawley and Maxwell 1971, section 2.3), and point
    to where the loadings add up to more than zero.
    """
    if not factors.count:
        return ()
    fits = [factor_fit(matrix, factors.count, LEAST_UNIQUENESS) for matrix in correlations]
    loadings = np.stack([fit.loadings for fit in fits])
    loadings *= np.where(loadings.sum(axis=1, keepdims=True) < 0, -1.0, 1.0)
    axes = ("component", "column")
    return (
        *(
            Quantity(
                f"loadings_{j + 1}", say("quantity.loading", number=j + 1), axes, loadings[:, :, j]
            )
            for j in range(factors.count)
        ),
        Quantity(
            "uniquenesses",
            say("quantity.uniqueness"),
            axes,
            np.stack([fit.uniquenesses for fit in fits]),
        ),
    )
