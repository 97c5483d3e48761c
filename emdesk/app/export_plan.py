"""What an export writes and of what: the files of one fit, or of the fits of all groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from emdesk.app.by_group import by_group_object, export_by_group, files_by_group, shared_files
from emdesk.app.exporting import Progress, export, file_names
from emdesk.app.group_fits import GroupFits
from emdesk.app.session import FitResult
from emdesk.texts import say, say_count
from emdesk.texts.numbers import whole

Write = Callable[[Path, Progress, Callable[[], bool]], tuple[Path, ...]]


@dataclass(frozen=True, eq=False)
class ExportPlan:
    """`subject` says what is exported, `entries` what is written and what it holds, `files` every file by its place in
    the folder. `write(folder, progress, cancelled)` writes them and returns their paths."""

    subject: str
    entries: tuple[tuple[str, str], ...]
    files: tuple[str, ...]
    write: Write


def iteration_in_words(result: FitResult) -> str:
    """Which iteration is exported: `iteration 12, kept by hand`."""
    key = "kept" if result.is_kept_by_hand else "converged" if result.converged else "last"
    return say(f"export_dialog.{key}", iteration=whole(result.chosen))


def plan_of_result(result: FitResult) -> ExportPlan:
    """The files of one fit."""
    names = file_names(result)
    subject = say(
        "export_dialog.of", iteration=iteration_in_words(result), name=result.dataset.name
    )
    entries = tuple((name, say(f"export_dialog.holds.{name}")) for name in names)
    return ExportPlan(subject, entries, names, partial(_write_result, result))


def _write_result(
    result: FitResult, folder: Path, progress: Progress, cancelled: Callable[[], bool]
) -> tuple[Path, ...]:
    return export(result, folder, progress, cancelled)


def plan_of_groups(groups: GroupFits) -> ExportPlan:
    """A folder for each group, and the files over all of them, as the command line writes them."""
    found = [fit for fit in groups.done if fit.result is not None]
    count = whole(len(groups.done))
    subject = say(
        "groups.export.subject", count=count, column=groups.column, name=groups.dataset.name
    )
    entries = [(name, say(f"export_dialog.holds.{name}")) for name in shared_files(groups.done)]
    if found:
        names = dict.fromkeys(
            n for fit in found if fit.result is not None for n in file_names(fit.result)
        )
        folders = say_count("groups.export.folders", len(found))
        entries.append((folders, say("groups.export.holds", names=", ".join(names))))
    return ExportPlan(
        subject, tuple(entries), files_by_group(groups.done), partial(_write_groups, groups)
    )


def _write_groups(
    groups: GroupFits, folder: Path, progress: Progress, cancelled: Callable[[], bool]
) -> tuple[Path, ...]:
    unfitted = [
        part.value for part, fit in zip(groups.parts, groups.fits, strict=True) if fit is None
    ]
    made = by_group_object(groups.column, groups.dataset, groups.done, (), unfitted)
    return export_by_group(folder, made, groups.done, progress=progress, cancelled=cancelled)
