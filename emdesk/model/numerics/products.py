"""Matrix products in shapes that BLAS is slow at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
SMALL = 20


def weighted_sums(responsibilities: F64, t: F64) -> F64:
    """responsibilities (K, m) times t (D, m) transposed, (K, D), where the first row of t is all ones.

    A product with few rows on both sides runs two to three times faster as inner products (measured with OpenBLAS).
    """
    groups, numbers = len(responsibilities), len(t)
    if groups * numbers > SMALL:
        return responsibilities @ t.T
    made = np.empty((groups, numbers))
    np.sum(responsibilities, axis=1, out=made[:, 0])
    np.vecdot(responsibilities[:, None, :], t[None, 1:], out=made[:, 1:])
    return made
