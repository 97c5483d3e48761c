"""Gamma law: each group has its own shape and scale in every column, columns independent given the group.

When to use it
    Positive columns that are skewed to the right: waiting times, amounts of rain, costs. The shape says how skewed a
    group is: 1 is the exponential law, a large shape is nearly normal.

When not
    Columns with zeros or negative values. Columns with a few values of quite another size: their logarithms are the
    better guide (log-normal law).

The mean of a group is shape times scale, its relative standard deviation one over the root of the shape. A group of
equal values has no largest likelihood: its shape goes to infinity, which EMDesk reports as a collapse.

Sources
    Density and maximum likelihood: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1,
    chapter 17; Minka (2002), Estimating a Gamma distribution (the start of Newton's method).
    Mixtures: Titterington, Smith and Makov (1985), section 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.model.dataset import Kind
from emdesk.model.fields import Field
from emdesk.model.law import Ascent, Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.gamma_shapes import log_height, log_shortfalls, shapes_of
from emdesk.model.numerics.products import weighted_sums
from emdesk.model.params import Axes, Domain
from emdesk.model.positive import (
    chosen_columns,
    diagonal,
    log_ratios,
    refuse_cells,
    refuse_constant,
    refuse_values,
)
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
NARROW = 400.0
"""Above this shape the density multiplied out loses digits, and values are taken relative to the mean of the group."""
START_FLOOR = 1e-6
TEXTS = {
    "gamma.weak": (
        "component {group} has reached the largest shape in some column: its rows are all but equal"
    ),
    "gamma.shapes": "shapes",
    "gamma.scales": "scales",
    "gamma.means": "means",
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
class GammaConstants:
    """The means (d,) of the columns, which are the units inside a fit, the shapes (d,) of the data as one group, and
    the largest shapes (d,)."""

    means: F64
    shapes: F64
    most: F64
    floor: float


@dataclass(frozen=True, eq=False)
class GammaSums:
    """Effective rows (K,), and (K, d) sums of e = x / reference - 1, of log(1 + e) - e, and of the values x."""

    counts: F64
    first: F64
    logs: F64
    totals: F64
    reference: F64

    def __add__(self, other: Self) -> GammaSums:
        return GammaSums(
            self.counts + other.counts,
            self.first + other.first,
            self.logs + other.logs,
            self.totals + other.totals,
            self.reference,
        )

    def scaled(self, factor: float) -> GammaSums:
        """All sums times a factor."""
        return GammaSums(
            factor * self.counts,
            factor * self.first,
            factor * self.logs,
            factor * self.totals,
            self.reference,
        )

    def means_and_gaps(self) -> tuple[F64, F64]:
        """(K, d) means, and logarithms of means minus means of logarithms; groups without rows have 1 and 0."""
        counts = np.where(self.counts > 0, self.counts, 1.0)[:, None]
        off, short = self.first / counts, self.logs / counts
        # a mean far below the reference has its digits in the sum of the values only
        is_low = off < -0.5
        near = np.where(is_low, 0.0, off)
        means = np.where(is_low, self.totals / counts, self.reference * (1 + near))
        means = np.where(self.counts[:, None] > 0, means, 1.0)
        log_means = np.where(is_low, np.log(means / self.reference), np.log1p(near))
        gaps = log_shortfalls(off, log_means) - short
        return means, np.maximum(gaps, 0.0)


@dataclass(frozen=True, eq=False)
class Kernel:
    """Coefficients (K, 3 d + 2) of the features, and the pairs of group and column that are taken by themselves."""

    theta: F64
    means: F64
    shapes: F64
    narrow: tuple[tuple[int, int], ...]


class Gamma:
    """Independent gamma columns."""

    id: ClassVar[str] = "gamma"
    label: ClassVar[str] = "Gamma"
    Settings: ClassVar[type] = GammaSettings
    Params: ClassVar[type] = GammaParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.TIME}), nonnegative=True
    )

    def ascent(self, settings: GammaSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: GammaSettings) -> Invariance:
        return Invariance(scale_all=True, scale_each=True)

    def constants(
        self,
        columns: F64,
        weights: F64 | None,
        names: tuple[str, ...],
        settings: GammaSettings,
        row_numbers: NDArray[np.intp],
    ) -> GammaConstants:
        refuse_cells(columns, names, row_numbers)
        refuse_constant(columns.max(axis=1) > columns.min(axis=1), names)
        largest = columns.max(axis=1)
        means = largest * np.average(columns / largest[:, None], axis=1, weights=weights)
        off = (columns - means[:, None]) / means[:, None]
        short = log_shortfalls(off, log_ratios(columns, means))
        gaps = -np.average(short, axis=1, weights=weights)
        # equal but for rounding: the digits of a double say no more
        gaps = np.maximum(gaps, np.finfo(float).eps ** 2)
        return GammaConstants(
            means, shapes_of(gaps), shapes_of(settings.floor * gaps), settings.floor
        )

    def encode(self, columns: F64, constants: GammaConstants) -> F64:
        logs = log_ratios(columns, constants.means)
        outside = ~np.isfinite(logs)
        with np.errstate(divide="ignore", invalid="ignore"):
            base = -np.where(outside, np.inf, np.log(columns)).sum(axis=0)
        means = constants.means[:, None]
        off = np.where(outside, 0.0, (columns - means) / means)
        short = log_shortfalls(off, np.where(outside, 0.0, logs))
        values = np.where(outside, 1.0, columns / means)
        ones = np.ones((1, columns.shape[1]))
        return np.concatenate([ones, off, short, values, base[None]])

    def coordinates(self, encoded: F64, constants: GammaConstants) -> F64:
        # in logarithms, each in units of its spread
        d = len(constants.means)
        logs = encoded[1 : 1 + d] + encoded[1 + d : 1 + 2 * d]
        return np.asarray(logs * np.sqrt(constants.shapes)[:, None])

    def feature_rows(self, constants: GammaConstants) -> int:
        return 3 * len(constants.means) + 2

    def features(self, encoded: F64, constants: GammaConstants, work: Workspace) -> F64:
        return encoded

    def kernel(self, params: GammaParams, offsets: F64, constants: GammaConstants) -> Kernel:
        shapes, means = params.shapes, params.shapes * params.scales
        is_wide = shapes <= NARROW
        plain = np.where(is_wide, shapes, 0.0)
        constant = offsets + log_height(shapes).sum(axis=1)
        constant = constant + (plain * (1 - np.log(means))).sum(axis=1)
        base = np.ones((len(shapes), 1))
        theta = np.concatenate([constant[:, None], plain, plain, -plain / means, base], axis=1)
        narrow = tuple((int(k), int(j)) for k, j in np.argwhere(~is_wide))
        return Kernel(theta, means, shapes, narrow)

    def log_peak(self, params: GammaParams, constants: GammaConstants) -> F64 | None:
        if np.any(params.shapes < 1):
            return None  # without bound near zero
        inner = np.maximum(params.shapes, 1.0)
        is_inside = inner > 1
        fall = np.where(is_inside, np.log1p(-1 / np.where(is_inside, inner, 2.0)), 0.0)
        means = params.shapes * params.scales * constants.means
        return np.asarray((log_height(inner) - np.log(means) + 1 + (inner - 1) * fall).sum(axis=1))

    def log_density(self, features: F64, kernel: Kernel, out: F64, work: Workspace) -> None:
        np.matmul(kernel.theta, features, out=out)
        for k, j in kernel.narrow:
            _, logs = self._relative(features, kernel.means[k, j], j)
            out[k] += kernel.shapes[k, j] * logs

    def _relative(self, features: F64, mean: float, column: int) -> tuple[F64, F64]:
        """e = x / mean - 1 and log(1 + e) - e of the rows, (m,) each, for the mean of one group."""
        d = (len(features) - 2) // 3
        of_all, short, values = features[1 + column : -1 : d]
        is_near = mean > 0.5
        off = (of_all - (mean - 1)) / mean if is_near else (values - mean) / mean
        # far below the mean 1 + e has no digits, but the logarithm of x has
        far = off < -0.5
        logs = np.log1p(np.where(far, 0.0, off))
        logs[far] = (of_all + short)[far] - np.log(mean)
        return off, log_shortfalls(off, logs)

    def statistics(
        self,
        features: F64,
        responsibilities: F64,
        kernel: Kernel | None,
        constants: GammaConstants,
        work: Workspace,
    ) -> GammaSums:
        d = len(constants.means)
        total = weighted_sums(responsibilities, features[:-1])
        counts = total[:, 0].copy()
        first, logs, totals = (total[:, i : i + d].copy() for i in range(1, 3 * d + 1, d))
        reference = np.ones_like(first)
        if kernel is not None:
            for k, j in kernel.narrow:
                off, of_logs = self._relative(features, kernel.means[k, j], j)
                reference[k, j] = kernel.means[k, j]
                first[k, j] = responsibilities[k] @ off
                logs[k, j] = responsibilities[k] @ of_logs
        return GammaSums(counts, first, logs, totals, reference)

    def start(self, statistics: GammaSums, constants: GammaConstants) -> GammaParams:
        means, gaps = statistics.means_and_gaps()
        shares = statistics.counts / statistics.counts.sum()
        least = max(START_FLOOR, constants.floor)
        # the gap of a narrow law is half its squared spread, and so is that of the data
        common = np.maximum(shares @ gaps, 0.5 * least / constants.shapes)
        shapes = np.minimum(shapes_of(common), constants.most)
        return GammaParams(np.repeat(shapes[None], len(shares), axis=0), means / shapes)

    def maximise(
        self, statistics: GammaSums, params: GammaParams | None, constants: GammaConstants
    ) -> GammaParams:
        means, gaps = statistics.means_and_gaps()
        least = 0.25 / constants.most  # below half of what the largest shape has: it is the maximum
        shapes = np.minimum(shapes_of(np.maximum(gaps, least)), constants.most)
        empty = statistics.counts <= 0
        if empty.any():
            # a component without rows keeps its place, or has that of the data
            shapes[empty] = constants.shapes if params is None else params.shapes[empty]
            if params is not None:
                means[empty] = params.shapes[empty] * params.scales[empty]
        return GammaParams(shapes, means / shapes)

    def log_prior(self, params: GammaParams, constants: GammaConstants) -> float:
        return 0.0

    def free_parameters(self, params: GammaParams, constants: GammaConstants) -> int:
        return int(params.shapes.size + params.scales.size)

    def in_units(self, params: GammaParams, constants: GammaConstants) -> GammaParams:
        return replace(params, scales=params.scales * constants.means)

    def from_units(self, params: GammaParams, constants: GammaConstants) -> GammaParams:
        refuse_values(say("gamma.shapes"), params.shapes)
        refuse_values(say("gamma.scales"), params.scales)
        shapes = np.minimum(params.shapes, constants.most)
        scales = params.scales * (params.shapes / shapes) / constants.means
        return GammaParams(shapes, scales)

    def weaknesses(self, params: GammaParams, constants: GammaConstants) -> tuple[Weakness, ...]:
        touching = (params.shapes >= constants.most * (1 - 1e-6)).any(axis=1)
        return tuple(
            Weakness(int(k), "floor", TEXTS["gamma.weak"]) for k in np.flatnonzero(touching)
        )

    def least_distinct_rows(self, constants: GammaConstants) -> int:
        return 2

    def means_at(self, means: F64, spread: GammaParams, constants: GammaConstants) -> GammaParams:
        refuse_values(say("gamma.means"), means)
        shapes = np.repeat(spread.shapes[:1], len(means), axis=0)
        return GammaParams(shapes, means / constants.means / shapes)

    def quantities(self, params: GammaParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        axes = ("component", "column")
        means = params.shapes * params.scales
        return (
            Quantity("means", say("quantity.mean"), axes, means, True),
            Quantity("shapes", say("quantity.shape"), axes, params.shapes),
            Quantity("scales", say("quantity.scale"), axes, params.scales, True),
        )

    def moments(self, params: GammaParams) -> tuple[F64, F64]:
        means = params.shapes * params.scales
        return means, diagonal(means * params.scales)

    def is_elliptical(self) -> bool:
        return False

    def is_discrete(self) -> bool:
        return False

    def log_marginal(
        self, params: GammaParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        chosen = chosen_columns(directions, centre)
        if chosen is None:
            return None
        inside = (points > 0).all(axis=0)
        values = np.where(inside, points, 1.0)
        shapes = params.shapes[:, chosen, None]
        means = shapes * params.scales[:, chosen, None]
        logs = np.stack([log_ratios(values, m) for m in means[:, :, 0]])
        each = log_height(shapes) - np.log(values) + shapes * (logs - (values - means) / means)
        return np.asarray(np.where(inside, each.sum(axis=1), -np.inf))

    def simulate(
        self, params: GammaParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        drawn = rng.gamma(params.shapes[groups].T, params.scales[groups].T)
        # a small shape draws values below the smallest number there is
        return np.asarray(np.maximum(drawn, np.finfo(float).tiny))


LAW = Gamma()
