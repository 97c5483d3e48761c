"""Probabilities of intervals under densities with one peak, and nodes that carry the law inside each interval.

Along a course t (the logarithm of a positive value, the inverse hyperbolic sine of a standardised one) the densities of
the usual laws have one peak and tails that fall at least exponentially. An interval is cut at the places where the
density has fallen by given amounts from its highest point in the interval, and every piece has the nodes of
Gauss-Legendre's rule (Davis and Rabinowitz 1984, Methods of Numerical Integration, sections 2.7 and 3.1): far tails,
narrow peaks in wide intervals and narrow intervals alike keep about 13 digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Ints = NDArray[np.intp]
Density = Callable[[Ints, F64], F64]
"""Log densities (N,) of values (N,) under the groups (N,)."""

FALLS = np.array([0.5, 2.0, 6.0, 14.0, 28.0, 48.0])
"""An interval is cut where the log density lies this much below its highest point; what is beyond is left out."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
STEPS = np.concatenate(
    [np.arange(-60.0, -5.0, 4.0), np.arange(-5.0, 8.0, 0.5), np.arange(8.0, 13.0)]
)
"""Cuts are sought between two to these powers along the course."""
FARTHEST = 690.0
PEAK_POINTS, PEAK_ROUNDS = 49, 4


@dataclass(frozen=True, eq=False)
class Course:
    """The course of each group: `centres` and `scales` (K,) of values on the whole line, or, for positive values, the
    logarithm, near whose `centres` the peaks are sought."""

    centres: F64
    scales: F64
    is_positive: bool

    def places(self, groups: Ints, values: F64) -> F64:
        """Where values (N,) lie along the courses of groups (N,)."""
        if self.is_positive:
            with np.errstate(divide="ignore"):
                return np.asarray(np.log(np.maximum(values, 0.0)))
        return np.asarray(np.arcsinh((values - self.centres[groups]) / self.scales[groups]))

    def values(self, groups: Ints, places: F64) -> F64:
        """The values (N,) at places (N,)."""
        near = np.clip(places, -FARTHEST, FARTHEST)
        if self.is_positive:
            return np.asarray(np.exp(near))
        return np.asarray(self.centres[groups] + self.scales[groups] * np.sinh(near))

    def log_slopes(self, groups: Ints, places: F64) -> F64:
        """The log of what a step along the course is worth in values."""
        if self.is_positive:
            return places
        size = np.abs(places)
        return np.asarray(
            np.log(self.scales[groups]) + size + np.log1p(np.exp(-2 * size)) - np.log(2.0)
        )

    def gaps(self, groups: Ints, lower: F64, upper: F64) -> F64:
        """How far apart finite values lie along the course, exact to the last digits where they are close."""
        if self.is_positive:
            return np.asarray(np.log1p((upper - lower) / lower))
        scales = self.scales[groups]
        a, b = ((ends - self.centres[groups]) / scales for ends in (lower, upper))
        apart = np.arcsinh(b) - np.arcsinh(a)
        sum_of_both = b * np.sqrt(1 + a**2) + a * np.sqrt(1 + b**2)
        is_close = (np.abs(apart) < 0.1) & (np.abs(a + b) > 0.1)
        safe = np.where(is_close, sum_of_both, 1.0)
        close = np.arcsinh((upper - lower) / scales * (a + b) / safe)
        return np.asarray(np.where(is_close, close, apart))

    def search_range(self) -> tuple[F64, F64]:
        """Where the peak of each group is sought, (K,) places each."""
        if self.is_positive:
            middle = np.log(self.centres)
            return middle - 60.0, middle + 3.0
        reach = np.full(len(self.centres), 5.0)
        return -reach, reach


@dataclass(frozen=True, eq=False)
class IntervalNodes:
    """Log probabilities (M,) of intervals, and nodes: `owners` (N,) says whose, `values` (N,) where, and `shares` (N,)
    how much of its interval's probability; those of an interval sum to 1."""

    log_masses: F64
    owners: Ints
    values: F64
    shares: F64


def peaks(density: Density, course: Course) -> F64:
    """(K,) where along its course the density of each group is highest."""
    low, high = course.search_range()
    count = len(low)
    groups = np.repeat(np.arange(count), PEAK_POINTS)
    steps = np.linspace(0.0, 1.0, PEAK_POINTS)
    best = 0.5 * (low + high)
    for _ in range(PEAK_ROUNDS):
        places = low[:, None] + (high - low)[:, None] * steps
        logs = _along(density, course, groups, places.ravel()).reshape(places.shape)
        best = places[np.arange(count), np.argmax(logs, axis=1)]
        step = (high - low) / (PEAK_POINTS - 1)
        low, high = best - step, best + step
    return np.asarray(best)


def _along(density: Density, course: Course, groups: Ints, places: F64) -> F64:
    """The log density (N,) along the course."""
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        logs = density(groups, course.values(groups, places)) + course.log_slopes(groups, places)
    return np.where(np.isnan(logs), -np.inf, logs)


