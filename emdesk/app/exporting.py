"""The files that a result leaves: parameters as JSON and CSV, labels and trace as CSV; and the way back.

All files are written beside their places first and put there together, so that a full disk or a closed
folder leaves the old ones as they were.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from emdesk.app.category_cells import CATEGORY_AXIS, category_cells
from emdesk.app.completion import missing_cells
from emdesk.app.factor_loadings import with_factors
from emdesk.app.merging import write_merged
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult
from emdesk.app.table_fit import residual_rows, shows_table
from emdesk.app.trust import audit_rows
from emdesk.em.optima import reason_of
from emdesk.em.trace import Trace
from emdesk.errors import Cancelled, FileProblem, UsageProblem
from emdesk.io.problems import cannot_read, cannot_write
from emdesk.io.safe_write import write_all_safely
from emdesk.io.writers.completed_csv import write_completed, write_draws
from emdesk.io.writers.json_object import write_json
from emdesk.io.writers.labels_csv import write_labels
from emdesk.io.writers.table_csv import write_table
from emdesk.model.family import Family
from emdesk.model.needs import Role
from emdesk.model.params import Parameter, declared
from emdesk.texts import say

F64 = NDArray[np.float64]
Cell = str | int | float
Progress = Callable[[float], None]

PARAMETERS_JSON = "parameters.json"
PARAMETERS_CSV = "parameters.csv"
LABELS_CSV = "labels.csv"
COMPLETED_CSV = "completed.csv"
DRAWS_CSV = "draws.csv"
CONFUSION_CSV = "confusion.csv"
MERGED_CSV = "merged.csv"
TRACE_CSV = "trace.csv"
STARTS_CSV = "starts.csv"
AUDIT_CSV = "audit.csv"
RESIDUALS_CSV = "residuals.csv"
_NAMED_AXES = frozenset({"column", "term", "covariate"})
GIVEN_UP = "given-up"
"""The stop word of a start that was not run to its end, because others stood higher."""


def file_names(result: FitResult, draws: int = 0) -> tuple[str, ...]:
    """The files that an export of this result writes, in order."""
    names = [PARAMETERS_JSON, PARAMETERS_CSV]
    if result.family.labels_rows:
        names.append(LABELS_CSV)
    if result.merged is not None:
        names.append(MERGED_CSV)
    if missing_cells(result.dataset, result.data):
        names += [COMPLETED_CSV, DRAWS_CSV] if draws else [COMPLETED_CSV]
    if Role.TRUTH in result.spec.roles:
        names.append(CONFUSION_CSV)
    if shows_table(result):
        names.append(RESIDUALS_CSV)
    return (*names, TRACE_CSV, STARTS_CSV, AUDIT_CSV)


def export(
    result: FitResult,
    folder: Path,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    notes: Sequence[str] = (),
    draws: int = 0,
) -> tuple[Path, ...]:
    """Write the files of a result into a folder, which is made if it is not there; returns their paths.

    `parameters.json` is the result object, `parameters.csv` the long table of `parameter_rows`, `labels.csv`
    the rows and columns of the data in their order with label, probabilities and uncertainty (only for
    families that label rows), `trace.csv` every iteration, `starts.csv` what became of every start, `audit.csv` how
    far the fit is from its limit and what its groups rest on. `notes` join the warnings of the object.
    Where cells are missing, `completed.csv` holds the rows of the file with estimates in their places, and `draws.csv`
    so many random completions; `merged.csv` holds the clusters that components were merged into; `confusion.csv`
    compares with the column that has the role truth. `residuals.csv` holds the bivariate residuals of a latent class
    model.
    `progress` gets the fraction done. Raises FileProblem, and Cancelled with nothing written.
    """
    names = file_names(result, draws)
    made = result_object(result, notes)
    course = _Course(result, progress, cancelled)
    writers: dict[str, Callable[[BinaryIO], None]] = {
        PARAMETERS_JSON: lambda stream: write_json(stream, made),
        PARAMETERS_CSV: lambda stream: write_table(stream, *parameter_rows(made)),
        LABELS_CSV: lambda stream: _write_labels(stream, result),
        COMPLETED_CSV: lambda s: write_completed(s, result.dataset, result.completed()),
        DRAWS_CSV: lambda s: write_draws(
            s, result.dataset, result.spec.columns, result.draws(draws)
        ),
        MERGED_CSV: lambda stream: write_merged(stream, result),
        CONFUSION_CSV: lambda s: write_table(s, *confusion_rows(made["comparison"])),
        TRACE_CSV: lambda stream: write_table(stream, *trace_rows(result.trace)),
        STARTS_CSV: lambda stream: write_table(stream, *start_rows(result)),
        AUDIT_CSV: lambda stream: write_table(stream, *audit_rows(made)),
        RESIDUALS_CSV: lambda stream: write_table(stream, *residual_rows(made)),
    }
    write_all_safely(folder, {name: course.watching(writers[name]) for name in names})
    course.tell(1.0)
    return tuple(folder / name for name in names)


class _Course:
    """How far an export is, by the lines that went through its streams, and whether it is to be broken off."""

    def __init__(
        self,
        result: FitResult,
        progress: Progress | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        # the tables grow with the rows of the file and the iterations; parameters are few beside them
        self._expected = (
            len(result.trace)
            + len(result.outcome.attempts)
            + (result.dataset.rows if result.family.labels_rows else 0)
        )
        self._lines = 0
        self._progress, self._cancelled = progress, cancelled

    def tell(self, share: float) -> None:
        if self._progress is not None:
            self._progress(share)

    def passed(self, data: bytes) -> None:
        """Count what is about to be written; raises Cancelled."""
        if self._cancelled is not None and self._cancelled():
            raise Cancelled(say("export.stopped"))
        self._lines += data.count(b"\n")
        self.tell(min(0.99, self._lines / self._expected))

    def watching(self, write: Callable[[BinaryIO], None]) -> Callable[[BinaryIO], None]:
        """The same writer on a stream that reports here."""
        return lambda stream: write(cast(BinaryIO, _Watched(stream, self)))


class _Watched:
    """A stream that says what goes through it."""

    def __init__(self, stream: BinaryIO, course: _Course) -> None:
        self._stream, self._course = stream, course

    def write(self, data: bytes) -> int:
        self._course.passed(data)
        return self._stream.write(data)


def check_folder(folder: Path) -> None:
    """A FileProblem if files could not be made in this folder, as far as that is known without trying."""
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not nearest.is_dir():
        raise FileProblem(
            say("files.folder_is_file"), where=str(folder), remedy=say("files.other_folder")
        )
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise cannot_write(folder, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def parameter_rows(made: Mapping[str, Any]) -> tuple[list[str], Iterator[list[Cell]]]:
    """Header and rows of the long table of a result object: one row a number.

    The columns are the parameter's name, one column for each axis (groups by number from 1, data columns by
    name; an axis that a parameter has twice gets a second column) and the value in the analyst's units. A long
    table holds every parameter of every family, whatever its shape, and is filtered or pivoted in a spreadsheet.
    Where there are standard errors, they and the ends of the interval follow; empty where the data determine none.
    """
    made = with_factors(made)
    errors: dict[str, Any] = made.get("standard_errors", {})
    axes: dict[str, list[str]] = made["axes"]
    headings: list[str] = []
    for names in axes.values():
        headings += [h for h in _headings(names) if h not in headings]

    def rows() -> Iterator[list[Cell]]:
        for name, nested in made["params"].items():
            values = np.array(nested, dtype=np.float64)
            own = _headings(axes[name])
            category_at = category_cells(made, name)
            for index in np.ndindex(*values.shape):
                category = category_at(index) if category_at else None
                if category_at and category is None:
                    continue  # filled up: other columns have more categories
                places: dict[str, Cell] = {
                    heading: _place(
                        axis, position, size, made.get("columns_of", {}).get(name, made["columns"])
                    )
                    for heading, axis, position, size in zip(
                        own, axes[name], index, values.shape, strict=True
                    )
                }
                if category is not None:
                    places[CATEGORY_AXIS] = category
                row = [name, *(places.get(h, "") for h in headings), float(values[index])]
                yield row + (_error_cells(made, name, index) if errors else [])

    told = ("standard_error", "low", "high") if errors else ()
    more = (say(f"export.{word}") for word in told)
    return [say("export.parameter"), *headings, say("export.value"), *more], rows()


def _error_cells(made: Mapping[str, Any], name: str, index: tuple[int, ...]) -> list[Cell]:
    """Standard error and interval of one number of a parameter, empty for what is not one itself."""
    if name not in made["standard_errors"]:
        return [""] * 3
    error: Any = made["standard_errors"][name]
    ends: Any = made["intervals"][name]
    for place in index:
        error, ends = error[place], ends[place]
    return ["" if value is None else float(value) for value in (error, *ends)]


def _headings(axes: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    made = []
    for axis in axes:
        seen[axis] = seen.get(axis, 0) + 1
        again = seen[axis] > 1
        made.append(say("export.axis_again", axis=axis, number=seen[axis]) if again else axis)
    return made


def _place(axis: str, position: int, size: int, columns: Sequence[str]) -> Cell:
    if axis in _NAMED_AXES and size == len(columns):
        return columns[position]
    return position + 1


def confusion_rows(found: Mapping[str, Any]) -> tuple[list[str], list[list[Cell]]]:
    """Header and one row a label: the rows of each group that have it, and the group that is taken for it."""
    rows = [
        [label, *counts, "" if matched is None else found["groups"][matched - 1]]
        for label, counts, matched in zip(
            found["labels"], found["confusion"], found["matched"], strict=True
        )
    ]
    return [found["column"], *found["groups"], say("export.matched")], rows


def trace_rows(trace: Trace) -> tuple[list[str], Iterator[list[Cell]]]:
    """Header and rows of every iteration of the best start; the first has no gain."""
    objectives = trace.objectives

    def rows() -> Iterator[list[Cell]]:
        yield [0, objectives[0], "", trace.seconds[0]]
        for index, (before, now) in enumerate(itertools.pairwise(objectives), start=1):
            yield [index, now, now - before, trace.seconds[index]]

    return ["iteration", "objective", "gain", "seconds"], rows()


def start_rows(result: FitResult) -> tuple[list[str], Iterator[list[Cell]]]:
    """Header and one row a start, in their order: where it ended and at which optimum, numbered from 1 as in
    `optima` of the result object; no number and no reason where a start was given up or stopped."""
    optima = result.optima()

    def rows() -> Iterator[list[Cell]]:
        for attempt in result.outcome.attempts:
            trace, place = attempt.trace, optima.place_of(attempt.index)
            yield [
                attempt.index + 1,
                attempt.method,
                trace.objectives[-1],
                trace.log_likelihoods[-1],
                trace.last,
                GIVEN_UP if attempt.stop is None else attempt.stop.value,
                "" if place is None else place + 1,
                "sound" if attempt.is_sound else "set aside",
                reason_of(attempt),
            ]

    header = ["start", "method", "objective", "log_likelihood", "iterations", "stop", "optimum"]
    return [*header, "verdict", "reason"], rows()


def _write_labels(stream: BinaryIO, result: FitResult) -> None:
    output = result.row_output()
    assert output is not None
    write_labels(
        stream,
        result.dataset,
        result.data.used,
        output,
        result.group_names,
    )


@dataclass(frozen=True, eq=False)
class SavedParameters:
    """Parameters of a file, in the analyst's units: `columns` and `axes` are empty where it does not say them."""

    params: dict[str, F64]
    columns: tuple[str, ...] = ()
    axes: Mapping[str, tuple[str, ...]] | None = None
    source: str = ""

    def check_columns(self, columns: Sequence[str]) -> None:
        """A UsageProblem if these are the parameters of other columns, or in another order."""
        if self.columns and self.columns != tuple(columns):
            raise UsageProblem(
                say(
                    "export.other_columns",
                    saved=", ".join(self.columns),
                    columns=", ".join(columns),
                ),
                where=self.source,
                remedy=say("export.same_columns"),
            )

    def groups(self, family: Family) -> int | None:
        """How many groups they describe, None if no parameter has an axis of groups."""
        axes = dict(self.axes or {})
        if not axes and family.law is not None:
            entries = declared(family.law.Params)
            axes = {e.name: e.axes.names for e in entries if isinstance(e, Parameter)}
        for name, names in axes.items():
            value = self.params.get(name)
            if value is not None and value.ndim == len(names) and family.group_axis in names:
                return int(value.shape[names.index(family.group_axis)])
        return None


