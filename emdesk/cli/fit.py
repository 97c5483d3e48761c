"""`fit`: read a file, fit a model, print the result, export it."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from emdesk.app.catalogue import catalogue
from emdesk.app.exporting import check_folder, export
from emdesk.app.group_matching import PartSession
from emdesk.app.model_spec import ModelSpec
from emdesk.app.parts import group_column
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult, FitSession
from emdesk.cli import tell
from emdesk.cli.by_group import fit_groups
from emdesk.cli.importing import import_options, read
from emdesk.cli.interrupting import stopped_by_hand
from emdesk.cli.merging import merge, wanted_clusters
from emdesk.cli.model import assignments, model_for, model_without_data
from emdesk.cli.options import Given
from emdesk.cli.output import print_json
from emdesk.cli.standard_errors import measure, wanted
from emdesk.cli.status_line import StatusLine
from emdesk.cli.summary import summary_lines
from emdesk.cli.table_fit import wanted_tables, with_table
from emdesk.em.attempts import Progress
from emdesk.em.control import RunControl
from emdesk.errors import Cancelled, Problem, SettingProblem, UsageProblem
from emdesk.io.reading import Reading
from emdesk.model.dataset import Dataset
from emdesk.texts import say, say_count
from emdesk.texts.numbers import criterion, whole

_NO_RESULT = 3
_MOST_DRAWS = 1000


def run(given: Given) -> int:
    """Exit status 0 for a result, 3 for a fit that ended in a named failure; both are printed and exported."""
    entries = catalogue()
    spec = model_without_data(given, entries)
    method, draws, tables = wanted(given), _draws(given), wanted_tables(given)
    clusters = wanted_clusters(given)
    import_options(given)  # wrong options are said before a large file is read,
    if (folder := given.one("--export")) is not None:
        check_folder(Path(folder))  # and a closed folder before a long fit is run
    reading = read(given)
    spec = model_for(given, spec, reading.dataset, entries)
    notes = _unread_cells(reading)

    def fitted(dataset: Dataset, model: ModelSpec, reference: FitResult | None = None) -> FitResult:
        control = RunControl()
        session = PartSession(dataset, model, entries, control, reference)
        with stopped_by_hand(control):
            session.prepare()
            result = with_table(measure(_walk(session), method, control), tables, control)
            return merge(result, clusters)

    if (column := group_column(spec)) is not None:
        return fit_groups(given, reading.dataset, column, spec, fitted, notes, draws)
    try:
        result = fitted(reading.dataset, spec)
    except Cancelled as stopped:
        tell(stopped.sentence)
        return _NO_RESULT
    except Problem as problem:
        problem.where = problem.where or _place(problem, given, reading)
        raise
    made = result_object(result, notes)
    if given.has("--json"):
        print_json(made)
    else:
        print("\n".join(summary_lines(result, made, reading.notes)))
    sys.stdout.flush()
    _export(given, result, notes, draws)
    if result.is_sound:
        return 0
    tell(
        say(
            "cli.fit.failed",
            name=reading.dataset.name or str(given.file),
            sentence=result.stop_sentence.rstrip("."),
            remedy=say("cli.fit.try"),
        )
    )
    return _NO_RESULT


def _place(problem: Problem, given: Given, reading: Reading) -> str:
    """What was typed for the setting that is meant, else the file."""
    if isinstance(problem, SettingProblem):
        for where, name, _ in assignments(given):
            if name == problem.setting:
                return where
        if problem.setting == "start" and given.has("--start"):
            return f"--start {given.one('--start')}"
        for setting, option in (("held", "--hold"), ("tied", "--tie")):
            if problem.setting == setting and given.has(option):
                return " ".join(f"{option} {text}" for text in given.all(option))
    return reading.dataset.name


def _draws(given: Given) -> int:
    """How many random completions are wanted; a UsageProblem for what is no such number."""
    text = given.one("--draws")
    if text is None:
        return 0
    if not (text.isdecimal() and 1 <= int(text) <= _MOST_DRAWS):
        raise UsageProblem(
            say("cli.no_draws", text=text), remedy=say("cli.give_draws", most=_MOST_DRAWS)
        )
    if not given.has("--export"):
        raise UsageProblem(say("cli.draws_nowhere"), remedy=say("cli.add_export"))
    return int(text)


def _unread_cells(reading: Reading) -> tuple[str, ...]:
    """The cells that were in the file and are not in the fit."""
    count = reading.refused_count
    return (say_count("cli.fit.unread", count),) if count else ()


def _export(given: Given, result: FitResult, notes: tuple[str, ...], draws: int) -> None:
    """Write the files; the result was printed before, so that a full disk does not lose it."""
    folder = given.one("--export")
    if folder is None:
        return
    for path in export(result, Path(folder), notes=notes, draws=draws):
        if not given.has("--json"):
            print(say("cli.fit.written", path=path))


def _walk(session: FitSession) -> FitResult:
    """The fit, with a line about its progress if somebody looks on."""
    line = StatusLine()
    for progress in session.run():
        line.show(partial(_progress_text, progress, session.spec.fit.starts))
    line.wipe()
    assert session.result is not None
    return session.result


def _progress_text(progress: Progress, starts: int) -> str:
    return say(
        "cli.progress",
        start=progress.attempt.index + 1,
        starts=starts,
        iteration=whole(progress.iteration.index),
        objective=criterion(progress.iteration.objective),
    )
