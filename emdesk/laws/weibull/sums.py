"""What the Weibull law sums over rows, with v = shape log(x / scale): exp(v) has no finite sums for all shapes, so that
those at the params of an E-step are taken, with the derivatives that a Newton step needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.weibull.settings import LogWeibullParams
from emdesk.model.law import Workspace

F64 = NDArray[np.float64]
FARTHEST = 300.0
"""exp of it is still a number whose square is one; a density there is zero in every other respect."""


@dataclass(frozen=True, eq=False)
class WeibullSums:
    """Effective rows (K,), and (K, d) those whose cell is observed; with v at the params `at`, sums (K, d) of v, and
    `powers` (3, K, d) of exp(v), exp(v) v and exp(v) v squared. From a partition `at` is None, v is log x, and instead
    of the powers there are `squares`, sums of v squared."""

    counts: F64
    seen: F64
    logs: F64
    squares: F64
    powers: F64
    at: LogWeibullParams | None

    def __add__(self, other: Self) -> WeibullSums:
        return replace(
            self,
            counts=self.counts + other.counts,
            seen=self.seen + other.seen,
            logs=self.logs + other.logs,
            squares=self.squares + other.squares,
            powers=self.powers + other.powers,
        )

    def scaled(self, factor: float) -> WeibullSums:
        """All sums times a factor."""
        return replace(
            self,
            counts=factor * self.counts,
            seen=factor * self.seen,
            logs=factor * self.logs,
            squares=factor * self.squares,
            powers=factor * self.powers,
        )

    def of_logs(self) -> tuple[F64, F64]:
        """Means and variances (K, d) of the logarithms of a partition; a group without rows has 0."""
        rows = np.where(self.seen > 0, self.seen, 1.0)
        means = self.logs / rows
        return means, np.maximum(self.squares / rows - means**2, 0.0)

    def log_mean_power(self) -> tuple[F64, F64, F64]:
        """(K, d) the logarithm of the mean of exp(v), and mean and variance of v with weights exp(v): its first two
        derivatives by a factor of the shape at an unchanged scale."""
        empty = self.seen <= 0
        rows = np.where(empty, 1.0, self.seen)
        total, first, second = self.powers + empty
        mean = first / total
        spread = np.maximum(second / total - mean**2, np.finfo(float).eps)
        return np.log(total / rows), mean, spread

    def log_likelihood(self, params: LogWeibullParams) -> F64:
        """(K, d) of the rows under other params, but for what these do not change: with value, slope and curvature as
        they are at the params of the sums."""
        assert self.at is not None, "a partition has no sums of powers"
        log_mean, mean, spread = self.log_mean_power()
        factor = params.shapes / self.at.shapes
        away = params.shapes * (self.at.logs - params.logs)
        step = factor - 1
        powers = np.exp(np.minimum(log_mean + away + step * (mean + 0.5 * step * spread), FARTHEST))
        return self.seen * (np.log(params.shapes) + away - powers) + factor * self.logs


@dataclass(frozen=True, eq=False)
class Kernel:
    """The params, and the offsets (K,)."""

    params: LogWeibullParams
    offsets: F64


@dataclass(eq=False)
class LogRows:
    """The logarithms (d, m) of a block, minus their sum in units (m,), and marks (d, m) of what is observed, None if
    all is; and what a kernel has seen in them: for each column v and exp(v), (d, K, m)."""

    logs: F64
    base: F64
    marks: F64 | None = None
    seen: tuple[Kernel, F64, F64] | None = None

    def look(self, kernel: Kernel, work: Workspace) -> tuple[F64, F64]:
        """v and exp(v), (d, K, m) each, 0 where a cell is missing."""
        if self.seen is not None and self.seen[0] is kernel:
            return self.seen[1:]
        d, m = self.logs.shape
        shapes, log_scales = kernel.params.shapes, kernel.params.logs
        groups = len(shapes)
        places = work.array("weibull.places", d * groups, m).reshape(d, groups, m)
        powers = work.array("weibull.powers", d * groups, m).reshape(d, groups, m)
        np.subtract(self.logs[:, None], log_scales.T[:, :, None], out=places)
        places *= shapes.T[:, :, None]
        np.minimum(places, FARTHEST, out=places)
        np.exp(places, out=powers)
        if self.marks is not None:
            places *= self.marks[:, None]
            powers *= self.marks[:, None]
        self.seen = kernel, places, powers
        return places, powers


def sums_of(
    rows: LogRows, responsibilities: F64, kernel: Kernel | None, work: Workspace
) -> WeibullSums:
    """The sums of a block with responsibilities (K, m); kernel None: of a partition."""
    counts = responsibilities.sum(axis=1)
    groups, d = len(counts), len(rows.logs)
    marks = rows.marks
    seen = np.repeat(counts[:, None], d, axis=1) if marks is None else responsibilities @ marks.T
    logs, none = np.empty((groups, d)), np.zeros((groups, d))
    if kernel is None:
        # the logarithm of a missing cell is kept as 0
        weighted = responsibilities[:, None] * rows.logs
        squares = np.vecdot(weighted, rows.logs)
        return WeibullSums(
            counts, seen, weighted.sum(axis=2), squares, np.zeros((3, groups, d)), None
        )
    places, powers = rows.look(kernel, work)
    made = np.empty((3, groups, d))
    buffer = work.array("weibull.weighted", *responsibilities.shape)
    for j in range(d):
        logs[:, j] = np.vecdot(responsibilities, places[j])
        made[0, :, j] = np.vecdot(responsibilities, powers[j])
        np.multiply(powers[j], places[j], out=buffer)
        made[1, :, j] = np.vecdot(responsibilities, buffer)
        buffer *= places[j]
        made[2, :, j] = np.vecdot(responsibilities, buffer)
    return WeibullSums(counts, seen, logs, none, made, kernel.params)
