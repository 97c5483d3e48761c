"""Which group a row belongs to: known labels, and the draws of stochastic EM."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def keep_known(logs: F64, known: NDArray[np.intp] | None) -> None:
    """Make every other group impossible for the rows whose group is known: logs (K, m), known (m,) with -1 where it is
    not. What a row then adds to the log-likelihood is log w_k f_k of its group."""
    if known is None:
        return
    rows = np.flatnonzero(known >= 0)
    mine = logs[known[rows], rows]
    logs[:, rows] = -np.inf
    logs[known[rows], rows] = mine


def draw_members(probabilities: F64, weights: F64 | None, rng: np.random.Generator) -> F64:
    """Weighted indicators (K, m) of groups drawn by the probabilities (K, m): the S-step of Celeux and Diebolt (1985),
    Comput. Statist. Quarterly 2, 73-82."""
    groups, m = probabilities.shape
    steps = np.cumsum(probabilities, axis=0)
    chosen = (steps < rng.random(m) * steps[-1]).sum(axis=0)
    made = np.zeros((groups, m))
    made[np.minimum(chosen, groups - 1), np.arange(m)] = 1.0 if weights is None else weights
    return made
