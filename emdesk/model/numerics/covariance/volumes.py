"""Two convex problems behind the structures of common volume and of common shape, each solved to its one maximum.

Both minimise sum_k sum_j [w_k u_kj + b_kj exp(-u_kj)] over the logarithms u of the eigenvalues, where w are the shares
of the rows, b the scatter along the axes and u_kj >= log floor. With a common volume, sum_j u_kj is the same for all
k; with a common shape, u_kj = a_k + s_j. Both constraints are linear in u, so a stationary point is the minimum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
SETTLED = 1e-15
MOST_STEPS = 60
WIDEST, LARGEST = 1e10, 100.0
TINY = 1e-300
LOG_TINY = float(np.log(TINY))
CLOSE_GAIN, LAST_GAIN, MOST_CLOSE_STEPS = 1e-11, 1e-22, 3
"""A gain below the first is lost in rounding, so that Newton's step is taken unseen: it doubles the digits."""
LONGEST, SHORTEST = 4.0, 1e-3
RIDGE = 1e-12
"""A ridge as large as the slope keeps steps below `LONGEST` and vanishes at the minimum; this one keeps Newton's matrix
regular where the floor all but settles the factor that volumes and shape share."""


@dataclass(frozen=True, eq=False)
class CommonVolume:
    """The minimum: log eigenvalues (K, d), and the multipliers (K,), b / eigenvalue where no bound is active."""

    log_values: F64
    multipliers: F64
    is_free: NDArray[np.bool_]


def ceiling(floor: float, widest: float) -> float:
    """The largest eigenvalue under a common volume, of data whose variance is at most `widest` in any direction."""
    return max(WIDEST * floor, LARGEST) * widest


def common_volume(scatter: F64, log_floor: float, widest: float = 1.0) -> CommonVolume:
    """The minimum for b (K, d); the shares w sum to one and drop out.

    Without bounds this is Celeux and Govaert (1995). A component that is flat in one direction would
    stretch in the others without limit to keep the common volume, so that eigenvalues are bounded above too: far
    beyond the variance of the data, `widest`, and where the smallest still has digits beside the largest.
    """
    logs = np.log(np.maximum(scatter, TINY))
    log_ceiling = float(np.log(ceiling(np.exp(log_floor), widest)))
    means = logs.mean(axis=1)
    powers = np.exp(means - means.max())
    volume = means.max() + np.log(powers.sum())
    values = volume + logs - means[:, None]
    if values.min() >= log_floor and values.max() <= log_ceiling:
        return CommonVolume(values, powers / powers.sum(), scatter > TINY)
    return _bounded_volume(logs, log_floor, log_ceiling)


def _bounded_volume(logs: F64, low: float, high: float) -> CommonVolume:
    """Each component fills its eigenvalues from one level, u_kj = log b_kj - v_k between the bounds, to the common sum;
    at the best volume the multipliers exp(v_k) sum to one. The levels fall with the volume: Newton in a bracket.
    """
    d = logs.shape[1]
    corners = np.sort(np.concatenate([logs - high, logs - low], axis=1), axis=1)
    heights = np.clip(logs[:, None, :] - corners[:, :, None], low, high).mean(axis=2)

    def levels(volume: float) -> F64:
        return np.array([np.interp(-volume, -h, c) for h, c in zip(heights, corners, strict=True)])

    least, most = low, high
    volume = least
    for _ in range(MOST_STEPS):
        found = levels(volume)
        top = found.max()
        powers = np.exp(found - top)
        excess = float(top + np.log(powers.sum()))
        if excess > 0:
            least = volume
        else:
            most = volume
        wanted = logs - found[:, None]
        open_axes = np.maximum(((wanted > low) & (wanted < high)).sum(axis=1), 1)
        step = excess * powers.sum() / (d * float((powers / open_axes).sum()))
        nothing_left = abs(step) <= SETTLED * max(1.0, abs(volume))
        if nothing_left or most - least <= SETTLED * max(1.0, abs(volume)):
            break
        volume = volume + step
        if not least < volume < most:
            volume = (least + most) / 2
    wanted = logs - levels(volume)[:, None]
    is_free = (wanted > low) & (wanted < high) & (logs > LOG_TINY)
    return CommonVolume(np.clip(wanted, low, high), np.exp(levels(volume)), is_free)


