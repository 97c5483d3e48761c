"""A comparison as one plain object, which `compare --json` prints, and as the table of `comparison.csv`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from emdesk.app.comparison.cells import LARGER_IS_BETTER, Cell
from emdesk.app.comparison.outcome import Comparison, CountTest, criteria_there
from emdesk.app.comparison.places import LAW, Place
from emdesk.io.safe_write import write_all_safely
from emdesk.io.writers.json_object import plain_json
from emdesk.io.writers.table_csv import write_table

COMPARISON_CSV = "comparison.csv"
_COLUMNS = (
    "log_likelihood", "free_parameters", "bic", "aic", "aicc", "sabic", "caic", "icl", "icl_hard",
    "entropy_r2", "iterations", "converged", "stop", "seconds",
)  # fmt: skip


def comparison_object(comparison: Comparison, notes: Sequence[str] = ()) -> dict[str, Any]:
    """Every cell in the order of the grid, and the best one by each criterion.

    A cell is the fit object without its params, with `components`, the setting that varied, and whether it is `sound`
    and `replicated`, with the `reason` where it cannot be trusted as it stands.
    """
    made = {
        "counts": list(comparison.grid.counts),
        "varied": comparison.grid.varied or None,
        "variants": list(comparison.grid.variants) if comparison.grid.varied else [],
        "cells": [_cell(comparison, cell) for cell in _in_order(comparison)],
        "best": {name: _best(comparison, name) for name in criteria_there(comparison)},
        "tests": [_test(comparison, test) for test in comparison.tests],
        "seconds": comparison.seconds,
        "warnings": list(notes),
    }
    plain: dict[str, Any] = plain_json(made)
    return plain


def _in_order(comparison: Comparison) -> list[Cell]:
    places = (
        Place(count, variant)
        for variant in comparison.grid.variants
        for count in comparison.grid.counts
    )
    return [comparison.cells[place] for place in places if place in comparison.cells]


def _named(comparison: Comparison, place: Place) -> dict[str, Any]:
    varied = comparison.grid.varied
    return {"components": place.components, **({varied: place.variant} if varied else {})}


def _cell(comparison: Comparison, cell: Cell) -> dict[str, Any]:
    made = {
        **_named(comparison, cell.place),
        **{key: value for key, value in cell.made.items() if key != comparison.grid.varied},
        "sound": cell.is_sound,
        "replicated": cell.is_replicated,
        "agreeing_starts": cell.agreement.agreeing,
        "finished_starts": cell.agreement.finished,
        "collapsed_starts": cell.agreement.collapsed,
        "badges": [badge.value for badge in cell.badges],
        "reason": cell.reason,
        "started_from": _named(comparison, cell.started_from) if cell.started_from else None,
    }
    if comparison.grid.varied == LAW:
        made[LAW] = cell.place.variant
    found = cell.cross_validation
    if found is not None:
        made["cross_validation"] = {
            "log_likelihood": found.log_likelihood,
            "spread": found.spread,
            "folds": found.folds,
            "repeats": found.repeats,
            "reason": found.reason,
        }
    return made


def _best(comparison: Comparison, criterion: str) -> dict[str, Any]:
    ranked = comparison.ranked(criterion)
    value = ranked[0].value(criterion)
    return {
        **_named(comparison, ranked[0].place),
        "value": value,
        "better": "larger" if criterion in LARGER_IS_BETTER else "smaller",
        "ahead_of": _named(comparison, ranked[1].place) if len(ranked) > 1 else None,
        "ahead_by": abs(ranked[1].value(criterion) - value) if len(ranked) > 1 else None,
    }


def _test(comparison: Comparison, test: CountTest) -> dict[str, Any]:
    outcome = test.outcome
    return {
        "smaller": _named(comparison, test.smaller),
        "larger": _named(comparison, test.larger),
        "ratio": outcome.ratio,
        "p_value": outcome.p_value,
        "drawn": outcome.drawn,
        "exceeding": outcome.exceeding,
        "planned": outcome.planned,
        "failed": outcome.failed,
        "settled_early": outcome.is_settled_early,
        "level": outcome.level,
        "prefers_larger": outcome.prefers_larger,
    }


def comparison_rows(comparison: Comparison) -> tuple[list[str], Iterator[list[object]]]:
    """Header and rows of the table: one row a cell, empty where a model was refused."""
    varied = [comparison.grid.varied] if comparison.grid.varied else []
    has_cv = any(cell.cross_validation for cell in comparison.cells.values())
    header = ["components", *varied, *_COLUMNS, *(["cv"] if has_cv else [])]
    header += ["sound", "replicated", "agreeing_starts", "finished_starts", "reason"]

    def rows() -> Iterator[list[object]]:
        for cell in _in_order(comparison):
            made = _cell(comparison, cell)
            made["cv"] = cell.value("cv")
            yield [made.get(name) for name in header]

    return header, rows()


def export_comparison(comparison: Comparison, folder: Path) -> tuple[Path, ...]:
    """Write `comparison.csv` into a folder; a FileProblem if that cannot be done."""
    header, rows = comparison_rows(comparison)
    write_all_safely(folder, {COMPARISON_CSV: lambda stream: write_table(stream, header, rows)})
    return (folder / COMPARISON_CSV,)
