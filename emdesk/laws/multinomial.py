"""Multinomial law: the counts of a row over several columns, out of the row's total.

When to use it
    Words of documents, species in samples, votes by district: how a total is made up, when the total itself tells
    nothing. Each group has its own shares of the columns.

When not
    Totals that tell the groups apart (poisson). Counts that clump more than shares allow: one more occurrence of a
    word makes the next likelier, and the groups then come out too sure of themselves.

The log density has the multinomial coefficient, log N! - sum log x!, so that it can be compared with other laws for
counts; without it the fits are the same and the log-likelihood is higher by a constant. A row whose counts are all 0
has log density 0. Rows with missing counts are set aside, because their total is not known. EMDesk keeps shares a
little above 0, which changes no digit that is shown. Prior rows are a Dirichlet prior: so many rows of an average
total, made up like all rows together, are added to every component.

Sources
    Nigam, McCallum, Thrun and Mitchell (2000), Machine Learning 39, 103-134; McLachlan and Peel (2000), Finite Mixture
    Models, section 5.9.
    Digits of the density: Loader (2000), Fast and accurate computation of binomial probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.columnwise import PRIOR_ROWS
from emdesk.model.dataset import Kind
from emdesk.model.law import Ascent, Quantity, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.counts import (
    LOG_2_PI,
    are_counts,
    deviance,
    log_binomial,
    stirling_error,
)
from emdesk.model.numerics.products import weighted_sums
from emdesk.model.numerics.shares import best_shares, free_shares, unfit_held
from emdesk.model.params import Axes, Domain
from emdesk.model.plain_law import PlainLaw
from emdesk.model.positive import chosen_columns
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
MARGIN = 1e-10
"""Of an expected count: shares stay so far from 0."""
LEAST_MARGIN = 1e-15
EXACT_ABOVE = 500
"""Totals above so many for each column are looked at group by group: the product would lose digits."""
START_SHARE = 0.2

TEXTS = {
    "multinomial.one_column": "one column is chosen, and this law needs two or more",
    "multinomial.choose_more": "Choose the columns that make up the total together",
    "multinomial.no_counts": "every count of every used row is 0",
    "multinomial.sum": (
        "the shares of component {component} are {values}; they lie between 0 and 1 and add to 1"
    ),
    "multinomial.held": (
        "the shares held in component {component} are {values}; they leave nothing for the others"
    ),
    "multinomial.hold_less": "Hold shares that add to less than 1, or to 1 if all are held",
    "multinomial.total": "the total of the start is {value}, and it is 0 or more",
}
declare(TEXTS)


@dataclass(frozen=True)
class MultinomialSettings:
    """Settings of the multinomial law."""

    prior: Annotated[float, PRIOR_ROWS] = 0.0


@dataclass(frozen=True, eq=False)
class MultinomialParams:
    """Shares of the columns, and the average total of the rows, which is not estimated."""

    shares: Annotated[F64, Axes("component", "column", label="Share"), Domain.SIMPLEX]
    total: Annotated[F64, Axes(label="Average total"), Domain.REAL]


@dataclass(frozen=True, eq=False)
class MultinomialConstants:
    """The shares (d,) of all counts, the average and the largest total, the rows of the prior, and which shares (K, d)
    do not move and where they stand; one group stands for all where nothing is held."""

    shares: F64
    average: float
    largest: float
    prior: float
    fixed: Mask
    fixed_at: F64

    @property
    def margin(self) -> float:
        """The least share that is estimated."""
        return max(LEAST_MARGIN, MARGIN / max(self.largest, 1.0))

    @property
    def is_apart(self) -> bool:
        """Whether counts are so large that groups are looked at one by one."""
        return self.largest > EXACT_ABOVE * len(self.shares)


@dataclass(frozen=True, eq=False)
class MultinomialSums:
    """Effective rows (K,) and counts (K, d)."""

    counts: F64
    totals: F64

    def __add__(self, other: Self) -> MultinomialSums:
        return MultinomialSums(self.counts + other.counts, self.totals + other.totals)

    def scaled(self, factor: float) -> MultinomialSums:
        """Both sums times a factor."""
        return MultinomialSums(factor * self.counts, factor * self.totals)


@dataclass(frozen=True, eq=False)
class MultinomialKernel:
    """Coefficients (K, 1 + d + 2) of the features; the shares (K, d) if groups are looked at one by one."""

    coefficients: F64
    apart: F64 | None


class Multinomial(PlainLaw):
    """Counts out of a total."""

    id: ClassVar[str] = "multinomial"
    label: ClassVar[str] = "Multinomial"
    Settings: ClassVar[type] = MultinomialSettings
    Params: ClassVar[type] = MultinomialParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT}), least=2, whole=True, nonnegative=True
    )
    holdable: ClassVar[tuple[str, ...]] = ("shares",)

    def ascent(self, settings: MultinomialSettings) -> Ascent:
        return Ascent.EXACT

    def constants(self, rows: Rows, settings: MultinomialSettings) -> MultinomialConstants:
        rows.held.refuse_others(self.holdable)
        if len(rows.names) < self.needs.least:
            raise DataProblem(
                say("multinomial.one_column"),
                columns=rows.names,
                remedy=say("multinomial.choose_more"),
            )
        for name, cells in zip(rows.names, rows.columns, strict=True):
            unfit = np.flatnonzero(~are_counts(cells))
            if unfit.size:
                value, row = f"{cells[unfit[0]]:g}", int(rows.row_numbers[unfit[0]]) + 1
                raise DataProblem(
                    say("data.not_counts", name=name, value=value, row=row),
                    columns=(name,),
                    remedy=say("data.other_law"),
                )
        totals = rows.columns.sum(axis=0)
        average = float(np.average(totals, weights=rows.weights))
        if average == 0:
            raise DataProblem(say("multinomial.no_counts"), columns=rows.names)
        shares = np.average(rows.columns, axis=1, weights=rows.weights) / average
        fixed, at = _fixed(rows, shares)
        return MultinomialConstants(shares, average, float(totals.max()), settings.prior, fixed, at)

    def encode(self, rows: Rows, constants: MultinomialConstants) -> F64:
        """1, the counts, and two parts of the log density that are the same in every group: that of Stirling's
        formula, and minus N times the entropy of the row."""
        x = rows.columns
        total = x.sum(axis=0)
        seen = np.maximum(x, 1.0)
        each = np.where(x > 0, stirling_error(seen) + 0.5 * (LOG_2_PI + np.log(seen)), 0.0)
        whole = np.maximum(total, 1.0)
        stirling = stirling_error(whole) + 0.5 * (LOG_2_PI + np.log(whole))
        base = np.where(total > 0, stirling, 0.0) - each.sum(axis=0)
        entropy = (x * np.log(seen / whole)).sum(axis=0)
        return np.concatenate([np.ones((1, x.shape[1])), x, base[None], entropy[None]])

    def coordinates(self, encoded: F64, constants: MultinomialConstants) -> F64:
        counts = encoded[1:-2]
        total = counts.sum(axis=0)
        shares = np.where(
            total > 0, counts / np.where(total > 0, total, 1.0), constants.shares[:, None]
        )
        # square roots of shares: chi-square distances nearly, at every share
        return np.sqrt(shares)

    def feature_rows(self, constants: MultinomialConstants) -> int:
        return len(constants.shares) + 3

    def features(self, encoded: F64, constants: MultinomialConstants, work: Workspace) -> F64:
        return encoded

    def kernel(
        self, params: MultinomialParams, offsets: F64, constants: MultinomialConstants
    ) -> MultinomialKernel:
        groups = len(params.shares)
        ones = np.ones((groups, 1))
        if constants.is_apart:
            nothing = np.zeros_like(params.shares)
            rows = np.concatenate([offsets[:, None], nothing, ones, 0 * ones], axis=1)
            return MultinomialKernel(rows, params.shares)
        logs = np.log(np.maximum(params.shares, 1e-300))
        return MultinomialKernel(
            np.concatenate([offsets[:, None], logs, ones, -ones], axis=1), None
        )

    def log_peak(self, params: MultinomialParams, constants: MultinomialConstants) -> F64 | None:
        return np.zeros(len(params.shares))

    def log_density(
        self, features: F64, kernel: MultinomialKernel, out: F64, work: Workspace
    ) -> None:
        np.matmul(kernel.coefficients, features, out=out)
        if kernel.apart is None:
            return
        counts = features[1:-2]
        total = counts.sum(axis=0)
        for k, shares in enumerate(kernel.apart):
            expected = np.maximum(shares[:, None] * total, 1e-300)
            out[k] -= (expected * deviance((counts - expected) / expected)).sum(axis=0)

    def statistics(
        self,
        features: F64,
        responsibilities: F64,
        kernel: Any | None,
        constants: MultinomialConstants,
        work: Workspace,
    ) -> MultinomialSums:
        total = weighted_sums(responsibilities, features[:-2])
        return MultinomialSums(total[:, 0].copy(), total[:, 1:].copy())

    def start(
        self, statistics: MultinomialSums, constants: MultinomialConstants
    ) -> MultinomialParams:
        counts = statistics.totals + constants.average * constants.shares
        found = counts / counts.sum(axis=1, keepdims=True)
        return _made(START_SHARE * constants.shares + (1 - START_SHARE) * found, constants)

    def maximise(
        self,
        statistics: MultinomialSums,
        params: MultinomialParams | None,
        constants: MultinomialConstants,
    ) -> MultinomialParams:
        counts = statistics.totals + constants.prior * constants.average * constants.shares
        empty = counts.sum(axis=1) <= 0
        if empty.any():
            before = np.broadcast_to(constants.shares, counts.shape)
            counts[empty] = (before if params is None else params.shares)[empty]
        return _made(counts, constants)

    def expected(
        self,
        statistics: MultinomialSums,
        params: MultinomialParams,
        constants: MultinomialConstants,
    ) -> F64:
        logs = np.log(np.maximum(params.shares, 1e-300))
        return np.asarray((statistics.totals * logs).sum(axis=1))

    def log_prior(self, params: MultinomialParams, constants: MultinomialConstants) -> float:
        if constants.prior == 0:
            return 0.0
        from scipy.special import gammaln

        counts = constants.prior * constants.average * constants.shares
        possible = constants.shares > 0
        constant = gammaln(counts.sum() + possible.sum()) - gammaln(1 + counts).sum()
        logs = np.log(np.maximum(params.shares, 1e-300))
        return float(len(params.shares) * constant + (counts * logs).sum())

    def free_parameters(self, params: MultinomialParams, constants: MultinomialConstants) -> int:
        groups = len(params.shares)
        return free_shares(np.broadcast_to(constants.fixed[:groups], params.shares.shape))

    def retract(
        self, params: MultinomialParams, constants: MultinomialConstants
    ) -> MultinomialParams:
        return _made(params.shares, constants)

    def from_units(
        self, params: MultinomialParams, constants: MultinomialConstants
    ) -> MultinomialParams:
        for k, shares in enumerate(params.shares):
            if not (abs(shares.sum() - 1) <= 1e-6 and (shares >= 0).all()):
                shown = ", ".join(f"{value:g}" for value in shares)
                raise SettingProblem(
                    say("multinomial.sum", component=k + 1, values=shown), setting="start"
                )
        if not params.total >= 0:
            raise SettingProblem(
                say("multinomial.total", value=f"{float(params.total):g}"), setting="start"
            )
        totals = params.shares.sum(axis=1, keepdims=True)
        scale = np.where(np.abs(totals - 1) > 1e-12, totals, 1.0)
        return MultinomialParams(params.shares / scale, np.array(constants.average))

    def means_at(
        self, means: F64, spread: MultinomialParams, constants: MultinomialConstants
    ) -> MultinomialParams:
        counts = np.maximum(means, 0.0) + 0.01 * constants.average * constants.shares
        return _made(counts / counts.sum(axis=1, keepdims=True), constants)

    def quantities(self, params: MultinomialParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        label = say("quantity.share")
        return (Quantity("shares", label, ("component", "column"), params.shares),)

    def moments(self, params: MultinomialParams) -> tuple[F64, F64]:
        total, p = float(params.total), params.shares
        spread = p[:, :, None] * (np.eye(p.shape[1]) - p[:, None, :])
        return total * p, total * spread

    def is_discrete(self) -> bool:
        return True

    def log_marginal(
        self, params: MultinomialParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        """Of one column, or of two out of the average total."""
        chosen = chosen_columns(directions, centre)
        if chosen is None or len(chosen) > 2:
            return None
        total = np.rint(float(params.total))
        left = np.full(points.shape[1], total)
        made = np.zeros((len(params.shares), points.shape[1]))
        gone = np.zeros((len(params.shares), 1))
        for column, row in zip(chosen.tolist(), np.rint(points), strict=True):
            share = params.shares[:, column, None]
            # a share of what is left after the columns before
            part = np.clip(share / np.maximum(1 - gone, 1e-300), 0.0, 1.0)
            fits = (row >= 0) & (row <= left)
            logs = log_binomial(np.where(fits, row, 0.0), np.where(fits, left, 0.0), part)
            made += np.where(fits, logs, -np.inf)
            left = np.where(fits, left - row, 0.0)
            gone = gone + share
        return made

    def simulate(
        self, params: MultinomialParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        """Rows of the average total."""
        shares = params.shares / params.shares.sum(axis=1, keepdims=True)
        total = round(float(params.total))
        return np.ascontiguousarray(rng.multinomial(total, shares[groups]).T.astype(np.float64))

    def simulate_at(
        self,
        encoded: F64,
        params: MultinomialParams,
        constants: MultinomialConstants,
        groups: NDArray[np.intp],
        rng: np.random.Generator,
    ) -> F64:
        """Rows of the totals of encoded rows."""
        totals = encoded[1:-2].sum(axis=0).astype(np.int64)
        shares = params.shares / params.shares.sum(axis=1, keepdims=True)
        return np.ascontiguousarray(rng.multinomial(totals, shares[groups]).T.astype(np.float64))


def _made(counts: F64, constants: MultinomialConstants) -> MultinomialParams:
    groups = len(counts)
    shares = best_shares(
        counts, constants.fixed[:groups], constants.fixed_at[:groups], constants.margin
    )
    return MultinomialParams(shares, np.array(constants.average))


def _fixed(rows: Rows, shares: F64) -> tuple[Mask, F64]:
    """Which shares do not move, and where they stand: those held, and 0 for columns without any count."""
    possible = shares > 0
    fixed = ~possible[None]
    held = rows.held.of("shares", (rows.groups, len(shares)))
    if held is None:
        return fixed, np.zeros(fixed.shape)
    mask, values = held
    for k in np.flatnonzero(unfit_held(mask, values, possible)):
        shown = ", ".join(f"{value:g}" for value in values[k][mask[k]])
        raise SettingProblem(
            say("multinomial.held", component=k + 1, values=shown),
            setting="held",
            remedy=say("multinomial.hold_less"),
        )
    return fixed | mask, np.where(mask, values, 0.0)


LAW = Multinomial()
