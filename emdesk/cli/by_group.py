"""`fit --role group=COLUMN`: one fit for each value of a column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from emdesk.app.by_group import by_group_object, export_by_group
from emdesk.app.group_fits import GroupFit
from emdesk.app.model_spec import ModelSpec
from emdesk.app.parts import Part, parts_of, without_group
from emdesk.app.session import FitResult
from emdesk.cli import tell
from emdesk.cli.interrupting import stopped_by_hand
from emdesk.cli.options import Given
from emdesk.cli.output import print_json, table
from emdesk.em.control import RunControl
from emdesk.em.stopping import Stop
from emdesk.errors import Cancelled, Problem
from emdesk.model.dataset import Dataset
from emdesk.texts import say
from emdesk.texts.numbers import criterion, whole

Fit = Callable[[Dataset, ModelSpec, FitResult | None], FitResult]
"""Fits a model to data, its components in the order of those of another fit."""
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
    parts = parts_of(dataset, column)
    fits = _fits(parts, alone, fit)
    if not fits:
        return _NO_RESULT
    unfitted = [part.value for part in parts[len(fits) :]]
    made = by_group_object(column, dataset, fits, notes, unfitted)
    if given.has("--json"):
        print_json(made)
    else:
        print("\n".join(_lines(column, made)))
    folder = given.one("--export")
    if folder is not None:
        control = RunControl()
        with stopped_by_hand(control):
            paths = export_by_group(
                Path(folder), made, fits, draws, None, lambda: control.is_stopped, notes
            )
        for path in paths:
            if not given.has("--json"):
                print(say("cli.fit.written", path=path))
    if unfitted:
        tell(say("groups.stopped", column=column, names=", ".join(unfitted)))
    return _NO_RESULT if unfitted else _end(fits)


def _fits(parts: tuple[Part, ...], spec: ModelSpec, fit: Fit) -> list[GroupFit]:
    """One group after the other; whoever stops one of them by hand stops the others with it."""
    fits: list[GroupFit] = []
    for part in parts:
        reference = next((made.result for made in fits if made.is_sound), None)
        try:
            fits.append(_one(part, spec, reference, fit))
        except Cancelled as stopped:
            tell(stopped.sentence)
            break
        if (found := fits[-1].result) is not None and found.stop is Stop.STOPPED:
            break
    return fits


def _one(part: Part, spec: ModelSpec, reference: FitResult | None, fit: Fit) -> GroupFit:
    try:
        return GroupFit(part, fit(part.dataset, spec, reference))
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
