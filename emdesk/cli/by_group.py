"""`fit --role group=COLUMN`: one fit for each value of a column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from emdesk.app.by_group import (
    GroupFit,
    Part,
    by_group_object,
    export_by_group,
    parts_of,
    without_group,
)
from emdesk.app.model_spec import ModelSpec
from emdesk.app.session import FitResult
from emdesk.cli import tell
from emdesk.cli.options import Given
from emdesk.cli.output import print_json, table
from emdesk.errors import Cancelled, Problem
from emdesk.model.dataset import Dataset
from emdesk.texts import say
from emdesk.texts.numbers import criterion, whole

Fit = Callable[[Dataset, ModelSpec], FitResult]
_NO_RESULT = 3


def fit_groups(
    given: Given,
    dataset: Dataset,
    column: str,
    spec: ModelSpec,
    fit: Fit,
    notes: tuple[str, ...],
    draws: int,
) -> int:
    """Fit every group, print all fits and their sums, export each into a folder of its own. Exit status 0 if every
    group has a sound fit, 3 otherwise."""
    alone = without_group(spec)
    try:
        fits = [_one(part, alone, fit) for part in parts_of(dataset, column)]
    except Cancelled as stopped:
        tell(stopped.sentence)
        return _NO_RESULT
    made = by_group_object(column, dataset, fits, notes)
    if given.has("--json"):
        print_json(made)
    else:
        print("\n".join(_lines(column, made)))
    folder = given.one("--export")
    if folder is not None:
        for path in export_by_group(Path(folder), made, fits, draws):
            if not given.has("--json"):
                print(say("cli.fit.written", path=path))
    return _end(fits)


def _one(part: Part, spec: ModelSpec, fit: Fit) -> GroupFit:
    try:
        return GroupFit(part, fit(part.dataset, spec))
    except Problem as problem:
        problem.where = problem.where or part.dataset.name
        return GroupFit(part, None, problem)


def _end(fits: list[GroupFit]) -> int:
    """Say which groups have no sound fit; the exit status."""
    status = 0
    for fit in fits:
        if fit.problem is not None:
            tell(fit.problem.sentence)
        elif fit.result is not None and not fit.is_sound:
            tell(
                say(
                    "cli.fit.failed",
                    name=fit.part.dataset.name,
                    sentence=fit.result.stop_sentence.rstrip("."),
                    remedy=say("cli.fit.try"),
                )
            )
        if not fit.is_sound:
            status = _NO_RESULT
    return status


def _lines(column: str, made: dict[str, Any]) -> list[str]:
    heads = ("rows_used", "log_likelihood", "free_parameters", "bic", "end")
    header = (column, *(say(f"groups.{name}") for name in heads))
    rows = []
    for value, fit in made["groups"].items():
        if "problem" in fit:
            rows.append((value, whole(fit["rows"]), "", "", "", fit["problem"]))
            continue
        cells = (
            whole(fit["rows_used"]),
            criterion(fit["log_likelihood"]),
            whole(fit["free_parameters"]),
            criterion(fit["bic"]),
        )
        rows.append((value, *cells, fit["stop_sentence"]))
    lines = table(header, rows, left=(0, 5))
    if made["bic"] is not None:
        sums = {n: criterion(made[n]) for n in ("log_likelihood", "bic")}
        lines += ["", say("groups.sums", **sums)]
    if made["rows_without_group"]:
        lines.append(say("groups.left_out", count=whole(made["rows_without_group"]), name=column))
    return lines
