"""Settings and params of the von Mises law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.columnwise import PRIOR_ROWS
from emdesk.model.fields import Choice, Field
from emdesk.model.numerics.circle import TURN
from emdesk.model.params import Axes, Domain

F64 = NDArray[np.float64]
PERIODS = {"radians": TURN, "degrees": 360.0, "hours": 24.0}


def _has_own_period(values: Mapping[str, Any]) -> bool:
    return values.get("unit") == "own"


@dataclass(frozen=True)
class VonMisesSettings:
    """Settings of the von Mises law."""

    unit: Annotated[
        str,
        Field(
            "Unit",
            "The unit of the columns, which says when they have gone round once.",
            choices=(
                Choice("radians", "Radians", "One turn is 6.2832."),
                Choice("degrees", "Degrees", "One turn is 360."),
                Choice("hours", "Hours", "One turn is 24."),
                Choice(
                    "own", "Own period", "One turn is a number of your own, such as 7 or 365.25."
                ),
            ),
        ),
    ] = "radians"
    period: Annotated[
        float,
        Field(
            "Period",
            "The size of one turn: 180 for axes in degrees, 7 for days of the week, 365.25 for days of the year.",
            low=1e-9,
            high=1e9,
            applies=_has_own_period,
        ),
    ] = 360.0
    floor: Annotated[
        float,
        Field(
            "Spread floor",
            "The least circular variance of a component in any column, as a share of the data's. A component that "
            "touches it has collapsed.",
            low=1e-12,
            high=0.1,
            section="Floor",
            more=True,
            logarithmic=True,
        ),
    ] = 1e-8

    prior: Annotated[float, PRIOR_ROWS] = 0.0

    @property
    def turn(self) -> float:
        """The size of one turn in the unit of the columns."""
        return PERIODS.get(self.unit, self.period)


@dataclass(frozen=True, eq=False)
class VonMisesParams:
    """Mean directions, concentrations, and the periods of the columns, which are not estimated."""

    mean_directions: Annotated[
        F64, Axes("component", "column", label="Mean direction"), Domain.REAL
    ]
    concentrations: Annotated[
        F64, Axes("component", "column", label="Concentration"), Domain.POSITIVE
    ]
    periods: Annotated[F64, Axes("column", label="Period"), Domain.REAL]
