"""Settings and params of the inverse Gaussian law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from emdesk.model.columnwise import PRIOR_ROWS
from emdesk.model.params import Axes, Domain
from emdesk.model.positive_law import Spreads, floor_of

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class InverseGaussianSettings:
    """Settings of the inverse Gaussian law."""

    floor: Annotated[
        float,
        floor_of(
            "Spread floor",
            "The least squared relative spread of a component in any column, as a share of the variance of the "
            "column's logarithms.",
        ),
    ] = 1e-8
    prior: Annotated[float, PRIOR_ROWS] = 0.0


@dataclass(frozen=True, eq=False)
class InverseGaussianParams:
    """Means and shapes."""

    means: Annotated[F64, Axes("component", "column", label="Mean"), Domain.POSITIVE]
    shapes: Annotated[F64, Axes("component", "column", label="Shape"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class LogInverseGaussianParams:
    """The params of a fit: the means are logarithms of means in units of the column's, divided by the spread of its
    logarithms."""

    means: Annotated[F64, Axes("component", "column", label="Log mean"), Domain.REAL]
    shapes: Annotated[F64, Axes("component", "column", label="Shape"), Domain.POSITIVE]

    carried: Spreads

    @property
    def logs(self) -> F64:
        """(K, d) the logarithms of means in units of the column's."""
        return np.asarray(self.means * self.carried.values)

    @property
    def sizes(self) -> F64:
        """(K, d) the means in units of the column's."""
        return np.exp(self.logs)