@dataclass(frozen=True, eq=False)
class Shape:
    """The best common shape for given volumes: its part of the objective, traces (K,) of the inverse shape times the
    scatter, the curvature (K, K) they lose because the shape adapts, and whether the floor holds an eigenvalue."""

    part: float
    traces: F64
    relief: F64
    is_floored: bool


def common_shape(
    share: F64, sizes: F64, d: int, log_floor: float, shape_of: Callable[[F64], Shape]
) -> F64:
    """The log volumes a (K,) of components with one common shape of eigenvalues at least one, a >= log floor.

    `sizes` (K,) are the traces of the scatter and `shape_of(factors)` the best shape for exp(-a). To ask that all
    eigenvalues of the shape are at least one and all a at least the log floor is the floor on every eigenvalue, and
    it separates the two. Away from the floor volumes and shape share one redundant factor, which the smallest volume
    fixes. What remains is convex in a (for full matrices by geodesic convexity, Wiesel 2012, IEEE
    Trans. Signal Process. 60, 6182-6189). Newton's method, projected on the bounds.
    """
    at = partial(_point, share=share, d=d, log_floor=log_floor, shape_of=shape_of)
    point = at(_bounded(sizes / (share * d), log_floor))
    close_steps = 0
    for _ in range(MOST_STEPS):
        step = _newton_step(point, share, log_floor)
        gain = -float(point.gradient @ step)
        if gain < CLOSE_GAIN * max(1.0, abs(point.value)):
            close_steps += 1
            point = at(_moved(point, step, log_floor))
            if gain < LAST_GAIN or close_steps > MOST_CLOSE_STEPS:
                break
            continue
        length, trial = 1.0, at(_moved(point, step, log_floor))
        while trial.value > point.value - 1e-4 * length * gain and length > SHORTEST:
            length *= 0.5
            trial = at(_moved(point, length * step, log_floor))
        if length <= SHORTEST:
            # the best volumes for the present shape; if these are no better, rounding is all that is left
            trial = at(_bounded(point.shape.traces / (share * d), log_floor))
            if trial.value >= point.value:
                break
        point = trial
    return point.volumes


@dataclass(frozen=True, eq=False)
class _Point:
    """Log volumes (K,) with the objective there, its gradient (K,) and its curvature (K, K)."""

    volumes: F64
    value: float
    gradient: F64
    curvature: F64
    shape: Shape


def _point(
    volumes: F64, share: F64, d: int, log_floor: float, shape_of: Callable[[F64], Shape]
) -> _Point:
    # the same matrices, with the smallest volume on the floor and the shape as large as it can be
    anchored = log_floor + (volumes - volumes.min())
    factors = np.exp(-anchored)
    shape = shape_of(factors)
    pulls = factors * shape.traces
    curvature = np.diag(pulls) - factors[:, None] * factors * shape.relief
    value = float(d * share @ anchored) + shape.part
    return _Point(anchored, value, d * share - pulls, curvature, shape)


def _newton_step(point: _Point, share: F64, log_floor: float) -> F64:
    if point.shape.is_floored:
        free = (point.volumes > log_floor) | (point.gradient < 0)
    else:
        free = np.arange(len(share)) != np.argmin(point.volumes)
    slope, root = point.gradient[free], np.sqrt(share[free])
    scaled = point.curvature[np.ix_(free, free)] / np.outer(root, root)
    scaled[np.diag_indices(len(root))] += RIDGE + np.abs(slope) / (LONGEST * root**2)
    step = np.zeros(len(share))
    step[free] = -np.linalg.solve(scaled, slope / root) / root
    return step


def _moved(point: _Point, step: F64, log_floor: float) -> F64:
    moved = point.volumes + step
    return np.maximum(moved, log_floor) if point.shape.is_floored else moved


def _bounded(values: F64, log_floor: float) -> F64:
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(np.log(np.maximum(values, 0.0)), log_floor))
