"""The fit of the table of a latent class model: for laws of categories, asked of a result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.session import FitResult
from emdesk.em.bootstrap_test import Fitted
from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.table_fit import BootstrapP, Table, TableFit, bootstrapped, table_fit
from emdesk.errors import UsageProblem
from emdesk.model.category_law import CategoryLaw
from emdesk.model.family import Family
from emdesk.texts import say
from emdesk.texts.numbers import criterion, fixed, probability, whole

F64 = NDArray[np.float64]
Cell = str | int | float
BERNOULLI = "bernoulli"
FAMILY = "mixture"
MOST_COLUMNS = 200
"""More columns have too many pairs to list."""
DRAWS = 99


def has_table(family: Family) -> bool:
    """Whether rows of this model are patterns of categories."""
    law = family.law
    return family.id == FAMILY and (
        isinstance(law, CategoryLaw) or getattr(law, "id", "") == BERNOULLI
    )


def fit_of_table(family: Family, data: Any, params: Any) -> TableFit:
    """The fit of the table of prepared data under internal params."""
    shown = family.in_units(data, params)
    columns = np.stack([data.values(j) for j in range(len(data.columns))])
    values, chances = _chances(family, shown.law)
    places = np.full(columns.shape, -1, dtype=np.intp)
    for j, cells in enumerate(columns):
        there = ~np.isnan(cells)
        places[j, there] = np.searchsorted(values[j], cells[there])
    weights = np.ones(data.rows) if data.weights is None else data.weights
    # a category that no row has is no category of the table
    width = values.shape[1]
    seen = [np.bincount(p[p >= 0], minlength=width) > 0 for p in places]
    sizes = np.array([s.sum() for s in seen], dtype=np.intp)
    free = family.free_parameters(data, params)
    return table_fit(Table(places, weights, shown.weights, chances, sizes, free))


def _chances(family: Family, params: Any) -> tuple[F64, F64]:
    """The values (d, C) of the categories and their chances (K, d, C), of law params in units."""
    law: Any = family.law
    if isinstance(law, CategoryLaw):
        return params.values, law.probabilities(params)
    p = params.probabilities
    return np.tile([0.0, 1.0], (p.shape[1], 1)), np.stack([1 - p, p], axis=2)


def shows_table(result: FitResult) -> bool:
    """Whether a result has a table: not where labels or covariates were given, nor where it is too wide."""
    if not has_table(result.family) or len(result.spec.columns) > MOST_COLUMNS:
        return False
    return result.data.known is None and result.data.gate is None


def table_of(result: FitResult) -> TableFit | None:
    """The fit of the table of a result, with its bootstrap where there is one; None where it has none."""
    if not shows_table(result):
        return None
    if result.table is not None:
        return result.table
    return fit_of_table(result.family, result.data, result.params)


def with_bootstrap(
    result: FitResult,
    draws: int = DRAWS,
    control: RunControl | None = None,
    tell: Callable[[float], None] | None = None,
) -> FitResult:
    """The same result with bootstrap p-values of its table; `tell` hears the share that is done.

    Raises Cancelled, and a UsageProblem where there is no table.
    """
    found = table_of(result)
    if found is None or not result.is_sound:
        raise UsageProblem(say("table_fit.none"), remedy=say("table_fit.which"))
    model = Fitted(
        result.family, result.spec.request(), result.data, result.params, result.log_likelihood
    )

    def measure(data: Any, params: Any) -> TableFit:
        return fit_of_table(result.family, data, params)

    with Sweeper() as sweeper:
        walk = bootstrapped(
            result.dataset, model, measure, result.spec.fit, draws, sweeper, control or RunControl()
        )
        for number, drawn in enumerate(walk, start=1):
            found = drawn
            if tell is not None:
                tell(number / draws)
    return replace(result, table=found)


def table_fit_object(found: TableFit, columns: tuple[str, ...]) -> dict[str, Any]:
    """The fit of a table by fixed names; p-values are None where there are no degrees of freedom."""
    made = {
        "g2": found.g2,
        "x2": found.x2,
        "df": found.df,
        "g2_p": found.g2_p,
        "x2_p": found.x2_p,
        "cells": found.cells,
        "patterns": found.patterns,
        "rows": found.rows,
        "rows_left_out": found.left_out,
        "sparse": found.is_sparse,
        "residuals": [
            {
                "columns": [columns[r.first], columns[r.second]],
                "x2": r.x2,
                "df": r.df,
                "ratio": r.ratio,
            }
            for r in found.residuals
        ],
    }
    if found.bootstrap is not None:
        made["bootstrap"] = _bootstrap_object(found.bootstrap)
    return made


def _bootstrap_object(found: BootstrapP) -> dict[str, Any]:
    return {"g2_p": found.g2, "x2_p": found.x2, "draws": found.drawn, "failures": found.failed}


def residual_rows(made: dict[str, Any]) -> tuple[list[str], Iterator[list[Cell]]]:
    """Header and one row a pair of columns, of a result object, the largest residuals first."""
    pairs = made["table_fit"]["residuals"]

    def rows() -> Iterator[list[Cell]]:
        for pair in sorted(pairs, key=lambda p: -(p["ratio"] or 0.0)):
            ratio = "" if pair["ratio"] is None else pair["ratio"]
            yield [*pair["columns"], pair["x2"], pair["df"], ratio]

    return ["first", "second", "x2", "df", "ratio"], rows()


def table_fit_lines(found: TableFit, columns: tuple[str, ...]) -> list[str]:
    """What is told of the fit of a table, a sentence a line."""
    lines = [
        _statistic("g2", found.g2, found.g2_p, found),
        _statistic("x2", found.x2, found.x2_p, found),
    ]
    if found.bootstrap is not None and found.bootstrap.drawn:
        shares = found.bootstrap
        lines.append(
            say(
                "table_fit.bootstrap",
                g2=probability(shares.g2),
                x2=probability(shares.x2),
                draws=whole(shares.drawn),
            )
        )
    if found.df <= 0:
        lines.append(say("table_fit.no_df", parameters=whole(found.free_parameters)))
    elif found.is_sparse:
        lines.append(say("table_fit.sparse", rows=whole(found.rows), cells=_cells(found.cells)))
    if found.left_out:
        lines.append(say("table_fit.left_out", rows=whole(found.left_out)))
    told = [r for r in found.residuals if math.isfinite(r.ratio)]
    if told:
        worst = max(told, key=lambda r: r.ratio)
        lines.append(
            say(
                "table_fit.residual",
                first=columns[worst.first],
                second=columns[worst.second],
                ratio=criterion(worst.ratio),
            )
        )
    return lines


def table_fit_entries(found: TableFit, columns: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Name, value and meaning of what stands beside the audit."""
    lines = table_fit_lines(found, columns)
    shown = [("g2", found.g2, found.g2_p, lines[0]), ("x2", found.x2, found.x2_p, lines[1])]
    entries = []
    for name, value, p, line in shown:
        text = fixed(value, 3)
        if not math.isnan(p):
            text = say("table_fit.with_p", value=text, p=probability(p))
        entries.append((say(f"table_fit.{name}_name"), text, line))
    entries.append((say("table_fit.df"), _cells(found.df), "\n".join(lines[2:])))
    told = [r for r in found.residuals if math.isfinite(r.ratio)]
    if told:
        worst = max(told, key=lambda r: r.ratio)
        pair = say("table_fit.pair", first=columns[worst.first], second=columns[worst.second])
        entries.append((say("table_fit.worst", pair=pair), criterion(worst.ratio), lines[-1]))
    return entries


def _statistic(name: str, value: float, p: float, found: TableFit) -> str:
    shown = {"value": fixed(value, 3), "df": _cells(found.df)}
    if math.isnan(p):
        return say(f"table_fit.{name}", **shown)
    return say(f"table_fit.{name}_p", p=probability(p), **shown)


def _cells(count: float) -> str:
    return whole(count) if abs(count) < 1e12 else f"{count:.3g}"
