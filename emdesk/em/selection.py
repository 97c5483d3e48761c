"""Criteria of a fit, each with its definition (smaller is better for all of them)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.model.family import Block, Family


@dataclass(frozen=True)
class Criteria:
    """AIC = -2 log L + 2 p. BIC = -2 log L + p log n, n the sum of the row weights. ICL = BIC + 2 entropy, with the
    full entropy of the posterior probabilities (Biernacki, Celeux and Govaert 2000); NaN where rows carry no label."""

    aic: float
    bic: float
    icl: float
    entropy: float


def criteria(log_likelihood: float, free_parameters: int, size: float, entropy: float) -> Criteria:
    """The criteria of a fit with `free_parameters` p from `size` n."""
    aic = -2 * log_likelihood + 2 * free_parameters
    bic = -2 * log_likelihood + free_parameters * math.log(size)
    return Criteria(aic, bic, bic + 2 * entropy, entropy)


def entropy_of(
    family: Family,
    data: Any,
    params: Any,
    blocks: Sequence[Block],
    sweeper: Sweeper,
    control: RunControl,
) -> float:
    """The weighted entropy of the posterior probabilities, summed over the rows; NaN where rows carry no label."""
    if not family.labels_rows:
        return math.nan

    def one(block: Block) -> float:
        output = family.rows(data, block, params, sweeper.workspace())
        if output is None:
            return math.nan
        p = output.probabilities
        terms = p * np.log(np.where(p > 0, p, 1.0))
        weights = data.weights_of(block)
        per_row = -terms.sum(axis=0)
        return float(per_row.sum() if weights is None else weights @ per_row)

    return math.fsum(sweeper.each(one, blocks, control))
