"""Settings and params of the skew-normal law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.fields import Choice, Field
from emdesk.model.params import Axes, Domain

F64 = NDArray[np.float64]
INDEPENDENT, JOINT = "independent", "joint"


def _has_several_columns(values: Mapping[str, Any]) -> bool:
    return bool(values.get("columns", 1) > 1)


@dataclass(frozen=True)
class SkewNormalSettings:
    """Settings of the skew-normal law."""

    columns_are: Annotated[
        str,
        Field(
            "Columns",
            "Whether the columns of a component lean each by itself, or together along one direction and with "
            "correlations.",
            choices=(
                Choice(INDEPENDENT, "Independent", "Columns are independent within a component."),
                Choice(JOINT, "Joint", "Columns may be correlated; a component leans to one side."),
            ),
            applies=_has_several_columns,
        ),
    ] = INDEPENDENT
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


@dataclass(frozen=True, eq=False)
class JointSkewNormalParams:
    """Locations, scale matrices, and slants in units of the scales."""

    locations: Annotated[F64, Axes("component", "column", label="Location"), Domain.REAL]
    scales: Annotated[F64, Axes("component", "column", "column", label="Scale"), Domain.SPD]
    slants: Annotated[F64, Axes("component", "column", label="Slant"), Domain.REAL]
