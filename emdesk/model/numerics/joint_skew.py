"""The multivariate skew-normal law: its parameters in several forms, and what one M-step makes of its moments.

A row is location + shift t + noise, with t the absolute value of a standard normal number and noise of covariance
`rest`; the scale matrix is rest + shift shift' (Azzalini and Dalla Valle 1996, Biometrika 83, 715-726). The slant is
that of Azzalini and Capitanio (1999), J. R. Statist. Soc. B 61, 579-602: it has no unit. Its steepness, the length of
the slant in a metric in which the scale matrix is the unit matrix, is the slant of the steepest projection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.model.numerics.skew import HALF_MEAN

F64 = NDArray[np.float64]
LEAST_BEND = 0.001
"""Along a direction that bends less a step goes as if it bent so much."""
LONGEST = 0.5
"""No step moves a location by more scales, or a slant by more of one plus itself."""
LEAST_CHANGE = 0.5
"""Nor does it make a variance, along any direction, this times as large or its inverse."""
LEAST_REACH, NEXT_TO = 0.05, 0.95
"""Nearer to the largest steepness than this share of a step no step is taken towards it; beyond this share of it a
group is next to it."""


@dataclass(frozen=True, eq=False)
class Leaning:
    """What follows from scale matrices and slants: `pulls` (K, d), which times a row less its location give the
    argument of Phi; the `steepness` (K,); the `shifts` (K, d) and `rests` (K, d, d)."""

    pulls: F64
    steepness: F64
    shifts: F64
    rests: F64


def leaning(scales: F64, slants: F64) -> Leaning:
    """Of scale matrices (K, d, d) and slants (K, d)."""
    pulls = slants / widths(scales)
    pulled = (scales @ pulls[:, :, None])[:, :, 0]
    squares = np.maximum((pulls * pulled).sum(axis=1), 0.0)
    shifts = pulled / np.sqrt(1 + squares)[:, None]
    rests = scales - shifts[:, :, None] * shifts[:, None, :]
    return Leaning(pulls, np.sqrt(squares), shifts, rests)


def widths(matrices: F64) -> F64:
    """(K, d) square roots of the diagonals of matrices (K, d, d)."""
    return np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))


def from_parts(shifts: F64, rests: F64) -> tuple[F64, F64]:
    """The scale matrices (K, d, d) and slants (K, d) of shifts (K, d) and rests (K, d, d)."""
    solved = np.linalg.solve(rests, shifts[:, :, None])[:, :, 0]
    squares = np.maximum((shifts * solved).sum(axis=1), 0.0)
    scales = rests + shifts[:, :, None] * shifts[:, None, :]
    slants = solved / np.sqrt(1 + squares)[:, None] * widths(scales)
    return scales, slants


def means_and_covariances(locations: F64, scales: F64, slants: F64) -> tuple[F64, F64]:
    """Means (K, d) and covariances (K, d, d)."""
    shifts = HALF_MEAN * leaning(scales, slants).shifts
    return locations + shifts, scales - shifts[:, :, None] * shifts[:, None, :]


def clamped(matrix: F64, floor: float) -> F64:
    """The matrix (d, d) without eigenvalues below a floor: of all with none, that of the highest likelihood."""
    values, vectors = np.linalg.eigh(matrix)
    if values[0] >= floor:
        return matrix
    return np.asarray((vectors * np.maximum(values, floor)) @ vectors.T)


def from_moments(mean: F64, covariance: F64, thirds: F64, most: float) -> tuple[F64, F64, F64]:
    """Location (d,), shift (d,) and rest (d, d) of a mean, a covariance that is positive definite and third moments
    (d,) about the mean; of the standard deviation along the shift no larger share than `most` is that of its hidden
    part."""
    shift = np.cbrt(thirds / (HALF_MEAN * (4 / np.pi - 1)))
    lost = 1 - HALF_MEAN**2
    share = lost * float(shift @ np.linalg.solve(covariance, shift))
    if share > most:
        shift = shift * np.sqrt(most / share)
    rest = covariance - lost * np.outer(shift, shift)
    return mean - HALF_MEAN * shift, shift, rest


@dataclass(frozen=True, eq=False)
class Bounds:
    """The least eigenvalue of a rest in a `metric` (d, d), in which the data have variance one, and the largest
    steepness."""

    metric: F64
    floor: float
    most: float

    def raised(self, rest: F64) -> F64:
        """The nearest rest (d, d) that is not below the floor; the same one if it is not."""
        measured = rest / self.metric
        made = clamped(measured, self.floor)
        return rest if made is measured else np.asarray(made * self.metric)

    def least_share(self, matrix: F64) -> float:
        """The smallest eigenvalue of a matrix (d, d) in units of the floor."""
        return float(np.linalg.eigvalsh(matrix / self.metric)[0]) / self.floor


def em_step(
    first: F64, second: F64, bounds: Bounds, is_at_edge: bool = False
) -> tuple[F64, F64, F64]:
    """Location (d,), shift (d,) and rest (d, d) from averages of a row and its hidden part, (d + 1,), and of their
    products, (d + 1, d + 1): the regression of the row on the hidden part (Lin 2009, J. Multivar. Anal. 100, 257-265;
    Cabral, Lachos and Prates 2012, Comput. Statist. Data Anal. 56, 126-142). At the edge it is the best one of the
    largest steepness.

    Where no bound is active the hidden part has a scale of its own for a moment, which speeds EM up at no cost (Liu,
    Rubin and Wu 1998, Biometrika 85, 755-770).
    """
    spread = second - first[:, None] * first[None, :]
    with_hidden = spread[:-1, -1]
    of_hidden = max(float(spread[-1, -1]), np.finfo(float).tiny)
    slope = with_hidden / of_hidden
    rest = bounds.raised(spread[:-1, :-1] - np.outer(slope, with_hidden))
    square, most = float(slope @ np.linalg.solve(rest, slope)), bounds.most**2
    expanded = float(second[-1, -1])
    if expanded * square <= most and not is_at_edge:
        return first[:-1] - slope * first[-1], slope * np.sqrt(expanded), rest
    if square > most or is_at_edge:
        # c^2 q + M^2 s q c - M^2 (1 + s q) = 0, from the maximum with a multiplier
        half, level = 0.5 * most * of_hidden, most * (1 / square + of_hidden)
        share = level / (half + np.sqrt(half**2 + level))
        rest = bounds.raised(rest + of_hidden * (1 - share) * np.outer(slope, slope))
        slope = share * slope
    return first[:-1] - slope * first[-1], slope, rest


@dataclass(frozen=True, eq=False)
class Group:
    """One group at its location: `scale` (d, d), `pull` (d,) and `steepness`; averages of rows less the location and
    their hidden part and of their products, as for `em_step`; of first derivatives of log Phi times one and the row,
    `slopes` (d + 1,), and of second derivatives times their products, `bends` (d + 1, d + 1)."""

    scale: F64
    pull: F64
    steepness: float
    first: F64
    second: F64
    slopes: F64
    bends: F64

    def is_at_edge(self, most: float) -> bool:
        """Whether it is next to the largest steepness and would be steeper."""
        return self.steepness > NEXT_TO * most and bool(self.pull @ self.slopes[1:] > 0)


def newton_step(
    group: Group, bounds: Bounds, most_share: float = 1.0
) -> tuple[F64, F64, F64] | None:
    """How far the location moves (d,), the new scale matrix (d, d) and pull (d,) after one step of Newton's method in
    location, inverse scale matrix and pull, with the memberships as they are; None where it would lead too far.

    Where the likelihood bends upwards the step goes with its slope. It is shortened as a whole, to `most_share` of it
    or to end at the largest steepness.
    """
    root = np.asarray(np.linalg.cholesky(group.scale), dtype=np.float64)
    lean = root.T @ group.pull
    white = _whitened(group, root)
    step = _direction(white, lean)
    reach, along = np.inf, float(lean @ step[len(lean) :])
    if along > 0:
        reach = (bounds.most - group.steepness) * group.steepness / along
    longest = np.abs(step) / np.repeat([1.0, np.hypot(1, group.steepness)], len(lean))
    share = min(most_share, reach, LONGEST / max(float(longest.max()), LONGEST))
    if not (np.isfinite(step).all() and reach > LEAST_REACH):
        return None
    return _taken(group, root, white, share * step, share, bounds.most)


@dataclass(frozen=True, eq=False)
class _White:
    """The averages of a group in units of its scale matrix: rows (d,) and their products, and the derivatives."""

    mean: F64
    scatter: F64
    slope: float
    slopes: F64
    bend: float
    bends: F64
    own: F64


def _whitened(group: Group, root: F64) -> _White:
    white = np.linalg.inv(root)
    return _White(
        white @ group.first[:-1],
        white @ group.second[:-1, :-1] @ white.T,
        float(group.slopes[0]),
        white @ group.slopes[1:],
        float(group.bends[0, 0]),
        white @ group.bends[0, 1:],
        white @ group.bends[1:, 1:] @ white.T,
    )


def _direction(white: _White, lean: F64) -> F64:
    """(2 d,) the step of location and pull, in units of the scale matrix.

    The inverse scale matrix is eliminated: its second derivative is minus half the unit matrix here.
    """
    d, mean, excess = len(lean), white.mean, np.eye(len(lean)) - white.scatter
    gradient = np.concatenate([mean - white.slope * lean + excess @ mean, white.slopes])
    hessian = np.empty((2 * d, 2 * d))
    hessian[:d, :d] = (mean @ mean - 1) * np.eye(d) + np.outer(mean, mean)
    hessian[:d, :d] += white.bend * np.outer(lean, lean)
    hessian[:d, d:] = -white.slope * np.eye(d) - np.outer(lean, white.bends)
    hessian[d:, :d] = hessian[:d, d:].T
    hessian[d:, d:] = white.own
    size = np.repeat([1.0, np.hypot(1, np.linalg.norm(lean))], d)
    values, vectors = np.linalg.eigh(-hessian * size[:, None] * size[None, :])
    along = (vectors.T @ (gradient * size)) / np.maximum(np.abs(values), LEAST_BEND)
    return np.asarray((vectors @ along) * size)


def _taken(
    group: Group, root: F64, white: _White, step: F64, share: float, most: float
) -> tuple[F64, F64, F64] | None:
    """Where a share of a step leads, as for `newton_step`."""
    d = len(root)
    moved, turned = step[:d], step[d:]
    tilt = np.outer(moved, white.mean)
    precision = np.eye(d) + share * (np.eye(d) - white.scatter) + tilt + tilt.T
    values = np.linalg.eigvalsh(precision)
    if not (values[0] > LEAST_CHANGE and values[-1] < 1 / LEAST_CHANGE):
        return None
    scale = root @ np.linalg.solve(precision, root.T)
    scale = 0.5 * (scale + scale.T)
    pull = group.pull + np.linalg.solve(root.T, turned)
    square = float(pull @ scale @ pull)
    if square > most**2:
        pull = pull * (most / np.sqrt(square))
    return root @ moved, scale, pull
