"""The linear algebra of regressions of several groups at once: Newton steps under constraints, guarded.

A step solves information * step = score. For a Gaussian response the information is the weighted cross product of the
terms and one step from anywhere is the weighted least squares solution; since the score is taken from residuals at the
current coefficients, repeated steps refine its digits (Bjorck 1996, Numerical Methods for Least Squares Problems,
section 2.9.3). For other responses it is one step of iteratively reweighted least squares (McCullagh and Nelder 1989,
Generalized Linear Models, section 2.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
SINGULAR = 1e-12
"""A direction with less than this share of the largest information, each term in its own scale, has none: there the
coefficients stay where they are."""

GAIN, LONG = 0.05, 0.5
"""A step that promises less than this of log-likelihood and changes linear predictors by more than the second, in root
mean square over all rows, leads away without end."""
LEVEL = 30.0
"""A level that has nothing to hold it changes so far at once."""


@dataclass(frozen=True, eq=False)
class Constraint:
    """Linear equations `rows` (c, p) times the coefficients of one group = `values` (c,)."""

    rows: F64
    values: F64

    @property
    def free(self) -> F64:
        """(p, p - c) orthonormal directions in which the coefficients can move."""
        _, sizes, directions = np.linalg.svd(self.rows)
        return np.ascontiguousarray(directions[int((sizes > 0).sum()) :].T)

    def onto(self, coefficients: F64) -> F64:
        """The nearest coefficients (p,) that satisfy the equations."""
        short = self.values - self.rows @ coefficients
        return np.asarray(coefficients + np.linalg.pinv(self.rows) @ short)


def newton_step(score: F64, information: F64, constraint: Constraint | None = None) -> F64:
    """(p,) the step of one group from its score (p,) and information (p, p); it keeps the constraint."""
    if constraint is not None:
        free = constraint.free
        if not free.shape[1]:
            return np.zeros_like(score)
        inner = newton_step(free.T @ score, free.T @ information @ free)
        return np.asarray(free @ inner)
    size = np.sqrt(np.maximum(np.diagonal(information), 0.0))
    scale = np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh(information / scale[:, None] / scale)
    told = values > SINGULAR * max(float(values[-1]), SINGULAR)
    along = (vectors.T @ (score / scale))[told] / values[told]
    return np.asarray(vectors[:, told] @ along / scale)


def flight(here: F64, step: F64, information: F64, first: int, farthest: float) -> F64:
    """(p,) what is added to the coefficients `here` of a group, after a step, to follow directions without information
    (p, p) to their end: where slopes, which begin at position `first`, are as long as `farthest`.

    There the likelihood rises for ever while it gains next to nothing (Albert and Anderson 1984, Biometrika 71, 1-10).
    """
    values, vectors = np.linalg.eigh(information)
    along = vectors.T @ step
    is_flat = (0.5 * values * along**2 < GAIN) & (np.abs(along) > LONG)
    if not is_flat.any():
        return np.zeros_like(step)
    away = vectors[:, is_flat] @ along[is_flat]
    slopes, ahead = here[first:], away[first:]
    if np.linalg.norm(ahead) < 0.01 * np.linalg.norm(away):  # the level alone
        return np.asarray(away * (LEVEL / np.linalg.norm(away)))
    a, b, c = ahead @ ahead, slopes @ ahead, slopes @ slopes - farthest**2
    return np.asarray(away * max(0.0, float((np.sqrt(np.maximum(b * b - a * c, 0.0)) - b) / a)))


def cross_products(terms: F64, out: F64) -> F64:
    """(p (p + 1) / 2, m) the products of all pairs of terms (p, m), written into `out`."""
    place = 0
    for i in range(len(terms)):
        count = len(terms) - i
        np.multiply(terms[i], terms[i:], out=out[place : place + count])
        place += count
    return out


def pairs(terms: int) -> int:
    """How many products of pairs of so many terms there are."""
    return terms * (terms + 1) // 2


def matrices_of(products: F64, terms: int) -> F64:
    """(K, p, p) symmetric matrices from sums (K, p (p + 1) / 2) of `cross_products`."""
    rows, columns = np.triu_indices(terms)
    made = np.empty((len(products), terms, terms))
    made[:, rows, columns] = products
    made[:, columns, rows] = products
    return made
