"""How wide a group is beside the data, and which rows are the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
FLAT = 1e-10
"""Directions in which the data have less than this share of the variance of a column carry rounding."""


def row_identities(columns: F64) -> NDArray[np.intp]:
    """(n,) a number for each row of `columns` (d, n), the same for rows that are equal; missing cells are equal."""
    identity = np.zeros(columns.shape[1], dtype=np.intp)
    for values in columns:
        _, codes = np.unique(values, return_inverse=True)
        pairs = identity * (int(codes.max(initial=0)) + 1) + codes
        _, identity = np.unique(pairs, return_inverse=True)
    return np.asarray(identity, dtype=np.intp)


def shape_of(columns: F64, weights: F64 | None) -> F64:
    """(d, d) the covariance matrix of `columns` (d, n) with row weights (n,), over the rows that are complete; of
    hardly any, the variances alone."""
    complete = ~np.isnan(columns).any(axis=0)
    kept = columns[:, complete]
    if kept.shape[1] > len(columns):
        used = None if weights is None else weights[complete]
        centred = kept - np.average(kept, axis=1, weights=used)[:, None]
        total = float(kept.shape[1] if used is None else used.sum())
        weighted = centred if used is None else centred * used
        return np.asarray(weighted @ centred.T / total)
    with np.errstate(invalid="ignore"):
        return np.diag(np.nan_to_num(np.nanvar(columns, axis=1)))


def relative_spread(covariance: F64, whole: F64) -> float:
    """The least variance of a group in any direction as a share of the data's in that direction: the smallest root of
    |covariance - share * whole| (d, d)."""
    deviations = np.sqrt(np.diag(whole))
    scale = np.where(deviations > 0, deviations, 1.0)
    values, vectors = np.linalg.eigh(whole / scale[:, None] / scale)
    wide = values > FLAT * max(float(values[-1]), FLAT)
    whitening = vectors[:, wide] / np.sqrt(values[wide]) / scale[:, None]
    return float(np.linalg.eigvalsh(whitening.T @ covariance @ whitening)[0])
