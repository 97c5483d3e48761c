"""Whitening factors of covariance matrices with the digits that a long flat matrix costs a Cholesky factor.

A Cholesky factor in double precision is that of a matrix changed in its last digits, which changes a squared distance
by the condition number times 1e-16. One step of refinement gives the digits back: with W near the inverse factor,
E = W S W' - I is found in twice the precision and (I - E / 2 + 3 E E / 8) W is the whitening factor up to E cubed
(Ogita, Rump and Oishi 2005, SIAM J. Sci. Comput. 26, 1955-1988, for the sums; Higham 2008, Functions of Matrices,
section 6, for the step).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
WELL_CONDITIONED = 200.0
"""Up to this bound of the condition number a plain factor has digits enough."""
FLAT = 1e5
"""Above this bound also the product with a row needs more than plain digits."""
_SPLIT = float(2**27 + 1)


@dataclass(frozen=True, eq=False)
class Whitening:
    """W (K, d, d) with W S W' = I, as `white` plus what its rounding lost, `rest`; half the log determinants of S
    (K,); and where a product with W loses digits that a log density should have, `is_flat` (K,)."""

    white: F64
    rest: F64
    log_root: F64
    is_flat: NDArray[np.bool_]

    def of(self, k: int, rows: F64, mean: F64) -> F64:
        """W (x - mean) (d, m) of rows x (d, m) for one matrix."""
        if self.is_flat[k]:
            return _whitened(self.white[k], self.rest[k], rows, mean)
        return np.asarray(self.white[k] @ (rows - mean[:, None]))


def whitening(covariances: F64) -> Whitening:
    """The whitening of covariances (K, d, d); a LinAlgError if one is not positive definite."""
    factors = np.linalg.cholesky(covariances)
    white = np.linalg.inv(factors)
    log_root = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
    rest = np.zeros_like(white)
    condition = _condition_bound(covariances, white)
    rough = np.flatnonzero(condition > WELL_CONDITIONED)
    if rough.size:
        excess = _excess(white[rough], covariances[rough])
        # log det S = -2 log det W + log det (I + E)
        plain = np.log(np.diagonal(white[rough], axis1=1, axis2=2)).sum(axis=1)
        traces = np.trace(excess, axis1=1, axis2=2)
        log_root[rough] = 0.5 * (traces - 0.5 * (excess**2).sum(axis=(1, 2))) - plain
        step = (0.375 * excess @ excess - 0.5 * excess) @ white[rough]
        white[rough], rest[rough] = _plus(white[rough], step)
    return Whitening(white, rest, log_root, np.asarray(condition > FLAT))


def _whitened(white: F64, rest: F64, rows: F64, mean: F64) -> F64:
    """The rounding of the difference is given back, and both factors are cut in halves whose products are exact sums
    (Ozaki et al. 2012, Numer. Algorithms 59, 95-118)."""
    d = len(mean)
    centred = rows - mean[:, None]
    back = centred - rows
    lost = (rows - (centred - back)) - (mean[:, None] + back)
    bits = (53 - int(np.ceil(np.log2(d))) if d > 1 else 53) // 2 - 1
    coarse = _cut(centred, bits, axis=0)
    white_coarse = _cut(white, bits, axis=1)
    fine = white_coarse @ ((centred - coarse) + lost)
    fine += ((white - white_coarse) + rest) @ centred
    return np.asarray(white_coarse @ coarse + fine)


def _cut(values: F64, bits: int, axis: int) -> F64:
    """The values rounded to so many bits below the largest along an axis."""
    largest = np.abs(values).max(axis=axis, keepdims=True)
    step = np.exp2(np.ceil(np.log2(np.where(largest > 0, largest, 1.0))) + 53 - bits)
    return np.asarray((values + step) - step)


def _condition_bound(covariances: F64, white: F64) -> F64:
    """(K,) an upper bound of the condition numbers: trace of S times trace of its inverse, over d squared."""
    d = max(covariances.shape[-1], 1)  # of a row without an observed cell there is no column
    traces = np.trace(covariances, axis1=1, axis2=2)
    return np.asarray(traces * (white**2).sum(axis=(1, 2)) / d**2)


def _excess(white: F64, covariances: F64) -> F64:
    """W S W' - I in about twice the working precision."""
    high, low = _product(white, np.zeros_like(white), covariances)
    turned = np.swapaxes(white, 1, 2)
    high, low = _product(high, low, turned)
    identity = np.eye(white.shape[-1])
    return np.asarray((high - identity) + low)


def _product(high: F64, low: F64, right: F64) -> tuple[F64, F64]:
    """(high + low) @ right as a sum of two numbers each, for matrices (K, d, d)."""
    total, rest = np.zeros_like(right), np.zeros_like(right)
    for i in range(right.shape[1]):
        term, lost = _times(high[:, :, i : i + 1], right[:, i : i + 1, :])
        lost = lost + low[:, :, i : i + 1] * right[:, i : i + 1, :]
        total, more = _plus(total, term)
        rest += lost + more
    return _plus(total, rest)


def _plus(a: F64, b: F64) -> tuple[F64, F64]:
    """The rounded sum and what the rounding lost (Knuth)."""
    total = a + b
    back = total - a
    return total, (a - (total - back)) + (b - back)


def _times(a: F64, b: F64) -> tuple[F64, F64]:
    """The rounded product and what the rounding lost (Dekker)."""
    product = a * b
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    lost = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, lost


def _halves(a: F64) -> tuple[F64, F64]:
    big = _SPLIT * a
    high = big - (big - a)
    return high, a - high
