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
FLATTEST = 2e-12
"""A matrix whose correlations have a smaller eigenvalue has hardly a digit left in that direction."""
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
    `widest` is the largest variance of a column of the data, where a few far rows make it more than the unit.
    """

    id: str
    second: Second
    is_equal: bool
    is_closed_under_column_scaling: bool
    widest: float = 1.0

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
        if near is not None and not total > 0:  # noise has taken all rows
            return near
        share, spread = counts / total, scatter / total
        empty = counts <= 0
        if empty.any():
            instead = self.second.of(near) if near is not None else spread.sum(axis=0)[None]
            share = np.where(empty, VANISHING, share)
            spread = np.where(
                empty.reshape((-1,) + (1,) * (spread.ndim - 1)), VANISHING * instead, spread
            )
        if len(counts) == 1 and self._is_any_alone:
            made = clamp_eigenvalues((spread + np.swapaxes(spread, 1, 2)) / 2, floor)
        else:
            made = self._maximise(share, spread, d, floor, near)
        return thickened(made, self.flattest) if self._can_be_flat else made

    @property
    def flattest(self) -> float:
        """The smallest eigenvalue of correlations that the structure can be fitted to with digits enough."""
        return FLATTEST

    @property
    def _can_be_flat(self) -> bool:
        """Whether a matrix above the floor can be too flat for its digits: far rows stretch it."""
        return self.widest > 1 and self.second is Second.FULL

    @property
    def _is_any_alone(self) -> bool:
        """Whether the matrix of a single component can be any: nothing is in common with others, and its axes turn."""
        return self.second is Second.FULL

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
        """(K,) True where the floor holds an eigenvalue, or no digits are left of one."""
        if self._can_be_flat:
            flat = _thinnest(covariances) <= self.flattest * (1 + 1e-3)
            if flat.any():
                return flat | (np.linalg.eigvalsh(covariances)[:, 0] <= floor * (1 + 1e-6))
        if surely_above(covariances, 2 * floor).all():
            return np.zeros(len(covariances), dtype=bool)
        values = np.linalg.eigvalsh(covariances)
        # an eigenvalue far below the largest of its matrix carries the rounding of that one
        bound = floor * (1 + 1e-6) + ROUNDING * values.shape[1] * values[:, -1]
        return np.asarray(values[:, 0] <= bound)

    def on_ceiling(self, covariances: F64, floor: float) -> NDArray[np.bool_]:
        """(K,) True where a flat component stretches without limit to keep the common volume."""
        bound = ceiling(floor, self.widest) * (1 - 1e-6)
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


def _thinnest(matrices: F64) -> F64:
    """(K,) the smallest eigenvalues of the correlations of matrices (K, d, d)."""
    deviations = np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
    correlations = matrices / deviations[:, :, None] / deviations[:, None, :]
    return np.asarray(np.linalg.eigvalsh(correlations)[:, 0])


def thickened(matrices: F64, flattest: float) -> F64:
    """The matrices (K, d, d) with eigenvalues of their correlations no smaller than leaves them digits."""
    made = matrices
    for k in np.flatnonzero(_thinnest(matrices) < flattest):
        made = matrices.copy() if made is matrices else made
        deviations = np.sqrt(np.diagonal(matrices[k]))
        values, vectors = np.linalg.eigh(matrices[k] / deviations[:, None] / deviations)
        rounder = (vectors * np.maximum(values, flattest)) @ vectors.T
        made[k] = rounder * deviations[:, None] * deviations
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
