"""Settings and params of the Gaussian law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from emdesk.model.elliptical import COVARIANCE, FACTORS
from emdesk.model.elliptical_factors import NO_FACTORS, FactorCount
from emdesk.model.elliptical_prior import DEGREES, NONE, PRIOR, SCALE, SHRINKAGE
from emdesk.model.fields import Field
from emdesk.model.params import Axes, Domain
from emdesk.model.power_settings import PLAIN, POWER, TRANSFORMATION

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class GaussianSettings:
    """Settings of the Gaussian law."""

    covariance: Annotated[str, COVARIANCE] = "VVV"
    factors: Annotated[int, FACTORS] = 1
    transformation: Annotated[str, TRANSFORMATION] = PLAIN
    power: Annotated[float, POWER] = 0.5
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
    prior: Annotated[str, PRIOR] = NONE
    prior_shrinkage: Annotated[float, SHRINKAGE] = 0.01
    prior_degrees: Annotated[float, DEGREES] = 2.0
    prior_scale: Annotated[float, SCALE] = 1.0


@dataclass(frozen=True, eq=False)
class GaussianParams:
    """Means and covariance matrices, whatever the structure."""

    means: Annotated[F64, Axes("component", "column", label="Mean"), Domain.REAL]
    covariances: Annotated[
        F64, Axes("component", "column", "column", label="Covariance"), Domain.SPD
    ]
    carried: FactorCount = NO_FACTORS
