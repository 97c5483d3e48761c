"""Settings and params of the gamma law."""

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
class GammaSettings:
    """Settings of the gamma law."""

    floor: Annotated[
        float,
        floor_of(
            "Spread floor",
            "The least squared relative spread of a component in any column, as a share of the data's.",
        ),
    ] = 1e-8
    prior: Annotated[float, PRIOR_ROWS] = 0.0


@dataclass(frozen=True, eq=False)
class GammaParams:
    """Shapes and scales."""

    shapes: Annotated[F64, Axes("component", "column", label="Shape"), Domain.POSITIVE]
    scales: Annotated[F64, Axes("component", "column", label="Scale"), Domain.POSITIVE]

    @property
    def log_means(self) -> F64:
        """(K, d) the logarithms of the means."""
        return np.asarray(np.log(self.shapes * self.scales))


@dataclass(frozen=True, eq=False)
class MeanGammaParams:
    """The params of a fit: shapes, and logarithms of means in units of the column's and of the spread of its
    logarithms. Under a narrow law shape and scale are all but bound to each other, and their product loses digits."""

    shapes: Annotated[F64, Axes("component", "column", label="Shape"), Domain.POSITIVE]
    means: Annotated[F64, Axes("component", "column", label="Log mean"), Domain.REAL]
    carried: Spreads

    @property
    def log_means(self) -> F64:
        """(K, d) the logarithms of the means."""
        return np.asarray(self.means * self.carried.values)

    @property
    def scales(self) -> F64:
        """(K, d) the scales."""
        return np.asarray(np.exp(self.log_means) / self.shapes)
