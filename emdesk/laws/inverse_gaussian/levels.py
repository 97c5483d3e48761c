"""What groups say of a column under the inverse Gaussian law: their means, and the gaps between mean reciprocals and
reciprocal means (Tweedie 1957), with all digits also where these are next to nothing beside the means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.inverse_gaussian.settings import LogInverseGaussianParams
from emdesk.model.column_terms import TermSums
from emdesk.model.positive_law import average

F64 = NDArray[np.float64]
NEAR = float(np.log(2.0))
"""Within this distance in logarithms a mean has more digits in differences to what the terms are taken about."""
LONGEST = 300.0
"""exp of it is still a number whose square is one; a mean so far off has no likelihood."""


@dataclass(frozen=True, eq=False)
class Levels:
    """Of groups (K, d), or of the data as one (d,), in units of the column's mean: the logarithms of means, and the
    mean of 1 / u minus one over the mean of u."""

    logs: F64
    gaps: F64

    def with_more(self, rows: F64, other: Levels, more: float) -> Levels:
        """Those of groups (K, d) with so many rows and of so many rows more like `other` (d,)."""
        if more == 0:
            return self
        off = average(np.expm1(self.logs), rows, np.expm1(other.logs), more)
        near_off = np.where(np.abs(off) < 0.5, off, 0.0)
        total = np.log(average(np.exp(self.logs), rows, np.exp(other.logs), more))
        logs = np.where(np.abs(off) < 0.5, np.log1p(near_off), total)
        # where means are near each other their reciprocals differ by what is of second order, as the first cancels
        is_near = (np.abs(self.logs) < NEAR) & (np.abs(logs) < NEAR) & (np.abs(other.logs) < NEAR)
        bent = average(_bend(self.logs), rows, _bend(other.logs), more) - _bend(logs)
        plain = average(np.exp(-self.logs), rows, np.exp(-other.logs), more) - np.exp(-logs)
        gaps = average(self.gaps, rows, other.gaps, more) + np.where(is_near, bent, plain)
        return Levels(logs, np.maximum(gaps, 0.0))

    def gaps_about(self, logs: F64) -> F64:
        """(K, d) the averages of (u - m)^2 / (m^2 u) about other means m, of which these are the logarithms."""
        away = np.expm1(np.clip(self.logs - logs, -LONGEST, LONGEST))
        relative = away * np.exp(-np.clip(self.logs, -LONGEST, None))
        return np.asarray(self.gaps + away * relative)

    def log_likelihood(self, params: LogInverseGaussianParams) -> F64:
        """(K, d) of a row of such groups under params, but for what the params do not change."""
        shapes = params.shapes
        return np.asarray(0.5 * (np.log(shapes) - shapes * self.gaps_about(params.logs)))


def _bend(logs: F64) -> F64:
    """e^2 / (1 + e) of e = mean - 1, which is 1 / mean - 1 + e; only for means near 1."""
    near = np.clip(logs, -NEAR, NEAR)
    return np.asarray(np.expm1(near) ** 2 * np.exp(-near))


def levels_of(sums: TermSums) -> Levels:
    """Of groups (K, d) by their sums of e, e^2 / u, u and 1 / u; those without rows have the column's mean, and no
    gap."""
    off, squares, values, inverse = sums.averages
    # about the reference if the mean is near it, else without the terms that cancel
    is_near = (np.exp(NEAR) * (1 + off) > 1) & (1 + off < np.exp(NEAR))
    ratios = np.where(is_near, 1 + off, 1.0)
    plain = np.where(is_near | sums.empty, 1.0, values)
    near = sums.reference + np.log1p(np.where(is_near, off, 0.0))
    logs = np.where(is_near, near, np.log(plain))
    about = (squares - off * (off / ratios)) / np.exp(sums.reference)
    gaps = np.maximum(np.where(is_near, about, inverse - 1 / plain), 0.0)
    return Levels(np.where(sums.empty, 0.0, logs), np.where(sums.empty, 0.0, gaps))
