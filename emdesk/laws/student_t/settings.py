"""The settings of the Student t law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from emdesk.model.elliptical import COVARIANCE, FACTORS
from emdesk.model.fields import Choice, Field

EACH, COMMON, FIXED = "each", "common", "fixed"


def _is_fixed(values: Mapping[str, Any]) -> bool:
    return values.get("tails") == FIXED


@dataclass(frozen=True)
class StudentTSettings:
    """Structure of the scale matrices, degrees of freedom, floor."""

    covariance: Annotated[str, COVARIANCE] = "VVV"
    factors: Annotated[int, FACTORS] = 1
    tails: Annotated[
        str,
        Field(
            "Tails",
            "Whether the degrees of freedom, which say how heavy the tails are, are estimated for each "
            "component, estimated once for all, or given.",
            choices=(
                Choice(EACH, "Each", "Every component has its own degrees of freedom."),
                Choice(COMMON, "Common", "All components share their degrees of freedom."),
                Choice(FIXED, "Given", "The degrees of freedom are given and stay as they are."),
            ),
        ),
    ] = EACH
    degrees: Annotated[
        float,
        Field(
            "Degrees of freedom",
            "The given degrees of freedom: 1 is Cauchy's law, 4 has clearly heavy tails, beyond 100 "
            "the law is as good as normal.",
            low=0.2,
            high=1e8,
            logarithmic=True,
            applies=_is_fixed,
        ),
    ] = 4.0
    floor: Annotated[
        float,
        Field(
            "Variance floor",
            "The least squared scale in any direction, as a share of the data's variance. A component "
            "that touches it has collapsed.",
            low=1e-12,
            high=0.1,
            section="Floor",
            more=True,
            logarithmic=True,
        ),
    ] = 1e-8
