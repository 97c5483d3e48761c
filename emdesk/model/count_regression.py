"""The frame of regressions of counts and successes: Newton's steps with a bounded reach, and a guard where the
coefficients have no finite best value.

Where a component's responses can be told apart by its predictors without overlap the likelihood rises for ever along
some direction (Albert and Anderson 1984, Biometrika 71, 1-10). There the information vanishes while the steps do not;
such a direction is followed at once to the end of what numbers can tell, and the component is named.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.model.design import NO_TERMS, Terms
from emdesk.model.law import Ascent, Weakness
from emdesk.model.numerics.counts import are_counts
from emdesk.model.numerics.regression import flight
from emdesk.model.params import Axes, Domain
from emdesk.model.regression_law import RegressionLaw
from emdesk.model.regression_sums import RegressionConstants, RegressionSums
from emdesk.model.rows import Rows
from emdesk.texts import say

F64 = NDArray[np.float64]
REACH = 2.0
"""The linear predictors change by no more than this in one step, in root mean square over all rows, or by half of what
they are."""
MOST_STEP = 1e100
FARTHEST = 500.0
"""Slopes stop where the linear predictors spread as far as this over all rows."""
TOO_FAR = 0.2 * FARTHEST
"""Slopes that reach so far are on their way there: a flight that rounding made fall a little was halved."""
LEVEL = 30.0
"""The level stops so far from the common one: a group of zeros has the density it should."""


@dataclass(frozen=True, eq=False)
class CoefficientParams:
    """Coefficients of the linear predictor, the intercept first."""

    coefficients: Annotated[F64, Axes("component", "term", label="Coefficient"), Domain.REAL]
    carried: Terms = NO_TERMS


@dataclass(frozen=True, eq=False)
class CountConstants(RegressionConstants):
    """The coefficients (p,) of a rough regression of all rows."""

    common: F64


C = TypeVar("C", bound=CountConstants)


class CountRegression(RegressionLaw[CoefficientParams, C]):
    """A base for laws whose only parameters are coefficients."""

    def ascent(self, settings: Any) -> Ascent:
        return Ascent.STEP

    def is_discrete(self) -> bool:
        return True

    def made(self, coefficients: F64, constants: C) -> CoefficientParams:
        """Params with these coefficients (K, p)."""
        return CoefficientParams(coefficients, constants.carried)

    def refuse_cells(self, rows: Rows) -> None:
        """A DataProblem with value and row of the file for the first response that is no count."""
        values = rows.columns[0]
        unfit = np.flatnonzero(~(are_counts(values) | np.isnan(values)))
        if unfit.size:
            value, row = f"{values[unfit[0]]:g}", int(rows.row_numbers[unfit[0]]) + 1
            raise DataProblem(
                say("data.not_counts", name=rows.names[0], value=value, row=row),
                columns=rows.names,
                remedy=say("data.other_law"),
            )

    def spreads_of(self, params: CoefficientParams) -> F64:
        return np.ones(len(params.coefficients))

    def base(self, constants: C) -> F64:
        return constants.common

    def params_of(
        self, coefficients: F64, params: CoefficientParams | None, constants: C
    ) -> CoefficientParams:
        return self.retract(self.made(coefficients, constants), constants)

    def repeated(self, params: CoefficientParams, groups: int) -> CoefficientParams:
        return replace(params, coefficients=np.repeat(params.coefficients[:1], groups, axis=0))

    def start(self, statistics: RegressionSums, constants: C) -> CoefficientParams:
        return self.maximise(statistics.pooled_in(constants.design.size + 1.0), None, constants)

    def maximise(
        self, statistics: RegressionSums, params: CoefficientParams | None, constants: C
    ) -> CoefficientParams:
        # where hardly any information is left a step is no number to be squared
        newton = constants.bound.steps(statistics.score, statistics.information)
        steps = np.clip(newton, -MOST_STEP, MOST_STEP)
        length = np.sqrt((steps**2).sum(axis=1))
        reach = np.maximum(REACH, 0.5 * np.sqrt((statistics.at**2).sum(axis=1)))
        share = np.minimum(1.0, reach / np.maximum(length, reach))
        if constants.bound.joint is not None:
            share[:] = share.min()  # what is tied goes together
        steps *= share[:, None]
        if params is not None:
            steps += self._flights(statistics, steps, constants)
        made = self.made(statistics.at + steps, constants)
        return self.retract(made, constants)

    def expected(self, statistics: RegressionSums, params: CoefficientParams, constants: C) -> F64:
        """To second order about the coefficients of the sums: with these links nothing depends on the responses but
        the score."""
        return statistics.climb(params.coefficients)

    def _flights(self, statistics: RegressionSums, steps: F64, constants: C) -> F64:
        """(K, p) what is added to the steps to follow directions without information to their end."""
        made = np.zeros_like(steps)
        groups = len(steps)
        for k in np.flatnonzero(statistics.seen > 0):
            if constants.bound.is_bound(int(k), groups):
                continue
            here, own = statistics.at[k] + steps[k], statistics.information[k]
            made[k] = flight(here, steps[k], own, int(constants.design.has_intercept), FARTHEST)
        return made

    def retract(self, params: CoefficientParams, constants: C) -> CoefficientParams:
        made = params.coefficients.copy()
        first = int(constants.design.has_intercept)
        length = np.linalg.norm(made[:, first:], axis=1)
        # all of them together, so that the border between zeros and others stays where it is
        made *= np.minimum(1.0, FARTHEST / np.maximum(length, FARTHEST))[:, None]
        if first:
            level = constants.common[0]
            is_plain = length < LEVEL
            made[is_plain, 0] = np.clip(made[is_plain, 0], level - LEVEL, level + LEVEL)
        return self.made(constants.bound.put(made), constants)

    def weaknesses(self, params: CoefficientParams, constants: C) -> tuple[Weakness, ...]:
        first = int(constants.design.has_intercept)
        length = np.linalg.norm(params.coefficients[:, first:], axis=1)
        away = np.flatnonzero(length >= TOO_FAR)
        return tuple(Weakness(int(k), "separated", "regression.separated") for k in away)

    def free_parameters(self, params: CoefficientParams, constants: C) -> int:
        return params.coefficients.size - constants.bound.count

    def in_units(self, params: CoefficientParams, constants: C) -> CoefficientParams:
        made = constants.design.in_units(params.coefficients)
        return self.made(made, constants)

    def from_units(self, params: CoefficientParams, constants: C) -> CoefficientParams:
        inner = constants.design.from_units(params.coefficients)
        return self.retract(self.made(inner, constants), constants)


def rough_regression(terms: F64, link: F64, worth: F64, rows: Rows) -> F64:
    """(p,) coefficients of least squares of `link` (n,) with the worth (n,) of each row, NaN left out: where a
    regression of counts begins."""
    there = ~np.isnan(link)
    weights = np.where(there, worth, 0.0) * (1.0 if rows.weights is None else rows.weights)
    top = float(weights.max(initial=0.0))
    weights = weights / (top if top > 0 else 1.0)
    solver = np.linalg.pinv((terms * weights) @ terms.T, rcond=1e-10)
    return np.asarray(solver @ (terms @ (weights * np.where(there, link, 0.0))))
