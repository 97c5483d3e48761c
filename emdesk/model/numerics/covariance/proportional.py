"""Structures of one common shape or one common volume, along the columns (VEI, EVI) or along each component's own
axes (VEV, EVV); and VEE, whose full matrices are proportional. All exact under the floor.

With axes of its own a component turns to those of its scatter, in the same order as the eigenvalues (von Neumann's
trace inequality), whatever these are; what is left is the diagonal problem of the eigenvalues of the scatter.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from emdesk.model.numerics.covariance.structure import (
    Second,
    Structure,
    assembled,
    clamp_eigenvalues,
    diagonals,
)
from emdesk.model.numerics.covariance.volumes import Shape, common_shape, common_volume

F64 = NDArray[np.float64]


class CommonShape(Structure):
    """VEI and VEV: lambda_k A along the columns, lambda_k D_k A D_k' along own axes (Celeux and Govaert 1995)."""

    def _maximise(self, share: F64, spread: F64, d: int, floor: float, near: F64 | None) -> F64:
        scatter, vectors = _along_axes(spread, self.second)
        shape_of = partial(_diagonal_shape, scatter)
        volumes = common_shape(share, scatter.sum(axis=1), d, float(np.log(floor)), shape_of)
        shape = np.maximum(np.exp(-volumes) @ scatter, 1.0)
        return _made(np.exp(volumes)[:, None] * shape, vectors)


class CommonVolume(Structure):
    """EVI and EVV: lambda A_k along the columns, lambda D_k A_k D_k' along own axes (Celeux and Govaert 1995)."""

    def _maximise(self, share: F64, spread: F64, d: int, floor: float, near: F64 | None) -> F64:
        scatter, vectors = _along_axes(spread, self.second)
        found = common_volume(scatter, float(np.log(floor)), self.widest)
        return _made(np.exp(found.log_values), vectors)


class Proportional(Structure):
    """VEE: lambda_k C with one full matrix C (Celeux and Govaert 1995), by Newton in the volumes."""

    def _maximise(self, share: F64, spread: F64, d: int, floor: float, near: F64 | None) -> F64:
        sizes = np.maximum(np.trace(spread, axis1=1, axis2=2), 0.0)
        shape_of = partial(_full_shape, spread)
        volumes = common_shape(share, sizes, d, float(np.log(floor)), shape_of)
        shape = clamp_eigenvalues(np.tensordot(np.exp(-volumes), spread, 1)[None], 1.0)[0]
        return np.asarray(np.exp(volumes)[:, None, None] * (shape + shape.T) / 2)


def _along_axes(spread: F64, second: Second) -> tuple[F64, F64 | None]:
    if second is Second.DIAGONAL:
        return spread, None
    values, vectors = np.linalg.eigh(spread)
    return np.maximum(values, 0.0), vectors


def _made(values: F64, vectors: F64 | None) -> F64:
    return diagonals(values) if vectors is None else assembled(vectors, values)


def _diagonal_shape(scatter: F64, factors: F64) -> Shape:
    sums = factors @ scatter
    inverse = 1 / np.maximum(sums, 1.0)
    free = sums > 1.0
    part = np.where(free, 1.0 - np.log(inverse), sums).sum()
    relative = (scatter * inverse)[:, free]
    return Shape(float(part), scatter @ inverse, relative @ relative.T, not bool(free.all()))


def _full_shape(scatter: F64, factors: F64) -> Shape:
    """The relief is the second derivative of a function of eigenvalues, by divided differences (Daleckii, Krein)."""
    sums, vectors = np.linalg.eigh(np.tensordot(factors, scatter, 1))
    sums = np.maximum(sums, 0.0)
    inverse = 1 / np.maximum(sums, 1.0)
    free = sums > 1.0
    part = np.where(free, 1.0 - np.log(inverse), sums).sum()
    turned = vectors.T @ scatter @ vectors
    differences = inverse[:, None] * inverse
    if not free.all():
        gap = sums[:, None] - sums
        mixed = free[:, None] != free
        rise = inverse[:, None] - inverse
        differences = np.where(mixed, -rise / np.where(mixed, gap, 1.0), differences)
        differences[np.ix_(~free, ~free)] = 0.0
    flat = turned.reshape(len(factors), -1)
    relief = (flat * differences.ravel()) @ flat.T
    # rounding may leave the scatter of a component that has shrunk to a point slightly negative
    traces = np.maximum(np.einsum("kjj,j->k", turned, inverse), 0.0)
    return Shape(float(part), traces, relief, not bool(free.all()))
