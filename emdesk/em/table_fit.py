"""How well a latent class model reproduces the table of its patterns.

The rows are a table of counts, one cell for each pattern of categories. G2 = 2 sum o log(o / e) and Pearson's
X2 = sum (o - e)^2 / e compare the observed counts o with the expected ones e = n P(pattern). Both have about the
chi-square distribution with cells - 1 - parameters degrees of freedom if the model is true and the counts are not few
(Goodman 1974, Biometrika 61, 215-231); in a sparse table they do not, and their distribution is drawn instead
(parametric bootstrap: Langeheine, Pannekoek and van de Pol 1996, Sociol. Methods Res. 24, 492-516).

A bivariate residual is X2 of the table of two columns over (C - 1)(C' - 1): far above 1, the two go together within
classes (Vermunt and Magidson 2005, Technical Guide for Latent GOLD 4.0, section 7.3).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.attempts import Outcome
from emdesk.em.bootstrap_test import Fitted, simulated
from emdesk.em.control import RunControl
from emdesk.em.fit_settings import FitSettings
from emdesk.em.reduce import Sweeper
from emdesk.em.restarts import Search
from emdesk.errors import FitFailure, Problem
from emdesk.model.dataset import Dataset
from emdesk.model.family import ByParams
from emdesk.model.params import arrays

F64 = NDArray[np.float64]
Codes = NDArray[np.intp]
FEW = 5.0
"""A table with fewer rows than this for each cell is sparse: its chi-square p-values are not to be relied on."""
_STREAM = 4241


@dataclass(frozen=True)
class BivariateResidual:
    """X2 of the table of two columns, by their positions, and its degrees of freedom as a table of two columns."""

    first: int
    second: int
    x2: float
    df: int

    @property
    def ratio(self) -> float:
        """X2 over its degrees of freedom; NaN where a column has one category."""
        return self.x2 / self.df if self.df else math.nan


@dataclass(frozen=True)
class BootstrapP:
    """The shares of tables drawn from the model that fit it no better than the data, of `drawn` tables; `failed` ones
    had no sound fit and do not count."""

    planned: int
    drawn: int = 0
    failed: int = 0
    g2_reached: int = 0
    x2_reached: int = 0

    @property
    def g2(self) -> float:
        return (1 + self.g2_reached) / (1 + self.drawn) if self.drawn else math.nan

    @property
    def x2(self) -> float:
        return (1 + self.x2_reached) / (1 + self.drawn) if self.drawn else math.nan


@dataclass(frozen=True)
class TableFit:
    """G2 and X2 of the `rows` (sum of the row weights) without a missing cell, which show `patterns` of the `cells`
    there could be; `left_out` rows have missing cells."""

    g2: float
    x2: float
    cells: float
    patterns: int
    free_parameters: int
    rows: float
    left_out: float
    residuals: tuple[BivariateResidual, ...]
    bootstrap: BootstrapP | None = None

    @property
    def df(self) -> float:
        """Degrees of freedom: cells - 1 - parameters. At 0 or below the table cannot speak against the model."""
        return self.cells - 1 - self.free_parameters

    @property
    def is_sparse(self) -> bool:
        return self.rows < FEW * self.cells

    @property
    def g2_p(self) -> float:
        return _upper_tail(self.g2, self.df)

    @property
    def x2_p(self) -> float:
        return _upper_tail(self.x2, self.df)


def _upper_tail(value: float, df: float) -> float:
    if not (df > 0 and math.isfinite(value)):
        return math.nan
    from scipy.special import chdtrc

    return float(chdtrc(df, value))


@dataclass(frozen=True, eq=False)
class Table:
    """A model's view of its rows: `places` (d, n) of the cells among the categories, -1 where missing, row weights
    (n,), class weights (K,), and the chances (K, d, C) of the `sizes` (d,) categories that some row has."""

    places: Codes
    row_weights: F64
    class_weights: F64
    chances: F64
    sizes: Codes
    free_parameters: int


def table_fit(table: Table) -> TableFit:
    """The fit of a table, in one pass over its patterns."""
    complete = (table.places >= 0).all(axis=0)
    rows = float(table.row_weights[complete].sum())
    patterns, inverse = np.unique(table.places[:, complete], axis=1, return_inverse=True)
    observed = np.bincount(inverse.ravel(), table.row_weights[complete], patterns.shape[1])
    expected = rows * _pattern_chances(table, patterns)
    with np.errstate(divide="ignore"):
        g2 = float(2 * (observed * np.log(observed / expected)).sum()) if rows else math.nan
        seen = float(((observed - expected) ** 2 / expected).sum())
    # the patterns that no row has add their expected counts
    x2 = seen + max(0.0, rows - float(expected.sum())) if rows else math.nan
    return TableFit(
        g2=g2,
        x2=x2,
        cells=float(np.prod(table.sizes.astype(np.float64))),
        patterns=patterns.shape[1],
        free_parameters=table.free_parameters,
        rows=rows,
        left_out=float(table.row_weights[~complete].sum()),
        residuals=tuple(bivariate_residuals(table)),
    )


def _pattern_chances(table: Table, patterns: Codes) -> F64:
    """(S,) the chance of every pattern (d, S) under the model."""
    logs = np.zeros((len(table.class_weights), patterns.shape[1]))
    with np.errstate(divide="ignore"):
        for j, places in enumerate(patterns):
            logs += np.log(table.chances[:, j])[:, places]
    return np.asarray(table.class_weights @ np.exp(logs))


def bivariate_residuals(table: Table) -> list[BivariateResidual]:
    """One for each pair of columns, over the rows in which neither is missing."""
    made = []
    for i, j in combinations(range(len(table.places)), 2):
        first, second = table.places[i], table.places[j]
        both = (first >= 0) & (second >= 0)
        width = table.chances.shape[2]
        flat = np.bincount(
            first[both] * width + second[both], table.row_weights[both], width * width
        )
        observed = flat.reshape(width, width)
        model = np.einsum(
            "k,ka,kb->ab", table.class_weights, table.chances[:, i], table.chances[:, j]
        )
        expected = observed.sum() * model
        there = expected > 0
        x2 = float(((observed - expected)[there] ** 2 / expected[there]).sum())
        df = int((table.sizes[i] - 1) * (table.sizes[j] - 1))
        made.append(BivariateResidual(i, j, x2, df))
    return made


Measure = Callable[[Any, Any], TableFit]
"""The fit of the table of prepared data under internal params."""


def bootstrapped(
    dataset: Dataset,
    model: Fitted,
    measure: Measure,
    settings: FitSettings,
    draws: int,
    sweeper: Sweeper,
    control: RunControl,
) -> Generator[TableFit, None, TableFit]:
    """Yield the fit with its bootstrap p-values after every draw, and return the last; raises Cancelled.

    Each table is drawn from the fitted model, with as many rows, and the model is fitted to it from where it came from.
    """
    found = measure(model.data, model.params)
    shares = BootstrapP(draws)
    truth = ByParams(dict(arrays(model.family.in_units(model.data, model.params))))
    for number in range(draws):
        rng = np.random.default_rng((settings.seed, _STREAM, number))
        drawn = _refitted(
            simulated(dataset, model, rng), model, truth, measure, settings, sweeper, control
        )
        if drawn is None:
            shares = replace(shares, failed=shares.failed + 1)
        else:
            shares = replace(
                shares,
                drawn=shares.drawn + 1,
                g2_reached=shares.g2_reached + (drawn.g2 >= found.g2),
                x2_reached=shares.x2_reached + (drawn.x2 >= found.x2),
            )
        found = replace(found, bootstrap=shares)
        yield found
    return found


def _refitted(
    dataset: Dataset,
    model: Fitted,
    truth: ByParams,
    measure: Measure,
    settings: FitSettings,
    sweeper: Sweeper,
    control: RunControl,
) -> TableFit | None:
    """The fit of the table of a drawn dataset; None where the model has no sound fit of it, such as where a category
    was not drawn at all."""
    try:
        data = model.family.prepare(dataset, model.request)
        walk = Search(model.family, data, [truth], settings, control, sweeper).run()
        while True:
            try:
                next(walk)
            except StopIteration as end:
                outcome: Outcome = end.value
                break
        control.checkpoint()
    except (Problem, FitFailure):
        return None
    best = outcome.best
    if not best.is_sound:
        return None
    return measure(data, best.trace.params_at(best.kept, model.family, data, sweeper, control))
