"""Inverse Gaussian law: each group has its own mean and shape in every column, columns independent given the group.

When to use it
    Positive columns with a long tail to the right and next to nothing near zero: times until a drifting walk first
    reaches a level (reaction times, lengths of hospital stays, wear until failure), sizes of insurance claims.

When not
    Columns with zeros or negative values. Columns whose smallest values are frequent: a gamma or Weibull law has them.

The mean is that of the values; the variance of a group is the cube of its mean over its shape, so that its squared
relative spread is mean over shape. A group of equal values has no largest likelihood: its shape goes to infinity, which
EMDesk reports as a collapse. Means and shapes can be held; the other is then the best for the one that is held.

A prior that is worth some rows, spread like all rows of the column, prevents the collapse. It is conjugate; its
logarithm, relative to its largest value, is part of the objective.

Sources
    Density and maximum likelihood: Tweedie (1957), Ann. Math. Statist. 28, 362-377; Johnson, Kotz and Balakrishnan
    (1994), Continuous Univariate Distributions 1, chapter 15.
    Conjugate prior: Banerjee and Bhattacharyya (1979), Technometrics 21, 247-251.
    Draws: Michael, Schucany and Haas (1976), Amer. Statist. 30, 88-90.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.inverse_gaussian.levels import Levels, levels_of
from emdesk.laws.inverse_gaussian.settings import (
    InverseGaussianParams,
    InverseGaussianSettings,
    LogInverseGaussianParams,
)
from emdesk.model.column_terms import TermsLaw, TermSums
from emdesk.model.columnwise import ColumnConstants, Mask, observed_averages
from emdesk.model.positive import (
    grown,
    log_ratios,
    refuse_constant,
    refuse_large,
    refuse_narrow,
    refuse_values,
)
from emdesk.model.positive_law import PositiveColumns, Spreads, common, kept_where
from emdesk.model.rows import Rows
from emdesk.model.scaling import scaling_of
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
LOG_2_PI = float(np.log(2 * np.pi))
NARROW = 400.0
"""Above this ratio of shape to mean the density multiplied out loses digits, and values are taken relative to the mean
of the group."""
FAR = 100.0
"""The same for a mean that is so many times smaller or larger than the column's."""
LARGEST = 1e290
LARGEST_EXPONENT = 700.0
START_FLOOR = 1e-6
TEXTS = {
    "inverse-gaussian.weak": (
        "component {group} has reached the largest shape in some column: its rows are all but equal"
    ),
}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class InverseGaussianConstants(ColumnConstants):
    """The means (d,) of the columns, which are the units inside a fit, the standard deviations (d,) of the logarithms,
    the data as one group, the floor, and the rows of the prior."""

    scales: F64
    deviations: F64
    whole: Levels
    floor: float
    prior: float

    @property
    def most(self) -> F64:
        """(d,) the largest ratios of shape to mean."""
        return np.asarray(1 / (self.floor * self.deviations**2))

    def params(self, logs: F64, shapes: F64) -> LogInverseGaussianParams:
        """The params of a fit with these logarithms of means, and shapes (K, d)."""
        return LogInverseGaussianParams(logs / self.deviations, shapes, Spreads(self.deviations))

    def kept_means(self, logs: F64) -> F64:
        """The logarithms of means with those that are held."""
        mask = self.held.of("means", logs)
        return np.where(mask, self.held.put("means", logs) * self.deviations, logs)


