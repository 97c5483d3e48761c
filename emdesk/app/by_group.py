"""What is written of the same model fitted to each group of rows alone: one object and tables over all groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from emdesk.app.exporting import Cell, Progress, export, file_names, parameter_rows
from emdesk.app.group_fits import GroupFit
from emdesk.app.group_labels import has_group_labels, write_group_labels
from emdesk.app.parts import GROUP_LABELS_CSV, GROUP_PARAMETERS_CSV, GROUPS_CSV, GROUPS_JSON
from emdesk.app.result_object import result_object
from emdesk.errors import Cancelled, FileProblem
from emdesk.io.safe_write import write_all_safely
from emdesk.io.writers.json_object import plain_json, write_json
from emdesk.io.writers.table_csv import write_table
from emdesk.model.dataset import Dataset
from emdesk.texts import say

_SUMMED = (
    "rows",
    "rows_used",
    "objective",
    "log_likelihood",
    "free_parameters",
    "aic",
    "bic",
    "icl",
    "iterations",
    "converged",
    "stop",
    "stop_sentence",
)


def by_group_object(
    column: str,
    dataset: Dataset,
    fits: Sequence[GroupFit],
    notes: Sequence[str] = (),
    unfitted: Sequence[str] = (),
) -> dict[str, Any]:
    """All fits by the value of their group, and the sums over the fits; a group without a fit has its problem.
    `not_fitted` names the groups that were not begun, where there are some."""
    groups = {fit.part.value: _one_object(fit, notes) for fit in fits}
    found = [made for fit, made in zip(fits, groups.values(), strict=True) if fit.result]
    made = {
        "group": column,
        "rows": dataset.rows,
        "rows_without_group": int(dataset.column(column).missing.sum()),
        "groups": groups,
        "log_likelihood": _sum(found, "log_likelihood"),
        "free_parameters": _sum(found, "free_parameters"),
        "aic": _sum(found, "aic"),
        "bic": _sum(found, "bic"),
        "sound": all(fit.is_sound for fit in fits) and not unfitted,
    }
    if unfitted:
        made["not_fitted"] = list(unfitted)
    plain: dict[str, Any] = plain_json(made)
    return plain


def _one_object(fit: GroupFit, notes: Sequence[str]) -> dict[str, Any]:
    if fit.result is None:
        assert fit.problem is not None
        return {"rows": len(fit.part.rows), "problem": fit.problem.sentence}
    return result_object(fit.result, notes)


def _sum(found: Sequence[Mapping[str, Any]], name: str) -> float | None:
    return sum(made[name] for made in found) if found else None


def group_rows(made: Mapping[str, Any]) -> tuple[list[str], list[list[Cell]]]:
    """Header and one row a group of an object of all groups: how large it is, how well it fits, how it ended."""
    rows = [
        [value, *(_cell(fit.get(name)) for name in _SUMMED), fit.get("problem", "")]
        for value, fit in made["groups"].items()
    ]
    return [made["group"], *_SUMMED, "problem"], rows


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


def group_parameter_rows(made: Mapping[str, Any]) -> tuple[list[str], Iterator[list[Cell]]]:
    """Header and rows of the parameters of all groups as one long table, a row a number; the group leads each."""
    tables = [
        (value, *parameter_rows(fit)) for value, fit in made["groups"].items() if "params" in fit
    ]
    parameter, value_of = say("export.parameter"), say("export.value")
    axes = dict.fromkeys(h for _, header, _ in tables for h in header[1 : header.index(value_of)])
    told = dict.fromkeys(h for _, header, _ in tables for h in header[header.index(value_of) + 1 :])
    names = [parameter, *axes, value_of, *told]

    def rows() -> Iterator[list[Cell]]:
        for value, header, own in tables:
            for row in own:
                places = dict(zip(header, row, strict=True))
                yield [value, *(places.get(name, "") for name in names)]

    return [made["group"], *names], rows()


def export_by_group(
    folder: Path,
    made: Mapping[str, Any],
    fits: Sequence[GroupFit],
    draws: int = 0,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    notes: Sequence[str] = (),
) -> tuple[Path, ...]:
    """A folder for each group with the files of its fit, and over all of them `groups.json`, `groups.csv`,
    `group_parameters.csv` and, where rows carry labels, `group_labels.csv`; returns the paths. `progress` gets the
    fraction done. Raises FileProblem and Cancelled, which say in `kept` which folders of groups are whole by then."""
    paths: list[Path] = []
    found = [fit for fit in fits if fit.result is not None]
    for number, fit in enumerate(found):
        assert fit.result is not None
        share = partial(_tell, progress, number, len(found))
        try:
            paths += export(fit.result, folder / fit.part.folder, share, cancelled, notes, draws)
        except (Cancelled, FileProblem) as problem:
            raise _telling_folders(problem, found[:number]) from None
    writers: dict[str, Callable[[BinaryIO], None]] = {
        GROUPS_JSON: lambda stream: write_json(stream, made),
        GROUPS_CSV: lambda stream: write_table(stream, *group_rows(made)),
        GROUP_PARAMETERS_CSV: lambda s: write_table(s, *group_parameter_rows(made)),
        GROUP_LABELS_CSV: lambda stream: write_group_labels(stream, fits),
    }
    names = shared_files(fits)
    write_all_safely(folder, {name: writers[name] for name in names})
    return (*paths, *(folder / name for name in names))


def _telling_folders(
    problem: Cancelled | FileProblem, written: Sequence[GroupFit]
) -> Cancelled | FileProblem:
    """The same problem, which says which folders were written before it."""
    if not written:
        return problem
    kept = say("groups.export.kept", names=", ".join(fit.part.folder for fit in written))
    if isinstance(problem, Cancelled):
        return Cancelled(say("groups.export.stopped"), kept=kept)
    problem.kept = kept
    return problem


def _tell(progress: Progress | None, number: int, count: int, share: float) -> None:
    if progress is not None:
        progress((number + share) / count)


def shared_files(fits: Sequence[GroupFit]) -> tuple[str, ...]:
    """The files over all groups that an export of these fits writes."""
    labels = (GROUP_LABELS_CSV,) if has_group_labels(fits) else ()
    return (GROUPS_JSON, GROUPS_CSV, GROUP_PARAMETERS_CSV, *labels)


def files_by_group(fits: Sequence[GroupFit], draws: int = 0) -> tuple[str, ...]:
    """The files that an export of these fits writes, by their places in its folder."""
    own = [
        f"{fit.part.folder}/{name}"
        for fit in fits
        if fit.result is not None
        for name in file_names(fit.result, draws)
    ]
    return (*shared_files(fits), *own)