def interval_nodes(
    density: Density, course: Course, tops: F64, groups: Ints, lower: F64, upper: F64
) -> IntervalNodes:
    """The probabilities of intervals lower < upper (M,) under groups (M,) whose peaks along the course are `tops` (K,);
    an end may be infinite."""
    count = len(groups)
    start, end = course.places(groups, lower), course.places(groups, upper)
    highest = np.clip(tops[groups], start, end)
    # at an infinite end the density along the course is 0
    ends = np.stack([np.clip(start, -FARTHEST, FARTHEST), np.clip(end, -FARTHEST, FARTHEST)])
    logs = _along(
        density, course, np.tile(groups, 3), np.concatenate([highest, ends[0], ends[1]])
    ).reshape(3, count)
    height = logs[0]
    is_far = np.isinf(np.stack([start, end]))
    lowest = np.where(is_far, -np.inf, logs[1:]).min(axis=0)
    is_there = np.isfinite(height)
    is_plain = is_there & (height - np.where(is_there, lowest, 0.0) < FALLS[0])
    plain = np.flatnonzero(is_plain)
    graded = np.flatnonzero(is_there & ~is_plain)
    owners, first, width = [plain], [start[plain]], []
    width.append(course.gaps(groups[plain], lower[plain], upper[plain]))
    if graded.size:
        edges = _cuts(
            density, course, groups[graded], highest[graded], height[graded], start[graded],
            end[graded],
        )  # fmt: skip
        sizes = np.diff(edges, axis=1)
        rows, pieces = np.nonzero(sizes > 0)
        owners.append(graded[rows])
        first.append(edges[rows, pieces])
        width.append(sizes[rows, pieces])
    return _summed(
        density,
        course,
        (groups, lower, upper, highest, height),
        np.concatenate(owners),
        np.concatenate(first),
        np.concatenate(width),
    )


def _cuts(
    density: Density, course: Course, groups: Ints, highest: F64, height: F64, start: F64, end: F64
) -> F64:
    """(M, 2 q + 1) places from below to above where the density has fallen by each of q amounts, inside the ends."""
    q = len(FALLS)
    sides = np.repeat([-1.0, 1.0], len(STEPS))
    places = highest[:, None] + sides * np.tile(np.exp2(STEPS), 2)
    repeated = np.repeat(groups, places.shape[1])
    logs = _along(density, course, repeated, places.ravel()).reshape(len(groups), 2, -1)
    fallen = height[:, None, None] - logs
    reach = np.exp2(_steps_to(fallen)).reshape(len(groups), 2 * q)
    below = np.maximum(highest[:, None] - reach[:, q - 1 :: -1], start[:, None])
    above = np.minimum(highest[:, None] + reach[:, q:], end[:, None])
    return np.concatenate([below, highest[:, None], above], axis=1)


def _steps_to(fallen: F64) -> F64:
    """(M, 2, q) the powers of two at which the density has fallen by the given amounts, from what it has fallen by
    (M, 2, s) at the steps; straight in logarithms between them."""
    made = np.empty((*fallen.shape[:2], len(FALLS)))
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.maximum(fallen, np.finfo(float).tiny))
    for place, fall in enumerate(FALLS):
        beyond = fallen > fall
        right = np.where(beyond.any(axis=2), np.argmax(beyond, axis=2), len(STEPS) - 1)
        right = np.maximum(right, 1)
        pair = np.stack([right - 1, right], axis=2)
        before, after = np.moveaxis(np.take_along_axis(logs, pair, axis=2), 2, 0)
        with np.errstate(invalid="ignore"):
            share = np.clip((np.log(fall) - before) / (after - before), 0.0, 1.0)
        share = np.where(np.isfinite(after) & (after > before), share, 1.0)
        made[:, :, place] = STEPS[right - 1] + share * (STEPS[right] - STEPS[right - 1])
    return made


def _summed(
    density: Density,
    course: Course,
    intervals: tuple[Ints, F64, F64, F64, F64],
    owners: Ints,
    first: F64,
    width: F64,
) -> IntervalNodes:
    """The sums over the pieces (P,) of intervals, each from a place `first` on and so wide."""
    groups, lower, upper, highest, height = intervals
    count = len(groups)
    places = (first[:, None] + width[:, None] * (0.5 + 0.5 * NODES)).ravel()
    whose = np.repeat(owners, len(NODES))
    own = groups[whose]
    logs = _along(density, course, own, places)
    shares = np.exp(np.minimum(logs - height[whose], 700.0))
    shares *= (0.5 * width[:, None] * WEIGHTS).ravel()
    total = np.bincount(whose, shares, minlength=count)
    nothing = np.flatnonzero(~(total > 0))
    with np.errstate(divide="ignore"):
        log_masses = np.where(total > 0, height, 0.0) + np.log(total)
    shares /= np.where(total > 0, total, 1.0)[whose]
    values = np.clip(course.values(own, places), lower[whose], upper[whose])
    if nothing.size:
        # an interval that has no probability a computer can hold stands where it is highest
        alone = course.values(groups[nothing], highest[nothing])
        kept = total[whose] > 0
        whose = np.concatenate([whose[kept], nothing])
        values = np.concatenate([values[kept], np.clip(alone, lower[nothing], upper[nothing])])
        shares = np.concatenate([shares[kept], np.ones(len(nothing))])
    return IntervalNodes(log_masses, whose, values, shares)
