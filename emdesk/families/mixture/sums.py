"""What one sweep over the rows of a mixture shares, and the sums that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.families.mixture.gating import GateSums
from emdesk.families.mixture.noise import NoisyMixtureParams
from emdesk.model.family import Draw

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MixtureStatistics:
    """The law's sums, and what the params that made them reach."""

    law: Any
    log_likelihood: float
    fit: float
    noise: float = 0.0
    """The effective rows of the noise component."""
    gate: GateSums | None = None
    """What the log odds of the components are estimated from where there are covariates."""

    def __add__(self, other: Self) -> MixtureStatistics:
        return MixtureStatistics(
            self.law + other.law,
            self.log_likelihood + other.log_likelihood,
            self.fit + other.fit,
            self.noise + other.noise,
            None if self.gate is None or other.gate is None else self.gate + other.gate,
        )

    def scaled(self, factor: float) -> MixtureStatistics:
        """All sums times a factor."""
        return MixtureStatistics(
            self.law.scaled(factor),
            factor * self.log_likelihood,
            factor * self.fit,
            factor * self.noise,
            None if self.gate is None else self.gate.scaled(factor),
        )


@dataclass(frozen=True, eq=False)
class Ready:
    """What the blocks share: the law's kernel with log weights, and the bound taken off (None: each row's maximum).
    `noisy` are the params where one more component is noise, `gating` the log odds where there are covariates."""

    kernel: Any
    bound: float | None
    draw: Draw | None = None
    noisy: NoisyMixtureParams | None = None
    gating: F64 | None = None
