"""Exponential law: each group has its own mean in every column, columns independent given the group.

When to use it
    Times between events that come at random at a steady rate, and other positive columns whose values near zero are
    the most frequent: a sum of exponentials is the law of a rate that differs between groups.

When not
    Columns whose smallest values are rare: a gamma or Weibull law has a shape for that. Columns with values below zero.

A group that rests on zeros only has no largest likelihood: its mean goes to zero, which EMDesk reports as a collapse.

Sources
    Density and maximum likelihood: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1,
    chapter 19. Mixtures: Titterington, Smith and Makov (1985), section 4.3; Jewell (1982), Ann. Statist. 10, 479-484.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.model.dataset import Kind
from emdesk.model.fields import Field
from emdesk.model.law import Ascent, Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.products import weighted_sums
from emdesk.model.params import Axes, Domain
from emdesk.model.positive import chosen_columns, diagonal, refuse_cells, refuse_values
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
TEXTS = {
    "exponential.weak": (
        "component {group} has shrunk to the least mean in some column: its rows are 0, or next to it"
    ),
    "exponential.all_zero": "every used row of {name} is 0, so it has no mean time",
    "exponential.leave_out": "Leave this column out",
    "exponential.means": "means",
}
declare(TEXTS)


@dataclass(frozen=True)
class ExponentialSettings:
    """Settings of the exponential law."""

    floor: Annotated[
        float,
        Field(
            "Least mean",
            "The least mean of a component in any column, as a share of the column's. A component that "
            "touches it has collapsed.",
            low=1e-12,
            high=0.1,
            section="Floor",
            more=True,
            logarithmic=True,
        ),
    ] = 1e-8


@dataclass(frozen=True, eq=False)
class ExponentialParams:
    """Means of the columns."""

    means: Annotated[F64, Axes("component", "column", label="Mean"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class ExponentialConstants:
    """The means (d,) of the columns, which are the units inside a fit, and the least mean in these units."""

    scales: F64
    floor: float


@dataclass(frozen=True, eq=False)
class ExponentialSums:
    """Effective rows (K,) and sums of values (K, d)."""

    counts: F64
    totals: F64

    def __add__(self, other: Self) -> ExponentialSums:
        return ExponentialSums(self.counts + other.counts, self.totals + other.totals)

    def scaled(self, factor: float) -> ExponentialSums:
        """Both sums times a factor."""
        return ExponentialSums(factor * self.counts, factor * self.totals)


class Exponential:
    """Independent exponential columns."""

    id: ClassVar[str] = "exponential"
    label: ClassVar[str] = "Exponential"
    Settings: ClassVar[type] = ExponentialSettings
    Params: ClassVar[type] = ExponentialParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.TIME}), nonnegative=True
    )

    def ascent(self, settings: ExponentialSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: ExponentialSettings) -> Invariance:
        return Invariance(scale_all=True, scale_each=True)

    def constants(
        self,
        columns: F64,
        weights: F64 | None,
        names: tuple[str, ...],
        settings: ExponentialSettings,
        row_numbers: NDArray[np.intp],
    ) -> ExponentialConstants:
        refuse_cells(columns, names, row_numbers, may_be_zero=True)
        largest = columns.max(axis=1)
        for name, value in zip(names, largest, strict=True):
            if value == 0:
                raise DataProblem(
                    say("exponential.all_zero", name=name),
                    columns=(name,),
                    remedy=say("exponential.leave_out"),
                )
        scales = largest * np.average(columns / largest[:, None], axis=1, weights=weights)
        return ExponentialConstants(scales, settings.floor)

    def encode(self, columns: F64, constants: ExponentialConstants) -> F64:
        # the last row is the log density of the unit of measurement; outside the law it is impossible
        log_volume = np.log(constants.scales).sum()
        base = np.where((columns < 0).any(axis=0), -np.inf, -log_volume)
        rows = np.maximum(columns, 0.0) / constants.scales[:, None]
        return np.concatenate([np.ones((1, columns.shape[1])), rows, base[None]])

    def coordinates(self, encoded: F64, constants: ExponentialConstants) -> F64:
        # the cube root of an exponential value is nearly normal (Wilson and Hilferty 1931)
        return np.cbrt(encoded[1:-1])

    def feature_rows(self, constants: ExponentialConstants) -> int:
        return len(constants.scales) + 2

    def features(self, encoded: F64, constants: ExponentialConstants, work: Workspace) -> F64:
        return encoded

    def kernel(
        self, params: ExponentialParams, offsets: F64, constants: ExponentialConstants
    ) -> F64:
        constant = offsets - np.log(params.means).sum(axis=1)
        base = np.ones((len(params.means), 1))
        return np.concatenate([constant[:, None], -1 / params.means, base], axis=1)

    def log_peak(self, params: ExponentialParams, constants: ExponentialConstants) -> F64 | None:
        return np.asarray(-np.log(params.means).sum(axis=1) - np.log(constants.scales).sum())

    def log_density(self, features: F64, kernel: F64, out: F64, work: Workspace) -> None:
        np.matmul(kernel, features, out=out)

    def statistics(
        self,
        features: F64,
        responsibilities: F64,
        kernel: F64 | None,
        constants: ExponentialConstants,
        work: Workspace,
    ) -> ExponentialSums:
        total = weighted_sums(responsibilities, features[:-1])
        return ExponentialSums(total[:, 0].copy(), total[:, 1:].copy())

    def start(
        self, statistics: ExponentialSums, constants: ExponentialConstants
    ) -> ExponentialParams:
        # half a row of the whole sample keeps every mean away from zero
        means = (statistics.totals + 0.5) / (statistics.counts + 0.5)[:, None]
        return ExponentialParams(np.maximum(means, constants.floor))

    def maximise(
        self,
        statistics: ExponentialSums,
        params: ExponentialParams | None,
        constants: ExponentialConstants,
    ) -> ExponentialParams:
        empty = statistics.counts <= 0
        means = statistics.totals / np.where(empty, 1.0, statistics.counts)[:, None]
        if empty.any():
            means[empty] = 1.0 if params is None else params.means[empty]
        return ExponentialParams(np.maximum(means, constants.floor))

    def log_prior(self, params: ExponentialParams, constants: ExponentialConstants) -> float:
        return 0.0

    def free_parameters(self, params: ExponentialParams, constants: ExponentialConstants) -> int:
        return int(params.means.size)

    def in_units(
        self, params: ExponentialParams, constants: ExponentialConstants
    ) -> ExponentialParams:
        return ExponentialParams(params.means * constants.scales)

    def from_units(
        self, params: ExponentialParams, constants: ExponentialConstants
    ) -> ExponentialParams:
        refuse_values(say("exponential.means"), params.means)
        return ExponentialParams(np.maximum(params.means / constants.scales, constants.floor))

    def weaknesses(
        self, params: ExponentialParams, constants: ExponentialConstants
    ) -> tuple[Weakness, ...]:
        touching = (params.means <= constants.floor * (1 + 1e-6)).any(axis=1)
        return tuple(
            Weakness(int(k), "floor", TEXTS["exponential.weak"]) for k in np.flatnonzero(touching)
        )

    def least_distinct_rows(self, constants: ExponentialConstants) -> int:
        return 1

    def means_at(
        self, means: F64, spread: ExponentialParams, constants: ExponentialConstants
    ) -> ExponentialParams:
        return self.from_units(ExponentialParams(means), constants)

    def quantities(self, params: ExponentialParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        axes = ("component", "column")
        return (Quantity("means", say("quantity.mean"), axes, params.means, True),)

    def moments(self, params: ExponentialParams) -> tuple[F64, F64]:
        return params.means, diagonal(params.means**2)

    def is_elliptical(self) -> bool:
        return False

    def is_discrete(self) -> bool:
        return False

    def log_marginal(
        self, params: ExponentialParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        chosen = chosen_columns(directions, centre)
        if chosen is None:
            return None
        means = params.means[:, chosen]
        logs = -(1 / means) @ points - np.log(means).sum(axis=1)[:, None]
        return np.asarray(np.where((points >= 0).all(axis=0), logs, -np.inf))

    def simulate(
        self, params: ExponentialParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        return rng.exponential(params.means[groups].T)


LAW = Exponential()
