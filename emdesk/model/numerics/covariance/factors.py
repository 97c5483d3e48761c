"""FA: the covariance of each component is that of a few factors, and of what each column has of its own.

Mixtures of factor analysers: Ghahramani and Hinton (1996), University of Toronto CRG-TR-96-1; McLachlan, Peel and Bean
(2003), Comput. Statist. Data Anal. 41, 379-388. The M-step is maximum likelihood factor analysis of the scatter of each
component, begun at its current matrix, so that it never ends lower.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.model.numerics.covariance.structure import Second, Structure
from emdesk.model.numerics.factors import SINGULAR, factor_fit

F64 = NDArray[np.float64]
LEAST_UNIQUENESS = 1e-6
"""A smaller variance of a column's own leaves too few digits to the inverse of the matrix."""


@dataclass(frozen=True)
class FactorAnalytic(Structure):
    """Loadings times their transpose plus a diagonal, each component its own; `factors` is how many."""

    id: str = "FA"
    second: Second = Second.FULL
    is_equal: bool = False
    is_closed_under_column_scaling: bool = True
    factors: int = 1

    def free_parameters(self, groups: int, d: int) -> int:
        """A rotation of the factors changes nothing, which takes q (q - 1) / 2 from d (q + 1)."""
        q = self.factors
        return groups * (d + d * q - q * (q - 1) // 2)

    @property
    def flattest(self) -> float:
        return SINGULAR

    @property
    def _is_any_alone(self) -> bool:
        return False

    def least_distinct_rows(self, d: int) -> int:
        """Fewer rows lie in the plane of the factors."""
        return min(d, self.factors + 1) + 1

    def on_floor(self, covariances: F64, floor: float) -> NDArray[np.bool_]:
        return super().on_floor(covariances, max(floor, LEAST_UNIQUENESS))

    def on_ceiling(self, covariances: F64, floor: float) -> NDArray[np.bool_]:
        return np.zeros(len(covariances), dtype=np.bool_)

    def _maximise(self, share: F64, spread: F64, d: int, floor: float, near: F64 | None) -> F64:
        matrices = spread / share[:, None, None]
        matrices = (matrices + np.swapaxes(matrices, 1, 2)) / 2
        least = max(floor, LEAST_UNIQUENESS)
        before = [None] * len(matrices) if near is None else list(near)
        fits = (
            factor_fit(matrix, self.factors, least, here)
            for matrix, here in zip(matrices, before, strict=True)
        )
        return np.stack([fit.covariance for fit in fits])
