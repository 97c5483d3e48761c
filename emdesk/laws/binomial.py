"""Binomial law: successes out of a known number of trials, columns independent given the group.

When to use it
    Correct answers out of 20 items, defects in lots of 50, reads with the allele out of the depth: each group has its
    own probability of success in every column. The trials are the same in every row (a setting), or stand in a column
    with the role trials: one for all columns, or one for each in their order.

When not
    One trial a cell (bernoulli), counts without a limit (poisson), and successes that clump within a row: more spread
    than a binomial has is answered by extra groups.

With the trials setting at 0 the largest count of each column is taken for its trials. The log density has its constant,
the binomial coefficient. A missing cell is left out. EMDesk keeps probabilities a little away from 0 and 1, which
changes no digit that is shown. Prior rows are a beta prior: so many rows of average trials, with the successes of the
whole column, are added to every component.

Sources
    Titterington, Smith and Makov (1985), Statistical Analysis of Finite Mixture Distributions, section 4.3; Everitt and
    Hand (1981), Finite Mixture Distributions, section 4.2.
    Digits of the density: Loader (2000), Fast and accurate computation of binomial probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.column_terms import TermsLaw, TermSums
from emdesk.model.columnwise import (
    COMPONENT_COLUMN,
    NO_CELLS,
    PRIOR_ROWS,
    ColumnConstants,
    HeldCells,
    Mask,
)
from emdesk.model.count_law import CountLaw
from emdesk.model.dataset import Kind
from emdesk.model.fields import Field
from emdesk.model.law import Quantity
from emdesk.model.needs import Needs, Role
from emdesk.model.numerics.counts import (
    LOG_2_PI,
    are_counts,
    deviance,
    log_binomial,
    stirling_error,
)
from emdesk.model.params import Axes, Domain
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
MARGIN = 1e-10
"""Of an expected count: probabilities stay so far from 0 and 1."""
LEAST_MARGIN = 2.5e-16
LARGE = 300.0
"""With more trials than this the density multiplied out loses digits."""

TEXTS = {
    "binomial.above_trials": (
        "column {name} holds {value} in row {row}, where there are {trials} trials"
    ),
    "binomial.mend_trials": "Give the trials there are, by the setting or in a column, or choose another law",
    "binomial.bad_trials": (
        "the trials in row {row} are {value}, and trials are whole and not negative"
    ),
    "binomial.trial_columns": (
        "{found} columns have the role trials; give one for all, or one for each of the {wanted} columns"
    ),
    "binomial.trials_of_start": "the trials of the start are {values}, and they are 0 or more",
}
declare(TEXTS)


@dataclass(frozen=True)
class BinomialSettings:
    """Settings of the binomial law."""

    trials: Annotated[
        int,
        Field(
            "Trials",
            "How many trials every cell is out of. A column with the role trials takes its place. 0: the largest count "
            "of each column.",
            low=0,
            high=2**31 - 1,
        ),
    ] = 0
    prior: Annotated[float, PRIOR_ROWS] = 0.0


@dataclass(frozen=True, eq=False)
class BinomialParams:
    """Probabilities of success, and the average trials of the columns, which are not estimated."""

    probabilities: Annotated[F64, Axes("component", "column", label="Probability"), Domain.UNIT]
    trials: Annotated[F64, Axes("column", label="Average trials"), Domain.REAL]


@dataclass(frozen=True, eq=False)
class BinomialConstants(ColumnConstants):
    """The trials (d, 1) or (d, n), their averages and largest (d,), the shares (d,) of successes, and the rows of the
    prior."""

    trials: F64
    average: F64
    largest: F64
    shares: F64
    prior: float

    @property
    def least(self) -> F64:
        """(d,) the least distance of a probability from 0 and 1."""
        return np.asarray(np.maximum(LEAST_MARGIN, MARGIN / np.maximum(self.largest, 1.0)))


class Binomial(CountLaw, TermsLaw[BinomialParams, BinomialConstants]):
    """Independent successes; the terms of x out of n are x, n, and n times the entropy of x / n."""

    id: ClassVar[str] = "binomial"
    label: ClassVar[str] = "Binomial"
    Settings: ClassVar[type] = BinomialSettings
    Params: ClassVar[type] = BinomialParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL}), whole=True, nonnegative=True
    )
    roles: ClassVar[tuple[Role, ...]] = (Role.TRIALS,)
    holdable: ClassVar[tuple[str, ...]] = ("probabilities",)
    kept: ClassVar[int] = 3
    summed: ClassVar[int] = 2

    def first_look(self, rows: Rows, settings: BinomialSettings) -> BinomialConstants:
        trials = _trials(rows, settings)
        every = np.broadcast_to(trials, rows.columns.shape)
        _refuse_more_than_trials(rows, every)
        there = ~np.isnan(rows.columns)
        weights = np.ones(rows.columns.shape[1]) if rows.weights is None else rows.weights
        counted = np.maximum((weights * there).sum(axis=1), 1e-300)
        average = (weights * np.where(there, every, 0.0)).sum(axis=1) / counted
        successes = (weights * np.where(there, rows.columns, 0.0)).sum(axis=1) / counted
        shares = np.where(average > 0, successes / np.where(average > 0, average, 1.0), 0.5)
        return BinomialConstants(trials, average, every.max(axis=1), shares, settings.prior)

    def encode(self, rows: Rows, constants: BinomialConstants) -> F64:
        if rows.roles.get(Role.TRIALS) is not None:
            constants = replace(constants, trials=_trials(rows, BinomialSettings()))
        return super().encode(rows, constants)

    def terms(self, columns: F64, constants: BinomialConstants) -> tuple[F64, F64]:
        trials = np.broadcast_to(constants.trials, columns.shape)
        fits = columns <= trials
        x = np.where(fits, columns, 0.0)
        rest = trials - x
        share = x / np.maximum(trials, 1.0)
        logs = x * np.log(np.where(x > 0, share, 1.0)) + rest * np.log1p(
            -np.where(rest > 0, share, 0.0)
        )
        base = _stirling(trials) - _stirling(x) - _stirling(rest)
        both = (x > 0) & (rest > 0)
        base = np.where(both, base, 0.0)
        return np.stack([x, trials, -logs]), np.where(fits, base, -np.inf)

    def coefficients(self, params: BinomialParams, constants: BinomialConstants) -> tuple[F64, F64]:
        p = params.probabilities
        others = np.log1p(-p)
        slopes = np.stack([np.log(p) - others, others, np.ones_like(p)])
        return np.zeros_like(p), np.where(constants.largest <= LARGE, slopes, 0.0)

    def cells(self, terms: F64, constants: BinomialConstants) -> F64:
        return np.asarray(terms[0])

    def apart(self, params: BinomialParams, constants: BinomialConstants) -> Mask:
        return np.broadcast_to(constants.largest > LARGE, params.probabilities.shape)

    def own_log_density(self, terms: F64, params: BinomialParams, k: int, j: int) -> F64:
        p = params.probabilities[k, j]
        x, trials = terms[0], terms[1]
        expected, others = np.maximum(trials * p, 1e-300), np.maximum(trials * (1 - p), 1e-300)
        away = x - trials * p
        distance = expected * deviance(away / expected) + others * deviance(-away / others)
        return np.asarray(-distance)

    def coordinates(self, encoded: F64, constants: BinomialConstants) -> F64:
        """Arcsines of roots of shares, in which the spread is nearly the same at every probability."""
        marks, terms = self.parted(encoded, self.kept, constants.d)
        shares = np.where(
            terms[1] > 0, terms[0] / np.maximum(terms[1], 1.0), constants.shares[:, None]
        )
        size = np.sqrt(np.maximum(constants.average, 1.0))[:, None]
        points = size * np.arcsin(np.sqrt(np.clip(shares, 0.0, 1.0)))
        return points if marks is None else np.where(marks > 0, points, np.nan)

    def start(self, statistics: TermSums, constants: BinomialConstants) -> BinomialParams:
        # one average row of the whole sample keeps every probability away from the ends
        rows = statistics.terms[1] + constants.average
        found = (statistics.terms[0] + constants.average * constants.shares) / np.maximum(rows, 1.0)
        return self._made(found, constants)

    def free_maximum(
        self,
        statistics: TermSums,
        params: BinomialParams | None,
        constants: BinomialConstants,
    ) -> BinomialParams:
        added = constants.prior * constants.average
        trials = statistics.terms[1] + added
        successes = statistics.terms[0] + added * constants.shares
        kept = constants.shares if params is None else params.probabilities
        found = np.where(trials > 0, successes / np.where(trials > 0, trials, 1.0), kept)
        return self._made(found, constants)

    def _made(self, probabilities: F64, constants: BinomialConstants) -> BinomialParams:
        return self.retract(BinomialParams(probabilities, constants.average), constants)

    def inside(self, params: BinomialParams, constants: BinomialConstants) -> BinomialParams:
        p = np.clip(params.probabilities, constants.least, 1 - constants.least)
        return BinomialParams(p, constants.average)

    def held_cells(self, rows: Rows, constants: BinomialConstants) -> HeldCells:
        shape = (rows.groups, len(rows.names))
        found = rows.held.of("probabilities", shape)
        if found is None:
            return NO_CELLS
        mask, values = found
        self.refuse_values(BinomialParams(np.where(mask, values, 0.5), constants.average), "held")
        least = constants.least
        return HeldCells(
            {"probabilities": mask}, {"probabilities": np.clip(values, least, 1 - least)}
        )

    def free_parameters(self, params: BinomialParams, constants: BinomialConstants) -> int:
        return int(params.probabilities.size) - constants.held.count

    def from_units(self, params: BinomialParams, constants: BinomialConstants) -> BinomialParams:
        if not (np.isfinite(params.trials).all() and (params.trials >= 0).all()):
            shown = ", ".join(f"{value:g}" for value in params.trials)
            raise SettingProblem(say("binomial.trials_of_start", values=shown), setting="start")
        return super().from_units(params, constants)

    def log_prior(self, params: BinomialParams, constants: BinomialConstants) -> float:
        """A beta density of each probability, whose mode is the share of the column."""
        if constants.prior == 0:
            return 0.0
        from scipy.special import betaln

        rows, share, p = constants.prior * constants.average, constants.shares, params.probabilities
        height = -betaln(1 + rows * share, 1 + rows * (1 - share))
        return float((height + rows * (share * np.log(p) + (1 - share) * np.log1p(-p))).sum())

    def means_at(
        self, means: F64, spread: BinomialParams, constants: BinomialConstants
    ) -> BinomialParams:
        return self._made(means / np.maximum(constants.average, 1e-300), constants)

    def quantities(self, params: BinomialParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        label = say("quantity.probability")
        return (Quantity("probabilities", label, COMPONENT_COLUMN, params.probabilities),)

    def means_and_variances(self, params: BinomialParams) -> tuple[F64, F64]:
        means = params.trials * params.probabilities
        return means, means * (1 - params.probabilities)

    def log_densities(self, params: BinomialParams, cells: F64, column: int) -> F64:
        """Out of the average trials."""
        trials = np.rint(params.trials[column])
        inside = cells <= trials
        p = params.probabilities[:, column, None]
        logs = log_binomial(np.where(inside, cells, 0.0), np.full(len(cells), trials), p)
        return np.where(inside, logs, -np.inf)

    def simulate(
        self, params: BinomialParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        """Successes out of the average trials."""
        trials = np.rint(params.trials).astype(np.int64)[:, None]
        return rng.binomial(trials, params.probabilities[groups].T).astype(np.float64)

    def simulate_at(
        self,
        encoded: F64,
        params: BinomialParams,
        constants: BinomialConstants,
        groups: NDArray[np.intp],
        rng: np.random.Generator,
    ) -> F64:
        """Successes out of the trials of encoded rows."""
        _, terms = self.parted(encoded, self.kept, constants.d)
        chances = params.probabilities[groups].T
        return rng.binomial(terms[1].astype(np.int64), chances).astype(np.float64)


def _stirling(counts: F64) -> F64:
    """log x! less x log x - x, 0 for x = 0."""
    x = np.maximum(counts, 1.0)
    return np.asarray(np.where(counts > 0, stirling_error(x) + 0.5 * (LOG_2_PI + np.log(x)), 0.0))


def _trials(rows: Rows, settings: BinomialSettings) -> F64:
    """(d, n) from columns with that role, else (d, 1)."""
    d = len(rows.names)
    given = rows.roles.get(Role.TRIALS)
    if given is None or not len(given):
        if settings.trials:
            return np.full((d, 1), float(settings.trials))
        counted = rows.columns if rows.weights is None else rows.columns[:, rows.weights > 0]
        return np.asarray(np.nanmax(counted, axis=1, keepdims=True))
    names = rows.role_names.get(Role.TRIALS, ())
    if len(given) not in (1, d):
        raise DataProblem(
            say("binomial.trial_columns", found=len(given), wanted=d), columns=tuple(names)
        )
    unfit = np.argwhere(~are_counts(given))
    for which, place in unfit:
        row = int(rows.row_numbers[place]) + 1
        raise DataProblem(
            say("binomial.bad_trials", row=row, value=f"{given[which, place]:g}"),
            columns=tuple(names),
        )
    return np.broadcast_to(given, rows.columns.shape)


def _refuse_more_than_trials(rows: Rows, trials: F64) -> None:
    for j, place in np.argwhere(rows.columns > trials):
        row = int(rows.row_numbers[place]) + 1
        told = say(
            "binomial.above_trials",
            name=rows.names[j],
            value=f"{rows.columns[j, place]:g}",
            row=row,
            trials=f"{trials[j, place]:g}",
        )
        raise DataProblem(told, columns=(rows.names[j],), remedy=say("binomial.mend_trials"))


LAW = Binomial()
