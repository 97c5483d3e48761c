"""The program's own test, `--self-test`: whether an installed program can do its main job here.

It lists the laws and families, reads a file in a child process, opens a sample in a real window, fits it by
the run button, exports the result through the dialog, reads the export back, and says what it found.
Nothing outside a temporary folder is touched: settings and recent files of the person stay as they are.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEventLoop, QSettings, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from emdesk import __version__
from emdesk.app.catalogue import catalogue
from emdesk.app.state import Phase
from emdesk.errors import EMDeskError
from emdesk.gui.application import make_application
from emdesk.gui.dialogs.export_dialog import ExportDialog
from emdesk.gui.garbage import Collector
from emdesk.gui.main_window import MainWindow
from emdesk.io.child import read_in_child
from emdesk.io.readers import read
from emdesk.resources import resource
from emdesk.texts import say
from emdesk.texts.numbers import criterion, duration, whole

SAMPLE = "faithful"
ROWS = 272
LOG_LIKELIHOOD = -1130.2640
"""Of two components with free covariances: the published optimum (mclust, VVV,2)."""
PATIENCE = 60.0
LOOK_EVERY_MS = 20
FEWEST_COLOURS = 20


class SelfTestFailure(EMDeskError):
    """Something that a working program can do was not done."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(
            say(f"self_test.{key}", **values),
            where=say("self_test.where"),
            remedy=say("self_test.reinstall"),
        )


def main(arguments: Sequence[str] = ()) -> int:
    """Run every check, print a line for each; exit status 0, or 1 with the sentence of what failed."""
    unforeseen: list[str] = []

    def keep(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
        unforeseen.append("".join(traceback.format_exception(kind, value, trace)))

    sys.excepthook, before = keep, sys.excepthook
    try:
        with tempfile.TemporaryDirectory(prefix="emdesk-") as folder:
            for sentence in checks(Path(folder)):
                print(sentence, flush=True)
                if unforeseen:
                    raise SelfTestFailure("unforeseen", report=unforeseen[0])
    except (
        EMDeskError
    ) as problem:  # the sentence says all; anything else brings its traceback along
        print(problem.sentence, file=sys.stderr)
        return 1
    except Exception:
        report = traceback.format_exc()
        print(SelfTestFailure("unforeseen", report=report).sentence, file=sys.stderr)
        return 1
    finally:
        sys.excepthook = before
    print(say("self_test.passed", version=__version__))
    return 0


def checks(folder: Path) -> Iterator[str]:
    """Each check in turn; yields what it found, raises EMDeskError where it stops."""
    yield from _listing()
    yield _child()
    yield from _window(folder)


def _listing() -> Iterator[str]:
    found = catalogue()
    for kind, entries in (("laws", found.laws), ("families", found.families)):
        if not entries:
            raise SelfTestFailure("nothing_listed", kind=say(f"self_test.kind.{kind}"))
        yield say(f"self_test.{kind}", names=", ".join(entry.id for entry in entries))


def _child() -> str:
    made = read_in_child(resource(f"samples/{SAMPLE}.csv")).dataset
    _expect("rows", made.rows, ROWS)
    return say("self_test.child", rows=whole(made.rows), columns=len(made.columns))


def _window(folder: Path) -> Iterator[str]:
    started = time.perf_counter()
    for form in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(form, QSettings.Scope.UserScope, str(folder / "settings"))
    application = make_application()
    collector = Collector()
    window = MainWindow(recent=folder / "recent.json")
    try:
        window.show()
        _wait("paint", lambda: QTest.qWaitForWindowExposed(window, LOOK_EVERY_MS))
        took = duration(time.perf_counter() - started)
        yield say("self_test.window", platform=QGuiApplication.platformName(), seconds=took)
        yield _fit(window)
        yield _export(window, folder / "export")
    finally:
        window.close_without_asking()
    _expect_idle(window)
    window.deleteLater()
    collector.stop()
    del application


def _fit(window: MainWindow) -> str:
    window.files.open_sample(SAMPLE)
    _wait("open", lambda: window.store.state.can_run and window.bar.run_button.isEnabled())
    if window.store.state.watch_pace:
        window.actions_table["watch_pace"].trigger()
    window.bar.run_button.click()
    _wait("fit", lambda: window.store.state.phase in (Phase.DONE, Phase.FAILED))
    _wait("paint", lambda: window.background.is_idle and window.shows.is_idle)
    result = window.store.state.result
    if result is None:
        failure = window.store.state.failure
        raise SelfTestFailure("unforeseen", report=failure.what if failure is not None else "")
    _expect("log_likelihood", round(result.log_likelihood, 3), round(LOG_LIKELIHOOD, 3))
    image = window.grab().toImage()
    colours = {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(image.height())}
    if len(colours) < FEWEST_COLOURS:
        _expect("picture", len(colours), FEWEST_COLOURS)
    return say(
        "self_test.fitted",
        name=window.store.state.title,
        log_likelihood=criterion(result.log_likelihood),
        iterations=whole(result.chosen),
    )


def _export(window: MainWindow, folder: Path) -> str:
    result = window.store.state.result
    assert result is not None
    QSettings().setValue("export_folder", str(folder))
    window.actions_table["export"].trigger()
    _wait("dialog", lambda: isinstance(window.files.dialog, ExportDialog))
    dialog = window.files.dialog
    assert isinstance(dialog, ExportDialog)
    dialog.export_button.click()
    _wait("export", lambda: window.files.dialog is None)
    told = json.loads((folder / "parameters.json").read_text(encoding="utf-8"))
    _expect("log_likelihood", told["log_likelihood"], result.log_likelihood)
    labels = read(folder / "labels.csv").dataset
    _expect("rows", labels.rows, ROWS)
    _expect("labels", int((~labels.column("label").missing).sum()), ROWS)
    return say("self_test.exported", names=", ".join(sorted(p.name for p in folder.iterdir())))


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise SelfTestFailure(
            "differs", what=say(f"self_test.what.{what}"), found=found, expected=expected
        )


def _expect_idle(window: MainWindow) -> None:
    _wait("close", lambda: window.fits.threads == 0)


def _wait(what: str, is_so: Callable[[], bool]) -> None:
    """Let the window live until something is so; SelfTestFailure when it takes too long."""
    loop, clock = QEventLoop(), QTimer()
    end = time.monotonic() + PATIENCE

    def look() -> None:
        if is_so() or time.monotonic() > end:
            loop.quit()

    clock.timeout.connect(look)
    clock.start(LOOK_EVERY_MS)
    loop.exec()
    clock.stop()
    if not is_so():
        seconds = duration(PATIENCE)
        raise SelfTestFailure("waited", what=say(f"self_test.what.{what}"), seconds=seconds)
