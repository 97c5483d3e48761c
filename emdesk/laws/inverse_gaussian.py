"""Inverse Gaussian law: each group has its own mean and shape in every column, columns independent given the group.

When to use it
    Positive columns with a long tail to the right and next to nothing near zero: times until a drifting walk first
    reaches a level (reaction times, lengths of hospital stays, wear until failure), sizes of insurance claims.

When not
    Columns with zeros or negative values. Columns whose smallest values are frequent: a gamma or Weibull law has them.

The mean is that of the values; the variance of a group is the cube of its mean over its shape, so that its squared
relative spread is mean over shape. A group of equal values has no largest likelihood: its shape goes to infinity, which
EMDesk reports as a collapse. Means and shapes can be held; the other is then the best for the one that is held.

Sources
    Density and maximum likelihood: Tweedie (1957), Ann. Math. Statist. 28, 362-377; Johnson, Kotz and Balakrishnan
    (1994), Continuous Univariate Distributions 1, chapter 15.
    Draws: Michael, Schucany and Haas (1976), Amer. Statist. 30, 88-90.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.column_terms import TermsLaw, TermSums
from emdesk.model.columnwise import ColumnConstants, Mask, observed_averages
from emdesk.model.dataset import Kind
from emdesk.model.fields import Field
from emdesk.model.law import Ascent, Invariance
from emdesk.model.needs import Needs
from emdesk.model.params import Axes, Domain
from emdesk.model.positive import (
    are_positive,
    log_ratios,
    refuse_constant,
    refuse_large,
    refuse_narrow,
    refuse_values,
)
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
NEAR = 2.0
"""Within this factor of what the terms are taken about a mean has more digits in differences to that."""
LARGEST = 1e290
LARGEST_EXPONENT = 700.0
START_FLOOR = 1e-6
TEXTS = {
    "inverse-gaussian.weak": (
        "component {group} has reached the largest shape in some column: its rows are all but equal"
    ),
}
declare(TEXTS)


@dataclass(frozen=True)
class InverseGaussianSettings:
    """Settings of the inverse Gaussian law."""

    floor: Annotated[
        float,
        Field(
            "Spread floor",
            "The least squared relative spread of a component in any column, as a share of the variance of the "
            "column's logarithms. A component that touches it has collapsed.",
            low=1e-12,
            high=0.1,
            section="Floor",
            more=True,
            logarithmic=True,
        ),
    ] = 1e-8


@dataclass(frozen=True, eq=False)
class InverseGaussianParams:
    """Means and shapes."""

    means: Annotated[F64, Axes("component", "column", label="Mean"), Domain.POSITIVE]
    shapes: Annotated[F64, Axes("component", "column", label="Shape"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class InverseGaussianConstants(ColumnConstants):
    """The means (d,) of the columns, which are the units inside a fit, the standard deviations (d,) of the logarithms,
    and the floor."""

    scales: F64
    deviations: F64
    floor: float

    @property
    def most(self) -> F64:
        """(d,) the largest ratios of shape to mean."""
        return np.asarray(1 / (self.floor * self.deviations**2))


class InverseGaussian(TermsLaw[InverseGaussianParams, InverseGaussianConstants]):
    """Independent inverse Gaussian columns; with u the cell in units of the column's mean the terms are e = u - 1,
    e^2 / u, u and 1 / u, and for a group apart the first two of u over its own mean."""

    id: ClassVar[str] = "inverse-gaussian"
    label: ClassVar[str] = "Inverse Gaussian"
    Settings: ClassVar[type] = InverseGaussianSettings
    Params: ClassVar[type] = InverseGaussianParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.TIME}), nonnegative=True
    )
    holdable: ClassVar[tuple[str, ...]] = ("means", "shapes")
    weak_template: ClassVar[str] = TEXTS["inverse-gaussian.weak"]
    in_column_units: ClassVar[frozenset[str]] = frozenset({"means", "shapes"})
    kept: ClassVar[int] = 4
    summed: ClassVar[int] = 4

    def ascent(self, settings: InverseGaussianSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: InverseGaussianSettings) -> Invariance:
        return Invariance(scale_all=True, scale_each=True)

    def fits(self, cells: F64) -> Mask:
        return are_positive(cells)

    def first_look(self, rows: Rows, settings: InverseGaussianSettings) -> InverseGaussianConstants:
        columns, weights = rows.columns, rows.weights
        largest = np.nanmax(columns, axis=1)
        refuse_constant(largest > np.nanmin(columns, axis=1), rows.names)
        scales = largest * observed_averages(columns / largest[:, None], weights)
        logs = log_ratios(columns, scales)
        # equal but for rounding: the digits of a double say no more
        deviations = np.maximum(
            scaling_of(logs, weights, by_column=True).deviations, np.finfo(float).eps
        )
        refuse_narrow(deviations, rows.names)
        refuse_large(largest, LARGEST, rows.names)
        return InverseGaussianConstants(scales, deviations, settings.floor)

    def terms(self, columns: F64, constants: InverseGaussianConstants) -> tuple[F64, F64]:
        scales = constants.scales[:, None]
        ratios = np.maximum(columns / scales, 1 / LARGEST)
        off = (columns - scales) / scales
        base = -1.5 * np.log(columns) + 0.5 * np.log(scales)
        return np.stack([off, off * (off / ratios), ratios, 1 / ratios]), base

    def cells(self, terms: F64, constants: InverseGaussianConstants) -> F64:
        scales, off = constants.scales[:, None], terms[0]
        return np.asarray(np.where(np.abs(off) < 0.5, scales + scales * off, scales * terms[2]))

    def places(self, columns: F64, constants: InverseGaussianConstants) -> F64:
        # in logarithms, each in units of its spread
        return log_ratios(columns, constants.scales) / constants.deviations[:, None]

    def coefficients(
        self, params: InverseGaussianParams, constants: InverseGaussianConstants
    ) -> tuple[F64, F64]:
        means, shapes = params.means, params.shapes
        half = np.where(self.apart(params, constants), 0.0, 0.5 * shapes)
        over = half / means / means
        constant = 0.5 * (np.log(shapes) - LOG_2_PI) - over * (1 - 2 * means)
        none = np.zeros_like(half)
        return constant, np.stack([-over, none, none, -half])

    def apart(self, params: InverseGaussianParams, constants: InverseGaussianConstants) -> Mask:
        far = (params.means < 1 / FAR) | (params.means > FAR)
        return np.asarray(far | (params.shapes > NARROW * params.means))

    def own_log_density(self, terms: F64, params: InverseGaussianParams, k: int, j: int) -> F64:
        mean = float(params.means[k, j])
        return np.asarray(-0.5 * params.shapes[k, j] / mean * _relative(terms, mean)[1])

    def own_terms(
        self, terms: F64, params: InverseGaussianParams, k: int, j: int
    ) -> tuple[float, F64]:
        mean = float(params.means[k, j])
        return mean, np.stack([*_relative(terms, mean), *terms[2:]])

    def log_peak(
        self, params: InverseGaussianParams, constants: InverseGaussianConstants
    ) -> F64 | None:
        if constants.has_gaps:  # the density of fewer columns has another bound
            return None
        wide = 1.5 * params.means / params.shapes
        modes = 1 / (np.hypot(1, wide) + wide)  # in units of the mean
        logs = 0.5 * (np.log(params.shapes) - LOG_2_PI) - 1.5 * np.log(modes * params.means)
        far = 0.5 * params.shapes / params.means * (modes - 1) ** 2 / modes
        return np.asarray((logs - far - np.log(constants.scales)).sum(axis=1))

    def start(
        self, statistics: TermSums, constants: InverseGaussianConstants
    ) -> InverseGaussianParams:
        means, gaps = _means_and_gaps(statistics)
        rows = statistics.seen
        # the squared relative spread is mean times gap, and common to all groups here
        common = (rows * means * gaps).sum(axis=0)
        common = common / np.maximum(rows.sum(axis=0), np.finfo(float).tiny)
        least = max(START_FLOOR, constants.floor) * constants.deviations**2
        means = constants.held.put("means", means)
        return constants.held.onto(InverseGaussianParams(means, means / np.maximum(common, least)))

    def maximise(
        self,
        statistics: TermSums,
        params: InverseGaussianParams | None,
        constants: InverseGaussianConstants,
    ) -> InverseGaussianParams:
        held, empty = constants.held, statistics.empty
        best, gaps = _means_and_gaps(statistics)
        means = held.put("means", best)
        # the average of (x - mean)^2 / (mean^2 x) is one over the best shape
        gaps = gaps + ((best - means) / means) ** 2 / best
        shapes = 1 / np.maximum(gaps, 0.25 / (constants.most * means))
        is_free = ~(held.of("means", means) | held.of("shapes", means))
        too_narrow = (shapes > constants.most * means) & is_free
        if too_narrow.any():
            # the best mean where shape / mean is given, from one quadratic equation
            twice = 2 * constants.most
            at_edge = best * (1 + np.sqrt(1 + twice**2 * (1 + best * gaps)))
            at_edge = at_edge / (twice * (1 + best * gaps))
            means = np.where(too_narrow, at_edge, means)
        shapes = np.minimum(shapes, constants.most * means)
        if empty.any():
            # a component without rows keeps its place, or has that of the data
            one = np.ones_like(means)
            before = (
                InverseGaussianParams(one, one / constants.deviations**2)
                if params is None
                else params
            )
            means = np.where(empty, before.means, means)
            shapes = np.where(empty, before.shapes, shapes)
        return held.onto(InverseGaussianParams(means, shapes))

    def in_units(
        self, params: InverseGaussianParams, constants: InverseGaussianConstants
    ) -> InverseGaussianParams:
        scales = constants.scales
        return InverseGaussianParams(params.means * scales, params.shapes * scales)

    def standardised(
        self, params: InverseGaussianParams, constants: InverseGaussianConstants
    ) -> InverseGaussianParams:
        scales = constants.scales
        return InverseGaussianParams(params.means / scales, params.shapes / scales)

    def inside(
        self, params: InverseGaussianParams, constants: InverseGaussianConstants
    ) -> InverseGaussianParams:
        most = constants.most * params.means
        return InverseGaussianParams(params.means, np.minimum(params.shapes, most))

    def touching(self, params: InverseGaussianParams, constants: InverseGaussianConstants) -> Mask:
        held = constants.held.of("shapes", params.shapes)
        narrow = params.shapes >= constants.most * params.means * (1 - 1e-6)
        return np.asarray(narrow & ~held)

    def least_distinct_rows(self, constants: InverseGaussianConstants) -> int:
        return 2

    def means_at(
        self, means: F64, spread: InverseGaussianParams, constants: InverseGaussianConstants
    ) -> InverseGaussianParams:
        refuse_values(say("quantity.mean"), means)
        placed = means / constants.scales
        shapes = placed * (spread.shapes / spread.means)[:1]
        return InverseGaussianParams(placed, constants.held.put("shapes", shapes))

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


def _relative(terms: F64, mean: float) -> tuple[F64, F64]:
    """e = u / mean - 1 and e^2 / (1 + e), (m,) each, for the mean of one group."""
    ratios = terms[2] / mean
    off = (terms[0] - (mean - 1)) / mean if mean > 0.5 else ratios - 1
    return off, off * (off / ratios)


def _means_and_gaps(sums: TermSums) -> tuple[F64, F64]:
    """(K, d) means, and means of 1 / u minus one over means; groups without rows have 1 and 0."""
    off, squares, values, inverse = sums.averages
    reference = np.where(sums.reference > 0, sums.reference, 1.0)
    # about the reference if the mean is near it, else without the terms that cancel
    is_near = (NEAR * (1 + off) > 1) & (1 + off < NEAR)
    ratios = np.where(is_near, 1 + off, 1.0)
    means = np.where(is_near, reference * ratios, values)
    means = np.where(sums.empty, 1.0, means)
    gaps = np.where(is_near, (squares - off * (off / ratios)) / reference, inverse - 1 / means)
    return means, np.where(sums.empty, 0.0, np.maximum(gaps, 0.0))


LAW = InverseGaussian()
