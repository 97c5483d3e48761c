"""Settings and params of the Gaussian law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.elliptical import COVARIANCE, FACTORS
from emdesk.model.fields import Choice, Field
from emdesk.model.params import Axes, Domain

F64 = NDArray[np.float64]


def _has_prior(values: Mapping[str, Any]) -> bool:
    return values.get("prior") == "conjugate"


@dataclass(frozen=True)
class GaussianSettings:
    """Settings of the Gaussian law."""

    covariance: Annotated[str, COVARIANCE] = "VVV"
    factors: Annotated[int, FACTORS] = 1
    floor: Annotated[
        float,
        Field(
            "Variance floor",
            "The least variance in any direction, as a share of the data's variance. A component that "
            "touches it has collapsed.",
            low=1e-12,
            high=0.1,
            section="Floor",
            more=True,
            logarithmic=True,
        ),
    ] = 1e-8
    prior: Annotated[
        str,
        Field(
            "Prior",
            "What is believed of means and covariances before the data. A prior keeps components from collapsing; "
            "the objective is then the log posterior.",
            section="Prior",
            more=True,
            choices=(
                Choice("none", "None", "Maximum likelihood."),
                Choice(
                    "conjugate",
                    "Conjugate",
                    "Means near the data's mean, covariances near the data's shared out among the components "
                    "(Fraley and Raftery 2007).",
                ),
            ),
        ),
    ] = "none"
    prior_shrinkage: Annotated[
        float,
        Field(
            "Mean shrinkage",
            "How many rows the belief about each mean is worth.",
            low=0.0,
            high=1000.0,
            section="Prior",
            more=True,
            applies=_has_prior,
        ),
    ] = 0.01
    prior_degrees: Annotated[
        float,
        Field(
            "Extra degrees of freedom",
            "How firm the belief about the covariances is: degrees of freedom beyond the number of columns.",
            low=0.1,
            high=1000.0,
            section="Prior",
            more=True,
            applies=_has_prior,
        ),
    ] = 2.0
    prior_scale: Annotated[
        float,
        Field(
            "Prior spread",
            "The believed covariance as a multiple of the data's variance shared out among the components.",
            low=1e-6,
            high=1000.0,
            section="Prior",
            more=True,
            logarithmic=True,
            applies=_has_prior,
        ),
    ] = 1.0


@dataclass(frozen=True, eq=False)
class GaussianParams:
    """Means and covariance matrices, whatever the structure."""

    means: Annotated[F64, Axes("component", "column", label="Mean"), Domain.REAL]
    covariances: Annotated[
        F64, Axes("component", "column", "column", label="Covariance"), Domain.SPD
    ]
