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

A prior that is worth some rows, spread like all rows of the column, prevents the collapse. It is conjugate; its
logarithm, relative to its largest value, is part of the objective.

Sources
    Density and maximum likelihood: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1,
    chapter 17; Minka (2002), Estimating a Gamma distribution (the start of Newton's method).
    Mixtures: Titterington, Smith and Makov (1985), section 4.3.
    Conjugate prior: Damsleth (1975), Scand. J. Statist. 2, 80-84; Miller (1980), Technometrics 22, 65-69.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.gamma.settings import GammaParams, GammaSettings, MeanGammaParams
from emdesk.model.column_terms import TermsLaw, TermSums, masked
from emdesk.model.columnwise import (
    COMPONENT_COLUMN,
    ColumnConstants,
    Mask,
    observed_averages,
)
from emdesk.model.law import Quantity
from emdesk.model.numerics.gamma_shapes import log_height, log_shortfalls, shapes_at, shapes_of
from emdesk.model.positive import (
    bounded_product,
    grown,
    log_ratios,
    refuse_constant,
    refuse_narrow,
    refuse_values,
)
from emdesk.model.positive_law import (
    PositiveColumns,
    Spreads,
    average,
    common,
    for_each_group,
    kept_where,
)
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
Inner = GammaParams | MeanGammaParams
NARROW = 400.0
"""Above this shape the density multiplied out loses digits, and values are taken relative to the mean of the group."""
VERY_NARROW = 1e12
"""Above this shape the mean as a product has too few digits of the spread."""
START_FLOOR = 1e-6
LONGEST = 700.0
"""exp of it is still a number; a mean so far off has no likelihood."""
TEXTS = {
    "gamma.weak": (
        "component {group} has reached the largest shape in some column: its rows are all but equal"
    ),
}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class Levels:
    """What a group says of a column, (K, d) or (d,): the logarithm of its mean in units of the column's, and the gap:
    the logarithm of the mean minus the mean of the logarithms."""

    logs: F64
    gaps: F64

    @property
    def off(self) -> F64:
        """How far means are from the column's, relative to that."""
        return np.asarray(np.expm1(self.logs))

    @property
    def short(self) -> F64:
        """log(1 + e) - e of these."""
        return log_shortfalls(self.off, self.logs)

    def with_more(self, rows: F64, other: Levels, more: float) -> Levels:
        """Those of groups (K, d) with so many rows and of so many rows more like `other` (d,)."""
        if more == 0:
            return self
        off = average(self.off, rows, other.off, more)
        is_low = off < -0.5  # there 1 + e has no digits
        low = np.log(average(np.exp(self.logs), rows, np.exp(other.logs), more))
        logs = np.where(is_low, low, np.log1p(np.where(is_low, 0.0, off)))
        # what the means differ widens the whole: second order in e, as e itself cancels
        gaps = average(self.gaps - self.short, rows, other.gaps - other.short, more)
        return Levels(logs, np.maximum(gaps + log_shortfalls(off, logs), 0.0))

    def log_likelihood(self, params: Inner) -> F64:
        """(K, d) of a row of such groups under params, but for what the params do not change."""
        away = np.clip(self.logs - params.log_means, -LONGEST, LONGEST)
        short = log_shortfalls(np.expm1(away), away)
        return np.asarray(log_height(params.shapes) + params.shapes * (short - self.gaps))


@dataclass(frozen=True, eq=False)
class GammaConstants(ColumnConstants):
    """The means (d,) of the columns, which are the units inside a fit, the data as one group, the shapes (d,) of that,
    the largest shapes (d,), and the rows of the prior."""

    means: F64
    whole: Levels
    shapes: F64
    most: F64
    floor: float
    prior: float

    @property
    def has_scales(self) -> bool:
        """Whether a fit has scales instead of means: only where scales are tied, and have enough digits."""
        return "scales" in self.held.ties and bool(np.all(self.shapes <= VERY_NARROW))


class Gamma(PositiveColumns, TermsLaw[Any, GammaConstants]):
    """Independent gamma columns; the terms of a cell x, in units of the column's mean, are e = x - 1, log(1 + e) - e
    and x, and for a group apart the same about its own mean, of which the reference of the sums is the logarithm."""

    id: ClassVar[str] = "gamma"
    label: ClassVar[str] = "Gamma"
    Settings: ClassVar[type] = GammaSettings
    Params: ClassVar[type] = GammaParams
    holdable: ClassVar[tuple[str, ...]] = ("shapes", "scales")
    weak_template: ClassVar[str] = TEXTS["gamma.weak"]
    in_column_units: ClassVar[frozenset[str]] = frozenset({"scales"})
    kept: ClassVar[int] = 3
    summed: ClassVar[int] = 3

    def first_look(self, rows: Rows, settings: GammaSettings) -> GammaConstants:
        columns, weights = rows.columns, rows.weights
        largest = np.nanmax(columns, axis=1)
        refuse_constant(largest > np.nanmin(columns, axis=1), rows.names)
        means = largest * observed_averages(columns / largest[:, None], weights)
        off = (columns - means[:, None]) / means[:, None]
        short = log_shortfalls(off, log_ratios(columns, means))
        left = observed_averages(off, weights)
        logs = np.log1p(left)
        average_short = observed_averages(np.where(rows.missing, np.nan, short), weights)
        whole = Levels(logs, log_shortfalls(left, logs) - average_short)
        refuse_narrow(np.sqrt(2 * whole.gaps), rows.names)
        most = shapes_of(settings.floor * whole.gaps)
        return GammaConstants(
            means, whole, shapes_of(whole.gaps), most, settings.floor, settings.prior
        )

    def terms(self, columns: F64, constants: GammaConstants) -> tuple[F64, F64]:
        means = constants.means[:, None]
        off = (columns - means) / means
        short = log_shortfalls(off, log_ratios(columns, constants.means))
        return np.stack([off, short, columns / means]), -np.log(columns)

    def cells(self, terms: F64, constants: GammaConstants) -> F64:
        means, off = constants.means[:, None], terms[0]
        return np.asarray(np.where(np.abs(off) < 0.5, means + means * off, terms[2] * means))

    def coordinates(self, encoded: F64, constants: GammaConstants) -> F64:
        # in logarithms, each in units of its spread
        marks, (off, short, _) = self.parted(encoded, self.kept, constants.d)
        return masked((off + short) * np.sqrt(constants.shapes)[:, None], marks)

    def coefficients(self, params: Inner, constants: GammaConstants) -> tuple[F64, F64]:
        logs = params.log_means
        plain = np.where(params.shapes <= NARROW, params.shapes, 0.0)
        constant = log_height(params.shapes) + plain * (1 - logs)
        return constant, np.stack([plain, plain, -plain / np.exp(logs)])

    def apart(self, params: Inner, constants: GammaConstants) -> Mask:
        return np.asarray(params.shapes > NARROW)

    def own_log_density(self, terms: F64, params: Inner, k: int, j: int) -> F64:
        return np.asarray(params.shapes[k, j] * _relative(terms, float(params.log_means[k, j]))[1])

    def own_terms(self, terms: F64, params: Inner, k: int, j: int) -> tuple[float, F64]:
        log_mean = float(params.log_means[k, j])
        return log_mean, np.stack([*_relative(terms, log_mean), terms[2]])

    def log_peak(self, params: Inner, constants: GammaConstants) -> F64 | None:
        if constants.has_gaps or np.any(params.shapes < 1):
            return None  # without bound near zero; the density of fewer columns has another bound
        inner = np.maximum(params.shapes, 1.0)
        is_inside = inner > 1
        fall = np.where(is_inside, np.log1p(-1 / np.where(is_inside, inner, 2.0)), 0.0)
        logs = params.log_means + np.log(constants.means)
        return np.asarray((log_height(inner) - logs + 1 + (inner - 1) * fall).sum(axis=1))

    def start(self, statistics: TermSums, constants: GammaConstants) -> Inner:
        levels, rows = _levels(statistics), statistics.seen
        least = max(START_FLOOR, constants.floor)
        # the gap of a narrow law is half its squared spread, and so is that of the data
        gaps = np.maximum(common(rows, levels.gaps), 0.5 * least / constants.shapes)
        (shapes,) = for_each_group([np.minimum(shapes_of(gaps), constants.most)], len(rows))
        return self._made(shapes, levels.logs, constants)

    def free_maximum(
        self, statistics: TermSums, params: Inner | None, constants: GammaConstants
    ) -> Inner:
        held, rows = constants.held, statistics.seen
        levels = _levels(statistics).with_more(rows, constants.whole, constants.prior)
        least = 0.25 / constants.most  # below half of what the largest shape has: it is the maximum
        shapes = shapes_of(np.maximum(levels.gaps, least))
        scale_is_held = held.of("scales", shapes)
        if scale_is_held.any():
            scales = held.put("scales", np.ones_like(shapes))
            known = shapes_at(levels.logs - np.log(scales) - levels.gaps)
            shapes = np.where(scale_is_held, known, shapes)
        made = self._made(np.minimum(shapes, constants.most), levels.logs, constants)
        if params is None:
            whole = for_each_group([constants.shapes, constants.whole.logs], len(rows))
            params = self._made(whole[0], whole[1], constants)
        # a component without rows keeps its place, or has that of the data
        return kept_where(rows + constants.prior <= 0, made, params)

    def _made(self, shapes: F64, log_means: F64, constants: GammaConstants) -> Inner:
        """The params with these shapes and means, as far as they are not held."""
        held = constants.held
        shapes = held.put("shapes", shapes)
        if constants.has_scales:
            return GammaParams(shapes, held.put("scales", np.exp(log_means) / shapes))
        of_scales = np.log(shapes * held.put("scales", np.ones_like(shapes)))
        logs = np.where(held.of("scales", shapes), of_scales, log_means)
        spread = 1 / np.sqrt(constants.shapes)
        return MeanGammaParams(shapes, logs / spread, Spreads(spread))

    def expected(self, statistics: TermSums, params: Inner, constants: GammaConstants) -> F64:
        each = _levels(statistics).log_likelihood(params)
        return np.asarray((statistics.seen * each).sum(axis=1))

    def log_prior(self, params: Inner, constants: GammaConstants) -> float:
        """Relative to the law of the whole column, which is the mode."""
        if constants.prior == 0:
            return 0.0
        whole, shapes = constants.whole, constants.shapes
        top = log_height(shapes) - shapes * whole.gaps
        return float(constants.prior * (whole.log_likelihood(params) - top).sum())

    def in_units(self, params: Inner, constants: GammaConstants) -> GammaParams:
        if isinstance(params, GammaParams):
            return replace(params, scales=params.scales * constants.means)
        return GammaParams(params.shapes, grown(constants.means, params.log_means) / params.shapes)

    def standardised(self, params: GammaParams, constants: GammaConstants) -> GammaParams:
        return GammaParams(params.shapes, params.scales / constants.means)

    def from_units(self, params: GammaParams, constants: GammaConstants) -> Inner:
        self.refuse_values(params, "start")
        return self.retract(self.standardised(params, constants), constants)

    def retract(self, params: Inner, constants: GammaConstants) -> Inner:
        inside = self.inside(params, constants)
        if constants.has_scales:
            return constants.held.onto(inside)
        return self._made(inside.shapes, inside.log_means, constants)

    def inside(self, params: Inner, constants: GammaConstants) -> Inner:
        shapes = np.minimum(params.shapes, constants.most)
        if isinstance(params, MeanGammaParams):
            return replace(params, shapes=shapes)
        return GammaParams(shapes, params.scales * (params.shapes / shapes))

    def reaches(self, params: Inner, constants: GammaConstants) -> F64:
        return np.asarray(params.shapes / constants.most)

    def means_at(self, means: F64, spread: Inner, constants: GammaConstants) -> Inner:
        refuse_values(say("quantity.mean"), means)
        (shapes,) = for_each_group([spread.shapes[0]], len(means))
        return self._made(shapes, log_ratios(means.T, constants.means).T, constants)

    def quantities(self, params: GammaParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        means, _ = self.means_and_variances(params)
        shown = Quantity("means", say("quantity.mean"), COMPONENT_COLUMN, means, True)
        return (shown, *super().quantities(params, names))

    def means_and_variances(self, params: GammaParams) -> tuple[F64, F64]:
        means = params.shapes * params.scales
        return means, bounded_product(means, params.scales)

    def log_densities(self, params: GammaParams, cells: F64, column: int) -> F64:
        shapes = params.shapes[:, column, None]
        means = shapes * params.scales[:, column, None]
        logs = np.concatenate([log_ratios(cells[None], mean) for mean in means])
        short = log_shortfalls((cells - means) / means, logs)
        return np.asarray(log_height(shapes) - np.log(cells) + shapes * short)

    def simulate(
        self, params: GammaParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        drawn = rng.gamma(params.shapes[groups].T, params.scales[groups].T)
        # a small shape draws values below the smallest number there is
        return np.asarray(np.maximum(drawn, np.finfo(float).tiny))


def _relative(terms: F64, log_mean: float) -> tuple[F64, F64]:
    """e = x / mean - 1 and log(1 + e) - e, (m,) each, for the logarithm of the mean of one group."""
    of_all, short, values = terms
    mean, mean_off = float(np.exp(log_mean)), float(np.expm1(log_mean))
    off = (of_all - mean_off) / mean if mean > 0.5 else (values - mean) / mean
    # far below the mean 1 + e has no digits, but the logarithm of x has
    far = off < -0.5
    logs = np.log1p(np.where(far, 0.0, off))
    logs[far] = (of_all + short)[far] - log_mean
    return off, log_shortfalls(off, logs)


def _levels(sums: TermSums) -> Levels:
    """Of groups (K, d); those without rows have the column's mean, and no gap."""
    off, short, values = sums.averages
    # a mean far below the reference has its digits in the sum of the values only
    is_low = off < -0.5
    low = np.log(np.where(is_low, values, 1.0)) - sums.reference
    away = np.where(is_low, low, np.log1p(np.where(is_low, 0.0, off)))
    gaps = np.maximum(log_shortfalls(off, away) - short, 0.0)
    logs = np.where(sums.empty, 0.0, sums.reference + away)
    return Levels(logs, np.where(sums.empty, 0.0, gaps))
