"""What a pass over the rows of a regression keeps: constants, rows of a block, kernel, and sums."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from emdesk.model.design import Design, Terms
from emdesk.model.regression_holding import BoundCoefficients

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RegressionConstants:
    """What every such law knows before the fit: the design, what coefficients belong to, how many extra numbers a row
    has, whether responses are missing, and which coefficients are bound."""

    design: Design
    carried: Terms
    extras: int
    has_gaps: bool
    bound: BoundCoefficients = field(default_factory=BoundCoefficients, kw_only=True)


@dataclass(frozen=True, eq=False)
class RegressionSums:
    """Effective rows (K,), and those with a response (K,); score (K, p), information (K, p, p) and whatever squares
    (K,) the law adds, at the coefficients `at` (K, p)."""

    counts: F64
    seen: F64
    score: F64
    information: F64
    squares: F64
    at: F64

    def __add__(self, other: Self) -> RegressionSums:
        return replace(
            self,
            counts=self.counts + other.counts,
            seen=self.seen + other.seen,
            score=self.score + other.score,
            information=self.information + other.information,
            squares=self.squares + other.squares,
        )

    def scaled(self, factor: float) -> RegressionSums:
        """All sums times a factor."""
        return replace(
            self,
            counts=factor * self.counts,
            seen=factor * self.seen,
            score=factor * self.score,
            information=factor * self.information,
            squares=factor * self.squares,
        )

    def climb(self, coefficients: F64) -> F64:
        """(K,) the parabola with this score and information: 0 at the coefficients of the sums."""
        step = coefficients - self.at
        bent = np.einsum("kp,kpq,kq->k", step, self.information, step)
        return np.asarray((step * self.score).sum(axis=1) - 0.5 * bent)

    def pooled_in(self, rows: float) -> RegressionSums:
        """The same with so many average rows of all groups added to each: every group is then near the whole."""
        share = rows / max(float(self.counts.sum()), 1e-300)
        return replace(
            self,
            counts=self.counts + rows,
            seen=self.seen + share * self.seen.sum(),
            score=self.score + share * self.score.sum(axis=0),
            information=self.information + share * self.information.sum(axis=0),
            squares=self.squares + share * self.squares.sum(),
        )


@dataclass(eq=False)
class Block:
    """The rows of a block: terms (p, m), responses (m,) with 0 where missing, extra numbers (e, m), marks (m,) of the
    responses there are (None: all), and the linear predictors (K, m) that a kernel has seen in them."""

    terms: F64
    responses: F64
    extras: F64
    marks: F64 | None
    seen: tuple[object, F64] | None = None


@dataclass(frozen=True, eq=False)
class Kernel:
    """Coefficients (K, p), what the law needs besides of every group (K,), and the offsets (K,)."""

    coefficients: F64
    spreads: F64
    offsets: F64
