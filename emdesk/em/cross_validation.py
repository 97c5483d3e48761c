"""Cross-validated log-likelihood: what a model fitted to a part of the rows says of the others
(Stone 1974, J. R. Statist. Soc. B 36, 111-147; for mixtures Smyth 2000, Statistics and Computing 10, 63-72).

A log-likelihood of independent rows is a sum, so that of the rows that were left out is the one of all rows less the
one of the rows that were fitted, both under the fitted params. That holds whatever the family, law, weights and
missing cells are.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.attempts import Outcome, Progress
from emdesk.em.control import RunControl
from emdesk.em.fit_settings import FitSettings
from emdesk.em.reduce import Sweeper
from emdesk.em.restarts import Search, starts_of
from emdesk.errors import Problem, UsageProblem
from emdesk.model.dataset import Column, Dataset
from emdesk.model.family import ByParams, Cut, Family, Request
from emdesk.model.needs import Role
from emdesk.model.params import arrays
from emdesk.texts import say, translated

F64 = NDArray[np.float64]
MOST_UNITS = 2_000_000
"""Frequencies that add to more are left out row by row, not unit by unit."""


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """`log_likelihood` of the rows while they were left out, summed over all rows, the mean over `repeats`; `spread` is
    the standard deviation between repeats. NaN where a fold had no sound fit, and `reason` says so."""

    log_likelihood: float
    spread: float
    folds: int
    repeats: int
    reason: str = ""


@dataclass(frozen=True)
class Folds:
    """How the rows are cut: into `count` parts, `repeats` times, from `seed`."""

    count: int = 10
    repeats: int = 1
    seed: int = 0

    def check(self) -> None:
        """A UsageProblem where nothing would be left out or fitted."""
        if self.count < 2:
            raise UsageProblem(
                say("compare.too_few_folds", count=self.count), remedy=say("compare.give_folds")
            )
        if self.repeats < 1:
            raise UsageProblem(
                say("compare.too_few_repeats", count=self.repeats),
                remedy=say("compare.give_repeats"),
            )


def cross_validate(
    family: Family,
    dataset: Dataset,
    request: Request,
    settings: FitSettings,
    folds: Folds,
    control: RunControl,
    sweeper: Sweeper,
) -> Generator[Progress, None, CrossValidation]:
    """Yield every iteration of the fit of every fold. A Problem where the rows cannot be left out one by one."""
    folds.check()
    whole = family.prepare(dataset, request)
    totals = []
    for repeat in range(folds.repeats):
        total = 0.0
        parts = training_sets(family, dataset, request, whole, folds, repeat)
        for number, training in enumerate(parts):
            outside, reason = yield from _one_fold(
                family, training, request, settings, whole, control, sweeper
            )
            if reason:
                said = say("compare.fold_unsound", fold=number + 1, why=reason)
                return CrossValidation(math.nan, math.nan, folds.count, folds.repeats, said)
            total += outside
        totals.append(total)
    spread = float(np.std(totals, ddof=1)) if len(totals) > 1 else math.nan
    return CrossValidation(float(np.mean(totals)), spread, folds.count, folds.repeats)


def _one_fold(
    family: Family,
    training: Dataset,
    request: Request,
    settings: FitSettings,
    whole: Any,
    control: RunControl,
    sweeper: Sweeper,
) -> Generator[Progress, None, tuple[float, str]]:
    """The log-likelihood of what is not in the training rows, or the reason why there is none."""
    try:
        data = family.prepare(training, request)
    except Problem as problem:
        return math.nan, problem.what
    starts = starts_of(settings, family.start_methods())
    outcome: Outcome = yield from Search(family, data, starts, settings, control, sweeper).run()
    control.checkpoint()
    best = outcome.best
    if not best.is_sound:
        return math.nan, best.sentence
    params = best.trace.params_at(best.kept, family, data, sweeper, control)
    shown = ByParams(dict(arrays(family.in_units(data, params))))
    outside = family.start(whole, shown, np.random.default_rng(0))
    everything = sweeper.sweep(family, whole, outside, family.blocks(whole), control)
    return everything.log_likelihood - best.trace.log_likelihoods[best.kept], ""


def training_sets(
    family: Family, dataset: Dataset, request: Request, whole: Any, folds: Folds, repeat: int = 0
) -> Iterator[Dataset]:
    """The data without one part after the other: rows, units of a frequency, or whole sequences."""
    rng = np.random.default_rng((folds.seed, repeat))
    used = np.sort(whole.row_numbers)
    counts = _frequencies(dataset, request, used)
    if counts is not None and family.cut is Cut.ROWS:
        parts = _units(counts, folds.count, rng)
        for part in parts:
            yield _with_weights(dataset, request, used, counts - part)
        return
    codes = _parts_of_rows(family, dataset, request, used, folds.count, rng)
    for number in range(folds.count):
        yield _rows_of(dataset, used[codes != number])


def _parts_of_rows(
    family: Family,
    dataset: Dataset,
    request: Request,
    used: NDArray[np.intp],
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """(n,) the part of every used row; rows of one sequence stay together."""
    if family.cut is Cut.ROWS:
        return _dealt(len(used), count, rng)
    names = request.roles.get(Role.SEQUENCE, ())
    if family.cut is not Cut.SEQUENCES or not names:
        raise UsageProblem(
            say("compare.rows_hang_together", family=translated(family.label)),
            remedy=say("compare.use_bic"),
        )
    _, codes = np.unique(dataset.column(names[0]).values[used], return_inverse=True)
    sequences = int(codes.max()) + 1
    return _dealt(sequences, count, rng)[codes]


def _dealt(size: int, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """(size,) a part for each, all parts as large as can be; a UsageProblem if there are fewer than parts."""
    if size < count:
        raise UsageProblem(
            say("compare.more_folds", count=count, size=size), remedy=say("compare.give_folds")
        )
    return np.asarray(rng.permutation(np.arange(size) % count))


def _frequencies(
    dataset: Dataset, request: Request, used: NDArray[np.intp]
) -> NDArray[np.intp] | None:
    """(n,) how often each used row counts, where the weights are frequencies; None else."""
    names = request.roles.get(Role.WEIGHT, ())
    if not names:
        return None
    weights = dataset.column(names[0]).values[used]
    if not np.all(weights == np.rint(weights)) or not 0 < weights.sum() <= MOST_UNITS:
        return None
    return weights.astype(np.intp)


def _units(
    counts: NDArray[np.intp], folds: int, rng: np.random.Generator
) -> list[NDArray[np.intp]]:
    """For each part, how many units of every row are in it."""
    rows = np.repeat(np.arange(len(counts)), counts)
    codes = _dealt(len(rows), folds, rng)
    return [np.bincount(rows[codes == k], minlength=len(counts)) for k in range(folds)]


def _rows_of(dataset: Dataset, chosen: NDArray[np.intp]) -> Dataset:
    columns = tuple(replace(c, values=c.values[chosen], as_read={}) for c in dataset.columns)
    return replace(dataset, columns=columns)


def _with_weights(
    dataset: Dataset, request: Request, used: NDArray[np.intp], counts: NDArray[np.intp]
) -> Dataset:
    """The rows that count at least once, with these weights."""
    name = request.roles[Role.WEIGHT][0]
    kept = counts > 0
    rows = _rows_of(dataset, used[kept])

    def weighted(column: Column) -> Column:
        if column.name != name:
            return column
        return replace(column, values=counts[kept].astype(np.float64))

    return replace(rows, columns=tuple(weighted(c) for c in rows.columns))
