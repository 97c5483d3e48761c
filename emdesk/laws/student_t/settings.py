"""The settings of the Student t law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.student_t.tails import TailBelief
from emdesk.model.elliptical import COVARIANCE, FACTORS
from emdesk.model.elliptical_factors import NO_FACTORS, FactorCount
from emdesk.model.elliptical_prior import DEGREES, NONE, PRIOR, SCALE, SHRINKAGE
from emdesk.model.fields import Choice, Field
from emdesk.model.params import Axes, Domain
from emdesk.model.power_settings import PLAIN, POWER, TRANSFORMATION

F64 = NDArray[np.float64]
EACH, COMMON, FIXED = "each", "common", "fixed"
GAMMA = "gamma"


def _is_fixed(values: Mapping[str, Any]) -> bool:
    return values.get("tails") == FIXED


def _has_free_tails(values: Mapping[str, Any]) -> bool:
    return values.get("tails") != FIXED


def _has_belief(values: Mapping[str, Any]) -> bool:
    return _has_free_tails(values) and values.get("tails_prior") == GAMMA


@dataclass(frozen=True)
class StudentTSettings:
    """Structure of the scale matrices, degrees of freedom, floor, prior."""

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
    transformation: Annotated[str, TRANSFORMATION] = PLAIN
    power: Annotated[float, POWER] = 0.5
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
    prior: Annotated[str, PRIOR] = NONE
    prior_shrinkage: Annotated[float, SHRINKAGE] = 0.01
    prior_degrees: Annotated[float, DEGREES] = 2.0
    prior_scale: Annotated[float, SCALE] = 1.0
    tails_prior: Annotated[
        str,
        Field(
            "Tails prior",
            "What is believed of the degrees of freedom before the data. The objective is then the log "
            "posterior.",
            section="Prior",
            more=True,
            choices=(
                Choice(NONE, "None", "Maximum likelihood."),
                Choice(
                    GAMMA,
                    "Gamma",
                    "Some 20 degrees of freedom, give or take 14: a few rows do not decide on the normal law or on "
                    "very heavy tails (Juarez and Steel 2010).",
                ),
            ),
            applies=_has_free_tails,
        ),
    ] = NONE
    tails_shape: Annotated[
        float,
        Field(
            "Tails shape",
            "The shape of the gamma prior of the degrees of freedom; its mean is shape over rate.",
            low=0.01,
            high=1000.0,
            section="Prior",
            more=True,
            applies=_has_belief,
        ),
    ] = 2.0
    tails_rate: Annotated[
        float,
        Field(
            "Tails rate",
            "The rate of the gamma prior of the degrees of freedom.",
            low=1e-6,
            high=1000.0,
            section="Prior",
            more=True,
            logarithmic=True,
            applies=_has_belief,
        ),
    ] = 0.1

    @property
    def belief(self) -> TailBelief | None:
        """The prior of the degrees of freedom where they are estimated."""
        if self.tails_prior == NONE:
            return None
        return TailBelief(self.tails_shape, self.tails_rate)


@dataclass(frozen=True, eq=False)
class StudentTParams:
    """Centres, scale matrices whatever the structure, and degrees of freedom."""

    means: Annotated[F64, Axes("component", "column", label="Centre"), Domain.REAL]
    scales: Annotated[F64, Axes("component", "column", "column", label="Scale"), Domain.SPD]
    degrees: Annotated[F64, Axes("component", label="Degrees of freedom"), Domain.POSITIVE]
    carried: FactorCount = NO_FACTORS
