"""Maximum likelihood factor analysis of one covariance matrix: Sigma = L L' + Psi with Psi diagonal.

For given uniquenesses Psi the best loadings come from the largest eigenvalues of Psi^-1/2 S Psi^-1/2 (Joreskog 1967,
Psychometrika 32, 443-482; Lawley and Maxwell 1971, Factor Analysis as a Statistical Method, chapter 4). What is left is
a function of log Psi with derivatives of both orders in closed form (Clarke 1970, Brit. J. Math. Statist. Psychol. 23,
43-52), which Newton's method takes down to its minimum; a step that rises is halved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
MOST_STEPS, MOST_HALVINGS = 200, 40
LONGEST = 2.0
"""No logarithm of a uniqueness moves farther in one step."""
SETTLED = 1e-12
ROUNDING = 1e-14
LEAST_BEND = 1e-10
RIDGE = 1e-3
SINGULAR = 1e-9


@dataclass(frozen=True, eq=False)
class FactorFit:
    """Uniquenesses (d,), loadings (d, q), and log det Sigma + tr(Sigma^-1 S), which is least."""

    uniquenesses: F64
    loadings: F64
    loss: float

    @property
    def covariance(self) -> F64:
        """(d, d) the matrix."""
        made = self.loadings @ self.loadings.T + np.diag(self.uniquenesses)
        return np.asarray((made + made.T) / 2)


def most_factors(d: int) -> int:
    """How many factors d columns allow: with more there are no fewer parameters than covariances (Ledermann 1937)."""
    return max((q for q in range(d) if (d - q) ** 2 >= d + q), default=0)


def factor_fit(matrix: F64, factors: int, floor: float, near: F64 | None = None) -> FactorFit:
    """The best fit of q factors to a covariance matrix (d, d), uniquenesses at least `floor`; begun at the covariance
    `near`, if that is given, so that it ends no higher than there."""
    least, profile = np.log(floor), Profile(matrix, factors)
    if near is None:
        return profile.fit_at(_descended(profile, least, _start(matrix, factors)))
    before = _descended(Profile(near, factors), least, _start(near, factors))
    fit = profile.fit_at(_descended(profile, least, before))
    if fit.loss <= loss_at(near, matrix):
        return fit
    # the matrix before was not quite of this kind, or came from another minimum
    other = profile.fit_at(_descended(profile, least, _start(matrix, factors)))
    return min(fit, other, key=lambda one: one.loss)


def loss_at(covariance: F64, matrix: F64) -> float:
    """log det Sigma + tr(Sigma^-1 S)."""
    factor = np.linalg.cholesky(covariance)
    white = np.linalg.solve(factor, matrix)
    traced = np.trace(np.linalg.solve(factor, white.T))
    return float(2 * np.log(np.diagonal(factor)).sum() + traced)


def _start(matrix: F64, factors: int) -> F64:
    """(d,) logarithms of what regression on the other columns leaves, a little reduced (Joreskog 1967, section 5)."""
    d = len(matrix)
    scale = np.sqrt(np.maximum(np.diagonal(matrix), np.finfo(float).tiny))
    ridged = matrix / scale[:, None] / scale[None, :] + RIDGE * np.eye(d)
    left = 1 / np.diagonal(np.linalg.inv(ridged))
    return np.asarray(np.log((1 - 0.5 * factors / d) * left) + 2 * np.log(scale))


class Profile:
    """What is left of the loss when the best loadings are taken for each Psi: a function of log Psi.

    With the inverse of S, if it has one, nothing cancels where a column has next to nothing of its own (Joreskog 1967).
    """

    def __init__(self, matrix: F64, factors: int) -> None:
        self.factors = factors
        self._matrix = matrix
        self._inverse: F64 | None = None
        self._log_determinant = 0.0
        scale = np.sqrt(np.maximum(np.diagonal(matrix), np.finfo(float).tiny))
        values, vectors = np.linalg.eigh(matrix / scale[:, None] / scale)
        if values[0] > SINGULAR * values[-1]:
            self._inverse = (vectors / values) @ vectors.T / scale[:, None] / scale
            self._log_determinant = float(np.log(values).sum() + 2 * np.log(scale).sum())

    def spectrum(self, logs: F64) -> tuple[F64, F64]:
        """Eigenvalues, the largest first, and eigenvectors of Psi^-1/2 S Psi^-1/2."""
        root = np.exp(0.5 * logs)
        if self._inverse is None:
            values, vectors = np.linalg.eigh(self._matrix / root[:, None] / root)
            return values[::-1], vectors[:, ::-1]
        values, vectors = np.linalg.eigh(root[:, None] * self._inverse * root)
        # what is lost to rounding beside the largest is far above 1, and only that counts
        return 1 / np.maximum(values, np.finfo(float).eps * values[-1]), vectors

    def top(self, values: F64) -> int:
        """How many factors there are; an eigenvalue below 1 has none."""
        return int((values[: self.factors] > 1).sum())

    def loss(self, values: F64, logs: F64) -> float:
        """The loss at log Psi with these eigenvalues."""
        top = self.top(values)
        rest = values[top:]
        if self._inverse is None:
            return float(logs.sum() + np.log(values[:top]).sum() + top + rest.sum())
        return float(self._log_determinant + top + (rest - np.log(rest)).sum())

    def derivatives(self, values: F64, vectors: F64) -> tuple[F64, F64]:
        """The first (d,) and second (d, d) derivatives of the loss by log Psi."""
        top = self.top(values)
        theta, rest = values[:top], values[top:]
        u, v = vectors[:, :top], vectors[:, top:]
        slope = (v**2) @ (1 - rest)
        bend = ((v * rest) @ v.T) * (v @ v.T)
        if top:
            gap = np.maximum(theta[:, None] - rest, np.finfo(float).eps * theta[:, None])
            weights = (theta[:, None] + rest) * (1 - rest) / gap
            inner = np.einsum("mn,in,jn->mij", weights, v, v)
            bend = bend + np.einsum("im,jm,mij->ij", u, u, inner)
        return slope, bend

    def fit_at(self, logs: F64) -> FactorFit:
        """The fit with these uniquenesses."""
        values, vectors = self.spectrum(logs)
        root, top = np.exp(0.5 * logs), vectors[:, : self.factors]
        # quotients of Rayleigh have the digits that the eigenvalues of an inverse have lost
        along = top / root[:, None]
        sizes = np.sqrt(np.maximum((along * (self._matrix @ along)).sum(axis=0) - 1, 0.0))
        loadings = root[:, None] * top * sizes
        return FactorFit(np.exp(logs), loadings, self.loss(values, logs))


def _descended(profile: Profile, least: float, logs: F64) -> F64:
    """(d,) logarithms of uniquenesses at the minimum that Newton's method reaches from the given ones."""
    logs = np.maximum(logs, least)
    values, vectors = profile.spectrum(logs)
    loss = profile.loss(values, logs)
    for _ in range(MOST_STEPS):
        slope, bend = profile.derivatives(values, vectors)
        is_free = (logs > least) | (slope < 0)
        if not is_free.any() or np.abs(slope[is_free]).max() < SETTLED:
            break
        step = np.zeros_like(logs)
        step[is_free] = -_solved(bend[np.ix_(is_free, is_free)], slope[is_free])
        step *= min(1.0, LONGEST / max(float(np.abs(step).max()), np.finfo(float).tiny))
        for _ in range(MOST_HALVINGS):
            tried = np.maximum(logs + step, least)
            found = profile.spectrum(tried)
            reached = profile.loss(found[0], tried)
            if reached <= loss + ROUNDING * max(1.0, abs(loss)):
                break
            step *= 0.5
        else:
            break
        moved = float(np.abs(tried - logs).max())
        logs, (values, vectors), loss = tried, found, reached
        if moved < SETTLED:
            break
    return logs


def _solved(bend: F64, slope: F64) -> F64:
    """bend^-1 slope, with eigenvalues of the second derivatives made positive so that the step goes down."""
    values, vectors = np.linalg.eigh(bend)
    size = np.maximum(np.abs(values), LEAST_BEND * max(1.0, float(np.abs(values).max())))
    return np.asarray(vectors @ ((vectors.T @ slope) / size))
