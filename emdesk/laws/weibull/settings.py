"""Settings and params of the Weibull law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from emdesk.model.columnwise import prior_rows
from emdesk.model.params import Axes, Domain
from emdesk.model.positive_law import Spreads, floor_of

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class WeibullSettings:
    """Settings of the Weibull law."""

    floor: Annotated[
        float,
        floor_of(
            "Spread floor",
            "The least variance of the logarithms of a component in any column, as a share of the data's.",
        ),
    ] = 1e-8
    prior: Annotated[
        float,
        prior_rows(
            "How many rows a prior of each shape is worth, whose mode is the shape of the whole column: it keeps "
            "components of equal rows from collapsing. 0: maximum likelihood."
        ),
    ] = 0.0


@dataclass(frozen=True, eq=False)
class WeibullParams:
    """Shapes and scales."""

    shapes: Annotated[F64, Axes("component", "column", label="Shape"), Domain.POSITIVE]
    scales: Annotated[F64, Axes("component", "column", label="Scale"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class LogWeibullParams:
    """The params of a fit: the scales are logarithms of scales in units of the column's centre, divided by the spread
    of its logarithms."""

    shapes: Annotated[F64, Axes("component", "column", label="Shape"), Domain.POSITIVE]
    scales: Annotated[F64, Axes("component", "column", label="Log scale"), Domain.REAL]
    carried: Spreads

    @property
    def logs(self) -> F64:
        """(K, d) the logarithms of scales in units of the column's centre."""
        return np.asarray(self.scales * self.carried.values)
