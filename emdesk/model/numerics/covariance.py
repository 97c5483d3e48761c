"""Covariance structures as objects (Banfield and Raftery 1993, Biometrics 49, 803-821; Celeux and Govaert 1995,
Pattern Recognition 28, 781-793), under the names of mclust.

Each knows which second moments it needs, its maximum under the eigenvalue floor, and its free parameters. The
floor is a clamp on eigenvalues, which is the constrained maximum; adding to the diagonal would not be.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


class Second(Enum):
    """The second moments a structure needs of a row: the sum of squares, each square, or all products."""

    SPHERE = "sphere"
    DIAGONAL = "diagonal"
    FULL = "full"

    def count(self, d: int) -> int:
        """How many numbers that are for d columns."""
        return {Second.SPHERE: 1, Second.DIAGONAL: d, Second.FULL: d * (d + 1) // 2}[self]


@dataclass(frozen=True)
class Structure(ABC):
    """One structure. `is_equal`: all components share the matrix."""

    id: str
    second: Second
    is_equal: bool
    is_closed_under_column_scaling: bool

    def maximise(self, counts: F64, scatter: F64, d: int, floor: float) -> F64:
        """(K, d, d) covariances that maximise the expected log-likelihood, eigenvalues at least `floor`.

        counts (K,) are the effective rows, scatter the sums about the component means: (K, 1) of squares for SPHERE,
        (K, d) for DIAGONAL, (K, d, d) for FULL. Components without rows get the floor.
        """
        if self.is_equal:
            total = counts.sum()
            shared = self._matrices(scatter.sum(axis=0, keepdims=True) / total, d, floor)
            return np.repeat(shared, len(counts), axis=0)
        safe = np.where(counts > 0, counts, 1.0)
        return self._matrices(scatter / safe.reshape((-1,) + (1,) * (scatter.ndim - 1)), d, floor)

    def free_parameters(self, groups: int, d: int) -> int:
        """Free parameters of `groups` covariance matrices in d dimensions."""
        return self._parameters_of_one(d) * (1 if self.is_equal else groups)

    def project(self, covariances: F64, weights: F64, floor: float) -> F64:
        """The nearest matrices of this structure in the sense of the M-step; those that have it already stay."""
        d = covariances.shape[-1]
        scatter = weights[:, None, None] * covariances
        if self.second is Second.SPHERE:
            scatter = np.trace(scatter, axis1=1, axis2=2)[:, None]
        elif self.second is Second.DIAGONAL:
            scatter = np.diagonal(scatter, axis1=1, axis2=2)
        made = self.maximise(weights, scatter, d, floor)
        spread = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
        close = np.abs(made - covariances) <= 1e-9 * spread[:, :, None] * spread[:, None, :]
        return covariances if close.all() else made

    @abstractmethod
    def _matrices(self, variances: F64, d: int, floor: float) -> F64:
        """Matrices (K, d, d) from second moments per row, with the floor."""

    @abstractmethod
    def _parameters_of_one(self, d: int) -> int: ...


class Spherical(Structure):
    """One variance for all columns: lambda I."""

    def _matrices(self, variances: F64, d: int, floor: float) -> F64:
        one = np.maximum(variances[:, 0] / d, floor)
        return np.asarray(one[:, None, None] * np.eye(d))

    def _parameters_of_one(self, d: int) -> int:
        return 1


class Diagonal(Structure):
    """A variance for each column, no correlation."""

    def _matrices(self, variances: F64, d: int, floor: float) -> F64:
        return np.asarray(np.maximum(variances, floor)[:, :, None] * np.eye(d))

    def _parameters_of_one(self, d: int) -> int:
        return d


class Full(Structure):
    """Any covariance matrix."""

    def _matrices(self, variances: F64, d: int, floor: float) -> F64:
        symmetric = (variances + np.swapaxes(variances, 1, 2)) / 2
        return clamp_eigenvalues(symmetric, floor)

    def _parameters_of_one(self, d: int) -> int:
        return d * (d + 1) // 2


def clamp_eigenvalues(matrices: F64, floor: float) -> F64:
    """The matrices (K, d, d) with eigenvalues below `floor` raised to it; untouched ones keep their bits."""
    if matrices.shape[-1] == 1:
        return np.maximum(matrices, floor)
    suspects = ~surely_above(matrices, 2 * floor)
    if not suspects.any():
        return matrices
    made = matrices.copy()
    for k in np.flatnonzero(suspects):
        values, vectors = np.linalg.eigh(matrices[k])
        if values[0] < floor:
            made[k] = (vectors * np.maximum(values, floor)) @ vectors.T
    return made


def surely_above(matrices: F64, bound: float) -> NDArray[np.bool_]:
    """(K,) True where the smallest eigenvalue is known to exceed `bound`, by the trace of the inverse: one over it
    never exceeds the smallest eigenvalue. A quick test that may say False without need."""
    try:
        factors = np.linalg.inv(np.linalg.cholesky(matrices))
    except np.linalg.LinAlgError:
        return np.array([_one_surely_above(m, bound) for m in matrices])
    return np.asarray((factors**2).sum(axis=(1, 2)) < 1 / bound)


def _one_surely_above(matrix: F64, bound: float) -> bool:
    try:
        factor = np.linalg.inv(np.linalg.cholesky(matrix))
    except np.linalg.LinAlgError:
        return False
    return bool((factor**2).sum() < 1 / bound)


STRUCTURES: Mapping[str, Structure] = {
    "EII": Spherical("EII", Second.SPHERE, True, False),
    "VII": Spherical("VII", Second.SPHERE, False, False),
    "EEI": Diagonal("EEI", Second.DIAGONAL, True, True),
    "VVI": Diagonal("VVI", Second.DIAGONAL, False, True),
    "EEE": Full("EEE", Second.FULL, True, True),
    "VVV": Full("VVV", Second.FULL, False, True),
}
