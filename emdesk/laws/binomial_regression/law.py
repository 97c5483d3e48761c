"""Binomial regression law: each group has its own logistic curve of successes given predictors.

When to use it
    Successes out of known trials, or yes and no (one trial), whose chance depends on other columns in ways that differ
    between groups nobody recorded: dose and response in resistant and sensitive animals, answers by age.

When not
    One row for each yes or no and nothing that repeats: a mixture of logistic curves needs several trials in a row to
    tell its groups apart (three or more for two groups). Counts without a limit (Poisson regression).

The one column that is used is the response; the columns with the role predictors explain the log odds. The trials stand
in a column with the role trials, or are the same in every row (a setting; 0: the largest count). A column of text
becomes one coefficient for each category but the first. Rows without a predictor or without trials are set aside.

Each iteration keeps score and information at the current coefficients and takes one Newton step, which is halved where
it falls. The log density has its constant, the binomial coefficient. Where a component's successes are told apart from
its failures by the predictors without overlap, its coefficients have no finite best value, and EMDesk names it.

Sources
    Follmann and Lambert (1989), J. Amer. Statist. Assoc. 84, 295-300; McCullagh and Nelder (1989), Generalized Linear
    Models, chapter 4. Separation: Albert and Anderson (1984), Biometrika 71, 1-10.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
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
from emdesk.model.numerics.counts import (
    LOG_2_PI,
    are_counts,
    deviance,
    log_binomial,
    stirling_error,
)
from emdesk.model.params import Axes, Domain
from emdesk.model.regression_sums import Block, Kernel
from emdesk.model.rows import Rows
from emdesk.texts import say

F64 = NDArray[np.float64]
LARGE = 300.0
"""With more trials than this the density multiplied out loses digits."""
LEAST, FAR = 1e-300, 600.0


@dataclass(frozen=True)
class BinomialRegressionSettings:
    """Settings of the binomial regression law."""

    trials: Annotated[
        int,
        Field(
            "Trials",
            "How many trials every row is out of. A column with the role trials takes its place. 0: the largest count.",
            low=0,
            high=2**31 - 1,
        ),
    ] = 0
    intercept: Annotated[bool, Field("Intercept", "Whether the log odds have an intercept.")] = True


@dataclass(frozen=True, eq=False)
class BinomialRegressionConstants(CountConstants):
    """`fixed` is how many trials every row has where no column says it."""

    fixed: float


@dataclass(frozen=True, eq=False)
class BinomialRegressionParams(CoefficientParams):
    """Coefficients, and the average trials, which are not estimated."""

    trials: Annotated[F64, Axes(label="Average trials"), Domain.REAL] = field(
        default_factory=lambda: np.array(1.0), kw_only=True
    )


class BinomialRegression(CountRegression[BinomialRegressionConstants]):
    """Successes with a logistic chance; the extra numbers of a row are its trials and a part of its log density."""

    id: ClassVar[str] = "binomial-regression"
    label: ClassVar[str] = "Binomial regression"
    Settings: ClassVar[type] = BinomialRegressionSettings
    Params: ClassVar[type] = BinomialRegressionParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL}),
        most=1,
        whole=True,
        nonnegative=True,
    )
    roles: ClassVar[tuple[Role, ...]] = (Role.PREDICTORS, Role.TRIALS)

    def made(
        self, coefficients: F64, constants: BinomialRegressionConstants
    ) -> BinomialRegressionParams:
        trials = np.array(constants.carried.trials)
        return BinomialRegressionParams(coefficients, constants.carried, trials=trials)

    def constants(
        self, rows: Rows, settings: BinomialRegressionSettings
    ) -> BinomialRegressionConstants:
        design = self.checked_design(rows, settings.intercept)
        self.refuse_cells(rows)
        counts = rows.columns[0]
        counted = counts if rows.weights is None else counts[rows.weights > 0]
        fixed = float(settings.trials or np.nanmax(counted))
        trials = _trials(rows, fixed)
        _refuse_more_than_trials(rows, trials)
        share = (counts + 0.5) / (trials + 1.0)
        worth = trials * share * (1 - share)
        terms = design.terms(self.raw(rows))
        common = rough_regression(terms, np.log(share / (1 - share)), worth, rows)
        average = float(np.average(trials, weights=rows.weights))
        plain = BinomialRegressionConstants(
            design,
            Terms(design.names, design.averages, 0.0, average),
            2,
            bool(np.isnan(counts).any()),
            common,
            fixed,
        )
        bound = self.bound_of(rows, design.size, design.in_units)
        return replace(plain, bound=bound)

    def encode(self, rows: Rows, constants: BinomialRegressionConstants) -> F64:
        terms = constants.design.terms(self.raw(rows))
        extras = _extras(rows.columns[0], _trials(rows, constants.fixed))
        return self.laid_out(terms, rows.columns[0], extras)

    def left_over(self, encoded: F64, constants: BinomialRegressionConstants) -> F64:
        p = constants.design.size
        trials = np.maximum(encoded[p + 1], 1.0)
        expected = _chances(constants.common @ encoded[:p])
        # arcsines of roots of shares have nearly the same spread at every chance
        angles = np.arcsin(np.sqrt(np.clip(encoded[p] / trials, 0.0, 1.0)))
        return np.asarray(2 * np.sqrt(trials) * (angles - np.arcsin(np.sqrt(expected))))

    def log_terms(self, block: Block, predictors: F64, kernel: Kernel, out: F64) -> None:
        trials, base = block.extras
        small = np.where(trials <= LARGE, trials, 0.0)
        responses = np.where(trials <= LARGE, block.responses, 0.0)
        np.abs(predictors, out=out)
        np.negative(out, out=out)
        np.exp(out, out=out)
        np.log1p(out, out=out)
        out += np.maximum(predictors, 0.0)
        out *= -small
        out += responses * predictors
        out += base
        large = np.flatnonzero(trials > LARGE)
        if large.size:
            out[:, large] -= _distance(block.responses[large], trials[large], predictors[:, large])

    def residuals(self, block: Block, predictors: F64, work: Workspace) -> tuple[F64, F64 | None]:
        trials = block.extras[0]
        chances = _chances(predictors)
        left = work.array("regression.residuals", *predictors.shape)
        np.multiply(trials, chances, out=left)
        bend = left * _chances(-predictors)
        np.subtract(block.responses, left, out=left)
        return left, bend

    def linked(self, means: F64, constants: BinomialRegressionConstants) -> F64:
        share = np.clip(means / max(constants.carried.trials, LEAST), 1e-4, 1 - 1e-4)
        return np.asarray(np.log(share / (1 - share)))

    def means_and_variances(
        self, predictors: F64, trials: F64, params: CoefficientParams
    ) -> tuple[F64, F64]:
        chances = _chances(predictors)
        return trials * chances, trials * chances * _chances(-predictors)

    def log_response(
        self, values: F64, predictors: F64, trials: float, params: CoefficientParams
    ) -> F64:
        counts, most = np.rint(values), np.rint(trials)
        inside = (counts >= 0) & (counts <= most)
        taken = np.where(inside, counts, 0.0)
        logs = log_binomial(taken[None], np.full((1, len(counts)), most), _chances(predictors))
        return np.where(inside, logs, -np.inf)

    def draw(
        self,
        predictors: F64,
        trials: F64,
        groups: NDArray[np.intp],
        params: CoefficientParams,
        rng: Any,
    ) -> F64:
        counts = np.rint(trials).astype(np.int64)
        return np.asarray(rng.binomial(counts, _chances(predictors)), dtype=np.float64)

    def in_units_of_rows(
        self, encoded: F64, params: CoefficientParams, constants: BinomialRegressionConstants
    ) -> tuple[F64, F64]:
        p = constants.design.size
        return params.coefficients @ encoded[:p], encoded[p + 1]

    def observed(self, encoded: F64, constants: BinomialRegressionConstants) -> F64:
        return np.asarray(encoded[constants.design.size])

    def trials_of(self, rows: Rows, params: CoefficientParams) -> F64:
        assert isinstance(params, BinomialRegressionParams)
        return _trials(rows, float(np.rint(params.trials)))

    def draw_given(
        self,
        params: CoefficientParams,
        rows: Rows,
        groups: NDArray[np.intp],
        rng: np.random.Generator,
    ) -> F64:
        made = super().draw_given(params, rows, groups, rng)
        made[0, :1] = self.trials_of(rows, params)[
            :1
        ]  # the trials of rows without a column of them show
        return made

    def seen_response(self, rows: Rows) -> tuple[str, F64, F64]:
        trials = _trials(rows, float(np.nanmax(rows.columns[0])))
        counted = np.where(trials > 0, trials, np.nan)
        if rows.roles.get(Role.TRIALS) is None and np.nanmax(trials) <= 1:
            return rows.names[0], rows.columns[0], np.ones(len(trials))
        name = say("picture.share_of", name=rows.names[0])
        return name, rows.columns[0] / counted, np.where(trials > 0, trials, 1.0)


def _chances(predictors: F64) -> F64:
    """The logistic function, with all digits on both sides."""
    small = np.exp(-np.abs(predictors))
    return np.asarray(np.where(predictors >= 0, 1.0, small) / (1.0 + small))


def _trials(rows: Rows, fixed: float) -> F64:
    """(n,) the trials of every row: those of a column with that role, else the same in all."""
    given = rows.roles.get(Role.TRIALS)
    if given is None or not len(given):
        return np.full(rows.columns.shape[1], fixed)
    trials: F64 = given[0]
    unfit = np.flatnonzero(~are_counts(trials))
    if unfit.size:
        row = int(rows.row_numbers[unfit[0]]) + 1
        raise DataProblem(
            say("regression.bad_trials", row=row, value=f"{trials[unfit[0]]:g}"),
            columns=rows.role_names.get(Role.TRIALS, ()),
        )
    return trials


def _refuse_more_than_trials(rows: Rows, trials: F64) -> None:
    above = np.flatnonzero(rows.columns[0] > trials)
    if above.size:
        place = int(above[0])
        raise DataProblem(
            say(
                "regression.above_trials",
                name=rows.names[0],
                value=f"{rows.columns[0, place]:g}",
                row=int(rows.row_numbers[place]) + 1,
                trials=f"{trials[place]:g}",
            ),
            columns=rows.names,
            remedy=say("regression.mend_trials"),
        )


def _extras(counts: F64, trials: F64) -> F64:
    """Trials, and the logarithm of the binomial coefficient; of many trials the log density where the chance is the
    share of successes."""
    there = ~np.isnan(counts)
    x = np.where(there, counts, 0.0)
    rest = trials - x
    both = (x > 0) & (rest > 0)
    a, b, n = (np.where(both, c, 1.0) for c in (x, rest, trials))
    base = stirling_error(n) - stirling_error(a) - stirling_error(b)
    base += 0.5 * (np.log(n) - np.log(a) - np.log(b) - LOG_2_PI)
    entropy = -(a * np.log(a / n) + b * np.log(b / n))
    return np.stack([trials, np.where(both, base + np.where(trials <= LARGE, entropy, 0.0), 0.0)])


def _distance(counts: F64, trials: F64, predictors: F64) -> F64:
    """(K, m) trials times the divergence of the chances from the shares of successes."""
    near = np.clip(predictors, -FAR, FAR)
    chances = _chances(near)
    expected = np.maximum(trials * chances, LEAST)
    others = np.maximum(trials * _chances(-near), LEAST)
    away = counts - trials * chances
    made = expected * deviance(away / expected) + others * deviance(-away / others)
    # beyond, each unit of the predictor counts once for every trial that went the other way
    made += counts * np.maximum(-FAR - predictors, 0.0)
    made += (trials - counts) * np.maximum(predictors - FAR, 0.0)
    return np.asarray(made)
