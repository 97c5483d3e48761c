"""Settings and params of the beta law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from emdesk.model.columnwise import PRIOR_ROWS
from emdesk.model.params import Axes, Carried, Domain
from emdesk.model.positive_law import floor_of

F64 = NDArray[np.float64]
FARTHEST = 700.0
"""exp of it is still a number."""


@dataclass(frozen=True)
class BetaSettings:
    """Settings of the beta law."""

    floor: Annotated[
        float,
        floor_of(
            "Spread floor",
            "The least variance of a component in any column relative to m (1 - m), with m its mean, as a share of "
            "the data's.",
        ),
    ] = 1e-8
    prior: Annotated[float, PRIOR_ROWS] = 0.0


@dataclass(frozen=True, eq=False)
class BetaParams:
    """The two shapes."""

    alphas: Annotated[F64, Axes("component", "column", label="Alpha"), Domain.POSITIVE]
    betas: Annotated[F64, Axes("component", "column", label="Beta"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class Middles(Carried):
    """The means (d,) of columns and their rests to 1, the standard deviations (d,) of their logits, and which columns
    are so narrow beside these that a quotient of shapes has too few digits of a mean."""

    shares: F64
    rests: F64
    deviations: F64
    narrow: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class MeanBetaParams:
    """The params of a fit: the sums of the two shapes, and the logits of means less those of the columns', divided by
    the spread of the logits. Under a narrow law the shapes are all but bound to each other."""

    sizes: Annotated[F64, Axes("component", "column", label="Alpha + beta"), Domain.POSITIVE]
    means: Annotated[F64, Axes("component", "column", label="Logit of mean"), Domain.REAL]
    carried: Middles

    @property
    def _tilts(self) -> F64:
        """(K, d) the logits of means less those of the columns'."""
        return np.clip(self.means * self.carried.deviations, -FARTHEST, FARTHEST)

    @property
    def _total(self) -> F64:
        """What the share of a column times exp(tilt) is divided by, so that it and the rest make 1."""
        return np.asarray(self.carried.rests + self.carried.shares * np.exp(self._tilts))

    @property
    def off(self) -> F64:
        """(K, d) the means less those of the columns."""
        grown = np.expm1(self._tilts) / self._total
        return np.asarray(self.carried.shares * (self.carried.rests * grown))

    @property
    def alphas(self) -> F64:
        """(K, d) the first shapes."""
        return np.asarray(self.sizes * (self.carried.shares * np.exp(self._tilts) / self._total))

    @property
    def betas(self) -> F64:
        """(K, d) the second shapes."""
        return np.asarray(self.sizes * (self.carried.rests / self._total))
