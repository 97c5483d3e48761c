"""Settings and params of the skew-normal law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from emdesk.model.fields import Field
from emdesk.model.params import Axes, Domain

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class SkewNormalSettings:
    """Settings of the skew-normal law."""

    floor: Annotated[
        float,
        Field(
            "Scale floor",
            "The least squared scale of a component in any column, as a share of the column's variance. A component "
            "that touches it has collapsed.",
            low=1e-12,
            high=0.1,
            section="Floor",
            more=True,
            logarithmic=True,
        ),
    ] = 1e-8
    most_slant: Annotated[
        float,
        Field(
            "Largest slant",
            "A component whose slant reaches this, to either side, is half of a normal law: the likelihood of its "
            "rows has no maximum.",
            low=5,
            high=100_000,
            section="Floor",
            more=True,
        ),
    ] = 1000.0


@dataclass(frozen=True, eq=False)
class SkewNormalParams:
    """Locations, scales and slants."""

    locations: Annotated[F64, Axes("component", "column", label="Location"), Domain.REAL]
    scales: Annotated[F64, Axes("component", "column", label="Scale"), Domain.POSITIVE]
    slants: Annotated[F64, Axes("component", "column", label="Slant"), Domain.REAL]
