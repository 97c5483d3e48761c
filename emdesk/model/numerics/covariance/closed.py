"""Structures whose maximum is one formula: E and V of spheres, of diagonals and of full matrices, and EEV."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.model.numerics.covariance.structure import (
    Structure,
    assembled,
    clamp_eigenvalues,
    diagonals,
)

F64 = NDArray[np.float64]


class Closed(Structure):
    """All components share everything, or nothing: the maximum is the clamped second moment. Exact."""

    def _maximise(self, share: F64, spread: F64, d: int, floor: float, near: F64 | None) -> F64:
        if self.is_equal:
            shared = self._matrices(spread.sum(axis=0, keepdims=True) / share.sum(), d, floor)
            return np.repeat(shared, len(share), axis=0)
        return self._matrices(spread / share.reshape((-1,) + (1,) * (spread.ndim - 1)), d, floor)

    def _matrices(self, variances: F64, d: int, floor: float) -> F64:
        """Matrices (K, d, d) from second moments per row, with the floor: any covariance matrix."""
        symmetric = (variances + np.swapaxes(variances, 1, 2)) / 2
        return clamp_eigenvalues(symmetric, floor)


class Spherical(Closed):
    """One variance for all columns: lambda I."""

    def _matrices(self, variances: F64, d: int, floor: float) -> F64:
        one = np.maximum(variances[:, 0] / d, floor)
        return np.asarray(one[:, None, None] * np.eye(d))


class Diagonal(Closed):
    """A variance for each column, no correlation."""

    def _matrices(self, variances: F64, d: int, floor: float) -> F64:
        return diagonals(np.maximum(variances, floor))


class Full(Closed):
    """Any covariance matrix."""


class EqualSpectrum(Structure):
    """EEV: the same eigenvalues, each component along its own axes.

    Exact: whatever the common eigenvalues, the axes of a component are those of its own scatter in the same order
    (von Neumann's trace inequality), and then the eigenvalues are the clamped sums (Celeux and Govaert 1995).
    """

    def _maximise(self, share: F64, spread: F64, d: int, floor: float, near: F64 | None) -> F64:
        values, vectors = np.linalg.eigh(spread)
        shared = np.maximum(values.sum(axis=0) / share.sum(), floor)
        return assembled(vectors, np.repeat(shared[None], len(share), axis=0))
