"""Gaussian regression law: each group has its own line of a response on predictors, with normal residuals.

When to use it
    A continuous response that follows different lines in groups that are not recorded: tone perception, dose and
    effect in responders and others, growth in two environments.

When not
    Groups that differ in the predictors themselves: the predictors are taken as given, and what they tell about the
    group is not used (give such columns the role covariates too, or model all columns by a Gaussian law). Counts and
    successes have regressions of their own.

The one column that is used is the response; the columns with the role predictors explain it. A column of text becomes
one coefficient for each category but the first. Rows without a predictor are set aside.

A component whose rows lie on a line or plane has no largest likelihood: its SD goes to zero, which EMDesk reports as a
collapse; the floor is a share of the variance that one regression of all rows leaves. Every M-step is the weighted
least squares solution. A prior that is worth some rows, lying about the one regression of all rows as these do,
prevents the collapse; its logarithm, relative to its largest value, is part of the objective. Lines that cross cannot
be told apart by where rows are, so that several starts are worth it.

Sources
    Quandt (1972), J. Amer. Statist. Assoc. 67, 306-310; DeSarbo and Cron (1988), J. Classif. 5, 249-282.
    Prior of rows: Ibrahim and Chen (2000), Statist. Sci. 15, 46-60.
    When the lines are identified: Hennig (2000), J. Classif. 17, 273-296.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.gaussian_regression.settings import (
    GaussianRegressionConstants,
    GaussianRegressionParams,
    GaussianRegressionSettings,
)
from emdesk.laws.gaussian_regression.whole import one_for_all
from emdesk.model.dataset import Kind
from emdesk.model.design import Terms
from emdesk.model.law import Ascent, Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.regression_law import RegressionLaw
from emdesk.model.regression_sums import Block, Kernel, RegressionSums
from emdesk.model.rows import Rows
from emdesk.model.scaling import scaling_of
from emdesk.model.tied import levelled, saved
from emdesk.texts import say

F64 = NDArray[np.float64]
LOG_2_PI = float(np.log(2 * np.pi))
EXACT = 1e-10
"""A response whose residuals are smaller than this share of its spread follows from its predictors."""
START_FLOOR = 1e-6
LEAST_SPREAD, MOST_SPREAD = 1e-153, 1e153


class GaussianRegression(RegressionLaw[GaussianRegressionParams, GaussianRegressionConstants]):
    """A normal response on a linear predictor."""

    id: ClassVar[str] = "gaussian-regression"
    label: ClassVar[str] = "Gaussian regression"
    Settings: ClassVar[type] = GaussianRegressionSettings
    Params: ClassVar[type] = GaussianRegressionParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL, Kind.TIME}), most=1
    )
    holdable: ClassVar[tuple[str, ...]] = ("coefficients", "sds")
    tieable: ClassVar[tuple[str, ...]] = ("coefficients", "sds")

    def ascent(self, settings: GaussianRegressionSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: GaussianRegressionSettings) -> Invariance:
        return Invariance(shift=settings.intercept, scale_all=True, scale_each=True)

    def constants(
        self, rows: Rows, settings: GaussianRegressionSettings
    ) -> GaussianRegressionConstants:
        design = self.checked_design(rows, settings.intercept)
        found = scaling_of(rows.columns, rows.weights, by_column=True, exact=True)
        spread, name = float(found.deviations[0]), rows.names[0]
        if not (spread > 0 and LEAST_SPREAD < spread < MOST_SPREAD):
            key = "data.no_spread" if not spread > 0 else "regression.out_of_range"
            raise DataProblem(
                say(key, name=name, deviation=f"{spread:.3g}"),
                columns=(name,),
                remedy=say("data.other_law"),
            )
        centre = float(found.centres[0]) if settings.intercept else 0.0
        scale = float(found.scales[0])
        common, left, information = one_for_all(
            design, self.raw(rows), (rows.columns[0] - centre) / scale, rows
        )
        if left < EXACT:
            raise DataProblem(
                say("regression.exact", name=name),
                columns=(name,),
                remedy=say("regression.exact_remedy"),
            )
        terms = Terms(design.names, design.averages)
        has_gaps = bool(np.isnan(rows.columns).any())
        plain = GaussianRegressionConstants(
            design, terms, 0, has_gaps, common, centre, scale, left, information, settings
        )
        return replace(
            plain,
            bound=self.bound_of(rows, design.size, lambda b: self._coefficients_in_units(b, plain)),
            held=_held_sds(rows, scale, settings),
            sd_classes=rows.held.tied("sds", (rows.groups,)),
        )

    def _coefficients_in_units(
        self, coefficients: F64, constants: GaussianRegressionConstants
    ) -> F64:
        made = constants.scale * constants.design.in_units(coefficients + constants.common)
        if constants.design.has_intercept:
            made[:, 0] += constants.centre
        return made

    def encode(self, rows: Rows, constants: GaussianRegressionConstants) -> F64:
        terms = constants.design.terms(self.raw(rows))
        responses = (rows.columns[0] - constants.centre) / constants.scale
        responses = responses - constants.common @ terms
        return self.laid_out(terms, responses, np.zeros((0, len(responses))))

    def left_over(self, encoded: F64, constants: GaussianRegressionConstants) -> F64:
        return np.asarray(encoded[constants.design.size] / constants.deviation)

    def log_peak(
        self, params: GaussianRegressionParams, constants: GaussianRegressionConstants
    ) -> F64 | None:
        if constants.has_gaps:  # a row without a response has density 1
            return None
        return np.asarray(-np.log(params.sds * constants.scale) - 0.5 * LOG_2_PI)

    def kernel(
        self,
        params: GaussianRegressionParams,
        offsets: F64,
        constants: GaussianRegressionConstants,
    ) -> ScaledKernel:
        return ScaledKernel(
            params.coefficients, params.sds, offsets, float(np.log(constants.scale))
        )

    def log_terms(self, block: Block, predictors: F64, kernel: Kernel, out: F64) -> None:
        assert isinstance(kernel, ScaledKernel)
        np.subtract(block.responses, predictors, out=out)
        out /= kernel.spreads[:, None]
        np.square(out, out=out)
        out *= -0.5
        out -= (np.log(kernel.spreads) + kernel.log_scale + 0.5 * LOG_2_PI)[:, None]

    def residuals(self, block: Block, predictors: F64, work: Workspace) -> tuple[F64, F64 | None]:
        made = work.array("regression.residuals", *predictors.shape)
        np.subtract(block.responses, predictors, out=made)
        return made, None

    def spreads_of(self, params: GaussianRegressionParams) -> F64:
        return params.sds

    def base(self, constants: GaussianRegressionConstants) -> F64:
        return np.zeros(constants.design.size)

    def start(
        self, statistics: RegressionSums, constants: GaussianRegressionConstants
    ) -> GaussianRegressionParams:
        pooled = statistics.pooled_in(constants.design.size + 1.0)
        coefficients, squares = self._solved(pooled, constants)
        common = np.sqrt(max(squares.sum() / max(pooled.seen.sum(), 1e-300), 0.0))
        least = max(np.sqrt(START_FLOOR) * constants.deviation, constants.least)
        sds = np.full(len(coefficients), max(float(common), least))
        return self.retract(
            GaussianRegressionParams(coefficients, sds, constants.carried), constants
        )

    def maximise(
        self,
        statistics: RegressionSums,
        params: GaussianRegressionParams | None,
        constants: GaussianRegressionConstants,
    ) -> GaussianRegressionParams:
        statistics = constants.with_prior(statistics)
        precision = None if params is None else 1 / params.sds**2
        coefficients, squares = self._solved(statistics, constants, precision)
        seen, squares = constants.shared_out(statistics.seen, squares)
        before = np.full(len(seen), constants.deviation) if params is None else params.sds
        empty = seen <= 0
        if constants.is_common:
            total = float(seen.sum())
            variances = np.full(len(seen), squares.sum() / total if total > 0 else before[0] ** 2)
        else:
            variances = np.where(empty, before**2, squares / np.where(empty, 1.0, seen))
        sds = np.maximum(np.sqrt(np.maximum(variances, 0.0)), constants.least)
        return GaussianRegressionParams(coefficients, _with_held(sds, constants), constants.carried)

    def expected(
        self,
        statistics: RegressionSums,
        params: GaussianRegressionParams,
        constants: GaussianRegressionConstants,
    ) -> F64:
        # half the sum of squares at the coefficients, from that at those of the sums
        halves = 0.5 * statistics.squares - statistics.climb(params.coefficients)
        return np.asarray(-statistics.seen * np.log(params.sds) - halves / params.sds**2)

    def log_prior(
        self, params: GaussianRegressionParams, constants: GaussianRegressionConstants
    ) -> float:
        """Relative to the one regression of all rows, which is the mode."""
        rows, spread = constants.settings.prior, constants.deviation
        if rows == 0:
            return 0.0
        made = params.coefficients
        squares = spread**2 + ((made @ constants.information) * made).sum(axis=1)
        falls = np.log(params.sds / spread) + 0.5 * squares / params.sds**2 - 0.5
        return -float(rows * falls.sum())

    def _solved(
        self,
        statistics: RegressionSums,
        constants: GaussianRegressionConstants,
        precision: F64 | None = None,
    ) -> tuple[F64, F64]:
        """Coefficients (K, p) of weighted least squares, of groups of that precision (K,) where these are tied, and the
        sums (K,) of squared residuals that they leave."""
        steps = constants.bound.steps(statistics.score, statistics.information, precision)
        along = (steps * statistics.score).sum(axis=1)
        bent = np.einsum("kp,kpq,kq->k", steps, statistics.information, steps)
        return statistics.at + steps, np.asarray(statistics.squares - 2 * along + bent)

    def free_parameters(
        self, params: GaussianRegressionParams, constants: GaussianRegressionConstants
    ) -> int:
        groups = len(params.sds)
        held = 0 if constants.held is None else int(constants.held[0].sum())
        tied = 0 if constants.sd_classes is None else saved(constants.sd_classes)
        of_sds = (0 if held else 1) if constants.is_common else groups - held - tied
        return params.coefficients.size - constants.bound.count + of_sds

    def in_units(
        self, params: GaussianRegressionParams, constants: GaussianRegressionConstants
    ) -> GaussianRegressionParams:
        made = self._coefficients_in_units(params.coefficients, constants)
        return GaussianRegressionParams(made, params.sds * constants.scale, constants.carried)

    def from_units(
        self, params: GaussianRegressionParams, constants: GaussianRegressionConstants
    ) -> GaussianRegressionParams:
        for k, sd in enumerate(params.sds):
            if not sd > 0:
                raise SettingProblem(
                    say(
                        "start.not_above_zero",
                        label="Residual SD",
                        component=k + 1,
                        value=f"{sd:g}",
                    ),
                    setting="start",
                )
        moved = params.coefficients.copy()
        if constants.design.has_intercept:
            moved[:, 0] -= constants.centre
        inner = constants.design.from_units(moved / constants.scale) - constants.common
        made = GaussianRegressionParams(inner, params.sds / constants.scale, constants.carried)
        return self.retract(made, constants)

    def retract(
        self, params: GaussianRegressionParams, constants: GaussianRegressionConstants
    ) -> GaussianRegressionParams:
        sds = np.maximum(params.sds, constants.least)
        if constants.is_common and np.ptp(sds) > 0:
            sds = np.full(len(sds), np.exp(np.log(sds).mean()))
        return GaussianRegressionParams(
            constants.bound.put(params.coefficients), _with_held(sds, constants), constants.carried
        )

    def weaknesses(
        self, params: GaussianRegressionParams, constants: GaussianRegressionConstants
    ) -> tuple[Weakness, ...]:
        touching = params.sds <= constants.least * (1 + 1e-9)
        if constants.held is not None and len(params.sds) == len(constants.held[0]):
            touching &= ~constants.held[0]
        if touching.any() and constants.is_common:
            return (Weakness(0, "floor", say("regression.floor_common")),)
        return tuple(
            Weakness(int(k), "floor", "regression.floor") for k in np.flatnonzero(touching)
        )

    def params_of(
        self,
        coefficients: F64,
        params: GaussianRegressionParams | None,
        constants: GaussianRegressionConstants,
    ) -> GaussianRegressionParams:
        sds = np.full(len(coefficients), constants.deviation) if params is None else params.sds
        return self.retract(
            GaussianRegressionParams(coefficients, sds, constants.carried), constants
        )

    def repeated(self, params: GaussianRegressionParams, groups: int) -> GaussianRegressionParams:
        return replace(
            params,
            coefficients=np.repeat(params.coefficients[:1], groups, axis=0),
            sds=np.repeat(params.sds[:1], groups),
        )

    def linked(self, means: F64, constants: GaussianRegressionConstants) -> F64:
        average = constants.design.average
        return np.asarray((means - constants.centre) / constants.scale - constants.common @ average)

    def quantities(
        self, params: GaussianRegressionParams, names: tuple[str, ...]
    ) -> tuple[Quantity, ...]:
        label = say("quantity.residual_sd")
        return (
            *super().quantities(params, names),
            Quantity("sds", label, ("component",), params.sds),
        )

    def means_and_variances(
        self, predictors: F64, trials: F64, params: GaussianRegressionParams
    ) -> tuple[F64, F64]:
        variances = np.broadcast_to(params.sds[:, None] ** 2, predictors.shape)
        return predictors, np.asarray(variances)

    def log_response(
        self, values: F64, predictors: F64, trials: float, params: GaussianRegressionParams
    ) -> F64:
        sds = params.sds[:, None]
        return np.asarray(-0.5 * ((values - predictors) / sds) ** 2 - np.log(sds) - 0.5 * LOG_2_PI)

    def draw(
        self,
        predictors: F64,
        trials: F64,
        groups: NDArray[np.intp],
        params: GaussianRegressionParams,
        rng: Any,
    ) -> F64:
        return np.asarray(predictors + params.sds[groups] * rng.standard_normal(len(groups)))

    def in_units_of_rows(
        self,
        encoded: F64,
        params: GaussianRegressionParams,
        constants: GaussianRegressionConstants,
    ) -> tuple[F64, F64]:
        terms = encoded[: constants.design.size]
        made = (params.coefficients + constants.common) @ terms
        return made * constants.scale + constants.centre, np.ones(encoded.shape[1])

    def observed(self, encoded: F64, constants: GaussianRegressionConstants) -> F64:
        terms = encoded[: constants.design.size]
        made = encoded[constants.design.size] + constants.common @ terms
        return np.asarray(made * constants.scale + constants.centre)


@dataclass(frozen=True, eq=False)
class ScaledKernel(Kernel):
    """`log_scale` is the logarithm of the unit of the response."""

    log_scale: float


def _held_sds(
    rows: Rows, scale: float, settings: GaussianRegressionSettings
) -> tuple[NDArray[np.bool_], F64] | None:
    found = rows.held.of("sds", (rows.groups,))
    if found is None:
        return None
    mask, values = found
    for k in np.flatnonzero(mask):
        if not (np.isfinite(values[k]) and values[k] > 0):
            raise SettingProblem(
                say("regression.held_sd", component=k + 1, value=f"{values[k]:g}"), setting="held"
            )
    if settings.sd == "common" and (not mask.all() or np.ptp(values) > 0):
        raise SettingProblem(
            say("regression.hold_common"), setting="held", remedy=say("regression.hold_all")
        )
    return mask, values / scale


def _with_held(sds: F64, constants: GaussianRegressionConstants) -> F64:
    if constants.held is not None and len(constants.held[0]) == len(sds):
        mask, values = constants.held
        sds = np.where(mask, values, sds)
    classes = constants.sd_classes
    return sds if classes is None or len(classes) != len(sds) else levelled(sds, classes)
