"""What every covariance structure is: the moments it needs, its maximum under the floor, its free parameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from emdesk.model.numerics.covariance.volumes import ceiling

F64 = NDArray[np.float64]
ROUNDING = 4e-16
VANISHING = 2.0**-60
"""The share of the rows that a component without rows is given, so that it keeps a matrix of the structure."""


class Second(Enum):
    """The second moments a structure needs of a row: the sum of squares, each square, or all products."""

    SPHERE = "sphere"
    DIAGONAL = "diagonal"
    FULL = "full"

    def count(self, d: int) -> int:
        """How many numbers that are for d columns."""
        return {Second.SPHERE: 1, Second.DIAGONAL: d, Second.FULL: d * (d + 1) // 2}[self]

    def of(self, matrices: F64) -> F64:
        """What it keeps of matrices (K, d, d): (K, 1), (K, d) or (K, d, d)."""
        if self is Second.SPHERE:
            return np.asarray(np.trace(matrices, axis1=1, axis2=2)[:, None])
        if self is Second.DIAGONAL:
            return np.diagonal(matrices, axis1=1, axis2=2)
        return matrices


@dataclass(frozen=True)
class Structure(ABC):
    """One structure. `is_equal`: all components share the matrix.

    The letters of `id` stand for volume, shape and orientation: E equal, V varying, I round or along the axes.
    """

    id: str
    second: Second
    is_equal: bool
    is_closed_under_column_scaling: bool

    def maximise(
        self, counts: F64, scatter: F64, d: int, floor: float, near: F64 | None = None
    ) -> F64:
        """(K, d, d) covariances that maximise the expected log-likelihood, eigenvalues at least `floor`.

        counts (K,) are the effective rows, scatter the sums about the component means: (K, 1) of squares for SPHERE,
        (K, d) for DIAGONAL, (K, d, d) for FULL. `near` (K, d, d) are the current matrices: a structure that climbs
        begins there, and a component without rows keeps its own as far as the structure lets it; without `near` it
        takes that of all rows together.
        """
        total = counts.sum()
        share, spread = counts / total, scatter / total
        empty = counts <= 0
        if empty.any():
            instead = self.second.of(near) if near is not None else spread.sum(axis=0)[None]
            share = np.where(empty, VANISHING, share)
            spread = np.where(
                empty.reshape((-1,) + (1,) * (spread.ndim - 1)), VANISHING * instead, spread
            )
        return self._maximise(share, spread, d, floor, near)

    def free_parameters(self, groups: int, d: int) -> int:
        """Free parameters of `groups` covariance matrices in d dimensions (Celeux and Govaert 1995)."""
        times = {"E": 1, "V": groups, "I": 0}
        volume, shape, orientation = (times[letter] for letter in self.id)
        return volume + shape * (d - 1) + orientation * (d * (d - 1) // 2)

    def least_distinct_rows(self, d: int) -> int:
        """A component that rests on fewer distinct rows has no maximum, or an accidental one.

        Rows in a flat collapse a component that can turn its axes to the flat and has a shape of its own; any other
        needs two rows.
        """
        shape, orientation = self.id[1], self.id[2]
        return d + 1 if shape == "V" and orientation != "I" else 2

    def on_floor(self, covariances: F64, floor: float) -> NDArray[np.bool_]:
        """(K,) True where the floor holds an eigenvalue."""
        if surely_above(covariances, 2 * floor).all():
            return np.zeros(len(covariances), dtype=bool)
        values = np.linalg.eigvalsh(covariances)
        # an eigenvalue far below the largest of its matrix carries the rounding of that one
        bound = floor * (1 + 1e-6) + ROUNDING * values.shape[1] * values[:, -1]
        return np.asarray(values[:, 0] <= bound)

    def on_ceiling(self, covariances: F64, floor: float) -> NDArray[np.bool_]:
        """(K,) True where a flat component stretches without limit to keep the common volume."""
        bound = ceiling(floor) * (1 - 1e-6)
        if self.id[:2] != "EV" or np.trace(covariances, axis1=1, axis2=2).max() < bound:
            return np.zeros(len(covariances), dtype=bool)
        return np.asarray(np.linalg.eigvalsh(covariances)[:, -1] >= bound)

    def project(self, covariances: F64, weights: F64, floor: float) -> F64:
        """The nearest matrices of this structure in the sense of the M-step; those that have it already stay."""
        d = covariances.shape[-1]
        scatter = self.second.of(weights[:, None, None] * covariances)
        made = self.maximise(weights, scatter, d, floor, near=covariances)
        spread = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
        close = np.abs(made - covariances) <= 1e-9 * spread[:, :, None] * spread[:, None, :]
        return covariances if close.all() else made

    @abstractmethod
    def _maximise(self, share: F64, spread: F64, d: int, floor: float, near: F64 | None) -> F64:
        """The same, of counts and scatter divided by the number of rows; every share is positive."""


def assembled(vectors: F64, values: F64) -> F64:
    """Symmetric matrices (K, d, d) from eigenvectors (K, d, d) or (d, d), in columns, and eigenvalues (K, d)."""
    made = (vectors * values[:, None, :]) @ np.swapaxes(vectors, -1, -2)
    return np.asarray((made + np.swapaxes(made, 1, 2)) / 2)


def diagonals(values: F64) -> F64:
    """Diagonal matrices (K, d, d) of values (K, d)."""
    return np.asarray(values[:, :, None] * np.eye(values.shape[1]))


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
