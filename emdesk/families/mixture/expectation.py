"""The expected complete-data log-likelihood of a mixture: the shares of the groups, and what the law says.

McLachlan and Peel (2000), Finite Mixture Models, section 2.8.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.families.mixture.data import MixtureData
from emdesk.families.mixture.gating import GatedMixtureParams, climb
from emdesk.families.mixture.noise import NoisyMixtureParams
from emdesk.families.mixture.settings import MixtureParams
from emdesk.families.mixture.sums import MixtureStatistics
from emdesk.model.law import Law

F64 = NDArray[np.float64]
_TINY = 1e-300


def expected(
    law: Law, data: MixtureData, statistics: MixtureStatistics, params: MixtureParams
) -> float | None:
    """That of params given the sums of an E-step, None where the law has none; with covariates to second order."""
    of_law = law.expected(statistics.law, params.law, data.constants)
    if of_law is None:
        return None
    return float(of_law.sum()) + _of_shares(statistics, params)


def _of_shares(statistics: MixtureStatistics, params: MixtureParams) -> float:
    if isinstance(params, GatedMixtureParams):
        assert statistics.gate is not None, "there are covariates"
        return climb(params, statistics.gate)
    rows = statistics.law.counts
    made = _logs(rows, params.weights)
    if isinstance(params, NoisyMixtureParams):
        parts = np.array([statistics.noise, rows.sum()])
        made += _logs(parts, np.array([params.noise, 1 - params.noise]))
    return made


def _logs(rows: F64, shares: F64) -> float:
    """The log-likelihood of shares, given so many rows of each; no row in a group says nothing of its share."""
    return float((rows * np.log(np.maximum(shares, _TINY)))[rows > 0].sum())