def read_parameters(path: Path) -> SavedParameters:
    """An exported `parameters.json`, or any JSON object of arrays by parameter name; a FileProblem if it is neither."""
    where = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise cannot_read(path, problem) from None
    except UnicodeDecodeError:
        raise _no_params(where) from None
    try:
        made = json.loads(text)
    except json.JSONDecodeError as problem:
        raise FileProblem(
            say("export.not_json", line=problem.lineno, reason=problem.msg),
            where=where,
            remedy=say("export.give_params"),
        ) from None
    except RecursionError:
        raise _no_params(where) from None
    if not isinstance(made, dict):
        raise _no_params(where)
    inner = made.get("params", made)
    if not isinstance(inner, dict) or not inner:
        raise _no_params(where)
    params = {name: _numbers(value, name, where) for name, value in inner.items()}
    if inner is made:
        return SavedParameters(params, source=where)
    return SavedParameters(params, _texts(made.get("columns")), _axes(made.get("axes")), where)


def _no_params(where: str) -> FileProblem:
    return FileProblem(say("export.no_params"), where=where, remedy=say("export.give_params"))


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(part) for part in value) if isinstance(value, list) else ()


def _axes(value: object) -> dict[str, tuple[str, ...]]:
    return {n: _texts(names) for n, names in value.items()} if isinstance(value, dict) else {}


def _numbers(value: object, name: str, where: str) -> F64:
    """A finite array from nested lists; null, text, ragged lists and infinities are refused."""
    try:
        found = np.asarray(value)
        is_number = found.dtype.kind in "iuf" and found.size > 0
        array = found.astype(np.float64) if is_number else None
    except (ValueError, TypeError, OverflowError):
        array = None
    if array is None or not np.all(np.isfinite(array)):
        raise FileProblem(
            say("export.not_numbers", name=name), where=where, remedy=say("export.full_arrays")
        )
    return array
