"""Poisson regression law: each group has its own log-linear rate of counts given predictors.

When to use it
    Counts whose rate depends on other columns in ways that differ between groups nobody recorded: purchases by price,
    claims by age, patents by research spending.

When not
    Counts more spread out than predictors and groups explain (a negative binomial law without predictors shows it), and
    successes out of a known number of trials (binomial regression).

The one column that is used is the response; the columns with the role predictors explain the logarithm of its rate. A
column with the role offset is added to that as it is: the logarithm of an exposure, such as of person-years. A column
of text becomes one coefficient for each category but the first. Rows without a predictor are set aside.

A regression of counts has no finite sums: each iteration keeps score and information at the current coefficients and
takes one Newton step, which is halved where it falls. The log density keeps its constant, -log x!. Where a component's
zeros are told apart from its other counts by the predictors, its coefficients have no finite best value, and EMDesk
names it.

Sources
    Wang, Puterman, Cockburn and Le (1996), Biometrics 52, 381-400; McCullagh and Nelder (1989), Generalized Linear
    Models, chapter 6. Digits of the density: Loader (2000), Fast and accurate computation of binomial probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.model.count_regression import (
    CoefficientParams,
    CountConstants,
    CountRegression,
    rough_regression,
)
from emdesk.model.dataset import Kind
from emdesk.model.design import Terms
from emdesk.model.fields import Field
from emdesk.model.law import Workspace
from emdesk.model.needs import Needs, Role
from emdesk.model.numerics.counts import LOG_2_PI, log_poisson, stirling_error
from emdesk.model.regression_sums import Block, Kernel
from emdesk.model.rows import Rows
from emdesk.texts import say

F64 = NDArray[np.float64]
FARTHEST = 300.0
"""exp of it is still a number whose square is one; a density there is zero in every other respect."""
HALF = 0.5
LEAST_MEAN = 1e-6
"""A typed mean of 0 has no logarithm."""


@dataclass(frozen=True)
class PoissonRegressionSettings:
    """Settings of the Poisson regression law."""

    intercept: Annotated[
        bool, Field("Intercept", "Whether the logarithm of the rate has an intercept.")
    ] = True


class PoissonRegression(CountRegression[CountConstants]):
    """Counts with a log-linear rate.

    The extra numbers of a row are what takes the linear predictor to the logarithm of rate over count (over 1 where
    the count is 0), and the log density where that is 0.
    """

    id: ClassVar[str] = "poisson-regression"
    label: ClassVar[str] = "Poisson regression"
    Settings: ClassVar[type] = PoissonRegressionSettings
    Params: ClassVar[type] = CoefficientParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL, Kind.TIME}),
        most=1,
        whole=True,
        nonnegative=True,
    )
    roles: ClassVar[tuple[Role, ...]] = (Role.PREDICTORS, Role.OFFSET)

    def constants(self, rows: Rows, settings: PoissonRegressionSettings) -> CountConstants:
        design = self.checked_design(rows, settings.intercept)
        self.refuse_cells(rows)
        counts, added = rows.columns[0], self.added(rows)
        weights = np.ones(len(counts)) if rows.weights is None else rows.weights
        average = float(np.nansum(weights * counts) / (weights * ~np.isnan(counts)).sum())
        if average == 0:
            raise DataProblem(
                say("regression.no_counts", name=rows.names[0]),
                columns=rows.names,
                remedy=say("data.other_law"),
            )
        link = np.log(counts + HALF) - added
        common = rough_regression(design.terms(self.raw(rows)), link, counts + HALF, rows)
        level = float(np.average(added, weights=rows.weights))
        plain = CountConstants(
            design,
            Terms(design.names, design.averages, level),
            2,
            bool(np.isnan(counts).any()),
            common,
        )
        bound = self.bound_of(rows, design.size, design.in_units)
        return replace(plain, bound=bound)

    def added(self, rows: Rows) -> F64:
        given = rows.roles.get(Role.OFFSET)
        return np.zeros(rows.columns.shape[1]) if given is None else given[0]

    def encode(self, rows: Rows, constants: CountConstants) -> F64:
        terms = constants.design.terms(self.raw(rows))
        return self.laid_out(terms, rows.columns[0], self._extras(rows))

    def _extras(self, rows: Rows) -> F64:
        counts = np.where(np.isnan(rows.columns[0]), 0.0, rows.columns[0])
        some = np.maximum(counts, 1.0)
        logs = np.log(some)
        base = np.where(counts > 0, -stirling_error(some) - 0.5 * (LOG_2_PI + logs), -1.0)
        return np.stack([self.added(rows) - logs, base])

    def left_over(self, encoded: F64, constants: CountConstants) -> F64:
        p = constants.design.size
        counts = encoded[p]
        expected = np.exp(np.minimum(self._log_rates(encoded, constants.common[None])[0], FARTHEST))
        # roots of counts have nearly the same spread at every rate
        return np.asarray(2 * (np.sqrt(counts + 0.375) - np.sqrt(expected + 0.375)))

    def _log_rates(self, encoded: F64, coefficients: F64) -> F64:
        """(K, m) logarithms of the rates of encoded rows."""
        p = coefficients.shape[1]
        some = np.maximum(np.nan_to_num(encoded[p]), 1.0)
        return np.asarray(coefficients @ encoded[:p] + encoded[p + 1] + np.log(some))

    def settle(self, block: Block, predictors: F64) -> None:
        """From here on they are the logarithms of rate over count."""
        predictors += block.extras[0]
        np.minimum(predictors, FARTHEST, out=predictors)

    def log_terms(self, block: Block, predictors: F64, kernel: Kernel, out: F64) -> None:
        np.expm1(predictors, out=out)
        out *= -np.maximum(block.responses, 1.0)
        out += block.responses * predictors
        out += block.extras[1]

    def residuals(self, block: Block, predictors: F64, work: Workspace) -> tuple[F64, F64 | None]:
        some = np.maximum(block.responses, 1.0)
        grown = np.expm1(predictors, out=work.array("regression.grown", *predictors.shape))
        grown *= some
        left = work.array("regression.residuals", *predictors.shape)
        np.subtract(block.responses - some, grown, out=left)
        grown += some
        return left, grown

    def linked(self, means: F64, constants: CountConstants) -> F64:
        return np.asarray(np.log(np.maximum(means, LEAST_MEAN)) - constants.carried.level)

    def means_and_variances(
        self, predictors: F64, trials: F64, params: CoefficientParams
    ) -> tuple[F64, F64]:
        rates = np.exp(np.clip(predictors, -FARTHEST, FARTHEST))
        return rates, rates

    def log_response(
        self, values: F64, predictors: F64, trials: float, params: CoefficientParams
    ) -> F64:
        counts = np.rint(values)
        rates = np.exp(np.clip(predictors, -FARTHEST, FARTHEST))
        taken = np.where(counts >= 0, counts, 0.0)
        return np.where(counts >= 0, log_poisson(taken[None], rates), -np.inf)

    def draw(
        self,
        predictors: F64,
        trials: F64,
        groups: NDArray[np.intp],
        params: CoefficientParams,
        rng: Any,
    ) -> F64:
        return np.asarray(
            rng.poisson(np.exp(np.clip(predictors, -FARTHEST, 40.0))), dtype=np.float64
        )

    def in_units_of_rows(
        self, encoded: F64, params: CoefficientParams, constants: CountConstants
    ) -> tuple[F64, F64]:
        return self._log_rates(encoded, params.coefficients), np.ones(encoded.shape[1])

    def observed(self, encoded: F64, constants: CountConstants) -> F64:
        return np.asarray(encoded[constants.design.size])
