"""`fit`: read a file, fit a model, print the result, export it."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from emdesk.app.catalogue import catalogue
from emdesk.app.exporting import check_folder, export
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult, FitSession
from emdesk.cli import tell
from emdesk.cli.importing import import_options, read
from emdesk.cli.model import assignments, model_for, model_without_data
from emdesk.cli.options import Given
from emdesk.cli.output import print_json
from emdesk.cli.summary import summary_lines
from emdesk.em.control import RunControl
from emdesk.em.restarts import Progress
from emdesk.errors import Cancelled, Problem, SettingProblem
from emdesk.io.reading import Reading
from emdesk.texts import say, say_count
from emdesk.texts.numbers import criterion, whole

_NO_RESULT = 3
_REFRESH_SECONDS = 0.1


def run(given: Given) -> int:
    """Exit status 0 for a result, 3 for a fit that ended in a named failure; both are printed and exported."""
    entries = catalogue()
    spec = model_without_data(given, entries)
    import_options(given)  # wrong options are said before a large file is read,
    if (folder := given.one("--export")) is not None:
        check_folder(Path(folder))  # and a closed folder before a long fit is run
    reading = read(given)
    spec = model_for(given, spec, reading.dataset, entries)
    control = RunControl()
    session = FitSession(reading.dataset, spec, entries, control)
    try:
        with _stopped_by_hand(control):
            session.prepare()
            result = _walk(session)
    except Cancelled as stopped:
        tell(stopped.sentence)
        return _NO_RESULT
    except Problem as problem:
        problem.where = problem.where or _place(problem, given, reading)
        raise
    notes = _unread_cells(reading)
    made = result_object(result, notes)
    if given.has("--json"):
        print_json(made)
    else:
        print("\n".join(summary_lines(result, made, reading.notes)))
    sys.stdout.flush()
    _export(given, result, notes)
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
    return reading.dataset.name


def _unread_cells(reading: Reading) -> tuple[str, ...]:
    """The cells that were in the file and are not in the fit."""
    count = reading.refused_count
    return (say_count("cli.fit.unread", count),) if count else ()


def _export(given: Given, result: FitResult, notes: tuple[str, ...]) -> None:
    """Write the files; the result was printed before, so that a full disk does not lose it."""
    folder = given.one("--export")
    if folder is None:
        return
    for path in export(result, Path(folder), notes=notes):
        if not given.has("--json"):
            print(say("cli.fit.written", path=path))


def _walk(session: FitSession) -> FitResult:
    """The fit, with a line about its progress if somebody looks on."""
    show = _ProgressLine() if sys.stderr.isatty() else None
    for progress in session.run():
        if show is not None:
            show(progress, session.spec.fit.starts)
    if show is not None:
        show.wipe()
    assert session.result is not None
    return session.result


class _ProgressLine:
    """One line on the terminal, written over and over, at most ten times a second."""

    def __init__(self) -> None:
        self._last = -1.0

    def __call__(self, progress: Progress, starts: int) -> None:
        now = time.perf_counter()
        if now - self._last < _REFRESH_SECONDS:
            return
        self._last = now
        line = say(
            "cli.progress",
            start=progress.attempt.index + 1,
            starts=starts,
            iteration=whole(progress.iteration.index),
            objective=criterion(progress.iteration.objective),
        )
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)

    def wipe(self) -> None:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


@contextmanager
def _stopped_by_hand(control: RunControl) -> Iterator[None]:
    """Ctrl+C stops the fit and keeps its last iteration; a second one ends the program."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        control.stop()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
