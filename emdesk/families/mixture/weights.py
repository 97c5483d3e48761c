"""The weights of a mixture: their M-step, their prior, and what of them is free."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emdesk.families.mixture.data import MixtureData
from emdesk.model.law import Quantity
from emdesk.model.tied import levelled, saved
from emdesk.texts import say

F64 = NDArray[np.float64]


def best_weights(data: MixtureData, counts: F64, weights: F64, with_prior: bool = True) -> F64:
    """The weights that maximise the expected log posterior, from the effective rows (K,) of the groups; held ones
    stay, and the others share what is left, tied ones in equal parts."""
    if data.settings.weights == "equal":
        return weights
    rows = counts + data.settings.weight_prior if with_prior else counts
    held = data.held_weights
    if held is None:
        # where noise has taken all rows nothing is said of the shares among the others
        return np.asarray(rows / rows.sum()) if rows.sum() > 0 else weights
    if held.classes is not None:
        rows = levelled(rows, held.classes)
    free = np.where(held.mask, 0.0, rows)
    total = free.sum()
    if total <= 0:  # no row is in a free group, or every weight is held
        free, total = np.where(held.mask, 0.0, 1.0), max(1.0, float((~held.mask).sum()))
    left = 1.0 - held.values[held.mask].sum()
    return np.where(held.mask, held.values, left * free / total)


def tied_weights(data: MixtureData, weights: F64) -> F64:
    """The weights nearest to these that are equal where they have to be, and held where they are."""
    if data.settings.weights == "equal":
        return np.full(len(weights), 1.0 / len(weights))
    return best_weights(data, weights, weights, with_prior=False)


def log_weight_prior(data: MixtureData, weights: F64) -> float:
    """The log density of the Dirichlet prior, each of its parameters one more than the rows it is worth."""
    rows = data.settings.weight_prior
    if rows == 0 or data.settings.weights == "equal":
        return 0.0
    groups = len(weights)
    constant = math.lgamma(groups * (1 + rows)) - groups * math.lgamma(1 + rows)
    return constant + rows * float(np.log(np.maximum(weights, 1e-300)).sum())


def whole_weights(weights: F64, own: Sequence[Quantity]) -> tuple[Quantity, ...]:
    """Where rows outside a window were never recorded: the shares of the groups among all rows, from the weights (K,)
    and what the law says of the window."""
    inside = next((quantity.values for quantity in own if quantity.name == "inside"), None)
    if inside is None:
        return ()
    whole = weights / np.maximum(inside, np.finfo(float).tiny)
    label = say("quantity.whole_weight")
    return (Quantity("whole_weights", label, ("component",), whole / whole.sum()),)


def free_weights(data: MixtureData) -> int:
    """How many weights are estimated: one less than there are, as they sum to one."""
    groups = data.settings.components
    if data.settings.weights == "equal":
        return 0
    held = data.held_weights
    if held is None:
        return groups - 1
    fewer = int(held.mask.sum()) + (0 if held.classes is None else saved(held.classes))
    return max(0, groups - 1 - fewer)
