"""Criteria of a fit, each with its definition and its sign."""

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
class Entropies:
    """How undecided the rows are under a fit, summed over the row weights; NaN where rows carry no label.

    `full` is -sum p log p over the posterior probabilities p of every row, `hard` is -sum log p of the likeliest group
    of every row, `groups` how many groups there are.
    """

    full: float = math.nan
    hard: float = math.nan
    groups: int = 0


@dataclass(frozen=True)
class Criteria:
    """What weighs a fit against its parameters: log L the log-likelihood, p the free parameters, n the sum of the row
    weights. Smaller is better for all but `entropy_r2`; NaN where one is not defined.

    AIC = -2 log L + 2 p (Akaike 1974). AICc = AIC + 2 p (p + 1) / (n - p - 1) (Hurvich and Tsai 1989), for n > p + 1.
    BIC = -2 log L + p log n (Schwarz 1978). SABIC = -2 log L + p log((n + 2) / 24) (Sclove 1987).
    CAIC = -2 log L + p (log n + 1) (Bozdogan 1987). ICL = BIC + 2 entropy with the full entropy of the posterior
    probabilities (Biernacki, Celeux and Govaert 2000); `icl_hard` takes -log p of each row's own group for it, as
    mclust does. `entropy_r2` = 1 - entropy / (n log K) for K > 1 groups (Ramaswamy et al. 1993): 1 is certain.
    """

    aic: float
    aicc: float
    bic: float
    sabic: float
    caic: float
    icl: float
    icl_hard: float
    entropy: float
    entropy_r2: float


PENALISED = ("bic", "aic", "aicc", "sabic", "caic", "icl", "icl_hard")
"""The criteria that models can be compared by; of each the smaller is better."""


def criteria(
    log_likelihood: float, free_parameters: int, size: float, entropies: Entropies
) -> Criteria:
    """The criteria of a fit with `free_parameters` p from `size` n."""
    deviance, p = -2 * log_likelihood, free_parameters
    aic = deviance + 2 * p
    room = size - p - 1
    bic = deviance + p * math.log(size)
    most = size * math.log(entropies.groups) if entropies.groups > 1 else math.nan
    return Criteria(
        aic=aic,
        aicc=aic + 2 * p * (p + 1) / room if room > 0 else math.nan,
        bic=bic,
        sabic=deviance + p * math.log((size + 2) / 24),
        caic=deviance + p * (math.log(size) + 1),
        icl=bic + 2 * entropies.full,
        icl_hard=bic + 2 * entropies.hard,
        entropy=entropies.full,
        entropy_r2=1 - entropies.full / most,
    )


def entropy_of(
    family: Family,
    data: Any,
    params: Any,
    blocks: Sequence[Block],
    sweeper: Sweeper,
    control: RunControl,
) -> Entropies:
    """Both entropies of the posterior probabilities, a pass over the rows."""
    if not family.labels_rows:
        return Entropies()

    def one(block: Block) -> tuple[float, float, int]:
        output = family.rows(data, block, params, sweeper.workspace())
        if output is None:
            return math.nan, math.nan, 0
        p = output.probabilities
        weights = data.weights_of(block)
        full = -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=0)
        hard = -np.log(p.max(axis=0))
        if weights is None:
            return float(full.sum()), float(hard.sum()), len(p)
        return float(weights @ full), float(weights @ hard), len(p)

    parts = sweeper.each(one, blocks, control)
    return Entropies(
        math.fsum(full for full, _, _ in parts),
        math.fsum(hard for _, hard, _ in parts),
        max(groups for _, _, groups in parts),
    )
