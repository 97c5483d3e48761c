"""The common axes of several scatter matrices: Newton's method on the orthogonal group.

The objective F(D) is what the diagonals b_k = diag(D' W_k D) still cost after the best eigenvalues for them. It has
several minima, so the search begins at several axes, and every minimum is met by Newton steps with the exact
second derivative, which end at machine precision where alternating schemes stop early (Flury and Gautschi 1986, SIAM
J. Sci. Stat. Comput. 7, 169-184; Browne and McNicholas 2014, Adv. Data Anal. Classif. 8, 217-226). Steps on the
group: Edelman, Arias and Smith (1998), SIAM J. Matrix Anal. Appl. 20, 303-353.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]
LAST_ANGLE = 1e-7
"""Newton doubles the digits: after a rotation by less than this the axes are as exact as they can be."""
CLOSE_ANGLE = 1e-4
LONGEST_ANGLE = 0.5
LARGE = 12
"""In more columns Newton's matrix is dear, and conjugate gradients come near the minimum first."""
ROUNDING, MOST_CLOSE_STEPS = 1e-13, 3
"""A smaller promise is lost in the rounding of the cost, so that Newton's step is taken unseen."""
MOST_STEPS = 200
SHORTEST = 1e-8
FLAT = 1e-10
"""Curvatures below this share of the largest count as flat."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The best eigenvalues (K, d), as logarithms, for given diagonals b, and how their cost bends with log b.

    `multipliers` (K,) are b / eigenvalue where `is_free`. The second derivative by log b_kj and log b_li is
    delta_kl w_k - w_k w_l / sum(w) with w = `couplings`; None: the eigenvalues do not depend on each other.
    """

    cost: float
    log_values: F64
    multipliers: F64
    is_free: NDArray[np.bool_]
    couplings: F64 | None


Fitted = Callable[[F64], Spectrum]


def cost(share: F64, scatter: F64, log_values: F64) -> float:
    """Minus twice the expected log-likelihood per row, up to its constant, of diagonals (K, d)."""
    return float((share[:, None] * log_values + scatter * np.exp(-log_values)).sum())


def best_axes(matrices: F64, starts: F64, fitted: Fitted, tries: int) -> F64:
    """The axes (d, d), in columns, of the lowest cost found from the `tries` best of the starts (S, d, d)."""
    if matrices.shape[1] == 1:
        return np.asarray(starts[0])
    costs = np.array([fitted(diagonals_in(matrices, start)).cost for start in starts])
    reached = [_descended(matrices, starts[i], fitted) for i in np.argsort(costs)[:tries]]
    return min(reached, key=lambda found: found[0])[1]


def diagonals_in(matrices: F64, axes: F64) -> F64:
    """The diagonals (K, d) of matrices (K, d, d) seen along the axes."""
    return np.asarray(np.maximum(((axes.T @ matrices) * axes.T).sum(axis=2), 0.0))


def _descended(matrices: F64, axes: F64, fitted: Fitted) -> tuple[float, F64]:
    """The cost and the axes of the minimum downhill of `axes`."""
    d = len(axes)
    pairs = np.triu_indices(d, 1)
    if d > LARGE:
        axes = _approached(matrices, axes, fitted, pairs)
    turned = axes.T @ matrices @ axes
    state = fitted(_diagonal(turned))
    close_steps = 0
    for _ in range(MOST_STEPS):
        gradient, curvature = _derivatives(turned, state, pairs)
        step, slope = _direction(gradient, curvature)
        angle = float(np.abs(step).max(initial=0.0))
        if angle == 0.0:
            break
        length = min(1.0, LONGEST_ANGLE / angle)
        is_close = -slope < ROUNDING * max(1.0, abs(state.cost))
        close_steps += is_close
        while True:
            rotation = _rotation(length * step, pairs, d)
            trial = rotation.T @ turned @ rotation
            found = fitted(_diagonal(trial))
            if is_close or found.cost <= state.cost + 1e-4 * length * slope:
                break
            length *= 0.5
            if length * angle < SHORTEST:
                return state.cost, axes
        axes = axes @ rotation
        turned, state = axes.T @ matrices @ axes, found
        if angle < LAST_ANGLE or close_steps > MOST_CLOSE_STEPS:
            break
    return state.cost, axes


def _approached(matrices: F64, axes: F64, fitted: Fitted, pairs: Pairs) -> F64:
    """Axes close to a minimum by conjugate gradients, scaled by the curvature that each angle has by itself."""
    turned = axes.T @ matrices @ axes
    state = fitted(_diagonal(turned))
    step, last_gradient, last_product = np.zeros(len(pairs[0])), np.zeros(len(pairs[0])), np.inf
    for _ in range(MOST_STEPS):
        gradient = _gradient(turned, state, pairs)
        scaled = gradient / _own_curvature(turned, state, pairs)
        if np.abs(scaled).max() < CLOSE_ANGLE:
            break
        step = max(0.0, float(scaled @ (gradient - last_gradient)) / last_product) * step - scaled
        if gradient @ step >= 0:
            step = -scaled
        last_gradient, last_product = gradient, float(scaled @ gradient)
        slope = float(gradient @ step)
        length = min(1.0, LONGEST_ANGLE / float(np.abs(step).max()))
        while True:
            rotation = _rotation(length * step, pairs, len(axes))
            trial = rotation.T @ turned @ rotation
            found = fitted(_diagonal(trial))
            if found.cost <= state.cost + 1e-4 * length * slope:
                break
            length *= 0.4
            if length < SHORTEST:
                return axes
        axes, state = axes @ rotation, found
        turned = axes.T @ matrices @ axes
    return axes


