"""Formulas of laws in powers of their columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def in_powers(formula: Callable[[Any, F64], F64]) -> Callable[[Any, F64], F64]:
    """The formula of a law that may be in powers of its columns, with the derivative of these."""

    def made(params: Any, rows: F64) -> F64:
        if "powers" not in params:
            return formula(params, rows)
        pivots, found = params["pivots"][:, None], []
        ratios = rows / pivots
        for k, power in enumerate(params["powers"]):
            turned = (np.sign(ratios) * np.abs(ratios) ** power - 1) / power
            slopes = (power - 1) * np.log(np.abs(ratios)).sum(axis=0)
            found.append(formula(params, pivots * (1 + turned))[k] + slopes)
        return np.stack(found)

    return made
