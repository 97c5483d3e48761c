"""Gamma law: each group has its own shape and scale in every column, columns independent given the group.

When to use it
    Positive columns that are skewed to the right: waiting times, amounts of rain, costs. The shape says how skewed a
    group is: 1 is the exponential law, a large shape is nearly normal.

When not
    Columns with zeros or negative values. Columns with a few values of quite another size: their logarithms are the
    better guide (log-normal law).

The mean of a group is shape times scale, its relative standard deviation one over the root of the shape. A group of
equal values has no largest likelihood: its shape goes to infinity, which EMDesk reports as a collapse. Shapes and
scales can be held; the other is then the best for the one that is held.

Sources
    Density and maximum likelihood: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1,
    chapter 17; Minka (2002), Estimating a Gamma distribution (the start of Newton's method).
    Mixtures: Titterington, Smith and Makov (1985), section 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.column_terms import TermsLaw, TermSums, masked
from emdesk.model.columnwise import (
    COMPONENT_COLUMN,
    ColumnConstants,
    Mask,
    observed_averages,
)
from emdesk.model.dataset import Kind
from emdesk.model.fields import Field
from emdesk.model.law import Ascent, Invariance, Quantity
from emdesk.model.needs import Needs
from emdesk.model.numerics.gamma_shapes import log_height, log_shortfalls, shapes_at, shapes_of
from emdesk.model.params import Axes, Domain
from emdesk.model.positive import (
    are_positive,
    bounded_product,
    log_ratios,
    refuse_constant,
    refuse_narrow,
    refuse_values,
)
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
NARROW = 400.0
"""Above this shape the density multiplied out loses digits, and values are taken relative to the mean of the group."""
START_FLOOR = 1e-6
TEXTS = {
    "gamma.weak": (
        "component {group} has reached the largest shape in some column: its rows are all but equal"
    ),
}
declare(TEXTS)


@dataclass(frozen=True)
class GammaSettings:
    """Settings of the gamma law."""

    floor: Annotated[
        float,
        Field(
            "Spread floor",
            "The least squared relative spread of a component in any column, as a share of the data's. A "
            "component that touches it has collapsed.",
            low=1e-12,
            high=0.1,
            section="Floor",
            more=True,
            logarithmic=True,
        ),
    ] = 1e-8


@dataclass(frozen=True, eq=False)
class GammaParams:
    """Shapes and scales."""

    shapes: Annotated[F64, Axes("component", "column", label="Shape"), Domain.POSITIVE]
    scales: Annotated[F64, Axes("component", "column", label="Scale"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class GammaConstants(ColumnConstants):
    """The means (d,) of the columns, which are the units inside a fit, the shapes (d,) of the data as one group, and
    the largest shapes (d,)."""

    means: F64
    shapes: F64
    most: F64
    floor: float


class Gamma(TermsLaw[GammaParams, GammaConstants]):
    """Independent gamma columns; the terms of a cell x, in units of the column's mean, are e = x - 1, log(1 + e) - e
    and x, and for a group apart the same about its own mean."""

    id: ClassVar[str] = "gamma"
    label: ClassVar[str] = "Gamma"
    Settings: ClassVar[type] = GammaSettings
    Params: ClassVar[type] = GammaParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.TIME}), nonnegative=True
    )
    holdable: ClassVar[tuple[str, ...]] = ("shapes", "scales")
    weak_template: ClassVar[str] = TEXTS["gamma.weak"]
    in_column_units: ClassVar[frozenset[str]] = frozenset({"scales"})
    kept: ClassVar[int] = 3
    summed: ClassVar[int] = 3

    def ascent(self, settings: GammaSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: GammaSettings) -> Invariance:
        return Invariance(scale_all=True, scale_each=True)

    def fits(self, cells: F64) -> Mask:
        return are_positive(cells)

    def first_look(self, rows: Rows, settings: GammaSettings) -> GammaConstants:
        columns, weights = rows.columns, rows.weights
        largest = np.nanmax(columns, axis=1)
        refuse_constant(largest > np.nanmin(columns, axis=1), rows.names)
        means = largest * observed_averages(columns / largest[:, None], weights)
        off = (columns - means[:, None]) / means[:, None]
        short = log_shortfalls(off, log_ratios(columns, means))
        gaps = -observed_averages(np.where(rows.missing, np.nan, short), weights)
        # equal but for rounding: the digits of a double say no more
        gaps = np.maximum(gaps, np.finfo(float).eps ** 2)
        refuse_narrow(np.sqrt(2 * gaps), rows.names)
        return GammaConstants(
            means, shapes_of(gaps), shapes_of(settings.floor * gaps), settings.floor
        )

    def terms(self, columns: F64, constants: GammaConstants) -> tuple[F64, F64]:
        means = constants.means[:, None]
        off = (columns - means) / means
        short = log_shortfalls(off, log_ratios(columns, constants.means))
        return np.stack([off, short, columns / means]), -np.log(columns)

    def cells(self, terms: F64, constants: GammaConstants) -> F64:
        return np.asarray(terms[2] * constants.means[:, None])

    def coordinates(self, encoded: F64, constants: GammaConstants) -> F64:
        # in logarithms, each in units of its spread
        marks, (off, short, _) = self.parted(encoded, self.kept, constants.d)
        return masked((off + short) * np.sqrt(constants.shapes)[:, None], marks)

    def coefficients(self, params: GammaParams, constants: GammaConstants) -> tuple[F64, F64]:
        means = params.shapes * params.scales
        plain = np.where(params.shapes <= NARROW, params.shapes, 0.0)
        constant = log_height(params.shapes) + plain * (1 - np.log(means))
        return constant, np.stack([plain, plain, -plain / means])

    def apart(self, params: GammaParams, constants: GammaConstants) -> Mask:
        return np.asarray(params.shapes > NARROW)

    def own_log_density(self, terms: F64, params: GammaParams, k: int, j: int) -> F64:
        shape = params.shapes[k, j]
        return np.asarray(shape * _relative(terms, float(shape * params.scales[k, j]))[1])

    def own_terms(self, terms: F64, params: GammaParams, k: int, j: int) -> tuple[float, F64]:
        mean = float(params.shapes[k, j] * params.scales[k, j])
        return mean, np.stack([*_relative(terms, mean), terms[2]])

    def log_peak(self, params: GammaParams, constants: GammaConstants) -> F64 | None:
        if constants.has_gaps or np.any(params.shapes < 1):
            return None  # without bound near zero; the density of fewer columns has another bound
        inner = np.maximum(params.shapes, 1.0)
        is_inside = inner > 1
        fall = np.where(is_inside, np.log1p(-1 / np.where(is_inside, inner, 2.0)), 0.0)
        means = params.shapes * params.scales * constants.means
        return np.asarray((log_height(inner) - np.log(means) + 1 + (inner - 1) * fall).sum(axis=1))

    def start(self, statistics: TermSums, constants: GammaConstants) -> GammaParams:
        means, gaps = _means_and_gaps(statistics)
        rows = statistics.seen
        least = max(START_FLOOR, constants.floor)
        # the gap of a narrow law is half its squared spread, and so is that of the data
        gap = (rows * gaps).sum(axis=0) / np.maximum(rows.sum(axis=0), np.finfo(float).tiny)
        common = np.maximum(gap, 0.5 * least / constants.shapes)
        shapes = np.minimum(shapes_of(common), constants.most)
        shapes = constants.held.put("shapes", np.repeat(shapes[None], len(rows), axis=0))
        return constants.held.onto(GammaParams(shapes, means / shapes))

    def maximise(
        self, statistics: TermSums, params: GammaParams | None, constants: GammaConstants
    ) -> GammaParams:
        held = constants.held
        means, gaps = _means_and_gaps(statistics)
        least = 0.25 / constants.most  # below half of what the largest shape has: it is the maximum
        shapes = shapes_of(np.maximum(gaps, least))
        scale_is_held = held.of("scales", shapes)
        if scale_is_held.any():
            scales = held.put("scales", np.ones_like(shapes))
            shapes = np.where(scale_is_held, shapes_at(np.log(means / scales) - gaps), shapes)
        shapes = np.minimum(shapes, constants.most)
        empty = statistics.empty
        if empty.any():
            # a component without rows keeps its place, or has that of the data
            before = (
                GammaParams(constants.shapes, 1 / constants.shapes) if params is None else params
            )
            shapes = np.where(empty, before.shapes, shapes)
            means = np.where(empty, before.shapes * before.scales, means)
        shapes = held.put("shapes", shapes)
        return GammaParams(shapes, held.put("scales", means / shapes))

    def in_units(self, params: GammaParams, constants: GammaConstants) -> GammaParams:
        return replace(params, scales=params.scales * constants.means)

    def standardised(self, params: GammaParams, constants: GammaConstants) -> GammaParams:
        return replace(params, scales=params.scales / constants.means)

    def inside(self, params: GammaParams, constants: GammaConstants) -> GammaParams:
        shapes = np.minimum(params.shapes, constants.most)
        return GammaParams(shapes, params.scales * (params.shapes / shapes))

    def touching(self, params: GammaParams, constants: GammaConstants) -> Mask:
        held = constants.held.of("shapes", params.shapes)
        return np.asarray((params.shapes >= constants.most * (1 - 1e-6)) & ~held)

    def least_distinct_rows(self, constants: GammaConstants) -> int:
        return 2

    def means_at(self, means: F64, spread: GammaParams, constants: GammaConstants) -> GammaParams:
        refuse_values(say("quantity.mean"), means)
        shapes = constants.held.put("shapes", np.repeat(spread.shapes[:1], len(means), axis=0))
        return GammaParams(shapes, means / constants.means / shapes)

    def quantities(self, params: GammaParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        means = params.shapes * params.scales
        shown = Quantity("means", say("quantity.mean"), COMPONENT_COLUMN, means, True)
        return (shown, *super().quantities(params, names))

    def means_and_variances(self, params: GammaParams) -> tuple[F64, F64]:
        means = params.shapes * params.scales
        return means, bounded_product(means, params.scales)

    def log_densities(self, params: GammaParams, cells: F64, column: int) -> F64:
        shapes = params.shapes[:, column, None]
        means = shapes * params.scales[:, column, None]
        logs = np.concatenate([log_ratios(cells[None], mean) for mean in means])
        return np.asarray(
            log_height(shapes) - np.log(cells) + shapes * (logs - (cells - means) / means)
        )

    def simulate(
        self, params: GammaParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        drawn = rng.gamma(params.shapes[groups].T, params.scales[groups].T)
        # a small shape draws values below the smallest number there is
        return np.asarray(np.maximum(drawn, np.finfo(float).tiny))


def _relative(terms: F64, mean: float) -> tuple[F64, F64]:
    """e = x / mean - 1 and log(1 + e) - e, (m,) each, for the mean of one group."""
    of_all, short, values = terms
    is_near = mean > 0.5
    off = (of_all - (mean - 1)) / mean if is_near else (values - mean) / mean
    # far below the mean 1 + e has no digits, but the logarithm of x has
    far = off < -0.5
    logs = np.log1p(np.where(far, 0.0, off))
    logs[far] = (of_all + short)[far] - np.log(mean)
    return off, log_shortfalls(off, logs)


def _means_and_gaps(sums: TermSums) -> tuple[F64, F64]:
    """(K, d) means, and logarithms of means minus means of logarithms; groups without rows have 1 and 0."""
    off, short, values = sums.averages
    reference = np.where(sums.reference > 0, sums.reference, 1.0)
    # a mean far below the reference has its digits in the sum of the values only
    is_low = off < -0.5
    near = np.where(is_low, 0.0, off)
    means = np.where(is_low, values, reference * (1 + near))
    means = np.where(sums.empty, 1.0, means)
    log_means = np.where(is_low, np.log(means / reference), np.log1p(near))
    gaps = log_shortfalls(off, log_means) - short
    return means, np.maximum(gaps, 0.0)


LAW = Gamma()