def _own_curvature(turned: F64, state: Spectrum, pairs: Pairs) -> F64:
    """(N,) a positive scale of each angle's curvature: its second derivative with every term taken as positive."""
    low, high = pairs
    diagonal, precision = np.diagonal(turned, axis1=1, axis2=2), np.exp(-state.log_values)
    inverse = np.where(state.is_free, 1 / np.where(state.is_free, diagonal, 1.0), 0.0)
    apart = (diagonal[:, low] - diagonal[:, high]) * (precision[:, high] - precision[:, low])
    beside = turned[:, low, high]
    follow = (beside * inverse[:, low]) ** 2 + (beside * inverse[:, high]) ** 2
    scale = 2 * np.abs(apart).sum(axis=0) + 4 * state.multipliers @ follow
    return np.asarray(np.where(scale > 0, scale, 1.0))


def _diagonal(turned: F64) -> F64:
    return np.maximum(np.diagonal(turned, axis1=1, axis2=2), 0.0)


def _rotation(step: F64, pairs: Pairs, d: int) -> F64:
    """The Cayley transform: orthogonal, and equal to the exponential up to the second order."""
    skew = np.zeros((d, d))
    skew[pairs] = step / 2
    skew -= skew.T
    eye = np.eye(d)
    return np.asarray(np.linalg.solve(eye - skew, eye + skew))


def _direction(gradient: F64, curvature: F64) -> tuple[F64, float]:
    """A Newton step, turned downhill along directions of negative curvature, and the slope along it."""
    try:
        factor = np.linalg.cholesky(curvature)
        smallest = float(np.diagonal(factor).min()) ** 2
        if smallest > FLAT * float(np.abs(np.diagonal(curvature)).max()):
            step = np.asarray(-np.linalg.solve(curvature, gradient))
            return step, float(gradient @ step)
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(curvature)
    bound = FLAT * float(np.abs(values).max(initial=0.0))
    if bound == 0.0:
        return np.zeros_like(gradient), 0.0
    along = vectors.T @ gradient
    steps = np.where(np.abs(values) > bound, -along / np.maximum(np.abs(values), bound), 0.0)
    if values[0] < -1e3 * bound and abs(along[0]) < 1e-6 * abs(values[0]):
        # a saddle: no slope shows the way down, the curvature does
        steps[0] = 0.1 if along[0] <= 0 else -0.1
        return vectors @ steps, 0.5 * float(values[0]) * 0.01
    return vectors @ steps, float(along @ steps)


def _derivatives(turned: F64, state: Spectrum, pairs: Pairs) -> tuple[F64, F64]:
    """Gradient (N,) and second derivative (N, N) by the rotation angles of the pairs of axes.

    Rotating by exp(X) turns B = D'W D into B + BX - XB + ((BX - XB)X - X(BX - XB)) / 2.
    """
    bend = _bend_of_diagonals(turned, np.exp(-state.log_values), pairs)
    return _gradient(turned, state, pairs), bend + _bend_of_cost(turned, state, pairs)


def _gradient(turned: F64, state: Spectrum, pairs: Pairs) -> F64:
    low, high = pairs
    precision = np.exp(-state.log_values)
    pull = turned[:, low, high] * (precision[:, high] - precision[:, low])
    return np.asarray(2 * pull.sum(axis=0))


def _bend_of_diagonals(turned: F64, precision: F64, pairs: Pairs) -> F64:
    """The second derivative of sum_k tr(P_k exp(-X) B_k exp(X)), in which only pairs that share an axis meet."""
    mixed = np.einsum("kab,kj->abj", turned, precision)
    own = np.einsum("abb->ab", mixed).T  # own[b, a] = sum_k p_kb B_k,ab: the sum of P_k B_k
    # a rotation in the plane (p, q) meets one in (r, s)
    p, q, r, s = pairs[0][:, None], pairs[1][:, None], pairs[0][None], pairs[1][None]
    bend = np.where(q == r, own[s, p], 0.0) - np.where(q == s, own[r, p], 0.0)
    bend += np.where(p == s, own[r, q], 0.0) - np.where(p == r, own[s, q], 0.0)
    bend -= np.where(p == s, mixed[q, r, p], 0.0) - np.where(p == r, mixed[q, s, p], 0.0)
    bend -= np.where(q == r, mixed[p, s, q], 0.0) - np.where(q == s, mixed[p, r, q], 0.0)
    return np.asarray(bend + bend.T)


def _bend_of_cost(turned: F64, state: Spectrum, pairs: Pairs) -> F64:
    """What is gained because the eigenvalues follow the diagonals."""
    groups, d = state.log_values.shape
    low, high = pairs
    beside = turned[:, low, high]
    diagonal = np.diagonal(turned, axis1=1, axis2=2)
    inverse = np.where(state.is_free, 1 / np.where(state.is_free, diagonal, 1.0), 0.0)
    relative = np.zeros((groups, d, len(low)))
    each = np.arange(len(low))
    relative[:, high, each] = 2 * beside * inverse[:, high]
    relative[:, low, each] = -2 * beside * inverse[:, low]
    flat = relative.reshape(groups * d, -1)
    made = -(flat.T * np.repeat(state.multipliers, d)) @ flat
    if state.couplings is not None and state.couplings.sum() > 0:
        sums = relative.sum(axis=1)
        pull = state.couplings @ sums
        made += (sums.T * state.couplings) @ sums
        made -= np.outer(pull, pull) / state.couplings.sum()
    return np.asarray(made)
