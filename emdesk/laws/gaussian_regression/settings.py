"""Settings, params and constants of the Gaussian regression law."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from emdesk.model.columnwise import prior_rows
from emdesk.model.design import NO_TERMS, Terms
from emdesk.model.fields import Choice, Field
from emdesk.model.params import Axes, Domain
from emdesk.model.regression_sums import RegressionConstants, RegressionSums
from emdesk.model.tied import Classes, levelled

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class GaussianRegressionSettings:
    """Settings of the Gaussian regression law."""

    sd: Annotated[
        str,
        Field(
            "Residual SD",
            "Whether the residuals of the components may have different standard deviations.",
            choices=(
                Choice("each", "Each", "Every component has its own residual SD."),
                Choice(
                    "common",
                    "Common",
                    "All components share one residual SD: none can collapse alone.",
                ),
            ),
        ),
    ] = "each"
    intercept: Annotated[
        bool, Field("Intercept", "Whether the lines have an intercept, or go through zero.")
    ] = True
    floor: Annotated[
        float,
        Field(
            "Variance floor",
            "The least residual variance of a component, as a share of what one regression of all rows leaves. A "
            "component that touches it has collapsed.",
            low=1e-12,
            high=0.1,
            section="Floor",
            more=True,
            logarithmic=True,
        ),
    ] = 1e-8
    prior: Annotated[
        float,
        prior_rows(
            "How many rows each component is believed to have had before, which lie about the one regression of all "
            "rows as these do. 0 is maximum likelihood; 1 or more keeps components from collapsing."
        ),
    ] = 0.0


@dataclass(frozen=True, eq=False)
class GaussianRegressionParams:
    """Coefficients, the intercept first, and residual standard deviations."""

    coefficients: Annotated[F64, Axes("component", "term", label="Coefficient"), Domain.REAL]
    sds: Annotated[F64, Axes("component", label="Residual SD"), Domain.POSITIVE]
    carried: Terms = NO_TERMS


@dataclass(frozen=True, eq=False)
class GaussianRegressionConstants(RegressionConstants):
    """In a fit the response is what one regression of all rows, `common` (p,) in units of the design, leaves, over
    `scale`; `centre` is taken off before. `deviation` is its standard deviation there, `information` (p, p) that of an
    average row, `settings` the law's, `held` where sds are held and at what, (K,), `sd_classes` (K,) which of the
    others are equal."""

    common: F64
    centre: float
    scale: float
    deviation: float
    information: F64
    settings: GaussianRegressionSettings
    held: tuple[NDArray[np.bool_], F64] | None = None
    sd_classes: Classes | None = None

    @property
    def least(self) -> float:
        """The least residual SD of a fit."""
        return float(np.sqrt(self.settings.floor)) * self.deviation

    @property
    def is_common(self) -> bool:
        return self.settings.sd == "common"

    def with_prior(self, statistics: RegressionSums) -> RegressionSums:
        """The sums with the rows of the prior, which one regression of all rows leaves with coefficients of 0."""
        rows, at = self.settings.prior, statistics.at
        if rows == 0:
            return statistics
        bent = at @ self.information
        squares = self.deviation**2 + (at * bent).sum(axis=1)
        return replace(
            statistics,
            seen=statistics.seen + rows,
            score=statistics.score - rows * bent,
            information=statistics.information + rows * self.information,
            squares=statistics.squares + rows * squares,
        )

    def shared_out(self, seen: F64, squares: F64) -> tuple[F64, F64]:
        """Rows (K,) and squares (K,) in which groups whose sds are tied have the average of them."""
        if self.sd_classes is None or len(self.sd_classes) != len(seen):
            return seen, squares
        return levelled(seen, self.sd_classes), levelled(squares, self.sd_classes)