class InverseGaussian(PositiveColumns, TermsLaw[Any, InverseGaussianConstants]):
    """Independent inverse Gaussian columns; with u the cell in units of the column's mean the terms are e = u - 1,
    e^2 / u, u and 1 / u, and for a group apart the first two of u over its own mean, of which the reference of the sums
    is the logarithm."""

    id: ClassVar[str] = "inverse-gaussian"
    label: ClassVar[str] = "Inverse Gaussian"
    Settings: ClassVar[type] = InverseGaussianSettings
    Params: ClassVar[type] = InverseGaussianParams
    holdable: ClassVar[tuple[str, ...]] = ("means", "shapes")
    weak_template: ClassVar[str] = TEXTS["inverse-gaussian.weak"]
    in_column_units: ClassVar[frozenset[str]] = frozenset({"means", "shapes"})
    kept: ClassVar[int] = 4
    summed: ClassVar[int] = 4

    def first_look(self, rows: Rows, settings: InverseGaussianSettings) -> InverseGaussianConstants:
        columns, weights = rows.columns, rows.weights
        largest = np.nanmax(columns, axis=1)
        refuse_constant(largest > np.nanmin(columns, axis=1), rows.names)
        scales = largest * observed_averages(columns / largest[:, None], weights)
        deviations = scaling_of(log_ratios(columns, scales), weights, by_column=True).deviations
        refuse_narrow(deviations, rows.names)
        refuse_large(largest, LARGEST, rows.names)
        off, squares, _, _ = _terms(columns, scales)
        left = observed_averages(off, weights)
        gaps = observed_averages(squares, weights) - left**2 / (1 + left)
        whole = Levels(np.log1p(left), gaps)
        return InverseGaussianConstants(scales, deviations, whole, settings.floor, settings.prior)

    def terms(self, columns: F64, constants: InverseGaussianConstants) -> tuple[F64, F64]:
        base = -1.5 * np.log(columns) + 0.5 * np.log(constants.scales)[:, None]
        return np.stack(_terms(columns, constants.scales)), base

    def cells(self, terms: F64, constants: InverseGaussianConstants) -> F64:
        scales, off = constants.scales[:, None], terms[0]
        return np.asarray(np.where(np.abs(off) < 0.5, scales + scales * off, scales * terms[2]))

    def places(self, columns: F64, constants: InverseGaussianConstants) -> F64:
        # in logarithms, each in units of its spread
        return log_ratios(columns, constants.scales) / constants.deviations[:, None]

    def coefficients(
        self, params: LogInverseGaussianParams, constants: InverseGaussianConstants
    ) -> tuple[F64, F64]:
        sizes, shapes = params.sizes, params.shapes
        half = np.where(self.apart(params, constants), 0.0, 0.5 * shapes)
        over = half / sizes / sizes
        constant = 0.5 * (np.log(shapes) - LOG_2_PI) - over * (1 - 2 * sizes)
        none = np.zeros_like(half)
        return constant, np.stack([-over, none, none, -half])

    def apart(self, params: LogInverseGaussianParams, constants: InverseGaussianConstants) -> Mask:
        is_far = np.abs(params.logs) > np.log(FAR)
        return np.asarray(is_far | (params.shapes > NARROW * params.sizes))

    def own_log_density(self, terms: F64, params: LogInverseGaussianParams, k: int, j: int) -> F64:
        log_mean = float(params.logs[k, j])
        half = 0.5 * params.shapes[k, j] / np.exp(log_mean)
        return np.asarray(-half * _relative(terms, log_mean)[1])

    def own_terms(
        self, terms: F64, params: LogInverseGaussianParams, k: int, j: int
    ) -> tuple[float, F64]:
        log_mean = float(params.logs[k, j])
        return log_mean, np.stack([*_relative(terms, log_mean), *terms[2:]])

    def log_peak(
        self, params: LogInverseGaussianParams, constants: InverseGaussianConstants
    ) -> F64 | None:
        if constants.has_gaps:  # the density of fewer columns has another bound
            return None
        ratios = params.shapes / params.sizes
        wide = 1.5 / ratios
        modes = 1 / (np.hypot(1, wide) + wide)  # in units of the mean
        logs = 0.5 * (np.log(params.shapes) - LOG_2_PI) - 1.5 * (np.log(modes) + params.logs)
        far = 0.5 * ratios * (modes - 1) ** 2 / modes
        return np.asarray((logs - far - np.log(constants.scales)).sum(axis=1))

    def start(
        self, statistics: TermSums, constants: InverseGaussianConstants
    ) -> LogInverseGaussianParams:
        levels = levels_of(statistics)
        # the squared relative spread is mean times gap, and common to all groups here
        pooled = common(statistics.seen, np.exp(levels.logs) * levels.gaps)
        spread = np.maximum(pooled, max(START_FLOOR, constants.floor) * constants.deviations**2)
        logs = constants.kept_means(levels.logs)
        return constants.held.onto(constants.params(logs, np.exp(logs) / spread))

    def free_maximum(
        self,
        statistics: TermSums,
        params: LogInverseGaussianParams | None,
        constants: InverseGaussianConstants,
    ) -> LogInverseGaussianParams:
        held, rows = constants.held, statistics.seen
        best = levels_of(statistics).with_more(rows, constants.whole, constants.prior)
        logs = constants.kept_means(best.logs)
        sizes = np.exp(logs)
        # the average of (u - mean)^2 / (mean^2 u) is one over the best shape
        shapes = 1 / np.maximum(best.gaps_about(logs), 0.25 / (constants.most * sizes))
        is_free = ~(held.of("means", logs) | held.of("shapes", logs))
        too_narrow = (shapes > constants.most * sizes) & is_free
        if too_narrow.any():
            logs = np.where(too_narrow, _at_edge(best, constants.most), logs)
        shapes = np.minimum(shapes, constants.most * np.exp(logs))
        if params is None:
            whole = np.zeros_like(logs)
            params = constants.params(whole, whole + 1 / constants.deviations**2)
        # a component without rows keeps its place, or has that of the data
        empty = rows + constants.prior <= 0
        return held.onto(kept_where(empty, constants.params(logs, shapes), params))

    def expected(
        self,
        statistics: TermSums,
        params: LogInverseGaussianParams,
        constants: InverseGaussianConstants,
    ) -> F64:
        each = levels_of(statistics).log_likelihood(params)
        return np.asarray((statistics.seen * each).sum(axis=1))

    def log_prior(
        self, params: LogInverseGaussianParams, constants: InverseGaussianConstants
    ) -> float:
        """Relative to the law of the whole column, which is the mode."""
        if constants.prior == 0:
            return 0.0
        whole = constants.whole
        top = -0.5 * (np.log(whole.gaps) + 1)
        return float(constants.prior * (whole.log_likelihood(params) - top).sum())

    def in_units(
        self, params: LogInverseGaussianParams, constants: InverseGaussianConstants
    ) -> InverseGaussianParams:
        scales = constants.scales
        return InverseGaussianParams(grown(scales, params.logs), params.shapes * scales)

    def standardised(
        self, params: InverseGaussianParams, constants: InverseGaussianConstants
    ) -> LogInverseGaussianParams:
        logs = log_ratios(params.means.T, constants.scales).T
        return constants.params(logs, params.shapes / constants.scales)

    def inside(
        self, params: LogInverseGaussianParams, constants: InverseGaussianConstants
    ) -> LogInverseGaussianParams:
        most = constants.most * params.sizes
        return replace(params, shapes=np.minimum(params.shapes, most))

    def reaches(self, params: LogInverseGaussianParams, constants: InverseGaussianConstants) -> F64:
        return np.asarray(params.shapes / (constants.most * params.sizes))

    def means_at(
        self, means: F64, spread: LogInverseGaussianParams, constants: InverseGaussianConstants
    ) -> LogInverseGaussianParams:
        refuse_values(say("quantity.mean"), means)
        logs = log_ratios(means.T, constants.scales).T
        shapes = np.exp(logs) * (spread.shapes / spread.sizes)[:1]
        return constants.params(logs, constants.held.put("shapes", shapes))

    def means_and_variances(self, params: InverseGaussianParams) -> tuple[F64, F64]:
        logs = 3 * np.log(params.means) - np.log(params.shapes)
        # beyond the range of a double a variance stands at its edge
        return params.means, np.exp(np.minimum(logs, LARGEST_EXPONENT))

    def log_densities(self, params: InverseGaussianParams, cells: F64, column: int) -> F64:
        means, shapes = params.means[:, column, None], params.shapes[:, column, None]
        off = (cells - means) / means
        logs = 0.5 * (np.log(shapes) - LOG_2_PI) - 1.5 * np.log(cells)
        return np.asarray(logs - 0.5 * (shapes * (off / cells)) * off)

    def simulate(
        self, params: InverseGaussianParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        means, shapes = params.means[groups].T, params.shapes[groups].T
        half = 0.5 * (means / shapes) * rng.chisquare(1.0, means.shape)
        # the smaller root of a quadratic equation whose roots multiply to the squared mean
        small = 1 / (1 + half + np.sqrt(half * (half + 2)))
        is_small = rng.random(means.shape) * (1 + small) <= 1
        drawn = means * np.where(is_small, small, 1 / small)
        return np.asarray(np.clip(drawn, np.finfo(float).tiny, np.finfo(float).max))


def _terms(columns: F64, scales: F64) -> tuple[F64, F64, F64, F64]:
    scale = scales[:, None]
    ratios = np.maximum(columns / scale, 1 / LARGEST)
    off = (columns - scale) / scale
    return off, off * (off / ratios), ratios, 1 / ratios


def _relative(terms: F64, log_mean: float) -> tuple[F64, F64]:
    """e = u / mean - 1 and e^2 / (1 + e), (m,) each, for the logarithm of the mean of one group."""
    mean = float(np.exp(log_mean))
    ratios = terms[2] / mean
    off = (terms[0] - float(np.expm1(log_mean))) / mean if mean > 0.5 else ratios - 1
    return off, off * (off / ratios)


def _at_edge(best: Levels, most: F64) -> F64:
    """The logarithms (K, d) of the best means where shape / mean is given, from one quadratic equation; they differ
    from the free ones by little."""
    twice, more = 2 * most, np.exp(best.logs) * best.gaps
    root = np.sqrt(1 + twice**2 * (1 + more))
    outer = twice * (1 + more)
    off = (1 + (1 - twice**2 * more * (1 + more)) / (root + outer)) / outer
    return np.asarray(best.logs + np.log1p(off))
