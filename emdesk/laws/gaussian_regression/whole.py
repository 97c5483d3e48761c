"""The one regression of all rows, about which the response is taken in a fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.model.design import Design
from emdesk.model.rows import Rows

F64 = NDArray[np.float64]


def one_for_all(design: Design, raw: F64, responses: F64, rows: Rows) -> tuple[F64, float, F64]:
    """The coefficients (p,) of one regression of all rows with a response, the standard deviation that it leaves, and
    the information (p, p) of an average row."""
    terms = design.terms(raw)
    there = ~np.isnan(responses)
    weights = there.astype(np.float64) if rows.weights is None else rows.weights * there
    left = np.where(there, responses, 0.0)
    products = (terms * weights) @ terms.T
    solver = np.linalg.pinv(products)
    made = np.zeros(design.size)
    for _ in range(2):  # the second time for the last digits
        step = solver @ (terms @ (weights * left))
        made, left = made + step, left - step @ terms
    total = weights.sum()
    return made, float(np.sqrt((weights * left**2).sum() / total)), products / total
